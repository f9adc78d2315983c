"""Blocks of other articles in a page's tree: find them, take them out, hand back their entries.

A publisher sets its related news where the reader's eye is, often inside `<article>`, so neither the place nor the tag tells a
block from the body, and class names may say nothing at all.  What tells is the shape: links that each make up the whole of a
card, cards of one make side by side, a short heading before them.  `blocks` finds what has the shape, `weighing`
weighs it; here it is itemised and taken out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from worker.article.evidence import lexicon
from worker.article.outline import Node, Outline
from worker.article.related.blocks import MAX_LINKS, Block, BlockFinder
from worker.article.related.cards import pieces, read_card
from worker.article.related.comments import comments_of
from worker.article.related.items import bare_age, item, unique
from worker.article.related.nodes import (
    HEADINGS,
    TOP,
    explained,
    first_words,
    has_more_letters,
    lists_the_sites_own,
    make,
    next_said,
    says_more_than,
    says_related,
)
from worker.article.related.promos import BULLET
from worker.article.related.weighing import Scales
from worker.article.wording import ends_hard, fold, is_unspaced, on_one_line, weight
from worker.records import Cut, SimilarItem

_ARTICLE: Final = frozenset({"article"})
_MAY_HEAD: Final = HEADINGS | {"p", "div", "span", "strong", "b", "dt", "legend"}
_MAX_NAME, _MAX_NAME_WEIGHT = 3, 28  # words of a topic's name
_MARK: Final = re.compile("[:／]")
_MAX_CUT: Final = 4000  # characters of a cut that are kept to be shown


@dataclass(frozen=True, slots=True)
class Related:
    """What was lifted out of a tree: the entries in the order of the page, and every cut with its reasons."""

    items: tuple[SimilarItem, ...] = ()
    cuts: tuple[Cut, ...] = ()


def lift_related(page: Outline, *, base_url: str | None, headlines: Collection[str]) -> Related:
    """Take the blocks of other articles out of `page`, in place, and return their entries.

    Addresses are resolved against `base_url`; `headlines` are wordings of the page's own, which is never an entry.
    """
    lifter = _Lifter(page, base_url, headlines)
    lifter.lift_comments()
    lifter.lift_following_articles()
    lifter.lift_blocks()
    lifter.lift_headings_left_over()
    items = [entry for _, entry in sorted(lifter.items, key=lambda pair: pair[0])]
    return Related(unique(items), tuple(lifter.cuts))


class _Lifter:
    """One page at work."""

    def __init__(self, page: Outline, base_url: str | None, headlines: Collection[str]) -> None:
        self._page = page
        self._found = BlockFinder(page, base_url)
        self._own = frozenset(map(fold, headlines)) - {""}
        self._scales = Scales(base_url, self._own)
        self.items: list[tuple[int, SimilarItem]] = []
        self.cuts: list[Cut] = []

    # What is no entry: comments, and a second article that scrolls into view.

    def lift_comments(self) -> None:
        """Cut what readers wrote, so that no reader's link becomes an entry."""
        for sign, elements in comments_of(self._page):
            self.cuts.append(Cut("comments", "\n".join(node.text for node in elements)[:_MAX_CUT], (sign,)))
            for element in elements:
                self._remove(element)

    def lift_following_articles(self) -> None:
        """Cut whole articles below the page's own; the headline of each is an entry."""
        articles = [node for node in self._below(_ARTICLE) if not any(outer.tag == "article" for outer in node.ancestors())][:50]
        own = next((at for at, article in enumerate(articles) if article.has("h1")), None)
        if own is None:
            return
        for article in articles[own + 1 :]:
            paragraphs = list(article.below("p"))
            prose = sum(len(paragraph.text) for paragraph in paragraphs)
            heading = next(article.below("h1", "h2"), None)
            if prose < 150 or heading is None or fold(heading.text) in self._own:
                continue
            link = next(heading.below("a"), None)
            if link is None and heading.parent is not None and heading.parent.tag == "a":
                link = heading.parent
            url = self._found.article_url(link.get("href") if link is not None else article.get("data-url"))
            if (url or heading.tag == "h1") and len(paragraphs) >= 2:
                self.items.append((MAX_LINKS, SimilarItem(heading.text, None, url)))
                self._remove(
                    article,
                    Cut(
                        "article",
                        article.text[:_MAX_CUT],
                        ("a second article", "its headline leads elsewhere" if url else "a headline of its own"),
                    ),
                )

    # Blocks of cards.

    def lift_blocks(self) -> None:
        """Weigh every run of cards and cut those for which enough speaks."""
        blocks = list(self._found.blocks())
        labels = Counter([block.label for block in blocks])
        for block in blocks:
            self._scales.weigh(block, label_repeats=labels[block.label] > 1)
            if block.evidence.enough:
                self._lift(block)

    def _lift(self, block: Block) -> None:
        entries = []
        for card in block.cards:
            entry = read_card(card.link if block.label else card.element, card.url, lead_on=block.lead_on)
            if entry is not None and len(block.cards) == 1:
                entry = replace(entry, title=_without_marker(entry.title, pointed=BULLET.match(card.link.text) is not None))
            beside = [node.text for node in card.beside]
            if len(block.cards) > 1 and (age := bare_age(card.element.tail)) is not None:
                beside.append(age)
                card.element.remove_tail()
            if entry is not None and beside:
                entry = self._with_beside(entry, beside)
            if entry is not None and fold(entry.title) not in self._own:
                entries.append((card.order, entry))
        self.items.extend(entries)
        texts = [card.element.text for card in block.cards]
        elements = [element for card in block.cards for element in (card.element, *card.beside)]
        if block.heading is not None and _introduces(block):
            texts.insert(0, block.heading_text)
            elements.append(block.heading)
            if block.intro is not None:
                texts.insert(1, block.intro.text)
                elements.append(block.intro)
        elif block.heading is None and block.heading_text and _introduces(block):
            parent = next((node for node in (block.container, *block.container.ancestors()) if node.lead.strip()), block.container)
            if on_one_line(parent.lead) == block.heading_text:
                parent.remove_lead()
        self.cuts.append(
            Cut(
                "block" if len(block.cards) > 1 else "promo",
                "\n".join(texts)[:_MAX_CUT],
                tuple(block.evidence.signs),
                round(block.evidence.score, 2),
            )
        )
        for element in elements:
            self._remove(element)
        self._remove_shell(block)

    def _with_beside(self, entry: SimilarItem, said: list[str]) -> SimilarItem:
        """An entry with what its siblings say: when it was published, and a snippet."""
        ages = [age for text in said if (age := bare_age(text)) is not None]
        snippet = next((text for text in said if bare_age(text) is None and not self._found.closes(text)), entry.snippet)
        return item(
            entry.title, snippet, url=entry.url, source=entry.source, published_at=entry.published_at or (ages[0] if ages else None)
        )

    def _remove_shell(self, block: Block) -> None:
        """Remove what is left around a block if it says nothing but closing lines and headings."""
        element = block.container
        for _ in range(5):
            parent = element.parent
            if parent is None or element.tag in TOP or (element.tag == "article" and not says_related(element)):
                return
            if element.is_large or says_more_than(element, 90):
                return
            left = element.text
            if has_more_letters(left, 0) and not (lexicon().is_closing(left) or lexicon().is_marker(left)):
                return
            self._remove(element)
            element = parent

    # Markers that no link follows.

    def lift_headings_left_over(self) -> None:
        """Cut headings that introduce nothing any more, and lists below them that make up no block."""
        for heading in self._below(_MAY_HEAD):
            own = first_words(heading)
            if not own or len(own) > 90 or not lexicon().is_marker(own) or not lexicon().is_marker(heading.text):
                continue
            element, following = next_said(heading)
            if following is None:
                if element.tag not in TOP and not self._found.in_chrome(heading):
                    self._remove(heading, Cut("marker", heading.text, ("marker", "nothing follows")))
            elif (entries := self._listed(following)) and not self._found.in_chrome(heading):
                if not (_name_topics(entries) or lists_the_sites_own(heading.text, following)):
                    self.items.extend((MAX_LINKS, entry) for entry in entries)
                self._remove(heading)
                self._remove(following, Cut("block", following.text[:_MAX_CUT], ("marker", "a list follows"), 1.0))

    def _listed(self, element: Node) -> list[SimilarItem]:
        """Entries of a list, or nothing if it does not look like one."""
        if element.tag not in {"ul", "ol", "div", "section", "table", "dl"}:
            return []
        children = [child for child in islice(element.inner(), 60) if child.text]
        if (
            not len(children) >= 2
            or any(weight(child.text) > 350 for child in children)
            or len({make(child) for child in children}) > 1
        ):
            return []
        firsts = [next(iter(pieces(child)), None) for child in children]
        if any(first is None or ends_hard(first.text) or weight(first.text) > 200 for first in firsts):
            return []
        return [entry for entry in (read_card(child, self._address(child)) for child in children) if entry is not None]

    def _address(self, entry: Node) -> str | None:
        """The first address of another article in an element."""
        links = (entry,) if entry.tag == "a" else entry.below("a")
        return next(filter(None, (self._found.article_url(link.get("href")) for link in links)), None)

    def _below(self, tags: frozenset[str]) -> list[Node]:
        """What is left of the page's elements of some tags, in the order of the page."""
        return [node for node in self._page.nodes if node.tag in tags and not node.gone]

    def _remove(self, element: Node, cut: Cut | None = None) -> None:
        """Take an element out; the text after it stays."""
        if cut is not None:
            self.cuts.append(cut)
        element.remove()


