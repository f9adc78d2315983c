"""Promos in running text: `Read also: TITLE`, on a line of its own or after the last sentence of a paragraph."""

from __future__ import annotations

import re

from worker.article.evidence import ends_hard, fold, lexicon, weight

MAX_TITLE = 180  # weight above which a line is no title
BULLET = re.compile(r"^(?:[-–—•·▪■►▶➤→*●◆◇○»›▸‣✔☞👉🔴]|\uf0b7)+\s*")
_BRACKETED = re.compile(r"^[\[【〔〈《(（<＜]\s*(?P<head>[^\]】〕〉》)）>＞]{2,40})[\]】〕〉》)）>＞]\s*(?P<rest>.*)$")
_ARROW = re.compile(r"^(?:►|▶|▸|➤|☞|👉|→)\ufe0f?\s*(?=\S)")
_MIN_POINTED = 18  # weight
_QUOTES = '"“”'
_COLON = re.compile(r"\s?[:：►▶>»|]\s*|\s[–—-]\s")
_SIGN = re.compile("[:：►▶>»|–—-]")  # is in all that _COLON matches, and much sooner found
_TOKEN = re.compile(r"\S+")
_TAIL = 400  # characters at the end of a paragraph in which a promo may begin
_SENTENCE_START = re.compile(r"[.!?…。！？।۔؟»”\"')\]」]\s*(?=\S)")


def find_promo(text: str) -> tuple[int, str] | None:
    """Where a promo starts in the text, and its title."""
    if text[:1] in "([（【" and text[-1:] in ")]）】" and len(text) <= MAX_TITLE:
        found = find_promo(text[1:-1].strip())
        return (0, found[1]) if found and found[0] == 0 else None
    if bracket := _BRACKETED.match(text):
        if fold(bracket["head"]) in lexicon().markers and _titlelike(bracket["rest"]):
            return 0, bracket["rest"]
        colon = re.search(r"[:：]", bracket["head"])
        if colon and not bracket["rest"] and fold(bracket["head"][: colon.start()]) in lexicon().markers:
            return 0, bracket["head"][colon.end() :].strip()
    lead = BULLET.match(text)
    starts = [lead.end() if lead else 0]
    if _SIGN.search(text, max(0, len(text) - _TAIL)):
        starts += [match.end() for match in _SENTENCE_START.finditer(text, max(0, len(text) - _TAIL))]
    for at in starts:
        after = _after_marker(text, at, at == starts[0])
        if after is not None and _titlelike(text[after:].strip()):
            return (0 if at == starts[0] else at), _bare(text[after:])
    return None


def _bare(title: str) -> str:
    """A title without the quotes or the bracket that only the promo set around it."""
    title = title.strip()
    if title.endswith((")", "）", "]", "】")) and not any(opening in title for opening in "(（[【"):
        title = title[:-1].rstrip()
    if len(title) > 2 and title[0] in _QUOTES and title[-1] in _QUOTES and not any(char in _QUOTES for char in title[1:-1]):
        title = title[1:-1]
    return title


def find_pointer(text: str) -> str | None:
    """The title that a line points to with an arrow and no word: `► TITLE`."""
    arrow = _ARROW.match(text)
    if arrow is None or not _titlelike(text[arrow.end() :]) or weight(text[arrow.end() :]) < _MIN_POINTED:
        return None
    return text[arrow.end() :].strip()


def _after_marker(text: str, at: int, line_start: bool) -> int | None:
    """Where the marker that begins at `at` ends, with its colon, or None if there is none."""
    window = text[at : at + 60]
    colon = _COLON.search(window) if _SIGN.search(window) else None
    if colon and fold(window[: colon.start()]) in lexicon().markers:
        return at + colon.end()
    if not line_start:
        return None
    tokens = list(_TOKEN.finditer(window))[:6]
    for count in range(len(tokens) - 1, 1, -1):
        following = window[tokens[count].start()]
        if (following.isupper() or not following.islower()) and fold(window[: tokens[count - 1].end()]) in lexicon().markers:
            return at + tokens[count].start()
    return None


def _titlelike(text: str) -> bool:
    return 8 <= weight(text) <= MAX_TITLE and not ends_hard(text) and not lexicon().is_closing(text)
