"""The frames that the supervisor and its children exchange, and the two ends of the socket that carry them.

A frame is a fixed prefix (magic, kind, the page's number, two lengths), a header in JSON and raw bytes.  Nothing is pickled:
a child has run native code over hostile input, so whatever it sends is checked and bounded, and can do no more than be wrong.

The supervisor's end (`Channel`) never blocks and writes a page's bytes from where they lie; the child's end blocks, for a child has
nothing else to do.
"""

from __future__ import annotations

import asyncio
import re
import socket
import struct
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from math import inf
from typing import NamedTuple

import orjson

from worker.errors import WinnowError, page_error
from worker.records import PATHS, Extraction, Page, SourceRef

_PREFIX = struct.Struct("<2sBxIII")  # magic, kind, number, bytes of header, bytes of body
_MAGIC = b"wn"
_MAX_BYTES = (1 << 32) - 1
_HASH = re.compile("[0-9a-f]{32}")
_CHUNK_BYTES = 1 << 16
_SOCKET_BUFFER_BYTES = 4 << 20  # the kernel cuts it to net.core.wmem_max: a prefetched page should fit as a whole


class FrameError(WinnowError):
    """What came over the socket is no frame, or not one that may come now."""


class Kind(IntEnum):
    """What a frame says."""

    PAGE = 1  # to the child: extract this
    READY = 2  # from the child: pages may come
    STARTED = 3  # the page is the child's to answer for from now on
    RESULT = 4  # what came of it


_KINDS = {int(kind): kind for kind in Kind}


