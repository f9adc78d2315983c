"""The loop, between doors that fail on command."""

import asyncio
import contextlib
from collections import Counter
from dataclasses import dataclass, field, replace

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from worker.config import Settings
from worker.dedup.claimer import Claimer
from worker.dedup.claims import Claim
from worker.dedup.memory import MemoryClaimStore
from worker.errors import ClaimStoreUnavailable, ExtractionFailed, FatalError, NoMainText, OutputTooLarge, PublishFailed
from worker.metrics import Metrics
from worker.pipeline import Pipeline
from worker.records import Extent, Extraction, Outcome, RawPage, SourceRef, TopicPartition

TP = TopicPartition("pages.raw", 0)
OTHER = TopicPartition("pages.raw", 1)


@pytest.fixture(autouse=True)
def _no_long_waits(monkeypatch):
    monkeypatch.setattr("worker.pipeline.processor._PUBLISH_BACKOFF_S", (0.001, 0.002))
    monkeypatch.setattr("worker.pipeline.loop._LAST_POLL_S", 0.01)
    monkeypatch.setattr("worker.dedup.claimer._BACKOFF_S", (0.001, 0.002))


async def until(condition):
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.001)


def ref(offset, tp=TP):
    return SourceRef(*tp, offset)


def page(offset, body="one", tp=TP, **fields):
    payload = body.encode() if isinstance(body, str) else body
    return RawPage(ref(offset, tp), payload, headers=(("content-type", b"text/html"),), **fields)


class ScriptedSource:
    """Hands out what it is fed, at once, and nothing while nothing is allowed."""

    missing = ()

    def __init__(self, *partitions):
        self.partitions = partitions or (TP,)
        self.allowances = []
        self.end_offset = 100
        self.error = None
        self._fed = asyncio.Queue()
        self._waiting = []
        self._ended = False

    def feed(self, *pages):
        self._fed.put_nowait(list(pages))

    def end(self):
        self._fed.put_nowait(None)

    async def start(self, listener):
        await listener.on_assigned(self.partitions)

    async def poll(self, max_records):
        self.allowances.append(max_records)
        if self.error is not None:
            raise self.error
        if not max_records:
            await asyncio.sleep(0.001)
            return []
        if not self._waiting and not self._ended:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.005):
                    pages = await self._fed.get()
                self._ended = pages is None
                self._waiting += pages or []
        if not self._waiting and self._ended:
            return None
        handed_out, self._waiting = self._waiting[:max_records], self._waiting[max_records:]
        return handed_out

    async def extents(self):
        return dict.fromkeys(self.partitions, Extent(0, self.end_offset))

    async def confirmed(self):
        pass


@dataclass
class FaultyPublisher:
    """Keeps what is published and committed; fails as often as it is told."""

    published: list = field(default_factory=list)
    committed: dict = field(default_factory=dict)
    commits: list = field(default_factory=list)
    failures: int = 0
    commit_failures: int = 0
    too_large: int | None = None  # bytes
    stuck: bool = False
    refused: SourceRef | None = None
    asked: int = 0  # to publish
    held_bytes: int = 0

    async def open(self, partitions):
        pass

    async def publish(self, ref, records):
        self.asked += 1
        await asyncio.sleep(0)
        while self.stuck:
            await asyncio.sleep(0.001)
        if self.failures or ref == self.refused:
            self.failures = max(0, self.failures - 1)
            raise PublishFailed("the broker is away")
        if self.too_large is not None and any(len(record.value or b"") > self.too_large for record in records):
            raise OutputTooLarge("the broker takes less")
        self.published += [(ref, record) for record in records]

    async def commit(self, offsets):
        await asyncio.sleep(0)
        if self.commit_failures:
            self.commit_failures -= 1
            raise PublishFailed("the coordinator is away")
        self.commits.append(dict(offsets))
        self.committed |= offsets

    def discard(self, partitions):
        pass

    def in_topic(self, topic):
        return [(ref, record) for ref, record in self.published if record.topic == topic]

    @property
    def articles(self):
        return [ref for ref, _ in self.in_topic("articles")]

    @property
    def letters(self):
        return [record for _, record in self.in_topic("pages.dead-letters")]


class CommandedExtractor:
    """Pages finish when they are told to.  The content is the body up to a `|`; what follows only tells bytes apart."""

    def __init__(self, processes=1000):
        self.calls = []
        self.processes = processes
        self.free = False
        self.bugs = {}
        self.errors = {}
        self.prefix = ""  # of the content: another version reads pages otherwise
        self._gates = {}

    def release(self, *offsets, tp=TP):
        for offset in offsets:
            self._gate(ref(offset, tp)).set()

    def release_all(self):
        self.free = True
        for gate in self._gates.values():
            gate.set()

    def waiting(self):
        return set(self._gates)

    def started(self):
        return set(list(self._gates)[: self.processes])

    def _gate(self, ref):
        return self._gates.setdefault(ref, asyncio.Event())

    async def extract(self, ref, page, key=None):
        self.calls.append(ref)
        gate = self._gate(ref)
        try:
            if not self.free:
                await gate.wait()
        finally:
            self._gates.pop(ref, None)
        if ref in self.bugs:
            raise self.bugs[ref]
        if ref in self.errors:
            return Extraction(error=self.errors[ref])
        content = page.body.partition(b"|")[0].decode()
        return Extraction(
            article=orjson.dumps({"text": content}),
            content_hash=(self.prefix + content).encode().hex(),
            path="test",
            similar_items=1,
            language="pt-BR",
        )


