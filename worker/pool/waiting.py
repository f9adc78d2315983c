"""Pages that wait for a child: in the order in which they came, and apart from them those that a child may have died of."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass

from worker.errors import PageError, PoolBroken
from worker.records import Extraction, SourceRef


@dataclass(eq=False, slots=True)
class Job:
    """A page on its way through the pool."""

    number: int
    ref: SourceRef
    url: str | None
    frame: tuple[bytes, ...]
    done: asyncio.Future[Extraction]
    strikes: int = 0

    def abandon(self, why: str) -> None:
        """Tell whoever waits for it that nothing will come."""
        if not self.done.done():
            self.done.set_exception(PoolBroken(why))


class WaitingJobs:
    """Every job is in one of two rows until a child gets it; once closed, none is taken in any more."""

    def __init__(self) -> None:
        self.unsuspected: OrderedDict[int, Job] = OrderedDict()
        self.suspects: OrderedDict[int, Job] = OrderedDict()  # one strike each
        self._closed: str | None = None

    def add(self, job: Job) -> None:
        """A page that is new here."""
        self.unsuspected[job.number] = job

    def next_unsuspected(self) -> Job:
        """The first in its row."""
        return self.unsuspected.popitem(last=False)[1]

    def next_suspect(self) -> Job:
        """The first in its row."""
        return self.suspects.popitem(last=False)[1]

    def withdraw(self, job: Job) -> None:
        """Nobody waits for it any more."""
        self.unsuspected.pop(job.number, None)
        self.suspects.pop(job.number, None)

    def put_back(self, job: Job) -> None:
        """To the front: a child had it in hand, which ended for no fault of its."""
        if job.done.done():
            return
        if self._closed is not None:
            job.abandon(self._closed)
        else:
            row = self.suspects if job.strikes else self.unsuspected
            row[job.number] = job
            row.move_to_end(job.number, last=False)

    def strike(self, job: Job, error: PageError) -> None:
        """A child ended at it: the first time it becomes a suspect, the second time that is the page's error."""
        job.strikes += 1
        if job.done.done():
            return
        if job.strikes > 1:
            job.done.set_result(Extraction(error=error))
        elif self._closed is not None:
            job.abandon(self._closed)
        else:
            self.suspects[job.number] = job

    def abandon(self, why: str) -> None:
        """Give up all that wait now."""
        for row in (self.unsuspected, self.suspects):
            while row:
                _, job = row.popitem()
                job.abandon(why)

    def close(self, why: str) -> None:
        """Give up all that wait, and all that are to wait from now on."""
        self._closed = why
        self.abandon(why)
