"""Winnow beside what one would build instead, and beside its own extraction in a bare pool: one broker, the same pages, one run.

    make bench                                           # with an environment for the peers
    python -m tests.bench.throughput [--processes 1] [--pages 1500] [--rounds 3] [--folder PAGES] [--peers PYTHON] [--json FILE]
                                     [--extractor winnow] [--no-latency]

Every worker reads the same pages from a topic of its own: a few that wake it up, then all others, which are shown to it at once.
Its output topic is watched from without: pages a second between the first tenth and the last page, CPU of all pages and of nothing
else.  Right after that pages come at 70 % of that rate, and each one's way from the broker's clock to the broker's clock is its
latency.  The machine may be slower then: the load is the CPU that a second takes beside what it took at full rate, and where that
shows that the worker had too much to do, the pages come once more, at a rate that much lower.  Workers take turns, each round
another one first; medians are shown.  The bare pool reads the pages from memory: no broker, no output.  What compares between
machines are the ratios.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import multiprocessing
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
import psutil
from aiokafka import ConsumerRecord

from tests.bench.pages import load
from tests.bench.peers.extractors import EXTRACTORS
from tests.bench.process_tree import MemoryPeak, tree
from tests.bench.rig import BenchSetup, cpu_of, create_topics, machine, produce, times, until, watching, withheld
from tests.kafka_broker import running_broker
from tests.worker_process import WorkerProcess

PEERS = Path(__file__).with_name("peers")
WARM = 0.1  # of the pages are not timed
LOAD = 0.7  # of its capacity, for a worker's latency
MAX_LOAD = 0.9  # as it turned out, and few pages at once cost more each; one that is above is tried again, once
LATENCY_S = 15.0
LATENCY_WARM_S = 3.0
WAKING = 30  # pages
SETTLE_S = 1.0  # for a worker that has been woken up


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
    load: float = 0.0  # of its capacity, when these two were measured


class Bench:
    """One broker, and the pages that everyone reads."""

    def __init__(self, servers: str, pages: list[tuple[str, bytes]], processes: int, peers: str) -> None:
        self._servers = servers
        self._pages = pages
        self._processes = processes
        self._peers = peers

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

    async def warm_up(self) -> None:
        """Write and read all pages once: a broker that has just started is slow, and that must be nobody's turn."""
        topic = f"warm-{uuid.uuid4().hex[:8]}"
        await create_topics(self._servers, topic)
        await produce(self._servers, topic, self._pages)
        await times(self._servers, topic, _url_of_header)

    async def worker(self, subject: Subject, *, latency: bool) -> Measured:
        """One turn of a worker."""
        of = await self._throughput(subject)
        if not latency:
            return of
        rate = LOAD * of.pages_per_s
        for _ in range(2):
            of.p50_ms, of.p99_ms, busy_ms = await self._latency(subject, rate)
            of.load = busy_ms / (of.cpu_ms * of.pages_per_s)
            if of.load <= MAX_LOAD:
                break
            rate *= LOAD / of.load
        return of

    async def _throughput(self, subject: Subject) -> Measured:
        """Read all pages once."""
        raw, out = await self._topic(subject), await self._topic(subject)
        first, pages = self._pages[:WAKING], self._pages[WAKING:]
        with self._running(subject, raw, out) as pid, MemoryPeak(pid) as memory:
            async with watching(self._servers, out) as written:
                await produce(self._servers, raw, first)
                await until(written, len(first))
                async with withheld(self._servers, raw, pages) as show:
                    await asyncio.sleep(SETTLE_S)
                    before = cpu_of(pid)
                    await show()
                    warm = await until(written, len(first) + int(WARM * len(pages)))
                    began = time.perf_counter()
                    last = await until(written, len(self._pages))
                    took = time.perf_counter() - began
                    cpu, parent = (after - earlier for after, earlier in zip(cpu_of(pid), before, strict=True))
        return Measured((last - warm) / took, cpu / len(pages) * 1e3, parent / len(pages) * 1e3, memory.bytes / 2**20)

    async def _latency(self, subject: Subject, rate: float) -> tuple[float, float, float]:
        """p50 and p99 in milliseconds from a page's arrival in the broker to its article's, pages coming at a steady rate; and the
        milliseconds of CPU that a second took meanwhile.

        Some pages wake the worker up before; they and those of the first seconds don't count.
        """
        raw, out = await self._topic(subject), await self._topic(subject)
        first, pages = self._pages[:WAKING], self._pages[WAKING:][: int(rate * LATENCY_S)]
        with self._running(subject, raw, out) as pid:
            async with watching(self._servers, out) as written:
                await produce(self._servers, raw, first)
                await until(written, len(first))
                (before, _), started = cpu_of(pid), time.perf_counter()
                await produce(self._servers, raw, pages, rate)
                (after, _), ended = cpu_of(pid), time.perf_counter()
                await until(written, len(first) + len(pages))
        arrived, left = await times(self._servers, raw, _url_of_header), await times(self._servers, out, _url_of_article)
        began = min(arrived[url] for url, _ in pages) + min(LATENCY_WARM_S, len(pages) / rate / 3) * 1000
        took = sorted(left[url] - arrived[url] for url, _ in pages if url in left and arrived[url] >= began)
        return statistics.median(took), took[int(0.99 * len(took))], (after - before) / (ended - started) * 1e3

    async def _topic(self, subject: Subject) -> str:
        name = f"{subject.worker}-{uuid.uuid4().hex[:8]}"
        await create_topics(self._servers, name)
        return name

    @contextmanager
    def _running(self, subject: Subject, raw: str, out: str) -> Iterator[int]:
        with tempfile.TemporaryDirectory() as folder, Path(folder, "log").open("w+b") as log:
            if subject.worker == "winnow":
                setup = BenchSetup(self._servers, Path(folder), raw, out, {"pool": {"processes": self._processes}})
                process = WorkerProcess(setup).process
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


