"""The main text of a parsed page: one pass of our own where that is sure, trafilatura where it is not.

The pass goes by mass.  Text runs long enough to be prose are found in one XPath; each counts for all its ancestors, unless it stands
in a link, a caption or in furniture (comments, share bars, teasers), which is judged by tag, class and id, once for each distinct
string.  The container is found from the body downwards: one goes on while a single child keeps most of the mass.  Nothing is removed
from the tree; what is furniture is stepped over when the container is read.

When the result is short, holds little of the page's prose or has nothing in common with the stated description, the page is given to
trafilatura, which costs five times as much and fails on other pages than we do.  Its cost is quadratic in places, so a large
document is never given to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import trafilatura
from lxml import etree
from lxml.html import HtmlElement

from worker.article.document import Document
from worker.article.normalize import canonical, clean

MIN_SURE_CHARS = 500
MIN_SURE_SHARE = 0.5
MAX_ELEMENTS_FOR_TRAFILATURA = 30_000
MAX_CHARS_FOR_TRAFILATURA = 2_000_000

_PROSE_RUN = 25  # characters: shorter runs are labels, links and names
_DESCEND_SHARE = 0.72  # of a node's mass, for its best child to take its place


@dataclass(frozen=True, slots=True)
class Body:
    """An article's paragraphs in the order of the page, and which way they were found: `fast`, `trafilatura`, `unsure` or `none`."""

    paragraphs: tuple[str, ...]
    path: str

    @property
    def size(self) -> int:
        """Characters."""
        return sum(map(len, self.paragraphs))


def main_text(document: Document, *, title: str | None = None, description: str | None = None) -> Body:
    """Find the article's text.  No paragraphs, with the path `none`, where there is no text at all.

    `title` is the headline, which is no part of the text; `description` is the page's own summary, which speaks for a text that
    shares its words.
    """
    body, share = _fast(document.root, title)
    if body.size >= MIN_SURE_CHARS and share >= MIN_SURE_SHARE and _agrees(body, description):
        return body
    if _fits_trafilatura(document.root) and (second := _trafilatura(document, title)):
        return second
    return Body(body.paragraphs, "unsure" if body.paragraphs else "none")


def _agrees(body: Body, description: str | None) -> bool:
    """Whether the text has enough of the description's words; a description too short to tell agrees with everything."""
    wanted = {word for word in canonical(description or "").split() if len(word) > 3}
    if len(wanted) < 5:
        return True
    found = wanted & set(canonical(" ".join(body.paragraphs)).split())
    return len(found) >= 0.4 * len(wanted)


def _fits_trafilatura(root: HtmlElement) -> bool:
    elements, chars = root.xpath("count(.//*)"), root.xpath("string-length(.)")
    return bool(elements <= MAX_ELEMENTS_FOR_TRAFILATURA and chars <= MAX_CHARS_FOR_TRAFILATURA)


def _trafilatura(document: Document, title: str | None) -> Body | None:
    found = trafilatura.bare_extraction(
        document.root,
        url=document.url,
        fast=True,
        include_comments=False,
        include_tables=True,
        with_metadata=False,
        deduplicate=False,
    )
    if found is None or not found.text:
        return None
    paragraphs = _finish(found.text.split("\n"), title)
    return Body(paragraphs, "trafilatura") if paragraphs else None


# --- the fast pass ------------------------------------------------------------------------------------------------------------