class Frame(NamedTuple):
    """One frame, whole."""

    kind: Kind
    number: int
    header: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What a child reports of a page, and of itself after it."""

    extraction: Extraction
    rss_bytes: int
    leaving: bool  # the child exits now and leaves what was prefetched
    stack: str | None = None  # where an exception came from that nobody foresaw; no line of it holds the page's text


def reply_limit(decoded_bytes: int) -> int:
    """The largest article that a child may send: JSON needs more than a byte for some characters, and the text may stand twice."""
    return 2 * decoded_bytes + (1 << 20)


def encode(kind: Kind, number: int = 0, header: bytes = b"", body: bytes = b"") -> bytes:
    """One frame in one piece."""
    return _PREFIX.pack(_MAGIC, kind, number, len(header), len(body)) + header + body


def encode_page(number: int, ref: SourceRef, page: Page, key: bytes | None) -> tuple[bytes, bytes]:
    """The frame of a page, in two pieces so that the body is not copied.

    Raises:
        FrameError: the page, its key or its URL has 4 GiB or more.
    """
    fields = [*ref, page.url, page.content_type, page.content_encoding, page.fetched_at, None if key is None else len(key)]
    header = _dumps(fields)
    size = len(key or b"") + len(page.body)
    if size > _MAX_BYTES or len(header) > _MAX_BYTES:
        raise FrameError(f"a page of {size} bytes does not fit a frame")
    return _PREFIX.pack(_MAGIC, Kind.PAGE, number, len(header), size) + header + (key or b""), page.body


def encode_reply(number: int, reply: Reply) -> bytes:
    """The frame of a result."""
    done = reply.extraction
    error = None if done.error is None else (done.error.reason, str(done.error)[:1000])
    fields = [
        *(done.content_hash, done.path, done.similar_items, done.language, done.duration_s, error),
        *(reply.rss_bytes, reply.leaving, reply.stack, done.article is not None),
    ]
    return encode(Kind.RESULT, number, _dumps(fields), done.article or b"")


def decode_reply(frame: Frame) -> Reply:
    """The inverse of `encode_reply`.

    Raises:
        FrameError: the header does not hold what a reply holds, or it is neither an error nor an article.
    """
    try:
        content_hash, path, similar, language, duration_s, error, rss, leaving, stack, has_article = orjson.loads(frame.header)
        extraction = Extraction(
            article=frame.body if has_article else None,
            content_hash=content_hash,
            path=path,
            similar_items=int(similar),
            language=language,
            error=None if error is None else page_error(*error),
            duration_s=float(duration_s),
        )
        reply = Reply(extraction, int(rss), bool(leaving), stack)
    except (TypeError, ValueError) as error:
        raise FrameError(f"expected a reply's header, found {frame.header[:80]!r}") from error
    if extraction.error is None and not _is_article(extraction):
        raise FrameError(f"expected an article or an error, found {frame.header[:80]!r}")
    return reply


def _is_article(done: Extraction) -> bool:
    """Whether all that is said of an article can be claimed, counted and published."""
    return (
        done.article is not None
        and isinstance(done.content_hash, str)
        and _HASH.fullmatch(done.content_hash) is not None  # a store lays the hashes of many pages end to end
        and done.path in PATHS
        and done.similar_items >= 0
        and (done.language is None or isinstance(done.language, str))
        and 0 <= done.duration_s < inf
    )


def _dumps(fields: Sequence[object]) -> bytes:
    try:
        return orjson.dumps(fields)
    except TypeError:  # a lone surrogate, which no UTF-8 holds
        return orjson.dumps([_clean(field) for field in fields])


def _clean(field: object) -> object:
    if isinstance(field, tuple):
        return [_clean(part) for part in field]
    return field.encode("utf-8", "replace").decode() if isinstance(field, str) else field


class Decoder:
    """Puts frames together from whatever pieces the socket hands over."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._held = bytearray()

    def feed(self, chunk: bytes | memoryview) -> Iterator[Frame]:
        """The frames that are complete now: all are to be taken before more is fed, and nothing is after an error.

        Raises:
            FrameError: this is no frame, or one that would be larger than `max_bytes`.
        """
        held = self._held
        if held:
            held += chunk
        at, data = 0, held or chunk  # a chunk is copied only where a frame goes on in the next
        with memoryview(data) as view:
            while len(view) - at >= _PREFIX.size:
                kind, number, header_bytes, body_bytes = _read_prefix(view, at)
                body_at = at + _PREFIX.size + header_bytes
                end = body_at + body_bytes
                if end - at > self._max_bytes:
                    raise FrameError(f"expected a frame of at most {self._max_bytes} bytes, found one of {end - at}")
                if len(view) < end:
                    break
                yield Frame(kind, number, bytes(view[at + _PREFIX.size : body_at]), bytes(view[body_at:end]))
                at = end
            rest = b"" if held else bytes(view[at:])
        del held[:at]
        held += rest


def _read_prefix(data: bytes | memoryview, at: int = 0) -> tuple[Kind, int, int, int]:
    magic, kind, number, header_bytes, body_bytes = _PREFIX.unpack_from(data, at)
    if magic != _MAGIC or kind not in _KINDS:
        raise FrameError(f"expected a frame, found {bytes(data[at : at + _PREFIX.size])!r}")
    return _KINDS[kind], number, header_bytes, body_bytes


def open_channel() -> tuple[socket.socket, socket.socket]:
    """A pair of connected sockets: the supervisor's end, the child's end."""
    ends = socket.socketpair()
    for end in ends:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SOCKET_BUFFER_BYTES)
    return ends


