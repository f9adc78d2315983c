"""Lines that keep time: what closes each entry of a block, whether its wording is known or not."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from worker.article.ages import may_be_where_and_when, source_and_age
from worker.article.evidence import lexicon
from worker.article.related.foot import leads_to_all
from worker.article.related.introductions import marker_with_explanation
from worker.article.related.sources import named_source
from worker.article.wording import fold, weight

MAX_GAP = 6  # lines from one closing line to the next
SHORT = 46  # weight of closing lines and unknown headings


def beats_of(lines: Sequence[str]) -> list[tuple[list[int], str]]:
    """Lines that close entries in rhythm: their places, and of what kind they are.

    Kinds: `closing`, of a wording that the lexicon knows; `meta`, a source and an age, or a source below an aggregator's heading;
    `wording`, any short line that comes again.
    """
    short = [(at, line) for at, line in enumerate(lines) if at and len(line) <= 90]
    closings = [at for at, line in short if lexicon().is_closing(line) and not _is_heading(lines, at)]
    uses = Counter(fold(lines[at]) for at in closings)
    closings = [at for at in closings if uses[fold(lines[at])] > 1 or not leads_to_all(lines[at])]  # it closes a block, no entry
    metas = [
        at
        for at, line in short
        if at > 1 and (meta := source_and_age(line)) is not None and meta[0] and not may_be_where_and_when(line)
    ]
    gathered = next((at for at, line in enumerate(lines) if marker_with_explanation(line)), len(lines))
    sources = [at for at, line in short if at > gathered and named_source(line) is not None and lexicon().sources.match(line)]
    by_wording: dict[str, list[int]] = defaultdict(list)
    for at, line in short:
        if at > 1 and weight(line) <= SHORT and not line.endswith((":", "：")) and (wording := fold(line)):
            by_wording[wording].append(at)
    found = [(run, "closing") for run in _rhythmic(closings)]
    found += [(run, "meta") for run in (*_rhythmic(metas), *_rhythmic(sources)) if len(run) >= 2]
    again = [
        places
        for places in by_wording.values()
        if len(places) >= 2 and named_source(lines[places[0]]) is None and not _goes_on_alike(lines, places)
    ]
    found += [(run, "wording") for places in again for run in _rhythmic(places) if len(run) >= 2]
    return found


def _goes_on_alike(lines: Sequence[str], places: Sequence[int]) -> bool:
    """Whether one wording is below all of these lines: that closes the entries, then."""
    return places[-1] + 1 < len(lines) and len({fold(lines[at + 1]) for at in places}) == 1


def is_dialogue(groups: Sequence[Sequence[str]]) -> bool:
    """Whether a second short line comes again among the groups: two speakers, not entries."""
    again = Counter(line for group in groups for line in group[:-1] if weight(line) <= SHORT)
    return any(count > 1 for count in again.values())


def _is_heading(lines: Sequence[str], at: int) -> bool:
    """Whether a wording that can also close an entry introduces a block here: nothing of its kind follows."""
    return lexicon().is_marker(lines[at]) and not any(
        fold(lines[at]) == fold(line) for line in (*lines[max(0, at - MAX_GAP) : at], *lines[at + 1 : at + 1 + MAX_GAP])
    )


def _rhythmic(places: list[int]) -> list[list[int]]:
    """Places grouped where one follows the other within an entry's length."""
    runs: list[list[int]] = []
    for place in places:
        if runs and 2 <= place - runs[-1][-1] <= MAX_GAP:
            runs[-1].append(place)
        else:
            runs.append([place])
    return runs
