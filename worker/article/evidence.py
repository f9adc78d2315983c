"""What speaks for a line or a heading being part of a block of other articles: the lexicon, and the shapes of lines.

No single sign decides.  A marker's wording is known for the languages in `markers.toml` and unknown for the next page; a rhythm of
closing lines needs no wording at all; a title that runs into its snippet shows itself by a capital after a small letter, where the
script has capitals.  Every sign has a name and a weight, and a block is cut where the sum says so (`Evidence`).
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files

_INVISIBLE = "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff"


def _combining(plane: range) -> str:
    """All combining marks of a plane, as ranges for a character class."""
    marks = [code for code in plane if unicodedata.combining(chr(code))]
    firsts = [code for code in marks if not unicodedata.combining(chr(code - 1))]
    lasts = [code for code in marks if not unicodedata.combining(chr(code + 1))]
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in zip(firsts, lasts, strict=True))


# What a fold leaves out after compatibility decomposition.  Two classes, for `re` has a table only for one that is all in the BMP.
# Beyond it only the first plane has combining marks, and to ask all of Unicode would take every process a tenth of a second.
_LEFT_OUT = re.compile(f"[{_INVISIBLE}{_combining(range(0x10000))}]+")
_LEFT_OUT_BEYOND = re.compile(f"[{_combining(range(0x10000, 0x20000))}]+")
_BEYOND = re.compile("[\U00010000-\U0010ffff]")
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
HANGUL = "\uac00-\ud7af"

_SHORT = 90  # characters of a text that pages repeat: headings, closing lines, labels

_DENSE = re.compile(f"[{UNSPACED}{HANGUL}]")
_UNSPACED = re.compile(f"[{UNSPACED}]")
_ASCII_EDGES = "".join(char for char in map(chr, range(128)) if not char.isalnum())
_QUOTES = "\"'»«”“’‘„)\\]】」』›"
_HARD_STOP = re.compile(rf"[.。．।॥။។።։۔｡]+[\s{_QUOTES}]*$")
_SENTENCE_END = re.compile(rf"[.。．।॥။។።։۔｡!?！？؟…;⋯]+[\s{_QUOTES}]*$")
_TRUNCATED = re.compile(r"(?:…|⋯|\.{2,}|\[\.\.\.\]|\[…\]|\(\.\.\.\)|\(…\))[\s\"'»”’)\]」』]*$")
_OPENING_QUOTES = "\"'“”„«‘‚「『《"
_CLOSING_QUOTES = "\"'”“»’‘」』》"
_WORD_EDGES = ".,:;!?…\"'«»“”„’()[]،؛؟。、：，-–—"
_WORDS = re.compile(r"[^\W\d_]{2,}")
_NUMBERED = re.compile(r"^(?:\d{1,3}|[ivxIVX]{1,4}|[a-zA-Z])[.)、．:]\s*\S")
_CURRENCY = "[$€£¥₹₽₩₺₫฿₴₦₮₸₼₾₡₪₱₲₵₭៛﷼元円원]"
_CLOCK = re.compile(r"^\d{1,2}[:.h]\d{2}\b")


def fold(text: str) -> str:
    """The form in which wordings are compared: no case, no accents, no invisible characters, no punctuation at the edges."""
    return _fold_short(text) if len(text) <= _SHORT else _fold(text)


@lru_cache(maxsize=8192)
def _fold_short(text: str) -> str:
    return _fold(text)


def _fold(text: str) -> str:
    if text.isascii():  # the same as below, for less
        return " ".join(text.lower().split()).strip(_ASCII_EDGES)
    text = _LEFT_OUT.sub("", unicodedata.normalize("NFKD", text))
    if _BEYOND.search(text):
        text = _LEFT_OUT_BEYOND.sub("", text)
    text = text.replace("ı", "i").replace("ي", "ی").replace("ى", "ی")
    text = " ".join(text.casefold().split())
    start, end = 0, len(text)
    while start < end and not text[start].isalnum():
        start += 1
    while start < end and not text[end - 1].isalnum():
        end -= 1
    return text[start:end]


def weight(text: str) -> int:
    """Length in characters of an alphabet: a character of a dense script says as much as two."""
    return len(text) if text.isascii() else len(text) + len(_DENSE.findall(text))


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


def is_numbered(text: str) -> bool:
    """Whether the text opens as an entry of a list or of a live blog does: `3. `, `11:42 `."""
    return _NUMBERED.match(text) is not None or _CLOCK.match(text) is not None


def is_quoted(text: str) -> bool:
    """Whether the whole text is a quotation: who quotes a wording does not use it."""
    return len(text) > 2 and text[0] in _OPENING_QUOTES and text[-1] in _CLOSING_QUOTES


def is_credit(text: str) -> bool:
    """Whether the text names who took a picture."""
    return len(text) <= 80 and lexicon().credit.match(text) is not None


def is_imprint(text: str) -> bool:
    """Whether the text says whose the page is."""
    return lexicon().imprint.match(text) is not None


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


class Talk:
    """Words in which pages speak of articles: whole words, beginnings of words, and pieces of scripts that part no words."""

    def __init__(self, stems: Iterable[str]) -> None:
        self._whole: set[str] = set()
        self._beginnings: set[str] = set()
        pieces: set[str] = set()
        for stem in stems:
            folded = fold(stem)
            opens, closes = stem.startswith(" "), stem.endswith(" ")
            if opens and " " not in folded:
                (self._whole if closes else self._beginnings).add(folded)
            else:
                pieces.add(" " * opens + folded + " " * closes)
        self._pieces = sorted(pieces)
        self._ascii_pieces = [piece for piece in self._pieces if piece.isascii()]

    def count(self, text: str) -> int:
        folded = fold(text)
        found = sum(self._knows(word.strip(_WORD_EDGES)) for word in folded.split())
        padded = f" {folded} "
        return found + sum(piece in padded for piece in (self._ascii_pieces if folded.isascii() else self._pieces))

    def _knows(self, word: str) -> bool:
        if word in self._whole:
            return True
        return any(word[:end] in self._beginnings for end in range(2, len(word) + 1))


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """The wordings of `markers.toml`, folded and ready to be asked."""

    markers: frozenset[str]
    openings: frozenset[str]  # the first words of markers
    popular: frozenset[str]
    stems: re.Pattern[str]
    talk: Talk
    besides: Talk
    own: Talk
    small_words: frozenset[str]
    clause_ends: re.Pattern[str]
    word_ends: re.Pattern[str]
    particles: re.Pattern[str]  # at the end of a word
    proclitics: tuple[str, ...]
    title_ends: tuple[str, ...]
    sentence_openings: re.Pattern[str]
    closings: frozenset[str]
    closing_prefixes: tuple[str, ...]
    categories: re.Pattern[str]
    byline: re.Pattern[str]
    byline_glued: re.Pattern[str]
    conjunction: re.Pattern[str]
    ages: re.Pattern[str]
    short_age: re.Pattern[str]
    credit: re.Pattern[str]
    imprint: re.Pattern[str]
    price: re.Pattern[str]
    counted_comments: re.Pattern[str]
    comment_names: frozenset[str]
    list_paths: frozenset[str]
    hook_names: frozenset[str]
    hook_pieces: re.Pattern[str]
    camel: frozenset[str]
    name_prefixes: frozenset[str]
    not_places: frozenset[str]

    def is_marker(self, text: str) -> bool:
        """Whether the whole of `text` is a heading that introduces other articles."""
        return 0 < len(text) <= 90 and fold(text) in self.markers and not is_quoted(text)

    def is_closing(self, text: str) -> bool:
        """Whether the whole of `text` leads from an entry to its article."""
        if len(text) > 60:
            return False
        folded = fold(text)
        known = folded in self.closings or (not folded and text in "»›→…...") or folded.startswith(self.closing_prefixes)
        return known and not is_quoted(text)

    def is_hook(self, names: str) -> bool:
        """Whether an element's classes and id, in small letters, are those of a block or widget of other articles."""
        return _is_hook(self, names)

    def hints_at_marker(self, text: str) -> bool:
        """Whether `text` holds a piece of a wording that introduces other articles."""
        return weight(text) <= 90 and self.stems.search(fold(text)) is not None

    def talks(self, text: str) -> int:
        """How many words of `text` are such as pages use when they speak of other articles.

        `others`, `also`, `topic` say little by themselves: they count beside a word that means articles, and two of them for one.
        """
        said, besides = self.talk.count(text), self.besides.count(text)
        return said + besides if said else int(besides >= 2)

    def says_more(self, text: str) -> bool:
        """Whether `text` is a word or two that say that there are others, or more of them, and nothing else."""
        return len(text.split()) <= 2 and self.besides.count(text) > 0

    def lists_its_own(self, text: str) -> bool:
        """Whether a heading holds a word under which articles list sources, questions, rules and the like."""
        return self.own.count(text) > 0


