"""Records out of Kafka: a consumer group's member, behind the `Source` Protocol.

The traps of aiokafka that this module knows, so that no other has to:

- `getmany` waits out a rebalance whatever its timeout, and to cancel it breaks the client's count of who is fetching.  It therefore
  runs in a task of its own that fills an inbox, and `poll` only waits a while for it.  A revocation empties the inbox before
  anything else: what lies in it was never handed out, so the next owner of the partition begins with it.
- It hands out records before `on_partitions_assigned` has returned.  New partitions stay paused until the listener is done.
- A paused partition's fetched chunk is thrown away by the next `getmany` and fetched again.  So nothing is paused for backpressure:
  `poll(0)` asks for a partition that does not exist, which keeps the membership and leaves every chunk where it is.
- It takes an answer that is none for a group without offsets: `committed`.
- It fails for good at a header's name that is no UTF-8, and does not say where a batch is damaged: `batches`.
- It resets an offset at the word of any broker: `positions`.
- Its tasks can die of what they do not expect, and it then waits for ever.  An empty fetch looks whether they live.
- An exception in a listener is swallowed.  It is kept, and `poll` raises it.
- It keeps to itself when it last heard of the group, so `standing` asks by a heartbeat of its own.
- `stop` can hang while no broker answers.  It gets a deadline.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, Protocol, cast

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka import TopicPartition as ClientPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.errors import (
    CommitFailedError,
    GroupAuthorizationFailedError,
    IllegalGenerationError,
    IllegalStateError,
    KafkaError,
    NoError,
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
    RebalanceInProgressError,
    TopicAuthorizationFailedError,
    UnknownMemberIdError,
    for_code,
)
from aiokafka.protocol.group import HeartbeatRequest

from worker.config import KafkaSettings
from worker.errors import FatalError, PublishFailed
from worker.metrics import Metrics
from worker.records import Extent, RawPage, SourceRef, TopicPartition
from worker.stream.auth import connection_arguments
from worker.stream.batches import read_batches_well
from worker.stream.bounded import STOP_TIMEOUT_S, bounded
from worker.stream.client import no_broker, put_out, said, their_partition, why_not
from worker.stream.committed import MOVED, read_committed_offsets_well, see_that_it_is_loaded, see_that_others_agree
from worker.stream.connections import read_responses_well
from worker.stream.edges import AssignmentListener
from worker.stream.membership import Membership, Standing, lease_s
from worker.stream.positions import first_offset, within_range

FETCH_TIMEOUT_MS: Final = 200
HOLD_TIMEOUT_MS: Final = 50  # of a poll for nothing: the next one may want records
POLL_TIMEOUT_S: Final = 0.5  # of `poll`; longer than a fetch that finds nothing
START_TIMEOUT_S: Final = 60.0
POSITION_RETRY_S: Final = 0.2

_ASSIGNORS: Final = {
    "roundrobin": RoundRobinPartitionAssignor,
    "range": RangePartitionAssignor,
    "sticky": StickyPartitionAssignor,
}
_NO_PARTITION: Final = ClientPartition("", -1)  # to poll for nothing
_STANDINGS: Final = {
    NoError: Standing.MEMBER,
    RebalanceInProgressError: Standing.LEAVING,
    IllegalGenerationError: Standing.LOST,
    UnknownMemberIdError: Standing.LOST,
}

_log = structlog.get_logger()


class _Record(Protocol):
    """What is used of aiokafka's record."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]


class _Consumer(Protocol):
    """What is used of aiokafka's consumer, which ships no types.  Its partitions are named tuples, equal to ours."""

    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    def subscribe(self, topics: Sequence[str], *, listener: object) -> None: ...
    def assignment(self) -> set[tuple[str, int]]: ...
    def pause(self, *partitions: tuple[str, int]) -> None: ...
    def resume(self, *partitions: tuple[str, int]) -> None: ...
    async def committed(self, partition: tuple[str, int]) -> int | None: ...
    async def position(self, partition: tuple[str, int]) -> int: ...
    def seek(self, partition: tuple[str, int], offset: int) -> None: ...
    async def beginning_offsets(self, partitions: Sequence[tuple[str, int]]) -> dict[tuple[str, int], int]: ...
    async def end_offsets(self, partitions: Sequence[tuple[str, int]]) -> dict[tuple[str, int], int]: ...
    async def commit(self, offsets: Mapping[tuple[str, int], int]) -> None: ...
    async def getmany(
        self, *partitions: tuple[str, int], timeout_ms: int, max_records: int | None
    ) -> dict[tuple[str, int], list[_Record]]: ...


