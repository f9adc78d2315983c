"""Blocks of other articles in a page's tree: find them, take them out, hand back their entries.

A publisher sets its related news where the reader's eye is, often inside `<article>`, so neither the place nor the tag tells a
block from the body, and class names may say nothing at all.  What tells is the shape: links that each make up the whole of a
card, cards of one make side by side, a short heading before them.  `related_blocks` finds what has the shape; here it is weighed
(`evidence`), itemised and taken out.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice

from worker.article.evidence import ends_hard, fold, is_age, is_truncated, lexicon, weight
from worker.article.outline import Node, Outline
from worker.article.related_blocks import MAX_LINKS, Block, BlockFinder, Card, label_of
from worker.article.related_cards import pieces, read_card
from worker.article.related_items import item, unique
from worker.article.related_tree import (
    HEADINGS,
    TOP,
    explained,
    in_article,
    is_comments,
    make,
    next_said,
    says_related,
)
from worker.records import Cut, SimilarItem

_TITLE = 22  # weight of a short headline; what is shorter is a name
_MAX_CARD = 1200  # weight of the text of a card, at most
_SET_APART = frozenset({"em", "strong", "b", "i", "aside", "blockquote"})
_HOLDS_SENTENCES = frozenset({"p", "span", "em", "strong", "b", "i", "blockquote", "font"})
_NEARLY = 0.55  # of the evidence that a block takes: what its cards say can still decide
_HOST = re.compile(r"\w+://(?:[^/?#@]*@)?([^/?#:]+)")
_ARROW = 2  # characters beside a link that say nothing
_MAX_CUT = 4000  # characters of a cut that are kept to be shown


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
        self._root = page.root
        self._found = BlockFinder(page, base_url)
        self._own = frozenset(map(fold, headlines)) - {""}
        self._host = _host(base_url) if base_url else None
        self.items: list[tuple[int, SimilarItem]] = []
        self.cuts: list[Cut] = []

    # What is no entry: comments, and a second article that scrolls into view.

    def lift_comments(self) -> None:
        """Cut what readers wrote, so that no reader's link becomes an entry."""
        for element in self._root.below("section", "div", "ol", "ul"):
            if is_comments(element) and not element.has("h1", "article"):
                self._remove(element, Cut("comments", element.text[:_MAX_CUT], ("named comments",)))

    def lift_following_articles(self) -> None:
        """Cut whole articles below the page's own; the headline of each is an entry."""
        articles = [node for node in self._root.below("article") if not any(outer.tag == "article" for outer in node.ancestors())][
            :50
        ]
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
        labels: dict[str, int] = defaultdict(int)
        blocks = list(self._found.blocks())
        for block in blocks:
            if len(block.cards) == 1:
                labels[label_of(block)] += 1
        for block in blocks:
            self._weigh(block, labels)
            if block.evidence.enough:
                self._lift(block)

    def _weigh(self, block: Block, labels: dict[str, int]) -> None:
        label = label_of(block)
        self._weigh_wording(block, label, labels)
        self._weigh_shape(block)
        self._weigh_addresses(block, label)
        if _NEARLY <= block.evidence.score < 1.0:
            self._weigh_pieces(block)

    def _weigh_wording(self, block: Block, label: str, labels: dict[str, int]) -> None:
        """What the heading, the words before a lone link and the names in the markup say."""
        evidence, heading = block.evidence, block.heading_text
        if heading and (lexicon().is_marker(heading) or explained(heading)):
            evidence.add("marker", 0.9)
        elif heading and lexicon().hints_at_marker(heading) and not ends_hard(heading):
            evidence.add("heading hints at other articles", 0.5)
        elif heading and not ends_hard(heading) and block.heading is not None and weight(heading) <= 60:
            evidence.add("heading", 0.2)
        if label and lexicon().is_marker(label):
            evidence.add("marker before the link", 0.9)
        elif label:
            evidence.add("label before the link", 0.4)
            evidence.add_if(labels[label] > 1, "label repeats", 0.4)
            evidence.add_if(lexicon().hints_at_marker(label), "label hints at other articles", 0.4)
        evidence.add_if(any(map(says_related, _named_around(block))), "named as related", 0.7)

    def _weigh_shape(self, block: Block) -> None:
        """What cards look like."""
        evidence, cards = block.evidence, block.cards
        worded = evidence.score >= 0.4
        texts = [card.element.text for card in cards]
        titles = [card.link.text for card in cards]
        evidence.add_if(_within_sentence(block), "within a sentence", -1.0)
        own = not self._own.isdisjoint(map(fold, titles))
        evidence.add_if(own, "the page's own headline", -1.0)
        if len(cards) >= 2 and _of_one_make(cards):
            evidence.add("cards of one make", 0.4 if len(cards) == 2 else 0.6)
        evidence.add_if(sum(map(len, titles)) >= 0.4 * sum(map(len, texts)), "mostly link", 0.2)
        if sum(map(weight, titles)) >= _TITLE * len(titles):
            evidence.add("titles", 0.2)
        else:
            evidence.add_if(not worded, "names, as in a menu", -0.6)
        evidence.add_if(not worded and 2 * sum(map(_is_statement, cards)) > len(cards), "statements, not titles", -1.0)
        evidence.add_if(block.loose and evidence.score < 0.6, "titles among prose", -1.0)
        evidence.add_if(any(map(is_truncated, texts)), "cut short", 0.2)
        pictured = any(card.element.has("img", "time", "figure") for card in cards)
        evidence.add_if(pictured, "pictures or times", 0.2)
        evidence.add_if(any(weight(text) > _MAX_CARD for text in texts), "too long for entries", -1.0)

    def _weigh_pieces(self, block: Block) -> None:
        """What stands in the cards beside their titles: read only where it can decide."""
        evidence, cards = block.evidence, block.cards
        if "pictures or times" not in evidence.signs:
            evidence.add_if(any(map(_says_age, cards[:3])), "ages", 0.2)
        if len(cards) >= 2 and not block.loose and not evidence.enough:
            evidence.add_if(all(map(_has_snippet, cards[:3])), "title and snippet", 0.2)

    def _weigh_addresses(self, block: Block, label: str) -> None:
        """Where the links lead, and where on the page they stand."""
        evidence, cards = block.evidence, block.cards
        home = [_host(card.url) == self._host for card in cards] if self._host else []
        if label and home[:1] == [True]:
            evidence.add("same site", 0.1)
            parent = cards[0].link.parent
            evidence.add_if(parent is not None and parent.tag in _SET_APART, "set apart", 0.1)
        if home and not any(home) and not cards[0].element.has("img", "time"):
            evidence.add("leads off the site", -0.4)
        if fold(block.heading_text) in lexicon().popular and not in_article(block.container):
            evidence.add("a list of the site's, outside the article", -2.0)
        if home == [True] and not label:
            evidence.add_if(_stands_among_prose(cards[0]), "a paragraph that is one link", 0.6)
            evidence.add_if(_fills_an_aside(cards[0]), "an aside that is one link", 0.6)
        if len(home) == 2 and all(home):
            evidence.add_if(all(_is_titled_link(card) for card in cards), "nothing but titles of the site", 0.2)

    def _lift(self, block: Block) -> None:
        entries = []
        for card in block.cards:
            entry = item(card.link.text, url=card.url) if label_of(block) else read_card(card.element, card.url)
            if entry is not None and card.after:
                snippet = next((text for text in (node.text for node in card.after) if not self._found.closes(text)), None)
                entry = item(entry.title, snippet, url=card.url, source=entry.source, published_at=entry.published_at)
            if entry is not None and fold(entry.title) not in self._own:
                entries.append((card.order, entry))
        self.items.extend(entries)
        texts = [card.element.text for card in block.cards]
        elements = [element for card in block.cards for element in (card.element, *card.after)]
        if block.heading is not None and _introduces(block):
            texts.insert(0, block.heading_text)
            elements.append(block.heading)
        elif block.heading is None and block.heading_text and _introduces(block):
            parent = next((node for node in (block.container, *block.container.ancestors()) if node.lead.strip()), block.container)
            if " ".join(parent.lead.split()) == block.heading_text:
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

    def _remove_shell(self, block: Block) -> None:
        """Remove what is left around a block if it says nothing but closing lines and headings."""
        element = block.container
        for _ in range(5):
            parent = element.parent
            if parent is None or element.tag in TOP or (element.tag == "article" and not says_related(element)):
                return
            left = element.text if not element.is_large else "?" * 100
            if left and not (lexicon().is_closing(left) or lexicon().is_marker(left)):
                return
            self._remove(element)
            element = parent

    # Markers that no link follows.

    def lift_headings_left_over(self) -> None:
        """Cut headings that introduce nothing any more, and lists below them whose entries are no links."""
        for heading in list(self._root.below(*HEADINGS, "p", "div", "span", "strong", "b", "dt", "legend")):
            if not heading.says_first:
                continue
            own = heading.lead
            if len(own) > 90 or own.isspace() or not lexicon().is_marker(own) or not lexicon().is_marker(heading.text):
                continue
            element, following = next_said(heading)
            if following is None:
                if element.tag not in TOP and not self._found.in_chrome(heading):
                    self._remove(heading, Cut("marker", heading.text, ("marker", "nothing follows")))
            elif (entries := self._unlinked(following)) and not self._found.in_chrome(heading):
                self.items.extend((MAX_LINKS, entry) for entry in entries)
                self._remove(heading)
                self._remove(following, Cut("block", following.text[:_MAX_CUT], ("marker", "a list follows"), 1.0))

    def _unlinked(self, element: Node) -> list[SimilarItem]:
        """Entries of a list without links, or nothing if it does not look like one."""
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
        return [entry for entry in (read_card(child, None) for child in children) if entry is not None]

    def _remove(self, element: Node, cut: Cut | None = None) -> None:
        """Take an element out; the text after it stays."""
        if cut is not None:
            self.cuts.append(cut)
        element.remove()


