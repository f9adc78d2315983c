"""In what order dates are, whatever their form: news are listed with the newest first, an article tells what came when."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from worker.article.ages import in_ascii_digits, is_date, named_in
from worker.article.wording import fold

_DIGIT: Final = re.compile(r"\d")
_FIGURES: Final = re.compile(r"\d+")
_FIGURE_CLOCK: Final = re.compile(r"\d{1,2}[:h]\d{2}(?::\d{2})?|\d{1,2}\.\d{2}(?= ?(?:Uhr|uur|WI)|$)")
_FORM: Final = re.compile(r"[\w\s.,]+")
_MONTHS: Final = 12
_TWO: Final = re.compile(r"\d{1,2}[./]\d{1,2}\.?")


def newest_first(ages: Sequence[str]) -> bool:
    """Whether ages run back in time, as far as their figures tell: so lists of news do, while an article tells what came when.

    Names of months and of days are not known: only what is under the same ones is compared, and that must be most.
    """
    if not any(map(is_date, ages)):
        return True
    return _run_back(ages, _moments(ages))


def _run_back(ages: Sequence[str], moments: Sequence[list[int]]) -> bool:
    forms = {_FORM.sub("", fold(age)) for age in ages}
    months = [named_in(age) for age in ages]
    if len(forms) != 1 or len({len(moment) for moment in moments}) != 1:
        return False
    if len(set(months)) == 1:
        return moments[0] > moments[-1] and all(one >= other for one, other in pairwise(moments))
    pairs = [(one, other) for (one, other), (left, right) in zip(pairwise(moments), pairwise(months), strict=True) if left == right]
    return 2 * len(pairs) >= len(ages) - 1 and all(one >= other for one, other in pairs)


def run_forward(ages: Sequence[str]) -> bool:
    """Whether dates run forward in time, as those of a programme or a chronicle do; unlike ones are not compared."""
    moments = _moments([age for age in ages if is_date(age)])
    pairs = [(one, other) for one, other in pairwise(moments) if len(one) == len(other)]
    return bool(pairs) and all(one <= other for one, other in pairs) and any(one < other for one, other in pairs)


def _moments(ages: Sequence[str]) -> list[list[int]]:
    """The figures of dates in an order in which they can be compared; `14.05` is a day and its month if all can be that."""
    moments = [_moment(age) for age in ages]
    if all(_TWO.fullmatch(in_ascii_digits(age)) for age in ages) and all(month <= _MONTHS for _, month in moments):
        return [moment[::-1] for moment in moments]
    return moments


def _moment(age: str) -> list[int]:
    """The figures of a date, the year before the month and the day, and the time behind them."""
    said = in_ascii_digits(age)
    clock = _FIGURE_CLOCK.search(said)
    if clock and (rest := (said[: clock.start()] + " " + said[clock.end() :])) and _DIGIT.search(rest):
        return [*_day(rest), *map(int, _FIGURES.findall(clock[0]))]
    return _day(said)


def _day(said: str) -> list[int]:
    figures = _FIGURES.findall(said)
    year = next((at for at, figure in enumerate(figures) if len(figure) == 4), 0)
    return [int(figure) for figure in (*figures[year::-1], *figures[year + 1 :])]
