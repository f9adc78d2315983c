"""Bytes as they came off the wire become text, whatever their headers say, and never more of it than allowed."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
import zlib

import cramjam
import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.article.charset import to_utf8, web_codec
from worker.article.decode import MAX_CHAINED_ENCODINGS, MAX_GZIP_MEMBERS, decode, unpack
from worker.errors import BadContentEncoding, DecodedTooLarge, EmptyPayload, UndecodablePage, UnsupportedContent

PAGE = b"<html><body>" + b"<p>The ferry sails again, and nobody is surprised.</p>" * 50 + b"</body></html>"
ROOM = 1 << 20


def raw_deflate(body: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return stream.compress(body) + stream.flush()


PACKED = {
    "gzip": gzip.compress(PAGE),
    "x-gzip": gzip.compress(PAGE),
    "deflate": zlib.compress(PAGE),
    "zstd": bytes(cramjam.zstd.compress(PAGE)),
    "br": bytes(cramjam.brotli.compress(PAGE)),
}


@pytest.mark.parametrize("encoding", PACKED)
def test_each_known_encoding_is_undone(encoding):
    assert unpack(PACKED[encoding], encoding.upper(), max_bytes=ROOM) == PAGE


@pytest.mark.parametrize("encoding", PACKED)
def test_a_body_that_is_cut_short_is_an_error_and_not_half_a_page(encoding):
    with pytest.raises(BadContentEncoding):
        unpack(PACKED[encoding][:-9], encoding, max_bytes=ROOM)


@pytest.mark.parametrize("encoding", PACKED)
def test_a_page_of_exactly_the_bound_passes_and_one_byte_more_does_not(encoding):
    assert unpack(PACKED[encoding], encoding, max_bytes=len(PAGE)) == PAGE
    with pytest.raises(DecodedTooLarge):
        unpack(PACKED[encoding], encoding, max_bytes=len(PAGE) - 1)


def test_deflate_without_its_zlib_header_is_read_too():
    assert unpack(raw_deflate(PAGE), "deflate", max_bytes=ROOM) == PAGE


def test_a_chain_is_undone_from_its_end():
    assert unpack(cramjam.brotli.compress(gzip.compress(PAGE)), "gzip, br", max_bytes=ROOM) == PAGE


def test_a_chain_longer_than_any_server_sends_is_refused():
    with pytest.raises(BadContentEncoding, match="chained"):
        unpack(PAGE, ", ".join(["gzip"] * (MAX_CHAINED_ENCODINGS + 1)), max_bytes=ROOM)


def test_all_members_of_a_gzip_are_read():
    assert unpack(gzip.compress(PAGE) + gzip.compress(b"<p>more</p>"), "gzip", max_bytes=ROOM) == PAGE + b"<p>more</p>"


def test_the_members_of_a_gzip_share_one_bound():
    with pytest.raises(DecodedTooLarge):
        unpack(gzip.compress(PAGE) * 3, "gzip", max_bytes=2 * len(PAGE))


def test_countless_empty_gzip_members_are_refused():
    with pytest.raises(BadContentEncoding, match="members"):
        unpack(gzip.compress(b"") * (MAX_GZIP_MEMBERS + 1), "gzip", max_bytes=ROOM)


def test_padding_behind_a_gzip_is_no_fault():
    assert unpack(gzip.compress(PAGE) + bytes(512), "gzip", max_bytes=ROOM) == PAGE


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_a_packed_body_without_a_header_is_known_by_its_first_bytes(encoding):
    assert unpack(PACKED[encoding], None, max_bytes=ROOM) == PAGE
    assert unpack(PACKED[encoding], "identity", max_bytes=ROOM) == PAGE


@pytest.mark.parametrize("encoding", PACKED)
def test_a_page_that_a_proxy_has_unpacked_already_is_taken_as_it_is(encoding):
    assert unpack(PAGE, encoding, max_bytes=ROOM) == PAGE


@pytest.mark.parametrize("encoding", PACKED)
def test_noise_under_any_encoding_is_an_error(encoding):
    noise = bytes(range(256)) * 4
    with pytest.raises(BadContentEncoding):
        unpack(noise[7:], encoding, max_bytes=ROOM)


def test_an_unknown_encoding_is_named():
    with pytest.raises(BadContentEncoding, match="'sdch'"):
        unpack(PAGE, "sdch", max_bytes=ROOM)


def test_an_unpacked_page_has_a_bound_too():
    with pytest.raises(DecodedTooLarge):
        unpack(PAGE, None, max_bytes=100)


BOMB = """
import resource, sys, zlib, cramjam
from worker.article.decode import unpack
from worker.errors import DecodedTooLarge

