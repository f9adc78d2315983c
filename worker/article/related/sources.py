"""Whose an entry is, where a line or the end of one names it behind a word for that: `Source: Evening Post - 🏆 214. / 61`.

Articles name their own sources so, below a chart or at their end: it is asked of lines of a block alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from worker.article.ages import source_and_age
from worker.article.evidence import lexicon
from worker.article.wording import ends_as_snippet, fold, weight

_MAX_NAME: Final = 60  # weight of a name behind a word for it
_MAX_LINE: Final = 130  # characters of such a line
_RANK: Final = re.compile(r"\s*(?:[-–—|·•,(]|\U0001f3c6)[\s\U0001f3c6\ufe0f#]*\d{1,6}\.?\s*/\s*\d{1,4}\.?\)?$")  # among all sources
_RANKED: Final = re.compile(r"\d\.?\s*/\s*\d{1,4}\.?\)?\s*[^\W\d_]")
_WORD: Final = re.compile(r"(?<![^\W\d_])[^\W\d_]")
_MAX_CLOSING: Final = 60  # characters
_LABELLED: Final = re.compile(r"\W*(?P<label>[^\W\d_][^:：\d]{1,22}?)\s?[:：]\s*(?P<said>\S.*)")
_BRACKETED: Final = re.compile(r"[【\[［](?P<name>[^【】\[\]［］]{2,30})[】\]］]\s*(?=[^\s(])")  # and no link of Markdown
_LAST_BAR: Final = re.compile(r"\s[|·•–—-]\s(?P<closing>[^|·•]{3,40})$")
_EDGES: Final = " ()（）-–—·•|"
_ARROWS: Final = " »›→"


def named_source(line: str) -> tuple[str | None, str | None] | None:
    """Source and age of a line that says nothing else, behind a word for a source or before a rank; None for any other line."""
    if len(line) > _MAX_LINE:
        return None
    bare = _RANK.sub("", line) if line[-1:] in "0123456789.)" else line
    if label := lexicon().sources.match(bare):
        return _parted(bare[label.end() :])
    return _parted(behind_label(bare)) if bare != line else None


def names_whose(line: str) -> bool:
    """Whether a line says whose an entry is or how old, and nothing else."""
    return (named_source(line) or source_and_age(line)) is not None


def opening_source(entry: Sequence[str]) -> tuple[str | None, str | None, list[str]] | None:
    """Source and age with which an entry opens, on a line of their own or in brackets before its title, and the rest of it.

    None for an entry that opens otherwise, or has no more.
    """
    if len(entry) > 1 and (meta := named_source(entry[0]) or source_and_age(entry[0])) is not None:
        return *meta, list(entry[1:])
    bracket = _BRACKETED.match(entry[0]) if entry else None
    return (bracket["name"], None, [entry[0][bracket.end() :], *entry[1:]]) if bracket else None


def ranks_source(line: str, *, anywhere: bool = False) -> bool:
    """Whether a line says from whom an aggregator has something, at its beginning or `anywhere`: a word for it, a name, a rank."""
    if line[-1:] not in "0123456789.)" or _RANK.search(line, max(0, len(line) - _MAX_LINE)) is None:
        return False
    return (lexicon().sources.search if anywhere else lexicon().sources.match)(line) is not None


def behind_label(line: str) -> str:
    """What a line says behind a word and a colon and before a rank."""
    bare = _RANK.sub("", line)
    labelled = _LABELLED.fullmatch(bare)
    return labelled["said"] if labelled else bare


def labelled_alike(lines: Sequence[str]) -> bool:
    """Whether the lines, two or more, all put one word and a colon before a name, in whatever language."""
    found = [_LABELLED.fullmatch(line) for line in lines]
    labels = [fold(labelled["label"]) for labelled in found if labelled and weight(labelled["said"]) <= _MAX_NAME]
    return len(labels) >= 2 and len(labels) == len(lines) and len(set(labels)) == 1


def with_source_apart(entry: Sequence[str]) -> list[str]:
    """The lines of an entry, with the source that they name at their end on one line of its own, together with the word for it."""
    *above, line = entry or [""]
    if above and lexicon().sources.fullmatch(above[-1]):
        return [*above[:-1], f"{above[-1]} {line}"]
    if lexicon().sources.match(line):
        return list(entry)
    for label in lexicon().sources.finditer(line, max(1, len(line) - _MAX_LINE)):
        at = label.start()
        begins = not line[at - 1].isalpha() or not line[at].islower()
        if begins and (rest := line[:at].rstrip(_EDGES)) and named_source(line[at:]) is not None:
            return [*above, rest, line[at:]]
    return list(entry)


def part_closing(line: str) -> list[str]:
    """A source and the wording that leads on, which stand in one line, on a line each: `Source: Evening Post Read more »`."""
    if (bar := _LAST_BAR.search(line)) and lexicon().is_closing(bar["closing"]) and source_and_age(line[: bar.start()]) is not None:
        return [line[: bar.start()], bar["closing"]]
    if "/" in line and _RANKED.search(line, max(0, len(line) - _MAX_LINE)) is not None:
        for word in _WORD.finditer(line, max(1, len(line) - _MAX_CLOSING)):
            said = line[: word.start()].rstrip()
            if lexicon().is_closing(line[word.start() :]) and _RANK.search(said, max(0, len(said) - _MAX_LINE)) is not None:
                return [*with_source_apart([said]), line[word.start() :]]
    if ranks_source(line[-_MAX_LINE:], anywhere=True):
        return with_source_apart([line])
    if len(line) > _MAX_LINE or not any(mark in line for mark in ":：/"):
        return [line]
    label = lexicon().sources.search(line)
    if label:
        for word in _WORD.finditer(line, max(1, len(line) - _MAX_CLOSING)):
            if lexicon().is_closing(line[word.start() :]) and named_source(line[: word.start()].rstrip()) is not None:
                return [line[: word.start()].rstrip(), line[word.start() :]]
    closing, source = (line[: label.start()].strip(), line[label.start() :]) if label else ("", "")
    return [source, closing] if closing and lexicon().is_closing(closing) and named_source(source) is not None else [line]


def _parted(said: str) -> tuple[str | None, str | None] | None:
    said = said.strip(_EDGES)
    if "«" not in said:
        said = said.rstrip(_ARROWS)
    if not said or weight(said) > _MAX_NAME or ends_as_snippet(said):
        return None
    return source_and_age(said) or (said, None)
