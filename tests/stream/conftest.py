"""Brokers of one's own for the tests of the edges, to be broken or to be logged in to."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.kafka_broker import KafkaCluster, KafkaUnavailable, running_cluster


@contextmanager
def cluster_or_skip(*, nodes: int = 1, secure: bool = False) -> Iterator[KafkaCluster]:
    try:
        with running_cluster(nodes=nodes, secure=secure) as cluster:
            yield cluster
    except KafkaUnavailable as missing:
        if os.environ.get("CI") == "true":
            pytest.fail(f"no Kafka: {missing}", pytrace=False)
        pytest.skip(f"no Kafka: {missing}")


@pytest.fixture(scope="session")
def secure_kafka() -> Iterator[KafkaCluster]:
    """A broker with a SASL_SSL listener."""
    with cluster_or_skip(secure=True) as cluster:
        yield cluster
