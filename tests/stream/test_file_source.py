"""Pages out of folders, JSON lines and WARC files."""

import asyncio
import gzip
import io
import os
import random
import re
import tracemalloc

import cramjam
import pytest
from fastwarc import WarcRecord
from fastwarc.warc import WarcRecordType

from worker.errors import ConfigError
from worker.records import TopicPartition
from worker.stream.file_source import FileSource, Input, open_inputs

LINES = [b'{"url": "https://example.org/%d", "html": "<p>page %d</p>"}' % (n, n) for n in range(500)]


class Listener:
    def __init__(self):
        self.assigned = []

    async def on_assigned(self, partitions):
        self.assigned += partitions

    async def on_revoked(self, partitions):
        raise AssertionError("files are never revoked")


async def everything(source, batch=64):
    pages = []
    while (polled := await source.poll(batch)) is not None:
        assert len(polled) <= batch
        pages += polled
    return pages


def reading(inputs, resume=None, max_bytes=16 << 20):
    return FileSource(inputs, max_bytes=max_bytes, resume=resume)


def headers(page):
    return dict(page.headers)


def zstd(block):
    return bytes(cramjam.zstd.compress(block))


# -- folders


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "b" / ".hidden").mkdir(parents=True)
    for name in ("b/2.html", "a.txt", "b/1.htm", "c.html.gz", "B.HTML", "d"):
        (tmp_path / name).write_bytes(name.encode())
    for name in (".DS_Store", "b/.hidden/x.html"):
        (tmp_path / name).write_bytes(b"not a page")
    return tmp_path


async def test_a_folders_pages_come_in_the_order_of_their_names_without_hidden_ones(folder):
    pages = await everything(reading([Input(folder)]))
    names = [page.key.decode() for page in pages]
    assert names == ["B.HTML", "a.txt", "b/1.htm", "b/2.html", "c.html.gz", "d"]
    assert [page.payload.decode() for page in pages] == names
    assert [page.ref for page in pages] == [(str(folder), 0, offset) for offset in range(6)]


async def test_a_files_suffixes_say_what_it_holds(folder):
    said = {page.key.decode(): headers(page) for page in await everything(reading([Input(folder)]))}
    assert said["c.html.gz"] == {"content-encoding": b"gzip", "content-type": b"text/html"}
    assert said["a.txt"] == {"content-type": b"text/plain"}
    assert said["B.HTML"] == said["b/1.htm"] == {"content-type": b"text/html"}
    assert said["d"] == {}


@pytest.mark.parametrize("name", ["crawl.warc.gz", "b.JSONL", "b.ndjson.zst"])
async def test_a_file_of_many_pages_in_a_folder_is_named_and_does_not_become_one_page(tmp_path, name):
    for file in (name, "a.html", "z.html"):
        (tmp_path / file).write_bytes(b"x")
    source = reading([Input(tmp_path)])
    assert [(page.key, page.ref.offset) for page in await everything(source)] == [(b"a.html", 0), (b"z.html", 2)]
    resumed = reading([Input(tmp_path)], resume={TopicPartition(str(tmp_path), 0): 3})
    assert await everything(resumed) == []
    for damaged in (source.damaged, resumed.damaged):
        assert f"{name} holds pages" in damaged[0]


async def test_a_name_that_is_not_utf8_is_kept(tmp_path):
    (tmp_path / "caf\udce9.html").write_bytes(b"x")
    (page,) = await everything(reading([Input(tmp_path)]))
    assert page.key == b"caf\xe9.html"


async def test_an_empty_folder_has_no_pages(tmp_path):
    assert await everything(reading([Input(tmp_path)])) == []


async def test_a_single_page_is_an_input(folder):
    (page,) = await everything(reading([Input(folder / "a.txt")]))
    assert (page.key, page.payload, page.ref.offset) == (b"a.txt", b"a.txt", 0)


async def test_an_input_that_went_away_is_named_and_the_next_is_read(folder):
    inputs = open_inputs([folder / "a.txt", folder / "d"])
    (folder / "a.txt").unlink()
    source = reading(inputs)
    assert [page.key for page in await everything(source)] == [b"d"]
    assert "a.txt" in source.damaged[0]


