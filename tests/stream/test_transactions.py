"""The transactional publisher against a real broker: dead, failed or fenced at every step, readers see each record once."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, cast

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka import TopicPartition as ClientPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError, KafkaError

from tests.kafka_broker import KafkaCluster
from tests.stream.test_kafka import create, settings
from worker.config import KafkaSettings
from worker.errors import FatalError, OutputTooLarge, PublishFailed
from worker.metrics import Metrics
from worker.records import OutputRecord, SourceRef, TopicPartition
from worker.stream.kafka_source import KafkaSource
from worker.stream.membership import Standing
from worker.stream.transactions import TransactionalPublisher

pytestmark = pytest.mark.kafka

DEADLINE_S = 90.0
RECORDS = 3


class Died(Exception):
    """The worker is gone."""


class Group:
    """The group's offsets as the source tells them; who holds what is for the test to say."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer
        self.held = True
        self.says = Standing.MEMBER
        self.forgetful = False

    async def standing(self) -> Standing:
        return self.says

    def holds(self, partition: TopicPartition) -> bool:
        return self.held

    async def committed(self, partition: TopicPartition) -> int | None:
        return None if self.forgetful else cast("int | None", await self._consumer.committed(ClientPartition(*partition)))

    async def reset(self, partition: TopicPartition, offset: int) -> None:
        """What an operator does with kafka-consumer-groups --reset-offsets."""
        await self._consumer.commit({ClientPartition(*partition): offset})


class Side:
    """A worker's half that writes: a publisher for one input partition."""

    def __init__(self, kafka: KafkaSettings, group: Group, topic: str) -> None:
        self.partition = TopicPartition(f"{kafka.consumer.group_id}.in", 0)
        self.topic = topic
        self.group = group
        self.metrics = Metrics("test")
        self.publisher = FragilePublisher(kafka, cast(KafkaSource, group), topics=[topic], metrics=self.metrics)

    async def take_over(self) -> int:
        """Open the partition; the offset from which to go on."""
        await self.publisher.start()
        await self.publisher.open([self.partition])
        return await self.group.committed(self.partition) or 0

    async def publish(self, first: int = 0, end: int = RECORDS) -> None:
        for offset in range(first, end):
            record = OutputRecord(self.topic, b"key", b"article %d" % offset, (("name", b"value"),))
            await self.publisher.publish(SourceRef(*self.partition, offset), [record])

    async def commit(self, end: int = RECORDS) -> None:
        await self.publisher.commit({self.partition: end})

    async def until_committed(self, end: int = RECORDS) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while True:
                with contextlib.suppress(PublishFailed):
                    return await self.commit(end)
                await asyncio.sleep(0.2)

    def breaks(self, phase: str, break_: Callable[[Any], Awaitable[None]]) -> None:
        """The next producer comes to a phase and breaks; those after it are whole."""
        self.publisher.faults.append((phase, break_))


