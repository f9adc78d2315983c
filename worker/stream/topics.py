"""The topics that the worker needs: to create those that are missing, and to say what is wrong before the worker finds out.

Nothing that exists is ever altered.  Metadata is asked for all topics at once: to ask for one by name would create it on a broker
that creates topics on demand.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Protocol, cast

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import GroupCoordinatorNotAvailableError, KafkaError, TopicAlreadyExistsError, for_code

from worker.config import KafkaSettings, Settings
from worker.errors import FatalError
from worker.stream.auth import connection_arguments
from worker.stream.bounded import STOP_TIMEOUT_S, bounded
from worker.stream.client import said

HEADROOM_BYTES: Final = 64 * 1024  # of a dead letter beyond its payload: key, headers, the batch around it
DEAD_LETTER_RETENTION_MS: Final = 30 * 86_400_000  # a month: time to mend what killed them
REQUEST_TIMEOUT_S: Final = 30.0
PROPAGATION_POLL_S: Final = 0.1
COORDINATOR_TRIES: Final = 20  # half a second apart: a new cluster makes its offsets topic when it is first asked

BATCH_OVERHEAD: Final = 256  # bytes of a batch around a single record, at most

_MAX_MESSAGE_BYTES: Final = "max.message.bytes"
_CLEANUP_POLICY: Final = "cleanup.policy"


@dataclass(frozen=True, slots=True)
class TopicReport:
    """What became of a topic that was asked for."""

    topic: str
    partitions: int
    created: bool

    def __str__(self) -> str:
        return f"{self.topic}: {'created with' if self.created else 'exists with'} {_count(self.partitions, 'partition')}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, and whether the worker can live with it."""

    ok: bool
    subject: str
    message: str
    warning: bool = False  # it can live with it, and may not like it


class _Admin(Protocol):
    """What is used of aiokafka's admin client, which ships no types."""

    async def start(self) -> None: ...
    async def close(self) -> None: ...
    async def create_topics(self, new_topics: Sequence[object]) -> _Created: ...
    async def describe_topics(self) -> Sequence[Mapping[str, object]]: ...
    async def describe_cluster(self) -> Mapping[str, object]: ...
    async def describe_configs(self, config_resources: Sequence[object]) -> Sequence[_Described]: ...
    async def describe_consumer_groups(self, group_ids: Sequence[str]) -> Sequence[_Groups]: ...


class _Created(Protocol):
    topic_errors: Sequence[tuple[str, int, str | None]]


class _Described(Protocol):
    resources: Sequence[tuple[int, str | None, int, str, Sequence[tuple[str, str | None, *tuple[object, ...]]]]]


class _Groups(Protocol):
    groups: Sequence[tuple[int, str, str, *tuple[object, ...]]]


async def create_topics(settings: Settings, *, partitions: int, replication_factor: int = -1) -> list[TopicReport]:
    """Create the topics that are missing; report those that exist as they are.

    Args:
        settings: name the topics and bound their payloads.
        partitions: of each new topic; the dead letters' has one, for their order matters more than their speed.
        replication_factor: of each new topic; -1 is the broker's default.

    Raises:
        FatalError: no broker answers, or a topic was refused; the message names each with the broker's reason.
        ConfigError: a certificate can't be read.
    """
    wanted = _wanted(settings)
    async with _admin(settings.kafka) as admin:
        missing = wanted.keys() - await _partitions(admin)
        created = await _create(
            admin,
            [
                NewTopic(
                    topic,
                    1 if topic == settings.dead_letters.topic else partitions,
                    replication_factor,
                    {} if replication_factor == -1 else None,  # NewTopic takes -1 only beside an assignment, be it empty
                    wanted[topic],
                )
                for topic in sorted(missing)
            ],
        )
        existing = await _partitions(admin)
        while wanted.keys() - existing:  # the brokers have yet to tell each other
            await asyncio.sleep(PROPAGATION_POLL_S)
            existing = await _partitions(admin)
    return [TopicReport(topic, existing[topic], topic in created) for topic in wanted]


async def _create(admin: _Admin, topics: Sequence[object]) -> set[str]:
    """Which of them did not exist."""
    if not topics:
        return set()
    created: set[str] = set()
    refused: list[str] = []
    for topic, code, message in (await admin.create_topics(topics)).topic_errors:
        error = for_code(code)
        if not code:
            created.add(topic)
        elif error is not TopicAlreadyExistsError:  # another hand was faster: as good
            refused.append(f"{topic}: {message or error.__name__}")
    if refused:
        raise FatalError(f"the broker refused to create {'; '.join(refused)}")
    return created


async def probe(settings: Settings) -> list[Finding]:
    """Look at brokers, topics and group with the worker's own credentials.  Nothing is written.

    Raises:
        ConfigError: a certificate can't be read.
    """
    servers = ", ".join(settings.kafka.bootstrap_servers)
    try:
        async with _admin(settings.kafka) as admin:
            cluster = await admin.describe_cluster()
            brokers = cast(Sequence[object], cluster["brokers"])
            reached = Finding(ok=True, subject="brokers", message=f"{_count(len(brokers), 'broker')} behind {servers}")
            return [reached, *await _probe_topics(admin, settings), await _probe_group(admin, settings)]
    except FatalError as error:
        return [Finding(ok=False, subject="brokers", message=str(error))]


async def _probe_topics(admin: _Admin, settings: Settings) -> list[Finding]:
    existing = await _partitions(admin)
    findings = []
    for topic in _wanted(settings):
        subject = f"topic {topic}"
        if topic not in existing:
            cure = "create it with `winnow topics create`, or grant DESCRIBE on it"
            findings.append(Finding(ok=False, subject=subject, message=f"does not exist, or this user may not see it; {cure}"))
            continue
        findings.append(Finding(ok=True, subject=subject, message=_count(existing[topic], "partition")))
        findings += await _probe_configs(admin, settings, topic)
    return findings


