"""What tells entries in step with their ages from what an article has in step: a chronicle, a programme, results, a live blog."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from worker.article.ages import is_age, is_date, is_recent, named_in
from worker.article.evidence import Evidence, lexicon
from worker.article.moments import newest_first, run_forward
from worker.article.related.introductions import is_introduction
from worker.article.related.lines import PlainPage
from worker.article.related.promos import MAX_TITLE
from worker.article.related.shapes import is_prose
from worker.article.related.sources import names_whose
from worker.article.wording import ends_hard, is_truncated, is_unspaced, weight
from worker.records import SimilarItem

MIN_ENTRIES: Final = 3
_MIN_PARAGRAPHS: Final = 2
_LEAST_TITLE, _MIN_TITLE, _MIN_WORDS = 8, 14, 3  # weight of any title, of most titles, and the words of those
_MAX_READ: Final = 400  # lines above entries
_MAX_HEADING: Final = 60  # weight
_MAX_COUNT: Final = 30  # weight of a line that counts what is below
_CLOCK: Final = re.compile(r"\d{1,2}[:.]\d{2}")
_WITH_YEAR: Final = re.compile(r"\d{4}")
_COUNTED: Final = re.compile(r"\d{1,3} [^\W\d_]+")
_RESULT: Final = re.compile(r"\d{1,3}[-–:]\d{1,3}|\d{1,2}\.\d")
_DECIMAL: Final = re.compile(r"\d{1,2}\.\d{2}")  # as prices are
_DAY: Final = re.compile(r"(?:0[1-9]|[12]\d|3[01])\.(?:0[1-9]|1[0-2])")
_WORDS: Final = re.compile(r"[^\W\d_]+")


def may_be_title(line: str) -> bool:
    return _LEAST_TITLE <= weight(line) <= MAX_TITLE and not ends_hard(line) and not is_truncated(line) and not names_whose(line)


def are_titles(lines: Sequence[str]) -> bool:
    """Whether lines can be titles, all of them, and most are as long as titles are."""
    if not all(map(may_be_title, lines)) or len(set(lines)) < len(lines):
        return False
    longer = sum(weight(line) >= _MIN_TITLE and (is_unspaced(line) or len(line.split()) >= _MIN_WORDS) for line in lines)
    return 3 * longer >= 2 * len(lines)


def are_ages(ages: Sequence[str]) -> bool:
    """Whether what was read as ages is: no results, and no figures each with a noun of its own, `5 ways`, `7 bridges`."""
    dates = [age for age in ages if is_date(age)]
    results = [age for age in dates if _RESULT.fullmatch(age) or (_DECIMAL.fullmatch(age) and not _DAY.fullmatch(age))]
    if len(results) == len(ages) or not all(map(_CLOCK.fullmatch, results)):
        return False
    named = [age for age in dates if not _WITH_YEAR.search(age) and _CLOCK.search(age) is None and _WORDS.search(age)]
    return len({named_in(age) for age in named}) <= 1 + len(named) // 3


def heading_above(page: PlainPage, start: int) -> int:
    """How many lines right above entries head them: a few words, and below them perhaps a count, under a paragraph or a block."""
    at = start
    if at > 1 and not page.is_gone(at - 1) and _counts(page.lines[at - 1]):
        at -= 1
    if at > 1 and not page.is_gone(at - 1) and _heads(page, at - 1):
        return start - at + 1
    return 0


def _counts(line: str) -> bool:
    """Whether a line may say how many were gathered: `9 sources`."""
    if weight(line) > _MAX_COUNT or ends_hard(line) or not any(map(str.isdigit, line)):
        return False
    return _COUNTED.fullmatch(line) is not None or not is_age(line)


def _heads(page: PlainPage, at: int) -> bool:
    line = page.lines[at]
    if weight(line) > _MAX_HEADING or is_prose(line):
        return False
    return is_introduction(line) or lexicon().talks(line) > 1 or page.is_gone(at - 1) or is_prose(page.lines[at - 1])


def weigh_steps(page: PlainPage, start: int, end: int, entries: Sequence[SimilarItem], header: Sequence[str]) -> Evidence:
    """What speaks for entries whose ages keep step, and what against: an article tells what came when, or what comes."""
    evidence, ages = Evidence(["titles in step with ages"], 0.6), [entry.published_at or "" for entry in entries]
    known, said = any(map(is_introduction, header)), sum(map(lexicon().talks, header))
    evidence.add_if(known, "marker", 0.6)
    evidence.add_if(not known and said > 0, "heading speaks of other articles", 0.4)
    evidence.add_if(not known and not said and bool(header), "a heading", 0.2)
    dates = [age for age in ages if is_date(age)]
    clocks = [age for age in dates if _CLOCK.fullmatch(age)]
    evidence.add_if(2 * sum(map(is_recent, ages)) > len(ages), "how long ago", 0.4)
    evidence.add_if(sum(entry.source is not None for entry in entries) == len(entries), "sources", 0.3)
    if clocks:
        programme = len(dates) == len(ages)  # which has no `yesterday`
        evidence.add_if(programme and not newest_first(clocks), "times of day", -1.0)
        evidence.add_if(newest_first(clocks) and not any(entry.snippet for entry in entries), "the newest first", 0.2)
    elif len(dates) > 1 and run_forward(dates):
        evidence.add("what came when", -0.6)
    elif len(dates) == len(ages):
        full = all(map(_WITH_YEAR.search, ages)) or all(map(_CLOCK.search, ages))
        evidence.add_if(newest_first(dates), "the newest first", 0.4 if full else 0.3)
    evidence.add_if(any(entry.truncated and entry.snippet for entry in entries), "cut short", 0.3)
    evidence.add_if(page.closes(end), "at the end", 0.3)
    paragraphs = [line for line in page.lines[max(0, start - _MAX_READ) : start] if is_prose(line)]
    evidence.add_if(len(paragraphs) < _MIN_PARAGRAPHS, "no article above", -1.0)
    block = sum(map(weight, page.lines[start:end]))
    evidence.add_if(block > sum(map(weight, paragraphs)), "most of the page", -0.4)
    return evidence
