"""Bytes as they came off the wire -> text, and whether that text is HTML.

Two things are never believed on their word: the Content-Encoding (servers name one and send another) and the charset (pages name
one and are written in another).  Unpacking is bounded at every moment: a gigabyte of zeros in a gzip of one megabyte costs no more
memory than the bound.
"""

from __future__ import annotations

import codecs
import mmap
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cramjam
from charset_normalizer import from_bytes

from worker.errors import BadContentEncoding, DecodedTooLarge, EmptyPayload, UndecodablePage, UnsupportedContent

MAX_CHAINED_ENCODINGS = 4
"""More than this in one header is an attack, not a server."""

MAX_GZIP_MEMBERS = 256
"""Each member copies what follows it; a body of a million tiny ones would take hours."""

_GZIP_MAGIC = b"\x1f\x8b\x08"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"


@dataclass(frozen=True, slots=True)
class Decoded:
    """A page as text."""

    text: str
    is_html: bool
    charset: str  # the codec's name in Python


def unpack(body: bytes, content_encoding: str | None, *, max_bytes: int) -> bytes:
    """Undo the Content-Encoding: identity, gzip, deflate, zstd, br, or several of them, comma-separated in the order applied.

    Raises:
        BadContentEncoding: the body is not what the header says, is cut short, or the encoding is unknown.
        DecodedTooLarge: the body, or a step on the way to it, is larger than `max_bytes`.
    """
    names = [name for name in re.split(r"[,\s]+", (content_encoding or "").lower()) if name not in {"", "identity", "none"}]
    if len(names) > MAX_CHAINED_ENCODINGS:
        raise BadContentEncoding(f"{len(names)} chained content encodings, at most {MAX_CHAINED_ENCODINGS} are undone")
    if unknown := [name for name in names if name not in _UNPACKERS]:
        raise BadContentEncoding(f"unknown content encoding {unknown[0][:40]!r}; known are {', '.join(sorted(_UNPACKERS))}")
    for name in reversed(names):
        if not body:
            break
        if name in _MAGIC and not body.startswith(_MAGIC[name]) and _is_plainly_text(body):
            continue  # the header is a leftover: a proxy has unpacked the body already
        try:
            body = _UNPACKERS[name](body, max_bytes)
        except BadContentEncoding:
            if not _is_plainly_text(body):
                raise
    if not names:
        body = _unpack_undeclared(body, max_bytes)
    if len(body) > max_bytes:
        raise DecodedTooLarge(f"the page has {len(body)} bytes, more than the {max_bytes} allowed")
    return body


def _unpack_undeclared(body: bytes, max_bytes: int) -> bytes:
    for magic, unpacker in ((_GZIP_MAGIC, _gunzip), (_ZSTD_MAGIC, _unzstd)):
        if body.startswith(magic):
            return unpacker(body, max_bytes)
    return body


def _too_large(max_bytes: int) -> DecodedTooLarge:
    return DecodedTooLarge(f"the body unpacks to more than the {max_bytes} bytes allowed")


def _inflate(body: bytes, wbits: int, max_bytes: int) -> tuple[bytes, bytes]:
    """One zlib stream and what follows it."""
    stream = zlib.decompressobj(wbits)
    try:
        out = stream.decompress(body, max_bytes + 1)
    except zlib.error as error:
        raise BadContentEncoding(f"the body does not inflate: {error}") from error
    if len(out) > max_bytes:
        raise _too_large(max_bytes)
    if not stream.eof:
        raise BadContentEncoding(f"the compressed body is cut short after {len(body)} bytes")
    return out, stream.unused_data


def _gunzip(body: bytes, max_bytes: int) -> bytes:
    out, rest = _inflate(body, zlib.MAX_WBITS | 16, max_bytes)
    if not rest.startswith(_GZIP_MAGIC):
        return out  # what follows a member and is none is padding, as gzip(1) has it
    members = [out]
    room = max_bytes - len(out)
    while rest.startswith(_GZIP_MAGIC):
        out, rest = _inflate(rest, zlib.MAX_WBITS | 16, room)
        members.append(out)
        if len(members) > MAX_GZIP_MEMBERS:
            raise BadContentEncoding(f"more than {MAX_GZIP_MEMBERS} gzip members")
        room -= len(out)
    return b"".join(members)


