"""Pages that once cost more than their size: a step that reads them again for each of their parts would need minutes, or years.

Nothing is timed.  Each page is read in a moment by steps that are linear, and never by others; or the calls are counted that it
takes to read it, and one of four times the size.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

import pytest

from worker.article import extract_article
from worker.article.related.lines import PlainPage
from worker.article.related.seams import Neighbourhood, split_glued
from worker.article.related.split import split_text
from worker.errors import PageError

ARTICLE = (
    "The ferry to the islands is late again\n"
    "The harbour master said on Tuesday that the ferry would be late because of the storm, and nobody knew when it would sail.\n"
    "A second ferry was sent from the mainland in the evening, according to the operator, which has two more in reserve.\n"
)
MANY = 200_000

PAGES = {
    "comments before what may be HTML": (None, "<!---->" * 2000 + "<p>" + ARTICLE),
    "brackets that close with none": ("text/plain", ARTICLE + "[" * MANY + ")"),
    "trophies without a rank": ("text/plain", ARTICLE + "\U0001f3c6" * MANY + "1"),
    "points that end no sentence": ("text/plain", ARTICLE + "." * MANY + "a"),
    "points before a block": (
        "text/plain",
        "." * MANY
        + "a Similar News: You can also read news stories like this one. The ferry is late Read more » The storm Read more »",
    ),
    "marks piled on one letter": ("text/plain", ARTICLE + "a" + "\u0323\u0301" * 2 * MANY),
    "dashes behind the word for a right": ("text/plain", ARTICLE + "Copyright" + "-" * MANY + "\n"),
}


@pytest.mark.parametrize(("content_type", "page"), PAGES.values(), ids=PAGES)
def test_a_page_costs_no_more_than_its_size(content_type: str | None, page: str) -> None:
    try:
        article = extract_article(page.encode(), None, content_type)
    except PageError as error:
        assert str(error)
    else:
        assert article.text


PROSE = ARTICLE.partition("\n")[2]
SHAPES: dict[str, tuple[int, Callable[[int], str]]] = {  # how many of each make a small page
    "times that run on above titles": (
        100,
        lambda at: f"WORLD | {at // 60:02d}:{at % 60:02d}\nStorm closes the harbour for a second day {at}\n",
    ),
    "days joined to titles": (60, lambda at: f"The storm takes another pier{at % 28 + 1:02d}/05/2024\n"),
    "a phrase that announces": (
        60,
        lambda at: f"{PROSE}{PROSE}{PROSE}{PROSE[:-1]} Pause here for it: The storm takes pier number {at}\n",
    ),
}


@pytest.mark.parametrize(("count", "unit"), SHAPES.values(), ids=SHAPES)
def test_a_page_of_four_times_the_size_takes_four_times_the_calls(count: int, unit: Callable[[int], str]) -> None:
    split_text(ARTICLE)  # the lexicon is read
    small, large = (_calls(ARTICLE + "".join(map(unit, range(size)))) for size in (count, 4 * count))
    assert large < 5 * small


def _calls(text: str) -> int:
    """How many calls it takes to split a text; those between compiled functions are not seen."""
    count = 0

    def see(_: FrameType, event: str, __: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(see)
    try:
        split_text(text)
    finally:
        sys.setprofile(before)
    return count


def test_titles_that_lines_say_twice_are_looked_up_among_thousands() -> None:
    titles = [f"Harbour {at} is closed for the day" for at in range(20_000)]
    assert split_glued([2 * title for title in titles], Neighbourhood.of([])) == [(title, title) for title in titles]


def test_what_all_lines_say_is_read_once_for_every_heading() -> None:
    page = PlainPage(ARTICLE.splitlines())
    assert page.paragraphs(0, 3) == 2
    assert page.paragraphs(0, 2) == page.paragraphs(2, 3) == 1
    assert page.subheadings["the ferry to the islands is late again"] == [0]
    assert page.subheadings is page.subheadings
    assert page.weight == len(ARTICLE) - 3
