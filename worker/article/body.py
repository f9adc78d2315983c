"""The main text of a parsed page: one pass of our own where that is sure, trafilatura where it is not.

The pass goes by mass.  Text runs long enough to be prose are found in one XPath; each counts for all its ancestors, unless it
stands in a link or in furniture (comments, share bars, teasers, captions), which is judged by tag, class and id, once for each
distinct string.  The container is found from the body downwards: one goes on while a single child keeps most of the mass.  Nothing
is removed from the tree; what is furniture is stepped over when the container is read.

When the result is short, holds little of the page's prose or has nothing in common with the stated description, the page goes to
trafilatura, which costs five times as much and fails on other pages.  Its cost is quadratic in places, so a large document never
goes there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
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

_MIN_STANDFIRST = 40  # characters
_PROSE_RUN = 25  # characters: shorter runs are labels, links and names
_LITTLE_LEFT = 0.25  # of the page's prose: with less than this outside of furniture, some furniture is none
_SPARED_SHARE = 0.5  # of the page's prose: a class that holds more is no furniture, whatever it is called
_MARKED_SHARE = 0.3  # of a container's mass, for an article within it to be the page's
_BESIDE_SHARE = 0.15  # of a node's mass, in paragraphs beside its best child, for it to be the container
_DESCEND_SHARE = 0.72  # of a node's mass, for its best child to take its place


@dataclass(frozen=True, slots=True)
class Body:
    """An article's paragraphs in the order of the page, and how they were found: `fast`, `trafilatura` or `none`."""

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
    body, share = _fast(document.root, title, description)
    if body.size >= MIN_SURE_CHARS and share >= MIN_SURE_SHARE and _agrees(body, description):
        return body
    if _fits_trafilatura(document.root):
        second = _trafilatura(document, title)
        if _is_prose(second) or not _is_prose(body):
            return second if second.paragraphs else body
    return body


def _is_prose(body: Body) -> bool:
    """Whether most of a text is in lines of some length.  trafilatura's last resort returns menus as well, a word a line."""
    return sum(len(text) for text in body.paragraphs if len(text) > _PROSE_RUN) > 0.5 * body.size


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


def _trafilatura(document: Document, title: str | None) -> Body:
    found = trafilatura.extract(
        document.root,
        url=document.url,
        fast=True,
        include_comments=False,
        include_tables=True,
        with_metadata=False,
        deduplicate=False,
    )
    paragraphs = _finish((found or "").split("\n"), title)
    return Body(paragraphs, "trafilatura" if paragraphs else "none")


# --- the fast pass ---------------------------------------------------------------------------------------