class KafkaSource:
    """A member of the consumer group `kafka.consumer.group_id`; implements `Source`.

    One task polls.  `commit` and `extents` may be called from others.
    """

    def __init__(self, settings: KafkaSettings, topics: Sequence[str], *, metrics: Metrics | None = None) -> None:
        self._opening = False
        self._settings = settings
        self._topics = tuple(topics)
        self._metrics = metrics
        self._consumer: _Consumer | None = None
        self._listener: AssignmentListener | None = None
        self._held: frozenset[TopicPartition] = frozenset()
        self._known: frozenset[TopicPartition] = frozenset()  # that there were at the start
        self._begins: dict[TopicPartition, int] = {}
        self._ends: dict[TopicPartition, int] = {}  # one past the last record that the client gave
        self._inbox: list[RawPage] = []  # taken from the client, not yet handed out
        self._fetching: asyncio.Task[None] | None = None
        self._fatal: FatalError | None = None
        self._revoked_at: float | None = None
        self._answered_at = time.monotonic()
        # Within on_revoked a commit must leave time to rejoin before the group goes on without us.
        consumer = settings.consumer
        self._commit_timeout_s = min(consumer.request_timeout_ms, consumer.rebalance_timeout_ms / 4) / 1000
        self._lease_s = lease_s(consumer)
        self._membership = Membership(self._ask_the_group, lease_s=self._lease_s)

    async def start(self, listener: AssignmentListener) -> None:
        """Connect, see that the topics exist, and begin to join the group.

        Raises:
            ConfigError: a certificate can't be read.
            FatalError: no broker answers or lets us in, or a topic is missing.
        """
        self._listener = listener
        self._answered_at = time.monotonic()
        consumer = self._consumer = self._client()
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                await consumer.start()
                read_committed_offsets_well(consumer)
                self._known = await _partitions(consumer, self._topics)
        except (KafkaError, TimeoutError, OSError) as error:
            await self.stop()
            raise FatalError(f"{no_broker(self._settings, error)}; the log says what each of them did") from error
        if missing := sorted(set(self._topics) - {partition.topic for partition in self._known}):
            await self.stop()
            raise FatalError(
                f"no such topic, or no right to describe it: {', '.join(missing)}; create it with `winnow topics create`"
                " or correct input.topics"
            )
        consumer.subscribe(self._topics, listener=_Rebalances(self))

    async def poll(self, max_records: int) -> Sequence[RawPage]:
        """Hand out up to `max_records` pages; an empty sequence where none came within half a second.

        Raises:
            FatalError: the listener failed, access is denied, or an offset is out of range and may not be reset.
        """
        if self._fetching is None:
            self._fetching = asyncio.create_task(self._fetch(0 if self._inbox else max_records))
        if not (self._inbox and max_records):
            await asyncio.wait({self._fetching}, timeout=POLL_TIMEOUT_S)
        if self._fetching is not None and self._fetching.done():
            fetched, self._fetching = self._fetching, None
            fetched.result()
        if self._fatal is not None:
            raise self._fatal
        if self._opening:
            return ()
        handed_out, self._inbox = self._inbox[:max_records], self._inbox[max_records:]
        return handed_out

    async def extents(self) -> Mapping[TopicPartition, Extent]:
        """The extent of each partition that was begun; its end is asked of the brokers, for of what is not fetched the client
        knows nothing new.  Empty where they do not tell.

        A log may end with what is no record: markers of transactions, records of one that was aborted.  Once the client is past
        them, the last record that it gave is the last that there is.
        """
        begins = {partition: begin for partition, begin in self._begins.items() if self.holds(partition)}
        consumer = self._consumer
        if consumer is None or not begins:
            return {}
        extents = {}
        try:
            ends = await consumer.end_offsets([their_partition(partition) for partition in begins])
            for partition, begin in begins.items():
                end = ends[their_partition(partition)]
                passed = await consumer.position(their_partition(partition)) >= end
                extents[partition] = Extent(begin, max(begin, self._ends.get(partition, begin)) if passed else end)
        except KafkaError as error:
            _log.debug("the partitions' ends were not told", error=said(error))
            return {}
        return extents

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Commit the group's offsets; partitions that are not held any more are left out.

        Raises:
            PublishFailed: the group is rebalancing or the coordinator did not answer in time.
            FatalError: this worker may not commit.
        """
        assigned = self._assigned()
        ours = {their_partition(partition): offset for partition, offset in offsets.items() if partition in assigned}
        if not ours or self._consumer is None:
            return
        try:
            async with asyncio.timeout(self._commit_timeout_s):
                await self._consumer.commit(ours)
        except (GroupAuthorizationFailedError, TopicAuthorizationFailedError) as error:
            raise FatalError(f"not allowed to commit offsets for the group: {said(error)}") from error
        except TimeoutError as error:
            raise PublishFailed(f"offsets not committed within {self._commit_timeout_s:g} s") from error
        except CommitFailedError as error:
            raise PublishFailed(f"offsets not committed: {put_out(self._settings)}") from error
        except (KafkaError, IllegalStateError) as error:
            raise PublishFailed(f"offsets not committed: {said(error)}") from error

    @property
    def answered_at(self) -> float:
        """When the client last came back from a fetch: a poll returns while a fetch hangs."""
        return self._answered_at

    @property
    def missing(self) -> Sequence[str]:
        """Topics that the brokers did not name when the client last asked."""
        if self._consumer is None:
            return ()
        cluster = cast(Any, self._consumer)._client.cluster
        return [topic for topic in self._topics if not cluster.partitions_for_topic(topic)]

    def holds(self, partition: TopicPartition) -> bool:
        """Whether the group has given the partition to this member, as far as it knows."""
        return partition in self._assigned()

    async def standing(self) -> Standing:
        """What the group says of this member, or said of late."""
        return await self._membership.standing()

    async def confirmed(self) -> None:
        """Return once the group has said of late that this is its member, however long that takes."""
        await self._membership.confirmed()

    async def committed(self, partition: TopicPartition) -> int | None:
        """The group's committed offset, asked of the broker; None where nothing was ever committed.

        Raises:
            KafkaError: not told.
        """
        if self._consumer is None:
            raise PublishFailed("the source is stopped")
        return await self._consumer.committed(their_partition(partition))

    async def stop(self) -> None:
        """Leave the group and disconnect; gives up after some seconds when no broker answers.  The listener is not called."""
        consumer, self._consumer = self._consumer, None
        if consumer is None:
            return
        self._inbox.clear()
        self._held = frozenset()
        await bounded(consumer.stop(), STOP_TIMEOUT_S, "the consumer")
        if self._fetching is not None:
            self._fetching.cancel()
            with contextlib.suppress(asyncio.CancelledError, FatalError):
                await self._fetching
            self._fetching = None

    def _client(self) -> _Consumer:
        read_responses_well()
        read_batches_well()
        own = self._settings.consumer.model_dump()
        own["auto_offset_reset"] = "none"
        own["partition_assignment_strategy"] = (_ASSIGNORS[self._settings.consumer.partition_assignment_strategy],)
        return cast(_Consumer, AIOKafkaConsumer(**connection_arguments(self._settings), **own, enable_auto_commit=False))

    def _assigned(self) -> frozenset[TopicPartition]:
        """What both we and the client take for held."""
        if self._consumer is None:
            return frozenset()
        return self._held & {TopicPartition(*partition) for partition in self._consumer.assignment()}

    async def _ask_the_group(self) -> Standing:
        """A heartbeat beside the client's own.  It looks up the coordinator, for during an assignment nobody else does."""
        coordinator = getattr(self._consumer, "_coordinator", None)
        if coordinator is None:
            return Standing.UNKNOWN
        try:
            async with asyncio.timeout(self._lease_s):
                await coordinator.ensure_coordinator_known()
                asked = coordinator.coordinator_id
                await see_that_it_is_loaded(self._consumer, (self._topics[0], 0))
                beat = HeartbeatRequest(coordinator.group_id, coordinator.generation, coordinator.member_id)
                answer = for_code((await coordinator._send_req(beat)).error_code)
                if coordinator.coordinator_id != asked:
                    return Standing.UNKNOWN
                await see_that_others_agree(self._consumer, asked)
        except (KafkaError, TimeoutError):
            return Standing.UNKNOWN
        if answer in MOVED:
            coordinator.coordinator_dead()
        return _STANDINGS.get(answer, Standing.UNKNOWN)

    async def _fetch(self, max_records: int) -> None:
        """Take records from the client into the inbox, with no await between the two."""
        consumer = self._consumer
        if consumer is None:
            raise FatalError("the source is not started")
        try:
            if max_records:
                taken = await consumer.getmany(timeout_ms=FETCH_TIMEOUT_MS, max_records=max_records)
            else:
                taken = await consumer.getmany(_NO_PARTITION, timeout_ms=HOLD_TIMEOUT_MS, max_records=None)
        except NoOffsetForPartitionError:  # its beginning is about to be sought
            await asyncio.sleep(POSITION_RETRY_S)
            return
        except OffsetOutOfRangeError as error:
            await self._mend_positions(consumer, error.args[0])
            return
        except KafkaError as error:
            if error.retriable:
                _log.warning("fetch failed, trying again", error=said(error))
                return
            raise FatalError(why_not(error)) from error
        finally:
            self._answered_at = time.monotonic()
        if not taken:
            self._see_that_the_client_lives()
        for theirs, records in taken.items():
            self._inbox.extend(_page(record) for record in records)
            self._ends[TopicPartition(*theirs)] = records[-1].offset + 1

    async def _mend_positions(self, consumer: _Consumer, positions: Mapping[tuple[str, int], int]) -> None:
        try:
            for theirs, offset in positions.items():
                partition = TopicPartition(*theirs)
                kept = await within_range(consumer, partition, offset, self._settings.consumer.auto_offset_reset)
                if kept != offset and self.holds(partition):
                    consumer.seek(theirs, kept)
                    self._begins[partition] = kept
        except KafkaError as error:
            _log.warning("an offset is out of range, and the brokers do not tell what there is", error=said(error))
        await asyncio.sleep(POSITION_RETRY_S)

    def _see_that_the_client_lives(self) -> None:
        client: Any = self._consumer
        if client is not None and any(task and task.done() for task in (client._fetcher._fetch_task, client._client._sync_task)):
            raise FatalError("the consumer's own tasks have ended; the log says of what")

    async def _revoke(self) -> None:
        self._inbox.clear()
        self._revoked_at = time.monotonic()
        held = self._held
        try:
            if held and self._listener is not None:
                _log.info("partitions revoked", partitions=sorted(map(str, held)))
                await self._listener.on_revoked(held)
        except Exception as error:  # whatever it is: the client would log it and go on without its listener
            self._fail("on_revoked", error)
        finally:
            self._held = frozenset()

    async def _assign(self, partitions: Collection[tuple[str, int]]) -> None:
        consumer = self._consumer
        if consumer is None or self._listener is None:
            return
        consumer.pause(*partitions)
        self._opening = True
        self._held = frozenset(TopicPartition(*partition) for partition in partitions)
        self._begins.clear()
        _log.info("partitions assigned", partitions=sorted(map(str, self._held)))
        try:
            await self._listener.on_assigned(self._held)
            for partition in self._held:
                await self._begin(partition)
            self._inbox.clear()  # fetched from where the client thought it was
            self._ends.clear()
        except Exception as error:  # as above
            self._fail("on_assigned", error)
            return
        finally:
            self._opening = False
        if self._consumer is None:  # stopped meanwhile
            return
        consumer.resume(*partitions)
        if self._metrics is not None:
            self._metrics.rebalances.inc()
            if self._revoked_at is not None:
                self._metrics.rebalance_duration.observe(time.monotonic() - self._revoked_at)

    async def _begin(self, partition: TopicPartition) -> None:
        """Seek to where a partition begins now: its former holder may have moved the committed offset until it was opened."""
        offset = await self.committed(partition)
        if self._consumer is None:
            return
        if offset is None:
            policy = self._settings.consumer.auto_offset_reset
            added = policy == "latest" and partition not in self._known  # all that it holds came while this group was at work
            offset = await first_offset(self._consumer, partition, "earliest" if added else policy)
            if policy == "latest":  # or the next holder would pass over what comes until the first commit
                with contextlib.suppress(PublishFailed):
                    await self.commit({partition: offset})
        if self._consumer is not None:
            self._consumer.seek(their_partition(partition), offset)
            self._begins[partition] = offset

    def _fail(self, where: str, error: Exception) -> None:
        _log.error("listener failed", where=where, error=repr(error))
        if isinstance(error, FatalError):
            self._fatal = error
            return
        self._fatal = FatalError(f"{where} failed: {error!r}")
        self._fatal.__cause__ = error


class _Rebalances:
    """Hands on what the client calls its listener with."""

    def __init__(self, source: KafkaSource) -> None:
        self._source = source

    async def on_partitions_revoked(self, _revoked: Collection[tuple[str, int]]) -> None:
        await self._source._revoke()

    async def on_partitions_assigned(self, assigned: Collection[tuple[str, int]]) -> None:
        await self._source._assign(assigned)


ConsumerRebalanceListener.register(_Rebalances)  # the client asks isinstance; inheriting would make the class untyped


async def _partitions(consumer: _Consumer, topics: Collection[str]) -> frozenset[TopicPartition]:
    cluster = await cast(Any, consumer)._client.fetch_all_metadata()
    return frozenset(TopicPartition(topic, number) for topic in topics for number in cluster.partitions_for_topic(topic) or ())


def _page(record: _Record) -> RawPage:
    return RawPage(
        ref=SourceRef(record.topic, record.partition, record.offset),
        payload=record.value,
        key=record.key,
        headers=tuple((name, value or b"") for name, value in record.headers),  # the protocol knows headers without a value
        timestamp_ms=record.timestamp if record.timestamp >= 0 else None,
    )