@lru_cache(maxsize=4096)
def _is_hook(known: Lexicon, names: str) -> bool:
    return known.hook_pieces.search(names) is not None or not known.hook_names.isdisjoint(names.split())


def _any_of(wordings: Iterable[str]) -> str:
    return "|".join(re.escape(wording) for wording in sorted(set(wordings), key=len, reverse=True))


def _trie_of(wordings: Iterable[str]) -> str:
    """The same with common beginnings written once, which a search goes through much sooner; for what differs in more than case."""
    rests: dict[str, set[str]] = {}
    optional = False
    for wording in wordings:
        if wording:
            rests.setdefault(wording[0], set()).add(wording[1:])
        else:
            optional = True
    branches = "|".join(re.escape(first) + _trie_of(rest) for first, rest in sorted(rests.items()))
    if not branches:
        return ""
    return f"(?:{branches})" + ("?" if optional else "")


def _wordings(table: dict[str, list[str]]) -> list[str]:
    return [wording for group in table.values() for wording in group]


def _counted(table: dict[str, list[str]]) -> re.Pattern[str]:
    """A figure beside a word that begins like one of the table's: `2 comments`, `Kommentare (12)`."""
    word, before, counter, after = (_trie_of(map(fold, table[name])) for name in ("words", "before", "counters", "after"))
    word = rf"{word}[^\s\d(:\[]{{0,8}}"
    return re.compile(rf"{before}?\d[\d.,]*k?\s?{counter}?\s?{word}|{word}\s?[(:\[]?\s?\d[\d.,]*k?{after}?")


