"""What stands around the article's first sentences and what it says twice: bylines, datelines, category lines, repeats.

Aggregators set a teaser before the article, cut off in mid-sentence, with byline and dateline glued to it, and the article's own
sentences after it again.  Each sentence is kept once, at its first place.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import Final

from worker.article.evidence import lexicon
from worker.article.normalize import letters
from worker.article.wording import NAME_PARTICLES, ends_sentence, fold, weight, words
from worker.records import Cut

_CITY: Final = r"[^\W\d_a-z][^\W\d_a-z.'’-]*(?:[ /][^\W\d_a-z][^\W\d_a-z.'’-]*){0,4}"
_DASH: Final = r"(?:--|[-–—]+)"
_UPPER_DATELINE: Final = re.compile(
    rf"^(?P<place>{_CITY}(?:, [^\W\d_][\w.'’ ]{{1,24}})?)(?: ?\([\w ./&-]{{2,24}}\))?"
    rf"(?:, [\w. ]{{3,20}}(?:\([\w ./&-]{{2,24}}\))?)? ?{_DASH} (?=\S)"
)
_AGENCY_DATELINE: Final = re.compile(
    r"^(?P<place>[^\W\d_][\w.'’-]+(?:[ /][^\W\d_][\w.'’-]+){0,3}(?:, [^\W\d_][\w.'’ ]{1,24})?),?"
    rf" ?\((?:[A-Z][\w./& -]{{1,24}}|dpa|epd|afp|ap|ots)\) ?(?:{_DASH}|\.) ?(?=\S)"
)
_KOREAN_DATELINE: Final = re.compile(  # (제주=바다통신) 오세린 기자 =
    r"^\((?P<place>[^\W\d_][\w ]{0,12}?)\s?=\s?[^()=]{2,24}\)\s*(?P<author>[\uac00-\ud7af]{2,4})\s?(?:기자|특파원)\s?=\s*"
)
_PARTICLES: Final = "|".join(sorted(NAME_PARTICLES))
_NAMES: Final = re.compile(rf"[^\W\d_][\w.'’-]*(?: (?:(?:{_PARTICLES}) ){{0,2}}[^\W\d_][\w.'’-]*){{0,3}}")
_CRUMB: Final = re.compile(r"\s*(?:[>›»/|→]|::)\s*")
_COLON: Final = re.compile("[:：]")
_COMMA: Final = re.compile("[,،、，]")
_PARTED: Final = re.compile(r"\s[>›»/|→]\s|::|[>›»]")
_STOP: Final = re.compile(  # one class first, which a search skips to; a row of points is tried once, from its first
    r"[.!?…。！？।۔؟](?:(?<=[.!?…])(?<![.!?…]{2})[.!?…]*+[\"'»”’)\]]*(?=(?:\s+(?![a-z])|$))\s*|(?<=[。！？।۔؟])[。！？।۔؟]*[」』）\"”]*\s*)"
)
_MIN_REPEAT: Final = 40  # characters of letters; shorter sentences are said twice on purpose
_MAX_BYLINE: Final = 90  # characters of one that is glued to the first sentence
_HEAD: Final = 5  # paragraphs whose sentences a page may set twice
_MAX_TRAIL: Final = 90  # characters of a trail of sections
_MAX_HEADING: Final = 5  # words of the heading of one
_MAX_BETWEEN: Final = 120  # characters of a line between a teaser and the article
_MAX_SOUGHT: Final = 64  # sentences that are looked for in the whole text, one by one


def category_section(line: str, *, known_only: bool = False) -> str | None:
    """The section that a category line names (`France Actualités, France Dernières Nouvelles`: `France`), else None.

    Without words of the lexicon any two names that open alike look like one (`New York, New Jersey`); `known_only` asks for them.
    """
    if len(line) > 120 or ends_sentence(line):
        return None
    parts = [part.strip() for part in _COMMA.split(line)]
    if len(parts) != 2 or not all(parts):
        return None
    first, second = (part.split() for part in parts)
    shared = 0
    while shared < min(len(first), len(second)) and first[shared] == second[shared]:
        shared += 1
    if not shared or shared == len(first) or len(first) - shared > 4:
        return None
    section = " ".join(first[:shared])
    if any(map(str.isdigit, section)):
        return None  # quantities: `10 g of salt, 10 g of yeast`
    known = lexicon().categories.search(fold(line)) is not None
    return section if known or (len(line) <= 60 and not known_only) else None


def is_trail(line: str) -> bool:
    """Whether a line above the heading of a block says where in a site the article is, with no mark that parts the sections.

    `Startseite Nachrichten, Regionales, Verkehr`, or the heading of a section's news: `Россия Последние новости`.
    """
    if len(line) > _MAX_TRAIL or ends_sentence(line):
        return False
    folded = fold(line)
    sections = _COMMA.split(line)
    named = len(sections) > 1 and not any(section.strip()[:1].islower() for section in sections)  # `Home cooks, bakers` are none
    return (named and lexicon().homes.match(folded) is not None) or (
        len(folded.split()) <= _MAX_HEADING and lexicon().categories.search(folded) is not None
    )


def says_twice(line: str) -> bool:
    """Whether the line is two headings of which one holds all words of the other: `Sport, All the sport`."""
    parts = _COMMA.split(line)
    if len(parts) != 2 or len(line) > 120 or ends_sentence(line):
        return False
    first, second = (frozenset(words(part)) for part in parts)
    return bool(first and second) and (first <= second or second <= first)


def breadcrumb_section(line: str) -> str | None:
    """The last crumb before the title of a line such as `Home > Sport > Football`, or None for other lines.

    A row of a table, a line with a quotation in angle marks, `20:14 | Title` of a live blog and `Winners: A / B, third: C / D` only
    look like one.
    """
    if len(line) > 120 or not _PARTED.search(line) or ends_sentence(line) or line.startswith("|") or "«" in line:
        return None
    parts = [part for part in _CRUMB.split(line) if part]
    if len(parts) < 2 or any(map(str.isdigit, parts[0])) or any(map(_COLON.search, parts[1:])):
        return None
    return (
        parts[-1] if all(weight(part) <= 30 and len(part.split()) <= 4 for part in parts[:-1]) and weight(parts[-1]) <= 40 else None
    )


def byline_names(line: str) -> tuple[str, ...]:
    """The authors of a line that is a byline and nothing else."""
    if len(line) > 120 or ends_sentence(line):
        return ()
    match = lexicon().byline_in(line)
    return names(line[match.end() :]) if match else ()


def names(text: str) -> tuple[str, ...]:
    """The persons of `A, B et C`, or nothing when a part of it is no name."""
    parts = [part.strip() for part in lexicon().conjunction.split(text.strip(" .,:")) if part.strip()]
    if not parts or len(parts) > 6:
        return ()
    persons = [part for part in parts if _is_name(part)]
    return (
        tuple(persons)
        if len(persons) == len(parts) or (persons and parts[0] == persons[0] and len(persons) == len(parts) - 1)
        else ()
    )


def _is_name(text: str) -> bool:
    tokens = text.split()
    return 2 <= len(tokens) <= 5 and _NAMES.fullmatch(text) is not None and tokens[0][0].isupper() and tokens[-1][0].isupper()


def lift_lead(paragraph: str) -> tuple[str, tuple[str, ...], str | None, list[Cut]]:
    """Take byline and dateline off the front of a paragraph: what is left of it, authors, dateline, cuts."""
    cuts: list[Cut] = []
    authors: tuple[str, ...] = ()
    rest = paragraph
    opening = lexicon().byline_glued.match(paragraph)
    if opening:
        authors, rest = _glued_byline(paragraph, opening.end())
        if authors:
            cuts.append(Cut("byline", paragraph[: len(paragraph) - len(rest)].strip(), ("byline word", "dateline follows")))
    match = _UPPER_DATELINE.match(rest) or _AGENCY_DATELINE.match(rest)
    if match and len(rest) - match.end() > 30 and _shouts(match["place"], match.re is _AGENCY_DATELINE):
        cuts.append(Cut("dateline", match.group().strip(), ("place and dash",)))
        return rest[match.end() :].lstrip(), authors, match["place"].strip(), cuts
    match = _KOREAN_DATELINE.match(rest) if rest[:1] == "(" else None
    if match and len(rest) - match.end() > 30:
        cuts.append(Cut("dateline", match.group().strip(), ("place and agency",)))
        return rest[match.end() :].lstrip(), (*authors, match["author"]), match["place"].strip(), cuts
    return rest, authors, None, cuts


def lift_byline(paragraph: str, following: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Take a byline off the front of a paragraph that goes on as one of those that follow begins: a teaser before the article."""
    for other in following:
        opening = other[:_MIN_REPEAT]
        at = paragraph.find(opening, 1, _MAX_BYLINE + _MIN_REPEAT) if len(opening) == _MIN_REPEAT else -1
        if at > 0 and (persons := byline_names(paragraph[:at].rstrip(" .,:|-–—"))):
            return paragraph[at:], persons
    return paragraph, ()


