"""A worker's health, as its endpoints tell it, between doors that fail on command."""

import asyncio
import time
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import aiohttp
import pytest

from tests.test_pipeline import FaultyPublisher, ScriptedSource, page
from worker import service
from worker.config import HttpSettings, Settings
from worker.errors import FatalError
from worker.http import HttpServer
from worker.metrics import Metrics
from worker.pool.supervisor import ExtractionPool
from worker.service import Worker


class Source(ScriptedSource):
    """Comes back from a fetch whenever it is asked, until it hangs."""

    hung_at = None

    @property
    def answered_at(self):
        return time.monotonic() if self.hung_at is None else self.hung_at

    async def stop(self):
        pass


class Publisher(FaultyPublisher):
    async def start(self):
        pass

    async def stop(self):
        pass


@pytest.fixture
def source():
    return Source()


@pytest.fixture
async def get(source, monkeypatch):
    """Asks the endpoints of a worker that is ready, and whose extraction does what a page's body says."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent / "pool"))
    monkeypatch.setattr("worker.service.ExtractionPool", partial(ExtractionPool, target="pool_targets:obey"))
    monkeypatch.setattr("worker.pool.supervisor._KILL_GRACE_S", 60.0)
    settings = Settings.model_validate({"dedup": {"store": "memory"}, "pool": {"processes": 1, "page_timeout": "200ms"}})
    metrics = Metrics("test")
    worker = Worker(settings, source=source, publisher=Publisher(), metrics=metrics)
    server = HttpServer(HttpSettings(host="127.0.0.1", port=0), health=worker, registry=metrics.registry)
    await server.start()
    running = asyncio.create_task(worker.run())
    async with aiohttp.ClientSession(f"http://127.0.0.1:{server.port}") as session:

        async def get(path):
            async with session.get(path) as response:
                return response.status, await response.text()

        async with asyncio.timeout(30):
            while (await get("/readyz"))[0] != 200:
                assert not running.done()
                await asyncio.sleep(0.01)
        yield get
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await server.stop()


async def until_dead(get):
    """What /livez says when it is not good any more."""
    async with asyncio.timeout(30):
        while (answer := await get("/livez"))[0] == 200:
            await asyncio.sleep(0.01)
    return answer


async def test_a_page_that_the_pool_does_not_stop_is_for_a_restart_to_end(get, source, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("worker.pool.forkserver.ForkServer.signal", lambda *_: None)
        source.feed(page(0, "sleep 3600"))
        status, why = await until_dead(get)
        assert status == 503
        assert "far beyond its deadline" in why
        assert (await get("/readyz"))[0] == 503


async def test_a_fetch_that_does_not_come_back_for_ten_minutes_is_for_a_restart_to_end(get, source, monkeypatch):
    monkeypatch.setattr("worker.service._FETCH_STALLED_S", 0.05)
    assert (await get("/livez"))[0] == 200
    source.hung_at = time.monotonic()
    status, why = await until_dead(get)
    assert status == 503
    assert "not come back from a fetch" in why


# -- by a clock that the test sets

START_S = 1000.0
PATIENCE_S = 90.0  # session and rebalance timeout of the defaults


class Group:
    """A source whose group answers when it is told to, and that has not come back from a fetch since the start."""

    answered_at = START_S

    def __init__(self):
        self.answers = asyncio.Event()

    async def start(self, listener):
        pass

    async def poll(self, max_records):
        await asyncio.sleep(0)
        return []

    async def confirmed(self):
        await self.answers.wait()


@pytest.fixture
async def hanging(monkeypatch):
    """A worker whose fetch hangs; `at` sets the clock, and lets the group answer or be silent."""
    now = [START_S]
    monkeypatch.setattr(service, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(service, "_TICK_S", 0)
    group = Group()
    worker = service.Worker(
        Settings(), source=group, publisher=SimpleNamespace(held_bytes=0, discard=lambda _: None), metrics=Metrics("1")
    )
    worker._started = True
    watching = asyncio.create_task(worker._stay_in_touch())

    async def at(seconds, *, answers):
        now[0] = START_S + seconds
        (group.answers.set if answers else group.answers.clear)()
        for _ in range(5):
            await asyncio.sleep(0)
        return worker.faults_of_life()

    yield at
    watching.cancel()


async def test_a_fetch_that_hangs_in_an_outage_is_given_ten_minutes_once_the_group_answers_again(hanging):
    assert await hanging(0, answers=True) == []
    await hanging(1, answers=False)
    for minute in range(1, 100):
        assert await hanging(60 * minute, answers=False) == []
    for minute in range(100, 111):
        assert await hanging(60 * minute, answers=True) == []
    assert await hanging(60 * 111, answers=True) != []


async def test_a_watch_that_fails_ends_the_worker(monkeypatch):
    async def fail():
        raise AttributeError("the client has changed")

    worker = service.Worker(
        Settings(), source=Group(), publisher=SimpleNamespace(held_bytes=0, discard=lambda _: None), metrics=Metrics("1")
    )
    monkeypatch.setattr(worker, "_observe", fail)
    monkeypatch.setattr(worker, "_start_and_run", worker._pipeline.run)
    monkeypatch.setattr(worker, "_stop", lambda: asyncio.sleep(0))
    with pytest.raises(FatalError, match="AttributeError: the client has changed"):
        await worker.run()


@pytest.mark.parametrize(("linger_ms", "behind", "seconds"), [(20, False, 0.02), (20, True, 0.1), (500, True, 0.5), (0, False, 0)])
async def test_pages_linger_longer_while_others_wait_for_a_process(monkeypatch, linger_ms, behind, seconds):
    monkeypatch.setattr(ExtractionPool, "behind", behind)
    settings = Settings.model_validate({"dedup": {"store": "memory"}, "kafka": {"producer": {"linger_ms": linger_ms}}})
    worker = Worker(settings, source=Source(), publisher=Publisher(), metrics=Metrics("test"))
    assert worker._claimer._pace._interval_s() == seconds
