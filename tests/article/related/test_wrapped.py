"""Text wrapped at a fixed width, and text that only looks like it."""

from __future__ import annotations

import textwrap

import pytest

from worker.article.related.split import split_text
from worker.article.related.wrapped import unwrap

PARAGRAPHS = [
    "The council of Harrowby approved the new bridge on Monday after a debate that lasted nearly five hours, officials said.",
    "Work on the crossing will begin in spring, and the old ferry will run until the last stone is set, which may take three years "
    "or, as the oldest of the ferry owners thinks, a good deal longer than anybody who voted for it will live.",
    '"We have waited for it since my grandfather was a boy," said Ada Thorne of the mill by the weir.',
    "Tolls are to pay for half of it.",
]
ARABIC = [
    "بيعت شحنة من تمور المجهول تزن ثلاثة أطنان بسعر غير مسبوق في مزاد الواحة يوم الأربعاء، "
    "إذ بلغ ثمن الكيلوغرام الواحد مئة وأربعين درهما.",
    "وقال رئيس تعاونية المزارعين إن المحصول تراجع بنحو الثلث بسبب موجة الحر التي ضربت الواحة في أيلول، "
    "لكن الجودة تحسنت لأن الثمار نضجت ببطء.",
    "وحضر المزاد مشترون من سبع دول، بينهم ممثلون عن سلسلة متاجر اشترت وحدها خمس الكمية، "
    "واشتكى تجار محليون من أن الأسعار باتت فوق طاقة زبائنهم.",
]
VERSE = (
    "I wandered down to Harrowby\nwhere ferries cross no more\nand found an oar, a broken oar,\nand nobody ashore.\n"
    "The river ran as rivers run\nthat never heard of us,\nand took the oar that I had found\nand made no kind of fuss."
)


@pytest.mark.parametrize("width", [55, 64, 72, 76, 80])
@pytest.mark.parametrize("paragraphs", [PARAGRAPHS, 2 * ARABIC], ids=["with capitals", "without"])
def test_a_wrapped_text_is_made_paragraphs_again(paragraphs: list[str], width: int) -> None:
    wrapped = "\n\n".join(textwrap.fill(paragraph, width, break_on_hyphens=False) for paragraph in paragraphs)
    assert unwrap(wrapped.split("\n")) == paragraphs


def test_lines_longer_than_the_width_stay_alone() -> None:
    address = "https://harrowby.example/" + "bridge-" * 20
    wrapped = "\n\n".join([*(textwrap.fill(paragraph, 72) for paragraph in PARAGRAPHS), address])
    assert unwrap(wrapped.split("\n")) == [*PARAGRAPHS, address]


@pytest.mark.parametrize(
    "text",
    [
        VERSE,
        "\n".join(PARAGRAPHS),
        "\n".join(paragraph[:60] + "." for paragraph in PARAGRAPHS * 3),
        "\n".join(["Ferry owners fear for the future", "How bridges changed the whole valley", "mill by the weir turns again"] * 4),
        "",
    ],
    ids=["verse", "paragraphs", "sentences of one length", "titles", "nothing"],
)
def test_other_lines_stay_lines(text: str) -> None:
    assert unwrap(text.split("\n")) == [line for line in text.split("\n") if line]


def test_entries_of_a_wrapped_page_are_found_by_their_whole_lines() -> None:
    titles = [
        "Ferry owners fear for the future of a trade as old as the town",
        "How bridges changed the whole valley, and who paid for it",
    ]
    entries = [f"{title} in the course of this year" for title in titles]
    text = "\n".join(textwrap.fill(paragraph, 72) for paragraph in [*PARAGRAPHS, "Related articles", *entries])
    split = split_text(text)
    assert list(split.paragraphs) == PARAGRAPHS
    assert [entry.title for entry in split.items] == entries
