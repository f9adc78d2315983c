"""Partitions of keys, beside those that aiokafka finds."""

from __future__ import annotations

import pytest
from aiokafka.partitioner import DefaultPartitioner
from hypothesis import given
from hypothesis import strategies as st

from worker.stream.partitioner import murmur2, partition_of


@pytest.mark.parametrize(
    ("key", "hashed"),
    [  # UtilsTest of Kafka's Java client
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_keys_hash_as_in_kafka_s_own_client(key: bytes, hashed: int) -> None:
    assert murmur2(key) == hashed % (1 << 32)


@given(key=st.binary(max_size=80), count=st.integers(1, 64))
def test_keys_go_where_aiokafka_sends_them(key: bytes, count: int) -> None:
    partitions = list(range(count))
    assert partition_of(key, partitions, []) == DefaultPartitioner()(key, partitions, [])


def test_without_a_key_a_partition_is_taken_that_has_a_leader() -> None:
    assert {partition_of(None, [0, 1, 2], [1]) for _ in range(50)} == {1}
    assert {partition_of(None, [0, 1, 2], []) for _ in range(200)} == {0, 1, 2}
