"""Winnow beside what one would build instead, and beside its own extraction in a bare pool: one broker, the same pages, one run.

    make bench                                           # with an environment for the peers
    python -m tests.bench.throughput [--processes 1] [--pages 600] [--turns 12] [--folder PAGES] [--peers PYTHON]
                                     [--extractor winnow] [--no-latency] [--broker-folder FOLDER] [--json FILE]

Pages a second: all workers are there from the beginning, and take turns of some 150 pages, which are shown to each at once, the
others having nothing to do.  A shared machine gives the same page twice as long from one minute to the next; turns within a few
seconds are more alike, so what compares is how many times another's rate Winnow has in each turn: the geometric mean of these, with
its interval of 95 %.  A turn's rate is taken by the broker's clock, between the first tenth of its articles and the last.  The bare
pool reads its pages from memory: no broker, no output.

Latency: all pages come once, faster than a worker can take them, and then at 70 % of what it made of that.  A page's way from the
broker's clock to the broker's clock is its latency.  The machine may be slower by then: the load is the CPU that a second takes
beside what it took before.  Where that shows that the worker had too much to do, the pages come once more, at a rate that much
lower.  What extraction took of them, Winnow's own metrics say.

Where broker and claims share a disk, claims wait a tenth of a second and more while the broker's log is written back: give the log
another place (`--broker-folder /dev/shm`), as it has in a cluster.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import multiprocessing
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass, field
from itertools import cycle, islice
from multiprocessing.pool import Pool
from pathlib import Path

import orjson
import psutil
from aiokafka import ConsumerRecord

from tests.bench.pages import load
from tests.bench.peers.extractors import EXTRACTORS
from tests.bench.process_tree import MemoryPeak, tree
from tests.bench.ratios import rate, times_as_much
from tests.bench.rig import BenchSetup, cpu_of, create_topics, machine, produce, stamps, times, until, watching, withheld
from tests.kafka_broker import running_broker
from tests.worker_process import WorkerProcess

PEERS = Path(__file__).with_name("peers")
TURN = 150  # pages for each extraction process; of 60, arroyo needs the better part to begin with
CLAIMED_S = 1  # for so long Winnow knows a page
PAUSE_S = CLAIMED_S + 0.3  # before pages are shown: those that come again are new then, and what was just written is at rest
FLOOD = 1.2  # times its rate in turns: more than a worker can take of pages that are still to be written
LOAD = 0.7  # of its capacity, for a worker's latency
MAX_LOAD = 0.9  # as it turned out, and few pages at once cost more each; one that is above is tried again, once
LATENCY_S = 15.0
LATENCY_WARM_S = 3.0
WAKING = 30  # pages


@dataclass(frozen=True, slots=True)
class Subject:
    """A worker that is measured: `winnow`, or a peer with one of the extractors; or the bare `pool`."""

    worker: str
    extractor: str = "winnow"

    def __str__(self) -> str:
        return self.worker if self.worker in {"winnow", "pool"} else f"{self.worker}, {self.extractor}"


WINNOW, POOL = Subject("winnow"), Subject("pool")


@dataclass(slots=True)
class Measured:
    """Of one run."""

    rates: list[float] = field(default_factory=list)  # pages a second, of each turn
    cpu_ms: float = 0.0  # a page, of the whole process tree
    parent_cpu_ms: float = 0.0  # a page, of the process that was started
    peak_mib: float = 0.0  # of the whole process tree
    p50_ms: float = 0.0
    p99_ms: float = 0.0
    load: float = 0.0  # of its capacity, when these two were measured
    extraction_ms: float = 0.0  # a page, mean of the same pages, where the worker tells: Winnow does

    @property
    def pages_per_s(self) -> float:
        """The median of the turns."""
        return statistics.median(self.rates)


@dataclass(slots=True)
class _Awake:
    """A worker that runs, and what its turns took of all."""

    raw: str
    out: str
    pid: int
    winnow: WorkerProcess | None  # if it is one
    cpu_s: float = 0.0
    parent_cpu_s: float = 0.0
    peak_bytes: int = 0


@dataclass(frozen=True, slots=True)
class _Stream:
    """What became of pages that came one by one."""

    ways: list[tuple[int, int]]  # when a page arrived in the broker, and when its article did, in milliseconds; in order
    cpu_s: float  # a second
    extraction_ms: float  # a page, where the worker tells


class Bench:
    """One broker, and the pages that everyone reads."""

    def __init__(self, servers: str, pages: list[tuple[str, bytes]], processes: int, peers: str) -> None:
        self._servers = servers
        self._pages = pages
        self._processes = processes
        self._peers = peers
        self._turn = TURN * processes  # pages

    async def warm_up(self) -> None:
        """Write and read all pages once: a broker that has just started is slow, and that must be nobody's turn."""
        topic = f"warm-{uuid.uuid4().hex[:8]}"
        await create_topics(self._servers, topic)
        await produce(self._servers, topic, self._pages)
        await times(self._servers, topic, _url_of_header)

    async def throughput(self, subjects: Sequence[Subject], turns: int) -> dict[Subject, Measured]:
        """So many turns of each of the workers, and of the pool, in another order each time."""
        found = {subject: Measured() for subject in (POOL, *subjects)}
        _shared[:] = self._pages
        async with contextlib.AsyncExitStack() as stack:
            pool = stack.enter_context(multiprocessing.get_context("fork").Pool(self._processes))
            awake = {subject: await stack.enter_async_context(self._awake(subject)) for subject in subjects}
            for turn in range(turns):
                print(f"turn {turn + 1} of {turns}", file=sys.stderr, flush=True)
                numbers = self._numbers(turn)
                for subject in random.Random(turn).sample([*found], len(found)):
                    if subject == POOL:
                        found[POOL].rates.append(rate(_through(pool, numbers)))
                    else:
                        await self._take_turn(awake[subject], [self._pages[number] for number in numbers])
            for subject, worker in awake.items():
                of, pages = found[subject], turns * self._turn
                of.cpu_ms, of.parent_cpu_ms = worker.cpu_s / pages * 1e3, worker.parent_cpu_s / pages * 1e3
                of.peak_mib = worker.peak_bytes / 2**20
                left = (await stamps(self._servers, worker.out))[WAKING:]
                of.rates = [rate(left[at : at + self._turn]) for at in range(0, pages, self._turn)]
        return found

    @asynccontextmanager
    async def _awake(self, subject: Subject) -> AsyncIterator[_Awake]:
        """A worker that has read some pages: not those of its first turn."""
        raw, out = await self._topic(subject), await self._topic(subject)
        with self._running(subject, raw, out) as worker:
            async with watching(self._servers, out) as written:
                await produce(self._servers, raw, self._pages[-WAKING:])
                await until(written, WAKING)
            yield worker

    def _numbers(self, turn: int) -> list[int]:
        """Which pages a turn has."""
        return [number % len(self._pages) for number in range(turn * self._turn, (turn + 1) * self._turn)]

    async def _take_turn(self, worker: _Awake, pages: list[tuple[str, bytes]]) -> None:
        async with watching(self._servers, worker.out) as written, withheld(self._servers, worker.raw, pages) as show:
            await asyncio.sleep(PAUSE_S)
            with MemoryPeak(worker.pid) as memory:
                there, before = await written(), cpu_of(worker.pid)
                await show()
                await until(written, there + len(pages))
                cpu, parent = (after - earlier for after, earlier in zip(cpu_of(worker.pid), before, strict=True))
        worker.cpu_s += cpu
        worker.parent_cpu_s += parent
        worker.peak_bytes = max(worker.peak_bytes, memory.bytes)

    async def measure_latency(self, subject: Subject, of: Measured) -> None:
        """At a share of what the worker does just before, where pages come faster than it can take them."""
        async with self._awake(subject) as worker:
            flood = await self._come(worker, self._pages, FLOOD * of.pages_per_s)
            pages_per_s = LOAD * rate(sorted(went for _, went in flood.ways))
            for _ in range(2):
                pages = list(islice(cycle(self._pages), int(pages_per_s * LATENCY_S)))
                steady = await self._come(worker, pages, pages_per_s)
                of.load = steady.cpu_s / flood.cpu_s
                if of.load <= MAX_LOAD:
                    break
                pages_per_s *= LOAD / of.load
        warm = steady.ways[0][0] + LATENCY_WARM_S * 1000
        took = sorted(went - came for came, went in steady.ways if came >= warm)
        of.p50_ms, of.p99_ms = statistics.median(took), took[int(0.99 * len(took))]
        of.extraction_ms = steady.extraction_ms

    async def _come(self, worker: _Awake, pages: list[tuple[str, bytes]], pages_per_s: float) -> _Stream:
        """Let pages come at a steady rate."""
        async with watching(self._servers, worker.out) as written:
            await asyncio.sleep(PAUSE_S)
            there, extracted = await written(), _extracted(worker)
            (before, _), started = cpu_of(worker.pid), time.perf_counter()
            await produce(self._servers, worker.raw, pages, pages_per_s)
            await until(written, there + len(pages))
            (after, _), ended = cpu_of(worker.pid), time.perf_counter()
            extraction_ms = _mean_ms(extracted, _extracted(worker))
        arrived = await times(self._servers, worker.raw, _url_of_header)
        left = await times(self._servers, worker.out, _url_of_article)
        ways = sorted(way for url, came in arrived.items() for way in zip(came, left[url], strict=True))
        return _Stream(ways[-len(pages) :], (after - before) / (ended - started), extraction_ms)

    async def _topic(self, subject: Subject) -> str:
        name = f"{subject.worker}-{uuid.uuid4().hex[:8]}"
        await create_topics(self._servers, name)
        return name

    @contextmanager
    def _running(self, subject: Subject, raw: str, out: str) -> Iterator[_Awake]:
        winnow = None
        with tempfile.TemporaryDirectory() as folder, Path(folder, "log").open("w+b") as log:
            if subject.worker == "winnow":
                setup = BenchSetup(
                    self._servers,
                    Path(folder),
                    raw,
                    out,
                    {"pool": {"processes": self._processes}, "dedup": {"window": f"{CLAIMED_S}s"}},
                )
                winnow = WorkerProcess(setup)
                process = winnow.process
            else:
                script = PEERS / f"{subject.worker}_worker.py"
                arguments = [self._servers, raw, out, out, str(self._processes), subject.extractor]
                process = subprocess.Popen([self._peers, str(script), *arguments], stdout=log, stderr=log, start_new_session=True)
            try:
                yield _Awake(raw, out, process.pid, winnow)
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


