"""Titles that stand one by one amid the article, each below a heading."""

from __future__ import annotations

import pytest

from worker.article.related.split import split_text

ARTICLE = [
    "The organ of the church of Sanlario, an instrument of the eighteenth century, sounds again after thirty-one years.",
    "The repair took two years and cost 210,000, of which the parish paid one half with a collection among emigrants.",
    "Mice had eaten the smallest pipes, and the largest served as gutters in the war; three hundred had to be cast anew.",
    "The organist says that the first note made him shiver, and that the second was out of tune.",
    "The first concert is on Sunday. All seats are taken, but there will be a screen on the square in front of the church.",
    "The parish looks for a young builder of organs who is to care for the pipes.",
]
TITLES = ("Who built the organs of the lake: one family in four generations", "Christmas concerts on the lake, town by town")


def _page(headings: tuple[str, str], titles: tuple[str, str] = TITLES, *between: str) -> str:
    first, second = ((heading, title) for heading, title in zip(headings, titles, strict=True))
    return "\n".join([*ARTICLE[:2], *first, *ARTICLE[2:4], *second, *ARTICLE[4:], *between])


@pytest.mark.parametrize(
    "headings", [("IN DEPTH HERE", "NOT TO BE MISSED"), ("IN DEPTH HERE", "READ ALSO"), ("Around the lake", "Around the lake")]
)
def test_titles_below_headings_set_apart_are_anothers(headings: tuple[str, str]) -> None:
    split = split_text(_page(headings))
    assert [entry.title for entry in split.items] == [*TITLES]
    assert split.paragraphs == tuple(ARTICLE)


@pytest.mark.parametrize(
    ("headings", "titles"),
    [
        (("THE PIPES", "THE FEAST"), TITLES),  # parts with names
        (("The pipes", "A feast"), TITLES),
        (("PART ONE", "PART TWO"), TITLES),
        (("1944", "2024"), TITLES),
        (
            ("PIPES", "FEAST"),
            ("Gutters in the war, and what the smallest pipes served as", "A screen on the square for all who have no seats"),
        ),
        (("PIPES", "FEAST"), ("What mice eat", "Seats are taken")),
    ],
    ids=["open alike", "small", "parts", "years", "what is below", "short"],
)
def test_headings_in_two_lines_are_the_articles(headings: tuple[str, str], titles: tuple[str, str]) -> None:
    page = _page(headings, titles)
    split = split_text(page)
    assert split.items == ()
    assert split.paragraphs == tuple(page.splitlines())


def test_a_digest_keeps_its_parts_though_only_one_title_says_what_is_below() -> None:
    below = ("Organ of the church had its smallest pipes in gutters", "Christmas concerts on the lake, town by town")
    page = _page(("PIPES", "FEAST"), below)
    assert split_text(page).paragraphs == tuple(page.splitlines())


def test_an_article_with_other_headings_keeps_them_all() -> None:
    page = _page(
        ("PIPES", "FEAST"),
        TITLES,
        "An apprentice",
        "The one who is chosen will live in the tower for a year and learn from the master.",
    )
    assert split_text(page).paragraphs == tuple(page.splitlines())


def test_one_pair_may_be_the_articles() -> None:
    page = "\n".join([*ARTICLE[:3], "NOT TO BE MISSED", TITLES[1], *ARTICLE[3:]])
    assert split_text(page).paragraphs == tuple(page.splitlines())