def _undeflate(body: bytes, max_bytes: int) -> bytes:
    """zlib format by the RFC; the bare stream that some servers send instead."""
    is_zlib = len(body) > 1 and body[0] & 0x0F == 8 and (body[0] << 8 | body[1]) % 31 == 0
    return _inflate(body, zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS, max_bytes)[0]


def _bounded(decompress_into: Callable[[bytes, mmap.mmap], int], body: bytes, max_bytes: int) -> bytes:
    """Decompress into memory that the system lends page by page: only what is written is ever resident."""
    with mmap.mmap(-1, max_bytes + 1) as out:
        try:
            size = decompress_into(body, out)
        except cramjam.DecompressionError as error:
            if "whole buffer" in str(error):  # the one way cramjam tells a full buffer from a bad stream
                raise _too_large(max_bytes) from error
            raise BadContentEncoding(f"the body does not decompress: {error}") from error
        if size > max_bytes:
            raise _too_large(max_bytes)
        return out[:size]


def _unzstd(body: bytes, max_bytes: int) -> bytes:
    return _bounded(cramjam.zstd.decompress_into, body, max_bytes)


def _unbrotli(body: bytes, max_bytes: int) -> bytes:
    return _bounded(cramjam.brotli.decompress_into, body, max_bytes)


_UNPACKERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _undeflate,
    "zstd": _unzstd,
    "br": _unbrotli,
}
_MAGIC = {"gzip": _GZIP_MAGIC, "x-gzip": _GZIP_MAGIC, "zstd": _ZSTD_MAGIC}

# Control characters that no text has; tab, line feed, form feed, carriage return and ISO-2022's escape are left out.
_CONTROLS = bytes(set(range(32)) - {9, 10, 12, 13, 27}) + b"\x7f"


def _control_share(sample: bytes) -> float:
    return 1 - len(sample.translate(None, _CONTROLS)) / len(sample) if sample else 0.0


def _is_plainly_text(body: bytes) -> bool:
    """Whether the start of the body is readable as it is: HTML, or valid UTF-8 without control characters."""
    head = body[:1024]
    if _control_share(head):
        return False
    if _HTML_START.match(head.lstrip(codecs.BOM_UTF8)):
        return True
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return len(head) > 8


