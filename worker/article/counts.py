"""What a page counts beside an article or an entry: its comments, who read, liked or shared it, how long it takes to read.

`12 comments`, `Shares: 45`, `4 min read`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from worker.article.evidence import Lexicon, lexicon
from worker.article.wording import fold

_MAX_COUNT: Final = 40  # characters
_MAX_READING: Final = 44  # characters of how long something takes to read
_MAX_SAID: Final = 6  # words of that
_NUMBERED: Final = re.compile(r"\D?\d[\d.,]*\D{3,30}|\D{2,30}\d[\d.,]*\D?")  # one number beside a word, as few texts are
_DIGIT: Final = re.compile(r"\d")


def counts_comments(text: str) -> bool:
    """Whether a text says how many comments there are, and nothing else: `2 comments`, `Kommentare (12)`."""
    return len(text) <= _MAX_COUNT and _NUMBERED.fullmatch(text) is not None and _counts_comments(lexicon(), text)


def is_count(text: str) -> bool:
    """Whether a text opens with how many comments, pictures or the like there are, or is a word for them and a number."""
    return len(text) <= _MAX_COUNT and _DIGIT.search(text) is not None and _is_count(lexicon(), text)


def counts_minutes(text: str) -> bool:
    """Whether a text says how many minutes something takes to read, and nothing else but by whom: `4 min read`."""
    return len(text) <= _MAX_READING and _DIGIT.search(text) is not None and _counts_minutes(lexicon(), text)


@lru_cache(maxsize=2048)
def _counts_minutes(known: Lexicon, text: str) -> bool:
    folded = fold(text)
    return (
        known.minutes.search(folded) is not None and known.reading.search(folded) is not None and len(folded.split()) <= _MAX_SAID
    )


@lru_cache(maxsize=2048)
def _counts_comments(known: Lexicon, text: str) -> bool:
    return known.counted_comments.fullmatch(fold(text)) is not None


@lru_cache(maxsize=2048)
def _is_count(known: Lexicon, text: str) -> bool:
    return known.counted.match(fold(text)) is not None
