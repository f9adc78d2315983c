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
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import cramjam

from worker.article.charset import control_share, to_utf8
from worker.errors import BadContentEncoding, DecodedTooLarge, EmptyPayload, UndecodablePage, UnsupportedContent

MAX_CHAINED_ENCODINGS: Final = 4
"""More than this in one header is an attack, not a server."""

MAX_GZIP_MEMBERS: Final = 256
"""Each member copies what follows it; a body of a million tiny ones would take hours."""

_GZIP_MAGIC: Final = b"\x1f\x8b\x08"
_ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"


@dataclass(frozen=True, slots=True)
class Decoded:
    """A page as text: as UTF-8 for a parser, and as a `str`, which is made anew whenever it is asked for."""

    utf8: bytes
    is_html: bool
    charset: str  # the codec's name in Python

    @property
    def text(self) -> str:
        return self.utf8.decode()


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
_MAGIC: Final = {"gzip": _GZIP_MAGIC, "x-gzip": _GZIP_MAGIC, "zstd": _ZSTD_MAGIC}


def _is_plainly_text(body: bytes) -> bool:
    """Whether the start of the body is readable as it is: HTML, or valid UTF-8 without control characters."""
    head = body[:1024]
    if control_share(head):
        return False
    if _HTML_START.match(head.lstrip(codecs.BOM_UTF8)):
        return True
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return len(head) > 8


_HTML_START: Final = (
    re.compile(  # a comment ends once, however the rest fits: else thirty of them would be parted in a billion ways
        rb"\s*(?:<!--(?>.{0,800}?-->)\s*|<\?xml[^>]{0,200}>\s*)*<(?:!doctype\s+html|html|head|body|meta|title|article)\b",
        re.IGNORECASE | re.DOTALL,
    )
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


_HEAD: Final = 8192  # bytes in which a page shows that it is HTML; where they do not, all of it is looked at


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
    utf8, charset, broken = to_utf8(body, content_type)
    head = utf8[:_HEAD].decode("utf-8", "ignore")
    if (not head or head.isspace()) and (not utf8 or utf8.decode().isspace()):
        raise EmptyPayload("the page has nothing but control characters and whitespace")
    if broken and broken > 0.3 * (characters := len(utf8.decode())):
        raise UndecodablePage(f"{broken} of {characters} characters can't be decoded as {charset}")
    is_html = _is_html(head, content_type) or (len(utf8) > _HEAD and _is_html(utf8.decode(), content_type))
    return Decoded(utf8, is_html, charset)


def _refuse_foreign(body: bytes) -> None:
    for magic, what in _FOREIGN:
        if body.startswith(magic):
            raise UnsupportedContent(f"the body is {what}, not a page")
    if body[4:8] == b"ftyp":
        raise UnsupportedContent("the body is an MP4 or AVIF container, not a page")


_MIME: Final = re.compile(r"\s*([\w.+-]+/[\w.+-]+)")
_TEXT_HTML_START: Final = re.compile(_HTML_START.pattern.decode() + ".", re.IGNORECASE | re.DOTALL)  # a head may end within a name
_ANY_TAG: Final = re.compile(r"</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>|<!doctype", re.IGNORECASE)
_COMMON_TAG: Final = re.compile(
    r"</?(?:p|div|br|a|span|h[1-6]|ul|li|article|section|table|td|tr|body|html|head|meta|title|img|script)\b[^<>]{0,2000}>",
    re.IGNORECASE,
)


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
