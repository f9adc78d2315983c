"""The settled prefix, against a plain model."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.errors import NotTracked
from worker.offsets import OffsetTracker


def test_nothing_settled_is_nothing_to_commit():
    tracker = OffsetTracker()
    assert (tracker.committable, tracker.oldest, len(tracker)) == (None, None, 0)
    tracker.register(5)
    assert (tracker.committable, tracker.oldest, len(tracker)) == (None, 5, 1)


def test_the_commit_is_one_past_the_last_settled_and_not_the_next_registered():
    tracker = OffsetTracker()
    for offset in (41, 57):
        tracker.register(offset)
    tracker.settle(41)
    assert tracker.committable == 42


def test_an_offset_settles_once():
    tracker = OffsetTracker()
    for offset in (1, 2):
        tracker.register(offset)
    tracker.settle(2)
    for wrong in (2, 0, 3):
        with pytest.raises(NotTracked) as caught:
            tracker.settle(wrong)
        assert f"offset {wrong} " in str(caught.value)
    tracker.settle(1)
    with pytest.raises(NotTracked):
        tracker.settle(1)


@pytest.mark.parametrize("offset", [4, 5])
def test_a_source_that_goes_back_is_found_out_even_when_all_is_settled(offset):
    tracker = OffsetTracker()
    tracker.register(5)
    tracker.settle(5)
    with pytest.raises(ValueError, match="handed out"):
        tracker.register(offset)


@given(st.data(), st.integers(0, 2**62), st.lists(st.integers(1, 50), max_size=30))
def test_any_order_of_settling_is_that_of_a_plain_list(data, first, gaps):
    tracker, registered, settled, coming = OffsetTracker(), [], set(), [first]
    for gap in gaps:
        coming.append(coming[-1] + gap)
    while coming or len(settled) < len(registered):
        pending = [offset for offset in registered if offset not in settled]
        if coming and (not pending or data.draw(st.booleans())):
            registered.append(coming.pop(0))
            tracker.register(registered[-1])
        else:
            settled.add(chosen := data.draw(st.sampled_from(pending)))
            tracker.settle(chosen)
        unsettled = [offset for offset in registered if offset not in settled]
        prefix = [offset for offset in registered if not unsettled or offset < unsettled[0]]
        assert tracker.committable == (prefix[-1] + 1 if prefix else None)
        assert tracker.oldest == (unsettled[0] if unsettled else None)
        assert len(tracker) == len(registered) - len(prefix)
    assert tracker.committable == registered[-1] + 1
