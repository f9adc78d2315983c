"""Blocks of other articles in a page's tree: find them, take them out, hand back their entries.

A publisher sets its related news where the reader's eye is, often inside `<article>`, so neither the place nor the tag tells a block
from the body, and class names may say nothing at all.  What tells is the shape: links that each make up the whole of a card, cards of
one make side by side, a short heading before them.  Links are therefore read first, each climbs to its card, and cards that follow one
another make a block, which is weighed (`evidence`).  Nothing walks the tree once per node, and what climbs climbs a bounded way.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, islice, pairwise
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from worker.article.evidence import Evidence, ends_hard, fold, is_truncated, lexicon, weight
from worker.article.related_cards import HEADINGS, SILENT, is_element, pieces, read_card, resolve, text_of
from worker.article.related_items import item, unique
from worker.records import Cut, SimilarItem

_CLIMB = 12  # levels from a link to its card, at most
_MAX_LINKS = 4000
_MAX_CARD = 1200  # weight of the text of a card, at most
_MAX_BEFORE = 70  # weight of a kicker, a label or a date before the title of a card
_MAX_AFTER = 500  # weight of what follows the title of a card
_MAX_CUT = 4000  # characters of a cut that are kept to be shown
_TOP = frozenset({"html", "body", "main"})
_BLOCKS = frozenset(
    {"p", "li", "div", "td", "th", "tr", "section", "article", "aside", "blockquote", "dd", "dt", "figure", "figcaption", "ul", "ol", "table", "header", "center"}
) | HEADINGS
_COMMENTS = frozenset({"comments", "comment-list", "commentlist", "disqus_thread", "comments-area", "comments-section", "comment-section", "comments-lazy", "comments-wrapper", "respond"})
_LABEL = re.compile(r"^\W*(?P<label>[^:：]{2,45})[:：]\s*$")
_NOT_AN_ARTICLE = re.compile(r"/(?:tags?|topics?|authors?|category|categories|sections?|search|login|users?|profile|share)(?:/|$|\?)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Related:
    """What was lifted out of a tree: the entries in the order of the page, and every cut with its reasons."""

    items: tuple[SimilarItem, ...] = ()
    cuts: tuple[Cut, ...] = ()


@dataclass(slots=True)
class _Card:
    """The largest element around a link that leads nowhere else."""

    element: HtmlElement
    link: HtmlElement
    url: str
    order: int
    after: list[HtmlElement] = field(default_factory=list)  # siblings that belong to it, where cards have no element of their own


@dataclass(slots=True)
class _Block:
    """Cards that follow one another in one element, and the heading before them."""

    container: HtmlElement
    cards: list[_Card]
    heading: HtmlElement | None = None
    heading_text: str = ""
    loose: bool = False  # cards without elements of their own: title, snippet, title, snippet in one row
    evidence: Evidence = field(default_factory=Evidence)


def lift_related(root: HtmlElement, *, base_url: str | None, title: str | None) -> Related:
    """Take the blocks of other articles out of `root`, in place, and return their entries.

    Addresses are resolved against `base_url`; `title` is the page's own headline, which is never an entry.
    """
    lifter = _Lifter(root, base_url, title)
    lifter.lift_comments()
    lifter.lift_following_articles()
    lifter.lift_blocks()
    lifter.lift_headings_left_over()
    items = [entry for _, entry in sorted(lifter.items, key=lambda pair: pair[0])]
    return Related(unique(items), tuple(lifter.cuts))


class _Lifter:
    """One page at work."""

    def __init__(self, root: HtmlElement, base_url: str | None, title: str | None) -> None:
        self._root = root
        self._base_url = base_url
        self._title = fold(title) if title else ""
        self._host = urlsplit(base_url).hostname if base_url else None
        self._page = (resolve(base_url, base_url) or "").rstrip("/")
        self._repeated: set[str] = set()
        self.items: list[tuple[int, SimilarItem]] = []
        self.cuts: list[Cut] = []

    # What is no entry: comments, and a second article that scrolls into view.

    def lift_comments(self) -> None:
        """Cut what readers wrote, so that no reader's link becomes an entry."""
        for element in self._root.xpath("//section[@id or @class] | //div[@id or @class] | //ol[@id or @class] | //ul[@id or @class]"):
            if _is_comments(element.get("id"), element.get("class")) and element.find(".//h1") is None and element.find(".//article") is None:
                self._remove(element, Cut("comments", text_of(element)[:_MAX_CUT], ("named comments",)))

    def lift_following_articles(self) -> None:
        """Cut whole articles below the page's own; the headline of each is an entry."""
        articles = [element for element in self._root.iter("article") if next(element.iterancestors("article"), None) is None][:50]
        own = next((at for at, article in enumerate(articles) if article.find(".//h1") is not None), None)
        if own is None:
            return
        for article in articles[own + 1 :]:
            prose = sum(len(text_of(paragraph)) for paragraph in article.iter("p"))
            heading = next(article.iter("h1", "h2"), None)
            if prose < 150 or heading is None or next(article.iter("p"), None) is None or fold(text_of(heading)) == self._title:
                continue
            link = next(heading.iter("a"), None)
            if link is None and heading.getparent() is not None and heading.getparent().tag == "a":
                link = heading.getparent()
            url = self._article_url(link.get("href") if link is not None else article.get("data-url"))
            if url and len(list(article.iter("p"))) >= 2:
                self.items.append((_MAX_LINKS, SimilarItem(text_of(heading), None, url)))
                self._remove(article, Cut("article", text_of(article)[:_MAX_CUT], ("a second article", "its headline leads elsewhere")))

    # Blocks of cards.

    def lift_blocks(self) -> None:
        """Weigh every run of cards and cut those for which enough speaks."""
        labels: dict[str, int] = defaultdict(int)
        blocks = list(self._blocks())
        for block in blocks:
            if len(block.cards) == 1:
                labels[_label(block)] += 1
        for block in blocks:
            self._weigh(block, labels)
            if block.evidence.enough:
                self._lift(block)

    def _cards(self) -> list[_Card]:
        anchors = [link for link in islice(self._root.iter("a"), _MAX_LINKS) if _leads_to_a_page(link.get("href"))]
        self._note_repeated(anchors)
        links = [link for link in anchors if self._is_entry_link(link)]
        leads = _where_links_lead(links)
        cards: list[_Card] = []
        seen: set[HtmlElement] = set()
        for order, link in enumerate(links):
            element, target = link, _target(link)
            while (parent := element.getparent()) is not None and leads.get(parent) == target and parent.tag not in _TOP:
                element = parent
            element = self._narrow(element, link)
            url = self._article_url(link.get("href"))
            if element not in seen and url is not None:
                seen.add(element)
                cards.append(_Card(element, link, url, order))
        return cards

    def _note_repeated(self, anchors: list[HtmlElement]) -> None:
        """Short texts that several links share lead on from entries, whatever they mean."""
        places: dict[str, set[str]] = defaultdict(set)
        for anchor in anchors:
            text = (anchor.text or "").strip()
            if 3 < len(text) <= 40 and len(text.split()) <= 5:
                places[text].add(anchor.get("href") or "")
        self._repeated = {text for text, urls in places.items() if len(urls) > 1}

    def _closes(self, text: str) -> bool:
        return lexicon().is_closing(text) or text in self._repeated

    def _narrow(self, element: HtmlElement, link: HtmlElement) -> HtmlElement:
        """The largest element up to `element` in which the link opens what is said and little follows it.

        A lone link climbs as far as the article that it stands in; an article is no card.
        """
        linked = text_of(link)
        closing = self._closes(linked)
        card = candidate = link
        while candidate is not element and (parent := candidate.getparent()) is not None:
            candidate = parent
            if candidate.tag in _TOP or _has_prose_around(candidate, link):
                break
            text = text_of(candidate)
            before, _, after = text.partition(linked)
            if weight(before) > (_MAX_AFTER if closing else _MAX_BEFORE) or weight(after) > _MAX_AFTER:
                break
            if candidate.tag == "article" and candidate.find(".//h1") is not None:
                break
            card = candidate
        return card

    def _article_url(self, href: str | None) -> str | None:
        url = resolve(href, self._base_url)
        if url is None or not url.startswith(("http", "/")) and "." not in url:
            return None
        bare = url.rstrip("/")
        if self._page and (bare == self._page or bare.partition("?")[0] == self._page):
            return None
        return None if _NOT_AN_ARTICLE.search(url) else url

    def _is_entry_link(self, link: HtmlElement) -> bool:
        """Whether the link's text could be a title, or leads on from an entry whose title is no link."""
        text = text_of(link)
        if not text or weight(text) > 600:
            return False
        if self._closes(text):
            return not self._in_chrome(link)
        if lexicon().is_marker(text):
            return False
        parent = link.getparent()
        in_heading = (parent is not None and parent.tag in HEADINGS) or any(child.tag in HEADINGS for child in link.iter() if is_element(child))
        if weight(text) < 12 and not in_heading:
            return False
        if len(text.split()) < 3 and weight(text) < 16 and not in_heading:
            return False
        return not self._in_chrome(link)

    def _in_chrome(self, link: HtmlElement) -> bool:
        """Whether the link belongs to the site and not to the page: navigation, and head and foot that no article holds."""
        chrome = False
        for element in islice(link.iterancestors(), 3 * _CLIMB):
            if element.tag == "nav" and not _says_related(element):
                return True
            if element.tag in {"article", "main"}:
                return False
            chrome = chrome or element.tag in {"header", "footer"}
        return chrome

    def _blocks(self) -> Iterator[_Block]:
        """Runs of cards that follow one another in one element with no text between."""
        by_parent: dict[HtmlElement, list[_Card]] = defaultdict(list)
        for card in self._cards():
            parent = card.element.getparent()
            if parent is not None:
                by_parent[parent].append(card)
        for parent, cards in by_parent.items():
            runs: list[list[_Card]] = []
            for card in cards:
                if runs and _adjacent(runs[-1][-1].element, card.element):
                    runs[-1].append(card)
                else:
                    runs.append([card])
            if len(runs) >= 2 and all(len(run) == 1 for run in runs) and _share_rhythm([run[0] for run in runs]):
                yield self._with_heading(_Block(parent, [run[0] for run in runs], loose=True))
            else:
                for run in runs:
                    yield self._with_heading(_Block(parent, run))

    def _with_heading(self, block: _Block) -> _Block:
        element = block.cards[0].element
        for _ in range(5):
            previous = _previous_said(element)
            if previous is not None:
                text = text_of(previous)
                if weight(text) <= 90 or _explained(text):
                    block.heading, block.heading_text = previous, text
                return block
            parent = element.getparent()
            if parent is None or parent.tag in _TOP:
                return block
            own = " ".join((parent.text or "").split())
            if own:
                block.heading_text = own if weight(own) <= 90 else ""
                return block
            element = parent
        return block

    def _weigh(self, block: _Block, labels: dict[str, int]) -> None:
        evidence, cards, heading = block.evidence, block.cards, block.heading_text
        texts = [text_of(card.element) for card in cards]
        titles = [text_of(card.link) for card in cards]
        if self._title and any(fold(title) == self._title for title in titles):
            evidence.add("the page's own headline", -1.0)
        if heading and (lexicon().is_marker(heading) or _explained(heading)):
            evidence.add("marker", 0.9)
        elif heading and lexicon().hints_at_marker(heading) and not ends_hard(heading):
            evidence.add("heading hints at other articles", 0.5)
        elif heading and not ends_hard(heading) and block.heading is not None and weight(heading) <= 60:
            evidence.add("heading", 0.2)
        label = _label(block)
        if label and lexicon().is_marker(label):
            evidence.add("marker before the link", 0.9)
        elif label:
            evidence.add("label before the link", 0.4)
            if labels[label] > 1:
                evidence.add("label repeats", 0.4)
            if lexicon().hints_at_marker(label):
                evidence.add("label hints at other articles", 0.4)
        if any(_says_related(element) for element in _named_around(block)):
            evidence.add("named as related", 0.7)
        if len(cards) >= 2 and len({_make(card.element) for card in cards}) == 1:
            evidence.add("cards of one make", 0.4 if len(cards) == 2 else 0.6)
        if sum(map(len, titles)) >= 0.4 * sum(map(len, texts)):
            evidence.add("mostly link", 0.2)
        if sum(map(weight, titles)) >= 22 * len(titles):
            evidence.add("titles", 0.2)
        if block.loose and evidence.score < 0.6:
            evidence.add("titles among prose", -1.0)
        if any(is_truncated(text) for text in texts):
            evidence.add("cut short", 0.2)
        if any(_has_any(card.element, "img", "time", "figure") for card in cards):
            evidence.add("pictures or times", 0.2)
        if any(weight(text) > _MAX_CARD for text in texts):
            evidence.add("too long for entries", -1.0)
        self._weigh_addresses(block, label)

    def _weigh_addresses(self, block: _Block, label: str) -> None:
        evidence, cards = block.evidence, block.cards
        home = [urlsplit(card.url).hostname == self._host for card in cards]
        if self._host and label and home[0]:
            evidence.add("same site", 0.1)
            if cards[0].link.getparent() is not None and cards[0].link.getparent().tag in {"em", "strong", "b", "i", "aside", "blockquote"}:
                evidence.add("set apart", 0.1)
        if self._host and not any(home) and not _has_any(cards[0].element, "img", "time"):
            evidence.add("leads off the site", -0.4)
        if fold(block.heading_text) in lexicon().popular and not _in_article(block.container):
            evidence.add("a list of the site's, outside the article", -2.0)
        if len(cards) == 1 and not label and block.container.tag != "a" and home[0] and self._host and _stands_among_prose(cards[0]):
            evidence.add("a paragraph that is one link", 0.6)

    def _lift(self, block: _Block) -> None:
        entries = []
        for card in block.cards:
            entry = item(text_of(card.link), url=card.url) if _label(block) else read_card(card.element, card.url)
            if entry is not None and card.after:
                snippet = next((text for text in map(text_of, card.after) if not self._closes(text)), None)
                entry = item(entry.title, snippet, url=card.url, source=entry.source, published_at=entry.published_at)
            if entry is not None and fold(entry.title) != self._title:
                entries.append((card.order, entry))
        self.items.extend(entries)
        texts = [text_of(card.element) for card in block.cards]
        elements = [element for card in block.cards for element in (card.element, *card.after)]
        if block.heading is not None and _introduces(block):
            texts.insert(0, block.heading_text)
            elements.append(block.heading)
        self.cuts.append(Cut("block" if len(block.cards) > 1 else "promo", "\n".join(texts)[:_MAX_CUT], tuple(block.evidence.signs), round(block.evidence.score, 2)))
        for element in elements:
            self._remove(element)
        self._remove_shell(block)

    def _remove_shell(self, block: _Block) -> None:
        """Remove what is left around a block if it says nothing but closing lines and headings."""
        element = block.container
        for _ in range(5):
            parent = element.getparent()
            if parent is None or element.tag in _TOP or element.tag == "article" and not _says_related(element):
                return
            left = text_of(element) if len(element) < 200 else "?" * 100
            if left and not (lexicon().is_closing(left) or lexicon().is_marker(left)):
                return
            self._remove(element)
            element = parent

    # Markers that no link follows.

    def lift_headings_left_over(self) -> None:
        """Cut headings that introduce nothing any more, and lists below them whose entries are no links."""
        for heading in list(self._root.iter(*HEADINGS, "p", "div", "span", "strong", "b", "dt", "legend")):
            own = heading.text
            if not own or len(own) > 90 or not lexicon().is_marker(own) or not lexicon().is_marker(text_of(heading)):
                continue
            element, following = _next_said(heading)
            if following is None:
                if element.tag not in _TOP and not self._in_chrome(heading):
                    self._remove(heading, Cut("marker", text_of(heading), ("marker", "nothing follows")))
            elif (entries := self._unlinked(following)) and not self._in_chrome(heading):
                self.items.extend((_MAX_LINKS, entry) for entry in entries)
                self._remove(heading)
                self._remove(following, Cut("block", text_of(following)[:_MAX_CUT], ("marker", "a list follows"), 1.0))

    def _unlinked(self, element: HtmlElement) -> list[SimilarItem]:
        """Entries of a list without links, or nothing if it does not look like one."""
        if element.tag not in {"ul", "ol", "div", "section", "table", "dl"}:
            return []
        children = [child for child in islice(element, 60) if is_element(child) and text_of(child)]
        if not 2 <= len(children) or any(weight(text_of(child)) > 350 for child in children) or len({_make(child) for child in children}) > 1:
            return []
        firsts = [next(iter(pieces(child)), None) for child in children]
        if any(first is None or ends_hard(first.text) or weight(first.text) > 200 for first in firsts):
            return []
        return [entry for entry in (read_card(child, None) for child in children) if entry is not None]

    def _remove(self, element: HtmlElement, cut: Cut | None = None) -> None:
        """Take an element out; the text after it stays."""
        if cut is not None:
            self.cuts.append(cut)
        if element.getparent() is not None:
            element.drop_tree()