def _url_of_header(record: ConsumerRecord) -> str:
    return str(dict(record.headers)["url"].decode())


def _url_of_article(record: ConsumerRecord) -> str:
    return str(orjson.loads(record.value)["url"])


def _extracted(worker: _Awake) -> tuple[float, float]:
    """How many pages have been extracted, and the seconds that it took, where the worker tells."""
    if worker.winnow is None:
        return 0.0, 0.0
    name = "winnow_extract_duration_seconds"
    return worker.winnow.metric(f"{name}_count"), worker.winnow.metric(f"{name}_sum")


def _mean_ms(before: tuple[float, float], after: tuple[float, float]) -> float:
    pages, seconds = after[0] - before[0], after[1] - before[1]
    return seconds / pages * 1e3 if pages else 0.0


_shared: list[tuple[str, bytes]] = []


def _extract(number: int) -> None:
    EXTRACTORS["winnow"](_shared[number][1], _shared[number][0])


def _through(pool: Pool, numbers: Sequence[int]) -> list[float]:
    """When each of the pages came out of the pool, in milliseconds."""
    return [time.perf_counter() * 1e3 for _ in pool.imap_unordered(_extract, numbers, chunksize=4)]


def table(found: dict[str, Measured]) -> str:
    """Markdown; the last column is how many times the pages a second of a worker Winnow has."""
    rows = [
        "| | pages/s | CPU ms a page | of it the parent | peak MiB | p50 ms | p99 ms | at a load of | Winnow is |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name, of in found.items():
        cells = [of.cpu_ms, of.parent_cpu_ms, of.peak_mib, of.p50_ms, of.p99_ms, of.load]
        shown = " | ".join("" if not cell else f"{cell:.3g}" if cell < 10 else f"{cell:.0f}" for cell in cells)
        times, error = times_as_much(found["winnow"].rates, of.rates)
        rows.append(f"| {name} | {of.pages_per_s:.1f} | {shown} | {times:.2f} ± {error:.2f} × |")
    return "\n".join(rows)


async def measure(servers: str, arguments: argparse.Namespace, pages: list[tuple[str, bytes]]) -> dict[str, Measured]:
    """All workers turn about, then each one's latency."""
    bench = Bench(servers, pages, arguments.processes, arguments.peers or sys.executable)
    subjects = [WINNOW]
    if arguments.peers:
        extractors = [arguments.extractor] if arguments.extractor else EXTRACTORS
        subjects += [Subject(worker, extractor) for worker in ("arroyo", "faststream", "quix", "loop") for extractor in extractors]
    await bench.warm_up()
    found = await bench.throughput(subjects, arguments.turns)
    for subject in () if arguments.no_latency else subjects:
        of = found[subject]
        await bench.measure_latency(subject, of)
        latency = f"p50 {of.p50_ms:.0f} ms, p99 {of.p99_ms:.0f} ms at a load of {of.load:.2f}"
        if of.extraction_ms:
            latency += f"; extraction took {of.extraction_ms:.1f} ms of it"
        print(f"latency  {subject!s:24} {latency}", file=sys.stderr, flush=True)
    return {str(subject): of for subject, of in found.items()}


def main() -> None:
    """Read the arguments, have a broker, measure, show."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--processes", type=int, default=1, help="extraction processes of each worker")
    parser.add_argument("--pages", type=int, default=600, help="that come again and again")
    parser.add_argument("--size", type=int, default=150_000, help="bytes of a page, about")
    parser.add_argument("--turns", type=int, default=12, help=f"of {TURN} pages for each process")
    parser.add_argument("--no-latency", action="store_true", help="throughput alone")
    parser.add_argument(
        "--folder", type=Path, help="real pages in which every extractor finds a text, *.html or *.html.gz, in place of made ones"
    )
    parser.add_argument("--broker-folder", type=Path, help="where the broker keeps its log: 5 GB in 12 turns with all peers")
    parser.add_argument("--peers", help="a Python that has the peers and this project installed")
    parser.add_argument("--extractor", choices=EXTRACTORS, help="of the peers; without it they run with each")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    arguments = parser.parse_args()
    pages = load(arguments.pages, size=arguments.size, folder=arguments.folder)
    if arguments.folder:
        pages = [(url, payload) for url, payload in pages if all(extract(payload, url) for extract in EXTRACTORS.values())]
    if (least := TURN * arguments.processes + WAKING) > len(pages):
        parser.error(f"{len(pages)} pages are less than a turn: give {least}")
    if arguments.turns < 2:
        parser.error("one turn has no interval: give two")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # through every `finally`: a worker left over disturbs the next run
    with running_broker(arguments.broker_folder) as servers:
        found = asyncio.run(measure(servers, arguments, pages))
    of = f"pages of {arguments.folder}" if arguments.folder else f"pages of {arguments.size // 1000} KB"
    print(f"{arguments.processes} processes each; {arguments.turns} turns; {len(pages)} {of}; {machine()}\n")
    print(table(found))
    if arguments.json:
        figures = {"machine": machine(), "of": vars(arguments), "found": {name: asdict(of) for name, of in found.items()}}
        arguments.json.write_text(json.dumps(figures, indent=2, default=str))


if __name__ == "__main__":
    main()
