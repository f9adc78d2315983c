"""A page that can't become an article, as a record that loses nothing of it and says why.

The original bytes, key and headers stay as they are, so that a dead letter can be fed to the input again; what is known of the
failure stands in headers beside them.  A page that comes from a replay and dies again keeps its first origin and its count of
replays.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Final

from worker import __version__
from worker.errors import PageError
from worker.records import Headers, OutputRecord, RawPage, SourceRef

PREFIX: Final = "winnow-"
ORIGIN_TOPIC: Final = "winnow-origin-topic"
ORIGIN_PARTITION: Final = "winnow-origin-partition"
ORIGIN_OFFSET: Final = "winnow-origin-offset"
ORIGIN_TIMESTAMP: Final = "winnow-origin-timestamp"  # Unix time in ms; absent where the record had none
STAGE: Final = "winnow-stage"
REASON: Final = "winnow-reason"
ERROR: Final = "winnow-error"
ATTEMPTS: Final = "winnow-attempts"
FAILED_AT: Final = "winnow-failed-at"
VERSION: Final = "winnow-version"
REPLAYS: Final = "winnow-replays"
PAYLOAD_BYTES: Final = "winnow-payload-bytes"  # of a payload that was cut: how long it was
PAYLOAD_HASH: Final = "winnow-payload-hash"  # and its SHA-256, in hex
KEY_BYTES: Final = "winnow-key-bytes"  # the same of a key that was left out,
KEY_HASH: Final = "winnow-key-hash"
HEADERS_BYTES: Final = "winnow-headers-bytes"  # and of the page's headers: names and values, one after the other
HEADERS_HASH: Final = "winnow-headers-hash"
CUT: Final = frozenset({PAYLOAD_BYTES, PAYLOAD_HASH, KEY_BYTES, KEY_HASH, HEADERS_BYTES, HEADERS_HASH})

MAX_ERROR_CHARS: Final = 500
CUT_BYTES: Final = 64 * 1024
LEAST_BYTES: Final = 1024

_LONGEST_BYTES: Final = 4 * MAX_ERROR_CHARS  # of a header of ours; a longer one was the page's, under a name of ours


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a dead letter's page was first consumed, and how often it has been replayed since."""

    ref: SourceRef
    timestamp_ms: int | None
    replays: int


def dead_letter(page: RawPage, error: PageError, *, topic: str, attempts: int, failed_at: str) -> OutputRecord:
    """The page with its bytes, key and headers, and why it failed.

    Args:
        page: the record as it was consumed.
        error: why it will never become an article.
        topic: where the dead letter goes.
        attempts: how often extraction was tried.
        failed_at: ISO 8601.
    """
    return OutputRecord(topic, page.key, _value(page), _headers(page, error, attempts, failed_at))


def cut_dead_letter(letter: OutputRecord, *, max_payload_bytes: int = CUT_BYTES) -> OutputRecord:
    """A dead letter that the broker doesn't take as it is: with the payload's beginning alone; or, where that has
    been cut or is short, without the page's key and headers; or, where they are gone too, with the first bytes of the payload.

    Headers tell the length and SHA-256 of what is gone.  A letter comes back as it is when there is nothing more to cut.
    """
    payload = letter.value or b""
    if len(payload) > max_payload_bytes:
        gone = _told(PAYLOAD_BYTES, PAYLOAD_HASH, payload)
        return replace(letter, value=payload[:max_payload_bytes], headers=(*letter.headers, *gone.items()))
    ours = {name: value for name, value in letter.headers if name.startswith(PREFIX) and len(value) <= _LONGEST_BYTES}
    theirs = [name.encode() + value for name, value in letter.headers if name not in ours]
    if letter.key is not None:
        ours |= _told(KEY_BYTES, KEY_HASH, letter.key)
    if theirs:
        ours |= _told(HEADERS_BYTES, HEADERS_HASH, b"".join(theirs))
    bare = replace(letter, key=None, value=payload, headers=tuple(ours.items()))
    if bare != letter or len(payload) <= LEAST_BYTES:
        return bare
    gone = {} if PAYLOAD_BYTES in ours else _told(PAYLOAD_BYTES, PAYLOAD_HASH, payload)
    return replace(bare, value=payload[:LEAST_BYTES], headers=(*bare.headers, *gone.items()))


def origin_of(headers: Headers) -> Origin | None:
    """Where the page of a dead letter, or of a replayed one, came from; None where the headers don't say so or can't be read."""
    found = dict(headers)
    try:
        ref = SourceRef(found[ORIGIN_TOPIC].decode(), _number(found[ORIGIN_PARTITION]), _number(found[ORIGIN_OFFSET]))
        timestamp_ms = _number(found[ORIGIN_TIMESTAMP]) if ORIGIN_TIMESTAMP in found else None
        return Origin(ref, timestamp_ms, _number(found.get(REPLAYS, b"0")))
    except (KeyError, ValueError):
        return None


def _number(text: bytes) -> int:
    """A number as Kafka has them, which JSON takes too.  Raises ValueError on anything else."""
    number = int(text)
    if not 0 <= number < 1 << 63:
        raise ValueError(f"{number} is out of range")
    return number


def _value(page: RawPage) -> bytes | None:
    """A tombstone stays one where it can: Kafka's clients want a key or a value."""
    return page.payload if page.key is not None else page.payload or b""


def _told(size: str, digest: str, gone: bytes) -> dict[str, bytes]:
    return {size: str(len(gone)).encode(), digest: hashlib.sha256(gone).hexdigest().encode()}


def _headers(page: RawPage, error: PageError, attempts: int, failed_at: str) -> Headers:
    origin = origin_of(page.headers) or Origin(page.ref, page.timestamp_ms, 0)
    known = {
        ORIGIN_TOPIC: origin.ref.topic,
        ORIGIN_PARTITION: str(origin.ref.partition),
        ORIGIN_OFFSET: str(origin.ref.offset),
        **({} if origin.timestamp_ms is None else {ORIGIN_TIMESTAMP: str(origin.timestamp_ms)}),
        STAGE: error.stage,
        REASON: error.reason,
        ERROR: str(error)[:MAX_ERROR_CHARS],
        ATTEMPTS: str(attempts),
        FAILED_AT: failed_at,
        VERSION: __version__,
        REPLAYS: str(origin.replays),
    }
    # An error message may quote a page, with a lone surrogate in it.
    ours = tuple((name, text.encode("utf-8", "replace")) for name, text in known.items())
    # A letter that was cut stays one when it is replayed.
    kept = (header for header in page.headers if header[0] in CUT or not header[0].startswith(PREFIX))
    return (*kept, *ours)
