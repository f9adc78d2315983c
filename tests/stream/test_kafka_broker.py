"""The fixture itself: a broker that starts, takes records, and does not outlive the process that started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from tests.kafka_broker import KafkaUnavailable, kafka_jars

SCRIPT = Path(__file__).resolve().parents[1] / "kafka_broker.py"


@pytest.fixture
def jars() -> Path:
    try:
        return kafka_jars()
    except KafkaUnavailable as missing:
        pytest.skip(str(missing))


@pytest.mark.kafka
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_a_broker_goes_with_the_process_that_started_it(jars: Path, end: signal.Signals) -> None:
    owner = subprocess.Popen([sys.executable, str(SCRIPT)], stdout=subprocess.PIPE, text=True)
    try:
        assert owner.stdout is not None
        host, port = owner.stdout.readline().strip().rsplit(":", 1)
        assert (host, port.isdigit()) == ("127.0.0.1", True)
        brokers = psutil.Process(owner.pid).children(recursive=True)
        assert len(brokers) == 1
    finally:
        os.kill(owner.pid, end)
        owner.wait(60)
        if owner.stdout is not None:
            owner.stdout.close()
    deadline = time.monotonic() + 60
    while brokers[0].is_running() and brokers[0].status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, "the broker still runs"
        time.sleep(0.05)


def test_without_java_the_reason_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(KafkaUnavailable, match="no java on the PATH"):
        kafka_jars()


@pytest.mark.kafka
async def test_a_topic_is_created_written_and_read(kafka: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    await admin.create_topics([NewTopic("broker-smoke", num_partitions=1, replication_factor=1)])
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=kafka, acks="all", enable_idempotence=True) as producer:
        sent = await producer.send_and_wait("broker-smoke", b"page", key=b"key")
    async with AIOKafkaConsumer(bootstrap_servers=kafka) as consumer:
        consumer.assign([TopicPartition("broker-smoke", 0)])
        consumer.seek(TopicPartition("broker-smoke", 0), sent.offset)
        record = await consumer.getone()
    assert (record.key, record.value) == (b"key", b"page")
