"""How much may be in flight: one account of records and bytes over everything that holds a payload."""

from __future__ import annotations

_FIRST_GUESS = 64  # such pages fill the budget
_LARGEST_DECAY = 0.98  # per record: a burst of large pages is remembered for some hundred records


class Budget:
    """Records and bytes in flight, against their limits.

    Kafka hands out records by number, not by size, so `allowance` turns the free bytes into a number by the largest page lately
    seen.  A batch can pass the byte limit by what that misjudges; the limit then holds until it is paid back.
    """

    def __init__(self, *, max_records: int, max_bytes: int) -> None:
        self._max_records = max_records
        self._max_bytes = max_bytes
        self._largest = max_bytes / _FIRST_GUESS  # before anything is known, pages may be large
        self.records = 0
        self.bytes = 0

    @property
    def allowance(self) -> int:
        """How many more records may be consumed now; 0 while the budget is full."""
        if self.records >= self._max_records or self.bytes >= self._max_bytes:
            return 0
        by_bytes = int((self._max_bytes - self.bytes) / self._largest)
        return max(1, min(self._max_records - self.records, by_bytes)) if by_bytes or not self.records else 0

    @property
    def roomy(self) -> bool:
        """Whether a tenth of both limits is free: where consumption resumes, so that it does not flutter at the limit."""
        return self.records <= self._max_records * 0.9 and self.bytes <= self._max_bytes * 0.9

    def take(self, size: int) -> None:
        """Account for a record of `size` bytes that was consumed."""
        self.records += 1
        self.bytes += size
        self._largest = max(1.0, float(size), self._largest * _LARGEST_DECAY)

    def grow(self, size: int) -> None:
        """Account for `size` bytes more of a record that was taken: its article, which waits to be published."""
        self.bytes += size

    def give_back(self, size: int) -> None:
        """The record is settled, or was abandoned."""
        self.records -= 1
        self.bytes -= size
