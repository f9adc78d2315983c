"""How long the group's word is good for."""

import asyncio

import pytest

from worker.stream import membership as membership_module
from worker.stream.membership import Membership, Standing

LEASE_S = 15


class Group:
    """Says what it is told to say, as long after the question as it is told."""

    def __init__(self):
        self.now = 100.0
        self.answer = Standing.MEMBER
        self.takes_s = 0.0
        self.asked = 0
        self.membership = Membership(self.ask, lease_s=LEASE_S, clock=lambda: self.now)

    async def ask(self):
        self.asked += 1
        self.now += self.takes_s
        await asyncio.sleep(0)
        return self.answer


@pytest.fixture
def group():
    return Group()


async def test_the_word_of_the_group_is_good_for_the_lease_and_not_longer(group):
    assert await group.membership.standing() is Standing.MEMBER
    group.answer = Standing.LOST
    group.now += LEASE_S - 0.1
    assert await group.membership.standing() is Standing.MEMBER
    assert group.asked == 1
    group.now += 0.1
    assert await group.membership.standing() is Standing.LOST


async def test_the_lease_begins_when_the_question_was_put(group):
    group.takes_s = 10
    assert await group.membership.standing() is Standing.MEMBER
    group.now += 6
    assert await group.membership.standing() is Standing.MEMBER
    assert group.asked == 2


async def test_an_answer_that_lay_there_longer_than_the_lease_says_nothing(group):
    group.takes_s = LEASE_S + 1
    assert await group.membership.standing() is Standing.UNKNOWN


@pytest.mark.parametrize("answer", [Standing.LEAVING, Standing.LOST, Standing.UNKNOWN])
async def test_any_other_word_holds_for_the_moment(group, answer):
    group.answer = answer
    assert [await group.membership.standing() for _ in range(2)] == [answer] * 2
    assert group.asked == 2


async def test_many_who_want_to_know_ask_once(group):
    assert await asyncio.gather(*(group.membership.standing() for _ in range(10))) == [Standing.MEMBER] * 10
    assert group.asked == 1


@pytest.mark.parametrize("held", [Standing.MEMBER, Standing.LEAVING])
@pytest.mark.parametrize("not_held", [Standing.LOST, Standing.UNKNOWN])
async def test_confirmed_waits_for_the_word_that_all_is_held(group, monkeypatch, held, not_held):
    monkeypatch.setattr(membership_module, "RETRY_S", 0)
    group.answer = not_held
    waiting = asyncio.ensure_future(group.membership.confirmed())
    for _ in range(20):
        await asyncio.sleep(0)
    assert group.asked > 1
    assert not waiting.done()
    group.answer = held
    await waiting