_added: dict[str, tuple[str, ...]] = {}


def extend_lexicon(*, markers: Iterable[str] = (), closings: Iterable[str] = (), hooks: Iterable[str] = ()) -> None:
    """Add wordings of one's own to those that ship with the package, for this process; a second call replaces the first.

    Args:
        markers: headings that introduce other articles, whole: `More on that harbour`.
        closings: lines that lead from an entry to its article, whole: `Tap to open`.
        hooks: classes and ids of elements that hold other articles, whole: `acme-reco`.
    """
    _added.update(markers=tuple(markers), closings=tuple(closings), hooks=tuple(hook.lower() for hook in hooks))
    lexicon.cache_clear()


@cache
def lexicon() -> Lexicon:
    """The wordings that ship with the package and those that were added, read once."""
    tables = tomllib.loads(files("worker.article").joinpath("markers.toml").read_text(encoding="utf-8"))
    markers = [*_wordings(tables["markers"]), *_added.get("markers", ())]
    closings = [*_wordings(tables["closings"]), *_added.get("closings", ())]
    popular = _wordings(tables["popular"])
    ages = [fold(age) for age in tables["ages"]["all"]]
    firsts = [fold(marker).partition(" ")[0] for marker in [*markers, *popular]]
    bylines, pictures, hooks = tables["bylines"], tables["credits"], tables["hooks"]
    return Lexicon(
        markers=frozenset(map(fold, [*markers, *popular])),
        openings=frozenset(opening for first in firsts for opening in (first, fold(first))),
        popular=frozenset(map(fold, popular)),
        stems=re.compile(_trie_of(fold(stem) for stem in _wordings(tables["stems"]))),
        talk=Talk([*_wordings(tables["talk"]), *_wordings(tables["reader"])]),
        besides=Talk(_wordings(tables["besides"])),
        own=Talk(_wordings(tables["own"])),
        small_words=frozenset(_wordings(tables["seams"]["words"])),
        clause_ends=re.compile(_trie_of(_wordings(tables["seams"]["ends"]))),
        word_ends=re.compile(_trie_of(_wordings(tables["seams"]["verbs"]))),
        particles=re.compile(f"{_trie_of(_wordings(tables['seams']['particles']))}$"),
        proclitics=tuple(_wordings(tables["seams"]["proclitics"])),
        title_ends=tuple(_wordings(tables["seams"]["nouns"])),
        sentence_openings=re.compile(_trie_of(_wordings(tables["seams"]["openings"]))),
        closings=frozenset(fold(closing) for closing in closings) - {""},
        closing_prefixes=tuple(fold(prefix) + " " for prefix in _wordings(tables["closing_prefixes"])),
        categories=re.compile(_trie_of(fold(category) for category in _wordings(tables["categories"]))),
        byline=re.compile(rf"^(?:{_any_of(bylines['by'])})\s*[:：]?\s+", re.IGNORECASE),
        byline_glued=re.compile(rf"^(?:{_any_of(bylines['by_glued'])})\s+", re.IGNORECASE),
        conjunction=re.compile(rf"\s*[,、،;/]\s*|\s+(?:{_any_of(bylines['and'])})\s+"),
        short_age=re.compile(rf"\d{{1,3}}\s?{_trie_of(tables['ages']['short'])}"),
        credit=re.compile(
            rf"\W*(?:(?:{_any_of(pictures['words'])})\w*\s*[:：/©(]|(?:{_any_of(pictures['abbreviations'])})\.\s)", re.IGNORECASE
        ),
        imprint=re.compile(rf"\W*(?:©|\(c\) ?\d|(?:{_any_of(_wordings(tables['imprints']))})\b)", re.IGNORECASE),
        price=re.compile(rf"{_CURRENCY}\s?\d|\d\s?(?:{_CURRENCY}|{_trie_of(_wordings(tables['currencies']))}(?!\w))"),
        counted_comments=_counted(tables["comments"]),
        comment_names=frozenset(tables["comments"]["names"]),
        list_paths=frozenset(tables["lists"]["paths"]),
        ages=re.compile(rf"(?<![^\W\d_]){_trie_of(ages)}(?!\w)|{_trie_of(age for age in ages if _DENSE.search(age))}"),
        hook_names=frozenset([*hooks["names"], *_added.get("hooks", ())]),
        hook_pieces=re.compile(_trie_of(hooks["pieces"])),
        camel=frozenset(tables["names"]["camel"]),
        name_prefixes=frozenset(tables["names"]["prefixes"]),
        not_places=frozenset(map(fold, tables["names"]["not_places"])),
    )


