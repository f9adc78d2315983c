"""Claims of many pages at once, and what happens while the store is down.

Pages ask one by one; their claims travel in batches, one at a time, so that a batch grows while the one before it is under way.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from functools import cache, partial
from typing import Literal, TypeVar

import structlog

from worker.dedup.claims import Claim, ClaimKind, ClaimResult, ClaimStore
from worker.errors import ClaimStoreUnavailable
from worker.metrics import Metrics
from worker.pace import Pace
from worker.records import SourceRef

_MAX_BATCH = 500
_MAX_UNRELEASED = 10_000  # releases that wait for the store; beyond, the oldest claims stay until their window ends
_BACKOFF_S = (0.1, 5.0)  # first and longest wait between two attempts

_log = structlog.get_logger(__name__)

T = TypeVar("T")
_Answer = tuple[ClaimResult, SourceRef | None]
_Waiting = tuple[Claim, asyncio.Future[_Answer]]

_UNKNOWN: _Answer = (ClaimResult.UNKNOWN, None)


class Claimer:
    """Stands between the pipeline and a `ClaimStore`.

    While the store is down, `pause` keeps asking (the pages wait, their bytes fill the budget, consumption stops) and `publish`
    answers `UNKNOWN` at once.  No answer is ever made up: a page is a duplicate only if the store said so.
    """

    def __init__(
        self,
        store: ClaimStore,
        *,
        on_store_error: Literal["pause", "publish"],
        metrics: Metrics,
        confirmed: Callable[[], Awaitable[None]] | None = None,
        linger_s: float = 0.0,
    ) -> None:
        """Nothing is asked until `start` or the first claim.

        Args:
            store: where the claims are kept.
            on_store_error: what pages do while it is down.
            metrics: where claims and the store's state are counted.
            confirmed: awaited before anything is claimed or released: until the pages are known not to be another worker's.
            linger_s: seconds between two moments in which extracted pages are claimed.  Those that a moment lets go on are
                published together as well: a transaction, and a request, cost much the same for one as for ten.
        """
        self._confirmed = confirmed
        self._store = store
        self._pause = on_store_error == "pause"
        self._metrics = metrics
        self._dedup_claims = cache(metrics.dedup_claims.labels)
        self._waiting: deque[_Waiting] = deque()
        self._flusher: asyncio.Task[None] | None = None
        self._pace = Pace(linger_s)
        self._unreleased: deque[Claim] = deque(maxlen=_MAX_UNRELEASED)
        self.store_up = False

    async def start(self) -> None:
        """Open the store.

        Raises:
            ClaimStoreUnavailable: it is down; may be tried again, and claims try it too.
        """
        await self._store.start()
        self._see(up=True)

    async def claim(self, kind: ClaimKind, digest: str, owner: SourceRef) -> _Answer:
        """What the claim came to, and whose the hash is where it is a duplicate."""
        if kind is ClaimKind.CONTENT:  # with a raw claim, a process may be waiting for the page
            await self._pace.turn()
        future: asyncio.Future[_Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((Claim(kind, digest, owner), future))
        if self._flusher is None or self._flusher.done():
            self._flusher = asyncio.create_task(self._flush(), name="claims")
        answer = await future
        self._dedup_claims(kind, answer[0]).inc()
        return answer

    async def release(self, claims: list[Claim]) -> None:
        """Give up claims whose records will not be published.

        Where pages don't wait for a store that is down, the release does: a claim that stays would make a duplicate of the page's
        replay.
        """
        if claims and await self._ask(partial(self._released, claims)) is None:
            self._unreleased.extend(claims)

    async def _make_good(self) -> None:
        """Release what could not be released when it was asked for."""
        if not self._unreleased:
            return
        claims = list(self._unreleased)
        self._unreleased.clear()
        if await self._ask(partial(self._released, claims)) is None:
            self._unreleased.extend(claims)

    async def _released(self, claims: list[Claim]) -> bool:
        if self._confirmed is not None:
            await self._confirmed()
        await self._answered(self._store.release(claims))
        return True

    async def close(self) -> None:
        """Stop asking, and close the store.  Pages that still wait are cancelled by their own tasks."""
        if self._flusher is not None:
            self._flusher.cancel()
            await asyncio.gather(self._flusher, return_exceptions=True)
        await self._store.close()

    async def _flush(self) -> None:
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), _MAX_BATCH))]
            try:
                await self._make_good()
                answered = await self._ask(partial(self._claimed, batch))
            except Exception as error:  # told to every page that waits for it; the next batch may fare better
                for _, future in batch:
                    if not future.done():
                        future.set_exception(error)
                continue
            for future, answer in [(future, _UNKNOWN) for _, future in batch] if answered is None else answered:
                if not future.done():
                    future.set_result(answer)

    async def _claimed(self, batch: list[_Waiting]) -> list[tuple[asyncio.Future[_Answer], _Answer]]:
        """Ask for what is still wanted.  A page that was revoked while the store was down has another owner by now, who may have
        settled it as a duplicate: a claim in its name would stand for an article that nobody publishes.
        """
        if self._confirmed is not None:
            await self._confirmed()
        wanted = [(claim, future) for claim, future in batch if not future.done()]
        holders = await self._answered(self._store.claim([claim for claim, _ in wanted])) if wanted else []
        return [(future, _answer(claim, holder)) for (claim, future), holder in zip(wanted, holders, strict=True)]

    async def _ask(self, request: Callable[[], Awaitable[T]]) -> T | None:
        """The store's answer, however long it takes, or None where the configuration says not to wait."""
        wait = _BACKOFF_S[0]
        while True:
            try:
                return await request()
            except ClaimStoreUnavailable as error:
                self._see(up=False, error=str(error))
            if not self._pause:
                return None
            await asyncio.sleep(wait)
            wait = min(wait * 2, _BACKOFF_S[1])

    async def _answered(self, asking: Awaitable[T]) -> T:
        """The answer of the store, which shows that it is up."""
        started = time.perf_counter()
        answer = await asking
        self._metrics.dedup_claim_duration.observe(time.perf_counter() - started)
        self._see(up=True)
        return answer

    def _see(self, *, up: bool, error: str | None = None) -> None:
        if up and not self.store_up:
            _log.info("dedup store is up")
        elif self.store_up and not up:
            _log.warning("dedup store is down", error=error, then="pausing" if self._pause else "publishing undeduplicated")
        self.store_up = up
        self._metrics.dedup_store_up.set(int(up))


def _answer(claim: Claim, holder: SourceRef | None) -> _Answer:
    if holder is None:
        return ClaimResult.WON, None
    if holder == claim.owner:
        return ClaimResult.REPLAYED, None
    return ClaimResult.DUPLICATE, holder
