"""Work that is cheaper done together: its moments come at a steady pace, and at once after a pause.

A request costs much the same for one record as for fifty.  Whoever has waited long enough for company goes alone, so that a quiet
worker answers at once; a busy one does once what it would have done many times.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

_MOMENT_S: Final = 0.001  # what comes so soon after a turn's beginning belongs to it


class Pace:
    """Turns that begin at least so many seconds apart as `interval_s` says when somebody comes for the next one."""

    def __init__(self, interval_s: Callable[[], float]) -> None:
        self._interval_s = interval_s
        self._began = float("-inf")  # the last turn, by the loop's clock
        self._waiting: asyncio.Event | None = None

    async def turn(self) -> None:
        """Return while there is a turn, or at the next, in one step of the loop with all who wait for it."""
        if self._waiting is None:
            loop = asyncio.get_running_loop()
            now = loop.time()
            since, interval_s = now - self._began, self._interval_s()
            if since >= interval_s:
                self._began = now
                return
            if since <= _MOMENT_S:
                return
            self._waiting = asyncio.Event()
            loop.call_later(interval_s - since, self._begin)
        await self._waiting.wait()

    def _begin(self) -> None:
        self._began = asyncio.get_running_loop().time()
        if self._waiting is not None:
            self._waiting.set()
            self._waiting = None
