"""Blocks in plain text whose entries each end with a line that comes again: `Read more »`, a source and an age, any few words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from worker.article.ages import is_age, is_recent, source_and_age
from worker.article.evidence import Evidence, lexicon
from worker.article.related.foot import is_surely_furniture
from worker.article.related.introductions import header_above, is_introduction, marker_with_explanation, may_introduce
from worker.article.related.lines import PlainPage
from worker.article.related.opened import goes_on_with_place, is_name, parted_names
from worker.article.related.promos import MAX_TITLE
from worker.article.related.rhythm import MAX_GAP, beats_of, is_dialogue
from worker.article.related.seams import Neighbourhood, seam, split_glued
from worker.article.related.shapes import ARROWS, ASKS, MAX_ENTRY, is_prose, names_source, parted_by_number, read_group
from worker.article.related.sources import labelled_alike, names_whose, opening_source, with_source_apart
from worker.article.wording import ends_as_snippet, ends_hard, ends_sentence, fold, is_truncated, is_unspaced, weight
from worker.records import SimilarItem

_MAX_UNSPACED: Final = 60  # characters of a title in a script that sets no blanks
_MAX_LAST: Final = 100  # weight of an aggregator's last line
_MAX_SEAMS: Final = 60  # entries whose seam is looked for, to weigh them
_MIN_BEFORE: Final = 2  # entries with a closing line above one without


@dataclass(frozen=True, slots=True)
class _Cadence:
    """Lines that come again, of one kind (`rhythm.beats_of`), and what stands between and above them."""

    beats: list[int]
    kind: str
    start: int  # line at which the first entry begins
    groups: list[list[str]]  # the lines of each entry
    header: list[str]


def cut_cadences(page: PlainPage) -> None:
    """Cut every block whose entries end with lines of one wording, known or not."""
    for beats, kind, floor in _parted(page.lines, beats_of(page.lines)):
        if not page.is_free(beats[0], beats[-1] + 1):
            continue
        cadence = _read(page.lines, beats, kind, floor)
        if cadence.start == beats[0] or not page.is_free(cadence.start, beats[0]) or _stand_above_titles(page, cadence):
            continue
        # Only a known wording is a sign of a block by itself: the block's own lines would tell of themselves.
        near = page.beside(cadence.start - len(cadence.header), beats[-1] + 1) if kind != "closing" else page.near()
        evidence = _weigh(page, cadence, near)
        if evidence.enough:
            end = _end(page, cadence)
            if last := _cut_off(page, cadence):
                cadence.groups.append(last)
                near, end = page.beside(cadence.start - len(cadence.header), page.foot), page.foot
            page.cut(cadence.start, end, _entries(cadence.groups, near), evidence, header=len(cadence.header))


def _cut_off(page: PlainPage, cadence: _Cadence) -> list[str]:
    """The lines of an entry whose closing line is not there, for the page ends before it; none if they are built as no other is.

    An article that goes on below a block may end with one paragraph: its beginning shows no seam, and no title stands above it.
    """
    start, groups = cadence.beats[-1] + 1, cadence.groups
    last = page.lines[start : page.foot]
    if len(groups) < _MIN_BEFORE or not 0 < len(last) <= MAX_GAP or not page.is_free(start, page.foot):
        return []
    shape, shapes = _shapes(last), {part for group in groups for part in (_shapes(group), _shapes(group).rstrip("M"))}
    if sum(map(weight, last)) > 2 * max(sum(map(weight, group)) for group in groups):
        return []
    if len(last) > 1:
        return last if shape in shapes and {"S", "M"} & {*shape} else []
    singles = [group[0] for group in groups if len(_shapes(group).rstrip("M")) == 1]
    if not singles or names_whose(last[0]):
        return []
    near = page.beside(cadence.start - len(cadence.header), page.foot)
    at = seam(last[0], near)
    glued = at is not None and not ends_hard(last[0][:at])
    if any(marker_with_explanation(line) or _explains(line) for line in cadence.header):  # nothing of the article is below, then
        glued = glued or split_glued([*singles, last[0]], near)[-1][1] is not None
    return last if glued else []


def _shapes(group: Sequence[str]) -> str:
    """What each line of an entry can be: M source and age, S a snippet, T a title."""
    return "".join("M" if names_whose(line) else "S" if _may_be_snippet(line) else "T" for line in group)


def _end(page: PlainPage, cadence: _Cadence) -> int:
    """The line after a block; a short last line of the page below what an aggregator gathered is the aggregator's too."""
    end = cadence.beats[-1] + 1
    gathered = len(cadence.beats) > 1 and cadence.kind == "closing" and any(map(marker_with_explanation, cadence.header))
    return page.foot if gathered and end == page.foot - 1 and weight(page.lines[end]) <= _MAX_LAST else end