class Worker:
    """A pipeline between its fakes."""

    def __init__(
        self, *partitions, store=None, on_store_error="pause", publisher=None, extractor=None, clock=lambda: 1000.0, **config
    ):
        self.settings = Settings.model_validate({"commit": {"interval": "5ms"}, "shutdown": {"drain_timeout": "1s"}, **config})
        self.metrics = Metrics("test")
        self.source = ScriptedSource(*partitions)
        self.publisher = publisher or FaultyPublisher()
        self.extractor = extractor or CommandedExtractor()
        self.settlements = []
        self.claimer = Claimer(
            MemoryClaimStore(3600) if store is None else store, on_store_error=on_store_error, metrics=self.metrics
        )
        self.pipeline = Pipeline(
            source=self.source,
            publisher=self.publisher,
            claimer=self.claimer,
            extractor=self.extractor,
            settings=self.settings,
            metrics=self.metrics,
            clock=clock,
            on_settled=self.settlements.append,
        )
        self.task = None

    async def __aenter__(self):
        self.task = asyncio.create_task(self.pipeline.run())
        await until(lambda: self.pipeline.assigned or self.task.done())
        return self

    async def __aexit__(self, *_):
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
        await self.claimer.close()

    async def feed(self, *pages):
        """Feed and wait until all are consumed."""
        expected = self.count("records_consumed_total") + len(pages)
        self.source.feed(*pages)
        await until(lambda: self.count("records_consumed_total") == expected)

    async def extracting(self, *offsets, tp=TP):
        await until(lambda: {ref(offset, tp) for offset in offsets} <= self.extractor.waiting())

    async def settled(self, number):
        await until(lambda: len(self.settlements) >= number)

    async def asked_for(self):
        """What the next polls ask the source for."""
        mark = len(self.source.allowances)
        await until(lambda: len(self.source.allowances) > mark + 3)
        return set(self.source.allowances[mark:])

    async def finish(self):
        self.extractor.release_all()
        self.source.end()
        async with asyncio.timeout(10):
            await self.task

    def count(self, name, **labels):
        return self.metrics.registry.get_sample_value(f"winnow_{name}", labels) or 0

    @property
    def outcomes(self):
        return {settlement.ref.offset: settlement.outcome for settlement in self.settlements}

    @property
    def inflight(self):
        return self.count("inflight_records"), self.count("inflight_bytes")


# -- the settled prefix


async def test_pages_that_finish_out_of_order_are_committed_up_to_the_first_gap():
    async with Worker(TP, OTHER) as worker:
        await worker.feed(*(page(offset, f"page {offset}") for offset in (3, 4, 9, 12)), page(0, "other", OTHER))
        await worker.extracting(3, 4, 9, 12)
        worker.extractor.release(4, 12)
        await worker.settled(2)
        worker.extractor.release(0, tp=OTHER)
        await until(lambda: worker.publisher.commits)  # a turn of the committer, which looks at every partition
        assert worker.publisher.commits == [{OTHER: 1}]
        worker.extractor.release(3)
        await until(lambda: worker.publisher.committed == {TP: 5, OTHER: 1})
        worker.extractor.release(9)
        await until(lambda: worker.publisher.committed == {TP: 13, OTHER: 1})


async def test_an_offset_is_committed_once():
    async with Worker(TP, OTHER) as worker:
        worker.extractor.release_all()
        await worker.feed(page(0))
        await until(lambda: worker.publisher.commits)
        await worker.feed(page(0, "other", OTHER))
        await until(lambda: len(worker.publisher.commits) > 1)
        assert worker.publisher.commits == [{TP: 1}, {OTHER: 1}]


async def test_commit_max_records_does_not_wait_for_the_interval():
    async with Worker(commit={"interval": "1h", "max_records": 2}) as worker:
        worker.extractor.release_all()
        await worker.feed(page(0, "a"), page(1, "b"))
        await until(lambda: worker.publisher.committed == {TP: 2})


async def test_a_commit_that_failed_is_tried_again():
    async with Worker(publisher=FaultyPublisher(commit_failures=3)) as worker:
        worker.extractor.release_all()
        await worker.feed(page(0))
        await until(lambda: worker.publisher.committed == {TP: 1})
        assert worker.count("commit_failures_total") == 3


async def test_partitions_are_committed_each_for_itself():
    async with Worker(TP, OTHER) as worker:
        await worker.feed(page(7, "a"), page(8, "b", OTHER))
        await worker.extracting(7)
        worker.extractor.release(8, tp=OTHER)
        await until(lambda: worker.publisher.committed == {OTHER: 9})


# -- outcomes


async def test_every_record_has_one_outcome_and_the_counters_add_up():
    async with Worker() as worker:
        worker.extractor.errors[ref(5)] = NoMainText("nothing here")
        worker.extractor.release_all()
        await worker.feed(page(0, "a"))
        await worker.settled(1)
        await worker.feed(page(1, "a"), page(2, "a|x"), page(3, None), page(4, ""), page(5, "b"))
        await worker.finish()
        assert worker.outcomes == {
            0: Outcome.PUBLISHED,
            1: Outcome.DUPLICATE,
            2: Outcome.DUPLICATE,
            3: Outcome.EMPTY,
            4: Outcome.DEAD_LETTERED,
            5: Outcome.DEAD_LETTERED,
        }
        assert len(worker.settlements) == worker.count("records_consumed_total") == 6
        counted = {outcome: worker.count("records_settled_total", outcome=outcome.value) for outcome in Outcome}
        assert counted == Counter(worker.outcomes.values())
        assert worker.count("extracted_pages_total", language="pt") == worker.count("similar_items_total")
        assert worker.publisher.committed == {TP: 6}
        assert worker.inflight == (0, 0)


async def test_a_tombstone_is_empty_and_publishes_nothing():
    async with Worker() as worker:
        await worker.feed(page(0, None))
        await worker.finish()
        assert worker.outcomes == {0: Outcome.EMPTY}
        assert worker.publisher.published == []
        assert worker.publisher.committed == {TP: 1}


