"""Titles of entries, and what stands beside them."""

from __future__ import annotations

import lxml.html
import pytest

from worker.article.outline import Outline
from worker.article.related.cards import read_card


@pytest.mark.parametrize(
    ("card", "title"),
    [
        ("<a><p>Harbour</p><h3>Ferries return</h3></a>", "Ferries return"),
        ("<h3>Ferries return in spring</h3><a>More of it here</a>", "Ferries return in spring"),
        ("<a>A long kicker of the section</a><a class='Teaser-Title'>Ferries</a>", "Ferries"),
        ("<a>Harbour</a><a>Ferries return</a>", "Ferries return"),
        ("<a>Harbour</a><a>Ferries</a>", "Harbour"),
        ("<p>Ferries return</p><time>2 hours ago</time>", "Ferries return"),
        ("<a><div>Coastal defences</div><div>Eight islands, one digger</div></a>", "Eight islands, one digger"),
        ("<a><div>Coastal defences</div><div>They cost more than the land is worth.</div></a>", "Coastal defences"),
        ("<a><div>Coastal defences:</div><div>eight islands, one digger</div></a>", "Coastal defences"),
        (
            "<a><span class='teaser__dach'>Wandel an der Küste</span><span class='teaser__head'>Acht Inseln, ein Bagger</span></a>",
            "Acht Inseln, ein Bagger",
        ),
        ("<a><span class='x1'>What the sea wants</span><span class='card-head'>Eight islands</span></a>", "Eight islands"),
        ("<h3><a><span>Coastal defences</span><span>Eight islands, one digger</span></a></h3>", "Eight islands, one digger"),
        ("<a><span>T+</span><span>Harbour</span>: <span>Ferries return</span></a>", "Harbour: Ferries return"),
        ("<a><span>Read also</span>: <span>Ferries return in spring</span></a>", "Ferries return in spring"),
        ("<span>Harbour</span>: <a>Ferries return in spring</a>", "Ferries return in spring"),
        (
            "<h3><a><i class='kicker'></i><span class='x-kicker'>Read on the islands</span><span>Seven diggers</span></a></h3>",
            "Seven diggers",
        ),
    ],
)
def test_the_title_is_the_piece_that_looks_most_like_one(card: str, title: str) -> None:
    page = Outline(lxml.html.document_fromstring(f"<body><div>{card}</div>"))
    entry = read_card(page.nodes[1], None)
    assert entry is not None
    assert entry.title == title


@pytest.mark.parametrize(
    ("card", "title", "snippet", "age"),
    [
        ("<h3>Ferries return</h3><p>Few still … <a>Read more</a></p>", "Ferries return", "Few still …", None),
        ("<h3>Ferries return</h3><p>Few still … <a>Kontinye</a></p>", "Ferries return", "Few still …", None),
        ("<h3>Ferries return</h3><p>Few <a>still</a> sail.</p>", "Ferries return", "Few still sail.", None),
        ("<p>12.05. <a>Ferries return</a></p>", "Ferries return", None, "12.05"),
        ("<p><a>Ferries return</a> (05/12 08:31)</p>", "Ferries return", None, "05/12 08:31"),
        ("<p>Live 12.05. <a>Ferries return</a></p>", "Live 12.05. Ferries return", None, None),
    ],
)
def test_links_that_lead_on_and_dates_beside_a_link_are_told_apart_from_words(
    card: str, title: str, snippet: str | None, age: str | None
) -> None:
    page = Outline(lxml.html.document_fromstring(f"<body><div>{card}</div>"))
    entry = read_card(page.nodes[1], None, lead_on="Kontinye")
    assert entry is not None
    assert (entry.title, entry.snippet, entry.published_at, entry.source) == (title, snippet, age, None)


