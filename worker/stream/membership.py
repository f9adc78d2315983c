"""Whether the group still counts on this worker.

A worker can lose its partitions without knowing it: it stood still (SIGSTOP, a paused machine, heavy swapping), or the group's
coordinator is out of its reach while all else is not.  It then has records in hand that are another's.  What it claims would be in
the name of records that may be settled already: as duplicates or dead letters, which hold no claim, so nobody would ever publish
for it, and every later copy would count as its duplicate.  And a transactional producer that it replaces would fence a partition's
rightful holder, who goes on claiming for records that are settled under his hands.

So neither is done without a recent word of the group that the worker is its member.  This is a lease: the group gives nothing away
sooner than the shorter of session and rebalance timeout after it said so.  Half of that is for asking again, half for doing what
the word allows.  Of a member that must rejoin nobody knows how long it has left: it may finish what takes a moment, no more.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from enum import Enum, auto
from typing import Final

from worker.config import ConsumerSettings

RETRY_S: Final = 0.2


def lease_s(consumer: ConsumerSettings) -> float:
    """For how long the group's word is good, and for how long what it allows may take: seconds."""
    return min(consumer.session_timeout_ms, consumer.rebalance_timeout_ms) / 2000


class Standing(Enum):
    """What the group says."""

    MEMBER = auto()
    LEAVING = auto()  # a member that must rejoin: what it holds is held at this moment
    LOST = auto()  # its partitions went to others
    UNKNOWN = auto()  # no answer

    @property
    def holds(self) -> bool:
        """Whether what was assigned is still this member's."""
        return self in (Standing.MEMBER, Standing.LEAVING)


class Membership:
    """Keeps the group's last word, and asks again when it is too old."""

    def __init__(
        self, ask: Callable[[], Awaitable[Standing]], *, lease_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """The group's word is good for `lease_s` seconds from when it was asked for."""
        self._ask = ask
        self._lease_s = lease_s
        self._clock = clock
        self._until = float("-inf")
        self._asking = asyncio.Lock()

    async def standing(self) -> Standing:
        """What the group says, or said within the lease."""
        async with self._asking:
            if self._clock() < self._until:
                return Standing.MEMBER
            asked_at = self._clock()
            standing = await self._ask()
            if self._clock() - asked_at > self._lease_s:
                return Standing.UNKNOWN  # stood still, while the answer lay there
            if standing is Standing.MEMBER:
                self._until = asked_at + self._lease_s
            return standing

    async def confirmed(self) -> None:
        """Return once what is held is held for certain, however long that takes."""
        while True:
            if (await self.standing()).holds:
                return
            await asyncio.sleep(RETRY_S)
