"""The protocol around the claims: workers that take records, claim, publish or give up, and die at any step.

A transaction publishes an article and settles its record at once, so a death leaves both or neither; what is left behind in the
store is only the claims.  Whatever the order, all copies of an article end as one publication and duplicates of it, or of a dead
letter that one of them became while the others came.
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


class Step(Enum):
    """What an attempt does next."""

    CLAIM_RAW = 1
    CLAIM_CONTENT = 2
    COMMIT = 3


@dataclass
class Attempt:
    """One worker at one record."""

    record: int
    step: Step = Step.CLAIM_RAW
    claims: list[Claim] = field(default_factory=list)


class ClaimProtocol(RuleBasedStateMachine):
    """Records are numbers; equal `raw` is the same page, equal `content` the same article from different pages."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.pages: list[tuple[str, str]] = []
        self.claimer = Claimer(MemoryClaimStore(3600), on_store_error="pause", metrics=Metrics("test"))
        self.attempts: dict[int, Attempt] = {}
        self.outcomes: dict[int, str | int] = {}  # a duplicate's outcome is the record that it is one of

    def teardown(self) -> None:
        while len(self.outcomes) < len(self.pages):  # all deaths are over: every record comes to its end
            record = min(self.unsettled())
            self.attempts.setdefault(record, Attempt(record))
            self.go_on(record)
        self.nothing_is_doubled()
        for article in {content for _, content in self.pages}:
            copies = {record for record, (_, content) in enumerate(self.pages) if content == article}
            kept = {record for record in copies if self.outcomes[record] in {"published", "dead"}}
            assert kept, f"nothing came of {article}"
            assert {self.first_of(record) for record in copies} <= kept, "a duplicate of nothing"
        self.runner.run(self.claimer.close())
        self.runner.close()

    def first_of(self, record: int) -> int:
        """Follow a duplicate to what it is one of, which may be one itself: the same page of an article that another had."""
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
        raw, content = self.pages[record]
        match attempt.step:
            case Step.CLAIM_RAW:
                self.claim(attempt, ClaimKind.RAW, raw, Step.CLAIM_CONTENT)
            case Step.CLAIM_CONTENT:
                self.claim(attempt, ClaimKind.CONTENT, content, Step.COMMIT)
            case Step.COMMIT:
                self.settle(record, "published")

    def claim(self, attempt: Attempt, kind: ClaimKind, digest: str, then: Step) -> None:
        owner = SourceRef("pages", 0, attempt.record)
        result, holder = self.runner.run(self.claimer.claim(kind, digest, owner))
        if result is ClaimResult.DUPLICATE:
            assert holder is not None
            self.settle(attempt.record, holder.offset)
        else:
            attempt.claims.append(Claim(kind, digest, owner))
            attempt.step = then

    def settle(self, record: int, outcome: str | int) -> None:
        self.outcomes[record] = outcome
        del self.attempts[record]

    @rule(page=sampled_from([("a", "A"), ("b", "A"), ("c", "B")]))
    def arrive(self, page: tuple[str, str]) -> None:
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

    @precondition(lambda self: self.attempts)
    @rule(data=data())
    def fail(self, data: DataObject) -> None:
        """The page is given up: its claims go first, then the dead letter is written."""
        record = data.draw(sampled_from(sorted(self.attempts)))
        self.runner.run(self.claimer.release(self.attempts[record].claims))
        self.settle(record, "dead")

    @invariant()
    def nothing_is_doubled(self) -> None:
        published = [self.pages[record][1] for record, outcome in self.outcomes.items() if outcome == "published"]
        assert len(published) == len(set(published)), "an article was published twice"


ClaimProtocol.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
test_the_protocol = ClaimProtocol.TestCase
