"""Promos in running text whose label is set apart: in capitals, in brackets, behind a bullet or after the last sentence.

A word that is known there tells one, and one tells others: where a page sets `READ MORE: TITLE`, `PREVIOUSLY: TITLE` is its like,
and so is `[Watch: TITLE]` beside `[See also: TITLE]`, or `... he said. In depth: TITLE` beside `... she said. Read also: TITLE`.
What only a plain label opens is no such form, for subheadings and speakers have one too, unless its words invite to read, see or
hear something (`invitations`): then it is a promo where it stands alone among paragraphs, which are many more.

Behind a label that surely invites, a title may stand within a paragraph's line, where the article goes on after it: `... since
1868. Keep reading: TITLE The new owner ...`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from worker.article.evidence import lexicon
from worker.article.invitations import SURE
from worker.article.related.promos import BULLET, MAX_TITLE
from worker.article.related.shapes import is_prose
from worker.article.wording import ARTICLES, ends_hard, fold, is_quoted, is_truncated, is_unspaced, weight, words

_LABEL: Final = r"(?P<label>(?:\([^\W\d_]{1,3}-?\))?[^\W\d_][^:：|.!?…\[\]()（）【】«»“”„\"]{0,40}?)"
_ARROW: Final = "►▶▸➤➡➜➔⇒→>＞≫»"
_OPENED: Final = re.compile(
    rf"{_LABEL}(?:\s?(?P<mark>[:：|]|[{_ARROW}]+)\s*|\s(?P<dash>[–—/-])\s)(?P<title>[^\s:：|{_ARROW}][^\n|]*)"
)
_TAGGED: Final = re.compile(r"(?P<open>[\[【〔〈《])\s*(?P<label>[^\W\d_][^\]】〕〉》:：]{0,24})[\]】〕〉》]\s*(?P<title>\S[^\n]*)")
_AT_END: Final = re.compile(
    r"(?<=[.!?…»”\"’)\]。！？।؟])(?:\s+|(?<=[。！？]))(?P<lead>[\[(（【]?)\s*"
    rf"{_LABEL}(?:\s?(?P<mark>[:：|]|[{_ARROW}]+)\s*|\s(?P<dash>[–—-])\s)(?P<title>[^\s:：|{_ARROW}][^\n|]{{8,180}})$"
)
_POINTED_AT_END: Final = re.compile(
    r"(?<=[.!?…»”\"’)\]。！？।؟])\s*(?P<arrow>[►▶▸➤→⇒])\s*(?:[\[【〔][^\[\]【】〔〕]{1,12}[\]】〕]\s*)?(?P<title>\w[^\n►▶▸➤→⇒]{8,180})$"
)
_WITHIN: Final = re.compile(rf"(?<=[.!?…»”\"’)\]])\s{_LABEL}(?:\s?:|\s[–—-])\s(?=[^\s\d])")
_TOKEN: Final = re.compile(r"\S+")
_MARKS, _DASHES = "：:|–—-", ("–", "—", "-")
_CLOSING: Final = {"[": "]", "(": ")", "（": "）", "【": "】"}
_ARROWS: Final = tuple("►▶▸➤➡➜➔⇒☞👉→≫»")
_MAX_TAIL: Final = 240  # characters at the end of a paragraph in which a promo may begin
_MAX_LABEL: Final = 44  # weight
_MIN_TITLE, _MIN_WORDS = 16, 3  # weight of a title, and its words
_MAX_WORDS, _MIN_REST = 24, 5  # words of a title within a line, and of what goes on behind it
_MIN_STEM: Final = 5  # letters that two forms of a word have in common
_MIN_CAPITALS: Final = 4  # letters of a label in capitals; shorter ones are names
_MIN_UNSPACED: Final = 8  # weight of a label in a script without blanks that is more than a word
_POINTED, _BARRED = "end →", "end capitals|"  # forms that tell by themselves
_PLAIN: Final = "plain "
_PARTING: Final = tuple(":：?？" + _ARROW)
_PROMO_IN: Final = 3  # paragraphs of prose to a promo with a plain label, but for one
_MAX_SUBHEADING, _FEW_SUBHEADINGS = 90, 2  # weight, and how many of them there are before labels without a verb may be some
_SENTENCES: Final = re.compile(r"\w{4,}[.。]\s*\w")  # what is more than a title, or an address
_BLANK: Final = re.compile("[ '’]")
_CLOCK: Final = re.compile(r"\b\d{1,2}(?:[.:h]\d{2}|\s?[ap]m)\b")


@dataclass(frozen=True, slots=True)
class _Form:
    """How a paragraph, or its end, sets a title behind a label."""

    frame: str  # what all of the kind have in common
    start: int
    label: str  # empty where an arrow alone points to the title
    title: str


def kindred_promos(paragraphs: Sequence[str]) -> dict[int, tuple[int, str]]:
    """Where a promo starts, and its title, by the number of its paragraph, where the labels of its form tell so."""
    found: dict[str, dict[int, _Form]] = defaultdict(dict)
    for number, text in enumerate(paragraphs):
        form = _form_of(text) if number else None
        if form is not None and (form.start or _stands_alone(paragraphs, number, form)):
            found[form.frame][number] = form
    _leave_the_articles(found, paragraphs)
    promos = {
        number: (form.start, form.title)
        for forms in found.values()
        for number, form in _promos_among(forms).items()
        if not _is_the_articles(form, paragraphs[number])
    }
    return {**_below_labels(paragraphs), **promos}


def _below_labels(paragraphs: Sequence[str]) -> dict[int, tuple[int, str]]:
    """Titles among prose below lines that are such labels, with those lines, whose title is empty."""
    found: dict[int, tuple[int, str]] = {}
    for number in range(1, len(paragraphs) - 1):
        label, title = paragraphs[number : number + 2]
        if (
            len(label) <= _MAX_LABEL
            and _is_label(label)
            and is_prose(paragraphs[number - 1])
            and _is_lone_title(paragraphs, number + 1)
        ):
            found[number], found[number + 1] = (0, ""), (0, title)
    many = found and _PROMO_IN * (len(found) // 2) - 1 > sum(map(is_prose, paragraphs))
    return {} if many else found


def _is_label(line: str) -> bool:
    """Whether a line is a label that is set apart, or surely says that there is more; another may be a button, or a picture's."""
    if lexicon().is_closing(line):
        return False
    invites = lexicon().inviting.strength(line.rstrip("".join(_PARTING) + " "))
    if line.endswith(_PARTING) or _is_in_capitals(line):
        return invites > 0
    return invites == SURE and lexicon().inviting.says_further(line)


