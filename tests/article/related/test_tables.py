"""News in the rows of a table that has lost all but its tabs."""

from __future__ import annotations

import pytest

from worker.article.related.split import split_text

ARTICLE = (
    "The council of Harrowby approved the new bridge on Monday after a debate that lasted nearly five hours, officials said.",
    "Work will begin in spring and is expected to take two years, according to the contractor.",
    "The old crossing will stay open for cyclists and walkers until the works end, and nobody will have to pay for it.",
)
ROWS = (
    ("15:20", "Ferry owners fear for the future of their boats", "Coast Gazette"),
    ("13:05", "How the bridges changed the valley", "Valley Echo"),
    ("Mon", "A mill by the weir turns again", "Coast Gazette"),
    ("02/09", "Council looks into a tunnel: “pays off in 90 years”", "Vale Radio"),
)


@pytest.mark.parametrize("named", [("Time", "Latest news", "Source"), ("When", "What", "Who"), ()])
@pytest.mark.parametrize("heading", ["More reports on this story", "On the bridge"])
def test_rows_with_times_that_run_back_are_entries(heading: str, named: tuple[str, ...]) -> None:
    split = split_text("\n".join((*ARTICLE, heading, *("\t".join(row) for row in (named, *ROWS) if row))))
    assert split.paragraphs == ARTICLE
    assert [(entry.published_at, entry.title, entry.source) for entry in split.items] == list(ROWS)


@pytest.mark.parametrize(
    "rows",
    [
        (("13:05", ROWS[0][1], "Town hall"), ("15:20", ROWS[1][1], "Harbour"), ("17:00", ROWS[2][1], "Library")),  # a programme
        (("1", "Harrowby Rowing Club", "24"), ("2", "The Vale Swimmers", "19"), ("3", "Coast Road Runners", "3")),
        (("Rent of a boat for a day", "12.50"), ("Rent of a boat for a week", "70.00"), ("Rent of a pair of oars", "1.00")),
        (ROWS[0], ROWS[1]),
    ],
)
def test_other_tables_stay(rows: tuple[tuple[str, ...], ...]) -> None:
    lines = (*ARTICLE, "On the bridge", *("\t".join(row) for row in rows), ARTICLE[0][:80] + ".")
    split = split_text("\n".join(lines))
    assert split.items == ()
    assert split.paragraphs == tuple(line.replace("\t", " ") for line in lines)
