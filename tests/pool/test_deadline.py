"""Deadlines that move, on a loop whose clock is real."""

import asyncio

import pytest

from worker.pool.deadline import Deadline

SOON_S, LATER_S = 0.05, 0.2


@pytest.fixture
def met():
    return []


async def test_the_moment_that_was_set_last_counts_be_it_later_or_earlier(met):
    loop = asyncio.get_running_loop()
    for first, last in ((SOON_S, LATER_S), (10 * LATER_S, SOON_S)):
        deadline, done = Deadline(), asyncio.Event()
        began = loop.time()
        deadline.set(first, met.append, "first")
        deadline.set(last, done.set)
        await asyncio.wait_for(done.wait(), 5)
        assert loop.time() - began >= last - 0.002  # the loop counts in milliseconds
    assert met == []


async def test_one_that_was_cancelled_calls_nothing_and_can_be_set_again(met):
    deadline = Deadline()
    deadline.set(SOON_S, met.append, "cancelled")
    deadline.cancel()
    await asyncio.sleep(2 * SOON_S)
    deadline.set(0, met.append, "again")
    await asyncio.sleep(SOON_S)
    assert met == ["again"]


async def test_it_is_met_once_and_may_be_set_by_what_it_calls(met):
    deadline = Deadline()

    def meet(left):
        met.append(left)
        if left:
            deadline.set(0.001, meet, left - 1)

    deadline.set(0.001, meet, 2)
    await asyncio.sleep(LATER_S)
    assert met == [2, 1, 0]


class RoundingLoop:
    """A loop whose timers tell a moment a little after the one that was asked for, as uvloop's do at three of ten."""

    def __init__(self):
        self.now_s, self.armed, self.cancelled = 100.0, 0, 0

    def time(self):
        return self.now_s

    def call_later(self, delay_s, _look):
        self.armed += 1
        self.goes_off_s = self.now_s + delay_s + 1e-9
        return self

    def when(self):
        return self.goes_off_s

    def cancel(self):
        self.cancelled += 1


def test_moving_it_leaves_the_loops_timer_alone_unless_it_is_moved_forward(monkeypatch):
    loop = RoundingLoop()
    monkeypatch.setattr(asyncio, "get_running_loop", lambda: loop)
    deadline = Deadline()
    for step in range(100):
        loop.now_s = 100.0 + step // 2 / 1000
        deadline.set(LATER_S, print)
    assert (loop.armed, loop.cancelled) == (1, 0)
    deadline.set(SOON_S, print)
    assert (loop.armed, loop.cancelled) == (2, 1)
