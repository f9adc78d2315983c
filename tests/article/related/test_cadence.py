"""Entries that end with a line that comes again: which line closes them, what heads them, and the last one where the page ends."""

from __future__ import annotations

import pytest

from worker.article.related.split import split_text

ARTICLE = (
    "The council of Harrowby approved the new bridge on Monday after a debate that lasted nearly five hours, officials said.",
    "Work will begin in spring and is expected to take two years, according to the contractor.",
    "The old crossing will stay open for cyclists and walkers until the works end, and then it will be taken down.",
)
TITLES = ("Ferry owners fear for the future of their boats", "How the bridges changed the valley", "The toll that nobody paid")
SNIPPETS = ("Three of them mean to sell.", "It was quieter before the first one.", "A clerk found the books in a cellar.")
METAS = ("Valley Post · 3h ago", "Radio Wend · 5h ago", "Evening Echo · yesterday")


def page(*entries: tuple[str, ...], header: tuple[str, ...] = ()) -> str:
    return "\n".join((*ARTICLE, *header, *(line for entry in entries for line in entry)))


@pytest.mark.parametrize("closing", ["View source", "Zur Quelle ↗", "元の記事へ"])
@pytest.mark.parametrize("columns", [(TITLES, METAS), (METAS, TITLES, SNIPPETS)], ids=["below the title", "above it"])
def test_a_wording_that_takes_turns_with_source_and_age_closes_the_entries(
    columns: tuple[tuple[str, ...], ...], closing: str
) -> None:
    split = split_text(page(*((*entry, closing) for entry in zip(*columns, strict=True))))
    assert split.paragraphs == ARTICLE
    assert [entry.title for entry in split.items] == list(TITLES)
    assert [entry.source for entry in split.items] == ["Valley Post", "Radio Wend", "Evening Echo"]


def test_a_heading_and_a_trail_stand_above_the_count_of_what_was_gathered() -> None:
    header = ("Home › News › Harrowby", "What other papers wrote", "5 sources, 21.40")
    split = split_text(page(*zip(METAS, TITLES, SNIPPETS, ["View source"] * 3, strict=True), header=header))
    assert split.paragraphs == ARTICLE
    assert [entry.title for entry in split.items] == list(TITLES)


def test_a_date_below_the_names_of_who_wrote_an_article_counts_nothing() -> None:
    opening = "Lives remembered: the valley says goodbye\nCompiled by the Herald newsroom\nSaturday, November 11\n"
    lives = (
        "Edwin Halloran\nApril 2, 1931 – October 28\nHe drove the creamery truck for 38 years and was never passed by a tractor.\n"
        "Lucille Trent\nDecember 9, 1926 – November 5\nShe was a telephone operator until the exchange closed in 1979, and after.\n"
        "Dale Kowalczyk\nFebruary 14, 1962 – November 6\nHe took the photographs of every graduating class since 1984, but one.\n"
    )
    split = split_text(opening + "\n".join(ARTICLE) + "\n" + lives)
    assert split.items == ()
    assert "He drove the creamery truck for 38 years and was never passed by a tractor." in split.paragraphs


@pytest.mark.parametrize("leading", ["Tekstiä lukemaan {} »", "{} kohdalla koko teksti →", "Whole text there, {} ›"])
def test_lines_that_lead_on_to_names_with_an_arrow_close_entries(leading: str) -> None:
    closings = [leading.format(name) for name in ("Valley Post", "Wend", "Evening Echo")]
    split = split_text(page(*zip(TITLES, SNIPPETS, closings, strict=True)))
    assert split.paragraphs == ARTICLE
    assert [(entry.title, entry.snippet) for entry in split.items] == list(zip(TITLES, SNIPPETS, strict=True))


def test_arrows_between_paragraphs_close_nothing() -> None:
    promos = [f"Lies das hier {title} »" for title in ("im Tal", "am Fluss", "auf dem Berg")]
    text = [line for pair in zip(ARTICLE, promos, strict=True) for line in pair]
    assert set(ARTICLE) <= {*split_text("\n".join([*ARTICLE[:2], *text])).paragraphs}


