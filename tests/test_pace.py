"""Turns, and who takes them together."""

import asyncio

import pytest

from worker.pace import Pace

INTERVAL_S = 60.0


class Clock:
    """The event loop's clock, which goes on when it is told to."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
async def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(asyncio.get_running_loop(), "time", clock)
    return clock


async def take(pace, took):
    await pace.turn()
    took.append(asyncio.get_running_loop().time())


async def steps(count=3):
    for _ in range(count):
        await asyncio.sleep(0)


async def test_after_a_pause_a_turn_comes_at_once():
    pace, took = Pace(lambda: 60), []
    async with asyncio.timeout(5):
        await take(pace, took)


@pytest.mark.usefixtures("clock")
async def test_who_comes_in_the_same_moment_shares_the_turn():
    pace, took = Pace(lambda: INTERVAL_S), []
    tasks = [asyncio.create_task(take(pace, took)) for _ in range(10)]
    await steps()
    assert all(task.done() for task in tasks)


async def test_the_next_turn_is_an_interval_later_and_all_who_wait_take_it_together(clock):
    pace, took = Pace(lambda: INTERVAL_S), []
    await take(pace, took)
    clock.now += 1
    early = asyncio.create_task(take(pace, took))
    await steps()
    clock.now += INTERVAL_S - 2
    late = asyncio.create_task(take(pace, took))
    await steps()
    assert took == [1000]
    clock.now += 1
    await steps()
    assert took == [1000, 1000 + INTERVAL_S, 1000 + INTERVAL_S]
    assert early.done()
    assert late.done()


async def test_who_is_cancelled_takes_nobody_along(clock):
    pace, took = Pace(lambda: INTERVAL_S), []
    await take(pace, took)
    clock.now += 1
    gone, stays = asyncio.create_task(take(pace, took)), asyncio.create_task(take(pace, took))
    await steps()
    gone.cancel()
    clock.now += INTERVAL_S
    await steps()
    assert len(took) == 2
    assert stays.done()
    assert gone.cancelled()


async def test_no_interval_is_no_wait():
    pace, took = Pace(lambda: 0), []
    for _ in range(5):
        await take(pace, took)
    assert len(took) == 5


async def test_each_turn_asks_how_far_it_is_from_the_last(clock):
    interval_s = INTERVAL_S
    pace, took = Pace(lambda: interval_s), []
    await take(pace, took)
    clock.now += 1
    interval_s = 5 * INTERVAL_S
    waiting = asyncio.create_task(take(pace, took))
    await steps()
    clock.now += INTERVAL_S
    await steps()
    assert not waiting.done()
    clock.now += 4 * INTERVAL_S
    await steps()
    assert waiting.done()
    clock.now += INTERVAL_S
    interval_s = INTERVAL_S
    await take(pace, took)
    assert len(took) == 3
