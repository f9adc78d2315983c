"""Lines of a source and an age."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from worker.article.ages import (
    _BETWEEN,
    _ENCLOSED_AGE,
    _ENCLOSING,
    _parts,
    is_age,
    is_date,
    is_full_date,
    may_be_where_and_when,
    part_age,
    source_and_age,
)
from worker.article.moments import newest_first


@pytest.mark.parametrize(
    ("line", "source", "age"),
    [
        ("Evening Post · 2h", "Evening Post", "2h"),
        ("Morning Ledger · 1 day ago", "Morning Ledger", "1 day ago"),
        ("De Polder - 4 uur geleden", "De Polder", "4 uur geleden"),
        ("il y a 2 heures", None, "il y a 2 heures"),
        ("3시간 전", None, "3시간 전"),
        ("2小时前", None, "2小时前"),
        ("Agro Azi / ieri, 17:20", "Agro Azi", "ieri, 17:20"),
        ("Digi Nord / acum 3 ore", "Digi Nord", "acum 3 ore"),
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


def test_a_count_in_brackets_is_no_age() -> None:
    assert source_and_age("Same event (4 papers)") is None
    assert source_and_age("Cùng sự kiện (4 báo)") is None


def test_a_sentence_with_a_comma_is_no_source_and_age() -> None:
    assert source_and_age("The mill turns again, and nobody knows why") is None
    assert source_and_age("Yaşasın, köprü açıldı") is None


@pytest.mark.parametrize(
    "line",
    [
        "Mon 12 May 2024",
        "Monday, May 12, 2024",
        "12 May 2024 at 08:30",
        "12. Mai 2024, 08:30 Uhr",
        "Le 12 mai 2024 à 08h30",
        "12 Mei 2024 10:15 WIB",
        "Nov. 20, 2019 12:00 AM EST",
        "12/05/2024 - 08:30",
        "2024-06-02 16:42:07",
        "2024. 5. 12.",
        "2024년 5월 12일 09:20",
        "5月12日(日)",
        "3月4日 10時",
        "12 मई 2024",
        "12 มิ.ย.",
        "۱۲ اردیبهشت ۱۴۰۳",
    ],
)
def test_dates_are_written_in_many_ways(line: str) -> None:
    assert source_and_age(line) == (None, line)
    assert is_age(line)


@pytest.mark.parametrize(
    "line",
    [
        "Garrow pier loses another plank, 12 May 2024",
        "Garrow pier loses another plank - 12 May 2024",
        "2024-05-08 | Garrow pier loses another plank",
        "六十厘米厚的墙里传出好声音令人惊喜 · 3小时前",
    ],
)
def test_a_whole_title_before_an_age_is_no_source(line: str) -> None:
    assert source_and_age(line) is None


def test_a_source_of_many_words_has_capitals() -> None:
    assert source_and_age("The New York Times Magazine · 2h") == ("The New York Times Magazine", "2h")


@pytest.mark.parametrize(
    ("line", "source", "age"),
    [
        ("Coast Gazette 3 hours ago", "Coast Gazette", "3 hours ago"),
        ("3 hours ago Coast Gazette", "Coast Gazette", "3 hours ago"),
        ("Reuters 3h", "Reuters", "3h"),
        ("南溪日报 2024-05-12 09:20", "南溪日报", "2024-05-12 09:20"),
        ("くらしの窓 2/26(木) 6:00", "くらしの窓", "2/26(木) 6:00"),
        ("Updated 3 hours ago", None, "3 hours ago"),
        ("Published on 21/1/2026", None, "21/1/2026"),
        ("Veröffentlicht am 21.1.2026", None, "21.1.2026"),
        ("Air Date: November 19, 2019", None, "November 19, 2019"),
    ],
)
def test_a_blank_parts_a_name_from_an_age_beyond_doubt(line: str, source: str | None, age: str) -> None:
    assert source_and_age(line) == (source, age)


@pytest.mark.parametrize("line", ["Ferry back in 3 days", "Harrowby beat Garrow 3-2", "Bridge opens 12 May", "4m 2s"])
def test_a_short_title_that_ends_with_a_figure_is_no_name_with_an_age(line: str) -> None:
    assert source_and_age(line) is None


def test_a_text_is_parted_from_the_age_at_either_end() -> None:
    assert part_age("Hospital asks for boats 2024-05-12 09:20") == ("Hospital asks for boats", "2024-05-12 09:20")
    assert part_age("12.05. 10:15 Hospital asks for boats", first=True) == ("Hospital asks for boats", "12.05. 10:15")
    assert part_age("Hospital asks for boats by 12 May") is None
    assert part_age("24 hours in Harrowby", first=True) is None


def test_a_name_and_a_date_with_a_mere_blank_may_be_where_and_when() -> None:
    assert may_be_where_and_when("Market Square 13.05.2024")
    assert not may_be_where_and_when("Coast Gazette · 13.05.2024")
    assert not may_be_where_and_when("Coast Gazette 3 hours ago")


def test_news_are_listed_against_the_order_of_time() -> None:
    assert newest_first(["12.05.2024", "10.05.2024", "28.04.2024"])
    assert newest_first(["3 hours ago", "1 day ago"])
    assert not newest_first(["12.05.2023", "20.06.2023", "03.01.2024"])
    assert not newest_first(["12 May 2024", "20 June 2024"])  # which is later, figures alone don't tell


@pytest.mark.parametrize("date", ["2024. március 2.", "2023. dec. 11.", "2022. augusztus 20. 14:30"])
def test_a_date_may_begin_with_its_year(date: str) -> None:
    assert is_full_date(date)
    assert is_age(date)


def test_what_begins_with_a_year_may_say_more_than_a_date() -> None:
    assert not is_date("2024. március 2024")
    assert not is_date("2024 legjobb 10")


@given(st.text(st.sampled_from("aP2hmd .·•|∙・-–—/,，،、()（）\t\n\u00a0"), max_size=16))
@example("a   P")
@example("a\u00a0\n P")
@example("a, 12 May 2024")
@example("a ,  2h")
def test_marks_that_are_looked_for_first_hide_nothing_from_the_patterns(text: str) -> None:
    assert _parts(text) == _BETWEEN.split(text)
    assert _ENCLOSING.search(text) is not None or _ENCLOSED_AGE.match(text) is None
