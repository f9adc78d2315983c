"""Exactly once, through a real broker: what is broken, and that readers of committed records see each article once."""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.redis_server import RedisServer
from tests.test_worker import TEXT, page
from tests.worker_process import Results, Setup, WorkerProcess

pytestmark = pytest.mark.kafka


@pytest.fixture
def setup(kafka: str, fresh: str, tmp_path: Path) -> Setup:
    return Setup(kafka, fresh, tmp_path, guarantee="exactly_once")


@pytest.fixture
def workers() -> Iterator[list[WorkerProcess]]:
    started: list[WorkerProcess] = []
    yield started
    for worker in started:
        if worker.process.poll() is None:
            worker.process.kill()
            worker.process.wait()


def seen_once(results: Results) -> bool:
    return all(len(copies) == 1 for copies in results.articles.values())


async def test_pages_come_out_once_and_are_committed_with_their_offsets(setup: Setup, workers: list[WorkerProcess]) -> None:
    await setup.create_topics(partitions=2)
    count = await setup.produce([*((page(i), TEXT) for i in range(300)), (b"", TEXT), (page(1), TEXT), (None, [])])
    worker = WorkerProcess(setup)
    workers.append(worker)
    async with setup.results() as results:
        await results.until(count - 1)  # a tombstone leaves nothing
        assert await worker.end() == 0
        assert worker.process.returncode == 0, worker.log.read_text()[-3000:]
        await results.read()
    assert len(results.articles) == 300
    assert (len(results.dead), len(results.duplicates)) == (1, 1)
    assert seen_once(results)
    assert await setup.uncommitted() == 0


async def test_workers_killed_again_and_again_lose_none_and_double_none(setup: Setup, workers: list[WorkerProcess]) -> None:
    dice = random.Random(7)
    setup.overrides = {"commit": {"interval": "200ms"}}
    await setup.create_topics(partitions=4)
    count = await setup.produce((page(i), TEXT) for i in range(2500))
    running = [WorkerProcess(setup), WorkerProcess(setup)]
    workers += running
    async with setup.results() as results:
        for kills in range(1, 5):
            await results.until(min(kills * 350, count - 200))
            victim = dice.randrange(2)
            assert await running[victim].end(signal.SIGKILL) == -signal.SIGKILL
            running[victim] = WorkerProcess(setup)
            workers.append(running[victim])
        await results.until(count)
        for worker in running:
            await worker.until_ready()  # the one that came last may not listen to signals yet
            assert await worker.end() == 0, worker.log.read_text()[-3000:]
        await results.read()
    assert len(results.articles) == count
    assert seen_once(results)
    assert not results.dead
    assert not results.duplicates
    assert await setup.uncommitted() == 0


async def test_a_worker_that_wakes_after_its_partitions_went_to_another_writes_nothing_twice(
    setup: Setup, workers: list[WorkerProcess], redis_server: RedisServer
) -> None:
    setup.overrides = {
        "commit": {"interval": "200ms"},
        # Redis: a process that sleeps while it holds SQLite's write lock keeps all others of the machine waiting.
        "dedup": {"store": "redis", "namespace": setup.name, "redis": {"nodes": redis_server.address}},
        "kafka": {"consumer": {"group_id": setup.name, "session_timeout_ms": 6_000, "heartbeat_interval_ms": 1_000}},
    }
    await setup.create_topics(partitions=2)
    count = await setup.produce((page(i), TEXT) for i in range(1500))
    sleeper = WorkerProcess(setup)
    workers.append(sleeper)
    async with setup.results() as results:
        await results.until(200)
        sleeper.process.send_signal(signal.SIGSTOP)
        other = WorkerProcess(setup)
        workers.append(other)
        await results.until(600)
        sleeper.process.send_signal(signal.SIGCONT)
        await results.until(count)
        for worker in (sleeper, other):
            await worker.end()
        for _ in range(5):
            await results.read()
    assert len(results.articles) == count
    assert seen_once(results)
    assert await setup.uncommitted() == 0
