"""A page parsed once: the one tree, its JSON-LD and its meta tags, which every later step reads.

libxml2 is fast and forgiving, and has two habits to know: it stops at 2,048 levels of nesting and silently loses what is below, and
without `huge_tree` it loses long text nodes too.  What carries no text (scripts, styles, controls) leaves the tree here, in C and
at once, so that no later step walks over it.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from itertools import islice
from typing import Final, cast

import orjson
from lxml import etree
from lxml.etree import _Element as Element
from lxml.html import HtmlElement

from worker.article.addresses import absolute
from worker.article.normalize import clean
from worker.errors import NoMainText

Json = Mapping[str, "Json"] | list["Json"] | str | int | float | bool | None
JsonObject = Mapping[str, Json]

MAX_LINKED_DATA_CHARS: Final = 2_000_000
"""JSON-LD of a page that is looked at; the articles among 1,200 real pages have at most 0.4 MB."""

MAX_LINKED_DATA_OBJECTS: Final = 5_000

# fmt: off
_TEXTLESS: Final = (
    "script", "style", "noscript", "template", "iframe", "svg", "math", "object", "embed", "applet", "canvas", "audio",
    "video", "button", "select", "input", "textarea", "datalist", "map", "dialog",
)
# fmt: on


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed page.  The tree is shared: a step that cuts from it cuts for all that follow."""

    root: Element
    url: str | None  # where the page was fetched
    base_url: str | None  # what its links are relative to
    linked_data: tuple[JsonObject, ...]  # every JSON-LD object with a type, outermost first
    meta: Mapping[str, str]  # the first content of each meta name or property, by its lower-case name
    canonical: tuple[str, ...]  # the addresses that it calls canonical, as it writes them
    tagged: Mapping[str, list[Element]]  # its `title`, `h1` and `time` elements in order, by their tag


def parse(page: str | bytes, url: str | None = None) -> Document:
    """Build the tree of a page: text, or the same as sound UTF-8, which spares the parser a copy.

    Raises:
        NoMainText: there is no element in it at all.
    """
    root = _tree(page if isinstance(page, bytes) else page.encode("utf-8", "replace"))
    meta, sources, asking = _head(root)
    etree.strip_elements(root, *_TEXTLESS, with_tail=False)
    for form in asking:
        _set_aside(form)
    tagged: dict[str, list[Element]] = {tag: [] for tag in _TAGGED}
    for element in root.iter(*_TAGGED):
        tagged[element.tag].append(element)
    canonical = tuple(_hrefs(link for link in tagged["link"] if link.get("rel") == "canonical"))
    base = next(_hrefs(tagged["base"]), None)
    return Document(
        root=root,
        url=url,
        base_url=_base_url(base, url, (*canonical[:1], meta.get("og:url", ""))),
        linked_data=tuple(_objects(_linked_data(sources))),
        meta=meta,
        canonical=canonical,
        tagged=tagged,
    )


_TAGGED: Final = ("link", "base", "title", "h1", "time")


def _tree(page: bytes) -> Element:
    root, too_deep = _parse(page)
    if too_deep:
        root, _ = _parse(_NESTING_TAG.sub("\n", page.decode("utf-8", "replace")).encode())
    return root


# Tags that such a page can do without.  What is left does not nest, or hardly.
_NESTING_TAG: Final = re.compile(
    r"</?(?!(?:p|h[1-6]|br|li|title|meta|link|base|script|style|time|html|head|body)\b)[a-z][^<>]*>", re.IGNORECASE
)


# lxml's own class, which is of C: elements of lxml.html are made and freed at half as much again.
_PLAIN: Final = etree.ElementDefaultClassLookup()
_OF_LXML_HTML: Final = etree.ElementDefaultClassLookup(element=HtmlElement)


def copy_for_lxml_html(root: Element) -> HtmlElement:
    """A copy of a tree whose elements have the methods of lxml.html, as htmldate and trafilatura want them."""
    root.getroottree().parser.set_element_class_lookup(_OF_LXML_HTML)  # of elements that are not known yet
    copied: HtmlElement = deepcopy(root)
    return copied


def _parse(page: bytes) -> tuple[Element, bool]:
    # A parser of its own for each page: its log is this page's.  UTF-8 bytes, for lxml refuses a str with an XML declaration.
    # No table of ids: nobody asks for an element by its own, and to keep one costs a twentieth of the parsing.
    parser = etree.HTMLParser(huge_tree=True, encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False)
    parser.set_element_class_lookup(_PLAIN)
    try:
        root = etree.fromstring(page, parser)
    except etree.XMLSyntaxError as error:
        raise NoMainText(f"the page has no element: {error}") from error
    if root is None:
        raise NoMainText("the page has no element")
    return root, len(parser.error_log.filter_from_fatals()) > 0


def number(root: Element, xpath: str) -> float:
    """What an XPath counts."""
    return cast("float", root.xpath(xpath))


def elements(root: Element, xpath: str) -> list[Element]:
    """The elements that an XPath selects."""
    return cast("list[Element]", root.xpath(xpath))


def texts(element: Element) -> Iterator[str]:
    """The runs of text in an element."""
    return cast("Iterator[str]", element.itertext())


