"""Similar news in plain text: which lines are the article's, which are entries of a block, which are neither."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from worker.records import Cut, SimilarItem


@dataclass(frozen=True, slots=True)
class TextSplit:
    """A text taken apart: the article's paragraphs, the entries of similar-news blocks, and what stood around them."""

    paragraphs: tuple[str, ...] = ()
    items: tuple[SimilarItem, ...] = ()
    authors: tuple[str, ...] = ()
    dateline: str | None = None
    section: str | None = None
    cuts: tuple[Cut, ...] = ()


def split_text(text: str, *, title: str | None = None) -> TextSplit:
    """Take a plain-text page apart, one paragraph a line."""
    return tidy_paragraphs([line for line in (raw.strip() for raw in text.splitlines()) if line], title=title)


def tidy_paragraphs(paragraphs: Sequence[str], *, title: str | None) -> TextSplit:
    """Clean paragraphs that were already extracted from a tree."""
    return TextSplit(paragraphs=tuple(paragraphs))