def _parted(lines: Sequence[str], found: Iterable[tuple[list[int], str]]) -> Iterator[tuple[list[int], str, int]]:
    """The lines that come again, block by block, with the line at which a block can begin.

    Where the article goes on between two of them, the second has a heading of its own.
    """
    for beats, kind in found:
        first = floor = 0
        for at, beat in enumerate(beats):
            if kind == "closing" and beat != beats[-1] and _heads_entries(lines, beat):
                if first < at:
                    yield beats[first:at], kind, floor
                first, floor = at + 1, beat
            elif at > first and _holds_an_opening(with_source_apart(lines[beats[at - 1] + 1 : beat])):
                yield beats[first:at], kind, floor
                first, floor = at, beats[at - 1] + 1
        yield beats[first:], kind, floor


def _heads_entries(lines: Sequence[str], beat: int) -> bool:
    """Whether a closing line is a heading of the same words: paragraphs are above it, a title is below it."""
    above = beat > 1 and is_prose(lines[beat - 1]) and is_prose(lines[beat - 2])
    titled = beat + 1 < len(lines) and weight(lines[beat + 1]) <= MAX_TITLE and not ends_sentence(lines[beat + 1])
    return above and titled and lexicon().is_marker(lines[beat])


def _holds_an_opening(group: Sequence[str]) -> bool:
    """Whether lines begin with a paragraph and end with a heading and a title, neither of them a sentence, or explain a block."""
    if any(map(marker_with_explanation, group)):
        return True
    headings = [not is_prose(line) and not names_whose(line) for line in group[1:]]
    return len(group) > 2 and is_prose(group[0]) and any(one and other for one, other in pairwise(headings))


def _read(lines: Sequence[str], beats: list[int], kind: str, floor: int) -> _Cadence:
    start = _first_entry(lines, beats, floor)
    start = max((at + 1 for at in range(start, beats[0]) if is_surely_furniture(lines[at])), default=start)
    start -= start > floor and goes_on_with_place(lines[start]) and is_name(lines[start - 1])
    groups: list[list[str]] = []
    at = start
    for beat in beats:
        if kind == "meta":
            groups += _parted_at_ages(lines[at : beat + 1])
        else:
            groups.append(list(lines[at:beat]))
        at = beat + 1
    if kind == "closing":
        groups = [with_source_apart(group) for group in groups]
    groups = [
        group[1:] if len(group) > 1 and lexicon().is_credit(group[0]) else group for group in groups
    ]  # what its picture shows
    return _Cadence(beats, kind, start, parted_by_number(groups), header_above(lines, start))


def _parted_at_ages(lines: Sequence[str]) -> list[list[str]]:
    """The lines of one entry, or of several where some have an age below them and no source."""
    ends = [number for number, line in enumerate(lines[:-1], 1) if number > 1 and is_age(line)]
    return [list(lines[first:end]) for first, end in pairwise((0, *ends, len(lines)))]


def _stand_above_titles(page: PlainPage, cadence: _Cadence) -> bool:
    """Whether lines open entries rather than close them: a title is below the last."""
    lines, last = page.lines, cadence.beats[-1]
    if last + 1 >= page.foot or ends_hard(lines[last + 1]):
        return False
    if cadence.kind == "wording" and any(sum(map(is_prose, group)) > 1 for group in cadence.groups[1:]):
        return True
    return lines[last] in cadence.header or (not cadence.header and _stand_among_paragraphs(lines, cadence))


def _stand_among_paragraphs(lines: Sequence[str], cadence: _Cadence) -> bool:
    """Whether the article goes on between the lines, and so above the first, where an entry would have its title."""
    first, between = cadence.beats[0], cadence.groups[1:]
    if not all(len(group) > 1 and not ends_hard(group[0]) and is_prose(group[-1]) for group in between):
        return False
    return is_prose(lines[first - 1]) and (is_prose(lines[first - 2]) or not any(map(is_prose, lines[: first - 1])))


def _first_entry(lines: Sequence[str], beats: Sequence[int], floor: int) -> int:
    """Line at which the first entry begins: right after a marker if one is near, else as far up as entries are long."""
    gaps = [after - before for before, after in pairwise(beats)]
    usual = Counter(gaps).most_common(1)[0][0] if gaps else 2
    steady = len(gaps) >= 2 and len(set(gaps)) == 1
    beat = beats[0]
    first = max(beat - usual + 1, floor)
    for at in range(beat - 1, max(beat - MAX_GAP, floor) - 1, -1):
        if is_introduction(lines[at]):
            if at + 2 < beat and _explains(lines[at + 1]):
                return at + 2
            explained = steady and at + 1 < first and all(map(may_introduce, lines[at + 1 : first]))
            return first if explained else at + 1
    return first


def _explains(line: str) -> bool:
    """Whether a line below a heading says in a sentence what the block is, and is no title."""
    return is_prose(line) and not is_truncated(line) and not line.endswith(ASKS) and lexicon().talks(line) >= 2


