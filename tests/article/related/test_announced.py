"""Lists as they are announced to those who hear a page."""

from __future__ import annotations

import pytest

from worker.article.related.announced import without_announcements

TITLES = ["Ferry returns after storm", "Where the herring went", "Harbour bell rings again"]


@pytest.mark.parametrize(
    ("opening", "entry", "closing"),
    [
        ("list of 3 items", "list {} of 3", "end of list"),
        ("List with 3 items:", "list {} of 3: ", None),
        ("Liste de 3 éléments", "élément {} sur 3 ", "Fin de la liste"),
        ("Liste mit 3 Einträgen", "Eintrag {} von 3 ", "Ende der Liste"),
    ],
)
def test_what_announces_a_list_is_taken_out(opening: str, entry: str, closing: str | None) -> None:
    entries = [f"{entry.format(number)}{title}" for number, title in enumerate(TITLES, 1)]
    apart = [line for number, title in enumerate(TITLES, 1) for line in (entry.format(number), title)]
    around = ([opening], [closing] if closing else [])
    for lines in (entries, apart):
        assert without_announcements(["Before.", *around[0], *lines, *around[1], "After."]) == ["Before.", *TITLES, "After."]


@pytest.mark.parametrize(
    "lines",
    [
        [
            "3 steps to a better lawn",
            "Step 1 of 3: Rake it",
            "Step 2 of 3: Feed it",
            "Step 3 of 3: Leave it alone",
            "More on lawns",
        ],
        ["list of 3 items", "list 1 of 3", "Ferry returns after storm", "list 2 of 3", "Where the herring went"],
        ["The list has 4 of them", "Game 1 of 3 was theirs", "Game 2 of 3 was ours", "Game 3 of 3 is on Sunday"],
        ["1"],
        [],
    ],
)
def test_an_articles_own_list_stays(lines: list[str]) -> None:
    assert without_announcements(lines) == lines


def test_what_is_read_out_and_shown_is_said_once() -> None:
    title = "School bus driver honoured after steering around a hole"
    assert without_announcements([f"{title} {title}", "Published on 21/1/202621/1/2026"]) == [title, "Published on 21/1/2026"]


@pytest.mark.parametrize(
    "line", ["New York, New York", "Row, row your boat Row, row your boot to sea and home", "12345671234567", "2026"]
)
def test_other_repetitions_stay(line: str) -> None:
    assert without_announcements([line]) == [line]
