"""What introduces a block in plain text: the lines above its entries that are neither entries nor the article's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from worker.article.evidence import lexicon
from worker.article.related.lead import breadcrumb_section, category_section, says_twice
from worker.article.related.promos import MAX_TITLE
from worker.article.related.shapes import is_prose
from worker.article.wording import ends_hard, is_unspaced, weight

_MAX_UNSPACED_TITLE: Final = 100
_MAX_EXPLAINED: Final = 400  # weight of a marker with the sentence after it
_MAX_LINES: Final = 3


def marker_with_explanation(line: str) -> bool:
    """Whether the line is a marker with a sentence after it: `Similar News:You can also read ...`."""
    if weight(line) > _MAX_EXPLAINED or not lexicon().after_marker(line):
        return False
    return ends_hard(line) or (is_unspaced(line) and weight(line) > _MAX_UNSPACED_TITLE)  # no full stop in these scripts


def is_introduction(line: str) -> bool:
    """Whether the line says by itself that a block follows: a marker, or the category line of an aggregator."""
    return lexicon().is_marker(line) or category_section(line) is not None or marker_with_explanation(line)


def may_introduce(line: str) -> bool:
    """Whether the line can stand above a block: a few words, or a sentence that speaks of other articles."""
    return weight(line) <= MAX_TITLE and (not ends_hard(line) or lexicon().talks(line) >= 2)


def introductions_above(lines: Sequence[str], start: int) -> int:
    """How many lines right above a line say by themselves that a block follows."""
    at = start
    while at > 0 and start - at < _MAX_LINES and is_introduction(lines[at - 1]):
        at -= 1
    return start - at


def header_above(lines: Sequence[str], start: int) -> list[str]:
    """Lines above an entry that introduce the block, of which the lowest may be any few words.

    Above one that counts what was gathered, or says when, stands the heading; a trail of sections above that is the block's too.
    """
    at = start
    while at > 0 and start - at < _MAX_LINES:
        line = lines[at - 1]
        introduces = is_introduction(line) or (at < start and (says_twice(line) or _heads_a_count(lines, at - 1)))
        trail = at < start and lexicon().talks(lines[at]) > 0 and breadcrumb_section(line) is not None
        if not introduces and not trail and not (at == start and may_introduce(line)):
            break
        at -= 1
    return list(lines[at:start])


def _heads_a_count(lines: Sequence[str], at: int) -> bool:
    """Whether a line below the article speaks of other articles, and the one below it counts them."""
    if not any(map(str.isdigit, lines[at + 1])) or not any(map(is_prose, lines[max(0, at - _MAX_LINES) : at])):
        return False
    return may_introduce(lines[at]) and lexicon().talks(lines[at]) > 0