def _is_lone_title(paragraphs: Sequence[str], number: int) -> bool:
    """Whether a paragraph may be a title of its own, and prose or nothing is below."""
    title = paragraphs[number]
    if (
        ends_hard(title)
        or title[0].islower()
        or _is_the_articles(_Form(_PLAIN, 0, "", title), title)
        or len(words(title)) <= _MIN_WORDS
    ):
        return False
    return number + 1 == len(paragraphs) or is_prose(paragraphs[number + 1])


def _promos_among(forms: dict[int, _Form]) -> dict[int, _Form]:
    """Which of some forms of one kind are promos: those whose labels say so, and as many others beside them.

    What only may speak of articles needs another label beside it; others of the kind, where they are more, are the article's own.
    Behind arrows are titles in any case, and what stands before the colons of all of them is no part of those.
    """
    labels = {fold(form.label) for form in forms.values()}
    said = {number: _says(form) for number, form in forms.items()}
    if len(labels) == 1 < len(forms) and all(form.frame.startswith(_PLAIN) for form in forms.values()):
        return forms  # `Earlier in this paper: TITLE`, and again
    several = len(labels) > 1
    enough = 1 if SURE in said.values() or several else SURE
    told = {number: form for number, form in forms.items() if said[number] >= enough}
    others = {number: form for number, form in forms.items() if said[number] < enough}
    pointed = several and all(form.frame.startswith(_ARROWS) and not form.frame.endswith(_DASHES) for form in forms.values())
    if pointed or (len(others) <= len(told) and all(map(_may_announce, others.values()))):
        return forms
    return told


def _form_of(text: str) -> _Form | None:
    """The form of a paragraph that is a label and a title, or ends with them; None where it is not set apart from other text."""
    if not ends_hard(text):
        return (_own_form(text) if len(text) <= _MAX_TAIL else None) or _form_at_end(text)
    return None


