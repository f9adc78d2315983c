"""Paragraphs tidied: the headline, bylines, a dateline, category lines, promos in the text and what is said twice taken out.

They are the article's as a rule, so each is judged by itself and by what stands next to it; blocks are gone before.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from worker.article.evidence import lexicon
from worker.article.related_items import item, unique
from worker.article.related_lead import breadcrumb_section, byline_names, category_section, drop_repeats, lift_lead
from worker.article.related_promos import MAX_TITLE, find_pointer, find_promo, repeated_phrases
from worker.article.related_shapes import is_prose
from worker.article.wording import ends_hard, ends_sentence, fold, weight
from worker.records import Cut, SimilarItem

_MAX_ANNOUNCED = 230  # characters of a promo that no known wording opens
_ANNOUNCED = re.compile(r"^(?P<head>[^\W\d_][^:：.!?]{3,44}?)\s?[:：]\s*(?P<title>\S.*)$")


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
    own = frozenset(map(fold, headlines)) - {""}
    phrases = repeated_phrases(paragraphs)
    kept: list[str] = []
    items: list[SimilarItem] = []
    authors: list[str] = []
    cuts: list[Cut] = []
    dateline = section = None
    for number, paragraph in enumerate(paragraphs):
        text = paragraph.strip()
        if number < 3 and fold(text) in own:
            cuts.append(Cut("title", text, ("the page's headline",)))
            continue
        found = category_section(text) or (breadcrumb_section(text) if number < 2 else None)
        if found:
            section = section or found
            cuts.append(Cut("category", text, ("two headings of one section",)))
            continue
        if len(kept) < 2 and (persons := byline_names(text)):
            authors.extend(person for person in persons if person not in authors)
            cuts.append(Cut("byline", text, ("byline word",)))
            continue
        if len(kept) < 3:
            text, persons, place, lead_cuts = lift_lead(text)
            authors.extend(person for person in persons if person not in authors)
            dateline = dateline or place
            cuts.extend(lead_cuts)
        text, promo = _without_promo(text, phrases)
        if text and promo is None and (pointed := _pointed(paragraphs, number)):
            text, promo = "", (item(pointed), Cut("promo", text, ("an arrow", "a title among prose")))
        if text and promo is None and (announced := _announced(paragraphs, number)):
            text, promo = "", (item(announced), Cut("promo", text, ("words that speak of articles", "a title among prose")))
        if promo:
            items.append(promo[0])
            cuts.append(promo[1])
        if text and lexicon().is_closing(text) and number:
            cuts.append(Cut("closing", text, ("closing line",)))
        elif text:
            kept.append(text)
    kept, repeats = drop_repeats(kept)
    return TextSplit(tuple(kept), unique(items), tuple(authors), dateline, section, (*cuts, *repeats))


def _pointed(paragraphs: Sequence[str], number: int) -> str | None:
    """The title of a lone line with an arrow after prose; several such lines together are a list of the article."""
    title = find_pointer(paragraphs[number].strip())
    if title is None or not number or not ends_hard(paragraphs[number - 1]):
        return None
    beside = (*paragraphs[number - 1 : number], *paragraphs[number + 1 : number + 2])
    return None if any(find_pointer(line.strip()) for line in beside) else title


def _announced(paragraphs: Sequence[str], number: int) -> str | None:
    """The title of a lone line among prose that words of no lexicon announce: `Worth your while, from our archive: TITLE`."""
    text = paragraphs[number].strip()
    if number == 0 or len(text) > _MAX_ANNOUNCED or ends_sentence(text):
        return None
    found = _ANNOUNCED.match(text)
    if found is None or not 18 <= weight(found["title"]) <= MAX_TITLE or found["title"][0].islower():
        return None
    if not all(map(is_prose, (*paragraphs[number - 1 : number], *paragraphs[number + 1 : number + 2]))):
        return None
    head = found["head"]
    talks = lexicon().talks(head)
    formula = talks > 1 or (talks and lexicon().hints_at_marker(head)) or (talks and _opens_with(head, paragraphs) > 1)
    return found["title"] if formula and not lexicon().lists_its_own(head) else None


def _opens_with(head: str, paragraphs: Sequence[str]) -> int:
    return sum(line.lstrip().startswith(head) for line in paragraphs)


def _without_promo(text: str, phrases: frozenset[str]) -> tuple[str, tuple[SimilarItem, Cut] | None]:
    """A paragraph without the promo that it is or ends with (`Read also: TITLE`), and the promo."""
    found = find_promo(text, phrases)
    if found is None:
        return text, None
    start, title = found
    known = "marker" if fold(text[start:].partition(":")[0]) not in phrases else "a phrase that comes again"
    return text[:start].rstrip(), (
        item(title),
        Cut("promo", text[start:], (known, "title follows")),
    )