class FragilePublisher(TransactionalPublisher):
    """Gives its next producers the faults that are in store for them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.faults: list[tuple[str, Callable[[Any], Awaitable[None]]]] = []

    def _client(self, partition: TopicPartition) -> Any:
        producer = super()._client(partition)
        return Fragile(producer, *self.faults.pop()) if self.faults else producer


class Fragile:
    """A producer that breaks at a phase of its first transaction."""

    def __init__(self, producer: Any, phase: str, break_: Callable[[Any], Awaitable[None]]) -> None:
        self._producer = producer
        self._phase = phase
        self._break = break_

    def __getattr__(self, name: str) -> Any:
        return getattr(self._producer, name)

    async def _reach(self, phase: str) -> None:
        if phase == self._phase:
            await self._break(self._producer)

    async def start(self) -> None:
        await self._reach("before the start")
        await self._producer.start()

    async def begin_transaction(self) -> None:
        await self._reach("before begin")
        await self._producer.begin_transaction()

    async def send(self, *args: Any, **kwargs: Any) -> Any:
        sent = await self._producer.send(*args, **kwargs)
        if self._phase == "after the first send":
            await sent  # it stands in the log, of a transaction that stays open
            await self._reach("after the first send")
        return sent

    async def send_offsets_to_transaction(self, *args: Any) -> None:
        await self._reach("before the offsets")
        await self._producer.send_offsets_to_transaction(*args)

    async def commit_transaction(self) -> None:
        await self._reach("before the commit")
        await self._producer.commit_transaction()
        await self._reach("after the commit")


PHASES = ["before begin", "after the first send", "before the offsets", "before the commit", "after the commit"]


async def die(producer: Any) -> None:
    await producer.client.close()  # connections go, nothing is said
    raise Died


async def fail(_: Any) -> None:
    raise KafkaConnectionError("the network is away")


@pytest.fixture
async def group(kafka: str, fresh: str) -> AsyncIterator[Group]:
    async with _group(kafka, fresh) as group:
        yield group


@contextlib.asynccontextmanager
async def _group(servers: str, name: str) -> AsyncIterator[Group]:
    await create(servers, name)
    await create(servers, f"{name}.in")
    consumer = AIOKafkaConsumer(bootstrap_servers=servers, group_id=name, enable_auto_commit=False)
    await consumer.start()
    consumer.assign([ClientPartition(f"{name}.in", 0)])
    try:
        yield Group(consumer)
    finally:
        await consumer.stop()


@contextlib.asynccontextmanager
async def side(kafka: KafkaSettings, group: Group, topic: str) -> AsyncIterator[Side]:
    worker = Side(kafka, group, topic)
    try:
        yield worker
    finally:
        await worker.publisher.stop()


def impatient(servers: str, name: str) -> KafkaSettings:
    kafka = settings(servers, name)
    producer = kafka.producer.model_copy(update={"request_timeout_ms": 3_000})
    return kafka.model_copy(update={"producer": producer})


async def stored(servers: str, topic: str) -> list[bytes]:
    """What readers of committed records see, once no transaction is open."""
    place = ClientPartition(topic, 0)
    reader = AIOKafkaConsumer(bootstrap_servers=servers, isolation_level="read_committed", auto_offset_reset="earliest")
    everything = AIOKafkaConsumer(bootstrap_servers=servers)
    await reader.start()
    await everything.start()
    try:
        end = (await everything.end_offsets([place]))[place]
        reader.assign([place])
        values: list[bytes] = []
        async with asyncio.timeout(DEADLINE_S):
            while await reader.position(place) < end:
                for records in (await reader.getmany(timeout_ms=200)).values():
                    values += [record.value for record in records]
        return values
    finally:
        await reader.stop()
        await everything.stop()


ALL = [b"article %d" % offset for offset in range(RECORDS)]


@pytest.mark.parametrize("phase", PHASES)
async def test_a_worker_that_dies_is_continued_by_the_next(kafka: str, fresh: str, group: Group, phase: str) -> None:
    async with side(settings(kafka, fresh), group, fresh) as first, side(settings(kafka, fresh), group, fresh) as second:
        first.breaks(phase, die)
        await first.take_over()
        await first.publish()
        with pytest.raises((Died, PublishFailed)):  # a commit runs in a task of its own, which hands the death on
            await first.commit()
        begin = await second.take_over()
        assert begin == (RECORDS if phase == "after the commit" else 0)
        await second.publish(begin, RECORDS + 1)
        await second.commit(RECORDS + 1)
    assert await stored(kafka, fresh) == [*ALL, b"article 3"]


@pytest.mark.parametrize("phase", PHASES)
async def test_a_failure_is_tried_again_and_doubles_nothing(kafka: str, fresh: str, group: Group, phase: str) -> None:
    async with side(settings(kafka, fresh), group, fresh) as worker:
        worker.breaks(phase, fail)
        await worker.take_over()
        await worker.publish()
        with pytest.raises(PublishFailed, match="to be seen" if phase.endswith("the commit") else "tried again"):
            await worker.commit()
        await worker.commit()
        assert worker.publisher.held_bytes == 0
        await worker.publish(RECORDS, RECORDS + 1)
        await worker.commit(RECORDS + 1)
        async with asyncio.timeout(DEADLINE_S):  # the offset's marker is written after the commit was answered
            while await group.committed(worker.partition) != RECORDS + 1:
                await asyncio.sleep(0.05)
    assert await stored(kafka, fresh) == [*ALL, b"article 3"]


async def test_a_worker_that_was_taken_over_writes_nothing_and_in_the_end_gives_up(kafka: str, fresh: str, group: Group) -> None:
    async with side(settings(kafka, fresh), group, fresh) as zombie, side(settings(kafka, fresh), group, fresh) as heir:
        for worker in (zombie, heir):
            await worker.take_over()
            await worker.publish()
        for _ in range(2):
            with pytest.raises(PublishFailed, match="another worker has taken over"):
                await zombie.commit()
        await heir.commit()
        zombie.publisher._patience_s = 0
        with pytest.raises(FatalError, match="id_prefix is this group's alone"):
            await zombie.commit()
        await heir.publish(RECORDS, RECORDS + 1)
        await heir.commit(RECORDS + 1)
    assert await stored(kafka, fresh) == [*ALL, b"article 3"]


@pytest.mark.parametrize("word", [Standing.LOST, Standing.LEAVING, Standing.UNKNOWN])
async def test_a_worker_takes_nothing_back_that_the_group_does_not_confirm(
    kafka: str, fresh: str, group: Group, word: Standing
) -> None:
    async with side(settings(kafka, fresh), group, fresh) as zombie, side(settings(kafka, fresh), group, fresh) as heir:
        zombie.breaks("before begin", fail)
        await zombie.take_over()
        await zombie.publish()
        with pytest.raises(PublishFailed, match="tried again"):
            await zombie.commit()
        await heir.take_over()
        await heir.publish()
        group.says = word
        with pytest.raises(PublishFailed, match="the group does not confirm"):
            await zombie.commit()
        await heir.commit()
        await heir.publish(RECORDS, RECORDS + 1)
        await heir.commit(RECORDS + 1)
    assert await stored(kafka, fresh) == [*ALL, b"article 3"]


async def test_an_assignment_that_is_over_is_opened_no_longer(kafka: str, fresh: str, group: Group) -> None:
    async with side(settings(kafka, fresh), group, fresh) as worker:
        group.says = Standing.UNKNOWN
        opening = asyncio.create_task(worker.take_over())
        while not worker.publisher._lanes:
            await asyncio.sleep(0.01)
        worker.publisher.discard([worker.partition])
        async with asyncio.timeout(10):
            await opening


async def test_a_take_over_that_hangs_ends_with_its_assignment(kafka: str, fresh: str, group: Group) -> None:
    """Its producer would be initialised after the heir's, and fence it."""
    async with side(settings(kafka, fresh), group, fresh) as zombie, side(settings(kafka, fresh), group, fresh) as heir:
        zombie.breaks("before begin", fail)
        await zombie.take_over()
        await zombie.publish()
        with pytest.raises(PublishFailed, match="tried again"):
            await zombie.commit()
        starting, away = asyncio.Event(), asyncio.Event()

        async def wait(_: Any) -> None:
            starting.set()
            await away.wait()  # its coordinator is away

        zombie.breaks("before the start", wait)
        zombie.publisher._take_over_s = DEADLINE_S
        committing = asyncio.create_task(zombie.commit())
        await starting.wait()
        zombie.publisher.discard([zombie.partition])
        with pytest.raises(PublishFailed, match="not held any more"):
            await committing
        await heir.take_over()
        away.set()
        await heir.publish()
        await heir.commit()
    assert await stored(kafka, fresh) == ALL


