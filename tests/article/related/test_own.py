"""Lists of links that are the article's own, and blocks of other articles that look alike."""

from __future__ import annotations

import lxml.html
import pytest

from worker.article.outline import Outline
from worker.article.related.lift import lift_related

URL = "https://site.example/news/bridge"
BEFORE = "<p>The council of Harrowby approved the new bridge on Monday after a debate that lasted nearly five hours.</p>"
AFTER = "<p>Work will begin in spring and is expected to take two years, according to the contractor and the mayor.</p>"
LINKS = ("Ferry owners fear for the future", "How bridges changed the valley", "New school is due in August")


def titles(inside: str) -> list[str]:
    page = Outline(lxml.html.document_fromstring(f"<body><main><article><h1>Bridge approved</h1>{inside}</article></main></body>"))
    return [entry.title for entry in lift_related(page, base_url=URL, headlines=["Bridge approved"]).items]


def links(form: str, *more: str) -> str:
    more = more or ("", "", "")
    return "".join(
        form.format(url=f"/n/{at}", title=title, more=said) for at, (title, said) in enumerate(zip(LINKS, more, strict=True))
    )


ROWS = "<tr><td>{more}</td><td><a href={url}>{title}</a></td></tr>"
ITEMS = "<li><a href={url}>{more}{title}</a></li>"
LIST = f"<ul>{links(ITEMS)}</ul>"


@pytest.mark.parametrize(
    "own",
    [
        pytest.param(f"<table><tr><th>Points</th><th>Name</th></tr>{links(ROWS, '7', '5', '4')}</table>", id="named columns"),
        pytest.param(f"<table>{links(ROWS, '1:12:48', '1:13:05', '1:15:40')}</table>", id="figures"),
        pytest.param(f"<h3>Friday</h3>{LIST}<h3>Saturday</h3>{LIST}", id="sections"),
        pytest.param(f"<div><h3>Friday</h3>{LIST}</div><div><h3>Saturday</h3>{LIST}</div>", id="sections in boxes"),
        pytest.param(links("<h2><a href={url}>{title}</a></h2>" + AFTER), id="linked headings amid the text"),
        pytest.param(f"<h3>Friday</h3><ul>{links(ITEMS, '10:00 ', '14:30 ', '20:00 ')}</ul>", id="hours"),
        pytest.param(f"<ul>{links('<li><a href={url}.pdf>{title}</a></li>')}</ul>", id="documents"),
        pytest.param(f"<ul>{links('<li><a href={url}>{title}</a> {more}</li>', '$9.90', '12 €', '£ 8')}</ul>", id="prices"),
        pytest.param(
            "<h2>Official pages and forms</h2><ul><li><a href=https://portal.example/move>Register your new address online</a></li>"
            "<li><a href=https://post.example/forward>Have your letters forwarded by post</a></li>"
            "<li><a href=/downloads/form.pdf>What your landlord has to sign (PDF)</a></li></ul>",
            id="official pages and a form",
        ),
        pytest.param(f"<p>Three papers of the council are open to the public:</p>{LIST}", id="announced"),
        pytest.param(
            links(
                "<div class=s><h3>Part {more}</h3><h4><a href={url}>{title}</a></h4><p>A sentence on it.</p></div>", "1", "2", "3"
            ),
            id="headings",
        ),
        pytest.param(
            links("<div><a href=https://shop.example{url}><img src=i></a><a href=https://shop.example{url}>{title}</a></div>"),
            id="shop",
        ),
        pytest.param(
            links(
                "<div class=t><h3><a href={url}>{title}</a></h3><p>Open till {more}. Children may touch the bolts.</p></div>",
                "9",
                "10",
                "11",
            ),
            id="sections with linked headings",
        ),
        pytest.param(
            links(
                "<div class=m><h2><a href={url}>{more}. {title}</a></h2><img src=i><p>It has one room. Ring ahead.</p></div>",
                "3",
                "2",
                "1",
            )
            + "<h3>Before you go</h3><ul><li>Most of them take cash.</li></ul>",
            id="numbered sections",
        ),
        pytest.param("<dl>" + "<dt><a href=/g/1>Gewerbesteuerumlage (kommunal)</a></dt><dd>A levy.</dd>" * 3 + "</dl>", id="terms"),
    ],
)
def test_a_list_of_the_articles_own_stays(own: str) -> None:
    assert titles(BEFORE + own + AFTER) == []


