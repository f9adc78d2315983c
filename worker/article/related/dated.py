"""Rows that each hold a title and, at the same end of it, an age: `TITLE, 12 May 2024`, `TITLESNIPPET…Evening Post 3 hours ago`.

What stands between the two may be the name of the source, which nothing but its place and its capitals shows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from worker.article.ages import AGO, is_age, is_date, is_recent, part_age
from worker.article.evidence import Evidence, lexicon
from worker.article.moments import newest_first
from worker.article.related.introductions import header_above
from worker.article.related.items import item
from worker.article.related.lines import PlainPage
from worker.article.related.promos import BULLET, MAX_TITLE
from worker.article.related.rhythm import SHORT
from worker.article.related.seams import split_glued
from worker.article.related.shapes import MAX_ENTRY, names_source, trailing_meta, without_numbers
from worker.article.related.sources import opening_source
from worker.article.wording import ARTICLES, DENSE, ends_as_snippet, ends_hard, fold, is_unspaced, weight
from worker.records import SimilarItem

_MIN_TITLE: Final = 8  # weight
_MIN_LABEL: Final = 2  # characters of the word for a source
_MAX_NAME: Final = 5  # words of a source in capitals
_COLON: Final = re.compile("[:：]")
_SECTION: Final = re.compile(r"(?<=\S)\s+[·•|]\s+(?P<section>[^·•|\d]{2,24})$")
_AFTER_SNIPPET: Final = re.compile(
    r"(?P<said>.*(?:…|\.{2,}|[.!?。！？।۔؟])[\"'»”’)\]」』）]*)\s?(?P<name>[^\s.…!?。！？।۔؟,，、][^.…!?。！？।۔؟,，、]{1,35})"
)
_DAY: Final = re.compile(r"(?:0[1-9]|[12]\d|3[01])[./](?:0[1-9]|1[0-2])\.?")
_DENSE_DAY: Final = re.compile(r"(?:0[1-9]|1[0-2])[-./](?:0[1-9]|[12]\d|3[01])")  # the month first, as those scripts have it
_DAY_AND_MONTH: Final = re.compile(r"(?P<day>(?:[12]?\d|3[01])\.? (?:de )?[^\W\d_]{3,12}) (?P<title>\W?[^\W\d_].*)")
_JOINED_DAY: Final = re.compile(  # to the title's last letter or mark: `walkers12/05/2024 09:20`, `標題05-12`
    r"(?<=[^\W\d_]|[!?»”’\"')])(?=(?:\d{1,2}[./-]\d{1,2}[./-]\d{4}|\d{4}[./-]\d{1,2}[./-]\d{1,2}|\d{2}[./-]\d{2})(?:\W+\d{1,2}[:h]\d{2})?$)"
)
_MAX_DAY: Final = 24  # characters of such a day with its time
_MIN_ROWS, _MIN_BRACKETED = 3, 2
_MIN_PARAGRAPHS: Final = 3
_MAX_TRIES: Final = 20  # lines of a run at which a block is sought
_CLOCK: Final = re.compile(r"(?:[01]?\d|2[0-3])[:.]\d{2}")
_BESIDE_CLOCK: Final = re.compile(r"\s+[|•·/–—-]\s+")
_MAX_CLOCKED: Final = 40  # characters of a time and a section
_FIGURES: Final = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Row:
    """What one line says: a title, with its snippet or without, by whom and when."""

    said: str
    source: str | None
    age: str | None
    sure: bool = True  # the age can be nothing else


def cut_rows(page: PlainPage) -> None:
    """Cut three rows or more that all end with how long ago it was, on the line or on the next, or open with times that run back.

    So no article does, while days and durations may be its own; days that are joined to titles and run back close a page too.
    """
    clocked, below, joined = map(_Runs, (_clocked_from, _clocked_below, _joined_from))
    at = 0
    while at < page.foot:
        rows, count = _rows_from(page, at), 1
        if not rows:
            rows, count = _pairs_from(page, at), 2
        if not rows:
            rows, count = below.read(page, at), 2
        if not rows:
            rows, count = clocked.read(page, at) or joined.read(page, at), 1
        end = at + count * len(rows)
        if not rows and (told := _told_from(page, at)):
            count, entries = told
            end = at + count * len(entries)
            page.cut(at, end, entries, Evidence(["an age below each title and snippet"], 1.0), header=_header(page, at))
        elif len(rows) >= _MIN_ROWS and 2 * sum(row.sure for row in rows) > len(rows):
            evidence = Evidence(["an age with each line" if count == 1 else "an age below each title"], 1.0)
            page.cut(at, end, entries_of(page, at, rows), evidence, header=_header(page, at))
        at = max(end, at + 1)


def _header(page: PlainPage, at: int) -> int:
    """How many lines right above an entry introduce the block."""
    return sum(weight(line) <= SHORT for line in header_above(page.lines, at))


def _rows_from(page: PlainPage, start: int) -> list[Row]:
    rows: list[Row] = []
    for at in range(start, page.foot):
        row = _recent(page, at)
        if row is None:
            break
        rows.append(row)
    return rows


def _pairs_from(page: PlainPage, start: int) -> list[Row]:
    """Titles from a line on that each have their age on the next."""
    rows: list[Row] = []
    at = start
    while at + 1 < page.foot and not page.is_gone(at) and _is_title(page.lines[at]) and _is_recent(page.lines[at + 1]):
        rows.append(Row(page.lines[at], None, page.lines[at + 1]))
        at += 2
    return rows


def _told_from(page: PlainPage, start: int) -> tuple[int, list[SimilarItem]] | None:
    """Three entries or more that each have a source, a title and a snippet, or the last two, and how long ago it was below.

    So no article is built: how many lines an entry has, and the entries.
    """
    for count in (3, 4):
        entries: list[SimilarItem] = []
        at = start
        while at + count <= page.foot and (entry := _told(page, at, count)):
            entries.append(entry)
            at += count
        if len(entries) >= _MIN_ROWS:
            return count, entries
    return None


def _told(page: PlainPage, at: int, count: int) -> SimilarItem | None:
    age = page.lines[at + count - 1]
    if len(age) > SHORT or not is_recent(age) or not page.is_free(at, at + count):
        return None
    *source, title, snippet = page.lines[at : at + count - 1]
    if not _is_title(title) or not ends_as_snippet(snippet):
        return None
    if not all(map(names_source, source)) or any(map(lexicon().is_closing, source)):
        return None
    return item(title, snippet, source=source[0] if source else None, published_at=age)


class _Runs:
    """Rows of one kind, read from line after line on.

    In a run that is no block one may begin further down.  It is looked for a few times: a page may be one run.
    """

    def __init__(self, read: Callable[[PlainPage, int], tuple[list[Row], int]]) -> None:
        self._read = read
        self._end = 0  # of the last run
        self._tries = 0  # from lines of it

    def read(self, page: PlainPage, at: int) -> list[Row]:
        """The rows of a block that begins at this line; none if none does."""
        if at >= self._end:
            self._tries = 0
        if self._tries >= _MAX_TRIES:
            return []
        rows, end = self._read(page, at)
        self._tries += end > at
        self._end = max(self._end, end)
        return rows


def _clocked_from(page: PlainPage, start: int) -> tuple[list[Row], int]:
    """Titles that open with times which run back, after which nothing but titles of earlier days and the page's foot comes.

    A programme runs forward; a live blog speaks below its times, and is the page.
    """
    rows: list[Row] = []
    for at in range(start, page.foot):
        line = page.lines[at]
        age, _, said = line.partition(" ")
        known = _CLOCK.fullmatch(age) is not None or (len(rows) > 1 and said[:1].isupper() and is_recent(age))
        if not known or not _is_title(said.lstrip("|-–—·• ")):
            break
        rows.append(Row(said.lstrip("|-–—·• "), None, age))
    clocks = [row.age for row in rows if row.age and _CLOCK.fullmatch(row.age)]
    end = start + len(rows)
    found = len(rows) >= _MIN_ROWS and _run_back_to_the_end(page, start, end, clocks)
    return rows if found else [], end


def _clocked_below(page: PlainPage, start: int) -> tuple[list[Row], int]:
    """Titles below times that run back, each with its section or without: `WORLD | 12:58`."""
    rows: list[Row] = []
    at = start
    while at + 1 < page.foot and (clock := _clock_of(page.lines[at])) and _is_title(page.lines[at + 1]):
        rows.append(Row(page.lines[at + 1], None, clock))
        at += 2
    clocks = [row.age for row in rows if row.age]
    return rows if len(rows) >= _MIN_ROWS and _run_back_to_the_end(page, start, at, clocks) else [], at


def _clock_of(line: str) -> str | None:
    """The time that a line says, and no more than a section beside it."""
    parts = _BESIDE_CLOCK.split(line) if len(line) <= _MAX_CLOCKED else []
    clocks = [part for part in parts if _CLOCK.fullmatch(part)]
    return clocks[0] if len(clocks) == 1 and len(parts) <= 2 else None


def _run_back_to_the_end(page: PlainPage, start: int, end: int, clocks: Sequence[str]) -> bool:
    """Whether times run back, below paragraphs and with none after them."""
    if len(clocks) < 2 or page.paragraphs(0, start) < _MIN_PARAGRAPHS or page.paragraphs(end, page.foot):
        return False
    return newest_first(clocks)


def _joined_from(page: PlainPage, start: int) -> tuple[list[Row], int]:
    """Titles that each have a day joined to their end, which run back, after which nothing but the page's foot comes."""
    rows: list[Row] = []
    for at in range(start, page.foot):
        line = page.lines[at]
        row = read_row(line, first=False) if _with_day_apart(line) != line and _is_title(line) else None
        if row is None or row.age is None:
            break
        rows.append(row)
    end = start + len(rows)
    if len(rows) < _MIN_ROWS or page.paragraphs(0, start) < _MIN_PARAGRAPHS or not page.closes(end):
        return [], end
    return rows if newest_first([row.age for row in rows if row.age]) else [], end