@pytest.mark.parametrize(("body", "kind", "extracted"), [("one", "raw", 1), ("one|other bytes", "content", 2)])
async def test_a_twin_is_a_duplicate_and_names_its_owner(body, kind, extracted):
    async with Worker(duplicates={"topic": "duplicates"}) as worker:
        worker.extractor.release_all()
        await worker.feed(page(0))
        await worker.settled(1)
        await worker.feed(page(1, body))
        await worker.finish()
        assert worker.settlements[1].outcome is Outcome.DUPLICATE
        assert worker.settlements[1].duplicate_of == ref(0)
        assert len(worker.extractor.calls) == extracted
        ((_, notice),) = worker.publisher.in_topic("duplicates")
        told = orjson.loads(notice.value)
        assert (told["hash_kind"], told["duplicate_of"]["offset"], told["source"]["offset"]) == (kind, 0, 1)


async def test_of_equal_pages_in_flight_one_is_extracted():
    async with Worker() as worker:
        await worker.feed(page(0), page(1), page(2), page(3, "other"))
        await worker.extracting(0, 3)
        assert worker.extractor.calls == [ref(0), ref(3)]
        worker.extractor.release(0)
        await worker.settled(3)
        assert worker.outcomes == {0: Outcome.PUBLISHED, 1: Outcome.DUPLICATE, 2: Outcome.DUPLICATE}


async def test_copies_of_a_page_that_is_known_are_asked_for_together():
    store = HoldableStore()
    async with Worker(store=store) as worker:
        worker.extractor.release_all()
        await worker.feed(page(0))
        await worker.settled(1)
        before = store.asked
        await worker.feed(*(page(offset) for offset in range(1, 11)))
        await worker.settled(11)
        assert store.asked - before < 10, "twenty, if each waited for the one before it"


async def test_where_the_first_of_equal_pages_fails_the_next_is_extracted():
    async with Worker() as worker:
        worker.extractor.errors[ref(0)] = ExtractionFailed("odd")
        await worker.feed(page(0), page(1))
        await worker.extracting(0)
        worker.extractor.release(0)
        await worker.extracting(1)
        await worker.finish()
        assert worker.outcomes == {0: Outcome.DEAD_LETTERED, 1: Outcome.PUBLISHED}


async def test_copies_of_a_page_that_fails_wait_for_the_first_and_not_for_each_other():
    store = HoldableStore()
    async with Worker(store=store) as worker:
        worker.extractor.errors |= {ref(offset): ExtractionFailed("odd") for offset in range(10)}
        await worker.feed(*(page(offset) for offset in range(10)))
        await worker.extracting(0)
        worker.extractor.release(0)
        await worker.extracting(*range(1, 10))
        asked = store.asked
        await worker.finish()
        assert store.asked == asked
        assert worker.outcomes == dict.fromkeys(range(10), Outcome.DEAD_LETTERED)


async def test_without_a_topic_for_them_duplicates_are_only_counted():
    async with Worker() as worker:
        worker.extractor.release_all()
        await worker.feed(page(0))
        await worker.settled(1)
        await worker.feed(page(1))
        await worker.finish()
        assert worker.publisher.articles == [ref(0)]
        assert worker.publisher.committed == {TP: 2}


async def test_a_replay_of_the_owner_is_published_again():
    store = MemoryClaimStore(3600)
    for _ in range(2):
        async with Worker(store=store) as worker:
            await worker.feed(page(0))
            await worker.finish()
            assert worker.publisher.articles == [ref(0)]


async def test_a_page_that_fails_lets_its_twin_be_published():
    async with Worker() as worker:
        worker.extractor.errors[ref(0)] = ExtractionFailed("odd")
        worker.extractor.release_all()
        await worker.feed(page(0))
        await worker.settled(1)
        await worker.feed(page(1))
        await worker.finish()
        assert worker.outcomes == {0: Outcome.DEAD_LETTERED, 1: Outcome.PUBLISHED}


async def test_the_error_of_a_page_does_not_hold_the_page():
    error = ExtractionFailed("odd")
    async with Worker() as worker:
        worker.extractor.errors[ref(0)] = error
        worker.extractor.release_all()
        await worker.feed(page(0))
        await worker.finish()
    assert error.__traceback__ is None


async def test_a_page_without_main_text_can_settle_as_empty():
    async with Worker(dead_letters={"no_main_text": False}) as worker:
        worker.extractor.errors[ref(0)] = NoMainText("nothing here")
        worker.extractor.release_all()
        await worker.feed(page(0))
        await worker.settled(1)
        await worker.feed(page(1))
        await worker.finish()
        assert worker.outcomes == {0: Outcome.EMPTY, 1: Outcome.PUBLISHED}
        assert worker.publisher.letters == []


async def test_an_envelope_that_breaks_the_reader_is_a_dead_letter_and_not_the_end(monkeypatch):
    def explode(*_args, **_options):
        raise KeyError("a bug")

    monkeypatch.setattr("worker.pipeline.processor.open_page", explode)
    async with Worker() as worker:
        await worker.feed(page(0))
        await worker.finish()
        assert worker.outcomes == {0: Outcome.DEAD_LETTERED}
        assert worker.count("dead_letters_total", stage="extract", reason="extraction_failed") == 1


async def test_a_dead_letter_carries_the_page_and_the_time():
    async with Worker() as worker:
        worker.extractor.errors[ref(0)] = ExtractionFailed("odd")
        await worker.feed(page(0, "the page"))
        await worker.finish()
        (letter,) = worker.publisher.letters
        assert letter.value == b"the page"
        headers = dict(letter.headers)
        assert headers["winnow-reason"] == b"extraction_failed"
        assert headers["winnow-failed-at"] == b"1970-01-01T00:16:40.000Z"
        assert headers["content-type"] == b"text/html"


# -- backpressure


