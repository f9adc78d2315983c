"""A plain-text page at work: its lines, which of them are cut, and what the article's lines tell of the others.

Each kind of block is looked for in turn and sees what those before it left.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise, takewhile
from typing import Final

from worker.article.counts import counts_comments
from worker.article.evidence import Evidence, lexicon
from worker.article.related.foot import (
    asks_for_an_address,
    below_rights,
    foot_of,
    form_around,
    heads_tags,
    is_address_above_rights,
    is_for_readers,
    is_surely_furniture,
    leads_to_all,
)
from worker.article.related.head import masthead_of
from worker.article.related.lead import category_section, is_trail
from worker.article.related.opened import without_kickers
from worker.article.related.promos import MAX_TITLE, find_pointer, find_promo
from worker.article.related.seams import Neighbourhood, joint_of
from worker.article.related.shapes import is_prose, is_sign
from worker.article.related.sources import names_whose, ranks_source
from worker.article.wording import ends_hard, fold, weight, words
from worker.records import Cut, SimilarItem

_MAX_NEAR: Final = 400  # lines that are read for words and openings
_MAX_SIGN: Final = 90  # characters of a line that is a sign of a block
_AROUND: Final = 60  # lines on each side of a run whose words may be its heading's
_MAX_READ: Final = 2000  # characters of a line in which words are looked for
_MAX_CUT: Final = 4000  # characters of a cut that are kept to be shown
_MAX_ALL, _MIN_COUNTED = 48, 3  # characters of a line that leads to all of a block, and entries of that
_FIGURE: Final = re.compile(r"(?<![\d.,:/-])\d{1,4}(?![\d.,:/-])")
_MAX_BETWEEN: Final = 6  # lines between two blocks that are neither's nor the article's
_MAX_JOINED, _MIN_JOINED = 400, 2  # characters of a title with its snippet, and such lines
_MAX_OWN: Final = 5  # lines above a block that say where an aggregator has the article from


@dataclass(slots=True)
class PlainPage:
    """Lines of a page, and what has been cut of them so far."""

    lines: list[str]
    items: dict[int, list[SimilarItem]] = field(default_factory=lambda: defaultdict(list))  # by the line their block begins at
    cuts: list[Cut] = field(default_factory=list)
    section: str | None = None
    shapes: dict[int, str] = field(default_factory=dict)  # what lines can be in a block, as far as it was asked
    _gone: set[int] = field(default_factory=set)
    _near: Neighbourhood | None = None
    _foot: int | None = None
    _prose: list[int] | None = None
    _weight: int | None = None
    _subheadings: dict[str, list[int]] | None = None
    _headings: list[int] | None = None

    def rest(self) -> list[str]:
        return [line for at, line in enumerate(self.lines) if at not in self._gone]

    @property
    def foot(self) -> int:
        """The line from which on there is nothing but what stands at the foot of pages."""
        if self._foot is None:
            self._foot = foot_of(self.lines)
        return self._foot

    def paragraphs(self, start: int, end: int) -> int:
        """How many of lines `start` to `end` (exclusive) are prose."""
        if self._prose is None:
            self._prose = [at for at, line in enumerate(self.lines) if is_prose(line)]
        return bisect_left(self._prose, end) - bisect_left(self._prose, start)

    @property
    def weight(self) -> int:
        """Of all its lines."""
        if self._weight is None:
            self._weight = sum(map(weight, self.lines))
        return self._weight

    @property
    def subheadings(self) -> dict[str, list[int]]:
        """The lines above paragraphs that are no longer than titles, by their folded wording."""
        if self._subheadings is None:
            self._subheadings = defaultdict(list)
            for at, (line, below) in enumerate(pairwise(self.lines)):
                if weight(line) <= MAX_TITLE and is_prose(below):
                    self._subheadings[fold(line)].append(at)
        return self._subheadings

    def cut_foot(self) -> None:
        """Cut what stands at the foot of the page: all of it below a block, else what no article ends with."""
        below_a_block = self.is_gone(self.foot - 1)
        spoken = self.paragraphs(0, self.foot) > 0
        comments = begun = False
        left = [at for at in range(len(self.lines)) if not self.is_gone(at)]
        rights = below_rights([self.lines[at] for at in left])
        first = min(self.foot, left[rights] if rights < len(left) else self.foot)
        for at in range(first, len(self.lines) if spoken else 0):
            line = self.lines[at]
            comments = comments or counts_comments(line)
            # What may be the page's below what surely is, is.
            begun = (
                begun or is_surely_furniture(line) or asks_for_an_address(self.lines, at) or is_address_above_rights(self.lines, at)
            )
            if not self.is_gone(at) and (below_a_block or comments or begun):
                self._cut_line(at, "comments" if comments else "foot", "at the foot of the page")

    def cut_beside_blocks(self) -> None:
        """Cut what is the page's and no block's: right above one, and all of a few labels between two."""
        left = (at for at in reversed(range(len(self.lines))) if not self.is_gone(at) and is_prose(self.lines[at]))
        last = next((at for at in left if not is_surely_furniture(self.lines[at])), -1)  # line of prose that is the article's
        if 0 < last < len(self.lines) - 1:
            self._cut_above_last_blocks(last)
        start = len(self.lines)  # of what is between the block above and the one below
        for at in reversed(range(1, len(self.lines))):
            line = self.lines[at]
            if self.is_gone(at):
                if 0 < start - at - 1 <= _MAX_BETWEEN and start < len(self.lines):
                    for between in range(at + 1, start):
                        self._cut_line(between, "label", "between two blocks")
                start = at
            elif self.is_gone(at + 1) and (is_surely_furniture(line) or counts_comments(line)):
                self._cut_line(at, "foot", "above a block")
                start = at
            elif is_prose(line):
                start = len(self.lines)

    def _cut_above_last_blocks(self, last: int) -> None:
        """Cut what is between the article's last paragraph and the blocks that end the page, from what is the page's on."""
        end = next((at for at in range(last + 1, len(self.lines)) if self.is_gone(at)), last)
        begun = next((at for at in range(last + 1, end) if is_surely_furniture(self.lines[at]) or heads_tags(self.lines[at])), end)
        for at in range(begun, end):
            self._cut_line(at, "foot", "between the article and a block")

    def cut_forms(self) -> None:
        """Cut forms for an address, wherever they stand: what is sent there, the field and its button."""
        for at in range(1, len(self.lines)):
            if not self.is_gone(at) and (form := form_around(self.lines, at)):
                for number in form:
                    if not self.is_gone(number):
                        self._cut_line(number, "form", "a field for an address")

    def cut_masthead(self) -> None:
        """Cut what stands around the headline and is the site's."""
        left = [at for at in range(len(self.lines)) if at not in self._gone]
        for number in sorted(masthead_of([self.lines[at] for at in left])):
            self._cut_line(left[number], "head", "around the headline")

    def _cut_line(self, at: int, kind: str, sign: str) -> None:
        self.cuts.append(Cut(kind, self.lines[at][:_MAX_CUT], (sign,)))
        self._gone.add(at)

    def is_whole(self) -> bool:
        """Whether nothing has been cut."""
        return not self._gone

    def is_free(self, start: int, end: int) -> bool:
        """Whether nothing has been cut of lines `start` to `end` (exclusive)."""
        return not any(at in self._gone for at in range(start, end))

    def is_gone(self, at: int) -> bool:
        return at in self._gone

    def cut(self, start: int, end: int, entries: Sequence[SimilarItem], evidence: Evidence, *, header: int = 0) -> None:
        """Cut lines `start` to `end` (exclusive), of which the entries were read, and so many lines above that introduce them."""
        for line in reversed(self.lines[start - header : start]):
            self.section = self.section or category_section(line)
        start = self._above_own_source(start - header)
        start -= start > 1 and not self.is_gone(start - 1) and is_trail(self.lines[start - 1])
        end += end < len(self.lines) and not self.is_gone(end) and self._leads_on(end, len(entries))
        self.items[start].extend(without_kickers(entries))
        self.cuts.append(Cut("block", "\n".join(self.lines[start:end])[:_MAX_CUT], tuple(evidence.signs), round(evidence.score, 2)))
        self._gone.update(range(start, end))

    def _leads_on(self, end: int, entries: int) -> bool:
        """Whether the line below a block leads to all that was gathered, as one with a figure that ends the page does."""
        line = self.lines[end]
        counts = _FIGURE.search(line) is not None and not ends_hard(line) and len(line) <= _MAX_ALL
        return leads_to_all(line) or (counts and entries >= _MIN_COUNTED and end + 1 >= self.foot)

    def _above_own_source(self, start: int) -> int:
        """The line above a block in which an aggregator ranks the source of the article itself; `start` if there is none.

        Between the two may be keywords, or words that lead on to the source.
        """
        for at in range(start - 1, max(start - 1 - _MAX_OWN, 0), -1):
            if self.is_gone(at) or (is_prose(self.lines[at]) and not is_for_readers(self.lines[at])):
                break
            if ranks_source(self.lines[at]):
                return at
        return start

    def headings(self) -> list[int]:
        """Lines that are no sentences and point to nothing, each alone between two paragraphs: where the article's headings are."""
        if self._headings is None:
            prose = [is_prose(line) for line in self.lines]
            lone = (at for at in range(1, len(prose) - 1) if prose[at - 1] and not prose[at] and prose[at + 1])
            self._headings = [at for at in lone if not _points_on(self.lines[at])]
        return self._headings

    def near(self) -> Neighbourhood:
        """What the lines tell that stand beside all blocks, as far as known signs show where those begin and end."""
        if self._near is None:
            signs = [at for at, line in enumerate(self.lines) if at and len(line) <= _MAX_SIGN and is_sign(line)]
            signs = signs or self._joined()
            signs = signs or [at for at, line in enumerate(self.lines) if at and not is_prose(line) and lexicon().talks(line)]
            first, last = (signs[0], signs[-1]) if signs else (len(self.lines), len(self.lines))
            if first < len(self.lines) and lexicon().is_closing(self.lines[first]):
                first -= 1  # its entry stands above, with the name of its source or without
                first -= first > 0 and names_whose(self.lines[first])
            self._near = self.beside(first, last + 1)
        return self._near

    def _joined(self) -> list[int]:
        """Lines in a row below a heading that each join two words as no other line does: titles that run into their snippets."""
        joints = [joint_of(line) if at and len(line) <= _MAX_JOINED else "" for at, line in enumerate(self.lines)]
        uses = Counter(joint for joint in joints if joint)
        if len(uses) < _MIN_JOINED:
            return []
        joined = [uses[joint] == 1 for joint in joints]
        for at in range(1, len(joined)):
            if joined[at] and not joined[at - 1]:
                run = list(takewhile(joined.__getitem__, range(at, len(joined))))
                if len(run) >= _MIN_JOINED and not is_prose(self.lines[at - 1]):
                    return [at - 1, *run]
        return []

    def beside(self, start: int, end: int) -> Neighbourhood:
        """What the lines tell that stand before line `start`, or from line `end` on where no prose comes before."""
        before, after = self.lines[: min(start, _MAX_NEAR)], self.lines[end : end + _MAX_NEAR]
        return Neighbourhood.of(before if sum(map(is_prose, before)) >= 2 else after)

    def around(self, start: int, end: int) -> list[str]:
        """The lines next to a run, on both sides, as far as they are read for words."""
        sides = (*self.lines[max(0, start - _AROUND) : start], *self.lines[end : end + _AROUND])
        return [line[:_MAX_READ] for line in sides]

    def opening(self, start: int, end: int) -> frozenset[str]:
        """Words of the lines from `start` to `end` (exclusive)."""
        return frozenset(word for line in self.lines[start:end] for word in words(line[:_MAX_READ]))

    def closes(self, end: int) -> bool:
        """Whether nothing of an article stands from line `end` on: no line, or a few that are no prose."""
        left = (self.lines[at] for at in range(end, self.foot) if not self.is_gone(at))
        rest = list(islice(left, 4))
        return len(rest) < 4 and not any(is_prose(line) and not is_surely_furniture(line) for line in rest)


def _points_on(line: str) -> bool:
    """Whether a line leads to another article, or is the page's or a picture's."""
    if is_surely_furniture(line) or is_sign(line) or lexicon().is_credit(line):
        return True
    return find_promo(line) is not None or find_pointer(line) is not None
