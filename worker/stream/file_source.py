"""Pages from files: folders of pages, JSON lines, WARC.

Each input is one partition: its topic is the path as it was given, the offset counts the records in it.  A folder's pages come in
the order of their names, so that a backfill that was cut off goes on where it stopped.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import io
import os
import stat
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Literal

import structlog
from fastwarc import ArchiveIterator, WarcRecord, WarcRecordType, ZstdReader
from fastwarc.warc import HeaderMap

from worker.errors import ConfigError
from worker.records import Extent, RawPage, SourceRef, TopicPartition
from worker.stream.edges import AssignmentListener

_JSON_LINES = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz", ".jsonl.zst", ".ndjson.zst")
_WARC = (".warc", ".warc.gz", ".warc.zst")
_PACKED = {".gz": "gzip", ".zst": "zstd", ".br": "br"}
_TYPES = {".html": "text/html", ".htm": "text/html", ".xhtml": "application/xhtml+xml", ".txt": "text/plain"}
_READ_BYTES = 1 << 16  # what is lost of a packed file before its damage is at most so much
_FINGERPRINT_BYTES = 1 << 16  # of each end: an export that was made again differs there, and all of it may be a terabyte
DAMAGE = (OSError, ValueError, EOFError, zlib.error)
_HTTP_HEAD_BYTES = 1 << 16  # that an answer may have before its page; no server sends so many
_IDLE_S = 0.05  # between two polls that may take nothing
_BATCH_RECORDS, _BATCH_BYTES = 64, 16 << 20  # of a poll: pages are read when there is room for them, and the bar moves

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Input:
    """A file or folder of pages."""

    path: Path

    @property
    def partition(self) -> TopicPartition:
        return TopicPartition(str(self.path), 0)

    def fingerprint(self) -> str:
        """Changes when the records of the input are others, or in another order; a copy has the same.

        Raises:
            OSError: the input can't be read.
        """
        if self.path.is_dir():
            files = (f"{file.stat().st_size} {file}" for file in page_files(self.path))
            told = "\n".join(files).encode("utf-8", "surrogateescape")
        elif stat.S_ISREG(self.path.stat().st_mode):
            told = _ends(self.path)
        else:
            return "pipe"  # what is read of it is gone
        return hashlib.blake2b(told, digest_size=16).hexdigest()

    def records(self, start: int, damaged: Callable[[Exception], None], *, max_bytes: int) -> Iterator[RawPage]:
        """Every record from `start` on.  What in a folder is no page, or can't be read, is told to `damaged` and left out,
        and so is a WARC record without a type.

        Of a record that is larger than `max_bytes`, as much is read as tells so: all of it may be more than there is memory.

        Raises:
            OSError, ValueError, EOFError, zlib.error: what comes next in the file can't be read (`DAMAGE`).
        """
        name = self.path.name.lower()
        if self.path.is_dir():
            return self._pages(start, damaged, max_bytes)
        if name.endswith(_JSON_LINES):
            return self._lines(start, max_bytes)
        if name.endswith(_WARC):
            return self._responses(start, damaged, max_bytes)
        return self._page(start, max_bytes)

    def _page(self, start: int, max_bytes: int) -> Iterator[RawPage]:
        if start == 0:
            yield _page(SourceRef(str(self.path), 0, 0), self.path, self.path.name, max_bytes)

    def _pages(self, start: int, damaged: Callable[[Exception], None], max_bytes: int) -> Iterator[RawPage]:
        for offset, file in enumerate(page_files(self.path, damaged)):
            if file.name.lower().endswith((*_JSON_LINES, *_WARC)):  # as one page it would come out as one article
                damaged(ValueError(f"{file} holds pages and is none; name it as an input of its own"))
                continue
            if offset < start:
                continue
            try:
                yield _page(SourceRef(str(self.path), 0, offset), file, str(file.relative_to(self.path)), max_bytes)
            except OSError as error:
                damaged(error)

    def _lines(self, start: int, max_bytes: int) -> Iterator[RawPage]:
        longest = max_bytes + len(b"\r\n")
        with _opened(self.path) as file:
            for offset, line in islice(enumerate(_cut_lines(file, longest)), start, None):
                if line.isspace() and len(line) < longest:
                    continue
                yield RawPage(SourceRef(str(self.path), 0, offset), line.removesuffix(b"\n").removesuffix(b"\r"))

    def _responses(self, start: int, damaged: Callable[[Exception], None], max_bytes: int) -> Iterator[RawPage]:
        with _for_fastwarc(self.path) as stream:
            records = ArchiveIterator(stream, parse_http=False, fsspec_args=False)
            for offset, record in islice(enumerate(_answers(records, damaged)), start, None):
                yield _response(SourceRef(str(self.path), 0, offset), record, max_bytes)


def page_files(folder: Path, damaged: Callable[[Exception], None] | None = None) -> list[Path]:
    """The files of a folder at any depth, without hidden ones, in the order of their names; `damaged` hears of closed folders."""
    files = (Path(at, name) for at, _, names in os.walk(folder, onerror=damaged) for name in names)
    shown = (file for file in files if not any(part.startswith(".") for part in file.relative_to(folder).parts))
    return sorted(file for file in shown if file.is_file())


def open_inputs(paths: Sequence[Path]) -> list[Input]:
    """The inputs to read.  Raises ConfigError where one is not there or can't be looked for, or stands twice."""
    try:
        missing = [str(path) for path in paths if not path.exists()]
    except OSError as error:  # a name that is too long, a folder that is closed
        raise ConfigError(f"an input can't be read: {error}") from error
    if missing:
        raise ConfigError(f"no such file or folder: {', '.join(missing)}")
    if len(set(paths)) < len(paths):
        raise ConfigError("an input is named twice")
    return [Input(path) for path in paths]


