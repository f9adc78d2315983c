"""Titles at the end of a page, alone or by turns with sentences or with times as well, and nothing that introduces them.

An article ends in full paragraphs.  What follows them as title, one short sentence, title, one short sentence is a list of other
articles, or the article's own last sections, questions or briefs.  Other articles tell of what the page tells, with titles as
long as headlines and snippets shorter than its paragraphs.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from typing import Final

from worker.article.ages import is_age, is_date
from worker.article.evidence import Evidence, lexicon
from worker.article.moments import newest_first
from worker.article.related.foot import foot_of
from worker.article.related.items import item
from worker.article.related.lines import PlainPage
from worker.article.related.promos import MAX_TITLE, find_pointer
from worker.article.related.shapes import ALIKE, ASKS, STOPS, is_prose, set_like_headlines, share_a_mark
from worker.article.wording import ends_hard, is_numbered, is_truncated, kinship, stems_of, weight, words
from worker.records import SimilarItem

_Found = tuple[int, int, Evidence, list[SimilarItem]]
_MIN_PAIRS: Final = 3
_MAX_TITLES: Final = 8
_MIN_PARAGRAPHS: Final = 4
_MAX_SNIPPET: Final = 200  # weight
_MAX_SECTION: Final = 30  # weight
_SHORTER: Final = "shorter than the article's paragraphs"
_LEAD: Final = 3  # lines that hold what the page tells


def cut_pairs(page: PlainPage) -> None:
    """Cut titles, alone or by turns with sentences, that nothing introduces, at the end of a page in which no block was found."""
    if not page.is_whole():
        return
    for find in (find_dated, find_pairs, find_sectioned, find_titles):
        found = find(page.lines)
        if found is not None and found[2].enough:
            start, end, evidence, entries = found
            page.cut(start, end, entries, evidence)
            return


def find_pairs(lines: Sequence[str]) -> _Found | None:
    """Where the pairs at the end of the page begin and end, what speaks for them, and their entries; None if there are none."""
    start = end = foot_of(lines)
    while start >= 2 and _is_title(lines[start - 2]) and _is_snippet(lines[start - 1]):
        start -= 2
    pairs = [(lines[at], lines[at + 1]) for at in range(start, end, 2)]
    body = [line for line in lines[:start] if is_prose(line)]
    if len(pairs) < _MIN_PAIRS or len(body) < _MIN_PARAGRAPHS or not is_prose(lines[start - 1]):
        return None
    return start, end, _weigh(lines, start, pairs, body), [item(title, snippet) for title, snippet in pairs]


def find_dated(lines: Sequence[str]) -> _Found | None:
    """The same for a time, a title and a sentence by turns.

    A programme runs forward in time; a live blog has times above as well, or entries as long as paragraphs.
    """
    start = end = foot_of(lines)
    while start >= 3 and is_age(lines[start - 3]) and _is_title(lines[start - 2]) and _is_snippet(lines[start - 1]):
        start -= 3
    body = [line for line in lines[:start] if is_prose(line)]
    if end - start < 3 * _MIN_PAIRS or len(body) < _MIN_PARAGRAPHS or not is_prose(lines[start - 1]):
        return None
    ages, pairs = lines[start:end:3], list(zip(lines[start + 1 : end : 3], lines[start + 2 : end : 3], strict=True))
    if not _run_back(ages) or any(map(is_age, lines[lines.index(body[0]) : start])):
        return None
    evidence = _weigh(lines, start, pairs, body)
    evidence.add_if(_SHORTER in evidence.signs, "times that run back", 0.5)
    entries = [item(title, snippet, published_at=age) for age, (title, snippet) in zip(ages, pairs, strict=True)]
    return start, end, evidence, entries


def _run_back(ages: Sequence[str]) -> bool:
    """Whether the newest comes first: times and days in figures, then words such as yesterday."""
    dates = list(takewhile(is_date, ages))
    return not any(map(is_date, ages[len(dates) :])) and (len(dates) < 2 or newest_first(dates))


def find_sectioned(lines: Sequence[str]) -> _Found | None:
    """The same for names of sections in capitals and titles by turns.

    Words in capitals head an article's own parts too, above paragraphs.
    """
    start = end = foot_of(lines)
    while start >= 2 and _is_section(lines[start - 2]) and _is_title(lines[start - 1]):
        start -= 2
    titles, body = lines[start + 1 : end : 2], [line for line in lines[:start] if is_prose(line)]
    if len(titles) < _MIN_PAIRS or len(body) < _MIN_PARAGRAPHS or any(map(ends_hard, titles)):
        return None
    evidence = Evidence(["names in capitals and titles by turns", "at the end"], 1.0)
    evidence.add_if(any(len(words(title)) < 4 or title.isupper() for title in titles), "names, not titles", -0.5)
    evidence.add_if(lines[start - 1].endswith((":", "：")), "the article announces them", -0.6)
    headings = (line for line in lines[lines.index(body[0]) : start] if _is_section(line))
    evidence.add_if(any(headings), "the article has headings", -0.6)
    return start, end, evidence, list(map(item, titles))


def _is_section(line: str) -> bool:
    return line.isupper() and weight(line) <= _MAX_SECTION and len(line.split()) <= 3 and not any(map(str.isdigit, line))


def find_titles(lines: Sequence[str]) -> _Found | None:
    """The same for titles alone; all must speak for them, for poems end pages too."""
    start = end = foot_of(lines)
    while start > 0 and _is_title(lines[start - 1]):
        start -= 1
    titles = lines[start:end]
    body = [line for line in lines[:start] if is_prose(line)]
    if not _MIN_PAIRS <= len(titles) <= _MAX_TITLES or len(body) < _MIN_PARAGRAPHS or not ends_hard(lines[start - 1]):
        return None
    evidence = Evidence(["titles", "at the end"], 0.3)
    stems, lead = stems_of(line[:2000] for line in lines[:start]), stems_of(line[:2000] for line in lines[:_LEAD])
    evidence.add_if(2 * sum(kinship(title, stems) >= 0.2 for title in titles) >= len(titles), "words of the article", 0.3)
    evidence.add_if(any(kinship(title, lead) >= 0.6 for title in titles), "a title tells what the lead tells", 0.3)
    evidence.add_if(set_like_headlines(titles), "set like headlines", 0.3)
    unlike = any(len(words(title)) < 4 or title[0].islower() or title.endswith((",", ":", ";", "，", "：")) for title in titles)
    evidence.add_if(unlike, "lines, not titles", -0.6)
    figures = sum(any(map(str.isdigit, title)) for title in titles)
    evidence.add_if(2 * figures >= len(titles), "figures", -0.6)
    evidence.add_if(share_a_mark(titles, ALIKE), "built alike", -0.6)
    evidence.add_if(_has_headings(lines, start), "the article has headings", -0.6)
    return start, end, evidence, list(map(item, titles))


def _has_headings(lines: Sequence[str], end: int) -> bool:
    """Whether lines that are no paragraphs stand below some, and do not point to an article with an arrow."""
    below = (line for at, line in enumerate(lines[1:end], 1) if not is_prose(line) and is_prose(lines[at - 1]))
    return any(line[0] != ">" and find_pointer(line) is None for line in below)


def _is_title(line: str) -> bool:
    return 14 <= weight(line) <= MAX_TITLE and not is_prose(line) and not is_truncated(line) and not _is_aside(line)


def _is_snippet(line: str) -> bool:
    cut_short = is_truncated(line)
    return (ends_hard(line) or cut_short) and 20 < weight(line) <= _MAX_SNIPPET and (cut_short or not STOPS.search(line))


def _is_aside(line: str) -> bool:
    return lexicon().is_credit(line) or is_numbered(line) or is_age(line) or lexicon().is_closing(line)


def _weigh(lines: Sequence[str], start: int, pairs: Sequence[tuple[str, str]], body: Sequence[str]) -> Evidence:
    evidence = Evidence(["titles and sentences by turns", "at the end"], 0.4)
    titles = [title for title, _ in pairs]
    snippets = [snippet for _, snippet in pairs]
    evidence.add_if(any(map(is_truncated, snippets)), "cut short", 0.4)
    stems, lead = stems_of(line[:2000] for line in lines[:start]), stems_of(line[:2000] for line in lines[:_LEAD])
    if 2 * sum(max(kinship(title, stems), kinship(snippet, stems)) >= 0.2 for title, snippet in pairs) >= len(pairs):
        evidence.add("words of the article", 0.2)
    else:
        evidence.add("on something else", -0.4)
    evidence.add_if(any(kinship(title, lead) >= 0.5 for title in titles), "a title tells what the lead tells", 0.3)
    evidence.add_if(set_like_headlines(titles), "set like headlines", 0.2)
    usual = sorted(map(weight, body))[len(body) // 2]
    evidence.add_if(1.5 * max(map(weight, snippets)) < usual, _SHORTER, 0.1)
    brief = sum(len(words(title)) < 4 for title in titles)
    evidence.add_if(2 * brief > len(titles), "names, not titles", -0.5)
    asked = sum(title.rstrip().endswith(ASKS) for title in titles)
    evidence.add_if(2 * asked > len(titles), "questions and answers", -1.2)
    evidence.add_if(_has_headings(lines, start), "the article has headings", -0.6)
    block = sum(map(weight, titles)) + sum(map(weight, snippets))
    evidence.add_if(block > sum(map(weight, body)), "most of the page", -0.6)
    return evidence
