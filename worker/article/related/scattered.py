"""Titles that stand one by one amid the article, each below a heading of its own: `DON'T MISS`, `Christmas concerts, town by town`.

An article's own part may have a heading in two lines.  What comes twice in one wording, or each time in capitals, in an article
that has no other headings, is another's, unless the titles tell what the paragraphs below them tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from worker.article.evidence import Evidence
from worker.article.related.entries import shape_of
from worker.article.related.headed import are_as_long_as_headlines, opens_with_a_word
from worker.article.related.items import item
from worker.article.related.lines import PlainPage
from worker.article.related.shapes import ASKS, is_prose
from worker.article.wording import fold, kinship, stems_of, weight

_MIN: Final = 2  # titles, and paragraphs above the first
_MAX: Final = 8  # titles; more are an article in parts
_MAX_HEADING: Final = 40  # weight
_SHORTER: Final = 0.75  # of the weight of the title
_PARAGRAPHS: Final = 2  # below a title that it may be the heading of
_AKIN, _MORE = 0.4, 1.3
_READ, _MAX_READ = 30, 2000  # lines above a title that are read for words, and characters of one


def cut_scattered(page: PlainPage) -> None:
    """Cut headings with one title each that stand between paragraphs, two or more on a page without other headings."""
    places = [at for at in range(1, page.foot - 1) if _is_between_paragraphs(page, at)]
    if not any(map(page.is_free, places, (at + 2 for at in places))):
        return
    if not _MIN <= len(places) <= _MAX or page.headings() or sum(map(is_prose, page.lines[: places[0]])) < _MIN:
        return
    headings, titles = [page.lines[at] for at in places], [page.lines[at + 1] for at in places]
    if any(after - before <= _MIN + 1 for before, after in pairwise(places)) and len(places) > _MIN:
        return  # a paragraph each: a digest
    if not all(map(_is_set_apart, headings, titles)) or not _are_alike(headings):
        return
    if any(_heads_what_is_below(page.lines, at) for at in places):
        return
    for at, title in zip(places, titles, strict=True):
        if page.is_gone(at):
            continue  # a known heading tells of the others
        page.cut(at, at + 2, [item(title)], Evidence(["a heading and a title between paragraphs", "more than once"], 1.0))


def _is_between_paragraphs(page: PlainPage, at: int) -> bool:
    lines = page.lines
    if not is_prose(lines[at - 1]) or is_prose(lines[at]) or is_prose(lines[at + 1]) or page.is_gone(at - 1):
        return False
    if at + 2 < page.foot and (not is_prose(lines[at + 2]) or page.is_gone(at + 2)):
        return False
    return (page.is_gone(at) and page.is_gone(at + 1)) or (shape_of(page, at) == "T" and shape_of(page, at + 1) == "T")


def _is_set_apart(heading: str, title: str) -> bool:
    """Whether a line is a few words above a title that is longer, and no picture's, part's or question's."""
    if weight(heading) > min(_MAX_HEADING, _SHORTER * weight(title)) or not opens_with_a_word(heading):
        return False
    if any(map(str.isdigit, heading)) or heading.endswith(ASKS) or title.isupper():
        return False
    return are_as_long_as_headlines([title], explained=True)


def _are_alike(headings: Sequence[str]) -> bool:
    """Whether the headings are one wording, or all in capitals and not of parts: `PART ONE`, `PART TWO`."""
    if len(set(map(fold, headings))) == 1:
        return True
    firsts = {fold(heading).split()[0] for heading in headings if fold(heading)}
    return len(firsts) == len(headings) and all(map(str.isupper, headings))


def _heads_what_is_below(lines: Sequence[str], at: int) -> bool:
    """Whether a title tells what the paragraphs right below it tell, and not what those above do."""
    title, below = lines[at + 1], lines[at + 2 : at + 2 + _PARAGRAPHS]
    akin = kinship(title, stems_of(line[:_MAX_READ] for line in below))
    return akin >= _AKIN and akin > _MORE * kinship(title, stems_of(line[:_MAX_READ] for line in lines[max(0, at - _READ) : at]))