def _weigh(page: PlainPage, cadence: _Cadence, near: Neighbourhood) -> Evidence:
    evidence, lines, foot = Evidence(), page.lines, page.foot
    beats, kind, groups, header = cadence.beats, cadence.kind, cadence.groups, cadence.header
    if any(sum(map(weight, group)) > MAX_ENTRY for group in groups):
        evidence.add("entries too long", -1.0)
    if kind == "closing":
        evidence.add("closing lines", 0.7 if len(beats) > 1 else 0.4)
    elif kind == "meta":
        evidence.add("source and age", 0.5)
        evidence.add_if(any(_says_how_long_ago(lines[beat]) for beat in beats), "how long ago", 0.1)
    else:
        evidence.add("a line repeats in rhythm", 0.3)
        evidence.add_if(is_dialogue(groups) and not parted_names(groups, near), "speakers take turns", -1.0)
        within = any(is_prose(group[0]) and sum(map(is_prose, group)) > 1 for group in groups if group)
        evidence.add_if(within, "paragraphs within", -1.0)
    evidence.add_if(len(beats) >= 3, "rhythm", 0.2 if kind == "wording" else 0.4)
    if any(map(lexicon().is_marker, header)) or any(map(marker_with_explanation, header)):
        evidence.add("marker", 0.7)
    elif talks := sum(map(lexicon().talks, header)):
        evidence.add("heading speaks of other articles", 0.4 if talks == 1 else 0.6)
    if kind == "wording":
        wording = lines[beats[0]]
        alike = len({fold(lines[beat]) for beat in beats}) > 1 and ARROWS.search(wording) is None
        evidence.add_if(alike and not any(map(lexicon().talks, header)), "lines that only open alike", -1.0)
        evidence.add_if(ARROWS.search(wording) is not None or lexicon().talks(wording) > 0, "the line leads on", 0.3)
        evidence.add_if(all(map(_is_sourced, groups)), "source and age", 0.5)
    evidence.add_if(any(is_truncated(line) for group in groups for line in group), "cut short", 0.3)
    heads = [group[0] for group in groups if group]
    first_is_prose = len(heads) > 2 and is_prose(heads[0]) and not any(map(ends_hard, heads[1:]))
    evidence.add_if(kind == "meta" and first_is_prose, "a paragraph for a title", -1.0)
    glued = sum(ends_hard(head) and seam(head, near) is not None for head in heads[:_MAX_SEAMS])
    titled = sum(not ends_hard(head) and weight(head) <= MAX_TITLE for head in heads)
    evidence.add_if(2 * (glued + titled) >= len(heads), "titles", 0.4)
    evidence.add_if(
        2 * (glued + titled) < len(heads) and len({fold(lines[beat]) for beat in beats}) > 1 and kind == "wording",
        "promos among paragraphs",
        -1.0,
    )
    evidence.add_if(beats[-1] >= foot - (2 if kind == "closing" else 1), "at the end", 0.3)
    return evidence


def _is_sourced(group: Sequence[str]) -> bool:
    """Whether an entry opens or ends with a source and an age."""
    return any(source is not None and age for source, age in filter(None, map(source_and_age, {group[0], group[-1]})))


def _says_how_long_ago(line: str) -> bool:
    """Whether a line has a source and how long ago that was, `Evening Post · 3 days ago`: a place and a day may be an event's."""
    source, age = source_and_age(line) or (None, None)
    return source is not None and age is not None and any(map(str.isdigit, age)) and is_recent(age)


def _entries(groups: Sequence[Sequence[str]], near: Neighbourhood) -> list[SimilarItem]:
    """The entries of groups of lines; where all of them open with whose they are, that is read off first."""
    opened = [opening for group in groups if (opening := opening_source(group))]
    if len(opened) < 2 or len(opened) < len(groups):
        if named := parted_names(groups, near):
            read = _read_groups([rest for _, rest in named], near)
            pairs = zip(read, named, strict=True)
            return [replace(entry, source=name or entry.source) for entry, (name, _) in pairs if entry is not None]
        return [entry for entry in _read_groups(groups, near) if entry is not None]
    read = _read_groups([rest for _, _, rest in opened], near)
    return [
        replace(entry, source=entry.source or source, published_at=entry.published_at or age)
        for entry, (source, age, _) in zip(read, opened, strict=True)
        if entry is not None
    ]


def _read_groups(groups: Sequence[Sequence[str]], near: Neighbourhood) -> list[SimilarItem | None]:
    pairs = [group for group in groups if len(group) == 2]
    glued_above = 2 * sum(_may_be_snippet(group[0]) for group in pairs) >= len(pairs)
    labelled = labelled_alike([group[-1] for group in groups if len(group) > 1]) or (
        len(pairs) > 1 and all(_may_be_snippet(group[0]) and names_source(group[1]) for group in pairs)
    )
    alone = [
        (len(group) == 2 and glued_above and labelled) or (len(group) > 1 and glued_above and all(map(names_whose, group[1:])))
        for group in groups
    ]
    singles = [group[0] for group, one in zip(groups, alone, strict=True) if one or len(group) == 1]
    glued = dict(zip(singles, split_glued(singles, near), strict=True))
    shapes = ["M".rjust(len(group)) if labelled and len(group) > 1 else "" for group in groups]
    return [read_group(group, glued, shape) for group, shape in zip(groups, shapes, strict=True)]


def _may_be_snippet(line: str) -> bool:
    """Whether a line ends as a snippet does; scripts that part sentences by blanks show one by its length."""
    return ends_as_snippet(line) or (is_unspaced(line) and len(line) > _MAX_UNSPACED)
