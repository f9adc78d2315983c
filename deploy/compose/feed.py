"""Sends the sample pages to the input topic, over and over, each time a few words longer so that most are new.

python feed.py SERVERS TOPIC FOLDER PAGES_A_SECOND
"""

from __future__ import annotations

import asyncio
import itertools
import sys
from pathlib import Path

from aiokafka import AIOKafkaProducer


async def feed(servers: str, topic: str, pages: list[tuple[Path, bytes]], rate: float) -> None:
    """Until it is stopped; one round in four is sent unchanged, for there to be duplicates."""
    producer = AIOKafkaProducer(bootstrap_servers=servers, compression_type="zstd")
    await producer.start()
    try:
        for number in itertools.count():
            for path, whole in pages:
                payload = whole
                if number % 4 and path.suffix == ".html":
                    payload = whole.replace(b"</p>", b" Edition %d.</p>" % number, 1)
                packed = [("content-encoding", b"gzip")] if path.suffix == ".gz" else []
                headers = [] if path.suffix == ".json" else [("url", f"https://demo.example/{path.name}".encode()), *packed]
                await producer.send_and_wait(topic, payload, key=path.name.encode(), headers=headers)
                await asyncio.sleep(1 / rate)
    finally:
        await producer.stop()


if __name__ == "__main__":
    found = [(path, path.read_bytes()) for path in sorted(Path(sys.argv[3]).iterdir())]
    asyncio.run(feed(sys.argv[1], sys.argv[2], found, float(sys.argv[4])))
