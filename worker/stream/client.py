"""How aiokafka's clients name partitions, and how what they raise is told."""

from __future__ import annotations

from typing import Final, cast

from aiokafka import TopicPartition as ClientPartition
from aiokafka.errors import BrokerResponseError, kafka_errors

from worker.config import KafkaSettings
from worker.records import TopicPartition

# What brokers say and aiokafka knows by no name: it would be an UnknownError.
_NAMES: Final = {
    81: "GroupMaxSizeReached",
    82: "FencedInstanceId",
    87: "InvalidRecord",  # such as one without a key, of a compacted topic
    89: "ThrottlingQuotaExceeded",
}
for _code, _name in _NAMES.items():
    kafka_errors.setdefault(_code, type(_name, (BrokerResponseError,), {"errno": _code, "message": _name}))


def their_partition(partition: TopicPartition) -> tuple[str, int]:
    """A partition as the clients name it."""
    return cast(tuple[str, int], ClientPartition(*partition))


def said(error: BaseException) -> str:
    """An error by its kind and its message, for aiokafka raises many without one."""
    kind, message = type(error).__name__, str(error)
    if kind in message:
        return message
    return f"{kind}: {message}" if message else kind


def no_broker(settings: KafkaSettings, error: BaseException) -> str:
    """What to say where a client could not start."""
    return f"no broker of {', '.join(settings.bootstrap_servers)} could be used: {said(error)}"
