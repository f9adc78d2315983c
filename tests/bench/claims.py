"""What a claim costs and takes up, against how many are held: SQLite and Redis, filled step by step.

    python -m tests.bench.claims [--held 0,100000,1000000,10000000] [--stores sqlite,redis] [--json FILE]

A claim comes with the note of what the page's bytes came to.  At each step new ones are made, and old pages looked up and claimed
again by others, in batches as the worker makes them; then the store is filled to the next step.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path

from redis.asyncio import Redis

from tests.bench.rig import machine
from tests.redis_server import RedisServer
from worker.config import RedisSettings
from worker.dedup.claims import Claim, ClaimStore
from worker.dedup.redis import RedisClaimStore
from worker.dedup.sqlite import SqliteClaimStore
from worker.records import SourceRef

BATCH = 100  # claims in one call
TIMED = 200  # calls
FILLING = 5_000  # claims in one call while the store is filled
WINDOW_S = 7 * 86_400.0


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one store that holds so many claims."""

    store: str
    held: int
    new_per_s: float  # claims that are won, with their notes
    known_per_s: float  # pages that are looked up, and whose article another record holds
    bytes_each: float  # of a claim and its note


def digest(number: int, of: str) -> str:
    return blake2b(number.to_bytes(8, "big"), digest_size=16, person=of.encode()).hexdigest()


def claims(first: int, count: int) -> list[Claim]:
    """Numbered claims, of records that are spread over 64 partitions."""
    return [
        Claim(
            digest(number, "content"),
            SourceRef("pages.raw", number % 64, number // 64),
            digest(number, "raw"),
        )
        for number in range(first, first + count)
    ]


async def rate(batches: list[list[Claim]], ask: Callable[[list[Claim]], Awaitable[object]]) -> float:
    """Claims a second."""
    began = time.perf_counter()
    for batch in batches:
        await ask(batch)
    return sum(map(len, batches)) / (time.perf_counter() - began)


async def known(store: ClaimStore, held: int) -> float:
    """Pages a second whose articles others hold, from all over what is held."""
    step = max(1, held // (BATCH * TIMED))
    asked = [[claims((batch * BATCH + at) * step % held, 1)[0] for at in range(BATCH)] for batch in range(TIMED)]

    async def ask(batch: list[Claim]) -> None:
        contents = await store.look_up([claim.raw for claim in batch])
        holders = await store.claim([Claim(content, SourceRef("other", 0, at)) for at, content in enumerate(contents)])
        assert holders == [claim.owner for claim in batch]

    return await rate(asked, ask)


@asynccontextmanager
async def sqlite(folder: Path) -> AsyncIterator[tuple[ClaimStore, object]]:
    """A store, and a way to ask for its bytes."""
    path = folder / "claims.sqlite"
    store = SqliteClaimStore(path, window_s=WINDOW_S, namespace="bench")
    await store.start()

    async def size() -> int:
        return sum(file.stat().st_size for file in folder.glob("claims.sqlite"))

    yield store, size
    await store.close()


@asynccontextmanager
async def redis(folder: Path) -> AsyncIterator[tuple[ClaimStore, object]]:
    """The same of Redis, that keeps an append-only file as a deployment does."""
    server = RedisServer(folder, arguments=("--appendonly", "yes", "--appendfsync", "everysec"))
    server.start()
    store = RedisClaimStore(RedisSettings(nodes=[f"127.0.0.1:{server.port}"]), window_s=WINDOW_S, namespace="bench")
    client = Redis(port=server.port)
    try:
        await store.start()
        empty = (await client.info("memory"))["used_memory_dataset"]

        async def size() -> int:
            return int((await client.info("memory"))["used_memory"]) - empty

        yield store, size
    finally:
        await store.close()
        await client.aclose()
        server.stop()


STORES = {"sqlite": sqlite, "redis": redis}


async def measure(name: str, steps: list[int]) -> list[Cost]:
    """One store, step by step."""
    found: list[Cost] = []
    with tempfile.TemporaryDirectory() as folder:
        async with STORES[name](Path(folder)) as (store, size):
            held = 0
            for step in steps:
                while held < step:
                    await store.claim(claims(held, min(FILLING, step - held)))
                    held += min(FILLING, step - held)
                taken = await size() / held if held else 0.0
                new = await rate([claims(held + at * BATCH, BATCH) for at in range(TIMED)], store.claim)
                held += BATCH * TIMED
                found.append(Cost(name, step, new, await known(store, held), taken))
                print(f"{name} {step:,}: {new:,.0f} new, {found[-1].known_per_s:,.0f} known pages/s", flush=True)
    return found


def table(found: list[Cost]) -> str:
    """Markdown."""
    rows = ["| store | claims held | new pages/s | known pages/s | bytes a page |", "|---|--:|--:|--:|--:|"]
    rows += [
        f"| {of.store} | {of.held:,} | {of.new_per_s:,.0f} | {of.known_per_s:,.0f} | {f'{of.bytes_each:.0f}' if of.held else ''} |"
        for of in found
    ]
    return "\n".join(rows)


def main() -> None:
    """Read the arguments, measure, show."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--held", default="0,100000,1000000,10000000", help="claims held at each step")
    parser.add_argument("--stores", default="sqlite,redis")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    arguments = parser.parse_args()
    steps = sorted(map(int, arguments.held.split(",")))
    found = [cost for name in arguments.stores.split(",") for cost in asyncio.run(measure(name, steps))]
    print(f"{machine()}\n\n{table(found)}")
    if arguments.json:
        arguments.json.write_text(json.dumps({"machine": machine(), "found": [asdict(of) for of in found]}, indent=2))


if __name__ == "__main__":
    main()
