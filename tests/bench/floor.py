"""What aiokafka alone costs, and with it any worker that reads pages through it and hashes them: CPU of one page, by its steps.

    python -m tests.bench.floor [--pages 600] [--size 150000]

A bare loop on uvloop, in one process that has nothing else to do: consume pages, hash them, publish an article for each of them in
batches as large as a worker's.  Two rounds; the second is shown, for the first warms up.
"""

from __future__ import annotations

import argparse
import asyncio
import time
import uuid

import orjson
import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from blake3 import blake3

from tests.bench.pages import URL, page
from tests.bench.rig import Page, create_topics, machine, produce
from tests.kafka_broker import running_broker
from worker.article import extract_article
from worker.config import ProducerSettings

BATCH = 16  # articles that are given to the producer at once
ROUNDS = 2


async def measure(servers: str, pages: list[Page], article: bytes) -> dict[str, float]:
    """Milliseconds of CPU a page, by step."""
    raw, out = (f"floor-{uuid.uuid4().hex[:8]}" for _ in range(2))
    await create_topics(servers, raw, out)
    await produce(servers, raw, pages)
    cost = {}
    consumed: list[bytes] = []
    consumer = AIOKafkaConsumer(raw, bootstrap_servers=servers, auto_offset_reset="earliest", isolation_level="read_committed")
    await consumer.start()
    began = time.process_time()
    while len(consumed) < len(pages):
        for records in (await consumer.getmany(timeout_ms=200)).values():
            consumed += [record.value for record in records]
    cost["consume"] = time.process_time() - began
    await consumer.stop()

    began = time.process_time()
    keys = [blake3(payload).hexdigest(16).encode() for payload in consumed]
    cost["hash"] = time.process_time() - began

    own = ProducerSettings().model_dump() | {"linger_ms": 0}
    producer = AIOKafkaProducer(bootstrap_servers=servers, acks="all", enable_idempotence=True, **own)
    await producer.start()
    began = time.process_time()
    for first in range(0, len(keys), BATCH):
        sent = [await producer.send(out, article, key) for key in keys[first : first + BATCH]]
        await asyncio.gather(*sent)
    cost["publish"] = time.process_time() - began
    await producer.stop()
    return {step: seconds / len(pages) * 1e3 for step, seconds in cost.items()}


def main() -> None:
    """Read the arguments, have a broker, measure, show."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=600)
    parser.add_argument("--size", type=int, default=150_000, help="bytes of a page, about")
    arguments = parser.parse_args()
    pages = [(URL % number, page(number, arguments.size)) for number in range(arguments.pages)]
    article = orjson.dumps(extract_article(pages[0][1], pages[0][0]))
    with running_broker() as servers:
        for _ in range(ROUNDS):
            cost = uvloop.run(measure(servers, pages, article))
    print(f"{machine()}; articles of {len(article) / 1000:.0f} KB\n")
    print(f"| {' | '.join(cost)} | together, CPU ms a page |\n|{'--:|' * (len(cost) + 1)}")
    print(f"| {' | '.join(f'{ms:.2f}' for ms in cost.values())} | {sum(cost.values()):.2f} |")


if __name__ == "__main__":
    main()