zeros = bytes(1 << 20)
if sys.argv[1] == "gzip":
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(zeros) for _ in range(1024)) + packer.flush()
else:
    packer = getattr(cramjam, sys.argv[2]).Compressor(level=1)
    for _ in range(256):
        packer.compress(zeros)
    bomb = bytes(packer.finish())
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    unpack(bomb, sys.argv[1], max_bytes=4 << 20)
except DecodedTooLarge:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.parametrize(("encoding", "module"), [("gzip", ""), ("zstd", "zstd"), ("br", "brotli")])
def test_a_bomb_costs_no_more_memory_than_the_bound(encoding, module):
    done = subprocess.run([sys.executable, "-c", BOMB, encoding, module], capture_output=True, text=True, check=True)
    unit = 1 if sys.platform == "darwin" else 1024
    assert int(done.stdout) * unit < 48 << 20  # the bound of 4 MiB and the decoder's own window


# --- charset ------------------------------------------------------------------------------------------------------------------

RUSSIAN = "Паром снова ходит между городом и островом, сообщили в среду власти порта. Билеты подешевели вдвое. " * 8
JAPANESE = "フェリーは水曜日に運航を再開した。港湾当局によると、運賃は二週間半額になる。乗客は喜んでいる。" * 8
CHINESE = "轮渡星期三恢复运营,港务局说,头两周票价减半,乘客们都很高兴,公交车将在同一天停运。" * 8
KOREAN = "여객선은 수요일 운항을 재개했다고 항만 당국이 밝혔다. 첫 두 주 동안 요금은 절반이다. " * 8
FRENCH = "Le ferry a repris ses traversées mercredi, a indiqué l'autorité portuaire. Été comme hiver, il naviguera. " * 8


def html(text: str, charset: str | None = None) -> str:
    return f"<html><head>{f'<meta charset={charset}>' if charset else ''}</head><body><p>{text}</p></body></html>"


@pytest.mark.parametrize(
    ("text", "label", "codec"),
    [
        (RUSSIAN, "windows-1251", "cp1251"),
        (RUSSIAN, "koi8-r", "koi8-r"),
        (JAPANESE, "Shift_JIS", "cp932"),
        (JAPANESE, "euc-jp", "euc_jp"),
        (JAPANESE, "iso-2022-jp", "iso2022_jp"),
        (CHINESE, "gb2312", "gb18030"),
        (KOREAN, "ks_c_5601-1987", "cp949"),
        (FRENCH, "iso-8859-1", "cp1252"),
    ],
)
def test_a_declared_charset_is_read_as_browsers_read_it(text, label, codec):
    by_meta = decode(html(text, label).encode(codec), None)
    by_header = decode(html(text).encode(codec), f"text/html; charset={label}")
    assert text.strip() in by_meta.text
    assert text.strip() in by_header.text
    assert by_meta.charset == by_header.charset == codec


@pytest.mark.parametrize(
    ("text", "codec"), [(RUSSIAN, "cp1251"), (JAPANESE, "cp932"), (CHINESE, "gb18030"), (KOREAN, "cp949"), (FRENCH, "cp1252")]
)
@pytest.mark.parametrize("declared", [None, "utf-8"])
def test_a_charset_that_is_not_declared_or_declared_as_utf8_is_guessed(text, codec, declared):
    assert text.strip() in decode(html(text, declared).encode(codec), "text/html").text


def test_cyrillic_that_is_declared_as_latin_is_not_believed():
    assert RUSSIAN.strip() in decode(html(RUSSIAN, "iso-8859-1").encode("cp1251"), None).text


@pytest.mark.parametrize("declared", [None, "utf-8", "iso-8859-1", "windows-1251"])
def test_one_broken_byte_does_not_garble_a_utf8_page(declared):
    body = html(FRENCH + "\0" + RUSSIAN, declared).encode().replace(b"\0", b"\xe9 ")
    text = decode(body, None).text
    assert FRENCH.strip() in text
    assert RUSSIAN.strip() in text
    assert text.count("\ufffd") == 1


def test_utf8_wins_over_a_wrong_declaration():
    assert decode(html(FRENCH, "iso-8859-1").encode(), "text/html; charset=windows-1251").charset == "utf-8"


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be"])
def test_unicode_with_a_mark_or_without_is_recognised(codec):
    assert decode(html(FRENCH).encode(codec), None).text == html(FRENCH)


