"""A worker's life: wire the rooms together, start them, heed signals, drain, stop.

The rooms start from the inside out (endpoints, claims, processes, producer, consumer) and stop in the reverse order, each within a
bounded time: a broker that is gone must not hold up the end.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict

import structlog

from worker import __version__, heap
from worker.config import Settings
from worker.dedup import open_store
from worker.dedup.claimer import Claimer
from worker.errors import ClaimStoreUnavailable, ConfigError, PublishFailed, WinnowError
from worker.http import HttpServer
from worker.metrics import Metrics
from worker.pipeline import Pipeline
from worker.pool.supervisor import ExtractionPool
from worker.records import Settlement
from worker.stream.edges import Publisher, Source
from worker.stream.kafka_publisher import KafkaPublisher
from worker.stream.kafka_source import KafkaSource
from worker.stream.transactions import TransactionalPublisher

_TICK_S = 1.0
_LAGS = 60  # ticks over which the event loop's worst lag is told
_LAG_EVERY_S = 5.0
_TRIM_EVERY_S = 60.0
_START_BACKOFF_S = (0.5, 10.0)
_STOP_POOL_S = 2.0
_LINGER_BEHIND_S = 0.1
_FETCH_STALLED_S = 600.0  # a fetch waits out a rebalance; nothing that is well takes longer

_log = structlog.get_logger(__name__)


class Worker:
    """Source and publisher joined by a pipeline, with the processes and claims that it needs."""

    def __init__(
        self,
        settings: Settings,
        *,
        source: Source,
        publisher: Publisher,
        metrics: Metrics,
        on_settled: Callable[[Settlement], None] | None = None,
    ) -> None:
        self._settings = settings
        self._metrics = metrics
        self._source = source
        self._publisher = publisher
        self._store = open_store(settings.dedup)
        self._claimer = Claimer(
            self._store,
            on_store_error=settings.dedup.on_store_error,
            metrics=metrics,
            confirmed=source.confirmed,
            linger_s=self._linger_s,
        )
        self._pool = ExtractionPool(
            settings.pool, decoded_bytes=settings.limits.decoded_bytes, similar_news=settings.similar_news, metrics=metrics
        )
        self._pipeline = Pipeline(
            source=source,
            publisher=publisher,
            claimer=self._claimer,
            extractor=self._pool,
            settings=settings,
            metrics=metrics,
            on_settled=on_settled,
        )
        consumer = settings.kafka.consumer
        self._patience_s = (consumer.session_timeout_ms + consumer.rebalance_timeout_ms) / 1000  # in which a member may rejoin
        self._confirmed_at = self._in_touch_since = float("-inf")
        self._started = False
        self._draining = False
        self._work: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Run until the source ends or `drain`.

        Raises:
            WinnowError: the worker can't start, or can't go on.
        """
        self._work = asyncio.create_task(self._start_and_run(), name="work")
        watching = [asyncio.create_task(watch) for watch in (self._tick(), self._observe(), self._stay_in_touch())]
        for task in watching:
            task.add_done_callback(self._see_end)
        try:
            await self._work
        except asyncio.CancelledError:
            if not self._draining:
                raise
        finally:
            for task in watching:
                task.cancel()
            await asyncio.gather(*watching, return_exceptions=True)
            await self._stop()

    def drain(self) -> None:
        """Stop consuming and come to an end; while still starting, end at once."""
        self._draining = True
        self._pipeline.drain()
        if not self._started and self._work is not None:
            self._work.cancel()

    def _see_end(self, watch: asyncio.Task[None]) -> None:
        """A watch does not end by itself: what it was to see would go on unseen."""
        if not watch.cancelled() and isinstance(error := watch.exception(), Exception):
            _log.error("a watch has ended", exc_info=error)
            self._pipeline.fail(error)

    async def _start_and_run(self) -> None:
        await asyncio.gather(self._pool.start(), self._open_store())
        await _persist(self._publisher.start, PublishFailed, "the brokers")
        self._started = True
        await self._pipeline.run()

    async def _open_store(self) -> None:
        """A store that is down holds up the start, or is done without, as `dedup.on_store_error` says."""
        if self._settings.dedup.on_store_error == "pause":
            await _persist(self._claimer.start, ClaimStoreUnavailable, "the dedup store")
        else:
            try:
                await self._claimer.start()
            except ClaimStoreUnavailable as error:
                _log.warning("starting without the dedup store", error=str(error))
                return
        try:
            for warning in await self._store.warnings():
                _log.warning("the dedup store may forget claims", why=warning)
        except ClaimStoreUnavailable as error:  # it may take claims all the same
            _log.warning("the dedup store's own settings can't be seen", error=str(error))

    async def _stop(self) -> None:
        async with AsyncExitStack() as steps:  # the last that is named comes first, and none is left out if another fails
            steps.push_async_callback(self._pool.stop, _STOP_POOL_S)
            steps.push_async_callback(self._claimer.close)
            steps.push_async_callback(self._publisher.stop)
            steps.push_async_callback(self._source.stop)

    async def _tick(self) -> None:
        """Watch the event loop from inside, and say whether all is well."""
        next_trim = time.monotonic() + _TRIM_EVERY_S
        lags = deque[float](maxlen=_LAGS)
        while True:
            asked = time.monotonic()
            await asyncio.sleep(_TICK_S)
            now = time.monotonic()
            lags.append(max(0.0, now - asked - _TICK_S))
            self._metrics.event_loop_lag.set(max(lags))
            self._metrics.ready.set(0 if self.faults_of_readiness() else 1)
            if now >= next_trim:
                next_trim = now + _TRIM_EVERY_S
                heap.trim()

    async def _observe(self) -> None:
        """Keep the partitions' gauges fresh."""
        while True:
            await asyncio.sleep(_LAG_EVERY_S)
            if self._started:
                await self._pipeline.observe_lag()

    async def _stay_in_touch(self) -> None:
        """Note when the group last said that this is its member: a worker that is out of reach may have nothing to fail at."""
        while True:
            await self._source.confirmed()
            now = time.monotonic()
            if not self._in_touch(now):
                self._in_touch_since = now
            self._confirmed_at = now
            await asyncio.sleep(_TICK_S)

    def _in_touch(self, now: float) -> bool:
        return now - self._confirmed_at <= self._patience_s

    def _linger_s(self) -> float:
        """Pages that have waited long for a process lose nothing by waiting for one another, and cost less."""
        own = self._settings.kafka.producer.linger_ms / 1000
        return max(own, _LINGER_BEHIND_S) if self._pool.behind else own

    # -- health

    def faults_of_life(self) -> list[str]:
        """Only what a restart mends: neither a rebalance nor an outage of the broker or the store."""
        faults = []
        if self._pool.stuck:
            faults.append("a page runs far beyond its deadline: the pool does not enforce it")
        now = time.monotonic()
        fetching_since = max(self._source.answered_at, self._in_touch_since)  # out of touch, a fetch waits for a rebalance to end
        if self._started and not self._draining and self._in_touch(now) and now - fetching_since > _FETCH_STALLED_S:
            faults.append("the consumer has not come back from a fetch for ten minutes")
        return faults

    def faults_of_readiness(self) -> list[str]:
        """Those of life, and: starting, draining, not yet in the group or out of its reach, or short of processes."""
        faults = self.faults_of_life()
        if self._draining:
            faults.append("draining")
        if not self._started:
            faults.append("starting")
        elif not self._pipeline.assigned:
            faults.append("no partitions were assigned yet")
        elif not self._in_touch(now := time.monotonic()):
            faults.append(f"the consumer group has not answered for {now - self._confirmed_at:.0f} s")
        elif missing := self._source.missing:
            faults.append(f"no such topic any more, or no right to describe it: {', '.join(missing)}")
        if self._started and not self._pool.healthy:
            faults.append("extraction processes die too often")
        if (why := self._pipeline.breaker.why_open) is not None:
            faults.append(why)
        return faults

    def status(self) -> dict[str, object]:
        """For the status page."""
        return {
            "version": __version__,
            "not_ready": self.faults_of_readiness(),
            "dedup_store_up": self._claimer.store_up,
            **self._pipeline.status(),
            "pool": [asdict(running) for running in self._pool.running()],
        }


