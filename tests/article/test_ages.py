"""Lines of a source and an age."""

from __future__ import annotations

import pytest

from worker.article.ages import source_and_age


@pytest.mark.parametrize(
    ("line", "source", "age"),
    [
        ("Evening Post · 2h", "Evening Post", "2h"),
        ("Morning Ledger · 1 day ago", "Morning Ledger", "1 day ago"),
        ("De Polder - 4 uur geleden", "De Polder", "4 uur geleden"),
        ("il y a 2 heures", None, "il y a 2 heures"),
        ("3시간 전", None, "3시간 전"),
        ("2小时前", None, "2小时前"),
    ],
)
def test_a_line_of_source_and_age_is_taken_apart(line: str, source: str | None, age: str) -> None:
    assert source_and_age(line) == (source, age)


@pytest.mark.parametrize(
    "line", ["Eat 60–90 minutes before your workout", "9. Eat breakfast every day", "The ferry left two hours ago."]
)
def test_a_sentence_that_speaks_of_time_is_no_age(line: str) -> None:
    assert source_and_age(line) is None


@pytest.mark.parametrize(
    ("line", "source", "age"),
    [
        ("Релси и хора, вчера", "Релси и хора", "вчера"),
        ("ידיעות העמק, אתמול", "ידיעות העמק", "אתמול"),
        ("Il-Ħabbar (siegħa ilu)", "Il-Ħabbar", "siegħa ilu"),
        ("አዲስ ዜና - ትናንት", "አዲስ ዜና", "ትናንት"),
        ("Küstenbote, vor einer Stunde", "Küstenbote", "vor einer Stunde"),
    ],
)
def test_source_and_age_may_be_parted_by_a_comma_or_a_bracket(line: str, source: str, age: str) -> None:
    assert source_and_age(line) == (source, age)


def test_a_sentence_with_a_comma_is_no_source_and_age() -> None:
    assert source_and_age("The mill turns again, and nobody knows why") is None
    assert source_and_age("Yaşasın, köprü açıldı") is None