@pytest.mark.parametrize("word", [Standing.LOST, Standing.LEAVING])
async def test_a_partition_that_went_at_once_is_not_opened(kafka: str, fresh: str, group: Group, word: Standing) -> None:
    async with side(settings(kafka, fresh), group, fresh) as late, side(settings(kafka, fresh), group, fresh) as heir:
        await heir.take_over()
        await heir.publish()
        group.says = word
        await late.take_over()
        await heir.commit()
    assert await stored(kafka, fresh) == ALL


async def test_a_worker_that_is_taken_over_in_the_middle_of_a_transaction_knows_it(kafka: str, fresh: str, group: Group) -> None:
    async with side(settings(kafka, fresh), group, fresh) as zombie, side(settings(kafka, fresh), group, fresh) as heir:

        async def be_taken_over(producer: Any) -> None:
            await heir.take_over()
            with pytest.raises(KafkaError):
                await (await producer.send(fresh, b"late"))

        zombie.breaks("after the first send", be_taken_over)
        await zombie.take_over()
        await zombie.publish()
        with pytest.raises(PublishFailed, match="another worker has taken over"):
            await zombie.commit()
        await heir.publish()
        await heir.commit()
    assert await stored(kafka, fresh) == ALL


async def test_a_commit_that_is_cancelled_is_begun_anew(kafka: str, fresh: str, group: Group) -> None:
    reached = asyncio.Event()

    async def hang(_: Any) -> None:
        reached.set()
        await asyncio.Event().wait()

    async with side(settings(kafka, fresh), group, fresh) as worker:
        worker.breaks("after the first send", hang)
        await worker.take_over()
        await worker.publish()
        committing = asyncio.create_task(worker.commit())
        await reached.wait()
        committing.cancel()
        await asyncio.wait({committing})
        await worker.commit()
    assert await stored(kafka, fresh) == ALL


