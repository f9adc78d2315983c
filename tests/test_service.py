"""A worker's health, as its endpoints tell it, between doors that fail on command."""

import asyncio
import time
from functools import partial
from pathlib import Path

import aiohttp
import pytest

from tests.test_pipeline import FaultyPublisher, ScriptedSource, page
from worker.config import HttpSettings, Settings
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
