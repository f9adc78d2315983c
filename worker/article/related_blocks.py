"""From links to blocks: a link climbs to its card, cards in a row make a block, a short text before them heads it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice, pairwise

from worker.article.evidence import Evidence, lexicon, weight
from worker.article.outline import Node, Outline
from worker.article.related_cards import resolve
from worker.article.related_tree import (
    CLIMB,
    HEADINGS,
    LABEL,
    TOP,
    adjacent,
    explained,
    has_prose_around,
    previous_said,
    says_related,
)

MAX_LINKS = 4000
_MAX_BEFORE = 70  # weight of a kicker, a label or a date before the title of a card
_MAX_AFTER = 500  # weight of what follows the title of a card
_NOT_AN_ARTICLE = re.compile(
    r"/(?:tags?|topics?|authors?|category|categories|sections?|search|login|users?|profile|share)(?:/|$|\?)", re.IGNORECASE
)


@dataclass(slots=True)
class Card:
    """The largest element around a link that leads nowhere else."""

    element: Node
    link: Node
    url: str
    order: int
    after: list[Node] = field(default_factory=list)  # siblings that belong to it, where cards have no element of their own


@dataclass(slots=True)
class Block:
    """Cards that follow one another in one element, and the heading before them."""

    container: Node
    cards: list[Card]
    heading: Node | None = None
    heading_text: str = ""
    loose: bool = False  # cards without elements of their own: title, snippet, title, snippet in one row
    evidence: Evidence = field(default_factory=Evidence)


class BlockFinder:
    """Finds the blocks of one page; asks nothing of their wording but what a link that leads on says."""

    def __init__(self, page: Outline, base_url: str | None) -> None:
        self._links = page.links
        self._base_url = base_url
        self._page = (resolve(base_url, base_url) or "").rstrip("/")
        self._repeated: set[str] = set()
        self._regions: dict[Node, str] = {}  # for elements around links: the part of the site that they stand in

    def blocks(self) -> Iterator[Block]:
        """Runs of cards that follow one another in one element with no text between."""
        by_parent: dict[Node, list[Card]] = defaultdict(list)
        for card in self._cards():
            parent = card.element.parent
            if parent is not None:
                by_parent[parent].append(card)
        for parent, cards in by_parent.items():
            runs: list[list[Card]] = []
            for card in cards:
                if runs and adjacent(runs[-1][-1].element, card.element):
                    runs[-1].append(card)
                else:
                    runs.append([card])
            if len(runs) >= 2 and all(len(run) == 1 for run in runs) and _share_rhythm([run[0] for run in runs]):
                yield self._with_heading(Block(parent, [run[0] for run in runs], loose=True))
            else:
                for run in runs:
                    yield self._with_heading(Block(parent, run))

    def _cards(self) -> list[Card]:
        anchors = [
            link
            for link in islice(self._links, MAX_LINKS)
            if not link.gone and _leads_to_a_page(link.get("href")) and not self.in_chrome(link)
        ]
        self._note_repeated(anchors)
        links = [link for link in anchors if self._is_entry_link(link)]
        leads = _where_links_lead(links)
        cards: list[Card] = []
        seen: set[Node] = set()
        for order, link in enumerate(links):
            url = self.article_url(link.get("href"))
            if url is None:
                continue
            element, target = link, _target(link)
            while (parent := element.parent) is not None and leads.get(parent) == target and parent.tag not in TOP:
                element = parent
            element = self._narrow(element, link)
            if element not in seen:
                seen.add(element)
                cards.append(Card(element, link, url, order))
        return cards

    def _note_repeated(self, anchors: list[Node]) -> None:
        """Short texts that several links share lead on from entries, whatever they mean."""
        places: dict[str, set[str]] = defaultdict(set)
        for anchor in anchors:
            text = anchor.text
            if 3 < len(text) <= 40 and len(text.split()) <= 5:
                places[text].add(anchor.get("href") or "")
        self._repeated = {text for text, urls in places.items() if len(urls) > 1}

    def closes(self, text: str) -> bool:
        """Whether a link's text leads on from an entry and is no title."""
        return text in self._repeated or lexicon().is_closing(text)

    def _narrow(self, element: Node, link: Node) -> Node:
        """The largest element up to `element` in which the link opens what is said and little follows it.

        A lone link climbs as far as the article that it stands in; an article is no card.
        """
        linked = link.text
        closing = self.closes(linked)
        card = candidate = link
        while candidate is not element and (parent := candidate.parent) is not None:
            candidate = parent
            if candidate.tag in TOP or candidate.is_large or has_prose_around(candidate, link):
                break
            text = candidate.text
            before, _, after = text.partition(linked)
            if weight(before) > (_MAX_AFTER if closing else _MAX_BEFORE) or weight(after) > _MAX_AFTER:
                break
            if candidate.tag == "article" and candidate.has("h1"):
                break
            card = candidate
        return card

    def article_url(self, href: str | None) -> str | None:
        """The address of another article, or None for this page itself, for lists of articles and for no address at all."""
        url = resolve(href, self._base_url)
        if url is None or (not url.startswith(("http", "/")) and "." not in url):
            return None
        bare = url.rstrip("/")
        if self._page and (bare == self._page or bare.partition("?")[0] == self._page):
            return None
        return None if _NOT_AN_ARTICLE.search(url) else url

    def _is_entry_link(self, link: Node) -> bool:
        """Whether the link's text could be a title, or leads on from an entry whose title is no link."""
        text = link.text
        if not text or weight(text) > 600:
            return False
        if self.closes(text):
            return True
        if lexicon().is_marker(text):
            return False
        parent = link.parent
        in_heading = (parent is not None and parent.tag in HEADINGS) or link.has(*HEADINGS)
        if weight(text) < 12 and not in_heading:
            return False
        return in_heading or weight(text) >= 16 or len(text.split()) >= 3

    def in_chrome(self, link: Node) -> bool:
        """Whether the link belongs to the site and not to the page: navigation, and head and foot that no article holds."""
        around: list[Node] = []
        region = ""
        for element in link.ancestors():
            if element in self._regions:
                region = self._regions[element]
                break
            around.append(element)
        for element in reversed(around):
            if element.tag == "nav" and not says_related(element):
                region = "nav"
            elif element.tag in {"article", "main"}:
                region = "article"
            elif element.tag in {"header", "footer"}:
                region = region or "edge"
            self._regions[element] = region
        return region in {"nav", "edge"}

    def _with_heading(self, block: Block) -> Block:
        element = block.cards[0].element
        for _ in range(5):
            previous = previous_said(element)
            if previous is not None and previous.is_large:
                return block
            if previous is not None:
                text = previous.text
                if weight(text) <= 90 or explained(text):
                    block.heading, block.heading_text = previous, text
                return block
            parent = element.parent
            if parent is None or parent.tag in TOP:
                return block
            own = " ".join(parent.lead.split())
            if own:
                block.heading_text = own if weight(own) <= 90 else ""
                return block
            element = parent
        return block


