"""Claims of many pages at once, over a store that fails on command."""

import asyncio

import pytest

from worker.dedup import claimer as claimer_module
from worker.dedup.claimer import Claimer
from worker.dedup.claims import Claim, ClaimKind, ClaimResult
from worker.dedup.memory import MemoryClaimStore
from worker.errors import ClaimStoreUnavailable
from worker.metrics import Metrics
from worker.records import SourceRef


class FaultyStore(MemoryClaimStore):
    """Keeps the sizes of its batches; holds a batch back, or fails, as it is told."""

    def __init__(self):
        super().__init__(3600)
        self.batches = []
        self.looked_up = []
        self.faults = []
        self.open = asyncio.Event()
        self.open.set()

    async def look_up(self, raws):
        self.looked_up.append(len(raws))
        if self.faults:
            raise self.faults.pop(0)
        return await super().look_up(raws)

    async def claim(self, claims):
        self.batches.append(len(claims))
        await self.open.wait()
        if self.faults:
            raise self.faults.pop(0)
        return await super().claim(claims)

    async def release(self, claims):
        if self.faults:
            raise self.faults.pop(0)
        await super().release(claims)


@pytest.fixture(autouse=True)
def _no_long_waits(monkeypatch):
    monkeypatch.setattr(claimer_module, "_BACKOFF_S", (0.001, 0.002))


@pytest.fixture
def store():
    return FaultyStore()


@pytest.fixture
async def open_claimer(store):
    opened = []

    def open_(on_store_error="pause", linger_s=lambda: 0.0):
        opened.append(Claimer(store, on_store_error=on_store_error, metrics=Metrics("test"), linger_s=linger_s))
        return opened[-1]

    yield open_
    for claimer in opened:
        await claimer.close()


def ref(offset):
    return SourceRef("pages", 0, offset)


def ask(claimer, digest, offset, kind=ClaimKind.RAW):
    return asyncio.ensure_future(claimer.claim(kind, Claim(digest, ref(offset))))


async def turns(count=5):
    for _ in range(count):
        await asyncio.sleep(0)


async def test_a_claim_is_won_replayed_or_a_duplicate_with_its_owner(open_claimer):
    claimer = open_claimer()
    assert await ask(claimer, "a", 1) == (ClaimResult.WON, None)
    assert await ask(claimer, "a", 1) == (ClaimResult.REPLAYED, None)
    assert await ask(claimer, "a", 2) == (ClaimResult.DUPLICATE, ref(1))


async def test_claims_gather_while_a_batch_is_under_way_and_keep_their_order(open_claimer, store):
    claimer = open_claimer()
    store.open.clear()
    first = ask(claimer, "a", 0)
    await turns()
    others = [ask(claimer, "b", offset) for offset in range(1, 1201)]
    await turns()
    store.open.set()
    assert await first == (ClaimResult.WON, None)
    answers = await asyncio.gather(*others)
    assert answers[0] == (ClaimResult.WON, None)
    assert set(answers[1:]) == {(ClaimResult.DUPLICATE, ref(1))}
    assert store.batches == [1, 500, 500, 200]


async def test_who_was_cancelled_while_waiting_is_not_asked_for(open_claimer, store):
    claimer = open_claimer()
    store.open.clear()
    first = ask(claimer, "a", 0)
    await turns()
    gone, stays = ask(claimer, "b", 1), ask(claimer, "b", 2)
    await turns()
    gone.cancel()
    await turns()
    store.open.set()
    assert await stays == (ClaimResult.WON, None)
    assert await first == (ClaimResult.WON, None)
    assert store.batches == [1, 1]


async def test_who_was_cancelled_under_way_holds_the_claim_and_replays_it(open_claimer, store):
    claimer = open_claimer()
    store.open.clear()
    gone, stays = ask(claimer, "a", 0), ask(claimer, "b", 1)
    await turns()
    gone.cancel()
    store.open.set()
    assert await stays == (ClaimResult.WON, None)
    assert await ask(claimer, "a", 0) == (ClaimResult.REPLAYED, None)


async def test_pause_asks_until_the_store_answers(open_claimer, store):
    claimer = open_claimer()
    store.faults = [ClaimStoreUnavailable("away")] * 4
    asked = ask(claimer, "a", 0)
    await turns()
    assert not claimer.store_up
    assert await asked == (ClaimResult.WON, None)
    assert claimer.store_up
    assert store.batches == [1] * 5


