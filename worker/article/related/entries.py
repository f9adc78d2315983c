"""The entries that lines of plain text make, read from a line on until one fits no more.

Lines have shapes, a letter each, and entries are layouts of shapes: titles alone, titles with snippets, with source and age before
or after, with title and snippet run together.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile
from typing import Final

from worker.article.evidence import lexicon
from worker.article.related.dated import Row, entries_of, read_row
from worker.article.related.foot import heads_person, heads_tags, is_furniture
from worker.article.related.head import is_stamped
from worker.article.related.items import item, marked_link
from worker.article.related.lines import PlainPage
from worker.article.related.promos import BULLET, MAX_TITLE
from worker.article.related.seams import seam, split_glued
from worker.article.related.shapes import (
    MAX_ENTRY,
    STOPS,
    enclosed_entry,
    is_teaser,
    names_source,
    read_group,
    spans_of,
    with_metas,
    without_numbers,
)
from worker.article.related.sources import names_whose
from worker.article.wording import ends_as_snippet, ends_hard, is_truncated, is_unspaced, weight
from worker.records import SimilarItem

_MAX_LINES: Final = 240  # that are read for the entries of one block
_MIN_TITLE: Final = 8  # weight
_DASHES: Final = (" – ", " — ", " - ")
_MIN_TOLD: Final = 24  # weight of what stands behind a dash and is a snippet
_MIN_GLUED: Final = 50  # weight of a title with its snippet
_MIN_DATED: Final = 3  # lines that open with a day and a month
_MIN_NAMES: Final = 2
_MIN_MARKED: Final = 2  # entries with one mark above lines with another
_MAX_WORDS, _MAX_NAME, _MAX_UNSPACED_NAME = 3, 26, 12  # of a name: its words, and its weight
_MIN_PARAGRAPH: Final = 40  # weight of a line that may end the article below two titles
_MIN_TITLED: Final = 3  # lines with a sentence for a title
_MAX_TITLED, _MAX_BRIEF = 260, 90  # weight of such a line and of the sentence
# Layouts of entries with source and age, and how many of a kind there must be: source and age after a title tell one by itself.
_LAYOUTS: Final = ((re.compile("T=?S?M+"), 1), (re.compile("MT=?S?M"), 2), (re.compile("MT=?S"), 2), (re.compile("MT=?"), 2))
_SOME_DATED: Final = re.compile("T=?M*")
_TITLES: Final = re.compile("T=?S?")
_SOURCE_FIRST: Final = re.compile("TTS|TT(?=TTS|$)")


def read_entries(page: PlainPage, start: int) -> tuple[list[SimilarItem], int]:
    """Entries from line `start` on, and the line after the last of them."""
    end = min(start + _MAX_LINES, page.foot if start < page.foot else len(page.lines))
    if enclosed := _enclosed_entries(page, start, end):
        return enclosed, start + len(enclosed)
    if dated := dated_entries(page, start, end):
        return dated, start + len(dated)
    pattern = with_metas("".join(shape_of(page, at) for at in range(start, end)), page.lines[start:end])
    if sourced := _sourced_entries(page, start, pattern):
        return sourced
    run = _glued_run(page, start, pattern)
    glued = 2 * pattern[:run].count("G") > max(run, 2) and page.closes(start + run)
    if sentences := titled_sentences(page, start, end):
        return sentences, start + len(sentences)
    spans = _laid_out(pattern) or ([] if glued else _titles_and_teasers(page, start, pattern))
    left = max(_names_at_end(page, start, spans), _otherwise_marked_at_end(page, start, spans))
    end = start + spans[-1][1] if spans else start
    spans = spans[: len(spans) - left]
    if not spans:
        return _glued_entries(page, start, pattern)
    groups = [page.lines[start + first : start + last] for first, last in spans]
    shapes = [pattern[first:last] for first, last in spans]
    firsts = without_numbers([group[0] for group in groups])
    groups = [[first, *group[1:]] for first, group in zip(firsts, groups, strict=True)]
    read = [read_group(group, {}, shape) for group, shape in zip(groups, shapes, strict=True)]
    entries = _parted_at_seam(page, [entry for entry in read if entry is not None])
    return _parted_at_bracket(_parted_at_dash(entries)), end


def _parted_at_seam(page: PlainPage, entries: list[SimilarItem]) -> list[SimilarItem]:
    """Entries with a snippet where most, of two or more, show that their title runs into one, which ends with no mark."""
    titles = [
        entry.title for entry in entries if not (entry.snippet or entry.source or entry.url) and weight(entry.title) >= _MIN_GLUED
    ]
    if len(titles) < max(2, len(entries)) or 2 * sum(seam(title, page.near()) is not None for title in titles) <= len(titles):
        return entries
    return [item(title, snippet) for title, snippet in split_glued(titles, page.near())]


def _names_at_end(page: PlainPage, start: int, spans: Sequence[tuple[int, int]]) -> int:
    """How many names, of keywords or of the site's pages, stand below the titles that end a page; one may be a title itself."""
    lines = [page.lines[start + first] for first, last in spans if last - first == 1]
    names = len(list(takewhile(_is_name, reversed(lines))))
    above = lines[: len(lines) - names]
    if names < _MIN_NAMES or len(above) < _MIN_NAMES or len(lines) < len(spans) or any(map(_is_name, above)):
        return 0
    return names if page.closes(start + spans[-1][1]) else 0