def _leads_to_a_page(href: str | None) -> bool:
    return bool(href) and href is not None and href[0] != "#" and not href.startswith(("javascript:", "mailto:", "tel:"))


def _target(link: HtmlElement) -> str:
    return (link.get("href") or "").partition("#")[0]


def _where_links_lead(links: list[HtmlElement]) -> dict[HtmlElement, str | None]:
    """For the elements around links: the one target of all links below, None if there are several."""
    leads: dict[HtmlElement, str | None] = {}
    for link in links:
        target = _target(link)
        for element in islice(chain((link,), link.iterancestors()), _CLIMB):
            known = leads.setdefault(element, target)
            if known is None:
                break
            if known != target:
                leads[element] = None
    return leads


@lru_cache(maxsize=4096)
def _names_related(names: str) -> bool:
    return lexicon().hook_pieces.search(names) is not None


def _says_related(element: HtmlElement) -> bool:
    """Whether an element's names are those of a widget or block of other articles."""
    names = f"{element.get('class') or ''} {element.get('id') or ''}".strip()
    return bool(names) and len(names) < 400 and _names_related(names.lower())


@lru_cache(maxsize=4096)
def _is_comments(identifier: str | None, classes: str | None) -> bool:
    return not _COMMENTS.isdisjoint(f"{identifier or ''} {classes or ''}".lower().split())


