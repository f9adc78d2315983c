"""Rows that each have an age at the same end of the title, which only the rows beside it show to be one: `TITLE 14:20, 3 May`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from worker.article.ages import age_at
from worker.article.related.dated import Row, entries_of
from worker.article.related.lines import PlainPage
from worker.article.related.promos import BULLET
from worker.article.related.shapes import names_source
from worker.article.related.steps import MIN_ENTRIES, are_ages, are_titles, heading_above, weigh_steps
from worker.article.wording import ends_hard, weight

_MIN_TITLE, _MAX_ROW = 8, 200  # weight
_MAX_TRIES: Final = 3  # lines of a run at which a block may begin: the first may be its heading
_MARKED: Final = re.compile(r"(?P<title>.+) (?P<mark>[-–—|·•]) (?P<name>[^-–—|·•].{1,40})")


def cut_aged(page: PlainPage) -> None:
    """Cut three rows or more whose ages keep step, where enough speaks for entries."""
    for first in (False, True):
        at = 0
        while at + MIN_ENTRIES <= page.foot:
            third = at + MIN_ENTRIES - 1
            if _row(page, third, first=first) is None:  # and no block holds it
                at = third + 1
                continue
            rows = _rows_from(page, at, first=first)
            end = at + len(rows)
            any(_cut(page, start, rows[start - at :]) for start in range(at, min(at + _MAX_TRIES, end)))
            at = end + 1


def _rows_from(page: PlainPage, start: int, *, first: bool) -> list[Row]:
    rows: list[Row] = []
    for at in range(start, page.foot):
        row = _row(page, at, first=first)
        if row is None:
            break
        rows.append(row)
    return rows


def _row(page: PlainPage, at: int, *, first: bool) -> Row | None:
    line = BULLET.sub("", page.lines[at])
    parted = None if page.is_gone(at) or weight(line) > _MAX_ROW else age_at(line, first=first)
    if parted is None or weight(parted[0]) < _MIN_TITLE or ends_hard(parted[0]):
        return None
    return Row(*_out_of_bracket(parted[0]), parted[1])


def _cut(page: PlainPage, start: int, rows: Sequence[Row]) -> bool:
    """Cut rows that stand together from line `start` on; whether they are a block."""
    if len(rows) < MIN_ENTRIES or not are_ages([row.age or "" for row in rows]):
        return False
    end, header = start + len(rows), heading_above(page, start)
    entries = entries_of(page, start, _behind_mark(rows))
    if not are_titles([entry.title for entry in entries]):
        return False
    evidence = weigh_steps(page, start, end, entries, page.lines[start - header : start])
    if evidence.enough:
        page.cut(start, end, entries, evidence, header=header)
    return evidence.enough


def _behind_mark(rows: Sequence[Row]) -> list[Row]:
    """The rows with the names of their sources, if one stands behind a mark at the end of each: `TITLE - Evening Post`."""
    found = [_MARKED.fullmatch(row.said) for row in rows]
    pairs = [(match["title"], match["name"]) for match in found if match and names_source(match["name"])]
    if len(pairs) < len(rows) or len({match["mark"] for match in found if match}) > 1:
        return list(rows)
    return [replace(row, said=title, source=name) for row, (title, name) in zip(rows, pairs, strict=True)]


def _out_of_bracket(said: str) -> tuple[str, str | None]:
    """A title, and the source behind the bracket that its age closes: `TITLE (Evening Post, 12 May)`."""
    title, mark, name = said.replace("（", "(").rpartition("(")
    return (title.rstrip(), name.strip(" ,、")) if mark and ")" not in name and names_source(name) else (said, None)
