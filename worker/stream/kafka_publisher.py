"""Articles into Kafka, at least once: an idempotent producer behind the `Publisher` Protocol.

Idempotence promises that a batch which is sent again is stored once, and aiokafka sends an idempotent batch again for ever.  So
when `publish` runs out of time it remembers what it waited for, and the caller's next try for the same record goes on waiting
instead of sending a second copy.

The other side of it: when a broker refuses a batch for good, the batch has used up its sequence numbers, and every later one of
that partition is refused as out of order.  Such a producer is replaced by the next `publish`; what the old one still holds, it may
finish.  And it refuses a batch as a whole: where a topic takes less than it did, each of its records gets another chance, for it
may fit alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, Protocol, cast

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    InvalidTopicError,
    KafkaError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    TopicAuthorizationFailedError,
)

from worker.config import KafkaSettings
from worker.errors import FatalError, OutputTooLarge, PublishFailed
from worker.records import OutputRecord, SourceRef, TopicPartition
from worker.stream.auth import connection_arguments
from worker.stream.bounded import STOP_TIMEOUT_S, Stopping, stop_producer
from worker.stream.client import no_broker, said
from worker.stream.kafka_source import KafkaSource
from worker.stream.partitioner import partition_of
from worker.stream.topics import batch_size, message_limits

START_TIMEOUT_S: Final = 60.0

_log = structlog.get_logger()


class _Producer(Protocol):
    """What is used of aiokafka's producer, which ships no types."""

    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    async def send(
        self, topic: str, value: bytes | None, key: bytes | None, *, headers: list[tuple[str, bytes]]
    ) -> asyncio.Future[object]: ...


class _Delivery:
    """The records of one input record on their way: those already given to the producer are not given to it again."""

    def __init__(self, records: Sequence[OutputRecord], producer: _Producer, batch_size: int) -> None:
        self.records = tuple(records)
        self.producer = producer
        self.batch_size = batch_size  # of the producer
        self.sent: list[asyncio.Future[object]] = []

    @property
    def refused(self) -> bool:
        """Whether a broker refused a record, and not the producer before it had a sequence number."""
        return any(sent.done() and sent.exception() is not None for sent in self.sent)

    async def run(self) -> None:
        """Give the producer the rest and wait until each record is acknowledged."""
        for record in self.records[len(self.sent) :]:
            self.sent.append(await self.producer.send(record.topic, record.value, record.key, headers=list(record.headers)))
        if len(self.sent) > 1:
            await asyncio.wait(self.sent)
        for acknowledged in self.sent:
            await asyncio.shield(acknowledged)