async def test_what_is_above_the_offset_waits_for_its_turn(kafka: str, fresh: str, group: Group) -> None:
    async with side(settings(kafka, fresh), group, fresh) as worker:
        await worker.take_over()
        await worker.publish()
        await worker.commit(1)
        assert await stored(kafka, fresh) == ALL[:1]
        await worker.commit()
    assert await stored(kafka, fresh) == ALL


async def test_a_commit_that_outlives_its_assignment_writes_no_offset(
    kafka: str, fresh: str, group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its producer was being replaced when the partition went: what it had to write is gone, and so must be its offset."""
    async with side(impatient(kafka, fresh), group, fresh) as worker:
        await worker.take_over()
        await worker.publish()
        worker.breaks("before begin", fail)
        worker.publisher._retire(worker.publisher._lanes[worker.partition])
        with pytest.raises(PublishFailed):
            await worker.commit()
        asked, go_on = asyncio.Event(), asyncio.Event()
        told = group.committed

        async def slow(partition: TopicPartition) -> int | None:
            asked.set()
            await go_on.wait()
            return await told(partition)

        monkeypatch.setattr(group, "committed", slow)
        late = asyncio.create_task(worker.commit())
        await asked.wait()
        worker.publisher.discard([worker.partition])
        go_on.set()
        with pytest.raises(PublishFailed, match="not held any more"):
            await late
        monkeypatch.undo()
        assert await worker.take_over() == 0
        await worker.publish()
        await worker.until_committed()
    assert await stored(kafka, fresh) == [b"article %d" % offset for offset in range(RECORDS)]


async def test_what_was_published_for_a_revoked_partition_is_forgotten(kafka: str, fresh: str, group: Group) -> None:
    async with side(settings(kafka, fresh), group, fresh) as worker:
        await worker.take_over()
        await worker.publish()
        worker.publisher.discard([worker.partition])
        assert worker.publisher.held_bytes == 0
        await worker.commit()  # a partition that is not held: nothing to do
        with pytest.raises(PublishFailed, match="not held"):
            await worker.publish()
    assert await stored(kafka, fresh) == []


async def test_records_that_fit_their_topic_fit_into_a_transaction(kafka: str, fresh: str, group: Group) -> None:
    topic = f"{fresh}.small"
    await create(kafka, topic, max_message_bytes="100000")
    async with side(settings(kafka, fresh), group, topic) as worker:
        await worker.take_over()
        for offset in range(12):
            record = OutputRecord(topic, b"key", os.urandom(20_000))
            await worker.publisher.publish(SourceRef(*worker.partition, offset), [record])
        await worker.commit(12)
    assert len(await stored(kafka, topic)) == 12


async def test_a_record_beyond_the_topics_limit_is_refused_before_it_could_undo_a_transaction(
    kafka: str, fresh: str, group: Group
) -> None:
    topic = f"{fresh}.small"
    await create(kafka, topic, max_message_bytes="2000")
    worker = Side(settings(kafka, fresh), group, topic)
    try:
        await worker.take_over()
        ref = SourceRef(*worker.partition, 0)
        with pytest.raises(OutputTooLarge, match=r"max\.message\.bytes, 2000"):
            await worker.publisher.publish(ref, [OutputRecord(topic, None, random.Random(1).randbytes(10_000))])
        await worker.publisher.publish(ref, [OutputRecord(topic, None, b"a" * 10_000)])  # packed it fits
        await worker.commit(1)
        worker.publisher._limits = {}  # as if they could not be seen
        ref = SourceRef(*worker.partition, 1)
        await worker.publisher.publish(ref, [OutputRecord(topic, None, random.Random(1).randbytes(10_000))])
        with pytest.raises(FatalError, match="grant DESCRIBE_CONFIGS"):
            await worker.commit(2)
    finally:
        await worker.publisher.stop()
    assert await stored(kafka, topic) == [b"a" * 10_000]


async def test_what_is_committed_is_not_published_again_by_whoever_began_before_it(kafka: str, fresh: str, group: Group) -> None:
    async with side(settings(kafka, fresh), group, fresh) as worker:
        await worker.take_over()
        await worker.publish()
        await worker.commit()
        await worker.publish(0, RECORDS + 1)
        await worker.commit(RECORDS + 1)
    assert await stored(kafka, fresh) == [*ALL, b"article %d" % RECORDS]


async def test_a_group_that_has_forgotten_its_offset_is_not_believed(kafka: str, fresh: str, group: Group) -> None:
    async with side(settings(kafka, fresh), group, fresh) as worker:
        await worker.take_over()
        await worker.publish()
        await worker.commit()
        await worker.publish(RECORDS, RECORDS + 1)
        worker.publisher._retire(worker.publisher._lanes[worker.partition])
        group.forgetful = True
        with pytest.raises(PublishFailed, match="which had 3"):
            await worker.commit(RECORDS + 1)
        group.forgetful = False
        await worker.commit(RECORDS + 1)
    assert await stored(kafka, fresh) == [*ALL, b"article %d" % RECORDS]


async def test_offsets_that_were_reset_under_a_running_worker_stop_it(kafka: str, fresh: str, group: Group) -> None:
    async with side(settings(kafka, fresh), group, fresh) as worker:
        await worker.take_over()
        await worker.publish()
        await worker.commit()
        await group.reset(worker.partition, 1)
        worker.publisher._retire(worker.publisher._lanes[worker.partition])
        await worker.publish(RECORDS, RECORDS + 1)
        with pytest.raises(FatalError, match="went back from 3 to 1: it was reset"):
            await worker.commit(RECORDS + 1)


async def test_an_output_topic_that_is_deleted_holds_up_and_loses_nothing(kafka: str, fresh: str, group: Group) -> None:
    async with side(impatient(kafka, fresh), group, fresh) as worker:
        await worker.take_over()
        await worker.publish()
        admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
        await admin.start()
        await admin.delete_topics([fresh])
        await admin.close()
        await asyncio.sleep(1)
        with pytest.raises(PublishFailed):
            await worker.commit()
        await create(kafka, fresh)
        await worker.until_committed()
    assert await stored(kafka, fresh) == ALL


@pytest.mark.parametrize("outage", ["restart", "freeze"])
async def test_a_broker_that_goes_and_comes_back(own_kafka: KafkaCluster, fresh: str, outage: str) -> None:
    (node,) = own_kafka.nodes
    servers = own_kafka.bootstrap_servers
    async with _group(servers, fresh) as group, side(impatient(servers, fresh), group, fresh) as worker:
        await worker.take_over()
        await worker.publish()
        await worker.commit(1)
        (node.terminate if outage == "restart" else node.freeze)()
        with pytest.raises(PublishFailed):
            await worker.commit()
        (node.launch if outage == "restart" else node.thaw)()
        await worker.until_committed()
        assert worker.metrics.registry.get_sample_value("winnow_transactions_total", {"result": "committed"}) == 2
    assert await stored(servers, fresh) == ALL
