"""What speaks for a run of cards being a block of other articles, and what against it: wording, shape, addresses.

Most runs of a page are links of its sentences and of its menus, far from being a block.  So a run is first asked what is cheap to
know, and weighed only where the rest could still carry it: of what stays in the page nobody sees the evidence.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice, pairwise
from typing import Final

from worker.article.addresses import host_of
from worker.article.ages import is_age, is_date, source_and_age
from worker.article.evidence import ENOUGH, Lexicon, lexicon
from worker.article.outline import Node
from worker.article.related.apart import SET_APART, fill_an_aside, has_strong_label, is_within_sentence, signs_of_one_apart
from worker.article.related.blocks import Block, Card
from worker.article.related.cards import pieces
from worker.article.related.nodes import (
    LABEL,
    TOP,
    explained,
    lists_the_sites_own,
    make,
    says_related,
)
from worker.article.related.own import is_file, signs_of_its_own
from worker.article.related.shapes import ARROWS
from worker.article.wording import ends_as_snippet, ends_hard, fold, is_truncated, weight

_TITLE: Final = 22  # weight of a short headline; what is shorter is a name
_SHORT_TITLE: Final = 20  # beside a longer one
_MAX_HEADING: Final = 60  # weight
_MAX_NAME: Final = 45  # weight of who published an article
_ORNAMENT: Final = frozenset(
    {"em", "strong", "b", "i", "mark", "u", "sup", "sub", "q", "img", "picture", "source", "svg", "path", "time"}
)
_MAX_BUILD: Final = 12  # elements of a link that are looked at to tell cards of one make
_PLACES: Final = frozenset({"first", "last", "odd", "even"})  # classes that tell where in its row a card stands
_MADE_UP: Final = re.compile(r"[^\W\d_]\d|\d[^\W\d_]")
_NEARLY: Final = 0.55  # of the evidence that a block takes: what its cards say can still decide
_MARKS: Final = ":：→►▶➜➤»-–— "
_COMMAS: Final = (",", "،", "、", "，")
_ARROW: Final = 2  # characters beside a link that say nothing
_MAX_ARROW: Final = 4  # characters in which an arrow ends a text
_SHARED: Final = 2  # words that open lines which lead on alike
_WORDED: Final = 0.4  # of evidence in the wording: short links are taken for titles, and statements too
_SURELY_WORDED: Final = 0.7  # what is less is a hint
_MENU: Final = -0.6  # for names instead of titles


class Scales:
    """The weighing of one page's blocks."""

    def __init__(self, base_url: str | None, own_titles: frozenset[str]) -> None:
        self._host = host_of(base_url)
        self._own = own_titles

    def weigh(self, block: Block, *, label_repeats: bool) -> None:
        """Give a block its evidence.  Where that is not enough it may be a part of what could be said."""
        evidence = block.evidence
        shape = _Shape(block)
        named = _is_named_as_related(block)
        if not shape.carries(_most_wording(block, named)):
            return
        self._weigh_wording(block, named, label_repeats)
        worded = evidence.score >= _WORDED
        if not shape.carries(evidence.score):
            return
        self._weigh_shape(block, shape)
        self._weigh_addresses(block, shape)
        if evidence.score >= _NEARLY and not evidence.enough:
            self._weigh_pieces(block, shape)
        if evidence.enough and not worded:
            for sign, value in signs_of_its_own(block, leads_off=self._leads_off(block.cards)):
                evidence.add(sign, value)

    def _weigh_wording(self, block: Block, named: bool, label_repeats: bool) -> None:
        """What the heading, the words before a lone link and the names in the markup say."""
        evidence, heading, label = block.evidence, block.heading_text, block.label
        if heading and (lexicon().is_marker(heading) or explained(heading)):
            evidence.add("marker", 0.9)
        elif heading and not ends_hard(heading):
            if _hints(lexicon(), heading):
                evidence.add("heading hints at other articles", 0.5)
            elif block.heading is not None and weight(heading) <= _MAX_HEADING:
                evidence.add("heading", 0.2)
        if label and lexicon().is_marker(label):
            evidence.add("marker before the link", 0.9)
        elif label:
            evidence.add("label before the link", 0.4)
            evidence.add_if(label_repeats, "label repeats", 0.4)
            hints = not LABEL.match(label) or lexicon().hints_at_marker(label)  # without a colon it is one for that
            hints = hints or lexicon().inviting.strength(label.rstrip(_MARKS)) > 0
            evidence.add_if(hints, "label hints at other articles", 0.4)
            evidence.add_if(not hints and lexicon().talks(label) > 0, "label speaks of other articles", 0.2)
        evidence.add_if(named, "named as related", 0.7)

    def _weigh_shape(self, block: Block, shape: _Shape) -> None:
        """What cards look like."""
        evidence, cards = block.evidence, block.cards
        worded = evidence.score >= _WORDED
        hinted = worded and evidence.score < _SURELY_WORDED
        evidence.add_if(shape.within_sentence, "within a sentence", -1.0)
        own = any(fold(title) in self._own for title in shape.titles)
        evidence.add_if(own, "the page's own headline", -1.0)
        if len(cards) >= 2 and _of_one_make(cards):
            evidence.add("cards of one make", 0.4 if len(cards) == 2 else 0.6)
        evidence.add_if(shape.mostly_link, "mostly link", 0.2)
        if shape.titled:
            evidence.add("titles", 0.2)
        else:
            evidence.add_if(not worded, "names, as in a menu", _MENU)
        evidence.add_if(not worded and 2 * sum(map(_is_statement, cards)) > len(cards), "statements, not titles", -1.0)
        evidence.add_if(hinted and len(cards) > 1 and all(map(_goes_on, cards)), "lines that go on after their links", -0.6)
        evidence.add_if(shape.cut_short, "cut short", 0.2)
        evidence.add_if(shape.lead_on, "lead on alike", 0.4)
        evidence.add_if(_are_pictured(cards), "pictures or times", 0.2)

    def _weigh_addresses(self, block: Block, shape: _Shape) -> None:
        """Where the links lead, and where on the page they stand."""
        evidence, cards = block.evidence, block.cards
        home = [host_of(card.url) == self._host for card in cards] if self._host else []
        if block.label and home[:1] == [True]:
            evidence.add("same site", 0.1)
            parent = cards[0].link.parent
            evidence.add_if(parent is not None and parent.tag in SET_APART, "set apart", 0.1)
            evidence.add_if(has_strong_label(cards[0], block.label), "label set apart amid prose", 0.1)
        if home and not any(home) and not cards[0].element.has("img", "time") and not all(map(_tells_source_and_age, cards)):
            evidence.add("leads off the site", -0.5)
        sites = lists_the_sites_own(block.heading_text, block.container)
        evidence.add_if(sites, "a list of the site's, outside the article", -2.0)
        if home == [True] and not block.label:
            for sign in shape.apart:
                evidence.add(sign, 0.6)
            evidence.add_if(shape.boxed, "a box with a heading and one title after the text", 0.6)
        if len(home) == 2 and all(home):
            bare = shape.titled and all(map(_is_titled_link, cards))
            evidence.add_if(bare, "nothing but titles of the site", 0.2)
        if home and all(home):
            evidence.add_if(shape.fill_aside and shape.titled, "an aside among paragraphs, all of it titles", 0.4)

    def _leads_off(self, cards: list[Card]) -> bool:
        """Whether all cards but files lead to other sites, of which a host below the page's own domain is none."""
        home, pages = _domain(self._host), [card for card in cards if not is_file(card.url)]
        return home is not None and pages != [] and all(_domain(host_of(card.url)) not in (home, None) for card in pages)

    def _weigh_pieces(self, block: Block, shape: _Shape) -> None:
        """What stands in the cards beside their titles: read only where it can decide."""
        evidence, cards = block.evidence, block.cards
        if not _are_pictured(cards):
            evidence.add_if(any(map(_says_age, cards[:3])), "ages", 0.2)
        if (len(cards) >= 2 or block.box_heading or shape.apart) and not block.loose and not evidence.enough:
            evidence.add_if(all(map(_has_snippet, cards[:3])), "title and snippet", 0.2)


