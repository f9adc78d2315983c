"""What is said of a page whose article is known."""

from __future__ import annotations

import json

from worker.records import RawPage, SourceRef
from worker.stream.duplicates import duplicate_record


def test_the_notice_names_both_records_and_is_keyed_by_their_hash() -> None:
    page = RawPage(SourceRef("in", 1, 5), b"<html>")
    record = duplicate_record(page, SourceRef("in", 0, 7), url="https://a.example/", kind="content", digest="ab12", topic="dup")
    assert (record.topic, record.key) == ("dup", b"ab12")
    assert json.loads(record.value or b"") == {
        "schema_version": 1,
        "url": "https://a.example/",
        "hash": "ab12",
        "hash_kind": "content",
        "source": {"topic": "in", "partition": 1, "offset": 5},
        "duplicate_of": {"topic": "in", "partition": 0, "offset": 7},
    }
