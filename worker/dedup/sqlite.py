"""Claims of one machine, in an SQLite file that several processes may share.

The file is written with `synchronous=FULL`: an answer is given only when it is on the disk.  `NORMAL` would be faster and looks
safe, since a claim that a power cut takes back only lets a duplicate through.  But a *release* that it takes back leaves the claim
of a dead-lettered page standing, and the twin that comes next is dropped as a duplicate of an article that never was.

A replay does not prolong its claim: the window runs from the first sight of a hash, in this store as in the others.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Literal, TypeVar

from worker.dedup.claims import Claim
from worker.errors import ClaimStoreUnavailable
from worker.records import SourceRef

_T = TypeVar("_T")

APPLICATION_ID = 0x57696E6E  # "Winn": tells our file from another program's
SCHEMA_VERSION = 2

_HASH_BYTES = 16  # of the hash's beginning: among 10^9 claims two agree by chance once in 10^21
_CACHED_NAMES = 10_000  # a backfill of single files has as many topics as files
_CACHE_KIB = 8_192  # of each connection: inner pages of ten million claims take 5 MiB; leaves are left to the system's cache
_SWEPT_PER_CLAIM = 8  # so the dead take up at most an eighth beside the living
_SWEEP_AFTER = 64  # claims: a sweep of many rows costs little more than one of few

# The rows are narrow: a name's number, a small partition and the constants 0 and 1 take a byte or none.  There is no index on the
# expiry, which would double the file: a `_Sweep` walks each table instead.
_SCHEMA = (
    "CREATE TABLE names (id INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE)",
    """CREATE TABLE claims (
        hash BLOB NOT NULL,
        scope INTEGER NOT NULL,
        topic INTEGER NOT NULL,
        partition INTEGER NOT NULL,
        "offset" INTEGER NOT NULL,
        expires_at INTEGER NOT NULL,
        PRIMARY KEY (hash, scope)
    ) WITHOUT ROWID""",
    """CREATE TABLE notes (
        hash BLOB NOT NULL,
        scope INTEGER NOT NULL,
        content BLOB NOT NULL,
        expires_at INTEGER NOT NULL,
        PRIMARY KEY (hash, scope)
    ) WITHOUT ROWID""",
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {SCHEMA_VERSION}",
)

# One statement serves a whole batch, and gives one row: Python takes its lock back after each statement and each row, and while
# another thread is at work that costs more than the row does.  `hashes` is one blob, `rows` an array of one element for each.
_HOLDERS = """
    SELECT json_group_array(json_array(key, hex(name), partition, "offset"))
    FROM json_each(:rows) CROSS JOIN claims ON hash = substr(:hashes, key * :width + 1, :width)
        CROSS JOIN names ON names.id = topic
    WHERE scope = :scope AND expires_at > :now"""
_CLAIM = """
    INSERT OR REPLACE INTO claims (hash, scope, topic, partition, "offset", expires_at)
    SELECT
        substr(:hashes, key * :width + 1, :width), :scope,
        json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), :expires_at
    FROM json_each(:rows)"""
_RELEASE = 'DELETE FROM claims WHERE hash = ? AND scope = ? AND topic = ? AND partition = ? AND "offset" = ?'
_NOTE = """
    INSERT OR REPLACE INTO notes (hash, scope, content, expires_at)
    SELECT substr(:hashes, key * :width + 1, :width), :scope, substr(:contents, key * :width + 1, :width), :expires_at
    FROM json_each(:rows)"""
_NOTED = """
    SELECT json_group_array(json_array(key, lower(hex(content))))
    FROM json_each(:rows) CROSS JOIN notes ON hash = substr(:hashes, key * :width + 1, :width)
    WHERE scope = :scope AND expires_at > :now"""
_SWEEPS = (
    (
        "SELECT hash FROM claims WHERE hash > ? ORDER BY hash LIMIT 1 OFFSET ?",
        "DELETE FROM claims WHERE hash > ? AND hash <= ? AND expires_at <= ?",
    ),
    (
        "SELECT hash FROM notes WHERE hash > ? ORDER BY hash LIMIT 1 OFFSET ?",
        "DELETE FROM notes WHERE hash > ? AND hash <= ? AND expires_at <= ?",
    ),
)
_LAST = b"\xff" * (_HASH_BYTES + 1)  # behind every hash


def see_that_it_can_be_made(path: Path) -> None:
    """Try the folder of a file that is not there, and leave nothing behind: whoever only asks may be another user than the worker.

    Raises:
        ClaimStoreUnavailable: the folder does not exist or takes no file.
    """
    folder = path.absolute().parent
    try:
        TemporaryFile(dir=folder).close()
    except OSError as error:
        advice = f"can't be made ({error.strerror}): let this user write the folder" if folder.is_dir() else _no_folder(folder)
        raise ClaimStoreUnavailable(f"dedup.sqlite.path: {path}: {advice}") from error


class SqliteClaimStore:
    """The asynchronous face: one thread claims and releases, and waits for the disk; another looks up meanwhile.

    A disk may stand still for a tenth of a second, and extraction must not run out of pages then.  A call that is cancelled may
    still take effect, which the caller learns by asking again.
    """

    def __init__(
        self,
        path: Path,
        *,
        window_s: float,
        namespace: str,
        busy_timeout_s: float = 5.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._path = path
        self._clock = clock
        open_file = partial(_ClaimFile, path, window_s, namespace, busy_timeout_s)
        self._claims = _FileThread(path, open_file, "winnow-claims")
        self._look_ups = _FileThread(path, open_file, "winnow-look-ups")

    async def start(self) -> None:
        """Open the file, or make it.  Raises ClaimStoreUnavailable."""
        for thread in (self._claims, self._look_ups):
            await thread.call(_ClaimFile.probe)

    async def look_up(self, raws: Sequence[str]) -> list[str | None]:
        """The hash of the article that each page came to, by the hash of its bytes; None where none is noted."""
        asked = tuple(raws)
        return await self._look_ups.call(lambda file: file.look_up(asked, self._clock())) if asked else []

    async def claim(self, claims: Sequence[Claim]) -> list[SourceRef | None]:
        """Claim each hash, in order, all or none; None where it is won, else who holds it (maybe the asker itself)."""
        asked = tuple(claims)
        return await self._claims.call(lambda file: file.claim(asked, self._clock())) if asked else []

    async def release(self, claims: Sequence[Claim]) -> None:
        """Give up claims whose records will not be published; a claim that another record holds stays."""
        asked = tuple(claims)
        if asked:
            await self._claims.call(lambda file: file.release(asked))

    async def warnings(self) -> list[str]:
        """Whether the file lies where SQLite can't keep a write-ahead log."""
        mode = await self._claims.call(_ClaimFile.journal_mode)
        if mode == "wal":
            return []
        return [f"dedup.sqlite.path: {self._path} can't have a write-ahead log (journal mode {mode}): put it on a local disk"]

    async def close(self) -> None:
        """Let go of the file, once the calls before this one are done.  The next call would open it again."""
        await self._look_ups.close()
        await self._claims.close()  # the last: it takes the log into the file