_SKIPPED_TAGS = {"nav", "footer", "aside", "figcaption", "head", "form", "label", "legend", "menu", "address", "time", "caption"}
_NEVER_FURNITURE = {"html", "body", "main", "article", "a"}  # a link may be a keyword in a sentence; if it stands alone, it goes
_FURNITURE = re.compile(
    r"(?:^|[\s_-])(?:"
    r"comments?(?![-_](?:enabled|disabled|open|closed|allowed|on|off)\b)(?:[-_]?(?:list|section|area|thread|form|box|wrapper))?|disqus\w*|respond|"
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
_COMMENTS = re.compile(r"comment(?!s?[-_](?:enabled|disabled|open|closed|allowed|on|off)\b)|disqus|respond", re.IGNORECASE)
_ARTICLE_BODY = re.compile(
    r"(?:article|story|post|entry|news)[-_]*(?:body|content|text)(?:$|[\s_-])|(?:^|[\s_-])(?:body[-_]?text|rich-?text)(?:$|[\s_-])",
    re.IGNORECASE,
)
# fmt: off
_BLOCKS = {"p", "li", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "div", "section", "article", "main",
           "header", "ul", "ol", "dl", "table", "thead", "tbody", "tfoot", "tr", "center", "details", "summary", "figure",
           "fieldset", "hr", "body"}
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_LEAVES = {"p", "li", "span", "em", "strong", "b", "i", "a", "font", "td"}  # of these, the parent is the container
_LABELS = {"h1", "figcaption", "a", "title"}
_SPACING = {"br", "td", "th"}
# fmt: on


@lru_cache(maxsize=20_000)
def _is_furniture(tag: str, names: str) -> bool:
    if tag in _SKIPPED_TAGS:
        return True
    return tag not in _NEVER_FURNITURE and _FURNITURE.search(names) is not None


def _names(element: HtmlElement) -> str:
    return f"{element.get('class') or ''} {element.get('id') or ''}"[:300]


def _opens_an_entry(time: HtmlElement) -> bool:
    """Whether a time or date is the first thing in an entry of a list or before its heading: a timeline, a live blog."""
    following = time.getnext()
    if following is not None and following.tag in _HEADINGS and following.tag != "h1":
        return True
    outer = time.getparent()
    while outer is not None and outer.tag in {"strong", "b", "span", "a"}:
        outer = outer.getparent()
    return outer is not None and outer.tag in {"li", "dt", "dd", "td", "th", "p", *_HEADINGS}


def _stepped_over(element: HtmlElement, spared: frozenset[str]) -> bool:
    names = _names(element)
    if element.tag == "time":
        return not _opens_an_entry(element)
    return (
        (names not in spared and _is_furniture(element.tag, names))
        or element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
        or "display:none" in (element.get("style") or "").replace(" ", "")
    )


@dataclass(slots=True)
class _Node:
    """An element with prose in it, at whatever depth."""

    element: HtmlElement
    parent: _Node | None
    depth: int
    own: int = 0  # characters of the long runs that it is the parent of
    prose: int = 0  # the same for all its descendants
    mass: int = 0  # the same without what stands in links and furniture
    excluded: bool = False  # stands in them itself
    children: list[_Node] = field(default_factory=list)


def _fast(root: HtmlElement, title: str | None, description: str | None = None) -> tuple[Body, float]:
    """The text by mass, and the share of the page's prose that it stands for."""
    nodes = _nodes(root)
    if not nodes:
        return Body((), "none"), 0.0
    spared = _weigh(nodes)
    container = _container(nodes[0])
    paragraphs = _finish(_paragraphs(container.element, spared), title)
    paragraphs = (*_standfirst(nodes, paragraphs, description), *paragraphs)
    return Body(paragraphs, "fast" if paragraphs else "none"), container.mass / nodes[0].prose


def _standfirst(nodes: list[_Node], paragraphs: tuple[str, ...], description: str | None) -> tuple[str, ...]:
    """The paragraph outside the container that says what the page's own description says, if the text does not have it."""
    wanted = canonical((description or "").rstrip(" .…"))
    if len(wanted) < _MIN_STANDFIRST or not paragraphs or any(canonical(text).startswith(wanted) for text in paragraphs[:3]):
        return ()
    for node in nodes:
        if node.own >= 0.6 * len(wanted) and node.own == node.prose and not node.excluded and node.element.tag not in _LABELS:
            text = clean("".join(node.element.itertext()))
            if len(text) < 2 * len(wanted) and canonical(text).startswith(wanted):
                return (text,)
    return ()


def _nodes(root: HtmlElement) -> list[_Node]:
    """Every element with prose in it, outer ones before inner ones, the body first."""
    known: dict[HtmlElement, _Node] = {}
    for run in root.xpath("//body//text()[string-length(.) > $least][not(ancestor::a)]", least=_PROSE_RUN):
        size = len(run.strip())
        if size > _PROSE_RUN:
            element = run.getparent()
            _node(element.getparent() if run.is_tail else element, known).own += size
    return sorted(known.values(), key=lambda node: node.depth)


def _node(element: HtmlElement, known: dict[HtmlElement, _Node]) -> _Node:
    """The node of an element, made together with those of its ancestors that are not yet known."""
    path: list[HtmlElement] = []
    current: HtmlElement | None = element
    while current is not None and current not in known and current.tag != "html":
        path.append(current)
        current = current.getparent()
    node = known.get(current) if current is not None else None
    for step in reversed(path):
        parent = node
        node = known[step] = _Node(step, parent, parent.depth + 1 if parent else 0)
        if parent:
            parent.children.append(node)
    return known[element]


def _weigh(nodes: list[_Node]) -> frozenset[str]:
    """Give every node its prose and its mass.

    Returns the names that were not taken at their word: a theme may call the columns of its article `sidebar-grid`.  They are
    looked for only where next to nothing is left without them, and what is named for comments is not among them.
    """
    for node in reversed(nodes):
        node.prose += node.own
        if node.parent:
            node.parent.prose += node.prose
    spared: frozenset[str] = frozenset()
    _add_up(nodes, spared)
    body = nodes[0]
    if body.mass < _LITTLE_LEFT * body.prose:
        by_names: Counter[str] = Counter()
        for node in nodes:
            by_names[_names(node.element)] += node.prose
        spared = frozenset(
            names for names, prose in by_names.items() if prose > _SPARED_SHARE * body.prose and not _COMMENTS.search(names)
        )
        _add_up(nodes, spared)
    return spared


def _add_up(nodes: list[_Node], spared: frozenset[str]) -> None:
    for node in nodes:
        node.excluded = (
            (node.parent is not None and node.parent.excluded) or node.element.tag == "a" or _stepped_over(node.element, spared)
        )
        node.mass = 0 if node.excluded else node.own
    for node in reversed(nodes):
        if node.parent and not node.excluded:
            node.parent.mass += node.mass


def _container(body: _Node) -> _Node:
    """Go down from the body while one child keeps most of the mass; then to one article among others, if the page marks it."""
    node = body
    while node.children:
        child = max(node.children, key=lambda child: child.mass)
        if child.mass < _DESCEND_SHARE * node.mass or child.element.tag in _LEAVES:
            break
        if sum(beside.own for beside in node.children if beside is not child and not beside.excluded) > _BESIDE_SHARE * node.mass:
            break  # paragraphs stand beside the child: it is the part behind a `read all`
        node = child
    marked = [inner for inner in _below(node) if inner.mass and _is_marked(inner.element)]
    if not marked or marked[0].mass < max(MIN_SURE_CHARS, _MARKED_SHARE * node.mass):
        return node
    in_parts = sum(_names(other.element) == _names(marked[0].element) for other in marked) > 1
    return node if in_parts and node.element.xpath("count(.//h1)") < 2 else marked[0]


def _below(node: _Node) -> Iterator[_Node]:
    """Its descendants in the order of the page."""
    stack = node.children[::-1]
    while stack:
        inner = stack.pop()
        yield inner
        stack.extend(reversed(inner.children))


def _is_marked(element: HtmlElement) -> bool:
    return element.get("itemprop") == "articleBody" or _ARTICLE_BODY.search(_names(element)) is not None


@dataclass(slots=True)
class _Block:
    """Inline text between two boundaries: block elements, or two line breaks."""

    tag: str
    parts: list[str] = field(default_factory=list)
    linked: int = 0  # characters within links
    broken: bool = False  # its last part is a <br>

    def add(self, text: str | None, *, linked: bool) -> None:
        if text:
            self.parts.append(text)
            if not text.isspace():
                self.broken = False
                self.linked += len(text) if linked else 0

    @property
    def text(self) -> str:
        return clean("".join(self.parts))

    def is_link(self, text: str) -> bool:
        """Whether it only leads elsewhere: all of it a link, or most of a short one."""
        return self.linked > 0.6 * len(text) and (len(text) < 200 or self.linked > 0.9 * len(text))


def _paragraphs(container: HtmlElement, spared: frozenset[str]) -> Iterator[str]:
    """The container's text, block by block, without furniture, links that stand alone and headings that nothing follows."""
    headings: list[str] = []
    for block in _blocks(container, spared):
        text = block.text
        if not text:
            continue
        if block.tag in _HEADINGS:
            headings.append(text)
            continue
        if block.is_link(text):
            continue
        yield from headings
        headings.clear()
        yield text


def _blocks(container: HtmlElement, spared: frozenset[str]) -> Iterator[_Block]:
    block = _Block(container.tag)
    links = 0  # open at this point
    skipped: HtmlElement | None = None
    walker = etree.iterwalk(container, events=("start", "end"))
    for event, element in walker:
        tag = element.tag
        if event == "start":
            if element is not container and _stepped_over(element, spared):
                skipped = element
                walker.skip_subtree()
                continue
            if tag in _BLOCKS or (tag == "br" and block.broken):
                yield block
                block = _Block(tag if tag in _BLOCKS else block.tag)
            elif tag in _SPACING:
                block.parts.append(" ")
                block.broken = tag == "br"
            links += tag == "a"
            block.add(element.text, linked=links > 0)
            continue
        if element is skipped:
            skipped = None
        else:
            links -= tag == "a"
        if tag in _BLOCKS:
            yield block
            block = _Block(_enclosing_block(element))
        if element is not container:
            block.add(element.tail, linked=links > 0)
    yield block


def _enclosing_block(element: HtmlElement) -> str:
    outer = element.getparent()
    return outer.tag if outer is not None and outer.tag in _BLOCKS else "div"


def _finish(paragraphs: Iterator[str] | list[str], title: str | None) -> tuple[str, ...]:
    """Clean paragraphs, without empty ones and without the headline at their head."""
    texts = [text for text in map(clean, paragraphs) if text]
    headline = canonical(title or "")
    while texts and headline and canonical(texts[0]) == headline:
        texts.pop(0)
    return tuple(texts)