_SKIPPED_TAGS = {"nav", "footer", "aside", "figcaption", "head", "form", "label", "legend", "menu", "address", "time", "caption"}
_NEVER_FURNITURE = {"html", "body", "main", "article"}
_FURNITURE = re.compile(
    r"(?:^|[\s_-])(?:"
    r"comments?(?:[-_]?(?:list|section|area|thread|form|box|wrapper))?|disqus\w*|respond|"
    r"shar(?:e|ing|er)\w*|social\w*|follow[-_]?us|addthis\w*|sharedaddy|jp-relatedposts|"
    r"related\w*|recommend\w*|recirc\w*|more[-_]?(?:from|stories|news|articles|on)|read[-_]?(?:more|also|next)|also[-_]?read|"
    r"most[-_]?(?:read|popular|viewed)|popular|trending|teasers?|promos?\w*|outbrain\w*|taboola\w*|zergnet|"
    r"newsletters?\w*|subscri\w+|sign[-_]?up|paywall|registration|"
    r"cookies?\w*|consent|gdpr|"
    r"side[-_]?bar\w*|right[-_]?rail|rail|widgets?|"
    r"footer\w*|foot|masthead|nav\w*|menus?|breadcrumbs?\w*|pagination|pager|toolbar|tool[-_]?bar|"
    r"ad|ads|adv|advert\w*|sponsor\w*|banner|dfp\w*|gpt\w*|"
    r"by-?lines?|author(?:s|[-_]?(?:bio|box|info|card|name|details?))?|bio|contributors?|"
    r"captions?|wp-caption-text|credits?|copyrights?|image[-_]?(?:caption|credit)|photo[-_]?(?:caption|credit)|"
    r"tags?|tag[-_]?(?:list|cloud|links)|topics?|keywords|categor(?:y|ies)|meta|post[-_]?meta|entry[-_]?meta|entry[-_]?footer|"
    r"timestamp|dateline|published|updated|"
    r"hidden|visually[-_]?hidden|sr[-_]?only|screen[-_]?reader\w*|tooltip|modal|pop[-_]?up|overlay|lightbox|"
    r"rating\w*|print[-_]?only|skip[-_]?link|gallery|slideshow|carousel|video[-_]?(?:player|js)|player|"
    r"disclaimer|notice|correction[-_]?link|feedback|survey|poll|quiz"
    r")(?:$|[\s_-])",
    re.IGNORECASE,
)
_BLOCKS = frozenset("p li dt dd h1 h2 h3 h4 h5 h6 blockquote pre div section article main header ul ol dl table thead tbody tfoot tr center "
                    "details summary figure fieldset hr body".split())  # fmt: skip
_HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())


@lru_cache(maxsize=20_000)
def _is_furniture(tag: str, names: str) -> bool:
    if tag in _SKIPPED_TAGS:
        return True
    return tag not in _NEVER_FURNITURE and _FURNITURE.search(names) is not None


def _stepped_over(element: HtmlElement) -> bool:
    tag = element.tag
    if not isinstance(tag, str):
        return True
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    if len(names) > 300:
        names = names[:300]
    return (
        _is_furniture(tag, names)
        or element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
        or "display:none" in (element.get("style") or "").replace(" ", "")
    )


@dataclass(slots=True)
class _Node:
    """An ancestor of prose."""

    element: HtmlElement
    parent: _Node | None
    depth: int
    excluded: bool  # in furniture or in a link
    mass: int = 0
    best: _Node | None = None


def _fast(root: HtmlElement, title: str | None) -> tuple[Body, float]:
    """The text by mass, and the share of the page's prose that it stands for."""
    container, mass, total = _container(root)
    if container is None:
        return Body((), "none"), 0.0
    paragraphs = _finish(_paragraphs(container), title)
    return Body(paragraphs, "fast"), mass / total if total else 0.0


def _container(root: HtmlElement) -> tuple[HtmlElement | None, int, int]:
    nodes: dict[HtmlElement, _Node] = {}
    total = 0
    for run in root.xpath("//body//text()[string-length(.) > $least]", least=_PROSE_RUN):
        element = run.getparent()
        if run.is_tail:
            element = element.getparent()
        size = len(run.strip())
        if size <= _PROSE_RUN:
            continue
        node = _node(element, nodes)
        total += size
        if not node.excluded:
            node.mass += size
    if not nodes:
        return None, 0, 0
    top = _gather(nodes)
    node = top
    while node.best is not None and node.best.mass >= _DESCEND_SHARE * node.mass and node.best.element.tag not in _LEAVES:
        node = node.best
    return node.element, node.mass, total


