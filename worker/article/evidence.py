"""What speaks for a line or a heading being part of a block of other articles: the lexicon, and how signs are added up.

No single sign decides.  A marker's wording is known for the languages in `markers.toml` and unknown for the next page; a rhythm of
closing lines needs no wording at all; a title that runs into its snippet shows itself by a capital after a small letter, where the
script has capitals.  Every sign has a name and a weight, and a block is cut where the sum says so (`Evidence`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Final

from worker.article.invitations import Invitations
from worker.article.patterns import any_of, trie_of, whole
from worker.article.talk import Talk
from worker.article.wording import DENSE, ends_sentence, fold, is_quoted, opens_speech, weight

_COLON: Final = re.compile("[:：]")
_ENCLOSED: Final = re.compile(r"\s?[(（][^()（）]{1,24}[)）]$")
_MAX_POPULAR: Final = 4  # words
_MAX_QUALIFYING: Final = 3  # words
_MAX_PAPER: Final = 24  # weight of a paper's name
_MAX_PAPER_WORDS: Final = 2
_MIN_TITLE: Final = 2  # words in small letters behind a label in capitals that make a title
_MAX_ADVERTISEMENT: Final = 60  # characters
_MAX_PART: Final = 60  # weight of a heading that names a part of a paper
_OPENING: Final = 4  # characters: no wording that other words follow is shorter
_SHORT_POPULAR: Final = 8  # letters: `popular`, `trending` open other phrases too
_SIGN: Final = r"(?:©|ⓒ|\(c\) ?\d{4})"
_CURRENCY: Final = "[$€£¥₹₽₩₺₫฿₴₦₮₸₼₾₡₪₱₲₵₭៛﷼元円원]"


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """The wordings of `markers.toml`, folded and ready to be asked."""

    markers: frozenset[str]
    openings: frozenset[str]  # the first words of markers
    behind_names: tuple[str, ...]  # markers with a paper's name before them
    behind_ends: frozenset[str]  # their last characters
    popular: frozenset[str]
    latest: frozenset[str]  # those of popular that head what came last
    labels: frozenset[str]  # that announce a title if they stand in capitals or are otherwise set apart
    stems: re.Pattern[str]
    talk: Talk
    besides: Talk
    same: Talk
    parts: Talk
    own: Talk
    papers: Talk
    inviting: Invitations
    small_words: frozenset[str]
    clause_ends: re.Pattern[str]
    word_ends: re.Pattern[str]  # verbs that end a title, whole or known by their ending
    particles: re.Pattern[str]  # at the end of a word
    proclitics: tuple[str, ...]
    title_ends: tuple[str, ...]
    sentence_openings: re.Pattern[str]
    dense_no_ends: str  # characters that end no title in Chinese and Japanese
    dense_openings: re.Pattern[str]  # words with which Chinese sentences open
    opening_verbs: re.Pattern[str]  # at the end of a word that a title and such a verb were joined to
    closings: frozenset[str]
    closing_prefixes: tuple[str, ...]
    closing_openings: frozenset[str]  # their first characters, `_OPENING` of each
    advertisements: frozenset[str]
    sponsors: tuple[str, ...]  # how a line opens that says who paid for a title beside it
    sources: re.Pattern[str]  # a word for whose an entry is, and a colon
    categories: re.Pattern[str]
    homes: re.Pattern[str]
    byline: re.Pattern[str]
    byline_openings: frozenset[str]  # the first two letters of its wordings
    byline_glued: re.Pattern[str]
    conjunction: re.Pattern[str]
    ages: re.Pattern[str]
    short_age: re.Pattern[str]
    weekdays: frozenset[str]
    credit: re.Pattern[str]
    imprint: re.Pattern[str]
    rights: re.Pattern[str]
    reserved: re.Pattern[str]  # words for that alone, without a sign
    invitations: re.Pattern[str]  # how lines below an article open
    subscribes: re.Pattern[str]  # from the first word to the other: to sign up, and what for
    sign_ups: re.Pattern[str]
    letters: re.Pattern[str]
    follows: re.Pattern[str]  # up to the name of a network
    channels: re.Pattern[str]  # words for what sites have there
    networks: re.Pattern[str]
    follows_last: tuple[str, ...]  # behind it
    alls: re.Pattern[str]  # how a line opens that leads to all articles
    tags: frozenset[str]
    fields: frozenset[str]
    links: frozenset[str]  # of a site's foot
    link_openings: frozenset[str]  # their first words
    persons: frozenset[str]
    signed: frozenset[str]
    ends: frozenset[str]
    apps: re.Pattern[str]
    pages: re.Pattern[str]  # with their numbers
    readers: frozenset[str]
    syndicated: re.Pattern[str]  # from before the title of an article to the name of its site
    syndicated_openings: tuple[str, ...]
    stamps: re.Pattern[str]  # what stands before the date on which a page came out
    reading: re.Pattern[str]  # words for reading
    minutes: re.Pattern[str]  # a number of them
    buttons: frozenset[str]  # of a share bar
    joined_buttons: frozenset[str]  # the same without blanks
    price: re.Pattern[str]
    counted_comments: re.Pattern[str]
    counted: re.Pattern[str]  # comments or anything else; more may follow
    tallies: re.Pattern[str]  # words for counting readers
    comment_names: frozenset[str]
    comment_headings: frozenset[str]  # as they are written
    comment_pieces: tuple[str, ...]  # of which each of these names holds one
    list_paths: re.Pattern[str]  # parts of the addresses of lists of articles, and of pages that hold none
    hook_names: frozenset[str]
    hook_pieces: re.Pattern[str]
    camel: frozenset[str]
    name_prefixes: frozenset[str]
    not_places: frozenset[str]

    def is_marker(self, text: str) -> bool:
        """Whether the whole of `text` is a heading that introduces other articles."""
        if not 0 < len(text) <= 90:
            return False
        if text[-1] in ")）" and (said := _ENCLOSED.sub("", text)) and fold(said) in self.popular:
            return True  # with where: `Most read (Region)`
        folded = fold(text)
        return (folded in self.markers or self._is_behind_a_name(folded)) and not is_quoted(text)

    def _is_behind_a_name(self, folded: str) -> bool:
        """Whether a heading is a marker behind a word or two: `남도신문 랭킹 뉴스`."""
        if folded[-1:] not in self.behind_ends or not folded.endswith(self.behind_names):
            return False
        name = min((folded.removesuffix(marker) for marker in self.behind_names), key=len)
        return 1 < weight(name) <= _MAX_PAPER and len(name.split()) <= _MAX_PAPER_WORDS

    def after_marker(self, text: str) -> str:
        """What stands after a marker and its colon at the beginning of `text`; empty where it opens with none."""
        colon = _COLON.search(text, 0, 60)
        if colon is None or fold(text[: colon.start()]) not in self.markers or opens_speech(text[: colon.start()]):
            return ""
        return text[colon.end() :]

    def is_closing(self, text: str) -> bool:
        """Whether the whole of `text` leads from an entry to its article."""
        if len(text) > 60:
            return False
        folded = fold(text)
        known = (
            folded in self.closings
            or (not folded and text in "»›→…...")
            or (folded[:_OPENING] in self.closing_openings and folded.startswith(self.closing_prefixes))
        )
        return known and not is_quoted(text)

    def byline_in(self, text: str) -> re.Match[str] | None:
        """The words with which `text` opens as a byline does; its first two letters show as a rule that there are none."""
        opening = text[:2].lower()
        return self.byline.match(text) if opening in self.byline_openings or opening[:1] in self.byline_openings else None

    def is_credit(self, text: str) -> bool:
        """Whether `text` names who took a picture or says what it shows; `PICTURES: The bird that stole a ball` is a title."""
        if len(text) > 80 or self.credit.match(text) is None:
            return False
        label, _, said = text.partition(":")
        return not label.isupper() or sum(word[0].islower() for word in said.split()) < _MIN_TITLE

    def is_imprint(self, text: str) -> bool:
        """Whether `text` says whose the page is."""
        return self.imprint.match(text) is not None

    def claims_rights(self, text: str) -> bool:
        """Whether `text` says whose the page is, and is no sentence or headline on copyright."""
        if not self.is_imprint(text):
            return False
        return self.rights.search(text) is not None or (weight(text) <= 60 and (not ends_sentence(text) or _is_named(text)))

    def is_advertisement(self, text: str) -> bool:
        """Whether the whole of `text` is the label of an advertisement that stood there, or says that the text goes on below it."""
        return len(text) <= _MAX_ADVERTISEMENT and (fold(text) in self.advertisements or self.names_sponsor(text))

    def names_sponsor(self, text: str) -> bool:
        """Whether `text` says who paid for what stands beside it, and nothing else."""
        return len(text) <= _MAX_ADVERTISEMENT and fold(text).startswith(self.sponsors) and not ends_sentence(text)

    def is_hook(self, names: str) -> bool:
        """Whether an element's classes and id, in small letters, are those of a block or widget of other articles."""
        return _is_hook(self, names)

    def hints_at_marker(self, text: str) -> bool:
        """Whether `text` holds a piece of a wording that introduces other articles."""
        return weight(text) <= 90 and self.stems.search(fold(text)) is not None

    def names_popular(self, text: str) -> bool:
        """Whether `text` heads what is read most or came last, with at most three words on where or when: `Most read in Sport`."""
        said = fold(text).split(maxsplit=_MAX_POPULAR + _MAX_QUALIFYING)
        for count in range(max(1, len(said) - _MAX_QUALIFYING), _MAX_POPULAR + 1):
            wording = " ".join(said[:count])
            if wording in self.popular and (count >= len(said) or len(wording) > _SHORT_POPULAR):
                return True
        return False

    def talks(self, text: str) -> int:
        """How many words of `text` are such as pages use when they speak of other articles.

        `others`, `also`, `topic` say little by themselves: they count beside a word that means articles, and two of them for one.
        `From the same desk`, `Elsewhere in the paper`: to say so of a part of a paper is to speak of articles.
        """
        said, besides = self.talk.count(text), self.besides.count(text)
        if weight(text) <= _MAX_PART and (same := self.same.count(text)):
            if not said and self.parts.count(text):
                return 2
            besides = max(same, besides)
        return said + besides if said else int(besides >= 2)

    def says_more(self, text: str) -> bool:
        """Whether `text` is a word or two that say that there are others, or more of them, and nothing else."""
        return len(text.split()) <= 2 and self.besides.count(text) > 0

    def lists_its_own(self, text: str) -> bool:
        """Whether a heading holds a word under which articles list sources, questions, rules and the like."""
        return self.own.count(text) > 0

    def names_paper(self, text: str) -> bool:
        """Whether a name holds what papers, stations and sites of news are called."""
        return self.papers.count(text) > 0


