"""Winnow beside what one would build instead, and beside its own extraction in a bare pool: one broker, the same pages, one run.

    make bench                                           # with an environment for the peers
    python -m tests.bench.throughput [--processes 1] [--pages 1500] [--rounds 3] [--folder PAGES] [--peers PYTHON] [--json FILE]

Every worker reads the same topic of pages that was filled before it, and its output topic is watched from without: pages a second
between the first tenth and the last page.  Then pages come at 70 % of that rate, and each one's way from the broker's clock to the
broker's clock is its latency.  Workers take turns; medians are shown.  The bare pool reads the pages from memory: no broker, no
output.  What compares between machines are the ratios.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import multiprocessing
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import orjson
import psutil
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from tests.bench.pages import load
from tests.bench.peers.extractors import EXTRACTORS
from tests.bench.process_tree import MemoryPeak, cpu_s, tree
from tests.kafka_broker import running_broker
from tests.worker_process import Setup, WorkerProcess

PARTITIONS = 6
PEERS = Path(__file__).with_name("peers")
WARM = 0.1  # of the pages are not timed
LOAD = 0.7  # of its capacity, for a worker's latency
LATENCY_S = 15.0
STUCK_S = 60.0


@dataclass(frozen=True, slots=True)
class Subject:
    """A worker that is measured: `winnow`, or a peer with one of the extractors."""

    worker: str
    extractor: str

    def __str__(self) -> str:
        return self.worker if self.worker in {"winnow", "pool"} else f"{self.worker}, {self.extractor}"


@dataclass(slots=True)
class Measured:
    """Of one run."""

    pages_per_s: float
    cpu_ms: float = 0.0  # a page, of the whole process tree
    parent_cpu_ms: float = 0.0  # a page, of the process that was started
    peak_mib: float = 0.0  # of the whole process tree
    p50_ms: float = 0.0
    p99_ms: float = 0.0


class Bench:
    """One broker with one topic of pages, read by each in turn."""

    def __init__(self, servers: str, pages: list[tuple[str, bytes]], processes: int, peers: str) -> None:
        self._servers = servers
        self._pages = pages
        self._processes = processes
        self._peers = peers
        self._raw = f"pages-{uuid.uuid4().hex[:8]}"

    async def fill(self) -> None:
        """Write the pages that everyone reads."""
        await self._create(self._raw)
        await self._produce(self._raw, self._pages)

    def pool(self) -> Measured:
        """Pages a second of the extraction alone, in as many processes, from memory."""
        _shared[:] = self._pages
        first = int(WARM * len(self._pages))
        with multiprocessing.get_context("fork").Pool(self._processes) as pool:
            for _ in pool.imap_unordered(_extract, range(first), chunksize=4):
                pass
            began = time.perf_counter()
            for _ in pool.imap_unordered(_extract, range(first, len(self._pages)), chunksize=4):
                pass
            return Measured((len(self._pages) - first) / (time.perf_counter() - began))

    async def throughput(self, subject: Subject) -> Measured:
        """Drain the topic once."""
        out = f"{subject.worker}-{uuid.uuid4().hex[:8]}"
        await self._create(out)
        with self._running(subject, self._raw, out) as pid, MemoryPeak(pid) as memory:
            async with self._watching(out) as written:
                warm = await _until(written, int(WARM * len(self._pages)))
                began, cpu, parent = time.perf_counter(), *_cpu(pid)
                last = await _until(written, len(self._pages))
                took, count = time.perf_counter() - began, last - warm
            spent = _cpu(pid)
            cpu, parent = spent[0] - cpu, spent[1] - parent
        return Measured(count / took, cpu / count * 1e3, parent / count * 1e3, memory.bytes / 2**20)

    async def latency(self, subject: Subject, rate: float) -> tuple[float, float]:
        """p50 and p99 in milliseconds from a page's arrival in the broker to its article's, pages coming at a steady rate."""
        raw, out = (f"{subject.worker}-{uuid.uuid4().hex[:8]}" for _ in range(2))
        await self._create(raw)
        await self._create(out)
        pages = self._pages[: int(rate * LATENCY_S)]
        with self._running(subject, raw, out):
            async with self._watching(out) as written:
                warm = self._pages[-30:]
                await self._produce(raw, warm)
                await _until(written, len(warm))
                await self._produce(raw, [page for page in pages if page not in warm], rate)
                await _until(written, len(warm) + sum(page not in warm for page in pages))
        arrived, left = await self._times(raw, of_url=_url_of_header), await self._times(out, of_url=_url_of_article)
        took = sorted(left[url] - arrived[url] for url, _ in pages if url in left)
        return statistics.median(took), took[int(0.99 * len(took))]

    @contextmanager
    def _running(self, subject: Subject, raw: str, out: str) -> Iterator[int]:
        with tempfile.TemporaryDirectory() as folder, Path(folder, "log").open("w+b") as log:
            if subject.worker == "winnow":
                process = WorkerProcess(_Setup(self._servers, Path(folder), raw, out, self._processes)).process
            else:
                script = PEERS / f"{subject.worker}_worker.py"
                arguments = [self._servers, raw, out, out, str(self._processes), subject.extractor]
                process = subprocess.Popen([self._peers, str(script), *arguments], stdout=log, stderr=log, start_new_session=True)
            try:
                yield process.pid
                if process.poll() is not None:
                    log.seek(0)
                    raise SystemExit(f"{subject} ended with {process.returncode}: {log.read()[-2000:].decode()}")
            finally:
                everyone = tree(process.pid)
                process.send_signal(signal.SIGTERM)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(20)
                for left in everyone:  # what a peer leaves behind
                    with contextlib.suppress(psutil.NoSuchProcess):
                        left.kill()
                process.wait()

    @asynccontextmanager
    async def _watching(self, topic: str) -> AsyncIterator[Callable[[], Awaitable[int]]]:
        """A way to ask how many records a topic has."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self._servers)
        await consumer.start()
        partitions = [TopicPartition(topic, number) for number in range(PARTITIONS)]

        async def count() -> int:
            return sum((await consumer.end_offsets(partitions)).values())

        try:
            yield count
        finally:
            await consumer.stop()

    async def _create(self, topic: str) -> None:
        """With the broker's clock: a record's time is when it arrived."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self._servers)
        await admin.start()
        configs = {"message.timestamp.type": "LogAppendTime", "max.message.bytes": str(32 << 20)}
        await admin.create_topics([NewTopic(topic, PARTITIONS, 1, topic_configs=configs)])
        await admin.close()

    async def _produce(self, topic: str, pages: list[tuple[str, bytes]], rate: float = 0.0) -> None:
        producer = AIOKafkaProducer(bootstrap_servers=self._servers, max_request_size=32 << 20)
        await producer.start()
        began, sent = time.perf_counter(), []
        for number, (url, payload) in enumerate(pages):
            headers = [("url", url.encode()), ("content-type", b"text/html; charset=utf-8")]
            sent.append(await producer.send(topic, payload, key=url.encode(), headers=headers))
            if rate:
                await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
        await asyncio.gather(*sent)
        await producer.stop()

    async def _times(self, topic: str, of_url: Callable[[ConsumerRecord], str]) -> dict[str, int]:
        """When the record of each address arrived, in milliseconds."""
        consumer = AIOKafkaConsumer(topic, bootstrap_servers=self._servers, auto_offset_reset="earliest")
        await consumer.start()
        try:
            ends = await consumer.end_offsets([TopicPartition(topic, number) for number in range(PARTITIONS)])
            times: dict[str, int] = {}
            for _ in range(sum(ends.values())):
                record = await consumer.getone()
                times[of_url(record)] = record.timestamp
            return times
        finally:
            await consumer.stop()


def _url_of_header(record: ConsumerRecord) -> str:
    return str(dict(record.headers)["url"].decode())


def _url_of_article(record: ConsumerRecord) -> str:
    return str(orjson.loads(record.value)["url"])


class _Setup(Setup):
    """Of a worker on topics that are already there."""

    def __init__(self, servers: str, folder: Path, raw: str, out: str, processes: int) -> None:
        super().__init__(
            servers, out, folder, {"input": {"topics": [raw]}, "output": {"topic": out}, "pool": {"processes": processes}}
        )
        self.overrides["dead_letters"] = {"topic": f"{out}.dead"}
        self.overrides["duplicates"] = {"topic": f"{out}.duplicates"}


_shared: list[tuple[str, bytes]] = []


def _extract(number: int) -> None:
    EXTRACTORS["winnow"](_shared[number][1], _shared[number][0])


def _cpu(pid: int) -> tuple[float, float]:
    """CPU seconds of the whole tree, and of its parent alone."""
    each = [cpu_s(process) for process in tree(pid)]
    return sum(each), each[0] if each else 0.0


async def _until(written: Callable[[], Awaitable[int]], count: int) -> int:
    """Wait for so many records; how many there are then."""
    best, moved_at = -1, time.perf_counter()
    while (now := await written()) < count:
        if now != best:
            best, moved_at = now, time.perf_counter()
        elif time.perf_counter() - moved_at > STUCK_S:
            raise SystemExit(f"{now} of {count} pages came out and for {STUCK_S:g} s no more")
        await asyncio.sleep(0.02)
    return now


def _middle(runs: list[Measured]) -> Measured:
    return Measured(*(statistics.median(values) for values in zip(*(asdict(run).values() for run in runs), strict=True)))


def table(found: dict[str, Measured]) -> str:
    """Markdown; the last column is how many times the pages a second of a worker Winnow has."""
    own = found["winnow"].pages_per_s
    rows = [
        "| | pages/s | CPU ms a page | of it the parent | peak MiB | p50 ms | p99 ms | Winnow is |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name, of in found.items():
        cells = [of.cpu_ms, of.parent_cpu_ms, of.peak_mib, of.p50_ms, of.p99_ms]
        shown = " | ".join("" if not cell else f"{cell:.3g}" if cell < 10 else f"{cell:.0f}" for cell in cells)
        rows.append(f"| {name} | {of.pages_per_s:.1f} | {shown} | {own / of.pages_per_s:.2f} × |")
    return "\n".join(rows)


def machine() -> dict[str, str]:
    """What the figures were measured on."""
    cpu = next((line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), ":?")
    packages = ("newswinnow", "trafilatura", "lxml", "aiokafka")
    return {
        "cpu": f"{len(os.sched_getaffinity(0))} × {cpu.partition(': ')[2]}",
        "python": platform.python_version(),
        **{name: version(name) for name in packages},
    }


async def measure(servers: str, arguments: argparse.Namespace) -> dict[str, Measured]:
    """All workers turn about, then their latencies."""
    pages = load(arguments.pages, size=arguments.size, folder=arguments.folder)
    bench = Bench(servers, pages, arguments.processes, arguments.peers or sys.executable)
    await bench.fill()
    subjects = [Subject("winnow", "winnow")]
    if arguments.peers:
        subjects += [Subject(worker, extractor) for worker in ("arroyo", "faststream", "quix", "loop") for extractor in EXTRACTORS]
    runs: dict[Subject, list[Measured]] = {subject: [] for subject in (Subject("pool", "winnow"), *subjects)}
    for turn in range(arguments.rounds):
        for subject, seen in runs.items():
            seen.append(bench.pool() if subject.worker == "pool" else await bench.throughput(subject))
            print(f"{turn + 1}/{arguments.rounds}  {subject!s:24} {seen[-1].pages_per_s:7.1f} pages/s", file=sys.stderr, flush=True)
    found = {subject: _middle(seen) for subject, seen in runs.items()}
    for subject in subjects:
        of = found[subject]
        of.p50_ms, of.p99_ms = await bench.latency(subject, LOAD * of.pages_per_s)
        print(f"     {subject!s:24} p50 {of.p50_ms:.0f} ms, p99 {of.p99_ms:.0f} ms", file=sys.stderr, flush=True)
    return {str(subject): of for subject, of in found.items()}


def main() -> None:
    """Read the arguments, have a broker, measure, show."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--processes", type=int, default=1, help="extraction processes of each worker")
    parser.add_argument("--pages", type=int, default=1500)
    parser.add_argument("--size", type=int, default=150_000, help="bytes of a page, about")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="real pages to read, *.html or *.html.gz, in place of made ones")
    parser.add_argument("--peers", help="a Python that has the peers and this project installed")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    arguments = parser.parse_args()
    with running_broker() as servers:
        found = asyncio.run(measure(servers, arguments))
    print(f"{arguments.processes} processes each; {arguments.pages} pages of {arguments.size // 1000} KB; {machine()}\n")
    print(table(found))
    if arguments.json:
        figures = {"machine": machine(), "of": vars(arguments), "found": {name: asdict(of) for name, of in found.items()}}
        arguments.json.write_text(json.dumps(figures, indent=2, default=str))


if __name__ == "__main__":
    main()