def _otherwise_marked_at_end(page: PlainPage, start: int, spans: Sequence[tuple[int, int]]) -> int:
    """How many lines below a list, of two entries or more, have another mark than its entries: the site's calls to subscribe."""
    marks = [page.lines[start + first][:1] if BULLET.match(page.lines[start + first]) else "" for first, _ in spans]
    own = len(list(takewhile(lambda mark: mark and mark == marks[0], marks)))
    others = marks[own:]
    return len(others) if own >= _MIN_MARKED and others and all(others) and marks[0] not in others else 0


def _is_name(line: str) -> bool:
    return len(line.split()) <= _MAX_WORDS and weight(line) <= (_MAX_UNSPACED_NAME if is_unspaced(line) else _MAX_NAME)


def _parted_at_dash(entries: list[SimilarItem]) -> list[SimilarItem]:
    """Entries with a snippet where each, of three or more, goes on behind one dash in small letters, and most at more length.

    One title may be built so, or two; all of a block are if the page writes title and snippet into one line.
    """
    dash = next((dash for dash in _DASHES if entries and dash in entries[0].title), _DASHES[0])
    parts = [entry.title.split(dash) for entry in entries if entry.snippet is None]
    told = all(len(part) == 2 and part[1][0].islower() and weight(part[1]) >= _MIN_TOLD for part in parts)
    longer = sum(len(part) == 2 and weight(part[1]) > weight(part[0]) for part in parts)
    if len(parts) < _MIN_TITLED or len(parts) < len(entries) or not told or 2 * longer <= len(parts):
        return entries
    return [replace(entry, title=title, snippet=snippet) for entry, (title, snippet) in zip(entries, parts, strict=True)]


def _parted_at_bracket(entries: list[SimilarItem]) -> list[SimilarItem]:
    """Entries, two or more with a snippet, whose source or day stands in brackets at the end of each title."""
    enclosed = [enclosed_entry(entry.title) for entry in entries if entry.source is None and entry.published_at is None]
    whole = len(enclosed) == len(entries) > 1 and any(entry.snippet for entry in entries)
    if not whole or not all(enclosed):
        return entries
    return [
        replace(entry, title=bare.title, source=bare.source, published_at=bare.published_at)
        for entry, bare in zip(entries, enclosed, strict=True)
        if bare is not None
    ]


def _laid_out(pattern: str) -> list[tuple[int, int]]:
    """Where entries with source and age stand, in the first layout that fits."""
    for layout, least in _LAYOUTS:
        if len(spans := spans_of(layout, pattern)) >= least:
            return spans
    spans = spans_of(_SOME_DATED, pattern)
    dated = sum(pattern[last - 1] == "M" for _, last in spans)
    return spans if dated > 1 and 2 * dated > len(spans) else []


