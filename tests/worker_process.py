"""`winnow run` as a process of its own, fed and read back through a real broker."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import orjson
import psutil
import yaml
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from prometheus_client.parser import text_string_to_metric_families

DEADLINE_S = 120.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _merge(into: dict[str, object], keys: Mapping[str, object]) -> None:
    for name, value in keys.items():
        below = into.get(name)
        if isinstance(below, dict) and isinstance(value, dict):
            _merge(below, value)
        else:
            into[name] = value


@dataclass
class Setup:
    """Topics of one test, and the configuration that its workers share."""

    servers: str
    name: str
    folder: Path
    overrides: dict[str, dict[str, object]] = field(default_factory=dict)
    guarantee: str = "at_least_once"

    @property
    def raw(self) -> str:
        return f"{self.name}.raw"

    @property
    def outputs(self) -> tuple[str, str, str]:
        return f"{self.name}.articles", f"{self.name}.duplicates", f"{self.name}.dead"

    def write_config(self, port: int) -> Path:
        articles, duplicates, dead = self.outputs
        config: dict[str, dict[str, object]] = {
            "kafka": {
                "bootstrap_servers": self.servers,
                "consumer": {"group_id": self.name, "session_timeout_ms": 10_000, "rebalance_timeout_ms": 20_000},
            },
            "input": {"topics": [self.raw]},
            "output": {"topic": articles},
            "duplicates": {"topic": duplicates},
            "dead_letters": {"topic": dead},
            "dedup": {"store": "sqlite", "sqlite": {"path": str(self.folder / "claims.sqlite")}},
            "pool": {"processes": 2},
            "http": {"host": "127.0.0.1", "port": port},
            "logging": {"format": "json"},
        }
        for section, keys in self.overrides.items():
            _merge(config.setdefault(section, {}), keys)
        path = self.folder / f"config-{port}.yaml"
        path.write_text(yaml.safe_dump({"processing_guarantee": self.guarantee} | config))
        return path

    async def create_topics(self, partitions: int, *, replication: int = 1, dead_letter_limit: int = 16 << 20) -> None:
        limits = dict.fromkeys((self.raw, *self.outputs), 16 << 20) | {self.outputs[2]: dead_letter_limit}
        admin = AIOKafkaAdminClient(bootstrap_servers=self.servers)
        await admin.start()
        try:
            await admin.create_topics(
                [
                    NewTopic(topic, partitions, replication, topic_configs={"max.message.bytes": str(limit)})
                    for topic, limit in limits.items()
                ]
            )
        finally:
            await admin.close()

    async def add_partitions(self, total: int) -> None:
        """To the input topic; waits until its metadata shows them."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.servers)
        await admin.start()
        try:
            await admin.create_partitions({self.raw: NewPartitions(total)})
            async with asyncio.timeout(DEADLINE_S):
                while len((await admin.describe_topics([self.raw]))[0]["partitions"]) < total:
                    await asyncio.sleep(0.1)
        finally:
            await admin.close()

    async def produce(self, pages: Iterable[tuple[bytes | None, list[tuple[str, bytes]]]]) -> int:
        """Sends payloads with their headers; returns how many."""
        producer = AIOKafkaProducer(bootstrap_servers=self.servers, max_request_size=64 << 20, linger_ms=5)
        await producer.start()
        try:
            sent = [
                await producer.send(self.raw, payload, key=b"k%d" % i, headers=headers)
                for i, (payload, headers) in enumerate(pages)
            ]
            await asyncio.gather(*sent)
            return len(sent)
        finally:
            await producer.stop()

    @asynccontextmanager
    async def results(self) -> AsyncIterator[Results]:
        consumer = AIOKafkaConsumer(
            *self.outputs, bootstrap_servers=self.servers, auto_offset_reset="earliest", isolation_level="read_committed"
        )
        await consumer.start()
        try:
            yield Results(self, consumer)
        finally:
            await consumer.stop()

    async def until_stable(self, members: int) -> None:
        """Until the group has so many members and every one has its partitions."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.servers)
        await admin.start()
        try:
            deadline = time.monotonic() + DEADLINE_S
            while True:
                [answer] = await admin.describe_consumer_groups([self.name])
                [(_, _, state, _, _, now, *_)] = answer.groups
                if state == "Stable" and len(now) == members:
                    return
                if time.monotonic() > deadline:
                    raise TimeoutError(f"the group is {state} with {len(now)} members, not Stable with {members}")
                await asyncio.sleep(0.2)
        finally:
            await admin.close()

    async def uncommitted(self) -> int:
        """Records of the raw topic at or beyond the group's committed offsets."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.servers, group_id=self.name, enable_auto_commit=False)
        await consumer.start()
        try:
            async with asyncio.timeout(DEADLINE_S):
                while not (known := consumer.partitions_for_topic(self.raw)):  # a broker that just started may not know it
                    await consumer._client.force_metadata_update()
            partitions = [TopicPartition(self.raw, p) for p in sorted(known)]
            consumer.assign(partitions)
            ends = await consumer.end_offsets(partitions)
            return sum([ends[tp] - (await consumer.committed(tp) or 0) for tp in partitions])
        finally:
            await consumer.stop()


