"""Redis as it fails: gone, frozen, full, a replica, a stranger."""

from __future__ import annotations

import asyncio
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from tests.dedup.conftest import claim, redis_store
from tests.redis_server import RedisServer
from worker.config import RedisSettings
from worker.dedup.redis import RedisClaimStore
from worker.errors import ClaimStoreUnavailable

pytestmark = pytest.mark.redis


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path / "own", ("--appendonly", "yes", "--appendfsync", "always"))
    server.start()
    yield server
    server.stop()


def _store(server: RedisServer, **options: object) -> RedisClaimStore:
    settings = RedisSettings.model_validate({"nodes": [server.address], **options})
    return RedisClaimStore(settings, window_s=3600, namespace="tests")


async def test_a_server_that_is_gone_is_an_error_and_the_next_call_after_its_return_succeeds(own_server: RedisServer) -> None:
    store = redis_store(own_server)
    await store.claim([claim(1, 10)])
    own_server.stop()
    with pytest.raises(ClaimStoreUnavailable, match="can't be reached"):
        await store.claim([claim(2, 10)])
    own_server.start()
    assert await store.claim([claim(1, 11), claim(2, 10)]) == [claim(1, 10).owner, None]
    await store.close()


async def test_a_server_that_restarted_unseen_costs_no_error(own_server: RedisServer) -> None:
    store = redis_store(own_server)
    await store.claim([claim(1, 10)])
    own_server.stop()
    own_server.start()
    assert await store.claim([claim(1, 11)]) == [claim(1, 10).owner]
    await store.close()


async def test_a_frozen_server_is_an_error_and_the_claim_it_granted_unseen_answers_with_its_own_name(
    own_server: RedisServer,
) -> None:
    store = redis_store(own_server, timeout="200ms")
    await store.start()
    own_server.signal(signal.SIGSTOP)
    with pytest.raises(ClaimStoreUnavailable, match=r"did not answer within dedup\.redis\.timeout"):
        await store.claim([claim(1, 10)])
    own_server.signal(signal.SIGCONT)
    await store.claim([claim(1, 10)])
    assert await store.claim([claim(1, 11), claim(1, 10)]) == [claim(1, 10).owner] * 2
    await store.close()