@pytest.mark.parametrize(
    "columns",
    [
        (TITLES, SNIPPETS, ["Open it »"] * 3),
        (METAS, TITLES, SNIPPETS, ["View source"] * 3),
        ([title + snippet for title, snippet in zip(TITLES, SNIPPETS, strict=True)], ["Open it »"] * 3),
    ],
    ids=["title and snippet", "source first", "run together"],
)
def test_the_last_entry_of_a_page_needs_no_closing_line(columns: tuple[tuple[str, ...], ...]) -> None:
    *entries, last = zip(*columns, strict=True)
    split = split_text(page(*entries, last[:-1]))
    assert split.paragraphs == ARTICLE
    assert [(entry.title, entry.snippet) for entry in split.items] == list(zip(TITLES, SNIPPETS, strict=True))


@pytest.mark.parametrize(
    "rest",
    [
        ("Two of the four owners spoke against the plan, and one of them means to go to court over it.",),
        ("What comes next", ARTICLE[0], ARTICLE[1]),
        ("Two owners spoke against it.The mayor did not.",),
    ],
    ids=["a paragraph", "a part with a heading", "a paragraph with a blank missing"],
)
def test_what_follows_the_last_closing_line_and_is_built_otherwise_is_the_articles(rest: tuple[str, ...]) -> None:
    text = page(*((title + snippet, "Open it »") for title, snippet in zip(TITLES, SNIPPETS, strict=True)))
    split = split_text("\n".join((text, *rest)))
    assert [(entry.title, entry.snippet) for entry in split.items] == list(zip(TITLES, SNIPPETS, strict=True))
    assert split.paragraphs[-1] == rest[-1] or rest[-1] in ARTICLE


def test_sources_close_entries_below_any_heading_where_titles_run_into_their_snippets() -> None:
    glued = [f"{title}{snippet}" for title, snippet in zip(TITLES, SNIPPETS, strict=True)]
    said = [f"Source: {name}" for name in ("Valley Post", "Radio Wend", "Evening Echo »")]
    split = split_text(page(*zip(glued, said, strict=True), header=("Four more looks at it",)))
    assert split.paragraphs == ARTICLE
    assert [(entry.title, entry.snippet) for entry in split.items] == list(zip(TITLES, SNIPPETS, strict=True))
    assert [entry.source for entry in split.items] == ["Valley Post", "Radio Wend", "Evening Echo"]


def test_sources_below_paragraphs_are_the_article_s() -> None:
    lines = [line for line in ARTICLE for line in (line, "Source: Valley Post")]
    assert split_text("\n".join((*ARTICLE, *lines))).items == ()


@pytest.mark.parametrize("site", ["wend24.example", "wend24.news", "wend24.ru"])
def test_the_name_of_a_site_is_one_word_of_a_closing_line(site: str) -> None:
    split = split_text(page(*zip(TITLES, SNIPPETS, [f"Read more at {site}"] * 3, strict=True)))
    assert split.paragraphs == ARTICLE
    assert [(entry.title, entry.snippet) for entry in split.items] == list(zip(TITLES, SNIPPETS, strict=True))


def test_three_lines_that_open_alike_and_end_with_a_name_close_entries() -> None:
    names = ("Noticiero de Poniente", "Diario del Estrecho", "Radio Mirabal")
    split = split_text(
        page(*zip(TITLES, SNIPPETS, [f"Continúa en {name}" for name in names], strict=True), header=("Cobertura de otros medios",))
    )
    assert split.paragraphs == ARTICLE
    assert [(entry.title, entry.snippet) for entry in split.items] == list(zip(TITLES, SNIPPETS, strict=True))


def test_source_age_and_what_leads_on_may_share_a_line() -> None:
    metas = (
        "Valley Post | 6 hours ago | Full story",
        "Radio Wend | Yesterday, 17:42 | Full story",
        "Echo | 3 days ago | Full story",
    )
    split = split_text(page(*zip(TITLES, SNIPPETS, metas, strict=True)))
    assert split.paragraphs == ARTICLE
    assert [(entry.title, entry.snippet) for entry in split.items] == list(zip(TITLES, SNIPPETS, strict=True))
    assert [entry.source for entry in split.items] == ["Valley Post", "Radio Wend", "Echo"]
