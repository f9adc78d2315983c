"""What every store promises."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dedup.conftest import Tried, claim, digest
from worker.config import DedupSettings
from worker.dedup import open_store
from worker.dedup.claims import Claim, ClaimStore
from worker.dedup.memory import MemoryClaimStore
from worker.dedup.redis import RedisClaimStore
from worker.dedup.sqlite import SqliteClaimStore
from worker.records import SourceRef


async def test_a_first_claim_is_won(store: ClaimStore) -> None:
    assert await store.claim([claim(1, 10)]) == [None]


async def test_a_replay_is_answered_with_its_own_name(store: ClaimStore) -> None:
    await store.claim([claim(1, 10)])
    assert await store.claim([claim(1, 10)]) == [SourceRef("pages.raw", 3, 10)]


async def test_a_twin_is_answered_with_the_holder(store: ClaimStore) -> None:
    await store.claim([claim(1, 10)])
    assert await store.claim([claim(1, 11)]) == [SourceRef("pages.raw", 3, 10)]


async def test_of_equal_hashes_in_one_batch_the_first_wins(store: ClaimStore) -> None:
    holders = await store.claim([claim(1, 10), claim(2, 11), claim(1, 12)])
    assert holders == [None, None, SourceRef("pages.raw", 3, 10)]


async def test_what_a_page_came_to_is_noted_with_its_claim(store: ClaimStore) -> None:
    assert await store.look_up([digest(7)]) == [None]
    await store.claim([claim(1, 10, raw=7), claim(2, 10)])
    assert await store.look_up([digest(8), digest(7), digest(1)]) == [None, digest(1), None]


async def test_it_is_noted_for_a_duplicate_as_well_and_anew_where_it_changes(store: ClaimStore) -> None:
    assert await store.claim([claim(1, 10, raw=7), claim(1, 11, raw=8)]) == [None, claim(1, 10).owner]
    await store.claim([claim(2, 10, raw=7)])
    assert await store.look_up([digest(7), digest(8)]) == [digest(2), digest(1)]


async def test_a_note_is_no_claim_and_stays_where_a_claim_is_released(store: ClaimStore) -> None:
    await store.claim([claim(1, 10, raw=7)])
    assert await store.claim([claim(7, 11)]) == [None]
    await store.release([claim(1, 10)])
    assert await store.look_up([digest(7)]) == [digest(1)]


async def test_a_released_claim_can_be_won_again(store: ClaimStore) -> None:
    await store.claim([claim(1, 10), claim(2, 10)])
    await store.release([claim(1, 10), claim(2, 10)])
    assert await store.claim([claim(1, 11), claim(2, 11)]) == [None, None]


async def test_a_release_leaves_the_claim_of_another(store: ClaimStore) -> None:
    await store.claim([claim(1, 10)])
    await store.release([claim(1, 11), claim(2, 11)])
    assert await store.claim([claim(1, 11)]) == [SourceRef("pages.raw", 3, 10)]


async def test_a_release_can_be_repeated(store: ClaimStore) -> None:
    await store.claim([claim(1, 10)])
    await store.release([claim(1, 10)])
    await store.release([claim(1, 10)])


async def test_an_empty_batch_is_nothing(store: ClaimStore) -> None:
    assert await store.claim([]) == []
    assert await store.look_up([]) == []
    await store.release([])


async def test_an_expired_claim_is_absent(tried: Tried) -> None:
    await tried.store.claim([claim(1, 10, raw=7)])
    await tried.pass_window()
    assert await tried.store.look_up([digest(7)]) == [None]
    assert await tried.store.claim([claim(1, 11)]) == [None]
    assert await tried.store.claim([claim(1, 10)]) == [SourceRef("pages.raw", 3, 11)]


@pytest.mark.parametrize("topic", ["архив/страница 1.html", "with/slashes/and:colons", "caf\udce9.html", "a" * 249])
async def test_any_topic_comes_back_as_it_went(store: ClaimStore, topic: str) -> None:
    await store.claim([claim(1, 2**62, topic=topic)])
    assert await store.claim([claim(1, 5)]) == [SourceRef(topic, 3, 2**62)]


async def test_a_batch_of_ten_thousand_keeps_its_order(store: ClaimStore) -> None:
    batch = [claim(number, number) for number in range(10_000)]
    await store.claim(batch[::2])
    assert await store.claim(batch) == [None if number % 2 else each.owner for number, each in enumerate(batch)]


async def test_of_many_that_claim_at_the_same_moment_exactly_one_wins_each_hash(store: ClaimStore) -> None:
    async def contend(offset: int) -> list[SourceRef | None]:
        return await store.claim([claim(number, offset) for number in range(200)])

    answers = await asyncio.gather(*(contend(offset) for offset in range(8)))
    for per_hash in zip(*answers, strict=True):
        assert per_hash.count(None) == 1
        winner = SourceRef("pages.raw", 3, per_hash.index(None))
        assert set(per_hash) == {None, winner}


async def test_a_closed_store_opens_again_at_the_next_call(tried: Tried) -> None:
    await tried.store.close()
    assert await tried.store.claim([claim(1, 10)]) == [None]


_steps = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(["claim", "release"]),
            st.lists(st.builds(claim, st.integers(0, 4), st.integers(0, 3), st.sampled_from([None, 0, 8])), max_size=6),
        ),
        st.just(("expire", [])),
    ),
    max_size=12,
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors]
)
@given(steps=_steps)
async def test_every_history_of_claims_is_that_of_two_plain_dicts(tried: Tried, steps: list[tuple[str, list[Claim]]]) -> None:
    await tried.pass_window()  # what an earlier example left
    model: dict[str, SourceRef] = {}
    notes: dict[str, str] = {}
    for step, claims in steps:
        if step == "expire":
            await tried.pass_window()
            model.clear()
            notes.clear()
        elif step == "claim":
            expected = []
            for each in claims:
                expected.append(model.get(each.hash))
                model.setdefault(each.hash, each.owner)
                if each.raw is not None:
                    notes[each.raw] = each.hash
            assert await tried.store.claim(claims) == expected
        else:
            await tried.store.release(claims)
            for each in claims:
                if model.get(each.hash) == each.owner:
                    del model[each.hash]
        assert await tried.store.look_up([digest(0), digest(8)]) == [notes.get(digest(0)), notes.get(digest(8))]


@pytest.mark.parametrize(("name", "kind"), [("memory", MemoryClaimStore), ("sqlite", SqliteClaimStore), ("redis", RedisClaimStore)])
def test_the_settings_name_the_store_and_nothing_is_opened(name: str, kind: type) -> None:
    settings = DedupSettings.model_validate(
        {"store": name, "sqlite": {"path": "/nowhere/claims"}, "redis": {"nodes": "localhost:1"}}
    )
    assert isinstance(open_store(settings), kind)
