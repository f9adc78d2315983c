"""The pool under real processes and real signals."""

import asyncio
import contextlib
import errno
import os
import random
import select
import signal
import socket
import time
from pathlib import Path

import orjson
import psutil
import pytest
import structlog

from worker.config import PoolSettings
from worker.errors import ExtractionFailed, NoMainText, PageCrash, PageMemory, PageTimeout, PoolBroken
from worker.metrics import Metrics
from worker.pool import supervisor as supervisor_module
from worker.pool.forkserver import ForkServer
from worker.pool.supervisor import ExtractionPool, State
from worker.records import Page, SourceRef

HERE = Path(__file__).parent
MIB = 1 << 20


@pytest.fixture
def metrics():
    return Metrics("test")


@pytest.fixture
async def open_pool(metrics, monkeypatch):
    """Pools that are stopped, and have left no process, at the end of the test."""
    monkeypatch.syspath_prepend(str(HERE))
    before = set(psutil.Process().children(recursive=True))
    async with contextlib.AsyncExitStack() as stack:

        async def open_(processes=2, page_timeout="10s", max_rss="512MiB", max_pages_per_child=0, target="pool_targets:obey"):
            settings = PoolSettings(
                processes=processes, page_timeout=page_timeout, max_rss=max_rss, max_pages_per_child=max_pages_per_child
            )
            pool = ExtractionPool(settings, decoded_bytes=MIB, metrics=metrics, target=target)
            stack.push_async_callback(pool.stop, 0)
            await pool.start()
            return pool

        yield open_
    assert set(psutil.Process().children(recursive=True)) <= before


def ref(offset):
    return SourceRef("pages", 0, offset)


def page(order, size=0):
    return Page(order.encode() + b" " * size, url="fast")


async def until(condition):
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.005)


def at_work(pool):
    return {status.ref.offset: status for status in pool.running() if status.ref is not None}


def restarts(metrics, reason):
    return metrics.registry.get_sample_value("winnow_pool_restarts_total", {"reason": reason}) or 0


def workers(metrics, state):
    return metrics.registry.get_sample_value("winnow_pool_workers", {"state": state})


async def kill_at_work(pool, offset):
    """Kill the process that works on a page, and see it gone."""
    await until(lambda: offset in at_work(pool))
    pid = at_work(pool)[offset].pid
    os.kill(pid, signal.SIGKILL)
    await until(lambda: pid not in {status.pid for status in pool.running()})


