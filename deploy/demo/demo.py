"""`make demo`: pages travel raw topic -> worker -> output topic on a real broker, and the terminal shows what became of each.

    python -m deploy.demo.demo [--pages FOLDER] [--once]

Starts a broker of its own (or uses KAFKA_BOOTSTRAP_SERVERS), creates the topics, starts `winnow run` and feeds it the pages.
Without a broker the same loop runs on files, and says so.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.structs import ConsumerRecord
from rich.console import Console
from rich.markup import escape

from tests.kafka_broker import KafkaUnavailable, running_broker
from worker.stream.file_source import Input

HERE = Path(__file__).resolve().parent
WINNOW = [sys.executable, "-m", "worker"]
RAW, ARTICLES, DUPLICATES, DEAD = "pages.raw", "articles", "articles.duplicates", "pages.dead-letters"
MAX_PAGE_BYTES = 64 << 20
PATIENCE_S = 120.0  # without any page being settled

console = Console(highlight=False)


@dataclass
class Seen:
    """What came back, by the key that the page was sent with."""

    names: dict[int, str]  # offset in the raw topic's only partition -> file
    outcomes: Counter[str] = field(default_factory=Counter)
    settled: set[int] = field(default_factory=set)
    first: float = 0.0
    last: float = 0.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=Path, default=HERE / "pages", help="a folder of pages")
    parser.add_argument("--once", action="store_true", help="end when every page is settled")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="winnow-demo-") as scratch:
        try:
            with running_broker() as servers:
                return through_kafka(options.pages, servers, Path(scratch), once=options.once)
        except KafkaUnavailable as reason:
            console.print(f"[yellow]No broker: {escape(str(reason))}[/yellow]\nThe same loop runs on files instead.")
            return through_files(options.pages, Path(scratch))


def through_kafka(pages: Path, servers: str, scratch: Path, *, once: bool) -> int:
    port = free_port()
    suffix = f".{os.getpid()}" if "KAFKA_BOOTSTRAP_SERVERS" in os.environ else ""  # someone's cluster: leave its topics alone
    raw, articles, duplicates, dead = (name + suffix for name in (RAW, ARTICLES, DUPLICATES, DEAD))
    config = scratch / "config.yaml"
    config.write_text(
        yaml.safe_dump(
            {
                "kafka": {"bootstrap_servers": servers, "consumer": {"group_id": f"winnow-demo{suffix}"}},
                "input": {"topics": [raw]},
                "output": {"topic": articles},
                "duplicates": {"topic": duplicates},
                "dead_letters": {"topic": dead},
                "dedup": {"store": "sqlite", "sqlite": {"path": str(scratch / "claims.sqlite")}},
                "http": {"host": "127.0.0.1", "port": port},
                "logging": {"format": "json", "level": "debug"},
            }
        )
    )
    subprocess.run([*WINNOW, "topics", "create", "-c", str(config), "--partitions", "1"], check=True)
    log = scratch / "worker.log"
    with log.open("w") as sink:
        worker = subprocess.Popen([*WINNOW, "run", "-c", str(config)], stderr=sink)
    console.print(f"The worker runs: metrics http://127.0.0.1:{port}/metrics, health /livez and /readyz, status /\n")
    try:
        seen = asyncio.run(feed_and_watch(pages, servers, raw, (articles, duplicates, dead), worker))
        report(seen, slowest_page(log, seen))
        complete = len(seen.settled) == len(seen.names)
        if not complete:
            console.print(f"[red]{len(seen.names) - len(seen.settled)} pages are not settled; the worker's log ends:[/red]")
            console.print(escape("\n".join(log.read_text().splitlines()[-12:])))
        if not once and complete:
            console.print(f"\nThe worker goes on; look at http://127.0.0.1:{port}/ , and end it with Ctrl-C.")
            with contextlib.suppress(KeyboardInterrupt):
                worker.wait()
        return 0 if complete else 1
    finally:
        worker.send_signal(signal.SIGTERM)
        console.print(f"The worker drained and ended with status {worker.wait(60)}.")


async def feed_and_watch(
    pages: Path, servers: str, raw: str, outputs: tuple[str, str, str], worker: subprocess.Popen[bytes]
) -> Seen:
    seen = Seen(await feed(pages, servers, raw))
    console.print(f"{len(seen.names)} pages are in {raw}.")
    consumer = AIOKafkaConsumer(*outputs, bootstrap_servers=servers, auto_offset_reset="earliest", isolation_level="read_committed")
    await consumer.start()
    try:
        heard = time.monotonic()
        while len(seen.settled) < len(seen.names) and worker.poll() is None and time.monotonic() - heard < PATIENCE_S:
            for records in (await consumer.getmany(timeout_ms=500)).values():
                for record in records:
                    heard = time.monotonic()
                    note(seen, outputs, record)
    finally:
        await consumer.stop()
    return seen


async def feed(pages: Path, servers: str, raw: str) -> dict[int, str]:
    """Send every page of a folder that can be read, described by headers as a scraper would; returns its name by offset."""
    producer = AIOKafkaProducer(bootstrap_servers=servers, compression_type="zstd", max_request_size=MAX_PAGE_BYTES)
    await producer.start()
    sent = []
    try:
        for page in Input(pages).records(0, lambda error: print(error, file=sys.stderr), max_bytes=MAX_PAGE_BYTES):
            name = page.key.decode() if page.key else str(page.ref)
            headers = [*page.headers, ("url", f"https://demo.example/{name}".encode())]
            if ".json" in name:
                headers = []  # an envelope says all of this itself
            sent.append((name, await producer.send(raw, page.payload, key=page.key, headers=headers)))
        return {(await delivery).offset: name for name, delivery in sent}
    finally:
        await producer.stop()


def note(seen: Seen, outputs: tuple[str, str, str], record: ConsumerRecord) -> None:
    articles, duplicates, _ = outputs
    topic, value = record.topic, record.value
    headers = {key: content.decode("utf-8", "replace") for key, content in record.headers}
    if topic == articles:
        article = json.loads(value)
        offset, outcome = article["source"]["offset"], "published"
        words = f"[{article['language'] or '?'}] {article['title'] or article['text'][:60]}"
        detail = f"{escape(words)}  [dim]{len(article['text'])} characters, {len(article['similar'])} similar[/dim]"
    elif topic == duplicates:
        notice = json.loads(value)
        offset, outcome = notice["source"]["offset"], "duplicate"
        detail = f"of {escape(seen.names.get(notice['duplicate_of']['offset'], '?'))} [dim](by {notice['hash_kind']} hash)[/dim]"
    else:
        offset, outcome = int(headers["winnow-origin-offset"]), "dead letter"
        detail = f"{headers['winnow-reason']} [dim]{escape(headers['winnow-error'])[:90]}[/dim]"
    if offset in seen.settled:
        return
    seen.settled.add(offset)
    seen.outcomes[f"{outcome}: {headers['winnow-reason']}" if outcome == "dead letter" else outcome] += 1
    seen.last = time.monotonic()
    seen.first = seen.first or seen.last
    colour = {"published": "green", "duplicate": "yellow", "dead letter": "red"}[outcome]
    console.print(f"  [{colour}]{outcome:<11}[/{colour}] {escape(seen.names.get(offset, '?')):<32} {detail}", soft_wrap=True)


def slowest_page(log: Path, seen: Seen) -> str:
    """The page whose extraction took longest, from the worker's own log."""
    extracted = (json.loads(line) for line in log.read_text().splitlines() if '"extracted"' in line)
    slowest = max(extracted, key=lambda event: event["seconds"], default=None)
    if slowest is None:
        return "none"
    name = seen.names.get(int(slowest["ref"].rsplit("/", 1)[1]), slowest["ref"])
    return f"{name}, {slowest['seconds'] * 1000:.0f} ms by the path {slowest['path']}"


def report(seen: Seen, slowest: str) -> None:
    elapsed = max(seen.last - seen.first, 1e-9)
    console.print()
    for outcome, count in seen.outcomes.most_common():
        console.print(f"{count:6d} {outcome}")
    if len(seen.settled) > 1:
        console.print(
            f"{(len(seen.settled) - 1) / elapsed:6.0f} pages a second, from the first settled to the last; "
            f"slowest: {escape(slowest)}"
        )


def through_files(pages: Path, scratch: Path) -> int:
    output = scratch / "articles.jsonl"
    done = subprocess.run([*WINNOW, "backfill", str(pages), "-o", str(output)], check=False)
    for article in map(json.loads, output.read_text().splitlines()):
        name, words = article["source"]["key"] or "?", article["title"] or article["text"][:60]
        console.print(f"  [green]published[/green]   {escape(name):<32} {escape(words)}", soft_wrap=True)
    for letter in map(json.loads, output.with_name(output.name + ".dead-letters.jsonl").read_text().splitlines()):
        console.print(f"  [red]dead letter[/red] {escape(letter['key'] or '?'):<32} {letter['headers']['winnow-reason']}")
    return done.returncode


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
