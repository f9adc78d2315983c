"""Readers' comments: a part of a page that is named so, or that opens with a word for them or with how many there are."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import islice
from operator import attrgetter
from typing import Final

from worker.article.ages import is_age
from worker.article.counts import counts_comments
from worker.article.evidence import Lexicon, lexicon
from worker.article.outline import Node, Outline
from worker.article.related.nodes import TOP, make
from worker.article.wording import weight

# Final where a loop over the whole page asks: the compiled loop looks other names up each time.
_HOLD_COMMENTS: Final = frozenset({"section", "div", "ol", "ul"})
_MAX_COUNT: Final = 40  # characters of a heading that counts comments
_MAX_RUNS: Final = 8  # runs of text in such a heading
_CLIMB: Final = 4  # levels from the figure to the heading
_SPOKEN: Final = 300  # characters of prose before comments, at least
_PROSE_RUN: Final = 60
_LITTLE: Final = 20  # characters: less than a comment with the name of who wrote it
_TITLE: Final = 16  # weight of a link that may be an entry's title


def comments_of(page: Outline) -> Iterator[tuple[str, list[Node]]]:
    """Parts of a page that readers wrote: what says so, and the elements that make up the part."""
    known = lexicon()
    for node in page.nodes:
        if (
            node.tag in _HOLD_COMMENTS
            and not node.gone
            and node.names
            and _is_name(known, node.names)
            and not node.has("h1", "article")
        ):
            yield "named comments", [node]
    headings = known.comment_headings
    prose = read = 0  # characters of prose in the runs that were read
    short = [(at, run) for at, run in enumerate(page.runs) if len(run) <= _MAX_COUNT and not run.isspace()]
    for at in [at for at, run in short if run.strip() in headings or _may_count(run)]:
        heading = _heading_at(page, at)
        if heading is None:
            continue
        prose += sum(len(run) for run in page.runs[read : heading.first] if len(run) > _PROSE_RUN)
        read = max(read, heading.first)
        if prose >= _SPOKEN and (comments := _with_what_follows(heading)):  # a count above the article belongs to its head
            yield "headed as comments", comments


def _is_name(known: Lexicon, names: str) -> bool:
    for piece in known.comment_pieces:
        if piece in names:
            return not known.comment_names.isdisjoint(names.split())
    return False


def _may_count(run: str) -> bool:
    """Whether a run opens or ends with a figure, or nearly, and is no age."""
    said = run.strip()
    return said != "" and (said[0].isdigit() or said[-1].isdigit() or said[-2:-1].isdigit()) and not is_age(said)


def _heading_at(page: Outline, at: int) -> Node | None:
    """The largest element around a run that says nothing but that comments follow, or how many, and leads nowhere."""
    node: Node | None = page.nodes[bisect_right(page.nodes, at, key=attrgetter("first")) - 1]
    while node is not None and node.last <= at:
        node = node.parent
    heading = None
    for _ in range(_CLIMB):
        if node is None or node.gone or node.last - node.first > _MAX_RUNS:
            break
        if node.tag == "a":
            return None
        if node.text in lexicon().comment_headings or counts_comments(node.text):
            heading = node
        node = node.parent
    return heading


def _with_what_follows(heading: Node) -> list[Node]:
    """A heading with the comments below it: the element that it opens, or what follows of one make; empty if nothing does."""
    box = heading.parent
    if box is None:
        return []
    if _opens(box, heading) and not any(weight(link.text) >= _TITLE for link in box.below("a")):
        return [box] if len(box.text) > len(heading.text) + _LITTLE else []
    row: list[Node] = []
    for node in islice(heading.following(), 500):
        if node.says_something:
            if row and make(node) != make(row[0]):
                break
            row.append(node)
    if not row or any(make(node) == make(row[0]) for node in islice(heading.preceding(), 500)):
        return []
    return [heading, *row]


def _opens(box: Node, heading: Node) -> bool:
    """Whether a heading is the first that an element says, and the element holds no article."""
    if box.tag in TOP or box.has("h1", "article") or box.lead.strip():
        return False
    return not any(node.says_something or node.tail.strip() for node in heading.preceding())