_HTML_START = re.compile(
    rb"\s*(?:<!--.{0,800}?-->\s*|<\?xml[^>]{0,200}>\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)

# First bytes of what is no page.  Text formats that a server may mislabel are not here: the extractor judges them.
_FOREIGN: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "a PDF"),
    (b"\x89PNG\r\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF87a", "a GIF picture"),
    (b"GIF89a", "a GIF picture"),
    (b"RIFF", "a RIFF container (WebP, WAV, AVI)"),
    (b"PK\x03\x04", "a ZIP archive or office document"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (_GZIP_MAGIC, "gzip, packed more often than declared"),
    (_ZSTD_MAGIC, "zstd, packed more often than declared"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x7fELF", "a program"),
    (b"OggS", "Ogg media"),
    (b"ID3", "MP3 audio"),
    (b"fLaC", "FLAC audio"),
    (b"\x1aE\xdf\xa3", "Matroska video"),
    (b"\xd0\xcf\x11\xe0", "an old office document"),
    (b"wOFF", "a font"),
    (b"wOF2", "a font"),
    (b"{\\rtf", "RTF"),
)

_BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: it begins with that one's mark
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# What a declared codec stands for on the web: https://encoding.spec.whatwg.org/#names-and-labels (Python's names on both sides).
# A codec that is not here is not accepted from a page: Python's registry also holds rot13, punycode and the like.
_WEB_CODECS: dict[str, str] = {
    "utf-8": "utf-8",
    "utf-16": "utf-8",  # a declaration that can be read as ASCII is not written in UTF-16
    "utf-16-le": "utf-8",
    "utf-16-be": "utf-8",
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "johab": "cp949",
    "mac-roman": "mac-roman",
    "mac-cyrillic": "mac-cyrillic",
} | {
    name: name
    for name in "cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 cp866 cp874 cp932 cp949 koi8-r koi8-u gb18030 big5hkscs "
    "euc_jp iso2022_jp iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6 iso8859-7 iso8859-8 iso8859-10 iso8859-13 iso8859-14 "
    "iso8859-15 iso8859-16".split()
}
# Labels of the same standard that Python does not know.
_LABELS = {
    "x-sjis": "cp932",
    "windows-949": "cp949",
    "x-gbk": "gb18030",
    "x-euc-jp": "euc_jp",
    "x-x-big5": "big5hkscs",
    "x-cp1250": "cp1250",
    "x-cp1251": "cp1251",
    "x-cp1252": "cp1252",
    "dos-874": "cp874",
    "windows-874": "cp874",
    "utf8mb4": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "logical": "iso8859-8",
    "x-mac-roman": "mac-roman",
    "x-mac-cyrillic": "mac-cyrillic",
}
_MULTIBYTE = {"gb18030", "big5hkscs", "cp932", "cp949", "euc_jp", "iso2022_jp"}
_WESTERN = {"cp1252", "cp1254", "iso8859-15", "mac-roman"}
_GUESSABLE = ["cp1251", "koi8_r", "cp1252", "cp1250", "gb18030", "cp932", "euc_jp", "cp949", "big5", "cp1253", "cp1254", "cp1255", "cp1256",
              "cp1257", "cp1258", "cp874", "cp866"]  # fmt: skip

_META_CHARSET = re.compile(rb"<meta\b[^>]{0,400}?\bcharset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"\s*<\?xml\b[^>]{0,200}?\bencoding\s*=\s*[\"']([\w.:-]{2,40})", re.IGNORECASE)
_HEADER_CHARSET = re.compile(r"\bcharset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_HIGH_RUN = re.compile(rb"[\x80-\xff]{4,}")
_UNWANTED = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff\ud800-\udfff]+")
_TAG = re.compile(rb"<[^>]{0,2000}>")


def decode(body: bytes, content_type: str | None) -> Decoded:
    """The text of a page, whatever it says of its charset, and whether it is HTML.

    Raises:
        EmptyPayload: no bytes, or nothing but whitespace.
        UnsupportedContent: the body is a picture, a PDF, an archive, JSON or another thing that is no page.
        UndecodablePage: no charset makes text of it.
    """
    if not body or body.isspace():
        raise EmptyPayload("the page has no bytes" if not body else "the page has nothing but whitespace")
    _refuse_foreign(body)
    text, charset = _to_text(body, content_type)
    text = _UNWANTED.sub("", text).removeprefix("\ufeff")
    if not text or text.isspace():
        raise EmptyPayload("the page has nothing but control characters and whitespace")
    broken = text.count("\ufffd")
    if broken > 0.3 * len(text):
        raise UndecodablePage(f"{broken} of {len(text)} characters can't be decoded as {charset}")
    return Decoded(text, _is_html(text, content_type), charset)


def _refuse_foreign(body: bytes) -> None:
    for magic, what in _FOREIGN:
        if body.startswith(magic):
            raise UnsupportedContent(f"the body is {what}, not a page")
    if body[4:8] == b"ftyp":
        raise UnsupportedContent("the body is an MP4 or AVIF container, not a page")


def _to_text(body: bytes, content_type: str | None) -> tuple[str, str]:
    for mark, codec in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(codec, "replace"), codec
    head = body[:4096]
    if _control_share(head) > 0.1:
        if codec16 := _unmarked_utf16(head):
            return body.decode(codec16, "replace"), codec16
        raise UnsupportedContent("the body is mostly control bytes: binary, not a page")
    declared = tuple(dict.fromkeys(_declared(body, content_type)))
    if body.isascii():
        if b"\x1b" in body and "iso2022_jp" in declared:
            return body.decode("iso2022_jp", "replace"), "iso2022_jp"
        return body.decode("ascii"), "utf-8"
    try:
        return body.decode("utf-8"), "utf-8"  # hardly any other text is valid UTF-8 by chance
    except UnicodeDecodeError:
        pass
    lenient = body.decode("utf-8", "replace")
    bad = lenient.count("\ufffd")
    good = len(lenient) - bad - len(body.translate(None, _HIGH_BYTES))
    if bad * 20 <= good or (bad <= good and declared[:1] == ("utf-8",)):
        return lenient, "utf-8"
    return _by_declaration(body, declared) or _by_statistics(body) or (body.decode("cp1252", "replace"), "cp1252")


_HIGH_BYTES = bytes(range(128, 256))


def _unmarked_utf16(head: bytes) -> str | None:
    """UTF-16 without a mark shows as a zero in every other byte of its ASCII."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    if odd > 0.3 * len(head) / 2 and odd > 10 * even:
        return "utf-16-le"
    if even > 0.3 * len(head) / 2 and even > 10 * odd:
        return "utf-16-be"
    return None


def _declared(body: bytes, content_type: str | None) -> Iterator[str]:
    labels: list[str] = []
    if content_type and (match := _HEADER_CHARSET.search(content_type)):
        labels.append(match[1])
    head = body[:8192]
    labels.extend(match[1].decode("ascii", "ignore") for match in (_XML_ENCODING.match(head), _META_CHARSET.search(head)) if match)
    for label in labels:
        if codec := web_codec(label):
            yield codec


def web_codec(label: str) -> str | None:
    """Python's codec for a charset label as browsers read it, or None if no browser knows it.  `iso-8859-1` is cp1252."""
    label = label.strip().lower()
    if label in _LABELS:
        return _LABELS[label]
    try:
        return _WEB_CODECS.get(codecs.lookup(label).name)
    except (LookupError, ValueError):
        return None


def _by_declaration(body: bytes, declared: tuple[str, ...]) -> tuple[str, str] | None:
    for codec in declared:
        if codec == "utf-8" or (codec in _WESTERN and not _looks_western(body)):
            continue
        try:
            return body.decode(codec), codec
        except UnicodeDecodeError:
            text = body.decode(codec, "replace")
        # a multi-byte page with a broken byte or two, or cp1252 with one of its five holes
        if text.count("\ufffd") * (500 if codec in _MULTIBYTE else 5000) <= len(text):
            return text, codec
    return None


def _looks_western(body: bytes) -> bool:
    """Accented letters stand alone among ASCII ones; Cyrillic, Greek and CJK bytes stand in runs."""
    runs = sum(len(run) for run in _HIGH_RUN.findall(body[:200_000]))
    return runs * 2 < len(body[:200_000].translate(None, bytes(range(128))))


def _by_statistics(body: bytes) -> tuple[str, str] | None:
    """charset_normalizer over the first few kilobytes of what is no markup.  It is slow, so it comes last and sees little."""
    first = re.search(rb"[\x80-\xff]", body)
    start = max(0, first.start() - 200) if first else 0
    sample = _TAG.sub(b" ", body[start : start + 30_000])[:6000]
    sample = sample[: sample.rfind(b" ") + 1] or sample  # not in the middle of a character
    best = from_bytes(sample, steps=4, chunk_size=512, cp_isolation=_GUESSABLE, preemptive_behaviour=False).best()
    if best is None:
        return None
    codec = web_codec(best.encoding) or "cp1252"
    return body.decode(codec, "replace"), codec


_MIME = re.compile(r"\s*([\w.+-]+/[\w.+-]+)")
_TEXT_HTML_START = re.compile(_HTML_START.pattern.decode(), re.IGNORECASE | re.DOTALL)
_ANY_TAG = re.compile(r"</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>|<!doctype", re.IGNORECASE)
_COMMON_TAG = re.compile(r"</?(?:p|div|br|a|span|h[1-6]|ul|li|article|section|table|td|tr|body|html|head|meta|title|img|script)\b[^<>]{0,2000}>",
                         re.IGNORECASE)  # fmt: skip


def _is_html(text: str, content_type: str | None) -> bool:
    """By the content type where it is honest, by looking where it is missing or lies."""
    match = _MIME.match(content_type or "")
    mime = match[1].lower() if match else ""
    if mime.endswith("json") and text.lstrip()[:1] in {"{", "["}:
        raise UnsupportedContent("the body is JSON, not a page")
    if mime in {"text/html", "application/xhtml+xml"}:
        return _ANY_TAG.search(text) is not None
    if _TEXT_HTML_START.match(text):
        return True
    if mime == "text/plain":
        return False
    tags = sum(1 for _, _ in zip(_COMMON_TAG.finditer(text, 0, 100_000), range(6), strict=False))
    return tags >= 6 or (tags > 0 and text.lstrip().startswith("<"))
