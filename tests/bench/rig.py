"""What the measurements share: topics of a real broker, filled, watched and timed from without, and the worker that reads them."""

from __future__ import annotations

import asyncio
import os
import platform
import time
from bisect import insort
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from importlib.metadata import version
from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from tests.bench.process_tree import cpu_s, tree
from tests.worker_process import Setup, WorkerProcess

PARTITIONS = 6
STUCK_S = 60.0
_MAX_RECORD = 32 << 20

Page = tuple[str, bytes]  # its address and its bytes


class BenchSetup(Setup):
    """Of a worker that reads a topic which is there already, and writes to topics named after `out`."""

    def __init__(self, servers: str, folder: Path, raw: str, out: str, overrides: dict[str, dict[str, object]]) -> None:
        topics: dict[str, dict[str, object]] = {
            "input": {"topics": [raw]},
            "output": {"topic": out},
            "dead_letters": {"topic": f"{out}.dead"},
            "duplicates": {"topic": f"{out}.duplicates"},
        }
        super().__init__(servers, out, folder, topics | overrides)


@contextmanager
def winnow(setup: BenchSetup, module: str = "worker") -> Iterator[WorkerProcess]:
    """A worker that runs meanwhile, and has to end by itself."""
    worker = WorkerProcess(setup, module)
    try:
        yield worker
        if worker.process.poll() is None:
            worker.process.terminate()
        if (status := worker.process.wait(60)) != 0:
            raise SystemExit(f"the worker ended with {status}: {worker.log.read_text()[-2000:]}")
    finally:
        worker.process.kill()
        worker.process.wait()


async def create_topics(servers: str, *topics: str, partitions: int = PARTITIONS, **configs: str) -> None:
    """With the broker's clock: a record's time is when it arrived."""
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        configs = {"message.timestamp.type": "LogAppendTime", "max.message.bytes": str(_MAX_RECORD)} | configs
        await admin.create_topics([NewTopic(topic, partitions, 1, topic_configs=configs) for topic in topics])
    finally:
        await admin.close()


async def produce(servers: str, topic: str, pages: Iterable[Page], rate: float = 0.0) -> None:
    """Write pages, so many a second where a rate is given."""
    producer = AIOKafkaProducer(bootstrap_servers=servers, max_request_size=_MAX_RECORD)
    await producer.start()
    try:
        await _send(producer, topic, pages, rate)
    finally:
        await producer.stop()


async def _send(producer: AIOKafkaProducer, topic: str, pages: Iterable[Page], rate: float = 0.0) -> None:
    began = time.perf_counter()
    sent: set[asyncio.Future[object]] = set()
    for number, (url, payload) in enumerate(pages):
        headers = [("url", url.encode()), ("content-type", b"text/html; charset=utf-8")]
        future = await producer.send(topic, payload, key=url.encode(), headers=headers)
        sent.add(future)
        future.add_done_callback(sent.discard)
        if rate:
            await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
    await asyncio.gather(*sent)


@asynccontextmanager
async def withheld(servers: str, topic: str, pages: Iterable[Page]) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Pages that are there and that nobody sees, and a way to show them all at once: they are a transaction, to be committed.

    A worker starts, settles down and is looked at, and only then begins to read; with pages that it finds when it comes, the better
    part of reading them would be over before anything is measured.
    """
    producer = AIOKafkaProducer(
        bootstrap_servers=servers, max_request_size=_MAX_RECORD, transactional_id=topic, transaction_timeout_ms=600_000
    )
    await producer.start()
    try:
        await producer.begin_transaction()
        await _send(producer, topic, pages)
        yield producer.commit_transaction
    finally:
        await producer.stop()


@asynccontextmanager
async def watching(servers: str, *topics: str) -> AsyncIterator[Callable[[], Awaitable[int]]]:
    """A way to ask how many records the topics have together."""
    consumer = AIOKafkaConsumer(*topics, bootstrap_servers=servers)
    await consumer.start()
    partitions = [TopicPartition(topic, number) for topic in topics for number in consumer.partitions_for_topic(topic) or ()]

    async def count() -> int:
        return sum((await consumer.end_offsets(partitions)).values())

    try:
        yield count
    finally:
        await consumer.stop()


async def until(written: Callable[[], Awaitable[float]], count: int, *, every_s: float = 0.02) -> int:
    """Wait for so many records; how many there are then."""
    best, moved_at = -1.0, time.perf_counter()
    while (now := await written()) < count:
        if now != best:
            best, moved_at = now, time.perf_counter()
        elif time.perf_counter() - moved_at > STUCK_S:
            raise SystemExit(f"{now:.0f} of {count} pages came out and for {STUCK_S:g} s no more")
        await asyncio.sleep(every_s)
    return int(now)


async def times(servers: str, topic: str, of_url: Callable[[ConsumerRecord], str]) -> dict[str, list[int]]:
    """When the records of each address arrived, in milliseconds and in order."""
    found: dict[str, list[int]] = defaultdict(list)
    async for record in _all(servers, topic):
        insort(found[of_url(record)], record.timestamp)
    return found


async def stamps(servers: str, topic: str) -> list[int]:
    """When each record arrived, in milliseconds and in order."""
    return sorted([record.timestamp async for record in _all(servers, topic)])


async def _all(servers: str, topic: str) -> AsyncIterator[ConsumerRecord]:
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=servers, auto_offset_reset="earliest")
    await consumer.start()
    try:
        ends = await consumer.end_offsets(list(consumer.assignment()))
        while any([await consumer.position(partition) < end for partition, end in ends.items()]):  # some offsets are no record's
            for records in (await consumer.getmany(timeout_ms=200)).values():
                for record in records:
                    yield record
    finally:
        await consumer.stop()


def cpu_of(pid: int) -> tuple[float, float]:
    """CPU seconds of a process with all below it, and of the process alone."""
    each = [cpu_s(process) for process in tree(pid)]
    return sum(each), each[0] if each else 0.0


def machine() -> dict[str, str]:
    """What the figures were measured on."""
    cpu = next((line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), ":?")
    packages = ("newswinnow", "trafilatura", "lxml", "aiokafka")
    return {
        "cpu": f"{len(os.sched_getaffinity(0))} × {cpu.partition(': ')[2]}",
        "python": platform.python_version(),
        **{name: version(name) for name in packages},
    }