def _named_around(block: _Block) -> Iterator[HtmlElement]:
    """The cards, and the elements around them as far as they hold little else."""
    yield block.cards[0].element
    element: HtmlElement | None = block.container
    for _ in range(4):
        if element is None or element.tag in _TOP or element.tag == "article":
            return
        yield element
        element = element.getparent()


def _make(element: HtmlElement) -> tuple[str, str]:
    return element.tag, re.sub(r"\d+", "", element.get("class") or "")


def _has_any(element: HtmlElement, *tags: str) -> bool:
    return next(element.iter(*tags), None) is not None


def _explained(text: str) -> bool:
    """Whether a text is a marker with a sentence after it."""
    head, colon, rest = text[:60].partition(":")
    return bool(colon and rest) and fold(head) in lexicon().markers


def _label(block: _Block) -> str:
    """The words before the link of a card of its own: `Read also:`; empty if there are none or the card says more."""
    if len(block.cards) != 1:
        return ""
    card = block.cards[0]
    whole, linked = text_of(card.element), text_of(card.link)
    before, found, after = whole.partition(linked)
    if not found or len(after.strip(" .)]»")) > 3:
        return ""
    before = before.strip()
    if not before or weight(before) > 60:
        return ""
    return before if lexicon().is_marker(before) or _LABEL.match(before) else ""