async def test_a_page_that_can_not_be_read_is_named_and_all_others_are(folder):
    source = reading([Input(folder)])
    (first,) = await source.poll(1)
    (folder / "b" / "2.html").unlink()
    assert [first.key, *(page.key for page in await everything(source))] == [b"B.HTML", b"a.txt", b"b/1.htm", b"c.html.gz", b"d"]
    (damage,) = source.damaged
    assert "2.html" in damage


async def test_a_page_that_is_too_large_is_cut_and_still_too_large(tmp_path):
    for name, size in (("a.html", 300_000), ("b.html", 100_000)):
        (tmp_path / name).write_bytes(b"x" * size)
    large, whole = await everything(reading([Input(tmp_path)], max_bytes=100_000))
    assert 100_000 < len(large.payload) < 200_000
    assert len(whole.payload) == 100_000


async def test_large_pages_do_not_come_many_at_once(tmp_path):
    for number in range(5):
        (tmp_path / f"{number}.html").write_bytes(b" " * (6 << 20))
    source = reading([Input(tmp_path)])
    assert [len(await source.poll(64)) for _ in range(2)] == [3, 2]
    assert await source.poll(64) is None


# -- JSON lines


@pytest.mark.parametrize(("suffix", "pack"), [("", bytes), (".gz", gzip.compress), (".zst", zstd), (".GZ", gzip.compress)])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""])
async def test_each_line_is_a_record(tmp_path, suffix, pack, end):
    path = tmp_path / f"pages.jsonl{suffix}"
    path.write_bytes(pack((end or b"\n").join(LINES) + end))
    pages = await everything(reading([Input(path)]))
    assert [page.payload for page in pages] == LINES
    assert [page.ref.offset for page in pages] == list(range(500))


async def test_a_file_of_several_members_is_read_to_its_end(tmp_path):
    for name, pack in (("a.jsonl.gz", gzip.compress), ("a.jsonl.zst", zstd)):
        (tmp_path / name).write_bytes(b"".join(pack(line + b"\n") for line in LINES[:5]))
        assert [page.payload for page in await everything(reading([Input(tmp_path / name)]))] == LINES[:5]


@pytest.mark.parametrize(("suffix", "pack"), [("", bytes), (".gz", gzip.compress), (".zst", zstd)])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
async def test_a_line_that_is_too_large_is_cut_and_still_too_large_and_the_next_is_whole(tmp_path, suffix, pack, end):
    lines = [b"x" * 99, b"x" * 100, b"x" * 101, b"x" * 95 + b"\r" * 9 + b"y", b" " * 500 + b"y", b"x" * (32 << 20), b"after"]
    path = tmp_path / f"pages.jsonl{suffix}"
    path.write_bytes(pack(b"".join(line + end for line in lines)))
    tracemalloc.start()
    pages = await everything(reading([Input(path)], max_bytes=100))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [page.payload for page in pages[:2]] == lines[:2]
    assert all(100 < len(page.payload) <= 102 for page in pages[2:-1])
    assert (pages[-1].payload, pages[-1].ref.offset) == (b"after", 6)
    assert most < 8 << 20


def noisy_lines():
    """Lines that hardly pack, so that half of the file holds half of them."""
    return [str(pow(3, 1000 + n)).encode() for n in range(2000)]


@pytest.mark.parametrize("harm", ["cut", "flipped", "followed by junk"])
async def test_a_damaged_gzip_file_keeps_what_came_before_and_is_named(tmp_path, harm):
    lines, path, after = noisy_lines(), tmp_path / "pages.jsonl.gz", tmp_path / "after.jsonl"
    packed = gzip.compress(b"\n".join(lines) + b"\n")
    half = len(packed) // 2
    path.write_bytes(
        {
            "cut": packed[:half],
            "flipped": packed[:half] + b"\xff" * 200 + packed[half + 200 :],
            "followed by junk": packed + b"junk",
        }[harm]
    )
    after.write_bytes(b"{}\n")
    source = reading([Input(path), Input(after)])
    pages = await everything(source)
    kept = [page.payload for page in pages if page.ref.topic == str(path)]
    assert len(kept) > 500
    assert kept[:500] == lines[:500]
    assert pages[-1].ref.topic == str(after)
    assert len(source.damaged) == 1
    assert source.damaged[0].startswith(str(path))


