"""Blocks in plain text that a heading of the lexicon introduces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from worker.article.evidence import Evidence, lexicon
from worker.article.related.entries import read_entries
from worker.article.related.introductions import introductions_above, marker_with_explanation
from worker.article.related.items import item
from worker.article.related.lead import byline_names
from worker.article.related.lines import PlainPage
from worker.article.related.shapes import leads_to_source
from worker.article.wording import DENSE, ends_hard, overlap, weight, words
from worker.records import SimilarItem

_MAX_KEYWORD, _MAX_DENSE = 20, 12  # weight
_MIN_TITLE: Final = 3  # words; what has fewer may be a keyword
_MAX_COUNTED: Final = 60  # characters
_MAX_HEADLINE: Final = 2  # lines of a headline with its standfirst
_MAX_ABOVE: Final = 400  # lines in which a page has its headline
_MAX_QUOTED: Final = 12  # wordings on either side of one that are looked at


def cut_marked(page: PlainPage) -> None:
    """Cut what follows a heading of the lexicon: titles, titles with snippets, titles with source and age."""
    above_one: set[str] = set()  # wordings that stood above one title and no snippet
    stated = next((at for at, line in enumerate(page.lines) if ends_hard(line)), len(page.lines))
    for at, line in enumerate(page.lines):
        if page.is_gone(at) or not (lexicon().is_marker(line) or marker_with_explanation(line)):
            continue
        if _is_quoted_with_others(page.lines, at):
            continue
        start = at + 1 + (at + 1 < len(page.lines) and _says_what_was_counted(page.lines[at + 1]))
        entries, end = read_entries(page, start)
        if start >= page.foot and not _are_no_comments(entries):
            entries, end = [], start
        if at <= stated:
            entries, end = _without_headline(page, entries, start, end)
        if line in above_one and len(entries) == 1 and page.lines[start + 1 : start + 2] == [entries[0].snippet]:
            entries, end = [item(page.lines[start])], start + 1  # the article's last paragraph
        if len(entries) == 1 and end == start + 1:
            above_one.add(line)
        if len(entries) == 1 and end == start + 1 and leads_to_source(page.lines[start]):
            entries = []  # to where an aggregator has the article from: `Read more:`, `Evening Post »`
        if entries or end >= len(page.lines) or line.endswith((":", "：")):
            if len(entries) > 1 and all(map(_is_keyword, entries)):
                entries = []  # what the page is on: `Related topics`, `Ferries`, `Harrowby`
            header = introductions_above(page.lines, at)
            page.cut(at, max(end, start), entries, Evidence(["marker"], 1.0), header=header)


def _says_what_was_counted(line: str) -> bool:
    """Whether a line says from when to when the readers were counted by whom entries are ranked."""
    return len(line) <= _MAX_COUNTED and any(map(str.isdigit, line)) and lexicon().tallies.search(line) is not None


def _are_no_comments(entries: Sequence[SimilarItem]) -> bool:
    """Whether entries below an article's comments are of others: each has a source and an age, as no comment has both."""
    return len(entries) > 1 and all(entry.source and entry.published_at for entry in entries)


def _is_keyword(entry: SimilarItem) -> bool:
    if entry.snippet is not None or entry.source is not None or len(words(entry.title)) >= _MIN_TITLE:
        return False
    return weight(entry.title) <= (_MAX_DENSE if DENSE.search(entry.title) else _MAX_KEYWORD)


def _is_quoted_with_others(lines: Sequence[str], at: int) -> bool:
    """Whether a marker is one of several that a sentence with a colon announces: the article is on such wordings."""
    first, end = at, at + 1
    while first and at - first < _MAX_QUOTED and lexicon().is_marker(lines[first - 1]):
        first -= 1
    while end < min(len(lines), at + _MAX_QUOTED) and lexicon().is_marker(lines[end]):
        end += 1
    return end - first > 1 and first > 0 and lines[first - 1].endswith((":", "："))


def _without_headline(page: PlainPage, entries: list[SimilarItem], start: int, end: int) -> tuple[list[SimilarItem], int]:
    """Titles before the article without the last, which is its own headline: prose or a credit follows.

    Where a line above the block could be the headline as well, the one that shares more words with the article's lead is.
    """
    signed = next((at for at in range(start, end) if byline_names(page.lines[at])), end)
    if signed < end:  # by the author of the article itself, whose headline and standfirst are above
        left = max(signed - _MAX_HEADLINE, start) if len(entries) == end - start else start
        return entries[: left - start] if left - start > 1 else [], left if left - start > 1 else start
    if end >= len(page.lines) or len(entries) != end - start or len(entries) < 3:
        return entries, end
    while end > start and lexicon().is_credit(page.lines[end - 1]):
        end -= 1
    lead = page.opening(end, end + 5)
    above, share = page.lines[: min(start - 1, _MAX_ABOVE)], max(overlap(page.lines[end - 1], lead), 0.2)
    if any(len(words(line)) >= 3 and overlap(line, lead) >= share for line in above):
        return entries, end
    return entries[: max(end - 1 - start, 0)], end - 1
