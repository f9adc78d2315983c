"""Links and where they stand: within a sentence, or apart from the article's prose as a paragraph, an aside or a box of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, islice
from typing import Final

from worker.article.evidence import lexicon
from worker.article.outline import Node
from worker.article.related.blocks import Block, Card
from worker.article.related.headings import is_in_heading
from worker.article.related.nodes import following_said, has_more_letters, is_between_paragraphs, make, previous_said
from worker.article.wording import weight

SET_APART: Final = frozenset({"em", "strong", "b", "i", "aside", "blockquote"})
_MAX_TEASER: Final = 300  # weight of a box with a title, its snippet, author and date
_HOLDS_SENTENCES: Final = frozenset({"p", "span", "em", "strong", "b", "i", "blockquote", "font"})
_LISTS: Final = frozenset({"ul", "ol"})
_LINES: Final = frozenset({"p", "div", "figure", "blockquote", "section"}) | _LISTS
_BUTTON: Final = re.compile(r"btn|button|\bcta\b")
_MARKS: Final = " ()[]（）【】>»›→►▶▸➤•·"  # around a link that is set apart; quotes and dashes may be those of a speaker


def is_within_sentence(card: Card) -> bool:
    """Whether a lone link is a few words of a sentence: other words stand beside it in its own parent."""
    parent = card.link.parent
    if card.element is not card.link or parent is None or parent.tag not in _HOLDS_SENTENCES:
        return False
    if parent.is_large:
        return True
    before, _, after = parent.text.partition(card.link.text)
    return has_more_letters(before + after, len(card.link.text)) and not lexicon().is_marker(before)


def signs_of_one_apart(card: Card) -> Iterator[str]:
    """What says that a lone card without words before its link is none of the article's sentences, by where it stands."""
    among_prose, nested = _stands_among_prose(card), _is_article_among_prose(card)
    if among_prose:
        yield "a paragraph that is one link"
    if _fills_an_aside(card):
        yield "an aside that is one link"
    if nested:
        yield "an article among paragraphs that is one link"
    if not (among_prose or nested) and _is_box_among_prose(card):
        if _links_its_picture(card):
            yield "a title and its picture among paragraphs, both linked"
        elif _holds_one_article(card.element):
            yield "a box for articles among paragraphs, with a linked title and a snippet"


def fill_an_aside(block: Block) -> bool:
    """Whether several cards are all that an aside between paragraphs of prose says."""
    outer = islice(block.container.ancestors(), 3)
    aside = next((node for node in chain((block.container,), outer) if node.tag == "aside"), None)
    if aside is None or aside.is_large or not is_between_paragraphs(aside):
        return False
    return len(aside.text) <= sum(len(card.element.text) + 1 for card in block.cards)


def _stands_among_prose(card: Card) -> bool:
    """Whether a paragraph that says nothing but its link, marks aside, has paragraphs of prose on both sides.

    The link may be that paragraph itself, where no words stand right beside it.
    """
    if _BUTTON.search(card.link.names):
        return False
    if card.element is card.link:
        if not _is_a_line(card.link):
            return False
    elif card.element.tag not in _LINES or card.element.text.strip(_MARKS) != card.link.text.strip(_MARKS):
        return False
    if card.element.tag == "figure" and card.element.has("figcaption"):
        return False
    if card.element.tag in _LISTS and (before := previous_said(card.element)) is not None and before.text.endswith((":", "：")):
        return False
    sides = (
        islice((node for node in card.element.preceding() if node.tag == "p"), 2),
        islice((node for node in card.element.following() if node.tag == "p"), 2),
    )
    return all(any(weight(paragraph.text) > 60 for paragraph in side) for side in sides)


def _is_a_line(link: Node) -> bool:
    """Whether the nearest that is said on both sides of a link, in its own parent, are paragraphs."""
    before, after = previous_said(link), following_said(link)
    if before is None or after is None or before.tag != "p" or after.tag != "p":
        return False
    return not link.tail.strip() and not before.tail.strip()


def _is_article_among_prose(card: Card) -> bool:
    """Whether an `article` that says nothing but its link stands between paragraphs of prose: another's, with its picture."""
    element = card.element
    if element.tag != "article" or element.text != card.link.text:
        return False
    sides = (islice(element.preceding(), 3), islice(element.following(), 3))
    return all(any(node.tag == "p" and weight(node.text) > 60 for node in side) for side in sides)


def _is_box_among_prose(card: Card) -> bool:
    """Whether a box between paragraphs of prose links a heading, and there is no such box near by.

    Several would be the entries of a list of the article's own, each with what it says of its subject.
    """
    box = card.element
    if box is card.link or box.tag in _HOLDS_SENTENCES or not is_in_heading(card.link) or weight(box.text) > _MAX_TEASER:
        return False
    if not is_between_paragraphs(box):
        return False
    near = (node for side in (box.preceding(), box.following()) for node in islice(side, 12))
    return not any(make(node) == make(box) for node in near)


def _links_its_picture(card: Card) -> bool:
    href = card.link.get("href")
    return any(link.get("href") == href and link.has("img", "picture") for link in card.element.below("a"))


def _holds_one_article(box: Node) -> bool:
    """Whether a box holds an `article` and nothing else, as one that is made for entries; without a box it may be a section."""
    return any(node.tag == "article" and node.text == box.text for node in islice(box.inner(), 2))


def has_strong_label(card: Card, label: str) -> bool:
    """Whether the words before a lone link are an element of their own, and no more such lines but prose stands on both sides."""
    first = next(card.element.inner(), None)
    if first is None or first.tag not in SET_APART or first.text != label:
        return False
    sides = (card.element.preceding(), card.element.following())
    return all(weight(next((node.text for node in islice(side, 4) if node.says_something), "")) > 60 for side in sides)


def _fills_an_aside(card: Card) -> bool:
    """Whether an aside says nothing but the title that it links."""
    element: Node | None = card.element
    for _ in range(4):
        if element is None:
            return False
        if element.tag == "aside":
            return element.text == card.link.text
        element = element.parent
    return False
