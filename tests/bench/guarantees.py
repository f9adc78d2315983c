"""What exactly_once costs beside at_least_once: pages a second of a whole worker, on a real broker, turn about in one run.

    python -m tests.bench.guarantees [--pages 6000] [--rounds 5]

Short pages of plain text are the worst case: the less a page costs to read, the more of it is delivery.  The first tenth of each
run warms up and is not timed; the end is when the last offset is committed.  The ratio is what compares between machines.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
import uuid
from pathlib import Path

from tests.kafka_broker import running_broker
from tests.test_worker import TEXT, page
from tests.worker_process import Setup, WorkerProcess

PARTITIONS = 6


async def measure(servers: str, guarantee: str, pages: int) -> float:
    """Pages a second of one worker."""
    with tempfile.TemporaryDirectory() as folder:
        setup = Setup(servers, f"bench-{uuid.uuid4().hex[:8]}", Path(folder), {"dedup": {"store": "memory"}}, guarantee)
        await setup.create_topics(PARTITIONS)
        await setup.produce((page(seed), TEXT) for seed in range(pages))
        worker = WorkerProcess(setup)
        try:
            await worker.until_ready()
            while (warm := await asyncio.to_thread(worker.metric, "winnow_records_settled_total")) < pages / 10:
                await asyncio.sleep(0.05)
            began = time.perf_counter()
            while await asyncio.to_thread(worker.metric, "winnow_records_settled_total") < pages:
                await asyncio.sleep(0.05)
            while await setup.uncommitted():
                await asyncio.sleep(0.05)
            took = time.perf_counter() - began
            assert await worker.end() == 0
        finally:
            worker.process.kill()
    return (pages - warm) / took


async def compare(servers: str, pages: int, rounds: int) -> None:
    """Measure turn about, and print."""
    rates: dict[str, list[float]] = {"at_least_once": [], "exactly_once": []}
    for _ in range(rounds):
        for guarantee, found in rates.items():
            found.append(await measure(servers, guarantee, pages))
            print(f"{guarantee:14} {found[-1]:7.0f} pages/s", flush=True)
    middles = {guarantee: statistics.median(found) for guarantee, found in rates.items()}
    print(f"exactly_once runs at {middles['exactly_once'] / middles['at_least_once']:.1%} of at_least_once (medians of {rounds})")


def main() -> None:
    """Read the arguments, have a broker, compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=6000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with running_broker() as servers:
        asyncio.run(compare(servers, arguments.pages, arguments.rounds))


if __name__ == "__main__":
    main()
