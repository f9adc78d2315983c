"""Entries whose ages stand above their titles or amid them."""

from __future__ import annotations

import pytest

from worker.article.related.split import split_text

ARTICLE = (
    "The county bought the disused viaduct at Marlow Gap on Friday for a single pound and a promise to paint it before winter.",
    "Engineers found the arches sound, though ivy had pushed some of the parapet stones a hand's width apart over sixty years.",
    '"People have been walking it illegally since before I was born, so we may as well let them," said councillor Enid Wragg.',
    "Repairs will cost about 900,000 pounds, most of it from a lottery grant, and should be finished before the autumn storms.",
)
# title, snippet, source, age, section, author
ENTRIES = (
    (
        "Viaduct sold to county for a pound",
        "The buyer promised paint and railings.",
        "Marlow Mercury",
        "2 hours ago",
        "RAIL",
        "Tom Birch",
    ),
    ("Walkers win a sixty-year argument", "Trespass notices come down next week.", "Hill Radio", "5 hours ago", "LIFE", "Ann Ode"),
    ("Could trains come back to the Gap?", "Campaigners have drawn up a…", "Rail Digest", "1 day ago", "OPINION", "Guest column"),
)
FIELDS = ("title", "snippet", "source", "age", "section", "author")


def split(layout: str, heading: str, *below: str) -> tuple[tuple[str, ...], list[tuple[str, str | None, str | None]]]:
    entries = (dict(zip(FIELDS, entry, strict=True)) for entry in ENTRIES)
    lines = [" · ".join(entry[field] for field in line.split("+")) for entry in entries for line in layout.split("/")]
    page = split_text("\n".join((*ARTICLE, *([heading] if heading else []), *lines, *below)))
    return page.paragraphs, [(entry.title, entry.snippet, entry.published_at) for entry in page.items]


@pytest.mark.parametrize("heading", ["More on the viaduct story", "Elsewhere today"])
@pytest.mark.parametrize(
    "layout",
    [
        "age/title",
        "age/title/snippet",
        "source+age/title",
        "source+age/title/snippet",
        "source/age/title",
        "source/age/title/snippet",
        "section+age/title/snippet",
        "title/age/snippet",
        "title/source+age/snippet",
        "section/title/author/age",
    ],
)
def test_what_is_below_the_last_age_tells_where_an_entry_begins(layout: str, heading: str) -> None:
    found = [(title, snippet if "snippet" in layout else None, age) for title, snippet, _, age, *_ in ENTRIES]
    assert split(layout, heading) == (ARTICLE, found)


def test_a_line_of_the_page_below_ages_that_close_entries_is_no_title() -> None:
    found = [(title, None, age) for title, _, _, age, *_ in ENTRIES]
    assert split("title/age", "More on the viaduct story", "Report a problem with this page")[1] == found


@pytest.mark.parametrize(
    "lines",
    [
        (
            "12.05.2019",
            "Viaduct closed to walkers",
            "03.06.2021",
            "First stones fall into the river",
            "09.07.2023",
            "Ivy cut back at last",
        ),
        ("10:00", "The council opens its doors", "12:30", "Walk across the arches", "15:00", "The band plays on the bridge"),
        (
            *(
                "14:05",
                "The first walkers are across",
                "Others waved from below. The band began to play a march, which the wind took away over the fields.",
            ),
            *(
                "13:40",
                "The gate has been opened",
                "The crowd had waited since the morning, some in boats. A man sold tea from the bonnet of his car.",
            ),
            *(
                "13:10",
                "The band has come",
                "Nobody had told the drummer that the arches would echo so much. He seems to be pleased about it.",
            ),
        ),
    ],
)
def test_what_came_when_is_the_articles(lines: tuple[str, ...]) -> None:
    page = split_text("\n".join((*ARTICLE, "How it went", *lines)))
    assert page.items == ()
    assert page.paragraphs == (*ARTICLE, "How it went", *lines)
