"""One canonical text: how a paragraph is cleaned for the reader, and what of it counts for a hash.

The published text keeps the author's letters, quotes and dashes.  The canonical text, which is only ever hashed, keeps what two
copies of an article agree on: letters and digits, whatever the case, the typography or the Unicode form.
"""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffc]+"
)
"""Soft hyphens, zero-width spaces, direction marks.  Not the joiners U+200C and U+200D: Persian, Indic and emoji need them."""

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]+")


def clean(text: str) -> str:
    """A paragraph on one line, NFC, without invisible characters, controls or double spaces."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    if not text.isascii():
        text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
    return " ".join(_CONTROL.sub("", text).split())


_APART = re.compile(r"[\W_]+")
_MARKS = re.compile("[\u0300-\u036f\u200c\u200d\ufe00-\ufe0f]+")


def canonical(text: str) -> str:
    """Words and numbers only, case-folded NFKC, one space between: equal for texts that differ in case, quotes, dashes or spacing.

    Accents stay (a composed and a combining one are the same); punctuation within a word parts it, whatever its style.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return _APART.sub(" ", _MARKS.sub("", folded)).strip()
