"""Whether memory stays flat: many pages through one worker, the resident memory of parent and children watched all along.

    python -m tests.bench.soak [--pages 200000] [--size 30000] [--processes 2] [--store sqlite] [--json FILE]

Pages are written as fast as they are read, a few thousand ahead.  After the first fifth, in which caches fill and children are
warm, a line is fitted to the memory of the parent and to that of the children together; its slope is given in MiB for 100,000
pages with a 95 % interval, which stands on the means of twenty stretches, for samples close in time are not independent.  At the
end come 10 MB pages in a burst, which `limits.inflight_bytes` has to bound.  With `--store redis` claims are held elsewhere: the
parent then has no page cache of SQLite to fill.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path

import psutil

from tests.bench.pages import URL, page
from tests.bench.process_tree import tree
from tests.bench.rig import BenchSetup, Page, create_topics, machine, produce, watching, winnow
from tests.kafka_broker import running_broker
from tests.redis_server import RedisServer

AHEAD = 3_000  # pages that are written before they are read
MADE = 300  # different pages; each comes again and again with another sentence in it
SETTLED = 0.2  # of the run, before memory is looked at
STRETCHES = 20
T_975 = 2.101  # of Student's distribution with STRETCHES - 2 degrees of freedom
BURST, BURST_BYTES = 60, 10_000_000
INFLIGHT_MIB = 64
_MIB = 1 << 20


@dataclass(slots=True)
class Sample:
    """Memory at one moment, in MiB."""

    pages: int
    parent: float  # resident
    children: float  # resident, all together
    own: float  # of the largest child, what it shares with nobody


@dataclass(slots=True)
class Soaked:
    """What a run showed."""

    samples: list[Sample] = field(default_factory=list)
    burst_peak: float = 0.0  # MiB resident of the parent while the large pages came


def pages(count: int, size: int) -> Iterator[Page]:
    """So many different pages."""
    made = [page(number, size) for number in range(MADE)]
    for number in range(count):
        mark = b" Number %d of the series it was.</p>" % number
        yield URL % number, made[number % MADE].replace(b"</p>", mark, 1)


def sample(pid: int, settled: int) -> Sample:
    """Look at a worker and its children."""
    parent, *children = tree(pid)
    resident = [child.memory_info().rss / _MIB for child in children]
    own = [child.memory_full_info().uss / _MIB for child in children if child.is_running()]
    return Sample(settled, parent.memory_info().rss / _MIB, sum(resident), max(own, default=0.0))


def slope(samples: list[Sample], of: Callable[[Sample], float]) -> tuple[float, float]:
    """MiB for 100,000 pages, and half the width of its 95 % interval: least squares over the means of the stretches."""
    size = len(samples) // STRETCHES
    stretches = [samples[at * size : (at + 1) * size] for at in range(STRETCHES)]
    x = [statistics.mean(each.pages for each in stretch) / 1e5 for stretch in stretches]
    y = [statistics.mean(map(of, stretch)) for stretch in stretches]
    line = statistics.linear_regression(x, y)
    rest = sum((b - line.slope * a - line.intercept) ** 2 for a, b in zip(x, y, strict=True))
    spread = sum((a - statistics.mean(x)) ** 2 for a in x)
    return line.slope, T_975 * (rest / (STRETCHES - 2) / spread) ** 0.5


async def soak(servers: str, count: int, size: int, processes: int, dedup: dict[str, object]) -> Soaked:
    """Run the whole of it."""
    raw, out = (f"soak-{uuid.uuid4().hex[:8]}" for _ in range(2))
    outputs = (out, f"{out}.duplicates", f"{out}.dead")
    room = {"retention.bytes": str(256 * _MIB), "segment.bytes": str(64 * _MIB)}
    await create_topics(servers, raw, *outputs, **room)
    settings: dict[str, dict[str, object]] = {
        "pool": {"processes": processes},
        "limits": {"inflight_bytes": f"{INFLIGHT_MIB}MiB"},
        **({"dedup": dedup} if dedup else {}),
    }
    with tempfile.TemporaryDirectory() as folder, winnow(BenchSetup(servers, Path(folder), raw, out, settings)) as worker:
        async with watching(servers, *outputs) as written:
            run = _Run(servers, raw, worker.process, written)
            await run.feed(pages(count, size), count)
            await run.burst(count)
            return run.found


@dataclass(slots=True)
class _Run:
    """A worker that is fed and watched."""

    servers: str
    raw: str
    worker: subprocess.Popen[bytes]
    written: Callable[[], Awaitable[int]]
    found: Soaked = field(default_factory=Soaked)

    async def feed(self, fed: Iterator[Page], count: int) -> None:
        """Write so many pages, and look at the worker twice a second until they are settled."""
        sent = settled = 0
        while settled < count and self.worker.poll() is None:
            if sent - settled < AHEAD and sent < count:
                some = list(islice(fed, min(AHEAD // 3, count - sent)))
                await produce(self.servers, self.raw, some)
                sent += len(some)
            await asyncio.sleep(0.5)
            settled = await self.written()
            self.found.samples.append(last := sample(self.worker.pid, settled))
            if len(self.found.samples) % 60 == 0:
                print(f"{settled:,} pages: {last.parent:.0f} + {last.children:.0f} MiB", file=sys.stderr, flush=True)

    async def burst(self, before: int) -> None:
        """Large pages as fast as they can be written."""
        large = ((f"{URL % number}/large", page(10**6 + number, BURST_BYTES)) for number in range(BURST))
        sending = asyncio.create_task(produce(self.servers, self.raw, large))
        parent = psutil.Process(self.worker.pid)
        while self.worker.poll() is None and await self.written() < before + BURST:
            self.found.burst_peak = max(self.found.burst_peak, parent.memory_info().rss / _MIB)
            await asyncio.sleep(0.1)
        await sending


def report(found: Soaked) -> str:
    """In words."""
    settled = found.samples[int(SETTLED * len(found.samples)) :]
    lines = [f"{found.samples[-1].pages:,} pages, {len(settled)} samples after the first {SETTLED:.0%}"]
    columns: dict[str, Callable[[Sample], float]] = {"parent": lambda each: each.parent, "children": lambda each: each.children}
    for name, of in columns.items():
        grown, width = slope(settled, of)
        lines.append(
            f"{name:8}  {of(settled[0]):.0f} to {of(settled[-1]):.0f} MiB; slope {grown:+.2f} ± {width:.2f} MiB for 100,000 pages"
        )
    lines.append(f"a child's own memory: median {statistics.median(each.own for each in settled):.0f} MiB (the largest child)")
    lines.append(
        f"{BURST} pages of {BURST_BYTES // 10**6} MB at once with inflight_bytes {INFLIGHT_MIB}MiB: "
        f"parent at most {found.burst_peak:.0f} MiB"
    )
    return "\n".join(lines)


@contextmanager
def _dedup(store: str) -> Iterator[dict[str, object]]:
    """Settings of `dedup` for a store, which is there meanwhile."""
    if store == "sqlite":
        yield {}
        return
    with tempfile.TemporaryDirectory() as folder:
        server = RedisServer(Path(folder))
        server.start()
        try:
            yield {"store": "redis", "redis": {"nodes": server.address}}
        finally:
            server.stop()


def main() -> None:
    """Read the arguments, have a broker, run, show."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=200_000)
    parser.add_argument("--size", type=int, default=30_000, help="bytes of a page, about")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--store", choices=("sqlite", "redis"), default="sqlite", help="where claims are held")
    parser.add_argument("--json", type=Path, help="where to write the samples")
    arguments = parser.parse_args()
    with running_broker() as servers, _dedup(arguments.store) as dedup:
        found = asyncio.run(soak(servers, arguments.pages, arguments.size, arguments.processes, dedup))
    of = f"{arguments.processes} processes, pages of {arguments.size // 1000} KB, claims in {arguments.store}"
    print(f"{of}; {machine()}\n\n{report(found)}")
    if arguments.json:
        arguments.json.write_text(json.dumps({"machine": machine(), "found": asdict(found)}))


if __name__ == "__main__":
    main()
