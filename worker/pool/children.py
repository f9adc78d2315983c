"""What the supervisor knows of its children and of the pages that they hold."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum

from worker.pool.deadline import Deadline
from worker.pool.frames import Channel
from worker.pool.waiting import Job
from worker.records import SourceRef

HELD = 2
"""Pages that a child may have: one at work, one in hand."""


class State(StrEnum):
    """What a child is at."""

    STARTING = "starting"
    IDLE = "idle"
    BUSY = "busy"
    RETIRING = "retiring"  # does what it holds, gets no more


@dataclass(frozen=True, slots=True)
class ChildStatus:
    """A line of the status page."""

    pid: int | None
    state: State
    ref: SourceRef | None  # the page that it works on
    since: float  # Unix time at which that page, or this state, began
    pages: int  # answered in its life


@dataclass(eq=False, slots=True)
class Child:
    """A process, from the wish for it to its reaping."""

    number: int
    last_words: int  # a file in memory, in which the child's fatal stack is found
    since: float
    channel: Channel = field(init=False)
    deadline: Deadline = field(default_factory=Deadline)  # of the one thing that may take too long: its start, a page, its exit
    pid: int | None = None
    ready: bool = False
    retiring: bool = False  # gets no more pages
    aging: bool = False  # is to be retired once a successor is ready
    alone: bool = False  # works on a suspect
    started: bool = False  # the first of `jobs` has begun
    verdict: str | None = None  # why it has to go
    blamed: Job | None = None  # the page for which it has to
    pages: int = 0
    rss_bytes: int = 0  # after its last page
    jobs: deque[Job] = field(default_factory=deque)  # the one at work first

    @property
    def room(self) -> bool:
        """Whether it may be given a page."""
        return self.ready and not self.retiring and not self.alone and len(self.jobs) < HELD

    @property
    def fresh(self) -> bool:
        """Whether it has done nothing yet, and so is good for a suspect."""
        return not self.pages and not self.jobs and not self.retiring

    @property
    def state(self) -> State:
        """What it is at."""
        if not self.ready:
            return State.STARTING
        if self.retiring:
            return State.RETIRING
        return State.BUSY if self.jobs else State.IDLE