class _FileThread:
    """A thread that owns a connection, opened with the first call, and again after an error."""

    def __init__(self, path: Path, open_file: Callable[[], _ClaimFile], name: str) -> None:
        self._path = path
        self._open_file = open_file
        self._file: _ClaimFile | None = None  # touched by the thread alone
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    async def call(self, work: Callable[[_ClaimFile], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._with_file, work)

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._drop)

    def _with_file(self, work: Callable[[_ClaimFile], _T]) -> _T:
        try:
            if self._file is None:
                self._file = self._open_file()
            return work(self._file)
        except sqlite3.DatabaseError as error:
            self._drop()  # what the connection remembers may be of the transaction that failed
            raise ClaimStoreUnavailable(f"dedup.sqlite.path: {self._path}: {_advice(error, self._path)}") from error
        except BaseException:
            self._drop()
            raise

    def _drop(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            file.close()


class _ClaimFile:
    """One open connection, used by one thread."""

    def __init__(self, path: Path, window_s: float, namespace: str, busy_timeout_s: float) -> None:
        self._window_s = window_s
        self._busy_timeout_s = busy_timeout_s
        self._ids: dict[bytes, int] = {}
        self._unswept = _SWEEP_AFTER  # claims since the last sweep: the first sweeps, for a worker may restart often
        self._connection = sqlite3.connect(path.absolute(), timeout=busy_timeout_s, isolation_level=None)
        self._sweeps = [_Sweep(self._connection, *statements) for statements in _SWEEPS]
        try:
            self._prepare(path)
            with self._transaction():
                self._scope = self._intern(namespace)
        except BaseException:
            self._connection.close()
            raise

    def look_up(self, raws: Sequence[str], now: float) -> list[str | None]:
        noted = dict(self._found(_NOTED, [_key(raw) for raw in raws], now))
        return [noted.get(at) for at in range(len(raws))]

    def claim(self, claims: Sequence[Claim], now: float) -> list[SourceRef | None]:
        expires_at = math.ceil(now + self._window_s)  # whole seconds, never shorter than the window
        asked = [_key(claim.hash) for claim in claims]
        with self._transaction():
            self._note(
                [(_key(claim.raw), content) for claim, content in zip(claims, asked, strict=True) if claim.raw is not None],
                expires_at,
            )
            held = {
                asked[at]: SourceRef(bytes.fromhex(name).decode(errors="surrogateescape"), partition, offset)
                for at, name, partition, offset in self._found(_HOLDERS, asked, now)
            }
            holders, won = [], {}
            for key, claim in zip(asked, claims, strict=True):
                holders.append(held.get(key))
                if key not in held:
                    held[key] = won[key] = claim.owner
            self._take(won, expires_at)
            self._unswept += len(claims)
            if self._unswept >= _SWEEP_AFTER:
                for sweep in self._sweeps:
                    sweep.go_on(self._unswept * _SWEPT_PER_CLAIM, math.floor(now))
                self._unswept = 0
        return holders

    def release(self, claims: Sequence[Claim]) -> None:
        with self._transaction():
            self._connection.executemany(_RELEASE, [(_key(claim.hash), self._scope, *self._owner(claim.owner)) for claim in claims])

    def probe(self) -> None:
        """Take and give back the write lock: a file that can't be written shows here, not at the first page."""
        with self._transaction():
            self._connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def journal_mode(self) -> str:
        return str(self._pragma("journal_mode"))

    def close(self) -> None:
        self._connection.close()

    def _prepare(self, path: Path) -> None:
        with self._transaction("DEFERRED"):  # several reads of one moment: another process may be making the file
            self._recognise(path)  # before the first write: a file that isn't ours stays as it is
        self._keep_a_write_ahead_log()
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self._connection.execute("PRAGMA journal_size_limit = 67108864")
        with self._transaction():
            if self._recognise(path) == 0:  # again, under the lock: another process may have been faster
                for statement in _SCHEMA:
                    self._connection.execute(statement)

    def _keep_a_write_ahead_log(self) -> None:
        """Switch a new file over.  SQLite does not wait for a lock here, so this waits while others open the file too."""
        deadline = time.monotonic() + self._busy_timeout_s
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
            else:
                return

    def _recognise(self, path: Path) -> int:
        """The file's schema version, 0 for a new file."""
        version, application = self._pragma("user_version"), self._pragma("application_id")
        if application == APPLICATION_ID and version == SCHEMA_VERSION:
            return SCHEMA_VERSION
        if application == APPLICATION_ID:
            raise ClaimStoreUnavailable(
                f"dedup.sqlite.path: {path} has schema version {version} and this winnow knows {SCHEMA_VERSION}: "
                "use the version of winnow that wrote it, or name another file (claims begin anew)"
            )
        if application or version or self._connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
            raise ClaimStoreUnavailable(f"dedup.sqlite.path: {path} belongs to another program: name another file")
        return 0

    def _pragma(self, name: str) -> int | str:
        value: int | str = self._connection.execute(f"PRAGMA {name}").fetchone()[0]
        return value

    @contextmanager
    def _transaction(self, lock: Literal["IMMEDIATE", "DEFERRED"] = "IMMEDIATE") -> Iterator[None]:
        # IMMEDIATE takes the write lock at once and waits for it; a lock that is upgraded later fails instead of waiting.
        self._connection.execute(f"BEGIN {lock}")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:  # SQLite rolls back by itself after some errors
                self._connection.execute("ROLLBACK")
            raise

    def _found(self, query: str, hashes: Sequence[bytes], now: float) -> list[tuple[Any, ...]]:
        """What stands by hashes and is not expired, each with its place among them first."""
        cursor = self._execute(query, hashes, [0] * len(hashes), now=math.floor(now))
        rows: list[tuple[Any, ...]] = json.loads(cursor.fetchone()[0])
        return rows

    def _note(self, notes: Sequence[tuple[bytes, bytes]], expires_at: int) -> None:
        if notes:
            raws, contents = zip(*notes, strict=True)
            self._execute(_NOTE, raws, [0] * len(raws), contents=b"".join(contents), expires_at=expires_at)

    def _take(self, won: Mapping[bytes, SourceRef], expires_at: int) -> None:
        if won:
            self._execute(_CLAIM, tuple(won), [self._owner(owner) for owner in won.values()], expires_at=expires_at)

    def _execute(self, statement: str, hashes: Sequence[bytes], rows: Sequence[object], **others: object) -> sqlite3.Cursor:
        named = {"hashes": b"".join(hashes), "rows": json.dumps(rows), "width": _HASH_BYTES, "scope": self._scope}
        return self._connection.execute(statement, named | others)

    def _owner(self, owner: SourceRef) -> tuple[int, int, int]:
        return self._intern(owner.topic), owner.partition, owner.offset

    def _intern(self, name: str) -> int:
        """The number that stands for a name.  File names that are no UTF-8 come as surrogates and go as the bytes they were."""
        encoded = name.encode(errors="surrogateescape")
        if encoded not in self._ids:
            if len(self._ids) >= _CACHED_NAMES:
                self._ids.clear()
            self._connection.execute("INSERT OR IGNORE INTO names (name) VALUES (?)", (encoded,))
            self._ids[encoded] = self._connection.execute("SELECT id FROM names WHERE name = ?", (encoded,)).fetchone()[0]
        return self._ids[encoded]


class _Sweep:
    """Goes round and round a table and deletes what has expired."""

    def __init__(self, connection: sqlite3.Connection, find_end: str, delete: str) -> None:
        self._connection = connection
        self._find_end = find_end
        self._delete = delete
        self._at = os.urandom(_HASH_BYTES)  # anywhere: a worker that restarts often must not sweep the same beginning again

    def go_on(self, rows: int, now: int) -> None:
        """Delete what has expired among the next `rows` in the order of their hashes, and begin anew at the end."""
        end = self._connection.execute(self._find_end, (self._at, rows - 1)).fetchone()
        self._connection.execute(self._delete, (self._at, _LAST if end is None else end[0], now))
        self._at = b"" if end is None else end[0]


def _key(digest: str) -> bytes:
    return bytes.fromhex(digest)[:_HASH_BYTES]


def _advice(error: sqlite3.DatabaseError, path: Path) -> str:
    """What happened and what to do about it."""
    code = getattr(error, "sqlite_errorcode", None)  # absent where the Python module itself complains: a fault of ours
    if code is None:
        raise error
    match code & 0xFF:
        case sqlite3.SQLITE_CANTOPEN if path.is_dir():
            return "is a folder: name a file in it"
        case sqlite3.SQLITE_CANTOPEN if not path.absolute().parent.is_dir():
            return _no_folder(path.absolute().parent)
        case sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM | sqlite3.SQLITE_AUTH:
            return f"can't be opened ({error}): let this user read and write the file and its folder"
        case sqlite3.SQLITE_READONLY:
            return "is read-only: let this user write the file and its folder, and mount the volume writable"
        case sqlite3.SQLITE_FULL:
            return "the disk is full: free space, or shorten dedup.window"
        case sqlite3.SQLITE_CORRUPT:
            return (
                f"is damaged ({error}): stop its workers, then move it away (claims begin anew, duplicates may pass) or restore it"
            )
        case sqlite3.SQLITE_NOTADB:
            return "is not an SQLite database: name another file"
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return "stays locked by another process: find it (fuser on the file), or give each worker a file of its own"
        case sqlite3.SQLITE_IOERR:
            return f"input or output failed ({error.sqlite_errorname}): check the disk and its quota"
        case _:
            return f"{error} ({error.sqlite_errorname})"


def _no_folder(folder: Path) -> str:
    return f"the folder {folder} does not exist: create it, or mount the volume"
