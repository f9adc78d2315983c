"""What may be in flight, whatever the pages' sizes."""

from hypothesis import given
from hypothesis import strategies as st

from worker.budget import Budget


def full(max_records=10, max_bytes=1000, sizes=()):
    budget = Budget(max_records=max_records, max_bytes=max_bytes)
    for size in sizes:
        budget.take(size)
    return budget


def test_an_empty_budget_allows_all_its_records():
    assert full().allowance == 10


def test_each_limit_closes_it_alone():
    assert full(sizes=[1] * 10).allowance == 0
    assert full(sizes=[1000]).allowance == 0
    assert full(sizes=[5000]).allowance == 0


def test_free_bytes_become_a_number_by_the_largest_page_seen():
    assert full(sizes=[200]).allowance == 4
    assert full(sizes=[200, 500]).allowance == 0


def test_a_page_larger_than_the_budget_passes_alone():
    budget = full(sizes=[5000])
    budget.give_back(5000)
    assert budget.allowance == 1


def test_a_large_page_is_forgotten_after_some_hundred_small_ones():
    budget = full(max_records=1000, max_bytes=1000, sizes=[1000])
    budget.give_back(1000)
    for _ in range(500):
        budget.take(1)
        budget.give_back(1)
    assert budget.allowance == 1000


def test_there_is_room_again_when_a_tenth_is_free():
    assert not full(sizes=[0] * 10).roomy
    assert full(sizes=[0] * 9).roomy
    assert not full(sizes=[950]).roomy
    assert full(max_records=1).roomy


@given(
    st.data(),
    st.integers(1, 20),
    st.integers(1, 2000),
    st.lists(st.integers(0, 3000), min_size=1, max_size=60),
)
def test_at_most_one_batch_passes_the_byte_limit_and_all_is_given_back(data, max_records, max_bytes, sizes):
    budget, held = Budget(max_records=max_records, max_bytes=max_bytes), []
    while sizes or held:
        allowance = budget.allowance
        assert allowance >= (1 if not held else 0), "an empty budget lets something in, or nothing ever moves"
        assert len(held) + allowance <= max_records
        if sum(held) >= max_bytes:
            assert allowance == 0
        if sizes and allowance and (not held or data.draw(st.booleans())):
            batch, sizes = sizes[:allowance], sizes[allowance:]
            seen = max(held, default=0)
            for size in batch:
                budget.take(size)
            if held and max(batch) <= seen * 0.5:
                assert sum(held) + sum(batch) <= max_bytes, "pages no larger than those in flight fit"
            held += batch
        else:
            budget.give_back(held.pop(data.draw(st.integers(0, len(held) - 1))))
        assert (budget.records, budget.bytes) == (len(held), sum(held))
    assert (budget.records, budget.bytes, budget.roomy) == (0, 0, True)
