"""Stores under test, and the tools to look behind them."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from redis.asyncio import Redis

from tests.redis_server import RedisServer
from worker.config import RedisSettings
from worker.dedup.claims import Claim, ClaimStore
from worker.dedup.memory import MemoryClaimStore
from worker.dedup.redis import RedisClaimStore
from worker.dedup.sqlite import SqliteClaimStore
from worker.records import SourceRef

_namespaces = itertools.count()


@dataclass
class Clock:
    """A clock that stands until it is told to go on."""

    now: float = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Tried:
    """A store, and how to let the whole of its window pass."""

    store: ClaimStore
    pass_window: Callable[[], Awaitable[None]]


def digest(number: int) -> str:
    return f"{number:032x}"


def claim(number: int, offset: int, raw: int | None = None, topic: str = "pages.raw") -> Claim:
    return Claim(digest(number), SourceRef(topic, 3, offset), None if raw is None else digest(raw))


def redis_store(server: RedisServer, namespace: str = "tests", window_s: float = 3600, timeout: str = "2s") -> RedisClaimStore:
    settings = RedisSettings.model_validate({"nodes": [server.address], "timeout": timeout})
    return RedisClaimStore(settings, window_s=window_s, namespace=namespace)


@pytest.fixture(params=["memory", "sqlite", pytest.param("redis", marks=pytest.mark.redis)])
async def tried(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Tried]:
    clock = Clock()

    async def tick() -> None:
        clock.now += 3600

    match request.param:
        case "memory":
            tried = Tried(MemoryClaimStore(3600, clock), tick)
        case "sqlite":
            tried = Tried(SqliteClaimStore(tmp_path / "claims", window_s=3600, namespace="tests", clock=clock), tick)
        case _:
            server: RedisServer = request.getfixturevalue("redis_server")
            namespace = f"contract-{next(_namespaces)}"

            async def expire() -> None:
                async with Redis(port=server.port) as client:
                    for key in await client.keys(f"winnow:{namespace}:*"):
                        await client.pexpire(key, 0)

            tried = Tried(redis_store(server, namespace), expire)
    await tried.store.start()
    yield tried
    await tried.store.close()


@pytest.fixture
def store(tried: Tried) -> ClaimStore:
    return tried.store
