"""The Kafka edge: a consumer group's member and an idempotent producer, the only modules that know how aiokafka behaves."""

from worker.stream.kafka_publisher import KafkaPublisher
from worker.stream.kafka_source import KafkaSource

__all__ = ["KafkaPublisher", "KafkaSource"]
