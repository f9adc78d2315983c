"""The arithmetic behind the figures that README gives of throughput."""

from __future__ import annotations

import math

import pytest

from tests.bench.ratios import rate, times_as_much


def test_ratio_of_turns_is_their_geometric_mean() -> None:
    assert times_as_much([200.0, 50.0], [100.0, 100.0])[0] == pytest.approx(1.0)  # twice and half
    assert times_as_much([30.0, 90.0, 60.0], [10.0, 30.0, 20.0]) == pytest.approx((3.0, 0.0))


def test_interval_is_that_of_the_mean_of_logarithms() -> None:
    ratios = [1.0, 2.0, 4.0]
    mean, error = times_as_much(ratios, [1.0] * 3)
    assert mean == pytest.approx(2.0)
    assert error == pytest.approx(2.0 * 1.96 * math.log(2) / math.sqrt(3))  # log 1, 2 and 4 stand log 2 apart


def test_slow_first_and_last_tenth_of_a_turn_do_not_count() -> None:
    steady = [1000.0 + 10 * number for number in range(80)]  # 100 a second
    left = [100.0 * number for number in range(10)] + steady + [steady[-1] + 500.0 * number for number in range(1, 11)]
    assert rate(left) == pytest.approx(100.0)


def test_articles_that_leave_together_are_all_counted() -> None:
    left = [20.0 * (number // 2) for number in range(100)]  # pairs: 100 a second
    assert rate(left) == pytest.approx(100.0, rel=0.02)
