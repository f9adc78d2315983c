"""Words above titles that were run into them."""

from __future__ import annotations

import pytest

from worker.article.related.items import item
from worker.article.related.kickers import without_kickers
from worker.article.related.split import split_text


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
