"""Where a title ends and its snippet begins, when the page ran them together.

`...en RussieLe dirigeant` shows its seam by a capital after a small letter.  Scripts without capitals show it only now and then:
by a letter that stands at the end of words alone (Arabic taa marbuta, Hebrew finals), by a title that is repeated, by a snippet
that opens like a sentence of the article, by two words of the page that stand joined.  Where nothing shows the seam the whole is
the title.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from worker.article.evidence import lexicon
from worker.article.related.dense import guess_dense
from worker.article.related.guess import guess_counted, guess_joined, guess_korean, guess_longest, guess_unspaced
from worker.article.wording import DENSE, ends_as_snippet, ends_hard, is_unspaced, weight

_SMALL_TO_CAPITAL: Final = re.compile(r"(?<=[^\W\d_])(?=[^\W\d_])")
_AFTER_MARK: Final = re.compile(
    r"(?<=[^\s(\[][!?;…»«”’\"')\]%€$])(?=[^\W\d_«“„\"'¿¡»‘])"  # a mark that closes
    r"|(?<=\s[!?»])(?=[^\W\d_«“„\"'¿¡])"  # the same after a blank, as French sets it
    r"|(?<=[^\W\d_][^\W\d_][.])(?=[^\W\d_«“„])"  # a full stop, not that of an initial
    r"|(?<=\d)(?=[^\W\d_«“„])"
    r"|(?<=[^\W_])(?=[«“„¿¡»‘\"][^\W_])"  # a mark that opens
    r"|(?<=[!?;…»”])(?=[«“„¿¡‘\"]\s?[^\W_])|(?<=\w['’])(?=['‘][^\W_])|(?<=\w[\"”])(?=[\"“][^\W_])"
    r"|(?<=[A-Z]\.[A-Z]\.)(?=[^\W\d_])"  # initials
    r"|(?<=[a-z\d%!?.])(?=[$£€]\d)"
)
_TO_NUMBER: Final = re.compile(
    r"(?<=[^\W\d_]{4})(?=\d+(?:[.,]\d+)*(?:[ %\u00a0]|(?![a-zA-Z])[^\W\d_]))|(?<=[\uac00-\ud7af]{2})(?=\d)|(?<=\S[!?»”])(?=\d+ )"
)
_JOINT: Final = re.compile(r"[a-zß-öø-ÿα-ώа-џ%!?»«”’)](?=[A-ZÀ-ÖØ-ÞΆ-ΫЀ-Я][a-zß-öø-ÿα-ώа-џ ])")
_WORD_END_ONLY: Final = re.compile(
    # letters that only end words: Arabic and Urdu, Hebrew, and the danda after Indic words
    r"(?<=\w[ةى])(?=[\u0621-\u064a])|(?<=\w[ںےۓۃ])(?=[\u0621-\u064a\u0671-\u06d3])|(?<=اً|ًا)(?=[\u0621-\u064a])"
    r"|(?<=\w[ךםןףץ])(?=[\u05d0-\u05ea])|(?<=[\u09bc-\u0d7f][।॥])(?=\w)"
    # vowels that are written so only where a word begins: Devanagari, Tamil, Telugu, Kannada, Malayalam, Sinhala
    r"|(?<=[\u0915-\u0963])(?=\u0905)|(?<=[\u0b82\u0b83\u0b95-\u0bcd])(?=[\u0b85-\u0b94])|(?<=[\u0c01-\u0c03\u0c15-\u0c4d])(?=[\u0c05-\u0c14])"
    r"|(?<=[\u0c81-\u0c83\u0c95-\u0ccd])(?=[\u0c85-\u0c94])|(?<=[\u0d02\u0d03\u0d15-\u0d4d\u0d7a-\u0d7f])(?=[\u0d05-\u0d14])"
    r"|(?<=[\u0d82\u0d83\u0d9a-\u0ddf])(?=[\u0d85-\u0d96])"
)
_ENDED: Final = re.compile(r"(?<=\S[!?！？؟፧])(?=[^\W\d_])|(?<=\S[»”])(?=[^\W\d_]{3})")
_STOPPED: Final = re.compile(r"[.!?…]\s")
_TOKENS: Final = re.compile(r"\S+")
_AROUND: Final = ".,:;!?…،؛؟。、\"'»«”“’()[]"
_SENTENCES: Final = re.compile(r"(?<=[.!?…])[\"'»”’)\]]*\s+|(?<=[。！？।۔؟])[」』）\"”]*\s*|\n")
_MAX_TITLE: Final = 220  # characters before a seam
_TITLE_SHARE: Final = 0.6  # of a line, at most, where the title ends by the end of a clause
_MIN_SNIPPET: Final = 24  # weight of what only an opening or a mark shows to be one
_MIN_JOINED: Final = 16  # weight of a title, and of a sentence, where two words stand joined
_SEED_UNSPACED, _SEED_SPACED = 4, 10
_SEED_PHRASE: Final = 9  # in unspaced alphabets: Thai, Lao, Burmese, Khmer
_ALPHABETIC: Final = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_PHRASES: Final = re.compile(r"[\s,、，;:“”\"'‘’]+")
_MAGNITUDES: Final = "KMB"
_GOES_ON: Final = " \u3000\u00a0\n\t,，、،:：;；"  # what stands before no sentence that was run into a title
_JAPANESE_PARTICLES: Final = "はがをにのでとも"
_MIN_BARE: Final = 3  # letters of what is left of a word without them, that is not taken for any three in a row
_MAX_COMPARED: Final = 500  # lines whose words are looked for in one another
_MAX_PROSE: Final = 20_000  # characters in which pairs of words are looked for


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """What the rest of the page tells about a line: its words, and how its sentences open."""

    tokens: frozenset[str]
    openings: frozenset[str]
    prose: str
    phrases: frozenset[str] = frozenset()
    headline: str = ""

    @classmethod
    def of(cls, lines: Sequence[str]) -> Neighbourhood:
        """Read it from the article's lines."""
        tokens: set[str] = set()
        openings: set[str] = set()
        phrases: set[str] = set()
        for line in lines:
            tokens.update(token.strip(_AROUND) for token in line.split())
            for sentence in _SENTENCES.split(line):
                openings.add(sentence[: _seed(sentence[:8])])
            if _ALPHABETIC.search(line):  # blanks part phrases there
                phrases.update(phrase[:_SEED_PHRASE] for phrase in _PHRASES.split(line) if len(phrase) >= _SEED_PHRASE)
        bare = frozenset(
            token[len(prefix) :]
            for token in tokens
            for prefix in lexicon().proclitics
            if token.startswith(prefix) and len(token) - len(prefix) > 2
        )
        return cls(
            frozenset(tokens) | bare,
            frozenset(opening for opening in openings if len(opening) >= _SEED_UNSPACED),
            "\n".join(lines)[:_MAX_PROSE],
            frozenset(phrases),
            lines[0] if lines and weight(lines[0]) <= _MAX_TITLE and not ends_hard(lines[0]) else "",
        )

    def knows(self, word: str) -> bool:
        """Whether the page uses the word, with or without an article or a conjunction written onto it."""
        return (
            word in self.tokens
            or word in lexicon().small_words
            or any(
                word.startswith(prefix) and len(word) - len(prefix) > _MIN_BARE and word[len(prefix) :] in self.tokens
                for prefix in lexicon().proclitics
            )
        )