def _of_one_make(cards: list[Card]) -> bool:
    """Whether cards are alike: one tag, and a class that all have unless none has any."""
    if len({card.element.tag for card in cards}) > 1:
        return False
    classes = [make(card.element)[1].split() for card in cards]
    return bool(set(classes[0]).intersection(*classes[1:])) or not any(classes)


def _fills_an_aside(card: Card) -> bool:
    """Whether an aside says nothing but the title that it links."""
    aside = next((node for node in (card.element, *islice(card.element.ancestors(), 3)) if node.tag == "aside"), None)
    return aside is not None and aside.text == card.link.text


def _is_titled_link(card: Card) -> bool:
    return weight(card.link.text) >= _TITLE and len(card.element.text) - len(card.link.text) <= _ARROW


def _within_sentence(block: Block) -> bool:
    """Whether a lone link is a few words of a sentence: other words stand beside it in its own parent."""
    card, parent = block.cards[0], block.cards[0].link.parent
    if len(block.cards) > 1 or card.element is not card.link or parent is None or parent.tag not in _HOLDS_SENTENCES:
        return False
    if parent.is_large:
        return True
    before, _, after = parent.text.partition(card.link.text)
    return not lexicon().is_marker(before) and sum(map(str.isalnum, before + after)) > len(card.link.text)


