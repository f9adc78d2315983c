"""Frames, without any process."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.errors import ExtractionFailed, PageTimeout
from worker.pool.frames import (
    Channel,
    Decoder,
    Frame,
    FrameError,
    Kind,
    Reply,
    await_page,
    decode_reply,
    encode,
    encode_page,
    encode_reply,
    open_channel,
    receive_page,
)
from worker.records import Extraction, Page, SourceRef

LIMIT = 1 << 20


def only(frames):
    [frame] = frames
    return frame


@given(
    st.lists(st.tuples(st.sampled_from(Kind), st.integers(0, 2**32 - 1), st.binary(max_size=50), st.binary(max_size=300))),
    st.data(),
)
def test_frames_come_out_as_they_went_in_however_the_stream_is_cut(frames, data):
    stream = b"".join(encode(*frame) for frame in frames)
    decoder, found, at = Decoder(LIMIT), [], 0
    while at < len(stream):
        size = data.draw(st.integers(1, len(stream) - at))
        found += decoder.feed(stream[at : at + size])
        at += size
    assert found == [Frame(*frame) for frame in frames]


@given(st.binary(min_size=16, max_size=200))
def test_garbage_is_refused_at_the_first_prefix(garbage):
    if not garbage.startswith(b"wn"):
        with pytest.raises(FrameError):
            list(Decoder(LIMIT).feed(garbage))


def test_a_frame_beyond_the_limit_is_refused_before_its_bytes_come():
    prefix = encode(Kind.RESULT, 1, b"", b"x" * 5000)[:16]
    with pytest.raises(FrameError, match="at most 1000"):
        list(Decoder(1000).feed(prefix))


@pytest.mark.parametrize(
    "extraction",
    [
        Extraction(article=b"{}", content_hash="a" * 32, path="fast", similar_items=4, language="fr", duration_s=0.25),
        Extraction(article=b"", content_hash="a" * 32, path="text"),
    ],
)
def test_a_reply_comes_out_as_it_went_in(extraction):
    reply = Reply(extraction, rss_bytes=12, leaving=True, stack="somewhere")
    assert decode_reply(only(Decoder(LIMIT).feed(encode_reply(9, reply)))) == reply


def test_an_error_keeps_its_kind_and_its_message():
    reply = Reply(Extraction(error=PageTimeout("too slow")), rss_bytes=1, leaving=False)
    error = decode_reply(only(Decoder(LIMIT).feed(encode_reply(9, reply)))).extraction.error
    assert (type(error), str(error)) == (PageTimeout, "too slow")


def test_an_error_whose_message_is_no_unicode_is_still_reported():
    reply = Reply(Extraction(error=ExtractionFailed("bad \ud800")), rss_bytes=1, leaving=False)
    assert str(decode_reply(only(Decoder(LIMIT).feed(encode_reply(9, reply)))).extraction.error) == "bad ?"


@pytest.mark.parametrize(
    "header", [b"", b"{}", b"[]", b"[1,2,3]", b"[null,null,[],0,null,0,false,null,true]", b'[0,0,0,0,"x",0,0,0,0]']
)
def test_a_reply_with_a_foreign_header_is_refused(header):
    with pytest.raises(FrameError):
        decode_reply(Frame(Kind.RESULT, 1, header, b""))


@pytest.mark.parametrize(
    "said",
    [
        {"article": None},
        {"content_hash": None},
        {"content_hash": 5},
        {"content_hash": ""},
        {"content_hash": "a" * 30},
        {"content_hash": "a" * 34},
        {"content_hash": "g" * 32},
        {"path": None},
        {"path": ["fast"]},
        {"path": "no such"},
        {"similar_items": -1},
        {"language": 7},
        {"language": {}},
        {"duration_s": -1},
        {"duration_s": "nan"},
        {"duration_s": "inf"},
    ],
)
def test_a_reply_that_says_what_can_not_be_said_of_an_article_is_refused(said):
    done = Extraction(**{"article": b"{}", "content_hash": "a" * 32, "path": "fast", "language": "fr"} | said)
    with pytest.raises(FrameError, match="expected an article or an error"):
        decode_reply(only(Decoder(LIMIT).feed(encode_reply(9, Reply(done, rss_bytes=1, leaving=False)))))


@pytest.mark.parametrize("key", [None, b"", b"\x00\xff"])
@pytest.mark.parametrize("body", [b"", b"page"])
def test_a_page_reaches_the_childs_end_as_it_was(key, body):
    ours, theirs = open_channel()
    ref, page = SourceRef("a/b", 3, 2**62), Page(body, "https://é.example/", "text/html", None, "yesterday")
    with ours, theirs:
        for piece in encode_page(5, ref, page, key):
            ours.sendall(piece)
        number, header_bytes, body_bytes = await_page(theirs)
        assert number == 5
        assert receive_page(theirs, header_bytes, body_bytes) == (ref, page, key)
        ours.close()
        assert await_page(theirs) is None


async def test_a_channel_reports_the_end_once_and_then_takes_everything_in_silence():
    ours, theirs = open_channel()
    ends = []
    channel = Channel(ours, max_bytes=LIMIT, on_frame=ends.append, on_end=ends.append)
    theirs.close()
    channel.send((b"x", b"y"))
    async with asyncio.timeout(5):
        while not ends:
            await asyncio.sleep(0)
    channel.send((b"x",))
    channel.finish()
    channel.drain()
    assert ends == [None]


async def test_a_channel_writes_on_when_a_full_socket_drains():
    ours, theirs = open_channel()
    channel = Channel(ours, max_bytes=LIMIT, on_frame=print, on_end=print)
    body = bytes(range(256)) * (1 << 17)
    channel.send((b"first", body))
    channel.send((b"", b"last"))

    def receive():
        with theirs:
            return b"".join(iter(lambda: theirs.recv(1 << 20), b""))

    received = asyncio.ensure_future(asyncio.to_thread(receive))
    async with asyncio.timeout(10):
        while channel._unsent:
            await asyncio.sleep(0.001)
    channel.finish()
    assert await received == b"first" + body + b"last"
    channel.close()
