"""When it opens, when it closes, and against a list that forgets nothing too early."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from worker.breaker import Breaker


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_it_opens_beyond_the_ratio_says_why_and_closes_after_the_window() -> None:
    clock = Clock()
    breaker = Breaker(max_ratio=0.5, min_sample=10, window_s=60, clock=clock)
    for reason in [None] * 5 + ["crash"] * 3 + ["timeout"] * 2:
        breaker.record(reason)
    assert breaker.why_open is None, "half is not more than half"
    breaker.record("crash")
    assert breaker.why_open is not None
    assert breaker.why_open.startswith("6 of the last 11 records became dead letters (4 crash, 2 timeout)")
    clock.now += 59.9
    assert breaker.why_open
    clock.now += 0.2
    assert breaker.why_open is None
    for _ in range(9):
        breaker.record("crash")
    assert breaker.why_open is None, "a new sample is needed"
    breaker.record("crash")
    assert breaker.why_open


def test_a_ratio_of_one_never_opens() -> None:
    breaker = Breaker(max_ratio=1.0, min_sample=1, window_s=60)
    for _ in range(100):
        breaker.record("crash")
    assert breaker.why_open is None


def test_what_settles_while_it_is_open_does_not_keep_it_open() -> None:
    clock = Clock()
    breaker = Breaker(max_ratio=0.5, min_sample=2, window_s=60, clock=clock)
    for _ in range(2):
        breaker.record("crash")
    clock.now += 50
    breaker.record("crash")
    clock.now += 11
    assert breaker.why_open is None
    breaker.record("crash")
    assert breaker.why_open is None


@given(st.lists(st.tuples(st.floats(0, 30), st.booleans()), max_size=80), st.integers(1, 12), st.floats(0.1, 0.9))
def test_it_opens_when_a_plain_list_would(steps: list[tuple[float, bool]], min_sample: int, max_ratio: float) -> None:
    clock = Clock()
    breaker = Breaker(max_ratio=max_ratio, min_sample=min_sample, window_s=60, clock=clock)
    seen: list[tuple[float, bool]] = []
    for pause, dead in steps:
        clock.now += pause
        breaker.record("crash" if dead else None)
        seen.append((clock.now, dead))

        def over(seconds: float) -> bool:
            recent = [died for at, died in seen if at > clock.now - seconds]
            return len(recent) >= min_sample and sum(recent) > max_ratio * len(recent)

        if breaker.why_open:
            # A slice is forgotten whole, up to one slice late.
            assert any(over(60 + late / 10) for late in range(11))
            return
        assert not all(over(60 + late / 10) for late in range(11))