def _is_title(line: str) -> bool:
    return _MIN_TITLE <= weight(line) <= MAX_TITLE and not ends_hard(line) and not is_age(line)


def _is_recent(line: str) -> bool:
    return is_age(line) and _says_ago("", line)


def _recent(page: PlainPage, at: int) -> Row | None:
    line = page.lines[at]
    row = None if page.is_gone(at) or ends_hard(line) or weight(line) > MAX_ENTRY else read_row(line, first=False)
    return row if row is not None and row.age is not None and (not row.sure or _says_ago(row.said, row.age)) else None


def _says_ago(said: str, age: str) -> bool:
    """Whether an age is no day and no duration: it has a figure and more than a unit, `3 hours ago` and not `3 hours 5 minutes`."""
    if is_date(age) or len(_FIGURES.findall(age)) != 1 or said[-1:].isdigit():
        return False
    return AGO.search(age) is not None if DENSE.search(age) else len(age.split()) > 2


def read_row(line: str, *, first: bool) -> Row | None:
    """The row that a line is, with the age at its beginning or at its end; None for any other line."""
    bare = _with_day_apart(BULLET.sub("", line))
    title, source, age = trailing_meta(bare, None, None)
    if age is not None:
        return None if first else Row(title, source, age)
    if not first and (section := _SECTION.search(bare)):
        bare = bare[: section.start()]
    parted = part_age(bare, first=first)
    if parted is not None:
        return Row(parted[0], None, parted[1]) if weight(parted[0]) >= _MIN_TITLE else None
    return _opened_by_day(bare) if first else _loosely_dated(bare)


