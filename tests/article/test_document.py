"""A page is parsed once, whole, and at a cost that its size bounds."""

from __future__ import annotations

import pytest

from worker.article.document import MAX_LINKED_DATA_CHARS, parse, string, types_of
from worker.errors import NoMainText


def ld(source: str) -> str:
    return f'<html><head><script type="application/ld+json">{source}</script></head><body><p>Text.</p></body></html>'


def headlines(source: str) -> list[object]:
    return [value.get("headline") for value in parse(ld(source)).linked_data]


def test_linked_data_is_found_at_any_depth_outer_objects_first():
    source = '{"@graph": [{"@type": "WebPage", "mainEntity": {"@type": "NewsArticle", "headline": "b"}, "headline": "a"}]}'
    assert headlines(source) == ["a", "b"]


@pytest.mark.parametrize(
    "source",
    [
        '{"@type": "NewsArticle", "headline": "a",}',
        '{"@type": "NewsArticle", "headline": "a"};',
        '<!-- {"@type": "NewsArticle", "headline": "a"} -->',
        '//<![CDATA[\n{"@type": "NewsArticle", "headline": "a"}\n//]]>',
        '{"@type": "NewsArticle", "x": "a\nb", "headline": "a"}',
    ],
)
def test_linked_data_with_a_common_fault_is_read_all_the_same(source):
    assert headlines(source) == ["a"]


@pytest.mark.parametrize(
    "source",
    ["{", "", "null", "[" * 100_000 + "]" * 100_000, '{"@type":"Article","a":[' * 8_000, " " * (MAX_LINKED_DATA_CHARS + 1)],
)
def test_linked_data_beyond_repair_is_passed_over(source):
    assert parse(ld(source)).linked_data == ()


def test_types_are_read_without_their_namespace():
    assert types_of({"@type": ["https://schema.org/NewsArticle", "Thing"]}) == ("NewsArticle", "Thing")
    assert types_of({"@type": 3}) == ()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Fish &amp; chips ", "Fish & chips"),
        ([{"@value": "a"}], "a"),
        ({"name": "Ann"}, "Ann"),
        (3, None),
        ([], None),
        ({"name": ["", "b"]}, "b"),
    ],
)
def test_a_linked_text_is_a_string_however_it_is_wrapped(value, text):
    assert string(value) == text


def test_the_first_meta_tag_of_a_name_counts():
    meta = parse('<meta property="og:Title" content="a"><meta name="OG:title" content="b"><meta name=empty content=" "><p>x').meta
    assert meta == {"og:title": "a"}


def test_links_are_relative_to_the_base_where_there_is_one():
    document = parse('<base href="/news/"><p>x', "https://a.example/b")
    assert document.base_url == "https://a.example/news/"
    assert parse("<p>x", "https://a.example/b").base_url == "https://a.example/b"


def test_bytes_are_read_like_the_text_they_are():
    page = "<title>Fährt wieder</title><link rel=canonical href=/a><h1>Die Fähre</h1><time datetime=2024-05-29>Mittwoch</time>"
    for document in (parse(page), parse(page.encode())):
        assert document.canonical == ("/a",)
        assert {
            tag: [element.text for element in found] for tag, found in document.tagged.items() if tag not in {"link", "base"}
        } == {
            "title": ["Fährt wieder"],
            "h1": ["Die Fähre"],
            "time": ["Mittwoch"],
        }


def test_scripts_and_controls_leave_the_tree_and_what_follows_them_stays():
    text = "".join(parse("<p>a<script>b</script>c<button>d</button>e<style>f</style>g").root.itertext())
    assert "".join(text.split()) == "aceg"


@pytest.mark.parametrize("tag", ["div", "span", "b", "table"])
def test_text_below_a_hundred_thousand_elements_is_not_lost(tag):
    document = parse(f"<html><head><title>Deep</title></head><body>{f'<{tag}>' * 100_000}<p>The text.</p><p>And more.</p>")
    assert [element.text for element in document.root.iter("p")] == ["The text.", "And more."]


def test_a_text_of_ten_megabytes_in_one_element_is_whole():
    assert len("".join(parse("<p>" + "word " * 2_000_000).root.itertext())) == 10_000_000


def test_entities_of_a_document_type_are_not_expanded():
    bomb = '<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><html><body><p>&b;</p></body></html>'
    assert "aaaaaaaaaa" * 8 not in "".join(parse(bomb).root.itertext())


def test_an_xml_declaration_of_another_charset_does_not_disturb():
    assert (
        "".join(parse('<?xml version="1.0" encoding="iso-8859-1"?><html><body><p>café</p></body></html>').root.itertext()) == "café"
    )


def test_a_page_of_nothing_but_comments_has_no_element():
    with pytest.raises(NoMainText):
        parse("<!-- nothing -->")


@pytest.mark.parametrize(
    "head",
    ['<link rel="canonical" href="https://a.example/news/b">', '<meta property="og:url" content="https://a.example/news/b">'],
)
def test_links_of_a_page_whose_address_is_not_known_are_relative_to_the_one_it_states(head):
    assert parse(f"<head>{head}</head><p>x").base_url == "https://a.example/news/b"
    assert parse(f"<head>{head}<base href='/hub/'></head><p>x").base_url == "https://a.example/hub/"
    assert parse(f"<head>{head}</head><p>x", "https://b.example/").base_url == "https://b.example/"