async def test_who_was_cancelled_while_the_store_was_down_claims_nothing_when_it_is_back(open_claimer, store):
    """The page has another owner by now.  If that one settled it as a duplicate, its claim would stand for an article of nobody."""
    claimer = open_claimer()
    store.faults = [ClaimStoreUnavailable("down")] * 3
    revoked, kept = ask(claimer, "a", 1), ask(claimer, "b", 2)
    while len(store.faults) == 3:
        await asyncio.sleep(0)
    revoked.cancel()
    assert await kept == (ClaimResult.WON, None)
    assert store.batches[-1] == 1
    assert await ask(claimer, "a", 3) == (ClaimResult.WON, None)


async def test_a_store_that_nobody_asked_anything_shows_what_its_opening_came_to(store):
    metrics = Metrics("test")
    claimer = Claimer(store, on_store_error="pause", metrics=metrics)
    assert metrics.registry.get_sample_value("winnow_dedup_store_up") == 0
    await claimer.start()
    assert metrics.registry.get_sample_value("winnow_dedup_store_up") == 1
    assert claimer.store_up
    await claimer.close()


async def test_a_batch_that_nobody_waits_for_any_more_is_no_sign_that_the_store_is_back(open_claimer, store):
    claimer = open_claimer()
    await ask(claimer, "a", 0)
    store.faults = [ClaimStoreUnavailable("down")] * 2
    revoked = ask(claimer, "b", 1)
    while store.faults:
        await asyncio.sleep(0)
    revoked.cancel()
    await asyncio.gather(claimer._claims._flusher)
    assert not claimer.store_up


async def test_a_store_that_is_full_is_down_though_it_answers_look_ups_and_releases(open_claimer, store):
    claimer = open_claimer("publish")
    await ask(claimer, "a", 1)
    store.faults = [ClaimStoreUnavailable("reached its maxmemory")]
    assert await ask(claimer, "b", 2) == (ClaimResult.UNKNOWN, None)
    await claimer.look_up("page")
    await claimer.release([Claim("b", ref(2))])
    assert not claimer.store_up
    await ask(claimer, "b", 2)
    assert claimer.store_up


async def test_until_the_group_confirms_what_is_held_nothing_is_claimed_or_released(store):
    confirmed = asyncio.Event()
    confirmed.set()

    async def wait():
        await confirmed.wait()

    claimer = Claimer(store, on_store_error="pause", metrics=Metrics("test"), confirmed=wait)
    assert await ask(claimer, "a", 1) == (ClaimResult.WON, None)
    confirmed.clear()  # the process was stopped, and its partitions went to another worker
    lost, kept = ask(claimer, "b", 2), ask(claimer, "c", 3)
    releasing = asyncio.ensure_future(claimer.release([Claim("a", ref(1))]))
    await turns(20)
    assert store.batches == [1], "nothing is asked for until the group has had its say"
    assert not releasing.done()
    lost.cancel()
    releasing.cancel()
    confirmed.set()
    assert await kept == (ClaimResult.WON, None)
    assert await ask(claimer, "b", 4) == (ClaimResult.WON, None)
    assert await ask(claimer, "a", 5) == (ClaimResult.DUPLICATE, ref(1))
    await claimer.close()


async def test_look_ups_travel_in_batches_too_and_come_to_nothing_where_the_store_is_down(open_claimer, store):
    claimer = open_claimer("publish")
    await claimer.claim(ClaimKind.CONTENT, Claim("a", ref(1), raw="page"))
    assert await asyncio.gather(*(claimer.look_up(raw) for raw in ("page", "other"))) == ["a", None]
    store.faults = [ClaimStoreUnavailable("away")]
    assert await asyncio.gather(*(claimer.look_up(raw) for raw in ("page", "page"))) == [None, None]
    assert not claimer.store_up
    assert await claimer.look_up("page") == "a"
    assert claimer.store_up
    assert store.looked_up == [2, 2, 1]


async def test_where_pages_wait_for_a_store_that_is_down_look_ups_do(open_claimer, store):
    claimer = open_claimer()
    await claimer.claim(ClaimKind.CONTENT, Claim("a", ref(1), raw="page"))
    store.faults = [ClaimStoreUnavailable("away")] * 3
    assert await claimer.look_up("page") == "a"


async def test_publish_answers_unknown_at_once_and_asks_again_for_the_next(open_claimer, store):
    claimer = open_claimer("publish")
    store.faults = [ClaimStoreUnavailable("away")]
    assert await ask(claimer, "a", 0) == (ClaimResult.UNKNOWN, None)
    assert not claimer.store_up
    assert await ask(claimer, "a", 0) == (ClaimResult.WON, None)
    assert claimer.store_up


