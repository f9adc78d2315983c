"""Titles below a heading that says nothing of articles, told by where it stands and by what they look like."""

from __future__ import annotations

import pytest

from worker.article.related.split import split_text

ARTICLES = {
    "en": (
        "Grape growers in the Ketter valley have put up 340 nest boxes for barn owls, to cut the poison they use against gophers.\n"
        "A pair of owls with chicks can take three thousand rodents in a season, according to notes kept by a retired teacher.\n",
        "Not everyone is convinced. The county warns that owls follow the food and may leave a box when gophers become scarce.\n"
        "Boxes cost about $90 each, and students at the high school build them in their shop class every spring and autumn.\n",
    ),
    "de": (
        "Im Kettertal haben Winzer 340 Nistkästen für Schleiereulen aufgehängt, um weniger Gift gegen Mäuse zu streuen.\n"
        "Ein Paar mit Jungen fängt in einer Brutzeit dreitausend Nager, wie eine frühere Lehrerin im Landkreis notiert hat.\n",
        "Nicht alle sind überzeugt. Das Landratsamt warnt, dass Eulen der Beute folgen und einen Kasten verlassen können.\n"
        "Ein Kasten kostet neunzig Euro, und Schüler bauen sie jedes Frühjahr im Werkunterricht zusammen.\n",
    ),
}
TITLES = {
    "en": (
        "Growers in the next valley switch to night picking",
        "The retired teacher who has climbed every ladder in the county",
        "Wells drop by another four feet as owls move in",
    ),
    "de": (
        "Winzer im Kettertal lesen ihre Trauben jetzt nachts",
        "Die Lehrerin, die auf jede Leiter im Landkreis gestiegen ist",
        "Brunnen sinken weiter, doch die Schleiereulen bleiben",
    ),
}
SENTENCES = {
    "en": ("Cooler grapes ferment more slowly.", "She counts at dusk.", "A dry spring has left the pumps sucking air."),
    "de": (
        "Kühle Trauben gären langsamer.",
        "Gezählt wird in der Dämmerung.",
        "Ein trockenes Frühjahr hat die Pumpen leer laufen lassen.",
    ),
}
HEADINGS = [("en", "Around the harbour"), ("en", "Next door"), ("de", "Rund um den Hafen"), ("de", "Aus der Nachbarschaft")]


@pytest.mark.parametrize(("language", "heading"), HEADINGS)
@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("at_end", [False, True], ids=["amid", "end"])
def test_titles_below_the_only_heading_are_anothers(language: str, heading: str, count: int, at_end: bool) -> None:
    before, after = ARTICLES[language]
    titles = TITLES[language][:count]
    block = "".join(f"{line}\n" for line in (heading, *titles))
    split = split_text(before + after + block if at_end else before + block + after)
    assert [entry.title for entry in split.items] == [*titles]
    assert split.paragraphs == tuple((before + after).splitlines())


@pytest.mark.parametrize(("language", "heading"), HEADINGS)
@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("at_end", [False, True], ids=["amid", "end"])
def test_titles_with_a_brief_sentence_each_below_the_only_heading_are_anothers(
    language: str, heading: str, count: int, at_end: bool
) -> None:
    before, after = ARTICLES[language]
    pairs = [*zip(TITLES[language], SENTENCES[language], strict=True)][:count]
    block = f"{heading}\n" + "".join(f"{title}\n{snippet}\n" for title, snippet in pairs)
    split = split_text(before + after + block if at_end else before + block + after)
    assert [(entry.title, entry.snippet) for entry in split.items] == pairs
    assert split.paragraphs == tuple((before + after).splitlines())


def test_brief_entries_need_not_be_on_what_the_article_is_on() -> None:
    before, after = ARTICLES["en"]
    titles = ("Lighthouse wanted for two winters", "Choir of forty dogs sings again", "Bakery burns its last loaf of rye")
    snippets = ("No experience with lamps is needed.", "The judges were unanimous, and deaf.", "Nobody had asked for it.")
    block = "Next door\n" + "".join(f"{title}\n{snippet}\n" for title, snippet in zip(titles, snippets, strict=True))
    split = split_text(before + block + after)
    assert [entry.title for entry in split.items] == [*titles]
    assert split.paragraphs == tuple((before + after).splitlines())


