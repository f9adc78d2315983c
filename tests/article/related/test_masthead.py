"""Short lines around a headline: the site's where something says when, the article's where they are its subheadings."""

from __future__ import annotations

import pytest

from worker.article.related.masthead import masthead_of
from worker.article.related.split import split_text

_HEADLINE = "Ferry to the islands will run at night again from spring"
_PROSE = [
    "The last boat to the islands will leave at midnight from April, the harbour board decided on Tuesday evening.",
    "Fares stay as they are. Residents had asked for a later crossing since the hospital on the mainland closed its night ward.",
]


def _cut(lines: list[str]) -> list[str]:
    found = masthead_of(lines)
    return [line for number, line in enumerate(lines) if number in found]


def test_section_names_the_author_and_buttons_around_a_headline_are_cut() -> None:
    head = ["News", "County", _HEADLINE, "Mara Ellwood", "18 June 2024, 13:44", "Listen", "1907"]
    assert _cut([*head, *_PROSE]) == ["News", "County", "Mara Ellwood", "Listen", "1907"]


def test_what_stands_below_a_standfirst_is_cut() -> None:
    assert _cut([_HEADLINE, _PROSE[0], "Mara Ellwood", "18 June 2024, 13:44", "SAVE", _PROSE[1]]) == ["Mara Ellwood", "SAVE"]


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([_HEADLINE, "Later boats", *_PROSE], id="nothing says when or who"),
        pytest.param(
            [_HEADLINE, "18 June 2024, 13:44", "Later boats", _PROSE[0], "Same fares", _PROSE[1]], id="subheadings further down"
        ),
        pytest.param([_HEADLINE, "18 June 2024, 13:44", "Who decided this?", *_PROSE], id="a question"),
        pytest.param([_HEADLINE, "18 June 2024, 13:44", "The decision in short:", *_PROSE], id="announces"),
        pytest.param([_HEADLINE, "18 June 2024, 13:44", "One boat", "Two crews", "Four bells", "Ten fares", *_PROSE], id="a list"),
        pytest.param(
            ["Night boats", _HEADLINE, "18 June 2024, 13:44", "The last boat will leave at midnight.", *_PROSE], id="short"
        ),
        pytest.param(["A gull on a rope", "the tide going out", "a boat coming in"], id="verse"),
    ],
)
def test_short_lines_of_the_article_stay(lines: list[str]) -> None:
    said = [line for line in lines if line not in ("Night boats", "18 June 2024, 13:44")]
    assert not set(_cut(lines)) & set(said)


def test_the_headline_below_section_names_is_the_first_paragraph_that_is_left() -> None:
    split = split_text("\n".join(["News", "County", _HEADLINE, "18 June 2024, 13:44", *_PROSE]))
    assert split.paragraphs == (_HEADLINE, *_PROSE)
    assert ("head", "County") in {(cut.kind, cut.text) for cut in split.cuts}


@pytest.mark.parametrize(
    "stamp",
    ["Thứ sáu, 9/8/2024, 06:00 (GMT+7)", "יום שלישי, 4 ביוני 2024, 07:10", "입력 2024.05.09. 오전 8:01", "08:00 17.09.2024"],
)
def test_a_year_and_a_time_say_when_in_any_language(stamp: str) -> None:
    assert _cut(["News", _HEADLINE, "Mara Ellwood", stamp, *_PROSE]) == ["News", "Mara Ellwood"]


def test_a_heading_glued_to_section_names_takes_neither_the_headline_nor_its_author() -> None:
    head = ["Latest news Politics Sport", _HEADLINE, "Fares stay as they are and crews get a second shift", "By Mara Ellwood"]
    assert split_text("\n".join([*head, *_PROSE, *_PROSE])).items == ()


def test_a_button_alone_is_cut_below_what_says_when() -> None:
    head = [_HEADLINE, "18 June 2024, 13:44", "Harbour News Agency / Mara Ellwood", "SHARE"]
    assert "SHARE" in _cut([*head, *_PROSE, "Same fares", _PROSE[1]])
    assert "SHARE" not in _cut([_HEADLINE, "SHARE", *_PROSE])


def test_a_section_and_the_day_above_the_headline_are_cut() -> None:
    assert _cut(["County", "Thứ sáu, 9/8/2024, 06:00 (GMT+7)", _HEADLINE, *_PROSE]) == [
        "County",
        "Thứ sáu, 9/8/2024, 06:00 (GMT+7)",
    ]


def test_a_short_headline_below_the_day_stays() -> None:
    standfirst = "The harbour board decided on a boat that leaves at midnight"
    assert _cut(["County", "18 June 2024, 13:44", "Night boats", standfirst, *_PROSE]) == ["County", "18 June 2024, 13:44"]
