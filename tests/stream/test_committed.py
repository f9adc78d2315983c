"""What a client is told of the group's offsets while coordinators move and transactions are open, by real brokers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.client import ConnectionGroup
from aiokafka.errors import NotCoordinatorForGroupError
from aiokafka.protocol.commit import OffsetFetchRequest_v3
from aiokafka.protocol.coordination import FindCoordinatorRequest

from tests.kafka_broker import KafkaCluster
from tests.stream.conftest import cluster_or_skip
from tests.stream.test_kafka import consuming, create, produce, settings
from worker.stream import committed as module
from worker.stream.committed import read_committed_offsets_well, see_that_others_agree

pytestmark = pytest.mark.kafka

DEADLINE_S = 60.0


@pytest.fixture(scope="module")
def three_brokers() -> Iterator[KafkaCluster]:
    with cluster_or_skip(nodes=3) as cluster:
        yield cluster


@contextlib.asynccontextmanager
async def reading(group: str, servers: str, *, request_timeout_ms: int = 40_000) -> AsyncIterator[Any]:
    consumer: Any = AIOKafkaConsumer(
        bootstrap_servers=servers, group_id=group, enable_auto_commit=False, request_timeout_ms=request_timeout_ms
    )
    await consumer.start()
    read_committed_offsets_well(consumer)
    try:
        yield consumer
    finally:
        await consumer.stop()


def mislead(coordinator: Any, cluster: KafkaCluster) -> None:
    """As after a move that the client has not heard of: it asks a broker that does not have the group."""
    coordinator.coordinator_id = next(node.node_id for node in cluster.nodes if node.node_id != coordinator.coordinator_id)


@pytest.mark.parametrize("version", [3, 7])
async def test_a_broker_without_the_group_does_not_speak_for_it(
    three_brokers: KafkaCluster, fresh: str, version: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if version == 3:
        monkeypatch.setattr(module._OffsetFetch, "_CLASSES", (OffsetFetchRequest_v3,))  # all that brokers before 2.5 know
    servers, committed = three_brokers.bootstrap_servers, {TopicPartition(fresh, 0): 7, TopicPartition(fresh, 2): 9}
    await create(servers, fresh, partitions=3)
    async with reading(fresh, servers) as consumer:
        consumer.assign(list(committed))
        await consumer.commit(committed)
        mislead(consumer._coordinator, three_brokers)
        async with asyncio.timeout(DEADLINE_S):
            assert [await consumer.committed(TopicPartition(fresh, number)) for number in range(3)] == [7, None, 9]


async def test_a_member_that_asks_the_wrong_broker_still_begins_where_its_group_was(
    three_brokers: KafkaCluster, fresh: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    servers = three_brokers.bootstrap_servers
    await create(servers, fresh)
    await produce(servers, fresh, [b"%d" % number for number in range(6)])
    async with reading(fresh, servers) as consumer:
        consumer.assign([TopicPartition(fresh, 0)])
        await consumer.commit({TopicPartition(fresh, 0): 4})
    asked = 0
    async with consuming(settings(servers, fresh), fresh) as pipeline:
        consumer: Any = pipeline.source._consumer
        coordinator = consumer._coordinator
        send = coordinator._send_req

        async def misled(request: Any) -> Any:
            nonlocal asked
            if "OffsetFetch" in type(request).__name__:
                asked += 1
                if asked == 1:
                    mislead(coordinator, three_brokers)
            return await send(request)

        monkeypatch.setattr(coordinator, "_send_req", misled)
        await pipeline.until(lambda: len(pipeline.taken) >= 2)
        assert asked > 1
        assert pipeline.values == [b"4", b"5"]


async def test_a_broker_that_thaws_does_not_speak_for_a_group_that_moved(three_brokers: KafkaCluster, fresh: str) -> None:
    partition = TopicPartition(fresh, 0)
    await create(three_brokers.bootstrap_servers, fresh)
    async with reading(fresh, three_brokers.bootstrap_servers) as consumer, asyncio.timeout(2 * DEADLINE_S):
        consumer.assign([partition])
        await consumer.commit({partition: 4})
        frozen = next(node for node in three_brokers.nodes if node.node_id == consumer._coordinator.coordinator_id)
        frozen.freeze()
        try:
            asking = asyncio.ensure_future(consumer.committed(partition))
            others = ",".join(node.address for node in three_brokers.nodes if node is not frozen)
            async with reading(fresh, others, request_timeout_ms=2_000) as successor:
                successor.assign([partition])
                await successor.commit({partition: 9})  # tried until the others have given it up, and have a new one
            assert not asking.done()
        finally:
            frozen.thaw()
        assert await asking == 9
        lookup = FindCoordinatorRequest(fresh, 0)
        while (await consumer._client.send(frozen.node_id, lookup)).coordinator_id == frozen.node_id:
            await asyncio.sleep(0.1)  # the next test has these brokers too: none that takes itself for what it was


async def test_a_broker_that_no_other_names_is_not_the_coordinator(three_brokers: KafkaCluster, fresh: str) -> None:
    async with reading(fresh, three_brokers.bootstrap_servers) as consumer, asyncio.timeout(DEADLINE_S):
        consumer.assign([TopicPartition(fresh, 0)])
        coordinator = consumer._coordinator
        await coordinator.ensure_coordinator_known()
        await see_that_others_agree(consumer, coordinator.coordinator_id)
        assert coordinator.coordinator_id is not None
        mislead(coordinator, three_brokers)
        with pytest.raises(NotCoordinatorForGroupError):
            await see_that_others_agree(consumer, coordinator.coordinator_id)
        assert coordinator.coordinator_id is None


class Others:
    """A client whose connections to other brokers are open, and what those answer: an error code and a coordinator, or nothing."""

    def __init__(self, *answers: tuple[int, int] | None) -> None:
        self._client, self._answers, self.asked = self, answers, 0
        self.cluster = SimpleNamespace(brokers=lambda: [SimpleNamespace(nodeId=node) for node in range(len(answers) + 1)])
        each = [(node, group) for node in range(len(answers) + 1) for group in ConnectionGroup]
        self._conns = {connection: SimpleNamespace(connected=lambda: True) for connection in each}
        self.group_id, self.coordinator_id = "winnow", 0
        self._coordinator = self

    async def send(self, node: int, request: object, *, group: object) -> SimpleNamespace:
        self.asked += 1
        answer = self._answers[node - 1]
        if answer is None:
            await asyncio.sleep(DEADLINE_S)
        error_code, coordinator_id = answer or (0, 0)
        return SimpleNamespace(error_code=error_code, coordinator_id=coordinator_id)

    def coordinator_dead(self) -> None:
        self.coordinator_id = -1


@pytest.mark.parametrize("answers", [(), (None, None), (None, (0, 0)), ((15, -1), (0, 0)), ((15, -1), (15, -1))])
async def test_a_broker_is_believed_that_no_other_contradicts_and_for_some_seconds(
    answers: tuple[tuple[int, int] | None, ...],
) -> None:
    others = Others(*answers)
    await see_that_others_agree(others, 0)
    asked = others.asked
    await see_that_others_agree(others, 0)
    assert (others.asked, others.coordinator_id) == (asked, 0)
    assert asked <= len(answers), "each once, by one of its connections"


@pytest.mark.parametrize("answers", [((0, 2), None), (None, (0, 2)), ((15, -1), (0, 2))])
async def test_one_that_hangs_or_has_just_started_keeps_no_other_from_contradicting(
    answers: tuple[tuple[int, int] | None, ...],
) -> None:
    others = Others(*answers)
    for _ in range(2):
        with pytest.raises(NotCoordinatorForGroupError):
            await see_that_others_agree(others, 0)
    others.coordinator_id = 2  # found meanwhile
    with pytest.raises(NotCoordinatorForGroupError):
        await see_that_others_agree(others, 0)
    assert others.coordinator_id == 2


async def test_an_offset_that_a_transaction_will_move_is_not_told(kafka: str, fresh: str) -> None:
    partition = TopicPartition(fresh, 0)
    await create(kafka, fresh)
    producer = AIOKafkaProducer(bootstrap_servers=kafka, transactional_id=fresh)
    await producer.start()
    try:
        async with reading(fresh, kafka) as consumer:
            consumer.assign([partition])
            await consumer.commit({partition: 1})
            await producer.begin_transaction()
            await producer.send_and_wait(fresh, b"x")
            await producer.send_offsets_to_transaction({partition: 5}, fresh)
            asking = asyncio.ensure_future(consumer.committed(partition))
            await asyncio.sleep(0.5)
            assert not asking.done()
            await producer.commit_transaction()
            assert await asyncio.wait_for(asking, DEADLINE_S) == 5
    finally:
        await producer.stop()
