"""A dead letter holds the page whole, and why it died; a replay survives what goes wrong on the way back."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import (
    CommitFailedError,
    GroupAuthorizationFailedError,
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    NotEnoughReplicasError,
)

from worker import __version__
from worker.config import Settings
from worker.errors import FatalError, NoMainText, OutputTooLarge, PageTimeout
from worker.records import RawPage, SourceRef
from worker.stream import dead_letter_topic, dead_letters
from worker.stream.dead_letter_topic import Filter, Letter, ReplayLimits, ReplayReport, read_letter, read_letters, replay
from worker.stream.dead_letters import Origin, cut_dead_letter, dead_letter, origin_of

REF = SourceRef("pages.raw", 3, 41)
PAGE = RawPage(REF, b"\xff<html>", b"key", (("trace", b"\x00"), ("trace", b"2")), 1_700_000_000_123)


def letter(page: RawPage = PAGE, message: str = "took 20 s") -> dict[str, bytes]:
    record = dead_letter(page, PageTimeout(message), topic="dead", attempts=2, failed_at="2026-01-02T03:04:05Z")
    return dict(record.headers)


def test_bytes_key_and_headers_stay_as_they_were() -> None:
    record = dead_letter(PAGE, PageTimeout("took 20 s"), topic="dead", attempts=2, failed_at="2026-01-02T03:04:05Z")
    assert (record.topic, record.key, record.value) == ("dead", b"key", b"\xff<html>")
    assert record.headers[:2] == PAGE.headers
    assert dict(record.headers[2:]) == {
        "winnow-origin-topic": b"pages.raw",
        "winnow-origin-partition": b"3",
        "winnow-origin-offset": b"41",
        "winnow-origin-timestamp": b"1700000000123",
        "winnow-stage": b"extract",
        "winnow-reason": b"timeout",
        "winnow-error": b"took 20 s",
        "winnow-attempts": b"2",
        "winnow-failed-at": b"2026-01-02T03:04:05Z",
        "winnow-version": __version__.encode(),
        "winnow-replays": b"0",
    }


def test_a_long_message_is_cut_and_a_broken_one_encoded() -> None:
    assert len(letter(message="ä" * 2_000)["winnow-error"].decode()) == 500
    assert letter(message="lone \ud800 surrogate")["winnow-error"] == b"lone ? surrogate"


def test_a_replayed_page_that_dies_again_keeps_its_origin_and_its_count() -> None:
    headers = (*dead_letter(PAGE, NoMainText("x"), topic="dead", attempts=1, failed_at="then").headers,)
    replayed = tuple((name, b"2" if name == dead_letters.REPLAYS else value) for name, value in headers)
    again = dead_letter(
        RawPage(SourceRef("pages.raw", 0, 99), b"x", None, replayed, 1),
        PageTimeout("now"),
        topic="dead",
        attempts=1,
        failed_at="now",
    )
    assert origin_of(again.headers) == Origin(REF, 1_700_000_000_123, 2)
    names = [name for name, _ in again.headers]
    assert names.count("trace") == 2
    assert all(names.count(name) == 1 for name in names if name.startswith("winnow-"))
    assert dict(again.headers)["winnow-reason"] == b"timeout"


@pytest.mark.parametrize("headers", [(), (("winnow-origin-topic", b"t"),), ((dead_letters.ORIGIN_TOPIC, b"\xff"),)])
def test_headers_that_tell_no_origin_give_none(headers: tuple[tuple[str, bytes], ...]) -> None:
    assert origin_of(headers) is None


@pytest.mark.parametrize(("partition", "offset", "replays"), [("zero", "1", "0"), ("0", "9" * 30, "0"), ("0", "1", "-5")])
def test_headers_that_lie_give_no_origin(partition: str, offset: str, replays: str) -> None:
    told = {"origin-topic": "t", "origin-partition": partition, "origin-offset": offset, "replays": replays}
    headers = tuple((f"winnow-{name}", value.encode()) for name, value in told.items())
    assert origin_of(headers) is None
    assert letter(RawPage(REF, b"", None, headers))["winnow-origin-partition"] == b"3"


def test_a_tombstone_stays_one_where_it_has_a_key() -> None:
    keyed = dead_letter(RawPage(REF, None, b"k"), NoMainText("x"), topic="dead", attempts=1, failed_at="now")
    keyless = dead_letter(RawPage(REF, None, None), NoMainText("x"), topic="dead", attempts=1, failed_at="now")
    assert (keyed.value, keyless.value) == (None, b"")


def test_a_cut_letter_tells_what_is_missing_and_keeps_the_rest() -> None:
    payload = b"abc" * 100_000
    letter = dead_letter(RawPage(REF, payload, b"key"), OutputTooLarge("x"), topic="dead", attempts=1, failed_at="now")
    cut = cut_dead_letter(letter)
    assert (cut.topic, cut.key, cut.value) == ("dead", b"key", payload[: 64 * 1024])
    assert cut.headers[:-2] == letter.headers
    assert dict(cut.headers[-2:]) == {
        "winnow-payload-bytes": b"300000",
        "winnow-payload-hash": hashlib.sha256(payload).hexdigest().encode(),
    }


@pytest.mark.parametrize(
    ("key", "headers"),
    [
        (b"k" * 1_100_000, ()),
        (b"k" * 1_100_000, (("trace", b"x" * 1_100_000),)),
        (None, (("trace", b"x" * 1_100_000),)),
        (None, (("winnow-origin-topic", b"x" * 1_100_000),)),
    ],
)
def test_a_letter_that_is_cut_again_leaves_out_the_key_and_the_headers_of_the_page(
    key: bytes | None, headers: tuple[tuple[str, bytes], ...]
) -> None:
    forged = tuple((f"winnow-origin-{name}", b"1") for name in ("partition", "offset"))
    page = RawPage(REF, b"x" * 70_000, key, (*forged, *headers))
    whole = dead_letter(page, NoMainText("so it is"), topic="dead", attempts=1, failed_at="now")
    cut = cut_dead_letter(cut_dead_letter(whole))
    assert (cut.key, cut.value) == (None, b"x" * 64 * 1024)
    assert sum(len(name) + len(value) for name, value in cut.headers) < 1_000
    told = dict(cut.headers)
    assert (told["winnow-error"], told["winnow-payload-bytes"]) == (b"so it is", b"70000")
    if key is not None:
        assert (told["winnow-key-bytes"], told["winnow-key-hash"]) == (b"1100000", hashlib.sha256(key).hexdigest().encode())
    assert ("winnow-headers-bytes" in told) == bool(headers)
    assert Letter(REF, cut.key, cut.value, cut.headers).cut


def test_a_letter_that_is_too_large_for_its_key_alone_keeps_its_payload() -> None:
    cut = cut_dead_letter(dead_letter(PAGE, NoMainText("x"), topic="dead", attempts=1, failed_at="now"))
    assert (cut.key, cut.value) == (None, b"\xff<html>")
    assert dict(cut.headers)["winnow-headers-hash"] == hashlib.sha256(b"trace\x00trace2").hexdigest().encode()
    assert Letter(REF, cut.key, cut.value, cut.headers).cut, "it must not go back without its headers"


@pytest.mark.parametrize("size", [100_000, 40_000])
def test_a_letter_that_is_cut_a_third_time_keeps_the_first_bytes(size: int) -> None:
    cut = dead_letter(RawPage(REF, b"x" * size, b"key"), NoMainText("x"), topic="dead", attempts=1, failed_at="now")
    while (again := cut_dead_letter(cut)) != cut:
        cut = again
    assert cut.value == b"x" * dead_letters.LEAST_BYTES
    assert dict(cut.headers)["winnow-payload-bytes"] == b"%d" % size
    assert dict(cut.headers)["winnow-payload-hash"] == hashlib.sha256(b"x" * size).hexdigest().encode()
    assert Letter(REF, cut.key, cut.value, cut.headers).cut


def test_a_cut_letter_that_is_replayed_and_dies_again_still_tells_what_is_missing() -> None:
    letter = dead_letter(RawPage(REF, b"x" * 100_000), NoMainText("x"), topic="dead", attempts=1, failed_at="now")
    cut = cut_dead_letter(letter)
    again = dead_letter(RawPage(REF, cut.value, None, cut.headers), NoMainText("x"), topic="dead", attempts=1, failed_at="now")
    assert dict(again.headers)["winnow-payload-bytes"] == b"100000"


@dataclass
class Broker:
    """The topic of dead letters with one partition, an input, and what goes wrong between them."""

    letters: Sequence[Letter] = ()
    remembered: dict[str | None, int] = field(default_factory=dict)  # by the group's name
    taken: list[bytes | None] = field(default_factory=list)
    max_bytes: int = 100  # of a page, as the producer knows it
    max_batch_bytes: int = 1_000  # of a batch, as the broker does
    batch: list[tuple[bytes | None, int, asyncio.Future[None]]] = field(default_factory=list)
    slow: asyncio.Event | None = None
    refusals: dict[bytes | None, KafkaError] = field(default_factory=dict)  # by the page's key
    commit_fails: bool = False
    reading_fails: KafkaError | None = None

    async def send(self, topic: str, value: bytes, key: bytes | None, *, headers: object) -> asyncio.Future[None]:
        if len(value) > self.max_bytes:
            raise MessageSizeTooLargeError
        acknowledged = asyncio.get_running_loop().create_future()
        self.batch.append((key, len(value), acknowledged))
        if len(self.batch) == 1:
            self.sending = asyncio.create_task(self._take())
        return acknowledged

    async def _take(self) -> None:
        await (self.slow.wait() if self.slow else asyncio.sleep(0.01))
        batch, self.batch = self.batch, []
        too_large = sum(size for _, size, _ in batch) > self.max_batch_bytes
        for key, _, acknowledged in batch:
            error = MessageSizeTooLargeError() if too_large else self.refusals.get(key)
            if error is None:
                self.taken.append(key)
            if acknowledged.cancelled():
                continue
            if error is None:
                acknowledged.set_result(None)
            else:
                acknowledged.set_exception(error)


PLACE = TopicPartition("pages.dead-letters", 0)


class Reader:
    """aiokafka's consumer, as far as letters need it."""

    def __init__(self, broker: Broker, group: str | None) -> None:
        self._broker = broker
        self._group = group
        self._position = 0
        self._client = self

    async def fetch_all_metadata(self) -> SimpleNamespace:
        return SimpleNamespace(topics=lambda: {"pages.raw", "pages.new"})

    def assignment(self) -> set[TopicPartition]:
        return {PLACE}

    def pause(self, *places: TopicPartition) -> None: ...

    def seek(self, place: TopicPartition, offset: int) -> None:
        self._position = offset

    async def beginning_offsets(self, places: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        if self._broker.reading_fails is not None:
            raise self._broker.reading_fails
        return dict.fromkeys(places, 0)

    async def end_offsets(self, places: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(places, len(self._broker.letters))

    async def offsets_for_times(self, times: Mapping[TopicPartition, int]) -> dict[TopicPartition, SimpleNamespace]:
        if any(time_ms < 0 for time_ms in times.values()):
            raise ValueError("The target time cannot be negative")
        return dict.fromkeys(times, SimpleNamespace(offset=0))

    async def committed(self, place: TopicPartition) -> int | None:
        return self._broker.remembered.get(self._group)

    async def position(self, place: TopicPartition) -> int:
        return self._position

    async def getmany(self, *places: TopicPartition, timeout_ms: int) -> dict[TopicPartition, list[SimpleNamespace]]:
        letters = self._broker.letters[self._position :]
        self._position = len(self._broker.letters)
        return {
            PLACE: [
                SimpleNamespace(**each.ref._asdict(), key=each.key, value=each.payload, headers=each.headers) for each in letters
            ]
        }

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        if self._broker.commit_fails:
            raise CommitFailedError
        self._broker.remembered[self._group] = offsets[PLACE]


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Broker:
    broker = Broker()

    @asynccontextmanager
    async def reader(settings: Settings, *, group: str | None) -> AsyncIterator[Reader]:
        yield Reader(broker, group)

    @asynccontextmanager
    async def writer(settings: Settings) -> AsyncIterator[Broker]:
        yield broker

    monkeypatch.setattr(dead_letter_topic, "_reader", reader)
    monkeypatch.setattr(dead_letter_topic, "_writer", writer)
    return broker


def lying(offset: int, *, size: int = 10, topic: str = "pages.raw", replays: int = 0) -> Letter:
    """A letter in its topic."""
    origin = {"origin-topic": topic, "origin-partition": "0", "origin-offset": str(offset), "replays": str(replays)}
    headers = tuple((f"winnow-{name}", value.encode()) for name, value in origin.items())
    return Letter(SourceRef(PLACE.topic, PLACE.partition, offset), b"%d" % offset, b"x" * size, headers)


async def back(*, topics: tuple[str, ...] = ("pages.raw",), replays: int = 3) -> ReplayReport:
    settings = Settings.model_validate({"input": {"topics": topics}})
    return await replay(settings, Filter(), ReplayLimits(replays=replays), memory="all")


async def test_a_page_that_the_input_does_not_take_is_skipped_and_not_the_end(broker: Broker) -> None:
    broker.letters = [lying(0), lying(1, size=500), lying(2), lying(3)]
    assert str(await back()) == "3 replayed; 1 skipped: its topic does not take so large a page"
    assert broker.taken == [b"0", b"2", b"3"]


async def test_a_page_that_the_broker_refuses_is_skipped_and_its_batch_is_not(broker: Broker) -> None:
    broker.max_batch_bytes = 50
    broker.letters = [lying(0), lying(1, size=80), lying(2), lying(3)]
    assert str(await back()) == "3 replayed; 1 skipped: its topic does not take so large a page"
    assert broker.taken == [b"0", b"2", b"3"]
    assert list(broker.remembered.values()) == [4]


async def test_a_page_that_a_call_left_is_reached_by_one_that_allows_more(broker: Broker) -> None:
    broker.letters = [lying(0, replays=3), lying(1, topic="pages.new"), lying(2)]
    assert (await back()).replayed == 1
    assert (await back()).replayed == 0
    await back(replays=4)
    await back(topics=("pages.new", "pages.raw"))
    assert {b"0", b"1"} < set(broker.taken)
    said = len(broker.taken)
    await back(topics=("pages.raw", "pages.new"))
    assert len(broker.taken) == said, "the order of the topics does not matter"


async def test_what_can_not_be_remembered_is_said(broker: Broker) -> None:
    broker.letters, broker.commit_fails = [lying(0)], True
    with pytest.raises(FatalError, match=r"could not be remembered, .*CommitFailedError"):
        await back()


async def test_the_first_error_is_the_one_that_is_told(broker: Broker) -> None:
    broker.letters, broker.commit_fails, broker.refusals = [lying(0), lying(1)], True, {b"1": NotEnoughReplicasError()}
    with pytest.raises(FatalError, match=r"the letter at \d+:1 could not be sent back to pages\.raw: .*NotEnoughReplicas"):
        await back()


async def test_letters_that_can_not_be_read_are_a_fatal_error(broker: Broker) -> None:
    broker.letters, broker.reading_fails = [lying(0)], KafkaTimeoutError()
    with pytest.raises(FatalError, match=r"pages\.dead-letters can't be read: KafkaTimeoutError"):
        await read_letter(Settings(), 0, 0)
    with pytest.raises(FatalError, match=r"pages\.dead-letters can't be read: KafkaTimeoutError"):
        await back()


async def test_who_may_not_use_the_group_of_a_replay_is_told_what_to_grant(broker: Broker) -> None:
    broker.reading_fails = GroupAuthorizationFailedError("winnow.dlq-12345678")
    with pytest.raises(FatalError, match=r"winnow\.dlq-12345678; grant READ on the groups that begin with winnow\.dlq-"):
        await back()


async def test_a_time_before_1970_is_the_beginning(broker: Broker) -> None:
    failed_at = (("winnow-failed-at", b"2026-03-01T10:00:00Z"),)
    broker.letters = [Letter(SourceRef(PLACE.topic, PLACE.partition, 0), None, b"x", failed_at)]
    found = [letter async for letter in read_letters(Settings(), Filter(since=datetime(1960, 1, 1, tzinfo=UTC)))]
    assert found == list(broker.letters)


async def test_what_was_sent_before_an_interruption_is_remembered(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dead_letter_topic, "CHECKPOINT_LETTERS", 3)
    broker.letters, broker.slow = [lying(offset) for offset in range(5)], asyncio.Event()
    call = asyncio.create_task(back())
    while len(broker.batch) < 3:
        await asyncio.sleep(0)
    call.cancel()
    await asyncio.sleep(0.01)
    broker.slow.set()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert broker.taken == [b"0", b"1", b"2"]
    assert list(broker.remembered.values()) == [3]
