"""A process that has the extractor loaded and does nothing but fork: children are there in milliseconds and share its memory.

It stands where `multiprocessing`'s fork server could stand, for four reasons: that one hands the pipe that keeps it alive to every
child, so that a child in an endless loop outlives a killed parent; it can't be stopped without private functions; it imports the
parent's main module into every child; and it tells nothing of how much memory a dead child had.  This one is the children's parent:
it reaps them and says how they ended, it alone signals them, so that no number of a process is ever used after its reaping, and
when it dies the kernel kills them (`PR_SET_PDEATHSIG`).

The upper half runs in that process, the class `ForkServer` in the worker.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib
import os
import select
import signal
import socket
import subprocess
import sys
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from worker.article import extend_lexicon
from worker.pool.process import ChildSettings, Work, live

_MESSAGE_BYTES = 1 << 16


def serve(control: socket.socket, settings: ChildSettings) -> None:
    """Fork children on demand until the other end of `control` is closed."""
    for ignored in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ignored, signal.SIG_IGN)
    try:
        extend_lexicon(**settings.wordings)
        work = _load(settings.target)
    except BaseException:
        control.send(orjson.dumps(("failed", traceback.format_exc()[-8000:])))
        return
    gc.collect()
    gc.freeze()  # a child's collector leaves these pages alone, and so they stay shared
    with contextlib.suppress(ConnectionError):  # the worker has gone, and left something unread
        _Server(control, work, settings).run()


def _load(target: str) -> Work:
    module, _, name = target.partition(":")
    work: Work = getattr(importlib.import_module(module), name)
    return work


class _Server:
    def __init__(self, control: socket.socket, work: Work, settings: ChildSettings) -> None:
        self._control = control
        self._work = work
        self._settings = settings
        self._pids: dict[int, int] = {}  # a child's number -> its process, until that is reaped

    def run(self) -> None:
        woken, waking = socket.socketpair()
        for end in (woken, waking):
            end.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(waking.fileno(), warn_on_full_buffer=False)
        try:
            self._serve(woken)
        finally:
            signal.set_wakeup_fd(-1)  # children go on dying

    def _serve(self, woken: socket.socket) -> None:
        while True:
            ready, _, _ = select.select([self._control, woken], [], [])
            if woken in ready:
                woken.recv(4096)
                self._reap()
            if self._control in ready:
                message, descriptors, _, _ = socket.recv_fds(self._control, _MESSAGE_BYTES, 2)
                if not message:
                    return
                self._obey(message, descriptors)

    def _obey(self, message: bytes, descriptors: list[int]) -> None:
        number, signal_number = orjson.loads(message)
        if descriptors:
            self._fork(number, *descriptors)
        elif number in self._pids:
            os.kill(self._pids[number], signal_number)

    def _fork(self, number: int, end: int, last_words: int) -> None:
        parent = os.getpid()
        try:
            pid = os.fork()
        except OSError as error:
            self._tell("exited", number, f"fork failed: {error}", 0)
        else:
            if pid == 0:
                try:
                    live(socket.socket(fileno=end), last_words, parent, self._work, self._settings)
                finally:  # whatever happened: a child must never go on as a second fork server
                    os._exit(70)
            self._pids[number] = pid
            self._tell("forked", number, pid)
        os.close(end)
        os.close(last_words)

    def _reap(self) -> None:
        numbers = {pid: number for number, pid in self._pids.items()}
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
                if not pid:
                    return
                if pid in numbers:
                    del self._pids[numbers[pid]]
                    self._tell("exited", numbers[pid], _ending(status), usage.ru_maxrss << 10)

    def _tell(self, *fields: object) -> None:
        self._control.send(orjson.dumps(fields))


def _ending(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    if code >= 0:
        return f"exit status {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


@dataclass(frozen=True, slots=True)
class Exit:
    """How a child ended."""

    manner: str  # SIGSEGV, exit status 1, ...
    peak_rss: int = 0  # bytes, the most that it ever had; 0 where nobody knows


class ForkServer:
    """The worker's handle on its fork server."""

    def __init__(
        self,
        settings: ChildSettings,
        *,
        on_forked: Callable[[int, int], None],
        on_exited: Callable[[int, Exit], None],
        on_lost: Callable[[str | None, bool], None],
    ) -> None:
        """Start the process; children can be asked for at once.

        Args:
            settings: what every child has to know.
            on_forked: called with a child's number and its process id.
            on_exited: called with a child's number when it is reaped, or could not be forked.
            on_lost: called when the fork server ended, and its children with it: with a traceback if it could not load the target,
                and with whether it was ended by `kill`.

        Raises:
            OSError: no process can be started.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, os.fdopen(os.memfd_create("settings"), "w+b") as settings_file:  # they may be more than an argument holds
            settings_file.write(orjson.dumps(asdict(settings)))
            settings_file.seek(0)
            self._process = subprocess.Popen(  # noqa: S603  (our own interpreter and module)
                [sys.executable, "-m", __name__, str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                env={**os.environ, "PYTHONPATH": os.pathsep.join(path or str(Path.cwd()) for path in sys.path)},
                stdin=settings_file,
                stdout=subprocess.DEVNULL,
                process_group=0,  # Ctrl-C at a terminal is for the worker alone
            )
        ours.setblocking(False)
        self._control = ours
        self._loop = asyncio.get_running_loop()
        self._on_forked, self._on_exited, self._on_lost = on_forked, on_exited, on_lost
        self._trouble: str | None = None
        self._open = True
        self._killed = False
        self._loop.add_reader(ours, self._read)

    @property
    def pid(self) -> int:
        return self._process.pid

    def fork(self, number: int, end: socket.socket, last_words: int) -> None:
        """Ask for a child that lives on its end of a channel."""
        self._send((number, 0), [end.fileno(), last_words])

    def signal(self, number: int, signal_number: signal.Signals) -> None:
        """Send a signal to a child, if it is not reaped."""
        self._send((number, signal_number), [])

    def kill(self) -> None:
        """End a fork server that stands still and, through the kernel, all its children; `on_lost` follows."""
        self._killed = True
        self._process.kill()

    async def close(self) -> None:
        """End it for good, without a call of `on_lost`."""
        self._shut()
        try:
            await asyncio.to_thread(self._process.wait, 1)
        except subprocess.TimeoutExpired:
            self._process.kill()
            await asyncio.to_thread(self._process.wait, 5)

    def _send(self, message: tuple[int, int], descriptors: list[int]) -> None:
        if not self._open:
            return
        try:
            socket.send_fds(self._control, [orjson.dumps(message)], descriptors)
        except BlockingIOError:  # its queue is full
            self.kill()
        except OSError:  # it is gone, which is about to be read
            self._process.kill()

    def _read(self) -> None:
        while self._open:
            try:
                message = self._control.recv(_MESSAGE_BYTES)
            except BlockingIOError:
                return
            except ConnectionResetError:  # it ended with requests unread; what it said before is still to come
                continue
            if not message:
                self._shut()
                self._process.kill()
                self._process.wait()
                self._on_lost(self._trouble, self._killed)
                return
            self._hear(message)

    def _hear(self, message: bytes) -> None:
        match orjson.loads(message):
            case ["forked", number, pid]:
                self._on_forked(number, pid)
            case ["exited", number, manner, peak_rss]:
                self._on_exited(number, Exit(manner, peak_rss))
            case ["failed", trouble]:
                self._trouble = trouble

    def _shut(self) -> None:
        if self._open:
            self._open = False
            self._loop.remove_reader(self._control)
            self._control.close()


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])), ChildSettings(**orjson.loads(sys.stdin.buffer.read())))
