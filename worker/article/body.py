"""The main text of a parsed page: one pass of our own where that is sure, trafilatura where it is not.

The pass goes by mass.  Each run of text long enough to be prose counts for all its ancestors, unless it stands in a link or in
furniture (comments, share bars, teasers, captions), which is judged by tag, class and id, once for each distinct string.  The
container is found from the body downwards: one goes on while a single child keeps most of the mass.  Nothing is removed from the
page; what is furniture is stepped over when the container is read.

When the result is short, holds little of the page's prose or has nothing in common with the stated description, the page goes to
trafilatura, which costs five times as much and fails on other pages.  Its cost is quadratic in places, so a large document never
goes there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache

import trafilatura
from lxml.html import HtmlElement

from worker.article.normalize import canonical, clean
from worker.article.outline import BREAK, Node, Outline

MIN_SURE_CHARS = 500
MIN_SURE_SHARE = 0.5
MAX_ELEMENTS_FOR_TRAFILATURA = 30_000
MAX_CHARS_FOR_TRAFILATURA = 2_000_000

_MIN_STANDFIRST = 40  # characters
_OPENING = 4  # paragraphs in which a description has its words, as a rule
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


def main_text(page: Outline, *, url: str | None = None, headlines: Collection[str] = (), description: str | None = None) -> Body:
    """Find the article's text.  No paragraphs, with the path `none`, where there is no text at all.

    `headlines` are wordings of the headline, which is no part of the text; `description` is the page's own summary, which speaks
    for a text that shares its words.
    """
    body, share = _fast(page, headlines, description)
    if body.size >= MIN_SURE_CHARS and share >= MIN_SURE_SHARE and _agrees(body, description):
        return body
    _drop_asides(page)
    tree = page.pruned_tree()
    if _fits_trafilatura(tree):
        second = _trafilatura(tree, url, headlines)
        if _is_prose(second) or not _is_prose(body):
            return second if second.paragraphs else body
    return body


def _drop_asides(page: Outline) -> None:
    """Take out what is named for comments, newsletters or the author's life, where the page has much else to read."""
    whole = sum(size for _, size in page.long_runs(_PROSE_RUN))
    for node in page.root.below("div", "section", "aside", "ul", "ol", "form", "p"):
        if _ASIDE.search(node.names) and len(node.text) < _MAX_ASIDE * whole:
            node.remove()


def _is_prose(body: Body) -> bool:
    """Whether most of a text is in lines of some length.  trafilatura's last resort returns menus as well, a word a line."""
    return sum(len(text) for text in body.paragraphs if len(text) > _PROSE_RUN) > 0.5 * body.size


def _agrees(body: Body, description: str | None) -> bool:
    """Whether the text has enough of the description's words; a description too short to tell agrees with everything."""
    wanted = [word for word in set(canonical(description or "").split()) if len(word) > 3]
    if len(wanted) < 5:
        return True
    missing = 0.4 * len(wanted)
    for part in (body.paragraphs[:_OPENING], body.paragraphs[_OPENING:]):
        text = "\n".join(part).casefold()
        unsaid: list[str] = []
        for word in wanted:
            if not _says(text, word):
                unsaid.append(word)
            elif missing > 1:
                missing -= 1
            else:
                return True
        wanted = unsaid
    return False


def _says(text: str, word: str) -> bool:
    """Whether a whole word is in a text."""
    at = text.find(word)
    while at >= 0:
        if not text[at - 1 : at].isalnum() and not text[at + len(word) : at + len(word) + 1].isalnum():
            return True
        at = text.find(word, at + 1)
    return False


def _fits_trafilatura(tree: HtmlElement) -> bool:
    elements, chars = tree.xpath("count(.//*)"), tree.xpath("string-length(.)")
    return bool(elements <= MAX_ELEMENTS_FOR_TRAFILATURA and chars <= MAX_CHARS_FOR_TRAFILATURA)


