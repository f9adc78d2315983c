"""What lines of a plain-text block are, and where the list's marks on them end."""

from __future__ import annotations

import pytest

from worker.article.related.promos import BULLET
from worker.article.related.shapes import enclosed_entry, number_ends, parted_by_number, trailing_meta


@pytest.mark.parametrize(
    "lines",
    [
        ["10 lighthouses you can sleep in", "7 piers that are gone", "3 reasons to take the ferry"],
        ["8 May 2024", "6 May 2024"],
        ["1 day ago", "2 days ago"],
        ["12. Mai 2024", "10. Mai 2024"],
    ],
)
def test_a_figure_that_says_how_many_or_when_is_no_list_number(lines: list[str]) -> None:
    assert number_ends(lines) == [0] * len(lines)


@pytest.mark.parametrize(
    "marks",
    [
        ("1 ", "2 ", "3 "),
        ("3. ", "2. ", "1. "),
        ("1) ", "2) ", "3) "),
        ("#1 ", "#2 ", "#3 "),
        ("[4] ", "[5] ", "[6] "),
        ("၁။ ", "၂။ ", "၃။ "),
    ],
)
def test_list_numbers_bear_a_mark_or_count_from_one(marks: tuple[str, ...]) -> None:
    assert number_ends([f"{mark}Ferry owners fear the future" for mark in marks]) == [len(mark) for mark in marks]


@pytest.mark.parametrize("mark", ["、", ".", "．", ")"])
def test_list_numbers_need_no_blank_where_words_have_none(mark: str) -> None:
    assert number_ends([f"1{mark}橋の上の市場", f"2{mark}三眼桥围挡拆除"]) == [2, 2]
    assert number_ends([f"1{mark}5万人来到桥上", "2月的市场"]) == [0, 0]


def test_numbered_entries_are_parted_at_their_numbers_and_not_at_other_figures() -> None:
    groups = [["1 Ferry is back", "80 people came", "2 Mill turns again"], ["3 Bridge closed"]]
    assert parted_by_number(groups) == [["Ferry is back", "80 people came"], ["Mill turns again"], ["Bridge closed"]]
    counted = [["10 bridges to cross", "One is of stone"], ["7 ferries to take"]]
    assert parted_by_number(counted) == counted


@pytest.mark.parametrize("bullet", ["• ", "・", "> ", ">> ", "✓ ", "* * ", "– ", "■"])
def test_bullets_are_no_part_of_a_title(bullet: str) -> None:
    assert BULLET.sub("", f"{bullet}橋の上の市場") == "橋の上の市場"


def test_the_address_of_a_link_is_no_source_in_brackets() -> None:
    assert enclosed_entry("Mill by the weir turns again (Evening Post)") is not None
    assert enclosed_entry("[Mill by the weir turns again](https://post.example/a/1)") is None


def test_a_date_may_follow_the_source_in_brackets() -> None:
    said = ("潮見崎線の春を待つ人たち", "沿線タイムス", "5/11(土) 7:00")
    assert trailing_meta("{}（{}）{}".format(*said), None, None) == said
    assert trailing_meta("Ferry owners fear for their boats (Echo) 12 May 2024", None, None)[1] == "Echo"
    assert trailing_meta("Ferry owners fear for their boats (Echo) 12 May 2024", "Herald", None)[1] == "Herald"
    assert trailing_meta("Wend beat Harrowby (after extra time) 3 goals to 2", None, None)[1] is None
    assert trailing_meta("Wend beat Harrowby in the derby (2-1) 3 hours ago", None, None)[1] is None