def label_of(block: Block) -> str:
    """The words before the link of a card of its own: `Read also:`; empty if there are none or the card says more."""
    if len(block.cards) != 1:
        return ""
    card = block.cards[0]
    whole, linked = card.element.text, card.link.text
    before, found, after = whole.partition(linked)
    if not found or len(after.strip(" .)]»")) > 3:
        return ""
    before = before.strip()
    if not before or weight(before) > 60:
        return ""
    return before if lexicon().is_marker(before) or LABEL.match(before) else ""


def _leads_to_a_page(href: str | None) -> bool:
    return bool(href) and href is not None and href[0] != "#" and not href.startswith(("javascript:", "mailto:", "tel:"))


def _target(link: Node) -> str:
    return (link.get("href") or "").partition("#")[0]


def _where_links_lead(links: list[Node]) -> dict[Node, str | None]:
    """For the elements around links: the one target of all links below, None if there are several."""
    leads: dict[Node, str | None] = {}
    for link in links:
        target = _target(link)
        for element in islice(chain((link,), link.ancestors()), CLIMB):
            known = leads.setdefault(element, target)
            if known is None:
                break
            if known != target:
                leads[element] = None
    return leads


def _share_rhythm(cards: list[Card]) -> bool:
    """Whether the same tags stand after each title, and note them with their cards.

    A paragraph with a link is a promo and no title.
    """
    gaps: list[list[Node]] = []
    for card, following in pairwise(cards):
        gap: list[Node] = []
        for node in islice(card.element.following(), 8):
            if node is following.element:
                break
            if node.says_something:
                gap.append(node)
        gaps.append(gap)
    makes = [tuple(node.tag for node in gap) for gap in gaps]
    if any(card.element.tag in {"p", "li"} for card in cards) or len(set(makes)) != 1 or not 1 <= len(makes[0]) <= 3:
        return False
    last = [node for node in islice(cards[-1].element.following(), 8) if node.says_something][: len(makes[0])]
    gaps.append(last if tuple(node.tag for node in last) == makes[0] else [])
    if any(weight(node.text) > 350 or node.tag in HEADINGS or lexicon().is_marker(node.text) for gap in gaps for node in gap):
        return False
    for card, gap in zip(cards, gaps, strict=True):
        card.after = gap
    return True
