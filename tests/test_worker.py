"""The whole worker, as its users run it: a process, a real broker, real signals."""

from __future__ import annotations

import asyncio
import gzip
import random
import signal
import subprocess
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from tests.kafka_broker import KafkaCluster
from tests.redis_server import RedisServer
from tests.worker_process import Setup, WorkerProcess

pytestmark = pytest.mark.kafka

WORDS = (
    "council harbour bridge minister report northern winter engine village teacher railway budget storm harvest museum court "
    "engineer island mayor clinic forest company union market tower flood summer election library factory"
).split()
TEXT = [("content-type", b"text/plain; charset=utf-8")]
HTML = [("content-type", b"text/html")]


def page(seed: int, paragraphs: int = 4) -> bytes:
    """A text page unlike any other."""
    dice = random.Random(seed)
    sentences = (
        f"The {' '.join(dice.choices(WORDS, k=12))} was seen {dice.randrange(10**9)} times." for _ in range(paragraphs * 3)
    )
    return "\n\n".join(" ".join([next(sentences) for _ in range(3)]) for _ in range(paragraphs)).encode()


@pytest.fixture
def setup(kafka: str, fresh: str, tmp_path: Path) -> Setup:
    return Setup(kafka, fresh, tmp_path)


@pytest.fixture
def workers() -> Iterator[list[WorkerProcess]]:
    started: list[WorkerProcess] = []
    yield started
    for worker in started:
        if worker.process.poll() is None:
            worker.process.kill()
            worker.process.wait()


async def test_a_worker_killed_in_the_middle_of_2000_pages_loses_none(setup: Setup, workers: list[WorkerProcess]) -> None:
    setup.overrides = {"pool": {"page_timeout": "10m"}}
    await setup.create_topics(partitions=4)
    count = await setup.produce((page(i), TEXT) for i in range(1000))
    first = WorkerProcess(setup)
    workers.append(first)
    async with setup.results() as results:
        await results.until(200)
        with first.suspended_extraction():
            count += await setup.produce((page(i), TEXT) for i in range(1000, 2000))
            await first.until_metric("winnow_inflight_records", 900, at_least=True)  # full, but for what was extracted by then
            assert await first.end(signal.SIGKILL) == -signal.SIGKILL
        second = WorkerProcess(setup)
        workers.append(second)
        await results.until(count)
        assert await second.end() == 0
        await results.read()
    assert len(results.articles) == count
    assert not results.dead
    assert not results.duplicates, "a replay found its own claim and is no duplicate"
    assert await setup.uncommitted() == 0


@pytest.mark.parametrize("guarantee", ["at_least_once", "exactly_once"])
async def test_partitions_that_are_added_are_read_from_their_beginning(
    setup: Setup, workers: list[WorkerProcess], guarantee: str
) -> None:
    setup.guarantee = guarantee
    setup.overrides = {"kafka": {"metadata_max_age_ms": 1_000}}
    await setup.create_topics(partitions=1)
    count = await setup.produce((page(i), TEXT) for i in range(50))
    worker = WorkerProcess(setup)
    workers.append(worker)
    async with setup.results() as results:
        await results.until(count)
        await setup.add_partitions(4)
        count += await setup.produce((page(i), TEXT) for i in range(50, 150))
        await results.until(count)
        assert await worker.end() == 0
        await results.read()
    assert {partition for partition, _ in results.articles} == {0, 1, 2, 3}
    assert all(len(copies) == 1 for copies in results.articles.values())
    assert await setup.uncommitted() == 0


async def test_a_worker_whose_pages_nearly_all_die_pauses_and_says_why(setup: Setup, workers: list[WorkerProcess]) -> None:
    setup.overrides = {"dead_letters": {"min_sample": 50, "window": "5m"}, "limits": {"inflight_records": 20}}
    await setup.create_topics(partitions=1)
    count = await setup.produce((b"", TEXT) for _ in range(300))
    worker = WorkerProcess(setup)
    workers.append(worker)
    async with asyncio.timeout(60), setup.results() as results:
        while "became dead letters (" not in (answer := worker.get("/readyz"))[1]:
            await asyncio.sleep(0.1)
        await results.until(50)
        await asyncio.sleep(2)
        await results.read()
    assert answer[0] == 503
    assert "empty_payload" in answer[1]
    assert len(results.dead) < 100 < count, "what is not read waits in the input"
    assert worker.metric("winnow_breaker_open") == 1
    assert worker.get("/livez")[0] == 200, "a restart mends nothing"
    assert await worker.end() == 0
    assert await setup.uncommitted() == count - len(results.dead)


