"""A run: three brokers, a Redis and workers, pages that keep coming, and faults as planned."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from aiokafka import AIOKafkaProducer

from tests.chaos.checker import Verdict, verdict_on
from tests.chaos.pages import page_of
from tests.chaos.schedule import Fault, plan
from tests.kafka_broker import KafkaCluster
from tests.redis_server import RedisServer
from tests.worker_process import Setup, WorkerProcess

PARTITIONS: Final = 6
WORKERS: Final = 3
SETTLE_DEADLINE_S: Final = 180.0
CALM_PAGES: Final = 120
DEAD_LETTER_LIMIT: Final = 300_000

# As a cluster would set them, but quicker to notice: a fault that is over in seconds must still be one.
SETTINGS: Final[dict[str, dict[str, object]]] = {
    "kafka": {
        "metadata_max_age_ms": 5_000,
        "consumer": {
            "session_timeout_ms": 6_000,
            "heartbeat_interval_ms": 1_000,
            "rebalance_timeout_ms": 10_000,
            "request_timeout_ms": 15_000,
        },
        "producer": {"request_timeout_ms": 10_000},
        "transactions": {"timeout_ms": 15_000},
    },
    "commit": {"interval": "300ms"},
    "pool": {"processes": 1, "page_timeout": "5s"},
    "limits": {"inflight_records": 300},
    "shutdown": {"drain_timeout": "10s"},
}


@dataclass
class Report:
    """What a run did and found."""

    seed: int
    guarantee: str
    seconds: float
    faults: Counter[str]
    verdict: Verdict
    ends: Counter[int]  # exit statuses of workers that were asked to end
    complaints: list[str] = field(default_factory=list)

    @property
    def broken(self) -> list[str]:
        return self.verdict.faults(self.guarantee) + self.complaints

    def __str__(self) -> str:
        seen = self.verdict
        faults = ", ".join(f"{kind} {count}" for kind, count in sorted(self.faults.items()))
        return (
            f"{self.guarantee}, seed {self.seed}, {self.seconds:.0f} s: {seen.pages} pages, {seen.articles} articles,"
            f" {seen.duplicates} duplicates, {seen.dead} dead letters; lost {len(seen.lost)}, doubled {len(seen.doubled)},"
            f" wrong {len(seen.wrong)}, chained {seen.chained}; faults: {faults}; exit statuses {dict(self.ends)}"
        )


class Battle:
    """The servers, the workers, and the faults that are done to them."""

    def __init__(self, cluster: KafkaCluster, redis: RedisServer, setup: Setup, *, seed: int, say: Callable[[str], None]) -> None:
        self._cluster = cluster
        self._redis = redis
        self._setup = setup
        self._seed = seed
        self._say = say
        self._dice = random.Random(f"children {seed}")
        self._workers: list[WorkerProcess] = []
        self._busy = [asyncio.Lock() for _ in range(WORKERS)]
        self._breaking = asyncio.Lock()  # of brokers
        self._produced = 0
        self._ends: Counter[int] = Counter()
        self._complaints: list[str] = []

    async def fight(self, duration_s: float, *, rate: float) -> Report:
        """Run the plan, heal everything, wait until all is settled, and look."""
        began = time.monotonic()
        faults = plan(self._seed, duration_s, workers=WORKERS, brokers=len(self._cluster.nodes))
        await self._setup.create_topics(PARTITIONS, replication=len(self._cluster.nodes), dead_letter_limit=DEAD_LETTER_LIMIT)
        try:
            self._workers = [WorkerProcess(self._setup) for _ in range(WORKERS)]
            async with self._producing(rate):
                await self._wreak(faults, began, duration_s)
            await self._settle()
            await self._end_in_peace()
        finally:
            self._kill_all()
        verdict = await verdict_on(self._setup, self._seed)
        return Report(
            self._seed,
            self._setup.guarantee,
            time.monotonic() - began,
            Counter(fault.kind for fault in faults),
            verdict,
            self._ends,
            self._complaints,
        )

    # -- faults

    async def _wreak(self, faults: list[Fault], began: float, duration_s: float) -> None:
        async with asyncio.TaskGroup() as tasks:
            for fault in faults:
                await asyncio.sleep(max(0.0, began + fault.at_s - time.monotonic()))
                self._say(str(fault))
                tasks.create_task(self._do(fault))
            await asyncio.sleep(max(0.0, began + duration_s - time.monotonic()))

    async def _do(self, fault: Fault) -> None:
        target, _, number = fault.kind.partition(" ")
        match target:
            case "worker":
                await self._hit_worker(fault.index, signal.Signals[number], fault.lasts_s)
            case "child":
                self._kill_a_child(self._workers[fault.index])
            case "broker":
                await self._hit_broker(fault.index, signal.Signals[number], fault.lasts_s)
            case "redis":
                await self._hit_redis(signal.Signals[number], fault.lasts_s)

    async def _hit_worker(self, index: int, number: signal.Signals, lasts_s: float) -> None:
        async with self._busy[index]:  # one that drains may take longer than planned: its next fault is for its successor
            worker = self._workers[index]
            if number == signal.SIGSTOP:
                worker.process.send_signal(number)
                await asyncio.sleep(lasts_s)
                worker.process.send_signal(signal.SIGCONT)
                await asyncio.sleep(1)  # one that was fenced may end itself, for its pod to be started again
            else:
                await self._end(worker, number)
                await asyncio.sleep(lasts_s)
            if worker.process.poll() is not None:
                self._workers[index] = WorkerProcess(self._setup)

    async def _end(self, worker: WorkerProcess, number: signal.Signals) -> None:
        status = await worker.end(number)
        if number == signal.SIGTERM:
            self._ends[status] += 1

    def _kill_a_child(self, worker: WorkerProcess) -> None:
        """One that extracts, or the one that they are forked from."""
        found = _children(worker.process.pid)
        found += [grandchild for child in found for grandchild in _children(child)]
        if found:
            with contextlib.suppress(OSError):
                os.kill(self._dice.choice(found), signal.SIGKILL)

    async def _hit_broker(self, index: int, number: signal.Signals, lasts_s: float) -> None:
        async with self._breaking:  # one that starts slowly is not hit again before it is there, nor another one with it
            node = self._cluster.nodes[index]
            match number:
                case signal.SIGSTOP:
                    node.freeze()
                    await asyncio.sleep(lasts_s)
                    node.thaw()
                    return
                case signal.SIGTERM:
                    await asyncio.to_thread(node.terminate)
                case _:
                    node.kill()
            await asyncio.sleep(lasts_s)
            node.launch()
            await asyncio.to_thread(node.wait_ready)

    async def _hit_redis(self, number: signal.Signals, lasts_s: float) -> None:
        if number == signal.SIGSTOP:
            self._redis.signal(number)
            await asyncio.sleep(lasts_s)
            self._redis.signal(signal.SIGCONT)
        else:
            self._redis.stop()
            await asyncio.sleep(lasts_s)
            self._redis.start()

    # -- pages

    @asynccontextmanager
    async def _producing(self, rate: float) -> AsyncIterator[None]:
        stop = asyncio.Event()
        task = asyncio.create_task(self._produce(rate, stop))
        try:
            yield
        finally:
            stop.set()
            await task

    async def _produce(self, rate: float, stop: asyncio.Event | None = None, count: int | None = None) -> None:
        """Pages at a rate, until told to stop or so many.  What was written is read back later: a send that failed is none."""
        producer = AIOKafkaProducer(
            bootstrap_servers=self._setup.servers,
            acks="all",
            enable_idempotence=True,
            request_timeout_ms=60_000,
            metadata_max_age_ms=5_000,
        )
        await producer.start()
        pending: set[asyncio.Future[object]] = set()
        began, first = time.monotonic(), self._produced
        try:
            while not (stop is not None and stop.is_set()) and (count is None or self._produced < first + count):
                page = page_of(self._seed, self._produced)
                sent = await producer.send(self._setup.raw, page.payload, key=b"k%d" % self._produced, headers=page.headers)
                pending.add(sent)
                sent.add_done_callback(pending.discard)
                self._produced += 1
                await asyncio.sleep(max(0.0, began + (self._produced - first) / rate - time.monotonic()))
            await asyncio.gather(*pending, return_exceptions=True)
        finally:
            await producer.stop()

    # -- the end

    async def _settle(self) -> None:
        """Until the group has committed everything; a worker that ended itself is started again, as a cluster would."""
        self._say("healed; waiting until everything is settled")
        deadline = time.monotonic() + SETTLE_DEADLINE_S
        while await self._setup.uncommitted():
            if time.monotonic() > deadline:
                self._complaints.append(f"not settled {SETTLE_DEADLINE_S:g} s after the last fault")
                return
            for index, worker in enumerate(self._workers):
                if (status := worker.process.poll()) is not None:
                    self._say(f"worker {index} had ended with {status}")
                    self._workers[index] = WorkerProcess(self._setup)
            await asyncio.sleep(1)

    async def _end_in_peace(self) -> None:
        """Fresh workers, some pages more and no fault: the counters must agree with the topic to the last record."""
        for worker in self._workers:
            await self._end(worker, signal.SIGTERM)
        self._workers = [WorkerProcess(self._setup) for _ in range(WORKERS)]
        for worker in self._workers:
            await worker.until_ready()
        try:
            await self._setup.until_stable(WORKERS)
        except TimeoutError as late:
            self._complaints.append(str(late))
        before = self._produced
        await self._produce(60.0, count=CALM_PAGES)
        await self._settle()
        expected, deadline = self._produced - before, time.monotonic() + 10  # a broker has committed before the worker hears of it
        while (counted := self._counted()) != (expected, expected):
            if time.monotonic() > deadline:
                self._complaints.append(f"{expected} pages in peace, counted (consumed, settled): {counted}")
                break
            await asyncio.sleep(0.2)
        for worker in self._workers:
            status = await worker.end(signal.SIGTERM)
            self._ends[status] += 1
            if status != 0:
                self._complaints.append(f"a worker in peace ended with {status}: {worker.log.read_text()[-2000:]}")

    def _counted(self) -> tuple[float, float]:
        consumed, settled = "winnow_records_consumed_total", "winnow_records_settled_total"
        return sum(worker.metric(consumed) for worker in self._workers), sum(worker.metric(settled) for worker in self._workers)

    def _kill_all(self) -> None:
        for worker in self._workers:
            if worker.process.poll() is None:
                worker.process.kill()
                worker.process.wait()


def _children(pid: int) -> list[int]:
    done = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
    return [int(child) for child in done.stdout.split()]


@contextlib.contextmanager
def durable_redis(folder: Path) -> Iterator[RedisServer]:
    """A Redis that remembers every claim that it has confirmed, however it ends."""
    server = RedisServer(folder, ("--appendonly", "yes", "--appendfsync", "always"))
    server.start()
    try:
        yield server
    finally:
        server.stop()


def setup_for(cluster: KafkaCluster, redis: RedisServer, name: str, folder: Path, guarantee: str) -> Setup:
    """Topics and configuration of a run."""
    dedup: dict[str, object] = {"store": "redis", "namespace": name, "redis": {"nodes": redis.address, "timeout": "1s"}}
    return Setup(cluster.bootstrap_servers, name, folder, SETTINGS | {"dedup": dedup}, guarantee)