class Channel:
    """The supervisor's end."""

    def __init__(
        self, end: socket.socket, *, max_bytes: int, on_frame: Callable[[Frame], None], on_end: Callable[[FrameError | None], None]
    ) -> None:
        """`on_end` is called once, when the child's end is closed or sends what is no frame."""
        end.setblocking(False)
        self._end = end
        self._loop = asyncio.get_running_loop()
        self._decoder = Decoder(max_bytes)
        self._on_frame = on_frame
        self._on_end = on_end
        self._unsent: deque[memoryview] = deque()
        self._chunk = memoryview(bytearray(_CHUNK_BYTES))
        self._open = True
        self._loop.add_reader(end, self._read)

    def send(self, pieces: tuple[bytes, ...]) -> None:
        """Write at once what the socket takes, and the rest as it drains.  A closed channel takes all and sends nothing."""
        if not self._open:
            return
        waiting = bool(self._unsent)
        self._unsent.extend(memoryview(piece) for piece in pieces if piece)
        if not waiting:
            self._write()
            if self._unsent:
                self._loop.add_writer(self._end, self._go_on)

    def finish(self) -> None:
        """Say that nothing more will come: the child exits when it has answered all."""
        if self._open and not self._unsent:
            self._end.shutdown(socket.SHUT_WR)

    def drain(self) -> None:
        """Take what the child has sent before it ended, and close."""
        while self._open and self._read():
            pass
        self.close()

    def close(self) -> None:
        """Forget the child."""
        if self._open:
            self._open = False
            self._loop.remove_reader(self._end)
            self._loop.remove_writer(self._end)
            self._end.close()
            self._unsent.clear()

    def _go_on(self) -> None:
        self._write()
        if not self._unsent and self._open:
            self._loop.remove_writer(self._end)

    def _write(self) -> None:
        while self._unsent:
            try:
                sent = self._end.sendmsg(self._unsent)
            except BlockingIOError:
                return
            except OSError:  # the child is gone; reading tells
                self._unsent.clear()
                return
            while self._unsent and sent >= len(self._unsent[0]):
                sent -= len(self._unsent.popleft())
            if sent:
                self._unsent[0] = self._unsent[0][sent:]

    def _read(self) -> bool:
        """Whether there may be more to read."""
        try:
            size = self._end.recv_into(self._chunk)
        except BlockingIOError:
            return False
        except OSError:
            size = 0
        if not size:
            self._stop(None)
            return False
        try:
            for frame in self._decoder.feed(self._chunk[:size]):
                self._on_frame(frame)
        except FrameError as error:
            self._stop(error)
            return False
        return True

    def _stop(self, error: FrameError | None) -> None:
        if self._open:
            self.close()
            self._on_end(error)


class PageRequest(NamedTuple):
    """A page as it reaches a child."""

    ref: SourceRef
    page: Page
    key: bytes | None


def has_page(end: socket.socket) -> bool:
    """Whether the next page was sent already; it is not taken."""
    try:
        return len(end.recv(_PREFIX.size, socket.MSG_PEEK | socket.MSG_DONTWAIT)) == _PREFIX.size
    except BlockingIOError:
        return False


def await_page(end: socket.socket) -> tuple[int, int, int] | None:
    """Wait for the next page in a child: its number and the sizes of what follows, or None when no more will come."""
    prefix = _receive(end, _PREFIX.size)
    if not prefix:
        return None
    kind, number, header_bytes, body_bytes = _read_prefix(prefix)
    if kind is not Kind.PAGE:
        raise FrameError(f"expected a page, found {kind.name}")
    return number, header_bytes, body_bytes


def receive_page(end: socket.socket, header_bytes: int, body_bytes: int) -> PageRequest:
    """Take the page that `await_page` announced."""
    header = orjson.loads(_receive(end, header_bytes))
    topic, partition, offset, url, content_type, content_encoding, fetched_at, key_bytes = header
    key = None if key_bytes is None else _receive(end, key_bytes)
    body = _receive(end, body_bytes - (key_bytes or 0))
    return PageRequest(SourceRef(topic, partition, offset), Page(body, url, content_type, content_encoding, fetched_at), key)


def _receive(end: socket.socket, size: int) -> bytes:
    """Exactly `size` bytes, or none where the stream ends before the first."""
    if not size:
        return b""
    received = end.recv(size, socket.MSG_WAITALL)
    if len(received) == size or not received:
        return received
    parts = [received]
    while (missing := size - sum(map(len, parts))) > 0:
        part = end.recv(missing, socket.MSG_WAITALL)
        if not part:
            raise FrameError(f"the stream ended {missing} bytes before the end of a frame")
        parts.append(part)
    return b"".join(parts)
