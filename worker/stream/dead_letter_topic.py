"""The topic of dead letters, looked at from outside: which letters there are, and back into the input with those that are mended.

A letter stays where it is when it is replayed.  What was replayed is remembered as the offsets of a consumer group that belongs to
the call, so the same call goes on where it stopped; a letter that is replayed twice after all is a duplicate to the worker.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka import TopicPartition as ClientPartition
from aiokafka.errors import KafkaError, TopicAuthorizationFailedError

from worker.config import Settings
from worker.errors import FatalError
from worker.records import Headers, SourceRef
from worker.stream.auth import connection_arguments
from worker.stream.bounded import bounded, stop_producer
from worker.stream.dead_letters import (
    ERROR,
    FAILED_AT,
    ORIGIN_TOPIC,
    PAYLOAD_BYTES,
    PREFIX,
    REASON,
    REPLAYS,
    STAGE,
    Origin,
    origin_of,
)
from worker.stream.kafka_source import said

STOP_TIMEOUT_S: Final = 5.0
START_TIMEOUT_S: Final = 30.0
POLL_MS: Final = 500
CHECKPOINT_LETTERS: Final = 200  # between two commits of what was replayed


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
        """Whether the payload is only the beginning of the page."""
        return any(name == PAYLOAD_BYTES for name, _ in self.headers)

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
        memory: the name under which it is remembered what was replayed: the filter in words.
        dry_run: send nothing, remember nothing.
        again: begin at the topic's beginning, whatever is remembered.
        on_letter: told of each letter after it was sent.

    Raises:
        FatalError: as `read_letters`, or a page can't be sent.
    """
    report = ReplayReport()
    group = f"{settings.kafka.consumer.group_id}.dlq-{hashlib.blake2b(memory.encode(), digest_size=4).hexdigest()}"
    async with (
        _reader(settings, group=group) as reader,
        _writer(settings) as producer,
        aclosing(_letters(reader, settings, wanted, resume=not again)) as letters,
    ):
        sent = _Sent(reader)
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
                if not dry_run:
                    topic = letter.header(ORIGIN_TOPIC)
                    page = await producer.send(topic, letter.payload, letter.key, headers=letter.page_headers())
                    await sent.add(letter, page)
                report.replayed += 1
                on_letter(letter)
                if limits.rate is not None and not dry_run:
                    await asyncio.sleep(max(0.0, began + report.replayed / limits.rate - time.monotonic()))
        except KafkaError as error:
            raise FatalError(f"a page could not be replayed: {said(error)}") from error
        finally:  # also when interrupted: what was sent is remembered
            await sent.settle()
    return report


class _Sent:
    """Pages on their way to the input: their letters count as replayed when the broker has them."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader
        self._waiting: list[tuple[Letter, asyncio.Future[object]]] = []

    async def add(self, letter: Letter, acknowledged: asyncio.Future[object]) -> None:
        self._waiting.append((letter, acknowledged))
        if len(self._waiting) >= CHECKPOINT_LETTERS:
            await self.settle()

    async def settle(self) -> None:
        waiting, self._waiting = self._waiting, []
        offsets: dict[Any, int] = {}
        places = {place.partition: place for place in self._reader.assignment()}
        try:
            for letter, acknowledged in waiting:
                await acknowledged
                offsets[places[letter.ref.partition]] = letter.ref.offset + 1
        except KafkaError as error:
            raise FatalError(f"a page could not be replayed: {said(error)}") from error
        finally:
            if offsets:
                await self._reader.commit(offsets)


def _obstacle(letter: Letter, settings: Settings, limits: ReplayLimits) -> str | None:
    """Why a letter can't go back, or None."""
    origin = letter.origin
    if origin is None:
        return "its headers do not say where it came from"
    if letter.cut:
        return "only the beginning of its page is kept"
    if origin.ref.topic not in settings.input.topics:
        return f"{origin.ref.topic} is none of input.topics"
    if origin.replays >= limits.replays:
        return f"replayed {limits.replays} times before"
    return None


async def _letters(reader: Any, settings: Settings, wanted: Filter, *, resume: bool = False) -> AsyncGenerator[Letter, None]:
    """From the beginning, from `since`, or from what the group remembers, to what is the end now."""
    places = sorted(reader.assignment())
    try:
        starts = await reader.beginning_offsets(places)
        ends = await reader.end_offsets(places)
        if wanted.since is not None:  # a letter is written after its page has failed
            since_ms = int(wanted.since.timestamp() * 1000)
            for place, found in (await reader.offsets_for_times(dict.fromkeys(places, since_ms))).items():
                starts[place] = max(starts[place], found.offset if found is not None else ends[place])
        for place in places:
            known = (await reader.committed(place)) if resume else None
            reader.seek(place, max(starts[place], known or 0))
        open_ = {place for place in places if await reader.position(place) < ends[place]}
        reader.pause(*(set(places) - open_))
        while open_:
            for place, records in (await reader.getmany(*open_, timeout_ms=POLL_MS)).items():
                for record in records:
                    if record.offset < ends[place]:
                        yield _letter(record)
            for place in [place for place in open_ if await reader.position(place) >= ends[place]]:
                open_.discard(place)
                reader.pause(place)
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
                numbers = (await reader._client.fetch_all_metadata()).partitions_for_topic(topic)
        except (KafkaError, TimeoutError, OSError) as error:
            raise FatalError(f"no broker of {','.join(settings.kafka.bootstrap_servers)} could be used: {said(error)}") from error
        if not numbers:
            raise FatalError(f"there is no topic {topic}, or it may not be seen; see dead_letters.topic")
        reader.assign([ClientPartition(topic, number) for number in numbers])
        yield reader
    finally:
        await bounded(reader.stop(), STOP_TIMEOUT_S, "the reader of dead letters")


@asynccontextmanager
async def _writer(settings: Settings) -> AsyncIterator[Any]:
    producer = AIOKafkaProducer(
        **connection_arguments(settings.kafka), **settings.kafka.producer.model_dump(), acks="all", enable_idempotence=True
    )
    try:
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                await producer.start()
        except TopicAuthorizationFailedError as error:
            raise FatalError(f"the input may not be written: {said(error)}") from error
        except (KafkaError, TimeoutError, OSError) as error:
            raise FatalError(f"no broker of {','.join(settings.kafka.bootstrap_servers)} could be used: {said(error)}") from error
        yield producer
    finally:
        await bounded(stop_producer(producer), STOP_TIMEOUT_S, "the producer")
