"""Lines that part entries: labels of advertisements, numbers of rankings, reading times, counts of readers."""

from __future__ import annotations

import pytest

from worker.article.related.labels import without_labels
from worker.article.related.split import split_text

ARTICLE = (
    "The council of Harrowby approved the new bridge on Monday after a debate that lasted nearly five hours, officials said.",
    "The old crossing will stay open for cyclists and walkers until the works end, and nobody will have to pay for it.",
)
TITLES = (
    "Ferry owners fear for the future of their boats",
    "How the bridges changed the valley",
    "The toll that nobody paid at all",
)


@pytest.mark.parametrize("label", ["5 min read", "Lesezeit: 3 Min.", "1,204 views", "조회수 8,214", "Ad", "Advertisement"])
def test_a_label_with_each_entry_is_no_entry_and_no_source(label: str) -> None:
    split = split_text("\n".join((*ARTICLE, "Related", *(line for title in TITLES for line in (title, label)))))
    assert split.paragraphs == ARTICLE
    assert [(entry.title, entry.source) for entry in split.items] == [(title, None) for title in TITLES]


@pytest.mark.parametrize("mark", ["", ".", ")"])
def test_numbers_of_a_ranking_leave_titles_and_sources_beside_each_other(mark: str) -> None:
    names = ("Valley Post", "Radio Wend", "Evening Echo")
    rows = zip(range(1, 4), TITLES, names, strict=True)
    split = split_text(
        "\n".join((*ARTICLE, "Most read", *(line for n, title, name in rows for line in (f"{n}{mark}", title, name))))
    )
    assert [(entry.title, entry.source) for entry in split.items] == list(zip(TITLES, names, strict=True))


@pytest.mark.parametrize(
    "lines",
    [
        ("1", "Lions", "2", "Tigers"),  # cells of a table
        ("1", "Where the money comes from", ARTICLE[0], "2", "What the ferry men say", ARTICLE[1]),  # parts of the article
        ("2", TITLES[0], "3", TITLES[1]),  # the first is gone
        ("1", TITLES[0]),
    ],
)
def test_other_numbers_stay(lines: tuple[str, ...]) -> None:
    assert without_labels(lines) == (list(lines), [])


@pytest.mark.parametrize(
    "label", ["Paid content by AdRiver", "Sponsored by Wend Dairies", "Anzeige von Wend", "Oferecido por Wend"]
)
def test_a_title_at_the_end_goes_with_the_name_of_who_paid_for_it(label: str) -> None:
    paid = "Drivers over 50 are furious about this trick"
    split = split_text("\n".join((*ARTICLE, "Related", *TITLES, paid, label)))
    assert split.paragraphs == ARTICLE
    assert [entry.title for entry in split.items] == list(TITLES)


def test_a_headline_above_who_paid_for_the_article_stays() -> None:
    headline = "Harrowby has a bridge again"
    assert split_text("\n".join((headline, "Sponsored by Wend Dairies", *ARTICLE))).paragraphs == (headline, *ARTICLE)
