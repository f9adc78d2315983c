"""Entries that keep step with lines on how old they are, which stand above their titles or amid them: `2h ago / TITLE / SNIPPET`.

What is left below the last age tells where an entry begins: each must have the same lines above its age, and below it a title, a
snippet or both.  Nobody need know what the lines say.  Ages that close their entries are told by `cadence` and `dated`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from worker.article.ages import is_date, is_recent, may_be_where_and_when, newest_first, source_and_age
from worker.article.evidence import Evidence, lexicon
from worker.article.related.introductions import header_above, is_introduction
from worker.article.related.items import item
from worker.article.related.lines import PlainPage
from worker.article.related.opened import is_name
from worker.article.related.promos import MAX_TITLE
from worker.article.related.shapes import is_prose, is_teaser, names_source
from worker.article.wording import ends_hard, is_truncated, is_unspaced, weight
from worker.records import SimilarItem

_MIN_ENTRIES, _MIN_PARAGRAPHS = 3, 2
_MAX_GAP = 6  # lines from one age to the next
_MAX_ABOVE, _MAX_BELOW = 3, 2  # lines of an entry above its age, and below
_MIN_TITLE, _MIN_WORDS = 14, 3  # weight of a title, and its words
_LONGER = 1.3  # what snippets without a mark at their end are than titles
_MAX_READ = 400  # lines above entries
_MAX_AGE = 90  # characters


@dataclass(frozen=True, slots=True)
class _Step:
    """Entries in step, and where they stand."""

    start: int
    end: int
    entries: list[SimilarItem]


def cut_stepped(page: PlainPage) -> None:
    """Cut three entries or more whose ages stand above their titles or amid them."""
    ages = [at for at in range(1, page.foot) if _tells_age(page, at)]
    first = 0
    for last in range(len(ages)):
        if last + 1 < len(ages) and ages[last + 1] - ages[last] <= _MAX_GAP:
            continue
        run, first = ages[first : last + 1], last + 1
        step = _in_step(page, run) if len(run) >= _MIN_ENTRIES else None
        if step is None:
            continue
        header = header_above(page.lines, step.start)
        evidence = _weigh(page, step, header)
        if evidence.enough:
            page.cut(step.start, step.end, step.entries, evidence, header=len(header))


def _tells_age(page: PlainPage, at: int) -> bool:
    line = page.lines[at]
    if len(line) > _MAX_AGE or page.is_gone(at):
        return False
    meta = source_and_age(line)
    return meta is not None and meta[1] is not None and not may_be_where_and_when(line)


def _in_step(page: PlainPage, run: Sequence[int]) -> _Step | None:
    """The entries around ages, with as many lines above each as fit all; None if nothing does."""
    most = min(run[-1] + _MAX_BELOW + 2, page.foot)
    end = next((at for at in range(run[-1] + 1, most) if page.is_gone(at) or not is_teaser(page.lines[at])), most)
    if end - run[-1] > _MAX_BELOW + 1:
        return None
    for above in range(_MAX_ABOVE + 1):
        start = run[0] - above
        if start < 1 or not page.is_free(start, end):
            break
        starts = [*(at - above for at in run), end]
        groups = [page.lines[one:other] for one, other in pairwise(starts)]
        entries = _read(groups, above)
        if entries and _begins(page, start, entries):
            return _Step(start, end, entries)
    return None


def _begins(page: PlainPage, start: int, entries: Sequence[SimilarItem]) -> bool:
    """Whether the line above entries is no title whose age is the first below it: the article's, or a heading right under that."""
    line = page.lines[start - 1]
    if page.is_gone(start - 1) or is_prose(line) or is_introduction(line):
        return True
    if start > 1 and not (page.is_gone(start - 2) or is_prose(page.lines[start - 2])):
        return False
    return lexicon().talks(line) > 0 or weight(line) < min(weight(entry.title) for entry in entries)


def _read(groups: Sequence[Sequence[str]], above: int) -> list[SimilarItem]:
    """The entries of groups of lines whose ages stand behind so many others; none where one has other lines than the rest."""
    if any(not 0 <= len(group) - above - 1 <= _MAX_BELOW for group in groups):
        return []
    columns = [[group[number] for group in groups] for number in range(above)]
    place = next((number for number, column in enumerate(columns) if all(map(_is_title, column))), None)
    names = [column for number, column in enumerate(columns) if number != place]
    if not all(all(map(names_source, column)) for column in names):
        return []
    tails = [list(group[above + 1 :]) for group in groups]
    if place is None:
        if not all(tail and _is_title(tail[0]) for tail in tails):
            return []
        titles, snippets = [tail[0] for tail in tails], [tail[1:] for tail in tails]
    else:
        titles, snippets = columns[place], tails
    alone = not any(snippets) and place is not None  # ages close the entries
    if len(set(titles)) < len(titles) or (alone and len(names) < 2) or any(len(said) > 1 for said in snippets):
        return []
    if place is not None and not alone and 2 * sum(map(bool, snippets)) <= len(snippets):
        return []  # the ages close them, and the last snippet is a line of the page
    if not all(_is_snippet(said[0], title) for said, title in zip(snippets, titles, strict=True) if said):
        return []
    entries = []
    for number, (title, said) in enumerate(zip(titles, snippets, strict=True)):
        source, age = source_and_age(groups[number][above]) or (None, None)
        name = names[0][number] if names and is_name(names[0][number]) and not names[0][number].isupper() else None
        entries.append(item(title, said[0] if said else None, source=source or name, published_at=age))
    return entries


def _is_title(line: str) -> bool:
    enough = is_unspaced(line) or len(line.split()) >= _MIN_WORDS
    return enough and _MIN_TITLE <= weight(line) <= MAX_TITLE and not ends_hard(line) and not is_truncated(line)


def _is_snippet(line: str, title: str) -> bool:
    return is_teaser(line) and (ends_hard(line) or is_truncated(line) or weight(line) > _LONGER * weight(title))


def _weigh(page: PlainPage, step: _Step, header: Sequence[str]) -> Evidence:
    evidence = Evidence(["titles in step with ages"], 0.6)
    ages = [entry.published_at or "" for entry in step.entries]
    said = sum(map(lexicon().talks, header))
    known = any(map(is_introduction, header))
    evidence.add_if(known, "marker", 0.6)
    evidence.add_if(not known and said > 0, "heading speaks of other articles", 0.4)
    ago = sum(map(is_recent, ages)) > len(ages) / 2
    evidence.add_if(ago, "how long ago", 0.3)
    dated = not ago and not all(entry.source for entry in step.entries)
    evidence.add_if(dated, "what came when", -0.5)
    evidence.add_if(not newest_first([age for age in ages if is_date(age)]), "what comes when", -0.5)
    evidence.add_if(any(entry.truncated and entry.snippet for entry in step.entries), "cut short", 0.3)
    evidence.add_if(page.closes(step.end), "at the end", 0.3)
    paragraphs = [line for line in page.lines[max(0, step.start - _MAX_READ) : step.start] if is_prose(line)]
    evidence.add_if(len(paragraphs) < _MIN_PARAGRAPHS, "no article above", -1.0)
    block = sum(map(weight, page.lines[step.start : step.end]))
    evidence.add_if(block > sum(map(weight, paragraphs)), "most of the page", -0.4)
    return evidence
