"""When most pages fail, the fault is seldom the pages': stop before a whole topic has moved into the dead letters."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable
from typing import Final

import structlog

_SLICES: Final = 60  # of the window: a record is forgotten this much coarser than it could be

_log = structlog.get_logger()


class Breaker:
    """Opens when the dead letters among the records settled in a sliding window pass a ratio.

    While it is open nothing new is consumed, so the window runs empty; then the breaker closes, and the next `min_sample` records
    decide anew.  A fault that lasts costs that many pages, and those in flight, for each window.
    """

    def __init__(self, *, max_ratio: float, min_sample: int, window_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._max_ratio = max_ratio
        self._min_sample = min_sample
        self._window_s = window_s
        self._clock = clock
        self._slices: deque[tuple[int, Counter[str]]] = deque()  # by number of the slice; what did not die counts as ""
        self._sum: Counter[str] = Counter()
        self._open_until = 0.0
        self._why: str | None = None

    @property
    def why_open(self) -> str | None:
        """What opened the breaker, for whoever is to mend it; None while it is closed."""
        if self._why is not None and self._clock() >= self._open_until:
            _log.info("the breaker closes: the next pages decide whether it stays so")
            self._slices.clear()
            self._sum.clear()
            self._why = None
        return self._why

    def record(self, reason: str | None) -> None:
        """A record was settled: as a dead letter for that reason, or otherwise."""
        now = self._clock()
        self._forget(now)
        number = int(now / self._window_s * _SLICES)
        if not self._slices or self._slices[-1][0] != number:
            self._slices.append((number, Counter()))
        self._slices[-1][1][reason or ""] += 1
        self._sum[reason or ""] += 1
        if self._why is None:
            self._judge(now)

    def _judge(self, now: float) -> None:
        total = self._sum.total()
        dead = total - self._sum[""]
        if total < self._min_sample or dead <= self._max_ratio * total:
            return
        reasons = ", ".join(f"{count} {reason}" for reason, count in self._sum.most_common(4) if reason)
        self._open_until = now + self._window_s
        self._why = (
            f"{dead} of the last {total} records became dead letters ({reasons}), more than dead_letters.max_ratio;"
            f" consumption is paused for {self._window_s:g} s"
        )
        _log.error("the breaker opens", why=self._why)

    def _forget(self, now: float) -> None:
        oldest = int((now - self._window_s) / self._window_s * _SLICES)
        while self._slices and self._slices[0][0] < oldest:
            self._sum -= self._slices.popleft()[1]
