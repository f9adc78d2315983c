"""What tests in more than one folder need: real servers, and names of their own."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator

import pytest

from tests.kafka_broker import KafkaUnavailable, running_broker
from tests.redis_server import redis_server

__all__ = ["redis_server"]


@pytest.fixture(scope="session")
def kafka() -> Iterator[str]:
    """The bootstrap servers of a real Apache Kafka; it stays up for the whole run."""
    try:
        with running_broker() as bootstrap_servers:
            yield bootstrap_servers
    except KafkaUnavailable as missing:
        if os.environ.get("CI") == "true":
            pytest.fail(f"no Kafka: {missing}", pytrace=False)
        pytest.skip(f"no Kafka: {missing}")


@pytest.fixture
def fresh() -> str:
    """A name that no other test uses, for topics and groups."""
    return f"test-{uuid.uuid4().hex[:12]}"
