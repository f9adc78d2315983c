"""Lines that keep time: what closes each entry of a block, whether its wording is known or not."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from operator import lt
from typing import Final

from worker.article.ages import may_be_where_and_when, source_and_age, takes_minutes
from worker.article.evidence import lexicon
from worker.article.related.foot import leads_to_all
from worker.article.related.introductions import is_introduction
from worker.article.related.seams import joint_of
from worker.article.related.shapes import ARROWS
from worker.article.related.sources import named_source
from worker.article.wording import ends_hard, fold, weight

MAX_GAP: Final = 6  # lines from one closing line to the next
SHORT: Final = 46  # weight of closing lines and unknown headings
_MIN_LEADING, _SHARED = 3, 2  # words of a line that leads on to a name, and those that all such lines share
_MIN_BARE: Final = 3  # of them that need no arrow
_MIN_TURNS: Final = 2


def beats_of(lines: Sequence[str]) -> list[tuple[list[int], str]]:
    """Lines that close entries in rhythm: their places, and of what kind they are.

    Kinds: `closing`, of a wording that the lexicon knows; `meta`, a source and an age, or a source below what introduces a block
    or below titles that run into their snippets; `wording`, any short line that comes again.
    """
    short = [(at, line) for at, line in enumerate(lines) if at and len(line) <= 90]
    closings = [at for at, line in short if lexicon().is_closing(line) and not _is_heading(lines, at)]
    uses = Counter(fold(lines[at]) for at in closings)
    closings = [at for at in closings if uses[fold(lines[at])] > 1 or not leads_to_all(lines[at])]  # it closes a block, no entry
    metas = [at for at, line in short if at > 1 and _is_meta(line)]
    named = [at for at, line in short if lexicon().sources.match(line) and named_source(line) is not None]
    introduced = _first_introduction(lines, named[-1]) if named else 0
    if not _run_in(lines, named):
        named = [at for at in named if at > introduced]
    by_wording: dict[str, list[int]] = defaultdict(list)
    for at, line in short:
        if at > 1 and weight(line) <= SHORT and not line.endswith((":", "：")) and (wording := fold(line)):
            by_wording[wording].append(at)
    found = [(run, "closing") for run in _rhythmic(closings)]
    again = [
        places
        for places in (*_leading_alike(short), *by_wording.values())
        if len(places) >= 2 and named_source(lines[places[0]]) is None and not _goes_on_alike(lines, places)
    ]
    wordings = list(dict.fromkeys(tuple(run) for places in again for run in _rhythmic(places) if len(run) >= 2))
    runs = [run for run in (*_rhythmic(metas), *_rhythmic(named)) if len(run) >= 2]
    opened = sorted(runs)
    below = [run for run in wordings if (at := bisect_left(opened, list(run))) and _take_turns(opened[at - 1], run)]
    return [
        *found,
        *((list(run), "wording") for run in below),
        *((run, "meta") for run in runs),
        *((list(run), "wording") for run in wordings),
    ]


def _first_introduction(lines: Sequence[str], end: int) -> int:
    """The first line below the headline and above line `end` that says by itself that a block follows; `end` if none does."""
    for at in range(1, end):
        if is_introduction(lines[at]):
            return at
    return end


def _run_in(lines: Sequence[str], places: Sequence[int]) -> bool:
    """Whether above most of these lines, and more than one, stands a title that runs into its snippet."""
    joined = sum(joint_of(lines[at - 1]) != "" for at in places)
    return joined > 1 and 2 * joined > len(places)


def _leading_alike(short: Sequence[tuple[int, str]]) -> list[list[int]]:
    """Where lines stand that lead on with an arrow and open or end alike around a name: `Read it at SOURCE »`.

    Three that open alike and end with a name each need no arrow.
    """
    alike: dict[tuple[str, ...], list[int]] = defaultdict(list)
    bare: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for at, line in short:
        if at > 1 and weight(line) <= SHORT and len(said := fold(line).split()) >= _MIN_LEADING:
            if ARROWS.search(line):
                alike["opening", *said[:_SHARED]].append(at)
                alike["end", *said[-_SHARED:]].append(at)
            elif line.split()[-1][0].isupper() and not ends_hard(line):
                bare["bare", *said[:_SHARED]].append(at)
    alike.update({said: places for said, places in bare.items() if len(places) >= _MIN_BARE})
    return sorted(alike.values(), key=len, reverse=True)


def _take_turns(metas: Sequence[int], wordings: Sequence[int]) -> bool:
    """Whether one wording stands below each line of source and age and before the next: it closes the entries, then."""
    if len(wordings) < _MIN_TURNS or len(metas) - len(wordings) not in (0, 1):
        return False
    return all(map(lt, metas, wordings)) and all(map(lt, wordings, metas[1:]))


def _is_meta(line: str) -> bool:
    """Whether a line closes an entry with its source and its age, or with how long it takes to read."""
    meta = source_and_age(line)
    if meta is None or may_be_where_and_when(line):
        return False
    return meta[0] is not None or takes_minutes(line)


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
