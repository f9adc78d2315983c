"""`winnow dlq`, as it is called, with letters that a real worker wrote."""

from __future__ import annotations

import asyncio
import logging
import random
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import orjson
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from tests.test_worker import TEXT, page
from tests.worker_process import Setup, WorkerProcess, free_port
from worker.config import Settings
from worker.dlq import list_, show
from worker.errors import EmptyPayload, NoMainText, PayloadTooLarge
from worker.records import RawPage, SourceRef
from worker.stream.dead_letter_topic import Filter, Letter
from worker.stream.dead_letters import cut_dead_letter, dead_letter

pytestmark = pytest.mark.kafka

DLQ = [sys.executable, "-m", "worker", "dlq"]
CUT_GZIP = [("content-type", b"text/html"), ("content-encoding", b"gzip")]


@pytest.fixture
def setup(kafka: str, fresh: str, tmp_path: Path) -> Setup:
    return Setup(kafka, fresh, tmp_path)


class Dlq:
    """The command, and the topics behind it."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.config = setup.write_config(free_port())

    async def __call__(self, *arguments: str, status: int = 0) -> str:
        """Standard output and standard error together."""
        command = [*DLQ, *arguments, "-c", str(self.config)]
        done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr

    async def write(self, *letters: tuple[type, str, int]) -> None:
        """Letters of pages that failed: with which error, when, and after how many replays."""
        producer = AIOKafkaProducer(bootstrap_servers=self.setup.servers)
        await producer.start()
        try:
            for offset, (error, failed_at, replays) in enumerate(letters):
                headers: tuple[tuple[str, bytes], ...] = (("content-type", b"text/html"),)
                if replays:
                    came = {"topic": self.setup.raw, "partition": "0", "offset": str(offset)}
                    headers += tuple((f"winnow-origin-{name}", value.encode()) for name, value in came.items())
                    headers += (("winnow-replays", str(replays).encode()),)
                raw = RawPage(SourceRef(self.setup.raw, 0, offset), b"<p>page %d" % offset, b"k%d" % offset, headers)
                letter = dead_letter(raw, error("so it is"), topic=self.setup.outputs[2], attempts=1, failed_at=failed_at)
                if error is PayloadTooLarge:
                    letter = cut_dead_letter(letter, max_payload_bytes=4)
                await producer.send_and_wait(letter.topic, letter.value, letter.key, headers=list(letter.headers), partition=0)
        finally:
            await producer.stop()

    async def input(self) -> list[tuple[bytes | None, dict[str, bytes]]]:
        """What stands in the input topic: payloads and headers."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.setup.servers, auto_offset_reset="earliest")
        await consumer.start()
        try:
            place = TopicPartition(self.setup.raw, 0)
            consumer.assign([place])
            end = (await consumer.end_offsets([place]))[place]
            found = []
            while len(found) < end:
                found += [(r.value, dict(r.headers)) for rs in (await consumer.getmany(timeout_ms=200)).values() for r in rs]
            return found
        finally:
            await consumer.stop()


@pytest.fixture
async def dlq(setup: Setup) -> Dlq:
    await setup.create_topics(partitions=1)
    return Dlq(setup)


@pytest.fixture
def worker(setup: Setup) -> Iterator[list[WorkerProcess]]:
    started: list[WorkerProcess] = []
    yield started
    for process in started:
        if process.process.poll() is None:
            process.process.kill()
            process.process.wait()


async def test_list_filters_by_reason_stage_and_time(dlq: Dlq) -> None:
    await dlq.write(
        (EmptyPayload, "2026-03-01T10:00:00.000Z", 0),
        (NoMainText, "2026-03-01T11:00:00.000Z", 0),
        (NoMainText, "2026-03-01T12:00:00.000Z", 2),
    )
    lines = (await dlq("list")).splitlines()
    assert [line.split()[0] for line in lines] == ["0:0", "0:1", "0:2"]
    assert lines[2].split() == ["0:2", "2026-03-01T12:00:00+00:00", "extract", "no_main_text", "2", "9", "so", "it", "is"]

    async def places(*arguments: str) -> list[int]:
        return [orjson.loads(line)["offset"] for line in (await dlq("list", "--json", *arguments)).splitlines()]

    assert await places("--reason", "no_main_text") == [1, 2]
    assert await places("--stage", "input") == [0]
    assert await places("--until", "2026-03-01T11:00") == [0]
    assert await places("--max", "2") == [0, 1]
    assert await places("--since", "1h") == []
    assert (await dlq("list", "--count")).split() == ["2", "extract", "no_main_text", "1", "input", "empty_payload"]


async def test_a_filter_by_a_word_that_does_not_exist_is_refused(dlq: Dlq) -> None:
    assert "--reason nonsense is not known; it is one of" in await dlq("list", "--reason", "nonsense", status=2)
    assert "neither a time" in await dlq("list", "--since", "yesterday", status=2)


