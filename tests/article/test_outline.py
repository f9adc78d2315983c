"""A page's tree as nodes in a row."""

from __future__ import annotations

import lxml.html
from hypothesis import given
from hypothesis import strategies as st
from lxml.etree import _Element as Element

from worker.article.outline import BREAK, Outline

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


def test_the_text_of_an_element_is_not_that_of_a_child_which_has_gone() -> None:
    page = Outline(lxml.html.document_fromstring("<body><div><h3><a href='/1'>One</a></h3></div></body>"))
    (box,) = page.root.below("div")
    (heading,) = page.root.below("h3")
    assert page.links[0].text == heading.text == box.text == "One"
    page.links[0].remove()
    assert heading.text == box.text == ""


def test_a_lead_can_go_without_what_follows_it() -> None:
    root = lxml.html.document_fromstring("<body><p>Read also<br><a href='/1'>One</a> more</p></body>")
    page = Outline(root)
    (paragraph,) = page.root.below("p")
    paragraph.remove_lead()
    assert paragraph.text == page.root.text == root.text_content() == "One more"


def test_a_tail_can_go_as_far_as_the_next_break() -> None:
    root = lxml.html.document_fromstring("<body><p><a href='/1'>One</a> 05/12<br>more</p></body>")
    page = Outline(root)
    assert page.links[0].text == "One"
    page.links[0].remove_tail()
    assert page.root.text.split() == ["One", "more"]
    assert root.text_content() == "Onemore"


def test_the_pruned_tree_has_no_head_and_no_part_of_the_site() -> None:
    page = outline(f"<head><title>T</title></head>{PAGE}")
    tree = page.pruned_tree()
    assert [tree.find(f".//{tag}") for tag in ("head", "nav", "footer")] == [None] * 3
    assert "".join(tree.itertext()).startswith("beforeWords")


def test_the_pruned_tree_has_nothing_that_holds_no_text_but_breaks_and_cells() -> None:
    page = outline(
        "<body>one<div><i></i><img></div> two<b><br></b>three<i> </i>and<table><tr><td> </td><td>4</td></tr></table><p> </p></body>"
    )
    assert [element.tag for element in page.pruned_tree().iter()] == ["html", "body", "b", "br", "table", "tr", "td", "td"]
    assert "".join(page.pruned_tree().itertext()).split() == ["one", "twothree", "and", "4"]


def test_a_nav_that_is_never_closed_stays_in_the_pruned_tree() -> None:
    page = outline("<body><p>Menu</p><div><nav><ul><li>Sport</ul><p>The ferry has returned to Port Halden.</p></div></body>")
    assert "returned" not in page.root.text
    assert "returned" in "".join(page.pruned_tree().itertext())


def test_a_nav_with_a_large_menu_does_not_stay_in_the_pruned_tree() -> None:
    menu = "".join(f"<li><a href='/{number}'>Section {number}</a></li>\n" + " " * 40 for number in range(40))
    page = outline(f"<body><nav><ul>{menu}</ul></nav><p>The ferry has returned to Port Halden.</p></body>")
    assert "".join(page.pruned_tree().itertext()).split() == "The ferry has returned to Port Halden.".split()


PIECES = st.sampled_from(["<p>", "</p>", "<b>", "</b>", "<div>", "</div>", "<ul><li>", "</ul>", "<br>", "<!-- x -->", "word ", " "])


def spoken(element: Element) -> list[str]:
    """What an element says, run by run, read plainly."""
    runs = [element.text]
    for child in element:
        runs += [BREAK] if child.tag == "br" else spoken(child) if isinstance(child.tag, str) else []
        runs.append(child.tail)
    return [run for run in runs if run]


def own_runs(element: Element) -> list[str]:
    """What an element says beside its children."""
    runs = [element.text]
    for child in element:
        runs += [BREAK, child.tail] if child.tag == "br" else [child.tail]
    return [run for run in runs if run]


@given(st.lists(PIECES, max_size=40), st.integers(0, 40))
def test_a_page_read_in_one_go_is_the_tree_read_plainly(pieces: list[str], removed: int) -> None:
    root = lxml.html.document_fromstring(f"<body>{''.join(pieces)}</body>")
    page = Outline(root)
    gone = page.nodes[min(removed, len(page.nodes) - 1)]
    for node in reversed(page.nodes):  # each text is known when that of its parent is asked for
        assert node.text == " ".join("".join(page.runs[node.first : node.last]).split())
    gone.remove()
    if gone.parent is not None:
        gone.element.drop_tree()
    standing = [node for node in page.nodes if not node.gone]
    assert [node.element for node in standing] == [element for element in page.root.element.iter("*") if element.tag != "br"]
    for node in standing:
        inner = [child for child in node.element if isinstance(child.tag, str) and child.tag != "br"]
        assert "".join(page.runs[node.first : node.last]) == "".join(spoken(node.element))
        assert node.text == " ".join("".join(spoken(node.element)).split())
        assert [child.element for child in node.inner()] == inner
        assert "".join(node.own_runs()) == "".join(own_runs(node.element))
        assert [below.element for below in node.below()] == [e for e in node.element.iterdescendants("*") if e.tag != "br"]
        beside = list(node.parent.inner()) if node.parent else [node]
        at = beside.index(node)
        assert list(node.following()) == beside[at + 1 :]
        assert list(node.preceding()) == beside[:at][::-1]
