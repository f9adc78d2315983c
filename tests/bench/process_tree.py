"""What a process and all below it cost: CPU seconds, and memory in which a shared page counts once."""

from __future__ import annotations

import contextlib
import threading

import psutil


def tree(pid: int) -> list[psutil.Process]:
    """A process and its descendants."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    return []


def cpu_s(process: psutil.Process) -> float:
    """CPU seconds of a process, and of children that it has waited for."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return sum(process.cpu_times()[:4])
    return 0.0


def pss_bytes(process: psutil.Process) -> int:
    """Resident memory of a process, its share of what it shares."""
    with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
        return int(process.memory_full_info().pss)
    return 0


class MemoryPeak:
    """Watches the memory of a process and all below it, four times a second."""

    def __init__(self, pid: int) -> None:
        self.bytes = 0
        self._pid = pid
        self._over = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> MemoryPeak:
        self._watcher.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._watcher.join()

    def _watch(self) -> None:
        while not self._over.wait(0.25):
            self.bytes = max(self.bytes, sum(map(pss_bytes, tree(self._pid))))
