"""Entries that keep step with lines on how old they are, which stand above their titles or amid them: `2h ago / TITLE / SNIPPET`.

What is left below the last age tells where an entry begins: each must have the same lines above its age, and below it a title, a
snippet or both.  Nobody need know what the lines say.  `steps` tells them from what an article has in step.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from worker.article.ages import may_be_where_and_when, source_and_age
from worker.article.evidence import lexicon
from worker.article.related.introductions import is_introduction
from worker.article.related.items import item
from worker.article.related.lines import PlainPage
from worker.article.related.opened import is_name
from worker.article.related.shapes import is_prose, is_teaser, names_source, without_numbers
from worker.article.related.steps import MIN_ENTRIES, are_ages, are_titles, heading_above, weigh_steps
from worker.article.wording import ends_as_snippet, weight
from worker.records import SimilarItem

_MAX_GAP: Final = 6  # lines from one age to the next
_MAX_ABOVE, _MAX_BELOW = 3, 2  # lines of an entry above its age, and below
_MIN_ALIKE: Final = 2  # days of one month
_COUNTED: Final = re.compile(r"\d{1,2}\.? (?:de )?(?P<noun>[^\W\d_]+)")
_LONGER: Final = 1.3  # what snippets without a mark at their end are than titles
_MAX_COUNT: Final = 48  # characters of a line below a block that says how many there are
_MAX_AGE: Final = 90  # characters


@dataclass(frozen=True, slots=True)
class _Step:
    """Entries in step, and where they stand."""

    start: int
    end: int
    entries: list[SimilarItem]


def cut_stepped(page: PlainPage) -> None:
    """Cut three entries or more whose ages stand above their titles or amid them."""
    ages = [at for at in range(1, page.foot) if _tells_age(page, at)]
    nouns = Counter(noun for at in ages if (noun := _noun_of(page.lines[at])))
    ages = [at for at in ages if nouns.get(_noun_of(page.lines[at]), _MIN_ALIKE) >= _MIN_ALIKE]
    first = 0
    for last in range(len(ages)):
        if last + 1 < len(ages) and ages[last + 1] - ages[last] <= _MAX_GAP:
            continue
        run, first = ages[first : last + 1], last + 1
        step = _in_step(page, run) if len(run) >= MIN_ENTRIES else None
        if step is None:
            continue
        header = heading_above(page, step.start)
        evidence = weigh_steps(page, step.start, step.end, step.entries, page.lines[step.start - header : step.start])
        if evidence.enough:
            page.cut(step.start, step.end, step.entries, evidence, header=header)


def _tells_age(page: PlainPage, at: int) -> bool:
    line = page.lines[at]
    if len(line) > _MAX_AGE or page.is_gone(at):
        return False
    meta = source_and_age(line)
    return meta is not None and meta[1] is not None and not may_be_where_and_when(line)


def _noun_of(line: str) -> str:
    """The word of a line that is a figure and a word: a month, if another line has it too, else what is counted: `9 sources`."""
    found = _COUNTED.fullmatch(line)
    return found["noun"] if found else ""


def _in_step(page: PlainPage, run: Sequence[int]) -> _Step | None:
    """The entries around ages, with as many lines above each as fit all; None if nothing does."""
    most = min(run[-1] + _MAX_BELOW + 1, page.foot)
    end = next((at for at in range(run[-1] + 1, most) if page.is_gone(at) or not is_teaser(page.lines[at])), most)
    found: list[_Step] = []
    for above in range(_MAX_ABOVE + 1):
        start = run[0] - above
        if start < 1 or not page.is_free(start, end):
            break
        below = max(other - one - 1 - above for one, other in pairwise(run))
        last = min(end, run[-1] + 1 + below)  # no longer than the others: what follows is the page's
        groups = [page.lines[one:other] for one, other in pairwise([*(at - above for at in run), last])]
        entries = _read(groups, above)
        if entries and (_begins(page, start, entries) or (above == 0 and _may_be_headed(page, start, last))):
            found.append(_Step(start, last, entries))
    if len(found) > 1 and found[0].start == run[0] and _may_be_headed(page, run[0], found[0].end):
        return found[0]
    found = [step for step in found if _begins(page, step.start, step.entries)]
    # A snippet above the first age is a sentence as a paragraph is: where ages close the entries as well, they do.
    told = found and found[0].start == run[0] and is_prose(page.lines[run[0] - 1])
    return next((step for step in reversed(found) if told and step.end == run[-1] + 1), found[0]) if found else None


def _may_be_headed(page: PlainPage, start: int, end: int) -> bool:
    """Whether the line right above an age is a heading rather than a title, for the last line of the page is a title without it."""
    counts = len(page.lines[end - 1]) <= _MAX_COUNT and any(map(str.isdigit, page.lines[end - 1]))
    return heading_above(page, start) > 0 and end == page.foot and not counts


def _begins(page: PlainPage, start: int, entries: Sequence[SimilarItem]) -> bool:
    """Whether the line above entries is no title whose age is the first below it: the article's, or a heading right under that."""
    line = page.lines[start - 1]
    if page.is_gone(start - 1) or is_prose(line) or is_introduction(line):
        return True
    if not heading_above(page, start):
        return False
    return lexicon().talks(line) > 0 or weight(line) < min(weight(entry.title) for entry in entries)


