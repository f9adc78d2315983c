"""Articles into Kafka, exactly once: a transactional producer for each input partition, behind the `Publisher` Protocol.

What is published for a record is held until the pipeline commits; then one transaction writes it together with the partition's
offset, so that readers of committed records see both or neither.

The client commits offsets without the group's generation, so a worker that has lost a partition without knowing it can't be told
apart by the group.  The transactional id tells: it is the partition's, whoever holds it.  To take a partition over is to initialise
its producer first, which fences the former holder and ends its transaction, and only then to read the committed offset.  The same
step resolves everything that can go wrong: a send that failed, a commit of unknown outcome, a broker that went away.  The producer
is replaced, the committed offset says what came of the transaction, and what is not in it is sent again.  None is replaced without
the group's word that the partition is still this worker's: it would fence the one whose it is.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Mapping, Sequence
from typing import Final, Protocol, cast

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    IllegalOperation,
    InvalidProducerEpoch,
    KafkaError,
    MessageSizeTooLargeError,
    ProducerFenced,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)
from aiokafka.record.default_records import DefaultRecordBatchBuilder

from worker.config import KafkaSettings
from worker.errors import FatalError, OutputTooLarge, PublishFailed, WinnowError
from worker.metrics import Metrics
from worker.records import OutputRecord, SourceRef, TopicPartition
from worker.stream.auth import connection_arguments
from worker.stream.bounded import STOP_TIMEOUT_S, Stopping, bounded, stop_producer
from worker.stream.client import said, their_partition
from worker.stream.held import Held, size_of
from worker.stream.kafka_source import KafkaSource
from worker.stream.membership import Standing, lease_s
from worker.stream.partitioner import partition_of
from worker.stream.topics import BATCH_OVERHEAD, Finding, batch_size, message_limits

START_TIMEOUT_S: Final = 60.0
OPEN_RETRY_S: Final = 0.5
PROBE_TIMEOUT_S: Final = 30.0

_CODECS: Final = {None: 0, "gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}  # as the record format numbers them
_FENCED: Final = (ProducerFenced, InvalidProducerEpoch)

_log = structlog.get_logger()


class _Producer(Protocol):
    """What is used of aiokafka's producer, which ships no types."""

    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    async def begin_transaction(self) -> None: ...
    async def commit_transaction(self) -> None: ...
    async def send_offsets_to_transaction(self, offsets: Mapping[tuple[str, int], int], group_id: str) -> None: ...
    async def send(
        self, topic: str, value: bytes | None, key: bytes | None, *, headers: list[tuple[str, bytes]]
    ) -> asyncio.Future[object]: ...


class _Lane:
    """One input partition, for one assignment of it."""

    def __init__(self, partition: TopicPartition) -> None:
        self.partition = partition
        self.producer: _Producer | None = None
        self.committed: int | None = None
        self.fenced_at: float | None = None
        self.taking_over: asyncio.Timeout | None = None
        self.lock = asyncio.Lock()