@pytest.mark.parametrize(
    "block",
    [
        pytest.param(f"<table><tr><th colspan=2>Elsewhere</th></tr>{links(ROWS, '', '', '')}</table>", id="a table with a heading"),
        pytest.param(f"<table>{links(ROWS, '1', '2', '3')}</table>", id="ranks"),
        pytest.param(f"<h3>Today</h3><ul>{links(ITEMS, '20:00 ', '14:30 ', '10:00 ')}</ul>", id="the latest first"),
        pytest.param(f"<h3>Elsewhere</h3>{LIST}", id="one list under a heading"),
        pytest.param(f"<p>Elsewhere:</p>{LIST}", id="a heading with a colon"),
    ],
)
def test_a_block_of_other_articles_that_looks_alike_is_cut(block: str) -> None:
    assert [title.split(" ", 1)[1] if title[0].isdigit() else title for title in titles(BEFORE + block + AFTER)] == list(LINKS)


def test_a_known_heading_outweighs_what_says_that_a_list_is_the_articles_own() -> None:
    assert titles(f"{BEFORE}<h3>Read also</h3><ul>{links(ITEMS, '10:00 ', '14:30 ', '20:00 ')}</ul>{AFTER}") != []


def test_lines_that_go_on_after_their_links_are_the_articles() -> None:
    heading, line = "<h2>Related events over the weekend</h2>", "<li><a href={url}>{title}</a>, {more}</li>"
    assert titles(f"{BEFORE}{heading}<ul>{links(line, 'Saturday 10am, meadow', 'at 2pm', 'Sunday, steps')}</ul>{AFTER}") == []
    assert titles(f"{BEFORE}{heading}<ul>{links(line, '2 hours ago', '3 hours ago', 'yesterday')}</ul>{AFTER}") == [*LINKS]


def test_cards_of_other_sites_that_tell_source_and_age_are_a_collection_of_news() -> None:
    card = (
        "<div class=t><a href=https://other.example{url}><h4>{title}</h4></a><p>Few will still row.</p><small>{more}</small></div>"
    )
    met = links(card, "Coast Post | 2 hours ago", "Vale Echo | 3 hours ago", "Hill News | yesterday")
    assert titles(f"{BEFORE}{AFTER}<div><h3>The rest of the valley</h3>{met}</div>") == [*LINKS]
    without = links(card, "Coast Post", "Vale Echo", "Hill News")
    assert titles(f"{BEFORE}{AFTER}<div><h3>The rest of the valley</h3>{without}</div>") == []


def test_links_to_other_sites_with_a_source_and_an_age_each_are_a_block() -> None:
    card = (
        "<div class=y><a href=https://coast.example{url}>{title}</a><div><span>Coast Gazette</span><span>{more}</span></div></div>"
    )
    heading = "<p><b>What others write</b></p>"
    assert titles(f"{BEFORE}{heading}{links(card, '2 hours ago', '3 hours ago', 'yesterday')}") == list(LINKS)
    assert titles(f"{BEFORE}{heading}{links(card, '2024-05-12', '2024-05-11', '2023-01-02')}") == []


def test_pictured_cards_that_say_more_than_the_paragraphs_around_them_are_the_article() -> None:
    said = "Leave by the gate beside the old church, follow the wall to the summit and come back along the shore{more}."
    card = "<div class=c><a href={url}><img src=i></a><h3><a href={url}>{title}</a></h3><p>" + said + "</p></div>"
    guide = f"<div>{links(card)}</div>"
    assert titles(BEFORE + guide + AFTER) == []
    assert titles(BEFORE + AFTER + guide) == [*LINKS], "a block after the text"
    assert titles(2 * BEFORE + guide + 2 * AFTER) == [*LINKS], "a block in a longer text"
    assert titles(f"{BEFORE}<h2>Elsewhere</h2>{guide}{AFTER}") == [*LINKS], "a block with a heading"
    assert titles(f"{BEFORE}<div>{links(card, *3 * ['…'])}</div>{AFTER}".replace("….", "…")) == [*LINKS], "teasers"
    assert titles(f"{BEFORE}<div>{links(card.replace('<p>', '<time>Monday</time><p>'))}</div>{AFTER}") == [*LINKS], "news"