def _ends(path: Path) -> bytes:
    """A file's size, beginning and end."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _FINGERPRINT_BYTES))
        end = file.read(_FINGERPRINT_BYTES)
        file.seek(0)
        return b"%d\n%b%b" % (size, file.read(_FINGERPRINT_BYTES), end)


def _opened(path: Path) -> io.BufferedIOBase:
    suffix = path.suffix.lower()
    if suffix == ".gz":
        return gzip.open(path, "rb")
    if suffix == ".zst":
        return io.BufferedReader(_ZstdFile(path), _READ_BYTES)
    return path.open("rb")


def _for_fastwarc(path: Path) -> AbstractContextManager[str | BinaryIO]:
    """A file's name, which is read without Python; the file itself where the name is not UTF-8, on which fastwarc panics."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return path.open("rb")
    return nullcontext(str(path))


def _cut_lines(file: io.BufferedIOBase, longest: int) -> Iterator[bytes]:
    """The lines of a file with their ends; of one that is longer, so many bytes."""
    while line := file.readline(longest):
        rest = line
        while rest and not rest.endswith(b"\n"):
            rest = file.readline(_READ_BYTES)
        yield line


def _first(read: Callable[[int], bytes], max_bytes: int) -> bytes:
    """All that there is, or more than `max_bytes` of it."""
    pieces: list[bytes] = []
    size = 0
    while size <= max_bytes and (piece := read(_READ_BYTES)):
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)


class _ZstdFile(io.RawIOBase):
    """fastwarc's reader, as a file that `io` can buffer and split into lines."""

    def __init__(self, path: Path) -> None:
        self._file = ExitStack()
        self._reader = ZstdReader(self._file.enter_context(_for_fastwarc(path)), fsspec_args=False)

    def close(self) -> None:
        super().close()
        self._file.close()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        with memoryview(buffer).cast("B") as room:
            chunk = self._reader.read(len(room))
            room[: len(chunk)] = chunk
        return len(chunk)


def _page(ref: SourceRef, file: Path, key: str, max_bytes: int) -> RawPage:
    suffixes = [suffix.lower() for suffix in file.suffixes]
    headers: list[tuple[str, bytes]] = []
    if suffixes and suffixes[-1] in _PACKED:
        headers.append(("content-encoding", _PACKED[suffixes.pop()].encode()))
    if suffixes and suffixes[-1] in _TYPES:
        headers.append(("content-type", _TYPES[suffixes[-1]].encode()))
    with file.open("rb") as opened:
        payload = _first(opened.read, max_bytes)
    return RawPage(ref, payload, key=key.encode("utf-8", "surrogateescape"), headers=tuple(headers))


def _answers(records: Iterable[WarcRecord], damaged: Callable[[Exception], None]) -> Iterator[WarcRecord]:
    """The responses of a WARC file.  Where the file ends within a record of another kind, it is damaged all the same.

    A record that does not say of which kind it is may be a response: it is told to `damaged`, and left out.
    """
    for record in records:
        if record.record_type is WarcRecordType.response:
            yield record
            continue
        size = record.reader.consume() if record.reader is not None else 0
        if "Content-Length" not in record.headers or size < record.content_length:
            raise EOFError(f"the file ends within a record, or has what is no WARC record, at byte {record.stream_pos}")
        if "WARC-Type" not in record.headers:
            damaged(ValueError(f"the record at byte {record.stream_pos} has no WARC-Type"))