def _url_of_header(record: ConsumerRecord) -> str:
    return str(dict(record.headers)["url"].decode())


def _url_of_article(record: ConsumerRecord) -> str:
    return str(orjson.loads(record.value)["url"])


_shared: list[tuple[str, bytes]] = []


def _extract(number: int) -> None:
    EXTRACTORS["winnow"](_shared[number][1], _shared[number][0])


def _middle(runs: list[Measured]) -> Measured:
    return Measured(*(statistics.median(values) for values in zip(*(asdict(run).values() for run in runs), strict=True)))


def table(found: dict[str, Measured]) -> str:
    """Markdown; the last column is how many times the pages a second of a worker Winnow has."""
    own = found["winnow"].pages_per_s
    rows = [
        "| | pages/s | CPU ms a page | of it the parent | peak MiB | p50 ms | p99 ms | at a load of | Winnow is |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name, of in found.items():
        cells = [of.cpu_ms, of.parent_cpu_ms, of.peak_mib, of.p50_ms, of.p99_ms, of.load]
        shown = " | ".join("" if not cell else f"{cell:.3g}" if cell < 10 else f"{cell:.0f}" for cell in cells)
        rows.append(f"| {name} | {of.pages_per_s:.1f} | {shown} | {own / of.pages_per_s:.2f} × |")
    return "\n".join(rows)


async def measure(servers: str, arguments: argparse.Namespace) -> dict[str, Measured]:
    """All workers turn about."""
    pages = load(arguments.pages, size=arguments.size, folder=arguments.folder)
    if arguments.folder:
        pages = [(url, payload) for url, payload in pages if all(extract(payload, url) for extract in EXTRACTORS.values())]
    bench = Bench(servers, pages, arguments.processes, arguments.peers or sys.executable)
    subjects = [Subject("winnow", "winnow")]
    if arguments.peers:
        extractors = [arguments.extractor] if arguments.extractor else EXTRACTORS
        subjects += [Subject(worker, extractor) for worker in ("arroyo", "faststream", "quix", "loop") for extractor in extractors]
    runs: dict[Subject, list[Measured]] = {subject: [] for subject in (Subject("pool", "winnow"), *subjects)}
    await bench.warm_up()
    for turn in range(arguments.rounds):
        first = turn % len(runs)
        for subject in [*runs][first:] + [*runs][:first]:
            of = bench.pool() if subject.worker == "pool" else await bench.worker(subject, latency=not arguments.no_latency)
            runs[subject].append(of)
            latency = f", p50 {of.p50_ms:.0f} ms, p99 {of.p99_ms:.0f} ms at a load of {of.load:.2f}" if of.p99_ms else ""
            print(
                f"{turn + 1}/{arguments.rounds}  {subject!s:24} {of.pages_per_s:7.1f} pages/s{latency}", file=sys.stderr, flush=True
            )
    found = {subject: _middle(seen) for subject, seen in runs.items()}
    return {str(subject): of for subject, of in found.items()}


def main() -> None:
    """Read the arguments, have a broker, measure, show."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--processes", type=int, default=1, help="extraction processes of each worker")
    parser.add_argument("--pages", type=int, default=1500)
    parser.add_argument("--size", type=int, default=150_000, help="bytes of a page, about")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--folder", type=Path, help="real pages in which every extractor finds a text, *.html or *.html.gz, in place of made ones"
    )
    parser.add_argument("--peers", help="a Python that has the peers and this project installed")
    parser.add_argument("--extractor", choices=EXTRACTORS, help="of the peers; without it they run with each")
    parser.add_argument("--no-latency", action="store_true", help="throughput alone, for more rounds in the same time")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    arguments = parser.parse_args()
    with running_broker() as servers:
        found = asyncio.run(measure(servers, arguments))
    of = f"pages of {arguments.folder}" if arguments.folder else f"pages of {arguments.size // 1000} KB"
    print(f"{arguments.processes} processes each; {arguments.pages} {of}; {machine()}\n")
    print(table(found))
    if arguments.json:
        figures = {"machine": machine(), "of": vars(arguments), "found": {name: asdict(of) for name, of in found.items()}}
        arguments.json.write_text(json.dumps(figures, indent=2, default=str))


if __name__ == "__main__":
    main()
