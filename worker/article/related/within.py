"""Promos within a paragraph's line, after which the article goes on: `... since 1868. Keep reading: TITLE The new owner ...`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from worker.article.evidence import lexicon
from worker.article.invitations import SURE
from worker.article.wording import ends_hard, fold

_LABEL = re.compile(
    r"(?<=[.!?…»”\"’)\]])\s(?P<label>(?:\([^\W\d_]{1,3}-?\))?[^\W\d_][^:.!?…\[\]()«»“”„\"]{2,40}?)(?:\s?:|\s[–—-])\s(?=[^\s\d])"
)
_TOKEN = re.compile(r"\S+")
_MAX_TITLE = 24  # words
_MIN_TITLE, _MIN_REST = 3, 5
_ARTICLES = frozenset(
    {"the", "der", "die", "das", "le", "la", "les", "el", "los", "las", "il", "lo", "gli", "o", "os", "as", "het", "een", "det"}
)
_MIN_STEM = 5  # letters that two forms of a word have in common


def part_promos_within(lines: Sequence[str]) -> list[str]:
    """The lines, parted behind the title of a promo that stands within one, which is at the end of its line then."""
    parted: list[str] = []
    spoken: frozenset[str] | None = None
    for line in lines:
        for label in _LABEL.finditer(line) if ends_hard(line) else ():
            if not _invites(label["label"]):
                continue
            spoken = spoken if spoken is not None else _spoken(lines)
            if end := _end_of_title(line, label.end(), spoken):
                parted += [line[:end], line[end:].lstrip()]
                break
        else:
            parted.append(line)
    return parted


def _invites(label: str) -> bool:
    return fold(label) in lexicon().markers or lexicon().inviting.strength(label) >= SURE


def _spoken(lines: Sequence[str]) -> frozenset[str]:
    """The words that the page has in small letters."""
    return frozenset(word for line in lines for token in line.split() if (word := token.strip(".,:;!?…()")).islower())


def _end_of_title(line: str, start: int, spoken: frozenset[str]) -> int | None:
    """Where a title ends that begins at `start`: before a word with a capital that the page has in small letters, too.

    A name may stand amid a title, and has none; what follows must be a sentence.
    """
    tokens = list(_TOKEN.finditer(line, start))
    for number in range(_MIN_TITLE, min(_MAX_TITLE, len(tokens) - _MIN_REST)):
        before, after = tokens[number - 1].group(), tokens[number].group().lstrip("«“„\"'")
        if before.endswith((".", "…")):
            return None  # a sentence, and no title
        if not after[:1].isupper():
            continue
        asked = before.rstrip('»”"’').endswith(("?", "!"))
        begins = not before[:1].isupper() and before[-1:].isalnum() and _is_spoken(after.strip(".,:;!?…").lower(), spoken)
        if asked or begins:
            return tokens[number - 1].end()
    return None


def _is_spoken(word: str, spoken: frozenset[str]) -> bool:
    """Whether a word is none of those that have a capital wherever they stand: the page has it, or another form of it, without."""
    return word in _ARTICLES or any(word[:end] in spoken for end in range(min(len(word), _MIN_STEM), len(word) + 1))