def test_control_characters_and_surrogates_are_gone():
    text = decode(b"<p>a\0b\x08c\x1bd\xc2\x85e\xc2\x9ff\xed\xa0\x80g</p>", None).text
    assert "abcd" in text
    assert not any(char in text for char in "\0\x08\x1b\x9f\ud800")


@pytest.mark.parametrize("label", ["rot13", "punycode", "utf-7", "hex", "no-such", "\0", "unicode_escape"])
def test_codecs_that_no_browser_knows_are_not_taken_from_a_page(label):
    assert web_codec(label) is None


@pytest.mark.parametrize("body", [b"", b" \r\n\t ", b"\0\0 \0 "])
def test_nothing_is_no_page(body):
    with pytest.raises((EmptyPayload, UnsupportedContent)):
        decode(body, "text/html")


@pytest.mark.parametrize(
    "body",
    [
        b"%PDF-1.7 ...",
        b"\x89PNG\r\n\x1a\n...",
        b"\xff\xd8\xff\xe0JFIF",
        b"PK\x03\x04xl/",
        b"\0\0\0\x18ftypmp42",
        bytes(range(256)) * 16,
    ],
)
def test_what_is_no_page_is_refused(body):
    with pytest.raises(UnsupportedContent):
        decode(body, "text/html")


def test_bytes_that_no_charset_makes_text_of_are_undecodable():
    with pytest.raises(UndecodablePage):
        decode(b"\xef\xbb\xbf" + b"\xff\xfe\xfd" * 500, None)


@pytest.mark.parametrize(
    ("body", "content_type", "is_html"),
    [
        (PAGE, "text/html", True),
        (PAGE, None, True),
        (PAGE, "text/plain", True),  # clearly a document
        (PAGE, "image/png", True),
        (b"Just <b>words</b> of a text file.", "text/plain; charset=utf-8", False),
        (b"No tag in it at all, 3 < 4 and 5 > 4.", "text/html", False),
        (b"A plain text.\nOf two lines.", None, False),
        (b"<p>A fragment.</p>", None, True),
        (b"<!-- a comment --><!DOCTYPE html><p>x", "text/plain", True),
    ],
)
def test_html_is_known_by_looking_where_the_header_is_missing_or_lies(body, content_type, is_html):
    assert decode(body, content_type).is_html is is_html


def test_json_is_not_an_article():
    with pytest.raises(UnsupportedContent, match="JSON"):
        decode(b'{"a": 1}', "application/json")


NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff\ud800-\udfff]")
BITS = ["a", "é", "\xa0", "\x80", "\x85", "\x9f", "\ufeff", "\ufffd", "\ufffe", "\uffff", "語", "🙂", "\0", "\x1b", "\x7f"]


@given(st.lists(st.sampled_from(BITS), max_size=8).map("".join), st.booleans())
def test_a_utf8_page_is_its_text_without_what_no_text_has(bits, marked):
    page = "\ufeff" * marked + bits + "Some words of a page. " * 8 + bits
    utf8, codec, replaced = to_utf8(page.encode(), None)
    text = utf8.decode()
    assert text == NO_TEXT.sub("", page.removeprefix("\ufeff")).removeprefix("\ufeff")
    assert (codec, replaced) == ("utf-8", text.count("\ufffd"))


@given(st.binary(max_size=60))
def test_the_bytes_for_a_parser_are_text(noise):
    utf8, _, replaced = to_utf8(b"Some words of a page. " * 40 + noise, None)
    text = utf8.decode()
    assert replaced == text.count("\ufffd")
    assert not NO_TEXT.search(text)


@pytest.mark.parametrize("character", ["é", "語", "🙂"])
@pytest.mark.parametrize("offset", range(4))
def test_a_long_page_is_read_whole_wherever_its_characters_lie(character, offset):
    page = ("x" * offset + character * 50_000).encode()
    assert to_utf8(page, None) == (page, "utf-8", 0)
    assert to_utf8(page + "\ufffd".encode(), None)[1:] == ("utf-8", 1)
    assert to_utf8(page[:-1], None)[1:] == ("utf-8", 1)


def test_a_page_that_begins_with_much_that_is_none_is_html():
    assert decode(b" " * 20_000 + b"<!doctype html><p>Some words.", "text/html").is_html
    assert decode(b"<!--" + b"-" * 20_000 + b"--><p>Some words.", "text/html").is_html
    assert not decode(b" " * 20_000 + b"Some words.", None).is_html
