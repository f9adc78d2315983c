"""What stands between a page's headline and its first paragraphs and is no article's: dates, bylines, reading times, share bars.

Pages without `<time>`, and texts that have lost their tags, set them as paragraphs.  A chronicle opens with a date too, and so do
the entries of a diary: there others like it follow.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from worker.article.ages import is_date, is_full_date
from worker.article.counts import counts_minutes
from worker.article.evidence import lexicon
from worker.article.related.foot import invites, is_signed
from worker.article.related.lead import byline_names
from worker.article.related.rows import is_row_of_buttons
from worker.article.related.shapes import is_prose
from worker.article.wording import ends_hard, fold

MAX_HEAD = 14  # lines of a page's head, which ends before the second paragraph of prose: the first may be the standfirst
_MAX_STAMP = 90  # characters
_MAX_LABEL = 4  # words before a date
_MIN_COMMAS = 2  # of a row of keywords
_MAX_BUTTON = 24  # characters
_MAX_ASKING = 90  # characters of a line that asks to share the article
_BETWEEN = re.compile(r"\s*[|•·∙]\s*|\s+[-–—]\s+(?=\D)")
_CLOCK = re.compile(r"\d{1,2}[:.h]\d{2}(?:\s?(?:Uhr|[AaPp]\.?[Mm]\.?))?,?\s+(?=\S*\d)")
_PLAYER = re.compile(r"\d{1,2}:\d{2}\s?/\s?\d{1,2}:\d{2}")


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
        if is_full_date(rest) or is_full_date(_CLOCK.sub("", rest, count=1)):
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


def is_button(line: str) -> bool:
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
    opening = end = MAX_HEAD  # the first paragraph of prose, and the line after the head
    for number, line in enumerate(lines[:MAX_HEAD]):
        if is_prose(line):
            if opening < number:
                end = number
                break
            opening = number
        elif is_button(line):
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