def _trafilatura(tree: HtmlElement, url: str | None, headlines: Collection[str]) -> Body:
    found = trafilatura.extract(
        tree,
        url=url,
        fast=True,
        include_comments=False,
        include_tables=True,
        with_metadata=False,
        deduplicate=False,
    )
    paragraphs = _finish(list(map(clean, (found or "").split("\n"))), headlines)
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
)
_COMMENTS = re.compile(r"comment(?!s?[-_](?:enabled|disabled|open|closed|allowed|on|off)\b)|disqus|respond")
_ARTICLE_BODY = re.compile(
    r"(?:article|story|post|entry|news)[-_]*(?:body|content|text)(?:$|[\s_-])|(?:^|[\s_-])(?:body[-_]?text|rich-?text)(?:$|[\s_-])",
)
_ASIDE = re.compile(
    r"(?:^|[\s_-])(?:comments?(?![-_](?:enabled|disabled|open|closed|allowed|on|off)\b)\w*|disqus\w*|respond|newsletters?\w*|"
    r"author[-_]?(?:bio|box|info|card|details?)|bio|sign[-_]?up)(?:$|[\s_-])"
)
_MAX_ASIDE = 0.3  # of the page's prose
_CREDIT_AT_END = re.compile(
    r"(?:^|[\s.|(])(?:(?:photo|picture|image|foto|bild|imagem|imagen|immagine|fotografía|crédit photo|фото|φωτο)s?"
    r"(?:rechte|graph| by| credit|nachweis)?|credits?|copyright|©)\s*[:：/©]\s*[^.!?:：]{2,60}$",
    re.IGNORECASE,
)
_NO_NAME_ENDS_WITH = ".!?:："  # as above
_CREDIT_MARK = re.compile("[:：/©]")
_MAX_CAPTION = 400  # characters
# fmt: off
_BLOCKS = {"p", "li", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "div", "section", "article", "main",
           "header", "ul", "ol", "dl", "table", "thead", "tbody", "tfoot", "tr", "center", "details", "summary", "figure",
           "fieldset", "hr", "body"}
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_LEAVES = {"p", "li", "span", "em", "strong", "b", "i", "a", "font", "td"}  # of these, the parent is the container
_HIDING = frozenset({"hidden", "aria-hidden", "style"})
_LABELS = {"h1", "figcaption", "a", "title"}
_CELLS = {"td", "th"}
_ENTRIES = {"li", "tr", "dt", "dd"}
_MAX_LISTED = 100
# fmt: on


@lru_cache(maxsize=20_000)
def _is_furniture(tag: str, names: str) -> bool:
    if tag in _SKIPPED_TAGS:
        return True
    return tag not in _NEVER_FURNITURE and _FURNITURE.search(names) is not None


def _opens_an_entry(time: Node) -> bool:
    """Whether a time or date is the first thing in an entry of a list or before its heading: a timeline, a live blog."""
    following = next(time.following(), None)
    if following is not None and following.tag in _HEADINGS and following.tag != "h1":
        return True
    outer = time.parent
    while outer is not None and outer.tag in {"strong", "b", "span", "a"}:
        outer = outer.parent
    return outer is not None and outer.tag in {"li", "dt", "dd", "td", "th", "p", *_HEADINGS}


def _stepped_over(node: Node, spared: frozenset[str]) -> bool:
    if node.tag == "time":
        return not _opens_an_entry(node)
    return (_is_furniture(node.tag, node.names) and node.names not in spared) or _is_hidden(node)


def _is_hidden(node: Node) -> bool:
    if _HIDING.isdisjoint(node.element.keys()):  # most have one attribute or none
        return False
    return (
        node.get("hidden") is not None
        or node.get("aria-hidden") == "true"
        or "display:none" in (node.get("style") or "").replace(" ", "")
    )


class _Mass:
    """What an element weighs that has prose in it, at whatever depth."""

    __slots__ = ("children", "excluded", "mass", "node", "own", "prose")

    def __init__(self, node: Node) -> None:
        self.node = node
        self.own = 0  # characters of the long runs that it is the parent of
        self.prose = 0  # the same for all its descendants
        self.mass = 0  # the same without what stands in links and furniture
        self.excluded = False  # stands in them itself
        self.children: list[_Mass] = []  # and no parent: a circle would hold the tree until the collector comes by


def _fast(page: Outline, headlines: Collection[str], description: str | None) -> tuple[Body, float]:
    """The text by mass, and the share of the page's prose that it stands for."""
    masses = _masses(page)
    whole, spared = masses[0], _weigh(masses)
    if not whole.prose:
        return Body((), "none"), 0.0
    container = _container(whole)
    paragraphs = _finish(_paragraphs(container.node, spared), headlines)
    paragraphs = (*_standfirst(masses, paragraphs, description), *paragraphs)
    return Body(paragraphs, "fast" if paragraphs else "none"), container.mass / whole.prose


def _standfirst(masses: list[_Mass], paragraphs: tuple[str, ...], description: str | None) -> tuple[str, ...]:
    """The paragraph outside the container that says what the page's own description says, if the text does not have it."""
    wanted = canonical((description or "").rstrip(" .…"))
    if len(wanted) < _MIN_STANDFIRST or not paragraphs or any(_opens_with(text, wanted) for text in paragraphs[:3]):
        return ()
    for mass in masses:
        if mass.own >= 0.6 * len(wanted) and mass.own == mass.prose and not mass.excluded and mass.node.tag not in _LABELS:
            text = clean(mass.node.text)
            if len(text) < 2 * len(wanted) and _opens_with(text, wanted):
                return (text,)
    return ()