def _response(ref: SourceRef, record: WarcRecord, max_bytes: int) -> RawPage:
    """What a server answered, chunks joined.  Of chunks that are none, the page says so: it can't be read, and is not lost."""
    content, left = b"", 0
    if record.reader is not None:
        content = _first(record.reader.read, max_bytes + _HTTP_HEAD_BYTES)
        left = record.reader.consume()
    if "Content-Length" not in record.headers or len(content) + left < record.content_length:
        raise EOFError(f"the file ends within record {ref.offset}")
    encoding = None
    try:
        http, payload = (HeaderMap(), content) if left else _parted(content, "transfer")
    except DAMAGE:
        http, payload = _parted(content, "none")
        encoding = "chunked"
    known = {
        "url": record.headers.get("WARC-Target-URI"),
        "fetched-at": record.headers.get("WARC-Date"),
        "content-type": http.get("Content-Type"),
        "content-encoding": encoding or http.get("Content-Encoding"),
    }
    headers = tuple((key, value.encode()) for key, value in known.items() if value)
    return RawPage(ref, payload, headers=headers)


def _parted(content: bytes, decode: Literal["none", "transfer"]) -> tuple[HeaderMap, bytes]:
    """Headers and body of an answer.  It is parsed apart from its file, which an answer that is none would end."""
    answer = WarcRecord()
    answer.init_headers(WarcRecordType.response)
    answer.is_http = True
    answer.set_bytes_content(content)
    answer.parse_http(auto_decode=decode, quirks_mode=True)  # lines may end without a carriage return
    return answer.http_headers, bytes(answer.reader.read())


class FileSource:
    """Reads inputs one after the other, from where an earlier run had got to."""

    def __init__(self, inputs: Sequence[Input], *, max_bytes: int, resume: Mapping[TopicPartition, int] | None = None) -> None:
        self._inputs = list(inputs)
        self._max_bytes = max_bytes  # of a record; a larger one is handed out cut, and still too large
        self._resume = dict(resume or {})
        self._records: Iterator[RawPage] | None = None
        self._current: Input | None = None
        self.damaged: list[str] = []
        """Inputs that ended before their end, and pages that could not be read; all others are processed."""

    @property
    def answered_at(self) -> float:
        """Now: a file does not keep anybody waiting."""
        return time.monotonic()

    @property
    def missing(self) -> Sequence[str]:
        """None: a file that is gone ends the run."""
        return ()

    async def start(self, listener: AssignmentListener) -> None:
        """All partitions are held from now to the end."""
        await listener.on_assigned([source.partition for source in self._inputs])

    async def poll(self, max_records: int) -> Sequence[RawPage] | None:
        """The next pages of the current input; None after the last one's end."""
        if max_records == 0:
            await asyncio.sleep(_IDLE_S)
            return []
        return await asyncio.to_thread(self._next, min(max_records, _BATCH_RECORDS))

    def _next(self, count: int) -> list[RawPage] | None:
        while True:
            if self._records is None:
                if not self._inputs:
                    return None
                self._current = self._inputs.pop(0)
                start = self._resume.get(self._current.partition, 0)
                self._records = self._current.records(start, self._note, max_bytes=self._max_bytes)
            pages: list[RawPage] = []
            size = 0
            try:
                while len(pages) < count and size < _BATCH_BYTES:
                    pages.append(next(self._records))  # one by one: what was read before the damage is kept
                    size += pages[-1].size
            except StopIteration:
                self._records = None
            except DAMAGE as error:
                self._note(error)
                self._records = None
            if pages:
                return pages

    def _note(self, error: Exception) -> None:
        name = str(self._current.path) if self._current else "?"
        _log.error("input is damaged; going on behind it", input=name, error=f"{type(error).__name__}: {error}")
        self.damaged.append(f"{name}: {error}")

    async def extents(self) -> Mapping[TopicPartition, Extent]:
        """Unknown: the ends are not known before they are reached."""
        return {}

    async def confirmed(self) -> None:
        """A file is nobody else's."""

    async def stop(self) -> None:
        """Nothing is held open between two polls but the current file."""
        self._records = None
