"""The main text of a parsed page: one pass of our own where that is sure, trafilatura where it is not.

The pass goes by mass: `body_mass` finds the container, `body_paragraphs` reads it, and `body_furniture` says what neither looks
at.  Nothing is removed from the page; what is furniture is stepped over.

When the result is too short, holds too little of the page's prose or has nothing in common with the stated description, the page
goes to trafilatura, which costs over ten times as much and fails on other pages.  It is asked for all that it finds
(`favor_recall`): otherwise it cleans the whole page once more to see whether that was enough, and returned worse texts on 274
pages.  Its cost is quadratic in places, so a large document never goes there.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import trafilatura
from lxml.etree import _Element as Element

from worker.article.body_mass import Mass, container_of, masses_of, prose_apart, weigh
from worker.article.body_paragraphs import paragraphs_of
from worker.article.document import copy_for_lxml_html, number
from worker.article.normalize import canonical, clean
from worker.article.outline import PROSE_RUN, Node, Outline
from worker.article.wording import ends_sentence, weight

MIN_SURE: Final = 500  # weight
MIN_SURE_SHARE: Final = 0.5
_MIN_SHORT, _MIN_SHORT_SHARE = 250, 0.7  # a brief is sure too where little else on the page is prose
MAX_ELEMENTS_FOR_TRAFILATURA: Final = 30_000
MAX_CHARS_FOR_TRAFILATURA: Final = 2_000_000

_ASIDE: Final = re.compile(
    r"(?:^|[\s_-])(?:comments?(?![-_](?:enabled|disabled|open|closed|allowed|on|off)\b)\w*|disqus\w*|respond|newsletters?\w*|"
    r"author[-_]?(?:bio|box|info|card|details?)|bio|sign[-_]?up)(?:$|[\s_-])"
)
_MAX_ASIDE: Final = 0.3  # of the page's prose
_MIN_MENU: Final = 6  # links
_LINKED: Final = 0.9  # of its characters
_LABELS: Final = {"h1", "figcaption", "a", "title"}
_CLEAN: Final = 0.95  # of a container's prose
_MIN_STANDFIRST: Final = 40  # characters
_MIN_SENTENCE: Final = 60  # weight of a paragraph below the headline that no description vouches for
_MIN_UNENDED: Final = 120  # the same where it ends as headlines do
_NO_STANDFIRST: Final = _LABELS | {"li", "label", "td"}
_PICTURES: Final = frozenset({"img", "picture", "figure", "video", "iframe"})
_OPENING: Final = 4  # paragraphs in which a description has its words, as a rule


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
    if _is_sure(body, share) and _agrees(body, description):
        return body
    _drop_asides(page)
    tree = page.pruned_tree()
    if _fits_trafilatura(tree):
        second = _trafilatura(tree, url, headlines)
        if not _has_more_amid(body, second) and (_is_prose(second) or not _is_prose(body)):
            return second if second.paragraphs else body
    return body


def _is_sure(body: Body, share: float) -> bool:
    """Whether a text is long enough to be an article's, and enough of the page's prose."""
    if share < MIN_SURE_SHARE or body.size >= MIN_SURE:
        return share >= MIN_SURE_SHARE
    size = sum(map(weight, body.paragraphs))
    return size >= (_MIN_SHORT if share >= _MIN_SHORT_SHARE else MIN_SURE)


def _drop_asides(page: Outline) -> None:
    """Take out asides, what is named for comments, newsletters or the author's life, and lists of nothing but links, where the page
    has much else to read.
    """
    room = _MAX_ASIDE * sum(size for _, size in page.long_runs())
    said = page.said()
    seen = 0  # lists within one that ends here were looked at with it
    for node in page.root.below("div", "section", "aside", "ul", "ol", "form", "p"):
        size = said[node.last] - said[node.first]
        if size >= room:
            continue
        aside = node.tag == "aside" or _ASIDE.search(node.names) is not None
        if not aside and node.tag in {"ul", "ol"} and node.at >= seen:
            seen = node.end
            links = [said[link.last] - said[link.first] for link in node.below("a")]
            aside = len(links) >= _MIN_MENU and sum(links) > _LINKED * size
        if aside:
            node.remove()


def _has_more_amid(body: Body, other: Body) -> bool:
    """Whether a text has all that the other has, opens and ends as it does, and has more between: results, a programme."""
    one, two = body.paragraphs, other.paragraphs
    return len(one) > len(two) > 1 and (one[0], one[-1]) == (two[0], two[-1]) and set(one).issuperset(two)


def _is_prose(body: Body) -> bool:
    """Whether most of a text is in lines of some length.  trafilatura's last resort returns menus as well, a word a line."""
    return sum(len(text) for text in body.paragraphs if len(text) > PROSE_RUN) > 0.5 * body.size


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


