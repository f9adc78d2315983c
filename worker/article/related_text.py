"""Similar news in plain text: which lines are the article's, which are entries of a block, which are neither.

Text has lost its tags, so rhythm is what is left: a heading that introduces, entries of one shape, a line that closes each of
them.  A block is found by a known heading, by a closing line that keeps time, or by a run of titles after the last sentence; in
each case the signs are added up (`evidence.Evidence`) and what does not reach the threshold stays the article's.  Losing a
paragraph of an article is worse than returning an entry too few.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from worker.article.evidence import (
    Evidence,
    ends_hard,
    ends_sentence,
    fold,
    is_age,
    is_credit,
    is_numbered,
    is_truncated,
    kinship,
    lexicon,
    overlap,
    source_and_age,
    stems_of,
    weight,
    words,
)
from worker.article.normalize import clean
from worker.article.related_items import Neighbourhood, item, seam, split_glued, unique
from worker.article.related_lead import breadcrumb_section, byline_names, category_section, drop_repeats, lift_lead, says_twice
from worker.article.related_pairs import find_pairs, find_titles
from worker.article.related_promos import MAX_TITLE, find_pointer, find_promo, repeated_phrases
from worker.article.related_rhythm import MAX_GAP, SHORT, beats_of, is_dialogue
from worker.article.related_shapes import (
    ALIKE,
    ARROWS,
    ASKS,
    IMPRINT,
    MAX_ENTRY,
    NUMBER,
    OPENING_QUOTES,
    STOPS,
    are_headlines,
    consecutive,
    enclosed_entry,
    fits,
    is_prose,
    is_sign,
    is_teaser,
    marker_with_explanation,
    names_source,
    parted_by_number,
    read_group,
    set_like_headlines,
    with_metas,
)
from worker.records import Cut, SimilarItem

_MAX_ITEMS = 60
_MAX_ANNOUNCED = 230  # characters of a promo that no known wording opens
_MAX_NEAR = 400  # lines that are read for words and openings
_SOURCE_FIRST = r"TTS|TT(?=TTS|$)"
_ANNOUNCED = re.compile(r"^(?P<head>[^\W\d_][^:：.!?]{3,44}?)\s?[:：]\s*(?P<title>\S.*)$")
_LAST_WORDS = re.compile(r"(?<=[.!?…»”’)\]。！？।])\s*(?P<words>[^\W\d_][^.!?…。！？।]{3,38})[\s»›→]*$")


@dataclass(frozen=True, slots=True)
class TextSplit:
    """A text taken apart: the article's paragraphs, the entries of similar-news blocks, and what stood around them."""

    paragraphs: tuple[str, ...] = ()
    items: tuple[SimilarItem, ...] = ()
    authors: tuple[str, ...] = ()
    dateline: str | None = None
    section: str | None = None
    cuts: tuple[Cut, ...] = ()


def split_text(text: str) -> TextSplit:
    """Take a plain-text page apart, one paragraph a line."""
    lines = [line for line in map(clean, text.splitlines()) if line]
    page = _Page(_part_closings(lines))
    page.cut_cadences()
    page.cut_marked()
    page.cut_introduced()
    page.cut_pairs()
    tidied = tidy_paragraphs(page.rest())
    ordered = [entry for _, entries in sorted(page.items.items()) for entry in entries]
    return TextSplit(
        paragraphs=tidied.paragraphs,
        items=unique([*ordered, *tidied.items]),
        authors=tidied.authors,
        dateline=tidied.dateline,
        section=tidied.section or page.section,
        cuts=(*page.cuts, *tidied.cuts),
    )


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


def _part_closings(lines: Sequence[str]) -> list[str]:
    """The lines, with a closing wording that stands at the end of its entry's own line on a line of its own."""
    ends = [_LAST_WORDS.search(line) if len(line) <= MAX_ENTRY else None for line in lines]
    wordings = Counter(end.group() for end in ends if end)
    parted: list[str] = []
    for line, end in zip(lines, ends, strict=True):
        if end and (lexicon().is_closing(end.group()) or (wordings[end.group()] >= 3 and not line[end.start() - 1].isspace())):
            parted += [line[: end.start()].rstrip(), end.group()]
        else:
            parted.append(line)
    return parted


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