async def test_a_full_budget_polls_for_nothing_and_resumes():
    async with Worker(limits={"inflight_records": 3}) as worker:
        worker.source.feed(*(page(offset, f"page {offset}") for offset in range(5)))
        await worker.extracting(0, 1, 2)
        assert await worker.asked_for() == {0}
        assert worker.inflight[0] == 3
        assert worker.count("backpressure_seconds_total") > 0, "while it lasts"
        worker.extractor.release(1)
        await worker.extracting(3)
        await worker.finish()
        assert len(worker.settlements) == 5
        assert worker.inflight == (0, 0)


async def test_bytes_hold_consumption_up_as_records_do():
    async with Worker(limits={"payload_bytes": "1000B", "inflight_bytes": "1000B"}) as worker:
        worker.source.feed(*(page(offset, str(offset) * 600) for offset in range(3)))
        await worker.extracting(0, 1, 2)  # the first batch may pass the limit, for nothing is known of the sizes yet
        worker.source.feed(page(3, "x" * 600))
        worker.extractor.release(0)
        await worker.settled(1)
        assert not worker.extractor.waiting() & {ref(3)}
        worker.extractor.release(1, 2)
        await worker.extracting(3)
        await worker.finish()
        assert worker.inflight == (0, 0)


async def test_a_record_that_is_not_published_holds_consumption_up_before_too_much_is_read_again_after_a_crash():
    publisher = FaultyPublisher(refused=ref(0))
    async with Worker(publisher=publisher, limits={"inflight_records": 3}) as worker:
        worker.extractor.release_all()
        worker.source.feed(*(page(offset, f"page {offset}") for offset in range(60)))
        await until(lambda: worker.count("records_consumed_total") > 30)
        mark = len(worker.source.allowances)
        await until(lambda: len(worker.source.allowances) > mark + 3)
        assert set(worker.source.allowances[mark + 1 :]) == {0}
        assert worker.count("records_consumed_total") <= 33
        publisher.refused = None
        await worker.finish()
        assert worker.publisher.committed == {TP: 60}


async def test_an_article_that_waits_to_be_published_counts_as_well():
    async with Worker(publisher=FaultyPublisher(stuck=True)) as worker:
        await worker.feed(page(0, "x" * 600))
        await worker.extracting(0)
        before = worker.inflight[1]
        worker.extractor.release(0)
        await until(lambda: worker.inflight[1] > before + 600)
        worker.publisher.stuck = False
        await worker.finish()
        assert worker.inflight == (0, 0)


async def test_consumption_resumes_when_a_tenth_is_free():
    async with Worker(limits={"inflight_records": 20}) as worker:
        worker.source.feed(*(page(offset, f"page {offset}") for offset in range(22)))
        await worker.extracting(*range(20))
        assert await worker.asked_for() == {0}
        worker.extractor.release(0)
        await until(lambda: worker.inflight[0] == 19)
        assert await worker.asked_for() == {0}
        worker.extractor.release(1)
        await worker.extracting(20, 21)


async def test_outputs_that_wait_for_a_commit_hold_consumption_up():
    limits = {"payload_bytes": "1KiB", "inflight_bytes": "1KiB"}
    async with Worker(limits=limits, publisher=FaultyPublisher(held_bytes=1025)) as worker:
        worker.source.feed(page(0))
        assert await worker.asked_for() == {0}
        worker.publisher.held_bytes = 1024
        await worker.extracting(0)


async def test_when_most_pages_die_consumption_pauses_for_a_window():
    letters, now = {"max_ratio": 0.5, "min_sample": 4, "window": "60s"}, [0.0]
    async with Worker(dead_letters=letters, limits={"inflight_records": 4}) as worker:
        worker.pipeline.breaker._clock = lambda: now[0]
        worker.source.feed(*(page(offset, b"") for offset in range(12)))
        for settled in (4, 8):
            await worker.settled(settled)
            assert await worker.asked_for() == {0}
            assert (worker.count("breaker_open"), len(worker.settlements)) == (1, settled)
            now[0] += 60


# -- rebalances


async def test_a_revocation_commits_what_is_settled_and_waits_for_what_runs():
    async with Worker(extractor=CommandedExtractor(processes=2), commit={"interval": "1h"}) as worker:
        await worker.feed(*(page(offset, f"page {offset}") for offset in range(4)))
        await worker.extracting(0, 1, 2, 3)
        revoking = asyncio.create_task(worker.pipeline.on_revoked([TP]))
        await until(lambda: worker.extractor.waiting() == {ref(0), ref(1)})  # what only waited is dropped
        assert not revoking.done()
        worker.extractor.release(0, 1)
        await revoking
        assert worker.publisher.committed == {TP: 2}
        assert worker.outcomes == {0: Outcome.PUBLISHED, 1: Outcome.PUBLISHED}
        await until(lambda: worker.inflight == (0, 0))
        assert worker.count("records_abandoned_total") == 2


async def test_a_revocation_drops_a_page_that_still_waits_for_its_claim():
    store = HoldableStore()
    async with Worker(store=store) as worker:
        store.down = True
        await worker.feed(page(0))
        async with asyncio.timeout(5):
            await worker.pipeline.on_revoked([TP])
        await until(lambda: worker.inflight == (0, 0))
        assert worker.publisher.committed == {}


async def test_a_revocation_waits_for_a_page_that_was_extracted():
    store = HoldableStore()
    async with Worker(store=store, commit={"interval": "1h"}) as worker:
        await worker.feed(page(0))
        await worker.extracting(0)
        store.down = True
        worker.extractor.release(0)
        await until(lambda: not worker.extractor.waiting())
        revoking = asyncio.create_task(worker.pipeline.on_revoked([TP]))
        await asyncio.sleep(0)
        store.down = False
        await revoking
        assert worker.publisher.committed == {TP: 1}