def _has_prose_around(element: HtmlElement, link: HtmlElement) -> bool:
    """Whether a link stands in the midst of a sentence: words right before or after it in its own paragraph."""
    if element is link:
        return False
    paragraph = next((ancestor for ancestor in islice(link.iterancestors(), 4) if ancestor.tag in _BLOCKS), None)
    if paragraph is not None and paragraph.tag == "p" and paragraph is not link.getparent():
        before, found, after = text_of(paragraph).partition(text_of(link))
        before = "" if lexicon().is_marker(before) or _LABEL.match(before) else before
        return not found or _letters(before) > 12 or _letters(after) > 20
    return _has_words_beside(link)


def _letters(text: str) -> int:
    return sum(char.isalnum() for char in text)


def _has_words_beside(link: HtmlElement) -> bool:
    before, after = link.getparent(), link.tail or ""
    own = (before.text or "") if before is not None else ""
    if lexicon().is_marker(own) or _LABEL.match(own):
        own = ""
    preceding = link.getprevious()
    if preceding is not None and preceding.tail:
        own = preceding.tail
        if lexicon().is_marker(own) or _LABEL.match(own):
            own = ""
    return _letters(own) > 12 or (before is not None and before.tag == "p" and _letters(after) > 20)


def _introduces(block: _Block) -> bool:
    """Whether the heading goes with the block: one of known wording, or any short one above several cards."""
    heading = block.heading_text
    if lexicon().is_marker(heading) or _explained(heading):
        return True
    return len(block.cards) > 1 and weight(heading) <= 60 and not ends_hard(heading)


