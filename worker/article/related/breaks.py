"""Lines that a page ran together, parted again where nothing else can be meant.

A page that lost its line breaks has the article, the heading of the block and all its entries in one line.  An explained marker
with an entry behind it that a closing line ends is enough to part them; where less is to be seen the line stays as it is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import groupby, pairwise
from typing import Final

from worker.article.ages import is_date, source_and_age
from worker.article.counts import counts_minutes
from worker.article.evidence import lexicon
from worker.article.related.introductions import marker_with_explanation
from worker.article.related.lead import category_section
from worker.article.related.shapes import MAX_ENTRY
from worker.article.related.sources import part_closing
from worker.article.related.strung import part_heading
from worker.article.wording import ends_hard, is_unspaced, weight

_LAST_WORDS: Final = re.compile(r"(?<=[.!?…»”’)\]।。！？।])\s*(?P<words>[^\W\d_][^.!?…。！？।]{3,38})[\s»›→]*$")
_ARROW: Final = re.compile(r"[»›→]+")
_COLON: Final = re.compile("[:：]")
_WORD: Final = re.compile(r"(?<![^\s.!?…»”’)\]।۔؟。！？])[^\W\d_]")  # the first letter of one, after a blank or a sentence
_SENTENCE_END: Final = re.compile(r"(?<![.!?…।۔؟])[.!?…।۔؟]++[\"'»”’)\]]*(?=\s)|[。！？][」』）”]*")
_MARK: Final = re.compile(r"\s[-–—|·•]\s+")
_MIN_METAS: Final = 3
_MIN_LISTED, _MIN_TITLE = 3, 14  # titles in one line, and the weight of each
_MAX_META: Final = 90  # characters of a source and an age
_MAX_WORDING: Final = 60  # characters of a marker or a closing line
_MAX_EXPLANATION: Final = 300  # characters


def part_lines(lines: Sequence[str]) -> list[str]:
    """The lines, with a block that was run together parted, and with what ends an entry on a line of its own."""
    listed = _part_listed(lines)
    return _part_metas(_part_last_words([part for line in listed for block in _part_block(line) for part in part_closing(block)]))


def _part_listed(lines: Sequence[str]) -> list[str]:
    """The lines, with titles that one line holds between marks on a line each: below a known heading, or between doubled marks."""
    parted: list[str] = []
    for above, line in pairwise(("", *lines)):
        mark = "||" if "||" in line else " | "
        titles = [part.strip() for part in line.split(mark) if part.strip()] if mark in line else []
        known = len(titles) > 1 and (mark == "||" or lexicon().is_marker(above))
        listed = (
            known and len(titles) >= _MIN_LISTED and not any(weight(title) < _MIN_TITLE or ends_hard(title) for title in titles)
        )
        parted += titles if listed else [line]
    return parted


def _part_metas(lines: Sequence[str]) -> list[str]:
    """The lines, with source and age on a line of their own where three or more in a row end with both behind a mark.

    A date may as well be that of an event, and the name its place: only how long ago it was tells.
    """
    rows = [(line, _title_and_meta(line)) for line in lines]
    parted: list[str] = []
    for _, run in groupby(rows, key=lambda row: len(row[1])):
        alike = list(run)
        for line, parts in alike:
            parted += parts if len(alike) >= _MIN_METAS else [line]
    return parted


def _title_and_meta(line: str) -> tuple[str, ...]:
    """A title and its source with an age, or the line alone."""
    for mark in _MARK.finditer(line, max(1, len(line) - _MAX_META)):
        source, age = source_and_age(line[mark.end() :]) or (None, None)
        if source and age and not is_date(age) and not ends_hard(line[: mark.start()]):
            return line[: mark.start()], line[mark.end() :]
    return (line,)


def _part_last_words(lines: Sequence[str]) -> list[str]:
    """The lines, with a closing wording or a marker that stands behind the last sentence of one on a line of its own."""
    ends = [_LAST_WORDS.search(line, max(0, len(line) - _MAX_WORDING)) for line in lines]
    wordings = Counter(end.group() for end in ends if end)
    parted: list[str] = []
    for line, end in zip(lines, ends, strict=True):
        if end and _stands_apart(line, end, wordings[end.group()]):
            parted += [line[: end.start()].rstrip(), end.group()]
        else:
            parted.append(line)
    return parted


def _stands_apart(line: str, end: re.Match[str], count: int) -> bool:
    if counts_minutes(line):
        return False
    glued = not line[end.start() : end.start() + 1].isspace()
    if glued and line[end.start() - 1] == "." and end["words"][0].islower():
        return False  # the end of a site's name: `evening-post.example`
    if glued and lexicon().is_marker(end["words"]):
        return True
    return len(line) <= MAX_ENTRY and (lexicon().is_closing(end.group()) or (count >= 3 and not line[end.start() - 1].isspace()))


def _part_block(line: str) -> list[str]:
    """The lines of one that holds an explained marker and entries that each end with a closing wording and an arrow."""
    marked = _explained_marker(line) if "»" in line or "›" in line or "→" in line else None
    closings = _closings(line, marked[1]) if marked else []
    if marked is None or not closings:
        return [line]
    start, at = marked
    entries: list[str] = []
    for first, end in closings:
        entries.append(line[at:first].strip())
        at = end
    parts = [*_part_category(line[:start]), line[start : marked[1]]]
    for entry, (first, end) in zip(_part_unspaced(entries), closings, strict=True):
        parts += [*entry, line[first:end]]
    return [part.strip() for part in (*parts, line[at:]) if part.strip()]


def _part_unspaced(entries: Sequence[str]) -> list[list[str]]:
    """The lines of each entry: where a script sets no blanks and every entry has one, a line ended there."""
    parted = [entry.split() for entry in entries]
    if len(entries) > 1 and all(len(parts) == 2 for parts in parted) and all(map(is_unspaced, entries)):
        return parted
    return [[entry] for entry in entries]


def _explained_marker(line: str) -> tuple[int, int] | None:
    """Where the first marker with a sentence on other articles begins and ends."""
    for colon in _COLON.finditer(line):
        for word in _WORD.finditer(line, max(0, colon.start() - _MAX_WORDING), colon.start()):
            if lexicon().is_marker(line[word.start() : colon.start()]):
                stop = _SENTENCE_END.search(line, colon.end(), colon.end() + _MAX_EXPLANATION)
                if (
                    stop
                    and marker_with_explanation(line[word.start() : stop.end()])
                    and lexicon().talks(line[colon.end() : stop.end()]) > 1
                ):
                    return word.start(), stop.end()
                break
    return None


def _closings(line: str, start: int) -> list[tuple[int, int]]:
    """Where closing wordings before an arrow begin and end, from `start` on."""
    found: list[tuple[int, int]] = []
    for arrow in _ARROW.finditer(line, start):
        for word in _WORD.finditer(line, max(start, arrow.start() - _MAX_WORDING), arrow.start()):
            if lexicon().is_closing(line[word.start() : arrow.start()]):
                found.append((word.start(), arrow.end()))
                break
    return found


def _part_category(text: str) -> list[str]:
    """The article before a block, and the category line at its end if there is one."""
    above, heading = part_heading(text)
    return [*above, heading] if category_section(heading) else [text]
