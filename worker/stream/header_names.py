"""Records whose header names are no UTF-8.

A name is text by the protocol, and brokers look at none: a scraper may have written Latin-1.  aiokafka fails at such a record, and
with it whatever `getmany` has taken from other partitions in the same call.  The worker would end, and so would each that has the
partition next.  So what is no ASCII in such a name is read as question marks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import aiokafka.consumer.fetcher
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import _MemoryRecordsPy
from aiokafka.record.util import decode_varint

_MAGIC_OF_HEADERS = 2  # the first version of batches that has any


def read_any_header_names() -> None:
    """Have aiokafka's consumers, which ship no way to be told so, read such records too."""
    aiokafka.consumer.fetcher.MemoryRecords = Batches


class Batches(_MemoryRecordsPy):  # type: ignore[misc]  # aiokafka ships no types
    """The batches of a fetch."""

    def next_batch(self) -> Any:
        """The next one."""
        raw, batch = self._next_slice, super().next_batch()
        return batch if batch is None or raw[self.MAGIC_OFFSET] < _MAGIC_OF_HEADERS else _Batch(raw, batch)


class _Batch:
    """A batch of the client's, which takes the fast way as far as it goes."""

    def __init__(self, raw: memoryview, batch: Any) -> None:
        self._raw = raw
        self._batch = batch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __next__(self) -> Any:
        return next(self._batch)

    def __iter__(self) -> Iterator[Any]:
        try:
            yield from self._batch
        except UnicodeDecodeError:  # those that were given come again: the client passes over what is below its position
            yield from _mended(self._raw)


def _mended(raw: memoryview) -> Any:
    batch = _DefaultRecordBatchPy(raw)
    batch._maybe_uncompress()
    buffer, at = batch._buffer, batch._pos
    for _ in range(batch._num_records):
        size, at = decode_varint(buffer, at)
        _mend_names(buffer, at + 1)  # behind the attributes
        at += size
    return batch


def _mend_names(buffer: bytearray, at: int) -> None:
    for _ in ("timestamp", "offset"):
        _, at = decode_varint(buffer, at)
    for _ in ("key", "value"):
        at = _behind(buffer, at)
    headers, at = decode_varint(buffer, at)
    for _ in range(headers):
        size, begin = decode_varint(buffer, at)
        name = buffer[begin : begin + size]
        try:
            name.decode()
        except UnicodeDecodeError:
            buffer[begin : begin + size] = name.decode("ascii", "replace").replace("\N{REPLACEMENT CHARACTER}", "?").encode()
        at = _behind(buffer, begin + size)


def _behind(buffer: bytearray, at: int) -> int:
    """Where a field that begins with its length ends; one that is absent has a length of -1."""
    size: int
    size, at = decode_varint(buffer, at)
    return at + max(0, size)
