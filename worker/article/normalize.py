"""One canonical text: how a paragraph is cleaned for the reader, and what of it counts for a hash.

The published text keeps the author's letters, quotes and dashes.  The canonical text, which is only ever hashed, keeps what two
copies of an article agree on: letters and digits, whatever the case, the typography or the Unicode form.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import accumulate
from typing import Final, Literal

from worker.article.code_pages import Tables

_INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffc]+"
)
"""Soft hyphens, zero-width spaces, direction marks.  Not the joiners U+200C and U+200D: Persian, Indic and emoji need them."""

_INVISIBLE_LETTERS: Final = "\u034f\u115f\u1160\u17b4\u17b5\ufffc"
"""Those of them that count as printable."""

_CONTROL: Final = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\\ud800-\\udfff\ufffe\uffff]+")


_LONG: Final = 1000  # characters; a pile of marks in fewer costs nothing
_MAX_MARKS: Final = 30  # on one letter, as in Unicode's own stream-safe format
_PILE: Final = re.compile(r"[^\x00-\x7f\w\s]{64,}")


def in_form(form: Literal["NFC", "NFKC", "NFKD"], text: str) -> str:
    """The text in a form of Unicode, without what is piled on a letter beyond any use: to sort it takes the square of its size."""
    return unicodedata.normalize(form, text if len(text) < _LONG else _PILE.sub(_first_marks, text))


def _first_marks(row: re.Match[str]) -> str:
    """A row without its combining marks behind the first thirty, if it has any."""
    marks = accumulate(map(unicodedata.combining, row[0]), lambda count, mark: count + 1 if mark else 0)
    return "".join(char for char, count in zip(row[0], marks, strict=True) if count <= _MAX_MARKS)


def clean(text: str) -> str:
    """A paragraph on one line, NFC, without invisible characters, controls or double spaces."""
    printable = text.isprintable()  # what is has no controls, and no space but U+0020
    if not printable:
        text = text.replace("\n", " ").replace("\r", " ").replace("\t", " ").replace("\u00a0", " ")
        printable = text.isprintable()
    if not text.isascii():
        if not printable or _has_invisible_letter(text):
            text = _INVISIBLE.sub("", text)
            printable = text.isprintable()
        text = in_form("NFC", text)
    if not printable:
        text = _CONTROL.sub("", text)
    elif "  " not in text and text[:1] != " " and text[-1:] != " ":
        return text
    return " ".join(text.split())


def _has_invisible_letter(text: str) -> bool:
    return any(letter in text for letter in _INVISIBLE_LETTERS)


_WORD: Final = re.compile(r"[^\W_]+")
_MARKS: Final = re.compile("[\u0300-\u036f\u200c\u200d\ufe00-\ufe0f]+")

# Most texts keep to a code page but for these marks, of which none is or becomes part of a word.  What is left has less to
# normalize in any script: a single `…` takes long.
_TYPOGRAPHY: Final = "’“”—–‘…•„‚‹›−―，：；！？（）"
_PUNCTUATION: Final = ",.:;!?\"'()«»-/"
"""As much for texts in other scripts, whose words then need no search: letters and digits are all that is left between spaces."""


def canonical(text: str) -> str:
    """Words and numbers only, case-folded NFKC, one space between: equal for texts that differ in case, quotes, dashes or spacing.

    Accents stay (a composed and a combining one are the same); punctuation within a word parts it, whatever its style.
    """
    return b" ".join(canonical_words(text)).decode()


def canonical_words(text: str) -> list[bytes]:
    """The words of the canonical text in UTF-8, for those who hash them."""
    lines = _without_typography(text).split("\n")  # a character that no table has costs its line, not the whole text, a hundredfold
    return "\n".join(map(_canonical_line, lines)).encode("utf-8", "replace").split()


def _canonical_line(line: str) -> str:
    folded = _CANONICAL.form(line)
    return _canonical(line) if folded is None else folded


def _canonical(line: str) -> str:
    for mark in _PUNCTUATION:
        line = line.replace(mark, " ")
    return " ".join(_words(in_form("NFKC", in_form("NFKC", line).casefold())))


def _words(text: str) -> list[str]:
    words: list[str] = []
    for word in text.split():
        if word.isalnum():
            words.append(word)
        else:
            words.extend(_WORD.findall(_MARKS.sub("", word)))
    return words


def letters(text: str) -> str:
    """Letters and digits only, case-folded: what two wordings agree on that differ in spaces, quotes and dashes."""
    if "\u0530" <= text[:1] < "\u2000" or text[:1] >= "\u3000":  # it opens in a script that no table has
        return _letters(text)
    folded = _LETTERS.form(_without_typography(text))
    return _letters(text) if folded is None else folded


def _letters(text: str) -> str:
    for mark in _PUNCTUATION:
        text = text.replace(mark, " ")
    return "".join(_words(text)).casefold()


def _without_typography(text: str) -> str:
    if not text.isascii():
        for mark in _TYPOGRAPHY:
            text = text.replace(mark, " ")
        text = text.replace("\u00a0", " ").replace("ß", "ss")
    return text


_CANONICAL: Final = Tables(lambda character: _canonical(character) or " ")
_LETTERS: Final = Tables(_letters)
