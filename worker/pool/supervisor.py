"""The pool: hands pages to children, one to work on and one in hand, and deals with every way in which a child can end.

A page that had *started* when its child died earns a strike; what the child merely had in hand goes back to the front of the queue.
After the first strike a page is tried again alone in a process that has done nothing yet, so that neither a neighbour nor an
aged heap is to blame; the second makes it an error.  Children that grew or served long are replaced first and retired then.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import time
from collections import deque
from functools import partial

import structlog

from worker.config import PoolSettings, SimilarNewsSettings
from worker.errors import PageCrash, PageMemory, PageTimeout, PayloadTooLarge, PoolBroken
from worker.metrics import Metrics
from worker.pool.children import HELD, Child, ChildStatus, State
from worker.pool.forkserver import Exit, ForkServer
from worker.pool.frames import Channel, Frame, FrameError, Kind, decode_reply, encode_page, open_channel, reply_limit
from worker.pool.process import LAST_WORDS_BYTES, ChildSettings
from worker.pool.waiting import Job, WaitingJobs
from worker.records import Extraction, Page, SourceRef

_START_TIMEOUT_S = 60.0  # the extractor takes a second to import, on a machine that is not starved
_STACK_GRACE_S = 0.05  # for a hung child to write down where it hangs, and for a result that is already on its way
_EXIT_GRACE_S = 5.0  # for a child that is done to be gone
_KILL_GRACE_S = 2.0  # for a killed child to be reaped
_DEATHS_WINDOW_S = 60.0
_STARTS_AT_ONCE = 64  # the fork server's queue holds less than 300 requests
_MAX_FAILED_STARTS = 5
_FIRST_BACKOFF_S, _LONGEST_BACKOFF_S = 0.1, 5.0
_OLD_AGE = 0.75  # of max_rss: time to be replaced, while there is still room to work
_FAR_BEHIND = 16  # pages that wait for each child: a tenth of a second of work, as most pages go
_NEAR_LIMIT = 0.9  # of max_rss: whoever dies up here, whatever the signal, is taken to have died of memory

_RECYCLED = "recycled"  # beside the reasons of errors, the one reason for a restart that is no fault
_STOPPED = "the pool is stopped"

_log = structlog.get_logger(__name__)


class ExtractionPool:
    """An `Extractor` that outlives its processes."""

    def __init__(
        self,
        settings: PoolSettings,
        *,
        decoded_bytes: int,
        metrics: Metrics,
        similar_news: SimilarNewsSettings | None = None,
        target: str = "worker.pool.child:extract_page",
    ) -> None:
        """Nothing runs until `start`.

        Args:
            settings: how many processes, and what each may take.
            decoded_bytes: what a page may unpack to (`limits.decoded_bytes`).
            similar_news: wordings of blocks of other articles, beside those that are built in.
            metrics: where states and restarts are counted.
            target: the function, as `module:function`, that is called in a child with (ref, page, key, decoded_bytes).
        """
        self._settings = settings
        self._size = settings.size
        self._child_settings = ChildSettings(
            target, decoded_bytes, settings.max_rss, wordings=similar_news.model_dump() if similar_news else {}
        )
        self._restarts = metrics.pool_restarts
        for state in (State.IDLE, State.BUSY, State.STARTING):
            metrics.pool_workers.labels(state).set_function(partial(self._count, state))
        metrics.pool_memory.set_function(lambda: sum(child.rss_bytes for child in list(self._children.values())))
        self._server: ForkServer | None = None
        self._children: dict[int, Child] = {}
        self._numbers = itertools.count(1)
        self._waiting = WaitingJobs()
        self._deaths: deque[float] = deque(maxlen=max(3 * self._size, 10) + 1)  # when the last died that should not have
        self._failed_starts = 0
        self._broken: str | None = None
        self._backoff: asyncio.TimerHandle | None = None
        self._stopping = False
        self._change = asyncio.Event()  # a child came, answered or went: `start` and `stop` look again
        self._max_reply_bytes = reply_limit(decoded_bytes) + (1 << 20)

    async def start(self) -> None:
        """Start the children; they are up and have loaded the extractor when this returns.

        Raises:
            PoolBroken: they can't be started; nothing is left behind.
        """
        self._tend()
        while sum(child.ready for child in self._children.values()) < self._size:
            if self._broken is not None:
                await self.stop(0)
                raise PoolBroken(self._broken)
            await self._next_change()

    async def extract(self, ref: SourceRef, page: Page, key: bytes | None = None) -> Extraction:
        """What came of the page; waits until a child has done it.

        Cancelled, it drops a page that is still queued; one that a child has is let run and its result dropped.

        Raises:
            PoolBroken: no child can be started, or the pool is stopped.
        """
        if self._stopping or self._broken is not None:
            raise PoolBroken(self._broken or _STOPPED)
        number = next(self._numbers) & 0xFFFF_FFFF
        try:
            frame = encode_page(number, ref, page, key)
        except FrameError as error:
            return Extraction(error=PayloadTooLarge(str(error)))
        job = Job(number, ref, page.url, frame, asyncio.get_running_loop().create_future())
        self._waiting.add(job)
        self._dispatch()
        try:
            return await job.done
        finally:
            if job.done.cancelled():
                self._waiting.withdraw(job)

    @property
    def healthy(self) -> bool:
        """False while children die too often, or none is alive."""
        alive = any(child.pid is not None for child in self._children.values())
        dying = len(self._deaths) == self._deaths.maxlen and self._deaths[0] >= time.monotonic() - _DEATHS_WINDOW_S
        return alive and self._broken is None and not dying

    @property
    def behind(self) -> bool:
        """Whether pages wait in numbers: the children have enough to do, however long the next pages take to come."""
        return len(self._waiting.unsuspected) >= _FAR_BEHIND * self._size

    @property
    def stuck(self) -> bool:
        """Whether the supervisor itself has failed: a page runs on past twice its deadline."""
        overdue = time.monotonic() - 2 * self._settings.page_timeout
        return any(child.started and child.since < overdue for child in self._children.values())

    def running(self) -> list[ChildStatus]:
        """What each child is at."""
        epoch = time.time() - time.monotonic()
        return [
            ChildStatus(child.pid, child.state, child.jobs[0].ref if child.started else None, epoch + child.since, child.pages)
            for child in self._children.values()
        ]

    def started(self) -> set[SourceRef]:
        """The pages that children are at; what is queued or prefetched is not among them."""
        return {child.jobs[0].ref for child in self._children.values() if child.started}

    async def stop(self, timeout_s: float) -> None:
        """End the pool: what children hold is finished within the timeout, what is queued raises PoolBroken, no process stays."""
        self._stopping = True
        self._waiting.close(_STOPPED)
        if self._backoff is not None:
            self._backoff.cancel()
        for child in list(self._children.values()):
            if child.ready:
                self._retire(child)
            else:
                self._kill(child, _RECYCLED)
        await self._until_empty(timeout_s)
        for child in list(self._children.values()):
            self._kill(child, _RECYCLED)
        await self._until_empty(_KILL_GRACE_S)
        if self._server is not None:
            server, self._server = self._server, None
            await server.close()
        for child in list(self._children.values()):  # not reaped in time; they died with the fork server
            self._bury(child, Exit("SIGKILL"))

    async def _until_empty(self, timeout_s: float) -> None:
        try:
            async with asyncio.timeout(timeout_s):
                while self._children:
                    await self._next_change()
        except TimeoutError:
            return

    async def _next_change(self) -> None:
        self._change.clear()
        await self._change.wait()

    def _count(self, state: State) -> int:
        states = [child.state for child in list(self._children.values())]
        return states.count(state) + (states.count(State.RETIRING) if state is State.BUSY else 0)

    # -- pages to children ----------------------------------------------------------------------------------------------------

    def _dispatch(self) -> None:
        while self._waiting.suspects and (child := next((c for c in self._children.values() if c.ready and c.fresh), None)):
            child.alone = True
            self._give(child, self._waiting.next_suspect())
        if self._waiting.suspects:
            self._tend()
        for held in range(HELD):  # those first that hold the least
            for child in self._children.values():
                if not self._waiting.unsuspected:
                    return
                if len(child.jobs) == held and child.room:
                    self._give(child, self._waiting.next_unsuspected())

    def _give(self, child: Child, job: Job) -> None:
        child.jobs.append(job)
        child.channel.send(job.frame)
        if len(child.jobs) == 1:
            self._await_beginning(child)

    def _await_beginning(self, child: Child) -> None:
        """A child that has a page and does not begin with it stands still."""
        child.deadline.set(self._settings.page_timeout, self._overdue_beginning, child)

    def _on_frame(self, child: Child, frame: Frame) -> None:
        if frame.kind is Kind.READY and not child.ready:
            self._on_ready(child)
        elif frame.kind is Kind.STARTED and child.jobs and not child.started and frame.number == child.jobs[0].number:
            child.started, child.since = True, time.monotonic()
            child.deadline.set(self._settings.page_timeout, self._overdue, child)
        elif frame.kind is Kind.RESULT and child.started and frame.number == child.jobs[0].number:
            self._on_result(child, frame)
        else:
            raise FrameError(f"a frame {frame.kind.name} can't come now")

    def _on_ready(self, child: Child) -> None:
        child.deadline.cancel()
        child.ready, child.since = True, time.monotonic()
        self._failed_starts, self._broken = 0, None
        if self._backoff is not None:
            self._backoff.cancel()
            self._backoff = None
        self._change.set()
        self._tend()
        self._dispatch()

    def _on_result(self, child: Child, frame: Frame) -> None:
        reply = decode_reply(frame)
        child.deadline.cancel()
        job = child.jobs.popleft()
        child.started, child.alone, child.since = False, False, time.monotonic()
        child.pages += 1
        child.rss_bytes = reply.rss_bytes
        if child.blamed is job and not child.retiring:  # it made it in the last moment
            child.verdict = child.blamed = None
        if reply.stack is not None:
            _log.debug("extraction raised", ref=str(job.ref), url=job.url, error=str(reply.extraction.error), stack=reply.stack)
        if isinstance(reply.extraction.error, PageMemory):
            self._waiting.strike(job, reply.extraction.error)
        elif not job.done.done():
            job.done.set_result(reply.extraction)
        self._change.set()
        if reply.leaving:
            self._see_off(child, PageMemory.reason if isinstance(reply.extraction.error, PageMemory) else _RECYCLED)
        else:
            self._mind_age(child)
            if child.jobs:
                self._await_beginning(child)
        self._dispatch()

    def _see_off(self, child: Child, reason: str) -> None:
        child.retiring = True
        child.verdict = child.verdict or reason
        child.deadline.set(_EXIT_GRACE_S, self._kill, child, reason)
        self._tend()

    def _mind_age(self, child: Child) -> None:
        limit = self._settings.max_pages_per_child
        if child.retiring:
            self._retire(child)
        elif not child.aging and (child.rss_bytes > _OLD_AGE * self._settings.max_rss or (limit and child.pages >= limit)):
            child.aging = True
            self._tend()

    # -- children come and go -------------------------------------------------------------------------------------------------

    def _tend(self) -> None:
        """Start what is missing, retire what has a successor."""
        if self._stopping:
            return
        staying = [child for child in self._children.values() if not child.retiring and not child.aging]
        starting = sum(not child.ready for child in staying)
        missing = min(self._size - len(staying), _STARTS_AT_ONCE - starting)
        if missing <= 0 and self._waiting.suspects and not any(child.fresh for child in staying):
            missing = 1
        if missing > 0 and self._backoff is None:
            while missing and not self._failed_starts:
                self._spawn()
                missing -= 1
            if self._failed_starts:
                delay = min(_FIRST_BACKOFF_S * 2 ** min(self._failed_starts, 10), _LONGEST_BACKOFF_S)  # 2**1024 is no float
                self._backoff = asyncio.get_running_loop().call_later(delay, self._try_again)
        self._retire_the_replaced()

    def _try_again(self) -> None:
        self._backoff = None
        self._spawn()
        if all(child.ready for child in self._children.values()):  # it failed at once; else it will be heard of
            self._tend()

    def _retire_the_replaced(self) -> None:
        serving = [child for child in self._children.values() if child.ready and not child.retiring]
        surplus = len(serving) - self._size
        needed = [child for child in serving if child.alone or (child.fresh and self._waiting.suspects)]
        expendable = sorted((child for child in serving if child not in needed), key=lambda child: (not child.aging, child.number))
        for child in expendable[: max(surplus, 0)]:
            self._retire(child)

    def _retire(self, child: Child) -> None:
        child.retiring = True
        if not child.jobs:
            child.channel.finish()
            child.deadline.set(_EXIT_GRACE_S, self._kill, child, _RECYCLED)

    def _spawn(self) -> None:
        number = next(self._numbers)
        try:
            if self._server is None:
                self._server = ForkServer(
                    self._child_settings, on_forked=self._on_forked, on_exited=self._on_exited, on_lost=self._on_lost
                )
            ours, theirs = open_channel()
            with theirs:
                last_words = os.memfd_create("last-words")
                self._server.fork(number, theirs, last_words)
        except OSError as error:
            self._on_failed_start(str(error))
            return
        self._children[number] = child = Child(number, last_words, time.monotonic())
        child.deadline.set(_START_TIMEOUT_S, self._overdue_start, child)
        child.channel = Channel(
            ours,
            max_bytes=self._max_reply_bytes,
            on_frame=lambda frame: self._on_frame(child, frame),
            on_end=lambda error: self._on_end(child, error),
        )

    def _on_forked(self, number: int, pid: int) -> None:
        if number in self._children:
            self._children[number].pid = pid

    def _on_failed_start(self, trouble: str, *, hopeless: bool = False) -> None:
        if self._backoff is None:  # of many that fail at once, one counts
            self._failed_starts += 1
        _log.error("an extraction process did not start", trouble=trouble, attempts=self._failed_starts)
        if (hopeless or self._failed_starts >= _MAX_FAILED_STARTS) and not any(child.ready for child in self._children.values()):
            self._broken = f"extraction processes can't be started: {trouble}"
            self._waiting.abandon(self._broken)
        self._change.set()

    # -- ways to end ----------------------------------------------------------------------------------------------------------

    def _overdue(self, child: Child) -> None:
        child.verdict, child.blamed = PageTimeout.reason, child.jobs[0]
        self._signal(child, signal.SIGUSR1)  # it writes down its stack
        child.deadline.set(_STACK_GRACE_S, self._kill, child, PageTimeout.reason)

    def _overdue_beginning(self, child: Child) -> None:
        """It may be this process that stood still: what the child has said meanwhile is heard first."""
        child.deadline.set(_STACK_GRACE_S, self._kill, child, PageCrash.reason)

    def _overdue_start(self, child: Child) -> None:
        if child.pid is not None:
            self._kill(child, PageCrash.reason)
        else:
            self._on_unkillable()

    def _on_end(self, child: Child, error: FrameError | None) -> None:
        if error is not None:
            _log.warning("an extraction process broke the protocol", pid=child.pid, error=str(error))
        if child.number in self._children and (error is not None or not child.retiring):
            if child.started:
                child.blamed = child.jobs[0]
            dying = error is None and child.started  # how it ended, and at how much memory, the fork server will say
            self._kill(child, None if dying else PageCrash.reason)

    def _kill(self, child: Child, reason: str | None) -> None:
        child.retiring = True
        child.verdict = child.verdict or reason
        self._signal(child, signal.SIGKILL)
        child.deadline.set(_KILL_GRACE_S, self._on_unkillable)

    def _on_unkillable(self) -> None:
        if self._server is not None:  # it did not reap in time: it stands still
            self._server.kill()

    def _signal(self, child: Child, number: signal.Signals) -> None:
        if self._server is not None:
            self._server.signal(child.number, number)

    def _on_exited(self, number: int, exit_: Exit) -> None:
        child = self._children.get(number)
        if child is None:
            return
        self._bury(child, exit_)
        if not child.ready and not self._stopping:
            self._on_failed_start(exit_.manner)
        self._tend()
        self._dispatch()

    def _on_lost(self, trouble: str | None, killed: bool) -> None:
        _log.error("the fork server ended, and the extraction processes with it", trouble=trouble)
        self._server = None
        unready = any(not child.ready for child in self._children.values())
        for child in list(self._children.values()):
            self._bury(child, Exit("SIGKILL"), blameless=killed and child.blamed is None)
        if unready:
            self._on_failed_start(trouble or "the fork server ended", hopeless=trouble is not None)
        self._tend()
        self._dispatch()

    def _bury(self, child: Child, exit_: Exit, *, blameless: bool = False) -> None:
        del self._children[child.number]
        child.channel.drain()  # a result may lie there
        child.deadline.cancel()
        reason = self._reason(child, exit_)
        self._restarts.labels(reason).inc()
        if reason != _RECYCLED:
            self._deaths.append(time.monotonic())
            _log.warning(
                "an extraction process died",
                pid=child.pid,
                reason=reason,
                manner=exit_.manner,
                peak_rss=exit_.peak_rss,
                ref=str(child.jobs[0].ref) if child.started else None,
                url=child.jobs[0].url if child.started else None,
                stack=os.pread(child.last_words, LAST_WORDS_BYTES, 0).decode("utf-8", "replace") or None,
            )
        os.close(child.last_words)
        if child.started and not blameless and (child.blamed is None or child.blamed is child.jobs[0]):
            self._punish(child.jobs.popleft(), reason, exit_)
        while child.jobs:
            self._waiting.put_back(child.jobs.pop())
        self._change.set()

    def _reason(self, child: Child, exit_: Exit) -> str:
        if child.verdict is not None:
            return child.verdict
        if child.retiring and not child.started:
            return _RECYCLED
        return PageMemory.reason if exit_.peak_rss >= _NEAR_LIMIT * self._settings.max_rss else PageCrash.reason

    def _punish(self, job: Job, reason: str, exit_: Exit) -> None:
        if reason == _RECYCLED:  # only `stop` kills a child at work for no fault of the page
            job.abandon(_STOPPED)
        elif reason == PageTimeout.reason:
            self._waiting.strike(job, PageTimeout(f"extraction took more than {self._settings.page_timeout:g} s, twice"))
        elif reason == PageMemory.reason:
            self._waiting.strike(
                job, PageMemory(f"extraction ended its process ({exit_.manner}) at {exit_.peak_rss} bytes of memory, twice")
            )
        else:
            self._waiting.strike(job, PageCrash(f"extraction ended its process ({exit_.manner}), twice"))