class TransactionalPublisher:
    """Durable at `commit`, outputs and offset in one.  Implements `Publisher`."""

    def __init__(self, settings: KafkaSettings, source: KafkaSource, *, topics: Collection[str], metrics: Metrics) -> None:
        """`topics` are those that are written to."""
        self._settings = settings
        self._source = source
        self._topics = tuple(topics)
        self._metrics = metrics
        self._timeout_s = settings.producer.request_timeout_ms / 1000
        self._take_over_s = min(START_TIMEOUT_S, self._timeout_s, lease_s(settings.consumer))
        # A fenced producer's partition must have gone by then: the group has had the time to find out, and to rebalance.
        self._patience_s = (settings.consumer.session_timeout_ms + settings.consumer.rebalance_timeout_ms) / 1000
        self._limits: Mapping[str, int] = {}
        self._lanes: dict[TopicPartition, _Lane] = {}
        self._stopping = Stopping(STOP_TIMEOUT_S)
        self._held = Held()

    @property
    def held_bytes(self) -> int:
        """Bytes held until the next commit."""
        return self._held.bytes

    async def start(self) -> None:
        """Ask how large the topics' messages may be.

        Raises:
            ConfigError: a certificate can't be read.
            PublishFailed: no broker answers or lets us in; may be tried again.
        """
        try:
            self._limits = await message_limits(self._settings, self._topics)
        except FatalError as error:
            raise PublishFailed(str(error)) from error

    async def open(self, partitions: Collection[TopicPartition]) -> None:
        """Take partitions over from whoever had them: fence, and end what they left open.

        Raises:
            FatalError: not allowed, or not done within a minute.
        """
        lanes = [self._lanes.setdefault(partition, _Lane(partition)) for partition in partitions]
        async with asyncio.TaskGroup() as tasks:
            for lane in lanes:
                tasks.create_task(self._open(lane))

    async def publish(self, ref: SourceRef, records: Sequence[OutputRecord]) -> None:
        """Hold the records until the offset of `ref` is committed.

        Raises:
            PublishFailed: the partition is not held.
            OutputTooLarge: a record exceeds what producer or topic take.
        """
        lane = self._lanes.get(ref.topic_partition)
        if lane is None:
            raise PublishFailed(f"{ref.topic_partition} is not held")
        if lane.committed is not None and ref.offset < lane.committed:
            _log.warning("a record came again that is committed; it is not published again", ref=str(ref), committed=lane.committed)
            return
        for record in records:
            self._see_that_it_fits(record)
        self._held.put(ref, records)

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Write what is held below each offset, and the offset, in one transaction for each partition.

        Raises:
            PublishFailed: some partition's transaction did not come to an end that is known; may be tried again.
            FatalError: this worker may not write, or another has taken a partition and the group has not.
        """
        outcomes = await asyncio.gather(
            *(self._commit(self._lanes[partition], end) for partition, end in offsets.items() if partition in self._lanes),
            return_exceptions=True,
        )
        failed = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        failed.sort(key=lambda error: isinstance(error, PublishFailed))
        for error in failed[1:]:
            _log.warning("a partition's commit failed", error=str(error))
        if failed:
            raise failed[0]

    def discard(self, partitions: Collection[TopicPartition]) -> None:
        """Forget what is held for partitions that were revoked; a transaction that is open is ended by the next holder."""
        for partition in partitions:
            lane = self._lanes.pop(partition, None)
            if lane is None:
                continue
            if lane.taking_over is not None and not lane.taking_over.expired():  # to go on would fence the next holder
                lane.taking_over.reschedule(asyncio.get_running_loop().time())
            self._retire(lane)
        self._held.discard(partitions)

    async def stop(self) -> None:
        """Disconnect; gives up after some seconds when no broker answers."""
        self.discard(list(self._lanes))
        await self._stopping.wait()

    # -- one partition

    async def _open(self, lane: _Lane) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while self._is_open(lane):
            if await self._source.standing() in (Standing.LOST, Standing.LEAVING):
                return  # the client is about to rejoin, and does so when this is done
            try:
                await self._take_over(lane)
            except PublishFailed as error:
                if time.monotonic() > deadline:
                    raise FatalError(str(error)) from error
                _log.warning("could not take over a partition and will try again", partition=str(lane.partition), error=str(error))
            else:
                return
            await asyncio.sleep(OPEN_RETRY_S)

    async def _take_over(self, lane: _Lane) -> _Producer:
        """A fresh producer for the partition."""
        if await self._source.standing() is not Standing.MEMBER:
            raise PublishFailed(f"the group does not confirm that {lane.partition} is this worker's")
        if not (self._is_open(lane) and self._source.holds(lane.partition)):
            raise _not_held(lane)
        producer = self._client(lane.partition)
        try:
            committed = await self._initialise(lane, producer)
        except BaseException:
            self._stopping.add(stop_producer(producer), "a producer")
            raise
        lane.producer = producer
        _log.info("partition taken over", partition=str(lane.partition), committed=committed)
        if committed is not None:
            lane.committed = committed
            self._held.forget(lane.partition, committed)
        return producer

    async def _initialise(self, lane: _Lane, producer: _Producer) -> int | None:
        """Fence whoever had the transactional id; the offset from which to go on."""
        try:
            async with asyncio.timeout(self._take_over_s) as lane.taking_over:
                await producer.start()
                committed = await self._source.committed(lane.partition)
        except (TransactionalIdAuthorizationFailed, TopicAuthorizationFailedError) as error:
            id_ = transactional_id(self._settings, lane.partition)
            raise FatalError(f"{said(error)}; grant WRITE on the transactional id {id_}") from error
        except (KafkaError, TimeoutError, OSError) as error:
            if not self._is_open(lane):
                raise _not_held(lane) from error
            raise PublishFailed(f"no transactional producer for {lane.partition}: {said(error)}") from error
        finally:
            lane.taking_over = None
        if not self._is_open(lane):
            raise _not_held(lane)
        if lane.committed is not None and committed is None:
            raise PublishFailed(f"the group knows no offset of {lane.partition}, which had {lane.committed}")
        if lane.committed is not None and committed is not None and committed < lane.committed:
            raise FatalError(f"the group's offset of {lane.partition} went back from {lane.committed} to {committed}: it was reset")
        return committed

    async def _commit(self, lane: _Lane, end: int) -> None:
        async with lane.lock:
            if lane.fenced_at is not None:
                raise self._still_fenced(lane, lane.fenced_at)
            producer = lane.producer or await self._take_over(lane)
            if lane.committed is not None and end <= lane.committed:
                return
            # No await since it was seen that the lane is open: what its records came to is held, all of it.
            await self._transact(lane, producer, list(self._held.below(lane.partition, end)), end)
            lane.committed = end
            self._held.forget(lane.partition, end)
            self._metrics.transactions.labels(result="committed").inc()

    async def _transact(self, lane: _Lane, producer: _Producer, records: Sequence[OutputRecord], end: int) -> None:
        """One transaction: begin, send, await every acknowledgement, add the offset, commit."""
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._fill(lane, producer, records, end)
        except asyncio.CancelledError:
            self._retire(lane)  # in the middle of a transaction
            raise
        except _FENCED as error:
            raise self._fenced(lane) from error
        except (MessageSizeTooLargeError, TopicAuthorizationFailedError, TransactionalIdAuthorizationFailed) as error:
            self._retire(lane)
            self._metrics.transactions.labels(result="aborted").inc()
            raise FatalError(f"the transaction of {lane.partition} was refused for good: {said(error)}; {_cure(error)}") from error
        except (KafkaError, TimeoutError, AssertionError, IllegalOperation) as error:  # the last two: its state forbids it
            if isinstance(_died_of(producer), _FENCED):
                raise self._fenced(lane) from error
            self._retire(lane)
            self._metrics.transactions.labels(result="aborted").inc()
            topics = ", ".join(sorted({record.topic for record in records})) or "no topic"
            raise PublishFailed(
                f"the transaction of {lane.partition}, which writes to {topics}, was given up and is tried again: {said(error)}"
            ) from error
        committing = asyncio.ensure_future(producer.commit_transaction())  # not cancelled: that leaves the client unusable
        done, _ = await asyncio.wait({committing}, timeout=self._timeout_s)
        error_ = committing.exception() if done else TimeoutError(f"no answer within {self._timeout_s:g} s")
        if isinstance(error_, _FENCED):
            raise self._fenced(lane) from error_
        if error_ is not None:
            self._retire(lane)
            self._metrics.transactions.labels(result="unknown").inc()
            raise PublishFailed(f"what came of a transaction of {lane.partition} is to be seen: {said(error_)}") from error_

    async def _fill(self, lane: _Lane, producer: _Producer, records: Sequence[OutputRecord], end: int) -> None:
        await producer.begin_transaction()
        sent = []
        for record in records:
            sent.append(await producer.send(record.topic, record.value, record.key, headers=list(record.headers)))
            sent[-1].add_done_callback(_look_at)
        for acknowledged in sent:  # the client commits a transaction even if a batch of it failed
            await acknowledged
        await producer.send_offsets_to_transaction({their_partition(lane.partition): end}, self._settings.consumer.group_id)

    def _fenced(self, lane: _Lane) -> PublishFailed:
        """Another worker has the partition.  To take it back would fence that one in turn: wait for the group to say so."""
        self._retire(lane)
        lane.fenced_at = time.monotonic()
        self._metrics.transactions.labels(result="fenced").inc()
        return PublishFailed(f"another worker has taken over {lane.partition}")

    def _still_fenced(self, lane: _Lane, fenced_at: float) -> WinnowError:
        if time.monotonic() - fenced_at > self._patience_s:
            return FatalError(
                f"another producer uses {transactional_id(self._settings, lane.partition)}, and the group still gives"
                f" {lane.partition} to this worker; see that kafka.transactions.id_prefix is this group's alone"
            )
        return PublishFailed(f"another worker has taken over {lane.partition}")

    def _is_open(self, lane: _Lane) -> bool:
        """Whether this is still the assignment.  What was held for one that is over is gone: its offsets must never be written."""
        return self._lanes.get(lane.partition) is lane

    def _retire(self, lane: _Lane) -> None:
        producer, lane.producer = lane.producer, None
        if producer is not None:
            self._stopping.add(stop_producer(producer), "a producer")

    def _client(self, partition: TopicPartition) -> _Producer:
        return _client(self._settings, transactional_id(self._settings, partition), batch_size(self._settings, self._limits))

    def _see_that_it_fits(self, record: OutputRecord) -> None:
        """A refused record would undo its whole transaction, so none is sent that is going to be."""
        size, most = size_of(record), self._settings.producer.max_request_size
        limit = self._limits.get(record.topic, most)
        if size + BATCH_OVERHEAD <= min(limit, most):
            return
        if size + BATCH_OVERHEAD > most:
            raise OutputTooLarge(f"{record.topic}: {size} bytes, more than kafka.producer.max_request_size allows")
        packed = len(_batch(record, self._settings.producer.compression_type))
        if packed > limit:
            raise OutputTooLarge(f"{record.topic}: {packed} bytes, more than the topic's max.message.bytes, {limit}")


async def probe_transactions(settings: KafkaSettings) -> list[Finding]:
    """Whether this user may have a transactional producer: begins with an id of the worker's own kind, writes nothing.

    Raises:
        ConfigError: a certificate can't be read.
    """
    id_ = f"{_ids(settings)}.check"
    producer = _client(settings, id_, settings.producer.max_batch_size)
    subject = f"transactional ids {_ids(settings)}.*"
    try:
        async with asyncio.timeout(PROBE_TIMEOUT_S):
            await producer.start()
    except (TransactionalIdAuthorizationFailed, TopicAuthorizationFailedError) as error:
        return [Finding(ok=False, subject=subject, message=f"{said(error)}; grant WRITE on the prefix")]
    except (KafkaError, TimeoutError, OSError) as error:
        return [Finding(ok=False, subject=subject, message=f"no transactional producer: {said(error)}")]
    finally:
        await bounded(stop_producer(producer), STOP_TIMEOUT_S, "a producer")
    return [Finding(ok=True, subject=subject, message="may be used")]


def transactional_id(settings: KafkaSettings, partition: TopicPartition) -> str:
    """The id under which whoever holds the input partition writes."""
    topic, number = partition
    return f"{_ids(settings)}.{topic}.{number}"


def _not_held(lane: _Lane) -> PublishFailed:
    return PublishFailed(f"{lane.partition} is not held any more")


def _ids(settings: KafkaSettings) -> str:
    """What the transactional ids begin with."""
    return f"{settings.transactions.id_prefix}.{settings.consumer.group_id}"


def _client(settings: KafkaSettings, transactional_id: str, max_batch_size: int) -> _Producer:
    own = settings.producer.model_dump() | {"linger_ms": 0, "max_batch_size": max_batch_size}  # a transaction is sent at once
    own |= {"transactional_id": transactional_id, "transaction_timeout_ms": settings.transactions.timeout_ms}
    return cast(_Producer, AIOKafkaProducer(**connection_arguments(settings), **own, acks="all", partitioner=partition_of))


def _died_of(producer: _Producer) -> BaseException | None:
    """Why the client's transactions are over.  It tells only whoever waits at that moment, and afterwards forbids the next step."""
    manager = getattr(producer, "_txn_manager", None)
    waiter = getattr(manager, "_transaction_waiter", None)
    return waiter.exception() if waiter is not None and waiter.done() and not waiter.cancelled() else None


def _cure(error: KafkaError) -> str:
    if isinstance(error, MessageSizeTooLargeError):
        return "an output topic takes less than it did, or this user may not see how much: grant DESCRIBE_CONFIGS on each"
    return "grant WRITE on each output topic and on the transactional ids"


def _look_at(acknowledged: asyncio.Future[object]) -> None:
    """Of a batch that failed the first record says so; for the others nobody waits any more."""
    if not acknowledged.cancelled():
        acknowledged.exception()


def _batch(record: OutputRecord, compression_type: str | None) -> bytes:
    """The batch that the client would make of a single record."""
    builder = DefaultRecordBatchBuilder(2, _CODECS[compression_type], 1, 1, 0, 0, 2**31 - 1)
    builder.append(0, int(time.time() * 1000), record.key, record.value, list(record.headers))
    return bytes(builder.build())
