"""A page's tree read once into plain objects: who stands where, and what a reader sees of it.

Splitter and body ask thousands of small questions of a page: the text of this element, the one before it, whether a picture stands
in it.  Asked of the C tree, each makes Python objects anew and joins the same text again.  Here the elements lie in one list in the
order of the page and their runs of text in another, so that an element's descendants and its text are slices.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import accumulate, islice
from typing import Any, Final

from lxml import etree
from lxml.etree import _Element as Element

from worker.article.document import texts
from worker.article.evidence import lexicon
from worker.article.wording import on_one_line

BREAK: Final = "\x1e\n"
"""The run that stands for a `<br>`: white space that no page has."""

PROSE_RUN: Final = 25
"""Characters: shorter runs are labels, links and names."""

_SITE: Final = frozenset({"nav", "footer"})
_CUT: Final = "CUT"  # the tag that an element gets to be cut: in capitals, as the parser writes none
_LAID_OUT: Final = frozenset({"table", "tbody", "tr", "td", "th", "hr"})  # empty ones part what stands beside them
_LARGE: Final = 250  # elements: more than a card or a heading holds


class Node:
    """An element of a page.  Its descendants are `nodes[at + 1 : end]` of the page, its text `runs[first : last]`.

    It knows no children and no siblings: its first child is the node at `at + 1`, and the sibling of a child the node at its `end`.
    """

    __slots__ = ("_classes", "_names", "_text", "at", "element", "end", "first", "gone", "last", "page", "parent", "tag")

    def __init__(self, page: Outline, element: Element, tag: str, parent: Node | None) -> None:
        self.page = page
        self.element = element
        self.tag = tag
        self.parent = parent
        self.at = len(page.nodes)
        self.first = len(page.runs)
        self.end = self.last = 0
        self.gone = False
        self._text: str | None = None
        self._classes: str | None = None
        self._names: str | None = None

    @property
    def text(self) -> str:
        """What a reader sees of the text below, spaces folded."""
        if self._text is None:
            self._text = self._text_of_a_child()
            if self._text is None:
                said = [run for run in self.page.runs[self.first : self.last] if run and not run.isspace()]
                if len(said) == 1:
                    self._text = on_one_line(said[0])
                else:
                    self._text = " ".join("".join(self.page.runs[self.first : self.last]).split())
        return self._text

    def _text_of_a_child(self) -> str | None:
        """The text of the child that says all that this says, if there is one and it is known: who climbs from a link to its card
        asks the inner element first.
        """
        nodes, at = self.page.nodes, self.at + 1
        while at < self.end:
            node = nodes[at]
            if node.last > self.first:
                return node._text if node.first == self.first and node.last == self.last and not node.gone else None
            at = node.end
        return None

    @property
    def lead(self) -> str:
        """Its own words before its first child."""
        child = self._standing(self.at + 1, self.end)
        return "".join(self.page.runs[self.first : self.last if child is None else child.first])

    def own_runs(self) -> list[str]:
        """Its own words, beside its children's, run by run."""
        nodes, runs = self.page.nodes, self.page.runs
        own: list[str] = []
        first, at = self.first, self.at + 1
        while at < self.end:
            child = nodes[at]
            own += runs[first : child.first]
            first, at = child.last, child.end
        own += runs[first : self.last]
        return own

    @property
    def tail(self) -> str:
        """The words after it and before the next element or its parent's end."""
        if self.parent is None:
            return ""
        sibling = self._standing(self.end, self.parent.end)
        return "".join(self.page.runs[self.last : self.parent.last if sibling is None else sibling.first])

    @property
    def classes(self) -> str:
        """Its class in small letters."""
        if self._classes is None:
            self._classes = (self.get("class") or "").lower()
        return self._classes

    @property
    def names(self) -> str:
        """Its class and id in small letters."""
        if self._names is None:
            classes, identity = self.classes, (self.get("id") or "").lower()
            self._names = (f"{classes} {identity}" if classes and identity else classes or identity).strip()
        return self._names

    @property
    def is_large(self) -> bool:
        """Whether it holds more elements than a card or a heading does: the text of a page is not read once a link."""
        return self.end - self.at > _LARGE

    @property
    def says_something(self) -> bool:
        """Whether a reader sees any text of it."""
        return any(run and not run.isspace() for run in self.page.runs[self.first : self.last])

    def get(self, attribute: str) -> str | None:
        """The value of an attribute."""
        value: str | None = self.element.get(attribute)  # of a type that the compiler knows, whether or not it has lxml's stubs
        return value

    def _standing(self, at: int, until: int) -> Node | None:
        """The first that is not gone of the siblings from `at` on."""
        nodes = self.page.nodes
        while at < until:
            node = nodes[at]
            if not node.gone:
                return node
            at = node.end
        return None

    @property
    def children(self) -> list[Node]:
        """Its children."""
        nodes, at = self.page.nodes, self.at + 1
        found: list[Node] = []
        while at < self.end:
            node = nodes[at]
            if not node.gone:
                found.append(node)
            at = node.end
        return found

    def inner(self) -> Iterator[Node]:
        """Its children, one by one."""
        return iter(self.children)

    def below(self, *tags: str) -> Iterator[Node]:
        """Its descendants in the order of the page, all or those of some tags."""
        for node in self.page.nodes[self.at + 1 : self.end]:
            if (not tags or node.tag in tags) and not node.gone:
                yield node

    def has(self, *tags: str) -> bool:
        """Whether it or a descendant is of one of the tags."""
        if self.tag in tags:
            return True
        return any(node.tag in tags and not node.gone for node in self.page.nodes[self.at + 1 : self.end])

    def ancestors(self) -> Iterator[Node]:
        """Its ancestors, the nearest first."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent

    def following(self) -> Iterator[Node]:
        """Its siblings after it, the nearest first."""
        if self.parent is not None:
            node = self._standing(self.end, self.parent.end)
            while node is not None:
                yield node
                node = self._standing(node.end, self.parent.end)

    def preceding(self) -> Iterator[Node]:
        """Its siblings before it, the nearest first."""
        node = self
        while node.parent is not None and node.at > node.parent.at + 1:
            before = node.page.nodes[node.at - 1]  # the last element within the sibling, however deep
            while before.parent is not None and before.parent is not node.parent:
                before = before.parent
            node = before
            if not node.gone:
                yield node

    def remove_lead(self) -> None:
        """Take out its own words before its first child."""
        child = self._standing(self.at + 1, self.end)
        last = self.last if child is None else child.first
        self.page.runs[self.first : last] = [BREAK if run == BREAK else "" for run in self.page.runs[self.first : last]]
        self._text = None
        for ancestor in self.ancestors():
            ancestor._text = None
        self.element.text = None

    def remove_tail(self) -> None:
        """Take out the words after it, as far as the next element or break."""
        if self.element.tail:
            self.page.runs[self.last] = ""
            for ancestor in self.ancestors():
                ancestor._text = None
            self.element.tail = None

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


def _prose(runs: Iterable[str]) -> int:
    """Characters in runs that may be prose."""
    return sum([len(run) for run in map(str.strip, runs) if len(run) > PROSE_RUN])


def _cut(tree: Element, elements: Iterable[Element]) -> None:
    """Take elements out of a tree, all at once; the text after each stays."""
    for element in elements:
        element.tag = _CUT
    etree.strip_elements(tree, _CUT, with_tail=False)


class Outline:
    """A page: its elements in order, the first the root; the runs of its text in order; its links."""

    def __init__(self, tree: Element) -> None:
        self._tree = tree
        self._removed: list[Node] = []
        self._passed_over: list[Node] = []  # the site's own parts, which are not read
        self._owners: list[Node] = []  # of the runs, one each: the element whose own words they are
        self.nodes: list[Node] = []
        self.runs: list[str] = []
        body = tree.find("body")
        self._read(tree if body is None else body)
        self.links = [node for node in self.nodes if node.tag == "a"]

    @property
    def root(self) -> Node:
        """The element that holds all others."""
        return self.nodes[0]

    def long_runs(self) -> list[tuple[Node, int]]:
        """Runs that may be prose, in the order of the page: the element whose own words they are, and their size."""
        found: list[tuple[Node, int]] = []
        for at, run in enumerate(self.runs):
            if len(run) > PROSE_RUN:
                size = len(run.strip())
                if size > PROSE_RUN:
                    found.append((self._owners[at], size))
        return found

    def pruned_tree(self) -> Element:
        """The tree that the page was read from, without what was removed of the page, its head, the site's own parts and what
        holds no text.

        A `nav` that is never closed holds the article too: where it has more prose than what was read, only what was removed goes.
        """
        _cut(self._tree, [*(node.element for node in self._removed), *self._tree.findall("head")])
        if _prose(self.runs) >= _prose(run for node in self._passed_over if node.tag == "nav" for run in texts(node.element)):
            _cut(self._tree, [*(node.element for node in self._passed_over), *self._textless()])
        self._removed.clear()
        self._passed_over.clear()
        return self._tree

    def said(self) -> list[int]:
        """Characters before each run, as the page stands: a run's own without spaces at its ends, a break as one.

        What a node says is `said[node.last] - said[node.first]`, at no cost for any number of nodes.
        """
        return [0, *accumulate([1 if run == BREAK else len(run.strip()) for run in self.runs])]

    def _textless(self) -> Iterator[Element]:
        """The outermost elements without text, but those that lay out what others say."""
        said = self.said()
        at = 1
        while at < len(self.nodes):
            node = self.nodes[at]
            if node.gone:
                at = node.end
            elif node.tag in _LAID_OUT or said[node.last] > said[node.first]:
                at += 1
            else:
                if node.last > node.first:  # it holds the space between two words
                    node.element.tail = f" {node.element.tail or ''}"
                yield node.element
                at = node.end

    def release(self) -> None:
        """Let go of the tree at once: nodes and the page know each other, and would hold it until the collector comes by."""
        for held in (self.nodes, self.links, self._owners, self._removed, self._passed_over):
            held.clear()

    def _read(self, root: Element) -> None:
        """Walk the tree in one go: how many children an element has tells where it ends."""
        nodes, runs, owners = self.nodes, self.runs, self._owners
        top = whole = Node(self, root, root.tag, None)
        nodes.append(whole)
        if root.text:
            runs.append(root.text)
            owners.append(whole)
        to_come = len(root)  # children of `top`
        counts: list[int] = []  # the same for each of its ancestors
        tails: list[str | None] = []  # of `top` and its ancestors but the root
        passed_over = 0  # elements of a subtree that is not read, still to come
        elements: Iterator[Any] = islice(root.iter(), 1, None)  # the tag of what is no element is a function
        for element in elements:
            if passed_over:
                passed_over += len(element) - 1
                continue
            tag, inner = element.tag, len(element)
            if tag == "br":
                runs.append(BREAK)
                owners.append(top)
                passed_over = inner
            elif isinstance(tag, str):
                node = Node(self, element, tag, top)
                nodes.append(node)
                if tag in _SITE and _is_the_sites(node):
                    passed_over = inner
                    self._passed_over.append(node)
                else:
                    if text := element.text:
                        runs.append(text)
                        owners.append(node)
                    if inner:
                        counts.append(to_come)
                        tails.append(element.tail)
                        top, to_come = node, inner
                        continue
                node.end, node.last = len(nodes), len(runs)
            tail = element.tail
            while True:
                if tail:
                    runs.append(tail)
                    owners.append(top)
                to_come -= 1
                if to_come or top.parent is None:
                    break
                top.end, top.last = len(nodes), len(runs)
                top, to_come, tail = top.parent, counts.pop(), tails.pop()
        whole.end, whole.last = len(nodes), len(runs)
