"""Batches as a broker hands them out: with header names that are no UTF-8, and damaged."""

from __future__ import annotations

import contextlib
import zlib

import pytest
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.util import calc_crc32c
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from worker.stream.batches import Batches, _mended

HEAD = 61  # bytes of a batch before its records
ATTRIBUTES = 21  # where what the checksum covers begins


def batch(first: int, names: list[list[str]], *, packed: bool = False) -> bytearray:
    """A batch of a record for each list of header names."""
    builder = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, -1, 1 << 20)
    for offset, of_one in enumerate(names):
        builder.append(offset, 1_700_000_000_000 + offset, None, b"page %d" % offset, [(name, None) for name in of_one])
    made = bytearray(builder.build()).replace("\xe9".encode(), b"\xe9\xff")
    made[:8] = first.to_bytes(8, "big")
    if packed:
        packer = zlib.compressobj(wbits=31)
        made[HEAD:] = packer.compress(made[HEAD:]) + packer.flush()
        made[8:12] = (len(made) - 12).to_bytes(4, "big")
        made[ATTRIBUTES : ATTRIBUTES + 2] = (1).to_bytes(2, "big")  # gzip
    made[17:21] = calc_crc32c(bytes(made[ATTRIBUTES:])).to_bytes(4, "big")
    return made


def records(batches: Batches) -> list[tuple[int, bytes, list[str]]]:
    """As the client reads them: what is below its position is passed over."""
    found: list[tuple[int, bytes, list[str]]] = []
    while batches.has_next():
        one = batches.next_batch()
        assert one.validate_crc()
        for record in one:
            if not found or record.offset > found[-1][0]:
                found.append((record.offset, record.value, [name for name, _ in record.headers]))
    return found


@pytest.mark.parametrize("packed", [False, True])
def test_what_is_no_ascii_in_a_name_that_is_no_utf_8_reads_as_question_marks(packed: bool) -> None:
    names = [["url"], ["r\xe9f", "url"], [], ["r\xfcf"]]  # the accent of the second becomes two bytes that are none
    data = bytes(batch(40, names, packed=packed) + batch(44, [["x"]], packed=packed))
    assert records(Batches(data)) == [
        (40, b"page 0", ["url"]),
        (41, b"page 1", ["r??f", "url"]),
        (42, b"page 2", []),
        (43, b"page 3", ["r\xfcf"]),
        (44, b"page 0", ["x"]),
    ]


def test_a_damaged_batch_comes_first_in_a_fetch_and_the_log_has_its_offsets() -> None:
    damaged = batch(40, [["a"], ["b"]])
    damaged[-1] ^= 1
    fetched = Batches(bytes(batch(39, [["x"]]) + damaged))
    assert records(fetched) == [(39, b"page 0", ["x"])]
    with capture_logs() as logs, pytest.raises(AssertionError):
        records(Batches(bytes(damaged)))
    assert [(entry["first"], entry["last"]) for entry in logs] == [(40, 41)]


@given(at=st.integers(HEAD, HEAD + 60), byte=st.integers(0, 255), cut=st.integers(0, 30))
def test_nothing_is_read_behind_the_end_of_a_batch_whose_names_are_mended(at: int, byte: int, cut: int) -> None:
    made = batch(7, [["r\xe9f", "b"], ["c"]])
    made[min(at, len(made) - 1)] = byte
    made = made[: len(made) - cut]
    with contextlib.suppress(CorruptRecordException):
        assert len(list(_mended(memoryview(bytes(made))))) == 2
