"""Entries that a page strung together in one line, each put on its own: `LATEST • TITLE • TITLE`, `14:05 TITLE 12:41 TITLE`.

What parts them is a mark that comes again, below words that speak of other articles, or times that run back.  The heading stands
before the first, behind the article's last sentence where the whole page is one line, or runs into the first alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from worker.article.ages import is_recent
from worker.article.evidence import lexicon
from worker.article.moments import newest_first
from worker.article.related.introductions import is_introduction
from worker.article.related.promos import MAX_TITLE
from worker.article.related.rhythm import SHORT
from worker.article.wording import ends_hard, weight

_MARKS: Final = re.compile(r"(?:(?<=\s)|^)([•▪■□▶►▷▸◆◇●☞👉➤→※✔])\ufe0f?\s*(?=\S)")
_TIMES: Final = re.compile(r"(?:(?<=\s)|^)((?:[01]?\d|2[0-3])[:.][0-5]\d|[^\W\d_]{4,12})\s+(?=[^\s\d])")
_FIRST_TIME: Final = re.compile(r"(?:(?<=\s)|^)(?:[01]?\d|2[0-3])[:.][0-5]\d(?=\s)")
_CLOCK: Final = re.compile(r"\d{1,2}[:.]\d{2}")
_SENTENCE_END: Final = re.compile(r"[.!?…।۔؟]+[\"'»”’)\]]*\s+|[。！？][」』）”]*\s*")
_GLUED: Final = re.compile(r"(?<=[^\W\d_][?!？！])(?=[^\W\d_])")
_MIN_TITLE: Final = 14  # weight
_MIN_ENTRIES, _MIN_TIMES = 2, 3
_MAX_LINE: Final = 4000  # characters at the end of a line in which entries are looked for


def part_strung(lines: Sequence[str]) -> list[str]:
    """The lines, with entries that one holds on a line each, below their heading."""
    parted = [part for line in lines for part in _part_marked(line) or _part_timed(line) or [line]]
    return [part for line, below in pairwise((*parted, "")) for part in _part_glued(line, below)]


def _part_glued(line: str, below: str) -> list[str]:
    """A heading that runs into the first title and that title, where another title is below: `Have you read?The valley before`."""
    if not below or ends_hard(below) or weight(below) > MAX_TITLE:
        return [line]
    for seam in _GLUED.finditer(line, 0, SHORT + 1):
        heading, title = line[: seam.start()], line[seam.start() :]
        if title[0].isupper() and _may_head(heading) and _is_title(title):
            return [heading, title]
    return [line]


def _part_marked(line: str) -> list[str] | None:
    """The lines of one that holds titles behind one mark each, below a heading that speaks of articles."""
    found = _MARKS.search(line, max(0, len(line) - _MAX_LINE))
    if found is None or line.count(found.group(1), found.start()) < _MIN_ENTRIES:
        return None
    above, heading = part_heading(line[: found.start()])
    mark = found.group(1)
    starts = [match.start() for match in _MARKS.finditer(line, found.start()) if match.group(1) == mark]
    entries = _between(line, starts)
    if (
        len(entries) < _MIN_ENTRIES
        or not _may_head(heading)
        or not all(_is_title(entry.lstrip(f"{mark}\ufe0f ")) for entry in entries)
    ):
        return None
    return [*above, heading, *entries]


def _part_timed(line: str) -> list[str] | None:
    """The lines of one that holds titles behind times that run back, after which may come what was yesterday."""
    first = _FIRST_TIME.search(line, max(0, len(line) - _MAX_LINE))
    if first is None or _FIRST_TIME.search(line, first.end()) is None:
        return None
    times = [time for time in _TIMES.finditer(line, first.start()) if _parts(line, time)]
    clocks = [time.group(1) for time in times if _CLOCK.fullmatch(time.group(1))]
    above, heading = part_heading(line[: first.start()])
    if len(times) < _MIN_TIMES or len(clocks) < _MIN_ENTRIES or not newest_first(clocks) or not 0 < weight(heading) <= SHORT:
        return None
    entries = _between(line, [time.start() for time in times])
    if not all(_is_title(entry.partition(" ")[2]) for entry in entries):
        return None
    return [*above, heading, *entries]


def _parts(line: str, time: re.Match[str]) -> bool:
    """Whether a word is a time, or says how long ago something was, and a title begins behind it."""
    said = time.group(1)
    return not line[time.end()].islower() and (_CLOCK.fullmatch(said) is not None or (not said.islower() and is_recent(said)))


def part_heading(text: str) -> tuple[list[str], str]:
    """What is said in sentences before a heading, and the heading."""
    at = max((stop.end() for stop in _SENTENCE_END.finditer(text, max(0, len(text) - MAX_TITLE))), default=0)
    return [text[:at].strip()] if at else [], text[at:].strip()


def _may_head(heading: str) -> bool:
    if not 0 < weight(heading) <= SHORT:
        return False
    known = lexicon()
    return is_introduction(heading) or known.talks(heading) > 0 or known.hints_at_marker(heading) or known.names_popular(heading)


def _between(line: str, starts: Sequence[int]) -> list[str]:
    return [line[start:end].strip() for start, end in pairwise((*starts, len(line)))]


def _is_title(text: str) -> bool:
    return _MIN_TITLE <= weight(text) <= MAX_TITLE and not ends_hard(text)
