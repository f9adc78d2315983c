"""Promos in running text: `Read also: TITLE`, on a line of its own or after the last sentence of a paragraph."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final

from worker.article.evidence import lexicon
from worker.article.related.items import marked_link
from worker.article.wording import ends_hard, fold, is_unspaced, kinship, stems_of, weight, words

MAX_TITLE: Final = 180  # weight above which a line is no title
BULLET: Final = re.compile(r"^(?:(?:[-–—•·・▪■►▶➤→*●◆◇○>▸▷‣✓✔☞👉🔴➜➔➡⇒＞≫\uf0b7]|»(?![^«»]*«)|›(?![^‹›]*‹))\s*)+")
_BRACKETED: Final = re.compile(r"^[\[【〔〈《(（<＜]\s*(?P<head>[^\]】〕〉》)）>＞]{2,40})[\]】〕〉》)）>＞]\s*(?P<rest>.*)$")
_OPENING, _CLOSING = ("(", "[", "（", "【"), (")", "]", "）", "】")
_ARROW: Final = re.compile(r"^(?:[►▶▸➤➡➜➔⇒☞👉→≫]|(?:>>|＞＞|»»)[>＞»]*|»(?![^«»]*«))\ufe0f?\s*(?=[^\s>＞»])")
_QUOTES: Final = '"“”'
_COLON: Final = re.compile(r"[:：►▶>»|–—-](?:(?<![–—-])\s*|(?<=\s[–—-])\s)")  # one class first, which a search skips to
_MARKS: Final = tuple(":：►▶>»|–—-")  # looked for one by one, which is sooner done than a search, for texts that have none
_TOKEN: Final = re.compile(r"\S+")
_MIN_PROSE: Final = 40  # weight
_TAIL: Final = 400  # characters at the end of a paragraph in which a promo may begin
_PHRASE_TAIL: Final = 240  # the same for a phrase, whose length and whose title's are bounded
_PHRASE: Final = re.compile(
    r"(?<=[.!?…»”\"’)\]।。！？።])[ \u3000]*(?P<phrase>[^\W\d_][^:：.!?…«»“”\"]{3,44}?)\s?[:：]\s*(?P<title>[^\s:：][^\n]{16,180})$"
)
_SENTENCE_START: Final = re.compile(r"[.!?…。！？।۔؟»”\"')\]」]\s*(?=\S)")


def repeated_phrases(paragraphs: Sequence[str]) -> frozenset[str]:
    """Phrases in no lexicon that announce a title at the ends of several paragraphs: `... all night. Pause here: TITLE`.

    What most paragraphs end with is a label of the article's own (`Where to stay: ...`), and so is what no title follows that
    has to do with the page.
    """
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for number, paragraph in enumerate(paragraphs):
        tail = max(0, len(paragraph) - _PHRASE_TAIL)
        if paragraph.find(":", tail) < 0 and paragraph.find("：", tail) < 0:
            continue
        for match in _PHRASE.finditer(paragraph, tail):
            if (phrase := fold(match["phrase"])) not in lexicon().markers:
                found[phrase].append((number, match["title"]))
    again = {phrase: uses for phrase, uses in found.items() if len({title for _, title in uses}) > 1}
    if not again:
        return frozenset()
    prose = sum(weight(paragraph) > _MIN_PROSE for paragraph in paragraphs)
    few = {phrase: uses for phrase, uses in again.items() if (2 if len(uses) == 2 else 3) * len(uses) <= prose}
    said = Counter(stem for paragraph in paragraphs for stem in stems_of([paragraph])) if few else Counter[str]()
    return frozenset(phrase for phrase, uses in few.items() if _announces(phrase, uses, paragraphs, said))


def _announces(phrase: str, uses: Sequence[tuple[int, str]], paragraphs: Sequence[str], said: Counter[str]) -> bool:
    """Whether titles follow a phrase that have to do with the page; `said` is in how many paragraphs a stem stands."""
    if lexicon().lists_its_own(phrase) or not (lexicon().talks(phrase) or " " in phrase or is_unspaced(phrase)):
        return False
    akin = 0
    for number, title in uses:
        before, own = stems_of([paragraphs[number][: -len(title)]]), stems_of([paragraphs[number]])
        stems = frozenset(stem for stem in stems_of([title]) if stem in before or said[stem] > (stem in own))
        if not _titlelike(title) or title[0].islower() or len(words(title)) < 4:
            return False
        akin += kinship(title, stems) > 0
    return 2 * akin >= len(uses)


def find_promo(text: str, phrases: frozenset[str] = frozenset()) -> tuple[int, str] | None:
    """Where a promo starts in the text, and its title; `phrases` announce one as the lexicon's markers do."""
    if phrases:
        for match in _PHRASE.finditer(text, max(0, len(text) - _PHRASE_TAIL)):
            if fold(match["phrase"]) in phrases and _titlelike(match["title"]):
                return match.start("phrase"), _bare(match["title"])
    if linked := marked_link(text):
        found = find_promo(linked[0])
        return (0, f"[{found[1]}]({linked[1]})") if found and found[0] == 0 else None
    first = 0
    if not text[:1].isalnum():  # most texts open neither with a bracket nor with a bullet
        if text.startswith(_OPENING) and text.endswith(_CLOSING) and len(text) <= MAX_TITLE:
            found = find_promo(text[1:-1].strip())
            return (0, found[1]) if found and found[0] == 0 else None
        title = _after_bracket(text)
        if title is not None:
            return 0, title
        lead = BULLET.match(text)
        first = lead.end() if lead else 0
    title = _after_marker(text, first, line_start=True)
    if title is not None:
        return 0, title
    tail = max(0, len(text) - _TAIL)
    end = text[tail:]
    if any(mark in end for mark in _MARKS) and _COLON.search(text, tail):
        for start in _SENTENCE_START.finditer(text, tail):
            numbers = text[: start.start()].isdigit()  # no sentence: an entry of the article's own list
            title = None if numbers else _after_marker(text, start.end(), line_start=False)
            if title is not None:
                return start.end(), title
    return None


