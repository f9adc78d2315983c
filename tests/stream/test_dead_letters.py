"""A dead letter holds the page whole, and why it died."""

from __future__ import annotations

import hashlib

import pytest

from worker import __version__
from worker.errors import NoMainText, OutputTooLarge, PageTimeout
from worker.records import RawPage, SourceRef
from worker.stream import dead_letters
from worker.stream.dead_letters import Origin, cut_dead_letter, dead_letter, origin_of

REF = SourceRef("pages.raw", 3, 41)
PAGE = RawPage(REF, b"\xff<html>", b"key", (("trace", b"\x00"), ("trace", b"2")), 1_700_000_000_123)


def letter(page: RawPage = PAGE, message: str = "took 20 s") -> dict[str, bytes]:
    record = dead_letter(page, PageTimeout(message), topic="dead", attempts=2, failed_at="2026-01-02T03:04:05Z")
    return dict(record.headers)


def test_bytes_key_and_headers_stay_as_they_were() -> None:
    record = dead_letter(PAGE, PageTimeout("took 20 s"), topic="dead", attempts=2, failed_at="2026-01-02T03:04:05Z")
    assert (record.topic, record.key, record.value) == ("dead", b"key", b"\xff<html>")
    assert record.headers[:2] == PAGE.headers
    assert dict(record.headers[2:]) == {
        "winnow-origin-topic": b"pages.raw",
        "winnow-origin-partition": b"3",
        "winnow-origin-offset": b"41",
        "winnow-origin-timestamp": b"1700000000123",
        "winnow-stage": b"extract",
        "winnow-reason": b"timeout",
        "winnow-error": b"took 20 s",
        "winnow-attempts": b"2",
        "winnow-failed-at": b"2026-01-02T03:04:05Z",
        "winnow-version": __version__.encode(),
        "winnow-replays": b"0",
    }


def test_a_long_message_is_cut_and_a_broken_one_encoded() -> None:
    assert len(letter(message="ä" * 2_000)["winnow-error"].decode()) == 500
    assert letter(message="lone \ud800 surrogate")["winnow-error"] == b"lone ? surrogate"


def test_a_replayed_page_that_dies_again_keeps_its_origin_and_its_count() -> None:
    headers = (*dead_letter(PAGE, NoMainText("x"), topic="dead", attempts=1, failed_at="then").headers,)
    replayed = tuple((name, b"2" if name == dead_letters.REPLAYS else value) for name, value in headers)
    again = dead_letter(
        RawPage(SourceRef("pages.raw", 0, 99), b"x", None, replayed, 1),
        PageTimeout("now"),
        topic="dead",
        attempts=1,
        failed_at="now",
    )
    assert origin_of(again.headers) == Origin(REF, 1_700_000_000_123, 2)
    names = [name for name, _ in again.headers]
    assert names.count("trace") == 2
    assert all(names.count(name) == 1 for name in names if name.startswith("winnow-"))
    assert dict(again.headers)["winnow-reason"] == b"timeout"


@pytest.mark.parametrize("headers", [(), (("winnow-origin-topic", b"t"),), ((dead_letters.ORIGIN_TOPIC, b"\xff"),)])
def test_headers_that_tell_no_origin_give_none(headers: tuple[tuple[str, bytes], ...]) -> None:
    assert origin_of(headers) is None


def test_headers_that_lie_give_no_origin() -> None:
    headers = (("winnow-origin-topic", b"t"), ("winnow-origin-partition", b"zero"), ("winnow-origin-offset", b"1"))
    assert origin_of(headers) is None
    assert letter(RawPage(REF, b"", None, headers))["winnow-origin-partition"] == b"3"


def test_a_tombstone_stays_one_where_it_has_a_key() -> None:
    keyed = dead_letter(RawPage(REF, None, b"k"), NoMainText("x"), topic="dead", attempts=1, failed_at="now")
    keyless = dead_letter(RawPage(REF, None, None), NoMainText("x"), topic="dead", attempts=1, failed_at="now")
    assert (keyed.value, keyless.value) == (None, b"")


def test_a_cut_letter_tells_what_is_missing_and_keeps_the_rest() -> None:
    payload = b"abc" * 100_000
    letter = dead_letter(RawPage(REF, payload, b"key"), OutputTooLarge("x"), topic="dead", attempts=1, failed_at="now")
    cut = cut_dead_letter(letter)
    assert (cut.topic, cut.key, cut.value) == ("dead", b"key", payload[: 64 * 1024])
    assert cut.headers[:-2] == letter.headers
    assert dict(cut.headers[-2:]) == {
        "winnow-payload-bytes": b"300000",
        "winnow-payload-hash": hashlib.sha256(payload).hexdigest().encode(),
    }
    assert cut_dead_letter(cut) == cut, "there is nothing more to cut"


def test_a_cut_letter_that_is_replayed_and_dies_again_still_tells_what_is_missing() -> None:
    letter = dead_letter(RawPage(REF, b"x" * 100_000), NoMainText("x"), topic="dead", attempts=1, failed_at="now")
    cut = cut_dead_letter(letter)
    again = dead_letter(RawPage(REF, cut.value, None, cut.headers), NoMainText("x"), topic="dead", attempts=1, failed_at="now")
    assert dict(again.headers)["winnow-payload-bytes"] == b"100000"
