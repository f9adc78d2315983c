"""The work of a child, in this process, and once through a pool."""

import gzip
from datetime import datetime

import orjson
import pytest

from worker.config import PoolSettings, SimilarNewsSettings
from worker.errors import DecodedTooLarge, PageError, PageMemory
from worker.metrics import Metrics
from worker.pool.child import extract_page
from worker.pool.supervisor import ExtractionPool
from worker.records import Page, SourceRef

REF = SourceRef("pages.raw", 3, 41)
SENTENCE = b"<p>The storm came over the town in the night and took many roofs along, the mayor said on Tuesday.</p>"
HTML = (
    b"<html lang=en><head><title>A storm</title></head><body><article><h1>A storm</h1>" + SENTENCE * 3 + b"</article></body></html>"
)


def test_the_article_names_its_source_and_the_time_of_its_reading():
    extraction = extract_page(
        REF, Page(HTML, "https://example.org/a", "text/html", fetched_at="2026-01-02T03:04:05Z"), b"k\xff", 1 << 20
    )
    article = orjson.loads(extraction.article)
    assert article["source"] == {
        "topic": "pages.raw",
        "partition": 3,
        "offset": 41,
        "key": "k\N{REPLACEMENT CHARACTER}",
        "fetched_at": "2026-01-02T03:04:05Z",
    }
    assert article["ingested_at"].endswith("Z")
    assert datetime.fromisoformat(article["ingested_at"]).tzinfo is not None
    assert article["content_hash"] == extraction.content_hash
    assert article["extractor"]["path"] == extraction.path


def test_a_packed_body_is_unpacked_within_its_limit():
    packed = Page(gzip.compress(HTML), "https://example.org/a", "text/html", "gzip")
    assert b"The storm came" in extract_page(REF, packed, None, 1 << 20).article
    with pytest.raises(DecodedTooLarge):
        extract_page(REF, packed, None, len(HTML) - 1)


async def test_the_pool_extracts_with_it_by_default():
    pool = ExtractionPool(PoolSettings(processes=1), decoded_bytes=1 << 20, metrics=Metrics("test"))
    try:
        await pool.start()
        extraction = await pool.extract(REF, Page(HTML, "https://example.org/a", "text/html"))
        empty = await pool.extract(REF, Page(b"<html></html>", "https://example.org/b", "text/html"))
    finally:
        await pool.stop(5)
    assert b"The storm came" in extraction.article
    assert isinstance(empty.error, PageError)


@pytest.mark.parametrize("others", [0, 5_000])
async def test_wordings_of_ones_own_reach_the_processes_however_many_they_are(others):
    known = SimilarNewsSettings(markers=(*(f"More of the harbour, part {i:05}" for i in range(others)), "Dockside extras"))
    pool = ExtractionPool(PoolSettings(processes=1), decoded_bytes=1 << 20, metrics=Metrics("test"), similar_news=known)
    page = (
        b"The storm came over the town in the night and took many roofs along, the mayor said on Tuesday.\n" * 3
        + b"Dockside extras\nHarbour dues to rise again in spring\n"
    )
    try:
        await pool.start()
        extraction = await pool.extract(REF, Page(page, "https://example.org/a", "text/plain"))
    finally:
        await pool.stop(5)
    assert [entry["title"] for entry in orjson.loads(extraction.article)["similar"]] == ["Harbour dues to rise again in spring"]


async def test_a_page_whose_tree_does_not_fit_into_memory_is_no_page_without_text():
    metrics = Metrics("test")
    pool = ExtractionPool(PoolSettings(processes=1, max_rss="64MiB"), decoded_bytes=64 << 20, metrics=metrics)
    try:
        await pool.start()
        extraction = await pool.extract(REF, Page(HTML + b"<p>1" * (2 << 20), "https://example.org/a", "text/html"))
    finally:
        await pool.stop(5)
    assert isinstance(extraction.error, PageMemory)
    assert metrics.registry.get_sample_value("winnow_pool_restarts_total", {"reason": "memory"}) == 2
