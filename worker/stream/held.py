"""What was published for records whose offsets are not committed yet, by partition and offset."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from worker.records import OutputRecord, SourceRef, TopicPartition


class Held:
    """Output records that wait for their commit, and how many bytes they are."""

    def __init__(self) -> None:
        self._by_partition: dict[TopicPartition, dict[int, tuple[OutputRecord, ...]]] = {}
        self.bytes = 0

    def put(self, ref: SourceRef, records: Sequence[OutputRecord]) -> None:
        """Hold the outputs of a record; those that were held for it before are replaced."""
        held = self._by_partition.setdefault(ref.topic_partition, {})
        self._let_go(held.pop(ref.offset, ()))
        held[ref.offset] = tuple(records)
        self.bytes += sum(map(size_of, records))

    def below(self, partition: TopicPartition, offset: int) -> Iterator[OutputRecord]:
        """What is held below an offset, in the order of the input."""
        held = self._by_partition.get(partition, {})
        return (record for at in sorted(at for at in held if at < offset) for record in held[at])

    def forget(self, partition: TopicPartition, offset: int) -> None:
        """Let go of what is held below an offset."""
        held = self._by_partition.get(partition, {})
        for at in [at for at in held if at < offset]:
            self._let_go(held.pop(at))

    def discard(self, partitions: Collection[TopicPartition]) -> None:
        """Let go of whole partitions."""
        for partition in partitions:
            for records in self._by_partition.pop(partition, {}).values():
                self._let_go(records)

    def _let_go(self, records: Sequence[OutputRecord]) -> None:
        self.bytes -= sum(map(size_of, records))


def size_of(record: OutputRecord) -> int:
    """Bytes of a record: key, value and headers, each header with what the format adds to it."""
    headers = sum(len(name) + len(value) + 8 for name, value in record.headers)
    return len(record.value or b"") + len(record.key or b"") + headers
