"""Articles into a file of JSON lines, so that a run that was killed goes on as if nothing had happened.

What is published is held until its partition's prefix is settled; a commit then appends it, syncs, and replaces the checkpoint,
which knows how long each file was at that moment.  A new run cuts the files back to that length: what was appended after it is
produced again.  So every record is in the output once, in the order of its input.
"""

from __future__ import annotations

import asyncio
import base64
import fcntl
import gzip
import json
import os
import secrets
from collections.abc import Collection, Mapping, Sequence
from io import FileIO
from pathlib import Path

import cramjam
import orjson

from worker.errors import ConfigError, FatalError
from worker.records import OutputRecord, SourceRef, TopicPartition
from worker.stream.file_source import Input
from worker.stream.held import Held

_CHECKPOINT_VERSION = 2


class Checkpoint:
    """How far a backfill has got: the offsets, and the length of each output at that moment.

    Its `job_id` is the same in all runs that write one output, and never another's.
    """

    def __init__(self, path: Path, inputs: Sequence[Input]) -> None:
        """Of a job that reads these inputs.  Raises ConfigError where they can't be read."""
        self.path = path
        self.job_id = secrets.token_hex(8)
        self.offsets: dict[TopicPartition, int] = {}
        self.sizes: dict[str, int] = {}
        self.fingerprints = _fingerprints(inputs)
        self.complete = False

    def load(self) -> bool:
        """Whether there is one to go on from.  Raises ConfigError where it belongs to other inputs."""
        try:
            stored = json.loads(self.path.read_bytes())  # not orjson: names of files need not be UTF-8
        except FileNotFoundError:
            return False
        except ValueError as error:
            raise ConfigError(f"{self.path} is no checkpoint: {error}; start over with --overwrite") from None
        if not isinstance(stored, dict) or stored.get("version") != _CHECKPOINT_VERSION:
            raise ConfigError(f"{self.path} was written by another version; start over with --overwrite")
        if stored["fingerprints"] != self.fingerprints:
            raise ConfigError(f"the inputs are not those that {self.path} was begun with; start over with --overwrite")
        self.job_id = stored["job_id"]
        self.offsets = {TopicPartition(path, 0): offset for path, offset in stored["offsets"].items()}
        self.sizes = stored["sizes"]
        self.complete = stored["complete"]
        return True

    def advance(self, offsets: Mapping[TopicPartition, int], sizes: Mapping[str, int]) -> None:
        """Take these for reached, once the file says so: a write that fails changes nothing here."""
        offsets, sizes = {**self.offsets, **offsets}, {**self.sizes, **sizes}
        self._write(offsets, sizes)
        self.offsets, self.sizes = offsets, sizes

    def finish(self) -> None:
        """Say that nothing is left to do.  Raises FatalError where that can't be written."""
        self.complete = True
        try:
            self._write(self.offsets, self.sizes)
        except OSError as error:
            raise FatalError(f"{self.path} can't be written: {error}") from error

    def _write(self, offsets: Mapping[TopicPartition, int], sizes: Mapping[str, int]) -> None:
        """Replace the file at once: a reader sees the old one or the new one."""
        content = {
            "version": _CHECKPOINT_VERSION,
            "job_id": self.job_id,
            "complete": self.complete,
            "offsets": {tp.topic: offset for tp, offset in offsets.items()},
            "sizes": sizes,
            "fingerprints": self.fingerprints,
        }
        beside = self.path.with_name(self.path.name + ".new")
        with beside.open("wb") as file:
            file.write(json.dumps(content, indent=2).encode())
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self.path)


def _fingerprints(inputs: Sequence[Input]) -> dict[str, str]:
    try:
        return {str(source.path): source.fingerprint() for source in inputs}
    except OSError as error:
        raise ConfigError(f"an input can't be read: {error}") from error