def _without_marker(title: str, *, pointed: bool) -> str:
    """A title without the known words before it that are a part of its link: `Read also: TITLE`; `pointed`, a hint is enough."""
    head, *behind = _MARK.split(title, maxsplit=1)
    rest = "".join(behind)
    known = lexicon().is_marker(head) or (pointed and lexicon().hints_at_marker(head))
    return rest.strip() if rest.strip() and known else title


def _name_topics(entries: Sequence[SimilarItem]) -> bool:
    """Whether most entries are names and say no more: keywords and sections, not articles."""
    names = sum(_is_name(entry.title) and entry.snippet is None and entry.source is None for entry in entries)
    return 3 * names > 2 * len(entries)


def _is_name(title: str) -> bool:
    """Whether a title is no longer than the name of a topic."""
    most = _MAX_NAME_WEIGHT // 2 if is_unspaced(title) else _MAX_NAME_WEIGHT
    return weight(title) <= most and sum(word[0].isalnum() for word in title.split()) <= _MAX_NAME


def _introduces(block: Block) -> bool:
    """Whether the heading goes with the block: one of known wording, or any short one above several cards without labels."""
    heading = block.heading_text
    if lexicon().is_marker(heading) or explained(heading):
        return True
    return len(block.cards) > 1 and not block.label and weight(heading) <= 60 and not ends_hard(heading)