def _enclosed_entries(page: PlainPage, start: int, end: int) -> list[SimilarItem]:
    """Entries that each are one line with a source or a date in brackets at its end, if two or more stand there."""
    entries: list[SimilarItem] = []
    for at in range(start, end):
        entry = enclosed_entry(page.lines[at]) if shape_of(page, at) in "TM" else None
        if entry is None:
            break
        entries.append(entry)
    return entries if len(entries) >= 2 else []


def dated_entries(page: PlainPage, start: int, end: int) -> list[SimilarItem]:
    """Entries that each are one line with an age at the same end of it, if two or more stand there."""
    for first in (False, True):
        rows: list[Row] = []
        for at in range(start, end):
            line = page.lines[at]
            fits = shape_of(page, at) in "TM" or (
                shape_of(page, at) in "SG" and (is_truncated(line) if first else not ends_hard(line))
            )
            row = read_row(line, first=first) if fits else None
            if row is None:
                break
            rows.append(row)
        sure = sum(row.sure for row in rows)
        enough = (sure >= 2 and 2 * sure > len(rows)) or (first and len(rows) >= _MIN_DATED)
        if enough:
            return entries_of(page, start, rows)
    return []


def titled_sentences(page: PlainPage, start: int, end: int) -> list[SimilarItem]:
    """Entries that each are one line with a brief sentence for a title and one for a snippet, down to the end of the page.

    An article has such lines too, in briefs and advice: a known heading must stand above, or some of them be cut short.
    """
    pairs: list[tuple[str, str]] = []
    for at in range(start, end):
        line = page.lines[at]
        stops = list(STOPS.finditer(line)) if shape_of(page, at) == "S" and weight(line) <= _MAX_TITLED else []
        if not 0 < len(stops) <= 2 or not _MIN_TITLE < weight(title := line[: stops[0].end()]) <= _MAX_BRIEF:
            break
        pairs.append((title.strip(), line[len(title) :].strip()))
    if len(pairs) < _MIN_TITLED or not page.closes(start + len(pairs)):
        return []
    heading = page.lines[start - 1] if start else ""
    surely = lexicon().is_marker(heading) or any(is_truncated(snippet) for _, snippet in pairs)
    return [item(title, snippet) for title, snippet in pairs] if surely else []


def _titles_and_teasers(page: PlainPage, start: int, pattern: str) -> list[tuple[int, int]]:
    """Where titles stand, each alone or with its snippet below, without what follows them and is the article's again."""
    spans = spans_of(_TITLES, pattern)
    snippets = [number for number, (_, last) in enumerate(spans) if pattern[last - 1] == "S"]
    if not snippets:
        return spans
    if len(spans) == 1 and page.closes(start + spans[0][1]):
        teaser = page.lines[start + spans[0][1] - 1]
        return spans if is_teaser(teaser) and len(STOPS.findall(teaser)) < 2 else [(0, spans[0][1] - 1)]
    ends = len(spans) > 1 and snippets == [len(spans) - 1]  # after titles alone
    said = page.lines[start + spans[-1][1] - 1]
    one_sentence = ends and (len(spans) > 2 or (ends_hard(said) and weight(said) > _MIN_PARAGRAPH))
    if snippets[0] > 0 and len(snippets) > 1:  # titles alone, and then the article in parts
        first, last = spans[snippets[0]]
        listed = all(BULLET.match(page.lines[start + at]) for at in (0, first))  # a part's heading has no bullet
        return [*spans[: snippets[0]], (first, last - 1)] if listed else spans[: snippets[0]]
    if page.closes(start + spans[-1][1]) and not one_sentence:
        return spans
    strange = [number for number in snippets if not is_teaser(page.lines[start + spans[number][1] - 1])]
    if not strange and len(snippets) > 1:
        return spans
    last = strange[0] if strange else snippets[0]  # the title after which the article goes on
    return [*spans[:last], (spans[last][0], spans[last][1] - 1)]


