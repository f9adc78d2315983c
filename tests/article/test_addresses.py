"""Addresses of links: joined, or known to need none, and the hosts that they name."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.article.addresses import _is_plain_path, _needs_no_joining, absolute, host_of, path_of, resolve

BASE = "https://site.example/news/bridge?page=2"


PIECES = ["a", "B", "[", "/", ".", "..", "?", ";", "#", ":", "//", "é", "\u00a0", "http://", "HTTPS://"]
ABSOLUTE = re.compile(r"https?://[^/?#\[\]\s]+(?:/(?!\.\.?(?:/|$))[^/\s]*)*", re.IGNORECASE)
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
    "address",
    [
        "http://[example",
        "http://exa[mple.org/n",
        "http://a]b/",
        "http://\u2100.example/",
        "http://user@[::1]:99999/x",
        "http://a:b/",
    ],
)
def test_a_broken_address_is_an_address_or_none_and_no_error(address: str) -> None:
    for answer in (resolve(address, None), resolve("n/1", address), absolute(address, None), absolute("n/1", address)):
        assert answer is None or answer.startswith("http")
    assert isinstance(path_of(address), str)
    host_of(address)


@pytest.mark.parametrize(
    "href",
    [
        "ftp://a.example/n",
        "n/1",
        "/only/a/path",
        "//",
        "",
        "https:///n",
        "http://[broken",
        "mailto:a@b.example",
        "javascript:void(0)",
    ],
)
def test_what_is_no_web_address_with_a_host_is_not_absolute(href: str) -> None:
    assert absolute(href, None) is None


@pytest.mark.parametrize(
    ("address", "host", "path"),
    [
        ("https://WWW.Site.example:8080/a/b/?c#d", "www.site.example", "a/b"),
        ("http://user:word@site.example", "site.example", ""),
        ("http://site.example/?a/b", "site.example", ""),
        ("/a", None, ""),
    ],
)
def test_host_and_path(address: str, host: str | None, path: str) -> None:
    assert (host_of(address), path_of(address)) == (host, path)
