"""What a text looks like, whatever it says: its folded form, its weight, how it ends, its words and how many it shares.

Everything is asked of titles, lines and paragraphs in any script, many times a page; the frequent answers come first.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from worker.article.code_pages import Tables
from worker.article.normalize import in_form

_INVISIBLE: Final = "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff"


def _combining(plane: range) -> str:
    """All combining marks of a plane, as ranges for a character class."""
    marks = [code for code in plane if unicodedata.combining(chr(code))]
    firsts = [code for code in marks if not unicodedata.combining(chr(code - 1))]
    lasts = [code for code in marks if not unicodedata.combining(chr(code + 1))]
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in zip(firsts, lasts, strict=True))


# What a fold leaves out after compatibility decomposition.  Two classes, for `re` has a table only for one that is all in the BMP.
# Beyond it only the first plane has combining marks, and to ask all of Unicode would take every process a tenth of a second.
_LEFT_OUT: Final = re.compile(f"[{_INVISIBLE}{_combining(range(0x10000))}]+")
_LEFT_OUT_BEYOND: Final = re.compile(f"[{_combining(range(0x10000, 0x20000))}]+")
_BEYOND: Final = re.compile("[\U00010000-\U0010ffff]")
UNSPACED: Final = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
HANGUL: Final = "\uac00-\ud7af"

_SHORT: Final = 90  # characters of a text that pages repeat: headings, closing lines, labels

DENSE: Final = re.compile(f"[{UNSPACED}{HANGUL}]")
_UNSPACED: Final = re.compile(f"[{UNSPACED}]")
_ASCII_EDGES: Final = "".join(char for char in map(chr, range(128)) if not char.isalnum())
_QUOTES: Final = "\"'»«”“’‘„)\\]】」』›"
_SIGNED: Final = r"(?:(?<!\.\.\s)[(（][^\W\d_]{1,4}(?:/[^\W\d_]{2,4})?[)）])?"  # by whom: `... and the end. (dpa/abc)`
_HARD_STOP: Final = re.compile(rf"[.。．।॥။។።։۔｡]+[\s{_QUOTES}]*{_SIGNED}$")
_SENTENCE_END: Final = re.compile(rf"[.。．।॥။។።։۔｡!?！？؟…;⋯]+[\s{_QUOTES}]*{_SIGNED}$")
_TRUNCATED: Final = re.compile(r"(?:…|⋯|\.{2,}|\[\.\.\.\]|\[…\]|\(\.\.\.\)|\(…\))[\s\"'»”’)\]」』]*$")

# fmt: off
NAME_PARTICLES: Final = frozenset({
    "af", "al", "bin", "da", "de", "del", "della", "den", "der", "di", "dos", "du", "el", "la", "le", "ter", "van", "von", "y",
    "zu",
})
# fmt: on
"""Small words within people's names: `Nadia van der Berg`."""

# fmt: off
ARTICLES: Final = frozenset({
    "a", "as", "das", "de", "der", "det", "die", "een", "el", "gli", "het", "il", "l'", "la", "las", "le", "les", "lo", "los", "o",
    "os", "the",
})
# fmt: on
"""Articles of languages that have them: words with which a sentence, or a name, opens."""

OPENING_QUOTES: Final = "\"'“”„«‘‚「『《"
_CLOSING_QUOTES: Final = "\"'”“»’‘」』》"
_WORDS: Final = re.compile(r"[^\W\d_]{2,}")
_NUMBERED: Final = re.compile(r"^(?:\d{1,3}|[ivxIVX]{1,4}|[a-zA-Z])[.)、．:]\s*\S")
_CLOCK: Final = re.compile(r"^\d{1,2}[:.h]\d{2}\b")


# What short texts were found to be.  A dictionary is asked sooner than an lru_cache; one that is full begins anew.
_FOLDED: Final[dict[str, str]] = {}
_WEIGHED: Final[dict[str, int]] = {}
_MAX_KEPT: Final = 8192


def fold(text: str) -> str:
    """The form in which wordings are compared: no case, no accents, no invisible characters, no punctuation at the edges."""
    if len(text) > _SHORT:
        return _fold(text)
    folded = _FOLDED.get(text)
    if folded is None:
        if len(_FOLDED) >= _MAX_KEPT:
            _FOLDED.clear()
        folded = _FOLDED[text] = _fold(text)
    return folded


def _fold(text: str) -> str:
    if text.isascii():  # the same as below, for less
        folded = on_one_line(text.lower())
        return folded if folded[:1].isalnum() and folded[-1].isalnum() else folded.strip(_ASCII_EDGES)
    text = text.replace("ß", "ss").replace("…", "...")  # all else that a table takes stays one character
    bare = _BARE.form(text)
    text = " ".join((_bare(text) if bare is None else bare).split())
    start, end = 0, len(text)
    while start < end and not text[start].isalnum():
        start += 1
    while start < end and not text[end - 1].isalnum():
        end -= 1
    return text[start:end]


