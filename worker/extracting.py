"""Pages through the extraction processes and out again in their order, with no claims and no broker: what `winnow extract` does."""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from worker import __version__
from worker.article.envelope import open_page
from worker.config import Settings
from worker.errors import DamagedInput, PageError
from worker.metrics import Metrics
from worker.pool.supervisor import ExtractionPool
from worker.records import Extraction, Page, RawPage, SourceRef
from worker.stream.file_source import DAMAGE, Input, open_inputs

_AHEAD = 4  # pages under way for each process
_STOP_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What is said of pages that don't say it themselves."""

    url: str | None = None
    content_type: str | None = None
    content_encoding: str | None = None

    def __call__(self, page: Page) -> Page:
        """The page, with what it leaves out."""
        return replace(
            page,
            url=page.url or self.url,
            content_type=page.content_type or self.content_type,
            content_encoding=page.content_encoding or self.content_encoding,
        )


async def extract_pages(source: str, settings: Settings, described: Described) -> AsyncIterator[tuple[str, Extraction]]:
    """Each page's name and what came of it.

    Raises:
        ConfigError: there is no such file.
    """
    records = _records(source, settings.limits.payload_bytes)
    pool = ExtractionPool(
        settings.pool,
        decoded_bytes=settings.limits.decoded_bytes,
        similar_news=settings.similar_news,
        metrics=Metrics(__version__),
    )

    async def extract(record: RawPage) -> tuple[str, Extraction]:
        name = record.key.decode("utf-8", "replace") if record.key else str(record.ref)
        try:
            page = open_page(record, settings.input, max_bytes=settings.limits.payload_bytes)
        except PageError as error:
            return name, Extraction(error=error)
        return name, await pool.extract(record.ref, described(page), record.key)

    under_way: deque[asyncio.Task[tuple[str, Extraction]]] = deque()
    await pool.start()
    try:
        for record in records:
            under_way.append(asyncio.create_task(extract(record)))
            if len(under_way) >= _AHEAD * settings.pool.size:
                yield await under_way.popleft()
        while under_way:
            yield await under_way.popleft()
    except DamagedInput:
        while under_way:
            yield await under_way.popleft()
        raise
    finally:
        for task in under_way:
            task.cancel()
        await pool.stop(_STOP_S)


def _records(source: str, max_bytes: int) -> Iterator[RawPage]:
    if source == "-":
        return iter([RawPage(SourceRef("-", 0, 0), sys.stdin.buffer.read(), key=b"-")])
    (opened,) = open_inputs([Path(source)])
    return _undamaged(opened, max_bytes)


def _undamaged(source: Input, max_bytes: int) -> Iterator[RawPage]:
    """The records that can be read; after them, an error that says what could not."""
    damage: list[Exception] = []
    try:
        yield from source.records(0, damage.append, max_bytes=max_bytes)
    except DAMAGE as error:
        damage.append(error)
    if damage:
        raise DamagedInput(f"{source.path} is damaged: {'; '.join(map(str, damage))}") from damage[0]
