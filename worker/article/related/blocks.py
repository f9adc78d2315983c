"""From links to blocks: a link climbs to its card, cards in a row make a block, a short text before them heads it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice, pairwise
from typing import Final

from worker.article.addresses import resolve
from worker.article.evidence import Evidence, lexicon
from worker.article.invitations import SURE
from worker.article.outline import Node, Outline
from worker.article.related.headings import MAX_INTRO, box_heading, heading_of_intro, heads_a_box, is_in_heading, marker_within
from worker.article.related.items import bare_age
from worker.article.related.nodes import (
    CLIMB,
    HEADINGS,
    LABEL,
    TOP,
    adjacent,
    explained,
    has_prose_around,
    is_between_paragraphs,
    lists_more,
    previous_said,
    says_related,
)
from worker.article.wording import ends_sentence, is_unspaced, on_one_line, weight

MAX_LINKS: Final = 4000
_COLONS: Final = ":： "
_BOXES: Final = frozenset({"div", "aside", "section"})
_MAX_BEFORE: Final = 70  # weight of a kicker, a label or a date before the title of a card
_MAX_AFTER: Final = 500  # weight of what follows the title of a card


@dataclass(slots=True)
class Card:
    """The largest element around a link that leads nowhere else."""

    element: Node
    link: Node
    url: str
    order: int
    beside: Sequence[Node] = ()  # siblings that belong to it, where cards have no element of their own

    @property
    def first(self) -> Node:
        """The element that it begins with."""
        return min((self.element, *self.beside), key=lambda node: node.at)


@dataclass(slots=True)
class Block:
    """Cards that follow one another in one element, and the heading before them."""

    container: Node
    cards: list[Card]
    heading: Node | None = None
    heading_text: str = ""
    label: str = ""  # the words before the link of every card: `Read also:`
    loose: bool = False  # cards without elements of their own: title, snippet, title, snippet in one row
    intro: Node | None = None  # a sentence between heading and cards that says what they are
    lead_on: str = ""  # the words of a second link that ends every card
    box_heading: str = ""  # the heading in a lone card that is a box of its own after the text
    evidence: Evidence = field(default_factory=Evidence)


class BlockFinder:
    """Finds the blocks of one page; asks nothing of their wording but what a link that leads on says."""

    def __init__(self, page: Outline, base_url: str | None) -> None:
        self._links = page.links
        self._base_url = base_url
        self._page = (resolve(base_url, base_url) or "").rstrip("/")
        self._repeated: set[str] = set()
        self._addresses: dict[str, str | None] = {}  # of articles, by the address as written
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
            singles = [run[0] for run in runs if len(run) == 1]
            gaps = _rhythm(singles) if len(singles) == len(runs) >= 2 else None
            if gaps is not None:
                for card, gap in zip(singles, gaps, strict=True):
                    card.beside = gap
                yield self._with_heading(Block(parent, singles, loose=True))
            else:
                for run in runs:
                    block = self._with_heading(Block(parent, run, label=_label_of_all(run)))
                    if len(run) > 1:
                        block.lead_on = _lead_on(run)
                    elif not block.label:
                        self._look_within(block)
                    yield block

    def _cards(self) -> list[Card]:
        anchors = self._anchors()
        self._note_repeated(anchors)
        links = [(link, href) for link, href in anchors if self._is_entry_link(link) and self.article_url(href) is not None]
        leads = _where_links_lead(links)
        cards: list[Card] = []
        seen: set[Node] = set()
        for order, (link, href) in enumerate(links):
            url = self.article_url(href)
            if url is None:
                continue
            element, target = link, href.partition("#")[0]
            while (parent := element.parent) is not None and leads.get(parent) == target and parent.tag not in TOP:
                element = parent
            element = self._narrow(element, link)
            if element not in seen:
                seen.add(element)
                cards.append(Card(element, link, url, order))
        return cards

    def _anchors(self) -> list[tuple[Node, str]]:
        """Links of the page itself that lead to a page, each with its address as written."""
        return [
            (link, href)
            for link in self._links[:MAX_LINKS]
            if not link.gone and (href := link.get("href")) and _leads_to_a_page(href) and not self.in_chrome(link)
        ]

    def _note_repeated(self, anchors: list[tuple[Node, str]]) -> None:
        """Short texts that several links share lead on from entries, whatever they mean."""
        leads: dict[str, str] = {}
        for link, href in anchors:
            text = link.text
            if 3 < len(text) <= 40 and leads.setdefault(text, href) != href and text.count(" ") < 5:
                self._repeated.add(text)

    def closes(self, text: str) -> bool:
        """Whether a link's text leads on from an entry and is no title."""
        return text in self._repeated or lexicon().is_closing(text)

    def _narrow(self, element: Node, link: Node) -> Node:
        """The largest element up to `element` in which the link opens what is said and little follows it.

        A lone link climbs as far as the article that it stands in; an article is no card.
        """
        if element is link or has_prose_around(link):
            return link
        linked = link.text
        card = candidate = link
        while candidate is not element and (parent := candidate.parent) is not None:
            candidate = parent
            if candidate.tag in TOP or candidate.is_large:
                break
            text = candidate.text
            if 2 * (len(text) - len(linked)) > _MAX_BEFORE:  # else it is too short to be too heavy on either side
                before, _, after = text.partition(linked)
                if weight(after) > _MAX_AFTER or (heavy := weight(before)) > _MAX_AFTER:
                    break
                if heavy > _MAX_BEFORE and not self.closes(linked):
                    break
            if (candidate.tag == "article" and candidate.has("h1")) or lists_more(candidate, card):
                break
            card = candidate
        return card

    def article_url(self, href: str | None) -> str | None:
        """The address of another article, or None for this page itself, for lists of articles and for no address at all."""
        if not href:
            return None
        if href not in self._addresses:
            self._addresses[href] = self._article_url(href)
        return self._addresses[href]

    def _article_url(self, href: str) -> str | None:
        url = resolve(href, self._base_url)
        if url is None or (not url.startswith(("http", "/")) and "." not in url):
            return None
        bare = url.rstrip("/")
        if self._page and (bare == self._page or bare.partition("?")[0] == self._page):
            return None
        return None if _is_list(url) else url

    def _is_entry_link(self, link: Node) -> bool:
        """Whether the link's text could be a title, or leads on from an entry whose title is no link."""
        text = link.text
        size = weight(text)
        if size == 0 or size > 600:
            return False
        spaces = text.count(" ") or is_unspaced(text)  # one word names a source or a topic
        if (spaces and size >= 16) or (size >= 12 and spaces >= 2) or is_in_heading(link):
            return not lexicon().is_marker(text) or self.closes(text)
        return self.closes(text)

    def in_chrome(self, link: Node) -> bool:
        """Whether the link belongs to the site and not to the page: navigation, and head and foot that no article holds."""
        regions = self._regions
        around: list[Node] = []
        region = ""
        outer = link.parent
        while outer is not None:
            if outer in regions:
                region = regions[outer]
                break
            around.append(outer)
            outer = outer.parent
        for element in reversed(around):
            if element.tag == "nav" and not says_related(element):
                region = "nav"
            elif element.tag in {"article", "main"}:
                region = "article"
            elif element.tag in {"header", "footer"}:
                region = region or "edge"
            regions[element] = region
        return region in {"nav", "edge"}

    def _with_heading(self, block: Block) -> Block:
        element = block.cards[0].first
        for _ in range(5):
            previous = previous_said(element)
            if previous is not None and previous.is_large:
                return block
            if previous is not None:
                self._take_heading(block, previous)
                return block
            parent = element.parent
            if parent is None or parent.tag in TOP:
                return block
            own = on_one_line(parent.lead)
            if own:
                block.heading_text = own if weight(own) <= 90 else ""
                return block
            element = parent
        return block

    def _look_within(self, block: Block) -> None:
        """Take the heading that a lone card holds itself."""
        element, link = block.cards[0].element, block.cards[0].link
        if marker := marker_within(element, link):
            block.heading, block.heading_text, block.intro = None, marker, None
        else:
            block.box_heading = box_heading(element, link)

    def _take_heading(self, block: Block, previous: Node) -> None:
        """Take what is said before the cards for their heading if it is short, known, or a heading with a sentence after it."""
        text = previous.text
        known = explained(text)
        size = weight(text) if len(text) <= MAX_INTRO else MAX_INTRO + 1
        if known or (size <= 90 and not ends_sentence(text)):
            block.heading, block.heading_text = previous, text
        elif size > MAX_INTRO:
            return
        elif heading := heading_of_intro(previous):
            block.heading, block.heading_text = previous, heading.text
        elif (heading := previous_said(previous)) is not None and heads_a_box(heading, previous):
            block.heading, block.heading_text, block.intro = heading, heading.text, previous
        elif size <= 90:
            block.heading, block.heading_text = previous, text


