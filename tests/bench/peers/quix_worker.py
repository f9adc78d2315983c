"""Quix Streams: it works in one process, so that one runs as many of them in a group."""

from __future__ import annotations

import logging
import multiprocessing
import signal
import sys
import tempfile

from extractors import EXTRACTORS
from quixstreams import Application

SERVERS, RAW, OUT, GROUP, PROCESSES, EXTRACTOR = sys.argv[1:]


def work(state: str) -> None:
    extract = EXTRACTORS[EXTRACTOR]
    own = {"auto_offset_reset": "earliest", "auto_create_topics": False, "state_dir": state}
    app = Application(broker_address=SERVERS, consumer_group=GROUP, **own)
    logging.getLogger("quixstreams").setLevel(logging.WARNING)
    raw = app.topic(RAW, value_deserializer="bytes", key_deserializer="bytes")
    out = app.topic(OUT, value_serializer="bytes", key_serializer="bytes")
    frame = app.dataframe(raw)
    frame = frame.apply(lambda value, key, timestamp, headers: extract(value, dict(headers)["url"].decode()), metadata=True)
    frame = frame.filter(lambda found: found is not None)
    frame.to_topic(out)
    app.run()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as state:
        workers = [multiprocessing.Process(target=work, args=(state,)) for _ in range(int(PROCESSES))]
        for worker in workers:
            worker.start()
        signal.signal(signal.SIGTERM, lambda *_: [worker.terminate() for worker in workers])
        for worker in workers:
            worker.join()
