"""Entries that each open with a short name above the title, which nothing but its place shows: of a source, a section, a town.

The longest line of an entry that is no sentence is its title; what stands above it on a line of its own and is short in every entry
is none.
"""

from __future__ import annotations

from collections.abc import Sequence

from worker.article.related.seams import Neighbourhood, seam
from worker.article.related.shapes import names_source
from worker.article.wording import DENSE, ends_hard, is_truncated, weight

_PLACE = ("· ", "• ", "| ")  # with which a line goes on that says where the source is
_MAX_DENSE = 16  # weight of a name in a script that says a title in as much as Latin ones say a name
_LONGER = 1.5  # what titles are, together, than names
_MIN_TITLE, _MIN_WORDS = 14, 3  # weight of a title, and its words
_MIN_ENTRIES = 2


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
    if not names_source(line) or ends_hard(line) or is_truncated(line):
        return False
    return not DENSE.search(line) or weight(line) <= _MAX_DENSE


def _without_place(lines: Sequence[str]) -> list[str]:
    return list(lines[1:] if goes_on_with_place(lines[0]) else lines)


def _is_titled(line: str, near: Neighbourhood) -> bool:
    """Whether a line is a title, alone or with its snippet run into it, and no snippet; a menu has names alone."""
    if weight(line) < _MIN_TITLE or (len(line.split()) < _MIN_WORDS and not DENSE.search(line)):
        return False
    return not (ends_hard(line) or is_truncated(line)) or seam(line, near) is not None
