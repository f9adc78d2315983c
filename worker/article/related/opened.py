"""Entries that open with a name that is no part of the title, which nothing but its place shows: of a source, a section, a town.

On a line of its own it is short in every entry; the longest line that is no sentence is the title.  A page that lost its lines runs
it into the title: `WEATHER Snow stays until May`, `WeatherSnow stays until May`.  One title may open so by itself, with an acronym
or a name that has a capital inside; all of a block do where each has its kicker.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from worker.article.evidence import lexicon
from worker.article.related.seams import Neighbourhood, seam
from worker.article.related.shapes import names_source
from worker.article.wording import DENSE, ends_as_snippet, weight
from worker.records import SimilarItem

_PLACE: Final = ("· ", "• ", "| ")  # with which a line goes on that says where the source is
_MAX_DENSE: Final = 16  # weight of a name in a script that says a title in as much as Latin ones say a name
_LONGER: Final = 1.5  # what titles are, together, than names
_MIN_TITLE, _MIN_WORDS = 14, 3  # weight of a title, and its words
_MIN_ENTRIES: Final = 2
_MIN_CAPITALS, _MIN_JOINED = 5, 3  # letters of a kicker that was run into its title


def parted_names(groups: Sequence[Sequence[str]], near: Neighbourhood) -> list[tuple[str | None, list[str]]] | None:
    """The source and the other lines of each entry, if all of two or more open with a name; None otherwise.

    A section in capitals is no source.
    """
    if len(groups) < _MIN_ENTRIES or not all(len(group) > 1 and is_name(group[0]) for group in groups):
        return None
    rests = [_without_place(group[1:]) for group in groups]
    if not all(rest and _is_titled(rest[0], near) for rest in rests):
        return None
    if _LONGER * sum(weight(group[0]) for group in groups) > sum(weight(rest[0]) for rest in rests):
        return None
    return [(None if group[0].isupper() else group[0], rest) for group, rest in zip(groups, rests, strict=True)]


def goes_on_with_place(line: str) -> bool:
    """Whether a line says where the source is that the line above names: `· Harrowby, United Kingdom`."""
    return line.startswith(_PLACE) and is_name(line[2:])


def is_name(line: str) -> bool:
    """Whether a line can be a name above a title: a few words that are no sentence."""
    if not names_source(line) or ends_as_snippet(line):
        return False
    return not DENSE.search(line) or weight(line) <= _MAX_DENSE


def _without_place(lines: Sequence[str]) -> list[str]:
    return list(lines[1:] if goes_on_with_place(lines[0]) else lines)


def _is_titled(line: str, near: Neighbourhood) -> bool:
    """Whether a line is a title, alone or with its snippet run into it, and no snippet; a menu has names alone."""
    if weight(line) < _MIN_TITLE or (len(line.split()) < _MIN_WORDS and not DENSE.search(line)):
        return False
    return not ends_as_snippet(line) or seam(line, near) is not None


def without_kickers(entries: Sequence[SimilarItem]) -> list[SimilarItem]:
    """The entries without the kickers with which all of their titles open; as they are if one has none."""
    for end_of in (_after_capitals, _after_joined):
        ends = [end_of(entry.title) for entry in entries]
        if len(entries) > 1 and all(ends):
            return [replace(entry, title=entry.title[end:]) for entry, end in zip(entries, ends, strict=True)]
    return list(entries)


def _after_capitals(title: str) -> int:
    """Where the title begins behind a word in capitals; 0 if it opens with none."""
    kicker, _, rest = title.partition(" ")
    if len(kicker) < _MIN_CAPITALS or not (kicker.isalpha() and kicker.isupper()):
        return 0
    return len(kicker) + 1 if rest[:1].isupper() and not rest.isupper() and weight(rest) >= _MIN_TITLE else 0


def _after_joined(title: str) -> int:
    """Where the title begins at a capital within its first word; 0 if there is none, or the word is a name known to have one."""
    word = title.partition(" ")[0]
    if not word[:1].isupper() or word in lexicon().camel:
        return 0
    at = next((at for at in range(_MIN_JOINED, len(word)) if word[at].isupper() and word[at - 1].islower()), 0)
    return at if weight(title) - at >= _MIN_TITLE else 0