@dataclass(slots=True)
class _Page:
    """Lines of a page, and what has been cut of them so far."""

    lines: list[str]
    items: dict[int, list[SimilarItem]] = field(default_factory=lambda: defaultdict(list))
    cuts: list[Cut] = field(default_factory=list)
    section: str | None = None
    _gone: set[int] = field(default_factory=set)
    _near: Neighbourhood | None = None

    def rest(self) -> list[str]:
        return [line for at, line in enumerate(self.lines) if at not in self._gone]

    def near(self) -> Neighbourhood:
        """What the lines tell that stand before the first sign of a block, or after the last if a block opens the page."""
        if self._near is None:
            signs = [at for at, line in enumerate(self.lines) if at and len(line) <= 90 and is_sign(line)]
            signs = signs or [at for at, line in enumerate(self.lines) if at and not is_prose(line) and lexicon().talks(line)]
            first, last = (signs[0], signs[-1]) if signs else (len(self.lines), len(self.lines))
            if first < len(self.lines) and lexicon().is_closing(self.lines[first]):
                first -= 1  # its entry stands above
            before, after = self.lines[:first][:_MAX_NEAR], self.lines[last + 1 :][:_MAX_NEAR]
            self._near = Neighbourhood.of(before if sum(map(is_prose, before)) >= 2 else after)
        return self._near

    def vocabulary(self, start: int, end: int) -> frozenset[str]:
        """Words of the lines around a run."""
        around = [*self.lines[max(0, start - 60) : start], *self.lines[end : end + 60]]
        return frozenset(word for line in around for word in words(line[:2000]))

    def cut(self, start: int, end: int, entries: Sequence[SimilarItem], evidence: Evidence, *, kind: str = "block") -> None:
        """Cut lines `start` to `end` (exclusive), with what introduces them above."""
        self.items[start].extend(entries)
        self.cuts.append(Cut(kind, "\n".join(self.lines[start:end])[:4000], tuple(evidence.signs), round(evidence.score, 2)))
        self._gone.update(range(start, end))

    def free(self, start: int, end: int) -> bool:
        return not any(at in self._gone for at in range(start, end))

    # Blocks whose entries each end with a closing line.

    def cut_cadences(self) -> None:
        """Cut every block whose entries end with lines of one wording, known or not."""
        for beats, kind in beats_of(self.lines):
            if self.free(beats[0], beats[-1] + 1):
                self._cut_cadence(beats, kind)

    def _cut_cadence(self, beats: list[int], kind: str) -> None:
        gaps = [after - before for before, after in pairwise(beats)]
        usual = Counter(gaps).most_common(1)[0][0] if gaps else 2
        start = self._first_entry(beats[0], usual, certain=len(gaps) >= 2 and len(set(gaps)) == 1)
        if start == beats[0]:
            return
        groups, at = [], start
        for beat in beats:
            groups.append(self.lines[at : beat + (kind == "meta")])
            at = beat + 1
        groups = parted_by_number(groups)
        header = self._header(start)
        if kind == "wording":  # what repeats is no known sign, so the block's own lines would tell of themselves
            self._near = Neighbourhood.of(
                self.lines[: start - len(header)][:_MAX_NEAR] if start > 3 else self.lines[beats[-1] + 1 :][:_MAX_NEAR]
            )
        evidence = self._weigh_cadence(groups, beats, kind, header)
        if not evidence.enough:
            return
        self.cut(start - len(header), beats[-1] + 1, self._entries(groups), evidence)

    def _first_entry(self, beat: int, usual: int, *, certain: bool) -> int:
        """Line at which the first entry begins: right after a marker if one is near, else as far up as entries are long."""
        first = max(beat - usual + 1, 0)
        for at in range(beat - 1, max(beat - MAX_GAP - 1, -1), -1):
            if self._is_introduction(at):
                explained = certain and at + 1 < first and all(map(self._may_introduce, range(at + 1, first)))
                return first if explained else at + 1
        return first

    def _may_introduce(self, at: int) -> bool:
        """Whether the line can stand above a block: a few words, or a sentence that speaks of other articles."""
        line = self.lines[at]
        return weight(line) <= MAX_TITLE and (not ends_hard(line) or lexicon().talks(line) >= 2 or lexicon().hints_at_marker(line))

    def _is_introduction(self, at: int) -> bool:
        line = self.lines[at]
        return lexicon().is_marker(line) or category_section(line) is not None or marker_with_explanation(line)

    def _header(self, start: int) -> list[str]:
        """Lines above an entry that introduce the block."""
        at = start
        while at > 0 and start - at < 3:
            line = self.lines[at - 1]
            introduces = self._is_introduction(at - 1) or (at < start and says_twice(line))
            if not introduces and not (at == start and self._may_introduce(at - 1)):
                break
            self.section = self.section or category_section(line)
            at -= 1
        return self.lines[at:start]

    def _weigh_cadence(self, groups: list[list[str]], beats: list[int], kind: str, header: list[str]) -> Evidence:
        evidence = Evidence()
        lines = [line for group in groups for line in group]
        if any(len(group) > MAX_GAP or not group or sum(map(weight, group)) > MAX_ENTRY for group in groups):
            evidence.add("entries too long", -1.0)
        if kind == "closing":
            evidence.add("closing lines", 0.7 if len(beats) > 1 else 0.4)
        elif kind == "meta":
            evidence.add("source and age", 0.5)
        else:
            evidence.add("a line repeats in rhythm", 0.3)
            if is_dialogue(groups):
                evidence.add("speakers take turns", -1.0)
        if len(beats) >= 3:
            evidence.add("rhythm", 0.2 if kind == "wording" else 0.4)
        if any(map(lexicon().is_marker, header)) or any(map(marker_with_explanation, header)):
            evidence.add("marker", 0.7)
        elif talks := sum(map(lexicon().talks, header)):
            evidence.add("heading speaks of other articles", 0.4 if talks == 1 else 0.6)
        if kind == "wording":
            wording = self.lines[beats[0]]
            evidence.add_if(ARROWS.search(wording) is not None or lexicon().talks(wording) > 0, "the line leads on", 0.3)
        if any(is_truncated(line) for line in lines):
            evidence.add("cut short", 0.3)
        heads = [group[0] for group in groups if group]
        glued = sum(ends_hard(head) and seam(head, self.near()) is not None for head in heads[:_MAX_ITEMS])
        titled = sum(not ends_hard(head) and weight(head) <= MAX_TITLE for head in heads)
        if 2 * (glued + titled) >= len(heads):
            evidence.add("titles", 0.4)
        if beats[-1] >= len(self.lines) - (2 if kind == "closing" else 1):
            evidence.add("at the end", 0.3)
        return evidence

    def _entries(self, groups: list[list[str]]) -> list[SimilarItem]:
        singles = [group[0] for group in groups if len(group) == 1]
        glued = dict(zip(singles, split_glued(singles, self.near()), strict=True))
        return [entry for group in groups if (entry := read_group(group, glued)) is not None]

    # Blocks and promos that a known heading introduces.

    def cut_marked(self) -> None:
        """Cut what follows a heading of the lexicon: titles, titles with snippets, titles with source and age."""
        for at, line in enumerate(self.lines):
            if at in self._gone or not (lexicon().is_marker(line) or marker_with_explanation(line)):
                continue
            entries, end = self._read_entries(at + 1)
            if not any(map(ends_hard, self.lines[:at])):
                entries, end = self._without_headline(entries, at + 1, end)
            last = end >= len(self.lines)
            if entries or last or (self.lines[at].rstrip().endswith((":", "："))):
                evidence = Evidence(["marker"], 1.0)
                header = self._header(at)
                header = [head for head in header if category_section(head) or lexicon().is_marker(head)]
                self.cut(at - len(header), max(end, at + 1), entries, evidence)

    def _without_headline(self, entries: list[SimilarItem], start: int, end: int) -> tuple[list[SimilarItem], int]:
        """Titles before the article without the last, which is its own headline: prose or a credit follows.

        Where a line above the block could be the headline as well, the one that shares more words with the article's lead is.
        """
        if end >= len(self.lines) or len(entries) != end - start or len(entries) < 3:
            return entries, end
        while end > start and is_credit(self.lines[end - 1]):
            end -= 1
        lead = frozenset(word for line in self.lines[end : end + 5] for word in words(line[:2000]))
        above = [line for line in self.lines[: start - 1] if not self._names_section(line)]
        if any(len(words(line)) >= 3 and overlap(line, lead) >= max(overlap(self.lines[end - 1], lead), 0.2) for line in above):
            return entries, end
        return entries[: max(end - 1 - start, 0)], end - 1

    @staticmethod
    def _names_section(line: str) -> bool:
        return category_section(line) is not None or breadcrumb_section(line) is not None or bool(byline_names(line))

    def _read_entries(self, start: int) -> tuple[list[SimilarItem], int]:
        """Entries from line `start` on, and the line after the last of them."""
        end = min(start + 4 * _MAX_ITEMS, len(self.lines))
        if enclosed := self._enclosed_entries(start, end):
            return enclosed, start + len(enclosed)
        pattern = with_metas("".join(map(self._shape, range(start, end))), self.lines[start:end])
        if sourced := self._sourced_entries(start, pattern):
            return sourced
        layout = next((layout for layout in (r"TS?M+", r"MTS", r"MT") if fits(layout, pattern)), None)
        if layout is not None:
            spans = [match.span() for match in consecutive(layout, pattern)]
        elif not (spans := self._titles_and_teasers(start, pattern)):
            return self._glued_entries(start, pattern)
        groups = [self.lines[start + first : start + last] for first, last in spans]
        shapes = [pattern[first:last] for first, last in spans]
        if all(NUMBER.match(group[0]) for group in groups):
            groups = [[NUMBER.sub("", group[0]), *group[1:]] for group in groups]
        read = [read_group(group, {}, shape) for group, shape in zip(groups, shapes, strict=True)]
        return [entry for entry in read if entry is not None], start + spans[-1][1]

    def _enclosed_entries(self, start: int, end: int) -> list[SimilarItem]:
        """Entries that each are one line with a source or a date in brackets at its end, if two or more stand there."""
        entries: list[SimilarItem] = []
        for at in range(start, end):
            entry = enclosed_entry(self.lines[at]) if self._shape(at) in "TM" else None
            if entry is None:
                break
            entries.append(entry)
        return entries if len(entries) >= 2 else []

    def _titles_and_teasers(self, start: int, pattern: str) -> list[tuple[int, int]]:
        """Where titles stand, each alone or with its snippet below, without what follows them and is the article's again."""
        spans = [match.span() for match in consecutive("TS?", pattern)]
        snippets = [number for number, (first, last) in enumerate(spans) if last - first == 2]
        if not snippets:
            return spans
        if len(spans) == 1 and self._closes_page(start + spans[0][1]):
            teaser = self.lines[start + spans[0][1] - 1]
            return spans if is_teaser(teaser) and len(STOPS.findall(teaser)) < 2 else [(0, 1)]
        if len(spans) > 2 and snippets == [len(spans) - 1]:  # titles, then one sentence
            return [*spans[:-1], (spans[-1][0], spans[-1][1] - 1)]
        if self._closes_page(start + spans[-1][1]):
            return spans
        teasers = [is_teaser(self.lines[start + spans[number][1] - 1]) for number in snippets]
        stop = next((number for number, teaser in zip(snippets, teasers, strict=True) if not teaser), len(spans))
        if stop < len(spans):
            spans = [*spans[:stop], (spans[stop][0], spans[stop][0] + 1)]
        elif len(snippets) == 1:
            spans = [*spans[: snippets[0]], (spans[snippets[0]][0], spans[snippets[0]][0] + 1)]
        return spans

    def _closes_page(self, end: int) -> bool:
        """Whether nothing of an article follows: no line, or an imprint and the like."""
        rest = self.lines[end : end + 4]
        return len(rest) < 4 and not any(is_prose(line) for line in rest)

    def _sourced_entries(self, start: int, pattern: str) -> tuple[list[SimilarItem], int] | None:
        """Entries that each open with the name of their source on a line of its own."""
        spans = [match.span() for match in consecutive(_SOURCE_FIRST, pattern)]
        groups = [self.lines[start + first : start + last] for first, last in spans]
        if sum(len(group) > 2 for group in groups) < 2 or not all(names_source(group[0]) for group in groups):
            return None
        return [item(group[1], " ".join(group[2:]) or None, source=group[0]) for group in groups], start + spans[-1][1]

    def _glued_entries(self, start: int, pattern: str) -> tuple[list[SimilarItem], int]:
        """Entries that each are one line with title and snippet run together."""
        lines = []
        for at in range(start, min(start + len(pattern), len(self.lines))):
            if weight(self.lines[at]) > MAX_ENTRY or seam(self.lines[at], self.near()) is None:
                break
            lines.append(self.lines[at])
        rest = self.lines[start : start + len(pattern)]
        run = len(pattern) - len(pattern.lstrip("SGT"))
        if len(lines) < run and self._closes_page(start + run) and (len(lines) >= 2 or all(map(NUMBER.match, rest[:run]))):
            lines = rest[:run]  # what some of them show holds for all; a seam that can't be seen is none
        if lines and all(map(NUMBER.match, lines)):
            bare = [NUMBER.sub("", line) for line in lines]
            return [item(title, snippet) for title, snippet in split_glued(bare, self.near())], start + len(lines)
        return [item(title, snippet) for title, snippet in split_glued(lines, self.near())], start + len(lines)

    def _shape(self, at: int) -> str:
        """T a title, S a snippet, M source and age, C a closing line, X none of them."""
        line = self.lines[at]
        if at in self._gone:
            return "X"
        if lexicon().is_closing(line) and at:
            return "C"
        if source_and_age(line) is not None or is_credit(line):
            return "M"
        if lexicon().is_marker(line) or weight(line) > MAX_ENTRY / 2 or IMPRINT.match(line):
            return "X"
        if ends_hard(line) or is_truncated(line) or weight(line) > MAX_TITLE:
            return "S" if seam(line, self.near()) is None else "G"
        return "T"

    # Blocks after a heading that no lexicon knows.

    def cut_introduced(self) -> None:
        """Cut a few words and the titles below them that stand together among sentences, where enough speaks for it."""
        if sum(map(is_prose, self.lines[:500])) < 2:
            return
        at = 0
        while at < len(self.lines) - 2:
            if self._may_open(at):
                entries, end = self._read_entries(at + 1)
                evidence = self._weigh_introduced(at, end, entries)
                if evidence.enough:
                    promo = find_promo(self.lines[at])
                    self.cut(at, end, [item(promo[1]), *entries] if promo else entries, evidence)
                    at = end
            at += 1

    def cut_pairs(self) -> None:
        """Cut titles, alone or by turns with sentences, that nothing introduces, at the end of the page."""
        found = find_pairs(self.lines) if not self._gone else None
        if found is not None and found[2].enough:
            start, end, evidence = found
            self.cut(start, end, [item(self.lines[at], self.lines[at + 1]) for at in range(start, end, 2)], evidence)
        found = find_titles(self.lines) if not self._gone else None
        if found is not None and found[2].enough:
            start, end, evidence = found
            self.cut(start, end, [item(title) for title in self.lines[start:end]], evidence)

    def _may_open(self, at: int) -> bool:
        """Whether a block that no lexicon knows can begin here: a short line after a sentence, or before the first."""
        line = self.lines[at]
        if at in self._gone or weight(line) > MAX_TITLE or self._shape(at + 1) not in "TMG":
            return False
        if at and at - 1 not in self._gone and not is_prose(self.lines[at - 1]) and any(map(is_prose, self.lines[:at])):
            return False
        talks = lexicon().talks(line)
        if is_prose(line) or is_truncated(line):
            return talks >= 3 and not line.startswith(tuple(OPENING_QUOTES))
        return self._shape(at) == "T" if weight(line) <= SHORT or (talks and weight(line) <= 2 * SHORT) else talks >= 2

    def _weigh_introduced(self, start: int, end: int, entries: Sequence[SimilarItem]) -> Evidence:
        evidence = Evidence()
        heading, titles = self.lines[start], [entry.title for entry in entries]
        snippets = [entry.snippet for entry in entries if entry.snippet]
        alone = len(titles) == 1 and not snippets and not ends_sentence(heading) and not is_numbered(titles[0])
        if len(titles) < 2 and not (alone and lexicon().talks(heading) >= 2):
            evidence.add("no entries", -1.0)
            return evidence
        vocabulary = self.vocabulary(start, end)
        said, talks = overlap(heading, vocabulary), lexicon().talks(heading)
        if talks < 2 and lexicon().lists_its_own(heading):
            evidence.add("heading of a list of the article", -0.6)
        if talks >= 2 or lexicon().hints_at_marker(heading):
            evidence.add("heading speaks of other articles", 0.6)
        elif talks:
            evidence.add("heading may speak of articles", 0.2 if said else 0.4)
        else:
            cut_short = bool(snippets) and all(map(is_truncated, snippets))
            evidence.add_if(bool(snippets) and not cut_short, "titles and sentences take turns, as in a list", -0.6)
            evidence.add_if(not any(map(is_prose, self.lines[:start])), "before the article", -0.2)
        if are_headlines(titles, heading):
            evidence.add("titles", 0.4)
            evidence.add_if(len(titles) >= 4, "many of them", 0.1)
        if len(snippets) == len(titles):
            evidence.add("each with a snippet", 0.2)
            evidence.add_if(len(titles) >= 3, "in rhythm", 0.1)
        glued = sum(self._shape(at) == "G" for at in range(start + 1, end))
        evidence.add_if(glued >= 2 and 2 * glued >= len(titles), "titles run into snippets", 0.3)
        evidence.add_if(any(map(is_truncated, snippets)), "cut short", 0.4)
        evidence.add_if(self._closes_page(end), "at the end", 0.3)
        named = enclosed_entry(self.lines[start + 1]) is None or talks > 0  # in brackets, a name may be an author's
        sourced = sum(entry.published_at is not None or (named and entry.source is not None) for entry in entries)
        evidence.add_if(sourced >= 2, "source and age", 0.6)
        evidence.add_if(said >= 0.5 and talks < 2, "heading of the article's words", -0.5)
        evidence.add_if(said == 0, "heading of other words", 0.2)
        stems = stems_of([*self.lines[max(0, start - 60) : start], *self.lines[end : end + 60]])
        shared = sum(kinship(title, stems) >= 0.2 for title in titles) * 2 >= len(titles)
        evidence.add_if(shared, "words of the article", 0.3)
        evidence.add_if(talks > 1 and said >= 0.3 and not shared and not snippets, "readers and writers of the article", -0.5)
        elsewhere = talks < 2 and not shared and not lexicon().hints_at_marker(heading)
        evidence.add_if(elsewhere and (bool(snippets) or said > 0), "on something else", -0.4)
        if not talks and not lexicon().hints_at_marker(heading) and not lexicon().says_more(heading):
            evidence.add("heading says nothing of articles", -0.3)
            evidence.add_if(shared and set_like_headlines(titles), "set like headlines", 0.3)
        self._weigh_against(evidence, start, end, entries)
        return evidence

    def _weigh_against(self, evidence: Evidence, start: int, end: int, entries: Sequence[SimilarItem]) -> None:
        """Add what speaks for a list of the article: figures, numbers, questions with answers, its own headings, its size."""
        heading, titles = self.lines[start], [entry.title for entry in entries]
        half = len(titles) / 2
        evidence.add_if(sum(any(char.isdigit() for char in title) for title in titles) > half, "figures", -0.3)
        evidence.add_if(sum(is_age(title) for title in titles) > 0, "dates", -0.6)
        evidence.add_if(start > 0 and self.lines[start - 1].rstrip().endswith((":", "：")), "a list of the article", -0.7)
        evidence.add_if(any(map(is_numbered, self.lines[start + 1 : end])) and not lexicon().talks(heading), "numbered", -0.7)
        asked = sum(title.rstrip().endswith(ASKS) for title in titles)
        evidence.add_if(asked > half and any(entry.snippet for entry in entries), "questions and answers", -1.2)
        alike = any(all(line.count(mark) == 1 for line in (heading, *titles)) for mark in ALIKE)
        alike = alike or (len(titles) >= 3 and any(all(title.count(mark) == 1 for title in titles) for mark in ALIKE))
        evidence.add_if(alike and not any(entry.snippet for entry in entries), "built alike", -0.5)
        evidence.add_if(sum(weight(title) < 14 for title in titles) > half, "names, not titles", -0.5)
        block = sum(map(weight, self.lines[start:end]))
        evidence.add_if(2 * block > sum(map(weight, self.lines)), "most of the page", -0.6)
        own = {fold(line) for at, line in enumerate(self.lines) if not start <= at < end and self._heads_prose(at)}
        evidence.add_if(any(fold(title) in own for title in titles), "contents of the article", -1.0)

    def _heads_prose(self, at: int) -> bool:
        return weight(self.lines[at]) <= MAX_TITLE and at + 1 < len(self.lines) and is_prose(self.lines[at + 1])
