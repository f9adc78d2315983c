"""Turns, and who takes them together."""

import asyncio

from worker.pace import Pace

INTERVAL_S = 0.05
SOON_S = 0.005  # and no more of the moment that a turn lasts


async def take(pace, took):
    await pace.turn()
    took.append(asyncio.get_running_loop().time())


async def steps(count=3):
    for _ in range(count):
        await asyncio.sleep(0)


async def test_after_a_pause_a_turn_comes_at_once():
    pace, took = Pace(60), []
    async with asyncio.timeout(5):
        await take(pace, took)


async def test_who_comes_in_the_same_moment_shares_the_turn():
    pace, took = Pace(60), []
    tasks = [asyncio.create_task(take(pace, took)) for _ in range(10)]
    await steps()
    assert all(task.done() for task in tasks)


async def test_the_next_turn_is_an_interval_later_and_all_who_wait_take_it_together():
    pace, took = Pace(INTERVAL_S), []
    await take(pace, took)
    await asyncio.sleep(SOON_S)
    early = asyncio.create_task(take(pace, took))
    await asyncio.sleep(SOON_S)
    late = asyncio.create_task(take(pace, took))
    await steps()
    assert len(took) == 1
    await early
    await steps()
    assert late.done()
    assert took[1] - took[0] >= INTERVAL_S * 0.99, "but for what the clock's steps take away"


async def test_who_is_cancelled_takes_nobody_along():
    pace, took = Pace(INTERVAL_S), []
    await take(pace, took)
    await asyncio.sleep(SOON_S)
    gone, stays = asyncio.create_task(take(pace, took)), asyncio.create_task(take(pace, took))
    await steps()
    gone.cancel()
    await stays
    assert len(took) == 2
    assert gone.cancelled()


async def test_no_interval_is_no_wait():
    pace, took = Pace(0), []
    for _ in range(5):
        await take(pace, took)
    assert len(took) == 5
