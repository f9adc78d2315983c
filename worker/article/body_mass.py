"""Where the prose of a page is: what each element weighs, and the one that holds the article.

Each run of text long enough to be prose counts for all its ancestors, unless it stands in a link or in furniture.  The container
is found from the body downwards: one goes on while a single child keeps most of the mass.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from worker.article.body_furniture import COMMENTS, furniture_words, is_no_part, is_stepped_over
from worker.article.outline import Node, Outline

_MIN_MARKED: Final = 500  # characters of prose in what a page marks as its article
_LITTLE_LEFT: Final = 0.25  # of the page's prose: with less than this outside of furniture, some furniture is none
_SPARED_SHARE: Final = 0.5  # of the page's prose: what a word is used for that holds more is no furniture, whatever it is called
_MARKED_SHARE: Final = 0.3  # of a container's mass, for an article within it to be the page's
_BESIDE_SHARE: Final = 0.15  # of a node's mass, in paragraphs beside its best child, for it to be the container
_ALIKE_SHARE: Final = 0.04  # of a node's mass within an article, in boxes like its best child
_PARTS_SHARE: Final = 0.1  # the same in other boxes with paragraphs
_DESCEND_SHARE: Final = 0.72  # of a node's mass, for its best child to take its place
_BOXES: Final = {"div", "section", "article"}
_MIN_PARAGRAPH: Final = 40  # characters
_LEAVES: Final = {"p", "li", "span", "em", "strong", "b", "i", "a", "font", "td"}  # of these, the parent is the container
_ARTICLE_BODY: Final = re.compile(
    r"(?:article|story|post|entry|news)[-_]*(?:body|content|text)(?:$|[\s_-])|(?:^|[\s_-])(?:body[-_]?text|rich-?text)(?:$|[\s_-])",
)


class Mass:
    """What an element weighs that has prose in it, at whatever depth."""

    __slots__ = ("children", "excluded", "mass", "node", "own", "prose")

    def __init__(self, node: Node) -> None:
        self.node = node
        self.own = 0  # characters of the long runs that it is the parent of
        self.prose = 0  # the same for all its descendants
        self.mass = 0  # the same without what stands in links and furniture
        self.excluded = False  # stands in them itself
        self.children: list[Mass] = []  # and no parent: a circle would hold the tree until the collector comes by


def masses_of(page: Outline) -> list[Mass]:
    """The root and every element with prose in it that is not in a link, in the order of the page."""
    root = Mass(page.root)
    masses = [root]
    known: dict[Node, Mass | None] = {page.root: root}  # None within links
    for owner, size in page.long_runs():
        path: list[Node] = []
        node = owner
        while node not in known and node.tag != "a" and node.parent is not None:
            path.append(node)
            node = node.parent
        mass = known.get(node)
        for step in reversed(path):
            if mass is not None:
                outer, mass = mass, Mass(step)
                outer.children.append(mass)
                masses.append(mass)
            known[step] = mass
        if mass is not None:
            mass.own += size
    return masses


def weigh(masses: list[Mass]) -> frozenset[str]:
    """Give every element its prose and its mass.

    Returns the words of classes that were not taken at their word: a theme may call the columns of its article `sidebar-grid`.
    They are looked for only where next to nothing is left without them, and what is named for comments is not among them.
    """
    for mass in reversed(masses):
        mass.prose = mass.own
        for child in mass.children:
            mass.prose += child.prose
    spared: frozenset[str] = frozenset()
    _add_up(masses, spared)
    body = masses[0]
    if body.mass < _LITTLE_LEFT * body.prose:
        spared = frozenset(
            word
            for word, prose in _prose_by_word(body).items()
            if word and prose > _SPARED_SHARE * body.prose and not COMMENTS.search(word)
        )
        _add_up(masses, spared)
    return spared


def _prose_by_word(body: Mass) -> Counter[str]:
    """Characters of prose in what each word makes furniture, once where such elements are nested."""
    by_word: Counter[str] = Counter()
    around: Counter[str] = Counter()  # how many elements with the word are open
    steps = [(body, True)]
    while steps:
        mass, opens = steps.pop()
        words = set(furniture_words(mass.node))
        if opens:
            for word in words:
                if not around[word]:
                    by_word[word] += mass.prose
            around.update(words)
            steps.append((mass, False))
            steps += [(child, True) for child in mass.children]
        else:
            around.subtract(words)
    return by_word


def _add_up(masses: list[Mass], spared: frozenset[str]) -> None:
    masses[0].excluded = is_stepped_over(masses[0].node, spared)
    for mass in masses:
        mass.mass = 0 if mass.excluded else mass.own
        for child in mass.children:
            child.excluded = mass.excluded or is_stepped_over(child.node, spared)
    for mass in reversed(masses):
        for child in mass.children:
            mass.mass += child.mass


def prose_apart(body: Mass) -> int:
    """Characters of the page's prose in such furniture as is of no article at all."""
    apart = 0
    stack = [body]
    while stack:
        for child in stack.pop().children:
            if child.excluded and is_no_part(child.node):
                apart += child.prose
            else:
                stack.append(child)
    return apart


def container_of(body: Mass) -> Mass:
    """Go down from the body while one child keeps most of the mass; then to one article among others, if the page marks it."""
    mass = body
    in_article = False
    while mass.children:
        child = max(mass.children, key=lambda child: child.mass)
        if child.mass < _DESCEND_SHARE * mass.mass or child.node.tag in _LEAVES:
            break
        in_article = in_article or _is_article(mass.node)
        if _stands_among_others(child, mass, in_article=in_article):
            break
        mass = child
    marked = [inner for inner in _below(mass) if inner.mass and _is_marked(inner.node)]
    if not marked or marked[0].mass < max(_MIN_MARKED, _MARKED_SHARE * mass.mass):
        return mass
    in_parts = sum(other.node.names == marked[0].node.names for other in marked) > 1
    return mass if in_parts and sum(1 for _ in mass.node.below("h1")) < 2 else marked[0]


def _stands_among_others(child: Mass, mass: Mass, *, in_article: bool) -> bool:
    """Whether the best child has a part of the article beside it: paragraphs, as it is the part behind a `read all`, or within what
    the page calls its article another box of them.
    """
    beside = [other for other in mass.children if other is not child and not other.excluded]
    if sum(other.own for other in beside) > _BESIDE_SHARE * mass.mass:
        return True
    if not in_article:
        return False
    boxes = [other for other in beside if other.node.tag in _BOXES and not other.node.has("h1")]
    parts = sum(other.mass for other in boxes if _paragraphs(other) >= 2)
    return parts > _PARTS_SHARE * mass.mass or (
        sum(other.mass for other in boxes if _is_alike(other.node, child.node) and _paragraphs(other)) > _ALIKE_SHARE * mass.mass
    )


def _is_article(node: Node) -> bool:
    return node.tag in {"article", "main"} or node.get("itemprop") == "articleBody" or node.get("role") == "main"


def _paragraphs(mass: Mass) -> int:
    return sum(inner.node.tag in {"p", "li"} and inner.own > _MIN_PARAGRAPH for inner in _below(mass))


def _is_alike(node: Node, other: Node) -> bool:
    """Whether two elements are of one kind: the same names, or those of one and some more."""
    if node.tag != other.tag:
        return False
    names, others = set(node.names.split()), set(other.names.split())
    return names == others or (bool(names and others) and (names <= others or others <= names))


def _below(mass: Mass) -> Iterator[Mass]:
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
