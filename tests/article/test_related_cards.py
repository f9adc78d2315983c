"""Titles of entries."""

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
