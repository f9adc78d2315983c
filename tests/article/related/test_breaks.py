"""Blocks whose lines were run together, parted where nothing else can be meant."""

from __future__ import annotations

import pytest

from worker.article.related.breaks import part_lines
from worker.article.related.promos import find_promo
from worker.article.related.split import split_text

ARTICLE = (
    "The council of Harrowby approved the new bridge on Monday after a debate that lasted nearly five hours. "
    "Work will begin in spring: it is expected to take two years. The old crossing stays open until the works end."
)
EXPLAINED = "Similar News:You can also read news stories similar to this one that we have collected from other news sources."
ENTRIES = (
    "Bridge for Harrowby at lastThe council voted for it. Read more » Ferry owners fear for the futureNobody will row. Read more »"
)
FOUND = [("Bridge for Harrowby at last", "The council voted for it."), ("Ferry owners fear for the future", "Nobody will row.")]


@pytest.mark.parametrize("between", [" ", "\n"])
@pytest.mark.parametrize("category", ["", "Harrowby Latest News, Harrowby Headlines "])
def test_a_block_in_one_line_is_taken_apart(between: str, category: str) -> None:
    split = split_text(ARTICLE + between + category + EXPLAINED + " " + ENTRIES)
    assert split.paragraphs == (ARTICLE,)
    assert [(entry.title, entry.snippet) for entry in split.items] == FOUND
    assert split.section == ("Harrowby" if category else None)


def test_entries_of_a_script_without_blanks_part_at_the_one_blank_that_each_has() -> None:
    article = "県立図書館は一日、閉館後に本を受け取れるロッカーを駅前に設置した。利用は二十四時間可能だ。"
    explained = "Similar News:他のニュース ソースから収集した、これに似たニュース記事を読むこともできます。"
    first = "本棚ロッカー、初日は満杯 新しい受け取り口に列ができた。 続きを読む »"
    second = "夜勤の人が最初の利用者に 予約は三分で入った。 続きを読む »"
    split = split_text(f"{article} {explained} {first} {second}")
    assert split.paragraphs == (article,)
    assert [(entry.title, entry.snippet) for entry in split.items] == [
        ("本棚ロッカー、初日は満杯", "新しい受け取り口に列ができた。"),
        ("夜勤の人が最初の利用者に", "予約は三分で入った。"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        f"{ARTICLE} {ENTRIES}",  # where its first entry begins nobody knows
        f"{ARTICLE} {EXPLAINED}",
        f"{ARTICLE} Read also: the report of the council. It says that « more » is not much. {ARTICLE}",
    ],
)
def test_a_line_that_shows_less_stays_as_it_is(line: str) -> None:
    assert " ".join(part_lines([line])).split() == line.split()
    assert part_lines([line])[0].startswith(ARTICLE)


def test_a_marker_glued_to_the_last_sentence_is_a_heading() -> None:
    split = split_text(
        f"{ARTICLE}\n{ARTICLE[:103]}Related articles\nFerry owners fear for the future\nHow bridges changed the valley"
    )
    assert split.paragraphs[0] == ARTICLE
    assert [entry.title for entry in split.items] == ["Ferry owners fear for the future", "How bridges changed the valley"]
    assert "Related articles" not in " ".join(split.paragraphs)


def test_a_closing_line_in_the_middle_of_a_text_announces_no_title() -> None:
    assert find_promo("The fountain runs again. Leer más » Comida popular en la plaza para celebrar el agua") is None
    assert find_promo("Leer más » Comida popular en la plaza para celebrar el agua") is not None


def test_titles_that_each_end_with_source_and_age_are_entries_though_nothing_heads_them() -> None:
    rows = (
        "Ferry owners fear for the future — Coast Gazette, 3 hours ago",
        "The valley before the bridge — Valley Echo, 5 hours ago",
    )
    third = "A mill by the weir turns again — The Harrowby Post, 2 days ago"
    split = split_text("\n".join((*ARTICLE.split(". "), *rows, third)))
    assert [(entry.source, entry.published_at) for entry in split.items] == [
        ("Coast Gazette", "3 hours ago"),
        ("Valley Echo", "5 hours ago"),
        ("The Harrowby Post", "2 days ago"),
    ]
    assert part_lines(rows) == list(rows)


@pytest.mark.parametrize(
    "form",
    ["{title} — Town Hall, 1{at} May 2024", "The mayor said that {title}. — Echo, {at} hours ago", "{title} — the mayor, {at}"],
)
def test_places_with_dates_and_sentences_with_their_source_stay_in_their_line(form: str) -> None:
    lines = [form.format(title=title, at=at) for at, title in enumerate(("the ferry is lost", "the mill is old", "rain is near"))]
    assert part_lines(lines) == lines


PLAIN = (
    "The council of Harrowby approved the new bridge on Monday after a debate that lasted nearly five hours, officials said.\n"
    "The old crossing will stay open for cyclists and walkers until the works end, and nobody will have to pay for it.\n"
)


def test_titles_in_one_line_below_a_known_heading_are_entries() -> None:
    titles = ["Ferry owners fear for the future", "How bridges changed the valley", "Who was the keeper of the toll?"]
    split = split_text(f"{PLAIN}Related\n{' | '.join(titles)}\nAbout the author\nAnn Mills writes on bridges.")
    assert [entry.title for entry in split.items] == titles
    assert split.paragraphs == tuple(PLAIN.splitlines())
    row = "Contact | About | Advertise with us"
    assert split_text(f"{PLAIN}Related\n{row}").items == ()


def test_entries_between_doubled_marks_are_parted_wherever_the_row_was_wrapped() -> None:
    row = (
        "Ring found where none should be | Reuters | 16 hours ago || Teacher's telescope finds a\n"
        "ring | The Gaborone Mirror | 14 hours ago\n|| Opinion: Stop calling them dwarfs | The\nVassar Review | 2 days ago"
    )
    split = split_text(f"{PLAIN}\nAll coverage\n\n{row}\n\nReport a problem")
    assert [(entry.title, entry.source, entry.published_at) for entry in split.items] == [
        ("Ring found where none should be", "Reuters", "16 hours ago"),
        ("Teacher's telescope finds a ring", "The Gaborone Mirror", "14 hours ago"),
        ("Opinion: Stop calling them dwarfs", "The Vassar Review", "2 days ago"),
    ]