async def test_a_revocation_waits_for_a_dead_letter_on_its_way():
    async with Worker(publisher=FaultyPublisher(stuck=True), commit={"interval": "1h"}) as worker:
        await worker.feed(page(0, ""))
        await until(lambda: worker.publisher.asked)
        revoking = asyncio.create_task(worker.pipeline.on_revoked([TP]))
        await asyncio.sleep(0)
        worker.publisher.stuck = False
        await revoking
        assert worker.publisher.committed == {TP: 1}


async def test_a_page_that_hangs_does_not_hold_up_a_revocation_beyond_what_the_group_allows():
    async with Worker(kafka={"consumer": {"rebalance_timeout_ms": 40}}, pool={"page_timeout": "1h"}) as worker:
        await worker.feed(page(0, "a"), page(1, "b"))
        await worker.extracting(0, 1)
        worker.extractor.release(0)
        async with asyncio.timeout(5):
            await worker.pipeline.on_revoked([TP])
        assert worker.publisher.committed == {TP: 1}


async def test_a_commit_that_hangs_does_not_hold_up_a_revocation_beyond_what_the_group_allows(monkeypatch):
    async with Worker(kafka={"consumer": {"rebalance_timeout_ms": 40}}, commit={"interval": "1h"}) as worker:

        async def hang(_offsets):
            await asyncio.Event().wait()

        monkeypatch.setattr(worker.publisher, "commit", hang)
        worker.extractor.release_all()
        await worker.feed(page(0))
        await worker.settled(1)
        with capture_logs() as logs:
            async with asyncio.timeout(5):
                await worker.pipeline.on_revoked([TP])
        assert [entry["error"] for entry in logs if "could not commit" in entry["event"]] == ["no answer in time"]
        assert worker.pipeline.status()["partitions"] == {}


async def test_a_revocation_does_not_wait_for_ever_and_ignores_what_finishes_late():
    async with Worker(pool={"page_timeout": "10ms"}, commit={"interval": "1h"}) as worker:
        await worker.feed(page(0, "a"), page(1, "b"))
        await worker.extracting(0, 1)
        worker.extractor.release(0)
        await worker.settled(1)
        await worker.pipeline.on_revoked([TP])
        await worker.pipeline.on_assigned([TP])
        worker.extractor.release(1)
        await until(lambda: worker.inflight == (0, 0))
        assert worker.publisher.committed == {TP: 1}
        assert worker.outcomes == {0: Outcome.PUBLISHED}


async def test_a_partition_that_comes_back_starts_anew():
    async with Worker() as worker:
        await worker.feed(page(5, "a"))
        await worker.extracting(5)
        worker.extractor.release(5)
        await worker.settled(1)
        await worker.pipeline.on_revoked([TP])
        await worker.pipeline.on_assigned([TP])
        await worker.feed(page(5, "a"), page(6, "b"))  # its commit was lost: the broker hands the record out again
        await worker.finish()
        assert sorted(worker.publisher.articles) == [ref(5), ref(5), ref(6)]
        assert worker.publisher.committed == {TP: 7}


async def test_an_assignment_without_a_revocation_starts_anew_as_well():
    async with Worker() as worker:
        await worker.feed(page(5, "a"))
        await worker.extracting(5)
        await worker.pipeline.on_assigned([TP])
        await until(lambda: worker.inflight == (0, 0))
        await worker.feed(page(5, "a"))
        await worker.finish()
        assert len(worker.settlements) == 1


async def test_a_record_that_is_dropped_before_its_first_step_gives_its_budget_back():
    async with Worker() as worker:
        worker.pipeline._accept(page(0))
        await worker.pipeline.on_assigned([TP])
        await until(lambda: worker.inflight == (0, 0))
        assert worker.count("records_abandoned_total") == 1


async def test_records_of_a_partition_that_is_not_held_are_left_to_its_owner():
    async with Worker() as worker:
        worker.source.feed(page(0, "a", OTHER))
        await worker.feed(page(0, "b"))
        await worker.finish()
        assert worker.publisher.articles == [ref(0)]
        assert worker.count("records_consumed_total") == 1


async def test_a_revocation_survives_a_commit_that_fails():
    async with Worker(publisher=FaultyPublisher(commit_failures=1), commit={"interval": "1h"}) as worker:
        worker.extractor.release_all()
        await worker.feed(page(0))
        await worker.settled(1)
        await worker.pipeline.on_revoked([TP])
        assert worker.publisher.committed == {}
        assert worker.pipeline.status()["partitions"] == {}


async def test_other_partitions_do_not_notice_a_revocation():
    async with Worker(TP, OTHER) as worker:
        await worker.feed(page(0, "a"), page(0, "b", OTHER))
        await worker.extracting(0)
        await worker.extracting(0, tp=OTHER)
        worker.extractor.release(0)
        await worker.pipeline.on_revoked([TP])
        await worker.finish()
        assert worker.publisher.committed == {TP: 1, OTHER: 1}


# -- the output fails


async def test_publishing_is_tried_until_it_succeeds_and_nothing_is_lost():
    async with Worker(publisher=FaultyPublisher(failures=7)) as worker:
        await worker.feed(*(page(offset, f"page {offset}") for offset in range(3)))
        await worker.finish()
        assert sorted(worker.publisher.articles) == [ref(0), ref(1), ref(2)]
        assert worker.count("publish_retries_total") == 7
        assert worker.publisher.committed == {TP: 3}


async def test_an_article_that_is_too_large_becomes_a_dead_letter_and_frees_its_claims():
    async with Worker(publisher=FaultyPublisher(too_large=100)) as worker:
        worker.extractor.release_all()
        await worker.feed(page(0, "x" * 95))  # the article around it is longer than the page
        await worker.settled(1)
        worker.publisher.too_large = None
        await worker.feed(page(1, "x" * 95))
        await worker.finish()
        assert worker.outcomes == {0: Outcome.DEAD_LETTERED, 1: Outcome.PUBLISHED}
        assert worker.count("dead_letters_total", stage="publish", reason="output_too_large") == 1


