"""The topic of dead letters, looked at from outside: which letters there are, and back into the input with those that are mended.

A letter stays where it is when it is replayed.  What was replayed is remembered as the offsets of a consumer group that belongs to
the call, so the same call goes on where it stopped; a letter that is replayed twice after all is a duplicate to the worker.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import Counter, deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka import TopicPartition as ClientPartition
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    KafkaError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    TopicAuthorizationFailedError,
)

from worker.config import Settings
from worker.errors import FatalError
from worker.records import Headers, SourceRef
from worker.stream.auth import connection_arguments
from worker.stream.batches import read_batches_well
from worker.stream.bounded import STOP_TIMEOUT_S, bounded, stop_producer
from worker.stream.client import no_broker, said
from worker.stream.committed import read_committed_offsets_well
from worker.stream.connections import read_responses_well
from worker.stream.dead_letters import (
    CUT,
    ERROR,
    FAILED_AT,
    ORIGIN_TOPIC,
    PREFIX,
    REASON,
    REPLAYS,
    STAGE,
    Origin,
    origin_of,
)

START_TIMEOUT_S: Final = 30.0
POLL_MS: Final = 500
CHECKPOINT_LETTERS: Final = 200  # between two commits of what was replayed

_REFUSED: Final = (MessageSizeTooLargeError, RecordListTooLargeError)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which letters are meant; what is empty or None does not matter."""

    reasons: frozenset[str] = frozenset()
    stages: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None

    def wants(self, letter: Letter) -> bool:
        failed_at = letter.failed_at
        return (
            (not self.reasons or letter.reason in self.reasons)
            and (not self.stages or letter.stage in self.stages)
            and (self.since is None or (failed_at is not None and failed_at >= self.since))
            and (self.until is None or (failed_at is not None and failed_at < self.until))
        )


@dataclass(frozen=True, slots=True)
class Letter:
    """One dead letter.  What its headers don't say, or not readably, is empty or None."""

    ref: SourceRef  # in the topic of dead letters
    key: bytes | None
    payload: bytes | None
    headers: Headers

    def header(self, name: str) -> str:
        """A header's text; the last of that name counts."""
        return dict(self.headers).get(name, b"").decode("utf-8", "replace")

    @property
    def reason(self) -> str:
        return self.header(REASON)

    @property
    def stage(self) -> str:
        return self.header(STAGE)

    @property
    def error(self) -> str:
        return self.header(ERROR)

    @property
    def failed_at(self) -> datetime | None:
        try:
            failed_at = datetime.fromisoformat(self.header(FAILED_AT))
        except ValueError:
            return None
        return failed_at if failed_at.tzinfo else failed_at.replace(tzinfo=UTC)

    @property
    def origin(self) -> Origin | None:
        return origin_of(self.headers)

    @property
    def cut(self) -> bool:
        """Whether something of the page is gone: most of its payload, its key or its headers."""
        return any(name in CUT for name, _ in self.headers)

    def page_headers(self) -> list[tuple[str, bytes]]:
        """Those of the page, and those that a replay must keep: where it came from, and how often it has been here."""
        origin = self.origin
        kept = [(name, value) for name, value in self.headers if not name.startswith(PREFIX) or name.startswith(f"{PREFIX}origin-")]
        return [*kept, (REPLAYS, str(1 + (origin.replays if origin else 0)).encode())]


@dataclass(slots=True)
class ReplayReport:
    """What a replay did."""

    replayed: int = 0
    skipped: Counter[str] = field(default_factory=Counter)  # by why

    def __str__(self) -> str:
        left = [f"{count} skipped: {why}" for why, count in self.skipped.most_common()]
        return "; ".join([f"{self.replayed} replayed", *left])


@dataclass(frozen=True, slots=True)
class ReplayLimits:
    """How much a replay may do: letters in all, letters a second, and times that one page comes back."""

    most: int | None = None
    rate: float | None = None
    replays: int = 3


async def read_letters(settings: Settings, wanted: Filter) -> AsyncIterator[Letter]:
    """The letters that are there now, partition by partition in the order of their offsets as they arrive.

    Raises:
        FatalError: the topic does not exist, may not be read, or no broker answers.
    """
    async with _reader(settings, group=None) as reader, aclosing(_letters(reader, settings, wanted)) as letters:
        async for letter in letters:
            if wanted.wants(letter):
                yield letter


async def read_letter(settings: Settings, partition: int, offset: int) -> Letter | None:
    """One letter by its place, or None where there is none.

    Raises:
        FatalError: as `read_letters`.
    """
    async with _reader(settings, group=None) as reader:
        place = next((at for at in reader.assignment() if at.partition == partition), None)
        if place is None:
            return None
        with _reading(settings):
            first, end = (await reader.beginning_offsets([place]))[place], (await reader.end_offsets([place]))[place]
            if not first <= offset < end:
                return None
            reader.seek(place, offset)
            while await reader.position(place) <= offset:
                for record in (await reader.getmany(place, timeout_ms=POLL_MS)).get(place, ()):
                    return _letter(record) if record.offset == offset else None
            return None


