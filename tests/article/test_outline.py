"""A page's tree as nodes in a row."""

from __future__ import annotations

import lxml.html

from worker.article.outline import Outline

PAGE = """<body>before<nav><a href="/s">Sport</a></nav><main><p id="one" class="Lead X">Words <b>in bold</b> and<br>after.</p>
tail <div><img src="i.png"><a href="/n/1">A title</a></div> end</main><footer>Imprint</footer></body>"""


def outline(page: str = PAGE) -> Outline:
    return Outline(lxml.html.document_fromstring(page))


def test_text_is_what_a_reader_sees_with_spaces_folded() -> None:
    page = outline()
    (paragraph,) = page.root.below("p")
    assert paragraph.text == "Words in bold and after."
    assert paragraph.lead == "Words "
    assert paragraph.tail.strip() == "tail"
    assert paragraph.names == "lead x one"


def test_the_sites_navigation_and_foot_are_left_out() -> None:
    page = outline()
    assert "Sport" not in page.root.text
    assert "Imprint" not in page.root.text
    assert [link.text for link in page.links] == ["A title"]


def test_a_foot_within_the_article_and_a_nav_named_for_related_news_are_read() -> None:
    page = outline(
        '<body><article><footer><a href="/1">One</a></footer></article><nav class="related"><a href="/2">Two</a></nav></body>'
    )
    assert [link.text for link in page.links] == ["One", "Two"]


def test_descendants_siblings_and_ancestors_stand_in_the_order_of_the_page() -> None:
    page = outline()
    (main,) = page.root.below("main")
    assert [node.tag for node in main.below()] == ["p", "b", "div", "img", "a"]
    paragraph, division = main.inner()
    assert list(paragraph.following()) == [division]
    assert list(division.preceding()) == [paragraph]
    assert [node.tag for node in page.links[0].ancestors()] == ["div", "main", "body"]
    assert division.has("img")
    assert not paragraph.has("img")


def test_what_is_removed_is_gone_from_texts_siblings_and_the_tree_and_its_tail_stays() -> None:
    root = lxml.html.document_fromstring(PAGE)
    page = Outline(root)
    (main,) = page.root.below("main")
    assert main.text.startswith("Words")
    next(main.inner()).remove()
    assert main.text == "tail A title end"
    assert [node.tag for node in main.inner()] == ["div"]
    assert main.lead.strip() == "tail"
    assert page.pruned_tree() is root
    assert root.find(".//p") is None


def test_a_lead_can_go_without_what_follows_it() -> None:
    root = lxml.html.document_fromstring("<body><p>Read also<br><a href='/1'>One</a> more</p></body>")
    page = Outline(root)
    (paragraph,) = page.root.below("p")
    paragraph.remove_lead()
    assert paragraph.text == page.root.text == root.text_content() == "One more"
