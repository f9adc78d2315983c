"""Claims in this process alone: for tests and for small backfills.

Nothing survives the process and nothing bounds the memory but the window, some 600 bytes a page.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from worker.dedup.claims import Claim
from worker.records import SourceRef

_T = TypeVar("_T")


class _Expiring(Generic[_T]):
    """A dict whose values live all equally long, so that its own order is the order in which they expire."""

    def __init__(self, window_s: float) -> None:
        self._window_s = window_s
        self._held: dict[str, tuple[_T, float]] = {}  # value, when it expires

    def get(self, key: str, now: float) -> _T | None:
        held = self._held.get(key)
        return held[0] if held is not None and now < held[1] else None

    def set(self, key: str, value: _T, now: float) -> None:
        self._held.pop(key, None)  # so that the new one goes to the end of the order
        self._held[key] = (value, now + self._window_s)

    def drop(self, key: str) -> None:
        del self._held[key]

    def purge(self, now: float) -> None:
        while self._held:
            oldest = next(iter(self._held))
            if now < self._held[oldest][1]:
                return
            del self._held[oldest]

    def __len__(self) -> int:
        return len(self._held)


class MemoryClaimStore:
    """Claims and notes in two dicts."""

    def __init__(self, window_s: float, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._holders = _Expiring[SourceRef](window_s)
        self._notes = _Expiring[str](window_s)

    async def start(self) -> None:
        """Nothing to connect to."""

    async def look_up(self, raws: Sequence[str]) -> list[str | None]:
        """The hash of the article that each page came to, by the hash of its bytes; None where none is noted."""
        now = self._clock()
        return [self._notes.get(raw, now) for raw in raws]

    async def claim(self, claims: Sequence[Claim]) -> list[SourceRef | None]:
        """Claim each hash, in order; None where it is won, else who holds it (maybe the asker itself)."""
        now = self._clock()
        self._notes.purge(now)
        self._holders.purge(now)
        return [self._claim(claim, now) for claim in claims]

    async def release(self, claims: Sequence[Claim]) -> None:
        """Give up claims whose records will not be published; a claim that another record holds stays."""
        now = self._clock()
        for claim in claims:
            if self._holders.get(claim.hash, now) == claim.owner:
                self._holders.drop(claim.hash)

    async def warnings(self) -> list[str]:
        """That this store forgets everything."""
        return ["dedup.store is memory: a restart forgets every claim, and other workers don't see them"]

    async def close(self) -> None:
        """Nothing to let go of."""

    def __len__(self) -> int:
        """Claims held, expired ones included until the next call purges them."""
        return len(self._holders)

    def _claim(self, claim: Claim, now: float) -> SourceRef | None:
        if claim.raw is not None:
            self._notes.set(claim.raw, claim.hash, now)
        holder = self._holders.get(claim.hash, now)
        if holder is None:
            self._holders.set(claim.hash, claim.owner, now)
        return holder
