"""Entries in step with their ages, in the languages and the formats of many sites, and what an article has in step."""

from __future__ import annotations

import pytest

from worker.article.ages import age_at, source_and_age
from worker.article.moments import newest_first, run_forward
from worker.article.related.split import split_text

ARTICLE = (
    "The county bought the disused viaduct at Marlow Gap on Friday for a single pound and a promise to paint it before winter.",
    "Engineers found the arches sound, though ivy had pushed some of the parapet stones a hand's width apart over sixty years.",
    "Repairs will cost about 900,000 pounds, most of it from a lottery grant, and should be finished before the autumn storms.",
    "A campaign group wants trains to return one day and has asked for the track bed to be kept clear of benches and bins.",
)
TITLES = ("Walkers win a sixty-year argument", "Could trains come back to the Gap?", "Ivy: the slow demolition of old bridges")
NAMES = ("Marlow Mercury", "Hill Radio", "Rail Digest")
AGES = {
    "en": ("Nov 13, 2025, 9:05 am", "Nov 12, 2025, 6:40 pm", "Nov 11, 2025, 2:20 pm"),
    "de": ("vor 2 Std.", "gestern", "11.11."),
    "de, time": ("13. November 2025 um 9:05 Uhr", "12. November 2025 um 18:40 Uhr", "11. November 2025 um 14:20 Uhr"),
    "fr": ("il y a 5 h", "il y a 8 h", "il y a 11 h"),
    "fr, day": ("jeudi 13 novembre 2025", "mercredi 12 novembre 2025", "mardi 11 novembre 2025"),
    "es": ("13/11/2025 a las 09:05", "12/11/2025 a las 18:40", "11/11/2025 a las 14:20"),
    "pt": ("13/11/2025 às 08h14", "12/11/2025 às 19h30", "11/11/2025 às 10h02"),
    "it": ("13 novembre 2025, ore 09.05", "12 novembre 2025, ore 18.40", "11 novembre 2025, ore 14.20"),
    "sv": ("13 november 2025 kl. 09.05", "12 november 2025 kl. 18.40", "11 november 2025 kl. 14.20"),
    "fi": ("13.11.2025 klo 9.05", "12.11.2025 klo 18.40", "11.11.2025 klo 14.20"),
    "cs": ("13. 11. 2025 9:05", "12. 11. 2025 18:40", "11. 11. 2025 14:20"),
    "hu": ("2025. november 13. 9:05", "2025. november 12. 18:40", "2025. november 11. 14:20"),
    "uk": ("14:20, 3 листопада", "09:45, 1 листопада", "18:02, 29 жовтня"),
    "el": ("13.11.2025 | 10:30", "12.11.2025 | 18:15", "12.11.2025 | 09:05"),
    "tr": ("13 Kasım 2025, Perşembe", "12 Kasım 2025, Çarşamba", "11 Kasım 2025, Salı"),
    "ar": ("منذ ٢ ساعات", "منذ ٣ ساعات", "منذ ٥ ساعات"),
    "fa": ("۱۴۰۴/۰۸/۲۲ - ۰۹:۰۵", "۱۴۰۴/۰۸/۲۱ - ۱۸:۴۰", "۱۴۰۴/۰۸/۲۰ - ۱۴:۲۰"),
    "th": ("13 พ.ย. 68 09:05 น.", "12 พ.ย. 68 18:40 น.", "11 พ.ย. 68 14:20 น."),
    "vi": ("Thứ năm, 13/11/2025", "Thứ tư, 12/11/2025", "Thứ ba, 11/11/2025"),
    "id": ("Kamis, 13 Nov 2025 09:05 WIB", "Rabu, 12 Nov 2025 18:40 WIB", "Selasa, 11 Nov 2025 14:20 WIB"),
    "ja": ("11/13(木) 9:05", "11/12(水) 18:40", "11/10(月) 7:00"),
    "zh": ("11月13日 周四", "11月12日 周三", "11月11日 周二"),
    "ko": ("2025.11.13 (목)", "2025.11.12 (수)", "2025.11.11 (화)"),
}


