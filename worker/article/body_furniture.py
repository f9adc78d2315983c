"""What of a page is furniture: share bars, teasers, captions, comments.  Tag, class and id tell, once for each distinct string."""

from __future__ import annotations

import re
from functools import lru_cache

from worker.article.outline import Node

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_HIDING = frozenset({"hidden", "aria-hidden", "style"})
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
COMMENTS = re.compile(r"comment(?!s?[-_](?:enabled|disabled|open|closed|allowed|on|off)\b)|disqus|respond")
_DIALOGS = re.compile(r"(?:^|[\s_-])(?:cookies?\w*|consent|gdpr|modal|pop[-_]?up|overlay|lightbox)(?:$|[\s_-])")


@lru_cache(maxsize=20_000)
def _is_furniture(tag: str, names: str) -> bool:
    if tag in _SKIPPED_TAGS:
        return True
    return tag not in _NEVER_FURNITURE and _FURNITURE.search(names) is not None


def _opens_an_entry(time: Node) -> bool:
    """Whether a time or date is the first thing in an entry of a list or before its heading: a timeline, a live blog."""
    following = next(time.following(), None)
    if following is not None and following.tag in HEADINGS and following.tag != "h1":
        return True
    outer = time.parent
    while outer is not None and outer.tag in {"strong", "b", "span", "a"}:
        outer = outer.parent
    return outer is not None and outer.tag in {"li", "dt", "dd", "td", "th", "p", *HEADINGS}


def is_stepped_over(node: Node, spared: frozenset[str]) -> bool:
    """Whether nothing is read of an element: furniture but for what has one of the `spared` names, and what is hidden."""
    if node.tag == "time":
        return not _opens_an_entry(node)
    return (_is_furniture(node.tag, node.names) and node.names not in spared) or _is_hidden(node)


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
