"""How many times as much one of two takes as the other, where they took turns."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence


def times_as_much(one: Sequence[float], other: Sequence[float]) -> tuple[float, float]:
    """The geometric mean of the ratios, turn by turn, and half of its interval of 95 %.  It takes two turns."""
    logs = [math.log(of_one / of_other) for of_one, of_other in zip(one, other, strict=True)]
    mean = math.exp(statistics.mean(logs))
    return mean, mean * 1.96 * statistics.stdev(logs) / len(logs) ** 0.5
