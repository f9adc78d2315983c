"""Blocks in plain text after a heading that no lexicon knows: a few words among sentences, with titles below them.

An article sets its own lists the same way.  What the heading says, what titles are like and what the page tells are weighed against
each other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile
from statistics import median
from typing import Final

from worker.article.ages import is_date, may_be_where_and_when
from worker.article.evidence import Evidence, lexicon
from worker.article.invitations import SURE
from worker.article.moments import newest_first
from worker.article.related.entries import dated_entries, read_entries, shape_of
from worker.article.related.foot import is_furniture
from worker.article.related.headed import are_as_long_as_headlines, ends_with_name, stands_alone
from worker.article.related.items import item
from worker.article.related.lead import byline_names
from worker.article.related.lines import PlainPage
from worker.article.related.promos import MAX_TITLE, find_promo
from worker.article.related.rhythm import MAX_GAP, SHORT
from worker.article.related.shapes import (
    ALIKE,
    ASKS,
    STOPS,
    are_headlines,
    enclosed_entry,
    is_prose,
    names_source,
    set_like_headlines,
    share_a_mark,
)
from worker.article.wording import (
    ends_hard,
    ends_sentence,
    fold,
    is_numbered,
    is_quoted,
    is_truncated,
    kinship,
    overlap,
    stems_of,
    weight,
    words,
)
from worker.records import SimilarItem

_MAX_FURNITURE: Final = 4  # lines between an article and the heading of a block
_ANNOUNCES: Final = 30  # weight of a sentence that announces a list; a heading with a colon is shorter, or known
_SHORTER: Final = 0.7  # of the weight of a paragraph
_BESIDE_AUTHORS: Final = (", ", " (", "、", "،")
_CREDITED: Final = re.compile(r"\s(?:[/|]\s|[(（])")
_IN_QUOTED: Final = re.compile(r"(?P<said>[^«»„“”\"]{2,24}) [«»„“\"]\s?[^«»„“”\"]{2,24}\s?[»«“”\"]")
_SITE: Final = re.compile("(?<=[^/:])/.*")  # what follows the site in an address
_MAX_HEAD: Final = 4  # lines in which a headline has its author below
_MIN_BRIEFS: Final = 3  # titles with a sentence each that need not be on what the page is on
_MAX_STRANGE: Final = 4  # titles on something else; verses are more
_MIN_WHOLE: Final = 300  # weight of an article that is one line
_MAX_STEPS: Final = 60  # lines of a block that are looked at for the step in which they come again


def cut_introduced(page: PlainPage) -> None:
    """Cut a few words and the titles below them that stand together among sentences, where enough speaks for it."""
    if page.paragraphs(0, 500) < 2 and weight(page.lines[0] if page.lines else "") < _MIN_WHOLE:
        return
    at = 0
    while at < page.foot - 1:
        if _may_open(page, at):
            entries, end = _entries_below(page, at)
            evidence = _Candidate(page, at, end, entries).weigh()
            if evidence.enough:
                entries = [*_promo_within(page.lines[at], entries), *entries]
                page.cut(at, end, entries, evidence, header=_furniture_above(page, at))
                at = end
                continue
        at += 1


def _promo_within(heading: str, entries: Sequence[SimilarItem]) -> list[SimilarItem]:
    """The entry of a heading that is a promo itself; one that opens as a marker does and goes on for a word or two is none."""
    promo = find_promo(heading)
    if promo is None or 2 * weight(promo[1]) < min(weight(entry.title) for entry in entries):
        return []
    return [item(promo[1])]


def _may_open(page: PlainPage, at: int) -> bool:
    """Whether a block that no lexicon knows can begin here: a short line after a sentence, or before the first."""
    line = page.lines[at]
    if page.is_gone(at) or weight(line) > MAX_TITLE:
        return False
    following, talks = page.lines[at + 1], lexicon().talks(line)
    if shape_of(page, at + 1) not in "TMG" and not is_truncated(following):
        titled = weight(line) <= SHORT and not is_prose(line) and STOPS.search(following) is not None
        if not titled or not talks:
            return False
    if is_quoted(line):
        return False
    if (
        at
        and not _is_below_a_block(page, at)
        and _says_no_sentence(page, at - 1)
        and _says_no_sentence(page, at - 1 - _furniture_above(page, at))
    ):
        signed = names_source(page.lines[at - 1]) and is_prose(page.lines[at - 2])
        return signed and talks >= 2 and shape_of(page, at) == "T"
    if lexicon().names_popular(line):
        return True
    if is_prose(line) or is_truncated(line):
        return talks >= 3
    return shape_of(page, at) == "T" if weight(line) <= SHORT or (talks and weight(line) <= 2 * SHORT) else talks >= 2


def _says_no_sentence(page: PlainPage, at: int) -> bool:
    """Whether a line is there and is no paragraph, though one stands above it."""
    return not page.is_gone(at) and not is_prose(page.lines[at]) and page.paragraphs(0, at) > 0


def _is_below_a_block(page: PlainPage, at: int) -> bool:
    """Whether a block was cut above a line, with no paragraph and few lines between."""
    for above in range(at - 1, max(at - 1 - _MAX_FURNITURE, 0), -1):
        if page.is_gone(above):
            return True
        if is_prose(page.lines[above]):
            return False
    return False


def _furniture_above(page: PlainPage, at: int) -> int:
    """How many lines right above a heading are the page's: where to write to, whose it is."""
    first = at
    while first > 1 and at - first < _MAX_FURNITURE and not page.is_gone(first - 1) and _is_no_text(page.lines[first - 1]):
        first -= 1
    return at - first


