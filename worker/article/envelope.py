"""A record's value taken apart: the page, still packed, and what the scraper said of it.

Two forms are read.  A *bare* record is the page itself, described by the record's headers; an *envelope* is a JSON object that
holds the page in a field.  `auto` takes for an envelope what begins like a JSON object and is not declared to be anything else.
This runs in the parent for every record, so it copies little and decodes nothing.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

import orjson

from worker.config import EnvelopeFields, InputSettings
from worker.errors import BadEnvelope, EmptyPayload, MissingBody, PayloadTooLarge
from worker.records import Headers, Page, RawPage

_BLANK: Final = b" \t\r\n\x00"
_PREFIX: Final = 64  # bytes looked at to see whether a payload is blank or begins like an object


def open_page(record: RawPage, settings: InputSettings, *, max_bytes: int) -> Page:
    """The page that a record holds.

    Raises:
        PayloadTooLarge: the value exceeds `max_bytes`.
        EmptyPayload: it has no bytes but blanks.
        BadEnvelope: it should be an envelope and can't be read as one.
        MissingBody: the envelope has neither HTML nor text in it.
    """
    payload = record.payload or b""
    if len(payload) > max_bytes:
        raise PayloadTooLarge(f"the record's value has {len(payload)} bytes; limits.payload_bytes allows {max_bytes}")
    start = payload[:_PREFIX].lstrip(b"\xef\xbb\xbf" + _BLANK) or payload.lstrip(_BLANK)
    if not start:
        raise EmptyPayload("the record's value is empty")
    declared = _headers(record.headers)
    if settings.format == "envelope" or (settings.format == "auto" and _looks_like_envelope(start, declared)):
        return _from_envelope(payload, settings)
    return Page(
        body=payload,
        url=declared.get("url"),
        content_type=declared.get("content-type"),
        content_encoding=declared.get("content-encoding"),
        fetched_at=declared.get("fetched-at"),
    )


def _headers(headers: Headers) -> dict[str, str]:
    texts = ((name.lower().replace("_", "-"), value.decode("utf-8", "replace").strip()) for name, value in headers if value)
    return {name: text for name, text in texts if text}


def _looks_like_envelope(start: bytes, declared: Mapping[str, str]) -> bool:
    kind = declared.get("content-type", "").partition(";")[0].strip().lower()
    return start.startswith(b"{") and (not kind or "json" in kind) and "content-encoding" not in declared


def _from_envelope(payload: bytes, settings: InputSettings) -> Page:
    envelope, fields = _parse(payload), settings.fields
    content_type = _label_at(envelope, fields, "content_type")
    field, body = _body(envelope, fields)
    common = {"url": _label_at(envelope, fields, "url"), "fetched_at": _time_at(envelope, fields.fetched_at)}
    if settings.body_encoding == "base64":
        try:
            packed = base64.b64decode("".join(body.split()), validate=True)
        except (binascii.Error, ValueError) as error:
            raise BadEnvelope(f"field {field!r} is not base64, as input.body_encoding says: {error}") from None
        return Page(
            body=packed, content_type=content_type, content_encoding=_label_at(envelope, fields, "content_encoding"), **common
        )
    # JSON text is Unicode already: whatever charset the server declared was true of bytes that are gone.
    kind = "text/plain" if field == fields.text else (content_type or "").partition(";")[0].strip() or "text/html"
    return Page(body=body.encode("utf-8", "replace"), content_type=f"{kind}; charset=utf-8", **common)


def _parse(payload: bytes) -> Mapping[str, object]:
    try:
        envelope = orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        try:
            envelope = json.loads(payload)  # takes lone surrogates, as scrapers write them for a broken emoji
        except (ValueError, RecursionError):
            raise BadEnvelope(f"the record's value is not JSON: {error}") from None
    if not isinstance(envelope, dict):
        raise BadEnvelope(f"expected a JSON object, found {_kind(envelope)}")
    return envelope


def _at(envelope: Mapping[str, object], path: str) -> object:
    """The value at a dotted path, or None.  A key that holds the dots itself is taken first."""
    if path in envelope:
        return envelope[path]
    value: object = envelope
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _text_at(envelope: Mapping[str, object], fields: EnvelopeFields, name: str) -> str | None:
    path: str = getattr(fields, name)
    value = _at(envelope, path)
    if value is None or isinstance(value, str):
        return value or None
    raise BadEnvelope(f"field {path!r} should be a string and is {_kind(value)}")


def _label_at(envelope: Mapping[str, object], fields: EnvelopeFields, name: str) -> str | None:
    value = _text_at(envelope, fields, name)
    return value and _sendable(value)


def _sendable(text: str) -> str:
    """Without lone surrogates, which no UTF-8 and no other process takes."""
    return text.encode("utf-8", "replace").decode()


def _time_at(envelope: Mapping[str, object], path: str) -> str | None:
    """A time as the scraper wrote it; a number is Unix time, in seconds or milliseconds."""
    value = _at(envelope, path)
    if value is None or isinstance(value, str):
        return _sendable(value) if value else None
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return datetime.fromtimestamp(value / 1000 if value > 1e11 else value, UTC).isoformat()
        except (OverflowError, ValueError, OSError):
            raise BadEnvelope(f"field {path!r} is no time: {value}") from None
    raise BadEnvelope(f"field {path!r} should be a string and is {_kind(value)}")


def _body(envelope: Mapping[str, object], fields: EnvelopeFields) -> tuple[str, str]:
    """The field that holds the page, and the page; HTML is preferred to text that another tool made of it."""
    for name in ("html", "text"):
        body = _text_at(envelope, fields, name)
        if body is not None and not body.isspace():
            return getattr(fields, name), body
    raise MissingBody(f"the envelope holds nothing in {fields.html!r} nor in {fields.text!r}; it has {_keys(envelope)}")


def _keys(envelope: Mapping[str, object]) -> str:
    names = [repr(key[:40]) for key in list(envelope)[:8]]
    return ", ".join(names) + (", ..." if len(envelope) > len(names) else "") if names else "no fields"


def _kind(value: object) -> str:
    kinds = {dict: "an object", list: "an array", str: "a string", bool: "a boolean", int: "a number", float: "a number"}
    return kinds.get(type(value), "null")
