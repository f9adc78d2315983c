"""Which charset a page is written in, whatever it says.

Valid UTF-8 is UTF-8, and so is UTF-8 with a few broken bytes: one bad byte must not garble a page.  Otherwise the declarations are
tried, each as strictly as it allows, and only then is the charset guessed from statistics.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Final

from charset_normalizer import from_bytes

from worker.errors import UnsupportedContent

# Control characters that no text has; tab, line feed, form feed, carriage return and ISO-2022's escape are left out.
_CONTROLS: Final = bytes(set(range(32)) - {9, 10, 12, 13, 27}) + b"\x7f"
_CONTROLS_AND_ESCAPE: Final = tuple(bytes([byte]) for byte in _CONTROLS + b"\x1b")


def control_share(sample: bytes) -> float:
    """The share of bytes that no text has."""
    return 1 - len(sample.translate(None, _CONTROLS)) / len(sample) if sample else 0.0


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
}
# fmt: off
_WEB_CODECS |= {name: name for name in (
    "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp866", "cp874", "cp932", "cp949",
    "koi8-r", "koi8-u", "gb18030", "big5hkscs", "euc_jp", "iso2022_jp", "iso8859-2", "iso8859-3", "iso8859-4", "iso8859-5",
    "iso8859-6", "iso8859-7", "iso8859-8", "iso8859-10", "iso8859-13", "iso8859-14", "iso8859-15", "iso8859-16")}
# fmt: on
# Labels of the same standard that Python does not know.
_LABELS: Final = {
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
_MULTIBYTE: Final = {"gb18030", "big5hkscs", "cp932", "cp949", "euc_jp", "iso2022_jp"}
_WESTERN: Final = {"cp1252", "cp1254", "iso8859-15", "mac-roman"}
# fmt: off
_GUESSABLE: Final = [
    "cp1251", "koi8_r", "cp1252", "cp1250", "gb18030", "cp932", "euc_jp", "cp949", "big5", "cp1253", "cp1254", "cp1255",
    "cp1256", "cp1257", "cp1258", "cp874", "cp866",
]
# fmt: on

_META_CHARSET: Final = re.compile(rb"<meta\b[^>]{0,400}?\bcharset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_XML_ENCODING: Final = re.compile(rb"\s*<\?xml\b[^>]{0,200}?\bencoding\s*=\s*[\"']([\w.:-]{2,40})", re.IGNORECASE)
_HEADER_CHARSET: Final = re.compile(r"\bcharset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_HIGH_BYTES: Final = bytes(range(128, 256))
_HIGH_RUN: Final = re.compile(rb"[\x80-\xff]{4,}")
_UNWANTED: Final = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff\ud800-\udfff]+")
_TAG: Final = re.compile(rb"<[^>]{0,2000}>")


def to_utf8(body: bytes, content_type: str | None) -> tuple[bytes, str, int]:
    """The text of a body as UTF-8, the codec that read it, and how many of its characters could not be read (U+FFFD).

    Control characters and lone surrogates are left out.  The UTF-8 of nearly every page is the body itself, which is only looked
    over: nobody asks for a `str` of a page that goes to a parser.

    Raises:
        UnsupportedContent: the body is mostly control bytes.
    """
    unmarked = body.removeprefix(codecs.BOM_UTF8).removeprefix(codecs.BOM_UTF8)
    if not _may_hold_unwanted(unmarked) and (replaced := _look_over(unmarked)) is not None:
        return unmarked, "utf-8", replaced  # hardly any other text is valid UTF-8 by chance
    text, codec = _read(body, content_type)
    text = _UNWANTED.sub("", text).removeprefix("\ufeff")
    return text.encode("utf-8", "replace"), codec, text.count("\ufffd")


def _may_hold_unwanted(body: bytes) -> bool:
    """Whether a body, if it is UTF-8, has a control character in it, or an escape that may be ISO-2022's.

    Thirty searches for one byte each, which are memchr's, take half the time of one for a class of them.
    """
    for control in _CONTROLS_AND_ESCAPE:
        if control in body:
            return True
    at = body.find(b"\xc2")  # the C1 controls are C2 80 to C2 9F
    while at >= 0:
        if b"\x80" <= body[at + 1 : at + 2] < b"\xa0":
            return True
        at = body.find(b"\xc2", at + 1)
    return False


def _look_over(body: bytes) -> int | None:
    """How many U+FFFD a body has; None if it is no UTF-8 or has a noncharacter.

    A page is decoded piece by piece, each into the memory of the last, which costs less than to decode it whole.
    """
    rest, replaced = memoryview(body), 0
    while rest:
        try:
            piece, size = codecs.utf_8_decode(rest[:_PIECE], "strict", len(rest) <= _PIECE)
        except UnicodeDecodeError:
            return None
        if "\ufffe" in piece or "\uffff" in piece:
            return None
        if "\ufffd" in piece:  # to find out that there is none is far cheaper than to count
            replaced += piece.count("\ufffd")
        rest = rest[size:]
    return replaced


_PIECE: Final = 1 << 14


def _read(body: bytes, content_type: str | None) -> tuple[str, str]:
    for mark, codec in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(codec, "replace"), codec
    head = body[:4096]
    if control_share(head) > 0.1:
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