def _in_article(element: HtmlElement) -> bool:
    return any(ancestor.tag in {"article", "main"} for ancestor in islice(element.iterancestors(), 4 * _CLIMB)) or element.tag in {"article", "main"}


def _stands_among_prose(card: _Card) -> bool:
    """Whether a paragraph that says nothing but its link has paragraphs of prose on both sides."""
    if card.element.tag not in {"p", "div"} or text_of(card.element) != text_of(card.link):
        return False
    sides = (islice(card.element.itersiblings("p", preceding=True), 2), islice(card.element.itersiblings("p"), 2))
    return all(any(weight(text_of(paragraph)) > 60 for paragraph in side) for side in sides)


def _adjacent(one: HtmlElement, other: HtmlElement) -> bool:
    """Whether nothing is said between two siblings."""
    tail = one.tail
    node = one.getnext()
    for _ in range(6):
        if tail and any(char.isalnum() for char in tail):
            return False
        if node is other:
            return True
        if node is None or (is_element(node) and node.tag not in SILENT and text_of(node)):
            return False
        tail = node.tail
        node = node.getnext()
    return False


def _next_said(heading: HtmlElement) -> tuple[HtmlElement, HtmlElement | None]:
    """The nearest element after a heading that says something, and the element that it follows; climbs out of the heading's wrapper."""
    element = heading
    for _ in range(3):
        if element.tail and element.tail.strip():
            return element, element
        for node in islice(element.itersiblings(), 12):
            if is_element(node) and node.tag not in SILENT and text_of(node):
                return element, node
            if node.tail and node.tail.strip():
                return element, node
        parent = element.getparent()
        if parent is None or parent.tag in _TOP or parent.tag == "article":
            break
        element = parent
    return element, None


