"""The group's committed offsets, as they are: what aiokafka reads of them can't be trusted while a coordinator moves.

A broker that is not the group's coordinator any more, or has not loaded its offsets yet, says so once for the whole answer, which
then names no partition (KIP-88).  aiokafka looks at the partitions alone and takes that for "nothing was ever committed": a member
would begin at `auto_offset_reset`, and read the topic once more or skip all that it has missed.

And it asks for what is known, not for what is certain.  A coordinator that has just begun may answer from before what its
predecessor confirmed, and one that has not heard the end of a transaction answers from before it.  `require_stable` (KIP-447,
brokers since 2.5) has it wait, or say that it can't tell yet.

A broker that stood still while another took its group over does not know it when it goes on: for a tenth of a second it answers as
the coordinator that it was, with offsets from before.  So another broker, where one answers, must name the one that did.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Collection
from typing import Any, Final, cast
from weakref import WeakKeyDictionary

from aiokafka import TopicPartition as ClientPartition
from aiokafka.client import ConnectionGroup
from aiokafka.errors import GroupCoordinatorNotAvailableError, KafkaError, NoError, NotCoordinatorForGroupError, for_code
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.commit import OffsetFetchRequest_v3
from aiokafka.protocol.coordination import FindCoordinatorRequest
from aiokafka.protocol.types import Boolean, CompactArray, CompactString, Int16, Int32, Int64, Schema, TaggedFields
from aiokafka.structs import OffsetAndMetadata

MOVED: Final = (GroupCoordinatorNotAvailableError, NotCoordinatorForGroupError)  # another broker is to be asked

_NEVER: Final = -1  # an offset that was never committed
_GROUP: Final = 0  # what a coordinator is looked up for
_OTHERS: Final = 3  # brokers that are asked who the coordinator is
_AGREE_S: Final = 1.0  # for their answer
_AGREED_S: Final = 4.0  # that it is good for: brokers give none up sooner (`broker.session.timeout.ms`)

_agreed: WeakKeyDictionary[object, tuple[int, float]] = WeakKeyDictionary()  # whose word each client's coordinator has, until when


class UnstableOffsetCommit(KafkaError):  # type: ignore[misc]  # aiokafka ships no types; nor does it know this error
    """A transaction that will move the offset, or not, has not come to its end."""

    errno = 88
    message = "UNSTABLE_OFFSET_COMMIT"
    retriable = True


class _OffsetFetchResponseV7(Response):  # type: ignore[misc]
    API_KEY = 9
    API_VERSION = 7
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "topics",
            CompactArray(
                ("topic", CompactString("utf-8")),
                (
                    "partitions",
                    CompactArray(
                        ("partition", Int32),
                        ("offset", Int64),
                        ("leader_epoch", Int32),
                        ("metadata", CompactString("utf-8")),
                        ("error_code", Int16),
                        ("tags", TaggedFields),
                    ),
                ),
                ("tags", TaggedFields),
            ),
        ),
        ("error_code", Int16),
        ("tags", TaggedFields),
    )


class _OffsetFetchRequestV7(RequestStruct):  # type: ignore[misc]
    FLEXIBLE_VERSION = True
    API_KEY = 9
    API_VERSION = 7
    RESPONSE_TYPE = _OffsetFetchResponseV7
    SCHEMA = Schema(
        ("group", CompactString("utf-8")),
        (
            "topics",
            CompactArray(
                ("topic", CompactString("utf-8")),
                ("partitions", CompactArray(Int32)),
                ("tags", TaggedFields),
            ),
        ),
        ("require_stable", Boolean),
        ("tags", TaggedFields),
    )


class _OffsetFetch(Request[OffsetFetchRequest_v3 | _OffsetFetchRequestV7]):  # type: ignore[misc]
    API_KEY = 9

    def __init__(self, group: str, partitions: Collection[tuple[str, int]]) -> None:
        numbers: dict[str, list[int]] = defaultdict(list)
        for topic, number in partitions:
            numbers[topic].append(number)
        self._group = group
        self._numbers = numbers

    def build(self, version: type[RequestStruct]) -> RequestStruct:
        if version is _OffsetFetchRequestV7:
            return version(self._group, [(*topic, {}) for topic in self._numbers.items()], True, {})
        return version(self._group, list(self._numbers.items()))


def read_committed_offsets_well(consumer: object) -> None:
    """Have a client that has been started, with a group, ask as it should: for itself, and in `committed`.

    What is retriable it tries again, as before.
    """
    coordinator = cast(Any, consumer)._coordinator

    async def fetch(partitions: Collection[tuple[str, int]]) -> dict[tuple[str, int], OffsetAndMetadata]:
        asked = coordinator.coordinator_id
        answer = (await coordinator._send_req(_OffsetFetch(coordinator.group_id, partitions))).to_object()
        _see_that_it_is_none(answer["error_code"], coordinator)
        await see_that_others_agree(consumer, asked)
        offsets = {}
        for topic in answer["topics"]:
            for found in topic["partitions"]:
                _see_that_it_is_none(found["error_code"], coordinator)
                if found["offset"] != _NEVER:
                    partition = ClientPartition(topic["topic"], found["partition"])
                    offsets[partition] = OffsetAndMetadata(found["offset"], found["metadata"])
        return offsets

    coordinator._do_fetch_commit_offsets = fetch


async def see_that_it_is_loaded(consumer: object, partition: tuple[str, int]) -> None:
    """Raise a KafkaError unless the broker that is asked has the group and has loaded it.

    While it loads, it says yes to every heartbeat, whosever it is.
    """
    coordinator = cast(Any, consumer)._coordinator
    answer = (await coordinator._send_req(_OffsetFetch(coordinator.group_id, [partition]))).to_object()
    _see_that_it_is_none(answer["error_code"], coordinator)


async def see_that_others_agree(consumer: object, node: int) -> None:
    """Raise a KafkaError if another broker names yet another one as the group's coordinator.

    The first that names one decides, and for some seconds; where none does in time, there is nobody else to believe.  Brokers are
    asked on connections that are open, for the client opens one at a time, and may wait for one that is down.
    """
    coordinator = cast(Any, consumer)._coordinator
    agreed, until = _agreed.get(coordinator, (None, 0.0))
    if agreed == node and time.monotonic() < until:
        return
    named = await _named(coordinator, node)
    if named not in (node, None):
        if coordinator.coordinator_id == node:
            coordinator.coordinator_dead()
        raise NotCoordinatorForGroupError
    _agreed[coordinator] = node, time.monotonic() + _AGREED_S


async def _named(coordinator: Any, node: int) -> int | None:
    """The coordinator by the word of another broker than `node`; None where none tells in time."""
    client = coordinator._client
    request = FindCoordinatorRequest(coordinator.group_id, _GROUP)
    asked = [asyncio.ensure_future(client.send(other, request, group=group)) for other, group in _others(client, node)]
    try:
        for answering in asyncio.as_completed(asked, timeout=_AGREE_S):
            try:
                answer = await answering
            except (KafkaError, TimeoutError, OSError):
                continue
            if not answer.error_code:  # one that has just started knows no coordinator
                return cast(int, answer.coordinator_id)
    finally:
        for each in asked:
            each.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
    return None


def _others(client: Any, node: int) -> list[tuple[int, ConnectionGroup]]:
    """Brokers to be asked, and by which connection each: one that is open, or else one broker by one that is to be opened."""
    nodes = [broker.nodeId for broker in client.cluster.brokers() if broker.nodeId != node]
    random.shuffle(nodes)
    own, shared = ConnectionGroup.COORDINATION, ConnectionGroup.DEFAULT  # which may wait for records
    connected = {each for each, connection in client._conns.items() if connection.connected()}
    open_ones = [
        (other, own if (other, own) in connected else shared) for other in nodes if {(other, own), (other, shared)} & connected
    ]
    return open_ones[:_OTHERS] or [(other, own) for other in nodes[:1]]


def _see_that_it_is_none(code: int, coordinator: Any) -> None:
    error = UnstableOffsetCommit if code == UnstableOffsetCommit.errno else for_code(code)
    if error is NoError:
        return
    if error in MOVED:
        coordinator.coordinator_dead()
    raise error
