"""Redis Cluster and Sentinel: real nodes, a real failover."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from tests.dedup.conftest import claim, redis_store
from tests.redis_server import RedisServer, free_port
from worker.config import RedisSettings
from worker.dedup.redis import RedisClaimStore
from worker.errors import ClaimStoreUnavailable

pytestmark = pytest.mark.redis

_CLUSTER = ("--cluster-enabled", "yes", "--cluster-node-timeout", "500", "--cluster-config-file")
_SLOTS = 16_384


async def _until(reached: Callable[[], Coroutine[None, None, bool]]) -> None:
    for _ in range(300):
        if await reached():
            return
        await asyncio.sleep(0.05)
    pytest.fail(f"not within 15 s: {reached}")


@pytest.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[list[RedisServer]]:
    """Three nodes, each a third of the slots."""
    nodes = [RedisServer(tmp_path / f"node-{n}", (*_CLUSTER, "nodes.conf", "--cluster-port", str(free_port()))) for n in range(3)]
    clients = [Redis(port=node.port, decode_responses=True) for node in nodes]
    try:
        for node in nodes:
            node.start()
        for number, client in enumerate(clients):
            start, end = number * _SLOTS // 3, (number + 1) * _SLOTS // 3 - 1
            await client.execute_command("CLUSTER", "ADDSLOTSRANGE", start, end)
            await client.execute_command("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        for node in nodes[1:]:
            await clients[0].execute_command("CLUSTER", "MEET", "127.0.0.1", node.port, node.arguments[-1])
        for client in clients:
            await _until(lambda client=client: _cluster_is_up(client))
        yield nodes
    finally:
        for client in clients:
            await client.aclose()
        for node in nodes:
            node.stop()


async def _cluster_is_up(client: Redis) -> bool:
    info = await client.execute_command("CLUSTER INFO")
    return "ok" in str(info["cluster_state"]) and str(info["cluster_known_nodes"]) == "3"


async def _give_slots(slots: range, taker: bytes, *nodes: RedisServer) -> None:
    for node in nodes:
        async with Redis(port=node.port) as client, client.pipeline(transaction=False) as moves:
            for slot in slots:
                moves.execute_command("CLUSTER", "SETSLOT", slot, "NODE", taker)
            await moves.execute()


def _store(mode: str, *nodes: RedisServer, **options: object) -> RedisClaimStore:
    settings = RedisSettings.model_validate({"mode": mode, "nodes": [node.address for node in nodes], "timeout": "1s", **options})
    return RedisClaimStore(settings, window_s=3600, namespace="tests")


async def test_one_batch_reaches_every_node_of_a_cluster_and_keeps_its_order(cluster: list[RedisServer]) -> None:
    store = _store("cluster", cluster[0])
    await store.start()
    batch = [claim(number, number) for number in range(300)]
    await store.claim(batch[::2])
    assert await store.claim(batch) == [None if number % 2 else each.owner for number, each in enumerate(batch)]
    for node in cluster:
        async with Redis(port=node.port) as client:
            assert await client.dbsize() > 50
    await store.release([claim(number, 10**6) for number in range(300)])
    await store.release(batch[:100])
    assert await store.claim([claim(number, 7) for number in range(300)]) == [None] * 100 + [each.owner for each in batch[100:]]
    assert len(await store.warnings()) == 3
    await store.close()


async def test_a_cluster_that_lost_a_node_is_an_error_until_the_node_returns(cluster: list[RedisServer]) -> None:
    store = _store("cluster", *cluster)
    batch = [claim(number, number) for number in range(100)]
    await store.claim(batch)
    cluster[1].stop()
    with pytest.raises(ClaimStoreUnavailable):
        await store.claim(batch)
    async with Redis(port=cluster[0].port, decode_responses=True) as client:

        async def down() -> bool:
            return "fail" in str((await client.execute_command("CLUSTER INFO"))["cluster_state"])

        await _until(down)
        with pytest.raises(ClaimStoreUnavailable):
            await store.claim(batch)
        cluster[1].start()
        await _until(lambda: _cluster_is_up(client))

    async def answered() -> bool:
        try:
            holders = await store.claim(batch)
        except ClaimStoreUnavailable:
            return False
        assert {holder for holder in holders if holder is not None} <= {each.owner for each in batch}
        return True

    await _until(answered)
    assert await store.claim([claim(number, 1_000) for number in range(100)]) == [each.owner for each in batch]
    await store.close()


async def test_a_cluster_is_found_again_when_the_only_node_that_the_configuration_names_is_gone(cluster: list[RedisServer]) -> None:
    gone, taker, other = cluster
    store = _store("cluster", gone)
    batch = [claim(number, number) for number in range(60)]
    await store.claim(batch)
    async with Redis(port=gone.port) as client:
        name = await client.execute_command("CLUSTER MYID")
    gone.stop()
    with pytest.raises(ClaimStoreUnavailable):
        await store.claim(batch)
    async with Redis(port=taker.port) as client:
        await _give_slots(range(_SLOTS // 3), await client.execute_command("CLUSTER MYID"), taker, other)
    for node in (taker, other):
        async with Redis(port=node.port) as client:
            await client.execute_command("CLUSTER", "FORGET", name)

    async def answered() -> bool:
        try:
            return len(await store.claim(batch)) == 60
        except ClaimStoreUnavailable:
            return False

    await _until(answered)
    await store.close()


async def test_slots_that_move_to_another_node_are_followed(cluster: list[RedisServer]) -> None:
    store = _store("cluster", cluster[0])
    batch = [claim(number, number) for number in range(60)]
    await store.claim([])
    await store.start()
    async with Redis(port=cluster[0].port, decode_responses=True) as first, Redis(port=cluster[1].port) as second:
        await _give_slots(range(_SLOTS // 3), await second.execute_command("CLUSTER MYID"), *cluster)
        assert await store.claim(batch) == [None] * 60
        assert await first.dbsize() == 0
    assert await store.claim(batch) == [each.owner for each in batch]
    await store.close()


async def test_a_node_of_a_cluster_asked_as_a_single_server_says_so(cluster: list[RedisServer]) -> None:
    store = redis_store(cluster[0])
    with pytest.raises(ClaimStoreUnavailable, match=r"set dedup\.redis\.mode to cluster"):
        await store.claim([claim(number, number) for number in range(30)])
    await store.close()


async def test_a_single_server_asked_as_a_cluster_says_so(redis_server: RedisServer) -> None:
    store = _store("cluster", redis_server)
    with pytest.raises(ClaimStoreUnavailable, match=r"dedup\.redis\.nodes and mode"):
        await store.start()
    await store.close()


async def test_no_node_of_a_cluster_can_be_reached(tmp_path: Path) -> None:
    store = _store("cluster", RedisServer(tmp_path))
    with pytest.raises(ClaimStoreUnavailable):
        await store.start()
    await store.close()


@dataclass
class Watched:
    """A primary, its replica and the sentinel that watches both."""

    primary: RedisServer
    replica: RedisServer
    sentinel: RedisServer


@pytest.fixture
async def watched(tmp_path: Path) -> AsyncIterator[Watched]:
    primary = RedisServer(tmp_path / "primary", ("--repl-diskless-sync-delay", "0"))
    replica = RedisServer(tmp_path / "replica", ("--replicaof", "127.0.0.1", str(primary.port)))
    rules = (
        f"sentinel monitor news 127.0.0.1 {primary.port} 1\n"
        "sentinel down-after-milliseconds news 500\n"
        "sentinel failover-timeout news 3000\n"
        "requirepass guard\n"
    )
    sentinel = RedisServer(tmp_path / "sentinel", sentinel_config=rules)
    servers = (primary, replica, sentinel)
    try:
        primary.start()
        replica.start()
        async with Redis(port=replica.port) as client:

            async def synchronised() -> bool:
                return (await client.info("replication"))["master_link_status"] == "up"

            await _until(synchronised)
        sentinel.start()
        async with Redis(port=sentinel.port, password="guard", decode_responses=True) as client:

            async def replica_is_known() -> bool:
                try:
                    return len(await client.execute_command("SENTINEL REPLICAS", "news")) == 1
                except ResponseError:
                    return False

            await _until(replica_is_known)
        yield Watched(*servers)
    finally:
        for server in servers:
            server.stop()


async def test_after_a_failover_the_replica_knows_the_claims_and_takes_new_ones(watched: Watched) -> None:
    store = _store("sentinel", watched.sentinel, sentinel_master="news", sentinel_password="guard")
    await store.start()
    await store.claim([claim(1, 10)])
    async with Redis(port=watched.primary.port) as client:
        assert await client.wait(1, 5000) == 1
    watched.primary.stop()
    with pytest.raises(ClaimStoreUnavailable):
        await store.claim([claim(2, 10)])

    async def answered() -> bool:
        try:
            return await store.claim([claim(1, 11), claim(2, 10)]) is not None
        except ClaimStoreUnavailable:
            return False

    await _until(answered)
    assert await store.claim([claim(1, 11), claim(2, 11)]) == [claim(1, 10).owner, claim(2, 10).owner]
    await store.close()


async def test_a_primary_that_no_sentinel_knows_is_named(watched: Watched) -> None:
    store = _store("sentinel", watched.sentinel, sentinel_master="sports", sentinel_password="guard")
    with pytest.raises(ClaimStoreUnavailable, match=r"check dedup\.redis\.sentinel_master"):
        await store.start()
    await store.close()