@pytest.mark.parametrize(
    "listed",
    [
        ("At a glance", "Boxes put up in the valley", "Owls that nest in them now", "Growers who pay for theirs"),
        ("The song of the owls", "Come down, come down to the valley,", "where growers hang their boxes out,", "and nobody sleeps"),
        (
            "The boxes",
            "“They made mine upside down, and the owls did not mind”",
            "“Nobody told the gophers about any of these owls”",
        ),
        (
            "9th round: 23 September in the valley",
            "11th round: 4 November, to be told by the growers",
            "The growers may change any of these rounds later",
        ),
        (
            "(Graphic: owls in the valley this year)",
            "(Graphic: growers with boxes and those without)",
            "Reporting by two growers, editing by others",
        ),
        (
            "Growers of the valley",
            "Growers who put up boxes for owls in their first year",
            "Growers who wait for what the county says",
        ),
        ("Boxes by hand", "Saw the board", "It takes an hour.", "Nail the box", "Wear gloves.", "Hang it high", "Owls like that."),
    ],
    ids=["facts", "verses", "quotations", "rounds", "pictures", "groups", "steps"],
)
def test_a_list_below_the_only_heading_may_be_the_articles(listed: tuple[str, ...]) -> None:
    before, after = ARTICLES["en"]
    text = before + "".join(f"{line}\n" for line in listed) + after
    split = split_text(text)
    assert not split.items
    assert split.paragraphs == tuple(text.splitlines())


@pytest.mark.parametrize("snippets", [False, True], ids=["titles", "snippets"])
def test_where_an_article_has_headings_one_more_says_nothing(snippets: bool) -> None:
    before, after = ARTICLES["en"]
    own = "Students with hammers\nThe school says that no other class is as full as the one in which boxes are built for owls.\n"
    pairs = zip(TITLES["en"], SENTENCES["en"], strict=True)
    block = "Around the harbour\n" + "".join(f"{title}\n{snippet}\n" if snippets else f"{title}\n" for title, snippet in pairs)
    text = before + block + after + own
    assert split_text(text).paragraphs == tuple(text.splitlines())


@pytest.mark.parametrize(("language", "heading"), HEADINGS)
@pytest.mark.parametrize("at_end", [False, True], ids=["amid", "end"])
def test_titles_run_into_their_sentences_show_their_seams_below_any_heading(language: str, heading: str, at_end: bool) -> None:
    before, after = ARTICLES[language]
    pairs = [*zip(TITLES[language], SENTENCES[language], strict=True)]
    block = f"{heading}\n" + "".join(f"{title}{snippet}\n" for title, snippet in pairs)
    split = split_text(before + after + block if at_end else before + block + after)
    assert [(entry.title, entry.snippet) for entry in split.items] == pairs
    assert split.paragraphs == tuple((before + after).splitlines())


def test_names_with_a_capital_inside_show_no_seam() -> None:
    before, after = ARTICLES["en"]
    named = (
        "Owls on film\nThe films that the growers share on OwlTube have been seen by more people than live in the valley.\n"
        "A second site for such films, which is called NestBook by those who use it, has been closed by the county for a while.\n"
    )
    text = before + named + after
    assert split_text(text).paragraphs == tuple(text.splitlines())


def test_verses_as_long_as_headlines_may_end_an_article() -> None:
    before, after = ARTICLES["en"]
    verses = (
        "When all the lamps along the quay had burned down low\nAnd every sailor slept beside a stranger there\n"
        "I heard a fiddle playing what the old folk know\nOf ships that left in summer on an evening fair\n"
        "And no one in that harbour ever told me so\n"
    )
    text = f"{before}{after}A winter song\n{verses}"
    assert split_text(text).paragraphs == tuple(text.splitlines())