def _bare(text: str) -> str:
    """The text without case, accents and invisible characters."""
    text = _LEFT_OUT.sub("", in_form("NFKD", text))
    if _BEYOND.search(text):
        text = _LEFT_OUT_BEYOND.sub("", text)
    return text.replace("ı", "i").replace("ي", "ی").replace("ى", "ی").casefold()


_BARE: Final = Tables(_bare)


def on_one_line(text: str) -> str:
    """The text with a single blank for each run of white space, and none at its ends."""
    bare = text.strip()
    return bare if bare.isprintable() and "  " not in bare else " ".join(bare.split())


def weight(text: str) -> int:
    """Length in characters of an alphabet: a character of a dense script says as much as two."""
    if text.isascii():
        return len(text)
    if len(text) > _SHORT:
        return len(text) + len(DENSE.findall(text))
    known = _WEIGHED.get(text)
    if known is None:
        if len(_WEIGHED) >= _MAX_KEPT:
            _WEIGHED.clear()
        known = _WEIGHED[text] = len(text) + len(DENSE.findall(text))
    return known


def is_unspaced(text: str) -> bool:
    """Whether most of the text is in a script that sets no spaces between words."""
    return not text.isascii() and 2 * len(_UNSPACED.findall(text)) > len(text)


# How a text ends is asked of every title and paragraph, and one of the two most frequent ends tells it: a letter, or a full stop.


def ends_hard(text: str) -> bool:
    """Whether the text ends as a statement does; a title seldom does."""
    last = text[-1:]
    if last.isalnum():
        return False
    if last == ".":
        return text[-2:-1] != "."
    return _HARD_STOP.search(text[-12:]) is not None and not is_truncated(text)


def ends_sentence(text: str) -> bool:
    """Whether the text ends with any mark that ends a sentence."""
    last = text[-1:]
    return last == "." or (not last.isalnum() and _SENTENCE_END.search(text[-12:]) is not None)


def is_truncated(text: str) -> bool:
    """Whether the page cut the text short with dots."""
    last = text[-1:]
    if last.isalnum():
        return False
    if last == ".":
        return text[-2:-1] == "."
    return _TRUNCATED.search(text[-12:]) is not None


def ends_as_snippet(text: str) -> bool:
    """Whether the text ends as a statement does, or was cut short within one."""
    return ends_hard(text) or is_truncated(text)


def is_numbered(text: str) -> bool:
    """Whether the text opens as an entry of a list or of a live blog does: `3. `, `11:42 `."""
    return _NUMBERED.match(text) is not None or _CLOCK.match(text) is not None


def is_quoted(text: str) -> bool:
    """Whether the whole text is a quotation: who quotes a wording does not use it."""
    return len(text) > 2 and text[0] in OPENING_QUOTES and text[-1] in _CLOSING_QUOTES


def opens_speech(text: str) -> bool:
    """Whether a quotation begins with the text and does not end in it: `"See also`."""
    return text[:1] in OPENING_QUOTES and not any(mark in _CLOSING_QUOTES for mark in text[1:])


def words(text: str) -> list[str]:
    """Words of at least two letters, folded; characters of unspaced scripts in pairs."""
    folded = fold(text)
    if is_unspaced(text):
        return [folded[at : at + 2] for at in range(len(folded) - 1) if _UNSPACED.match(folded[at])]
    return _WORDS.findall(folded)


def overlap(text: str, vocabulary: frozenset[str]) -> float:
    """Share of the longer words of `text` that `vocabulary` holds."""
    longer = [word for word in words(text) if len(word) > 3 or is_unspaced(word)]
    return sum(word in vocabulary for word in longer) / len(longer) if longer else 0.0


def stems_of(lines: Iterable[str]) -> frozenset[str]:
    """Beginnings of the longer words of the lines, which inflection leaves as they are; pairs of characters in unspaced scripts."""
    stems: set[str] = set()
    for line in lines:
        for word in words(line):
            if len(word) > 3 or is_unspaced(word):
                stems.update((word[:4], word[:5]))
    return frozenset(stems)


def kinship(text: str, stems: frozenset[str]) -> float:
    """Share of the longer words of `text` that begin as words of `stems` do."""
    longer = [word for word in words(text) if len(word) > 3 or is_unspaced(word)]
    return sum(word[: 5 if len(word) > 6 else 4] in stems for word in longer) / len(longer) if longer else 0.0
