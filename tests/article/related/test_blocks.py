"""Addresses of links: which can be an article's."""

from __future__ import annotations

import lxml.html
import pytest

from worker.article.outline import Outline
from worker.article.related.blocks import BlockFinder

BASE = "https://example.org/harbour/1"


def article_url(href: str) -> str | None:
    return BlockFinder(Outline(lxml.html.document_fromstring("<body><p>Text</p></body>")), BASE).article_url(href)


@pytest.mark.parametrize("href", ["/tag", "/Tag/ferry", "/news/topics/", "/search?q=ferry", "/a/author/ada#top", "/tag#1"])
def test_an_address_with_a_part_that_names_lists_is_no_articles(href: str) -> None:
    assert article_url(href) is None


@pytest.mark.parametrize("href", ["/tagged", "/news/retag/1", "/news/tag-of-war", "/news?tag=ferry"])
def test_a_word_within_a_part_names_no_list(href: str) -> None:
    assert article_url(href) is not None