def seam(line: str, near: Neighbourhood) -> int | None:
    """Where the snippet begins in a line that runs a title and its snippet together, or None if nothing shows it."""
    if _says_twice(line):
        return len(line) // 2
    if near.headline and line.startswith(near.headline) and weight(line) - weight(near.headline) >= 8:
        at = len(near.headline)
        return at + len(line[at:]) - len(line[at:].lstrip())
    numbers = [(0.5, -match.start()) for match in _TO_NUMBER.finditer(line) if _opens_with_number(line, match.start(), near)]
    candidates = [(value, -at) for at in _boundaries(line) if (value := _worth(line, at, near)) > 0]
    if candidates or numbers:
        return -max([*candidates, *numbers])[1]
    return _uncased_seam(line, near)


def joint_of(line: str) -> str:
    """The two words that stand joined where a line may run a title and a sentence together, before any full stop; empty if none do.

    The page tells nothing here, so that names with a capital inside are found too.
    """
    found = _JOINT.search(line, 0, _MAX_TITLE)
    if found is None or not ends_hard(line):
        return ""
    at = found.end()
    if weight(line[:at]) < _MIN_JOINED or weight(line[at:]) < _MIN_JOINED or _STOPPED.search(line, 0, at - 1):
        return ""
    return line[line.rfind(" ", 0, at) + 1 : at] + line[at:].partition(" ")[0]


