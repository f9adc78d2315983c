"""Lines that say when something was published, and by whom: `2h`, `gestern`, `Evening Post · 2h`."""

from __future__ import annotations

import re
from functools import lru_cache

from worker.article.evidence import Lexicon, lexicon
from worker.article.wording import DENSE, ends_hard, fold, weight

_DIGIT = re.compile(r"\d")
_NAMED_DATE = re.compile(
    r"(?:[012]?\d|3[01])\.? (?:de )?[^\W\d]{3,12}\.?(?:,? (?:de )?\d{4})?(?:,? \d{1,2}:\d{2})?|[^\W\d]{3,12}\.? \d{1,2}, \d{4}"
)
_DATE = re.compile(
    r"(?:\d{4}[-./年]\s?\d{1,2}[-./月]\s?\d{1,2}日?|\d{1,2}[-./]\d{1,2}(?:[-./]\d{2,4})?|\d{1,2}月\d{1,2}日)"
    r"(?:[ T,]+\d{1,2}:\d{2})?\s*$|"
    r"\d{1,2}:\d{2}\s*$"
)
_BETWEEN = re.compile(r"\s*[·•|∙・\t]\s*|\s+[-–—]\s+|\s{3,}|\s*,\s+(?=\d{1,2}[./ ]\S+[./ ]\d{4}|\d+ ?[hmd]\b)")


def is_age(text: str) -> bool:
    """Whether the text says when something was published: `2h`, `3 days ago`, `gestern`, `05-12`."""
    return 0 < len(text) <= 40 and len(text.split()) <= 5 and _is_age(lexicon(), text)


@lru_cache(maxsize=4096)
def _is_age(known: Lexicon, text: str) -> bool:
    folded = fold(text)
    if _DATE.fullmatch(text.strip()):
        return True
    if known.short_age.fullmatch(folded):
        return True
    rest, found = known.ages.subn("", folded)
    if not found:
        return _NAMED_DATE.fullmatch(folded) is not None and not DENSE.search(folded)
    return sum(char.isalpha() for char in rest) <= (6 if found > 1 and not DENSE.search(folded) else 3) and (
        found > 1 or _DIGIT.search(folded) is not None or rest == ""
    )


_PARTED = re.compile(r"\s[·•|∙]\s")
_ENCLOSED_AGE = re.compile(r"^(?P<source>[^,،、()（）]{2,45}?)(?:[,،、]\s*|\s*[(（])(?P<age>[^,،、()（）]{1,40}?)[)）]?$")


def _is_short(text: str, most: int) -> bool:
    return weight(text) <= most and len(text.split()) <= 4


def source_and_age(text: str) -> tuple[str | None, str | None] | None:
    """Source and age of a line that says nothing else, such as `Evening Post · 2h`; None for any other line."""
    if len(text) > 90 or ends_hard(text):
        return None
    parts = [part for part in _BETWEEN.split(text) if part]
    if len(parts) == 2 and is_age(parts[1]) and weight(parts[0]) <= 45:
        return parts[0], parts[1]
    if len(parts) == 3 and is_age(parts[2]) and all(weight(part) <= 30 and len(part.split()) <= 3 for part in parts[:2]):
        return parts[0], parts[2]
    if len(parts) == 2 and _PARTED.search(text) and _DIGIT.search(parts[1]) and _is_short(parts[1], 24) and _is_short(parts[0], 45):
        return parts[0], parts[1]  # an age in words that no lexicon knows: `Yamaç Postası · 3 sa`
    if len(parts) == 2 and is_age(parts[0]) and weight(parts[1]) <= 45:
        return parts[1], parts[0]
    if is_age(text):
        return None, text.strip()
    enclosed = _ENCLOSED_AGE.match(text)  # `Echo, yesterday`, `Echo (3 hours ago)`
    if enclosed and is_age(enclosed["age"]) and _is_short(enclosed["source"], 45):
        return enclosed["source"], enclosed["age"]
    return None
