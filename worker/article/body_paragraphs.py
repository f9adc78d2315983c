"""A container read into paragraphs: block by block, without furniture, links that stand alone and captions."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from worker.article.body_furniture import HEADINGS, is_stepped_over
from worker.article.normalize import clean
from worker.article.outline import BREAK, PROSE_RUN, Node
from worker.article.wording import ends_hard

# fmt: off
_BLOCKS: Final = {
    "p", "li", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "div", "section", "article", "main",
    "header", "ul", "ol", "dl", "table", "thead", "tbody", "tfoot", "tr", "center", "details", "summary", "figure",
    "fieldset", "hr", "body",
}
# fmt: on
_CELLS: Final = {"td", "th"}
_ENTRIES: Final = {"li", "tr", "dt", "dd"}
_NO_LIST: Final = -1
_MAX_LISTED: Final = 100  # linked entries amid prose; more are a directory
_CREDIT_AT_END: Final = re.compile(
    r"(?:^|[\s.|(])(?:(?:photo|picture|image|foto|bild|imagem|imagen|immagine|fotografía|crédit photo|фото|φωτο)s?"
    r"(?:rechte|graph| by| credit|nachweis)?|credits?|copyright|©)\s*[:：/©]\s*[^.!?:：]{2,60}$",
    re.IGNORECASE,
)
_NO_NAME_ENDS_WITH: Final = ".!?:："  # as above
_CREDIT_MARK: Final = re.compile("[:：/©]")
_MIN_OPENING: Final = 12  # characters of a sentence before its link
_MAX_CAPTION: Final = 400  # characters


class _Block:
    """Inline text between two boundaries: block elements, or two line breaks."""

    __slots__ = ("linked", "listed_in", "opening", "parts", "tag", "trails")

    def __init__(self, tag: str, parts: list[str], *, listed_in: int, linked: int, opening: int, trails: bool) -> None:
        self.tag = tag
        self.listed_in = listed_in  # the place of the list of which it is an entry, or none
        self.parts = parts
        self.linked = linked  # characters within links
        self.opening = opening  # characters before the first link
        self.trails = trails  # something stands after the last link

    @property
    def text(self) -> str:
        return clean("".join(self.parts))

    def is_link(self, text: str) -> bool:
        """Whether it only leads elsewhere: all of it a link, or most of a short one that is no sentence around it."""
        if self.linked <= 0.6 * len(text) or (len(text) >= 200 and self.linked <= 0.9 * len(text)):
            return False
        return self.opening < _MIN_OPENING or not self.trails or not ends_hard(text)


def paragraphs_of(container: Node, spared: frozenset[str]) -> list[str]:
    """The container's text, block by block, without furniture, links that stand alone and headings that nothing follows.

    Linked entries of a list or table stay where paragraphs stand on both sides: results, a programme, sources.  More than
    `_MAX_LISTED` of them are a directory.  They stay too in a list of which most entries say more than they link: notes.
    """
    paragraphs: list[str] = []
    headings: list[str] = []
    listed: list[str] = []  # headings and linked entries since the last paragraph
    entries = 0
    blocks = _Reader(container, spared).blocks
    notes = _lists_of_notes(blocks)
    for block in blocks:
        text = block.text
        if not text:
            continue
        if block.tag in HEADINGS:
            headings.append(text)
            listed.append(text)
        elif block.listed_in not in notes and block.is_link(text):
            if block.tag in _ENTRIES:
                listed.append(text)
                entries += 1
        elif not _ends_with_credit(text):
            if 1 < entries <= _MAX_LISTED and paragraphs and len(text) > PROSE_RUN:
                paragraphs += listed
            else:
                paragraphs += headings
            headings.clear()
            listed.clear()
            entries = 0
            paragraphs.append(text)
    return paragraphs


def _lists_of_notes(blocks: list[_Block]) -> set[int]:
    """Lists with some linked entries among more that are text."""
    balance: Counter[int] = Counter()
    linked: set[int] = set()
    for block in blocks:
        if block.listed_in != _NO_LIST:
            text = block.text
            if block.is_link(text):
                linked.add(block.listed_in)
                balance[block.listed_in] -= 1
            elif len(text) > PROSE_RUN:
                balance[block.listed_in] += 1
    return {at for at in linked if balance[at] > 0}


def _ends_with_credit(text: str) -> bool:
    """Whether a short paragraph ends with the name of who took a picture: it is the picture's caption."""
    if len(text) > _MAX_CAPTION or text[-1] in _NO_NAME_ENDS_WITH:
        return False
    start = max(0, len(text) - 80)
    return _CREDIT_MARK.search(text, start) is not None and _CREDIT_AT_END.search(text, start) is not None


class _Reader:
    """Reads a container into blocks, those that say nothing left out."""

    def __init__(self, container: Node, spared: frozenset[str]) -> None:
        self.blocks: list[_Block] = []
        self._runs = container.page.runs
        self._at = container.first  # the run to read next
        self._tag = container.tag  # of the block at hand
        self._listed_in = _NO_LIST
        self._parts: list[str] = []
        self._linked = 0
        self._opening = 0
        self._trails = False
        self._says = False  # the block has more than white space
        self._broken = False  # its last part is a <br>
        self._links = 0  # open at this point
        self._read(container, spared)

    def _read(self, container: Node, spared: frozenset[str]) -> None:
        nodes = container.page.nodes
        inside = [container]
        at = container.at + 1
        while inside:
            node = inside[-1]
            if at == node.end:
                if self._at < node.last:
                    self._say(node.last)
                inside.pop()
                self._links -= node.tag == "a"
                if node.tag in _BLOCKS:
                    self._close(_enclosing_block(node))
                continue
            child = nodes[at]
            if child.gone:
                at = child.end
                continue
            if self._at < child.first:
                self._say(child.first)
            if is_stepped_over(child, spared):
                at, self._at = child.end, child.last
                if child.tag in _BLOCKS:
                    self._close(_enclosing_block(child))
                continue
            at += 1
            inside.append(child)
            if child.tag in _BLOCKS:
                self._close(child.tag)
                if child.tag == "li" and child.parent is not None:
                    self._listed_in = child.parent.at
            elif child.tag in _CELLS:
                self._parts.append(" ")
                self._broken = False
            self._links += child.tag == "a"
        self._close("")

    def _say(self, until: int) -> None:
        for run in self._runs[self._at : until]:
            if run != BREAK:
                if run:
                    self._parts.append(run)
                    if not run.isspace():
                        self._says, self._broken = True, False
                        self._trails = not self._links
                        if self._links:
                            self._linked += len(run)
                        elif not self._linked:
                            self._opening += len(run)
            elif self._broken:
                self._close(self._tag)
            else:
                self._parts.append(" ")
                self._broken = True
        self._at = until

    def _close(self, following: str) -> None:
        if self._says:
            self.blocks.append(
                _Block(
                    self._tag,
                    self._parts,
                    listed_in=self._listed_in,
                    linked=self._linked,
                    opening=self._opening,
                    trails=self._trails,
                )
            )
            self._parts, self._linked, self._opening, self._says = [], 0, 0, False
        elif self._parts:
            self._parts.clear()
        self._tag, self._listed_in, self._broken = following, _NO_LIST, False


def _enclosing_block(node: Node) -> str:
    return node.parent.tag if node.parent is not None and node.parent.tag in _BLOCKS else "div"