async def test_a_worker_whose_topic_is_deleted_is_not_ready_and_says_which(
    kafka: str, tmp_path: Path, fresh: str, workers: list[WorkerProcess]
) -> None:
    setup = Setup(kafka, fresh, tmp_path, {"kafka": {"metadata_max_age_ms": 1_000}})
    await setup.create_topics(partitions=1)
    worker = WorkerProcess(setup)
    workers.append(worker)
    await worker.until_ready()
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        await admin.delete_topics([setup.raw])
    finally:
        await admin.close()
    async with asyncio.timeout(60):
        while (answer := worker.get("/readyz")) == (200, "ok\n"):
            await asyncio.sleep(0.2)
    assert answer == (503, f"no such topic any more, or no right to describe it: {setup.raw}\n")
    assert worker.get("/livez")[0] == 200
    await setup.create_topics(partitions=1)
    await worker.until_ready()
    await setup.produce([(page(1), TEXT)])
    await worker.until_metric("winnow_records_settled_total", 1)
    assert await worker.end() == 0


async def test_a_worker_that_is_out_of_reach_of_its_group_is_not_ready_and_lives(
    own_kafka: KafkaCluster, tmp_path: Path, fresh: str, workers: list[WorkerProcess]
) -> None:
    (node,) = own_kafka.nodes
    impatient = {"session_timeout_ms": 3_000, "heartbeat_interval_ms": 500, "rebalance_timeout_ms": 5_000}
    setup = Setup(own_kafka.bootstrap_servers, fresh, tmp_path, {"kafka": {"consumer": impatient}})
    await setup.create_topics(partitions=1)
    worker = WorkerProcess(setup)
    workers.append(worker)
    await worker.until_ready()
    await worker.until_metric("winnow_ready", 1)
    node.freeze()
    try:
        async with asyncio.timeout(60):
            while "the consumer group has not answered for" not in (answer := worker.get("/readyz"))[1]:
                await asyncio.sleep(0.2)
        assert answer[0] == 503
        await worker.until_metric("winnow_ready", 0)
        assert worker.get("/livez")[0] == 200, "a restart mends nothing"
    finally:
        node.thaw()
    await worker.until_ready()
    assert await worker.end() == 0


async def test_a_second_worker_that_joins_and_leaves_loses_none(setup: Setup, workers: list[WorkerProcess]) -> None:
    await setup.create_topics(partitions=4)
    first = WorkerProcess(setup)
    workers.append(first)
    await first.until_ready()
    count = await setup.produce((page(i), TEXT) for i in range(3000))
    async with setup.results() as results:
        await results.until(100)
        second = WorkerProcess(setup)
        workers.append(second)
        await second.until_ready()
        await results.until(len(results.settled) + 100)
        assert await second.end() == 0
        await results.until(count)
        await first.until_metric("winnow_inflight_records", 0)  # from here on nothing is counted
        accounted = first.metric("winnow_records_settled_total") + first.metric("winnow_records_abandoned_total")
        assert first.metric("winnow_records_consumed_total") == accounted
        assert first.get("/livez")[0] == 200
        assert await first.end() == 0
    assert len(results.articles) == count
    assert not results.duplicates
    assert await setup.uncommitted() == 0


async def test_sigterm_settles_what_is_in_flight_commits_it_and_ends_with_0(setup: Setup, workers: list[WorkerProcess]) -> None:
    setup.overrides = {"limits": {"inflight_records": 50}, "pool": {"page_timeout": "10m"}}
    await setup.create_topics(partitions=2)
    count = await setup.produce((page(i), TEXT) for i in range(100))
    worker = WorkerProcess(setup)
    workers.append(worker)
    async with setup.results() as results:
        await results.until(count)
        await worker.until_metric("winnow_inflight_records", 0)
        with worker.suspended_extraction():
            await setup.produce((page(i), TEXT) for i in range(100, 200))
            await worker.until_metric("winnow_inflight_records", 50)
            ending = asyncio.create_task(worker.end())
            async with asyncio.timeout(30):
                while "draining" not in (await asyncio.to_thread(worker.get, "/readyz"))[1]:
                    await asyncio.sleep(0.1)
        assert await ending == 0
        await results.until(150)
        assert await setup.uncommitted() == 50, "exactly what was settled was committed"
        await results.read()
        assert len(results.settled) == 150
    assert b"drained" in worker.log.read_bytes()


