"""An entry as a tree shows it: pieces of text in a card, told apart into title, snippet, source and age."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from urllib.parse import urldefrag, urljoin

from worker.article.evidence import ends_hard, fold, is_age, is_truncated, lexicon, source_and_age, weight
from worker.article.outline import BREAK, Node
from worker.article.related_items import item
from worker.article.related_tree import HEADINGS
from worker.records import SimilarItem

_INLINE = frozenset({"em", "strong", "b", "i", "mark", "u", "sup", "sub", "q", "abbr", "cite", "wbr"})
_STRONG = frozenset({"strong", "b"})
_SOMETIMES_INLINE = frozenset({"span", "a", "font", "small", "label", "bdi"})
_TITLE_CLASS = re.compile(r"title|headline|ttl|heading|hed\b|titre|titulo|titolo|titel")
_SNIPPET_CLASS = re.compile(r"excerpt|desc|summary|snippet|teaser|dek|intro|lead|abstract|standfirst|text|chapo|body")
_SOURCE_CLASS = re.compile(r"source|src|brand|publisher|provider|site|outlet|author|byline|media")
_PLAIN = re.compile(r"https?://[^/?#\s]+(?:/(?!\.\.?(?:/|$))[^/\s]*)*$", re.IGNORECASE)
_PLAIN_PATH = re.compile(r"/(?![/.])(?:(?!/\.)[^?;\s])*$")
_ORIGIN = re.compile(r"https?://[^/?#\s]+(?=[/?#]|$)")
_LETTER = re.compile(r"\w")
_SEPARATORS = " \t\n\u00a0·•|∙・–—-:,/"


@dataclass(slots=True)
class Piece:
    """A run of text in a card, with the names and tags of what holds it."""

    text: str
    tags: frozenset[str]
    classes: str
    moment: str | None  # the `datetime` of a time element


def resolve(href: str | None, base_url: str | None) -> str | None:
    """The absolute address of a link without its fragment, or None for what leads to no page."""
    if not href:
        return None
    href = href.strip()
    if (
        not href
        or href.startswith("#")
        or href.partition(":")[0].lower() in {"javascript", "mailto", "tel", "data", "whatsapp", "sms"}
    ):
        return None
    if _PLAIN.match(href) is not None:
        return href.partition("#")[0]
    if _PLAIN_PATH.match(href) is not None and (origin := _origin(base_url or "")) is not None:
        return origin + href.partition("#")[0]
    try:
        return urldefrag(urljoin(base_url or "", href))[0] or None
    except ValueError:
        return None


@lru_cache(maxsize=64)
def _origin(base_url: str) -> str | None:
    """Scheme and host of an absolute address."""
    found = _ORIGIN.match(base_url)
    return found[0] if found else None


def pieces(card: Node) -> list[Piece]:
    """The runs of text in a card, in order; inline tags do not part a run, structure does."""
    runs, at = card.page.runs, card.first
    found: list[Piece] = []
    said: list[str] = []
    held = [card]
    still_open: list[tuple[Node, bool]] = [(card, True)]
    wordy: dict[Node, bool] = {}  # elements asked about: whether words stand in them beside their children

    def parts(node: Node) -> bool:
        """Whether an element parts the text around it; a span in the midst of words does not."""
        if (node.tag not in _INLINE and node.tag not in _SOMETIMES_INLINE) or (parent := node.parent) is None:
            return True
        if parent not in wordy:
            wordy[parent] = _has_own_words(parent)
        if node.tag in _SOMETIMES_INLINE:
            return not wordy[parent]
        return node.tag in _STRONG and not wordy[parent] and len(list(parent.inner())) > 1

    def say(until: int) -> None:
        nonlocal at
        for run in runs[at:until]:
            if run == BREAK:
                close()
            else:
                said.append(run)
        at = until

    def close() -> None:
        if said:
            text = " ".join("".join(said).split()).strip(_SEPARATORS)
            if text and _LETTER.search(text):
                found.append(_piece(text, held))
            said.clear()

    for node in chain(card.below(), (None,)):
        while still_open and (node is None or still_open[-1][0].end <= node.at):
            element, structural = still_open.pop()
            if at < element.last:
                say(element.last)
            if structural:
                close()
                held.pop()
        if node is None:
            break
        if at < node.first:
            say(node.first)
        if node.tag in {"hr", "img"}:
            close()
            continue
        structural = parts(node)
        if structural:
            close()
            held.append(node)
        still_open.append((node, structural))
    return found


def _piece(text: str, held: list[Node]) -> Piece:
    return Piece(
        text,
        frozenset([node.tag for node in held]),
        " ".join([node.get("class") or "" for node in held]).lower(),
        next((node.get("datetime") for node in held if node.tag == "time"), None),
    )


def _has_own_words(element: Node) -> bool:
    """Whether words stand in the element itself, beside its children."""
    at, runs = element.first, element.page.runs
    for child in element.inner():
        if any(map(_LETTER.search, runs[at : child.first])):
            return True
        at = child.last
    return any(map(_LETTER.search, runs[at : element.last]))


def read_card(card: Node, url: str | None) -> SimilarItem | None:
    """The entry that a card shows, or None if nothing in it is a title."""
    runs = [run for run in pieces(card) if not lexicon().is_closing(run.text)]
    if not runs:
        return None
    title = _title(runs)
    if title is None:
        return None
    source = age = snippet = None
    for run in runs:
        if run is title or (fold(run.text) == fold(title.text) and "p" not in run.tags):
            continue
        if run.moment or is_age(run.text):
            age = age or run.moment or run.text
        elif (meta := source_and_age(run.text)) is not None:
            source, age = source or meta[0], age or meta[1]
        elif snippet is None and _is_snippet(run):
            snippet = run.text
        elif source is None and weight(run.text) <= 45 and not lexicon().is_marker(run.text):
            source = run.text
    return item(title.text, snippet, url=url, source=source, published_at=age)


def _title(runs: list[Piece]) -> Piece | None:
    candidates = [run for run in runs if not is_age(run.text) and not lexicon().is_marker(run.text)]
    for wanted in (
        lambda run: run.tags & HEADINGS and "a" in run.tags,
        lambda run: run.tags & HEADINGS,
        lambda run: "a" in run.tags and _TITLE_CLASS.search(run.classes),
        lambda run: "a" in run.tags and weight(run.text) >= 12,
        lambda run: "a" in run.tags,
        lambda run: weight(run.text) >= 8,
    ):
        for run in candidates:
            if wanted(run):
                return run
    return None


def _is_snippet(run: Piece) -> bool:
    own = run.classes.rpartition(" ")[2]
    if _SOURCE_CLASS.search(own) and weight(run.text) <= 45 and not ends_hard(run.text):
        return False
    if run.tags & HEADINGS:
        return False
    return (
        ends_hard(run.text)
        or is_truncated(run.text)
        or weight(run.text) > 45
        or "p" in run.tags
        or bool(_SNIPPET_CLASS.search(own))
    )