def _after_bracket(text: str) -> str | None:
    """The title after, or within, a bracket with a marker: `[Read also] TITLE`, `[Read also: TITLE]`."""
    bracket = _BRACKETED.match(text)
    if bracket is None:
        return None
    head, rest = bracket["head"], bracket["rest"]
    if fold(head) in lexicon().markers and _titlelike(rest):
        return rest
    return None if rest else lexicon().after_marker(head).strip() or None


def _bare(title: str) -> str:
    """A title without the quotes or the bracket that only the promo set around it."""
    title = title.strip()
    if title.endswith(_CLOSING) and not any(opening in title for opening in "(（[【"):
        title = title[:-1].rstrip()
    if len(title) > 2 and title[0] in _QUOTES and title[-1] in _QUOTES and not any(char in _QUOTES for char in title[1:-1]):
        title = title[1:-1]
    return title


def find_pointer(text: str) -> str | None:
    """The title that a line points to with an arrow and no word: `► TITLE`."""
    arrow = _ARROW.match(text)
    if arrow is None or "@" in text or not _titlelike(text[arrow.end() :]):
        return None
    return text[arrow.end() :].strip()


def _after_marker(text: str, at: int, *, line_start: bool) -> str | None:
    """The title after the marker that begins at `at`, or None if there is none."""
    after = _marker_end(text, at, line_start)
    return _bare(text[after:]) if after is not None and _titlelike(text[after:].strip()) else None


def _marker_end(text: str, at: int, line_start: bool) -> int | None:
    """Where the marker that begins at `at` ends, with its colon, or None if there is none."""
    window = text[at : at + 60]
    colon = _COLON.search(window)
    if colon and fold(window[: colon.start()]) in lexicon().markers:
        leads_on = not line_start and lexicon().is_closing(window[: colon.end()].rstrip()) and colon.group().strip() in "»>►▶"
        return None if leads_on else at + colon.end()  # `... in May. Read more »` closes what is before it
    if not line_start or not _opens_marker(window):
        return None
    tokens = list(_TOKEN.finditer(window))[:6]
    for count in range(len(tokens) - 1, 1, -1):
        following = window[tokens[count].start()]
        if (following.isupper() or not following.islower()) and fold(window[: tokens[count - 1].end()]) in lexicon().markers:
            return at + tokens[count].start()
    return None


def _opens_marker(window: str) -> bool:
    """Whether the first word is the first of a marker, or none at all."""
    tokens = window.split(maxsplit=1)
    word = fold(tokens[0]).partition(" ")[0] if tokens else ""
    return not word or word in lexicon().openings


def _titlelike(text: str) -> bool:
    linked = marked_link(text)
    text = linked[0] if linked else text
    return 8 <= weight(text) <= MAX_TITLE and not ends_hard(text) and not lexicon().is_closing(text)
