"""Words in which pages speak of other articles, found in a line whatever else it says."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from worker.article.patterns import trie_of
from worker.article.wording import fold

_WORD_EDGES: Final = ".,:;!?…\"'«»“”„’()[]،؛؟。、：，-–—"


class Talk:
    """Words in which pages speak of articles: whole words, beginnings of words, and pieces of scripts that part no words."""

    def __init__(self, stems: Iterable[str]) -> None:
        self._whole: set[str] = set()
        self._beginnings: set[str] = set()
        pieces: set[str] = set()
        for stem in stems:
            folded = fold(stem)
            opens, closes = stem.startswith(" "), stem.endswith(" ")
            if opens and " " not in folded:
                (self._whole if closes else self._beginnings).add(folded)
            else:
                pieces.add(" " * opens + folded + " " * closes)
        self._pieces = sorted(pieces)
        self._any_piece = re.compile(trie_of(self._pieces) or r"\Z.")

    def count(self, text: str) -> int:
        """How many of these `text` holds."""
        folded = fold(text)
        return self._count_words(folded) + len(self._pieces_of(folded))

    def covers(self, text: str) -> int:
        """How many words of `text` are of these: a phrase counts for as many as it has."""
        folded = fold(text)
        return self._count_words(folded) + sum(1 + piece.count(" ", 1, -1) for piece in self._pieces_of(folded))

    def opens(self, text: str) -> bool:
        """Whether `text` opens with one of the words."""
        folded = fold(text)
        padded = f" {folded} "
        first = folded.partition(" ")[0].strip(_WORD_EDGES)
        return self._knows(first) or any(piece[0] == " " and padded.startswith(piece) for piece in self._pieces)

    def _count_words(self, folded: str) -> int:
        return sum(self._knows(word.strip(_WORD_EDGES)) for word in folded.split())

    def _pieces_of(self, folded: str) -> list[str]:
        padded = f" {folded} "
        return [piece for piece in self._pieces if piece in padded] if self._any_piece.search(padded) else []  # most hold none

    def _knows(self, word: str) -> bool:
        if word in self._whole:
            return True
        return any(word[:end] in self._beginnings for end in range(2, len(word) + 1))
