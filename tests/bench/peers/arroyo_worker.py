"""arroyo: RunTaskWithMultiprocessing between a consumer and a producer, offsets committed when produced."""

from __future__ import annotations

import signal
import sys
from collections.abc import Mapping

from arroyo.backends.kafka import KafkaConsumer, KafkaPayload, KafkaProducer
from arroyo.backends.kafka.configuration import build_kafka_consumer_configuration, build_kafka_producer_configuration
from arroyo.processing import StreamProcessor
from arroyo.processing.strategies import CommitOffsets, Produce, RunTaskWithMultiprocessing
from arroyo.processing.strategies.abstract import ProcessingStrategy, ProcessingStrategyFactory
from arroyo.processing.strategies.run_task_with_multiprocessing import MultiprocessingPool
from arroyo.types import Commit, FilteredPayload, Message, Partition, Topic
from extractors import EXTRACTORS

SERVERS, RAW, OUT, GROUP, PROCESSES, EXTRACTOR = sys.argv[1:]
extract = EXTRACTORS[EXTRACTOR]


def task(message: Message[KafkaPayload]) -> KafkaPayload | FilteredPayload:
    headers = dict(message.payload.headers)
    found = extract(message.payload.value, headers["url"].decode())
    return KafkaPayload(message.payload.key, found, []) if found else FilteredPayload()


class Factory(ProcessingStrategyFactory[KafkaPayload]):
    def __init__(self) -> None:
        self.pool = MultiprocessingPool(int(PROCESSES))
        self.producer = KafkaProducer(build_kafka_producer_configuration({}, [SERVERS]))

    def create_with_partitions(self, commit: Commit, partitions: Mapping[Partition, int]) -> ProcessingStrategy[KafkaPayload]:
        return RunTaskWithMultiprocessing(
            task,
            Produce(self.producer, Topic(OUT), CommitOffsets(commit)),
            max_batch_size=16,
            max_batch_time=0.05,
            pool=self.pool,
            input_block_size=64 << 20,
            output_block_size=16 << 20,
        )

    def shutdown(self) -> None:
        self.producer.close()
        self.pool.close()


if __name__ == "__main__":
    settings = build_kafka_consumer_configuration(
        {}, GROUP, auto_offset_reset="earliest", bootstrap_servers=[SERVERS], enable_auto_commit=False
    )
    processor = StreamProcessor(KafkaConsumer(settings), Topic(RAW), Factory())
    signal.signal(signal.SIGTERM, lambda *_: processor.signal_shutdown())
    processor.run()
