"""How aiokafka's clients name partitions, and how what they raise is told."""

from __future__ import annotations

from typing import Final, cast

from aiokafka import TopicPartition as ClientPartition
from aiokafka.errors import (
    BrokerResponseError,
    CorruptRecordException,
    GroupAuthorizationFailedError,
    InconsistentGroupProtocolError,
    KafkaError,
    TopicAuthorizationFailedError,
    kafka_errors,
)

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


def put_out(settings: KafkaSettings) -> str:
    """What to say where the group does not take a member's word; the client speaks of late polls, which there are not here."""
    why = "the group rebalances, or has given the partitions to another member"
    name = settings.consumer.group_instance_id
    return why if name is None else f"{why}; does another worker run with kafka.consumer.group_instance_id {name}?"


def why_not(error: KafkaError) -> str:
    """What to say where a consumer can't go on."""
    match error:
        case TopicAuthorizationFailedError() | GroupAuthorizationFailedError():
            return f"not allowed to read: {said(error)}; grant READ on the topic and on the group"
        case CorruptRecordException():
            return (
                f"records are damaged: {said(error)}; the log has their offsets: set the group's behind them, or have them taken as"
                " they are with kafka.consumer.check_crcs false"
            )
        case InconsistentGroupProtocolError():
            return (
                f"the group does not take this worker: {said(error)}; others of it have another"
                " kafka.consumer.partition_assignment_strategy: end them first"
            )
        case _ if "FencedInstanceId" in said(error):  # the client tells it in the text of another
            return (
                f"another worker has taken this one's place: {said(error)}; give each a kafka.consumer.group_instance_id of its own"
            )
        case _:
            return f"the consumer can't go on: {said(error)}"
