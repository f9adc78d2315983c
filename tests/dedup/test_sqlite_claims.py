"""The claims file: shared, killed, damaged, full, foreign."""

from __future__ import annotations

import asyncio
import hashlib
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.dedup.conftest import Clock, claim
from worker.dedup.claims import Claim
from worker.dedup.sqlite import SqliteClaimStore
from worker.errors import ClaimStoreUnavailable
from worker.records import SourceRef

_CLAIM_FOR_EVER = """
import asyncio, sys
from pathlib import Path
from worker.dedup.claims import Claim
from worker.dedup.sqlite import SqliteClaimStore
from worker.records import SourceRef

async def main(path, partition, batches):
    store = SqliteClaimStore(Path(path), window_s=3600, namespace="tests")
    for batch in range(batches):
        numbers = range(batch * 50, batch * 50 + 50)
        answers = await store.claim([Claim(f"{n:032x}", SourceRef("pages.raw", partition, n)) for n in numbers])
        for number, answer in zip(numbers, answers):
            if answer is None:
                print(number, flush=number % 50 == 49)
    await store.close()

asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
"""


def _claimant(path: Path, partition: int, batches: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _CLAIM_FOR_EVER, str(path), str(partition), str(batches)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _store(path: Path, clock: Clock | None = None, busy_timeout_s: float = 5.0) -> SqliteClaimStore:
    return SqliteClaimStore(path, window_s=3600, namespace="tests", clock=clock or Clock(), busy_timeout_s=busy_timeout_s)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "claims.sqlite"


async def test_claims_outlive_the_process(path: Path) -> None:
    first = _store(path)
    await first.claim([claim(1, 10)])
    await first.close()
    assert await _store(path).claim([claim(1, 11)]) == [claim(1, 10).owner]


async def test_namespaces_in_one_file_never_meet(path: Path) -> None:
    backfill = SqliteClaimStore(path, window_s=3600, namespace="backfill", clock=Clock())
    await _store(path).claim([claim(1, 10)])
    assert await backfill.claim([claim(1, 11)]) == [None]


def test_of_several_processes_on_a_new_file_exactly_one_wins_each_hash(path: Path) -> None:
    claimants = [_claimant(path, partition, 40) for partition in range(3)]
    won = [number for claimant in claimants for number in claimant.communicate()[0].split()]
    assert [claimant.returncode for claimant in claimants] == [0, 0, 0]
    assert sorted(map(int, won)) == list(range(2000))


async def test_many_that_open_a_new_file_at_the_same_moment_all_get_it(path: Path) -> None:
    for attempt in range(20):
        stores = [_store(path.with_name(f"claims-{attempt}")) for _ in range(6)]
        answers = await asyncio.gather(*(store.claim([claim(1, offset)]) for offset, store in enumerate(stores)))
        assert answers.count([None]) == 1
        await asyncio.gather(*(store.close() for store in stores))


async def test_what_was_answered_before_a_kill_is_held_and_the_file_is_sound(path: Path) -> None:
    for partition in range(5):
        path = path.with_name(f"claims-{partition}")
        claimant = _claimant(path, partition, 10**9)
        assert claimant.stdout is not None
        seen = [claimant.stdout.readline() for _ in range(200)]
        claimant.send_signal(signal.SIGKILL)
        seen += claimant.communicate()[0].splitlines(keepends=True)
        numbers = [int(line) for line in seen if line.endswith("\n")]
        reopened = _store(path)
        for number in numbers:
            assert (await reopened.claim([claim(number, 0)]))[0] == SourceRef("pages.raw", partition, number)
        await reopened.close()
        assert sqlite3.connect(path).execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_expired_claims_are_purged_beside_new_ones(path: Path) -> None:
    clock = Clock()
    store = _store(path, clock)
    await store.claim([claim(number << 96, number) for number in range(2000)])
    clock.now += 3600
    for number in range(5000, 6000, 50):
        await store.claim([claim((number + each) << 96, 1) for each in range(50)])
    await store.close()
    assert sqlite3.connect(path).execute("SELECT count(*) FROM claims").fetchone() == (1000,)


async def test_the_event_loop_goes_on_while_another_process_holds_the_lock(path: Path) -> None:
    store = _store(path)
    await store.start()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waiting = asyncio.create_task(store.claim([claim(1, 10)]))
    for _ in range(20):
        await asyncio.sleep(0)
    assert not waiting.done()
    other.execute("ROLLBACK")
    assert await waiting == [None]


async def test_pages_are_looked_up_while_a_claim_waits_for_the_disk(path: Path) -> None:
    store = _store(path)
    await store.start()
    raw, new = "a1" * 16, "b2" * 16
    await store.claim([replace(claim(1, 10), raw=raw)])
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")  # holds a claim up as a slow disk does
    waiting = asyncio.create_task(store.claim([claim(2, 11)]))
    await asyncio.sleep(0)
    assert await store.look_up([raw, new]) == [claim(1, 10).hash, None]
    assert not waiting.done()
    other.execute("ROLLBACK")
    assert await waiting == [None]


async def test_a_lock_that_stays_is_an_error_and_the_next_call_succeeds(path: Path) -> None:
    store = _store(path, busy_timeout_s=0.01)
    await store.start()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(ClaimStoreUnavailable, match="locked by another process"):
        await store.claim([claim(1, 10)])
    other.execute("ROLLBACK")
    assert await store.claim([claim(1, 10)]) == [None]


async def test_a_batch_that_fails_half_way_grants_nothing(path: Path) -> None:
    store = _store(path)
    with pytest.raises(UnicodeEncodeError):
        await store.claim([claim(1, 10, topic="new.topic"), claim(2, 11, topic="no name: \ud800")])
    assert await store.claim([claim(1, 11, topic="new.topic")]) == [None]
    assert await store.claim([claim(1, 12)]) == [claim(1, 11, topic="new.topic").owner]


async def test_a_cancelled_claim_takes_effect_and_answers_with_its_own_name(path: Path) -> None:
    store = _store(path)
    await store.start()
    asked = asyncio.create_task(store.claim([claim(1, 10)]))
    await asyncio.sleep(0)
    asked.cancel()
    assert await store.claim([claim(1, 10)]) in ([None], [claim(1, 10).owner])


async def test_a_full_disk_says_so_and_is_left_behind_once_there_is_room(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connect = sqlite3.connect

    def on_a_small_disk(*arguments: object, **options: object) -> sqlite3.Connection:
        connection = connect(*arguments, **options)
        connection.execute("PRAGMA max_page_count = 8")
        return connection

    store = _store(path)
    batch = [claim(number, number) for number in range(2000)]
    with monkeypatch.context() as small:
        small.setattr(sqlite3, "connect", on_a_small_disk)
        with pytest.raises(ClaimStoreUnavailable, match="disk is full"):
            await store.claim(batch)
    assert await store.claim(batch) == [None] * 2000


def test_a_write_that_fails_says_so(path: Path) -> None:
    limited = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n" + _CLAIM_FOR_EVER
    ended = subprocess.run([sys.executable, "-c", limited, path, "0", "1000"], capture_output=True, text=True, check=False)
    assert "ClaimStoreUnavailable" in ended.stderr
    assert "check the disk and its quota" in ended.stderr


async def test_a_missing_folder_says_what_to_create(tmp_path: Path) -> None:
    with pytest.raises(ClaimStoreUnavailable, match="missing does not exist: create it"):
        await _store(tmp_path / "missing" / "claims").start()


async def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ClaimStoreUnavailable, match="is a folder"):
        await _store(tmp_path).start()


async def test_a_read_only_file_says_so_at_the_start(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = _store(path)
    await store.start()
    await store.close()
    connect = sqlite3.connect

    def read_only(database: Path, **options: object) -> sqlite3.Connection:  # file modes don't bind root, who runs some CI
        return connect(f"file:{database}?mode=ro", uri=True, **options)

    monkeypatch.setattr(sqlite3, "connect", read_only)
    with pytest.raises(ClaimStoreUnavailable, match="is read-only"):
        await store.start()


def test_another_kind_of_file_is_refused_and_left_alone(path: Path) -> None:
    path.write_bytes(b"not a database at all\n" * 500)
    with pytest.raises(ClaimStoreUnavailable, match="is not an SQLite database"):
        asyncio.run(_store(path).start())
    assert path.read_bytes() == b"not a database at all\n" * 500


def test_the_database_of_another_program_is_refused_and_left_alone(path: Path) -> None:
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE recipes (name)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(ClaimStoreUnavailable, match="belongs to another program"):
        asyncio.run(_store(path).start())
    assert path.read_bytes() == before


async def test_a_file_of_a_newer_version_is_refused_with_both_versions(path: Path) -> None:
    await _store(path).start()
    newer = sqlite3.connect(path)
    newer.execute("PRAGMA user_version = 7")
    newer.close()
    with pytest.raises(ClaimStoreUnavailable, match="schema version 7 and this winnow knows 2"):
        await _store(path).start()


async def test_a_damaged_file_says_so(path: Path) -> None:
    store = _store(path)
    await store.claim([claim(number << 96, number) for number in range(5000)])
    await store.close()
    with path.open("r+b") as file:
        file.seek(3 * 4096)
        file.write(b"\xff" * 4096 * 20)
    with pytest.raises(ClaimStoreUnavailable, match=r"is damaged .*: stop its workers, then move it away"):
        await _store(path).claim([claim(number << 96, 1) for number in range(5000)])


async def test_a_sound_file_on_a_local_disk_warns_of_nothing(path: Path) -> None:
    assert await _store(path).warnings() == []


def test_an_entry_takes_at_most_sixty_bytes(path: Path) -> None:
    async def fill() -> None:
        store = _store(path)
        for batch in range(0, 20_000, 1000):
            hashes = (hashlib.sha256(str(number).encode()).hexdigest() for number in range(batch, batch + 1000))
            await store.claim([Claim(each, SourceRef("pages.raw", 3, 10**9 + batch)) for each in hashes])
        await store.close()

    asyncio.run(fill())
    assert path.stat().st_size / 20_000 < 60