def _shouts(place: str, agency: bool) -> bool:
    if fold(place) in lexicon().not_places:
        return False
    letters = [char for char in place.split(",", maxsplit=1)[0] if char.isalpha()]
    return len(letters) >= 2 and (agency or all(char.isupper() for char in letters))


def _glued_byline(paragraph: str, after: int) -> tuple[tuple[str, ...], str]:
    """Authors between the byline word and a dateline, and the paragraph from the dateline on."""
    for match in re.finditer(r"(?<=\s)[^\W\d_]{2,}", paragraph[after : after + 160]):
        at = after + match.start()
        tail = paragraph[at:]
        dateline = _UPPER_DATELINE.match(tail) or _AGENCY_DATELINE.match(tail)
        if dateline and _shouts(dateline["place"], dateline.re is _AGENCY_DATELINE):
            authors = names(paragraph[after:at])
            if authors:
                return authors, tail
    return (), paragraph


def drop_repeats(paragraphs: Sequence[str]) -> tuple[list[str], list[Cut]]:
    """Keep each long sentence of the head once, at its first place; a sentence cut short yields to its complete twin.

    Pages set their lead twice.  Further down, what is said twice is so on purpose: a plan of meals, a refrain.

    Two sentences are equal when their letters and digits are: style of quotes, case and spaces make no difference.
    """
    return _without_repeats(paragraphs, _with_twins(paragraphs))


