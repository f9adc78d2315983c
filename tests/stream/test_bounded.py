"""Clients that do not stop are given up, and leave nothing behind."""

import asyncio

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import ProducerClosed

from worker.stream.bounded import Stopping, bounded, stop_producer


async def test_a_client_that_stops_is_waited_for():
    stopped = []

    async def stop():
        await asyncio.sleep(0.01)
        stopped.append(True)

    await bounded(stop(), 10, "a client")
    assert stopped


async def test_one_that_hangs_or_fails_is_given_up_without_a_word_to_the_caller():
    async def fail():
        raise OSError("gone")

    async with asyncio.timeout(10):
        await bounded(asyncio.Event().wait(), 0.01, "a client")
        await bounded(fail(), 10, "a client")


async def test_a_producer_that_can_not_flush_leaves_no_task_behind():
    """Its batch finds no leader; its sender runs, and its client keeps its metadata fresh."""
    before = asyncio.all_tasks()
    stopping = Stopping(0.05)
    sent = []
    for _ in range(3):
        producer = AIOKafkaProducer(bootstrap_servers="127.0.0.1:1")
        producer.client._sync_task = asyncio.create_task(producer.client._md_synchronizer())
        producer._sender._sender_task = asyncio.create_task(producer._sender._sender_routine())
        sent.append(await producer._message_accumulator.add_message(TopicPartition("articles", 0), None, b"article", timeout=1))
        stopping.add(stop_producer(producer), "a producer")
    await stopping.wait()
    async with asyncio.timeout(10):
        while asyncio.all_tasks() != before:
            await asyncio.sleep(0.01)
    assert all(isinstance(waiting.exception(), ProducerClosed) for waiting in sent)