def _share_rhythm(cards: list[_Card]) -> bool:
    """Whether the same tags stand after each title, and notes them with their cards.  Paragraphs with a link are promos, not titles."""
    gaps: list[list[HtmlElement]] = []
    for card, following in pairwise(cards):
        gap: list[HtmlElement] = []
        for node in islice(card.element.itersiblings(), 8):
            if node is following.element:
                break
            if is_element(node) and node.tag not in SILENT and node.tag != "br" and text_of(node):
                gap.append(node)
        gaps.append(gap)
    makes = [tuple(node.tag for node in gap) for gap in gaps]
    if any(card.element.tag in {"p", "li"} for card in cards) or len(set(makes)) != 1 or not 1 <= len(makes[0]) <= 3:
        return False
    last = [node for node in islice(cards[-1].element.itersiblings(), 8) if is_element(node) and node.tag != "br" and text_of(node)][: len(makes[0])]
    gaps.append(last if tuple(node.tag for node in last) == makes[0] else [])
    if any(weight(text_of(node)) > 350 for gap in gaps for node in gap):
        return False
    for card, gap in zip(cards, gaps, strict=True):
        card.after = gap
    return True


def _previous_said(element: HtmlElement) -> HtmlElement | None:
    """The nearest sibling before that says something."""
    node = element.getprevious()
    for _ in range(8):
        if node is None:
            return None
        if node.tail and node.tail.strip():
            return None
        if is_element(node) and node.tag not in SILENT and text_of(node):
            return node
        node = node.getprevious()
    return None