async def test_a_dead_letter_that_is_too_large_is_cut():
    async with Worker(publisher=FaultyPublisher(too_large=70_000)) as worker:
        worker.extractor.errors[ref(0)] = ExtractionFailed("odd")
        await worker.feed(page(0, "x" * 100_000))
        await worker.finish()
        (letter,) = worker.publisher.letters
        assert len(letter.value) < 70_000
        assert worker.outcomes == {0: Outcome.DEAD_LETTERED}
        assert worker.publisher.committed == {TP: 1}


async def test_a_notice_that_is_too_large_leaves_out_the_address():
    async with Worker(publisher=FaultyPublisher(too_large=1000), duplicates={"topic": "known"}) as worker:
        await worker.feed(page(0, "same"))
        worker.extractor.release_all()
        await worker.settled(1)
        await worker.feed(replace(page(1, "same"), headers=(("url", b"https://a.example/" + b"x" * 1000),)))
        await worker.finish()
        ((of, notice),) = worker.publisher.in_topic("known")
        assert (of, orjson.loads(notice.value)["url"]) == (ref(1), None)
        assert worker.publisher.committed == {TP: 2}


async def test_a_topic_that_takes_not_even_a_cut_letter_stops_the_worker():
    async with Worker(publisher=FaultyPublisher(too_large=1)) as worker:
        await worker.feed(page(0, "x" * 100_000))
        with pytest.raises(FatalError, match=r"max\.message\.bytes"):
            await worker.finish()
        assert worker.publisher.committed == {}


# -- the claims' store fails


class HoldableStore(MemoryClaimStore):
    """Memory that can be taken away."""

    def __init__(self):
        super().__init__(3600)
        self.down = False
        self.deaf = False  # claims are granted, but the answer is lost
        self.asked = 0

    async def look_up(self, raws):
        self.asked += 1
        if self.down:
            raise ClaimStoreUnavailable("away")
        return await super().look_up(raws)

    async def claim(self, claims):
        self.asked += 1
        if self.down:
            raise ClaimStoreUnavailable("away")
        answer = await super().claim(claims)
        if self.deaf:
            raise ClaimStoreUnavailable("the answer was lost")
        return answer

    async def release(self, claims):
        if self.down:
            raise ClaimStoreUnavailable("away")
        await super().release(claims)


async def test_while_the_store_is_down_pause_holds_pages_back():
    store = HoldableStore()
    store.down = True
    async with Worker(store=store) as worker:
        await worker.feed(page(0))
        await until(lambda: store.asked > 3)
        assert worker.extractor.calls == []
        assert not worker.claimer.store_up
        assert worker.count("dedup_store_up") == 0
        store.down = False
        await worker.finish()
        assert worker.outcomes == {0: Outcome.PUBLISHED}
        assert worker.claimer.store_up


async def test_while_the_store_is_down_publish_goes_on_and_says_unknown():
    store = HoldableStore()
    store.down = True
    async with Worker(store=store, on_store_error="publish") as worker:
        await worker.feed(page(0), page(1))
        await worker.finish()
        assert worker.outcomes == {0: Outcome.PUBLISHED, 1: Outcome.PUBLISHED}
        assert worker.count("dedup_claims_total", kind="content", result="unknown") == 2


async def test_while_the_store_is_down_copies_of_a_page_go_on_together():
    store = HoldableStore()
    store.down = True
    async with Worker(store=store, on_store_error="publish") as worker:
        await worker.feed(*(page(offset) for offset in range(10)))
        await worker.extracting(0)
        worker.extractor.release(0)
        await worker.extracting(*range(1, 10))
        await worker.finish()
        assert worker.outcomes == dict.fromkeys(range(10), Outcome.PUBLISHED)


async def test_a_claim_that_was_granted_unseen_is_given_up_with_its_page():
    store = HoldableStore()
    store.deaf = True
    async with Worker(store=store, on_store_error="publish") as worker:
        worker.extractor.errors[ref(0)] = ExtractionFailed("odd")
        worker.extractor.release_all()
        await worker.feed(page(0))
        await worker.settled(1)
        store.deaf = False
        await worker.feed(page(1))
        await worker.finish()
        assert worker.outcomes == {0: Outcome.DEAD_LETTERED, 1: Outcome.PUBLISHED}


async def test_copies_do_not_become_duplicates_of_each_other_where_the_store_was_away_for_a_moment():
    store = HoldableStore()
    async with Worker(store=store, on_store_error="publish", publisher=FaultyPublisher(stuck=True)) as worker:
        store.down = True
        await worker.feed(page(5))
        await worker.extracting(5)
        store.down = False
        worker.extractor.release(5)
        await until(lambda: worker.count("dedup_claims_total", kind="content", result="won") == 1)  # and it dies here
    async with Worker(store=store, on_store_error="publish") as worker:
        await worker.feed(page(4))
        await worker.settled(1)
        await worker.feed(page(5))
        await worker.finish()
        assert worker.outcomes == {4: Outcome.DUPLICATE, 5: Outcome.PUBLISHED}


async def test_a_replay_that_fails_gives_up_what_its_first_attempt_had_claimed():
    store = MemoryClaimStore(3600)
    async with Worker(store=store, publisher=FaultyPublisher(stuck=True)) as worker:
        worker.extractor.release_all()
        await worker.feed(page(0))
        await until(lambda: worker.count("dedup_claims_total", kind="content", result="won") == 1)  # and it dies here
    async with Worker(store=store) as worker:
        worker.extractor.errors[ref(0)] = ExtractionFailed("odd")
        worker.extractor.release_all()
        await worker.feed(page(0))
        await worker.settled(1)
        await worker.feed(page(1, "one|other bytes"))
        await worker.finish()
        assert worker.outcomes == {0: Outcome.DEAD_LETTERED, 1: Outcome.PUBLISHED}


