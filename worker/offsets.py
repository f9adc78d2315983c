"""Which offsets of a partition are settled, and up to where it is safe to commit.

Pages finish out of order; Kafka's committed offset is one number per partition.  A tracker keeps the offsets that were handed out,
in order, and moves the watermark past the settled ones at the front.  It never counts: logs have gaps (compaction, transaction
markers), so the offset after 41 may well be 57.
"""

from __future__ import annotations

from collections import deque

from worker.errors import NotTracked


class OffsetTracker:
    """The settled prefix of one partition, for one assignment of it.

    A new assignment gets a new tracker: a completion that belongs to an earlier one finds no place to settle, as it should be.
    """

    def __init__(self) -> None:
        self._order: deque[int] = deque()  # handed out and not passed by the watermark, oldest first
        self._pending: set[int] = set()  # those of them that are not settled
        self._last = -1
        self._watermark: int | None = None

    def register(self, offset: int) -> None:
        """Take note of a record before anything is awaited on its behalf.

        Raises:
            ValueError: the offset is not beyond the last one: the source went back without a new assignment.
        """
        if offset <= self._last:
            raise ValueError(f"offset {offset} was handed out after {self._last}")
        self._last = offset
        self._order.append(offset)
        self._pending.add(offset)

    def settle(self, offset: int) -> None:
        """Mark a record as finished, whatever its outcome.

        Raises:
            NotTracked: the offset was not registered here, or was settled before.
        """
        if offset not in self._pending:
            raise NotTracked(offset)
        self._pending.discard(offset)
        while self._order and self._order[0] not in self._pending:
            self._watermark = self._order.popleft() + 1

    @property
    def committable(self) -> int | None:
        """The offset to commit: one past the last record of the settled prefix, or None while nothing is settled."""
        return self._watermark

    @property
    def oldest(self) -> int | None:
        """The first offset that is not settled, or None where all are."""
        return self._order[0] if self._order else None

    def __len__(self) -> int:
        """Records handed out and not yet passed by the watermark."""
        return len(self._order)
