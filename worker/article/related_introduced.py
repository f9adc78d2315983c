"""Blocks in plain text after a heading that no lexicon knows: a few words among sentences, with titles below them.

An article sets its own lists the same way.  What the heading says, what titles are like and what the page tells are weighed against
each other.
"""

from __future__ import annotations

from collections.abc import Sequence

from worker.article.ages import is_age
from worker.article.evidence import Evidence, lexicon
from worker.article.related_entries import read_entries, shape_of
from worker.article.related_items import item
from worker.article.related_lines import PlainPage
from worker.article.related_promos import MAX_TITLE, find_promo
from worker.article.related_rhythm import SHORT
from worker.article.related_shapes import (
    ALIKE,
    ASKS,
    are_headlines,
    enclosed_entry,
    is_prose,
    set_like_headlines,
)
from worker.article.wording import (
    OPENING_QUOTES,
    ends_sentence,
    fold,
    is_numbered,
    is_truncated,
    kinship,
    overlap,
    stems_of,
    weight,
    words,
)
from worker.records import SimilarItem


def cut_introduced(page: PlainPage) -> None:
    """Cut a few words and the titles below them that stand together among sentences, where enough speaks for it."""
    if sum(map(is_prose, page.lines[:500])) < 2:
        return
    at = 0
    while at < len(page.lines) - 2:
        if _may_open(page, at):
            entries, end = read_entries(page, at + 1)
            evidence = _weigh_introduced(page, at, end, entries)
            if evidence.enough:
                promo = find_promo(page.lines[at])
                page.cut(at, end, [item(promo[1]), *entries] if promo else entries, evidence)
                at = end
        at += 1


def _may_open(page: PlainPage, at: int) -> bool:
    """Whether a block that no lexicon knows can begin here: a short line after a sentence, or before the first."""
    line = page.lines[at]
    if page.is_gone(at) or weight(line) > MAX_TITLE or shape_of(page, at + 1) not in "TMG":
        return False
    if at and not page.is_gone(at - 1) and not is_prose(page.lines[at - 1]) and any(map(is_prose, page.lines[:at])):
        return False
    talks = lexicon().talks(line)
    if is_prose(line) or is_truncated(line):
        return talks >= 3 and line[0] not in OPENING_QUOTES
    return shape_of(page, at) == "T" if weight(line) <= SHORT or (talks and weight(line) <= 2 * SHORT) else talks >= 2


def _weigh_introduced(page: PlainPage, start: int, end: int, entries: Sequence[SimilarItem]) -> Evidence:
    evidence = Evidence()
    heading, titles = page.lines[start], [entry.title for entry in entries]
    snippets = [entry.snippet for entry in entries if entry.snippet]
    alone = len(titles) == 1 and not snippets and not ends_sentence(heading) and not is_numbered(titles[0])
    if len(titles) < 2 and not (alone and lexicon().talks(heading) >= 2):
        evidence.add("no entries", -1.0)
        return evidence
    around = page.around(start, end)
    said = overlap(heading, frozenset(word for line in around for word in words(line)))
    talks = lexicon().talks(heading)
    if talks < 2 and lexicon().lists_its_own(heading):
        evidence.add("heading of a list of the article", -0.6)
    if talks >= 2 or lexicon().hints_at_marker(heading):
        evidence.add("heading speaks of other articles", 0.6)
    elif talks:
        evidence.add("heading may speak of articles", 0.2 if said else 0.4)
    else:
        cut_short = bool(snippets) and all(map(is_truncated, snippets))
        evidence.add_if(bool(snippets) and not cut_short, "titles and sentences take turns, as in a list", -0.6)
        evidence.add_if(not any(map(is_prose, page.lines[:start])), "before the article", -0.2)
    if are_headlines(titles, heading):
        evidence.add("titles", 0.4)
        evidence.add_if(len(titles) >= 4, "many of them", 0.1)
    if len(snippets) == len(titles):
        evidence.add("each with a snippet", 0.2)
        evidence.add_if(len(titles) >= 3, "in rhythm", 0.1)
    glued = sum(shape_of(page, at) == "G" for at in range(start + 1, end))
    evidence.add_if(glued >= 2 and 2 * glued >= len(titles), "titles run into snippets", 0.3)
    evidence.add_if(any(map(is_truncated, snippets)), "cut short", 0.4)
    evidence.add_if(page.closes(end), "at the end", 0.3)
    named = enclosed_entry(page.lines[start + 1]) is None or talks > 0  # in brackets, a name may be an author's
    sourced = sum(entry.published_at is not None or (named and entry.source is not None) for entry in entries)
    evidence.add_if(sourced >= 2, "source and age", 0.6)
    evidence.add_if(said >= 0.5 and talks < 2, "heading of the article's words", -0.5)
    evidence.add_if(said == 0, "heading of other words", 0.2)
    stems = stems_of(around)
    shared = sum(kinship(title, stems) >= 0.2 for title in titles) * 2 >= len(titles)
    evidence.add_if(shared, "words of the article", 0.3)
    evidence.add_if(talks > 1 and said >= 0.3 and not shared and not snippets, "readers and writers of the article", -0.5)
    elsewhere = talks < 2 and not shared and not lexicon().hints_at_marker(heading)
    evidence.add_if(elsewhere and (bool(snippets) or said > 0), "on something else", -0.4)
    if not talks and not lexicon().hints_at_marker(heading) and not lexicon().says_more(heading):
        evidence.add("heading says nothing of articles", -0.3)
        evidence.add_if(shared and set_like_headlines(titles), "set like headlines", 0.3)
    _weigh_against(page, evidence, start, end, entries)
    return evidence


def _weigh_against(page: PlainPage, evidence: Evidence, start: int, end: int, entries: Sequence[SimilarItem]) -> None:
    """Add what speaks for a list of the article: figures, numbers, questions with answers, its own headings, its size."""
    heading, titles = page.lines[start], [entry.title for entry in entries]
    half = len(titles) / 2
    evidence.add_if(sum(any(char.isdigit() for char in title) for title in titles) > half, "figures", -0.3)
    evidence.add_if(sum(is_age(title) for title in titles) > 0, "dates", -0.6)
    evidence.add_if(start > 0 and page.lines[start - 1].rstrip().endswith((":", "：")), "a list of the article", -0.7)
    evidence.add_if(any(map(is_numbered, page.lines[start + 1 : end])) and not lexicon().talks(heading), "numbered", -0.7)
    asked = sum(title.rstrip().endswith(ASKS) for title in titles)
    evidence.add_if(asked > half and any(entry.snippet for entry in entries), "questions and answers", -1.2)
    alike = any(all(line.count(mark) == 1 for line in (heading, *titles)) for mark in ALIKE)
    alike = alike or (len(titles) >= 3 and any(all(title.count(mark) == 1 for title in titles) for mark in ALIKE))
    evidence.add_if(alike and not any(entry.snippet for entry in entries), "built alike", -0.5)
    evidence.add_if(sum(weight(title) < 14 for title in titles) > half, "names, not titles", -0.5)
    block = sum(map(weight, page.lines[start:end]))
    evidence.add_if(2 * block > sum(map(weight, page.lines)), "most of the page", -0.6)
    own = {fold(line) for at, line in enumerate(page.lines) if not start <= at < end and _heads_prose(page.lines, at)}
    evidence.add_if(any(fold(title) in own for title in titles), "contents of the article", -1.0)


def _heads_prose(lines: Sequence[str], at: int) -> bool:
    return weight(lines[at]) <= MAX_TITLE and at + 1 < len(lines) and is_prose(lines[at + 1])