@pytest.mark.parametrize("expired", [False, True])
async def test_a_page_that_another_version_reads_otherwise_holds_no_claim_on_what_it_does_not_publish(expired):
    store = MemoryClaimStore(3600)
    async with Worker(store=store, publisher=FaultyPublisher(stuck=True)) as worker:
        worker.extractor.release_all()
        await worker.feed(page(0))
        await until(lambda: worker.count("dedup_claims_total", kind="content", result="won") == 1)  # and it dies here
    if expired:
        await store.release([Claim(b"one".hex(), ref(0))])  # the note is younger than the claim where the page was seen again
    async with Worker(store=store) as worker:
        worker.extractor.release_all()
        worker.extractor.prefix = "the "
        await worker.feed(page(0))
        await worker.settled(1)
        worker.extractor.prefix = ""
        await worker.feed(page(1, "one|other bytes"))
        await worker.finish()
        assert worker.outcomes == {0: Outcome.PUBLISHED, 1: Outcome.PUBLISHED}


# -- the end


async def test_a_drain_settles_what_is_in_flight_and_commits():
    async with Worker(commit={"interval": "1h"}) as worker:
        await worker.feed(page(0, "a"), page(1, "b"))
        await worker.extracting(0, 1)
        worker.pipeline.drain()
        await until(lambda: worker.pipeline.status()["draining"])
        worker.extractor.release(1, 0)
        await worker.task
        assert worker.publisher.committed == {TP: 2}
        assert worker.inflight == (0, 0)


async def test_the_end_of_the_input_gives_its_last_pages_all_their_time():
    async with Worker(shutdown={"drain_timeout": "10ms"}) as worker:
        await worker.feed(page(0), page(1, "b"))
        worker.source.end()
        await worker.extracting(0, 1)
        await asyncio.sleep(0.1)
        worker.extractor.release_all()
        async with asyncio.timeout(10):
            await worker.task
        assert worker.publisher.committed == {TP: 2}


async def test_a_page_that_hangs_does_not_hold_up_a_drain_and_is_not_committed():
    async with Worker(shutdown={"drain_timeout": "20ms"}) as worker:
        await worker.feed(page(0, "a"), page(1, "b"), page(2, "c"))
        await worker.extracting(0, 1, 2)
        worker.extractor.release(0, 2)
        await worker.settled(2)
        worker.pipeline.drain()
        await worker.task
        assert worker.publisher.committed == {TP: 1}
        assert worker.inflight == (0, 0)


async def test_a_drain_does_not_wait_for_a_poll_that_hangs(monkeypatch):
    async with Worker() as worker:
        hanging = asyncio.Event()

        async def hang(_max_records):
            hanging.set()
            await asyncio.Event().wait()

        monkeypatch.setattr(worker.source, "poll", hang)
        await hanging.wait()
        worker.pipeline.drain()
        async with asyncio.timeout(5):
            await worker.task


async def test_a_drain_does_not_wait_for_a_source_that_never_starts(monkeypatch):
    worker = Worker()

    async def hang(_listener):
        await asyncio.Event().wait()

    monkeypatch.setattr(worker.source, "start", hang)
    running = asyncio.create_task(worker.pipeline.run())
    await asyncio.sleep(0)
    worker.pipeline.drain()
    async with asyncio.timeout(5):
        await running


async def test_a_last_commit_that_fails_is_not_passed_over():
    async with Worker(publisher=FaultyPublisher(commit_failures=1), commit={"interval": "1h"}) as worker:
        await worker.feed(page(0))
        with pytest.raises(FatalError, match="last commit"):
            await worker.finish()


async def test_a_bug_stops_the_worker_and_nothing_past_it_is_committed():
    async with Worker(commit={"interval": "1h"}) as worker:
        worker.extractor.bugs[ref(1)] = ZeroDivisionError("a bug")
        await worker.feed(page(0, "a"), page(1, "b"), page(2, "c"))
        await worker.extracting(0, 1, 2)
        worker.extractor.release(0, 2)
        await worker.settled(2)
        worker.extractor.release(1)
        with pytest.raises(FatalError, match="ZeroDivisionError"):
            await worker.task
        assert (worker.count("records_consumed_total"), worker.count("records_abandoned_total")) == (3, 1)
        assert worker.publisher.committed == {TP: 1}


async def test_a_bug_in_who_watches_stops_the_worker_too():
    async with Worker() as worker:
        worker.pipeline._on_settled = {}.__getitem__
        await worker.feed(page(0))
        with pytest.raises(FatalError, match="KeyError"):
            await worker.finish()


@pytest.mark.parametrize("error", [FatalError("the listener failed"), ZeroDivisionError("a bug")])
async def test_a_source_that_can_not_go_on_stops_the_worker_after_a_last_commit(error):
    async with Worker(commit={"interval": "1h"}) as worker:
        await worker.feed(page(0), page(1, "two"))
        await worker.extracting(0, 1)
        worker.extractor.release(0)
        await worker.settled(1)
        worker.source.error = error
        await until(lambda: worker.pipeline.status()["draining"])
        for _ in range(100):
            await asyncio.sleep(0)
        worker.extractor.release(1)
        with pytest.raises(FatalError, match=str(error)):
            await worker.task
        assert worker.publisher.committed == {TP: 2}


async def test_a_source_that_goes_back_without_an_assignment_stops_the_worker():
    async with Worker() as worker:
        worker.source.feed(page(5, "a"), page(5, "b"))
        with pytest.raises(FatalError, match="handed out"):
            await worker.finish()