class FilePublisher:
    """Writes each output topic to a file: plain, or gzip or zstd by its suffix (a member or frame for each commit)."""

    def __init__(self, files: Mapping[str, Path], checkpoint: Checkpoint) -> None:
        self._paths = dict(files)
        self._checkpoint = checkpoint
        self._open: dict[str, FileIO] = {}
        self._held = Held()

    async def start(self) -> None:
        """Open the files, for this run alone, and cut them back to the checkpoint.

        Raises:
            ConfigError: a file can't be written, or another run is writing it; it holds what no checkpoint knows of; it is shorter
                than it was, and what is missing would never be made again.
        """
        try:
            for topic, path in self._paths.items():
                self._open[topic] = file = path.open("ab", buffering=0)
                self._see_that_it_is_ours(path, file)
            for topic, path in self._paths.items():
                self._open[topic].truncate(self._known(path) or 0)
            # From now on a killed run can be told from a file that somebody else wrote.
            self._checkpoint.advance({}, {_name(path): self._known(path) or 0 for path in self._paths.values()})
        except OSError as error:
            raise ConfigError(f"the output can't be written: {error}") from error

    def _see_that_it_is_ours(self, path: Path, file: FileIO) -> None:
        _lock(path, file)
        known, found = self._known(path), os.fstat(file.fileno()).st_size
        if known is None and found:
            raise ConfigError(f"{path} exists and no checkpoint says how it came to be; name another file or give --overwrite")
        if known is not None and found < known:
            raise ConfigError(f"{path} has {found} bytes and had {known} at {self._checkpoint.path}; start over with --overwrite")

    def _known(self, path: Path) -> int | None:
        """How long the checkpoint says that a file is."""
        return self._checkpoint.sizes.get(_name(path))

    async def open(self, partitions: Collection[TopicPartition]) -> None:
        """Nothing to do."""

    @property
    def held_bytes(self) -> int:
        """Bytes held until the next commit."""
        return self._held.bytes

    async def publish(self, ref: SourceRef, records: Sequence[OutputRecord]) -> None:
        """Hold the records until their offset is committed."""
        self._held.put(ref, records)

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Append what is settled and remember how far that is.  Records of a topic that has no file are left out.

        Raises:
            FatalError: a file can't be written; the checkpoint stands where it stood, and what is held stays held.
        """
        due: dict[str, list[bytes]] = {topic: [] for topic in self._open}
        for tp, end in offsets.items():
            for record in self._held.below(tp, end):
                if record.topic in due:
                    due[record.topic].append(_line(record))
        try:
            await asyncio.to_thread(self._append, due, offsets)
        except OSError as error:
            raise FatalError(f"the output can't be written: {error}") from error
        for tp, end in offsets.items():
            self._held.forget(tp, end)

    def _append(self, due: Mapping[str, list[bytes]], offsets: Mapping[TopicPartition, int]) -> None:
        sizes: dict[str, int] = {}
        for topic, lines in due.items():
            if lines:
                path, file = self._paths[topic], self._open[topic]
                known = self._known(path) or 0
                file.truncate(known)  # what an attempt that failed has left
                block = memoryview(_packed(path, b"".join(lines)))
                sizes[_name(path)] = known + len(block)
                while block:
                    block = block[file.write(block) :]
                os.fsync(file.fileno())
        self._checkpoint.advance(offsets, sizes)

    def discard(self, partitions: Collection[TopicPartition]) -> None:
        """Forget what is held."""
        self._held.discard(partitions)

    async def stop(self) -> None:
        """Close the files."""
        for file in self._open.values():
            file.close()


def see_that_nobody_writes(path: Path) -> None:
    """Raises ConfigError where a run has the output open."""
    if path.exists():
        with path.open("rb", buffering=0) as file:
            _lock(path, file)


def _lock(path: Path, file: FileIO) -> None:
    """Keep every other run from the output until the file is closed."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ConfigError(f"{path} is being written by another run") from None


def _name(path: Path) -> str:
    """The file's name in a checkpoint, however the path to it is spelled."""
    return str(path.resolve())


def _packed(path: Path, block: bytes) -> bytes:
    if path.suffix == ".gz":
        return gzip.compress(block, compresslevel=6, mtime=0)
    if path.suffix == ".zst":
        return bytes(cramjam.zstd.compress(block))
    return block


def _line(record: OutputRecord) -> bytes:
    """An article is JSON already; a dead letter or a notice gets an object around it."""
    if not record.headers:
        return (record.value or b"null") + b"\n"
    letter = {
        "key": None if record.key is None else record.key.decode("utf-8", "replace"),
        "headers": {name: value.decode("utf-8", "replace") for name, value in record.headers},
        "payload_base64": base64.b64encode(record.value or b"").decode(),
    }
    return orjson.dumps(letter) + b"\n"
