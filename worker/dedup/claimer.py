"""Claims of many pages at once, and what happens while the store is down.

Pages ask one by one; their claims travel in batches, one at a time, so that a batch grows while the one before it is under way.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from functools import cache, partial
from typing import Generic, Literal, TypeVar

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

Q = TypeVar("Q")
A = TypeVar("A")
_Answer = tuple[ClaimResult, SourceRef | None]
_Waiting = tuple[Q, asyncio.Future[A]]

_UNKNOWN: _Answer = (ClaimResult.UNKNOWN, None)


class _Batches(Generic[Q, A]):
    """Requests that come one by one and travel in batches, one at a time."""

    def __init__(self, send: Callable[[list[_Waiting[Q, A]]], Awaitable[None]]) -> None:
        """`send` answers all that still wait for an answer."""
        self._send = send
        self._waiting: deque[_Waiting[Q, A]] = deque()
        self._flusher: asyncio.Task[None] | None = None

    async def ask(self, request: Q) -> A:
        future: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._waiting.append((request, future))
        if self._flusher is None or self._flusher.done():
            self._flusher = asyncio.create_task(self._flush(), name="claims")
        return await future

    async def close(self) -> None:
        if self._flusher is not None:
            self._flusher.cancel()
            await asyncio.gather(self._flusher, return_exceptions=True)
        while self._waiting:
            self._waiting.popleft()[1].cancel()

    async def _flush(self) -> None:
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), _MAX_BATCH))]
            try:
                await self._send(batch)
            except asyncio.CancelledError:
                for _, future in batch:
                    future.cancel()
                raise
            except Exception as error:  # told to every page that waits for it; the next batch may fare better
                for _, future in _unanswered(batch):
                    future.set_exception(error)


def _unanswered(batch: list[_Waiting[Q, A]]) -> list[_Waiting[Q, A]]:
    """Those for whose answer somebody still waits."""
    return [(request, future) for request, future in batch if not future.done()]


def _answer(waiting: list[_Waiting[Q, A]], answers: Sequence[A]) -> None:
    """Give each its answer, where somebody still waits for it."""
    for (_, future), each in zip(waiting, answers, strict=True):
        if not future.done():
            future.set_result(each)


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
        linger_s: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """Nothing is asked until `start` or the first claim.

        Args:
            store: where the claims are kept.
            on_store_error: what pages do while it is down.
            metrics: where claims and the store's state are counted.
            confirmed: awaited before anything is claimed or released: until the pages are known not to be another worker's.
            linger_s: says how many seconds lie between two moments in which extracted pages are claimed.  Those that a moment
                lets go on are published together as well: a transaction, and a request, cost much the same for one as for ten.
        """
        self._confirmed = confirmed
        self._store = store
        self._pause = on_store_error == "pause"
        self._metrics = metrics
        self._dedup_claims = cache(metrics.dedup_claims.labels)
        self._look_ups = _Batches[str, str | None](self._send_look_ups)
        self._claims = _Batches[Claim, _Answer](self._send_claims)
        self._pace = Pace(linger_s)
        self._unreleased: deque[Claim] = deque(maxlen=_MAX_UNRELEASED)
        self._takes_claims = False  # lately: one that is full still answers look-ups and lets claims go
        self.store_up = False

    async def start(self) -> None:
        """Open the store.

        Raises:
            ClaimStoreUnavailable: it is down; may be tried again, and claims try it too.
        """
        await self._store.start()
        self._takes_claims = True
        self._see(up=True)

    async def look_up(self, raw: str) -> str | None:
        """The hash of the article that a page with this hash of its bytes came to, where that is known."""
        return await self._look_ups.ask(raw)

    async def claim(self, kind: ClaimKind, claim: Claim) -> _Answer:
        """What the claim came to, and whose the article is where it is a duplicate."""
        if kind is ClaimKind.CONTENT:  # before extraction, a process may be waiting for the page
            await self._pace.turn()
        answered = await self._claims.ask(claim)
        self._dedup_claims(kind, answered[0]).inc()
        return answered

    async def release(self, claims: list[Claim]) -> None:
        """Give up claims whose records will not be published.

        Where pages don't wait for a store that is down, the release does: a claim that stays would make a duplicate of the page's
        replay.
        """
        if claims and not await self._ask(partial(self._released, claims)):
            self._unreleased.extend(claims)

    async def close(self) -> None:
        """Stop asking, and close the store.  Pages that still wait are cancelled."""
        await self._look_ups.close()
        await self._claims.close()
        await self._store.close()

    async def _send_look_ups(self, batch: list[_Waiting[str, str | None]]) -> None:
        if not await self._ask(partial(self._looked_up, batch)):
            _answer(batch, [None] * len(batch))

    async def _send_claims(self, batch: list[_Waiting[Claim, _Answer]]) -> None:
        if not (await self._make_good() and await self._ask(partial(self._claimed, batch))):
            _answer(batch, [_UNKNOWN] * len(batch))

    async def _looked_up(self, batch: list[_Waiting[str, str | None]]) -> None:
        if wanted := _unanswered(batch):
            _answer(wanted, await self._answered(self._store.look_up([raw for raw, _ in wanted])))

    async def _claimed(self, batch: list[_Waiting[Claim, _Answer]]) -> None:
        """Ask for what is still wanted.  A page that was revoked while the store was down has another owner by now, who may have
        settled it as a duplicate: a claim in its name would stand for an article that nobody publishes.
        """
        if self._confirmed is not None:
            await self._confirmed()
        if wanted := _unanswered(batch):
            claims = [claim for claim, _ in wanted]
            holders = await self._answered(self._store.claim(claims), claiming=True)
            _answer(wanted, [_came_to(claim, holder) for claim, holder in zip(claims, holders, strict=True)])

    async def _released(self, claims: list[Claim]) -> None:
        if self._confirmed is not None:
            await self._confirmed()
        await self._answered(self._store.release(claims))

    async def _make_good(self) -> bool:
        """Release what could not be released when it was asked for; whether nothing is left to be."""
        if claims := list(self._unreleased):
            if not await self._ask(partial(self._released, claims)):
                return False
            done = set(claims)
            self._unreleased = deque((claim for claim in self._unreleased if claim not in done), _MAX_UNRELEASED)
        return True

    async def _ask(self, request: Callable[[], Awaitable[None]]) -> bool:
        """Ask the store, however long it takes; False where it is down and the configuration says not to wait."""
        wait = _BACKOFF_S[0]
        while True:
            try:
                await request()
            except ClaimStoreUnavailable:
                if not self._pause:
                    return False
            else:
                return True
            await asyncio.sleep(wait)
            wait = min(wait * 2, _BACKOFF_S[1])

    async def _answered(self, asking: Awaitable[A], *, claiming: bool = False) -> A:
        """The answer of the store, which shows that it is up; of one that takes no claims, only a claim that is taken does."""
        started = time.perf_counter()
        try:
            answered = await asking
        except ClaimStoreUnavailable as error:
            self._takes_claims = self._takes_claims and not claiming
            self._see(up=False, error=str(error))
            raise
        self._metrics.dedup_claim_duration.observe(time.perf_counter() - started)
        self._takes_claims = self._takes_claims or claiming
        if self._takes_claims:
            self._see(up=True)
        return answered

    def _see(self, *, up: bool, error: str | None = None) -> None:
        if up and not self.store_up:
            _log.info("dedup store is up")
        elif self.store_up and not up:
            _log.warning("dedup store is down", error=error, then="pausing" if self._pause else "publishing undeduplicated")
        self.store_up = up
        self._metrics.dedup_store_up.set(int(up))


def _came_to(claim: Claim, holder: SourceRef | None) -> _Answer:
    if holder is None:
        return ClaimResult.WON, None
    if holder == claim.owner:
        return ClaimResult.REPLAYED, None
    return ClaimResult.DUPLICATE, holder
