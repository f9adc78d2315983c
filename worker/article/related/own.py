"""Lists of links that are the article's own: results, programmes, documents, goods, terms.

They have the shape of a block of other articles, cards of one make that are links.  What tells them apart is what they say and how
the article holds them: in a table with named columns, under headings between which prose goes on, after a sentence that announces
them.  It is asked only of what would be cut otherwise, and is of no weight against a known wording.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice, pairwise
from typing import Final

from worker.article.ages import is_age
from worker.article.evidence import lexicon
from worker.article.outline import Node
from worker.article.related.blocks import Block, Card
from worker.article.related.headings import is_in_heading
from worker.article.related.nodes import HEADINGS, TOP, is_paragraph, make, previous_said
from worker.article.related.shapes import number_ends
from worker.article.wording import ends_hard, ends_sentence, is_truncated, is_unspaced, weight

_PROSE: Final = 60  # weight of a paragraph that is more than a line
_ANNOUNCES: Final = 30  # weight of a sentence that announces a list; a heading with a colon is shorter, or known
_MAX_SIBLINGS: Final = 300
_MANY: Final = 3  # cards; what two say may be more than a brief does
_CELLS: Final = frozenset({"td", "th"})
_ROWS: Final = frozenset({"tr", "tbody", "thead", "table"})
_STRONG: Final = frozenset({"b", "strong"})
_HOUR: Final = re.compile(r"\W*(0?[5-9]|1\d|2[0-4])[:.h]\s?([0-5]\d)(?!\d|\.\d|\s?min)")  # what is less is the length of a film
_FIGURE: Final = re.compile(r"\d\D+\d|\d{3}")
_FILE: Final = re.compile(r"\.(?:pdf|docx?|xlsx?|ods|odt|pptx?|csv|zip|jpe?g|png|gif|webp|mp[34])(?:$|[?#])", re.IGNORECASE)


def signs_of_its_own(block: Block, *, leads_off: bool) -> Iterator[tuple[str, float]]:
    """What says that a run of cards belongs to the article, each sign with its weight; `leads_off`: all lead to other sites."""
    cards = block.cards
    if _is_data(block):
        yield "a table of data", -1.0
    if len(cards) >= 2:
        yield from _signs_of_several(block, leads_off)
    if all(is_file(card.url) for card in cards):
        yield "files", -0.8


def is_file(url: str) -> bool:
    """Whether an address is that of a document or a picture, and of no page."""
    return _FILE.search(url) is not None


def _signs_of_several(block: Block, leads_off: bool) -> Iterator[tuple[str, float]]:
    cards = block.cards
    if block.loose and is_paragraph(previous_said(cards[0].first)):
        yield "titles amid the text", -1.0
    if _is_section(block):
        yield "one of the article's sections", -1.0
    if _are_hours_in_order(cards):
        yield "hours in order", -0.8
    if all(lexicon().price.search(_whole(card)) for card in cards):
        yield "prices", -0.8
    if _is_announced(block):
        yield "announced by a sentence", -0.4
    if _are_names([card.link.text for card in cards]):
        yield "names, not titles", -0.4
    if not block.heading_text and all(map(_is_section_on_its_link, cards)) and _is_amid_prose(*_edges(block)):
        yield "sections with linked headings, amid prose", -0.6
    if len(cards) >= _MANY and _are_most_of_the_prose(block):
        yield "most of the article's prose, amid the rest", -1.0
    if all(number_ends([card.link.text for card in cards])) and all(map(_is_headed_sentence, cards)):
        yield "numbered sections", -0.8
    if all(map(_is_under_a_heading, cards)):
        yield "a heading above every title", -0.6
    if leads_off and _is_amid_prose(*_edges(block)):
        yield "leads off the site, amid prose", -0.6


def _whole(card: Card) -> str:
    """A card's text, with what follows it in its line."""
    return card.element.text + card.element.tail


def _is_data(block: Block) -> bool:
    """Whether the cards are rows of a table, or cells in one, whose columns have names or whose cells are figures."""
    table: Node | None = block.container
    while table is not None and table.tag != "table":
        if table.tag not in _ROWS:
            return False
        table = table.parent
    first = next(table.below("tr"), None) if table is not None else None
    if first is None or first.is_large:
        return False
    if sum(cell.says_something for cell in first.below("th")) >= 2:
        return True
    return all(map(_has_figures, block.cards[:3]))


def _has_figures(card: Card) -> bool:
    """Whether a cell of the card's row, other than that of its title, is a figure: a time or a score, no rank and no date."""
    row: Node | None = card.link
    while row is not None and row.tag != "tr":
        row = row.parent
    if row is None or row.is_large:
        return False
    cells = [cell for cell in row.inner() if cell.tag in _CELLS and not cell.has("a")]
    return any(len(cell.text) <= 20 and _FIGURE.search(cell.text) and not is_age(cell.text) for cell in cells)


def _is_section(block: Block) -> bool:
    """Whether the block is one of several lists, each below a heading of its own, and prose goes on after them."""
    heading = block.heading
    if heading is None or heading.parent is None:
        return False
    return _lists_before_prose(heading.parent, heading) >= 2 or _is_box_of_several(heading.parent, heading)


