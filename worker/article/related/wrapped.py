"""Text whose paragraphs were wrapped at a fixed width, made paragraphs again: mails, wire copy and `<pre>` come so.

A line goes on in the next one if the first word there had no room left on it.  Sentences that go on in the next line, and do so
nowhere but where a line is full, tell a wrapped text from verse and from lists.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from operator import and_
from typing import Final

from worker.article.ages import is_age, part_age
from worker.article.evidence import lexicon
from worker.article.related.shapes import is_sign
from worker.article.related.sources import names_whose
from worker.article.wording import ends_sentence, is_unspaced

_WIDTHS: Final = range(40, 101)  # characters
_MIN_LINES, _MIN_BROKEN = 6, 3
_OVERLONG: Final = 0.05  # share of lines, addresses and the like, that may be longer
_FULL, _UNENDED = 0.15, 0.6  # share of lines that must go on, and of those the share that end within a sentence
_MIN_UNCASED: Final = 4  # lines that must go on where no small letter shows that a sentence does
_CASED: Final = 0.2  # share of lines that open with a capital where a script has them
_ELSEWHERE: Final = 0.15  # share of sentences that seem to go on where a line is not full
_MARK: Final = "||"
_PARTING: Final = "·•|–—-"
_HEADING: Final = 0.75  # of the width, what a line is shorter than that may head a block


def unwrap(lines: Sequence[str]) -> list[str]:
    """The paragraphs of a page, one a line; `lines` has an empty one where the page has, and is cleaned."""
    lines = _with_rows_whole(lines)
    said = [line for line in lines if line]
    width = _width(said)
    if width is None:
        return said
    joined = [[line] for line in lines[:1] if line]
    for line, following in pairwise(lines):
        if line and following and _goes_on(line, following, width) and not _ends(line, following, width):
            joined[-1].append(following)
        elif following:
            joined.append([following])
    return list(map(" ".join, joined))


def _with_rows_whole(lines: Sequence[str]) -> list[str]:
    """The lines, with a row of entries between doubled marks in one, at whatever width it was wrapped."""
    whole: list[list[str]] = []
    marked = False  # whether the last of them holds a mark
    for above, line in pairwise(("", *lines)):
        if above and line and marked and (_MARK in above or _MARK in line):
            whole[-1].append(line)
        else:
            whole.append([line])
            marked = _MARK in line
    return list(map(" ".join, whole))


def _width(lines: Sequence[str]) -> int | None:
    """The width at which the lines are wrapped, None if they are not."""
    lengths = sorted(map(len, lines))
    overlong = max(1, int(_OVERLONG * len(lines)))
    if len(lines) < _MIN_LINES or lengths[-1 - overlong] not in _WIDTHS or is_unspaced(lines[len(lines) // 2]):
        return None
    widths = {length for length in lengths[-1 - overlong :] if length in _WIDTHS}
    return next(filter(partial(_is_wrapped, lines), sorted(widths, reverse=True)), None)


def _is_wrapped(lines: Sequence[str], width: int) -> bool:
    """Whether sentences go on in the next line where a line is full, and nowhere else."""
    full = [_goes_on(line, following, width) for line, following in pairwise(lines)]
    unended = [not ends_sentence(line) for line in lines[:-1]]
    broken = [one and following[0].islower() for one, following in zip(unended, lines[1:], strict=True)]
    ends_within = sum(map(and_, full, unended))
    if sum(line[0].isupper() for line in lines) < _CASED * len(lines):
        return sum(full) >= max(_MIN_UNCASED, _FULL * len(lines)) and ends_within >= _UNENDED * sum(full)
    at_width = sum(map(and_, full, broken))
    enough = at_width >= _MIN_BROKEN and sum(full) >= _FULL * len(lines) and ends_within >= _UNENDED * sum(full)
    return enough and at_width >= (1 - _ELSEWHERE) * sum(broken)


def _goes_on(line: str, following: str, width: int) -> bool:
    """Whether the first word of the next line had no room on the line."""
    return len(line) <= width < len(line) + 1 + len(following.partition(" ")[0])


def _ends(line: str, following: str, width: int) -> bool:
    """Whether a paragraph ends with a line that is full: it is an entry with its age, or what follows is a line of its own."""
    if names_whose(following):
        return not is_age(f"{line.rpartition(' ')[2]} {following}")
    heading = ends_sentence(line) and not ends_sentence(following) and len(following) < _HEADING * width
    entry = line[-1:] not in _PARTING and part_age(line) is not None
    return heading or entry or is_sign(following) or lexicon().after_marker(following) != ""
