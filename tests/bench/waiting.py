"""A worker whose extraction processes wait in place of extracting, `python -m tests.bench.waiting run -c FILE`: what is left is the
parent.

They take the page off the socket, and give back an article of 10 KB under a hash of its own: saved pages of 100 to 200 KB come to 9
(the mean of 91).  What a made page comes to is 25 KB, of which 14 are similar news.
"""

from __future__ import annotations

import functools
import hashlib
import time
from dataclasses import replace

import orjson

from tests.bench.pages import URL, page
from worker import cli, service
from worker.article import extract_article
from worker.pool.supervisor import ExtractionPool
from worker.records import Extraction, Page, SourceRef

WAIT_S = 0.008  # what extraction takes of a made page

_ARTICLE = orjson.dumps(replace(extract_article(page(0), URL % 0), similar=()))


def wait(ref: SourceRef, _page: Page, _key: bytes | None, _decoded_bytes: int) -> Extraction:
    """An article, after a while."""
    time.sleep(WAIT_S)
    digest = hashlib.sha256(str(ref).encode()).hexdigest()[:32]
    return Extraction(article=_ARTICLE, content_hash=digest, path="fast", language="en")


if __name__ == "__main__":
    service.ExtractionPool = functools.partial(ExtractionPool, target=f"tests.bench.waiting:{wait.__name__}")
    cli.main()
