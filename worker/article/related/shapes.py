"""What a line of a plain-text page can be in a block of other articles, and how the lines of an entry make one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate
from typing import Final

from worker.article.ages import is_age, source_and_age
from worker.article.evidence import lexicon
from worker.article.related.items import item, marked_link
from worker.article.related.promos import BULLET, MAX_TITLE
from worker.article.related.sources import behind_label, named_source
from worker.article.wording import HANGUL, UNSPACED, ends_as_snippet, ends_hard, is_truncated, is_unspaced, weight, words
from worker.records import SimilarItem

MAX_ENTRY: Final = 900  # weight above which a line is no entry at all
_NUMBER: Final = re.compile(  # no blank need follow where words have none between them
    rf"^(?P<opening>[#№\[(（]?)(?P<figure>\d{{1,2}})(?P<mark>[.)、။。:．\]）]?)(?:\s+|(?<=[.)、。．\]）])(?=[{UNSPACED}{HANGUL}]))"
)
_MIN_COUNTED: Final = 3  # lines
STOPS: Final = re.compile(r"[.!?][\"'»”’)]*\s|[。！？।۔؟](?!$)")
ARROWS: Final = re.compile(r"[»›→⟶➔➜►▶▸◄◀←↗↖«‹]\s*$|^[»›→►▶]|\s>+$")
ASKS: Final = ("?", "？", "؟", ";", "՞", "፧")
_PARTING: Final = (" · ", " | ", " • ", " – ", " — ", " - ", ", ", "، ", "、", " / ", "／", "(", "（")
ALIKE: Final = (": ", " – ", " — ", " - ", ", ", " (", "،", "：")
_SET_IN_HEADLINES: Final = tuple(
    map(re.compile, (r"\w[:：]\s?\S", r"[?？؟;՞][\"»”’]?(?:\s|$|[^\s])", r"[\"«»“”„「『‘]", r"\w[,،、，] ?\w", r"\w\s[–—-]\s\w"))
)
TROPHY: Final = "\U0001f3c6"
_AMONG_ALL: Final = re.compile(rf"\s*/\s*{TROPHY}\s*\d{{1,6}}\.?(?:\s\S{{1,8}}\s[A-Z]{{2}})?$")
_MAX_AMONG: Final = 40  # characters of such a rank
_ENCLOSED: Final = re.compile(r"^(?P<title>\S.*?)\s*[(（\[［](?P<said>[^()（）\[\]［］]{2,40})[)）\]］]$")
_ENCLOSED_AND_AGE: Final = re.compile(r"^(?P<title>\S.*?\S)\s?[(（](?P<source>[^()（）\d]{2,40})[)）]\s*(?P<age>\d.{2,30})$")
_TO_FIGURE: Final = re.compile(r"(?<=[^\W\d_])(?=\d)")
_TO_CAPITAL: Final = re.compile(r"(?<=[^\W\d_])(?=[^\W\d_])")
_MIN_ENCLOSING: Final = 14  # weight
_MAX_TEASER: Final = 260
_MIN_SNIPPETS, _LONGER = 3, 1.3
_PERIODS: Final = (3, 4, 5)  # lines of an entry with a name, a title and an age


def is_prose(line: str) -> bool:
    """Whether the line is a paragraph: it ends as a statement does, or is too long for a title."""
    return weight(line) > MAX_TITLE or (ends_hard(line) and weight(line) > 20)


def is_teaser(line: str) -> bool:
    return is_truncated(line) or weight(line) <= _MAX_TEASER


def are_headlines(titles: Sequence[str], heading: str) -> bool:
    """Whether lines read as titles of their own: some words, and more than the heading has unless that speaks of articles."""
    if not titles or any(not 14 <= weight(title) <= 140 or len(words(title)) < 3 for title in titles):
        return False
    if lexicon().talks(heading):
        return True
    if any(len(words(title)) < 4 or weight(title) > 110 for title in titles):
        return False
    return weight(heading) * len(titles) < sum(map(weight, titles))


def set_like_headlines(titles: Sequence[str]) -> bool:
    """Whether titles are built as headlines are and each in its own way: a colon, a question, a quotation, a clause.

    Entries of an article's list are built alike, or hold no such marks at all.
    """
    marks = [{mark for mark in _SET_IN_HEADLINES if mark.search(title)} for title in titles]
    return len(frozenset[re.Pattern[str]]().union(*marks)) >= 2 and 2 * sum(map(bool, marks)) >= len(titles)


def share_a_mark(lines: Sequence[str], marks: Sequence[str]) -> bool:
    """Whether one of some marks stands once in each of the lines, which are built alike then."""
    return any(all(line.count(mark) == 1 for line in lines) for mark in marks)


def enclosed_entry(line: str) -> SimilarItem | None:
    """The entry of a line with a source or a date in brackets at its end: `TITLE (Evening Post)`, `標題（10/02）`."""
    found = _ENCLOSED.match(line)
    if found is None or marked_link(line) or weight(found["title"]) < _MIN_ENCLOSING or ends_hard(found["title"]):
        return None
    said = found["said"].strip()
    age = said if is_age(said) else None
    parted = None if age else source_and_age(said)
    source, age = parted or ((None, age) if age else (said, None))
    return item(BULLET.sub("", found["title"]), source=source, published_at=age)


def with_metas(pattern: str, lines: Sequence[str]) -> str:
    """The shapes, with M for short lines that take turns with titles: sources, with ages in words that no lexicon knows."""
    for period, place, shape in ((2, 1, "TT"), (3, 2, "TST"), (2, 0, "TT")):
        count = 0
        while pattern[count * period : (count + 1) * period] in (shape, shape[:place] + "M" + shape[place + 1 :]):
            count += 1
        if count < 2:
            continue
        metas = [lines[number * period + place] for number in range(count)]
        titles = [lines[number * period + (0 if place else 1)] for number in range(count)]
        if _are_metas(metas) and max(map(weight, metas)) < min(map(weight, titles)):
            marked = list(pattern)
            for number in range(count):
                marked[number * period + place] = "M"
            return "".join(marked)
    return _with_snippets(pattern, lines) or _with_names(pattern, lines)


def _with_snippets(pattern: str, lines: Sequence[str]) -> str | None:
    """The shapes, with S for snippets without a mark at their end: three or more, each longer by a third than any title."""
    count = len(pattern) - len(pattern.lstrip("T"))
    titles, snippets = (list(map(weight, lines[first:count:2])) for first in (0, 1))
    if count % 2 or len(snippets) < _MIN_SNIPPETS or min(snippets) < _LONGER * max(titles):
        return None
    return count // 2 * "TS" + pattern[count:]


def _with_names(pattern: str, lines: Sequence[str]) -> str:
    """The shapes, with M for names that stand with every title and a line of source and age: `TITLE SNIPPET NAME AGE`."""
    for period in _PERIODS:
        entry = pattern[:period]
        if entry.count("T") != 2 or "M" not in entry or not pattern.startswith(2 * entry):
            continue
        count = 2
        while pattern.startswith(entry, count * period):
            count += 1
        first, second = (lines[place : count * period : period] for place in (entry.index("T"), entry.rindex("T")))
        names, titles = sorted((first, second), key=lambda column: sum(map(weight, column)))
        if all(map(names_source, names)) and max(map(weight, names)) < min(map(weight, titles)):
            place = entry.index("T") if names is first else entry.rindex("T")
            return count * (entry[:place] + "M" + entry[place + 1 :]) + pattern[count * period :]
    return pattern


def _parted_meta(line: str) -> tuple[str, str | None]:
    """Source and age of a line that its place shows to be one: the age is what has a figure, or stands last."""
    line = behind_label(line)
    mark = next((mark for mark in _PARTING if line.count(mark) == 1), None)
    if mark is None:
        return line, None
    one, other = (part.strip(" ()（）") for part in line.split(mark))
    return (other, one) if any(map(str.isdigit, one)) and not any(map(str.isdigit, other)) else (one, other)


def _are_metas(lines: Sequence[str]) -> bool:
    """Whether the lines are short and built alike: parted by one mark, or names of few words."""
    if any(weight(line) > 50 or len(line.split()) > 7 or line.rstrip().endswith((*ASKS, "!", ":")) for line in lines):
        return False
    if share_a_mark(lines, _PARTING):
        return True
    return all(weight(line) <= 30 and (len(line.split()) <= 3 or (len(line.split()) == 4 and line.istitle())) for line in lines)


def spans_of(layout: re.Pattern[str], pattern: str) -> list[tuple[int, int]]:
    """Where entries of one layout stand, the first at the beginning of the pattern and each right after the one before."""
    spans: list[tuple[int, int]] = []
    at = 0
    while match := layout.match(pattern, at):
        spans.append(match.span())
        at = match.end()
    return spans


def number_ends(lines: Sequence[str]) -> list[int]:
    """Where the number of a list ends in each line, 0 for none: `3. `, or a figure alone if such figures count from 1.

    What opens with any other figure says how many (`10 bridges to cross`) or when (`8 May`, `3 hours ago`).
    """
    count = 0
    ends: list[int] = []
    for line in lines:
        number = _NUMBER.match(line)
        if number and (number["opening"] or number["mark"] or int(number["figure"]) == count + 1) and source_and_age(line) is None:
            count += 1
            ends.append(number.end())
        else:
            ends.append(0)
    return ends


def without_numbers(lines: list[str]) -> list[str]:
    """The lines without the numbers of a list, if all have one, or if three or more have theirs run into what they say."""
    ends = number_ends(lines)
    if not all(ends) and _count_up(lines):
        ends = [len(str(number)) for number, _ in enumerate(lines, 1)]
    return [line[end:] for line, end in zip(lines, ends, strict=True)] if all(ends) else lines


def _count_up(lines: Sequence[str]) -> bool:
    """Whether lines open with 1, 2, 3 and no blank behind it, nor one counter that all have: `1부`, `2부`, `3부`."""
    rests = [line.removeprefix(str(number)) for number, line in enumerate(lines, 1)]
    counted = all(rest and rest != line and not rest[0].isdigit() for rest, line in zip(rests, lines, strict=True))
    return counted and len(lines) >= _MIN_COUNTED and len({rest[0] for rest in rests}) > 1


def parted_by_number(groups: list[list[str]]) -> list[list[str]]:
    """Groups whose entries are numbered, parted at each number and without it."""
    lines = [line for group in groups for line in group]
    ends = number_ends(lines)
    firsts = [0, *accumulate(map(len, groups[:-1]))]
    if len(groups) < 2 or not all(group and ends[first] for group, first in zip(groups, firsts, strict=True)):
        return groups
    parted: list[list[str]] = []
    for line, end in zip(lines, ends, strict=True):
        if end:
            parted.append([line[end:]])
        else:
            parted[-1].append(line)
    return parted


def is_sign(line: str) -> bool:
    return lexicon().is_marker(line) or lexicon().is_closing(line)


def read_group(group: Sequence[str], glued: dict[str, tuple[str, str | None]], shape: str = "") -> SimilarItem | None:
    """The entry that a few lines make: title, snippet, source and age; `shape` has an M where their turns show the last two."""
    source = age = None
    said: list[str] = []
    known = lexicon()
    for number, line in enumerate(group):
        meta = named_source(line) or source_and_age(line)
        if meta is None and shape[number : number + 1] == "M" and not known.is_credit(line):
            meta = _parted_meta(line)
        if meta is not None and (said or number == 0):
            source, age = meta[0] or source, meta[1] or age
        elif not (known.is_closing(line) or known.is_credit(line)):
            said.extend([line] if said[-1:] != [line] else [])
    if not said:
        return None
    if len(said) > 2 and source is None and weight(said[-1]) <= 40 and ends_as_snippet(said[-2]) and not ends_as_snippet(said[-1]):
        source = said.pop()
    title, snippet = said[0], " ".join(said[1:]) or None
    if snippet is None and title in glued:
        title, snippet = glued[title]
    title = BULLET.sub("", title)
    if snippet is None:
        title, source, age = _glued_meta(title) or trailing_meta(title, source, age)
    return item(title, snippet, source=source, published_at=age) if weight(title) >= 4 else None


def names_source(line: str) -> bool:
    return weight(line) <= 36 and len(line.split()) <= 4 and not any(char in "?!:;" for char in line)


def leads_to_source(line: str) -> bool:
    """Whether a line leads to whom an aggregator has the article from, by an arrow or with a rank among those of its country.

    `Evening Post »`, `Evening Post / 🏆 418. in US`.
    """
    name = line.rstrip(" »›→")
    ranked = _AMONG_ALL.search(line, max(0, len(line) - _MAX_AMONG)) if TROPHY in line else None
    return (line[-1:] in {"»", "›", "→"} and names_source(name)) or (ranked is not None and names_source(line[: ranked.start()]))


def _glued_meta(title: str) -> tuple[str, str | None, str] | None:
    """Title, source and age of a line that runs them together: `Pier reopens to walkersCoast Gazette3 hours ago`."""
    joined = [at.start() for at in _TO_FIGURE.finditer(title) if title[at.start() - 1].islower()]
    if not joined or not is_age(age := title[joined[-1] :]) or " " not in age:
        return None
    said = title[: joined[-1]]
    for at in (match.start() for match in _TO_CAPITAL.finditer(said)):
        token = said[said.rfind(" ", 0, at) + 1 :].partition(" ")[0]
        if said[at - 1].islower() and said[at].isupper() and names_source(said[at:]) and token not in lexicon().camel:
            return said[:at], said[at:], age
    return said, None, age


def trailing_meta(title: str, source: str | None, age: str | None) -> tuple[str, str | None, str | None]:
    """Source and age at the end of the title's own line: `TITLE - Source - 2 hours ago`, `標題 晨報 05-12`, `標題（晨報）5/12`."""
    enclosed = _ENCLOSED_AND_AGE.match(title)
    if enclosed and is_age(enclosed["age"]) and names_source(enclosed["source"]) and weight(enclosed["title"]) >= _MIN_ENCLOSING:
        return enclosed["title"], source or enclosed["source"], enclosed["age"]
    parts = re.split(r"\s+[-–—|·•]\s+|\t|\s{2,}", title)
    if len(parts) >= 3 and source_and_age(parts[-1]) is not None:
        return " - ".join(parts[:-2]), parts[-2], parts[-1]
    tokens = title.split(" ")
    if len(tokens) >= 3 and re.fullmatch(r"(?:\d{2,4}[-./])?\d{1,2}[-./]\d{1,2}", tokens[-1]) and is_unspaced(title):
        return " ".join(tokens[:-2]), tokens[-2], tokens[-1]
    return title, source, age
