"""An end to waiting for a client to stop: aiokafka's `stop` can hang for as long as no broker answers."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

import structlog
from aiokafka.errors import ProducerClosed

STOP_TIMEOUT_S: Final = 5.0  # includes the flush of what a producer still holds
GRACE_S: Final = 1.0  # for a cancelled stop to unwind

_log = structlog.get_logger()


async def bounded(stopping: Coroutine[object, object, None], timeout_s: float, what: str) -> None:
    """Await `stopping` for `timeout_s`, then give it up.  It never raises: who stops has nobody to tell but the log."""
    task = asyncio.create_task(stopping)
    done, _ = await asyncio.wait({task}, timeout=timeout_s)
    if not done:
        _log.warning("gave up waiting for a client to stop", client=what, timeout_s=timeout_s)
        task.cancel()
        done, _ = await asyncio.wait({task}, timeout=GRACE_S)
    if done and not task.cancelled() and (error := task.exception()) is not None:
        _log.warning("a client did not stop cleanly", client=what, error=repr(error))


async def stop_producer(producer: Any) -> None:
    """Stop aiokafka's producer.  Its own `stop` flushes first; where that is given up, it leaves its tasks and sockets behind."""
    try:
        await producer.stop()
    except asyncio.CancelledError:
        producer._message_accumulator.fail_all(ProducerClosed("given up"))  # ends the flush
        await producer.client.close()  # ends what is on its way, for which the sender would wait
        await producer._sender.close()
        await producer.client.close()  # and what the sender has opened meanwhile
        raise


class Stopping:
    """Clients that stop in the background, each within the same time."""

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, stopping: Coroutine[object, object, None], what: str) -> None:
        """Let a client stop, without waiting for it."""
        task = asyncio.create_task(bounded(stopping, self._timeout_s, what))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def wait(self) -> None:
        """Wait until all have stopped, or their time is over."""
        if self._tasks:
            await asyncio.wait(set(self._tasks))
