"""What stands above and below a page's headline and is the site's: section names, the author, buttons, counts.

A page that was text before has nothing of it.  One that has lost its tags shows it by what says when it came out, who wrote it or
how long it takes to read: a few words each stand above that, and some below.  An article's own short lines, its subheadings, stand
above its later paragraphs as well.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

from worker.article.evidence import lexicon
from worker.article.related.head import MAX_HEAD, head_of, is_button
from worker.article.related.promos import BULLET
from worker.article.related.shapes import is_prose
from worker.article.wording import ends_hard, ends_sentence, is_unspaced, overlap, weight, words

_MAX_NAMES = 5  # lines above a headline
_MAX_BELOW = 3  # lines between what says when and the first paragraph
_MAX_WORDS = 4  # of a line that is no headline and no standfirst
_MAX_SHORT, _MAX_UNSPACED = 36, 20  # weight of one
_MAX_STAMP, _MAX_STAMP_WORDS = 60, 9  # characters and words of what says when
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_TIME = re.compile(r"(?<!\d)[012]?\d[:.h][0-5]\d(?![\d.])")
_MIN_BUTTON = 3  # characters of one that stands alone
_READ = 3  # paragraphs whose words a headline shares
_MAX_LINES = 400  # that are looked at for subheadings


def masthead_of(lines: Sequence[str]) -> frozenset[int]:
    """The numbers of the lines in a page's head that are the site's, though nothing in them says so."""
    signs = head_of(lines) | {at for at, line in enumerate(lines[:MAX_HEAD]) if _says_day_and_time(line)}
    prose = list(islice((at for at, line in enumerate(lines[:MAX_HEAD]) if is_prose(line)), 2))
    if not signs or not prose:
        return frozenset()
    found = _above_headline(lines, signs, prose[0])
    top = len(found)
    for start, end in zip([top, *prose], prose, strict=False):
        if last := max((at for at in signs if start < at < end), default=0):
            found.update(at for at in range(start + 1, last) if at not in signs and _is_short(lines[at]))
            found.update(_below(lines, last, end))
    found.update(at for at in range(min(signs) + 1, prose[-1]) if at not in signs and _is_lone_button(lines, at))
    return frozenset(found)


def _is_lone_button(lines: Sequence[str], at: int) -> bool:
    """Whether a line is a button of a share bar, which needs no other beside it where something above says when or who."""
    return len(lines[at]) >= _MIN_BUTTON and is_button(lines[at]) and not lines[at - 1].endswith((":", "："))


def _says_day_and_time(line: str) -> bool:
    """Whether a line has a year and a time and few words, in whatever language: it says when the page came out."""
    if len(line) > _MAX_STAMP or len(line.split()) > _MAX_STAMP_WORDS or ends_hard(line):
        return False
    return _YEAR.search(line) is not None and _TIME.search(line) is not None


def _above_headline(lines: Sequence[str], signs: frozenset[int], end: int) -> set[int]:
    """Section names above the headline, which is the first line with more words; a short headline shares words with the text."""
    headline = next((at for at in range(end) if at not in signs and not _is_short(lines[at])), 0)
    if not 0 < headline <= _MAX_NAMES:
        return set()
    if stamps := [at for at in signs if at < headline]:  # section, day and time, headline
        return _above_stamp(lines, stamps)
    said = frozenset(word for line in [line for line in lines[headline:] if is_prose(line)][:_READ] for word in words(line))
    return set(range(next((at for at in range(headline) if overlap(lines[at], said)), headline)))


def _above_stamp(lines: Sequence[str], stamps: Sequence[int]) -> set[int]:
    """What says when the page came out, above its headline, and section names above that; short lines below may be the headline."""
    if not all(_says_day_and_time(lines[at]) for at in stamps):
        return set()
    return {*range(min(stamps)), *stamps}


def _below(lines: Sequence[str], last: int, end: int) -> range:
    """The short lines right below what says when or who, unless they may be subheadings, as others are further down."""
    stop = next((at for at in range(last + 1, end) if not _is_short(lines[at])), end)
    if stop - last - 1 > _MAX_BELOW or _has_subheadings(lines, end):
        return range(0)
    return range(last + 1, stop)


def _has_subheadings(lines: Sequence[str], start: int) -> bool:
    """Whether short lines stand above paragraphs further down."""
    return any(
        _is_short(lines[at]) and is_prose(lines[at + 1]) and not lexicon().is_credit(lines[at])
        for at in range(start + 1, min(len(lines) - 1, start + _MAX_LINES))
    )


def _is_short(line: str) -> bool:
    """Whether a line is a few words that say nothing: a name, what a button does, how often the page was read."""
    if line.endswith((":", "：")) or ends_hard(line) or ends_sentence(line) or BULLET.match(line):
        return False
    return len(line.split()) <= _MAX_WORDS and weight(line) <= (_MAX_UNSPACED if is_unspaced(line) else _MAX_SHORT)
