"""Addresses and titles of entries."""

from __future__ import annotations

import re

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.article.outline import Outline
from worker.article.related_cards import _is_plain_path, _needs_no_joining, read_card, resolve

BASE = "https://site.example/news/bridge?page=2"


PIECES = ["a", "B", "/", ".", "..", "?", ";", "#", ":", "//", "é", "\u00a0", "http://", "HTTPS://"]
ABSOLUTE = re.compile(r"https?://[^/?#\s]+(?:/(?!\.\.?(?:/|$))[^/\s]*)*", re.IGNORECASE)
FROM_THE_ROOT = re.compile(r"/(?![/.])(?:(?!/\.)[^?;\s])*")


@given(st.sampled_from(["", "/", "http://", "HTTPS://a"]), st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
def test_an_address_without_dots_and_spaces_needs_no_joining(start: str, rest: str) -> None:
    href = (start + rest).strip()
    if href:
        assert _needs_no_joining(href) == (ABSOLUTE.fullmatch(href) is not None)
        assert _is_plain_path(href) == (FROM_THE_ROOT.fullmatch(href) is not None)


@pytest.mark.parametrize(
    ("href", "address"),
    [
        ("https://a.example/n/1?p=2#top", "https://a.example/n/1?p=2"),
        ("/n/1#top", "https://site.example/n/1"),
        ("../n/1", "https://site.example/n/1"),
        ("/n/../1", "https://site.example/1"),
        ("//a.example/n", "https://a.example/n"),
        (" ?page=3 ", "https://site.example/news/bridge?page=3"),
    ],
)
def test_addresses_are_resolved_without_their_fragments(href: str, address: str) -> None:
    assert resolve(href, BASE) == address


@pytest.mark.parametrize("href", ["", " ", "#top", "javascript:void(0)", "MAILTO:a@b.example", "tel:1", "data:,x"])
def test_what_leads_to_no_page_has_no_address(href: str) -> None:
    assert resolve(href, BASE) is None


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
