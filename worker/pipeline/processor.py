"""What becomes of one record: open -> look up -> extract -> claim -> publish, and the one outcome in which that ends.

A record's claims are given up if its page fails; what is published is published for as long as it takes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache

import structlog
from blake3 import blake3

from worker.article.envelope import open_page
from worker.budget import Budget
from worker.config import Settings
from worker.dedup.claimer import Claimer
from worker.dedup.claims import Claim, ClaimKind, ClaimResult
from worker.errors import (
    ExtractionFailed,
    FatalError,
    NoMainText,
    OutputTooLarge,
    PageCrash,
    PageError,
    PageMemory,
    PageTimeout,
    PublishFailed,
)
from worker.metrics import Metrics, language_label
from worker.pool import Extractor
from worker.records import Outcome, OutputRecord, Page, RawPage, Settlement, SourceRef
from worker.stream.dead_letters import cut_dead_letter, dead_letter
from worker.stream.duplicates import cut_duplicate_record, duplicate_record
from worker.stream.edges import Publisher

_PUBLISH_BACKOFF_S = (0.2, 10.0)  # first and longest wait between two attempts
_TRIED_TWICE = (PageTimeout, PageCrash, PageMemory)  # the pool tries such a page again by itself

_log = structlog.get_logger(__name__)


@dataclass(slots=True, eq=False)
class Work:
    """A record on its way."""

    page: RawPage
    size: int  # of the page, and of its article once there is one, as the budget counts them
    claims: list[Claim] = field(default_factory=list)  # held, to be given up if the page fails
    spent: bool = False  # extraction, or an outcome without it, lies behind it: too dear to drop
    task: asyncio.Task[None] | None = None


class RecordProcessor:
    """Takes records to their outcomes, any number at once."""

    def __init__(
        self,
        *,
        claimer: Claimer,
        extractor: Extractor,
        publisher: Publisher,
        settings: Settings,
        budget: Budget,
        metrics: Metrics,
        clock: Callable[[], float],
    ) -> None:
        self._claimer = claimer
        self._extractor = extractor
        self._publisher = publisher
        self._settings = settings
        self._budget = budget
        self._metrics = metrics
        self._clock = clock
        self._extract_duration = cache(metrics.extract_duration.labels)  # a series is looked up once, not for every record
        self._pages_by_language = cache(metrics.pages_by_language.labels)
        self._debug = _log.bind().debug  # looked up once: called for every record, and mostly for nothing
        self._publishing = True
        self._extracting: dict[str, asyncio.Event] = {}  # by the hash of the page's bytes; set when it is known, or has failed

    async def process(self, work: Work) -> Settlement:
        """Find a record's outcome and publish what it brings.

        Raises:
            FatalError: the worker can't go on.
        """
        settlement = await self._decide(work)
        work.spent = True
        return await self._publish(work, settlement)

    async def _decide(self, work: Work) -> Settlement:
        """Find a record's outcome."""
        record, ref = work.page, work.page.ref
        if record.payload is None:
            return Settlement(ref, Outcome.EMPTY)
        try:
            page = self._open(record)
            return await self._unless_known(work, page, _digest(page.body))
        except PageError as error:
            return await self._give_up(work, error)

    async def _unless_known(self, work: Work, page: Page, raw: str) -> Settlement:
        """Extract a page whose bytes are new.  Of equal pages in flight the first is extracted, and the others know it then.

        Where it has failed, or the store can't tell, they wait no more: one after the other, a hundred copies would take a hundred
        times as long, and each end would have all that are left look up again.
        """
        known = await self._claimer.look_up(raw)
        if known is None and (twin := self._extracting.get(raw)) is not None:
            await twin.wait()
            known = await self._claimer.look_up(raw)
        if known is not None and (owner := await self._claim(work, ClaimKind.RAW, Claim(known, work.page.ref))) is not None:
            return self._duplicate(work.page, page, owner, ClaimKind.RAW, raw)
        done = self._extracting[raw] = asyncio.Event()
        try:
            return await self._extract(work, page, raw)
        finally:
            done.set()
            if self._extracting.get(raw) is done:
                del self._extracting[raw]

    async def _extract(self, work: Work, page: Page, raw: str) -> Settlement:
        record, ref = work.page, work.page.ref
        extraction = await self._extractor.extract(ref, page, record.key)
        work.spent = True
        if extraction.error is not None:  # not raised: with its traceback it would hold the page until the collector comes by
            return await self._give_up(work, extraction.error)
        if extraction.article is None or extraction.content_hash is None:
            raise FatalError(f"the extractor returned neither an article nor an error for {ref}")
        work.size += len(extraction.article)
        self._budget.grow(len(extraction.article))
        self._extract_duration(extraction.path).observe(extraction.duration_s)
        self._debug("extracted", ref=str(ref), path=extraction.path, seconds=round(extraction.duration_s, 4))
        self._metrics.similar_items.inc(extraction.similar_items)
        self._pages_by_language(language_label(extraction.language)).inc()
        if work.claims:
            await self._let_go(work, but=extraction.content_hash)
        owner = await self._claim(work, ClaimKind.CONTENT, Claim(extraction.content_hash, ref, raw))
        if owner is not None:
            return self._duplicate(record, page, owner, ClaimKind.CONTENT, extraction.content_hash)
        article = OutputRecord(self._settings.output.topic, extraction.content_hash.encode(), extraction.article)
        return Settlement(ref, Outcome.PUBLISHED, outputs=(article,))

    def _open(self, record: RawPage) -> Page:
        try:
            return open_page(record, self._settings.input, max_bytes=self._settings.limits.payload_bytes)
        except PageError:
            raise
        except Exception as error:  # one odd record must not stop the worker, again and again, at the same offset
            _log.exception("an envelope could not be opened", ref=str(record.ref))
            raise ExtractionFailed(f"opening the envelope: {type(error).__name__}: {error}") from error

    async def _claim(self, work: Work, kind: ClaimKind, claim: Claim) -> SourceRef | None:
        """Who else holds the article, or None where this record may go on."""
        result, owner = await self._claimer.claim(kind, claim)
        if result is ClaimResult.DUPLICATE:
            return owner
        work.claims.append(claim)  # an unknown one too: it may have been granted unseen
        return None

    async def _let_go(self, work: Work, *, but: str) -> None:
        """Give up what the page's bytes came to in another version, or by another configuration: this record publishes something
        else, and who comes with that article would be its duplicate.

        Before the new claim: from then on the note names the new article, and a replay would know of no other to give up.
        """
        await self._claimer.release([claim for claim in work.claims if claim.hash != but])
        work.claims = [claim for claim in work.claims if claim.hash == but]

    def _duplicate(self, record: RawPage, page: Page, owner: SourceRef, kind: ClaimKind, digest: str) -> Settlement:
        topic = self._settings.duplicates.topic
        notice = (duplicate_record(record, owner, url=page.url, kind=kind.value, digest=digest, topic=topic),) if topic else ()
        return Settlement(record.ref, Outcome.DUPLICATE, outputs=notice, duplicate_of=owner)

    async def _give_up(self, work: Work, error: PageError) -> Settlement:
        """A page that failed for good lets go of its claims before anything else: a twin may do better."""
        record = work.page
        await self._claimer.release(work.claims)
        if isinstance(error, NoMainText) and not self._settings.dead_letters.no_main_text:
            return Settlement(record.ref, Outcome.EMPTY, error=error)
        topic, attempts = self._settings.dead_letters.topic, 2 if isinstance(error, _TRIED_TWICE) else 1
        letter = dead_letter(record, error, topic=topic, attempts=attempts, failed_at=self._now())
        return Settlement(record.ref, Outcome.DEAD_LETTERED, outputs=(letter,), error=error)

    async def _publish(self, work: Work, settlement: Settlement) -> Settlement:
        """Publish what a settlement brings, for as long as it takes.  An article that the broker refuses becomes a dead letter."""
        wait = _PUBLISH_BACKOFF_S[0]
        while settlement.outputs:
            try:
                await self._publisher.publish(settlement.ref, settlement.outputs)
            except OutputTooLarge as error:
                settlement = await self._shorten(work, settlement, error)
            except PublishFailed as error:
                self._metrics.publish_retries.inc()
                if self._publishing:
                    _log.warning("publishing fails and is tried until it succeeds", error=str(error))
                self._publishing = False
                await asyncio.sleep(wait)
                wait = min(wait * 2, _PUBLISH_BACKOFF_S[1])
            else:
                if not self._publishing:
                    _log.info("publishing works again")
                self._publishing = True
                break
        return settlement

    async def _shorten(self, work: Work, settlement: Settlement, error: OutputTooLarge) -> Settlement:
        """What to publish instead of a record that the broker finds too large."""
        if settlement.outcome is Outcome.PUBLISHED:
            return await self._give_up(work, error)
        (record,) = settlement.outputs
        cut = cut_dead_letter(record) if settlement.outcome is Outcome.DEAD_LETTERED else cut_duplicate_record(record)
        if cut != record:
            return replace(settlement, outputs=(cut,))
        raise FatalError(f"a topic takes not even a short record; see its max.message.bytes: {error}") from error

    def _now(self) -> str:
        return datetime.fromtimestamp(self._clock(), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _digest(body: bytes) -> str:
    """128 bits that stand for a page's bytes: of BLAKE3, which no page can be made to share with another."""
    return blake3(body).hexdigest(16)
