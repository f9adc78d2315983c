"""Where a partition is read from, against a real broker whose words are now and then not its own."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka import TopicPartition as ClientPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions
from aiokafka.admin.records_to_delete import RecordsToDelete
from aiokafka.protocol.fetch import FetchRequest

from tests.stream.test_kafka import DEADLINE_S, Pipeline, consuming, create, produce, settings
from worker.errors import FatalError
from worker.stream import positions
from worker.stream.kafka_source import KafkaSource

pytestmark = pytest.mark.kafka

OFFSET_OUT_OF_RANGE = 1


async def commit(servers: str, topic: str, offset: int) -> None:
    """As a worker of the topic's group would have, before it went."""
    consumer = AIOKafkaConsumer(bootstrap_servers=servers, group_id=topic, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign([ClientPartition(topic, 0)])
        await consumer.commit({ClientPartition(topic, 0): offset})
    finally:
        await consumer.stop()


async def remove(servers: str, topic: str, before: int) -> None:
    """As retention does."""
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        await admin.delete_records({ClientPartition(topic, 0): RecordsToDelete(before_offset=before)})
    finally:
        await admin.close()


async def add_a_partition(servers: str, topic: str) -> None:
    """A second one; waits until brokers tell of it."""
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        await admin.create_partitions({topic: NewPartitions(2)})
        async with asyncio.timeout(DEADLINE_S):
            while len((await admin.describe_topics([topic]))[0]["partitions"]) < 2:
                await asyncio.sleep(0.05)
    finally:
        await admin.close()


@pytest.mark.parametrize("policy", ["earliest", "latest", "none"])
async def test_a_broker_that_leads_no_more_moves_no_position(kafka: str, fresh: str, policy: str) -> None:
    await create(kafka, fresh)
    await produce(kafka, fresh, [b"%d" % number for number in range(10)])
    await commit(kafka, fresh, 4)
    async with consuming(settings(kafka, fresh, auto_offset_reset=policy), fresh) as pipeline:
        consumer: Any = pipeline.source._consumer
        client = consumer._client
        send, refused = client.send, 0

        async def as_if_it_had_lost_records(node: int, request: Any, **more: Any) -> Any:
            nonlocal refused
            answer = await send(node, request, **more)
            if isinstance(request, FetchRequest) and refused < 3 and any(rows for _, rows in answer.topics):
                refused += 1
                answer.topics = [
                    (topic, [(row[0], OFFSET_OUT_OF_RANGE, *row[2:]) for row in rows]) for topic, rows in answer.topics
                ]
            return answer

        client.send = as_if_it_had_lost_records
        await pipeline.until(lambda: len(pipeline.taken) >= 6)
        assert refused == 3
        assert pipeline.values == [b"4", b"5", b"6", b"7", b"8", b"9"]


@pytest.mark.parametrize("policy", ["earliest", "latest"])
async def test_where_records_were_removed_it_goes_on_with_the_first_that_is_kept(kafka: str, fresh: str, policy: str) -> None:
    await create(kafka, fresh)
    await produce(kafka, fresh, [b"%d" % number for number in range(10)])
    await commit(kafka, fresh, 2)
    await remove(kafka, fresh, before=7)
    async with consuming(settings(kafka, fresh, auto_offset_reset=policy), fresh) as pipeline:
        await pipeline.until(lambda: len(pipeline.taken) >= 3)
        assert pipeline.values == [b"7", b"8", b"9"]


async def ends(servers: str, topic: str, policy: str) -> str:
    source = KafkaSource(settings(servers, topic, auto_offset_reset=policy), [topic])
    await source.start(Pipeline(source))
    try:
        with pytest.raises(FatalError) as raised:
            async with asyncio.timeout(DEADLINE_S):
                while True:
                    await source.poll(10)
    finally:
        await source.stop()
    return str(raised.value)


async def test_where_records_were_removed_and_no_reset_is_allowed_it_ends(kafka: str, fresh: str) -> None:
    await create(kafka, fresh)
    await produce(kafka, fresh, [b"x"] * 10)
    await commit(kafka, fresh, 2)
    await remove(kafka, fresh, before=7)
    assert "keeps records from 7 on" in await ends(kafka, fresh, "none")


async def test_an_offset_behind_the_end_ends_it_when_it_stays_there(
    kafka: str, fresh: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(positions, "BEYOND_S", 1.0)
    await create(kafka, fresh)
    await produce(kafka, fresh, [b"x"] * 3)
    await commit(kafka, fresh, 100)
    assert "is 100, and its topic ends at 3" in await ends(kafka, fresh, "earliest")


async def test_what_comes_before_the_first_commit_is_not_passed_over_by_the_next_holder(kafka: str, fresh: str) -> None:
    await create(kafka, fresh)
    await produce(kafka, fresh, [b"before the group"])
    latest = settings(kafka, fresh, auto_offset_reset="latest")
    async with consuming(latest, fresh) as pipeline:
        await pipeline.until(lambda: bool(pipeline.held))
        await produce(kafka, fresh, [b"1", b"2"])
        await pipeline.until(lambda: len(pipeline.taken) == 2)
        pipeline.done.clear()  # it dies before it commits
    async with consuming(latest, fresh) as pipeline:
        await pipeline.until(lambda: len(pipeline.taken) == 2)
        assert pipeline.values == [b"1", b"2"]


async def test_of_a_partition_that_is_added_nothing_is_passed_over(kafka: str, fresh: str) -> None:
    await create(kafka, fresh)
    latest = settings(kafka, fresh, auto_offset_reset="latest").model_copy(update={"metadata_max_age_ms": 500})
    async with consuming(latest, fresh) as pipeline:
        await pipeline.until(lambda: bool(pipeline.held))
        await add_a_partition(kafka, fresh)
        await produce(kafka, fresh, [b"0", b"1"], partitions=2)
        await pipeline.until(lambda: b"1" in pipeline.values)
        pipeline.done.clear()  # it dies before it commits
    async with consuming(latest, fresh) as pipeline:
        await pipeline.until(lambda: b"1" in pipeline.values)
