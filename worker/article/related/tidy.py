"""Paragraphs tidied: the headline, bylines, a dateline, category lines, promos in the text and what is said twice taken out.

They are the article's as a rule, so each is judged by itself and by what stands next to it; blocks are gone before.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from worker.article.evidence import lexicon
from worker.article.related.foot import asks_last, asks_to_join, invites, without_foot
from worker.article.related.head import head_of
from worker.article.related.items import item, marked_link, unique
from worker.article.related.kindred import kindred_promos
from worker.article.related.lead import breadcrumb_section, byline_names, category_section, drop_repeats, lift_byline, lift_lead
from worker.article.related.promos import BULLET, MAX_TITLE, find_pointer, find_promo, repeated_phrases
from worker.article.related.shapes import TROPHY, is_prose, leads_to_source, names_source
from worker.article.related.sources import ranks_source
from worker.article.wording import ends_hard, ends_sentence, fold, weight
from worker.records import Cut, SimilarItem

_LEAD: Final = 3  # paragraphs that may open with a byline and a dateline, or be the headline
_HEAD: Final = 2  # paragraphs that may be a byline or a trail of sections
_TAIL: Final = 2  # paragraphs at the end, where a category line of a block that is gone may stand
_MAX_FOLDING: Final = (
    3  # a text is at most so many times as long as its folded form; what is longer is no headline, and need not be folded
)
_MIN_INVITING, _MAX_INVITING = 40, 160  # characters of a line that invites amid the article; a shorter one may head advice
_MIN_HEADLINE, _MAX_TRAIL = 24, 60  # characters of a headline, and of the sections that stand before it in one line
_MIN_TITLE: Final = 18  # weight of a title that no known wording announces
_MAX_ANNOUNCED: Final = 230  # characters of a promo that no known wording opens
_MAX_HEAD: Final = 60  # characters in which the mark behind a label stands
_WHOLE: Final = re.compile(r"[.!?…。।]\s*[^.!?…。।:：]{2,40}[:：]\s*(?P<name>[^.!?…。।:：«‹]{2,40}?)\s*[»›→]$")
_MAX_TOLD, _MIN_TALKS = 300, 2  # characters of a line that tells so, and words in it that speak of articles
_EMBED: Final = re.compile(
    r"\[(?:gambas|embed|widget|polling|infogram) ?: ?[^\[\]]{2,40}\]", re.IGNORECASE
)  # `[Gambas:Video 20detik]`
_PARTED: Final = re.compile(r"[:：|►▶>»\]】）)]|\s[–—-]\s")
_ANNOUNCED: Final = re.compile(r"^(?P<head>[^\W\d_][^:：.!?|]{3,44}?)(?:\s?[:：]\s*|\s[|–—]\s)(?P<title>\S.*)$")


@dataclass(frozen=True, slots=True)
class TextSplit:
    """A text taken apart: the article's paragraphs, the entries of similar-news blocks, and what stood around them."""

    paragraphs: tuple[str, ...] = ()
    items: tuple[SimilarItem, ...] = ()
    authors: tuple[str, ...] = ()
    dateline: str | None = None
    section: str | None = None
    cuts: tuple[Cut, ...] = ()


def tidy_paragraphs(paragraphs: Sequence[str], *, headlines: Collection[str] = ()) -> TextSplit:
    """Clean paragraphs that were already extracted: headline, bylines, dateline, category line, inline promos, repeats."""
    tidying = _Tidying(paragraphs, headlines)
    for number in range(len(paragraphs)):
        tidying.take(number)
    above = without_foot(tidying.kept)
    feet = [Cut("foot", text, ("at the foot of the page",)) for text in tidying.kept[len(above) :]]
    kept, repeats = drop_repeats(above)
    return TextSplit(
        paragraphs=tuple(kept),
        items=unique(tidying.items),
        authors=tuple(dict.fromkeys(tidying.authors)),
        dateline=tidying.dateline,
        section=tidying.section,
        cuts=(*tidying.cuts, *feet, *repeats),
    )


