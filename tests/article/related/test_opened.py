"""Entries whose source, town or section stands above the title, on lines of its own or run into it."""

from __future__ import annotations

import pytest

from worker.article.related.items import item
from worker.article.related.opened import without_kickers
from worker.article.related.split import split_text

ARTICLE = (
    "The council of Harrowby approved the new bridge on Monday after a debate that lasted nearly five hours, officials said.",
    "Work will begin in spring and is expected to take two years, according to the contractor.",
    "The old crossing will stay open for cyclists and walkers until the works end, and nobody will have to pay for it.",
)
ENTRIES = [
    ("Bridge for Harrowby at last", "The council voted for it late at night, and the ferry men who had come to…", "Vale Radio"),
    ("Ferry owners fear for the future of their boats", "Nobody will row who can walk.", "The Harrowby Post"),
    ("How the bridges changed the valley", "A hundred years of crossings in pictures.", "Coast Gazette"),
]
READ = [(title, snippet, name) for title, snippet, name in ENTRIES]


def split(lines: list[str]) -> tuple[tuple[str, ...], list[tuple[str, str | None, str | None]]]:
    page = split_text("\n".join((*ARTICLE, *lines)))
    return page.paragraphs, [(entry.title, entry.snippet, entry.source) for entry in page.items]


@pytest.mark.parametrize("glue", ["\n", ""])
@pytest.mark.parametrize("closing", ["5 hours ago\nRead Full Article", "3 min read • 5h ago", "Read more »"])
def test_a_name_above_each_title_is_its_source(closing: str, glue: str) -> None:
    lines = [line for title, snippet, name in ENTRIES for line in (name, f"{title}{glue}{snippet}", closing)]
    assert split(["On the same story", *"\n".join(lines).split("\n")]) == (ARTICLE, READ)


def test_a_town_below_the_name_and_a_link_above_the_age_are_neither_titles_nor_snippets() -> None:
    lines = [
        line
        for (title, snippet, name), town, link in zip(
            ENTRIES, ("· Vale", "· Harrowby, Kent", ""), ("See the Story", "", ""), strict=True
        )
        for line in (name, town, title, snippet, link, "5 hours ago", "Read Full Article")
        if line
    ]
    assert split(["Articles on this story", *lines]) == (ARTICLE, READ)


def test_a_section_above_each_title_is_no_source_and_a_reading_time_below_closes_the_entry() -> None:
    sections = ("BRIDGES", "RIVER", "OPINION")
    lines = [
        line
        for (title, snippet, _), section in zip(ENTRIES, sections, strict=True)
        for line in (section, title, snippet, "Ada Mills · 4 min read")
    ]
    assert split(["Around the valley", *lines]) == (ARTICLE, [(title, snippet, None) for title, snippet, _ in ENTRIES])


def test_a_wording_below_source_and_day_closes_the_entries() -> None:
    lines = [
        line for title, snippet, name in ENTRIES for line in (title, f"{name}, 18 May 2025, 12:02", snippet, "to the whole piece")
    ]
    assert split(lines) == (ARTICLE, READ)


def test_short_titles_above_their_snippets_stay_titles() -> None:
    pairs = [("A bridge at last", ENTRIES[0][1]), ("Ferry owners fear", ENTRIES[1][1]), ("Bridges and valleys", ENTRIES[2][1])]
    found = split(["Related articles", *(line for title, snippet in pairs for line in (title, snippet, "Read more »"))])
    assert found == (ARTICLE, [(title, snippet, None) for title, snippet in pairs])


def test_a_source_that_comes_again_below_titles_takes_no_paragraph() -> None:
    names = ("Vale Radio", "The Harrowby Post", "Coast Gazette", "Vale Radio")
    titles = [*(title for title, *_ in ENTRIES), "Ivy: the slow demolition of old bridges"]
    page = split_text("\n".join((*ARTICLE, *(line for pair in zip(titles, names, strict=True) for line in pair))))
    assert page.paragraphs[: len(ARTICLE)] == ARTICLE


def test_reading_times_below_titles_stay_whole() -> None:
    lines = [line for title, *_ in ENTRIES for line in (title, "Ada Mills · 3 Min. Lesezeit")]
    assert split(["More on the bridge", *lines]) == (ARTICLE, [(title, None, None) for title, *_ in ENTRIES])


@pytest.mark.parametrize("repeated", ["Vale Radio", "Hill Radio"])
def test_an_unknown_wording_closes_entries_whose_sources_come_again(repeated: str) -> None:
    entries = [*ENTRIES, ("Ivy: the slow demolition of old bridges", "Roots do what dynamite did not.", repeated)]
    lines = [line for title, snippet, name in entries for line in (name, title, snippet, "Go to story")]
    assert split(["Elsewhere today", *lines]) == (ARTICLE, entries)


def test_a_wording_right_below_source_and_age_closes_the_entries() -> None:
    lines = [line for title, snippet, name in ENTRIES for line in (title, snippet, f"{name} · 2 hours ago", "Go to story")]
    assert split(["More on the bridge", *lines]) == (ARTICLE, READ)


@pytest.mark.parametrize(
    "titles",
    [
        ["JOKKMOKK Marknaden slog rekord i kylan", "KRÖNIKA Jag saknar att vänta på något"],
        ["BayernBub findet im Bach römische Münze", "VerkehrBahnübergang bleibt bis Pfingsten zu"],
    ],
)
def test_kickers_with_which_all_titles_open_are_taken_off(titles: list[str]) -> None:
    bare = [entry.title for entry in without_kickers(list(map(item, titles)))]
    assert bare in (
        ["Marknaden slog rekord i kylan", "Jag saknar att vänta på något"],
        ["Bub findet im Bach römische Münze", "Bahnübergang bleibt bis Pfingsten zu"],
    )


@pytest.mark.parametrize(
    "titles",
    [
        ["NASA Picks a Crew for the Moon", "NATO Backs a Plan for the North"],
        ["BREAKING NEWS FROM THE NORTH COAST", "WEATHER TO TURN COLD BY TUESDAY"],
        ["YouTube takes down a thousand clips", "LinkedIn asks who you know"],
        ["WEATHER Snow stays until the middle of May", "Farms keep fewer cows than before"],
        ["KRÖNIKA Jag saknar att vänta på något"],
    ],
)
def test_titles_that_open_so_by_themselves_stay(titles: list[str]) -> None:
    assert [entry.title for entry in without_kickers(list(map(item, titles)))] == titles


def test_entries_of_a_text_are_read_without_them() -> None:
    article = "The council of Harrowby approved the new bridge on Monday after a debate of nearly five hours, officials said.\n"
    split = split_text(
        f"{article}Read also\nWEATHER Snow stays until the middle of May\nCOLUMN Why nobody waits for a bus\n{article}"
    )
    assert [entry.title for entry in split.items] == ["Snow stays until the middle of May", "Why nobody waits for a bus"]
