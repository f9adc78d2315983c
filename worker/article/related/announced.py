"""What a page says of its lists to those who hear it, and a text has kept: `list of 3 items`, `list 1 of 3 TITLE`, `end of list`.

A date that is read out and shown as well stands twice, and so does a title that is what its picture shows.

In any language: a few words with how many there are, entries that count up to that behind a word and how many, and a last line with
a word of the first; without it, the first opens with the word of the entries.  The steps of an article's own list have neither.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from worker.article.wording import fold

_MAX_OPENING, _MAX_CLOSING = 40, 24  # characters
_NEAR: Final = 16  # characters in which the number of the first entry stands
_MAX_ENTRY: Final = 4  # lines of one
_MAX_WORDS, _MIN_WORD = 5, 4  # words of the line that announces, and letters of one that the last line repeats
_NUMBERED: Final = re.compile(
    r"(?P<word>[^\W\d_]+)\s[^\d:.]{0,12}?(?P<number>\d{1,2})\s[^\d:.]{1,10}\s(?P<count>\d{1,2})(?!\d)[\s:,.–—-]*"
)
_DOUBLED: Final = re.compile(r"(\d{1,4}[./-]\d{1,2}[./-]\d{2,4})\1$")  # a date
_MAX_DATED, _MIN_DOUBLED = 60, 41  # characters of a line with such a date, and of one that says all twice
_FIGURE: Final = re.compile(r"\d+")


def without_announcements(lines: Sequence[str]) -> list[str]:
    """The lines of a page without what announces lists and numbers their entries."""
    left = list(map(_said_once, lines))
    for at in range(len(left) - 1, 0, -1):
        if "1" in left[at][:_NEAR] and len(left[at - 1]) <= _MAX_OPENING:
            _take_out(left, at)
    return left


def _said_once(line: str) -> str:
    """A line without what it says again: a date at its end, or all of it."""
    half = len(line) // 2
    if len(line) >= _MIN_DOUBLED and line[half] == " " and line[:half] == line[half + 1 :]:
        return line[:half]
    if len(line) <= _MAX_DATED and line[-1:].isdigit():
        return _DOUBLED.sub(r"\1", line)
    return line


def _take_out(lines: list[str], first: int) -> None:
    """Take out the announcements of the list whose first entry is numbered in this line, if the line above announces it."""
    entry = _NUMBERED.match(lines[first])
    if entry is None or entry["number"] != "1":
        return
    word, count, said = fold(entry["word"]), int(entry["count"]), fold(lines[first - 1]).split()
    if len(said) > _MAX_WORDS or _FIGURE.findall(lines[first - 1]) != [entry["count"]]:
        return
    ends = {first: entry.end()}
    at = first
    while len(ends) < count:
        below = range(at + 1, min(at + 1 + _MAX_ENTRY, len(lines)))
        found = next(((at, entry) for at in below if (entry := _NUMBERED.match(lines[at])) and fold(entry["word"]) == word), None)
        if found is None or found[1]["number"] != str(len(ends) + 1) or int(found[1]["count"]) != count:
            return
        at = found[0]
        ends[at] = found[1].end()
    closing = next((end for end in range(at + 1, min(at + 1 + _MAX_ENTRY, len(lines))) if _shares_a_word(lines[end], said)), None)
    if closing is not None:
        ends[closing] = len(lines[closing])
    elif said[0] != word:
        return
    ends[first - 1] = len(lines[first - 1])
    for at in sorted(ends, reverse=True):
        lines[at : at + 1] = filter(None, [lines[at][ends[at] :]])


def _shares_a_word(line: str, said: Sequence[str]) -> bool:
    """Whether a line of few words holds one with which a list was announced."""
    return len(line) <= _MAX_CLOSING and any(len(word) >= _MIN_WORD and word in said for word in fold(line).split())
