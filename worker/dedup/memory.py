"""Claims in this process alone: for tests and for small backfills.

Nothing survives the process and nothing bounds the memory but the window, some 300 bytes a claim.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from worker.dedup.claims import Claim, ClaimKind
from worker.records import SourceRef


class MemoryClaimStore:
    """Claims in a dict.  Every claim lives as long as every other, so the dict's own order is the order in which they expire."""

    def __init__(self, window_s: float, clock: Callable[[], float] = time.time) -> None:
        self._window_s = window_s
        self._clock = clock
        self._held: dict[tuple[ClaimKind, str], tuple[SourceRef, float]] = {}  # owner, when it expires

    async def start(self) -> None:
        """Nothing to connect to."""

    async def claim(self, claims: Sequence[Claim]) -> list[SourceRef | None]:
        """Claim each hash, in order; None where it is won, else who holds it (maybe the asker itself)."""
        now = self._clock()
        self._purge(now)
        return [self._claim(claim, now) for claim in claims]

    async def release(self, claims: Sequence[Claim]) -> None:
        """Give up claims whose records will not be published; a claim that another record holds stays."""
        for claim in claims:
            holder = self._held.get((claim.kind, claim.hash))
            if holder is not None and holder[0] == claim.owner:
                del self._held[claim.kind, claim.hash]

    async def warnings(self) -> list[str]:
        """That this store forgets everything."""
        return ["dedup.store is memory: a restart forgets every claim, and other workers don't see them"]

    async def close(self) -> None:
        """Nothing to let go of."""

    def __len__(self) -> int:
        """Claims held, expired ones included until the next call purges them."""
        return len(self._held)

    def _claim(self, claim: Claim, now: float) -> SourceRef | None:
        key = (claim.kind, claim.hash)
        holder = self._held.get(key)
        if holder is not None and now < holder[1]:
            return holder[0]
        self._held.pop(key, None)  # so that the new claim goes to the end of the order, should the clock have stepped back
        self._held[key] = (claim.owner, now + self._window_s)
        return None

    def _purge(self, now: float) -> None:
        while self._held:
            oldest = next(iter(self._held))
            if now < self._held[oldest][1]:
                return
            del self._held[oldest]