def _sourced_entries(page: PlainPage, start: int, pattern: str) -> tuple[list[SimilarItem], int] | None:
    """Entries that each open with the name of their source on a line of its own."""
    spans = spans_of(_SOURCE_FIRST, pattern)
    groups = [page.lines[start + first : start + last] for first, last in spans]
    if sum(len(group) > 2 for group in groups) < 2 or not all(names_source(group[0]) for group in groups):
        return None
    return [item(group[1], " ".join(group[2:]) or None, source=group[0]) for group in groups], start + spans[-1][1]


def _glued_entries(page: PlainPage, start: int, pattern: str) -> tuple[list[SimilarItem], int]:
    """Entries that each are one line with title and snippet run together."""
    lines: list[str] = []
    for at in range(start, min(start + len(pattern), len(page.lines))):
        if names_whose(page.lines[at]) or lexicon().is_marker(page.lines[at]):
            break  # the former has a capital inside
        if weight(page.lines[at]) > MAX_ENTRY or not (is_truncated(page.lines[at]) or _shows_seam(page, page.lines[at])):
            break
        lines.append(page.lines[at])
    rest = page.lines[start : start + len(pattern)]
    unspaced = _unspaced_run(page, start, rest)
    run = _glued_run(page, start, pattern) or unspaced
    if len(lines) < run and page.closes(start + run) and (pattern[:run].count("G") >= 2 or run == unspaced):
        lines = rest[:run]  # what some of them show holds for all; a seam that can't be seen is none
    return [item(title, snippet) for title, snippet in split_glued(without_numbers(lines), page.near())], start + len(lines)


def _shows_seam(page: PlainPage, line: str) -> bool:
    """Whether a title shows to run into its snippet; what opens with a statement and is not cut short is a paragraph."""
    at = seam(line, page.near())
    return at is not None and (is_truncated(line) or "。" not in line[:at])


def _glued_run(page: PlainPage, start: int, pattern: str) -> int:
    """How many lines from the first on may be titles and snippets run together, up to a paragraph.

    A seam can't hide where a script has capitals; elsewhere a paragraph has sentences, or is longer than the entries.
    """
    run = len(pattern) - len(pattern.lstrip("SGT"))
    lines = page.lines[start : start + run]
    longest = max((weight(line) for line, shape in zip(lines, pattern, strict=False) if shape == "G"), default=0)
    whole = ((number, line) for number, line in enumerate(lines) if pattern[number] == "S" and not is_truncated(line))
    strange = (number for number, line in whole if any(map(str.isupper, line)) or STOPS.search(line) or weight(line) > longest)
    return next(strange, run)


def _unspaced_run(page: PlainPage, start: int, lines: Sequence[str]) -> int:
    """How many lines below a known heading are one sentence each, in a script that hides the seam; 0 for one alone."""
    if not start or not lexicon().is_marker(page.lines[start - 1]):
        return 0
    sentences = takewhile(lambda line: is_unspaced(line) and ends_hard(line) and not STOPS.search(line), lines)
    run = sum(weight(line) <= _MAX_TITLED for line in sentences)
    return run if run > 1 else 0


def shape_of(page: PlainPage, at: int) -> str:
    """T a title, = a title again, S a snippet, G both run together, M source and age or a credit, C a closing line, X none."""
    if page.is_gone(at):
        return "X"
    if at not in page.shapes:
        page.shapes[at] = _shape(page, at)
    return page.shapes[at]


def _shape(page: PlainPage, at: int) -> str:
    linked = marked_link(page.lines[at])
    line = linked[0] if linked else page.lines[at]
    if lexicon().is_closing(line) and at:
        return "C"
    if names_whose(line) or lexicon().is_credit(line):
        return "M"
    if lexicon().is_marker(line) or lexicon().names_popular(line) or weight(line) > MAX_ENTRY / 2:
        return "X"
    if is_furniture(line):
        return "X"
    if is_stamped(line) or heads_tags(line) or heads_person(line):
        return "X"
    if at and line == page.lines[at - 1]:
        return "="  # as what a picture shows
    if ends_as_snippet(line) or weight(line) > MAX_TITLE:
        return "G" if _shows_seam(page, line) else "S"
    return "T"
