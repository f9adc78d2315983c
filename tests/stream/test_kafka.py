"""The consumer and the producer, against a real broker."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka import TopicPartition as ClientPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import CorruptRecordException, KafkaError, NotCoordinatorForGroupError, for_code
from aiokafka.protocol.group import LeaveGroupRequest
from structlog.testing import capture_logs

from tests.kafka_broker import KafkaCluster
from tests.stream.test_batches import batch
from worker.config import KafkaSettings
from worker.errors import FatalError, OutputTooLarge, PublishFailed
from worker.metrics import Metrics
from worker.records import Extent, OutputRecord, RawPage, SourceRef, TopicPartition
from worker.stream import kafka_source
from worker.stream.client import why_not
from worker.stream.kafka_publisher import KafkaPublisher
from worker.stream.kafka_source import KafkaSource
from worker.stream.membership import Standing

pytestmark = pytest.mark.kafka

DEADLINE_S = 90.0


def settings(servers: str, group: str, **consumer: int | str) -> KafkaSettings:
    request_ms = consumer.setdefault("request_timeout_ms", 40_000)
    impatient = {"session_timeout_ms": 3_000, "heartbeat_interval_ms": 300, "rebalance_timeout_ms": min(20_000, request_ms - 1_000)}
    return KafkaSettings.model_validate(
        {"bootstrap_servers": servers, "metadata_max_age_ms": 2_000, "consumer": impatient | {"group_id": group} | consumer}
    )


async def create(servers: str, topic: str, partitions: int = 1, **configs: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        names = {name.replace("_", "."): value for name, value in configs.items()}
        await admin.create_topics([NewTopic(topic, partitions, 1, topic_configs=names)])
    finally:
        await admin.close()


async def configure(servers: str, topic: str, **configs: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        names = {name.replace("_", "."): value for name, value in configs.items()}
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, names)])
    finally:
        await admin.close()


async def produce(servers: str, topic: str, values: Sequence[bytes], partitions: int = 1) -> None:
    """Spread the values over the partitions in turn."""
    async with AIOKafkaProducer(bootstrap_servers=servers, acks="all") as producer:
        sends = [await producer.send(topic, value, partition=i % partitions) for i, value in enumerate(values)]
        await asyncio.gather(*sends)


class Pipeline:
    """A listener that keeps what it was told, and commits what it has when partitions go."""

    def __init__(self, source: KafkaSource) -> None:
        self.source = source
        self.held: set[TopicPartition] = set()
        self.revoking: set[TopicPartition] = set()
        self.taken: list[RawPage] = []
        self.events: list[str] = []
        self.done: dict[TopicPartition, int] = {}
        self.before_revoked: Callable[[], Awaitable[None]] | None = None

    async def on_revoked(self, partitions: Collection[TopicPartition]) -> None:
        self.revoking = set(partitions)
        self.events.append("revoked")
        if self.before_revoked is not None:
            await self.before_revoked()
        await self.source.commit({partition: offset for partition, offset in self.done.items() if partition in partitions})
        self.done.clear()
        self.held -= set(partitions)
        self.revoking = set()

    async def on_assigned(self, partitions: Collection[TopicPartition]) -> None:
        self.held |= set(partitions)
        self.events.append("assigned")

    async def poll(self, max_records: int = 10) -> Sequence[RawPage]:
        """Poll once; whatever comes must be held and not on its way out."""
        pages = await self.source.poll(max_records)
        for page in pages:
            assert page.ref.topic_partition in self.held
            assert page.ref.topic_partition not in self.revoking
            self.done[page.ref.topic_partition] = page.ref.offset + 1
        self.taken.extend(pages)
        return pages

    async def until(self, true: Callable[[], bool], max_records: int = 10) -> None:
        """Poll until it is true."""
        try:
            async with asyncio.timeout(DEADLINE_S):
                while not true():
                    await self.poll(max_records)
        except TimeoutError:
            pytest.fail(f"it did not become true; {self.events}, {len(self.taken)} taken, up to {self.done}")

    @property
    def values(self) -> list[bytes | None]:
        return [page.payload for page in self.taken]


@contextlib.asynccontextmanager
async def consuming(settings: KafkaSettings, topic: str) -> AsyncIterator[Pipeline]:
    source = KafkaSource(settings, [topic])
    pipeline = Pipeline(source)
    await source.start(pipeline)
    try:
        yield pipeline
    finally:
        await source.stop()


@contextlib.asynccontextmanager
async def publishing(settings: KafkaSettings, source: KafkaSource | None = None) -> AsyncIterator[KafkaPublisher]:
    publisher = KafkaPublisher(settings, source or KafkaSource(settings, []))
    await publisher.start()
    try:
        yield publisher
    finally:
        await publisher.stop()


async def test_records_come_in_the_order_of_their_offsets_and_whole(kafka: str, fresh: str) -> None:
    await create(kafka, fresh, retention_ms="-1")  # one record is years old: a broker might delete it
    async with AIOKafkaProducer(bootstrap_servers=kafka) as producer:
        await producer.send_and_wait(
            fresh, b"page", key=b"k", headers=[("a", b"1"), ("a", b"2"), ("empty", None)], timestamp_ms=1_700_000_000_123
        )
        await producer.send_and_wait(fresh, None, key=b"k")
        await producer.send_and_wait(fresh, b"")
        oddly_named = producer.create_batch()
        oddly_named.append(timestamp=None, key=None, value=b"to be replaced")
        oddly_named._buffer = batch(0, [["r\xe9f"]])
        await (await producer.send_batch(oddly_named, fresh, partition=0))
    await produce(kafka, fresh, [b"%d" % i for i in range(50)])
    async with consuming(settings(kafka, fresh), fresh) as pipeline:
        await pipeline.until(lambda: len(pipeline.taken) == 54, max_records=7)
        await produce(kafka, fresh, [b"not fetched yet"])
        assert await pipeline.source.extents() == {TopicPartition(fresh, 0): Extent(begin=0, end=55)}
    first, tombstone, empty, odd = pipeline.taken[:4]
    assert first == RawPage(SourceRef(fresh, 0, 0), b"page", b"k", (("a", b"1"), ("a", b"2"), ("empty", b"")), 1_700_000_000_123)
    assert (tombstone.payload, tombstone.key, empty.payload, empty.key) == (None, b"k", b"", None)
    assert (odd.payload, odd.headers) == (b"page 0", (("r??f", b""),))
    assert [page.ref.offset for page in pipeline.taken] == list(range(54))


async def test_what_closes_a_transaction_is_no_record_that_waits(kafka: str, fresh: str) -> None:
    """Its marker stands at the end of the log, and so do records that were taken back: none of them will ever be handed out."""
    place = TopicPartition(fresh, 0)
    await create(kafka, fresh)
    async with AIOKafkaProducer(bootstrap_servers=kafka, transactional_id=fresh) as producer:
        async with producer.transaction():
            await producer.send_and_wait(fresh, b"page")
            await producer.send_and_wait(fresh, b"another")
        await producer.begin_transaction()
        await producer.send_and_wait(fresh, b"taken back")
        await producer.abort_transaction()

    async def told(pipeline: Pipeline, extent: Extent) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while await pipeline.source.extents() != {place: extent}:
                await pipeline.poll()

    async with consuming(settings(kafka, fresh), fresh) as pipeline:
        await told(pipeline, Extent(begin=0, end=2))
        assert pipeline.done == {place: 2}
        await pipeline.source.commit(pipeline.done)
        await produce(kafka, fresh, [b"new"])
        assert await pipeline.source.extents() == {place: Extent(begin=0, end=6)}
    async with consuming(settings(kafka, fresh), fresh) as pipeline:
        await pipeline.until(lambda: pipeline.values == [b"new"])
        await told(pipeline, Extent(begin=2, end=6))


async def test_never_more_records_than_asked_for(kafka: str, fresh: str) -> None:
    await create(kafka, fresh, partitions=3)
    await produce(kafka, fresh, [b"x"] * 100, partitions=3)
    async with consuming(settings(kafka, fresh), fresh) as pipeline:
        while len(pipeline.taken) < 100:
            assert len(await pipeline.poll(3)) <= 3


async def test_polling_for_nothing_keeps_the_membership_and_loses_nothing(kafka: str, fresh: str) -> None:
    await create(kafka, fresh)
    await produce(kafka, fresh, [b"%d" % i for i in range(100)])
    async with consuming(settings(kafka, fresh, max_poll_interval_ms=3_000), fresh) as pipeline:
        await pipeline.until(lambda: len(pipeline.taken) >= 10)
        loop = asyncio.get_running_loop()
        paused_until = loop.time() + 7  # twice both session timeout and poll interval
        while loop.time() < paused_until:
            assert await pipeline.poll(0) == []
        await pipeline.until(lambda: len(pipeline.taken) == 100)
        assert pipeline.events == ["assigned"]
    assert pipeline.values == [b"%d" % i for i in range(100)]


async def test_a_second_member_takes_over_what_was_committed_on_revocation(kafka: str, fresh: str) -> None:
    await create(kafka, fresh, partitions=4)
    values = [b"%d" % i for i in range(400)]
    await produce(kafka, fresh, values, partitions=4)
    async with consuming(settings(kafka, fresh), fresh) as first:
        await first.until(lambda: len(first.taken) >= 50)

        async def busy() -> None:  # polls go on meanwhile, and must hand out nothing
            await asyncio.sleep(1)

        first.before_revoked = busy
        async with consuming(settings(kafka, fresh), fresh) as second:

            def all_taken() -> bool:
                return len(first.taken) + len(second.taken) >= 400 and len(first.held) == len(second.held) == 2

            await asyncio.gather(first.until(all_taken), second.until(all_taken))
            assert first.events == ["assigned", "revoked", "assigned"]
            assert not first.held & second.held
    assert sorted(first.values + second.values) == sorted(values)  # none lost, none twice


async def test_a_member_that_the_group_dropped_is_told_so_until_it_has_rejoined(kafka: str, fresh: str) -> None:
    await create(kafka, fresh)
    patient = settings(kafka, fresh, session_timeout_ms=60_000, heartbeat_interval_ms=20_000, rebalance_timeout_ms=1_000)
    async with consuming(patient, fresh) as pipeline:
        await pipeline.until(lambda: bool(pipeline.held))
        source = pipeline.source
        assert await source.standing() is Standing.MEMBER
        coordinator = cast(Any, source._consumer)._coordinator
        await asyncio.sleep(0.6)  # the lease is over
        coordinator.coordinator_dead()
        assert await source.standing() is Standing.MEMBER, "it looks the coordinator up"
        await coordinator._send_req(LeaveGroupRequest(fresh, coordinator.member_id))  # as an operator removes a member
        await asyncio.sleep(0.6)  # the lease is over
        assert await source.standing() is Standing.LOST
        confirmed = asyncio.create_task(source.confirmed())
        await pipeline.until(lambda: pipeline.events == ["assigned", "revoked", "assigned"])
        await confirmed


async def test_a_member_that_is_asked_to_rejoin_still_holds_what_it_holds(kafka: str, fresh: str) -> None:
    await create(kafka, fresh)
    said: list[Standing] = []
    async with consuming(settings(kafka, fresh, rebalance_timeout_ms=4_000), fresh) as first:
        await first.until(lambda: bool(first.held))

        async def ask() -> None:
            await asyncio.sleep(3)  # the lease is over
            said.append(await first.source.standing())

        first.before_revoked = ask
        async with consuming(settings(kafka, fresh, rebalance_timeout_ms=4_000), fresh) as second:
            async with asyncio.timeout(DEADLINE_S):
                while "revoked" not in first.events or first.revoking:
                    await asyncio.gather(first.poll(), second.poll())
    assert said == [Standing.LEAVING]


async def test_without_a_broker_there_is_no_word(own_kafka: KafkaCluster, fresh: str) -> None:
    await create(own_kafka.bootstrap_servers, fresh)
    async with consuming(settings(own_kafka.bootstrap_servers, fresh), fresh) as pipeline:
        await pipeline.until(lambda: bool(pipeline.held))
        (node,) = own_kafka.nodes
        node.kill()
        await asyncio.sleep(2)  # the lease is over
        assert await pipeline.source.standing() is Standing.UNKNOWN


async def test_a_listener_that_fails_ends_the_source(kafka: str, fresh: str) -> None:
    await create(kafka, fresh)
    source = KafkaSource(settings(kafka, fresh), [fresh])

    class Failing(Pipeline):
        async def on_assigned(self, partitions: Collection[TopicPartition]) -> None:
            raise RuntimeError("no room")

    await source.start(Failing(source))
    try:
        with pytest.raises(FatalError, match="no room"):
            async with asyncio.timeout(DEADLINE_S):
                while True:
                    assert await source.poll(1) == []
    finally:
        await source.stop()


@pytest.mark.parametrize("step", ["on_assigned", "committed", "first_offset"])
async def test_a_source_that_is_stopped_while_it_opens_partitions_ends_quietly(
    kafka: str, fresh: str, step: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await create(kafka, fresh)
    metrics = Metrics("test")
    source = KafkaSource(settings(kafka, fresh), [fresh], metrics=metrics)
    pipeline = Pipeline(source)
    reached = asyncio.Event()

    async def linger(*_: object) -> None:
        reached.set()
        with contextlib.suppress(asyncio.CancelledError):  # as one that must end what it has begun
            await asyncio.sleep(DEADLINE_S)

    owners = {"on_assigned": pipeline, "committed": source, "first_offset": kafka_source}
    monkeypatch.setattr(owners[step], step, linger)
    with capture_logs() as logs:
        await source.start(pipeline)
        async with asyncio.timeout(DEADLINE_S):
            while not reached.is_set():
                await source.poll(1)
            await source.stop()
    assert "listener failed" not in [entry["event"] for entry in logs]
    assert "listener" not in caplog.text, "the client has nothing to say of it either"
    assert metrics.registry.get_sample_value("winnow_rebalances_total") == 0


async def test_a_client_whose_fetching_has_died_ends_the_source(kafka: str, fresh: str) -> None:
    await create(kafka, fresh)
    async with consuming(settings(kafka, fresh), fresh) as pipeline:
        await pipeline.until(lambda: bool(pipeline.held))
        consumer: Any = pipeline.source._consumer
        consumer._fetcher._fetch_task.cancel()  # as good as dead
        with pytest.raises(FatalError, match="tasks have ended"):
            async with asyncio.timeout(DEADLINE_S):
                while True:
                    await pipeline.poll()


async def test_a_coordinator_that_is_still_loading_makes_nobody_a_member(
    kafka: str, fresh: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await create(kafka, fresh)
    async with consuming(settings(kafka, fresh), fresh) as pipeline:
        await pipeline.until(lambda: bool(pipeline.held))
        consumer: Any = pipeline.source._consumer
        coordinator = consumer._coordinator
        send = coordinator._send_req

        async def loading(request: Any) -> Any:
            answer = await send(request)
            if "OffsetFetch" in type(request).__name__:
                answer.error_code = 14  # COORDINATOR_LOAD_IN_PROGRESS; to heartbeats it says yes all the same
            return answer

        monkeypatch.setattr(coordinator, "_send_req", loading)
        await asyncio.sleep(2)  # the lease is over
        assert await pipeline.source.standing() is Standing.UNKNOWN


async def test_the_word_of_a_broker_that_no_other_names_is_none(kafka: str, fresh: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await create(kafka, fresh)
    async with consuming(settings(kafka, fresh), fresh) as pipeline:
        await pipeline.until(lambda: bool(pipeline.held))
        asked: list[int] = []

        async def disagree(consumer: object, node: int) -> None:
            asked.append(node)
            raise NotCoordinatorForGroupError

        monkeypatch.setattr(kafka_source, "see_that_others_agree", disagree)
        await asyncio.sleep(2)  # the lease is over
        assert await pipeline.source.standing() is Standing.UNKNOWN
        assert asked


async def hasty_publisher(servers: str, topic: str) -> KafkaPublisher:
    """One that waits a second for an acknowledgement."""
    await create(servers, topic)
    hasty = settings(servers, topic)
    hasty = hasty.model_copy(update={"producer": hasty.producer.model_copy(update={"request_timeout_ms": 1_000})})
    publisher = KafkaPublisher(hasty, KafkaSource(hasty, [topic]))
    await publisher.start()
    return publisher


async def test_a_producer_that_learns_of_no_leader_any_more_is_replaced(own_kafka: KafkaCluster, fresh: str) -> None:
    (node,) = own_kafka.nodes
    publisher = await hasty_publisher(own_kafka.bootstrap_servers, fresh)
    record = [OutputRecord(fresh, b"k", b"v")]
    try:
        producer: Any = publisher._producer
        producer.client._sync_task.cancel()  # as good as dead
        node.freeze()
        with pytest.raises(PublishFailed):
            await publisher.publish(SourceRef("in", 0, 0), record)
        node.thaw()
        async with asyncio.timeout(DEADLINE_S):
            await publisher.publish(SourceRef("in", 0, 1), record)
        assert publisher._producer is not producer
    finally:
        node.thaw()
        await publisher.stop()


async def test_a_record_that_waits_for_a_producer_that_was_replaced_is_not_lost(own_kafka: KafkaCluster, fresh: str) -> None:
    (node,) = own_kafka.nodes
    publisher = await hasty_publisher(own_kafka.bootstrap_servers, fresh)
    ref, record = SourceRef("in", 0, 0), [OutputRecord(fresh, b"k", b"v")]
    try:
        node.freeze()
        waiting = asyncio.create_task(publisher.publish(ref, record))
        await asyncio.sleep(0.3)
        producer: Any = publisher._producer
        publisher._retire(producer)  # as another record's refusal does
        await producer.client.close()
        with pytest.raises(PublishFailed):
            await waiting
        node.thaw()
        async with asyncio.timeout(DEADLINE_S):
            await publisher.publish(ref, record)
    finally:
        node.thaw()
        await publisher.stop()


async def test_records_that_fit_their_topic_are_not_refused_for_their_neighbours(kafka: str, fresh: str) -> None:
    await create(kafka, fresh, max_message_bytes="100000")
    publisher = KafkaPublisher(settings(kafka, fresh), KafkaSource(settings(kafka, fresh), []), topics=[fresh])

    async def publish(at: int) -> None:
        record = OutputRecord(fresh, b"k", os.urandom(20_000))
        while True:
            with contextlib.suppress(PublishFailed):
                return await publisher.publish(SourceRef("in", 0, at), [record])

    await publisher.start()
    try:
        await asyncio.gather(*map(publish, range(12)))
        await configure(kafka, fresh, max_message_bytes="50000")
        await asyncio.gather(*map(publish, range(12, 24)))
    finally:
        await publisher.stop()


async def test_a_missing_topic_is_named_with_its_cure(kafka: str, fresh: str) -> None:
    source = KafkaSource(settings(kafka, fresh), [fresh])
    with pytest.raises(FatalError, match=rf"{fresh}.*winnow topics create"):
        await source.start(Pipeline(source))


async def test_a_worker_with_another_strategy_than_its_group_is_told_so(kafka: str, fresh: str) -> None:
    await create(kafka, fresh)
    async with consuming(settings(kafka, fresh), fresh) as first:
        await first.until(lambda: bool(first.held))
        async with consuming(settings(kafka, fresh, partition_assignment_strategy="range"), fresh) as second:
            with pytest.raises(FatalError, match=r"InconsistentGroupProtocol.*partition_assignment_strategy"):
                await second.until(lambda: bool(second.held))


def test_who_meets_damaged_records_is_told_how_to_go_on() -> None:
    assert "check_crcs false" in why_not(CorruptRecordException("Invalid CRC"))


def test_a_place_in_the_group_that_another_worker_has_taken_is_told() -> None:
    error = KafkaError(repr(for_code(82)()))  # as the client hands on what it does not expect
    assert "FencedInstanceId" in why_not(error)
    assert "group_instance_id of its own" in why_not(error)


@pytest.mark.parametrize("name", [None, "one"])
async def test_a_commit_of_who_was_put_out_of_the_group_tells_why(kafka: str, fresh: str, name: str | None) -> None:
    await create(kafka, fresh)
    await produce(kafka, fresh, [b"x"])
    async with consuming(settings(kafka, fresh, group_instance_id=name), fresh) as pipeline:
        await pipeline.until(lambda: bool(pipeline.taken))
        cast(Any, pipeline.source._consumer)._coordinator.generation += 1
        with pytest.raises(PublishFailed, match="given the partitions to another member") as refused:
            await pipeline.source.commit({TopicPartition(fresh, 0): 1})
        assert ("group_instance_id one?" in str(refused.value)) == (name is not None)


async def test_no_broker_is_named_with_its_address(fresh: str) -> None:
    source = KafkaSource(settings("127.0.0.1:1", fresh), [fresh])
    with pytest.raises(FatalError, match=r"127\.0\.0\.1:1"):
        await source.start(Pipeline(source))


async def test_without_a_valid_offset_and_without_a_reset_the_source_ends(kafka: str, fresh: str) -> None:
    await create(kafka, fresh)
    await produce(kafka, fresh, [b"x"])
    async with consuming(settings(kafka, fresh, auto_offset_reset="none"), fresh) as pipeline:
        with pytest.raises(FatalError, match="auto_offset_reset"):
            await pipeline.until(lambda: bool(pipeline.taken))


async def test_offsets_of_partitions_that_are_not_held_are_left_out_of_a_commit(kafka: str, fresh: str) -> None:
    await create(kafka, fresh)
    await produce(kafka, fresh, [b"x"] * 5)
    async with consuming(settings(kafka, fresh), fresh) as pipeline:
        await pipeline.until(lambda: len(pipeline.taken) == 5)
        publisher = KafkaPublisher(settings(kafka, fresh), pipeline.source)
        await publisher.commit({TopicPartition(fresh, 0): 3, TopicPartition(fresh, 7): 3})
    async with consuming(settings(kafka, fresh), fresh) as pipeline:
        await pipeline.until(lambda: len(pipeline.taken) == 2)
        assert [page.ref.offset for page in pipeline.taken] == [3, 4]


async def test_what_is_published_arrives_with_key_and_headers(kafka: str, fresh: str) -> None:
    await create(kafka, fresh)
    record = OutputRecord(fresh, b"key", b"article", (("a", b"1"),))
    async with publishing(settings(kafka, fresh)) as publisher:
        await publisher.publish(SourceRef("in", 0, 0), [record, OutputRecord(fresh, b"key", None)])
    async with consuming(settings(kafka, fresh), fresh) as pipeline:
        await pipeline.until(lambda: len(pipeline.taken) == 2)
    assert [(page.key, page.payload, page.headers) for page in pipeline.taken] == [
        (b"key", b"article", (("a", b"1"),)),
        (b"key", None, ()),
    ]


async def test_a_record_too_large_for_the_broker_is_refused_and_the_next_is_taken(kafka: str, fresh: str) -> None:
    await create(kafka, fresh, max_message_bytes="2000", compression_type="uncompressed")
    large = OutputRecord(fresh, None, bytes(i * i * 7 % 251 for i in range(200_000)))
    small = OutputRecord(fresh, None, b"small")
    plain = settings(kafka, fresh)
    plain = plain.model_copy(
        update={"producer": plain.producer.model_copy(update={"compression_type": None, "max_batch_size": 1000})}
    )
    async with publishing(plain) as publisher:
        await publisher.publish(SourceRef("in", 0, 0), [small])
        with pytest.raises(OutputTooLarge, match=fresh):
            await publisher.publish(SourceRef("in", 0, 1), [large])
        await publisher.publish(SourceRef("in", 0, 2), [small])
    async with consuming(plain, fresh) as pipeline:
        await pipeline.until(lambda: len(pipeline.taken) == 2)
        assert pipeline.values == [b"small", b"small"]


async def test_a_record_too_large_for_the_producer_is_refused(kafka: str, fresh: str) -> None:
    await create(kafka, fresh)
    plain = settings(kafka, fresh)
    plain = plain.model_copy(update={"producer": plain.producer.model_copy(update={"max_request_size": 1000})})
    async with publishing(plain) as publisher:
        with pytest.raises(OutputTooLarge, match=fresh):
            await publisher.publish(SourceRef("in", 0, 0), [OutputRecord(fresh, None, b"x" * 2000)])


async def _survives(kafka: KafkaCluster, fresh: str, down: Callable[[], None], up: Callable[[], None]) -> None:
    """Publish and consume before, during and after an outage."""
    servers = kafka.bootstrap_servers
    await create(servers, fresh)
    patient = settings(servers, fresh, request_timeout_ms=5_000)
    patient = patient.model_copy(update={"producer": patient.producer.model_copy(update={"request_timeout_ms": 2_000})})
    async with consuming(patient, fresh) as pipeline, publishing(patient, pipeline.source) as publisher:
        await publisher.publish(SourceRef("in", 0, 0), [OutputRecord(fresh, None, b"before")])
        await pipeline.until(lambda: len(pipeline.taken) == 1)
        down()
        during = [OutputRecord(fresh, None, b"during")]
        for _ in range(2):
            with pytest.raises(PublishFailed):
                await publisher.publish(SourceRef("in", 0, 1), during)
        with pytest.raises(PublishFailed):
            await publisher.commit({TopicPartition(fresh, 0): 1})
        for _ in range(10):
            assert await pipeline.poll() == []
        up()
        async with asyncio.timeout(DEADLINE_S):
            while True:
                with contextlib.suppress(PublishFailed):
                    await publisher.publish(SourceRef("in", 0, 1), during)
                    break
        await pipeline.until(lambda: b"during" in pipeline.values)
        async with asyncio.timeout(DEADLINE_S):
            while True:
                await pipeline.poll()
                with contextlib.suppress(PublishFailed):
                    await publisher.commit({TopicPartition(fresh, 0): 2})
                    break
    assert await _end_offset(servers, fresh) == 2, "tried several times, stored once"


async def _end_offset(servers: str, topic: str) -> int:
    partition = ClientPartition(topic, 0)
    async with AIOKafkaConsumer(bootstrap_servers=servers) as consumer:
        ends: dict[ClientPartition, int] = await consumer.end_offsets([partition])
    return ends[partition]


async def test_a_restart_of_the_broker_is_survived(own_kafka: KafkaCluster, fresh: str) -> None:
    (node,) = own_kafka.nodes
    await _survives(own_kafka, fresh, down=node.terminate, up=node.launch)


async def test_a_frozen_broker_is_survived(own_kafka: KafkaCluster, fresh: str) -> None:
    (node,) = own_kafka.nodes
    await _survives(own_kafka, fresh, down=node.freeze, up=node.thaw)


async def test_stopping_ends_while_the_broker_is_down(own_kafka: KafkaCluster, fresh: str) -> None:
    (node,) = own_kafka.nodes
    servers = own_kafka.bootstrap_servers
    await create(servers, fresh)
    patient = settings(servers, fresh)
    source = KafkaSource(patient, [fresh])
    pipeline = Pipeline(source)
    await source.start(pipeline)
    publisher = KafkaPublisher(patient, source)
    await publisher.start()
    await pipeline.until(lambda: bool(pipeline.held))
    node.terminate()
    sending = asyncio.create_task(publisher.publish(SourceRef("in", 0, 0), [OutputRecord(fresh, None, b"x")]))
    try:
        async with asyncio.timeout(DEADLINE_S):
            await asyncio.gather(publisher.stop(), source.stop())
        with pytest.raises(PublishFailed, match="stopped"):
            await publisher.publish(SourceRef("in", 0, 1), [OutputRecord(fresh, None, b"x")])
    finally:
        sending.cancel()


async def test_a_fetch_that_hangs_shows_though_polls_return() -> None:
    come = asyncio.Event()

    class Hanging:
        _fetcher = SimpleNamespace(_fetch_task=None)
        _client = SimpleNamespace(_sync_task=None)

        async def getmany(self, *_: object, **__: object) -> dict[object, object]:
            await come.wait()
            return {}

    source = KafkaSource(settings("127.0.0.1:1", "nobody"), ["nothing"])
    source._consumer = cast(Any, Hanging())
    before = source.answered_at
    assert await source.poll(1) == []
    assert source.answered_at == before
    come.set()
    assert await source.poll(1) == []
    assert source.answered_at > before
