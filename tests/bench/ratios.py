"""What turns come to: the rate of each, and how many times as much one has as another with whom it took turns."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import Final

_EDGE: Final = 0.1  # of a turn's pages, first and last, are not timed: the worker fills up, or runs dry


def rate(left: Sequence[float]) -> float:
    """Pages a second, from when each left, in milliseconds and in order.  Many may leave in one moment."""
    edge = int(_EDGE * len(left))
    first, last = left[edge], left[-edge - 1]
    return sum(first < moment <= last for moment in left) / (last - first) * 1e3


def times_as_much(one: Sequence[float], other: Sequence[float]) -> tuple[float, float]:
    """The geometric mean of the ratios, turn by turn, and half of its interval of 95 %.  It takes two turns."""
    logs = [math.log(of_one / of_other) for of_one, of_other in zip(one, other, strict=True)]
    mean = math.exp(statistics.mean(logs))
    return mean, mean * 1.96 * statistics.stdev(logs) / len(logs) ** 0.5