@pytest.fixture
async def moving(own_server: RedisServer, tmp_path: Path) -> AsyncIterator[tuple[RedisServer, RedisServer, int]]:
    """Two servers, and a port that leads to the primary among them."""
    other = RedisServer(tmp_path / "other")
    other.start()
    pipes = []

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while some := await reader.read(1 << 16):
            writer.write(some)
        writer.close()

    async def lead(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with Redis(port=own_server.port) as client:
            primary = own_server if (await client.info("replication"))["role"] == "master" else other
        there = await asyncio.open_connection("127.0.0.1", primary.port)
        pipes.extend(asyncio.create_task(pipe(*ends)) for ends in ((reader, there[1]), (there[0], writer)))

    leading = await asyncio.start_server(lead, "127.0.0.1", 0)
    yield own_server, other, leading.sockets[0].getsockname()[1]
    leading.close()
    for each in pipes:
        each.cancel()
    await asyncio.gather(*pipes, return_exceptions=True)
    other.stop()


async def test_an_address_that_moves_to_another_server_is_followed_while_the_old_one_still_answers(
    moving: tuple[RedisServer, RedisServer, int],
) -> None:
    before, after, port = moving
    store = RedisClaimStore(RedisSettings(nodes=(f"127.0.0.1:{port}",)), window_s=3600, namespace="tests")
    assert await store.claim([claim(1, 10)]) == [None]
    async with Redis(port=before.port) as client:
        await client.replicaof("127.0.0.1", after.port)
    with pytest.raises(ClaimStoreUnavailable, match="is a read-only replica"):
        await store.claim([claim(2, 10)])
    assert await store.claim([claim(2, 10)]) == [None]
    await store.close()


async def test_a_call_that_fails_disturbs_none_of_those_that_are_under_way(own_server: RedisServer) -> None:
    store = redis_store(own_server)
    async with Redis(port=own_server.port) as client:
        await client.lpush(f"winnow:tests:content:{0:032x}", "a list")
        for attempt in range(1, 10):
            asked = [store.claim([claim(number * attempt, 10)]) for number in range(30)]
            failed, *answered = await asyncio.gather(*asked, return_exceptions=True)
            assert isinstance(failed, ClaimStoreUnavailable)
            assert not [answer for answer in answered if isinstance(answer, Exception)]
        assert await store.claim([claim(1, 10)]) == [claim(1, 10).owner]
        assert len(await client.client_list()) == 2, "the connections of clients that were given up are closed"
    await store.close()


async def test_a_cancelled_call_leaves_no_answer_behind_for_the_next(own_server: RedisServer) -> None:
    store = redis_store(own_server)
    await store.claim([claim(1, 10)])
    own_server.signal(signal.SIGSTOP)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await store.claim([claim(1, 11)])
    own_server.signal(signal.SIGCONT)
    assert await store.claim([claim(2, 12), claim(1, 12)]) == [None, claim(1, 10).owner]
    await store.close()


async def test_a_batch_in_which_one_command_fails_fails_whole_and_can_be_asked_again(own_server: RedisServer) -> None:
    store = redis_store(own_server)
    async with Redis(port=own_server.port) as client:
        await client.lpush(f"winnow:tests:content:{2:032x}", "a list")
        with pytest.raises(ClaimStoreUnavailable, match="WRONGTYPE"):
            await store.claim([claim(1, 10), claim(2, 10), claim(3, 10)])
        await client.delete(f"winnow:tests:content:{2:032x}")
    assert await store.claim([claim(1, 10), claim(2, 10), claim(3, 10)]) == [claim(1, 10).owner, None, claim(3, 10).owner]
    await store.close()


async def test_a_key_of_another_program_is_named(own_server: RedisServer) -> None:
    store = redis_store(own_server)
    async with Redis(port=own_server.port) as client:
        await client.set(f"winnow:tests:content:{1:032x}", "something else")
    with pytest.raises(ClaimStoreUnavailable, match="'something else', which names no record"):
        await store.claim([claim(1, 10)])
    await store.close()


@pytest.mark.parametrize(
    ("setting", "said"),
    [(("maxmemory", "1"), "reached its maxmemory"), (("min-replicas-to-write", "1"), "NOREPLICAS")],
    ids=["full", "without the replicas that it must have"],
)
async def test_a_server_that_takes_no_claims_says_so_at_the_start(
    own_server: RedisServer, setting: tuple[str, str], said: str
) -> None:
    store = redis_store(own_server)
    async with Redis(port=own_server.port) as client:
        await client.config_set(*setting)
    with pytest.raises(ClaimStoreUnavailable, match=said):
        await store.start()
    await store.close()


async def test_a_start_leaves_nothing_behind(own_server: RedisServer) -> None:
    store = redis_store(own_server)
    await store.start()
    async with Redis(port=own_server.port) as client:
        assert await client.dbsize() == 0
    await store.close()


async def test_a_replica_says_so_at_the_start(own_server: RedisServer, redis_server: RedisServer) -> None:
    store = redis_store(own_server)
    async with Redis(port=own_server.port) as client:
        await client.replicaof("127.0.0.1", redis_server.port)
    with pytest.raises(ClaimStoreUnavailable, match="is a read-only replica"):
        await store.start()
    await store.close()


async def test_a_login_is_needed_and_its_password_is_never_shown(own_server: RedisServer) -> None:
    async with Redis(port=own_server.port) as client:
        await client.config_set("requirepass", "correct-horse")
    stores = [
        _store(own_server),
        _store(own_server, password="wrong-horse"),
        _store(own_server, username="who", password="wrong-horse"),
    ]
    for store in stores:
        with pytest.raises(ClaimStoreUnavailable, match="refused the login") as caught:
            await store.start()
        assert "wrong-horse" not in f"{caught.value} {caught.value.__cause__!r} {store!r} {vars(store)}"
        await store.close()
    right = _store(own_server, password="correct-horse")
    assert await right.claim([claim(1, 10)]) == [None]
    await right.close()


async def test_a_user_without_the_right_commands_is_told_which_at_the_start(own_server: RedisServer) -> None:
    async with Redis(port=own_server.port) as client:
        await client.acl_setuser("reader", enabled=True, passwords=["+pw"], keys=["*"], commands=["+get", "+ping"])
    store = _store(own_server, username="reader", password="pw")
    with pytest.raises(ClaimStoreUnavailable, match="let the user run SET, GET, DEL, EVAL"):
        await store.start()
    await store.close()


async def test_the_documented_rights_are_enough(own_server: RedisServer) -> None:
    commands = ["+set", "+get", "+del", "+eval", "+info"]
    async with Redis(port=own_server.port) as client:
        await client.acl_setuser("winnow", enabled=True, passwords=["+pw"], keys=["winnow:*"], commands=commands)
    store = _store(own_server, username="winnow", password="pw")
    await store.start()
    await store.claim([claim(1, 10)])
    await store.release([claim(1, 10)])
    assert [warning for warning in await store.warnings() if "appendfsync can't be read" in warning]
    await store.close()


async def test_claims_expire_by_the_window(redis_server: RedisServer) -> None:
    store = redis_store(redis_server, "expiry", window_s=1.5)
    await store.claim([claim(1, 10)])
    async with Redis(port=redis_server.port) as client:
        assert 0 < await client.pttl(f"winnow:expiry:content:{1:032x}") <= 1500
    await store.close()


async def test_namespaces_never_meet(redis_server: RedisServer) -> None:
    live, backfill = redis_store(redis_server, "live"), redis_store(redis_server, "backfill")
    assert await live.claim([claim(1, 10)]) == await backfill.claim([claim(1, 11)]) == [None]
    await live.close()
    await backfill.close()


async def test_what_lets_claims_be_forgotten_is_warned_of(own_server: RedisServer) -> None:
    store = redis_store(own_server)
    assert await store.warnings() == []
    async with Redis(port=own_server.port) as client:
        await client.config_set("maxmemory-policy", "allkeys-lru")
        await client.config_set("appendfsync", "everysec")
        eviction, fsync = await store.warnings()
        assert "maxmemory-policy is allkeys-lru" in eviction
        assert "appendfsync is everysec" in fsync
        await client.config_set("appendonly", "no")
    assert "appendonly is no" in (await store.warnings())[1]
    await store.close()


def _certify(folder: Path) -> None:
    """Write a key, and a certificate of 127.0.0.1 that is signed with it."""
    subject = ["-subj", "/CN=winnow tests", "-addext", "subjectAltName=IP:127.0.0.1"]
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "key.pem", "-out", "cert.pem"]
    try:
        subprocess.run(["openssl", "req", "-x509", *key, *subject], cwd=folder, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("openssl is not installed: no certificate to test TLS with")


@pytest.fixture
def tls_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A server that takes TLS alone, its cert.pem beside its data."""
    folder = tmp_path / "tls"
    folder.mkdir()
    _certify(folder)
    plain = RedisServer(folder)
    keys = ("--tls-cert-file", "cert.pem", "--tls-key-file", "key.pem", "--tls-auth-clients", "no")
    server = RedisServer(folder, ("--tls-port", str(plain.port), "--port", "0", *keys), port=plain.port)
    server.start()
    yield server
    server.stop()


async def test_tls_needs_the_right_authority(tls_server: RedisServer) -> None:
    trusting = _store(tls_server, tls=True, tls_cafile=tls_server.folder / "cert.pem")
    assert await trusting.claim([claim(1, 10)]) == [None]
    await trusting.close()
    doubting = _store(tls_server, tls=True)
    with pytest.raises(ClaimStoreUnavailable, match="tls"):
        await doubting.start()
    await doubting.close()


async def test_an_authority_that_is_replaced_while_the_worker_runs_is_read_again(tls_server: RedisServer) -> None:
    store = _store(tls_server, tls=True, tls_cafile=tls_server.folder / "cert.pem")
    await store.claim([claim(1, 10)])
    tls_server.stop()
    _certify(tls_server.folder)
    tls_server.start()
    with pytest.raises(ClaimStoreUnavailable):
        await store.claim([claim(1, 10)])
    assert await store.claim([claim(1, 10)]) == [None]
    await store.close()
