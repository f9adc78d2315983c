"""Lines that part what stands above from what stands below and say nothing of either, taken out before blocks are looked for.

Labels of advertisements, how long something takes to read and how often it was, and the numbers of a ranking on lines of their own:
between the entries of a block they look like titles or sources, and hide how the entries are built.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from worker.article.ages import is_recent, takes_minutes
from worker.article.evidence import lexicon
from worker.article.related.foot import counts_readers, foot_of
from worker.article.related.head import says_how_long
from worker.article.related.shapes import ARROWS, is_prose
from worker.article.wording import weight
from worker.records import Cut

_MAX_NUMBER: Final = 4  # characters of a number with the mark behind it
_MAX_AGE: Final = 24  # characters of a line that says how long ago it was
_MAX_FIGURE: Final = 6  # characters of a figure
_FIGURE: Final = re.compile(r"\d[\d.,]*[kKmM]?")
_MAX_ENTRY: Final = 5  # lines from one number to the next
_MIN_TITLE: Final = 12  # weight of what stands below a number; cells of a table are shorter


def without_labels(lines: Sequence[str]) -> tuple[list[str], list[Cut]]:
    """The lines of a page without such labels, and what those were."""
    numbers, counts, closing = _numbers(lines), _counts(lines), _closing_times(lines)
    kept: list[str] = []
    cuts: list[Cut] = []
    for at, line in enumerate(lines):
        if lexicon().is_advertisement(line) and not (lexicon().is_marker(line) or _leads_on(line)):
            if _is_paid_for(lines, at, kept):
                cuts.append(Cut("advertisement", kept.pop(), ("who paid for it is below",)))
            cuts.append(Cut("advertisement", line, ("its label alone",)))
        elif at in counts:
            cuts.append(Cut("label", line, ("a figure below how long ago it was",)))
        elif at in numbers:
            cuts.append(Cut("label", line, ("the number of an entry",)))
        elif at and at not in closing and (counts_readers(line) or says_how_long(line)):
            cuts.append(Cut("label", line, ("how long it takes to read, or how often it was",)))
        else:
            kept.append(line)
    return kept, cuts


def _is_paid_for(lines: Sequence[str], at: int, kept: Sequence[str]) -> bool:
    """Whether the last line kept is a title that somebody paid for, who is named below it, at the end of a page with paragraphs."""
    if not kept or not lexicon().names_sponsor(lines[at]) or is_prose(kept[-1]) or weight(kept[-1]) < _MIN_TITLE:
        return False
    return foot_of(lines) <= at and any(map(is_prose, kept))


def _leads_on(line: str) -> bool:
    """Whether a wording that says where the text goes on has the arrow of a link, as below an entry."""
    return ARROWS.search(line) is not None and lexicon().is_closing(line)


def _numbers(lines: Sequence[str]) -> frozenset[int]:
    """Where the numbers of rankings stand: they count from one, and a title without prose is below each."""
    found: list[int] = []
    run: list[int] = []
    for at, line in enumerate(lines):
        number = _number(line)
        if number == 1 or not run or at - run[-1] > _MAX_ENTRY or is_prose(line):
            found += run if len(run) > 1 else ()
            run = []
        if number == len(run) + 1 and at + 1 < len(lines) and weight(lines[at + 1]) >= _MIN_TITLE and not is_prose(lines[at + 1]):
            run.append(at)
    return frozenset((*found, *(run if len(run) > 1 else ())))


def _counts(lines: Sequence[str]) -> frozenset[int]:
    """Where figures stand below how long ago entries came out, of two or more: how often those were liked and talked of."""
    found: list[int] = []
    ages = 0
    for at, line in enumerate(lines):
        if at + 1 < len(lines) and lines[at + 1][:1].isdigit() and len(line) <= _MAX_AGE and is_recent(line):
            below = at + 1
            while below < len(lines) and len(lines[below]) <= _MAX_FIGURE and _FIGURE.fullmatch(lines[below]):
                found.append(below)
                below += 1
            ages += below > at + 1
    return frozenset(found if ages > 1 else ())


def _closing_times(lines: Sequence[str]) -> frozenset[int]:
    """Where the reading times of two entries or more stand beside their authors, each of which closes its entry."""
    times = [at for at, line in enumerate(lines) if takes_minutes(line)]
    return frozenset(at for pair in pairwise(times) if 1 < pair[1] - pair[0] <= _MAX_ENTRY for at in pair)


def _number(line: str) -> int | None:
    """The number that a line is, and nothing else: `1`, `02`, `3.`."""
    bare = line.rstrip(".)、．") if len(line) <= _MAX_NUMBER else ""
    return int(bare) if bare.isdecimal() else None
