"""Whether a label invites to read, see or hear something else: `(Re)lire`, `Our report`, `Earlier in pictures`.

Its words are of kinds that go together freely; what a word says alone is enough only where more than a colon sets the label apart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from worker.article.talk import Talk
from worker.article.wording import fold, is_unspaced, weight

SURE: Final = 2
"""How much a label says that needs nothing else; one less where it must be set apart."""

_MAX_LABEL, _MAX_WORDS = 34, 5  # weight, and words
_LONG: Final = 4  # letters of a word that says something
_BRACKETS: Final = re.compile(r"[()（）]")
_APOSTROPHES: Final = re.compile("['’]")


class Invitations:
    """Words of such labels by their kinds, as the tables of `markers.toml` have them."""

    def __init__(self, tables: Mapping[str, Mapping[str, Sequence[str]]]) -> None:
        def talk(name: str, *groups: str) -> Talk:
            table = tables[name]
            return Talk(_bare(stem) for group in groups or table for stem in table[group])

        self._verbs, self._forms, self._pictures = talk("verbs"), talk("forms"), talk("pictures")
        self._texts, self._further, self._ours = talk("texts"), talk("further"), talk("ours")
        self._questions, self._comparisons = talk("advice", "questions"), talk("advice", "comparisons")

    def strength(self, label: str) -> int:
        """How much `label` invites: `SURE`, 1 if it must be set apart for that, or 0.

        A word more than those of the tables may be what it is on; another tells that the label says something else.
        """
        if len(label) > _MAX_LABEL or weight(label) > _MAX_LABEL:
            return 0
        said = _bare(_BRACKETS.sub("", label))
        words = said.split()
        if not 0 < len(words) <= _MAX_WORDS or any(map(str.isdigit, said)):
            return 0
        verbs, forms, pictures = self._verbs.covers(said), self._forms.covers(said), self._pictures.covers(said)
        texts, further, ours = self._texts.covers(said), self._further.covers(said), self._ours.covers(said)
        known = verbs + forms + pictures + texts + further + ours
        if not known or self._comparisons.count(said) or (self._questions.count(said) and not further):
            return 0
        leads = verbs + further + forms > 0
        if is_unspaced(said):
            return SURE if known > 1 and verbs + further > 0 else int(leads)
        unknown = sum(len(word) >= _LONG for word in words) - known  # words
        together = (verbs + further and forms + pictures + texts) or (verbs and further) or (ours and forms + texts)
        if together and unknown <= 1:
            return SURE
        if unknown > 0:
            return 0
        return SURE if verbs and self._verbs.opens(said) else int(leads)

    def says_further(self, label: str) -> bool:
        """Whether a word of `label` says that there is more."""
        return self._further.count(_bare(label)) > 0

    def has_verb(self, label: str) -> bool:
        """Whether a word of `label` asks the reader to do something."""
        return self._verbs.count(_bare(label)) > 0


def _bare(text: str) -> str:
    """Words folded one by one, as the edges of a text are, with the blanks at those edges: marks of Indic vowels are no letters."""
    words = " ".join(filter(None, map(fold, _APOSTROPHES.sub(" ", text).split())))
    return " " * text.startswith(" ") + words + " " * text.endswith(" ")