def _fits_trafilatura(tree: Element) -> bool:
    few = number(tree, "count(.//*)") <= MAX_ELEMENTS_FOR_TRAFILATURA
    return few and number(tree, "string-length(.)") <= MAX_CHARS_FOR_TRAFILATURA


def _trafilatura(tree: Element, url: str | None, headlines: Collection[str]) -> Body:
    found = trafilatura.extract(
        copy_for_lxml_html(tree),
        url=url,
        fast=True,
        favor_recall=True,
        include_comments=False,
        include_tables=True,
        with_metadata=False,
        deduplicate=False,
    )
    paragraphs = _finish(list(map(clean, (found or "").split("\n"))), headlines)
    return Body(paragraphs, "trafilatura" if paragraphs else "none")


def _fast(page: Outline, headlines: Collection[str], description: str | None) -> tuple[Body, float]:
    """The text by mass, and the share of the page's prose that it stands for."""
    masses = masses_of(page)
    whole, spared = masses[0], weigh(masses)
    if not whole.prose:
        return Body((), "none"), 0.0
    container = container_of(whole)
    paragraphs = _finish(paragraphs_of(container.node, spared), headlines)
    standfirst = _described(masses, paragraphs, description) or _below_headline(page, container.node, masses, paragraphs, headlines)
    paragraphs = (*standfirst, *paragraphs)
    return Body(paragraphs, "fast" if paragraphs else "none"), _share(container, whole)


def _share(container: Mass, whole: Mass) -> float:
    """Of the page's prose.

    Where it is little, what is of no article does not count, unless furniture in the container tells that it may be misjudged.
    """
    share = container.mass / whole.prose
    if share < MIN_SURE_SHARE and container.mass >= _CLEAN * container.prose:
        share = container.mass / max(whole.prose - prose_apart(whole), 1)
    return share


def _described(masses: list[Mass], paragraphs: tuple[str, ...], description: str | None) -> tuple[str, ...]:
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


def _below_headline(
    page: Outline, container: Node, masses: list[Mass], paragraphs: tuple[str, ...], headlines: Collection[str]
) -> tuple[str, ...]:
    """The sentences that stand alone between the headline and the container, bylines aside, if the text does not have them.

    What follows a picture is its caption, what holds a link leads elsewhere, and what has a line beside it in its box is a notice.
    """
    own = set(map(canonical, headlines))
    headline = next((node for node in page.root.below("h1") if canonical(node.text) in own), None)
    if headline is None or not paragraphs:
        return ()
    first = _first_said(masses, headline.end)
    if first is None or first.own != first.prose or first.node.tag in _NO_STANDFIRST or first.node.end > container.at:
        return ()
    box = first.node
    while box.parent is not None and box.parent.at > headline.at:
        box = box.parent
    text = clean(first.node.text)
    if (not ends_sentence(text) and weight(text) < _MIN_UNENDED) or clean(box.text) != text or box.has("a"):
        return ()
    if any(node.tag in _PICTURES for node in page.nodes[headline.end : first.node.end]):
        return ()
    wanted = canonical(text)
    return () if any(_opens_with(other, wanted) for other in paragraphs) else (text,)


def _first_said(masses: list[Mass], start: int) -> Mass | None:
    """The first from a place on that is no short line."""
    for mass in masses:
        said = mass.own and not mass.excluded and mass.node.at >= start
        if said and (mass.own != mass.prose or weight(mass.node.text) >= _MIN_SENTENCE):
            return mass
    return None


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


def _finish(paragraphs: list[str], headlines: Collection[str]) -> tuple[str, ...]:
    """The paragraphs without empty ones and without the headline at their head."""
    texts = [text for text in paragraphs if text]
    own = set(map(canonical, headlines)) - {""}
    longest = max(map(len, own), default=0)
    first = 0
    while own and first < len(texts) and _canonical_start(texts[first], longest + 1) in own:
        first += 1
    return tuple(texts[first:])
