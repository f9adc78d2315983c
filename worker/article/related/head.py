"""What stands around a page's headline and is no article's: section names, dates, bylines, reading times, share bars, counts.

Pages without `<time>`, and texts that have lost their tags, set them as paragraphs.  A chronicle opens with a date too, and so do
the entries of a diary: there others like it follow (`head_of`).  What says when the page came out, who wrote it or how long it
takes to read shows the rest of a masthead: a few words each stand above that, and some below.  A page that was text before has
nothing of it, and an article's own short lines, its subheadings, stand above its later paragraphs as well (`masthead_of`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Final

from worker.article.ages import is_date, is_full_date
from worker.article.counts import counts_minutes
from worker.article.evidence import lexicon
from worker.article.related.foot import invites, is_signed
from worker.article.related.lead import byline_names
from worker.article.related.promos import BULLET
from worker.article.related.rows import is_row_of_buttons
from worker.article.related.shapes import is_prose
from worker.article.wording import ends_hard, ends_sentence, fold, is_unspaced, overlap, weight, words

_MAX_HEAD: Final = 14  # lines of a page's head, which ends before the second paragraph of prose: the first may be the standfirst
_MAX_STAMP: Final = 90  # characters
_MAX_LABEL: Final = 4  # words before a date
_MIN_COMMAS: Final = 2  # of a row of keywords
_MAX_BUTTON: Final = 24  # characters
_MAX_ASKING: Final = 90  # characters of a line that asks to share the article
_BETWEEN: Final = re.compile(r"\s*[|•·∙]\s*|\s+[-–—]\s+(?=\D)")
_PLAYER: Final = re.compile(r"\d{1,2}:\d{2}\s?/\s?\d{1,2}:\d{2}")
_MAX_NAMES: Final = 5  # lines above a headline
_MAX_BELOW: Final = 3  # lines between what says when and the first paragraph
_MAX_WORDS: Final = 4  # of a line that is no headline and no standfirst
_MAX_SHORT, _MAX_UNSPACED = 36, 20  # weight of one
_MAX_UNKNOWN, _MAX_UNKNOWN_WORDS = 60, 9  # characters and words of what says when in whatever language
_YEAR: Final = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_TIME: Final = re.compile(r"(?<!\d)[012]?\d[:.h][0-5]\d(?![\d.])")
_MIN_BUTTON: Final = 3  # characters of one that stands alone
_READ: Final = 3  # paragraphs whose words a headline shares
_MAX_LINES: Final = 400  # that are looked at for subheadings


def says_when(line: str) -> bool:
    """Whether a line says when the page came out or was changed, and nothing else: `Stand: 28.04.2023 16:11 Uhr`."""
    if len(line) > _MAX_STAMP or not any(map(str.isdigit, line)):
        return False
    return all(map(_is_stamp, filter(None, _BETWEEN.split(line.strip()))))


def is_stamped(line: str) -> bool:
    """Whether a line says when the page came out or was changed, behind a word for that; beside a time the year may be left out."""
    found = lexicon().stamps.match(fold(line)) if len(line) <= _MAX_STAMP and any(map(str.isdigit, line)) else None
    if found is None:
        return False
    _, _, said = line.replace("：", ":").partition(":")
    return says_when(line) or (":" in said and is_date(said.strip()))


def _is_stamp(text: str) -> bool:
    tokens = text.split()
    for count in range(min(_MAX_LABEL + 1, len(tokens))):
        label, rest = " ".join(tokens[:count]), " ".join(tokens[count:])
        if any(map(str.isdigit, label)):
            return False
        if is_full_date(rest):
            return not label or (count == 1 and label[-1] == ",") or lexicon().stamps.match(fold(label)) is not None
    return False


def says_how_long(line: str) -> bool:
    """Whether a line says how many minutes the page takes to read, or how far a player of it is."""
    return _PLAYER.fullmatch(line) is not None or counts_minutes(line)


def _joins_keywords(line: str) -> bool:
    """Whether a line is a row of keywords as machines join them: `Harrowby,Bridge,Council vote`."""
    if len(line) > _MAX_STAMP or line.count(",") < _MIN_COMMAS or ", " in line or ends_hard(line):
        return False
    return all(word[:1].isupper() and len(word.split()) <= _MAX_LABEL for word in line.split(","))


_SIGNS: tuple[Callable[[str], object], ...] = (says_when, says_how_long, is_signed, byline_names, _joins_keywords)


def _is_button(line: str) -> bool:
    """Whether a line is what a button of a share bar says."""
    return len(line) <= _MAX_BUTTON and fold(line) in lexicon().buttons


def _asks(line: str, *, above: bool) -> bool:
    """Whether a line asks to share the article: above its first paragraph in words, or else with a row of buttons."""
    return is_row_of_buttons(line) or (above and len(line) <= _MAX_ASKING and not ends_hard(line) and invites(line))


def head_of(lines: Sequence[str]) -> frozenset[int]:
    """The numbers of the lines in a page's head that are no article's, bylines among them; buttons stand in a row.

    What asks to share the article needs none beside it, above the first paragraph.
    """
    found: dict[int, Callable[[str], object]] = {}
    buttons: set[int] = set()
    asking: set[int] = set()
    listed = False  # by the article, below a colon
    opening = end = _MAX_HEAD  # the first paragraph of prose, and the line after the head
    for number, line in enumerate(lines[:_MAX_HEAD]):
        if is_prose(line):
            if opening < number:
                end = number
                break
            opening = number
        elif _is_button(line):
            if not listed:
                buttons.add(number)
            continue
        elif number > 0 and not listed and _asks(line, above=number < opening):
            asking.add(number)
            continue
        elif sign := next((sign for sign in _SIGNS if sign(line)), None):
            found[number] = sign
        listed = line.endswith((":", "："))
    again = {sign for sign in set(found.values()) if any(map(sign, (line for line in lines[end:] if not is_prose(line))))}
    above, below = ({sign for number, sign in found.items() if (number < opening) is side} for side in (True, False))
    stamps = (number for number, sign in found.items() if sign not in again and not (sign in above and sign in below))
    beside = buttons | asking
    return frozenset((*stamps, *asking, *(number for number in buttons if {number - 1, number + 1} & beside)))


def masthead_of(lines: Sequence[str]) -> frozenset[int]:
    """The numbers of the lines in a page's head that are the site's, though nothing in them says so."""
    signs = head_of(lines) | {at for at, line in enumerate(lines[:_MAX_HEAD]) if _says_day_and_time(line)}
    prose = list(islice((at for at, line in enumerate(lines[:_MAX_HEAD]) if is_prose(line)), 2))
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
    return len(lines[at]) >= _MIN_BUTTON and _is_button(lines[at])


def _says_day_and_time(line: str) -> bool:
    """Whether a line has a year and a time and few words, in whatever language: it says when the page came out."""
    if len(line) > _MAX_UNKNOWN or len(line.split()) > _MAX_UNKNOWN_WORDS or ends_hard(line):
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
    return any(_is_short(lines[at]) and is_prose(lines[at + 1]) for at in range(start + 1, min(len(lines) - 1, start + _MAX_LINES)))


def _is_short(line: str) -> bool:
    """Whether a line is a few words that say nothing: a name, what a button does, how often the page was read."""
    if line.endswith((":", "：")) or ends_hard(line) or ends_sentence(line) or BULLET.match(line):
        return False
    return len(line.split()) <= _MAX_WORDS and weight(line) <= (_MAX_UNSPACED if is_unspaced(line) else _MAX_SHORT)
