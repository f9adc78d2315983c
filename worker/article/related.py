"""Blocks of other articles in a page's tree: find them, take them out, hand back their entries.

A publisher sets its related news where the reader's eye is, often inside `<article>`, so neither the place nor the tag tells a block
from the body.  The first words of this module are its contract; what speaks for a block is in `evidence`.
"""

from __future__ import annotations

from dataclasses import dataclass

from lxml.html import HtmlElement

from worker.records import Cut, SimilarItem


@dataclass(frozen=True, slots=True)
class Related:
    """What was lifted out of a tree: the entries in the order of the page, and every cut with its reasons."""

    items: tuple[SimilarItem, ...] = ()
    cuts: tuple[Cut, ...] = ()


def lift_related(root: HtmlElement, *, base_url: str | None, title: str | None) -> Related:
    """Take the blocks of other articles out of `root`, in place, and return their entries.

    Addresses are resolved against `base_url`; `title` is the page's own headline, which is never an entry.
    """
    return Related()
