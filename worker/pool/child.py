"""What an extraction process does with a page: unpack, extract, note where it came from, serialise.

This module is preloaded by the fork server, and with it the whole extractor, so that a new process is there in milliseconds and
shares that memory with its siblings.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import orjson

from worker.article import extract_article
from worker.article.decode import unpack
from worker.records import Extraction, Page, SourceInfo, SourceRef


def extract_page(ref: SourceRef, page: Page, key: bytes | None, decoded_bytes: int) -> Extraction:
    """The page's article as JSON, complete but for publication.

    Raises:
        PageError: the page will never become an article.
    """
    body = unpack(page.body, page.content_encoding, max_bytes=decoded_bytes)
    article = replace(
        extract_article(body, page.url, page.content_type),
        source=SourceInfo(
            topic=ref.topic,
            partition=ref.partition,
            offset=ref.offset,
            key=None if key is None else key.decode("utf-8", "replace"),
            fetched_at=page.fetched_at,
        ),
        ingested_at=datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    )
    return Extraction(
        article=orjson.dumps(article),
        content_hash=article.content_hash,
        path=article.extractor.path,
        similar_items=len(article.similar),
        language=article.language,
    )
