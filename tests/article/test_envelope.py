"""Records taken apart: whatever a scraper writes, a page or a `PageError` comes of it."""

import base64

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.article.envelope import open_page
from worker.config import InputSettings
from worker.errors import BadEnvelope, EmptyPayload, MissingBody, PageError, PayloadTooLarge
from worker.records import Page, RawPage, SourceRef

HTML = "<p>Größe</p>"


def opened(payload, headers=(), max_bytes=1 << 20, **settings):
    if isinstance(payload, dict):
        payload = orjson.dumps(payload)
    record = RawPage(SourceRef("pages", 0, 0), payload, headers=tuple(headers))
    return open_page(record, InputSettings.model_validate(settings), max_bytes=max_bytes)


# -- which form


def test_a_bare_page_is_described_by_its_headers():
    headers = [
        ("URL", b"https://example.org"),
        ("Content_Type", b"text/html "),
        ("content-encoding", b"gzip"),
        ("fetched-at", b"x"),
    ]
    assert opened(b"\x1f\x8b...", headers, format="bare") == Page(b"\x1f\x8b...", "https://example.org", "text/html", "gzip", "x")


def test_an_envelope_is_described_by_its_fields():
    page = opened({"url": "https://example.org", "html": HTML, "fetched_at": "2024-05-06"}, [("url", b"https://other.org")])
    assert page == Page(HTML.encode(), "https://example.org", "text/html; charset=utf-8", None, "2024-05-06")


@pytest.mark.parametrize(
    ("payload", "headers", "is_envelope"),
    [
        (b'{"html": "x"}', [], True),
        (b' \n\t{"html": "x"}', [], True),
        (b" " * 500 + b'{"html": "x"}', [], True),
        (b'\xef\xbb\xbf{"html": "x"}', [], True),
        (b'{"html": "x"}', [("content-type", b"application/json; charset=utf-8")], True),
        (b'{"html": "x"}', [("content-type", b"application/ld+json")], True),
        (b'{"html": "x"}', [("content-type", b"text/html")], False),
        (b'{"html": "x"}', [("content-encoding", b"gzip")], False),
        (b"<p>x</p>", [], False),
        (b"<p>x</p>", [("content-type", b"application/json")], False),
        (b"\x1f\x8b\x08", [], False),
    ],
)
def test_auto_takes_for_an_envelope_what_begins_like_one_and_is_not_declared_otherwise(payload, headers, is_envelope):
    assert (opened(payload, headers).body == b"x") is is_envelope


def test_the_format_can_be_settled():
    assert opened(b'{"html": "x"}', format="bare").body == b'{"html": "x"}'
    with pytest.raises(BadEnvelope):
        opened(b"<p>x</p>", format="envelope")


def test_headers_that_lie_are_only_passed_on():
    headers = [("content-type", b"\xff\xfe"), ("content-encoding", b"rot13"), ("url", b""), ("fetched-at", b"never")]
    page = opened(b"<p>x</p>", headers)
    assert (page.content_type, page.content_encoding, page.url, page.fetched_at) == ("\ufffd\ufffd", "rot13", None, "never")


# -- what is refused


@pytest.mark.parametrize("payload", [None, b"", b"   ", b"\x00" * 100, b"\r\n\t"])
@pytest.mark.parametrize("form", ["auto", "bare", "envelope"])
def test_a_record_of_blanks_is_empty(payload, form):
    with pytest.raises(EmptyPayload):
        opened(payload, format=form)


def test_a_payload_may_be_as_large_as_the_limit():
    assert opened(b"x" * 10, max_bytes=10).body == b"x" * 10
    with pytest.raises(PayloadTooLarge, match="11 bytes"):
        opened(b"x" * 11, max_bytes=10)


@pytest.mark.parametrize(
    "payload",
    [
        b"{",
        b'{"html": "x"',
        b'{"html": "x"} trailing',
        b"[1]",
        b"null",
        b'"html"',
        b"{'html': 1}",
        b'{"html": "\xff"}',
        b'{"a": ' * 100_000,
    ],
)
def test_what_is_no_json_object_is_a_bad_envelope(payload):
    with pytest.raises(BadEnvelope):
        opened(payload, format="envelope")


def test_closed_json_of_endless_depth_is_a_bad_envelope():
    with pytest.raises(BadEnvelope):
        opened(b'{"html": ' + b"[" * 100_000 + b"]" * 100_000 + b"}")


@pytest.mark.parametrize("value", [1, 1.5, True, [], ["x"], {}, {"a": "b"}])
@pytest.mark.parametrize("field", ["html", "url", "content_type"])
def test_a_field_of_another_type_is_named(field, value):
    with pytest.raises(BadEnvelope, match=f"'{field}' should be a string"):
        opened({"html": HTML, field: value})