_LEAVES = frozenset("p li span em strong b i a font td".split())  # no containers: where they have all the mass, their parent is one


def _node(element: HtmlElement, nodes: dict[HtmlElement, _Node]) -> _Node:
    """The node of an element, made together with those of its ancestors that are not yet known."""
    path: list[HtmlElement] = []
    current: HtmlElement | None = element
    while current is not None and current not in nodes:
        path.append(current)
        current = current.getparent()
    node = nodes[current] if current is not None else None
    for step in reversed(path):
        excluded = (node is not None and node.excluded) or step.tag == "a" or _stepped_over(step)
        node = nodes[step] = _Node(step, node, node.depth + 1 if node else 0, excluded)
    return nodes[element]


def _gather(nodes: dict[HtmlElement, _Node]) -> _Node:
    """Add every node's mass to its parent's, children first, and return the topmost."""
    ordered = sorted(nodes.values(), key=lambda node: -node.depth)
    for node in ordered:
        parent = node.parent
        if parent is not None and not node.excluded:
            parent.mass += node.mass
            if parent.best is None or node.mass > parent.best.mass:
                parent.best = node
    return ordered[-1]


@dataclass(slots=True)
class _Block:
    """A run of inline text between two block boundaries."""

    tag: str
    parts: list[str]
    linked: int = 0  # characters within links


def _paragraphs(container: HtmlElement) -> Iterator[str]:
    """The container's text, block by block, without furniture, link lists and headings that nothing follows."""
    blocks = [block for block in _blocks(container) if not block.parts == []]
    pending: list[str] = []  # headings wait for a paragraph
    for block in blocks:
        for piece in _BLANK_LINE.split("".join(block.parts)):
            text = clean(piece)
            if not text:
                continue
            if block.linked > 0.6 * max(1, len(text)) and (len(text) < 200 or block.linked > 0.9 * len(text)):
                continue
            if block.tag in _HEADINGS:
                pending.append(text)
                continue
            yield from pending
            pending.clear()
            yield text


_BREAK = "\u2028"  # a line separator stands for <br>; two of them part paragraphs
_BLANK_LINE = re.compile(rf"{_BREAK}\s*{_BREAK}")


def _blocks(container: HtmlElement) -> Iterator[_Block]:
    block = _Block(container.tag, [])
    depth_in_link = 0
    skipped: HtmlElement | None = None
    walker = etree.iterwalk(container, events=("start", "end"))
    for event, element in walker:
        tag = element.tag
        if event == "start":
            if element is not container and _stepped_over(element):
                skipped = element
                walker.skip_subtree()
                continue
            if tag == "br":
                block.parts.append(_BREAK)
            if tag in _BLOCKS:
                yield block
                block = _Block(tag, [])
            elif tag == "a":
                depth_in_link += 1
            elif tag in {"td", "th"}:
                block.parts.append(" ")
            if text := element.text:
                block.parts.append(text)
                if depth_in_link:
                    block.linked += len(text.strip())
        else:
            if element is skipped:
                skipped = None
            elif tag in _BLOCKS:
                yield block
                outer = element.getparent()
                block = _Block(outer.tag if outer is not None and outer.tag in _BLOCKS else "div", [])
            elif tag == "a" and depth_in_link:
                depth_in_link -= 1
            if element is not container and (tail := element.tail):
                block.parts.append(tail)
                if depth_in_link:
                    block.linked += len(tail.strip())
    yield block


def _finish(paragraphs: Iterator[str] | list[str], title: str | None) -> tuple[str, ...]:
    """Clean paragraphs, without empty ones and without the headline at their head."""
    texts = [text for text in map(clean, paragraphs) if text]
    headline = canonical(title or "")
    while texts and headline and canonical(texts[0]) == headline:
        texts.pop(0)
    return tuple(texts)
