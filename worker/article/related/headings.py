"""What heads a block of other articles: a heading with the sentence that goes with it, or one within a card that stands alone."""

from __future__ import annotations

from itertools import islice
from typing import Final

from worker.article.evidence import lexicon
from worker.article.outline import Node
from worker.article.related.cards import pieces
from worker.article.related.nodes import HEADINGS, TOP, make, previous_said
from worker.article.wording import ends_hard, ends_sentence, weight

MAX_INTRO: Final = 250  # weight of a sentence or two that introduce cards
_MAX_HEADING: Final = 60
_PROSE: Final = 70  # weight of a paragraph that is more than a line
_MAX_SAID: Final = 4  # title, snippet, source and age
_HEADS: Final = HEADINGS | {"b", "strong", "div", "span", "header", "p", "legend", "summary"}


def heading_of_intro(element: Node) -> Node | None:
    """The short first part of an element whose second part is a sentence: `<b>On this topic</b><span>We have gathered…</span>`."""
    parts = [node for node in islice(element.inner(), 4) if node.says_something]
    if len(parts) != 2 or element.lead.strip() or parts[0].tail.strip() or not _is_short_heading(parts[0]):
        return None
    return parts[0] if ends_sentence(parts[1].text + parts[1].tail) and parts[1].tag != "a" else None


def heads_a_box(heading: Node, intro: Node) -> bool:
    """Whether a heading opens an element of its own, with nothing but a sentence before the cards."""
    box = heading.parent
    if box is None or box.tag in TOP or box.tag == "article" or intro.has("a") or not _is_short_heading(heading):
        return False
    return previous_said(heading) is None and not box.lead.strip()


def box_heading(box: Node, link: Node) -> str:
    """The words above the title in a lone card that is an element of its own, after the text; empty if it is not.

    The title is a linked heading; before the card the article speaks, after it there is no more than the site's foot.
    """
    if box is link or box.tag in TOP or box.tag == "article" or not is_in_heading(link):
        return ""
    before, _, after = box.text.partition(link.text)
    if not before or weight(before) > _MAX_HEADING or ends_hard(before) or weight(after) > MAX_INTRO:
        return ""
    first = next((node for node in islice(box.inner(), 6) if node.says_something), None)
    if first is None or first.text != before.strip() or not _is_short_heading(first) or box.lead.strip():
        return ""
    spoke, outer = False, box
    for _ in range(3):
        if any(make(node) == make(box) and node.has("a") for node in islice(outer.preceding(), 2)):
            return ""
        if any(_holds_prose(node) for node in islice(outer.following(), 4)):
            return ""
        spoke = spoke or any(_holds_prose(node) for node in islice(outer.preceding(), 4))
        if outer.parent is None or outer.parent.tag in TOP or outer.tag == "article":
            break
        outer = outer.parent
    return first.text if spoke else ""


def marker_within(box: Node, link: Node) -> str:
    """The marker that a lone card opens with, if the card is no more than an entry below it and the article speaks beside it."""
    if box is link:
        return ""
    before, _, after = box.text.partition(link.text)
    if not before or not after or weight(after) > MAX_INTRO or not lexicon().is_marker(before):
        return ""
    marker, *said = pieces(box)
    if "a" in marker.tags or not 2 <= len(said) <= _MAX_SAID or any(piece.held[-1] is box for piece in said):
        return ""
    return marker.text if sum(ends_hard(piece.text) for piece in said) <= 1 and _stands_by_prose(box) else ""


def _stands_by_prose(box: Node) -> bool:
    """Whether paragraphs stand beside an element, or beside what holds it."""
    outer: Node | None = box
    for _ in range(3):
        if outer is None or outer.tag in TOP or outer.tag == "article":
            return False
        if any(map(_holds_prose, (*islice(outer.preceding(), 4), *islice(outer.following(), 4)))):
            return True
        outer = outer.parent
    return False


def _is_short_heading(node: Node) -> bool:
    return node.tag in _HEADS and weight(node.text) <= _MAX_HEADING and not ends_hard(node.text) and not node.has("a")


def _holds_prose(element: Node) -> bool:
    """Whether an element is, or opens with, a paragraph."""
    return any(weight(node.text) > _PROSE for node in (element, *islice(element.below("p"), 2)) if node.tag in {"p", "div"})


def is_in_heading(link: Node) -> bool:
    return (link.parent is not None and link.parent.tag in HEADINGS) or (link.end > link.at + 1 and link.has(*HEADINGS))
