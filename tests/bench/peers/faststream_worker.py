"""FastStream: a subscriber that hands pages to a process pool.

Several pages at a time need its `max_workers`, which acknowledges a page before it is read: less than what the others promise.
"""

from __future__ import annotations

import asyncio
import sys
from concurrent.futures import ProcessPoolExecutor

from extractors import EXTRACTORS
from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker, KafkaMessage

SERVERS, RAW, OUT, GROUP, PROCESSES, EXTRACTOR = sys.argv[1:]
extract = EXTRACTORS[EXTRACTOR]
broker = KafkaBroker(SERVERS, logger=None)
pool = ProcessPoolExecutor(int(PROCESSES))


@broker.subscriber(
    RAW,
    group_id=GROUP,
    auto_offset_reset="earliest",
    isolation_level="read_committed",
    max_workers=4 * int(PROCESSES),
    ack_policy=AckPolicy.ACK_FIRST,
)
async def handle(message: KafkaMessage) -> None:
    record = message.raw_message
    headers = dict(record.headers)
    found = await asyncio.get_running_loop().run_in_executor(pool, extract, record.value, headers["url"].decode())
    if found:
        await broker.publish(found, OUT, key=record.key)


if __name__ == "__main__":
    asyncio.run(FastStream(broker, logger=None).run())