class _Shape:
    """What is cheap to know of a block's cards, and the most that shape and addresses can add to their wording."""

    def __init__(self, block: Block) -> None:
        cards = block.cards
        self.texts = [card.element.text for card in cards]
        self.titles = [card.link.text for card in cards]
        self.mostly_link = sum(map(len, self.titles)) >= 0.4 * sum(map(len, self.texts))
        self.titled = sum(map(weight, self.titles)) >= _TITLE * len(cards)
        self.cut_short = any(map(is_truncated, self.texts))
        lone = len(cards) == 1
        self.within_sentence = lone and is_within_sentence(cards[0])
        self.apart = tuple(signs_of_one_apart(cards[0])) if lone and not block.label else ()
        self.fill_aside = not lone and fill_an_aside(block)
        self.lead_on = block.lead_on != "" or (not lone and _end_with_arrows(cards, self.texts))
        self.boxed = lone and block.box_heading != ""
        self._most = 0.2 * (1 + self.mostly_link + self.titled + self.cut_short)  # 1 for pictures, times or ages
        if block.label:
            self._most += 0.3
        if lone:
            signs = 0 if block.label else len(self.apart) + self.boxed
            self._most += 0.6 * signs + 0.2 * (signs > 0) - self.within_sentence  # what stands apart may have a snippet
        else:
            self._most += 0.4 * (self.lead_on + self.fill_aside) + (0.4 + 0.2 if len(cards) == 2 else 0.6) + 0.2

    def carries(self, wording: float) -> bool:
        """Whether a block of that much evidence in its wording may still come to be one."""
        return wording + self._most + (0.0 if self.titled or wording >= _WORDED else _MENU) >= ENOUGH


