"""Titles of entries, and what stands beside them."""

from __future__ import annotations

import lxml.html
import pytest

from worker.article.outline import Outline
from worker.article.related_cards import read_card


@pytest.mark.parametrize(
    ("card", "title"),
    [
        ("<a><p>Harbour</p><h3>Ferries return</h3></a>", "Ferries return"),
        ("<h3>Ferries return in spring</h3><a>More of it here</a>", "Ferries return in spring"),
        ("<a>A long kicker of the section</a><a class='Teaser-Title'>Ferries</a>", "Ferries"),
        ("<a>Harbour</a><a>Ferries return</a>", "Ferries return"),
        ("<a>Harbour</a><a>Ferries</a>", "Harbour"),
        ("<p>Ferries return</p><time>2 hours ago</time>", "Ferries return"),
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
