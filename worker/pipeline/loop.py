"""The one loop: source -> processor -> settled -> committed.

Every record gets a task of its own and ends in one `Settlement`.  Records finish in any order; what is committed is the settled
prefix of each partition.  The budget bounds all that is in flight: when it is full the source is still polled, for nothing, so
that the group keeps its member.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, partial

import structlog
from prometheus_client import Gauge

from worker.breaker import Breaker
from worker.budget import Budget
from worker.config import Settings
from worker.dedup.claimer import Claimer
from worker.errors import FatalError, PublishFailed
from worker.metrics import Metrics
from worker.offsets import OffsetTracker
from worker.pipeline.processor import RecordProcessor, Work
from worker.pool import Extractor
from worker.records import Extent, Outcome, RawPage, Settlement, TopicPartition
from worker.stream.edges import Publisher, Source

_AHEAD = 10  # times what may be in flight: so far a partition is read beyond a record that does not settle
_LAST_POLL_S = 0.5
_LAST_COMMIT_S = 2.0  # for the last commit, however little of the drain is left

_log = structlog.get_logger(__name__)


@dataclass(slots=True, eq=False)
class _Lane:
    """One partition, for one assignment of it."""

    tracker: OffsetTracker = field(default_factory=OffsetTracker)
    works: dict[int, Work] = field(default_factory=dict)  # by offset
    committed: int | None = None
    extent: Extent | None = None
    behind_since: float | None = None  # records wait in the topic, and none is taken in
    held: bool = True
    last_settled: Gauge | None = None  # its series, from the first settlement on


class Pipeline:
    """Runs records from a source to a publisher; told by the source which partitions are held."""

    def __init__(
        self,
        *,
        source: Source,
        publisher: Publisher,
        claimer: Claimer,
        extractor: Extractor,
        settings: Settings,
        metrics: Metrics,
        clock: Callable[[], float] = time.time,
        on_settled: Callable[[Settlement], None] | None = None,
    ) -> None:
        self._source = source
        self._publisher = publisher
        self._budget = Budget(max_records=settings.limits.inflight_records, max_bytes=settings.limits.inflight_bytes)
        self._processor = RecordProcessor(
            claimer=claimer,
            extractor=extractor,
            publisher=publisher,
            settings=settings,
            budget=self._budget,
            metrics=metrics,
            clock=clock,
        )
        self._extractor = extractor
        self._settings = settings
        self._metrics = metrics
        self._records_settled = cache(metrics.records_settled.labels)  # a series is looked up once, not for every record
        self._clock = clock
        self._on_settled = on_settled
        letters = settings.dead_letters
        self.breaker = Breaker(max_ratio=letters.max_ratio, min_sample=letters.min_sample, window_s=letters.window)
        self._lanes: dict[TopicPartition, _Lane] = {}
        self._stopping = asyncio.Event()
        self._commit_wanted = asyncio.Event()
        self._commit_lock = asyncio.Lock()
        self._settled_since_commit = 0
        self._failure: Exception | None = None
        self._out_of_records = False  # the failure is that no more can be consumed
        self.assigned = False
        metrics.inflight_records.set_function(lambda: self._budget.records)
        metrics.inflight_bytes.set_function(lambda: self._budget.bytes)
        metrics.breaker_open.set_function(lambda: self.breaker.why_open is not None)

    # -- the loop

    async def run(self) -> None:
        """Consume until the source ends or `drain` is called, then settle what is in flight within `shutdown.drain_timeout`.

        Raises:
            FatalError: the worker can't go on; what was not committed is consumed again by whoever comes next.
        """
        committer = asyncio.create_task(self._commit_regularly(), name="commits")
        try:
            await self._until_stopped(asyncio.create_task(self._consume(), name="consume"))
            await self._settle_rest()
        finally:
            committer.cancel()
            await asyncio.gather(committer, return_exceptions=True)
            await _end(self._abandon(list(self._lanes)))
        if self._failure is not None:
            raise self._failure

    def drain(self) -> None:
        """Stop consuming; `run` returns when what is in flight is settled, or its time is over."""
        self._stopping.set()

    async def _until_stopped(self, consuming: asyncio.Task[None]) -> None:
        """Wait for the end of the source; when told to stop, do not wait for a poll that a rebalance holds up."""
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait((consuming, stopping), return_when=asyncio.FIRST_COMPLETED)
            if not consuming.done():
                await asyncio.wait((consuming,), timeout=_LAST_POLL_S)
        finally:
            if not consuming.done():  # a source that came to its end leaves the rest all the time that it needs
                self._stopping.set()  # ends a source that loses its cancellation, as Python 3.11's wait_for may
            await _end({stopping, consuming})
        if not consuming.cancelled():
            consuming.result()

    async def _consume(self) -> None:
        await self._source.start(self)
        try:
            await self._poll()
        except Exception as error:  # what was taken in is still settled and committed before the end
            _log.exception("consuming stopped")
            self._out_of_records = self._failure is None
            self.fail(error)

    async def _poll(self) -> None:
        paused_at: float | None = None
        while not self._stopping.is_set():
            allowance = self._budget.allowance if paused_at is None or self._budget.roomy else 0
            if self._held_up:
                allowance = 0
            now = time.monotonic()
            if paused_at is not None:
                self._metrics.backpressure_seconds.inc(now - paused_at)
            paused_at = None if allowance else now
            pages = await self._source.poll(allowance if self.breaker.why_open is None else 0)
            if pages is None:
                return
            for page in pages:
                self._accept(page)

    @property
    def _held_up(self) -> bool:
        """Whether a record that does not settle holds up a commit, and too much waits behind it."""
        limits = self._settings.limits
        uncommitted = max((len(lane.tracker) for lane in self._lanes.values()), default=0)
        return uncommitted > _AHEAD * limits.inflight_records or self._publisher.held_bytes > limits.inflight_bytes

    def _accept(self, page: RawPage) -> None:
        lane = self._lanes.get(page.ref.topic_partition)
        if lane is None:
            return  # not held any more: its next owner consumes the record
        lane.tracker.register(page.ref.offset)
        work = Work(page, page.size)
        self._budget.take(work.size)
        self._metrics.records_consumed.inc()
        lane.works[page.ref.offset] = work
        work.task = asyncio.create_task(self._run(lane, work))
        work.task.add_done_callback(partial(self._account, lane, work))

    async def _run(self, lane: _Lane, work: Work) -> None:
        try:
            settlement = await self._processor.process(work)
        except Exception:  # the worker comes to its end, and the record is consumed again
            self._metrics.records_abandoned.inc()
            raise
        self._settle(lane, work.page, settlement)

    def _account(self, lane: _Lane, work: Work, task: asyncio.Task[None]) -> None:
        """Whatever became of a record's task; not in the task itself, for one that is cancelled early never runs at all."""
        self._budget.give_back(work.size)
        lane.works.pop(work.page.ref.offset, None)
        if task.cancelled():
            self._metrics.records_abandoned.inc()
        elif isinstance(error := task.exception(), Exception):  # nothing is raised on purpose: stop before more goes wrong
            _log.error("a record could not be settled", ref=str(work.page.ref), exc_info=error)
            self.fail(error)

    def fail(self, error: Exception) -> None:
        """Stop consuming, settle what can be, and have `run` raise the error."""
        if self._failure is None:
            self._failure = error if isinstance(error, FatalError) else FatalError(f"{type(error).__name__}: {error}")
        self._stopping.set()

    def _settle(self, lane: _Lane, page: RawPage, settlement: Settlement) -> None:
        if not lane.held:  # a completion from an assignment that is over
            self._metrics.records_abandoned.inc()
            return
        lane.tracker.settle(page.ref.offset)
        self._records_settled(settlement.outcome).inc()
        error = settlement.error if settlement.outcome is Outcome.DEAD_LETTERED else None
        self.breaker.record(error.reason if error is not None else None)
        if error is not None:
            self._metrics.dead_letters.labels(stage=error.stage, reason=error.reason).inc()
            _log.info("dead letter", ref=str(page.ref), stage=error.stage, reason=error.reason, error=str(error)[:300])
        now = self._clock()
        if page.timestamp_ms is not None:
            self._metrics.end_to_end_latency.observe(max(0.0, now - page.timestamp_ms / 1000))
        if lane.last_settled is None:
            lane.last_settled = self._metrics.partition_last_settled.labels(*page.ref.topic_partition)
        lane.last_settled.set(now)
        self._settled_since_commit += 1
        if self._settled_since_commit >= self._settings.commit.max_records:
            self._commit_wanted.set()
        if self._on_settled is not None:
            self._on_settled(settlement)

    # -- offsets

    async def _commit_regularly(self) -> None:
        while True:
            with suppress(TimeoutError):  # no wait_for: in Python 3.11 it may lose the cancellation that ends this task
                async with asyncio.timeout(self._settings.commit.interval):
                    await self._commit_wanted.wait()
            self._commit_wanted.clear()
            try:
                await self._commit(self._lanes)
            except PublishFailed as error:
                _log.warning("a commit failed and is tried again", error=str(error))
            except Exception as error:
                _log.exception("commits stopped")
                self.fail(error)
                return

    async def _commit(self, partitions: Collection[TopicPartition]) -> None:
        async with self._commit_lock:
            lanes = {tp: self._lanes[tp] for tp in partitions if tp in self._lanes}
            offsets = {
                tp: offset for tp, lane in lanes.items() if (offset := lane.tracker.committable) not in (None, lane.committed)
            }
            self._settled_since_commit = 0
            if not offsets:
                return
            started = time.perf_counter()
            try:
                await self._publisher.commit(offsets)
            except PublishFailed:
                self._metrics.commit_failures.inc()
                raise
            self._metrics.commit_duration.observe(time.perf_counter() - started)
            for tp, offset in offsets.items():
                lanes[tp].committed = offset

    # -- assignment

    async def on_assigned(self, partitions: Collection[TopicPartition]) -> None:
        """Open a lane for each partition: before the first await, for records may come at once."""
        self._abandon([tp for tp in partitions if tp in self._lanes])
        self._lanes |= {tp: _Lane() for tp in partitions}
        await self._publisher.open(partitions)
        self.assigned = True

    async def on_revoked(self, partitions: Collection[TopicPartition]) -> None:
        """Let what runs finish, within half the time that the group allows; commit, within a quarter; forget the rest.

        Never awaits the task that polls: it is the one that may be waiting for this.
        """
        allowed = self._settings.kafka.consumer.rebalance_timeout_ms / 1000
        started = self._extractor.started()
        works = [work for tp in partitions if tp in self._lanes for work in self._lanes[tp].works.values()]
        for work in works:
            if not work.spent and work.page.ref not in started and work.task is not None:
                work.task.cancel()
        tasks = [work.task for work in works if work.task is not None]
        if tasks:
            await asyncio.wait(tasks, timeout=min(self._settings.pool.page_timeout, allowed / 2))
        try:
            await asyncio.wait_for(self._commit(partitions), allowed / 4)
        except (PublishFailed, TimeoutError) as error:
            why = str(error) or "no answer in time"
            _log.warning("could not commit revoked partitions; their next owner repeats some records", error=why)
        finally:
            self._abandon(partitions)

    def _abandon(self, partitions: Collection[TopicPartition]) -> set[asyncio.Task[None]]:
        """Forget partitions: a completion that comes later finds its lane not held, and settles nothing.  Returns what ran."""
        cancelled: set[asyncio.Task[None]] = set()
        for tp in partitions:
            lane = self._lanes.pop(tp, None)
            if lane is None:
                continue
            lane.held = False
            for work in lane.works.values():
                if work.task is not None:
                    work.task.cancel()
                    cancelled.add(work.task)
            self._forget_gauges(tp)
        self._publisher.discard(partitions)
        return cancelled

    async def _settle_rest(self) -> None:
        """Wait for what is in flight, and once told to stop not longer than `shutdown.drain_timeout`; then commit."""
        tasks = {work.task for lane in self._lanes.values() for work in lane.works.values() if work.task is not None}
        while tasks and not self._stopping.is_set():
            _, tasks = await asyncio.wait(tasks, timeout=_LAST_POLL_S)
        deadline = time.monotonic() + self._settings.shutdown.drain_timeout
        if tasks and (self._failure is None or self._out_of_records):
            _, tasks = await asyncio.wait(tasks, timeout=deadline - time.monotonic())
        if tasks:
            _log.warning("records left unsettled; they will be consumed again", records=len(tasks))
        try:
            await asyncio.wait_for(self._commit(self._lanes), max(_LAST_COMMIT_S, deadline - time.monotonic()))
        except (PublishFailed, TimeoutError) as error:
            why = str(error) or "no answer in time"
            self.fail(FatalError(f"the last commit failed; some records will be consumed again: {why}"))

    # -- what can be seen

    async def observe_lag(self) -> None:
        """Bring the partitions' gauges up to date."""
        extents = await self._source.extents()
        now = self._clock()
        for tp, lane in self._lanes.items():
            lane.extent = extents.get(tp, lane.extent)
            oldest = lane.tracker.oldest
            behind = 0
            if lane.extent is not None:
                position = next(at for at in (oldest, lane.tracker.committable, lane.extent.begin) if at is not None)
                behind = max(0, lane.extent.end - position)
                self._metrics.consumer_lag_records.labels(*tp).set(behind)
            work = None if oldest is None else lane.works.get(oldest)
            stamp = work.page.timestamp_ms if work is not None else None
            lane.behind_since = (lane.behind_since or now) if behind and oldest is None else None
            since = stamp / 1000 if stamp is not None else lane.behind_since
            self._metrics.consumer_lag_seconds.labels(*tp).set(max(0.0, now - since) if since is not None else 0)
            self._metrics.partition_buffered.labels(*tp).set(len(lane.tracker))

    def _forget_gauges(self, tp: TopicPartition) -> None:
        m = self._metrics
        for gauge in (m.consumer_lag_records, m.consumer_lag_seconds, m.partition_buffered, m.partition_last_settled):
            with suppress(KeyError):
                gauge.remove(*tp)

    def status(self) -> dict[str, object]:
        """What the status page shows."""
        return {
            "partitions": {
                str(tp): {"buffered": len(lane.tracker), "committed": lane.committed, "end": lane.extent and lane.extent.end}
                for tp, lane in sorted(self._lanes.items())
            },
            "inflight": {"records": self._budget.records, "bytes": self._budget.bytes},
            "draining": self._stopping.is_set(),
        }


async def _end(tasks: Collection[asyncio.Task[object]]) -> None:
    """Cancel and wait until they have unwound; what they raise, they have told elsewhere."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