def _own_form(text: str) -> _Form | None:
    first = text[:1]
    if first in _CLOSING and text.endswith(_CLOSING[first]):
        found = _OPENED.fullmatch(text[1:-1].strip())
        return _Form(first + _mark(found), 0, found["label"], found["title"]) if found and _may_point(found) else None
    if tagged := _TAGGED.fullmatch(text):
        return _Form(tagged["open"], 0, tagged["label"].strip(), tagged["title"])
    bullet = BULLET.match(text) if not first.isalnum() else None
    found = _OPENED.fullmatch(text, bullet.end() if bullet else 0)
    if found is None or not _may_point(found):
        return None
    frame = first if bullet else _frame(found)
    return _Form(frame + _mark(found), 0, found["label"], found["title"]) if frame else None


def _frame(found: re.Match[str]) -> str:
    """What sets a label apart: a slash behind words, capitals, that it is known in a script without them, or its words."""
    label = found["label"]
    if _mark(found) == "/":
        return "slash" if _BLANK.search(label) else ""
    if _is_in_capitals(label):
        return "capitals"
    return "known" if _is_uncased(label) else _plain(found)


def _plain(found: re.Match[str]) -> str:
    """The frame of a label that nothing sets apart but its words, or an arrow behind it; empty where they do not."""
    invites = lexicon().inviting.strength(found["label"])
    enough = invites == SURE or (invites and (_mark(found)[0] in _ARROW or lexicon().inviting.says_further(found["label"])))
    return _PLAIN if enough else ""


def _may_point(found: re.Match[str]) -> bool:
    """Whether a label may be parted from its title by such a mark: by an arrow only one that invites, others are trails."""
    return _mark(found)[0] not in _ARROW or lexicon().inviting.strength(found["label"]) > 0


def _form_at_end(text: str) -> _Form | None:
    tail = max(0, len(text) - _MAX_TAIL)
    if pointed := _POINTED_AT_END.search(text, tail):
        labelled = _OPENED.fullmatch(pointed["title"])
        title = labelled["title"] if labelled and _is_known(labelled["label"]) else pointed["title"]
        return _Form(_POINTED, pointed.start("arrow"), "", title)
    found = _AT_END.search(text, tail)
    if found is None:
        return None
    lead, title = found["lead"], found["title"]
    if _mark(found) not in ":|" and not _invites(found["label"], set_apart=_mark(found)[0] in _ARROW):
        return None
    if closing := _CLOSING.get(lead):
        if not title.endswith(closing):
            return None
        title = title[:-1].rstrip()
    capitals = "capitals" if _is_in_capitals(found["label"]) else ""
    return _Form(
        f"end {lead}{capitals}{_mark(found)}", found.start("lead") if lead else found.start("label"), found["label"], title
    )


def _mark(found: re.Match[str]) -> str:
    mark = found["mark"] or found["dash"]
    return ":" if mark in ":：" else mark


def _is_in_capitals(label: str) -> bool:
    return label.isupper() and sum(map(str.isalpha, label)) >= _MIN_CAPITALS


def _is_uncased(label: str) -> bool:
    """Whether a label, in a script that could not set it in capitals, is known to announce what there is to see or to hear."""
    return label.upper() == label.lower() and fold(label) in lexicon().labels


def _stands_alone(paragraphs: Sequence[str], number: int, form: _Form) -> bool:
    """Whether a line stands below a paragraph, and none of its form is above or below: several are a list, or people who speak."""
    if not is_prose(paragraphs[number - 1]):
        return False
    beside = (*paragraphs[number - 1 : number], *paragraphs[number + 1 : number + 2])
    if form.frame.startswith(_PLAIN) and not is_prose(beside[-1]):
        return False
    return all((other := _own_form(text)) is None or other.frame != form.frame for text in beside)


def _leave_the_articles(found: dict[str, dict[int, _Form]], paragraphs: Sequence[str]) -> None:
    """Leave out plain labels where they are many beside the paragraphs, or name a form as the article's subheadings may."""
    plain = {number: form for frame, forms in found.items() if frame.startswith(_PLAIN) for number, form in forms.items()}
    if not plain:
        return
    prose = list(map(is_prose, paragraphs))
    subheadings = sum(
        prose[at - 1] and prose[at + 1] and not prose[at] and at not in plain and weight(paragraphs[at]) <= _MAX_SUBHEADING
        for at in range(1, len(paragraphs) - 1)
    )
    unknown = sum(fold(form.label) not in lexicon().markers for form in plain.values())
    many = unknown > 0 and _PROMO_IN * unknown - 1 > sum(prose)
    for number, form in plain.items():
        subheading = subheadings >= _FEW_SUBHEADINGS and not lexicon().inviting.has_verb(form.label)
        if many or subheading or _SENTENCES.search(form.title) or _CLOCK.search(form.title):
            del found[form.frame][number]


