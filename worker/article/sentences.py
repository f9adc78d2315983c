"""Whether a text says anything: an article, however brief, has at least one sentence.

Menus, form labels and buttons have words and no sentence.  A sentence is known by its length and the mark at its end; scripts
without such marks, or without spaces, by runs too long to be labels.
"""

from __future__ import annotations

import re
from typing import Final

from worker.article.evidence import lexicon
from worker.article.wording import UNSPACED, ends_hard, is_unspaced, weight

_MAX_READ: Final = 20_000  # characters of a paragraph
_MIN_WORDS: Final = 6
_MIN_WEIGHT: Final = 24  # `Five people were hurt in it.`; `Already have an account?` is none
_FEW_WORDS: Final = 4
_LONG_WEIGHT: Final = 36  # few words are enough where words are long, as in Finnish or Korean
_WORDS_WITHOUT_STOP: Final = 15  # a statement whose full stop was forgotten
_MIN_UNSPACED: Final = 10
_UNSPACED_WITHOUT_STOP: Final = 30
_SENTENCES: Final = re.compile(r"(?<=[.!?…।॥۔؟։።])[\"'»”’)\]]*\s+|(?<=[。！？])[」』）”]*")
_UNSPACED_RUN: Final = re.compile(f"[{UNSPACED}]{{8,}}")  # a label or a name is shorter
_STOP: Final = re.compile(r"[.!?…।॥۔؟։።。！？][\"'»”’)\]」』）]*$")


def has_sentence(paragraph: str) -> bool:
    """Whether a paragraph has a sentence in it; an imprint is none."""
    if lexicon().is_imprint(paragraph):
        return False
    text, begin = paragraph[:_MAX_READ], 0
    for parting in _SENTENCES.finditer(text):  # most paragraphs open with one
        if _is_sentence(text[begin : parting.start()]):
            return True
        begin = parting.end()
    return _is_sentence(text[begin:])


def _is_sentence(text: str) -> bool:
    text = text.strip()
    stopped = _STOP.search(text) is not None
    if is_unspaced(text):
        run = sum(map(len, _UNSPACED_RUN.findall(text)))
        return run >= _UNSPACED_WITHOUT_STOP or (stopped and len(text) >= _MIN_UNSPACED)
    words = len(text.split())
    if not stopped:
        return words >= _WORDS_WITHOUT_STOP
    size = weight(text)
    return (words >= _MIN_WORDS and size >= _MIN_WEIGHT) or (words >= _FEW_WORDS and size >= _LONG_WEIGHT)


_MAX_HEADLINE: Final = 140  # weight
_MIN_HEADLINE: Final = 20
_CONTINUES: Final = re.compile(r"[,:;–—-]$")


def is_headline(first: str, second: str) -> bool:
    """Whether the first paragraph of a plain text is its headline, by the paragraph that follows.

    A headline is short, ends with no mark at all, and prose much longer than itself follows: a text that is wrapped at a fixed
    width has lines of one length, of which most end in the middle of a sentence.
    """
    if not _MIN_HEADLINE <= weight(first) <= _MAX_HEADLINE or (len(first.split()) < 3 and not is_unspaced(first)):
        return False
    if _STOP.search(first) or _CONTINUES.search(first):
        return False
    opens_anew = not second[:1].islower()
    return opens_anew and ends_hard(second) and has_sentence(second) and weight(second) >= 1.5 * weight(first)
