"""Connections to brokers on which what was fetched is read into place, once.

aiokafka reads a response through asyncio's stream, which copies each piece twice, and takes the records out of it by a third copy.
A page's bytes would be moved about three times as often as they must, and that was a fifth of what a page costs the worker's own
process.  Here the kernel writes a large response to where it stays, and the records that are decoded are a view of it.

Only what is fetched is decoded so; every other response goes the client's way.
"""

from __future__ import annotations

import asyncio
import ctypes
import time
from typing import Any, Final

import aiokafka.conn
from aiokafka.conn import AIOKafkaConnection
from aiokafka.protocol.fetch import FetchRequest

_SIZE: Final = 4  # bytes of the number before each response that says how many follow
_SMALL: Final = 1 << 16  # bytes of responses that are read several at a time, and copied
_AT_ONCE: Final = 64 << 20  # bytes taken for a response before any have come: what is no broker may announce two gigabytes
_COPIED: Final = 4096  # bytes of a response's fields up to which they are copied: names, not records


def read_responses_well() -> None:
    """Have aiokafka's clients read them so; there is no way to tell one of them alone."""
    aiokafka.conn.AIOKafkaProtocol = Responses
    aiokafka.conn.AIOKafkaConnection = Connection


class Responses(asyncio.BufferedProtocol):
    """Puts responses together: bytes where they are small, a view of memory of their own where they are not."""

    def __init__(self, closed: asyncio.Future[None], reader: asyncio.StreamReader, *, loop: asyncio.AbstractEventLoop) -> None:
        """`reader` gets to know of the end only: the client looks there whether a connection is alive."""
        self._closed = closed
        self._reader = reader
        self._small = bytearray(_SMALL)
        self._large: bytearray | None = None  # the response that is being read, if it is a large one
        self._size = 0  # of that
        self._filled = 0  # bytes of either
        self._whole: asyncio.Queue[bytes | memoryview | Exception] = asyncio.Queue()

    async def next(self) -> bytes | memoryview:
        """The next response, without its size.

        Raises:
            EOFError: the broker has closed the connection.
            OSError: it broke.
            ValueError: what came is no response.
        """
        whole = await self._whole.get()
        if isinstance(whole, Exception):
            raise whole
        return whole

    def get_buffer(self, sizehint: int) -> memoryview:
        """Where the next bytes go."""
        if self._large is None:
            return memoryview(self._small)[self._filled :]
        if self._filled == len(self._large):
            self._large += bytes(min(len(self._large), self._size - len(self._large)))
        return memoryview(self._large)[self._filled :]

    def buffer_updated(self, nbytes: int) -> None:
        """So many bytes have come."""
        self._filled += nbytes
        if self._large is None:
            self._take_small()
        elif self._filled == self._size:
            self._whole.put_nowait(memoryview(self._large))
            self._large, self._filled = None, 0

    def _take_small(self) -> None:
        """Take the responses that are whole, and make room for the rest of the last."""
        begin, end, small = 0, self._filled, memoryview(self._small)
        while end - begin >= _SIZE:
            size = int.from_bytes(small[begin : begin + _SIZE], "big", signed=True)
            if size < 0:
                self._whole.put_nowait(ValueError(f"expected a response, found one of {size} bytes"))
                begin = end
            elif _SIZE + size > _SMALL:
                self._large, self._size = _room_for(min(size, _AT_ONCE)), size
                self._filled = end - begin - _SIZE
                self._large[: self._filled] = small[begin + _SIZE : end]
                return
            elif begin + _SIZE + size > end:
                break
            else:
                self._whole.put_nowait(bytes(small[begin + _SIZE : begin + _SIZE + size]))
                begin += _SIZE + size
        self._filled = end - begin
        small[: self._filled] = bytes(small[begin:end])

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits, and the client."""
        self._whole.put_nowait(exc or EOFError("the broker has closed the connection"))
        self._reader.feed_eof()
        if not self._closed.done():
            self._closed.set_result(None)

    async def _drain_helper(self) -> None:
        """What asyncio's StreamWriter asks before it lets write on: the client waits for answers instead."""


def _room_for(size: int) -> bytearray:
    """So many bytes of anything, for all will be written over: `bytearray(size)` would write zeros first."""
    room = bytearray()
    ctypes.pythonapi.PyByteArray_Resize(ctypes.py_object(room), ctypes.c_ssize_t(size))
    return room


class Connection(AIOKafkaConnection):  # type: ignore[misc]  # aiokafka ships no types
    """A connection of the client's that reads so."""

    @staticmethod
    async def _read(self_ref: Any) -> None:
        """Handle what comes until the connection ends; the connection itself is not held while nothing comes."""
        if (self := self_ref()) is None:
            return
        responses: Responses = self._protocol
        del self
        while True:
            response = await responses.next()
            if (self := self_ref()) is None:
                return
            if not (isinstance(response, memoryview) and self._handle_fetched(response)):
                self._handle_frame(bytes(response))
            del self, response

    def _handle_fetched(self, response: memoryview) -> bool:
        """Whether it is what a fetch waits for, which then has it."""
        correlation_id, request, waiting = self._requests[0]
        if correlation_id is None or request.API_KEY != FetchRequest.API_KEY or waiting.done():
            return False
        fields = _Fields(response)
        if request.parse_response_header(fields).correlation_id != correlation_id:
            return False
        waiting.set_result(request.RESPONSE_TYPE.decode(fields))
        self._last_action = time.monotonic()
        self._requests.popleft()
        return True


class _Fields:
    """A response as the client decodes it: a file of bytes, but that a large piece is a view."""

    def __init__(self, response: memoryview) -> None:
        self._response = response
        self._at = 0

    def read(self, size: int) -> bytes | memoryview:
        begin, self._at = self._at, self._at + size
        piece = self._response[begin : self._at]
        return piece if size > _COPIED else bytes(piece)