async def _persist(start: Callable[[], Awaitable[None]], unavailable: type[WinnowError], what: str) -> None:
    """Start something that may be away for a while: a worker that comes up during an outage waits for its end."""
    wait = _START_BACKOFF_S[0]
    while True:
        try:
            return await start()
        except unavailable as error:
            _log.warning(f"waiting for {what}", error=str(error), again_in_s=wait)
        await asyncio.sleep(wait)
        wait = min(wait * 2, _START_BACKOFF_S[1])


async def serve(settings: Settings) -> None:
    """`winnow run`: from Kafka to Kafka until a signal comes."""
    metrics = Metrics(__version__)
    metrics.consumer_group.labels(group=settings.kafka.consumer.group_id).set(1)
    exactly_once = settings.processing_guarantee == "exactly_once"
    source = KafkaSource(settings.kafka, settings.input.topics, metrics=metrics)
    publisher: Publisher = (
        TransactionalPublisher(settings.kafka, source, topics=settings.output_topics, metrics=metrics)
        if exactly_once
        else KafkaPublisher(settings.kafka, source, topics=settings.output_topics)
    )
    worker = Worker(settings, source=source, publisher=publisher, metrics=metrics)
    server = HttpServer(settings.http, health=worker, registry=metrics.registry)
    try:
        await server.start()
    except OSError as error:
        raise ConfigError(f"can't listen on http.host {settings.http.host} and http.port {settings.http.port}: {error}") from None
    _log.info("winnow starts", version=__version__, pid=os.getpid(), http=f"http://{settings.http.host}:{server.port}")
    try:
        async with signals_drain(worker):
            await worker.run()
    finally:
        await server.stop()
    _log.info("winnow has drained and stopped")


@asynccontextmanager
async def signals_drain(worker: Worker, drained: asyncio.Event | None = None) -> AsyncIterator[None]:
    """SIGTERM and SIGINT drain the worker, and `drained` says that one came; a second ends the process at once."""
    loop = asyncio.get_running_loop()
    seen: list[int] = []

    def heed(number: int) -> None:
        if seen:
            os._exit(128 + number)
        seen.append(number)
        if drained is not None:
            drained.set()
        _log.info("draining; a second signal stops at once", signal=signal.Signals(number).name)
        worker.drain()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, heed, number)
    try:
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