@pytest.mark.parametrize("envelope", [{}, {"html": None}, {"html": "", "text": " \n"}, {"HTML": "x"}])
def test_an_envelope_without_a_page_says_what_it_has(envelope):
    with pytest.raises(MissingBody, match="it has"):
        opened(envelope)


# -- fields


def test_html_is_preferred_to_text():
    assert opened({"html": HTML, "text": "plain"}).body == HTML.encode()
    page = opened({"html": " ", "text": "plain", "content_type": "text/html"})
    assert (page.body, page.content_type) == (b"plain", "text/plain; charset=utf-8")


def test_a_declared_charset_was_true_of_bytes_that_are_gone():
    assert opened({"html": HTML, "content_type": "application/xhtml+xml; charset=latin-1"}).content_type == (
        "application/xhtml+xml; charset=utf-8"
    )
    assert opened({"html": HTML, "content_type": "; charset=latin-1"}).content_type == "text/html; charset=utf-8"


def test_fields_are_dotted_paths_and_a_key_with_dots_is_taken_first():
    fields = {"html": "response.body", "url": "request.url"}
    nested = {"request": {"url": "u"}, "response": {"body": "nested"}}
    assert opened(nested, fields=fields) == Page(b"nested", "u", "text/html; charset=utf-8")
    assert opened({**nested, "response.body": "flat"}, fields=fields).body == b"flat"
    assert opened({"request": "no object", "response": {"body": "x"}}, fields=fields).url is None


def test_base64_holds_the_bytes_as_the_server_sent_them():
    packed = bytes(range(256))
    text = base64.encodebytes(packed).decode()  # with its line breaks
    page = opened({"html": text, "content_type": "text/html; charset=latin-1", "content_encoding": "gzip"}, body_encoding="base64")
    assert page == Page(packed, None, "text/html; charset=latin-1", "gzip")


@pytest.mark.parametrize("body", ["<p>", "abc", "a===", "é", "\ud800"])
def test_what_is_not_base64_is_a_bad_envelope(body):
    payload = b'{"html": "\\ud800"}' if body == "\ud800" else orjson.dumps({"html": body})
    with pytest.raises(BadEnvelope, match="base64"):
        opened(payload, body_encoding="base64")


def test_lone_surrogates_and_nuls_are_carried_as_far_as_they_can():
    assert opened(b'{"html": "a\\ud83d b\\u0000", "n": NaN}').body == b"a? b\x00"


def test_no_text_that_leaves_an_envelope_holds_what_utf8_can_not():
    page = opened(b'{"html": "x", "url": "https://e.org/\\ud83d", "fetched_at": "\\udc00"}')
    assert (page.url, page.fetched_at) == ("https://e.org/?", "?")


@pytest.mark.parametrize(
    ("value", "time"),
    [
        (b"1700000000", "2023-11-14T22:13:20+00:00"),
        (b"1700000000.5", "2023-11-14T22:13:20.500000+00:00"),
        (b"1700000000500", "2023-11-14T22:13:20.500000+00:00"),
        (b'"yesterday"', "yesterday"),
        (b'""', None),
        (b"null", None),
    ],
)
def test_a_time_is_as_it_was_written_or_unix_time(value, time):
    assert opened(b'{"html": "x", "fetched_at": %s}' % value).fetched_at == time


@pytest.mark.parametrize("value", [b"1e300", b"-1e300", b"NaN", b"Infinity", b"9" * 400, b"9" * 5000, b"true", b"[]", b"{}"])
def test_what_is_no_time_is_a_bad_envelope(value):
    with pytest.raises(BadEnvelope):
        opened(b'{"html": "x", "fetched_at": %s}' % value)


# -- anything


_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["html", "text", "url", "a.b", ""]) | st.text(), inner, max_size=4)
    ),
    max_leaves=12,
)
_envelopes = st.dictionaries(st.sampled_from(["html", "text", "url", "fetched_at", "content_type", "content_encoding"]), _json)


@given(
    payload=st.binary() | st.builds(orjson.dumps, _envelopes.filter(lambda value: "9223372036854775808" not in repr(value))),
    headers=st.lists(st.tuples(st.sampled_from(["url", "Content-Type", "content_encoding"]) | st.text(), st.binary())),
    form=st.sampled_from(["auto", "bare", "envelope"]),
    encoding=st.sampled_from(["plain", "base64"]),
)
def test_anything_gives_a_page_or_a_page_error(payload, headers, form, encoding):
    try:
        page = opened(payload, headers, format=form, body_encoding=encoding)
    except PageError as error:
        assert str(error)
    else:
        assert isinstance(page.body, bytes)
        for text in (page.url, page.content_type, page.content_encoding, page.fetched_at):
            assert text is None or text.encode()