class _Tidying:
    """Paragraphs, taken one by one in their order, and what came of those before."""

    def __init__(self, paragraphs: Sequence[str], headlines: Collection[str]) -> None:
        self._paragraphs = [paragraph.strip() for paragraph in paragraphs]
        self._own = frozenset(map(fold, headlines)) - {""}
        self._longest_own = _MAX_FOLDING * max(map(len, self._own), default=0)
        self._phrases = repeated_phrases(paragraphs)
        self._kindred = kindred_promos(self._paragraphs)
        self._head = head_of(self._paragraphs)
        self.kept: list[str] = []
        self.items: list[SimilarItem] = []
        self.authors: list[str] = []
        self.cuts: list[Cut] = []
        self.dateline: str | None = None
        self.section: str | None = None

    def take(self, number: int) -> None:
        """Keep what is the article's of a paragraph."""
        text = self._paragraphs[number]
        if self._is_furniture(number, text):
            return
        if len(self.kept) < _LEAD:
            text = self._without_lead(number, text)
        text = self._without_promo(number, text)
        if number and self._leads_to_its_source(number, text):
            self.cuts.append(Cut("closing", text, ("where the article is from",)))
        elif text and number and lexicon().is_closing(text):
            self.cuts.append(Cut("closing", text, ("closing line",)))
        elif text:
            self.kept.append(text)

    def _leads_to_its_source(self, number: int, text: str) -> bool:
        """Whether a name with an arrow leads to where an aggregator has the article from: `Evening Post »` behind `Read more:`."""
        leading, colon, name = text.partition(": ")
        if colon and lexicon().is_closing(leading) and leads_to_source(name):
            return True
        above = self._paragraphs[number - 1]
        return leads_to_source(text) and (lexicon().is_closing(above) or lexicon().is_marker(above))

    def _is_furniture(self, number: int, text: str) -> bool:
        """Whether a paragraph is the headline, an advertisement's label, a category line or a byline, and note what it says."""
        if number < _LEAD and len(text) <= self._longest_own and fold(text) in self._own:
            self.cuts.append(Cut("title", text, ("the page's headline",)))
            return True
        if not number and _tells_of_the_whole(text):
            self.cuts.append(Cut("source", text, ("the article is told in short", "where all of it is")))
            return True
        if TROPHY in text and ranks_source(text):
            self.cuts.append(Cut("source", text, ("the rank of a source",)))
            return True
        if _EMBED.fullmatch(text):
            self.cuts.append(Cut("embed", text, ("a name in square brackets for what a script would show",)))
            return True
        if lexicon().is_advertisement(text):
            self.cuts.append(Cut("advertisement", text, ("its label alone",)))
            return True
        if number and _MIN_INVITING <= len(text) <= _MAX_INVITING and invites(text) and (not ends_hard(text) or asks_last(text)):
            self.cuts.append(Cut("invitation", text, ("asks to have a newsletter sent, or to share the article",)))
            return True
        if number and asks_to_join(text) and not BULLET.match(text) and self._is_beside_prose(number):
            self.cuts.append(Cut("invitation", text, ("asks to join a channel",)))
            return True
        amid = _HEAD <= number < len(self._paragraphs) - _TAIL
        section = category_section(text, known_only=amid) or (self._trail(number, text) if number < _HEAD else None)
        if section:
            self.section = self.section or section
            self.cuts.append(Cut("category", text, ("two headings of one section",)))
            return True
        if number < _HEAD and (trail := self._above_headline(number, text)):
            self.section = self.section or breadcrumb_section(trail)
            self.cuts.append(Cut("category", text, ("sections before the headline",)))
            return True
        persons = byline_names(text) if len(self.kept) < _HEAD or number in self._head else ()
        if persons:
            self.authors.extend(persons)
            self.cuts.append(Cut("byline", text, ("byline word",)))
        elif number in self._head:
            self.cuts.append(Cut("head", text, ("when it came out, how long it takes to read, or a button",)))
            return True
        return bool(persons)

    def _is_beside_prose(self, number: int) -> bool:
        """Whether a paragraph stands right above or below one of prose, as an entry of a list seldom does."""
        return any(map(is_prose, (self._paragraphs[number - 1], *self._paragraphs[number + 1 : number + 2])))

    def _trail(self, number: int, text: str) -> str | None:
        """The section that a trail names, of which the headline, or its beginning, may be the last."""
        if section := breadcrumb_section(text):
            return section
        above, parting, last = text.rpartition(" » ") if " » " in text else text.rpartition(" > ")
        if not parting or not any(line.startswith(last) for line in self._paragraphs[number + 1 : number + 1 + _HEAD]):
            return None
        return breadcrumb_section(above)

    def _above_headline(self, number: int, text: str) -> str:
        """What stands before the headline in a line that ends with it, and is a trail of sections, run into it or not."""
        below = self._paragraphs[number + 1 : number + 1 + _HEAD]
        ends = (line for line in below if _MIN_HEADLINE <= len(line) < len(text) and text.endswith(line) and not is_prose(line))
        headline = next(ends, "")
        trail = text[: -len(headline)].strip() if headline else ""
        return trail if len(trail) <= _MAX_TRAIL and not ends_sentence(trail) else ""

    def _without_lead(self, number: int, text: str) -> str:
        whole = text
        text, persons = lift_byline(text, self._paragraphs[number + 1 : number + 1 + _LEAD])
        if persons:
            self.authors.extend(persons)
            self.cuts.append(Cut("byline", whole[: -len(text)].strip(), ("byline word", "the text begins again below")))
        text, persons, place, cuts = lift_lead(text)
        self.authors.extend(persons)
        self.dateline = self.dateline or place
        self.cuts.extend(cuts)
        return text

    def _announced(self, number: int) -> str | None:
        """The title of a lone line among prose that words of no lexicon announce: `Worth your while, from our archive: TITLE`."""
        found = _announced(self._paragraphs, number)
        if found is None:
            return None
        head = found["head"]
        talks = lexicon().talks(head)
        formula = talks > 1 or (talks == 1 and lexicon().hints_at_marker(head))
        return found["title"] if formula and not lexicon().lists_its_own(head) else None

    def _without_promo(self, number: int, text: str) -> str:
        """A paragraph without the promo that it is or ends with."""
        if (found := find_promo(text, self._phrases)) and (number or not _may_be_headline(text)):
            start, title = found
            known = "marker" if fold(text[start:].partition(":")[0]) not in self._phrases else "a phrase that comes again"
            signs = (known, "title follows")
        elif (kindred := self._kindred.get(number)) and text == self._paragraphs[number]:
            start, title, signs = (*kindred, ("a label set apart", "title follows"))
        elif pointed := _pointed(self._paragraphs, number):
            start, title, signs = 0, pointed, ("an arrow", "a title among prose")
        elif announced := self._announced(number):
            start, title, signs = 0, announced, ("words that speak of articles", "a title among prose")
        else:
            return text
        leads_on = text[-1:] in "»›→" and names_source(title.rstrip(" »›→"))  # to where the article is from
        if title and not leads_on:
            self.items.append(item(title))
        self.cuts.append(Cut("promo", text[start:], signs))
        return text[:start].rstrip()


