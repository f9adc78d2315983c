"""Entries that a page strung together in one line."""

from __future__ import annotations

import pytest

from worker.article.related.split import split_text
from worker.article.related.strung import part_strung

ARTICLE = (
    "The council of Harrowby approved the new bridge on Monday after a debate that lasted nearly five hours, officials said.",
    "Work will begin in spring and is expected to take two years, according to the contractor.",
    "The old crossing will stay open for cyclists and walkers until the works end, and nobody will have to pay for it.",
)
TITLES = (
    "Council of Harrowby counts the cost of its bridge",
    "How the old crossing changed the valley",
    "Who will pay for the tunnel?",
)


@pytest.mark.parametrize("mark", ["•", "☞", "▶", "▪"])
@pytest.mark.parametrize("heading", ["Related articles:", "[News that many are reading]", "MORE ON THE TOPIC"])
@pytest.mark.parametrize("between", ["\n", " "])
def test_titles_behind_one_mark_are_entries_below_a_heading_that_speaks_of_articles(heading: str, mark: str, between: str) -> None:
    split = split_text(between.join((*ARTICLE, f"{heading} {' '.join(f'{mark} {title}' for title in TITLES)}")))
    assert split.paragraphs == (ARTICLE if between == "\n" else (" ".join(ARTICLE),))
    assert [entry.title for entry in split.items] == list(TITLES)


def test_titles_behind_times_that_run_back_are_entries() -> None:
    ages = ("14:05", "12:41", "Yesterday")
    rows = " ".join(f"{age} {title}" for age, title in zip(ages, TITLES, strict=True))
    split = split_text("\n".join((*ARTICLE, f"Harrowby as it happens {rows}")))
    assert split.paragraphs == ARTICLE
    assert [(entry.published_at, entry.title) for entry in split.items] == list(zip(ages, TITLES, strict=True))


@pytest.mark.parametrize("heading", ["Read that already?", "Other news!"])
def test_a_heading_that_runs_into_the_first_title_is_none_of_it(heading: str) -> None:
    split = split_text("\n".join((*ARTICLE, f"{heading}{TITLES[0]}", *TITLES[1:])))
    assert split.paragraphs == ARTICLE
    assert [entry.title for entry in split.items] == list(TITLES)


@pytest.mark.parametrize(
    "line",
    [
        "You need: • 200 g of flour from the mill • three eggs of the valley",  # the article's own list
        "Programme 10:00 The council opens its doors 12:41 The bridge is blessed 14:05 The ferry men sing",  # it runs forward
        "Related articles: • Ferries • Bridges",  # names
        "The 14:05 to Harrowby was late, and the 12:41 never came.",
        "News? Nobody had any.",
    ],
)
def test_other_lines_stay_whole(line: str) -> None:
    assert part_strung([line, TITLES[0]]) == [line, TITLES[0]]
