"""News in the rows of a table whose cells tabs part: a time, a title, a source.

An article has tables too: of results, of prices, of a programme, which runs forward in time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby, takewhile
from typing import Final

from worker.article.ages import is_age, is_date
from worker.article.evidence import Evidence, lexicon
from worker.article.moments import newest_first
from worker.article.normalize import clean
from worker.article.related.introductions import header_above, is_introduction
from worker.article.related.items import item
from worker.article.related.lines import PlainPage
from worker.article.related.promos import MAX_TITLE
from worker.article.related.shapes import names_source
from worker.article.wording import ends_hard, is_unspaced, weight
from worker.records import SimilarItem

_MIN_ROWS, _MAX_CELLS = 3, 4
_MIN_TITLE, _MIN_WORDS = 14, 3  # weight of a title, and its words
_FIGURE: Final = re.compile(r"\d+")


def clean_lines(lines: Sequence[str]) -> list[str]:
    """The lines, cleaned; three or more that have as many cells each keep a tab between those."""
    cleaned: list[str] = []
    for cells, run in groupby(map(_cells, lines), key=len):
        rows = list(run)
        parting = "\t" if 1 < cells <= _MAX_CELLS and len(rows) >= _MIN_ROWS else " "
        cleaned += [parting.join(row) for row in rows]
    return cleaned


def _cells(line: str) -> list[str]:
    if "\t" not in line:
        return [clean(line)]
    return [cell for part in line.split("\t") if (cell := clean(part))] or [""]


def cut_tables(page: PlainPage) -> None:
    """Cut tables of other news, and set blanks for the tabs of other lines."""
    at = 0
    while at < len(page.lines):
        end = at + 1
        if cells := page.lines[at].count("\t"):
            while end < len(page.lines) and page.lines[end].count("\t") == cells:
                end += 1
            _cut_table(page, at, end)
        at = end
    page.lines[:] = [line.replace("\t", " ") for line in page.lines]


def _cut_table(page: PlainPage, start: int, end: int) -> None:
    rows = [line.split("\t") for line in page.lines[start:end]]
    header = header_above(page.lines, start)
    named = rows[0] if not any(map(_FIGURE.search, rows[0])) and not any(map(is_age, rows[0])) else []
    entries, ages = _read(rows[1:] if named and any(map(is_age, rows[1])) else rows) if len(rows) > 1 else ([], [])
    if len(entries) < _MIN_ROWS:
        return
    said = sum(map(lexicon().talks, header)) + (lexicon().talks(" ".join(named)) if named else 0)
    evidence = Evidence(["titles in the rows of a table"], 0.4)
    evidence.add_if(any(map(is_introduction, header)), "marker", 0.6)
    evidence.add_if(said > 0, "heading speaks of other articles", 0.4)
    evidence.add_if(_run_back(ages), "times that run back", 0.4)
    evidence.add_if(ages != [] and not _run_back(ages), "what comes when", -0.6)
    evidence.add_if(page.closes(end), "at the end", 0.3)
    if evidence.enough:
        page.cut(start, end, entries, evidence, header=len(header))


def _read(rows: Sequence[Sequence[str]]) -> tuple[list[SimilarItem], list[str]]:
    """The entries of a table and their ages; none where no column is one of titles, or another says more than whose and when."""
    columns = list(zip(*rows, strict=True))
    titles = max(columns, key=lambda column: sum(map(weight, column)))
    if len(set(titles)) < len(titles) or not all(map(_is_title, titles)):
        return [], []
    others = [column for column in columns if column is not titles]
    ages = next((column for column in others if 2 * sum(map(is_age, column)) > len(column)), None)
    names = [column for column in others if column is not ages]
    if len(names) > 1 or not all(map(names_source, (cell for column in names for cell in column))):
        return [], []
    if any(map(_FIGURE.search, (cell for column in names for cell in column))):
        return [], []  # results, prices
    sources = names[0] if names else [None] * len(rows)
    dated = ages or [None] * len(rows)
    entries = [item(title, source=source, published_at=age) for title, source, age in zip(titles, sources, dated, strict=True)]
    return entries, list(ages or ())


def _is_title(cell: str) -> bool:
    words = len(cell.split())
    return _MIN_TITLE <= weight(cell) <= MAX_TITLE and not ends_hard(cell) and (words >= _MIN_WORDS or is_unspaced(cell))


def _run_back(ages: Sequence[str]) -> bool:
    """Whether the newest comes first, as far as times or days of one form lead the column."""
    form = _FIGURE.sub("", ages[0]) if ages else ""
    alike = list(takewhile(lambda age: is_date(age) and _FIGURE.sub("", age) == form, ages))
    return len(alike) > 1 and newest_first(alike)