async def replay(
    settings: Settings,
    wanted: Filter,
    limits: ReplayLimits,
    *,
    memory: str,
    dry_run: bool = False,
    again: bool = False,
    on_letter: Callable[[Letter], None] = lambda letter: None,
) -> ReplayReport:
    """Send the pages of dead letters to the topics that they came from.

    Args:
        settings: where the letters are, and which topics are an input.
        wanted: which letters.
        limits: how many, and how fast.
        memory: the filter in words.  What was replayed is remembered under it and whatever else decides which letters go back.
        dry_run: send nothing, remember nothing.
        again: begin at the topic's beginning, whatever is remembered.
        on_letter: told of each letter after it was sent.

    Raises:
        FatalError: as `read_letters`, a page can't be sent, or what was replayed can't be remembered.
    """
    report = ReplayReport()
    call = repr((memory, limits.replays, sorted(settings.input.topics)))
    group = f"{settings.kafka.consumer.group_id}.dlq-{hashlib.blake2b(call.encode(), digest_size=4).hexdigest()}"
    async with (
        _reader(settings, group=group) as reader,
        _writer(settings) as producer,
        aclosing(_letters(reader, settings, wanted, resume=not again)) as letters,
    ):
        sender = _Sender(reader, producer, report)
        with _reading(settings):
            there = (await reader._client.fetch_all_metadata()).topics()
        began = time.monotonic()
        try:
            async for letter in letters:
                if not wanted.wants(letter):
                    continue
                if (why := _obstacle(letter, settings, limits)) is not None:
                    report.skipped[why] += 1
                    continue
                if report.replayed == limits.most:
                    break
                _see_that_it_can_go_back(letter, there)
                if not dry_run and not await sender.send(letter):
                    continue
                report.replayed += 1
                on_letter(letter)
                if limits.rate is not None and not dry_run:
                    await asyncio.sleep(max(0.0, began + report.replayed / limits.rate - time.monotonic()))
            await sender.settle()
        except BaseException:  # also when interrupted: what was sent is remembered
            with suppress(FatalError):  # the first error is the one to tell
                await sender.settle()
            raise
    return report


class _Sender:
    """Pages on their way to the input: their letters count as replayed when the broker has them."""

    def __init__(self, reader: Any, producer: Any, report: ReplayReport) -> None:
        self._reader = reader
        self._producer = producer
        self._report = report
        self._waiting: deque[tuple[Letter, asyncio.Future[object]]] = deque()  # for their acknowledgement
        self._reached: dict[ClientPartition, int] = {}  # acknowledged up to here, and not yet remembered

    async def send(self, letter: Letter) -> bool:
        """Put a page on its way, unless it is too large for that."""
        try:
            self._waiting.append((letter, await self._send(letter)))
        except _REFUSED:
            self._skip()
            return False
        except KafkaError as error:
            raise _not_replayed(letter, error) from error
        if len(self._waiting) >= CHECKPOINT_LETTERS:
            await self.settle()
        return True

    async def settle(self) -> None:
        """Wait for all acknowledgements, and remember what was replayed.  Where this was interrupted, another call goes on."""
        try:
            while self._waiting:
                letter, acknowledged = self._waiting[0]
                if await self._arrives(letter, acknowledged):
                    self._reached[ClientPartition(letter.ref.topic, letter.ref.partition)] = letter.ref.offset + 1
                else:
                    self._report.replayed -= 1
                    self._skip()
                self._waiting.popleft()
        except KafkaError as error:
            self._waiting.clear()  # the next call sends those after it again
            raise _not_replayed(letter, error) from error
        try:
            if self._reached:
                await self._reader.commit(self._reached)
        except KafkaError as error:
            raise FatalError(
                f"what was replayed could not be remembered, and is replayed again by the next call: {said(error)}"
            ) from error
        self._reached = {}

    async def _arrives(self, letter: Letter, acknowledged: asyncio.Future[object]) -> bool:
        """Whether its topic takes a page.  A broker refuses whole batches, so a refused page gets another chance, alone."""
        try:
            await asyncio.shield(acknowledged)
        except _REFUSED:
            await asyncio.wait([other for _, other in self._waiting])
            try:
                await (await self._send(letter))
            except _REFUSED:
                return False
        return True

    async def _send(self, letter: Letter) -> asyncio.Future[object]:
        page: asyncio.Future[object] = await self._producer.send(
            letter.header(ORIGIN_TOPIC), letter.payload, letter.key, headers=letter.page_headers()
        )
        return page

    def _skip(self) -> None:
        self._report.skipped["its topic does not take so large a page"] += 1


def _not_replayed(letter: Letter, error: KafkaError) -> FatalError:
    return FatalError(f"{_place(letter)} could not be sent back to {letter.header(ORIGIN_TOPIC)}: {said(error)}")


def _place(letter: Letter) -> str:
    return f"the letter at {letter.ref.partition}:{letter.ref.offset}"


