"""A short run of each guarantee; `make chaos` runs them for as long as one likes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.chaos.battle import Battle, durable_redis, setup_for
from tests.chaos.schedule import KINDS, plan
from tests.kafka_broker import KafkaCluster, KafkaUnavailable, running_cluster

SECONDS = 50.0


@pytest.fixture(scope="module")
def three_brokers() -> Iterator[KafkaCluster]:
    try:
        with running_cluster(nodes=3) as cluster:
            yield cluster
    except KafkaUnavailable as missing:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"no Kafka: {missing}")


def test_a_seed_replays_its_schedule() -> None:
    first, again, other = (plan(seed, 1800, workers=3, brokers=3) for seed in (1, 1, 2))
    assert first == again != other
    assert {fault.kind for fault in first} == set(KINDS)


def test_never_two_brokers_are_away_at_once() -> None:
    for seed in range(20):
        hits = [fault for fault in plan(seed, 1800, workers=3, brokers=3) if fault.kind.startswith("broker")]
        assert all(later.at_s > hit.at_s + hit.lasts_s for hit, later in pairwise(hits))


@pytest.mark.kafka
@pytest.mark.redis
@pytest.mark.parametrize(("guarantee", "seed"), [("exactly_once", 1), ("at_least_once", 2)])
async def test_nothing_is_lost_under_faults(
    three_brokers: KafkaCluster, fresh: str, tmp_path: Path, guarantee: str, seed: int
) -> None:
    with durable_redis(tmp_path / "redis") as redis:
        setup = setup_for(three_brokers, redis, fresh, tmp_path, guarantee)
        report = await Battle(three_brokers, redis, setup, seed=seed, say=print).fight(SECONDS, rate=40.0)
    print(report)
    assert report.verdict.pages > SECONDS * 20
    assert not report.broken
