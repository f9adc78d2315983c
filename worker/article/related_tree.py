"""Questions asked of the nodes of a page's tree: what a reader sees of it, what stands beside it, what its names say.

Each looks a bounded way around; none walks the tree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

from worker.article.evidence import fold, lexicon

CLIMB = 12  # levels from a link to its card, at most
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
SILENT = frozenset(
    ["script", "style", "noscript", "template", "svg", "iframe", "button", "select", "option", "textarea", "input", "object"]
)
TOP = frozenset({"html", "body", "main"})
_MAX_NODES = 250
LABEL = re.compile(r"^\W*[^:：]{2,45}[:：]\s*$")
_LINES = HEADINGS | frozenset(
    [
        "p",
        "li",
        "div",
        "td",
        "th",
        "tr",
        "section",
        "article",
        "aside",
        "blockquote",
        "dd",
        "dt",
        "figure",
        "figcaption",
        "ul",
        "ol",
        "table",
        "header",
        "center",
    ]
)
_COMMENTS = frozenset(
    [
        "comments",
        "comment-list",
        "commentlist",
        "disqus_thread",
        "comments-area",
        "comments-section",
        "comment-section",
        "comments-lazy",
        "comments-wrapper",
        "respond",
    ]
)
_string = etree.XPath("string()", smart_strings=False)  # leaves comments out, as itertext does not


def text_of(element: HtmlElement) -> str:
    """What a reader sees of the text below, spaces folded."""
    if next(element.iter("script", "style", "noscript", "template"), None) is None:
        return " ".join(str(_string(element)).split())
    return " ".join("".join(_visible(element)).split())


def _visible(element: HtmlElement) -> Iterator[str]:
    for node in element.iter():
        if node.text and is_element(node) and node.tag not in SILENT:
            yield node.text
        if node.tail and node is not element:
            yield node.tail


def is_large(element: HtmlElement) -> bool:
    """Whether the element holds more nodes than a card or a heading does: the text of a page is not read once a link."""
    return next(islice(element.iter(), _MAX_NODES, None), None) is not None


def says_something(element: HtmlElement) -> bool:
    """Whether a reader sees any text of the element."""
    return is_large(element) or bool(text_of(element))


def is_element(node: HtmlElement) -> bool:
    """Whether the node is an element at all: comments and processing instructions have no tag of letters."""
    return isinstance(node.tag, str)


@lru_cache(maxsize=4096)
def _names_related(names: str) -> bool:
    return lexicon().hook_pieces.search(names) is not None


def says_related(element: HtmlElement) -> bool:
    """Whether an element's names are those of a widget or block of other articles."""
    names = f"{element.get('class') or ''} {element.get('id') or ''}".strip()
    return bool(names) and len(names) < 400 and _names_related(names.lower())


@lru_cache(maxsize=4096)
def is_comments(identifier: str | None, classes: str | None) -> bool:
    return not _COMMENTS.isdisjoint(f"{identifier or ''} {classes or ''}".lower().split())


def make(element: HtmlElement) -> tuple[str, str]:
    return element.tag, re.sub(r"\d+", "", element.get("class") or "")


def has_any(element: HtmlElement, *tags: str) -> bool:
    return next(element.iter(*tags), None) is not None


def has_prose_around(element: HtmlElement, link: HtmlElement) -> bool:
    """Whether a link stands in the midst of a sentence: words right before or after it in its own paragraph."""
    if element is link:
        return False
    paragraph = next((ancestor for ancestor in islice(link.iterancestors(), 4) if ancestor.tag in _LINES), None)
    if paragraph is not None and paragraph.tag == "p" and paragraph is not link.getparent():
        if is_large(paragraph):
            return True
        before, found, after = text_of(paragraph).partition(text_of(link))
        before = "" if lexicon().is_marker(before) or LABEL.match(before) else before
        return not found or _letters(before) > 12 or _letters(after) > 20
    return _has_words_beside(link)


def _letters(text: str) -> int:
    return sum(char.isalnum() for char in text)


def _has_words_beside(link: HtmlElement) -> bool:
    before, after = link.getparent(), link.tail or ""
    own = (before.text or "") if before is not None else ""
    if lexicon().is_marker(own) or LABEL.match(own):
        own = ""
    preceding = link.getprevious()
    if preceding is not None and preceding.tail:
        own = preceding.tail
        if lexicon().is_marker(own) or LABEL.match(own):
            own = ""
    return _letters(own) > 12 or (before is not None and before.tag == "p" and _letters(after) > 20)


def in_article(element: HtmlElement) -> bool:
    return any(ancestor.tag in {"article", "main"} for ancestor in islice(element.iterancestors(), 4 * CLIMB)) or element.tag in {
        "article",
        "main",
    }


def adjacent(one: HtmlElement, other: HtmlElement) -> bool:
    """Whether nothing is said between two siblings."""
    tail = one.tail
    node = one.getnext()
    for _ in range(6):
        if tail and any(char.isalnum() for char in tail):
            return False
        if node is other:
            return True
        if node is None or (is_element(node) and node.tag not in SILENT and says_something(node)):
            return False
        tail = node.tail
        node = node.getnext()
    return False


def next_said(heading: HtmlElement) -> tuple[HtmlElement, HtmlElement | None]:
    """The nearest element after a heading that says something, and the one that it follows: the heading or a wrapper of it."""
    element = heading
    for _ in range(3):
        if element.tail and element.tail.strip():
            return element, element
        for node in islice(element.itersiblings(), 12):
            if is_element(node) and node.tag not in SILENT and says_something(node):
                return element, node
            if node.tail and node.tail.strip():
                return element, node
        parent = element.getparent()
        if parent is None or parent.tag in TOP or parent.tag == "article":
            break
        element = parent
    return element, None


def previous_said(element: HtmlElement) -> HtmlElement | None:
    """The nearest sibling before that says something."""
    node = element.getprevious()
    for _ in range(8):
        if node is None:
            return None
        if node.tail and node.tail.strip():
            return None
        if is_element(node) and node.tag not in SILENT and says_something(node):
            return node
        node = node.getprevious()
    return None


def explained(text: str) -> bool:
    """Whether a text is a marker with a sentence after it."""
    head, colon, rest = text[:60].partition(":")
    return bool(colon and rest) and fold(head) in lexicon().markers
