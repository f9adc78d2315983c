"""What waits for its commit, and how much it weighs."""

from __future__ import annotations

from worker.records import OutputRecord, SourceRef, TopicPartition
from worker.stream.held import Held, size_of

ONE, OTHER = TopicPartition("pages", 0), TopicPartition("pages", 1)


def record(value: bytes) -> OutputRecord:
    return OutputRecord("articles", b"key", value, (("name", b"v"),))


def held() -> Held:
    """Offsets 5, 3 and 4 of one partition, put in that order, and 4 of another."""
    waiting = Held()
    for offset in (5, 3, 4):
        waiting.put(SourceRef(*ONE, offset), [record(b"%d" % offset)])
    waiting.put(SourceRef(*OTHER, 4), [record(b"other"), record(b"more")])
    return waiting


def test_what_is_below_an_offset_comes_in_the_order_of_the_input() -> None:
    assert [each.value for each in held().below(ONE, 5)] == [b"3", b"4"]
    assert [each.value for each in held().below(OTHER, 9)] == [b"other", b"more"]
    assert not list(Held().below(ONE, 9))


def test_bytes_are_those_of_what_is_held() -> None:
    waiting = held()
    assert waiting.bytes == 3 * size_of(record(b"3")) + size_of(record(b"other")) + size_of(record(b"more"))
    waiting.forget(ONE, 5)
    assert [each.value for each in waiting.below(ONE, 9)] == [b"5"]
    waiting.discard([OTHER])
    assert waiting.bytes == size_of(record(b"5"))
    waiting.discard([ONE, OTHER])
    assert waiting.bytes == 0


def test_what_is_put_again_replaces_what_was_there() -> None:
    waiting = held()
    waiting.put(SourceRef(*ONE, 3), [])
    assert [each.value for each in waiting.below(ONE, 9)] == [b"4", b"5"]
    assert waiting.bytes == 2 * size_of(record(b"4")) + size_of(record(b"other")) + size_of(record(b"more"))