async def test_show_prints_headers_and_page_and_raw_its_bytes_alone(dlq: Dlq) -> None:
    await dlq.write((NoMainText, "2026-03-01T11:00:00.000Z", 0))
    shown = await dlq("show", "0:0")
    assert "winnow-reason: no_main_text" in shown
    assert "content-type: text/html" in shown
    assert shown.endswith("<p>page 0\n")
    assert await dlq("show", "0:0", "--raw") == "<p>page 0"
    for nowhere in ("0:1", "7:0"):
        assert f"no letter at {nowhere}" in await dlq("show", nowhere, status=1)
    assert "is no place" in await dlq("show", "first", status=2)


async def test_replay_is_counted_bounded_and_goes_on_where_it_stopped(dlq: Dlq) -> None:
    await dlq.write(
        (NoMainText, "2026-03-01T10:00:00.000Z", 0),
        (NoMainText, "2026-03-01T11:00:00.000Z", 2),
        (NoMainText, "2026-03-01T11:00:00.000Z", 3),
        (PayloadTooLarge, "2026-03-01T11:00:00.000Z", 0),
        (NoMainText, "2026-03-01T12:00:00.000Z", 0),
    )
    said = await dlq("replay", "--dry-run")
    assert said.startswith("dry run: 3 replayed; ")
    assert "1 skipped: replayed 3 times before" in said
    assert "1 skipped: only a part of its page is kept" in said
    assert await dlq.input() == []
    assert (await dlq("replay", "--reason", "no_main_text", "--max", "2")).startswith("2 replayed")
    assert (await dlq("replay", "--reason", "no_main_text", "--max", "2")).startswith("1 replayed")
    assert (await dlq("replay", "--reason", "no_main_text", "--max", "2")).startswith("0 replayed")
    pages = await dlq.input()
    assert [payload for payload, _ in pages] == [b"<p>page 0", b"<p>page 1", b"<p>page 4"]
    assert [headers["winnow-replays"] for _, headers in pages] == [b"1", b"3", b"1"]
    assert [headers["winnow-origin-offset"] for _, headers in pages] == [b"0", b"1", b"4"]
    assert all(headers["content-type"] == b"text/html" and "winnow-reason" not in headers for _, headers in pages)
    assert (await dlq("replay", "--reason", "no_main_text", "--again", "--max", "1")).startswith("1 replayed")


async def test_a_replay_takes_its_time_and_one_that_is_interrupted_goes_on_where_it_stopped(dlq: Dlq) -> None:
    await dlq.write(*[(NoMainText, "2026-03-01T10:00:00.000Z", 0)] * 3)
    hears_sigint = ["env", "--default-signal=INT"]  # what a shell starts in the background ignores it, tests and all
    slow = subprocess.Popen([*hears_sigint, *DLQ, "replay", "--rate", "0.001", "-c", str(dlq.config)], stderr=subprocess.DEVNULL)
    try:
        async with asyncio.timeout(60):
            while not await dlq.input():
                await asyncio.sleep(0.1)
    finally:
        slow.send_signal(signal.SIGINT)
        await asyncio.to_thread(slow.wait, 60)
    assert [payload for payload, _ in await dlq.input()] == [b"<p>page 0"]
    assert (await dlq("replay", "--rate", "0")).startswith("2 replayed")


async def test_a_page_goes_round_and_its_letter_keeps_the_count(dlq: Dlq, setup: Setup, worker: list[WorkerProcess]) -> None:
    await setup.produce([(b"not gzip", CUT_GZIP), (page(1), TEXT)])
    worker.append(WorkerProcess(setup))
    async with setup.results() as results:
        await results.until(2)
        assert (await dlq("replay", "--stage", "decode", "--rate", "0")).startswith("1 replayed")
        while results.dead[0, 0]["winnow-replays"] == b"0":
            await results.read()
    assert results.dead[0, 0]["winnow-replays"] == b"1"
    assert results.dead[0, 0]["payload"] == b"not gzip"


async def test_letters_of_another_input_and_strange_records_are_left(dlq: Dlq, setup: Setup) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=setup.servers)
    await producer.start()
    try:
        other = [("winnow-origin-topic", b"elsewhere"), ("winnow-origin-partition", b"0"), ("winnow-origin-offset", b"0")]
        await producer.send_and_wait(setup.outputs[2], b"x", headers=other)
        await producer.send_and_wait(setup.outputs[2], b"x", headers=[("winnow-failed-at", b"\xff")])
    finally:
        await producer.stop()
    said = await dlq("replay")
    assert "0 replayed" in said
    assert "1 skipped: elsewhere is none of input.topics" in said
    assert "1 skipped: its headers do not say where it came from" in said
    assert len((await dlq("list")).splitlines()) == 2


