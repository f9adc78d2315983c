"""Lines around a headline that are no article's, and the article's short lines that are its subheadings."""

from __future__ import annotations

import pytest

from worker.article import extract_article
from worker.article.related.head import head_of, masthead_of, says_how_long, says_when
from worker.article.related.split import split_text
from worker.article.related.tidy import tidy_paragraphs

FIRST = "The council of Harrowby approved the new bridge on Monday after a debate that lasted nearly five hours."
SECOND = "Work will begin in spring and is expected to take two years, according to the contractor."


@pytest.mark.parametrize(
    "line",
    [
        "Stand: 28.04.2023 16:11 Uhr",
        "12.12.2025, 05:07 Uhr",
        "Published: 12 May 2025, 10:20 | Updated: 13 May 2025, 08:00",
        "sexta-feira, 22 de outubro de 2010 às 20:13",
        "November 20, 2019 - 11:28 AMT",
        "Publié le 12 mai 2025 à 10h20",
        "Опубликовано 12 мая 2025, 10:20",
        "입력 2025-10-09 10:20",
    ],
)
def test_a_line_says_when_the_page_came_out(line: str) -> None:
    assert says_when(line)


@pytest.mark.parametrize("line", ["Born: 5 May 1960", "Date: 12 May 2025", "10 p.m.", "2025", "The night of 12 May 2025", "12:30"])
def test_other_dates_are_the_articles(line: str) -> None:
    assert not says_when(line)


@pytest.mark.parametrize(
    "line", ["Lesezeit: 5 Min.", "Tempo de leitura: 1 minuto", "5 min read", "Время чтения: 3 мин", "00:00 / 03:15"]
)
def test_a_line_says_how_long_the_page_takes_to_read(line: str) -> None:
    assert says_how_long(line)


@pytest.mark.parametrize("line", ["Cooking time: 40 min", "Readers need 5 minutes to read a page, we found", "Minutes: 5"])
def test_other_times_are_the_articles(line: str) -> None:
    assert not says_how_long(line)


def test_date_byline_and_reading_time_below_the_standfirst_are_not_the_text() -> None:
    head = ["The town will have a way across after forty years.", "Stand: 12.05.2025, 10:20 Uhr", "By Jane Doe", "5 min read"]
    split = tidy_paragraphs([*head, FIRST, SECOND])
    assert split.paragraphs == (head[0], FIRST, SECOND)
    assert split.authors == ("Jane Doe",)


def test_copies_of_a_page_with_and_without_date_are_one() -> None:
    headline = "Harrowby gets a bridge after forty years"
    dated, bare = (f"{headline}\n{stamp}{FIRST}\n{SECOND}\n".encode() for stamp in ("Published: 12 May 2025, 10:20\n", ""))
    assert extract_article(dated).title == headline
    assert extract_article(dated).content_hash == extract_article(bare).content_hash


def test_the_dates_of_a_chronicle_stay() -> None:
    assert head_of(["3 September 2025", FIRST, "5 September 2025", SECOND]) == frozenset()
    assert head_of(["3 September 2025", FIRST, SECOND, "5 September 2025", FIRST]) == frozenset()


def test_authors_below_each_title_of_a_list_stay() -> None:
    assert head_of(["The Salt Road", "By Ines Marlow", FIRST, SECOND, "Understudy", "By Peter Okoro", FIRST]) == frozenset()


@pytest.mark.parametrize(
    "bar", [["Share", "Tweet", "Email"], ["Teilen", "Drucken"], ["Поделиться", "Facebook", "Telegram"], ["공유", "인쇄"]]
)
def test_the_buttons_of_a_share_bar_are_not_the_text(bar: list[str]) -> None:
    split = tidy_paragraphs(["12 May 2025, 10:20", *bar, FIRST, SECOND])
    assert split.paragraphs == (FIRST, SECOND)


def test_networks_below_a_colon_are_a_list_of_the_article() -> None:
    paragraphs = (FIRST, "These are closed to children now:", "Facebook", "Instagram", "Threads", SECOND)
    assert tidy_paragraphs(paragraphs).paragraphs == paragraphs


def test_the_name_of_a_network_above_its_paragraph_is_a_heading() -> None:
    paragraphs = ("Facebook", FIRST, "Twitter", SECOND)
    assert tidy_paragraphs(paragraphs).paragraphs == paragraphs


def test_the_number_of_the_news_below_the_headline_is_not_the_text() -> None:
    assert head_of(["قنات قصبه دوباره لایروبی شد", "کد خبر: ۸۸۴۱۲۰", FIRST, SECOND]) == {1}


@pytest.mark.parametrize("line", ["Kindly share this story:", "Udostępnij artykuł", "Sign up for our newsletter"])
def test_what_asks_readers_to_share_the_article_above_its_text_is_not_the_text(line: str) -> None:
    assert tidy_paragraphs(["Harrowby gets a bridge", line, FIRST, SECOND]).paragraphs == ("Harrowby gets a bridge", FIRST, SECOND)


@pytest.mark.parametrize(
    "lines",
    [
        ("Share this story: how a joke went round the world", FIRST, SECOND),
        (FIRST, "Share this article", SECOND),
        ("Harrowby gets a bridge", "Four ways to help:", "Sign up for the newsletter", FIRST, SECOND),
        (FIRST, SECOND, "Sign up for the newsletter", FIRST.replace("Harrowby", "Selby"), SECOND.replace("spring", "autumn")),
    ],
)
def test_a_headline_a_list_or_a_subheading_of_such_words_is_the_articles(lines: tuple[str, ...]) -> None:
    assert tidy_paragraphs(lines).paragraphs == lines


def test_keywords_that_a_machine_joined_are_not_the_text() -> None:
    split = tidy_paragraphs(["Harrowby gets a bridge after forty years", "Harrowby,Bridge,Council vote", FIRST, SECOND])
    assert split.paragraphs == ("Harrowby gets a bridge after forty years", FIRST, SECOND)
    assert head_of(["Name,Town,Age", FIRST, SECOND, "Ines,Harrowby,Sailor"]) == frozenset()


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
