"""Questions asked of the nodes of a page's tree: what a reader sees of it, what stands beside it, what its names say.

Each looks a bounded way around; none walks the tree.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import chain, islice
from typing import Final

from worker.article.evidence import lexicon
from worker.article.outline import Node
from worker.article.related.items import bare_age
from worker.article.wording import fold, weight

CLIMB: Final = 12  # levels from a link to its card, at most
HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
TOP: Final = frozenset({"html", "body", "main"})
_LABELLED: Final = 30  # weight of an entry that is more than a label
_PROSE: Final = 60  # weight of a paragraph that is more than a line
_WORD: Final = re.compile(r"[^\W_]")
_DIGITS: Final = re.compile(r"\d+")
LABEL: Final = re.compile(r"^\W*[^:：]{2,45}(?:[:：→►▶➜➤»]\s*|[^\s\d–—-][-–—])$|^[【〔\[][^】〕\]]{2,20}[】〕\]]$")
_LINES: Final = (
    HEADINGS
    | {"p", "div", "section", "article", "aside", "header", "center", "blockquote", "figure", "figcaption"}
    | {"ul", "ol", "li", "dt", "dd", "table", "tr", "td", "th"}
)


def says_related(element: Node) -> bool:
    """Whether an element's names are those of a widget or block of other articles."""
    return bool(element.names) and len(element.names) < 400 and lexicon().is_hook(element.names)


def make(element: Node) -> tuple[str, str]:
    """What an element is made of, to tell one of a row by: its tag, and its classes without their numbers."""
    return element.tag, _unnumbered(element.classes)


@lru_cache(maxsize=4096)
def _unnumbered(classes: str) -> str:
    return _DIGITS.sub("", classes)


def has_prose_around(link: Node) -> bool:
    """Whether a link stands in the midst of a sentence: words right before or after it in its own paragraph."""
    paragraph = _line_around(link)
    if paragraph is not None and paragraph.tag == "p" and paragraph is not link.parent:
        if paragraph.is_large:
            return True
        before, found, after = paragraph.text.partition(link.text)
        return not found or has_more_letters(after, 20) or (has_more_letters(before, 12) and not _introduces(before))
    return _has_words_beside(link)


def _line_around(link: Node) -> Node | None:
    outer = link.parent
    for _ in range(4):
        if outer is None or outer.tag in _LINES:
            return outer
        outer = outer.parent
    return None


def _has_words_beside(link: Node) -> bool:
    before, parent = next(link.preceding(), None), link.parent
    own = (before.tail if before is not None else "") or (parent.lead if parent is not None else "")
    if has_more_letters(own, 12) and not _introduces(own):
        return True
    return parent is not None and parent.tag == "p" and has_more_letters(link.tail, 20)


def _introduces(words: str) -> bool:
    return lexicon().is_marker(words) or LABEL.match(words) is not None


def has_more_letters(text: str, than: int) -> bool:
    """Whether more letters and digits than that are in a text; a long one is not read to its end."""
    letters, at = 0, 0
    while len(text) - at > than - letters:
        letters += sum(map(str.isalnum, text[at : at + 64]))
        if letters > than:
            return True
        at += 64
    return False


def first_words(element: Node) -> str:
    """An element's own words before its first child, as they stand in the page; empty if they are nothing but space."""
    page, at = element.page, element.first
    child = page.nodes[element.at + 1] if element.end > element.at + 1 else None
    last = element.last if child is None else child.first
    if at == last:
        return ""
    words = page.runs[at] if at + 1 == last and (child is None or not child.gone) else element.lead
    return "" if words.isspace() else words


def says_more_than(element: Node, letters: int) -> bool:
    """Whether an element's text is surely longer than that; asked before the text is put together."""
    room = letters
    for run in element.page.runs[element.first : element.last]:
        if run and not run.isspace():
            room -= len("".join(run.split()))
            if room < 0:
                return True
    return False


def lists_the_sites_own(heading: str, below: Node) -> bool:
    """Whether a heading says that what stands below it came last, and the page marks no article around it.

    What is read most is told to who has read the article, wherever it stands; what came last is the same on every page.
    """
    return fold(heading) in lexicon().latest and not any(node.tag in {"article", "main"} for node in (below, *below.ancestors()))


def lists_more(element: Node, entry: Node) -> bool:
    """Whether an element is a list that has more to say than one entry: a line without a link."""
    beside = chain(entry.preceding(), entry.following())
    return element.tag in {"ul", "ol"} and any(not node.has("a") and weight(node.text) > _LABELLED for node in beside)


def adjacent(one: Node, other: Node) -> bool:
    """Whether nothing is said between two siblings, but when the first was published."""
    node = one
    for _ in range(6):
        if _WORD.search(node.tail) and (node is not one or bare_age(node.tail) is None):
            return False
        following = next(node.following(), None)
        if following is other:
            return True
        if following is None or following.says_something:
            return False
        node = following
    return False


def next_said(heading: Node) -> tuple[Node, Node | None]:
    """The nearest element after a heading that says something, and the one that it follows: the heading or a wrapper of it."""
    element = heading
    for _ in range(3):
        if element.tail.strip():
            return element, element
        for node in islice(element.following(), 12):
            if node.says_something or node.tail.strip():
                return element, node
        parent = element.parent
        if parent is None or parent.tag in TOP or parent.tag == "article":
            break
        element = parent
    return element, None


def previous_said(element: Node) -> Node | None:
    """The nearest sibling before that says something."""
    for node in islice(element.preceding(), 8):
        if _WORD.search(node.tail):
            return None
        if node.says_something:
            return node
    return None


def following_said(element: Node) -> Node | None:
    """The nearest sibling after that says something."""
    return next((node for node in islice(element.following(), 8) if node.says_something), None)


def is_paragraph(node: Node | None) -> bool:
    """Whether an element is a paragraph that is more than a line."""
    return node is not None and node.tag == "p" and not node.is_large and weight(node.text) > _PROSE


def is_between_paragraphs(element: Node) -> bool:
    return is_paragraph(previous_said(element)) and is_paragraph(following_said(element))


def explained(text: str) -> bool:
    """Whether a text is a marker with a sentence after it."""
    return lexicon().after_marker(text) != ""