async def test_a_cut_zstd_file_keeps_what_came_before_and_is_named(tmp_path):
    lines, path = noisy_lines(), tmp_path / "pages.jsonl.zst"
    packed = b"".join(zstd(b"\n".join(lines[start : start + 100]) + b"\n") for start in range(0, 2000, 100))
    path.write_bytes(packed[: len(packed) // 2])
    source = reading([Input(path)])
    pages = await everything(source)
    assert [page.payload for page in pages][:500] == lines[:500]
    assert len(source.damaged) == 1


# -- WARC


def warc(path, *responses, pack=bytes):
    with path.open("wb") as file:
        for url, http, body in responses:
            record = WarcRecord()
            record.init_headers(WarcRecordType.response)
            record.headers["WARC-Target-URI"] = url
            record.headers["WARC-Date"] = "2024-05-06T07:08:09Z"
            record.headers["Content-Type"] = "application/http; msgtype=response"
            record.set_bytes_content(b"HTTP/1.1 200 OK\r\n" + http + b"\r\n" + body)
            buffer = io.BytesIO()
            record.write(buffer)
            file.write(pack(buffer.getvalue()))
        request = WarcRecord()
        request.init_headers(WarcRecordType.request)
        request.set_bytes_content(b"GET / HTTP/1.1\r\n\r\n")
        buffer = io.BytesIO()
        request.write(buffer)
        file.write(pack(buffer.getvalue()))
    return path


HTML = b"<html><p>page</p></html>"


@pytest.mark.parametrize(("suffix", "pack"), [("", bytes), (".gz", gzip.compress), (".zst", zstd)])
async def test_a_warc_file_gives_its_responses_with_what_the_server_said(tmp_path, suffix, pack):
    html = ("https://example.org/1", b"Content-Type: text/html; charset=latin-1\r\n", HTML)
    path = warc(tmp_path / f"crawl.warc{suffix}", html, ("https://example.org/2", b"", b""), pack=pack)
    first, second = await everything(reading([Input(path)]))
    assert first.payload == HTML
    assert headers(first) == {
        "url": b"https://example.org/1",
        "fetched-at": b"2024-05-06T07:08:09Z",
        "content-type": b"text/html; charset=latin-1",
    }
    assert (second.payload, second.ref.offset) == (b"", 1)


@pytest.mark.parametrize(("suffix", "pack"), [("", bytes), (".gz", gzip.compress), (".zst", zstd)])
async def test_a_packed_file_whose_name_is_not_utf8_is_read(tmp_path, suffix, pack):
    path = warc(tmp_path / f"caf\udce9.warc{suffix}", ("https://example.org/1", b"", HTML), pack=pack)
    lines = tmp_path / f"caf\udce9.jsonl{suffix}"
    lines.write_bytes(pack(HTML + b"\n"))
    source = reading([Input(path), Input(lines)])
    assert [page.payload for page in await everything(source)] == [HTML, HTML]
    assert source.damaged == []


async def test_chunks_are_joined_and_a_packed_body_is_left_packed(tmp_path):
    packed = gzip.compress(HTML)
    chunked = b"%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (10, packed[:10], len(packed) - 10, packed[10:])
    path = warc(
        tmp_path / "crawl.warc.gz",
        ("https://example.org/1", b"Content-Encoding: gzip\r\n", packed),
        ("https://example.org/2", b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", chunked),
        pack=gzip.compress,
    )
    for page in await everything(reading([Input(path)])):
        assert headers(page)["content-encoding"] == b"gzip"
        assert gzip.decompress(page.payload) == HTML


async def test_chunks_that_are_none_leave_a_page_that_says_so_and_the_rest_of_the_file(tmp_path):
    broken = ("https://example.org/1", b"Content-Type: text/html\r\nTransfer-Encoding: chunked\r\n", b"zz\r\n" + HTML)
    path = warc(tmp_path / "crawl.warc", broken, ("https://example.org/2", b"", HTML))
    source = reading([Input(path)])
    first, second = await everything(source)
    assert (headers(first)["content-encoding"], first.payload) == (b"chunked", b"zz\r\n" + HTML)
    assert (second.payload, source.damaged) == (HTML, [])


async def test_an_answer_that_is_too_large_is_cut_and_still_too_large_and_the_next_is_whole(tmp_path):
    bodies = [b"x" * 100, b"x" * 300_000, b"x" * 100]
    path = warc(
        tmp_path / "crawl.warc.gz", *((f"https://example.org/{len(body)}", b"", body) for body in bodies), pack=gzip.compress
    )
    first, large, last = await everything(reading([Input(path)], max_bytes=100))
    assert first.payload == last.payload == bodies[0]
    assert 100 < len(large.payload) < 200_000
    assert headers(large)["url"] == b"https://example.org/300000"
    path = warc(tmp_path / "crawl.warc", ("https://example.org/1", b"", bodies[1]))
    path.write_bytes(path.read_bytes()[:250_000])
    source = reading([Input(path)], max_bytes=100)
    assert await everything(source) == []
    assert "ends within record 0" in source.damaged[0]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("left", [0.7, 0.03])  # of the last response: its body is cut, or its headers
async def test_a_warc_file_that_ends_within_a_response_is_damaged(tmp_path, pack, left):
    def written(count):
        answers = [(f"https://example.org/{n}", b"", random.Random(n).randbytes(2000)) for n in range(count)]
        return warc(tmp_path / "crawl.warc", *answers, pack=pack).read_bytes()

    request = len(written(0))
    before, whole = (len(written(count)) - request for count in (4, 5))
    path = tmp_path / f"cut.warc{'.gz' if pack is gzip.compress else ''}"
    path.write_bytes(written(5)[: int(before + (whole - before) * left)])
    source = reading([Input(path)])
    assert len(await everything(source)) == 4
    assert len(source.damaged) == 1


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("left", [0.6, 0.9])  # of the request: its headers are cut, or its body
async def test_a_warc_file_that_ends_within_another_record_is_damaged_too(tmp_path, pack, left):
    path = tmp_path / f"crawl.warc{'.gz' if pack is gzip.compress else ''}"
    whole = warc(path, ("https://example.org/1", b"", HTML), pack=bytes).read_bytes()
    request = whole.rindex(b"WARC/1.")
    answer, cut = whole[:request], whole[request : request + int((len(whole) - request - 4) * left)]
    path.write_bytes(pack(answer) + pack(cut))
    source = reading([Input(path)])
    assert len(await everything(source)) == 1
    assert "ends within a record" in source.damaged[0]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
async def test_a_warc_record_without_a_type_is_named_and_the_rest_is_read(tmp_path, pack):
    def written(number):
        return warc(tmp_path / "part.warc", (f"https://example.org/{number}", b"", HTML)).read_bytes()

    path = tmp_path / f"crawl.warc{'.gz' if pack is gzip.compress else ''}"
    without = written(1).replace(b"WARC-Type: response\r\n", b"")
    assert without != written(1)
    path.write_bytes(pack(written(0)) + pack(without) + pack(written(2)))
    source = reading([Input(path)])
    assert [headers(page)["url"][-1:] for page in await everything(source)] == [b"0", b"2"]
    assert len(source.damaged) == 1
    assert "no WARC-Type" in source.damaged[0]


async def test_a_warc_file_whose_headers_are_none_is_damaged_and_not_empty(tmp_path):
    path = warc(tmp_path / "crawl.warc", ("https://example.org/1", b"", HTML))
    path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n"))
    source = reading([Input(path)])
    assert await everything(source) == []
    assert "no WARC record" in source.damaged[0]


async def test_an_answer_whose_lines_end_without_a_carriage_return_is_read(tmp_path):
    path = warc(tmp_path / "crawl.warc", ("https://example.org/1", b"Content-Type: text/html\r\n", HTML))
    content = path.read_bytes()
    at = content.index(b"HTTP/1.1")
    lean = content[at:].replace(b"\r\n\r\n" + HTML, b"\n\n" + HTML).replace(b"OK\r\n", b"OK\n")
    length = len(lean.partition(HTML)[0]) + len(HTML)
    was = re.search(rb"Content-Length: (\d+)", content)
    assert was is not None
    path.write_bytes(content[:at].replace(was[0], b"Content-Length: %d" % length) + lean)
    (page,) = await everything(reading([Input(path)]))
    assert (page.payload, headers(page)["content-type"]) == (HTML, b"text/html")


# -- the run


async def test_a_resumed_run_skips_what_is_done(tmp_path, folder):
    path = tmp_path / "pages.jsonl"
    path.write_bytes(b"\n".join(LINES))
    lines, pages = Input(path), Input(folder / "b")
    source = reading([lines, pages], resume={lines.partition: 490, pages.partition: 1})
    got = await everything(source, batch=7)
    assert [(page.ref.topic, page.ref.offset) for page in got] == [(str(path), offset) for offset in range(490, 500)] + [
        (str(folder / "b"), 1)
    ]


async def test_a_run_that_was_done_hands_out_nothing(folder):
    whole = Input(folder)
    assert await everything(reading([whole], resume={whole.partition: 6})) == []


async def test_all_inputs_are_held_from_the_start_and_polling_for_nothing_yields_nothing(folder):
    listener = Listener()
    source = reading(open_inputs([folder, folder / "a.txt"]))
    await source.start(listener)
    assert listener.assigned == [TopicPartition(str(folder), 0), TopicPartition(str(folder / "a.txt"), 0)]
    assert await source.poll(0) == []
    assert len(await source.poll(1)) == 1
    assert await source.extents() == {}
    await source.stop()


async def test_a_poll_hands_out_no_more_than_it_is_asked_for(folder):
    source = reading([Input(folder)])
    assert [len(await source.poll(4)), len(await source.poll(4)), await source.poll(4)] == [4, 2, None]
    assert await source.poll(4) is None


def test_inputs_must_be_there_once(tmp_path, folder):
    with pytest.raises(ConfigError, match="nowhere"):
        open_inputs([folder, tmp_path / "nowhere"])
    with pytest.raises(ConfigError, match="twice"):
        open_inputs([folder, folder])


def test_a_fingerprint_changes_when_the_records_are_others_or_in_another_order(folder):
    before = Input(folder).fingerprint()
    (folder / ".DS_Store").write_bytes(b"other")
    assert Input(folder).fingerprint() == before
    (folder / "e.html").write_bytes(b"new")
    assert Input(folder).fingerprint() != before
    one = Input(folder / "a.txt").fingerprint()
    (folder / "a.txt").write_bytes(b"longer than it was")
    assert Input(folder / "a.txt").fingerprint() != one
    whole = Input(folder).fingerprint()
    (folder / "a.txt").write_bytes(b"longer still than it was")
    assert Input(folder).fingerprint() != whole
    seen = set()
    for order in (LINES, LINES[::-1], [LINES[1], LINES[0], *LINES[2:]], [*LINES[:-2], LINES[-1], LINES[-2]]):
        (folder / "pages.jsonl").write_bytes(b"\n".join(order * 20))
        seen.add(Input(folder / "pages.jsonl").fingerprint())
    assert len(seen) == 4


async def test_a_pipe_loses_nothing_to_its_fingerprint(tmp_path):
    pipe = tmp_path / "pages.jsonl"
    os.mkfifo(pipe)
    writing = asyncio.create_task(asyncio.to_thread(pipe.write_bytes, b"\n".join(LINES)))
    assert Input(pipe).fingerprint() == Input(pipe).fingerprint()
    assert [page.payload for page in await everything(reading([Input(pipe)]))] == LINES
    await writing


async def test_reading_leaves_the_event_loop_free(tmp_path, monkeypatch):
    source = reading([])
    seen = []
    monkeypatch.setattr(source, "_next", lambda _count: seen.append(asyncio._get_running_loop()))
    await source.poll(1)
    assert seen == [None]