def _with_day_apart(line: str) -> str:
    """A row with a blank before the day and month in figures that it ends with."""
    joined = _JOINED_DAY.search(line, max(0, len(line) - _MAX_DAY)) if line[-1:].isdigit() else None
    return f"{line[: joined.start()]} {line[joined.start() :]}" if joined else line


def _opened_by_day(line: str) -> Row | None:
    """A row that opens with a day and a month in small letters, and then a capital; rows beside it show its age."""
    found = _DAY_AND_MONTH.fullmatch(line)
    if found is None or not is_date(found["day"]) or weight(found["title"]) < _MIN_TITLE:
        return None
    opening = found["title"].lstrip("«„“\"'")
    return Row(found["title"], None, found["day"], sure=False) if found["day"].islower() and opening[:1].isupper() else None


def _loosely_dated(line: str) -> Row | None:
    """A row whose last word or two say when, which only rows beside it show to be its age: `TITLE yesterday`, `標題 05-12`.

    A day and a month in two figures each are sure enough; a result is `3-2`.
    """
    tokens = line.split()
    for count in (2, 1):
        said, age = " ".join(tokens[:-count]), " ".join(tokens[-count:])
        if weight(said) >= _MIN_TITLE and is_age(age) and not ends_hard(age):
            day = _DENSE_DAY if DENSE.search(said) else _DAY
            return Row(said, None, age, sure=day.fullmatch(age) is not None)
    return None