ENOUGH = 1.0 - 1e-6  # 0.6 + 0.3 + 0.1 is less than 1 to a computer


@dataclass(slots=True)
class Evidence:
    """Signs for (and against) a candidate, and their sum.  At 1 a candidate is a block."""

    signs: list[str] = field(default_factory=list)
    score: float = 0.0

    def add(self, sign: str, value: float) -> None:
        self.signs.append(sign)
        self.score += value

    def add_if(self, holds: bool, sign: str, value: float) -> None:
        if holds:
            self.add(sign, value)

    @property
    def enough(self) -> bool:
        return self.score >= ENOUGH


_DIGIT = re.compile(r"\d")
_NAMED_DATE = re.compile(
    r"(?:[012]?\d|3[01])\.? (?:de )?[^\W\d]{3,12}\.?(?:,? (?:de )?\d{4})?(?:,? \d{1,2}:\d{2})?|[^\W\d]{3,12}\.? \d{1,2}, \d{4}"
)
_DATE = re.compile(
    r"(?:\d{4}[-./年]\s?\d{1,2}[-./月]\s?\d{1,2}日?|\d{1,2}[-./]\d{1,2}(?:[-./]\d{2,4})?|\d{1,2}月\d{1,2}日)"
    r"(?:[ T,]+\d{1,2}:\d{2})?\s*$|"
    r"\d{1,2}:\d{2}\s*$"
)
_BETWEEN = re.compile(r"\s*[·•|∙・\t]\s*|\s+[-–—]\s+|\s{3,}|\s*,\s+(?=\d{1,2}[./ ]\S+[./ ]\d{4}|\d+ ?[hmd]\b)")


