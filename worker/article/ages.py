"""Lines that say when something was published, and by whom: `2h`, `gestern`, `Evening Post · 2h`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from worker.article.counts import counts_comments, counts_minutes, is_count
from worker.article.evidence import Lexicon, lexicon
from worker.article.wording import DENSE, ends_hard, fold, is_unspaced, weight

_MAX_NAME: Final = 45  # weight of a source's name
_MAX_UNSPACED_NAME: Final = 32
_MAX_AGE: Final = 40  # characters of an age
_MAX_TOKENS: Final = 6  # words of one
_MAX_PREPOSITION: Final = 3  # letters
_MAX_SIGNED: Final = 8  # words of a source and an age with a blank between
_MAX_SIGNED_LINE: Final = 90  # characters of a line with a source and an age
_MAX_PARTS: Final = 3  # of a line with how long something takes to read
_FIGURE_AND_WORD: Final = re.compile(r"\d{1,3} [^\W\d_]+")
_DIGIT: Final = re.compile(r"\d")
_ABBREVIATED: Final = re.compile(r"[^\W\d]\.[^\W\d]|[^\s\d.]{1,3}\.[^\s\d.]{1,3}\.(?: \d|$)")  # a month, as in Thai
_YEAR: Final = re.compile(r"\d{4}")
_FIGURES: Final = re.compile(r"\d+")
_CLOCK: Final = (  # with what languages put behind it
    r"(?:\d{1,2}[:.h]\d{2}(?::\d{2})?|\d{1,2}[時时点點시](?:\s?\d{2}[分분]?)?)"
    r"(?: ?(?:Uhr|uur|น\.?|г\.?|[AaPp]\.?[Mm]\.?))?(?: [A-Z]{2,4})?"
)
_TIME: Final = rf"(?:(?:[ T,،]+|,? [-–—|·•] |,? (?:[^\W\d_]{{1,4}}\.?|a las) ){_CLOCK})?"  # `às 08h14`, `um 9:05 Uhr`, `kl. 9.05`
_MONTH: Final = r"(?:[^\s\d.,:;|·()–—-]{2,12}\.?|(?:[^\s\d.,:;|·()–—-]{1,3}\.){2})"  # in whatever language
_NAMED_DATE: Final = re.compile(
    rf"(?:[012]?\d|3[01])\.? (?:de )?[^\W\d_]{{3,12}}\.?{_TIME}|"
    rf"[12]\d{{3}}\. {_MONTH} (?:[012]?\d|3[01])\.?{_TIME}|"  # the year first, as in Hungarian
    rf"{_MONTH} \d{{1,2}}\.,? {_CLOCK}|\d{{1,2}} (?:[\u0e00-\u0e7f]{{1,4}}\.){{2}}(?: \d{{2}}{_TIME})?|"  # short years, as in Thai
    rf"(?:{_MONTH},? )?(?:\d{{1,2}}\.? (?:de )?{_MONTH},? (?:de )?|{_MONTH} \d{{1,2}}, )\d{{4}}{_TIME}"  # after a day of the week
)
_DATE: Final = re.compile(
    r"(?:\d{4}[-./年년]\s?\d{1,2}[-./月월]\s?\d{1,2}[.日일]?|\d{1,2}[-./]\d{1,2}(?:[-./](?:\d{2,4})?)?|"
    r"\d{1,2}\. \d{1,2}\.(?: \d{4})?|\d{1,2}[月월]\s?\d{1,2}[日일])"
    rf"(?:\s?[(（][^\W\d_]{{1,3}}[)）]?)?{_TIME}|\d{{1,2}}:\d{{2}}"
)
_TIME_FIRST: Final = re.compile(rf"{_CLOCK}(?:,? [-–—|·•] |,? )(?=\d)")  # `14:20, 3 November`
_OTHER_DIGIT: Final = re.compile(r"[^\W\D0-9]|(?![0-9])\d")
_GAPS: Final = re.compile(r"[\s·•|∙,،、(（–—-]+")
_WORD: Final = re.compile(r"[^\W\d_]+")
_WITH_YEAR: Final = re.compile(r"\d{4}|\d[-./]\d{1,2}[-./]\d{2}|[日일]")
_LIKE_A_DATE: Final = re.compile(r"\d{4}|\d[-./:]\d|\d[^\W\d_]|[-–—|·•∙・]\s")
AGO: Final = re.compile("(?:[前전]|แล้ว|ก่อน|ผ่านมา)$")  # what makes an age of a duration where no blank parts the two
_GLUED: Final = re.compile(r"[^\W\d_]\d")
_MARKS: Final = ("-", "–", "—", "|", "·", "•", "∙", "・")
_EDGES: Final = " \t·•|∙-–—,،()（）[]"
_BETWEEN: Final = re.compile(r"\s*[·•|∙・\t]\s*|\s+[-–—/]\s+|\s{3,}|\s*,\s+(?=\d{1,2}[./ ]\S+[./ ]\d{4}|\d+ ?[hmd]\b)")
_MAY_STAND_BETWEEN: Final = re.compile(r"[·•|∙・\t,/–—-]|\s{3}")  # all that it takes has one of these, and is sought much sooner
_ENCLOSING: Final = re.compile("[,،、(（]")


_SAID: Final[dict[str, bool]] = {}  # short texts, and whether they are ages
_MAX_SAID: Final = 4096


def is_age(text: str) -> bool:
    """Whether the text says when something was published: `2h`, `3 days ago`, `gestern`, `05-12`."""
    if not 0 < len(text) <= _MAX_AGE:
        return False
    said = _SAID.get(text)
    if said is None:
        if len(_SAID) >= _MAX_SAID:
            _SAID.clear()
        said = _SAID[text] = len(text.split()) <= _MAX_TOKENS and _is_age(text.strip())
    return said


def _is_age(text: str) -> bool:
    if is_date(text):
        return True
    known = lexicon()
    folded = fold(text)
    if known.short_age.fullmatch(folded):
        return True
    rest, found = known.ages.subn("", folded)
    return (found > 1 or (found == 1 and (_DIGIT.search(folded) is not None or rest == ""))) and sum(
        char.isalpha() for char in rest
    ) <= (6 if found > 1 and not DENSE.search(folded) else 3)


def is_date(text: str) -> bool:
    """Whether the text says a day or a time in figures, with or without the name of the month."""
    if len(text) > _MAX_AGE or not _DIGIT.search(text):
        return False
    bare = _without_weekday(in_ascii_digits(text).strip(_EDGES))
    if time := _TIME_FIRST.match(bare):
        bare = _without_weekday(bare[time.end() :])
    if _DATE.fullmatch(bare):
        return True
    if _NAMED_DATE.fullmatch(bare) is None or (DENSE.search(bare) and not (_YEAR.search(bare) or _ABBREVIATED.search(bare))):
        return False
    return not is_count(bare)  # a figure and a noun, like a day and its month


def in_ascii_digits(text: str) -> str:
    """The text with the digits of its script as those of ASCII: `۱۴۰۴/۰۸/۲۲`."""
    if text.isascii() or _OTHER_DIGIT.search(text) is None:
        return text
    return _OTHER_DIGIT.sub(lambda digit: str(unicodedata.digit(digit[0])), text)


def _without_weekday(text: str) -> str:
    """A date without the day of the week before or behind it."""
    for cut in (2, 1):
        first = text.split(maxsplit=cut)
        if len(first) > cut and fold(" ".join(first[:cut])) in lexicon().weekdays:
            return first[-1]
        last = text.rsplit(maxsplit=cut)
        if len(last) > cut and fold(" ".join(last[1:])) in lexicon().weekdays:
            return last[0].rstrip(" ,،")
    return text


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


_PARTED: Final = re.compile(r"\s[·•|∙]\s")
_ENCLOSED_AGE: Final = re.compile(r"^(?P<source>[^,،、()（）]{2,45}?)(?:[,،、]\s*|\s*[(（])(?P<age>[^,،、()（）]{1,40}?)[)）]?$")


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
            and is_age(age)
            and (_is_sure(age) or parting in _MARKS or (first and (_DATE.fullmatch(age) or (":" in age and is_date(age)))))
        ):
            return _without_edge(rest, first), age.strip(_EDGES + ":：")
    return None


def _without_edge(rest: str, first: bool) -> str:
    """What stands behind an age, or before it if not `first`, without the marks between the two."""
    return rest.lstrip(_EDGES).lstrip(":：") if first else rest.rstrip(_EDGES)


def _is_sure(age: str) -> bool:
    """Whether an age can be nothing else: a date with its year, `3 hours ago`, `3h`."""
    if is_date(age):
        return _WITH_YEAR.search(in_ascii_digits(age)) is not None
    folded = fold(age)
    return (
        _DIGIT.search(folded) is not None
        and not _GLUED.search(folded)
        and (DENSE.search(folded) is not None or " " not in folded or len(lexicon().ages.findall(folded)) > 1)
    )


def age_at(text: str, *, first: bool) -> tuple[str, str] | None:
    """The rest of a text and what may be its age, at the beginning if `first`, else at the end; its neighbours show whether it is.

    So a title can end with a figure and a noun, or with a result.
    """
    end = text[:_MAX_AGE] if first else text[-_MAX_AGE:]
    if not text.strip() or (not first and _ends_a_sentence(text)) or not (_DIGIT.search(end) or lexicon().ages.search(fold(end))):
        return None
    tokens = text.split()
    found = None
    for count in range(1, min(_MAX_TOKENS, len(tokens) - 1) + 1):
        at = count if first else len(tokens) - count
        rest, age = (tokens[at:], tokens[:at]) if first else (tokens[:at], tokens[at:])
        said = " ".join(age).strip(_EDGES).strip(":：")
        goes_on = first and _DIGIT.match(rest[0]) is not None and is_date(f"{said} {rest[0]}")  # a time follows the day
        known = found[1] if found and _DIGIT.search(found[1]) else ""
        if _is_age_at(said, known, first) and not goes_on:
            found = _without_edge(" ".join(rest), first), said
    if found is None or not found[0] or (not first and _is_unit_of(found)):
        return None
    return found


def _is_age_at(said: str, known: str, first: bool) -> bool:
    """Whether a text is an age, and what it has more than one that is `known` to be belongs to it: a day before a time, `vor`."""
    words = said.split()
    if not words or not (is_date(said) or (is_age(said) and (len(words) == 1 or _DIGIT.search(said)))):
        return False
    more = said.removeprefix(known) if first else said.removesuffix(known)
    if known and not _DIGIT.search(more):
        bare = named_in(more)
        return not any(map(str.isalpha, lexicon().ages.sub("", bare))) or (is_date(said) and not is_date(known))
    if known[:1].isdigit() and not is_date(said) and lexicon().ages.search(fold(more)) is None:
        return False  # a figure of the title's before it; `3 hours 5 minutes` are a duration
    return _is_age_word(words[0].strip(_EDGES)) or (first and is_date(said))


def _is_unit_of(parted: tuple[str, str]) -> bool:
    """Whether a word at the end is the unit of a figure that has run into the word before: `walkers3 hours ago`."""
    rest, age = parted
    return not _DIGIT.search(age) and (_DIGIT.search(rest.rsplit(maxsplit=2)[-1]) is not None or is_age(rest.split()[-1]))


def _ends_a_sentence(text: str) -> bool:
    """Whether a line with an age at its end is a statement: `It voted 2 days ago.`, and not `vor 2 Std.`, `12.05.`."""
    last = fold(text.rsplit(maxsplit=1)[-1])
    return ends_hard(text) and not last[-1:].isdigit() and lexicon().short_age.fullmatch(f"1 {last}") is None


def _is_age_word(word: str) -> bool:
    folded = fold(word)
    return bool(folded) and (
        folded[0].isdigit()
        or folded in lexicon().weekdays
        or lexicon().ages.match(folded) is not None
        or DENSE.search(folded) is not None
    )


def named_in(age: str) -> str:
    """The words of a date that are no day of the week: the name of its month, and what stands beside all."""
    said = _WORD.findall(fold(age))
    return "" if " ".join(said) in lexicon().weekdays else " ".join(word for word in said if word not in lexicon().weekdays)


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
    parts = _parts(text)
    return len(parts) > 1 and any(map(counts_minutes, parts))


def _parts(text: str) -> list[str]:
    """What marks, wide gaps and a comma before an age part a line into; the line itself where nothing does."""
    return _BETWEEN.split(text) if _MAY_STAND_BETWEEN.search(text) else [text]


def source_and_age(text: str) -> tuple[str | None, str | None] | None:
    """Source and age of a line that says nothing else, such as `Evening Post · 2h`; None for any other line."""
    return _source_and_age(lexicon(), text) if len(text) <= _MAX_SIGNED_LINE else None


@lru_cache(maxsize=1024)
def _source_and_age(_: Lexicon, text: str) -> tuple[str | None, str | None] | None:
    if is_date(text):
        return None, text.strip()
    text = _without_count(text)
    parts = [part for part in _parts(text) if part]
    if ends_hard(text) and not (parts and is_age(parts[-1])):
        return None
    if takes_minutes(text):  # `4 min read · 2h`; beside its author that says neither
        age = next((part for part in parts if is_age(part) and not counts_minutes(part)), None)
        return (None, age) if len(parts) <= _MAX_PARTS else None
    return _of_parts(text, parts) or _of_one(text)


def _of_parts(text: str, parts: Sequence[str]) -> tuple[str | None, str | None] | None:
    """Source and age of a line with marks between its parts."""
    if len(parts) > 2 and is_date(behind := text[text.index(parts[1]) :]) and _is_name(parts[0]):
        return parts[0], behind  # a day and a time
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
    return None


def _of_one(text: str) -> tuple[str | None, str | None] | None:
    """Source and age of a line with nothing but a blank, a comma or brackets between them."""
    if is_age(text):
        return None, text.strip()
    if _DIGIT.search(text) and text.count(" ") < _MAX_SIGNED and (signed := _signed(text)) is not None:
        return signed
    enclosed = _ENCLOSED_AGE.match(text) if _ENCLOSING.search(text) else None  # `Echo, yesterday`, `Echo (3 hours ago)`
    if enclosed and is_age(enclosed["age"]) and _is_name(enclosed["source"]) and not _may_count(text, enclosed["age"]):
        return enclosed["source"], enclosed["age"]
    return None


def _may_count(text: str, age: str) -> bool:
    """Whether a figure and a word in brackets may say how many there are: `More on this (4 papers)`."""
    return text[-1] in ")）" and _FIGURE_AND_WORD.fullmatch(age) is not None and lexicon().ages.search(fold(age)) is None


def _without_count(text: str) -> str:
    """A line without how many comments there are, behind when it came out: `Evening Post 11/13 9:05 12 comments`."""
    if _DIGIT.search(text) is None:
        return text
    for at in reversed([mark.start() for mark in _GAPS.finditer(text)][-3:]):
        if at and counts_comments(text[at:].strip(_EDGES)) and _DIGIT.search(text, 0, at):
            return text[:at].rstrip(_EDGES)
    return text


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
