"""A deadline that is moved for every page and met by hardly one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial


class Deadline:
    """Calls once, at the moment that was set last.

    The loop's timer is left where it is when the moment moves on, and looks again when it goes off: to set a timer and to cancel it
    costs a loop more than all else that is done for a deadline.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._due = 0.0  # by the loop's clock
        self._call: Callable[[], None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._looks_at = 0.0  # when the timer goes off, without the rounding that loops differ in

    def set(self, delay_s: float, call: Callable[..., None], *args: object) -> None:
        """Have it called so many seconds from now, in place of what was to be called before."""
        self._due, self._call = self._loop.time() + delay_s, partial(call, *args)
        if self._timer is not None and self._due < self._looks_at:
            self._timer.cancel()
            self._timer = None
        if self._timer is None:
            self._look_in(delay_s)

    def cancel(self) -> None:
        """Call nothing."""
        self._call = None

    def _look_in(self, delay_s: float) -> None:
        self._looks_at = self._due
        self._timer = self._loop.call_later(delay_s, self._look)

    def _look(self) -> None:
        self._timer = None
        left_s = self._due - self._loop.time()
        if self._call is None:
            return
        if left_s > 0:
            self._look_in(left_s)
        else:
            call, self._call = self._call, None
            call()
