"""A page's tree read once into plain objects: who stands where, and what a reader sees of it.

Splitter and body ask thousands of small questions of a page: the text of this element, the one before it, whether a picture stands
in it.  Asked of the C tree, each makes Python objects anew and joins the same text again.  Here the elements lie in one list in the
order of the page and their runs of text in another, so that an element's descendants and its text are slices.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from lxml.html import HtmlElement

from worker.article.evidence import lexicon

BREAK = "\x1e\n"
"""The run that stands for a `<br>`: white space that no page has."""

_SITE = frozenset({"nav", "footer"})
_LARGE = 250  # elements: more than a card or a heading holds


_NONE: list[Node] = []  # shared by all that have no children; it stays empty


class Node:
    """An element of a page.  Its descendants are `nodes[at + 1 : end]` of the page, its text `runs[first : last]`."""

    __slots__ = ("_names", "_text", "at", "children", "element", "end", "first", "gone", "last", "page", "parent", "place", "tag")

    def __init__(self, page: Outline, element: HtmlElement, parent: Node | None) -> None:
        self.page = page
        self.element = element
        self.tag: str = element.tag
        self.parent = parent
        self.place = 0  # among its parent's children
        if parent is not None:
            if parent.children:
                self.place = len(parent.children)
                parent.children.append(self)
            else:
                parent.children = [self]
        self.at = len(page.nodes)
        self.first = len(page.runs)
        self.end = self.last = 0
        self.children: list[Node] = _NONE
        self.gone = False
        self._text: str | None = None
        self._names: str | None = None

    @property
    def text(self) -> str:
        """What a reader sees of the text below, spaces folded."""
        if self._text is None:
            self._text = " ".join("".join(self.page.runs[self.first : self.last]).split())
        return self._text

    @property
    def lead(self) -> str:
        """Its own words before its first child."""
        last = next((node.first for node in self.children if not node.gone), self.last) if self.children else self.last
        return "".join(self.page.runs[self.first : last])

    @property
    def says_first(self) -> bool:
        """Whether a run of its own comes before its first child."""
        return self.first < (self.children[0].first if self.children else self.last)

    @property
    def tail(self) -> str:
        """The words after it and before the next element or its parent's end."""
        if self.parent is None:
            return ""
        siblings, place = self.parent.children, self.place + 1
        while place < len(siblings) and siblings[place].gone:
            place += 1
        return "".join(self.page.runs[self.last : siblings[place].first if place < len(siblings) else self.parent.last])

    @property
    def names(self) -> str:
        """Its class and id in small letters."""
        if self._names is None:
            self._names = f"{self.element.get('class') or ''} {self.element.get('id') or ''}".strip().lower()
        return self._names

    @property
    def is_large(self) -> bool:
        """Whether it holds more elements than a card or a heading does: the text of a page is not read once a link."""
        return self.end - self.at > _LARGE

    @property
    def says_something(self) -> bool:
        """Whether a reader sees any text of it."""
        return any(not run.isspace() for run in self.page.runs[self.first : self.last] if run)

    def get(self, attribute: str) -> str | None:
        """The value of an attribute."""
        value: str | None = self.element.get(attribute)
        return value

    def inner(self) -> Iterator[Node]:
        """Its children."""
        return (node for node in self.children if not node.gone)

    def below(self, *tags: str) -> Iterator[Node]:
        """Its descendants in the order of the page, all or those of some tags."""
        for node in islice(self.page.nodes, self.at + 1, self.end):
            if not node.gone and (not tags or node.tag in tags):
                yield node

    def has(self, *tags: str) -> bool:
        """Whether it or a descendant is of one of the tags."""
        return self.tag in tags or next(self.below(*tags), None) is not None

    def ancestors(self) -> Iterator[Node]:
        """Its ancestors, the nearest first."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent

    def following(self) -> Iterator[Node]:
        """Its siblings after it, the nearest first."""
        siblings: Iterable[Node] = self.parent.children if self.parent else ()
        return (node for node in islice(siblings, self.place + 1, None) if not node.gone)

    def preceding(self) -> Iterator[Node]:
        """Its siblings before it, the nearest first."""
        siblings = self.parent.children if self.parent else ()
        return (siblings[at] for at in range(self.place - 1, -1, -1) if not siblings[at].gone)

    def remove_lead(self) -> None:
        """Take out its own words before its first child."""
        inner = next(self.inner(), None)
        last = self.last if inner is None else inner.first
        self.page.runs[self.first : last] = [BREAK if run == BREAK else "" for run in self.page.runs[self.first : last]]
        self._text = None
        for ancestor in self.ancestors():
            ancestor._text = None
        self.element.text = None

    def remove(self) -> None:
        """Take it out of the page; the text after it stays."""
        if self.gone or self.parent is None:
            return
        for node in self.page.nodes[self.at : self.end]:
            node.gone = True
        self.page.runs[self.first : self.last] = [""] * (self.last - self.first)
        for ancestor in self.ancestors():
            ancestor._text = None
        self.page._removed.append(self)


def _is_the_sites(node: Node) -> bool:
    """Whether an element is the site's navigation or foot, of which no article and no list of articles is a part."""
    if node.tag == "nav":
        return not lexicon().is_hook(node.names)
    return all(outer.tag not in {"article", "main"} for outer in node.ancestors())


class Outline:
    """A page: its elements in order, the first the root; the runs of its text in order; its links."""

    def __init__(self, tree: HtmlElement) -> None:
        self._tree = tree
        self._removed: list[Node] = []
        self._owners: list[Node] = []  # of the runs, one each: the element whose own words they are
        self.nodes: list[Node] = []
        self.runs: list[str] = []
        body = tree.find("body")
        self.root = self._read(tree if body is None else body)
        self.links = [node for node in self.nodes if node.tag == "a"]

    def long_runs(self, longer_than: int) -> Iterator[tuple[Node, int]]:
        """Runs of more characters than that, in the order of the page: the element whose own words they are, and their size."""
        for run, owner in zip(self.runs, self._owners, strict=True):
            if len(run) > longer_than and (size := len(run.strip())) > longer_than:
                yield owner, size

    def pruned_tree(self) -> HtmlElement:
        """The tree that the page was read from, without what was removed of the page."""
        for node in self._removed:
            node.element.drop_tree()
        self._removed.clear()
        return self._tree

    def release(self) -> None:
        """Let go of the tree at once: nodes that know each other would hold it until the collector comes by."""
        for node in self.nodes:
            node.children = _NONE
        for held in (self.nodes, self.links, self._owners, self._removed):
            held.clear()

    def _read(self, root: HtmlElement) -> Node:
        nodes, runs, owners = self.nodes, self.runs, self._owners
        top = whole = Node(self, root, None)
        nodes.append(whole)
        if root.text:
            runs.append(root.text)
            owners.append(whole)
        open_elements = [iter(root)]
        while True:
            element = next(open_elements[-1], None)
            if element is None:
                top.end, top.last = len(nodes), len(runs)
                open_elements.pop()
                if top.parent is None:
                    return whole
                element, top = top.element, top.parent
            elif element.tag == "br":
                runs.append(BREAK)
                owners.append(top)
            elif isinstance(element.tag, str):
                node = Node(self, element, top)
                nodes.append(node)
                if node.tag not in _SITE or not _is_the_sites(node):
                    if element.text:
                        runs.append(element.text)
                        owners.append(node)
                    if len(element):
                        top = node
                        open_elements.append(iter(element))
                        continue
                node.end, node.last = len(nodes), len(runs)
            if element.tail:
                runs.append(element.tail)
                owners.append(top)
