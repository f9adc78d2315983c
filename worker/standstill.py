"""Whether this process stood still so long that its partitions may be another worker's.

A process that is stopped (SIGSTOP, a paused machine, heavy swapping) wakes with records in hand that the group has given away.
What it then claims would be in the name of records that may be settled already: as duplicates or dead letters, which hold no claim,
so nobody would ever publish for it, and every later copy would count as its duplicate.  And a transactional producer that it then
replaced would fence a partition's rightful holder, who goes on claiming for records that are settled under his hands.  After a
standstill neither is done until the consumer has had the time to find out and to drop what it has lost.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable


class Standstill:
    """Notices gaps between its ticks; `over` waits until enough time has passed since the last one."""

    def __init__(self, *, gap_s: float, hold_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        """A gap of more than `gap_s` is a standstill; after it `over` waits for `hold_s`.  `tick` must come much more often."""
        self._gap_s = gap_s
        self._hold_s = hold_s
        self._clock = clock
        self._ticked_at = clock()
        self._until = 0.0

    def tick(self) -> None:
        """The process runs."""
        now = self._clock()
        if now - self._ticked_at > self._gap_s:
            self._until = now + self._hold_s
        self._ticked_at = now

    async def over(self) -> None:
        """Return at once, or after a standstill when it is safe to act for what is then still held."""
        self.tick()  # whoever wakes first notices
        if (left := self._until - self._clock()) > 0:
            await asyncio.sleep(left)
            await self.over()  # there may have been another