def _lists_before_prose(parent: Node, heading: Node) -> int:
    """How many lists below headings like the given one an element holds before its last paragraph."""
    lists, before_prose, before = 0, 0, None
    for node in islice(parent.inner(), _MAX_SIBLINGS):
        if not node.says_something:
            continue
        if is_paragraph(node):
            before_prose = lists
        elif before is not None and make(before) == make(heading) and node.tag not in HEADINGS and node.has("a"):
            lists += weight(before.text) <= _PROSE and not lexicon().is_marker(before.text)
        before = node
    return before_prose


def _is_box_of_several(box: Node, heading: Node) -> bool:
    """Whether an element that a heading opens stands amid the text, next to another of its make with such a heading."""
    if box.tag in TOP or box.tag == "article" or previous_said(heading) is not None:
        return False
    row = [box]
    for side in (box.preceding(), box.following()):
        for node in islice(side, 12):
            if node.says_something:
                if make(node) != make(box) or node.is_large or not node.has(heading.tag):
                    break
                row.append(node)
    row.sort(key=lambda node: node.at)
    return len(row) > 1 and _is_amid_prose(row[0], row[-1])


def _are_hours_in_order(cards: list[Card]) -> bool:
    """Whether every card opens with an hour and none is earlier than the one before: news comes the latest first."""
    hours: list[tuple[int, int]] = []
    for card in cards:
        found = _HOUR.match(card.element.text)
        if found is None:
            return False
        hours.append((int(found[1]), int(found[2])))
    return all(one <= other for one, other in pairwise(hours)) and hours[0] < hours[-1]


def _edges(block: Block) -> tuple[Node, Node]:
    """The elements that the article goes on beside: the first and the last card, or what holds nothing but the cards."""
    first = block.cards[0].element
    if previous_said(first) is None:
        return block.container, block.container
    return first, block.cards[-1].element


def _is_announced(block: Block) -> bool:
    """Whether a paragraph like those around it, and no heading, ends in a colon before the list."""
    first, last = _edges(block)
    before = previous_said(first)
    if before is None or before.tag != "p" or not before.text.endswith((":", "：")) or weight(before.text) <= _ANNOUNCES:
        return False
    if any(node.text == before.text for node in before.below(*_STRONG)) or lexicon().hints_at_marker(before.text):
        return False
    return any(_is_prose_like(before, node) for node in islice(before.preceding(), 8)) and any(
        _is_prose_like(before, node) for node in islice(last.following(), 8)
    )


def _is_under_a_heading(card: Card) -> bool:
    """Whether a heading that is no link stands in a card before its title: a section of the article, and its one link."""
    for node in card.element.below(*HEADINGS):
        if node.end > card.link.at:
            return False
        if not node.has("a"):
            return True
    return False


def _is_section_on_its_link(card: Card) -> bool:
    """Whether a card is a linked heading with a sentence below it, and has no picture: where nothing heads the row, a section."""
    if not is_in_heading(card.link) or card.element.has("img", "time"):
        return False
    return any(ends_sentence(node.text) for node in islice(card.element.below("p"), 2))


def _are_most_of_the_prose(block: Block) -> bool:
    """Whether every card, headed by its link, goes on with whole sentences, and all of them say more than the paragraphs around.

    Snippets may be as long as the paragraphs of a short article, but a block of them stands after its text, or has a heading.
    """
    if block.heading_text and not ends_hard(block.heading_text):
        return False
    first, last = _edges(block)
    said = [[node.text for node in islice(card.element.below("p"), 4) if _is_said_whole(node.text)] for card in block.cards]
    if not all(said) or not all(map(_is_headed_and_undated, block.cards)) or not _is_amid_prose(first, last):
        return False
    article = block.container
    while article.parent is not None and article.tag not in TOP and article.tag != "article":
        article = article.parent
    around = (node for node in article.below("p") if not first.at <= node.at < last.end and is_paragraph(node))
    return sum(weight(text) for texts in said for text in texts) > sum(weight(node.text) for node in around)


def _is_headed_and_undated(card: Card) -> bool:
    return is_in_heading(card.link) and not card.element.has("time")


def _is_headed_sentence(card: Card) -> bool:
    """Whether a card is a heading without a date and says a whole sentence below it."""
    return _is_headed_and_undated(card) and any(_is_said_whole(node.text) for node in islice(card.element.below("p"), 2))


def _is_said_whole(text: str) -> bool:
    return ends_sentence(text) and not is_truncated(text)


def _is_amid_prose(first: Node, last: Node) -> bool:
    """Whether paragraphs stand before the first element and after the last, beside them or beside what holds them."""
    for _ in range(3):
        if any(map(is_paragraph, islice(first.preceding(), 6))) and any(map(is_paragraph, islice(last.following(), 6))):
            return True
        if first.parent is None or first.parent.tag in TOP or first.parent.tag == "article":
            return False
        first = last = first.parent
    return False


def _is_prose_like(paragraph: Node, other: Node) -> bool:
    return make(paragraph) == make(other) and weight(other.text) > _PROSE and ends_sentence(other.text)


def _are_names(titles: list[str]) -> bool:
    """Whether the titles have fewer than three words on average, where words can be counted."""
    return sum(title.count(" ") for title in titles) < 2 * len(titles) and not any(map(is_unspaced, titles))
