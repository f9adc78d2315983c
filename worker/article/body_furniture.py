"""What of a page is furniture: share bars, teasers, captions, comments.  Tag, class and id tell, once for each distinct string."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice
from typing import Final

from worker.article.ages import is_age, part_age
from worker.article.evidence import lexicon
from worker.article.normalize import letters
from worker.article.outline import Node

HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_HIDING: Final = frozenset({"hidden", "aria-hidden", "style"})
_SKIPPED_TAGS: Final = frozenset(
    {"nav", "footer", "aside", "figcaption", "head", "form", "label", "legend", "menu", "address", "time", "caption"}
)
_NEVER_FURNITURE: Final = frozenset(
    {"html", "body", "main", "article", "a"}
)  # a link may be a keyword in a sentence; if it stands alone, it goes
_FURNITURE: Final = re.compile(
    r"(?:^|[\s_-])(?:"
    r"comments?(?![-_](?:enabled|disabled|open|closed|allowed|on|off)\b)(?:[-_]?(?:list|section|area|thread|form|box|wrapper))?|disqus\w*|respond|"
    r"shar(?:e|ing|er)\w*|social\w*|follow[-_]?us|addthis\w*|sharedaddy|jp-relatedposts|"
    r"related\w*|recommend\w*|recirc\w*|more[-_]?(?:from|stories|news|articles|on)|read[-_]?(?:more|also|next)|also[-_]?read|"
    r"most[-_]?(?:read|popular|viewed)|popular|trending|teasers?|promos?\w*|outbrain\w*|taboola\w*|zergnet|"
    r"newsletters?\w*|subscri\w+|sign[-_]?up|registration|"
    r"cookies?\w*|consent|gdpr|"
    r"side[-_]?bar\w*|right[-_]?rail|rail|(?<!elementor-)widgets?|"
    r"footer\w*|foot|masthead|nav\w*|menus?|breadcrumbs?\w*|pagination|pager|toolbar|tool[-_]?bar|"
    r"ad|ads|adv|advert\w*|sponsor\w*|banner|dfp\w*|gpt\w*|"
    r"by-?lines?|author(?:s|[-_]?(?:bio|box|info|card|name|details?))?|bio|contributors?|"
    r"captions?|wp-caption-text|credits?|copyrights?|image[-_]?(?:caption|credit)|photo[-_]?(?:caption|credit)|"
    r"(?:tags?|topics?|keywords|categor(?:y|ies))(?=$|\s)|tag[-_]?(?:list|cloud|links)|meta|post[-_]?meta|entry[-_]?meta|entry[-_]?footer|"
    r"timestamp|dateline|published|updated|"
    r"(?<!overflow-)hidden|visually[-_]?hidden|sr[-_]?only|screen[-_]?reader\w*|tooltip|modal|pop[-_]?up|overlay|lightbox|"
    r"rating\w*|print[-_]?only|skip[-_]?link|gallery|slideshow|carousel|video[-_]?(?:player|js)|player|"
    r"disclaimer|notice|correction[-_]?link|feedback|survey|poll|quiz"
    r")(?:$|[\s_-])",
)
COMMENTS: Final = re.compile(r"comment(?!s?[-_](?:enabled|disabled|open|closed|allowed|on|off)\b)|disqus|respond")
_ID_WORDS: Final = re.compile("[-_]")
_EMBEDS: Final = re.compile("social|embed|twitter")
_INLINE: Final = {"span", "abbr", "mark", "cite"}
_OF_PARAGRAPHS: Final = {"p", "li", "td", "blockquote"}
_NEVER_INLINE: Final = re.compile(r"hidden|sr-only|screen|share|caption|credit|copyright|comment|(?:^|[\s_-])ad(?:$|[\s_-])")
_MIN_SENTENCE: Final = 60  # characters of a paragraph that has more than a label and its value
_LOOK_BACK: Final = 50  # runs of text
_OPENING: Final = 10  # elements of a section, among which is its heading
_BYLINES: Final = re.compile(r"meta|by-?line|author|contributor|published")
_CLOCK: Final = re.compile(r"\d{1,2}[:.]\d{2}(?!\d)")
_PARTS: Final = re.compile(r"[,،、，;|·•/–—]|\d{2}")  # of a line that says more than a name
_MAX_LINE: Final = 120  # characters
_BOXES: Final = frozenset({"div", "section"})
_STRONG: Final = frozenset({"strong", "b"})
_NO_PORTRAIT: Final = frozenset({"p", "a", "li", "td", "img"})
_LEAST_PORTRAIT, _MOST_PORTRAIT = 3, 6  # elements
_MAX_PORTRAIT: Final = 200  # characters
_MAX_NAME: Final = 40  # characters
_NEAR: Final = 8  # elements on either side
_MIN_GOING_ON: Final = 12  # characters after a date in a sentence
_DIALOGS: Final = re.compile(r"(?:^|[\s_-])(?:cookies?\w*|consent|gdpr|modal|pop[-_]?up|overlay|lightbox)(?:$|[\s_-])")


@lru_cache(maxsize=20_000)
def _is_furniture(tag: str, names: str) -> bool:
    if tag in _SKIPPED_TAGS:
        return True
    return tag not in _NEVER_FURNITURE and _FURNITURE.search(names) is not None


def _opens_an_entry(time: Node) -> bool:
    """Whether a time or date is part of a text: the first thing in an entry of a list or before its heading, as in a timeline or a
    live blog, or within a sentence.
    """
    following = next(time.following(), None)
    if following is not None and following.tag in HEADINGS and following.tag != "h1":
        return True
    following_words = time.tail.strip()
    if len(following_words) >= _MIN_GOING_ON and following_words[0].isalnum() and _has_words_before(time):
        return True
    outer = time.parent
    while outer is not None and outer.tag in {"strong", "b", "span", "a"}:
        outer = outer.parent
    return outer is not None and outer.tag in {"li", "dt", "dd", "td", "th", "p", *HEADINGS}


def is_stepped_over(node: Node, spared: frozenset[str]) -> bool:
    """Whether nothing is read of an element: furniture but for what only `spared` words make such, and what is hidden."""
    if node.tag == "time":
        return not _opens_an_entry(node)
    if (_is_furniture(node.tag, node.names) and not _is_content(node, spared)) or _is_hidden(node):
        return True
    return node.tag in _BOXES and _is_portrait(node)


def _is_portrait(box: Node) -> bool:
    """Whether a box below the text shows who wrote it: a picture, right below it a name in bold, and a line on its bearer.

    One of several such boxes is the article's: the people that it tells of.
    """
    if not _LEAST_PORTRAIT <= box.end - box.at - 1 <= _MOST_PORTRAIT:
        return False
    picture, name, *more = box.page.nodes[box.at + 1 : box.end]
    if picture.tag != "img" or name.tag not in _STRONG or any(node.tag in _NO_PORTRAIT for node in more):
        return False
    if not 0 < len(name.text) <= _MAX_NAME or not len(name.text) < len(box.text) <= _MAX_PORTRAIT:
        return False
    below = list(islice(box.following(), _NEAR))
    if any(node.tag == "p" and len(node.text) > _MIN_SENTENCE for node in below):
        return False
    return all(node.tag != box.tag or _class_of(node) != _class_of(box) for node in (*below, *islice(box.preceding(), _NEAR)))


def furniture_words(node: Node) -> tuple[str, ...]:
    """The words of an element's class that make it furniture; all of them where no single one does, or its id without a class."""
    return _furniture_words(_class_of(node) or node.names)