def _is_statement(card: Card) -> bool:
    """Whether the link is (the start of) a sentence in running text: it ends as one does, or its sentence goes on after it."""
    link = card.link
    while not link.tail.strip() and link.parent is not None and link.parent.tag in _SET_APART:
        link = link.parent
    after = link.tail.lstrip()
    return (after[0] in ".,;!?" or after[0].islower()) if after else ends_hard(link.text) and len(pieces(link)) == 1


def _says_age(card: Card) -> bool:
    """Whether a piece of the card says when its article was published."""
    return not card.element.is_large and any(is_age(piece.text) for piece in pieces(card.element))


def _has_snippet(card: Card) -> bool:
    """Whether the card has a sentence beside its title."""
    said = [] if card.element.is_large else [piece.text for piece in pieces(card.element)]
    return len(said) > 1 and not ends_hard(said[0]) and any(ends_hard(text) or is_truncated(text) for text in said[1:])


def _host(url: str) -> str | None:
    """The host of an absolute address, without its port."""
    found = _HOST.match(url)
    return found[1].lower() if found else None


def _named_around(block: Block) -> Iterator[Node]:
    """The cards, and the elements around them as far as they hold little else."""
    yield block.cards[0].element
    element: Node | None = block.container
    for _ in range(4):
        if element is None or element.tag in TOP or element.tag == "article":
            return
        yield element
        element = element.parent


def _introduces(block: Block) -> bool:
    """Whether the heading goes with the block: one of known wording, or any short one above several cards."""
    heading = block.heading_text
    if lexicon().is_marker(heading) or explained(heading):
        return True
    return len(block.cards) > 1 and weight(heading) <= 60 and not ends_hard(heading)


def _stands_among_prose(card: Card) -> bool:
    """Whether a paragraph that says nothing but its link has paragraphs of prose on both sides."""
    if card.element.tag not in {"p", "div"} or card.element.text != card.link.text:
        return False
    sides = (
        islice((node for node in card.element.preceding() if node.tag == "p"), 2),
        islice((node for node in card.element.following() if node.tag == "p"), 2),
    )
    return all(any(weight(paragraph.text) > 60 for paragraph in side) for side in sides)