def is_age(text: str) -> bool:
    """Whether the text says when something was published: `2h`, `3 days ago`, `gestern`, `05-12`."""
    return 0 < len(text) <= 40 and len(text.split()) <= 5 and _is_age(lexicon(), text)


@lru_cache(maxsize=4096)
def _is_age(known: Lexicon, text: str) -> bool:
    folded = fold(text)
    if _DATE.fullmatch(text.strip()):
        return True
    if known.short_age.fullmatch(folded):
        return True
    rest, found = known.ages.subn("", folded)
    if not found:
        return _NAMED_DATE.fullmatch(folded) is not None and not _DENSE.search(folded)
    return sum(char.isalpha() for char in rest) <= (6 if found > 1 and not _DENSE.search(folded) else 3) and (
        found > 1 or _DIGIT.search(folded) is not None or rest == ""
    )


_PARTED = re.compile(r"\s[·•|∙]\s")
_ENCLOSED_AGE = re.compile(r"^(?P<source>[^,،、()（）]{2,45}?)(?:[,،、]\s*|\s*[(（])(?P<age>[^,،、()（）]{1,40}?)[)）]?$")


def _is_short(text: str, most: int) -> bool:
    return weight(text) <= most and len(text.split()) <= 4


def source_and_age(text: str) -> tuple[str | None, str | None] | None:
    """Source and age of a line that says nothing else, such as `Evening Post · 2h`; None for any other line."""
    if len(text) > 90 or ends_hard(text):
        return None
    parts = [part for part in _BETWEEN.split(text) if part]
    if len(parts) == 2 and is_age(parts[1]) and weight(parts[0]) <= 45:
        return parts[0], parts[1]
    if len(parts) == 3 and is_age(parts[2]) and all(weight(part) <= 30 and len(part.split()) <= 3 for part in parts[:2]):
        return parts[0], parts[2]
    if len(parts) == 2 and _PARTED.search(text) and _DIGIT.search(parts[1]) and _is_short(parts[1], 24) and _is_short(parts[0], 45):
        return parts[0], parts[1]  # an age in words that no lexicon knows: `Yamaç Postası · 3 sa`
    if len(parts) == 2 and is_age(parts[0]) and weight(parts[1]) <= 45:
        return parts[1], parts[0]
    if is_age(text):
        return None, text.strip()
    enclosed = _ENCLOSED_AGE.match(text)  # `Echo, yesterday`, `Echo (3 hours ago)`
    if enclosed and is_age(enclosed["age"]) and _is_short(enclosed["source"], 45):
        return enclosed["source"], enclosed["age"]
    return None
