"""Entries of a block as they are handed back: what is stripped off a title, and which entries are one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from worker.article.ages import is_age
from worker.article.wording import fold, is_truncated
from worker.records import SimilarItem

_AROUND_AGE: Final = " \t\n\u00a0\x1e·•|∙–—-:,.()[]（）［］【】"
_MAX_AGE: Final = 60  # characters, the marks around it among them
_MARKED_LINK: Final = re.compile(r"\W{0,40}\[(?P<text>(?:(?!\]\().)+)\]\((?P<address>https?://[^\s)]+)\)")


def marked_link(text: str) -> tuple[str, str] | None:
    """Text and address of a link as Markdown writes it, if that is all there is: `- [TITLE](https://...)`."""
    found = _MARKED_LINK.fullmatch(text) if text.endswith(")") and "](http" in text else None
    return (found["text"], found["address"]) if found else None


def item(
    title: str, snippet: str | None = None, *, url: str | None = None, source: str | None = None, published_at: str | None = None
) -> SimilarItem:
    """An entry, with `truncated` read from its last words, and the address from its title where that is a link of Markdown."""
    if linked := marked_link(title):
        title, url = linked
    title = title.strip(" \t|·•–—→←")
    title = title if "«" in title or "‹" in title else title.strip(" »›")
    snippet = (snippet or "").strip() or None
    return SimilarItem(title, snippet, url, source, published_at, truncated=is_truncated(snippet or title))


def bare_age(words: str) -> str | None:
    """The age that words beside a title are, without marks around it: `(05/12 08:31)`, `12.05. `; None if they say more."""
    if len(words) > _MAX_AGE:
        return None
    bare, whole = words.strip(_AROUND_AGE), words.strip()
    if is_age(bare):
        return bare
    return whole if whole != bare and is_age(whole) else None


def unique(items: Iterable[SimilarItem]) -> tuple[SimilarItem, ...]:
    """Entries equal in title and snippet once, in the order of the page; the first that has an address stays."""
    kept: dict[tuple[str, str], SimilarItem] = {}
    for entry in items:
        key = fold(entry.title), fold(entry.snippet or "")
        if key not in kept or (kept[key].url is None and entry.url):
            kept[key] = entry
    return tuple(kept.values())