@pytest.mark.parametrize(
    ("card", "source"),
    [
        ("<div>Harbours</div><h3>Ferries return in spring</h3>", None),
        ("<div class='x-source'>Coast Gazette</div><h3>Ferries return in spring</h3>", "Coast Gazette"),
        ("<div>Coast Gazette</div><div>2 hours ago</div><h3>Ferries return in spring</h3>", "Coast Gazette"),
        ("<h3>Ferries return in spring</h3><div>Coast Gazette</div>", "Coast Gazette"),
        ("<div>3</div><h3>Ferries return in spring</h3><div>12</div>", None),
        ("<h3>Ferries return in spring</h3><i>14 bình luận</i>", None),
        ("<h3>Ferries return in spring</h3><time>March 3</time>", None),
        ("<b class='cta-text'>Read</b><h3>Ferries return in spring</h3>", None),
        ("<p>Harbours</p><h3>Ferries return in spring</h3>", None),
        ("<figure><figcaption>The pier</figcaption></figure><h3>Ferries return in spring</h3><i>4 min read</i>", None),
        (
            "<h3>Ferries return in spring</h3><figure><figcaption>The pier</figcaption></figure><i>Coast Gazette</i>",
            "Coast Gazette",
        ),
    ],
)
def test_a_kicker_a_rank_a_caption_and_a_byline_are_no_source(card: str, source: str | None) -> None:
    page = Outline(lxml.html.document_fromstring(f"<body><div>{card}</div>"))
    entry = read_card(page.nodes[1], None)
    assert entry is not None
    assert (entry.title, entry.snippet, entry.source) == ("Ferries return in spring", None, source)


@pytest.mark.parametrize(
    ("beside", "snippet", "source"),
    [
        ("The dome turns on four old wheels", "The dome turns on four old wheels", None),
        ("The Gazette of Coast and Islands", None, "The Gazette of Coast and Islands"),
        ("The old harbour gazette", None, "The old harbour gazette"),
        ("ארבעה מתכונים ואזהרה אחת חשובה", "ארבעה מתכונים ואזהרה אחת חשובה", None),
        ("ידיעות העמק והגליל העליון", None, "ידיעות העמק והגליל העליון"),
    ],
)
def test_more_words_than_a_name_has_without_a_capital_are_a_snippet(beside: str, snippet: str | None, source: str | None) -> None:
    page = Outline(lxml.html.document_fromstring(f"<body><a><b>Ferries return in spring</b><span>{beside}</span></a>"))
    entry = read_card(page.nodes[1], None)
    assert entry is not None
    assert (entry.title, entry.snippet, entry.source) == ("Ferries return in spring", snippet, source)


@pytest.mark.parametrize(
    ("beside", "age"),
    [
        ("<div>12 comments</div>", None),
        ("<div>3 Kommentare</div><div>yesterday</div>", "yesterday"),
        ("<div>12 May</div>", "12 May"),
        ("<div>02:14</div><div>1 hour ago</div>", "1 hour ago"),
        ("<div>02:14</div>", "02:14"),
    ],
)
def test_a_count_of_comments_is_no_day_and_the_length_of_a_video_no_hour(beside: str, age: str | None) -> None:
    page = Outline(lxml.html.document_fromstring(f"<body><div><h3>Ferries return in spring</h3>{beside}</div>"))
    entry = read_card(page.nodes[1], None)
    assert entry is not None
    assert (entry.published_at, entry.source) == (age, None)


def test_a_name_before_a_time_in_one_line_is_the_source() -> None:
    card = "<a><p>Ferries return in spring</p><p><span>ながせ新報</span><time>3月4日 10時</time></p></a>"
    entry = read_card(Outline(lxml.html.document_fromstring(f"<body><div>{card}</div>")).nodes[1], None)
    assert entry is not None
    assert (entry.snippet, entry.source, entry.published_at) == (None, "ながせ新報", "3月4日 10時")


def test_a_kicker_of_several_words_above_the_title_is_no_snippet() -> None:
    card = "<a><span class='x__dach'>Strukturwandel an der Küste</span><span class='x__head'>Acht Inseln, ein Bagger</span></a>"
    entry = read_card(Outline(lxml.html.document_fromstring(f"<body><div>{card}</div>")).nodes[1], None)
    assert entry is not None
    assert (entry.title, entry.snippet) == ("Acht Inseln, ein Bagger", None)
