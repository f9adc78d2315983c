"""Work that is cheaper done together: its moments come at a steady pace, and at once after a pause.

A request costs much the same for one record as for fifty.  Whoever has waited long enough for company goes alone, so that a quiet
worker answers at once; a busy one does once what it would have done many times.
"""

from __future__ import annotations

import asyncio


class Pace:
    """Turns that are at least `interval_s` apart."""

    def __init__(self, interval_s: float) -> None:
        self._interval_s = interval_s
        self._next = 0.0  # when the next turn may be, by the loop's clock
        self._waiting: asyncio.Event | None = None

    async def turn(self) -> None:
        """Return at the next turn, in one step of the loop with all who wait for it."""
        if self._waiting is None:
            self._waiting = asyncio.Event()
            loop = asyncio.get_running_loop()
            if loop.time() >= self._next:
                loop.call_soon(self._come)
            else:
                loop.call_at(self._next, self._come)
        await self._waiting.wait()

    def _come(self) -> None:
        self._next = asyncio.get_running_loop().time() + self._interval_s
        if self._waiting is not None:
            self._waiting.set()
            self._waiting = None