def _says_twice(line: str) -> bool:
    return len(line) > 8 and len(line) % 2 == 0 and line[: len(line) // 2] == line[len(line) // 2 :]


def _boundaries(line: str) -> list[int]:
    found = [
        match.start()
        for match in _AFTER_MARK.finditer(line)
        if line[match.start()].isupper() or line[match.start()] in "«“„¿¡»‘\"'$£€"
    ]
    found += [
        at
        for at in (match.start() for match in _SMALL_TO_CAPITAL.finditer(line))
        if line[at].isupper() and (line[at - 1].islower() or (_ends_in_capitals(line[:at]) and line[at + 1 : at + 2].islower()))
    ]
    found += [
        at for name in lexicon().camel if name[0].islower() and (at := line.find(name, 1)) > 0 and line[at - 1].islower()
    ]  # `the valleyiPhone`
    if ends_as_snippet(line):  # a question or a quotation, then its snippet, in a script without capitals
        found += [
            at
            for at in (match.start() for match in _ENDED.finditer(line))
            if not line[at].isupper() and not line[at].islower() and weight(line[at:]) >= _MIN_SNIPPET
            if line[at - 1] not in "»”" or not DENSE.match(line[at])  # there a sentence goes on behind what it quotes
        ]
    return sorted(found)


def _ends_in_capitals(text: str) -> bool:
    """Whether a text ends with an abbreviation, or with a name that is written as one: `NATO`, `AfD`."""
    return text[-3:].isupper() or text.endswith(tuple(lexicon().camel))


def _opens_with_number(line: str, at: int, near: Neighbourhood) -> bool:
    """Whether a snippet may open with the number at `at`, which stands joined to a word in small letters or without case."""
    start = line.rfind(" ", 0, at) + 1
    token = line[start:].partition(" ")[0].strip(_AROUND)
    sound = weight(line[:at]) >= 12 and weight(line[at:]) >= _MIN_SNIPPET and not any(map(str.isupper, line[start + 1 : at]))
    sound = sound and line[at - 1] not in _JAPANESE_PARTICLES  # behind one the sentence goes on
    return sound and token not in near.tokens and ends_as_snippet(line)


def _worth(line: str, at: int, near: Neighbourhood) -> float:
    """How much a boundary looks like the seam; 0 and less: it does not."""
    left, right = line[:at], line[at:]
    start = max(left.rfind(" "), left.rfind("\u00a0")) + 1
    end = next((position for position in range(at, min(at + 40, len(line))) if line[position].isspace()), len(line))
    token = line[start:end]
    if weight(left) < 8 or weight(right) < 8 or len(left) > _MAX_TITLE:
        return 0.0
    if (line[at] == "»" and left.count("«") > left.count("»")) or (line[at] == "«" and left.count("»") > left.count("«")):
        return -1.0  # it closes a quotation
    if (line[at - 1] == "«" and line[:at].count("«") > line[:at].count("»")) or (line[at] == '"' and left.count('"') % 2):
        return -1.0  # it opens one, or closes it
    piece = line[start:at]
    bare = token.strip(_AROUND)
    if bare in lexicon().camel or _parts_a_name(token, at - start) or (bare in near.tokens and any(map(str.isalnum, piece))):
        return -1.0
    if left[-1].isdigit() and right[0] in _MAGNITUDES and not right[1].isalnum():
        return -1.0  # `$11.6M`
    value = 1.0
    if (len(piece) == 1 and piece.islower()) or piece in lexicon().name_prefixes:
        value -= 0.9
    if piece.isdigit() and len(right) > 1 and not right[1].islower() and not right[1].isspace():
        value -= 0.6
    if left[-1].isalpha() and left[-1].isupper():
        value -= 0.3
    if left[-1] in "'’" and piece[:-1].isalpha() and len(piece) <= 3:
        return -1.0  # an elided article: d'Anjou
    value += 0.3 * (piece.strip("«»“”\"'.?!") in near.tokens)
    value += 0.3 * any(right[:length] in near.openings for length in (_SEED_UNSPACED, _SEED_PHRASE, _SEED_SPACED))
    return value


def _parts_a_name(token: str, at: int) -> bool:
    """Whether a place in a token lies within a name that has a capital inside, and not before or behind it."""
    names = (name for name in lexicon().camel if token.startswith(name) or (len(name) > 4 and name in token))
    return any(name in token[max(0, at - len(name) + 1) : at + len(name) - 1] for name in names)


def _seed(text: str) -> int:
    """How many characters of an opening tell a sentence."""
    if not is_unspaced(text):
        return _SEED_SPACED
    return _SEED_PHRASE if _ALPHABETIC.search(text) else _SEED_UNSPACED


def _uncased_seam(line: str, near: Neighbourhood) -> int | None:
    """The seam in a script without capitals, if a final letter, a sentence of the article or two of its words show it."""
    for match in _WORD_END_ONLY.finditer(line):
        if match.start() >= 8 and len(line) - match.start() >= 8:
            return match.start()
    length = _seed(line)
    opening = _opening(line, near.openings, length)
    if opening is not None:
        return opening if weight(line[opening:]) >= _MIN_SNIPPET else None
    if length == _SEED_PHRASE:
        return _clause_end(line) or _opening(line, near.phrases, length)
    return _joined_words(line, near)


def _opening(line: str, openings: frozenset[str], length: int) -> int | None:
    return next(
        (at for at in range(6, len(line) - length) if line[at : at + length] in openings and line[at - 1] not in _GOES_ON), None
    )


def _clause_end(line: str) -> int | None:
    """The end of the first clause that ends on a word of its own and has no blank after it."""
    for match in lexicon().clause_ends.finditer(line):
        at = match.end()
        if 8 <= at <= _TITLE_SHARE * len(line) and weight(line[at:]) >= _MIN_SNIPPET and line[at].isalpha():
            return at
    return None


def _joined_words(line: str, near: Neighbourhood) -> int | None:
    """The place inside the token that is no word of the page but two of them, the longest such token first."""
    if is_unspaced(line) or any(char.isupper() for char in line):
        return None
    for match in lexicon().word_ends.finditer(line):
        at, rest = match.end(), line[match.end() :].partition(" ")[0]
        joined = rest[:1].isalpha() and match.group() + rest not in near.tokens
        if joined and at >= 8 and len(rest) >= 4:
            return at
    best: tuple[int, int] | None = None
    tokens = list(_TOKENS.finditer(line))
    for token, following in pairwise(tokens):
        word = token.group()
        if len(word) < 4 or word.strip(_AROUND) in near.tokens or token.start() < 6:
            continue
        for cut in range(2, len(word) - 1):
            if not word[cut].isalnum():  # a vowel sign
                continue
            left, right = word[:cut], word[cut:]
            known = near.knows(left) * len(left) + near.knows(right) * len(right)
            long = near.knows(right) and len(right) >= 6 and len(left) >= 5  # no mere inflection of either
            if known < len(word) and not long and not (len(left) > 2 and known and f"{right} {following.group()}" in near.prose):
                continue
            if best is None or known > best[0]:
                best = known, token.start() + cut
    return best[1] if best else None


def repeated_titles(lines: Sequence[str]) -> dict[str, int]:
    """For lines that open alike and go on differently: where they part, that is where their common title ends.

    Only neighbours in sorted order are compared, so the work is linear but for the sort.
    """
    shared: dict[str, int] = {}
    ordered = sorted(set(lines))
    for one, other in pairwise(ordered):
        at = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
        if weight(one[:at]) >= 16 and at < len(one) and not one[at - 1].isspace() and not one[at : at + 1].isspace():
            for line in (one, other):
                shared[line] = max(shared.get(line, 0), at)
    return shared


def split_glued(lines: Sequence[str], near: Neighbourhood) -> list[tuple[str, str | None]]:
    """Title and snippet of each line of a block in which pages run the two together."""
    shared = repeated_titles(lines)
    starts = Counter(line[:12] for line in lines)
    pairs: list[tuple[str, str | None]] = []
    sets = {line: frozenset(token.strip(_AROUND) for token in line.split()) for line in lines}
    uses = Counter(token for tokens in sets.values() for token in tokens)
    twice = {line[: len(line) // 2] for line in lines if _says_twice(line)}
    lengths = sorted(set(map(len, twice)))
    for line in lines:
        told = next((length for length in lengths if length < len(line) and line[:length] in twice), None)
        at = seam(line, near) if told is None else told
        if at is None and 1 < len(sets) <= _MAX_COMPARED and not is_unspaced(line):
            siblings = frozenset(token for token, count in uses.items() if count > (token in sets[line]))
            at = _joined_words(line, replace(near, tokens=near.tokens | siblings))
        if at is None and starts[line[:12]] > 1 and line in shared:
            at = shared[line]
        if at is None and len(sets) > 1:
            at = guess_seam(line, near)
        pairs.append((line, None) if at is None else (line[:at].strip(), line[at:].strip()))
    return _second_look(pairs)


def _second_look(pairs: list[tuple[str, str | None]]) -> list[tuple[str, str | None]]:
    """A title that one line showed also splits the lines that open with it."""
    titles = sorted({title for title, snippet in pairs if snippet}, key=len, reverse=True)[:50]
    looked: list[tuple[str, str | None]] = []
    for title, snippet in pairs:
        if snippet is None:
            known = next((t for t in titles if title.startswith(t) and weight(title) - weight(t) >= 8), None)
            looked.append((known, title[len(known) :].strip()) if known else (title, None))
        else:
            looked.append((title, snippet))
    return looked


def guess_seam(line: str, near: Neighbourhood) -> int | None:
    """The likeliest seam of a line that stands among lines with seams and shows none itself."""
    if _ALPHABETIC.search(line):
        return guess_unspaced(line) or guess_counted(line, near.prose)
    if is_unspaced(line):
        return guess_dense(line, near.prose)
    return guess_korean(line, near.tokens) or guess_joined(line, near.knows) or guess_longest(line, near.tokens)