def split(
    layout: str, ages: tuple[str, ...], *, above: tuple[str, ...] = (), below: tuple[str, ...] = ()
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The paragraphs of the article and the titles of the entries."""
    lines = [
        line.format(title=title, name=name, age=age)
        for title, name, age in zip(TITLES, NAMES, ages, strict=True)
        for line in layout.split("/ ")
    ]
    page = split_text("\n".join((*ARTICLE, *above, *lines, *below)))
    return page.paragraphs, tuple(entry.title for entry in page.items)


@pytest.mark.parametrize("ages", AGES.values(), ids=AGES)
@pytest.mark.parametrize("layout", ["{age}/ {title}", "{title}/ {age}", "{title}/ {name} · {age}", "{name}/ {title}/ {age}"])
@pytest.mark.parametrize("above", [(), ("Elsewhere in the valley",), ("Elsewhere in the valley", "9 sources")])
def test_titles_in_step_with_ages_are_a_list_whatever_the_heading(
    layout: str, ages: tuple[str, ...], above: tuple[str, ...]
) -> None:
    assert split(layout, ages, above=above) == (ARTICLE, TITLES)


@pytest.mark.parametrize("name", ["de, time", "fr", "fr, day", "es", "pt", "it", "fi", "cs", "uk", "tr", "vi", "ko"])
@pytest.mark.parametrize("layout", ["{title} {age}", "{title} – {age}", "{title} | {age}", "{title} - {name} - {age}"])
def test_an_age_at_the_end_of_each_title_is_no_part_of_it(layout: str, name: str) -> None:
    assert split(layout, AGES[name], above=("Elsewhere in the valley",)) == (ARTICLE, TITLES)


@pytest.mark.parametrize("below", ["Alle 9 Artikel anzeigen", "Show all 12 articles", "3件すべて表示", "Daha fazla (9)"])
def test_a_line_below_the_last_entry_that_counts_them_is_the_blocks(below: str) -> None:
    assert split("{name} · {age}/ {title}", AGES["de"], above=("So berichten andere",), below=(below,)) == (ARTICLE, TITLES)


@pytest.mark.parametrize(
    ("line", "meta"),
    [
        ("鳥野日報 11/13(木) 9:05 コメント 24件", ("鳥野日報", "11/13(木) 9:05")),
        ("Evening Post · 2h · 12 comments", ("Evening Post", "2h")),
        ("Abendpost - 13. Nov. 9:05 - 12 Kommentare", ("Abendpost", "13. Nov. 9:05")),
        ("Denkmalblatt · vor 2 Std.", ("Denkmalblatt", "vor 2 Std.")),
    ],
)
def test_comments_behind_source_and_age_are_neither(line: str, meta: tuple[str, str]) -> None:
    assert source_and_age(line) == meta


@pytest.mark.parametrize("line", ["· yesterday", "yesterday -", "– 13.11.2025", "| | 2h", "() hier"])
def test_an_age_beside_nothing_but_marks_has_no_title(line: str) -> None:
    assert age_at(line, first=False) is None
    assert age_at(line, first=True) is None


def test_a_figure_before_an_age_is_the_titles() -> None:
    assert age_at("How to use the app in iOS 13 5 days ago", first=False) == ("How to use the app in iOS 13", "5 days ago")


def test_dates_are_compared_under_one_month() -> None:
    assert newest_first(("14:20, 3 листопада", "09:45, 1 листопада", "18:02, 29 жовтня"))
    assert newest_first(("14.05", "12.41", "9.30"))
    assert not newest_first(("07.45", "09.30", "11.00"))
    assert run_forward(("12. Mai 2019", "3. Juni 2021", "9. Juli 2023"))


@pytest.mark.parametrize(
    ("layout", "ages"),
    [
        ("{age}/ {title}", ("12.05.2019", "03.06.2021", "09.07.2023")),
        ("{age}: {title}", ("12. Mai 2019", "3. Juni 2021", "9. Juli 2023")),
        ("{age}: {title}", ("2019", "1958", "1887")),
        ("{title}, {age}", ("10:00", "11:30", "13:15")),
        ("{title}/ {age}", ("10:00", "11:30", "13:15")),
        ("{title} {age}", ("13.12.2025", "15.12.2025", "19.12.2025")),
        ("{title} {age}", ("3-2", "2-1", "1-0")),
        ("{title} {age}", ("12.50", "9.00", "7.25")),
        ("{title} {age}", ("2 hours", "45 minutes", "3 hours")),
        (
            "{age}/ {title} and all of them told the council on the same evening that they had never been asked.",
            ("14:05", "13:50", "13:20"),
        ),
    ],
)
def test_what_came_when_and_what_comes_are_the_articles(layout: str, ages: tuple[str, ...]) -> None:
    paragraphs, titles = split(layout, ages)
    assert titles == ()
    assert paragraphs[: len(ARTICLE)] == ARTICLE


def test_times_of_today_and_yesterday_behind_sources_are_no_programme() -> None:
    rows = {
        "Two steamers for the sand island: times and prices": "River Post, 12:10",
        "How much sand was taken out of the channel": "Ferryman, 13:45",
        "Gardeners want to cross until the first snow": "Garden Gazette, yesterday",
    }
    body = [
        "The ferry to the sand island sails again after two years, and three hundred gardeners came to the landing to see it off.",
        "The channel was dredged in spring, which cost the town four million and took the contractor eleven weeks.",
        "The gardeners ask for a longer season, since their apples must be brought to market in October.",
    ]
    split = split_text("\n".join([*body, "The ferry in four papers", *(f"{title} — {meta}" for title, meta in rows.items())]))
    assert [entry.title for entry in split.items] == list(rows)
    assert [entry.source for entry in split.items] == ["River Post", "Ferryman", "Garden Gazette"]
