"""Who wrote an article: names of people, one each, without `By`, roles and newsrooms."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from lxml.etree import _Element as Element

from worker.article.addresses import host_of
from worker.article.document import Document, Json, JsonObject, elements, meta_texts, string, text_of, types_of
from worker.article.normalize import canonical, clean
from worker.article.wording import NAME_PARTICLES

_MAX_AUTHORS: Final = 20

# fmt: off
_AUTHOR_METAS: Final = ("author", "article:author", "og:article:author", "parsely-author", "sailthru.author", "dc.creator",
                 "dcterms.creator", "byl", "dcsext.author", "cxenseparse:author", "article:author_name",
                 "twitter:misc:written by")
# fmt: on
_BY: Final = re.compile(
    r"^(?:(?:written|reported|edited|text|story|words|posted|article)\s*(?:by)?\s*[:\s]|by\b|von\b|par\b|por\b|di\b|da\b|door\b|av\b|af\b|"
    r"od\b|autor(?:en|in|a)?\s*:|auteurs?\s*:|автор\s*:|著者\s*:|文\s*[:/])\s*:?\s*",
    re.IGNORECASE,
)
_WRITTEN_BY: Final = re.compile(
    r"^(?:written|posted) by|^author|verfasst|geschrieben|^autor|[eé]crit|^auteur|escrito|scritto|^por$|geschreven|skriven|skrevet|"
    r"napsal|napisan|автор|написано|yazan|作者|執筆",
    re.IGNORECASE,
)
# For clean text.  A letter alone joins names only if it is small: `Mary E. Jones` is one person.
_AND: Final = re.compile(r"[;|•·]| [/&] |\b(?i:and|und|et|en|och|og)\b| (?:[eyiиі]|та|ve|oraz|és|και) ")
_ROLE: Final = re.compile(
    r"(?:editor|reporter|correspondent|writer|columnist|contributor|journalist|producer|redakteur|redakteurin|korrespondent|"
    r"korrespondentin|journaliste|rédacteur|rédactrice|correspondante|redactora?|editora|corresponsal|reportera|periodista|"
    r"redattore|redattrice|giornalista|jornalista|repórter|verslaggever|redacteur)s?$",
    re.IGNORECASE,
)
_NO_NAME: Final = re.compile(r"https?:|www\.|@|[<>{}\[\]=]|\d{3}|^\W*$", re.IGNORECASE)
_NO_PERSON: Final = re.compile(
    r"^(?:admin(?:istrator)?|editor(?:s|ial)?|staff|redaktion|redacci[oó]n|r[ée]daction|redazione|redactie|newsroom|news desk|"
    r"unknown|none|null|anonymous|webmaster|guest|contributor)$",
    re.IGNORECASE,
)


def authors_of(document: Document, articles: tuple[JsonObject, ...], site: str | None) -> tuple[str, ...]:
    """The people who wrote the article, given its JSON-LD and the name of the site; an organisation only where nobody is named.

    The order is JSON-LD, then meta tags, then what the reader sees.
    """
    root, own = document.root, _own_names(site, document.base_url)
    stated = (_linked_authors(document, articles), meta_texts(document, _AUTHOR_METAS), _labelled_author(document))
    for source in (*stated, _seen_authors(root), _bylines(root)):
        names = _people(source, own)
        if names:
            return names
    return _people(_linked_organisations(articles), frozenset())


def _labelled_author(document: Document) -> Iterator[str]:
    """What the labels of a Twitter card say: `twitter:label1` is `Written by` in the site's language, `twitter:data1` the name."""
    for number in ("1", "2"):
        label = document.meta.get(f"twitter:label{number}", "")
        if _WRITTEN_BY.search(label):
            yield document.meta.get(f"twitter:data{number}", "")


def _linked_authors(document: Document, articles: tuple[JsonObject, ...]) -> Iterator[str]:
    for article in articles:
        for stated in _as_list(article.get("author") or article.get("creator"))[:_MAX_AUTHORS]:
            author = _resolved(document, stated)
            if isinstance(author, dict) and "Person" not in types_of(author) and "@type" in author:
                continue
            names = _as_list(author.get("name")) if isinstance(author, dict) else [author]
            for name in names:
                if isinstance(name, str):
                    yield name


