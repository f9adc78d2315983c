"""A bare loop: poll, a multiprocessing pool, produce, commit after each batch."""

from __future__ import annotations

import multiprocessing
import signal
import sys

from confluent_kafka import Consumer, Producer
from extractors import EXTRACTORS

SERVERS, RAW, OUT, GROUP, PROCESSES, EXTRACTOR = sys.argv[1:]
extract = EXTRACTORS[EXTRACTOR]


def task(page: tuple[bytes, bytes, str]) -> tuple[bytes, bytes | None]:
    key, payload, url = page
    return key, extract(payload, url)


if __name__ == "__main__":
    stopped: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: stopped.append(number))
    consumer = Consumer(
        {"bootstrap.servers": SERVERS, "group.id": GROUP, "auto.offset.reset": "earliest", "enable.auto.commit": False}
    )
    consumer.subscribe([RAW])
    producer = Producer({"bootstrap.servers": SERVERS})
    with multiprocessing.Pool(int(PROCESSES)) as pool:
        while not stopped:
            records = [record for record in consumer.consume(64, 0.05) if record.error() is None]
            pages = [(record.key(), record.value(), dict(record.headers())["url"].decode()) for record in records]
            for key, found in pool.imap(task, pages, chunksize=4):
                if found:
                    producer.produce(OUT, found, key)
            if records:
                producer.flush()
                consumer.commit(asynchronous=False)
    consumer.close()
