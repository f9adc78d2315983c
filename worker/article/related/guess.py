"""The likeliest seam of a line that must have one: it stands among lines with a title and a snippet run together, and is as long.

In Korean a word of the page, the ending of a clause or a noun that ends headlines shows it; in scripts that set no blanks, a word
with which sentences open.  A wrong seam costs no more there than none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from math import log
from typing import Final

from worker.article.evidence import lexicon
from worker.article.wording import HANGUL, ends_as_snippet

_SYLLABLES: Final = re.compile(f"[{HANGUL}]{{4,}}")
_MIN_TITLE: Final = 6
_TOKEN: Final = re.compile(r"\S+")
_AROUND: Final = ".,:;!?…،؛؟।॥\"'«»“”’()[]"
_MIN_PART, _MIN_KNOWN = 3, 0.5  # characters of a part of two joined words; share of them that is a word of the page
_MIN_BEFORE_VERB: Final = 4  # characters: more than an article and a prefix
_NUMBER: Final = re.compile(r"(?<!\S)\d[\d,.]*\s")
_MAX_COUNTER: Final = 8  # characters of a word for what is counted
_TITLE, _SPREAD = 34, 18  # characters of a title, and by how many they differ
_TITLE_KO, _SPREAD_KO = 24, 9
_MAX_TITLE_SHARE: Final = 0.75  # of a line
_TOKEN_LETTER: Final = 0.5  # for each letter of the word that two were joined to
_MIN_LONG: Final = 50  # characters of a line in a script without blanks that holds more than a title


def guess_korean(line: str, tokens: frozenset[str]) -> int | None:
    """The likeliest seam of a Korean line that ends as a sentence does; `tokens` are words of the page."""
    if _SYLLABLES.search(line) is None or not ends_as_snippet(line):
        return None
    known = tokens | {bare for token in tokens if len(bare := lexicon().particles.sub("", token)) > 1}
    best: tuple[float, int] | None = None
    for run in _SYLLABLES.finditer(line):
        token = run.group()
        if token in tokens:
            continue
        for cut in range(max(1, _MIN_TITLE - run.start()), len(token) - 1):
            at = run.start() + cut
            worth = _worth(token[:cut], token[cut:], known)
            if worth > 0.7 and (best is None or worth > best[0]):
                best = worth, at
    return best[1] if best else None


def _worth(left: str, right: str, known: frozenset[str]) -> float:
    stem = lexicon().particles.sub("", right)
    if len(stem) < 2 or lexicon().particles.fullmatch(right):
        return 0.0
    worth = 1.0 * (stem != right)
    if right in known or stem in known:
        worth += 1.5
    elif any(stem[:size] in known for size in range(2, len(stem))):
        worth += 0.8
    if left.endswith(lexicon().title_ends):
        worth += 1.5
    elif left in known:
        worth += 1.0
    return worth - 0.5 * (left not in known and len(left) > 2 and lexicon().particles.search(left) is not None)


def guess_joined(line: str, knows: Callable[[str], bool]) -> int | None:
    """The likeliest seam of a line in an alphabet without case: in the word that begins or ends with most of a word of the page."""
    if not ends_as_snippet(line) or any(char.isupper() or char.islower() for char in line):
        return None
    best: tuple[float, int] | None = None
    for match in _TOKEN.finditer(line, _MIN_TITLE):
        token = match.group()
        if len(token) < 2 * _MIN_PART or knows(token.strip(_AROUND)):
            continue
        if opened := lexicon().opening_verbs.search(token, _MIN_BEFORE_VERB):
            return match.start() + opened.start()
        for cut in range(_MIN_PART, len(token) - _MIN_PART + 1):
            if not token[cut].isalnum():  # a vowel sign
                continue
            rest = token[cut:].strip(_AROUND)
            opens = max((size for size in range(_MIN_PART + 1, len(rest) + 1) if knows(rest[:size])), default=0)  # inflected or not
            known = max(knows(token[:cut]) * cut, opens) / len(token)
            if known >= _MIN_KNOWN and (best is None or known > best[0]):
                best = known, match.start() + cut
    return best[1] if best else None


def guess_longest(line: str, tokens: frozenset[str]) -> int | None:
    """The likeliest seam of a line without case, where no word of the page shows one: in a long word that is none of them.

    Where the words of the page often end as its first part does and begin as the rest does, the two were joined.
    """
    if not ends_as_snippet(line) or any(char.isupper() or char.islower() for char in line):
        return None
    korean = _SYLLABLES.search(line) is not None
    usual, spread, least = (_TITLE_KO, _SPREAD_KO, 1) if korean else (_TITLE, _SPREAD, _MIN_PART)
    ends, beginnings = _edges_of(tokens)
    best: tuple[float, int] | None = None
    for match in _TOKEN.finditer(line, _MIN_TITLE):
        token = match.group().rstrip(_AROUND)
        if len(token) < 2 * least or token in tokens:
            continue
        article = max((len(prefix) for prefix in lexicon().proclitics if token.startswith(prefix)), default=0)
        for cut in range(article + least, len(token) - least + 1):
            at = match.start() + cut
            if not token[cut].isalnum() or at > _MAX_TITLE_SHARE * len(line):
                continue
            worth = _TOKEN_LETTER * len(token) - ((at - usual) / spread) ** 2
            worth += log(1 + ends[token[max(0, cut - 2) : cut]]) + log(1 + beginnings[token[cut : cut + 2]])
            if best is None or worth > best[0]:
                best = worth, at
    return best[1] if best else None


@lru_cache(maxsize=2)  # a block's lines are asked about one after the other
def _edges_of(tokens: frozenset[str]) -> tuple[Counter[str], Counter[str]]:
    """How often words end, and how often they begin, with which two characters."""
    return Counter(token[-2:] for token in tokens), Counter(token[:2] for token in tokens)


def guess_counted(line: str, prose: str) -> int | None:
    """The place behind a number and the word for what it counts, where `prose` says the same number and goes on otherwise."""
    if len(line) < _MIN_LONG:
        return None
    for number in _NUMBER.finditer(line, 1):
        said = prose.find(number.group())
        if said < 0:
            continue
        rest, other = line[number.end() :], prose[said + len(number.group()) :]
        shared = next((at for at, (one, two) in enumerate(zip(rest, other, strict=False)) if one != two), 0)
        if 1 < shared <= _MAX_COUNTER and len(rest) - shared >= _MIN_LONG // 3 and rest[shared].isalpha():
            return number.end() + shared
    return None


def guess_unspaced(line: str) -> int | None:
    """The first place in a long line at which a word that opens sentences stands joined to what is before it."""
    if len(line) < _MIN_LONG:
        return None
    for match in lexicon().sentence_openings.finditer(line, 12):
        at = match.start()
        if not line[at - 1].isspace() and len(line) - at >= _MIN_LONG // 3:
            return at
    return None