class KafkaPublisher:
    """Durable at `publish`; offsets go through the source, whose group owns them.  Implements `Publisher`."""

    def __init__(self, settings: KafkaSettings, source: KafkaSource, *, topics: Collection[str] = ()) -> None:
        """`topics` are those that are written to."""
        self._settings = settings
        self._topics = tuple(topics)
        self._max_batch_size = settings.producer.max_batch_size
        self._source = source
        self._timeout_s = settings.producer.request_timeout_ms / 1000
        self._producer: _Producer | None = None
        self._starting = asyncio.Lock()
        self._unacknowledged: dict[SourceRef, _Delivery] = {}
        self._stopping = Stopping(STOP_TIMEOUT_S)
        self._stopped = False

    async def start(self) -> None:
        """Connect.

        Raises:
            ConfigError: a certificate can't be read.
            PublishFailed: no broker answers or lets us in; may be tried again.
        """
        await self._current()

    async def open(self, partitions: Collection[TopicPartition]) -> None:
        """Nothing to do: one producer serves all partitions."""

    @property
    def held_bytes(self) -> int:
        """None: what is published is durable."""
        return 0

    async def publish(self, ref: SourceRef, records: Sequence[OutputRecord]) -> None:
        """Publish all records on behalf of `ref` and wait until every in-sync replica has them.

        Raises:
            FatalError: this worker may not write to the topic.
            PublishFailed: not taken within `kafka.producer.request_timeout_ms`; trying again goes on where this stopped.
            OutputTooLarge: a record exceeds what producer or broker take.
        """
        if not records:
            return
        producer = await self._current()
        delivery = self._unacknowledged.pop(ref, None)
        if delivery is None or delivery.producer is not producer or delivery.records != tuple(records):
            delivery = _Delivery(records, producer, self._max_batch_size)
        try:
            async with asyncio.timeout(self._timeout_s):
                await delivery.run()
        except TimeoutError as error:
            self._unacknowledged[ref] = delivery
            learning = cast(Any, producer).client._sync_task  # of leaders; None once it is stopped
            if learning is not None and learning.done():  # it died of what it did not expect
                self._retire(producer)
            raise PublishFailed(f"{_topics(records)}: not acknowledged within {self._timeout_s:g} s") from error
        except (MessageSizeTooLargeError, RecordListTooLargeError) as error:
            if delivery.refused:
                self._retire(producer)
                await self._current()
            if self._max_batch_size < delivery.batch_size:
                raise PublishFailed(f"{_topics(records)}: takes smaller batches than before; {said(error)}") from error
            raise OutputTooLarge(f"{_topics(records)}: {said(error)}") from error
        except (TopicAuthorizationFailedError, InvalidTopicError) as error:
            raise FatalError(f"{_topics(records)}: {said(error)}; grant WRITE on the topic, or correct its name") from error
        except KafkaError as error:
            if not error.retriable:
                self._retire(producer)
            raise PublishFailed(f"{_topics(records)}: {said(error)}") from error

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Commit the offsets of partitions that are still held.

        Raises:
            PublishFailed: the group is rebalancing or the coordinator did not answer in time.
            FatalError: this worker may not commit.
        """
        await self._source.commit(offsets)

    def discard(self, partitions: Collection[TopicPartition]) -> None:
        """Forget what is on its way for partitions that were revoked; it may still arrive, as at least once allows."""
        for ref in [ref for ref in self._unacknowledged if ref.topic_partition in partitions]:
            del self._unacknowledged[ref]

    async def stop(self) -> None:
        """Flush and disconnect; gives up after some seconds when no broker answers."""
        self._stopped = True
        producer, self._producer = self._producer, None
        self._unacknowledged.clear()
        if producer is not None:
            self._stopping.add(stop_producer(producer), "a producer")
        await self._stopping.wait()

    async def _current(self) -> _Producer:
        """The producer, or a fresh one where the last was retired."""
        if self._producer is not None:  # which it is not once stopped
            return self._producer
        async with self._starting:
            if self._stopped:
                raise PublishFailed("the publisher is stopped")
            if self._producer is None:
                try:
                    self._max_batch_size = batch_size(self._settings, await message_limits(self._settings, self._topics))
                except FatalError as error:
                    raise PublishFailed(str(error)) from error
                producer = self._client()
                try:
                    async with asyncio.timeout(START_TIMEOUT_S):
                        await producer.start()
                except (KafkaError, TimeoutError, OSError) as error:
                    self._stopping.add(stop_producer(producer), "a producer")
                    raise PublishFailed(no_broker(self._settings, error)) from error
                self._producer = producer
            return self._producer

    def _client(self) -> _Producer:
        # Articles have lingered already, before their claims.
        own = self._settings.producer.model_dump() | {"linger_ms": 0, "max_batch_size": self._max_batch_size}
        connection = connection_arguments(self._settings)
        own |= {"acks": "all", "enable_idempotence": True, "partitioner": partition_of}
        return cast(_Producer, AIOKafkaProducer(**connection, **own))

    def _retire(self, producer: _Producer) -> None:
        if producer is self._producer:
            _log.warning("replacing the producer")
            self._producer = None
            self._stopping.add(stop_producer(producer), "a producer")


def _topics(records: Sequence[OutputRecord]) -> str:
    return ", ".join(sorted({record.topic for record in records}))