def _without_repeats(paragraphs: Sequence[str], looked_at: Collection[int]) -> tuple[list[str], list[Cut]]:
    """The same, looking at the paragraphs of these numbers only."""
    if not looked_at:
        return list(paragraphs), []
    sentences = [_sentences(paragraph) if number in looked_at else [] for number, paragraph in enumerate(paragraphs)]
    keys = [[letters(sentence) for sentence in row] for row in sentences]
    if not _repeats(keys):
        return list(paragraphs), []
    cut_short = _cut_short(sentences, keys)
    seen: set[str] = set()
    kept: list[str] = []
    cuts: list[Cut] = []
    for number, (row, row_keys) in enumerate(zip(sentences, keys, strict=True)):
        if number not in looked_at:
            kept.append(paragraphs[number])
            continue
        whole = "".join(row_keys)
        below = _paragraph_below(paragraphs, number) if number < _HEAD and len(whole) >= _MIN_REPEAT else len(keys)
        if below < len(keys) and whole != (rest := "".join(keys[below])) and rest.startswith(whole):
            cuts.append(Cut("repeat", paragraphs[number], ("the paragraph below begins with it",)))
            continue
        left: list[str] = []
        for place, (sentence, key) in enumerate(zip(row, row_keys, strict=True)):
            if (key in seen and _counts(sentence, key)) or (number, place) in cut_short:
                cuts.append(
                    Cut("repeat", sentence.strip(), ("cut short, its twin stands later",) if key not in seen else ("said before",))
                )
                continue
            if number < _HEAD:
                seen.add(key)
            left.append(sentence)
        if number < _HEAD:
            seen.add(whole)
        if left:
            kept.append("".join(left).strip())
    return kept, cuts