def _is_named(text: str) -> bool:
    """Whether every word of `text` opens with a capital: `Copyright DAILY BEACON.`"""
    return all(word[0].isupper() for word in text.split() if word[0].isalpha())


@lru_cache(maxsize=4096)
def _is_hook(known: Lexicon, names: str) -> bool:
    return known.hook_pieces.search(names) is not None or not known.hook_names.isdisjoint(names.split())


def _wordings(table: dict[str, list[str]]) -> list[str]:
    return [wording for group in table.values() for wording in group]


def _counted(table: dict[str, list[str]], word: str, *, alone: str = "") -> str:
    """A figure beside a word: `2 comments`, `Kommentare (12)`; after the figure of the latter stands `alone`."""
    before, counter, after = (trie_of(map(fold, table[name])) for name in ("before", "counters", "after"))
    return rf"{before}?\d[\d.,]*k?\s?{counter}?\s?{word}|{word}\s?[(:\[/|·•–-]?\s?\d[\d.,]*k?{after}?{alone}"


def _asking_for(*, sign_ups: Iterable[str], letters: Iterable[str]) -> re.Pattern[str]:
    """How a line opens that asks to sign up for a newsletter: `Sign up below for our newsletter`, `Newsletter abonnieren`."""
    asks, letter = whole(sign_ups), trie_of(letters)
    return re.compile(rf"{asks}.*?{letter}|{letter}\S{{0,8}}?\s?{asks}")


