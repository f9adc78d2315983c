"""An entry as a tree shows it: pieces of text in a card, told apart into title, snippet, source and age."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from worker.article.ages import source_and_age
from worker.article.counts import is_count
from worker.article.evidence import lexicon
from worker.article.outline import BREAK, Node
from worker.article.related.items import bare_age, item
from worker.article.related.lead import byline_names
from worker.article.related.nodes import HEADINGS
from worker.article.related.promos import BULLET
from worker.article.related.shapes import ARROWS, is_sign
from worker.article.wording import ends_hard, ends_sentence, fold, is_truncated, on_one_line, weight
from worker.records import SimilarItem

_INLINE: Final = frozenset({"em", "strong", "b", "i", "mark", "u", "sup", "sub", "q", "abbr", "cite", "wbr"})
_STRONG: Final = frozenset({"strong", "b"})
_LINE: Final = frozenset({"p", "div", "span", "footer", "small"})
_WORDLESS: Final = frozenset({"hr", "img"})
_MAYBE_INLINE: Final = _INLINE | {"span", "a", "font", "small", "label", "bdi"}
_MAX_WORDS: Final = 4  # runs beside an element's children: more than dates
_MAX_SOURCE: Final = 45  # weight
_MIN_SAID: Final = 6  # words
_MIN_CASELESS: Final = 5  # words, in a script without capitals
_MIN_LINKED: Final = 12  # weight of a linked title beside other linked words
_MIN_SPACES: Final = 2  # in a title that stands below a kicker of a word or two
_CLOCK: Final = re.compile(r"\d{1,2}:\d{2}")  # the length of a video as well
_LETTER: Final = re.compile(r"\w")
_COLONS: Final = frozenset({":", "："})
_SEPARATORS: Final = " \t\n\u00a0·•|∙・–—-:,/"


# What the class of an element says of its text, as bits of a number.
_TITLE: Final = 1
_SNIPPET: Final = 2
_SOURCE: Final = 4
_KICKER: Final = 8
_FILED: Final = 16
_MAX_CLASSES: Final = 2000  # characters: more are there to fill memory
_ROLES: Final = {
    _TITLE: re.compile(r"title|headline|ttl|heading|hed\b|[-_]head\b|titre|titulo|titolo|titel"),
    _SNIPPET: re.compile(r"excerpt|desc|summary|snippet|teaser|dek|intro|lead|abstract|standfirst|text|chapo|body"),
    _SOURCE: re.compile(r"source|src|brand|publisher|provider|site|outlet|author|byline|media"),
    _KICKER: re.compile(
        r"kicker|eyebrow|overline|roofline|rubri|category|section|topic|label|tag\b|dach\b|dachzeile|surtitre|occhiello|antetitulo"
    ),
    _FILED: re.compile("context"),
}


def _roles_of(classes: str) -> int:
    """What classes, in small letters, say of a text."""
    return _known_roles(classes) if len(classes) <= _MAX_CLASSES else 0


@lru_cache(maxsize=4096)
def _known_roles(classes: str) -> int:
    return sum(role for role, wording in _ROLES.items() if wording.search(classes))


class Piece:
    """A run of text in a card, and the elements that hold it, the card first."""

    def __init__(self, text: str, held: tuple[Node, ...]) -> None:
        self.text = text
        self.held = held
        self.tags = {node.tag for node in held}
        self._roles: int | None = None
        self._noted: bool | None = None

    @property
    def roles(self) -> int:
        """What the last class of the element right around it says of it."""
        if self._roles is None:
            self._roles = _roles_of(self.held[-1].classes.rpartition(" ")[2])
        return self._roles

    @property
    def is_noted(self) -> bool:
        """Whether it says who wrote the entry, how many read or commented on it, or where a plugin found it filed: `In "News"`."""
        if self._noted is None:
            self._noted = self.roles & _FILED != 0 or is_count(self.text) or byline_names(self.text) != ()
        return self._noted

    @property
    def is_headed(self) -> bool:
        """Whether a heading holds it."""
        return not HEADINGS.isdisjoint(self.tags)

    @property
    def moment(self) -> str | None:
        """The `datetime` of the time element that holds it."""
        if "time" not in self.tags:
            return None
        return next(node.get("datetime") for node in self.held if node.tag == "time")


def pieces(card: Node, lead_on: str = "") -> list[Piece]:
    """The runs of text in a card, in order; inline tags do not part a run, structure does, and so does a link that leads on."""
    reader = _Reader(card, lead_on)
    reader.read()
    return reader.found


class _Reader:
    """A card while it is read: what is open, and what was said since something parted the text."""

    def __init__(self, card: Node, lead_on: str) -> None:
        self.found: list[Piece] = []
        self._card = card
        self._lead_on = lead_on
        self._at = card.first  # the next run
        self._said: list[str] = []
        self._colon = ""  # that stood alone between the last piece and the next
        self._held = [card]  # open elements that part the text
        self._words: dict[Node, list[str]] = {}  # of elements asked about: the first that stand in them beside their children

    def read(self) -> None:
        inside = [self._card]  # open elements
        for node in self._card.below():
            while inside[-1].end <= node.at:
                self._leave(inside.pop())
            if self._at < node.first:
                self._say(node.first)
            if node.tag in _WORDLESS:
                self._part()
                continue
            if self._parts(node):
                self._part()
                self._held.append(node)
            inside.append(node)
        while inside:
            self._leave(inside.pop())

    def _leave(self, node: Node) -> None:
        if self._at < node.last:
            self._say(node.last)
        if node is self._held[-1]:
            self._part()
            self._held.pop()

    def _parts(self, node: Node) -> bool:
        """Whether an element parts the text around it; a span in the midst of words does not."""
        if node.parent is None or node.tag not in _MAYBE_INLINE:
            return True
        words = self._words_beside(node.parent)
        if node.tag in _INLINE:
            return node.tag in _STRONG and not words and len(list(node.parent.inner())) > 1
        return not words or (node.tag == "a" and (self._leads_on(node.text) or all(map(bare_age, words))))

    def _leads_on(self, text: str) -> bool:
        return (text == self._lead_on and text != "") or lexicon().is_closing(text)

    def _words_beside(self, element: Node) -> list[str]:
        known = self._words.get(element)
        if known is None:
            known = self._words[element] = _own_words(element)
        return known

    def _say(self, until: int) -> None:
        for run in self._card.page.runs[self._at : until]:
            if run.isspace():
                if run == BREAK:
                    self._part()
                elif self._said:
                    self._said.append(run)
            elif run:
                self._said.append(run)
        self._at = until

    def _part(self) -> None:
        if self._said:
            said = on_one_line("".join(self._said))
            text = said.strip(_SEPARATORS)
            if text and (text[0].isalnum() or _LETTER.search(text)):
                self._find(text)
            elif said in _COLONS:
                self._colon = said
            self._said.clear()

    def _find(self, text: str) -> None:
        held = tuple(self._held)
        if self._colon and self.found and self._is_kicker_beside(held):
            text = f"{self.found.pop().text}{self._colon} {text}"
        self._colon = ""
        self.found.append(Piece(text, held))

    def _is_kicker_beside(self, held: tuple[Node, ...]) -> bool:
        """Whether a colon joins the last piece to the next: `<a><span>Night trains</span>: <span>Who has beds?</span></a>`."""
        last = self.found[-1]
        return last.held[:-1] == held[:-1] and "a" in last.tags and not lexicon().is_marker(last.text)


def _own_words(element: Node) -> list[str]:
    """The first runs of words that stand in the element itself, beside its children."""
    return [run for run in element.own_runs() if not run.isspace() and _LETTER.search(run)][:_MAX_WORDS]


def read_card(card: Node, url: str | None, *, lead_on: str = "") -> SimilarItem | None:
    """The entry that a card shows, or None if nothing in it is a title; `lead_on` are words of links that are no part of it."""
    runs = [run for run in pieces(card, lead_on) if run.text != lead_on and not is_sign(run.text)]
    title = _title(runs)
    if title is None:
        return None
    source = age = snippet = None
    above, titled = True, fold(title.text)
    for at, run in enumerate(runs):
        following = runs[at + 1] if at + 1 < len(runs) else None
        if run is title:
            above = False
        elif _folds_to(run.text, titled) and "p" not in run.tags:
            continue
        elif (moment := run.moment) or (said := bare_age(run.text)):
            age = moment or said if age is None or _CLOCK.fullmatch(age) else age
        elif "time" in run.tags:
            continue
        elif (meta := source_and_age(run.text)) is not None:
            source, age = source or meta[0], age or meta[1]
        elif (
            snippet is None
            and _is_snippet(run)
            and not (above and _names_subject(run))
            and not _signs_before_a_time(run, following)
        ):
            snippet = run.text
        elif source is None and _may_be_source(run) and (not above or _is_named_source(run, following)):
            source = run.text
    return item(BULLET.sub("", title.text), snippet, url=url, source=source, published_at=age)


def _folds_to(text: str, titled: str) -> bool:
    """Whether a text says what a folded title does: its first character tells as a rule that it does not."""
    first = fold(text[0])[:1]
    return first in ("", titled[:1]) and fold(text) == titled


def _title(runs: list[Piece]) -> Piece | None:
    """The first of the pieces that look most like a title and are no kicker."""
    titles: list[Piece] = []
    best = _NO_TITLE
    for run in runs:
        rank = _title_rank(run)
        if rank == _NO_TITLE or rank > best or bare_age(run.text) is not None:
            continue
        if rank < best:
            titles.clear()
        titles.append(run)
        best = rank
    if len(titles) > 1:
        named = [run for run in titles if any(_roles_of(node.classes) & _TITLE for node in run.held)]
        titles = named or [run for run in titles if best != _LINKED or weight(run.text) >= _MIN_LINKED] or titles
    while len(titles) > 1 and _is_kicker(titles[0], titles[1]):
        del titles[0]
    return titles[0] if titles else None


def _is_kicker(run: Piece, following: Piece) -> bool:
    """Whether a piece names the subject of the title after it: its class says so, or it has a word or two and the other more."""
    if run.roles & _KICKER and not run.roles & _TITLE:
        return True
    if run.text.count(" ") > 1 or following.text.count(" ") < _MIN_SPACES or weight(run.text) >= weight(following.text):
        return False
    goes_on = following.text[0].islower()  # a title in two parts
    return not (goes_on or ends_sentence(run.text) or _reads_as_snippet(following))


def _names_subject(run: Piece) -> bool:
    """Whether a piece above the title can be no snippet: it has a word or two, or the class of a kicker."""
    return run.text.count(" ") < _MIN_SPACES or (run.roles & _KICKER != 0 and not run.roles & _SNIPPET)


def _signs_before_a_time(run: Piece, following: Piece | None) -> bool:
    """Whether a piece is a name right before a `time` in its line: `<p><span>Evening Post</span><time>2 hours ago</time></p>`."""
    if following is None or "time" not in following.tags or ends_hard(run.text) or weight(run.text) > _MAX_SOURCE:
        return False
    return len(run.held) > 1 and run.held[-2] in following.held and run.held[-2].tag in _LINE


def _may_be_source(run: Piece) -> bool:
    """Whether a piece may name who published the entry: short, no figure, no length of reading, and no caption."""
    if weight(run.text) > _MAX_SOURCE or "figcaption" in run.tags or run.is_noted or ARROWS.search(run.text):
        return False
    return not run.text.isdigit() and not (run.text[0].isdigit() and lexicon().ages.search(fold(run.text)))


def _is_named_source(run: Piece, following: Piece | None) -> bool:
    """Whether a piece above the title, where as a rule its subject stands, is its source: by its class, or with an age after it."""
    return run.roles & _SOURCE != 0 or (following is not None and bare_age(following.text) is not None)


_LINKED: Final = 2  # rank of a piece: links alone are told apart further
_NO_TITLE: Final = 4


def _title_rank(run: Piece) -> int:
    """How much a piece looks like a title by what holds it, 0 the most."""
    linked = "a" in run.tags
    if run.is_headed:
        return 0 if linked else 1
    if linked:
        return _LINKED
    return 3 if weight(run.text) >= 8 else _NO_TITLE


def _is_snippet(run: Piece) -> bool:
    if run.roles & _SOURCE and weight(run.text) <= _MAX_SOURCE and not ends_hard(run.text):
        return False
    if run.is_headed or run.is_noted:
        return False
    return weight(run.text) > _MAX_SOURCE or _reads_as_snippet(run) or _is_no_name(run.text)


def _is_no_name(text: str) -> bool:
    """Whether a text has more words than a name, and no capital but its first, if its script has any."""
    words = text.split()
    if text.swapcase() == text:
        return len(words) >= _MIN_CASELESS
    return len(words) >= _MIN_SAID and text[0].isupper() and all(word[0].islower() for word in words[1:])


def _reads_as_snippet(run: Piece) -> bool:
    """Whether its end, its element or its class says so, however long it is."""
    if ends_hard(run.text) or is_truncated(run.text) or "p" in run.tags:
        return True
    return run.roles & _SNIPPET != 0