@dataclass
class Results:
    """What the output topics hold, by the name of the input record."""

    setup: Setup
    consumer: AIOKafkaConsumer
    articles: dict[tuple[int, int], list[dict[str, object]]] = field(default_factory=dict)
    duplicates: dict[tuple[int, int], dict[str, object]] = field(default_factory=dict)
    dead: dict[tuple[int, int], dict[str, bytes]] = field(default_factory=dict)

    @property
    def settled(self) -> set[tuple[int, int]]:
        return self.articles.keys() | self.duplicates.keys() | self.dead.keys()

    async def read(self, timeout_ms: int = 200) -> None:
        articles, duplicates, _ = self.setup.outputs
        for records in (await self.consumer.getmany(timeout_ms=timeout_ms)).values():
            for record in records:
                if record.topic == articles:
                    article = orjson.loads(record.value)
                    source = article["source"]
                    self.articles.setdefault((source["partition"], source["offset"]), []).append(article)
                elif record.topic == duplicates:
                    notice = orjson.loads(record.value)
                    self.duplicates[notice["source"]["partition"], notice["source"]["offset"]] = notice
                else:
                    headers = dict(record.headers) | {"payload": record.value}
                    self.dead[int(headers["winnow-origin-partition"]), int(headers["winnow-origin-offset"])] = headers

    async def until(self, count: int) -> None:
        """Read until so many input records are settled; fails after a deadline."""
        async with asyncio.timeout(DEADLINE_S):
            while len(self.settled) < count:
                await self.read()


class WorkerProcess:
    """A running `winnow run`; everything that it writes is in `log`."""

    def __init__(self, setup: Setup, module: str = "worker") -> None:
        self.port = free_port()
        self.log = setup.folder / f"worker-{self.port}.log"
        self._sink = self.log.open("wb")
        command = [sys.executable, "-m", module, "run", "-c", str(setup.write_config(self.port))]
        self.process = subprocess.Popen(command, stderr=self._sink, start_new_session=True)

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError as error:
            return 0, str(error)

    async def until_ready(self) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while (await asyncio.to_thread(self.get, "/readyz"))[0] != 200:
                assert self.process.poll() is None, self.log.read_text()[-3000:]
                await asyncio.sleep(0.1)

    def metric(self, name: str, **labels: str) -> float:
        """A sample's value, summed over the labels that are not named."""
        return sum(
            sample.value
            for family in text_string_to_metric_families(self.get("/metrics")[1])
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )

    async def until_metric(self, name: str, value: float, *, at_least: bool = False, **labels: str) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while (found := self.metric(name, **labels)) != value and not (at_least and found > value):
                assert self.process.poll() is None, self.log.read_text()[-3000:]
                await asyncio.sleep(0.1)

    @contextmanager
    def suspended_extraction(self) -> Iterator[None]:
        """What is taken in stays in flight: its extraction processes stand still."""
        fork_servers = psutil.Process(self.process.pid).children()
        extracting = [child for fork_server in fork_servers for child in fork_server.children()]
        assert extracting
        try:
            for child in extracting:
                child.suspend()
            yield
        finally:
            for child in extracting:
                with suppress(psutil.NoSuchProcess):
                    child.resume()

    async def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and wait; the exit status."""
        self.process.send_signal(number)
        status = await asyncio.to_thread(self.process.wait, DEADLINE_S)
        self._sink.close()
        return status