def text_of(element: Element) -> str:
    """What a reader sees of the text in an element."""
    return clean(" ".join(texts(element)))


def meta_texts(document: Document, names: Iterable[str]) -> Iterator[str]:
    """What the meta tags of these names say."""
    for name in names:
        if content := document.meta.get(name):
            yield clean(html.unescape(content))


def _hrefs(elements: Iterable[Element]) -> Iterator[str]:
    return (href for element in elements if (href := element.get("href")) is not None)


def _base_url(base: str | None, url: str | None, stated: Iterable[str]) -> str | None:
    """The stated base, else the address of the page: where it was fetched, or where it says that it lives."""
    address = url or next((found for href in stated if (found := absolute(href, None))), None)
    return address if base is None else absolute(base, address) or address


_QUESTIONS: Final = frozenset({"h2", "h3", "h4", "h5", "h6", "dt", "summary"})
_BOXES: Final = frozenset({"div", "section"})
_SAID: Final = "string-length(normalize-space(.))"
_MAX_FORMS: Final = 20
_MAX_FORM_UP: Final = 4  # levels from a form to its box
_MAX_INVITATION: Final = 250  # characters
_META_NAMES: Final = frozenset({"property", "name", "itemprop", "http-equiv"})


def _head(root: Element) -> tuple[dict[str, str], list[str], list[Element]]:
    """What the meta tags say, the sources of the JSON-LD, and the forms that ask for an address of mail; headings that are buttons,
    as they open a section, become text.
    """
    meta: dict[str, str] = {}
    sources: list[str] = []
    asking: list[Element] = []
    for element in root.iter("meta", "script", "button", "input"):
        if element.tag == "input":
            if (element.get("type") or "").lower() == "email" and len(asking) < _MAX_FORMS:
                asking += islice(element.iterancestors("form"), 1)
        elif element.tag == "button":
            outer = element.getparent()
            if outer is not None and outer.tag in _QUESTIONS:
                element.tag = "span"
        elif element.tag == "script":
            if "ld+json" in (element.get("type") or "").lower():
                sources.append(element.text or "")
        elif content := (element.get("content") or "").strip():
            for attribute, key in element.items():
                if attribute in _META_NAMES and key:
                    meta.setdefault(str(key).strip().lower(), content)
    return meta, sources, asking


def _set_aside(form: Element) -> None:
    """Make an aside of the box around a form that asks for an address of mail, where it says little: what the letters are about.

    Only the nearest element that says more than the form is such a box.
    """
    own = number(form, _SAID)
    for box in islice(form.iterancestors(), _MAX_FORM_UP):
        if box.tag not in _BOXES:
            return
        said = number(box, _SAID)
        if said > _MAX_INVITATION or box.find(".//h1") is not None:
            return
        if said > own:
            box.tag = "aside"
            return


def _linked_data(sources: Iterable[str]) -> Iterator[Json]:
    room = MAX_LINKED_DATA_CHARS
    for source in sources:
        room -= len(source)
        if room < 0:
            return
        yield _loads(source)


_WRAPPED: Final = re.compile(r"(?:<!--|(?://\s*)?<!\[CDATA\[)?(.*?)(?:-->|(?://\s*)?\]\]>)?", re.DOTALL)
_TRAILING_COMMA: Final = re.compile(r",(\s*[}\]])")


def _loads(source: str) -> Json:
    """JSON as pages have it: strictly if it is sound, else without the faults seen most often, else None."""
    try:
        strict: Json = orjson.loads(source)
    except orjson.JSONDecodeError:
        pass
    else:
        return strict
    wrapped = _WRAPPED.fullmatch(source.strip("; \t\r\n"))
    bare = wrapped[1] if wrapped else source
    try:
        lenient: Json = json.loads(_TRAILING_COMMA.sub(r"\1", bare), strict=False)  # not strict: line feeds within strings
    except (ValueError, RecursionError):
        return None
    return lenient


def _objects(roots: Iterator[Json]) -> Iterator[JsonObject]:
    """Every typed object, breadth first: an article's author comes after the article."""
    queue = list(roots)
    for seen, value in enumerate(queue):
        if seen > MAX_LINKED_DATA_OBJECTS:
            return
        if isinstance(value, list):
            queue.extend(value)
        elif isinstance(value, dict):
            if "@type" in value:
                yield value
            queue.extend(child for child in value.values() if isinstance(child, (dict, list)))


def types_of(value: JsonObject) -> tuple[str, ...]:
    """The types of a JSON-LD object, without their namespace."""
    stated = value.get("@type")
    names = stated if isinstance(stated, list) else [stated]
    return tuple(name.rpartition("/")[2] for name in names if isinstance(name, str))


def string(value: Json) -> str | None:
    """A JSON-LD text: itself, the first of several, or an object's @value or name; without character references."""
    if isinstance(value, list):
        return next((text for text in map(string, value[:20]) if text), None)
    if isinstance(value, dict):
        return string(value.get("@value") or value.get("name"))
    if isinstance(value, str):
        return " ".join(html.unescape(value).split()) or None
    return None