async def test_a_release_obeys_the_same_rules(open_claimer, store):
    held = [Claim("a", ref(0))]
    paused = open_claimer()
    await ask(paused, "a", 0)
    store.faults = [ClaimStoreUnavailable("away")] * 2
    await paused.release(held)
    assert await ask(paused, "a", 1) == (ClaimResult.WON, None)
    publishing = open_claimer("publish")
    store.faults = [ClaimStoreUnavailable("away")]
    await publishing.release([Claim("a", ref(1))])
    assert await ask(publishing, "a", 2) == (ClaimResult.WON, None), "the release is made good before the next claim"


async def test_a_release_is_made_even_if_the_one_beside_it_is_cancelled(open_claimer, store):
    claimer = open_claimer()
    await ask(claimer, "a", 0)
    await ask(claimer, "b", 1)
    store.faults = [ClaimStoreUnavailable("away")] * 6
    first, second = (
        asyncio.ensure_future(claimer.release([Claim(digest, ref(offset))])) for digest, offset in (("a", 0), ("b", 1))
    )
    await turns()
    assert not second.done(), "a page is not given up before its claim is"
    first.cancel()
    await second
    assert await ask(claimer, "b", 2) == (ClaimResult.WON, None)


async def test_while_a_release_waits_for_the_store_a_page_waits_for_one_answer_only(open_claimer, store):
    claimer = open_claimer("publish")
    store.faults = [ClaimStoreUnavailable("away")] * 3
    await claimer.release([Claim("a", ref(0))])
    assert await ask(claimer, "b", 1) == (ClaimResult.UNKNOWN, None)
    assert len(store.faults) == 1, "the release was tried, and then nothing more"


async def test_a_bug_in_the_store_loses_no_release(open_claimer, store):
    claimer = open_claimer("publish")
    await ask(claimer, "a", 0)
    store.faults = [ClaimStoreUnavailable("away"), ZeroDivisionError("a bug")]
    await claimer.release([Claim("a", ref(0))])
    with pytest.raises(ZeroDivisionError):
        await ask(claimer, "b", 1)
    assert await ask(claimer, "a", 2) == (ClaimResult.WON, None)


async def test_pages_do_not_wait_for_a_claimer_that_is_closed(open_claimer, store):
    claimer = open_claimer()
    store.open.clear()
    asked = ask(claimer, "a", 0)
    await turns()
    await claimer.close()
    with pytest.raises(asyncio.CancelledError):
        await asked


async def test_a_bug_in_the_store_reaches_the_pages_of_its_batch_and_no_other(open_claimer, store):
    claimer = open_claimer()
    store.faults = [ZeroDivisionError("a bug")]
    store.open.clear()
    first = ask(claimer, "a", 0)
    await turns()
    second = ask(claimer, "b", 1)
    await turns()
    store.open.set()
    with pytest.raises(ZeroDivisionError):
        await first
    assert await second == (ClaimResult.WON, None)


async def test_a_store_that_answers_too_little_hangs_nobody(open_claimer, store, monkeypatch):
    async def short(_claims):
        return []

    monkeypatch.setattr(store, "claim", short)
    with pytest.raises(ValueError, match="zip"):
        await ask(open_claimer(), "a", 0)


async def test_extracted_pages_linger_for_one_another_and_raw_ones_for_nobody(open_claimer, store):
    claimer = open_claimer(linger_s=lambda: 0.05)
    await ask(claimer, "01" * 16, 1, ClaimKind.CONTENT)
    await asyncio.sleep(0.005)
    lingering = []
    for offset in (2, 3, 4):
        lingering.append(ask(claimer, f"{offset:02}" * 16, offset, ClaimKind.CONTENT))
        await asyncio.sleep(0.001)
    await ask(claimer, "0f" * 16, 9)
    assert not any(claim.done() for claim in lingering)
    await asyncio.gather(*lingering)
    assert store.batches == [1, 1, 3]


async def test_what_still_waits_at_the_end_is_cancelled_be_it_asked_or_not(open_claimer, store):
    store.open.clear()
    claimer = open_claimer()
    asked = ask(claimer, "a", 0)
    await turns()
    waiting = ask(claimer, "b", 1)
    await turns()
    await claimer.close()
    await turns()
    assert asked.cancelled()
    assert waiting.cancelled()