def _may_announce(form: _Form) -> bool:
    """Whether a label that is not known is more than a word, as of a list or of who speaks, and leads to no quotation."""
    phrase = weight(form.label) >= _MIN_UNSPACED if is_unspaced(form.label) else _BLANK.search(form.label) is not None
    return phrase and not form.title[0].islower() and not is_quoted(form.title)


def _says(form: _Form) -> int:
    """How much a label, or the form alone, speaks of other articles."""
    set_apart = (form.start == 0 and not form.frame.startswith(_PLAIN)) or form.label.isupper()
    if not form.title[0].islower() and _invites(form.label, set_apart=set_apart or form.frame[-1] in _ARROW):
        return SURE
    if form.frame in {_POINTED, _BARRED} or (_is_known(form.label) if set_apart else fold(form.label) in lexicon().markers):
        return SURE
    return min(SURE, lexicon().talks(form.label) + lexicon().hints_at_marker(form.label))


def _invites(label: str, *, set_apart: bool) -> bool:
    invites = lexicon().inviting.strength(label)
    return invites == SURE or (invites > 0 and set_apart)


def _is_known(label: str) -> bool:
    return fold(label) in lexicon().markers or fold(label) in lexicon().labels


def _is_the_articles(form: _Form, text: str) -> bool:
    """Whether what a label is of is no title, or one that a picture or a list of the article has."""
    known, title = lexicon(), form.title
    if not _MIN_TITLE <= weight(title) <= MAX_TITLE or is_truncated(title) or title[-1] in _MARKS:
        return True
    if (not is_unspaced(title) and len(words(title)) < _MIN_WORDS) or "://" in title or "@" in title:
        return True
    own = known.lists_its_own(form.label) or known.is_credit(text[form.start :]) or weight(form.label) > _MAX_LABEL
    return own or (form.start > 0 and title[0].islower())


def part_promos_within(lines: Sequence[str]) -> list[str]:
    """The lines, parted behind the title of a promo that stands within one, which is at the end of its line then."""
    parted: list[str] = []
    spoken: frozenset[str] | None = None
    for line in lines:
        for label in _WITHIN.finditer(line) if ends_hard(line) else ():
            if not _surely_invites(label["label"]):
                continue
            spoken = spoken if spoken is not None else _spoken(lines)
            if end := _end_of_title(line, label.end(), spoken):
                parted += [line[:end], line[end:].lstrip()]
                break
        else:
            parted.append(line)
    return parted


def _surely_invites(label: str) -> bool:
    return fold(label) in lexicon().markers or lexicon().inviting.strength(label) >= SURE


def _spoken(lines: Sequence[str]) -> frozenset[str]:
    """The words that the page has in small letters."""
    return frozenset(word for line in lines for token in line.split() if (word := token.strip(".,:;!?…()")).islower())


def _end_of_title(line: str, start: int, spoken: frozenset[str]) -> int | None:
    """Where a title ends that begins at `start`: before a word with a capital that the page has in small letters, too.

    A name may stand amid a title, and has none; what follows must be a sentence.
    """
    tokens = list(_TOKEN.finditer(line, start))
    for number in range(_MIN_WORDS, min(_MAX_WORDS, len(tokens) - _MIN_REST)):
        before, after = tokens[number - 1].group(), tokens[number].group().lstrip("«“„\"'")
        if before.endswith((".", "…")):
            return None  # a sentence, and no title
        if not after[:1].isupper():
            continue
        asked = before.rstrip('»”"’').endswith(("?", "!"))
        begins = not before[:1].isupper() and before[-1:].isalnum() and _is_spoken(after.strip(".,:;!?…").lower(), spoken)
        if asked or begins:
            return tokens[number - 1].end()
    return None


def _is_spoken(word: str, spoken: frozenset[str]) -> bool:
    """Whether a word is none of those that have a capital wherever they stand: the page has it, or another form of it, without."""
    return word in ARTICLES or any(word[:end] in spoken for end in range(min(len(word), _MIN_STEM), len(word) + 1))