async def test_a_pipeline_that_is_cancelled_leaves_no_task_behind():
    before = asyncio.all_tasks()
    async with Worker() as worker:
        await worker.feed(page(0))
        await worker.extracting(0)
        worker.task.cancel()
        await asyncio.gather(worker.task, return_exceptions=True)
        await until(lambda: asyncio.all_tasks() <= before | {worker.task})
        assert worker.inflight == (0, 0)


async def test_a_source_that_loses_its_cancellation_ends_all_the_same(monkeypatch):
    async with Worker() as worker:
        polling = asyncio.Event()

        async def deaf(_max_records):
            with contextlib.suppress(asyncio.CancelledError):
                polling.set()
                await asyncio.Event().wait()
            return []

        monkeypatch.setattr(worker.source, "poll", deaf)
        await polling.wait()
        worker.task.cancel()
        async with asyncio.timeout(5):
            await asyncio.wait({worker.task})
        assert worker.task.cancelled()


# -- what can be seen


async def test_lag_counts_from_the_oldest_record_that_is_not_settled():
    async with Worker() as worker:
        await worker.feed(page(90, "a", timestamp_ms=940_000), page(95, "b", timestamp_ms=990_000))
        await worker.extracting(90, 95)
        worker.extractor.release(95)
        await worker.settled(1)
        await worker.pipeline.observe_lag()
        labels = {"topic": "pages.raw", "partition": "0"}
        assert worker.count("consumer_lag_records", **labels) == 10
        assert worker.count("consumer_lag_seconds", **labels) == 60
        assert worker.count("partition_buffered_records", **labels) == 2
        await until(lambda: worker.pipeline.status()["inflight"] == {"records": 1, "bytes": page(90, "a").size})
        await worker.pipeline.on_revoked([])
        worker.extractor.release(90)
        await worker.settled(2)
        await worker.pipeline.observe_lag()
        assert worker.count("consumer_lag_records", **labels) == 4
        assert worker.count("end_to_end_latency_seconds_count") == 2
        await worker.pipeline.on_revoked([TP])
        assert worker.metrics.registry.get_sample_value("winnow_consumer_lag_records", labels) is None


async def test_lag_grows_while_records_wait_in_the_topic_and_none_is_taken_in():
    now = [1000.0]
    async with Worker(clock=lambda: now[0]) as worker:
        worker.extractor.release_all()
        await worker.feed(page(90, timestamp_ms=940_000))
        await worker.settled(1)
        labels = {"topic": "pages.raw", "partition": "0"}
        lags = []
        for end, passing in ((100, 0), (100, 300), (91, 10), (100, 10)):
            now[0] += passing
            worker.source.end_offset = end
            await worker.pipeline.observe_lag()
            lags.append(worker.count("consumer_lag_seconds", **labels))
        assert lags == [0, 300, 0, 0]


async def test_a_partition_from_which_nothing_was_taken_lags_from_where_it_begins():
    now = [1000.0]
    async with Worker(clock=lambda: now[0]) as worker:
        await worker.pipeline.observe_lag()
        now[0] += 60
        await worker.pipeline.observe_lag()
        labels = {"topic": "pages.raw", "partition": "0"}
        assert worker.count("consumer_lag_records", **labels) == 100
        assert worker.count("consumer_lag_seconds", **labels) == 60


# -- any history


_contents = st.lists(st.sampled_from(["a", "a|1", "b", "b|1", "c", "bad", None, ""]), min_size=1, max_size=12)
_steps = st.lists(
    st.one_of(
        st.tuples(st.just("finish"), st.integers(0, 11)),
        st.tuples(st.sampled_from(["revoke", "crash"]), st.just(0)),
    ),
    max_size=16,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bodies=_contents, steps=_steps, commit_at_once=st.booleans())
async def test_whatever_happens_every_article_is_published_before_its_record_is_committed(bodies, steps, commit_at_once):
    store, publisher, settled = MemoryClaimStore(3600), FaultyPublisher(), []
    interval = "1ms" if commit_at_once else "1h"

    def record(offset):
        return page(offset, bodies[offset])

    def articles():
        return {orjson.loads(output.value)["text"] for _, output in publisher.in_topic("articles")}

    def check():
        """What is committed is settled, and its article is published or owned by a record that will come again."""
        end = publisher.committed.get(TP, 0)
        assert {settlement.ref.offset for settlement in settled} >= set(range(end))
        owners = [owner.offset for owner, _ in store._holders._held.values()]
        safe = articles() | {bodies[owner].partition("|")[0] for owner in owners if owner >= end}
        assert {body.partition("|")[0] for body in bodies[:end] if body and body != "bad"} <= safe

    async def life(worker):
        """Until the steps ask for another worker, or are done."""
        while steps:
            step, argument = steps.pop(0)
            if step == "finish":
                worker.extractor.release(argument)
                await asyncio.sleep(0.002)
            elif step == "revoke":
                await worker.pipeline.on_revoked([TP])
                check()
                await worker.pipeline.on_assigned([TP])
                worker.source.feed(*(record(offset) for offset in range(publisher.committed.get(TP, 0), len(bodies))))
                await asyncio.sleep(0.002)
            else:
                return False
        await worker.finish()
        return True

    done = False
    while not done:
        extractor = CommandedExtractor(processes=2)
        extractor.errors = {ref(offset): ExtractionFailed("bad") for offset, body in enumerate(bodies) if body == "bad"}
        options = {"commit": {"interval": interval}, "pool": {"page_timeout": "2ms"}}
        async with Worker(store=store, publisher=publisher, extractor=extractor, **options) as worker:
            worker.pipeline._on_settled = settled.append
            await worker.feed(*(record(offset) for offset in range(publisher.committed.get(TP, 0), len(bodies))))
            done = await life(worker)
        check()

    assert publisher.committed == {TP: len(bodies)}
    assert articles() == {body.partition("|")[0] for body in bodies if body and body != "bad"}