async def test_a_page_that_its_topic_does_not_take_is_skipped_and_not_the_end(setup: Setup) -> None:
    raw, dead = setup.raw, setup.outputs[2]
    admin = AIOKafkaAdminClient(bootstrap_servers=setup.servers)
    producer = AIOKafkaProducer(bootstrap_servers=setup.servers)
    await admin.start()
    await producer.start()
    try:
        await admin.create_topics([NewTopic(dead, 1, 1), NewTopic(raw, 1, 1, topic_configs={"max.message.bytes": "2000"})])
        for offset, size in enumerate((10, 10_000, 11, 12)):
            page = RawPage(SourceRef(raw, 0, offset), random.Random(offset).randbytes(size))
            letter = dead_letter(page, NoMainText("so it is"), topic=dead, attempts=1, failed_at="2026-03-01T10:00:00Z")
            await producer.send_and_wait(dead, letter.value, headers=list(letter.headers))
    finally:
        await producer.stop()
        await admin.close()
    dlq = Dlq(setup)
    assert await dlq("replay", "--rate", "0") == "3 replayed; 1 skipped: its topic does not take so large a page\n"
    assert sorted(len(payload or b"") for payload, _ in await dlq.input()) == [10, 11, 12]
    assert await dlq("replay") == "0 replayed\n"
    assert len((await dlq("list")).splitlines()) == 4


async def test_a_topic_that_is_not_there_is_said(kafka: str, fresh: str, tmp_path: Path) -> None:
    assert f"there is no topic {fresh}.dead" in await Dlq(Setup(kafka, fresh, tmp_path))("list", status=1)


async def test_a_replay_into_a_topic_that_is_gone_says_so_before_it_sends(dlq: Dlq) -> None:
    await dlq.write((NoMainText, "2026-03-01T11:00:00.000Z", 0))
    admin = AIOKafkaAdminClient(bootstrap_servers=dlq.setup.servers)
    await admin.start()
    try:
        await admin.delete_topics([dlq.setup.raw])
    finally:
        await admin.close()
    for call in (["replay", "--dry-run"], ["replay"]):
        said = await dlq(*call, status=1)
        assert "the letter at 0:" in said
        assert f"there is no topic {dlq.setup.raw}" in said


STEERING = "caf\xe9\t\x1b]0;owned\x07\x1b[2J\x9b2J"


@pytest.fixture
def steering(monkeypatch: pytest.MonkeyPatch) -> None:
    """A letter whose page would like to steer the terminal that it is shown at."""
    headers = tuple((f"winnow-{name}", STEERING.encode()) for name in ("stage", "reason", "error"))
    letter = Letter(SourceRef("dead", 0, 7), b"key", f"one\r\n{STEERING}".encode(), headers)

    async def read_letters(settings: Settings, wanted: Filter) -> AsyncIterator[Letter]:
        yield letter

    async def read_letter(settings: Settings, partition: int, offset: int) -> Letter:
        return letter

    monkeypatch.setattr("worker.dlq.load_settings", lambda path: Settings())
    monkeypatch.setattr("worker.dlq.read_letters", read_letters)
    monkeypatch.setattr("worker.dlq.read_letter", read_letter)
    monkeypatch.setattr("worker.dlq.run_async", asyncio.run)
    monkeypatch.setattr(logging, "disable", lambda: None)


@pytest.mark.usefixtures("steering")
@pytest.mark.parametrize("count", [False, True])
def test_a_list_steers_no_terminal(count: bool, capsys: pytest.CaptureFixture[str]) -> None:
    list_(config=Path("unread"), count=count)
    (line,) = capsys.readouterr().out.splitlines()
    assert line.isprintable()
    assert "caf\xe9" in line


@pytest.mark.usefixtures("steering")
def test_a_list_as_json_steers_no_terminal_and_loses_nothing(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    list_(config=Path("unread"), as_json=True)
    line = capsysbinary.readouterr().out
    assert line.decode().removesuffix("\n").isprintable()
    assert orjson.loads(line)["error"] == STEERING


@pytest.mark.usefixtures("steering")
def test_a_page_steers_no_terminal_that_it_is_shown_at(
    monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    show("0:7", Path("unread"))
    shown = capsysbinary.readouterr().out.decode()
    assert "\none\ncaf\xe9\t\ufffd" in shown
    assert not {"\x1b", "\x07", "\x9b", "\r"} & set(shown)


@pytest.mark.usefixtures("steering")
def test_a_page_that_is_shown_to_a_file_stays_as_it_is(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    show("0:7", Path("unread"))
    assert b"one\r\ncaf" in capsysbinary.readouterr().out
