"""The protocol around the claims: workers that take records, claim, publish or give up, and die at any step.

A transaction publishes an article and settles its record at once, so a death leaves both or neither; what is left behind in the
store is only claims and notes.  Whatever the order, all copies of an article end as one publication and duplicates of it, or of a
dead letter that one of them became while the others came.  Where the store forgets, articles may come twice, and none is lost.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from enum import Enum

from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from hypothesis.strategies import DataObject, data, sampled_from

from worker.dedup.claimer import Claimer
from worker.dedup.claims import Claim, ClaimKind, ClaimResult
from worker.dedup.memory import MemoryClaimStore
from worker.metrics import Metrics
from worker.records import SourceRef

ARTICLES = {"a": "A", "b": "A", "c": "B"}  # what pages come to, by their bytes


class Step(Enum):
    """What an attempt does next."""

    LOOK_UP = 1
    EXTRACT = 2
    COMMIT = 3


@dataclass
class Attempt:
    """One worker at one record."""

    record: int
    step: Step = Step.LOOK_UP
    claims: list[Claim] = field(default_factory=list)


class ForgetfulStore(MemoryClaimStore):
    """Loses what it is told to lose."""

    def known(self) -> list[tuple[str, str]]:
        return [("note", raw) for raw in self._notes._held] + [("claim", content) for content in self._holders._held]

    def forget(self, what: tuple[str, str]) -> None:
        (self._notes if what[0] == "note" else self._holders).drop(what[1])

    def holders(self) -> set[int]:
        return {holder.offset for holder, _ in self._holders._held.values()}


class NothingIsLost(RuleBasedStateMachine):
    """Records are numbers; pages of equal bytes are the same page."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.pages: list[str] = []
        self.store = ForgetfulStore(3600)
        self.claimer = Claimer(self.store, on_store_error="pause", metrics=Metrics("test"))
        self.attempts: dict[int, Attempt] = {}
        self.outcomes: dict[int, str | int] = {}  # a duplicate's outcome is the record that it is one of

    def teardown(self) -> None:
        while len(self.outcomes) < len(self.pages):  # all deaths are over: every record comes to its end
            record = min(self.unsettled())
            self.attempts.setdefault(record, Attempt(record))
            self.go_on(record)
        self.hold()
        for article in {ARTICLES[page] for page in self.pages}:
            copies = {record for record, page in enumerate(self.pages) if ARTICLES[page] == article}
            kept = {record for record in copies if self.outcomes[record] in {"published", "dead"}}
            assert kept, f"nothing came of {article}"
            assert {self.first_of(record) for record in copies} <= kept, "a duplicate of nothing"
        self.runner.run(self.claimer.close())
        self.runner.close()

    def hold(self) -> None:
        """What holds at any time."""

    def first_of(self, record: int) -> int:
        """Follow a duplicate to what it is one of."""
        seen = {record}
        while isinstance(owner := self.outcomes[record], int):
            assert owner not in seen, "duplicates of each other"
            seen.add(record := owner)
        return record

    def unsettled(self) -> list[int]:
        return [record for record in range(len(self.pages)) if record not in self.outcomes]

    def go_on(self, record: int) -> None:
        """The next step of an attempt."""
        attempt = self.attempts[record]
        page, owner = self.pages[record], SourceRef("pages", 0, record)
        match attempt.step:
            case Step.LOOK_UP:
                attempt.step = Step.EXTRACT
                if (known := self.runner.run(self.claimer.look_up(page))) is not None:
                    self.claim(attempt, ClaimKind.RAW, Claim(known, owner))
            case Step.EXTRACT:
                attempt.step = Step.COMMIT
                self.claim(attempt, ClaimKind.CONTENT, Claim(ARTICLES[page], owner, raw=page))
            case Step.COMMIT:
                self.settle(record, "published")

    def claim(self, attempt: Attempt, kind: ClaimKind, claim: Claim) -> None:
        result, holder = self.runner.run(self.claimer.claim(kind, claim))
        if result is ClaimResult.DUPLICATE:
            assert holder is not None
            self.settle(attempt.record, holder.offset)
        else:
            attempt.claims.append(claim)

    def settle(self, record: int, outcome: str | int) -> None:
        self.outcomes[record] = outcome
        del self.attempts[record]

    @rule(page=sampled_from(sorted(ARTICLES)))
    def arrive(self, page: str) -> None:
        self.pages.append(page)

    @precondition(lambda self: self.unsettled())
    @rule(data=data())
    def take(self, data: DataObject) -> None:
        """A worker begins with a record; if another has begun, that one is fenced and settles nothing any more."""
        record = data.draw(sampled_from(self.unsettled()))
        self.attempts[record] = Attempt(record)

    @precondition(lambda self: self.attempts)
    @rule(data=data())
    def step(self, data: DataObject) -> None:
        self.go_on(data.draw(sampled_from(sorted(self.attempts))))

    @precondition(lambda self: self.attempts)
    @rule(data=data())
    def die(self, data: DataObject) -> None:
        del self.attempts[data.draw(sampled_from(sorted(self.attempts)))]

    @precondition(lambda self: self.extracting())
    @rule(data=data())
    def fail(self, data: DataObject) -> None:
        """The page is given up: its claims go first, then the dead letter is written."""
        record = data.draw(sampled_from(self.extracting()))
        self.runner.run(self.claimer.release(self.attempts[record].claims))
        self.settle(record, "dead")

    def extracting(self) -> list[int]:
        return sorted(record for record, attempt in self.attempts.items() if attempt.step is not Step.LOOK_UP)

    @precondition(lambda self: self.store.known())
    @rule(data=data())
    def forget(self, data: DataObject) -> None:
        """The store loses a key: evicted, of a shard that is gone, or not yet on the disk when it was killed."""
        self.store.forget(data.draw(sampled_from(self.store.known())))


class NothingIsDoubled(NothingIsLost):
    """With a store that forgets nothing."""

    forget = None

    @invariant()
    def hold(self) -> None:
        published = [ARTICLES[self.pages[record]] for record, outcome in self.outcomes.items() if outcome == "published"]
        assert len(published) == len(set(published)), "an article was published twice"
        dead = {record for record, outcome in self.outcomes.items() if outcome == "dead"}
        assert not dead & self.store.holders(), "a dead letter holds a claim, and its replay would be a duplicate of it"


NothingIsLost.TestCase.settings = NothingIsDoubled.TestCase.settings = settings(
    max_examples=150, stateful_step_count=40, deadline=None
)
test_nothing_is_lost = NothingIsLost.TestCase
test_nothing_is_doubled = NothingIsDoubled.TestCase
