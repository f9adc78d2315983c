"""What tests in more than one folder need: real servers, and names of their own."""

from __future__ import annotations

import gc
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kafka_broker import KafkaCluster, KafkaUnavailable, running_broker, running_cluster
from tests.redis_server import redis_server

__all__ = ["redis_server"]


def pytest_configure() -> None:
    """Refuse to test what is not there: compiled modules hide the sources that they were made of."""
    for module in (Path(__file__).parents[1] / "worker" / "article").rglob("*.so"):
        source = module.parent / f"{module.name.partition('.')[0]}.py"
        if not source.exists() or source.stat().st_mtime > module.stat().st_mtime:
            pytest.exit(f"{module.name} is older than its source: run `make .venv/.built`, or remove those below worker/article", 4)


def _unavailable(missing: KafkaUnavailable) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(f"no Kafka: {missing}", pytrace=False)
    pytest.skip(f"no Kafka: {missing}")


@pytest.fixture(scope="module", autouse=True)
def _complaints_come_here() -> Iterator[None]:
    """Collect what a module's clients left behind.

    A future whose exception nobody took logs a traceback when it is collected, and printing one
    parses source. When the collection falls into another parse (an import whose assertions are
    rewritten), CPython 3.11 fails with "AST constructor recursion depth mismatch".
    """
    yield
    gc.collect()


@pytest.fixture(scope="session")
def kafka() -> Iterator[str]:
    """The bootstrap servers of a real Apache Kafka; it stays up for the whole run."""
    try:
        with running_broker() as bootstrap_servers:
            yield bootstrap_servers
    except KafkaUnavailable as missing:
        _unavailable(missing)


@pytest.fixture(scope="session")
def _own_kafka() -> Iterator[KafkaCluster]:
    try:
        with running_cluster() as cluster:
            yield cluster
    except KafkaUnavailable as missing:
        _unavailable(missing)


@pytest.fixture
def own_kafka(_own_kafka: KafkaCluster) -> KafkaCluster:
    """A broker to be stopped, frozen and killed; the next test finds it up again."""
    for node in _own_kafka.nodes:
        if not node.running:
            node.launch()
        node.thaw()
        node.wait_ready()
    return _own_kafka


@pytest.fixture
def fresh() -> str:
    """A name that no other test uses, for topics and groups."""
    return f"test-{uuid.uuid4().hex[:12]}"