def _opens_with(text: str, wanted: str) -> bool:
    """Whether the canonical form of a text begins with that of another."""
    return _canonical_start(text, len(wanted)).startswith(wanted)


def _canonical_start(text: str, size: int) -> str:
    """The beginning of a text's canonical form: so many characters or more, or all of it.

    A space neither composes with what stands before it nor folds, so a text may be cut there.
    """
    cut = text.find(" ", size + size // 4)
    start = canonical(text[:cut]) if cut >= 0 else ""
    return start if len(start) >= size else canonical(text)


def _masses(page: Outline) -> list[_Mass]:
    """The root and every element with prose in it that is not in a link, in the order of the page."""
    root = _Mass(page.root)
    masses = [root]
    known: dict[Node, _Mass | None] = {page.root: root}  # None within links
    for owner, size in page.long_runs(_PROSE_RUN):
        path: list[Node] = []
        node = owner
        while node not in known and node.tag != "a" and node.parent is not None:
            path.append(node)
            node = node.parent
        mass = known.get(node)
        for step in reversed(path):
            if mass is not None:
                outer, mass = mass, _Mass(step)
                outer.children.append(mass)
                masses.append(mass)
            known[step] = mass
        if mass is not None:
            mass.own += size
    return masses


def _weigh(masses: list[_Mass]) -> frozenset[str]:
    """Give every element its prose and its mass.

    Returns the names that were not taken at their word: a theme may call the columns of its article `sidebar-grid`.  They are
    looked for only where next to nothing is left without them, and what is named for comments is not among them.
    """
    for mass in reversed(masses):
        mass.prose = mass.own
        for child in mass.children:
            mass.prose += child.prose
    spared: frozenset[str] = frozenset()
    _add_up(masses, spared)
    body = masses[0]
    if body.mass < _LITTLE_LEFT * body.prose:
        by_names: Counter[str] = Counter()
        for mass in masses:
            by_names[mass.node.names] += mass.prose
        spared = frozenset(
            names for names, prose in by_names.items() if prose > _SPARED_SHARE * body.prose and not _COMMENTS.search(names)
        )
        _add_up(masses, spared)
    return spared


def _add_up(masses: list[_Mass], spared: frozenset[str]) -> None:
    masses[0].excluded = _stepped_over(masses[0].node, spared)
    for mass in masses:
        mass.mass = 0 if mass.excluded else mass.own
        for child in mass.children:
            child.excluded = mass.excluded or _stepped_over(child.node, spared)
    for mass in reversed(masses):
        for child in mass.children:
            mass.mass += child.mass


def _container(body: _Mass) -> _Mass:
    """Go down from the body while one child keeps most of the mass; then to one article among others, if the page marks it."""
    mass = body
    while mass.children:
        child = max(mass.children, key=lambda child: child.mass)
        if child.mass < _DESCEND_SHARE * mass.mass or child.node.tag in _LEAVES:
            break
        if sum(beside.own for beside in mass.children if beside is not child and not beside.excluded) > _BESIDE_SHARE * mass.mass:
            break  # paragraphs stand beside the child: it is the part behind a `read all`
        mass = child
    marked = [inner for inner in _below(mass) if inner.mass and _is_marked(inner.node)]
    if not marked or marked[0].mass < max(MIN_SURE_CHARS, _MARKED_SHARE * mass.mass):
        return mass
    in_parts = sum(other.node.names == marked[0].node.names for other in marked) > 1
    return mass if in_parts and sum(1 for _ in mass.node.below("h1")) < 2 else marked[0]


def _below(mass: _Mass) -> Iterator[_Mass]:
    """Its descendants in the order of the page."""
    stack = mass.children[::-1]
    while stack:
        inner = stack.pop()
        yield inner
        stack.extend(reversed(inner.children))


def _is_marked(node: Node) -> bool:
    return _is_named_body(node.names) or node.get("itemprop") == "articleBody"


@lru_cache(maxsize=8_000)
def _is_named_body(names: str) -> bool:
    return _ARTICLE_BODY.search(names) is not None


class _Block:
    """Inline text between two boundaries: block elements, or two line breaks."""

    __slots__ = ("linked", "parts", "tag")

    def __init__(self, tag: str, parts: list[str], linked: int) -> None:
        self.tag = tag
        self.parts = parts
        self.linked = linked  # characters within links

    @property
    def text(self) -> str:
        return clean("".join(self.parts))

    def is_link(self, text: str) -> bool:
        """Whether it only leads elsewhere: all of it a link, or most of a short one."""
        return self.linked > 0.6 * len(text) and (len(text) < 200 or self.linked > 0.9 * len(text))


def _paragraphs(container: Node, spared: frozenset[str]) -> list[str]:
    """The container's text, block by block, without furniture, links that stand alone and headings that nothing follows.

    Linked entries of a list or table stay where paragraphs stand on both sides: results, a programme, sources.  More than
    `_MAX_LISTED` of them are a directory.
    """
    paragraphs: list[str] = []
    headings: list[str] = []
    listed: list[str] = []  # headings and linked entries since the last paragraph
    entries = 0
    for block in _Reader(container, spared).blocks:
        text = block.text
        if not text:
            continue
        if block.tag in _HEADINGS:
            headings.append(text)
            listed.append(text)
        elif block.is_link(text):
            if block.tag in _ENTRIES:
                listed.append(text)
                entries += 1
        elif not _ends_with_credit(text):
            if 1 < entries <= _MAX_LISTED and paragraphs and len(text) > _PROSE_RUN:
                paragraphs += listed
            else:
                paragraphs += headings
            headings.clear()
            listed.clear()
            entries = 0
            paragraphs.append(text)
    return paragraphs


def _ends_with_credit(text: str) -> bool:
    """Whether a short paragraph ends with the name of who took a picture: it is the picture's caption."""
    if len(text) > _MAX_CAPTION or text[-1] in _NO_NAME_ENDS_WITH:
        return False
    start = max(0, len(text) - 80)
    return _CREDIT_MARK.search(text, start) is not None and _CREDIT_AT_END.search(text, start) is not None


class _Reader:
    """Reads a container into blocks, those that say nothing left out."""

    def __init__(self, container: Node, spared: frozenset[str]) -> None:
        self.blocks: list[_Block] = []
        self._runs = container.page.runs
        self._at = container.first  # the run to read next
        self._tag = container.tag  # of the block at hand
        self._parts: list[str] = []
        self._linked = 0
        self._says = False  # the block has more than white space
        self._broken = False  # its last part is a <br>
        self._links = 0  # open at this point
        self._read(container, spared)

    def _read(self, container: Node, spared: frozenset[str]) -> None:
        nodes = container.page.nodes
        inside = [container]
        at = container.at + 1
        while inside:
            node = inside[-1]
            if at == node.end:
                if self._at < node.last:
                    self._say(node.last)
                inside.pop()
                self._links -= node.tag == "a"
                if node.tag in _BLOCKS:
                    self._close(_enclosing_block(node))
                continue
            child = nodes[at]
            if child.gone:
                at = child.end
                continue
            if self._at < child.first:
                self._say(child.first)
            if _stepped_over(child, spared):
                at, self._at = child.end, child.last
                if child.tag in _BLOCKS:
                    self._close(_enclosing_block(child))
                continue
            at += 1
            inside.append(child)
            if child.tag in _BLOCKS:
                self._close(child.tag)
            elif child.tag in _CELLS:
                self._parts.append(" ")
                self._broken = False
            self._links += child.tag == "a"
        self._close("")

    def _say(self, until: int) -> None:
        for run in self._runs[self._at : until]:
            if run != BREAK:
                if run:
                    self._parts.append(run)
                    if not run.isspace():
                        self._says, self._broken = True, False
                        if self._links:
                            self._linked += len(run)
            elif self._broken:
                self._close(self._tag)
            else:
                self._parts.append(" ")
                self._broken = True
        self._at = until

    def _close(self, following: str) -> None:
        if self._says:
            self.blocks.append(_Block(self._tag, self._parts, self._linked))
            self._parts, self._linked, self._says = [], 0, False
        elif self._parts:
            self._parts.clear()
        self._tag, self._broken = following, False


def _enclosing_block(node: Node) -> str:
    return node.parent.tag if node.parent is not None and node.parent.tag in _BLOCKS else "div"


def _finish(paragraphs: list[str], headlines: Collection[str]) -> tuple[str, ...]:
    """The paragraphs without empty ones and without the headline at their head."""
    texts = [text for text in paragraphs if text]
    own = set(map(canonical, headlines)) - {""}
    longest = max(map(len, own), default=0)
    first = 0
    while own and first < len(texts) and _canonical_start(texts[first], longest + 1) in own:
        first += 1
    return tuple(texts[first:])