def _read(groups: Sequence[Sequence[str]], above: int) -> list[SimilarItem]:
    """The entries of groups of lines whose ages stand behind so many others; none where one has other lines than the rest."""
    if any(not 0 <= len(group) - above - 1 <= _MAX_BELOW for group in groups):
        return []
    columns = [[group[number] for group in groups] for number in range(above)]
    places = [number for number, column in enumerate(columns) if are_titles(column)]
    place = max(places, key=lambda number: sum(map(weight, columns[number])), default=None)
    beside = [column for number, column in enumerate(columns) if number != place]
    told = next((column for column in beside if all(map(_tells, column))), None)  # snippets above the ages
    names = [column for column in beside if column is not told]
    if not all(all(map(names_source, column)) and not _closes(column) for column in names):
        return []
    tails = [list(group[above + 1 :]) for group in groups]
    if place is None:
        if not all(tails) or not are_titles([tail[0] for tail in tails]):
            return []
        titles, snippets = [tail[0] for tail in tails], [tail[1:] for tail in tails]
    else:
        titles, snippets = columns[place], tails
    titles = without_numbers(titles)
    if told is not None:
        if any(snippets):
            return []
        snippets = [[line] for line in told]
    if len(set(titles)) < len(titles) or any(len(said) > 1 for said in snippets):
        return []
    if place is not None and any(snippets) and 2 * sum(map(bool, snippets)) <= len(snippets):
        return []  # the ages close them, and the last snippet is a line of the page
    if not all(_is_snippet(said[0], title) for said, title in zip(snippets, titles, strict=True) if said):
        return []
    entries = []
    for number, (title, said) in enumerate(zip(titles, snippets, strict=True)):
        source, age = source_and_age(groups[number][above]) or (None, None)
        name = names[0][number] if names and is_name(names[0][number]) and not names[0][number].isupper() else None
        entries.append(item(title, said[0] if said else None, source=source or name, published_at=age))
    return entries if are_ages([entry.published_at or "" for entry in entries]) else []


def _closes(column: Sequence[str]) -> bool:
    """Whether lines are the wording that closes the entries, with a heading for the first."""
    return len(set(column[1:])) == 1 and column[0] != column[1]


def _tells(line: str) -> bool:
    """Whether a line between a title and its age is a snippet."""
    return is_teaser(line) and ends_as_snippet(line)


def _is_snippet(line: str, title: str) -> bool:
    return is_teaser(line) and (ends_as_snippet(line) or weight(line) > _LONGER * weight(title))