def _resolved(document: Document, value: Json) -> Json:
    """The object that is meant by one that has nothing but an `@id`."""
    if not isinstance(value, dict) or "name" in value or "@id" not in value:
        return value
    return next((named for named in document.linked_data if named.get("@id") == value["@id"] and "name" in named), value)


def _linked_organisations(articles: tuple[JsonObject, ...]) -> Iterator[str]:
    for article in articles:
        for author in _as_list(article.get("author")):
            if isinstance(author, dict) and (name := string(author.get("name"))):
                yield name


def _as_list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]


def _seen_authors(root: Element) -> Iterator[str]:
    for element in elements(root, _AUTHOR_MARKUP if root.xpath(_HAS_AUTHORS) else _AUTHOR_LINKS)[:9]:
        text = element.get("content") or text_of(element)
        if len(text) < 120:
            yield text


def _bylines(root: Element) -> Iterator[str]:
    """The first byline that has the shape of names: two to four capitalised words.  Later ones are other articles'."""
    for element in islice(_byline_markup(root), 9):
        text = _BY.sub("", text_of(element))
        if len(text) < 100 and all(_has_shape_of_name(part) for whole in _AND.split(text) for part in _by_comma(whole)):
            yield text
            return


def _has_shape_of_name(text: str) -> bool:
    words = text.split()
    return 2 <= len(words) <= 4 and all(word[:1].isupper() or word in NAME_PARTICLES for word in words)


# From the attribute to its element: an attribute that hardly any element has is found five times as fast as an element with it.
_AUTHORS: Final = "/descendant::*/@itemprop[.='author']"
_AUTHOR_LINKS: Final = "/descendant::a/@rel[.='author']/.."
_AUTHOR_MARKUP: Final = (
    f"{_AUTHORS}/..//@itemprop[.='name']/.. | {_AUTHORS}/parent::*[not(.//@itemprop[.='name'])] | {_AUTHOR_LINKS}"
)
_HAS_AUTHORS: Final = f"boolean({_AUTHORS})"


def _byline_markup(root: Element) -> Iterator[Element]:
    for element in root.iter():
        names = element.get("class")
        if names and ("author" in names or "byline" in names or "Author" in names or "Byline" in names):
            yield element


def _people(names: Iterable[str], own: frozenset[str]) -> tuple[str, ...]:
    """Names of people: one each, without `By`, addresses and the names of newsrooms; `own` are names of the site."""
    kept: dict[str, str] = {}
    desks = tuple(f"{name} " for name in own)
    for stated in names:
        text = clean(html.unescape(stated))
        parts = _AND.split(_BY.sub("", text)) if len(text) < 300 else []
        for part in (piece for whole in parts for piece in _by_comma(whole)):
            name = _BY.sub("", part).strip(" ,.:–—-|")
            key = canonical(name)
            if (
                not key
                or key in own
                or name.casefold().startswith(desks)
                or len(name) > 60
                or _NO_NAME.search(name)
                or _NO_PERSON.match(name)
            ):
                continue
            kept.setdefault(key, name)
            if len(kept) == _MAX_AUTHORS:
                return tuple(kept.values())
    return tuple(kept.values())


def _own_names(site: str | None, url: str | None) -> frozenset[str]:
    """What a site signs as: its name, its host, and both without the top-level domain.  `mdr.de` signs as MDR."""
    place = (host_of(url) or "").removeprefix("www.")
    names = {site or "", (site or "").rpartition(".")[0], place, place.rpartition(".")[0]}
    return frozenset([*map(str.casefold, names), *map(canonical, names)]) - {""}


def _by_comma(text: str) -> list[str]:
    """`Ann Lee, Bo Ray` is two people; `Lee, Ann` is one, and so is `Ann Lee, Political Editor`."""
    pieces = [piece.strip() for piece in re.split(r"[,、，]", text) if piece.strip()]
    if len(pieces) < 2:
        return pieces
    return [piece for piece in pieces if _has_shape_of_name(piece) and not _ROLE.search(piece)] or [text]