def _paragraph_below(paragraphs: Sequence[str], number: int) -> int:
    """The next paragraph, or the one below a line that is none: keywords, what a picture shows."""
    between = paragraphs[number + 1 : number + 2]
    return number + 1 + any(len(line) <= _MAX_BETWEEN and not ends_sentence(line) for line in between)


def _sentences(paragraph: str) -> list[str]:
    """The sentences of a paragraph, each with the spaces after it.  A point after a lone letter ends none: it is an initial."""
    found: list[str] = []
    start = 0
    for stop in _STOP.finditer(paragraph):
        at = stop.start()
        if (
            at > start
            and paragraph[at - 1].isalpha()
            and (at == 1 or not paragraph[at - 2].isalnum())
            and stop.end() < len(paragraph)
        ):
            continue
        found.append(paragraph[start : stop.end()])
        start = stop.end()
    if start < len(paragraph):
        found.append(paragraph[start:])
    return [sentence for sentence in found if not sentence.isspace()]


def _counts(sentence: str, key: str) -> bool:
    """Whether a sentence is long enough to be a repeat: lists repeat their short lines, interviews their questions."""
    enough = _MIN_REPEAT if ends_sentence(sentence.rstrip()) else 2 * _MIN_REPEAT
    return weight(key) >= enough and not _asks(sentence)


def _asks(sentence: str) -> bool:
    """Whether the sentence is a question: interviews put the same one to several people."""
    return sentence.rstrip("\"'»”’)] \n").endswith(("?", "？", "؟", ";"))


def _with_twins(paragraphs: Sequence[str]) -> Collection[int]:
    """The numbers of paragraphs in which a sentence that could be cut, or its twin, may stand.

    What is cut was said in the head, or breaks off at the end of its paragraph: which paragraphs have nothing to do with that is
    sooner known than what all their sentences are.
    """
    sought: list[str] = []
    for number, paragraph in enumerate(paragraphs):
        if number < _HEAD:
            keys = [letters(sentence) for sentence in _sentences(paragraph)]
            sought.extend([key for key in keys if weight(key) >= _MIN_REPEAT] or ["".join(keys)])
        elif not ends_sentence(paragraph.rstrip()) or paragraph.rstrip().endswith(("…", "...")):
            sought.extend(map(letters, _sentences(paragraph)[-1:]))
    openings = {key[:_MIN_REPEAT] for key in sought if weight(key) >= _MIN_REPEAT}
    if len(openings) > _MAX_SOUGHT:
        return range(len(paragraphs))
    said = list(map(letters, paragraphs)) if openings else []
    together = "".join(said)
    twins = [opening for opening in openings if together.count(opening) > 1]
    return {number for number, text in enumerate(said) if _holds_any(text, twins)} if twins else frozenset()


def _holds_any(text: str, parts: Sequence[str]) -> bool:
    return any(part in text for part in parts)


def _repeats(keys: Sequence[Sequence[str]]) -> bool:
    long = sorted(key for row in keys for key in row if weight(key) >= _MIN_REPEAT)
    return any(other.startswith(one) for one, other in pairwise(long))


def _cut_short(sentences: Sequence[Sequence[str]], keys: Sequence[Sequence[str]]) -> set[tuple[int, int]]:
    """Last sentences of paragraphs that break off and are whole elsewhere; sorted, a whole twin follows its cut one directly."""
    ordered = sorted({key for row in keys for key in row if weight(key) >= _MIN_REPEAT})
    following = dict(pairwise(ordered))
    found: set[tuple[int, int]] = set()
    for number, (row, row_keys) in enumerate(zip(sentences, keys, strict=True)):
        if not row:
            continue
        last, key = row[-1].rstrip(), row_keys[-1]
        broken = not ends_sentence(last) or last.endswith(("…", "..."))
        enough = _MIN_REPEAT if len(row) > 1 else 2 * _MIN_REPEAT  # alone it may be a line of a list
        if broken and weight(key) >= enough and following.get(key, "").startswith(key):
            found.add((number, len(row) - 1))
    return found