def _see_that_it_can_go_back(letter: Letter, topics: Collection[str]) -> None:
    if (topic := letter.header(ORIGIN_TOPIC)) not in topics:
        raise FatalError(f"{_place(letter)} can't go back: there is no topic {topic}, or it may not be seen; create it")


def _obstacle(letter: Letter, settings: Settings, limits: ReplayLimits) -> str | None:
    """Why a letter can't go back, or None."""
    origin = letter.origin
    if origin is None:
        return "its headers do not say where it came from"
    if letter.cut:
        return "only a part of its page is kept"
    if origin.ref.topic not in settings.input.topics:
        return f"{origin.ref.topic} is none of input.topics"
    if origin.replays >= limits.replays:
        return f"replayed {limits.replays} times before"
    return None


async def _letters(reader: Any, settings: Settings, wanted: Filter, *, resume: bool = False) -> AsyncGenerator[Letter, None]:
    """From the beginning, from `since`, or from what the group remembers, to what is the end now."""
    places = sorted(reader.assignment())
    with _reading(settings):
        starts = await reader.beginning_offsets(places)
        ends = await reader.end_offsets(places)
        if wanted.since is not None:  # a letter is written after its page has failed
            since_ms = max(0, int(wanted.since.timestamp() * 1000))  # Kafka knows no time before 1970
            for place, found in (await reader.offsets_for_times(dict.fromkeys(places, since_ms))).items():
                starts[place] = max(starts[place], found.offset if found is not None else ends[place])
        for place in places:
            known = (await reader.committed(place)) if resume else None
            reader.seek(place, max(starts[place], known or 0))
        open_ = {place for place in places if await reader.position(place) < ends[place]}
        reader.pause(*(set(places) - open_))
        patience_s = settings.kafka.consumer.request_timeout_ms / 1000
        moved_at, reached = time.monotonic(), dict[ClientPartition, int]()
        while open_:
            for place, records in (await reader.getmany(*open_, timeout_ms=POLL_MS)).items():
                for record in records:
                    if record.offset < ends[place]:
                        yield _letter(record)
            now_at = {place: await reader.position(place) for place in open_}
            if now_at != reached:
                moved_at, reached = time.monotonic(), now_at
            elif time.monotonic() - moved_at > patience_s:
                raise FatalError(f"{settings.dead_letters.topic} can't be read on: no broker has answered for {patience_s:g} s")
            for place in [place for place in open_ if now_at[place] >= ends[place]]:
                open_.discard(place)
                reader.pause(place)


@contextmanager
def _reading(settings: Settings) -> Iterator[None]:
    try:
        yield
    except GroupAuthorizationFailedError as error:
        groups = f"{settings.kafka.consumer.group_id}.dlq-"
        raise FatalError(
            f"what was replayed can't be remembered: {said(error)}; grant READ on the groups that begin with {groups}"
        ) from error
    except KafkaError as error:
        raise FatalError(f"{settings.dead_letters.topic} can't be read: {said(error)}") from error


def _letter(record: Any) -> Letter:
    ref = SourceRef(record.topic, record.partition, record.offset)
    headers = tuple((name, value if value is not None else b"") for name, value in record.headers)
    return Letter(ref, record.key, record.value, headers)


@asynccontextmanager
async def _reader(settings: Settings, *, group: str | None) -> AsyncIterator[Any]:
    """A consumer that has all partitions of the topic."""
    topic, consumer = settings.dead_letters.topic, settings.kafka.consumer
    read_responses_well()
    read_batches_well()
    reader = AIOKafkaConsumer(
        **connection_arguments(settings.kafka),
        group_id=group,
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        request_timeout_ms=consumer.request_timeout_ms,
        max_partition_fetch_bytes=consumer.max_partition_fetch_bytes,
    )
    try:
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                await reader.start()
                if group is not None:
                    read_committed_offsets_well(reader)
                numbers = (await reader._client.fetch_all_metadata()).partitions_for_topic(topic)
        except (KafkaError, TimeoutError, OSError) as error:
            raise FatalError(no_broker(settings.kafka, error)) from error
        if not numbers:
            raise FatalError(f"there is no topic {topic}, or it may not be seen; see dead_letters.topic")
        reader.assign([ClientPartition(topic, number) for number in numbers])
        yield reader
    finally:
        await bounded(reader.stop(), STOP_TIMEOUT_S, "the reader of dead letters")


@asynccontextmanager
async def _writer(settings: Settings) -> AsyncIterator[Any]:
    """A producer that goes on after a page was refused: an idempotent one would have lost the order of its sequence numbers."""
    producer = AIOKafkaProducer(**connection_arguments(settings.kafka), **settings.kafka.producer.model_dump(), acks="all")
    try:
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                await producer.start()
        except TopicAuthorizationFailedError as error:
            raise FatalError(f"the input may not be written: {said(error)}") from error
        except (KafkaError, TimeoutError, OSError) as error:
            raise FatalError(no_broker(settings.kafka, error)) from error
        yield producer
    finally:
        await bounded(stop_producer(producer), STOP_TIMEOUT_S, "the producer")
