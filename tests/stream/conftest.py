"""Brokers for the tests of the edges."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from kafka_broker import KafkaUnavailable, running_broker


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