def _lead_on(cards: list[Card]) -> str:
    """The words of a second link to where the title leads that ends every card: `Read on`, in any language; empty if none does."""
    words = ""
    for card in cards:
        if card.element is card.link or card.element.is_large:
            return ""
        last = next(node for node in reversed(card.element.page.nodes[card.element.at : card.element.end]) if node.tag == "a")
        if last is card.link or last.get("href") != card.link.get("href") or (words and last.text != words):
            return ""
        words = last.text
        if not words:
            return ""
    return words


def _label_of_all(cards: list[Card]) -> str:
    """The words before the link of every card; empty if there are none, or several cards open with unknown ones.

    What two lines in a row begin with may be a label of the article's own: `Study: TITLE`, `Study: TITLE`.  A known one goes for
    those that follow it too, if they say a label and a title, or nothing but a title: `Read also: TITLE`, `Sport: TITLE`, `TITLE`.
    """
    label = _label_of(cards[0])
    known = label != "" and (lexicon().is_marker(label) or lexicon().inviting.strength(label.rstrip(_COLONS)) == SURE)
    if len(cards) > 1 and not (known and all(map(_is_labelled_title, cards[1:]))):
        return ""
    return label


def _label_of(card: Card) -> str:
    """The words before the link of a card; empty if there are none or the card says more."""
    whole, linked = card.element.text, card.link.text
    if len(whole) <= len(linked):
        return ""
    before, found, after = whole.partition(linked)
    if not found or len(after.strip(" .)]»")) > 3:
        return ""
    before = before.strip()
    if not before or weight(before) > 60:
        return ""
    return before if lexicon().is_marker(before) or LABEL.match(before) or _opens_with_hint(card.element, before) else ""


