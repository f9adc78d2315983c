"""How a worker grows: pages a second, and what a page costs, against processes, partitions, page size and share of duplicates.

    python -m tests.bench.growth [--only processes,waiting,partitions,size,duplicates] [--json FILE]

One broker; each point drains a topic of its own that was filled before and shows its pages when the worker is ready for them.  CPU
is of all pages and of nothing else: neither the start, nor pages that were read before the clock was.  Pages a second are of what
comes after the first tenth.  The worker writes no notices of duplicates, as by default.  In the sweep `waiting`, processes wait in
place of extracting (`waiting.py`): what is left is the parent, and how many processes it can feed.  Pages are made, of the size,
make and mix of real ones.  The figures of one column compare with each other; between machines, only their ratios do.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from tests.bench.pages import URL, page
from tests.bench.process_tree import MemoryPeak
from tests.bench.rig import PARTITIONS, BenchSetup, Page, cpu_of, create_topics, machine, until, winnow, withheld
from tests.kafka_broker import running_broker

KB = 1000
WARM = 0.1  # of the pages are not timed
BYTES = 300_000 * KB  # of a topic, at most
SETTLE_S = 1.0  # for a worker that has joined
LOOK_S = 0.25  # between two looks at its metrics, which cost it some two milliseconds


@dataclass(frozen=True, slots=True)
class Point:
    """One worker on one topic."""

    processes: int = 2
    partitions: int = PARTITIONS
    size: int = 150 * KB  # bytes of a page, about
    duplicates: float = 0.0  # share of pages that came before, byte for byte
    waiting: int = 0  # processes that wait, in place of those that extract
    pages: int = 600


@dataclass(frozen=True, slots=True)
class Grown:
    """What a point measured."""

    pages_per_s: float
    cpu_ms: float  # a page, of the whole process tree
    parent_cpu_ms: float  # of it, the process that was started
    peak_mib: float  # of the whole tree


SWEEPS = {
    "processes": [Point(processes=count) for count in (1, 2, 4)],
    "waiting": [Point(waiting=count, pages=pages) for count, pages in ((1, 600), (4, 1500), (16, 6000))],
    "partitions": [Point(partitions=count) for count in (1, 4, 16, 64)],
    "size": [
        Point(size=size * KB, pages=min(pages, BYTES // (size * KB)))
        for size, pages in ((10, 3000), (50, 1200), (150, 600), (1_000, 600), (10_000, 60))
    ],
    "duplicates": [Point(duplicates=share, pages=pages) for share, pages in ((0.0, 600), (0.5, 600), (0.9, 1200), (0.999, 8000))],
}


def pages_of(point: Point) -> Iterator[Page]:
    """Its pages: the first are all different, what comes after them are copies, under other addresses."""
    fresh = max(1, round(point.pages * (1 - point.duplicates)))
    made: list[bytes] = []
    for number in range(point.pages):
        if number < fresh:
            made.append(page(number, point.size))
        yield URL % number, made[number % fresh]


async def measure(servers: str, point: Point) -> Grown:
    """Drain one topic."""
    raw, out = (f"growth-{uuid.uuid4().hex[:8]}" for _ in range(2))
    await create_topics(servers, raw, partitions=point.partitions)
    await create_topics(servers, out, f"{out}.dead")
    with tempfile.TemporaryDirectory() as folder:
        overrides: dict[str, dict[str, object]] = {
            "pool": {"processes": point.waiting or point.processes},
            "duplicates": {"topic": None},
        }
        setup = BenchSetup(servers, Path(folder), raw, out, overrides)
        module = "tests.bench.waiting" if point.waiting else "worker"
        async with withheld(servers, raw, pages_of(point)) as show:
            with winnow(setup, module) as worker, MemoryPeak(worker.process.pid) as memory:
                settled = partial(asyncio.to_thread, worker.metric, "winnow_records_settled_total")
                await worker.until_ready()
                await asyncio.sleep(SETTLE_S)
                before = cpu_of(worker.process.pid)
                await show()
                warm = await until(settled, int(WARM * point.pages), every_s=LOOK_S)
                began = time.perf_counter()
                count = await until(settled, point.pages, every_s=LOOK_S)
                took = time.perf_counter() - began
                whole, parent = (after - earlier for after, earlier in zip(cpu_of(worker.process.pid), before, strict=True))
            return Grown((count - warm) / took, whole / count * 1e3, parent / count * 1e3, memory.bytes / 2**20)


def table(sweep: str, found: list[tuple[Point, Grown]]) -> str:
    """Markdown."""
    rows = [f"| {sweep} | pages/s | CPU ms a page | of it the parent | peak MiB |", "|--:|--:|--:|--:|--:|"]
    for point, of in found:
        value = getattr(point, sweep)
        shown = f"{value // KB:,} KB" if sweep == "size" else f"{value:.1%}" if sweep == "duplicates" else str(value)
        rows.append(f"| {shown} | {of.pages_per_s:.1f} | {of.cpu_ms:.2f} | {of.parent_cpu_ms:.2f} | {of.peak_mib:.0f} |")
    return "\n".join(rows)


async def sweep(servers: str, names: list[str]) -> dict[str, list[tuple[Point, Grown]]]:
    """Every point of the sweeps that are asked for, one after the other."""
    found: dict[str, list[tuple[Point, Grown]]] = {}
    for name in names:
        for point in SWEEPS[name]:
            grown = await measure(servers, point)
            found.setdefault(name, []).append((point, grown))
            print(f"{name} {getattr(point, name)}: {grown.pages_per_s:.1f} pages/s", file=sys.stderr, flush=True)
    return found


def main() -> None:
    """Read the arguments, have a broker, measure, show."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default=",".join(SWEEPS), help="sweeps, comma-separated")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    arguments = parser.parse_args()
    names = arguments.only.split(",")
    if unknown := set(names) - SWEEPS.keys():
        parser.error(f"unknown sweeps {', '.join(sorted(unknown))}; known are {', '.join(SWEEPS)}")
    with running_broker() as servers:
        found = asyncio.run(sweep(servers, names))
    print(f"{machine()}\n")
    print("\n\n".join(table(name, points) for name, points in found.items()))
    if arguments.json:
        rows = {name: [asdict(point) | asdict(of) for point, of in points] for name, points in found.items()}
        arguments.json.write_text(json.dumps({"machine": machine(), "found": rows}, indent=2))


if __name__ == "__main__":
    main()