async def _probe_configs(admin: _Admin, settings: Settings, topic: str) -> list[Finding]:
    """What of a page can end in a topic, against what the topic takes.  Articles are smaller than their pages; letters are not."""
    if topic not in settings.output_topics:
        return []
    configs = await _configs(admin, topic)
    complaints = []
    if isinstance(configs, str):
        harm = ", which ends a worker with exactly_once" if settings.processing_guarantee == "exactly_once" else ""
        complaints.append(
            f"{_MAX_MESSAGE_BYTES} can't be read ({configs}): what is too large is known when the broker refuses it{harm};"
            " grant DESCRIBE_CONFIGS on it"
        )
    elif topic == settings.dead_letters.topic:
        most, payload = int(configs[_MAX_MESSAGE_BYTES]), settings.limits.payload_bytes
        if most < payload:
            complaints.append(
                f"{_MAX_MESSAGE_BYTES} is {most} and limits.payload_bytes {payload}: dead letters of large pages will be cut short"
            )
        if "compact" in configs[_CLEANUP_POLICY]:
            complaints.append(
                f"{_CLEANUP_POLICY} is {configs[_CLEANUP_POLICY]}: letters without a key are refused, which stops their partition,"
                " and of those with the same key the last is kept; set it to delete"
            )
    return [Finding(ok=True, subject=f"topic {topic}", message=complaint, warning=True) for complaint in complaints]


async def _probe_group(admin: _Admin, settings: Settings) -> Finding:
    group = settings.kafka.consumer.group_id
    subject = f"group {group}"
    for _ in range(COORDINATOR_TRIES):
        try:
            ((code, _, state, *_),) = (await admin.describe_consumer_groups([group]))[0].groups
        except GroupCoordinatorNotAvailableError:
            await asyncio.sleep(0.5)
            continue
        except KafkaError as error:
            return Finding(ok=False, subject=subject, message=f"can't be described: {said(error)}; grant READ on the group")
        if code and for_code(code).__name__ != "GroupIdNotFound":
            return Finding(ok=False, subject=subject, message=f"can't be described: {for_code(code).__name__}; grant READ on it")
        return Finding(ok=True, subject=subject, message="no member yet" if state in {"", "Dead", "Empty"} else state)
    return Finding(ok=False, subject=subject, message="no coordinator; see the brokers' offsets topic")


async def message_limits(settings: KafkaSettings, topics: Collection[str]) -> dict[str, int]:
    """`max.message.bytes` of each topic, in bytes of a batch; without those that may not be read.

    Raises:
        FatalError: no broker answers or lets us in.
        ConfigError: a certificate can't be read.
    """
    async with _admin(settings) as admin:
        found = {topic: await _configs(admin, topic) for topic in topics}
    return {topic: int(configs[_MAX_MESSAGE_BYTES]) for topic, configs in found.items() if not isinstance(configs, str)}


def batch_size(settings: KafkaSettings, limits: Mapping[str, int]) -> int:
    """How many bytes a producer may put into one batch: aiokafka does not divide one that turns out too large for its topic."""
    return min([settings.producer.max_batch_size, *(max(1, limit - BATCH_OVERHEAD) for limit in limits.values())])


async def _configs(admin: _Admin, topic: str) -> dict[str, str] | str:
    """Those of a topic's that matter here, or the name of the error."""
    wanted = dict.fromkeys((_MAX_MESSAGE_BYTES, _CLEANUP_POLICY))
    resource = ConfigResource(ConfigResourceType.TOPIC, topic, wanted)
    ((code, _, _, _, entries),) = (await admin.describe_configs([resource]))[0].resources
    found = {name: value for name, value, *_ in entries if value is not None}
    return str(for_code(code).__name__) if code or not found.keys() >= wanted.keys() else found


@asynccontextmanager
async def _admin(settings: KafkaSettings) -> AsyncIterator[_Admin]:
    """A connected admin client; whatever aiokafka raises meanwhile becomes a FatalError that names the servers."""
    admin = cast(_Admin, AIOKafkaAdminClient(**connection_arguments(settings)))
    try:
        async with asyncio.timeout(REQUEST_TIMEOUT_S):
            await admin.start()
            yield admin
    except (KafkaError, TimeoutError, OSError) as error:
        servers = ", ".join(settings.bootstrap_servers)
        raise FatalError(f"{servers} could not be asked: {said(error)}") from error
    finally:
        await bounded(admin.close(), STOP_TIMEOUT_S, "the admin client")


async def _partitions(admin: _Admin) -> dict[str, int]:
    described = await admin.describe_topics()
    return {str(topic["topic"]): len(cast(Sequence[object], topic["partitions"])) for topic in described if not topic["error_code"]}


def _wanted(settings: Settings) -> dict[str, dict[str, str]]:
    """Each topic with the settings that it is created with; all else is the broker's default.

    `compression.type` stays `producer`, so that the broker stores what we send without packing it anew.
    """
    plain = {_CLEANUP_POLICY: "delete", "compression.type": "producer"}
    fits = {_MAX_MESSAGE_BYTES: str(settings.limits.payload_bytes + HEADROOM_BYTES)}
    wanted = dict.fromkeys(settings.input.topics, plain | fits)
    wanted[settings.output.topic] = plain
    if settings.duplicates.topic is not None:
        wanted[settings.duplicates.topic] = plain
    wanted[settings.dead_letters.topic] = plain | fits | {"retention.ms": str(DEAD_LETTER_RETENTION_MS)}
    return wanted


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