async def test_every_kind_of_bad_input_becomes_a_dead_letter_of_its_own_kind_and_costs_its_neighbours_nothing(
    setup: Setup, workers: list[WorkerProcess]
) -> None:
    setup.overrides = {
        "limits": {"payload_bytes": "1MiB", "decoded_bytes": "8MiB"},
        "pool": {"processes": 2, "page_timeout": "20s"},
    }
    bad: list[tuple[str, bytes | None, list[tuple[str, bytes]]]] = [
        ("empty_payload", b"", []),
        ("empty_payload", b" \n\t ", []),
        ("payload_too_large", b"x" * (1 << 20) + b"y", TEXT),
        ("decoded_too_large", gzip.compress(bytes(1 << 30), 9), [*HTML, ("content-encoding", b"gzip")]),
        ("bad_content_encoding", gzip.compress(page(1))[:-40], [*TEXT, ("content-encoding", b"gzip")]),
        ("bad_content_encoding", zlib.compress(page(2)), [*TEXT, ("content-encoding", b"br")]),
        ("bad_envelope", b'{"url": "https://a.example/", "html": "<p>cut', []),
        ("bad_envelope", b'{"url": 17, "html": "<p>wrong type</p>"}', []),
        ("missing_body", b'{"url": "https://a.example/"}', []),
        ("unsupported_content", b"%PDF-1.7\n" + bytes(range(256)) * 8, HTML),
        ("no_main_text", b"<html><body><nav><a href=/>Home</a></nav></body></html>", HTML),
    ]
    good = [(page(1000 + i), TEXT) for i in range(40)]
    odd: list[tuple[bytes | None, list[tuple[str, bytes]]]] = [
        (b"<html><body>" + b"<div>" * 100_000 + b"<p>" + page(3).replace(b"\n\n", b"</p><p>") + b"</p>", HTML),
        (b"<html><body><p>" + page(4).replace(b"\n\n", b"</p><p>") + b"\x00\xff\xfe</p></body></html>", HTML),
        (page(5), [("content-type", b"text/html; charset=utf-16"), ("content-encoding", b"gzip")]),
    ]
    await setup.create_topics(partitions=1)
    pages = [(payload, headers) for _, payload, headers in bad] + good + odd
    count = await setup.produce(pages)
    worker = WorkerProcess(setup)
    workers.append(worker)
    async with setup.results() as results:
        await results.until(count)
        async with asyncio.timeout(30):  # what is published is counted when the broker has acknowledged it
            while (settled := worker.metric("winnow_records_settled_total")) < count:
                await asyncio.sleep(0.1)
        assert await worker.end() == 0
    found = {offset: headers["winnow-reason"].decode() for (_, offset), headers in results.dead.items()}
    assert {offset: found.get(offset) for offset in range(len(bad))} == {offset: reason for offset, (reason, *_) in enumerate(bad)}
    for offset, (_, payload, _) in enumerate(bad):
        assert results.dead[0, offset]["payload"] == payload
    assert {(0, len(bad) + i) for i in range(len(good))} <= results.articles.keys()
    assert settled == count
    assert await setup.uncommitted() == 0


async def test_the_same_page_again_and_the_same_text_elsewhere_are_duplicates_that_name_their_owner(
    setup: Setup, workers: list[WorkerProcess]
) -> None:
    text = page(7).decode()
    as_html = "<html><body><article>" + "".join(f"<p>{p.upper()}</p>" for p in text.split("\n\n")) + "</article></body></html>"
    await setup.create_topics(partitions=1)
    worker = WorkerProcess(setup)
    workers.append(worker)
    await worker.until_ready()
    async with setup.results() as results:
        await setup.produce([(text.encode(), TEXT)])
        await results.until(1)
        await setup.produce([(text.encode(), TEXT), (as_html.encode(), HTML), (None, [])])
        await results.until(3)
        async with asyncio.timeout(30):
            while worker.metric("winnow_records_settled_total", outcome="empty") < 1:
                await asyncio.sleep(0.1)
        assert await worker.end() == 0
    (article,) = results.articles[0, 0]
    kinds = Counter((notice["hash_kind"], notice["duplicate_of"]["offset"]) for notice in results.duplicates.values())
    assert kinds == {("raw", 0): 1, ("content", 0): 1}
    assert results.duplicates[0, 2]["hash"] == article["content_hash"]
    assert await setup.uncommitted() == 0


async def test_a_missing_topic_ends_the_worker_with_a_message_that_says_what_to_do(
    setup: Setup, workers: list[WorkerProcess]
) -> None:
    worker = WorkerProcess(setup)
    workers.append(worker)
    status = await asyncio.to_thread(worker.process.wait, 60)
    assert status == 1
    assert b"winnow topics create" in worker.log.read_bytes()


async def test_a_second_signal_ends_the_worker_at_once(setup: Setup, workers: list[WorkerProcess]) -> None:
    await setup.create_topics(partitions=1)
    worker = WorkerProcess(setup)
    workers.append(worker)
    await worker.until_ready()
    worker.process.send_signal(signal.SIGSTOP)
    worker.process.send_signal(signal.SIGTERM)
    worker.process.send_signal(signal.SIGINT)
    worker.process.send_signal(signal.SIGCONT)
    status = await asyncio.to_thread(worker.process.wait, 30)
    assert status in (128 + signal.SIGTERM, 128 + signal.SIGINT)
    survivors = subprocess.run(["ps", "-o", "pid=", "-s", str(worker.process.pid)], capture_output=True, text=True, check=False)
    async with asyncio.timeout(20):
        while survivors.stdout.strip():
            await asyncio.sleep(0.2)
            survivors = subprocess.run(
                ["ps", "-o", "pid=", "-s", str(worker.process.pid)], capture_output=True, text=True, check=False
            )