def _class_of(node: Node) -> str:
    return node.classes.strip()


@lru_cache(maxsize=20_000)
def _furniture_words(names: str) -> tuple[str, ...]:
    return tuple(word for word in names.split() if _FURNITURE.search(word)) or (names,)


def _is_content(node: Node, spared: frozenset[str]) -> bool:
    """Whether what is called furniture is none, by where it stands and what it holds."""
    if spared and spared.issuperset(furniture_words(node)):
        return True
    if node.get("id") and _is_called_so_by_its_heading(node):
        return True
    return _holds_a_post(node) or _says_whose_a_work_is(node) or (node.tag in _INLINE and _is_within_a_sentence(node))


def _holds_a_post(node: Node) -> bool:
    """Whether an article quotes from social media here."""
    if node.tag == "blockquote" or node.is_large or not _EMBEDS.search(node.names):
        return False
    return any(quote.has("p") for quote in node.below("blockquote"))


def _is_called_so_by_its_heading(node: Node) -> bool:
    """Whether an id was made of a heading, as generators of pages make them: `<h3 id="share-prices">Share prices</h3>`."""
    if _is_furniture(node.tag, _class_of(node)):
        return False
    if node.tag in HEADINGS:
        return True
    identity = node.get("id") or ""
    if len(_ID_WORDS.split(identity)) < 2 or is_no_part(node):
        return False
    opening = node.page.nodes[node.at + 1 : min(node.end, node.at + 1 + _OPENING)]
    heading = next((inner for inner in opening if inner.tag in HEADINGS and not inner.gone), None)
    return heading is not None and letters(heading.text) == letters(identity)