def _is_no_text(line: str) -> bool:
    """Whether a line is the page's, or says what a picture shows and, at its end, who took it: `The weir (Photo: A. Mills)`."""
    return is_furniture(line) or any(lexicon().is_credit(line[mark.end() :]) for mark in _CREDITED.finditer(line))


def _entries_below(page: PlainPage, at: int) -> tuple[Sequence[SimilarItem], int]:
    """The entries below a heading, and the line after them.

    Where a heading comes again, only titles are below it, and the article goes on between them.
    """
    heading, (entries, end) = page.lines[at], read_entries(page, at + 1)
    if heading in page.lines[at + 1 : end]:
        titles = list(takewhile(lambda line: line != heading and not ends_hard(line), page.lines[at + 1 : end]))
        return [item(title) for title in titles], at + 1 + len(titles)
    return entries, end


class _Candidate:
    """A line that may introduce, the entries that were read below it, and what the words of the page say to both."""

    def __init__(self, page: PlainPage, start: int, end: int, entries: Sequence[SimilarItem]) -> None:
        self.page, self.start, self.end, self.entries = page, start, end, entries
        self.heading = page.lines[start]
        self.titles = [entry.title for entry in entries]
        self.snippets = [entry.snippet for entry in entries if entry.snippet]
        self.talks = lexicon().talks(self.heading)
        known = lexicon()
        self.hints = (known.hints_at_marker(self.heading) and not self._says_only_other()) or known.names_popular(self.heading)
        if not self.snippets:  # what such a label is above alone may be a title, and the article's next paragraph
            self.hints = self.hints or known.inviting.strength(self.heading.rstrip(":： ")) == SURE

    def _says_only_other(self) -> bool:
        """Whether all that hints at articles is a word for others or for more: so an article heads its further decisions."""
        known = lexicon()
        return not self.talks and any(known.besides.count(word) and known.hints_at_marker(word) for word in self.heading.split())

    def weigh(self) -> Evidence:
        evidence = Evidence()
        if not self._has_entries() or (self.snippets and _promo_within(self.heading, self.entries)):
            evidence.add("no entries", -1.0)
            return evidence
        around = [line for line in self.page.around(self.start, self.end) if line != self.heading]
        said = overlap(self.heading, frozenset(word for line in around for word in words(line)))
        self._weigh_heading(evidence, said)
        self._weigh_entries(evidence)
        self._weigh_words(evidence, said, stems_of(around))
        self._weigh_against(evidence)
        return evidence

    def _names_a_paper(self) -> bool:
        """Whether the heading ends with a name, in quotation marks behind a word for more or in capitals: `Ещё в «Вестнике»`."""
        more = _IN_QUOTED.fullmatch(self.heading)
        if more is not None:
            return lexicon().besides.count(more["said"]) > 0
        return ends_with_name(self.heading)

    def _has_entries(self) -> bool:
        """Whether there are two, or one below a heading that surely speaks of articles.

        Two lines below the page's first may be its headline's: what goes with it, and who wrote the article.
        """
        if len(self.titles) != 1:
            return len(self.titles) > (1 if self.start else 2)
        return self.talks >= 2 and not self.snippets and not ends_sentence(self.heading)

    def _weigh_heading(self, evidence: Evidence, said: float) -> None:
        if self.talks < 2 and lexicon().lists_its_own(self.heading):
            evidence.add("heading of a list of the article", -0.6)
        if self.talks >= 2 or self.hints:
            evidence.add("heading speaks of other articles", 0.6)
        elif self.talks:
            evidence.add("heading may speak of articles", 0.2 if said else 0.4)
        elif said == 0 and self._names_a_paper():
            evidence.add("heading names a paper", 0.4)
        else:
            listed = self.snippets != [] and not (self._is_glued() or self._is_brief())
            evidence.add_if(listed, "titles and sentences take turns, as in a list", -0.6)
            evidence.add_if(not self.page.paragraphs(0, self.start), "before the article", -0.2)

    def _weigh_entries(self, evidence: Evidence) -> None:
        page, count = self.page, len(self.titles)
        if are_headlines(self.titles, self.heading):
            evidence.add("titles", 0.4)
            evidence.add_if(count >= 4, "many of them", 0.1)
        if len(self.snippets) == count:
            evidence.add("each with a snippet", 0.2)
            evidence.add_if(count >= 3, "in rhythm", 0.1)
            evidence.add_if(self._is_an_aside(), "a sentence each, among paragraphs", 0.3)
        evidence.add_if(self._is_glued(), "titles run into snippets", 0.3)
        evidence.add_if(any(map(is_truncated, self.snippets)), "cut short", 0.4)
        evidence.add_if(page.closes(self.end), "at the end", 0.3)
        evidence.add_if(page.closes(self.end) and _is_below_a_block(page, self.start), "below another block", 0.3)
        first, *others = page.lines[self.start + 1 : self.end]
        # In brackets, a name may be an author's; behind the word Source, it may be where the figures of a chart are from.
        named = self.talks > 0 or (enclosed_entry(first) is None and not any(map(lexicon().sources.match, others)))
        sourced = sum(entry.published_at is not None or (named and entry.source is not None) for entry in self.entries)
        evidence.add_if(not named and self._names_papers(), "papers in brackets", 0.5)
        sites = {entry.url and _SITE.sub("", entry.url) for entry in self.entries}
        evidence.add_if(count > 1 and len(sites) == 1 and None not in sites, "links to one site", 0.2)
        evidence.add_if(sourced >= 2 and not self._names_authors() and not self._tells_what_came_when(), "source and age", 0.6)

    def _weigh_words(self, evidence: Evidence, said: float, stems: frozenset[str]) -> None:
        """Add what the heading and the titles share with the lines around: of `said`, how much of the heading those hold."""
        titles, snippets, talks = self.titles, self.snippets, self.talks
        evidence.add_if(said >= 0.5 and talks < 2, "heading of the article's words", -0.3 if self.hints else -0.5)
        evidence.add_if(said == 0, "heading of other words", 0.2)
        shared = 2 * sum(kinship(title, stems) >= 0.2 for title in titles) >= len(titles)
        evidence.add_if(shared, "words of the article", 0.3)
        elsewhere = talks < 2 and not shared and not self.hints and not (len(titles) >= _MIN_BRIEFS and self._is_brief())
        evidence.add_if(elsewhere and (snippets != [] or said > 0), "on something else", -0.4)
        if not talks and not self.hints and not lexicon().says_more(self.heading):
            evidence.add("heading says nothing of articles", -0.3)
            evidence.add_if(shared and set_like_headlines(titles), "set like headlines", 0.3)
            alone = (
                self._is_brief()
                if snippets
                else are_as_long_as_headlines(titles) and stands_alone(self.page, self.start, self.end, titles)
            )
            alone = alone and said == 0 and (shared or snippets != [] or len(titles) <= _MAX_STRANGE)
            evidence.add_if(alone and not snippets, "as long as headlines", 0.2)
            evidence.add_if(alone, "the article has no headings", 0.2)

    def _weigh_against(self, evidence: Evidence) -> None:
        """Add what speaks for a list of the article: figures, numbers, questions with answers, its own headings, its size."""
        lines, start, end, titles = self.page.lines, self.start, self.end, self.titles
        half = len(titles) / 2
        evidence.add_if(sum(any(map(str.isdigit, title)) for title in titles) > half, "figures", -0.3)
        evidence.add_if(self._opens_an_entry(), "a line of the first entry, not a heading", -1.0)
        evidence.add_if(self._keeps_step(), "a line of a list that began above", -2.0)
        evidence.add_if(self._tells_what_came_when(), "what came when", -0.7)
        announces = self.heading.endswith((":", "：")) and weight(self.heading) > _ANNOUNCES
        evidence.add_if(announces and self.talks < 2 and not self.hints, "announced by a sentence", -0.3)
        evidence.add_if(any(map(is_numbered, lines[start + 1 : end])) and not (self.talks or self.hints), "numbered", -0.7)
        asked = sum(title.endswith(ASKS) for title in titles)
        evidence.add_if(asked > half and self.snippets != [], "questions and answers", -1.2)
        evidence.add_if(self._names_authors() or (self._is_built_alike() and not self.snippets), "built alike", -0.5)
        evidence.add_if(sum(weight(title) < 14 for title in titles) > half, "names, not titles", -0.5)
        begins = not self.page.paragraphs(0, start)  # the article has not begun
        signed = begins and any(map(byline_names, lines[start + 1 : min(end, start + 1 + _MAX_HEAD)]))
        evidence.add_if(signed, "the article's headline and its author", -2.0)
        opens = begins and self.talks < 2 and any(map(is_prose, self.snippets)) and is_prose("".join(lines[end : end + 1]))
        evidence.add_if(opens, "the article's first paragraphs", -1.0)
        if 2 * sum(map(weight, lines[start:end])) > self.page.weight:
            evidence.add("most of the page", -0.6)
        own = (at for title in titles for at in self.page.subheadings.get(fold(title), ()))
        evidence.add_if(any(not start <= at < end for at in own), "contents of the article", -1.0)

    def _names_papers(self) -> bool:
        """Whether each title has a name behind it, of which half at least are what papers are called."""
        names = [entry.source for entry in self.entries if entry.source]
        return len(names) == len(self.entries) > 1 and 2 * sum(map(lexicon().names_paper, names)) >= len(names)

    def _is_glued(self) -> bool:
        glued = sum(shape_of(self.page, at) == "G" for at in range(self.start + 1, self.end))
        return glued >= 2 and 2 * glued >= len(self.titles)

    def _is_an_aside(self) -> bool:
        """Whether each snippet is one sentence, much shorter than the article's paragraphs, of which one follows the block."""
        lines, end = self.page.lines, self.end
        return end < len(lines) and is_prose(lines[end]) and self._are_snippets_brief()

    def _are_snippets_brief(self) -> bool:
        if any(STOPS.search(snippet) for snippet in self.snippets):
            return False
        paragraphs = [weight(line) for line in self.page.around(self.start, self.end) if is_prose(line)]
        return paragraphs != [] and max(map(weight, self.snippets)) < _SHORTER * median(paragraphs)

    def _is_brief(self) -> bool:
        """Whether titles as long as headlines have one brief sentence each, below a heading as the article has no other."""
        differ = len(self.titles) >= _MIN_BRIEFS or len({*map(_first_word, self.titles)}) > 1
        whole = len(self.snippets) == len(self.titles) and not any(entry.source for entry in self.entries)
        whole = whole and are_as_long_as_headlines(self.titles, explained=True)
        return differ and whole and self._are_snippets_brief() and stands_alone(self.page, self.start, self.end, self.titles)

    def _opens_an_entry(self) -> bool:
        """Whether the lines with source and age come again in step with the heading, which then is a line of an entry too."""
        end = min(self.end + 1, len(self.page.lines), self.start + _MAX_STEPS)
        pattern = "".join(shape_of(self.page, at) for at in range(self.start, end))
        for period in range(2, MAX_GAP):
            entry = pattern[:period]
            if "M" in entry and pattern.startswith(2 * entry):
                return len(pattern) % period == 0 and pattern == len(pattern) // period * entry
        return False

    def _keeps_step(self) -> bool:
        """Whether the lines above the heading came in the step in which it and the lines below do: `TITLE AUTHOR PROSE`.

        Then it is a line of the article's own list, of books or of letters.  If it speaks of articles, more of them must be above.
        """
        known = 2 if self.talks >= 2 or self.hints else 1
        first = max(self.start - (known + 1) * MAX_GAP, 0)
        shapes = "".join(shape_of(self.page, at) for at in range(first, min(self.start + 2 * MAX_GAP, len(self.page.lines))))
        at = self.start - first
        for period in range(3, MAX_GAP):
            entry = shapes[at : at + period]
            steps = (known + 2) * entry
            tops = (at - count * period for count in (known, known + 1))
            if "S" in entry and any(top >= 0 and shapes.startswith(steps, top) for top in tops):
                return True
        return False

    def _tells_what_came_when(self) -> bool:
        """Whether dates may be those of a chronicle or a programme of the article: they stand beside titles, or beside places."""
        lines = self.page.lines[self.start + 1 : self.end]
        if self.talks >= 2 or self.hints:
            return False
        if not self.talks and any(map(may_be_where_and_when, lines)):
            return True
        if enclosed_entry(lines[0]) is not None or not dated_entries(self.page, self.start + 1, self.end):
            return False
        ages = [entry.published_at for entry in self.entries if entry.published_at]
        published = all(entry.source for entry in self.entries) and all(":" in age for age in ages)  # by whom, and to the minute
        return ages != [] and (not newest_first(ages) or (not self.talks and not published and is_date(ages[0])))

    def _names_authors(self) -> bool:
        """Whether what was read as titles below names of sources are authors below titles of books: `Ruth Adeyemi, Lantern`."""
        if len(self.titles) < 3 or any(entry.source is None or entry.published_at for entry in self.entries):
            return False
        return share_a_mark(self.titles, _BESIDE_AUTHORS)

    def _is_built_alike(self) -> bool:
        """Whether one mark stands once in each of three titles or more, or in each of fewer and in the heading."""
        return share_a_mark(self.titles if len(self.titles) >= 3 else [self.heading, *self.titles], ALIKE)


def _first_word(line: str) -> str:
    return "".join(words(line)[:1])
