"""Where a partition is read from, by the word of all brokers and not of one.

aiokafka follows `auto_offset_reset` as soon as any broker calls an offset out of range; so does one that was frozen and does not
know that it leads no more.  It would read a partition once more, or skip what was never read.  So it is given the policy `none`,
and here is decided what it means.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, Protocol, cast

import structlog
from aiokafka import TopicPartition as ClientPartition

from worker.errors import FatalError
from worker.records import TopicPartition

Policy = Literal["earliest", "latest", "none"]

BEYOND_S: Final = 30.0  # an offset behind its topic's end for so long is no broker's error
_RETRY_S: Final = 0.2

_log = structlog.get_logger()


class Ends(Protocol):
    """What is used of aiokafka's consumer.  Its partitions are named tuples, equal to ours."""

    async def beginning_offsets(self, partitions: Sequence[tuple[str, int]]) -> Mapping[tuple[str, int], int]: ...
    async def end_offsets(self, partitions: Sequence[tuple[str, int]]) -> Mapping[tuple[str, int], int]: ...


async def first_offset(consumer: Ends, partition: TopicPartition, policy: Policy) -> int:
    """Where a group begins that has committed nothing.

    Raises:
        FatalError: it must not begin.
        KafkaError: the brokers do not tell.
    """
    if policy == "none":
        raise FatalError(
            f"the group has committed no offset of {partition}, and kafka.consumer.auto_offset_reset is none;"
            " reset the group's offsets, or allow earliest or latest"
        )
    begin, end = await _kept(consumer, partition)
    return begin if policy == "earliest" else end


async def within_range(consumer: Ends, partition: TopicPartition, offset: int, policy: Policy) -> int:
    """The offset from which to go on, where a broker has called one out of range: that one, or the first that is kept.

    Raises:
        FatalError: records are gone and the policy is none, or the offset lies behind the end and stays there.
        KafkaError: the brokers do not tell.
    """
    deadline = time.monotonic() + BEYOND_S
    while True:
        begin, end = await _kept(consumer, partition)
        if offset <= end:
            break
        if time.monotonic() > deadline:
            raise FatalError(
                f"the next offset of {partition} is {offset}, and its topic ends at {end}: it was made anew or has lost records;"
                " reset the group's offsets"
            )
        await asyncio.sleep(_RETRY_S)
    if offset >= begin:
        return offset
    if policy == "none":
        raise FatalError(
            f"the next offset of {partition} is {offset}, and its topic keeps records from {begin} on;"
            " reset the group's offsets, or allow earliest or latest"
        )
    _log.error("records were removed before they were read", partition=str(partition), first=offset, kept_from=begin)
    return begin


async def _kept(consumer: Ends, partition: TopicPartition) -> tuple[int, int]:
    """The first offset that is kept, and the one behind the last that can be read, asked of who leads now."""
    await cast(Any, consumer)._client.force_metadata_update()
    (begin,) = (await consumer.beginning_offsets([ClientPartition(*partition)])).values()
    (end,) = (await consumer.end_offsets([ClientPartition(*partition)])).values()
    return begin, end
