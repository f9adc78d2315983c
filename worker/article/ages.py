"""Lines that say when something was published, and by whom: `2h`, `gestern`, `Evening Post · 2h`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from worker.article.counts import counts_minutes, is_count
from worker.article.evidence import Lexicon, lexicon
from worker.article.wording import DENSE, ends_hard, fold, is_unspaced, weight

_MAX_NAME, _MAX_UNSPACED_NAME = 45, 32  # weight of a source's name
_MAX_AGE, _MAX_TOKENS = 40, 6  # characters and words of an age
_MAX_PREPOSITION = 3  # letters
_MAX_SIGNED = 8  # words of a source and an age with a blank between
_MAX_SIGNED_LINE = 90  # characters of a line with a source and an age
_MAX_PARTS = 3  # of a line with how long something takes to read
_DIGIT = re.compile(r"\d")
_FIGURES = re.compile(r"\d+")
_TIME = r"(?:(?:[ T,]+|,? [-–—] |,? [^\W\d_]{1,3}\.? )\d{1,2}[:.h]\d{2}(?::\d{2})?(?: ?(?:Uhr|[AaPp]\.?[Mm]\.?))?(?: [A-Z]{2,4})?)?"
_MONTH = r"[^\s\d.,:;|·()–—-]{2,12}\.?"  # in whatever language
_NAMED_DATE = re.compile(
    rf"(?:[012]?\d|3[01])\.? (?:de )?[^\W\d_]{{3,12}}\.?{_TIME}|"
    rf"[12]\d{{3}}\. {_MONTH} (?:[012]?\d|3[01])\.?{_TIME}|"  # the year first, as in Hungarian
    rf"(?:{_MONTH},? )?(?:\d{{1,2}}\.? (?:de )?{_MONTH},? (?:de )?|{_MONTH} \d{{1,2}}, )\d{{4}}{_TIME}"  # after a day of the week
)
_DATE = re.compile(
    r"(?:\d{4}[-./年년]\s?\d{1,2}[-./月월]\s?\d{1,2}[.日일]?|\d{1,2}[-./]\d{1,2}(?:[-./](?:\d{2,4})?)?|\d{1,2}[月월]\s?\d{1,2}[日일])"
    rf"(?:\s?[(（][^\W\d_]{{1,3}}[)）]?)?{_TIME}|\d{{1,2}}:\d{{2}}"
)
_WITH_YEAR = re.compile(r"\d{4}|\d[-./]\d{1,2}[-./]\d{2}|[日일]")
_LIKE_A_DATE = re.compile(r"\d{4}|\d[-./:]\d|\d[^\W\d_]|[-–—|·•∙・]\s")
AGO = re.compile("(?:[前전]|แล้ว|ก่อน|ผ่านมา)$")  # what makes an age of a duration where no blank parts the two
_GLUED = re.compile(r"[^\W\d_]\d")
_MARKS = ("-", "–", "—", "|", "·", "•", "∙", "・")
_EDGES = " \t·•|∙-–—,،()（）[]"
_BETWEEN = re.compile(r"\s*[·•|∙・\t]\s*|\s+[-–—/]\s+|\s{3,}|\s*,\s+(?=\d{1,2}[./ ]\S+[./ ]\d{4}|\d+ ?[hmd]\b)")


def is_age(text: str) -> bool:
    """Whether the text says when something was published: `2h`, `3 days ago`, `gestern`, `05-12`."""
    return 0 < len(text) <= _MAX_AGE and len(text.split()) <= _MAX_TOKENS and _is_age(lexicon(), text.strip())


@lru_cache(maxsize=4096)
def _is_age(known: Lexicon, text: str) -> bool:
    if is_date(text):
        return True
    folded = fold(text)
    if known.short_age.fullmatch(folded):
        return True
    rest, found = known.ages.subn("", folded)
    return sum(char.isalpha() for char in rest) <= (6 if found > 1 and not DENSE.search(folded) else 3) and (
        found > 1 or (found == 1 and (_DIGIT.search(folded) is not None or rest == ""))
    )


def is_date(text: str) -> bool:
    """Whether the text says a day or a time in figures, with or without the name of the month."""
    if len(text) > _MAX_AGE or not _DIGIT.search(text):
        return False
    bare = text.strip(_EDGES)
    if _DATE.fullmatch(bare):
        return True
    if _NAMED_DATE.fullmatch(bare) is None or DENSE.search(bare):
        return False
    return not is_count(bare)  # a figure and a noun, like a day and its month


def is_recent(text: str) -> bool:
    """Whether the text says how long ago something was, `4h ago`, `yesterday`, and is no day, no time and no duration."""
    if not is_age(text) or is_date(text):
        return False
    tokens, figures = text.split(), _FIGURES.findall(text)
    if DENSE.search(text):
        return not figures or AGO.search(text) is not None
    joined = len(tokens) == 2 and not tokens[0].isdigit() and tokens[1].isalpha()
    return not figures or (len(figures) == 1 and (len(tokens) > 2 or joined))


def is_full_date(text: str) -> bool:
    """Whether the text says a day with its year in figures, and perhaps the time."""
    return is_date(text) and _WITH_YEAR.search(text) is not None


_PARTED = re.compile(r"\s[·•|∙]\s")
_ENCLOSED_AGE = re.compile(r"^(?P<source>[^,،、()（）]{2,45}?)(?:[,،、]\s*|\s*[(（])(?P<age>[^,،、()（）]{1,40}?)[)）]?$")


def _is_short(text: str, most: int) -> bool:
    return weight(text) <= most and len(text.split()) <= 4


def _is_name(text: str) -> bool:
    """Whether the text can be the name of a source: a few words, or some more that have capitals; a longer one is a title."""
    if _is_short(text, _MAX_UNSPACED_NAME if is_unspaced(text) else _MAX_NAME):
        return True
    said = text.split()
    return weight(text) <= _MAX_NAME and len(said) <= 6 and all(len(word) <= 3 or word[0].isupper() for word in said)


def part_age(text: str, *, first: bool = False) -> tuple[str, str] | None:
    """The rest of a text and the age at its end, or at its beginning if `first`: `TITLE, 12 May 2024`, `12.05. TITLE`.

    Behind a mere blank it must be an age beyond doubt: a title may well end with `12 May`, with `3 days` or with `3-2`.
    """
    end = text[:_MAX_AGE] if first else text[-_MAX_AGE:]
    if _DIGIT.search(end) and (_LIKE_A_DATE.search(end) or lexicon().ages.search(fold(text))):
        return _parted(lexicon(), text, first)
    return None


@lru_cache(maxsize=1024)
def _parted(known: Lexicon, text: str, first: bool) -> tuple[str, str] | None:
    tokens = text.split()
    for count in range(1, min(_MAX_TOKENS, len(tokens) - 1) + 1):
        at = count if first else len(tokens) - count
        age, rest = " ".join(tokens[:at]), " ".join(tokens[at:])
        if not first:
            age, rest = rest, age
        elif _DIGIT.search(rest[:1]) and is_date(" ".join(tokens[: at + 1])):
            continue  # a time follows the day
        parting = rest[:1] if first else rest[-1:]
        if (
            _DIGIT.search(age)
            and len(age) <= _MAX_AGE
            and _is_age(known, age)
            and (_is_sure(age) or parting in _MARKS or (first and (_DATE.fullmatch(age) or (":" in age and is_date(age)))))
        ):
            return rest.strip(_EDGES).lstrip(":："), age.strip(_EDGES + ":：")
    return None


def _is_sure(age: str) -> bool:
    """Whether an age can be nothing else: a date with its year, `3 hours ago`, `3h`."""
    if is_date(age):
        return _WITH_YEAR.search(age) is not None
    folded = fold(age)
    return (
        _DIGIT.search(folded) is not None
        and not _GLUED.search(folded)
        and (DENSE.search(folded) is not None or " " not in folded or len(lexicon().ages.findall(folded)) > 1)
    )


def newest_first(ages: Sequence[str]) -> bool:
    """Whether ages run back in time, as far as their figures tell: so lists of news do, while an article tells what came when."""
    if not any(map(is_date, ages)):
        return True
    forms = {_FIGURES.sub("", age) for age in ages}
    moments = [_moment(age) for age in ages]
    return len(forms) == 1 and moments[0] > moments[-1] and all(one >= other for one, other in pairwise(moments))


def _moment(age: str) -> list[int]:
    """The figures of a date, the year before the month and the day."""
    figures = _FIGURES.findall(age)
    year = next((at for at, figure in enumerate(figures) if len(figure) == 4), 0)
    return [int(figure) for figure in (*figures[year::-1], *figures[year + 1 :])]


def _signs(text: str) -> bool:
    """Whether the text can be a name that nothing but a blank parts from an age: one to three words, in capitals if it has any."""
    if not _is_short(text, _MAX_UNSPACED_NAME // 2 if is_unspaced(text) else _MAX_NAME) or is_age(text):
        return False
    said = text.split()
    return len(said) <= 3 and not any(len(word) > 3 and word[0].islower() for word in said) and not text.endswith(("?", "!"))


def takes_minutes(text: str) -> bool:
    """Whether a line says how long something takes to read, beside when it came out or who wrote it."""
    if len(text) > _MAX_SIGNED_LINE or _DIGIT.search(text) is None:
        return False
    parts = _BETWEEN.split(text)
    return len(parts) > 1 and any(map(counts_minutes, parts))


def source_and_age(text: str) -> tuple[str | None, str | None] | None:
    """Source and age of a line that says nothing else, such as `Evening Post · 2h`; None for any other line."""
    return _source_and_age(lexicon(), text) if len(text) <= _MAX_SIGNED_LINE else None


@lru_cache(maxsize=1024)
def _source_and_age(_: Lexicon, text: str) -> tuple[str | None, str | None] | None:
    if ends_hard(text) and not is_date(text):
        return None
    parts = [part for part in _BETWEEN.split(text) if part]
    if takes_minutes(text):  # `4 min read · 2h`; beside its author that says neither
        age = next((part for part in parts if is_age(part) and not counts_minutes(part)), None)
        return (None, age) if len(parts) <= _MAX_PARTS else None
    if len(parts) == 2 and all(map(is_age, parts)):
        return None, text.strip()  # a day and a time
    if len(parts) == 2 and is_age(parts[1]) and _is_name(parts[0]):
        return parts[0], parts[1]
    if len(parts) == 3 and is_age(parts[2]) and all(weight(part) <= 30 and len(part.split()) <= 3 for part in parts[:2]):
        return parts[0], parts[2]
    if len(parts) == 3 and is_age(parts[1]) and _is_name(parts[0]) and _DIGIT.search(parts[2]) and _is_short(parts[2], 24):
        return parts[0], parts[1]  # and how many others tell of it: `Evening Post - 2h - 15 related`
    if len(parts) == 2 and _PARTED.search(text) and _DIGIT.search(parts[1]) and _is_short(parts[1], 24) and _is_name(parts[0]):
        return parts[0], parts[1]  # an age in words that no lexicon knows: `Yamaç Postası · 3 sa`
    if len(parts) == 2 and is_age(parts[0]) and _is_name(parts[1]):
        return parts[1], parts[0]
    if is_age(text):
        return None, text.strip()
    if _DIGIT.search(text) and text.count(" ") < _MAX_SIGNED and (signed := _signed(text)) is not None:
        return signed
    enclosed = _ENCLOSED_AGE.match(text)  # `Echo, yesterday`, `Echo (3 hours ago)`
    if enclosed and is_age(enclosed["age"]) and _is_name(enclosed["source"]):
        return enclosed["source"], enclosed["age"]
    return None


def may_be_where_and_when(text: str) -> bool:
    """Whether source and age of a line may be the place and the day of an event: nothing but a blank parts a name from a date."""
    name, day = source_and_age(text) or (None, None)
    return name is not None and day is not None and is_date(day) and " ".join(text.split()) in (f"{name} {day}", f"{day} {name}")


def _day_and_time_last(text: str) -> tuple[str, str] | None:
    """A name, and a day and a time without a year behind it: `Evening Post 2/26 6:00`."""
    name, *said = text.rsplit(maxsplit=2)
    moment = " ".join(said)
    return (name, moment) if len(said) == 2 and _DIGIT.match(said[0]) and ":" in said[1] and is_date(moment) else None


def _signed(text: str) -> tuple[str | None, str] | None:
    """Source and age with a blank between: `Evening Post 2024-05-12 09:20`; a label there is none, as in `Updated 3 hours ago`."""
    parted = part_age(text) or part_age(text, first=True) or _day_and_time_last(text)
    if parted is None or not _signs(parted[0]) or not (_is_sure(parted[1]) or (":" in parted[1] and is_date(parted[1]))):
        return None
    name, age = parted
    return (None if _is_label(name) else name), age


def _is_label(name: str) -> bool:
    """Whether what stands before a date is a word for it: `Updated`, `Published on`."""
    folded = fold(name)
    said, _, last = folded.rpartition(" ")
    on = said and len(last) <= _MAX_PREPOSITION and lexicon().stamps.match(said) is not None
    return bool(on) or name.endswith((":", "：")) or folded in lexicon().not_places
