"""Addresses listed at the end of a page of plain text."""

from __future__ import annotations

import pytest

from worker.article.related.references import with_addresses
from worker.article.related.split import split_text

ARTICLE = (
    "The council of Harrowby approved the new bridge on Monday after a debate that lasted nearly five hours, officials said.",
    "Work will begin in spring and is expected to take two years, according to the contractor.",
    "The old crossing will stay open for cyclists and walkers until the works end, and then it will be taken down.",
)
TITLES = ("Ferry owners fear for the future of their boats", "How the bridges changed the valley", "The toll that nobody paid")
ADDRESSES = [f"https://echo.example/{at}" for at in range(1, 4)]
LIST = [f"{at}. {address}" for at, address in enumerate(ADDRESSES, 1)]


def test_a_number_before_a_title_is_its_address() -> None:
    links = [f"* [{at}]{title}" for at, title in enumerate(TITLES, 1)]
    split = split_text("\n".join((*ARTICLE, "More from the valley", *links, "References", *LIST)))
    assert split.paragraphs == ARTICLE
    assert [(entry.title, entry.url) for entry in split.items] == list(zip(TITLES, ADDRESSES, strict=True))


def test_numbers_in_a_line_go() -> None:
    lines = ["[1]Home > [2]Farming", "The [3]council met on Monday [9]."]
    assert with_addresses([*lines, "Links", *LIST]) == ["Home > Farming", "The council met on Monday [9]."]


@pytest.mark.parametrize(
    "note", ["Work will begin in spring.[1] It takes two years.[2]", "It begins in spring [1], and takes two years [2]."]
)
def test_a_number_behind_a_word_is_a_note_and_the_list_is_the_articles(note: str) -> None:
    lines = [*ARTICLE, note, "Sources", *LIST]
    assert with_addresses(lines) == lines


@pytest.mark.parametrize("end", [[], LIST[1:], LIST[:1], ["1. The bridge", "2. The ferry"]])
def test_a_page_without_such_a_list_stays_as_it_is(end: list[str]) -> None:
    lines = ["[1]Home > [2]Farming", *ARTICLE, *end]
    assert with_addresses(lines) == lines


def test_a_link_below_a_list_of_links_is_no_entry() -> None:
    links = [f"* [{title}]({address})" for title, address in zip(TITLES, ADDRESSES, strict=True)]
    split = split_text("\n".join((*ARTICLE, "## More from the valley", *links, "[Back to the start](https://echo.example/)")))
    assert split.paragraphs == ARTICLE
    assert [entry.title for entry in split.items] == list(TITLES)
