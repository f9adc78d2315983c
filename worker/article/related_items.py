"""Entries of a block as they are handed back: what is stripped off a title, and which entries are one."""

from __future__ import annotations

from collections.abc import Iterable

from worker.article.wording import fold, is_truncated
from worker.records import SimilarItem


def item(
    title: str, snippet: str | None = None, *, url: str | None = None, source: str | None = None, published_at: str | None = None
) -> SimilarItem:
    """An entry, with `truncated` read from its last words."""
    title = title.strip(" \t|·•–—→←")
    title = title if "«" in title or "‹" in title else title.strip(" »›")
    snippet = (snippet or "").strip() or None
    return SimilarItem(title, snippet, url, source, published_at, truncated=is_truncated(snippet or title))


def unique(items: Iterable[SimilarItem]) -> tuple[SimilarItem, ...]:
    """Entries equal in title and snippet once, in the order of the page; the first that has an address stays."""
    kept: dict[tuple[str, str], SimilarItem] = {}
    for entry in items:
        key = fold(entry.title), fold(entry.snippet or "")
        if key not in kept or (kept[key].url is None and entry.url):
            kept[key] = entry
    return tuple(kept.values())