def gone(pid):
    """Whether a process has ended; a zombie has."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


async def fine(pool, offset=1000):
    extraction = await pool.extract(ref(offset), page("fine"))
    assert extraction.error is None
    assert extraction.article == b"%d " % offset
    return int(extraction.content_hash)


async def test_a_page_comes_back_with_all_that_the_child_says_of_it(open_pool):
    pool = await open_pool()
    extraction = await pool.extract(ref(7), page("sleep 0.01"), b"key\xff")
    assert extraction.article == b"7 key\xff"
    assert (extraction.path, extraction.similar_items, extraction.error) == ("fast", 3, None)
    assert 0.01 <= extraction.duration_s < 5


async def test_pages_larger_than_the_sockets_buffers_arrive_whole(open_pool):
    pool = await open_pool()
    done = await asyncio.gather(*(pool.extract(ref(i), page("fine", size=16 * MIB)) for i in range(8)))
    assert [extraction.article for extraction in done] == [b"%d " % i for i in range(8)]


async def test_the_memory_of_children_is_shown(open_pool, metrics):
    pool = await open_pool(processes=1)
    await pool.extract(ref(1), page("fine"))
    assert metrics.registry.get_sample_value("winnow_pool_resident_memory_bytes") > 5 << 20


async def test_children_are_ready_when_start_returns(open_pool, metrics):
    pool = await open_pool(processes=3)
    assert [status.state for status in pool.running()] == [State.IDLE] * 3
    assert workers(metrics, "idle") == 3
    assert pool.healthy
    assert not pool.stuck


async def test_idle_children_take_pages_before_any_page_is_held_in_hand(open_pool):
    pool = await open_pool(processes=3)
    pages = [asyncio.ensure_future(pool.extract(ref(i), page("sleep 0.3"))) for i in range(3)]
    await until(lambda: len(at_work(pool)) == 3)
    assert len({int((await done).content_hash) for done in pages}) == 3


@pytest.mark.parametrize("order", ["spin", "sleep 60", "backtrack"])
async def test_a_page_that_hangs_is_tried_twice_and_times_out(open_pool, metrics, order):
    pool = await open_pool(page_timeout="200ms")
    extraction = await pool.extract(ref(1), page(order))
    assert isinstance(extraction.error, PageTimeout)
    assert restarts(metrics, "timeout") == 2
    await fine(pool)


@pytest.mark.parametrize("order", ["segv", "kill", "exit 0", "exit 3", "abort", "null", "garbage", "close-all"])
async def test_a_page_that_ends_its_process_is_tried_twice_and_is_a_crash(open_pool, metrics, order):
    pool = await open_pool()
    extraction = await pool.extract(ref(1), page(order))
    assert isinstance(extraction.error, PageCrash)
    assert restarts(metrics, "crash") == 2
    await fine(pool)


@pytest.mark.parametrize(
    "said",
    [
        {"content_hash": 5},
        {"content_hash": "ab"},
        {"path": ["fast"]},
        {"path": "no such"},
        {"similar_items": -1},
        {"language": 7},
        {"article": None},
    ],
)
async def test_what_can_not_be_said_of_an_article_is_a_crash(open_pool, metrics, said):
    pool = await open_pool(target="pool_targets:claim")
    extraction = await pool.extract(ref(1), Page(orjson.dumps(said)))
    assert isinstance(extraction.error, PageCrash)
    assert restarts(metrics, "crash") == 2
    assert (await pool.extract(ref(2), Page(b"{}"))).error is None


async def test_a_crash_names_the_signal(open_pool):
    pool = await open_pool()
    extraction = await pool.extract(ref(1), page("segv"))
    assert "SIGSEGV" in str(extraction.error)


async def test_the_stack_of_a_crash_is_none_of_an_earlier_page(open_pool, monkeypatch):
    monkeypatch.setattr(supervisor_module, "_STACK_GRACE_S", 20.0)
    pool = await open_pool(processes=1, page_timeout="300ms")
    assert (await pool.extract(ref(1), page("sleep 0.8"))).error is None  # it was late, wrote down its stack, and made it
    with structlog.testing.capture_logs() as said:
        await pool.extract(ref(2), page("null"))
    stack = next(line["stack"] for line in said if line["event"] == "an extraction process died")
    assert stack.startswith("Fatal Python error: Segmentation fault")


async def test_a_page_can_not_fill_memory_in_place_of_its_stack(open_pool):
    pool = await open_pool(processes=1)
    extraction = await pool.extract(ref(1), page("scribble 2"))
    assert isinstance(extraction.error, ExtractionFailed)
    assert "File too large" in str(extraction.error)
    await fine(pool)


async def test_a_page_that_crashes_once_becomes_an_article(open_pool, tmp_path):
    pool = await open_pool()
    extraction = await pool.extract(ref(1), page(f"segv-once {tmp_path / 'marker'}"))
    assert extraction.error is None
    assert extraction.article == b"1 "


async def test_a_process_killed_from_outside_costs_its_page_one_strike_only(open_pool, metrics):
    pool = await open_pool(processes=1)
    done = asyncio.ensure_future(pool.extract(ref(1), page("sleep 0.5")))
    await until(lambda: 1 in at_work(pool))
    os.kill(at_work(pool)[1].pid, signal.SIGKILL)
    assert (await done).error is None
    assert restarts(metrics, "crash") == 1


@pytest.mark.parametrize("order", ["allocate 2000", "allocate-in-c 2000"])
async def test_a_page_that_takes_too_much_memory_is_tried_twice(open_pool, metrics, order):
    pool = await open_pool(max_rss="256MiB")
    extraction = await pool.extract(ref(1), page(order))
    assert isinstance(extraction.error, PageMemory)
    await until(lambda: restarts(metrics, "memory") == 2)
    await fine(pool)


async def test_a_process_that_starved_is_replaced_and_its_page_tried_again(open_pool, metrics, tmp_path):
    pool = await open_pool(processes=1)
    before = await fine(pool)
    extraction = await pool.extract(ref(1), page(f"starved-once 1 {tmp_path / 'marker'}"))
    assert extraction.error is None
    assert int(extraction.content_hash) != before
    await until(lambda: restarts(metrics, "memory") == 1)


@pytest.mark.parametrize(
    ("order", "kind", "message"),
    [
        ("raise some words", ExtractionFailed, "ValueError: some words"),
        ("recurse", ExtractionFailed, "RecursionError"),
        ("sys-exit", ExtractionFailed, "SystemExit: 3"),
        ("surrogate", ExtractionFailed, "ValueError"),
        ("no-main-text", NoMainText, "nothing here"),
    ],
)
async def test_an_exception_is_reported_and_its_process_lives_on(open_pool, metrics, order, kind, message):
    pool = await open_pool(processes=1)
    before = await fine(pool)
    extraction = await pool.extract(ref(1), page(order))
    assert type(extraction.error) is kind
    assert message in str(extraction.error)
    assert await fine(pool) == before


async def test_a_url_that_is_no_unicode_does_no_harm(open_pool):
    pool = await open_pool()
    extraction = await pool.extract(ref(1), Page(b"fine", url="http://\ud800/"))
    assert extraction.error is None


async def test_what_a_page_in_hand_suffers_by_its_neighbour_is_no_strike(open_pool):
    pool = await open_pool(processes=1)
    bad = asyncio.ensure_future(pool.extract(ref(1), page("sleep 60")))
    await until(lambda: 1 in at_work(pool))
    in_hand = asyncio.ensure_future(pool.extract(ref(2), page("sleep 60")))
    await asyncio.sleep(0)
    await kill_at_work(pool, 1)
    await kill_at_work(pool, 1)
    assert isinstance((await bad).error, PageCrash)
    await kill_at_work(pool, 2)  # the second's first strike
    await until(lambda: 2 in at_work(pool))
    assert not in_hand.done()
    in_hand.cancel()


async def test_a_suspect_is_alone_in_a_process_that_has_done_nothing(open_pool, tmp_path):
    pool = await open_pool(processes=1)
    before = await fine(pool)
    first = asyncio.ensure_future(pool.extract(ref(1), page(f"segv-once {tmp_path / 'marker'}")))
    others = [asyncio.ensure_future(pool.extract(ref(i), page("fine"))) for i in range(2, 6)]
    suspect = await first
    assert int(suspect.content_hash) != before
    assert [(await other).error for other in others] == [None] * 4


async def test_pages_beside_bad_ones_are_untouched(open_pool):
    pool = await open_pool(page_timeout="300ms", max_rss="256MiB")
    orders = ["fine"] * 60
    bad = {5: "segv", 17: "spin", 23: "allocate 2000", 31: "exit 0", 44: "raise x", 52: "garbage"}
    for position, order in bad.items():
        orders[position] = order
    done = await asyncio.gather(*(pool.extract(ref(i), page(order, size=100_000)) for i, order in enumerate(orders)))
    kinds = {i: type(extraction.error) for i, extraction in enumerate(done) if extraction.error is not None}
    assert kinds == {5: PageCrash, 17: PageTimeout, 23: PageMemory, 31: PageCrash, 44: ExtractionFailed, 52: PageCrash}
    assert all(extraction.article == b"%d " % i for i, extraction in enumerate(done) if i not in bad)


async def test_every_page_has_one_result_while_processes_are_killed_at_random(open_pool):
    pool = await open_pool()
    dice = random.Random(7)

    async def kill_at_random():
        while True:
            await asyncio.sleep(dice.uniform(0.02, 0.08))
            pids = [status.pid for status in pool.running() if status.pid is not None]
            if pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(dice.choice(pids), signal.SIGKILL)

    killer = asyncio.ensure_future(kill_at_random())
    done = await asyncio.gather(*(pool.extract(ref(i), page("sleep 0.005")) for i in range(200)))
    killer.cancel()
    for i, extraction in enumerate(done):
        assert extraction.article == b"%d " % i or isinstance(extraction.error, PageCrash)
    assert sum(extraction.error is None for extraction in done) > 150


async def test_a_cancelled_page_that_is_queued_is_never_run(open_pool, tmp_path):
    pool = await open_pool(processes=1)
    held = [asyncio.ensure_future(pool.extract(ref(i), page("sleep 0.2"))) for i in range(2)]
    await until(lambda: 0 in at_work(pool))
    marker = tmp_path / "marker"
    queued = asyncio.ensure_future(pool.extract(ref(2), page(f"segv-once {marker}")))
    await asyncio.sleep(0)
    queued.cancel()
    await asyncio.gather(*held)
    await fine(pool)
    assert queued.cancelled()
    assert not marker.exists()


async def test_a_cancelled_page_that_has_started_is_run_and_its_result_dropped(open_pool, metrics):
    pool = await open_pool(processes=1)
    before = await fine(pool)
    started = asyncio.ensure_future(pool.extract(ref(1), page("sleep 0.2")))
    await until(lambda: 1 in at_work(pool))
    started.cancel()
    assert await fine(pool) == before
    assert restarts(metrics, "crash") == 0


async def test_a_cancelled_page_that_crashes_is_not_tried_again(open_pool, metrics):
    pool = await open_pool(processes=1)
    started = asyncio.ensure_future(pool.extract(ref(1), page("sleep 60")))
    await until(lambda: 1 in at_work(pool))
    pid = at_work(pool)[1].pid
    started.cancel()
    os.kill(pid, signal.SIGKILL)
    await fine(pool)
    assert restarts(metrics, "crash") == 1


async def test_a_process_is_replaced_after_its_share_of_pages(open_pool, metrics):
    pool = await open_pool(processes=2, max_pages_per_child=10)
    seen: set[str] = set()
    async with asyncio.timeout(60):  # on a busy machine what has had its share goes on until the next is there
        while len(seen) < 4:
            done = await asyncio.gather(*(pool.extract(ref(i), page("fine")) for i in range(50)))
            seen |= {extraction.content_hash for extraction in done}
    await until(lambda: len(pool.running()) == 2)
    assert restarts(metrics, "recycled") >= 2
    assert restarts(metrics, "crash") == 0
    assert pool.healthy


async def test_a_process_is_replaced_when_it_has_grown(open_pool, metrics):
    pool = await open_pool(processes=1, max_rss="256MiB")
    before = await fine(pool)
    grown = await pool.extract(ref(1), page("allocate 210"))
    assert grown.error is None
    await until(lambda: restarts(metrics, "recycled") == 1 and len(pool.running()) == 1)
    assert await fine(pool) != before


async def test_a_successor_is_there_before_a_process_retires(open_pool):
    pool = await open_pool(processes=1, max_pages_per_child=5)
    serving = []
    for i in range(40):
        await fine(pool, i)
        serving.append(sum(status.state in (State.IDLE, State.BUSY) for status in pool.running()))
    assert min(serving) >= 1


async def test_what_a_child_prints_goes_nowhere(open_pool, capfd):
    pool = await open_pool(processes=1)
    extraction = await pool.extract(ref(1), page("shout"))
    assert extraction.error is None
    captured = capfd.readouterr()
    assert "page text" not in captured.out + captured.err
    assert "shell" not in captured.out + captured.err


async def test_a_child_holds_no_descriptor_but_its_own(open_pool):
    pool = await open_pool(processes=2)
    extraction = await pool.extract(ref(1), page("descriptors"))
    assert str(extraction.error) == "ValueError: /dev/null /dev/null /dev/null /memfd socket"


async def test_a_child_has_read_the_wordings_before_its_first_page(open_pool):
    pool = await open_pool()
    extraction = await pool.extract(ref(1), page("wordings"))
    assert str(extraction.error) == "ValueError: read"


async def test_the_pool_survives_the_death_of_its_fork_server(open_pool):
    pool = await open_pool(processes=2)
    pages = [asyncio.ensure_future(pool.extract(ref(i), page("sleep 0.1"))) for i in range(6)]
    await until(lambda: len(at_work(pool)) == 2)
    victims = [status.pid for status in pool.running()]
    psutil.Process(victims[0]).parent().kill()
    assert [(await done).article for done in pages] == [b"%d " % i for i in range(6)]
    await until(lambda: all(gone(pid) for pid in victims))


async def test_a_page_that_kills_the_fork_server_is_a_crash(open_pool):
    pool = await open_pool(processes=2)
    extraction = await pool.extract(ref(1), page("kill-fork-server"))
    assert isinstance(extraction.error, PageCrash)
    await fine(pool)


async def test_a_fork_server_that_stands_still_is_replaced(open_pool):
    pool = await open_pool(processes=1, page_timeout="200ms")
    hung = asyncio.ensure_future(pool.extract(ref(1), page("spin")))
    await until(lambda: 1 in at_work(pool))
    psutil.Process(at_work(pool)[1].pid).parent().suspend()
    await until(lambda: pool.stuck)
    assert isinstance((await hung).error, PageTimeout)
    await fine(pool)


async def test_pages_beside_a_fork_server_that_stands_still_are_not_to_blame(open_pool):
    pool = await open_pool(processes=2)
    innocent = asyncio.ensure_future(pool.extract(ref(1), page("sleep 1")))
    for _ in range(3):
        await until(lambda: 1 in at_work(pool))
        pool._on_unkillable()
        await until(lambda: not at_work(pool))
    assert (await innocent).error is None


async def test_a_process_that_stands_still_before_it_begins_with_a_page_costs_it_nothing(open_pool):
    pool = await open_pool(processes=1, page_timeout="300ms")
    for offset in range(2):  # two strikes would be an error
        await until(lambda: pool.running()[0].pid)  # the fork server may say it after the child says that it is ready
        (child,) = pool.running()
        os.kill(child.pid, signal.SIGSTOP)
        await fine(pool, offset)
        assert gone(child.pid)


async def test_a_process_that_stands_still_with_a_page_in_hand_costs_it_nothing(open_pool, monkeypatch):
    pool = await open_pool(processes=1, page_timeout="300ms")
    hear = pool._on_frame
    monkeypatch.setattr(pool, "_on_frame", lambda child, frame: None if child.pages == 1 else hear(child, frame))
    assert [done.error for done in await asyncio.gather(*(pool.extract(ref(i), page("fine")) for i in range(2)))] == [None, None]


async def test_a_process_that_began_while_the_worker_stood_still_is_not_killed(open_pool, metrics):
    pool = await open_pool(processes=1, page_timeout="300ms")
    before = await fine(pool)
    [child] = pool._children.values()
    loop, (woken, waking) = asyncio.get_running_loop(), socket.socketpair()

    def stand_still():
        loop.remove_reader(woken)
        os.kill(before, signal.SIGCONT)
        assert select.select([child.channel._end], [], [], 20)[0]
        time.sleep(0.5)  # longer than a page may take to begin

    with woken, waking:
        os.kill(before, signal.SIGSTOP)  # or it might be heard together with what wakes the reader
        done = asyncio.ensure_future(fine(pool))
        await asyncio.sleep(0)
        loop.add_reader(woken, stand_still)
        waking.send(b"x")
        assert await done == before
    assert restarts(metrics, "crash") == 0


@pytest.mark.parametrize("failures", [1, 2, 3])
async def test_a_fork_server_that_can_not_be_started_is_tried_again(open_pool, monkeypatch, failures):
    pool = await open_pool(processes=2)
    left = [BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")] * failures

    def start(*arguments, **settings):
        if left:
            raise left.pop()
        return ForkServer(*arguments, **settings)

    monkeypatch.setattr(supervisor_module, "ForkServer", start)
    pool._server.kill()
    await until(lambda: not pool.running())
    await fine(pool)
    assert left == []


async def test_a_pool_of_any_size_starts_a_few_processes_at_a_time(open_pool, metrics, monkeypatch):
    monkeypatch.setattr(supervisor_module, "_STARTS_AT_ONCE", 2)
    fork, starting = ForkServer.fork, []

    def watch(server, *arguments):
        starting.append(workers(metrics, "starting"))
        fork(server, *arguments)

    monkeypatch.setattr(ForkServer, "fork", watch)
    pool = await open_pool(processes=5)
    assert [status.state for status in pool.running()] == [State.IDLE] * 5
    assert max(starting) == 1  # beside the one that is asked for


async def test_a_start_is_tried_again_however_often_it_has_failed(open_pool, monkeypatch):
    pool = await open_pool(processes=1)
    monkeypatch.setattr(supervisor_module, "_LONGEST_BACKOFF_S", 0.01)
    pool._failed_starts = 5_000
    os.kill(pool.running()[0].pid, signal.SIGKILL)
    async with asyncio.timeout(20):
        await fine(pool)


async def test_a_target_that_is_not_there_breaks_the_pool_at_once(open_pool):
    with pytest.raises(PoolBroken, match="no_such_module"):
        await open_pool(target="no_such_module:f")


@pytest.mark.parametrize("processes", [1, 3])
async def test_processes_that_can_never_be_made_break_the_pool(open_pool, processes):
    with pytest.raises(PoolBroken, match="can't be started"):
        async with asyncio.timeout(60):
            await open_pool(processes=processes, target="no_fork:extract")


async def test_too_many_deaths_make_the_pool_unhealthy_for_a_while(open_pool, monkeypatch):
    pool = await open_pool(processes=2)
    await asyncio.gather(*(pool.extract(ref(i), page("exit 1")) for i in range(6)))
    await fine(pool)
    assert not pool.healthy
    assert len(pool._deaths) == 11  # of twelve: what nobody asks for is not kept
    monkeypatch.setattr(supervisor_module, "_DEATHS_WINDOW_S", 0.0)
    assert pool.healthy


async def test_more_suspects_than_fresh_processes_are_all_tried_again(open_pool, tmp_path):
    pool = await open_pool(processes=1)
    pages = (pool.extract(ref(i), page(f"refused-once {tmp_path / str(i)}")) for i in range(5))
    assert [extraction.error for extraction in await asyncio.gather(*pages)] == [None] * 5


async def test_a_process_that_is_started_for_a_suspect_is_not_retired_before_it_has_it(open_pool, metrics):
    pool = await open_pool(processes=1, max_pages_per_child=1)
    orders = ("fine", "sleep 1", "fine", "sleep 1")  # the third is in the hand of the process that works on the second
    pages = [asyncio.ensure_future(pool.extract(ref(i), page(order))) for i, order in enumerate(orders)]
    await until(lambda: {1, 3} <= at_work(pool).keys())  # a process that has served long enough, and its successor
    await kill_at_work(pool, 1)
    await until(lambda: 1 in at_work(pool))  # alone
    await kill_at_work(pool, 3)
    await until(lambda: {1, 3} <= at_work(pool).keys())
    assert [extraction.error for extraction in await asyncio.gather(*pages)] == [None] * 4
    assert restarts(metrics, "recycled") <= 6


async def test_a_fork_server_whose_worker_goes_and_leaves_something_unread_says_nothing(open_pool, capfd):
    pool = await open_pool(processes=1)
    os.kill(pool.running()[0].pid, signal.SIGKILL)
    time.sleep(0.3)  # it tells so, and nobody reads
    await pool._server.close()
    assert capfd.readouterr().err == ""


async def test_stop_lets_what_has_started_finish(open_pool):
    pool = await open_pool(processes=1)
    started = asyncio.ensure_future(pool.extract(ref(1), page("sleep 0.3")))
    await until(lambda: 1 in at_work(pool))
    await pool.stop(10)
    assert (await started).article == b"1 "


async def test_stop_kills_what_does_not_finish_and_fails_what_waits(open_pool):
    before = set(psutil.Process().children(recursive=True))
    pool = await open_pool(processes=1)
    pages = [asyncio.ensure_future(pool.extract(ref(i), page("spin"))) for i in range(4)]
    await until(lambda: 0 in at_work(pool))
    await pool.stop(0.1)
    for done in pages:
        with pytest.raises(PoolBroken):
            await done
    with pytest.raises(PoolBroken):
        await pool.extract(ref(9), page("fine"))
    assert set(psutil.Process().children(recursive=True)) <= before


async def test_no_process_is_born_into_a_pool_that_stops(open_pool, monkeypatch):
    pool = await open_pool(processes=2)
    started = asyncio.ensure_future(pool.extract(ref(1), page("sleep 1")))
    await until(lambda: 1 in at_work(pool))
    [idle] = [status.pid for status in pool.running() if status.ref is None]
    with monkeypatch.context() as machine:
        machine.setattr(os, "memfd_create", lambda *_: os.open("/no/such/place", os.O_RDONLY))
        os.kill(idle, signal.SIGKILL)
        await until(lambda: pool._backoff is not None)
    born = []
    monkeypatch.setattr(ForkServer, "fork", lambda _, number, *__: born.append(number))
    await pool.stop(10)
    assert (await started).error is None
    assert born == []


async def test_it_is_behind_while_sixteen_pages_wait_for_each_process(open_pool):
    pool = await open_pool(processes=2)
    assert not pool.behind
    at_work_or_in_hand = 2 * 2
    pages = [asyncio.ensure_future(pool.extract(ref(i), page("sleep 0.01"))) for i in range(at_work_or_in_hand + 31)]
    await asyncio.sleep(0)
    assert not pool.behind
    pages.append(asyncio.ensure_future(pool.extract(ref(99), page("fine"))))
    await asyncio.sleep(0)
    assert pool.behind
    await asyncio.gather(*pages)
    assert not pool.behind