def _is_labelled_title(card: Card) -> bool:
    """Whether a card says nothing but its link, and perhaps a label before it."""
    return _label_of(card) != "" or card.element.text == card.link.text


def _opens_with_hint(element: Node, words: str) -> bool:
    """Whether words that speak of other articles are an element of their own, the first in a card; in a box, one such word does."""
    first = next(element.inner(), None)
    if first is None or first.text != words or first.has("a"):
        return False
    return lexicon().hints_at_marker(words) or lexicon().talks(words) >= (1 if element.tag in _BOXES else 2)


def _leads_to_a_page(href: str) -> bool:
    return href[0] != "#" and not href.startswith(("javascript:", "mailto:", "tel:"))


def _is_list(url: str) -> bool:
    """Whether a part of the path names a list of articles, or no article at all."""
    return lexicon().list_paths.search(url.lower()) is not None


def _where_links_lead(links: list[tuple[Node, str]]) -> dict[Node, str | None]:
    """For the elements around links: the one target of all links below, None if there are several."""
    leads: dict[Node, str | None] = {}
    for link, href in links:
        target = href.partition("#")[0]
        element: Node | None = link
        for _ in range(CLIMB):
            if element is None:
                break
            known = leads.setdefault(element, target)
            if known is None:
                break
            if known != target:
                leads[element] = None
            element = element.parent
    return leads


def _rhythm(cards: list[Card]) -> list[list[Node]] | None:
    """What stands beside each title, if that is of the same tags for all but perhaps the last; None if they share no rhythm.

    It follows its title, unless it is a date and one stands before the first.  A paragraph with a link is a promo and no title, and
    so is a card that opens with words on what it leads to, or one below a paragraph that is no heading.
    """
    if any(card.element.tag in {"p", "li"} or _label_of(card) for card in cards) or all(map(_is_embedded, cards)):
        return None
    gaps = [_between(card, following.element) for card, following in pairwise(cards)]
    makes = _tags(gaps[0])
    if not 1 <= len(makes) <= 3 or any(_tags(gap) != makes for gap in gaps):
        return None
    last = _between(cards[-1], None)[: len(makes)]
    if _tags(last) == makes:
        gaps.append(last)
    elif (before := previous_said(cards[0].element)) is not None and all(map(_is_date, (before, *chain(*gaps)))):
        gaps.insert(0, [before])
    else:
        gaps.append([])
    if any(weight(node.text) > 350 or node.tag in HEADINGS or lexicon().is_marker(node.text) for gap in gaps for node in gap):
        return None
    return gaps


def _is_embedded(card: Card) -> bool:
    """Whether a card stands between paragraphs and is no heading; a box with a link around all that it says is none."""
    heading = is_in_heading(card.link) and (card.element is card.link or not card.link.has(*HEADINGS))
    return not heading and is_between_paragraphs(card.element)


def _is_date(node: Node) -> bool:
    return not node.is_large and bare_age(node.text) is not None


def _between(card: Card, end: Node | None) -> list[Node]:
    """The siblings that say something after a card, as far as `end`."""
    gap: list[Node] = []
    for node in islice(card.element.following(), 8):
        if node is end:
            break
        if node.says_something:
            gap.append(node)
    return gap


def _tags(nodes: list[Node]) -> list[str]:
    return [node.tag for node in nodes]