_added: dict[str, tuple[str, ...]] = {}


def extend_lexicon(*, markers: Iterable[str] = (), closings: Iterable[str] = (), hooks: Iterable[str] = ()) -> None:
    """Add wordings of one's own to those that ship with the package, for this process; a second call replaces the first.

    All are read at once, which takes a quarter of a second: who forks calls it before, and no child has to.

    Args:
        markers: headings that introduce other articles, whole: `More on that harbour`.
        closings: lines that lead from an entry to its article, whole: `Tap to open`.
        hooks: classes and ids of elements that hold other articles, whole: `acme-reco`.
    """
    _added.update(markers=tuple(markers), closings=tuple(closings), hooks=tuple(hook.lower() for hook in hooks))
    _READ[:] = [_read()]


_READ: Final[list[Lexicon]] = []  # one, once it was asked for; a decorator that remembers would cost more than most questions


def lexicon() -> Lexicon:
    """The wordings that ship with the package and those that were added, read once."""
    if not _READ:
        _READ.append(_read())
    return _READ[0]


def _read() -> Lexicon:
    tables = tomllib.loads(files("worker.article").joinpath("markers.toml").read_text(encoding="utf-8"))
    markers = [*_wordings(tables["markers"]), *_added.get("markers", ())]
    closings = [*_wordings(tables["closings"]), *_added.get("closings", ())]
    popular = _wordings(tables["popular"])
    ages = [fold(age) for age in tables["ages"]["all"]]
    firsts = [fold(marker).partition(" ")[0] for marker in [*markers, *popular]]
    bylines, pictures, hooks = tables["bylines"], tables["credits"], tables["hooks"]
    imprints, foot, counts = tables["imprints"], tables["foot"], tables["counts"]
    syndicated = [said.split("…") for said in foot["syndicated"]]
    comments = rf"{trie_of(map(fold, counts['comments']))}[^\s\d(:\[]{{0,8}}"
    anything = rf"(?:{comments}|{whole(map(fold, [*counts['reads'], *counts['others']]))})"
    return Lexicon(
        markers=frozenset(map(fold, [*markers, *popular])),
        openings=frozenset(opening for first in firsts for opening in (first, fold(first))),
        behind_names=tuple(map(fold, _wordings(tables["behind_names"]))),
        behind_ends=frozenset(fold(marker)[-1] for marker in _wordings(tables["behind_names"])),
        popular=frozenset(map(fold, popular)),
        latest=frozenset(map(fold, tables["popular"]["latest"])),
        labels=frozenset(map(fold, tables["labels"]["all"])),
        stems=re.compile(trie_of(fold(stem) for stem in _wordings(tables["stems"]))),
        talk=Talk([*_wordings(tables["talk"]), *_wordings(tables["reader"])]),
        besides=Talk(_wordings(tables["besides"])),
        same=Talk(_wordings(tables["same"])),
        parts=Talk(_wordings(tables["parts"])),
        own=Talk(_wordings(tables["own"])),
        papers=Talk(_wordings(tables["papers"])),
        inviting=Invitations(tables["inviting"]),
        small_words=frozenset(_wordings(tables["seams"]["words"])),
        clause_ends=re.compile(trie_of(_wordings(tables["seams"]["ends"]))),
        word_ends=re.compile(
            rf"(?<=\s)(?:{trie_of(_wordings(tables['seams']['verbs']))}|\S{{1,8}}?{trie_of(_wordings(tables['seams']['verb_ends']))})"
        ),
        particles=re.compile(f"{trie_of(_wordings(tables['seams']['particles']))}$"),
        proclitics=tuple(_wordings(tables["seams"]["proclitics"])),
        title_ends=tuple(_wordings(tables["seams"]["nouns"])),
        sentence_openings=re.compile(trie_of(_wordings(tables["seams"]["openings"]))),
        dense_no_ends=tables["seams"]["dense"]["no_ends"],
        dense_openings=re.compile(trie_of(tables["seams"]["dense"]["openings"])),
        opening_verbs=re.compile(rf"{trie_of(_wordings(tables['seams']['opening_verbs']))}$"),
        closings=frozenset(fold(closing) for closing in closings) - {""},
        closing_prefixes=tuple(fold(prefix) + " " for prefix in _wordings(tables["closing_prefixes"])),
        closing_openings=frozenset(fold(prefix)[:_OPENING] for prefix in _wordings(tables["closing_prefixes"])),
        advertisements=frozenset(map(fold, tables["advertisements"]["all"])),
        sponsors=tuple(map(fold, tables["advertisements"]["prefixes"])),
        sources=re.compile(rf"(?:{any_of(tables['sources']['all'])})\s?[:：]\s*", re.IGNORECASE),
        categories=re.compile(trie_of(fold(category) for category in _wordings(tables["categories"]))),
        homes=re.compile(whole(map(fold, _wordings(tables["homes"])))),
        byline=re.compile(rf"^(?:{any_of(bylines['by'])})\s*[:：]?\s+", re.IGNORECASE),
        byline_openings=frozenset(wording[:2].lower() for wording in bylines["by"]),
        byline_glued=re.compile(rf"^(?:{any_of(bylines['by_glued'])})\s+", re.IGNORECASE),
        conjunction=re.compile(rf"\s*[,、،;/]\s*|\s+(?:{any_of(bylines['and'])})\s+"),
        short_age=re.compile(rf"\d{{1,3}}\s?{trie_of(map(fold, tables['ages']['short']))}"),
        weekdays=frozenset(map(fold, tables["ages"]["weekdays"])),
        credit=re.compile(
            rf"\W*(?:(?:{any_of(pictures['words'])})\w*\s*[:：=/©(]|(?:{any_of(pictures['abbreviations'])})\.\s)", re.IGNORECASE
        ),
        imprint=re.compile(rf"\W*(?:{_SIGN}|{whole([*imprints['words'], *imprints['rights']])})", re.IGNORECASE),
        rights=re.compile(rf"{_SIGN}|copyright\W+\d{{4}}|{whole(imprints['rights'])}", re.IGNORECASE),
        reserved=re.compile(whole(imprints["rights"]), re.IGNORECASE),
        invitations=re.compile(
            trie_of(
                map(
                    fold,
                    [*foot["newsletters"], *foot["summaries"], *foot["shares"], *foot["errors"], *foot["apps"], *foot["cookies"]],
                )
            )
        ),
        subscribes=_asking_for(sign_ups=map(fold, foot["sign_ups"]), letters=map(fold, foot["letters"])),
        sign_ups=re.compile(whole(map(fold, foot["sign_ups"]))),
        letters=re.compile(trie_of(map(fold, foot["letters"]))),
        follows=re.compile(rf"{whole(map(fold, foot['follows']))}.*?{trie_of(map(fold, foot['networks']))}"),
        channels=re.compile(rf"(?:^|(?<=\W)){whole(map(fold, foot['channels']))}"),
        networks=re.compile(trie_of(map(fold, foot["networks"]))),
        follows_last=tuple(map(fold, foot["follows_last"])),
        alls=re.compile(whole(map(fold, foot["alls"]))),
        tags=frozenset(map(fold, foot["tags"])),
        fields=frozenset(map(fold, foot["fields"])),
        links=frozenset(map(fold, foot["links"])),
        link_openings=frozenset(fold(link).partition(" ")[0] for link in foot["links"]),
        persons=frozenset(map(fold, foot["persons"])),
        signed=frozenset(map(fold, foot["signed"])),
        ends=frozenset(map(fold, foot["ends"])),
        apps=re.compile(trie_of(map(fold, foot["apps_last"]))),
        pages=re.compile(rf"{trie_of(map(fold, foot['pages']))}\s?[:：]?\s*1\s+2\b(?:\s+\d+)*(?:\s+[^\W\d_]+){{0,3}}"),
        syndicated=re.compile("|".join(rf"{fold(before)}\b.+\b{fold(behind)} .{{2,60}}$" for before, behind in syndicated)),
        syndicated_openings=tuple(fold(before) for before, _ in syndicated),
        readers=frozenset(map(fold, [*foot["readers"], *counts["reads"]])),
        stamps=re.compile(trie_of(map(fold, tables["stamps"]["all"]))),
        reading=re.compile(rf"(?<![^\W\d_]){trie_of(map(fold, tables['reading']['words']))}"),
        minutes=re.compile(rf"(?<!\d)\d{{1,2}}[\s-]?{trie_of(map(fold, tables['reading']['minutes']))}"),
        buttons=frozenset(map(fold, tables["buttons"]["all"])),
        joined_buttons=frozenset(fold(button).replace(" ", "") for button in tables["buttons"]["all"]),
        price=re.compile(rf"{_CURRENCY}\s?\d|\d\s?(?:{_CURRENCY}|{trie_of(_wordings(tables['currencies']))}(?!\w))"),
        counted_comments=re.compile(_counted(counts, comments)),
        counted=re.compile(_counted(counts, anything, alone="$")),
        tallies=re.compile(trie_of(counts["tallies"])),
        comment_names=frozenset(tables["comments"]["names"]),
        comment_headings=frozenset(tables["comments"]["headings"]),
        comment_pieces=tuple(tables["comments"]["pieces"]),
        list_paths=re.compile(rf"/{trie_of(tables['lists']['paths'])}(?:[/?]|\Z)"),
        ages=re.compile(rf"(?<![^\W\d_]){trie_of(ages)}(?!\w)|{trie_of(age for age in ages if DENSE.search(age))}"),
        hook_names=frozenset([*hooks["names"], *_added.get("hooks", ())]),
        hook_pieces=re.compile(trie_of(hooks["pieces"])),
        camel=frozenset(tables["names"]["camel"]),
        name_prefixes=frozenset(tables["names"]["prefixes"]),
        not_places=frozenset(map(fold, tables["names"]["not_places"])),
    )


ENOUGH: Final = 1.0 - 1e-6  # 0.6 + 0.3 + 0.1 is less than 1 to a computer


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
