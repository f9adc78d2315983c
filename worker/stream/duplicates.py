"""The notice that a page's article is known already: for whoever wants to see what deduplication took away."""

from __future__ import annotations

from dataclasses import replace

import orjson

from worker.records import OutputRecord, RawPage, SourceRef

SCHEMA_VERSION = 1


def duplicate_record(record: RawPage, owner: SourceRef, *, url: str | None, kind: str, digest: str, topic: str) -> OutputRecord:
    """A small JSON object, keyed by the hash so that all duplicates of an article share a partition.

    Args:
        record: what was consumed and not published.
        owner: the record that holds the claim, and was or will be published.
        url: the page's, where its envelope states one.
        kind: which hash both have in common: `raw` of the page's bytes, `content` of the article.
        digest: that hash, in hex.
        topic: where the notice goes.
    """
    notice = {
        "schema_version": SCHEMA_VERSION,
        "url": url,
        "hash": digest,
        "hash_kind": kind,
        "source": record.ref._asdict(),
        "duplicate_of": owner._asdict(),
    }
    return OutputRecord(topic, digest.encode(), orjson.dumps(notice))


def cut_duplicate_record(notice: OutputRecord) -> OutputRecord:
    """A notice that the broker doesn't take as it is: without the address, the one part of it that may be of any length."""
    return replace(notice, value=orjson.dumps(orjson.loads(notice.value or b"{}") | {"url": None}))