def entries_of(page: PlainPage, start: int, rows: Sequence[Row]) -> list[SimilarItem]:
    """The entries of rows that stand together from line `start` on, with the name of the source off each title."""
    named = _named(rows)
    texts = without_numbers([row.said for row in named])
    pairs: list[tuple[str, str | None]] = [(text, None) for text in texts]
    if 2 * sum(map(ends_as_snippet, texts)) > len(texts):
        pairs = split_glued(texts, page.beside(start, start + len(rows)))
    return [
        item(title, snippet, source=row.source, published_at=row.age) for (title, snippet), row in zip(pairs, named, strict=True)
    ]


def _named(rows: Sequence[Row]) -> list[Row]:
    """The rows with the names of their sources, if all show them in one way, or most do behind a snippet."""
    said = [row.said for row in rows]
    labelled = _behind_label(said) or _in_brackets(said)
    if labelled is None and not any(row.source for row in rows):
        labelled = _behind_snippet(said) or _in_capitals(said)
    if labelled is None:
        return list(rows)
    return [replace(row, said=text, source=name or row.source) for row, (text, name) in zip(rows, labelled, strict=True)]


def _behind_label(titles: Sequence[str]) -> list[tuple[str, str | None]] | None:
    """Titles and their sources, if one word with a colon stands before a name at the end of each: `標題来源：晨報`."""
    parts = [_COLON.split(title) for title in titles]
    if any(len(part) < 2 or not names_source(part[-1]) for part in parts):
        return None
    labels = [part[-2] for part in parts]
    shared = 0
    while shared < min(map(len, labels)) and len({said[-shared - 1] for said in labels}) == 1:
        shared += 1
    label = labels[0][len(labels[0]) - shared :]
    if not any(map(is_unspaced, labels)):
        label = label[label.find(" ") :]
    if len(label.strip()) < _MIN_LABEL or any(len(said) == len(label) for said in labels):
        return None
    return [
        (title[: -len(part[-1]) - 1 - len(label)].rstrip(), part[-1].strip()) for title, part in zip(titles, parts, strict=True)
    ]


def _in_brackets(titles: Sequence[str]) -> list[tuple[str, str | None]] | None:
    """Titles and their sources, if brackets around a name open all of two or more: `[晨報]標題`; `[Video]` names none."""
    opened = [opening_source([title]) for title in titles]
    pairs = [(opening[2][0], opening[0]) for opening in opened if opening]
    if len(pairs) < len(titles) or len(titles) < _MIN_BRACKETED:
        return None
    return [(title, None if name and fold(name) in lexicon().labels else name) for title, name in pairs]


def _behind_snippet(said: Sequence[str]) -> list[tuple[str, str | None]] | None:
    """What rows say and their sources, if names stand behind the ends of the snippets of two or more, and of most."""
    found = [_AFTER_SNIPPET.fullmatch(text) for text in said]
    pairs = [
        (match["said"], match["name"]) if match and names_source(match["name"]) else (text, None)
        for match, text in zip(found, said, strict=True)
    ]
    count = sum(name is not None for _, name in pairs)
    return pairs if count >= 2 and 2 * count > len(said) else None


def _in_capitals(titles: Sequence[str]) -> list[tuple[str, str | None]] | None:
    """Titles and their sources, if words in capitals end all of them: `Pier reopens to walkers Coast Gazette`."""
    pairs = [_part_capitals(title) for title in titles]
    if len(pairs) < 2 or any(pair is None for pair in pairs):
        return None
    names = [pair[1] for pair in pairs if pair]
    sure = sum(not name.isalpha() or names.count(name) > 1 for name in names)  # one word may be any noun of the title, as in German
    if 2 * sure <= len(names):
        return None
    return [(pair[0], pair[1]) for pair in pairs if pair]


def _part_capitals(title: str) -> tuple[str, str] | None:
    tokens = title.split()
    at = len(tokens)
    while (
        at > 0
        and (tokens[at - 1][0].isupper() or "." in tokens[at - 1][1:-1])
        and not tokens[at - 1].endswith((":", ",", "?", "!"))
    ):
        at -= 1
    opened = next((place for place in range(at + 1, len(tokens) - 1) if tokens[place].lower() in ARTICLES), at)
    if not 3 <= opened < len(tokens) or len(tokens) - opened > _MAX_NAME:
        return None
    return " ".join(tokens[:opened]), " ".join(tokens[opened:])