def _says_whose_a_work_is(node: Node) -> bool:
    """Whether a line below a heading amid prose names who made what the section is about: `Oona Marsh, Dunlin Press, 212 pages`.

    A page's own byline stands once.  This one comes again below another heading, and holds neither a link nor a date.
    """
    if node.tag not in {"p", "div"} or node.is_large or not _BYLINES.search(node.names) or node.has("a", "time"):
        return False
    heading, box = next(node.preceding(), None), node
    if heading is None or heading.tag not in HEADINGS or heading.tag == "h1":
        return False
    if node.parent is not None and next(node.following(), None) is None and node.parent.text == f"{heading.text}{node.text}":
        box = node.parent
    following = next(box.following(), None)
    if following is None or following.tag != "p" or len(following.text) <= _MIN_SENTENCE:
        return False
    others = (other for side in (box.preceding(), box.following()) for other in islice(side, _NEAR))
    lines = (line for other in others if other.tag == box.tag for line in (other, *islice(other.below(node.tag), 2)))
    if not any(_class_of(line) == _class_of(node) and line.text != node.text for line in lines):
        return False
    said = node.text
    dated = is_age(said) or part_age(said) or part_age(said, first=True) or _CLOCK.search(said)
    return len(said) <= _MAX_LINE and _PARTS.search(said) is not None and not dated and not lexicon().byline_in(said)


def _is_within_a_sentence(node: Node) -> bool:
    """Whether words stand on both sides, in a paragraph: a keyword in a sentence, not a label."""
    outer = node.parent
    if outer is None or outer.tag not in _OF_PARAGRAPHS or _NEVER_INLINE.search(node.names):
        return False
    return node.tail.strip() != "" and _has_words_before(node) and len(outer.text) > _MIN_SENTENCE


def _has_words_before(node: Node) -> bool:
    outer = node.parent
    if outer is None:
        return False
    before = outer.page.runs[max(outer.first, node.first - _LOOK_BACK) : node.first]
    return any(run and not run.isspace() for run in before)


def is_no_part(node: Node) -> bool:
    """Whether furniture is of no article, however much it says: readers' comments, and dialogs on cookies and the like."""
    return COMMENTS.search(node.names) is not None or _DIALOGS.search(node.names) is not None


def _is_hidden(node: Node) -> bool:
    if _HIDING.isdisjoint(node.element.keys()):  # most have one attribute or none
        return False
    return (
        node.get("hidden") is not None
        or node.get("aria-hidden") == "true"
        or "display:none" in (node.get("style") or "").replace(" ", "")
    )
