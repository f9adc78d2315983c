"""What every peer runs on a page: trafilatura as it comes, or Winnow's own extraction.  JSON bytes, or None for no text."""

from __future__ import annotations

import json
from collections.abc import Callable

Extract = Callable[[bytes, str], bytes | None]


def trafilatura_defaults(payload: bytes, url: str) -> bytes | None:
    """The text and its metadata, as most would call it."""
    import trafilatura

    found = trafilatura.bare_extraction(payload, url=url, with_metadata=True)
    if found is None:
        return None
    return json.dumps({"url": url, "text": found.text, "title": found.title, "author": found.author, "date": found.date}).encode()


def winnow(payload: bytes, url: str) -> bytes | None:
    """The article, as Winnow writes it."""
    import orjson

    from worker.article import extract_article
    from worker.errors import PageError

    try:
        return orjson.dumps(extract_article(payload, url))
    except PageError:
        return None


EXTRACTORS: dict[str, Extract] = {"trafilatura": trafilatura_defaults, "winnow": winnow}