async def test_a_broker_outage_stops_neither_life_nor_work_and_nothing_is_lost(
    own_kafka: KafkaCluster, fresh: str, tmp_path: Path, workers: list[WorkerProcess]
) -> None:
    setup = Setup(own_kafka.bootstrap_servers, fresh, tmp_path)
    await setup.create_topics(partitions=2)
    worker = WorkerProcess(setup)
    workers.append(worker)
    await worker.until_ready()
    count = await setup.produce((page(i), TEXT) for i in range(1200))
    async with setup.results() as results:
        await results.until(100)
        (node,) = own_kafka.nodes
        node.kill()
        for _ in range(20):
            assert worker.get("/livez") == (200, "ok\n")
            await asyncio.sleep(0.1)
        assert worker.process.poll() is None
        node.launch()
        await asyncio.to_thread(node.wait_ready)
        await results.until(count)
        assert await worker.end() == 0
    assert len(results.articles) == count
    assert not results.dead
    assert await setup.uncommitted() == 0


@pytest.mark.redis
async def test_two_workers_that_share_redis_publish_each_article_once_and_wait_out_a_restart_of_the_store(
    setup: Setup, workers: list[WorkerProcess], tmp_path: Path
) -> None:
    redis = RedisServer(tmp_path / "redis", ("--appendonly", "yes", "--appendfsync", "always"))
    redis.start()
    try:
        setup.overrides = {"dedup": {"store": "redis", "redis": {"nodes": redis.address, "timeout": "500ms"}}}
        await setup.create_topics(partitions=4)
        workers += [WorkerProcess(setup), WorkerProcess(setup)]
        for worker in workers:
            await worker.until_ready()
        count = await setup.produce((page(i % 500), TEXT) for i in range(1500))
        async with setup.results() as results:
            await results.until(200)
            redis.stop()
            await asyncio.sleep(1)
            assert all(worker.get("/livez")[0] == 200 for worker in workers)
            redis.start()
            await results.until(count)
            assert [await worker.end() for worker in workers] == [0, 0]
    finally:
        redis.stop()
    texts = Counter(article["text"] for articles in results.articles.values() for article in articles)
    assert len(texts) == 500
    assert len(results.duplicates) == 1000
    assert set(texts.values()) == {1}
    assert await setup.uncommitted() == 0


@pytest.mark.parametrize("on_store_error", ["pause", "publish"])
async def test_a_worker_starts_without_its_store_where_it_may_publish_without(
    setup: Setup, workers: list[WorkerProcess], tmp_path: Path, on_store_error: str
) -> None:
    redis = RedisServer(tmp_path / "redis")
    setup.overrides = {"dedup": {"store": "redis", "redis": {"nodes": redis.address}, "on_store_error": on_store_error}}
    await setup.create_topics(partitions=1)
    count = await setup.produce([(page(1), TEXT)])
    worker = WorkerProcess(setup)
    workers.append(worker)
    async with setup.results() as results:
        if on_store_error == "pause":
            async with asyncio.timeout(60):
                while b"waiting for the dedup store" not in worker.log.read_bytes():
                    await asyncio.sleep(0.1)
            assert worker.get("/readyz") == (503, "starting\n")
            redis.start()
        try:
            await results.until(count)
            assert worker.metric("winnow_dedup_store_up") == (on_store_error == "pause")
            assert await worker.end() == 0
        finally:
            redis.stop()
    assert len(results.articles) == count


async def test_a_drain_without_a_broker_comes_to_an_end_and_what_was_not_committed_is_consumed_again(
    own_kafka: KafkaCluster, fresh: str, tmp_path: Path, workers: list[WorkerProcess]
) -> None:
    setup = Setup(own_kafka.bootstrap_servers, fresh, tmp_path, {"shutdown": {"drain_timeout": "2s"}})
    await setup.create_topics(partitions=2)
    workers.append(WorkerProcess(setup))
    await workers[0].until_ready()
    count = await setup.produce((page(i), TEXT) for i in range(800))
    async with setup.results() as results:
        await results.until(50)
    (node,) = own_kafka.nodes
    node.kill()
    assert await workers[0].end() == 1
    assert b"consumed again" in workers[0].log.read_bytes()
    node.launch()
    await asyncio.to_thread(node.wait_ready)
    workers.append(WorkerProcess(setup))
    async with setup.results() as results:
        await results.until(count)
        assert await workers[1].end() == 0
    assert len(results.articles) == count