def _tells_of_the_whole(text: str) -> bool:
    """Whether a line says that an article is told in short, and at its end who has all of it: `... Full text: Evening Post »`."""
    found = _WHOLE.search(text) if len(text) <= _MAX_TOLD else None
    return found is not None and names_source(found["name"]) and lexicon().talks(text) >= _MIN_TALKS


def _may_be_headline(text: str) -> bool:
    """Whether a page's first line opens as a promo without a mark behind the label, and with no capital: `相似新聞與疲憊的讀者`."""
    return _PARTED.search(text, 0, _MAX_HEAD) is None and marked_link(text) is None and text.upper() == text.lower()


def _pointed(paragraphs: Sequence[str], number: int) -> str | None:
    """The title of a lone line with an arrow after prose; several such lines together are a list of the article."""
    title = find_pointer(paragraphs[number])
    if title is None or not number or not ends_hard(paragraphs[number - 1]):
        return None
    beside = (*paragraphs[number - 1 : number], *paragraphs[number + 1 : number + 2])
    return None if any(map(find_pointer, beside)) else title


def _announced(paragraphs: Sequence[str], number: int) -> re.Match[str] | None:
    """A lone line among prose taken apart into words and, behind a colon, what may be a title."""
    text = paragraphs[number]
    if number == 0 or len(text) > _MAX_ANNOUNCED or ends_sentence(text):
        return None
    found = _ANNOUNCED.match(text)
    if found is None or not _MIN_TITLE <= weight(found["title"]) <= MAX_TITLE or found["title"][0].islower():
        return None
    amid = all(map(is_prose, (*paragraphs[number - 1 : number], *paragraphs[number + 1 : number + 2])))
    return found if amid else None
