"""Of what a worker's probes say, what depends on the group's word; the rest is seen from without, in `test_worker.py`."""

import asyncio
from types import SimpleNamespace

import pytest

from worker import service
from worker.config import Settings
from worker.errors import FatalError
from worker.metrics import Metrics

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


async def test_a_fetch_that_hangs_while_the_group_answers_must_be_ended_by_a_restart(hanging):
    for minute in range(11):
        assert await hanging(60 * minute, answers=True) == []
    assert await hanging(60 * 11, answers=True) == ["the consumer has not come back from a fetch for ten minutes"]


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
