"""A worker that is killed takes every process of its pool along, whatever they are doing."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

HERE = Path(__file__).parent

WORKER = """
import asyncio, sys
from worker.config import PoolSettings
from worker.metrics import Metrics
from worker.pool.supervisor import ExtractionPool
from worker.records import Page, SourceRef

async def main():
    pool = ExtractionPool(PoolSettings(processes=3), decoded_bytes=1 << 20, metrics=Metrics("test"), target="pool_targets:obey")
    await pool.start()
    pages = [asyncio.ensure_future(pool.extract(SourceRef("pages", 0, i), Page(sys.argv[1].encode()))) for i in range(5)]
    while sum(status.ref is not None for status in pool.running()) < 3:
        await asyncio.sleep(0.005)
    print("busy", flush=True)
    await asyncio.gather(*pages)

asyncio.run(main())
"""


@pytest.mark.parametrize("order", ["sleep 600", "spin", "backtrack"])
async def test_no_process_outlives_a_killed_worker(order):
    worker = subprocess.Popen([sys.executable, "-c", WORKER, order], cwd=HERE, stdout=subprocess.PIPE)
    try:
        assert await asyncio.to_thread(worker.stdout.readline) == b"busy\n"
        family = psutil.Process(worker.pid).children(recursive=True)
        assert len(family) == 4  # the fork server and its three children
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        worker.stdout.close()
    async with asyncio.timeout(10):
        while any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in family):
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_to_all_processes_does_not_end_a_page(number):
    script = WORKER.replace('print("busy", flush=True)', 'print("busy", flush=True); input()').replace(
        "await asyncio.gather(*pages)", "await asyncio.gather(*pages); await pool.stop(5); print('done', flush=True)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, "sleep 0.5"], cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as worker:
        assert await asyncio.to_thread(worker.stdout.readline) == b"busy\n"
        for process in psutil.Process(worker.pid).children(recursive=True):
            process.send_signal(number)
        worker.stdin.write(b"\n")
        worker.stdin.flush()
        assert await asyncio.to_thread(worker.stdout.readline) == b"done\n"
