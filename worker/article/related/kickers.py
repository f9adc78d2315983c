"""Words above titles that a flattened page runs into them: `WEATHER Snow stays until May`, `WeatherSnow stays until May`.

One title may open so by itself, with an acronym or a name that has a capital inside; all of a block do where each has its kicker.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from worker.article.evidence import lexicon
from worker.article.wording import weight
from worker.records import SimilarItem

_MIN_CAPITALS, _MIN_JOINED = 5, 3  # letters of a kicker
_MIN_TITLE = 14  # weight


def without_kickers(entries: Sequence[SimilarItem]) -> list[SimilarItem]:
    """The entries without the kickers with which all of their titles open; as they are if one has none."""
    for end_of in (_after_capitals, _after_joined):
        ends = [end_of(entry.title) for entry in entries]
        if len(entries) > 1 and all(ends):
            return [replace(entry, title=entry.title[end:]) for entry, end in zip(entries, ends, strict=True)]
    return list(entries)


def _after_capitals(title: str) -> int:
    """Where the title begins behind a word in capitals; 0 if it opens with none."""
    kicker, _, rest = title.partition(" ")
    if len(kicker) < _MIN_CAPITALS or not (kicker.isalpha() and kicker.isupper()):
        return 0
    return len(kicker) + 1 if rest[:1].isupper() and not rest.isupper() and weight(rest) >= _MIN_TITLE else 0


def _after_joined(title: str) -> int:
    """Where the title begins at a capital within its first word; 0 if there is none, or the word is a name known to have one."""
    word = title.partition(" ")[0]
    if not word[:1].isupper() or word in lexicon().camel:
        return 0
    at = next((at for at in range(_MIN_JOINED, len(word)) if word[at].isupper() and word[at - 1].islower()), 0)
    return at if weight(title) - at >= _MIN_TITLE else 0