def _most_wording(block: Block, named: bool) -> float:
    """The most that the wording can come to, without a look for the pieces of wordings, which is dear."""
    heading = block.heading_text
    if not heading:
        most = 0.0
    elif lexicon().is_marker(heading) or explained(heading):
        most = 0.9
    else:
        most = 0.0 if ends_hard(heading) else 0.5
    return most + (1.2 if block.label else 0.0) + (0.7 if named else 0.0)


@lru_cache(maxsize=4096)
def _hints(known: Lexicon, heading: str) -> bool:
    return known.hints_at_marker(heading) or (weight(heading) <= _MAX_HEADING and known.talks(heading) > 1)


def _is_named_as_related(block: Block) -> bool:
    """Whether names say so of the cards, or of the elements around them as far as they hold little else."""
    if says_related(block.cards[0].element):
        return True
    element: Node | None = block.container
    for _ in range(4):
        if element is None or element.tag in TOP or element.tag == "article":
            return False
        if says_related(element):
            return True
        element = element.parent
    return False


def _of_one_make(cards: list[Card]) -> bool:
    """Whether cards are alike: one tag, and a class that all have unless none has any; or one build, where classes tell nothing."""
    if len({card.element.tag for card in cards}) > 1:
        return False
    classes = [set(make(card.element)[1].split()) - _PLACES for card in cards]
    if classes[0].intersection(*classes[1:]) or not any(classes):
        return True
    if not _tell_nothing(cards):
        return False
    first = _build(cards[0])
    return all(_build(card) == first for card in cards[1:])


def _tell_nothing(cards: list[Card]) -> bool:
    """Whether each card has a class of its own that a machine made up: of one length, with digits amid the letters."""
    names = [card.element.get("class") or "" for card in cards]
    sizes = [len(name) for name in names]
    if not min(sizes) or max(sizes) - min(sizes) > 2:
        return False
    return 2 * sum(_MADE_UP.search(name) is not None for name in names) > len(names)


def _build(card: Card) -> tuple[str, ...]:
    """How a card holds its title: the tags from the link up to the card, and those in the link but for emphasis and pictures."""
    tags: list[str] = []
    node: Node | None = card.link
    while node is not None and node is not card.element:
        tags.append(node.tag)
        node = node.parent
    tags.append(card.element.tag)
    tags += [node.tag for node in islice(card.link.below(), _MAX_BUILD) if node.tag not in _ORNAMENT]
    return tuple(tags)


def _is_titled_link(card: Card) -> bool:
    return weight(card.link.text) >= _SHORT_TITLE and len(card.element.text) - len(card.link.text) <= _ARROW


def _end_with_arrows(cards: list[Card], texts: list[str]) -> bool:
    """Whether every card goes on behind its link, and ends with an arrow on a line that opens alike in all of them."""
    if not all(ARROWS.search(text[-_MAX_ARROW:]) for text in texts):
        return False
    if any(card.element is card.link or card.element.is_large for card in cards):
        return False
    openings = [fold(said[-1].text).split()[:_SHARED] for card in cards if (said := pieces(card.element))]
    return len(openings) == len(cards) and openings[0] != [] and all(opening == openings[0] for opening in openings)


def _is_statement(card: Card) -> bool:
    """Whether the link is (the start of) a sentence in running text: it ends as one does, or its sentence goes on after it."""
    link = card.link
    while not (after := link.tail.lstrip()) and link.parent is not None and link.parent.tag in SET_APART:
        link = link.parent
    return (after[0] in ".,;!?" or after[0].islower()) if after else ends_hard(link.text) and len(pieces(link)) == 1


def _goes_on(card: Card) -> bool:
    """Whether the link opens a line that says more after a comma than a source or an age: a programme, a list of places."""
    after = card.link.tail.strip()
    said = after[1:].strip()
    return after.startswith(_COMMAS) and any(char.isdigit() or char in _COMMAS for char in said) and not is_age(said)


def _are_pictured(cards: list[Card]) -> bool:
    return any(card.element.has("img", "time", "figure") for card in cards)


def _says_age(card: Card) -> bool:
    """Whether a piece of the card says when its article was published."""
    return not card.element.is_large and any(is_age(piece.text) for piece in pieces(card.element))


def _tells_source_and_age(card: Card) -> bool:
    """Whether a piece of the card names who published its article and when, as collections of others' news do, or two in a row.

    In two, the age is none that a reference has: `2 hours ago`.
    """
    said = [] if card.element.is_large else [piece.text for piece in pieces(card.element)[1:]]
    if any(source and age for source, age in filter(None, map(source_and_age, said))):
        return True
    return any(weight(name) <= _MAX_NAME and not is_age(name) and is_age(age) and not is_date(age) for name, age in pairwise(said))


def _has_snippet(card: Card) -> bool:
    """Whether the card has a sentence beside its title."""
    said = [] if card.element.is_large else [piece.text for piece in pieces(card.element)]
    return len(said) > 1 and not ends_hard(said[0]) and any(map(ends_as_snippet, said[1:]))


def _domain(name: str | None) -> str | None:
    """The last two names of a host: more than a site where a country has domains of two, and then it is no sign."""
    return ".".join(name.split(".")[-2:]) if name else None
