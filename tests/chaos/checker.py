"""Reads everything back and compares: what went in, what came out, what the group committed."""

from __future__ import annotations

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final

import orjson
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from tests.chaos.pages import NUMBER, Page, page_of, text_of
from tests.worker_process import Setup

READ_DEADLINE_S: Final = 300.0

Ref = tuple[int, int]  # partition, offset
Headers = dict[str, bytes]


@dataclass
class Verdict:
    """What the checker found; a list that should be empty names its finds."""

    pages: int = 0
    articles: int = 0
    duplicates: int = 0
    dead: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    chained: int = 0  # duplicates of a record that became a duplicate itself, of one that has an article or a dead letter

    def faults(self, guarantee: str) -> list[str]:
        """What breaks the guarantee."""
        return self.lost + self.wrong + (self.doubled if guarantee == "exactly_once" else [])


@dataclass
class Outcomes:
    """What came of each input record, by its name."""

    articles: dict[Ref, list[str]] = field(default_factory=lambda: defaultdict(list))  # texts
    duplicates: dict[Ref, list[Ref]] = field(default_factory=lambda: defaultdict(list))  # of which records
    dead: dict[Ref, list[tuple[Headers, bytes | None]]] = field(default_factory=lambda: defaultdict(list))
    places: dict[Ref, list[str]] = field(default_factory=lambda: defaultdict(list))  # where they were found, and of what time

    def note(self, ref: Ref, record: ConsumerRecord) -> None:
        self.places[ref].append(f"{record.topic}-{record.partition}/{record.offset} of {record.timestamp / 1000:.3f}")

    def of(self, ref: Ref) -> int:
        return sum(len(found.get(ref, ())) for found in (self.articles, self.duplicates, self.dead))


async def verdict_on(setup: Setup, seed: int) -> Verdict:
    """Compare the input topic with the output topics, as readers of committed records see them."""
    pages: dict[Ref, Page] = {}
    verdict = Verdict()
    async for record in _everything(setup.servers, setup.raw):
        pages[record.partition, record.offset] = page_of(seed, int(dict(record.headers)[NUMBER]))
    articles, duplicates, dead = setup.outputs
    outcomes = Outcomes()
    async for record in _everything(setup.servers, articles):
        article = orjson.loads(record.value)
        outcomes.articles[_source(article)].append(article["text"])
        outcomes.note(_source(article), record)
        verdict.articles += 1
    async for record in _everything(setup.servers, duplicates):
        notice = orjson.loads(record.value)
        outcomes.duplicates[_source(notice)].append(_source(notice, "duplicate_of"))
        outcomes.note(_source(notice), record)
        verdict.duplicates += 1
    async for record in _everything(setup.servers, dead):
        headers = dict(record.headers)
        ref = int(headers["winnow-origin-partition"]), int(headers["winnow-origin-offset"])
        outcomes.dead[ref].append((headers, record.value))
        outcomes.note(ref, record)
        verdict.dead += 1
    verdict.pages = len(pages)
    compare(verdict, pages, outcomes, seed)
    if uncommitted := await setup.uncommitted():
        verdict.lost.append(f"{uncommitted} records are not committed")
    return verdict


def _source(value: dict[str, dict[str, int]], name: str = "source") -> Ref:
    return value[name]["partition"], value[name]["offset"]


def compare(verdict: Verdict, pages: dict[Ref, Page], outcomes: Outcomes, seed: int) -> None:
    """Hold what came out against what went in."""
    published: dict[int, set[Ref]] = defaultdict(set)
    crashed: set[int] = set()
    for ref, page in pages.items():
        if page.payload is None:
            verdict.wrong += [f"{ref}: a tombstone has outcomes"] * (outcomes.of(ref) > 0)
            continue
        if (count := outcomes.of(ref)) != 1:
            (verdict.doubled if count else verdict.lost).append(f"{ref}: {count} outcomes: {', '.join(outcomes.places[ref])}")
        for headers, payload in outcomes.dead.get(ref, ()):
            if page.article is not None and headers["winnow-reason"] in {b"crash", b"timeout"}:
                crashed.add(page.article)  # its process was killed twice
            elif headers["winnow-reason"].decode() != page.reason:
                verdict.wrong.append(f"{ref}: a dead letter, not for {page.reason}: {headers}")
            verdict.wrong += [f"{ref}: the dead letter does not hold the page"] * (not _whole(page, headers, payload))
        _judge_duplicates(verdict, pages, outcomes, ref)
        for text in outcomes.articles.get(ref, ()):
            if page.article is None or text.encode() != text_of(seed, page.article):
                verdict.wrong.append(f"{ref}: an article that is not this page's: {text[:80]}")
            else:
                published[page.article].add(ref)
    distinct = {page.article for page in pages.values() if page.article is not None}
    verdict.lost += [f"article {number} was not published" for number in sorted(distinct - published.keys() - crashed)]
    # A claim is its record's: even at least once, a repeat comes from the record that was published first.
    verdict.wrong += [f"article {number} came from {sorted(refs)}" for number, refs in published.items() if len(refs) > 1]
    foreign = (outcomes.articles.keys() | outcomes.duplicates.keys() | outcomes.dead.keys()) - pages.keys()
    verdict.wrong += [f"{ref} was not in the input" for ref in sorted(foreign)]


def _judge_duplicates(verdict: Verdict, pages: dict[Ref, Page], outcomes: Outcomes, ref: Ref) -> None:
    for owner in outcomes.duplicates.get(ref, ()):
        if owner not in pages or pages[owner].payload != pages[ref].payload:
            verdict.wrong.append(f"{ref}: called a duplicate of {owner}, which is another page")
        elif (hops := _hops_to_an_end(outcomes, ref, owner)) is None:
            verdict.lost.append(f"{ref}: called a duplicate of {owner}, of which nothing came")
        else:
            verdict.chained += hops > 0


def _hops_to_an_end(outcomes: Outcomes, ref: Ref, owner: Ref) -> int | None:
    """How many duplicates lie between a duplicate and the record that has an outcome of its own; None where that is none.

    A record that was claimed for, and whose worker lost it before the end, may find its claim another's when it is read again.
    A dead letter is an end too: a twin that comes while its first copy is being read shares that one's fate.
    """
    seen = {ref}
    while owner not in outcomes.articles and owner not in outcomes.dead:
        if owner in seen or not outcomes.duplicates.get(owner):
            return None
        seen.add(owner)
        owner = outcomes.duplicates[owner][0]
    return len(seen) - 1


def _whole(page: Page, headers: Headers, payload: bytes | None) -> bool:
    if not page.cut:
        return payload == page.payload
    expected = page.payload or b""
    digest = hashlib.sha256(expected).hexdigest().encode()
    return (
        payload is not None
        and expected.startswith(payload)
        and headers.get("winnow-payload-bytes") == str(len(expected)).encode()
        and headers.get("winnow-payload-hash") == digest
    )


async def _everything(servers: str, topic: str) -> AsyncIterator[ConsumerRecord]:
    """Every committed record of a topic.  A transaction that hangs would hide what comes after it, so that fails."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=servers, auto_offset_reset="earliest", isolation_level="read_committed", enable_auto_commit=False
    )
    await consumer.start()
    try:
        await consumer._client.force_metadata_update()
        partitions = [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic) or ())]
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        async with asyncio.timeout(READ_DEADLINE_S):
            while any([await consumer.position(partition) < end for partition, end in ends.items()]):
                for records in (await consumer.getmany(timeout_ms=500)).values():
                    for record in records:
                        yield record
    finally:
        await consumer.stop()
