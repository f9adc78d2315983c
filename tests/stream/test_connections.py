"""Responses of brokers put together from whatever pieces come, and read by aiokafka's own connection."""

from __future__ import annotations

import asyncio
import contextlib
import random
import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import uvloop
from aiokafka.errors import CorrelationIdError, KafkaConnectionError
from aiokafka.protocol.fetch import FetchRequest, FetchResponse_v4
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kafka_broker import Security
from worker.stream import connections
from worker.stream.connections import Connection, Responses, read_responses_well

LOOPS: list[Callable[[], asyncio.AbstractEventLoop]] = [asyncio.new_event_loop, uvloop.new_event_loop]


def framed(response: bytes) -> bytes:
    return len(response).to_bytes(4, "big") + response


def protocol() -> Responses:
    loop = asyncio.get_running_loop()
    return Responses(loop.create_future(), asyncio.StreamReader(), loop=loop)


def feed(responses: Responses, data: bytes, most: int) -> None:
    """As an event loop does: as much as fits, and not more than came at once."""
    fed = 0
    while fed < len(data):
        place = responses.get_buffer(-1)
        assert len(place)
        size = min(len(place), len(data) - fed, most)
        place[:size] = data[fed : fed + size]
        del place
        responses.buffer_updated(size)
        fed += size


@settings(deadline=None)
@given(
    sizes=st.lists(st.sampled_from([0, 1, 3, 100, 65_531, 65_532, 65_533, 65_536, 200_000]), max_size=8),
    most=st.sampled_from([1_000, 65_535, 65_536, 1 << 20]),
    at_once=st.sampled_from([1, 70_000, 64 << 20]),
)
def test_responses_come_out_as_they_were_sent(sizes: list[int], most: int, at_once: int) -> None:
    sent = [bytes([number + 1]) * size for number, size in enumerate(sizes)]

    async def main() -> list[bytes]:
        responses = protocol()
        feed(responses, b"".join(map(framed, sent)), most)
        return [bytes(await responses.next()) for _ in sent]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connections, "_AT_ONCE", at_once)
        assert asyncio.run(main()) == sent


async def test_memory_is_taken_as_bytes_come_not_as_they_are_announced() -> None:
    responses = protocol()
    feed(responses, b"\x7f\xff\xff\xff", 4)
    assert len(responses.get_buffer(-1)) == 64 << 20


async def test_a_negative_size_is_no_response() -> None:
    responses = protocol()
    feed(responses, framed(b"good") + b"\xff\xff\xff\xffrest", 100)
    assert await responses.next() == b"good"
    with pytest.raises(ValueError, match="found one of -1 bytes"):
        await responses.next()


@pytest.mark.parametrize("error", [None, ConnectionResetError()])
async def test_the_end_is_told_to_whoever_waits_and_to_the_client(error: Exception | None) -> None:
    loop = asyncio.get_running_loop()
    closed, reader = loop.create_future(), asyncio.StreamReader()
    responses = Responses(closed, reader, loop=loop)
    feed(responses, framed(b"last"), 100)
    responses.connection_lost(error)
    assert await responses.next() == b"last"
    with pytest.raises(EOFError if error is None else ConnectionResetError):
        await responses.next()
    assert closed.done()
    assert reader.at_eof()


# -- beneath aiokafka's connection


def fetched(pages: bytes) -> bytes:
    """A response to a fetch, of one partition."""
    return FetchResponse_v4(0, [("raw", [(0, 0, 9, 9, [], pages)])]).encode()


class Broker:
    """Answers what it is asked with what it was told to, in turn."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                request = await reader.readexactly(int.from_bytes(await reader.readexactly(4), "big"))
                if not self.answers:
                    break
                writer.write(framed(request[4:8] + self.answers.pop(0)))
        writer.close()


@contextlib.asynccontextmanager
async def connected(broker: Broker, security: Security | None) -> AsyncIterator[Connection]:
    """A connection that has not asked for versions."""
    read_responses_well()
    theirs = ours = None
    if security is not None:
        theirs, ours = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), ssl.create_default_context(cafile=security.ca)
        theirs.load_cert_chain(security.keystore)
    server = await asyncio.start_server(broker.serve, "127.0.0.1", 0, ssl=theirs)
    connection = Connection(
        *server.sockets[0].getsockname(),
        ssl_context=ours,
        security_protocol="SSL" if ours else "PLAINTEXT",
        request_timeout_ms=5_000,
    )
    connection._do_version_lookup = lambda: asyncio.sleep(0)
    await connection.connect()
    connection._versions = {FetchRequest.API_KEY: (4, 4)}
    try:
        yield connection
    finally:
        connection.close()
        server.close()


def fetch() -> FetchRequest:
    return FetchRequest(max_wait_time=1, min_bytes=1, max_bytes=1, isolation_level=0, topics=[])


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("secure", [False, True])
@pytest.mark.parametrize("at_once", [100_000, 64 << 20])
def test_large_and_small_fetches_are_read_in_turn(
    loop: Callable[[], asyncio.AbstractEventLoop], secure: bool, at_once: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_AT_ONCE", at_once)
    security = Security.create(tmp_path / "certificates") if secure else None
    pages = [random.Random(size).randbytes(size) for size in (3_000_000, 10, 0, 70_000, 5_000, 700_000)]

    async def main() -> None:
        async with connected(Broker(*map(fetched, pages)), security) as connection:
            answers = await asyncio.gather(*(connection.send(fetch()) for _ in pages))
            assert [bytes(answer.topics[0][1][0][-1]) for answer in answers] == pages
            assert type(answers[0].topics[0][1][0][-1]) is memoryview

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(main())


async def test_a_response_to_something_else_closes_the_connection() -> None:
    broker = Broker(fetched(bytes(100_000)))
    async with connected(broker, None) as connection:
        waiting = asyncio.ensure_future(connection.send(fetch()))
        connection._requests[0] = (99, *connection._requests[0][1:])
        with pytest.raises(CorrelationIdError):
            await waiting
        assert not connection.connected()


@pytest.mark.parametrize("answer", [b"", fetched(bytes(100_000))[:90_000] + b"x"])
async def test_what_can_not_be_decoded_closes_the_connection(answer: bytes) -> None:
    async with connected(Broker(answer), None) as connection:
        with pytest.raises(KafkaConnectionError):
            await connection.send(fetch())
        assert not connection.connected()


async def test_a_request_that_was_given_up_takes_its_response_with_it() -> None:
    async with connected(Broker(fetched(bytes(100_000)), fetched(b"next")), None) as connection:
        given_up = asyncio.ensure_future(connection.send(fetch()))
        await asyncio.sleep(0)
        given_up.cancel()
        assert (await connection.send(fetch())).topics[0][1][0][-1] == b"next"
