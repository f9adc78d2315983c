"""The two doors of the pipeline: where pages come from and where articles go.

Kafka and files stand behind the same Protocols, so that a backfill on a laptop runs the very loop that a cluster runs.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from worker.records import Extent, OutputRecord, RawPage, SourceRef, TopicPartition


class AssignmentListener(Protocol):
    """Told by a source which partitions are held.  The calls come from the task that polls, or from one of the client's own."""

    async def on_revoked(self, partitions: Collection[TopicPartition]) -> None:
        """These are about to go: wait a bounded time for what runs, commit, forget.  Must not await the task that polls."""

    async def on_assigned(self, partitions: Collection[TopicPartition]) -> None:
        """These are held from now on.  Takes note before its first await, for records may come at once."""


class Source(Protocol):
    """Hands out records, partition by partition in the order of their offsets."""

    @property
    def answered_at(self) -> float:
        """When the client last came back from a fetch, with records or without: time.monotonic()."""

    @property
    def missing(self) -> Sequence[str]:
        """Topics that are to be read and are not there any more, as far as the client knows."""

    async def start(self, listener: AssignmentListener) -> None:
        """Connect and join."""

    async def poll(self, max_records: int) -> Sequence[RawPage] | None:
        """The next records: none for some time is an empty sequence, the end of a finite source is None.

        With `max_records` 0 nothing is handed out, but membership and heartbeats go on.  What is taken from the client and not
        handed out is dropped by a revocation: the partition's next owner begins with it.

        Raises:
            FatalError: the source can't go on.
        """

    async def extents(self) -> Mapping[TopicPartition, Extent]:
        """Where each held partition was begun, and where it ends, as far as it is known."""

    async def confirmed(self) -> None:
        """Return once it is certain that what is held is not another worker's by now, however long that takes.

        Awaited before what would be wrong to do for a record of another's.
        """

    async def stop(self) -> None:
        """Leave the group and disconnect, within a bounded time."""


class Publisher(Protocol):
    """Takes what is published for a record, and the offsets up to which all is done.

    A publisher is durable at `publish` (at least once) or holds the records until `commit` writes them and the offset in one
    (exactly once, files).  The pipeline need not know which.
    """

    async def start(self) -> None:
        """Connect."""

    async def open(self, partitions: Collection[TopicPartition]) -> None:
        """Make ready for partitions that are held from now on, before any record of theirs.

        Raises:
            FatalError: can't be done.
        """

    @property
    def held_bytes(self) -> int:
        """Bytes of outputs held until the next commit; 0 where they are durable at once."""

    async def publish(self, ref: SourceRef, records: Sequence[OutputRecord]) -> None:
        """Publish all records on behalf of `ref`.

        Raises:
            PublishFailed: not taken within the time; may be tried again.
            OutputTooLarge: never taken, however often it is tried.
        """

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Make progress durable: everything below these offsets is settled.

        Raises:
            PublishFailed: not known to be durable; may be tried again.
        """

    def discard(self, partitions: Collection[TopicPartition]) -> None:
        """Forget what is held for partitions that were revoked."""

    async def stop(self) -> None:
        """Flush and disconnect, within a bounded time."""
