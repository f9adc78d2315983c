"""Batches of records as brokers hand them out, some of which aiokafka can't read, or says too little of.

A header's name is text by the protocol, and brokers look at none: a scraper may have written Latin-1.  aiokafka fails at such a
record, and with it whatever `getmany` has taken from other partitions in the same call.  The worker would end, and so would each
that has the partition next.  So what is no ASCII in such a name is read as question marks.

A batch that is not as it was written ends the worker, and should.  But whoever goes on behind it needs its offsets, and what came
in the same fetch before it, which the client would lose, again and again, must be settled by then.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import aiokafka.consumer.fetcher
import structlog
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import _MemoryRecordsPy
from aiokafka.record.util import decode_varint_py  # the fast one reads on behind the end of what is damaged
from crc32c import crc32c

_log = structlog.get_logger()

_MAGIC_OF_HEADERS = 2  # the first version of batches that has any
_CHECKSUM, _COVERED = 17, 21  # bytes of such a batch before its checksum, and before what that covers


def read_batches_well() -> None:
    """Have aiokafka's consumers read them so; there is no way to tell one of them alone."""
    aiokafka.consumer.fetcher.MemoryRecords = Batches


class Batches(_MemoryRecordsPy):  # type: ignore[misc]  # aiokafka ships no types
    """The batches of a fetch."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.checked = False  # whether the client looks at checksums, as the first batch shows
        self._sound: bool | None = None  # the next one; None where nobody has looked

    def has_next(self) -> bool:
        """Whether there is one to be read now: a damaged one not before the next fetch, for whatever comes with it is lost."""
        if self.checked and self._sound is None and self._has_headers(self._next_slice):
            self._sound = _is_sound(self._next_slice)
        return super().has_next() and self._sound is not False

    def next_batch(self) -> Any:
        """The next one."""
        raw, sound, batch = self._next_slice, self._sound, super().next_batch()
        self._sound = None
        return _Batch(self, raw, batch, sound) if self._has_headers(raw) else batch

    def _has_headers(self, raw: memoryview | None) -> bool:
        return raw is not None and len(raw) > self.MAGIC_OFFSET and raw[self.MAGIC_OFFSET] >= _MAGIC_OF_HEADERS


class _Batch:
    """A batch of the client's, which takes the fast way as far as it goes."""

    def __init__(self, fetched: Batches, raw: memoryview, batch: Any, sound: bool | None) -> None:
        self._fetched = fetched
        self._raw = raw
        self._batch = batch
        self._sound = sound

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def validate_crc(self) -> bool:
        """Whether it is as it was written.  The client names the partition of one that is not, and no offset."""
        self._fetched.checked = True
        if self._sound is None:
            self._sound = _is_sound(self._raw)
        if not self._sound:
            _log.error("a batch is damaged", first=self._batch.base_offset, last=self._batch.next_offset - 1)
        return self._sound

    def __next__(self) -> Any:
        return next(self._batch)

    def __iter__(self) -> Iterator[Any]:
        try:
            yield from self._batch
        except UnicodeDecodeError:  # those that were given come again: the client passes over what is below its position
            yield from _mended(self._raw)


def _is_sound(raw: memoryview) -> bool:
    """Whether a batch's checksum fits.  By the processor's own instruction: to look takes the client ten times as long."""
    return crc32c(raw[_COVERED:]) == int.from_bytes(raw[_CHECKSUM:_COVERED], "big")


def _mended(raw: memoryview) -> Any:
    batch = _DefaultRecordBatchPy(raw)
    batch._maybe_uncompress()
    buffer, at = batch._buffer, batch._pos
    try:
        for _ in range(batch._num_records):
            size, begin = decode_varint_py(buffer, at)
            at = _mend_names(buffer, begin + 1)  # behind the attributes
            if at != begin + size or at > len(buffer):
                raise CorruptRecordException(f"a record ends at byte {at} of {len(buffer)}, and says at {begin + size}")
    except (IndexError, ValueError) as error:  # ends the worker as what the client itself can't read does
        raise CorruptRecordException(f"records from offset {batch.base_offset} on can't be read: {error}") from error
    return batch


def _mend_names(buffer: bytearray, at: int) -> int:
    """Mend the names of a record from its times on; where it ends."""
    for _ in ("timestamp", "offset"):
        _, at = decode_varint_py(buffer, at)
    for _ in ("key", "value"):
        at = _behind(buffer, at)
    headers, at = decode_varint_py(buffer, at)
    for _ in range(headers):
        size, begin = decode_varint_py(buffer, at)
        if size < 0:
            raise ValueError("a header has no name")
        name = buffer[begin : begin + size]
        try:
            name.decode()
        except UnicodeDecodeError:
            buffer[begin : begin + size] = name.decode("ascii", "replace").replace("\N{REPLACEMENT CHARACTER}", "?").encode()
        at = _behind(buffer, begin + size)
    return at


def _behind(buffer: bytearray, at: int) -> int:
    """Where a field that begins with its length ends; one that is absent has a length of -1."""
    size: int
    size, at = decode_varint_py(buffer, at)
    return at + max(0, size)
