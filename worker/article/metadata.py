"""Who wrote it, when, under which headline and in which language: from what the page states about itself.

The order is JSON-LD, then meta tags, then what the reader sees (h1, time, rel=author).  Guessing comes last and only for the date.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from itertools import filterfalse, islice
from urllib.parse import unquote

from lxml.etree import _Element as Element

from worker.article.addresses import absolute, host_of, path_of
from worker.article.document import Document, Json, JsonObject, elements, string, texts, types_of
from worker.article.guessed_date import guess_date
from worker.article.normalize import canonical, clean
from worker.article.wording import NAME_PARTICLES

_MAX_TITLE_CHARS = 500
_MAX_AUTHORS = 20


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a page says of its article.  Times are ISO 8601, with an offset where the page states one."""

    title: str | None = None
    headlines: tuple[str, ...] = ()  # every wording of the title, for those who look for it in the text
    authors: tuple[str, ...] = ()
    published_at: str | None = None
    modified_at: str | None = None
    language: str | None = None
    canonical_url: str | None = None
    site: str | None = None
    section: str | None = None
    description: str | None = None


def read_metadata(document: Document) -> Metadata:
    """Read what the page states; what it does not state is None or empty."""
    articles = _articles(document)
    site = _site(document, articles)
    headlines = _headlines(document, articles, site)
    return Metadata(
        title=headlines[0] if headlines else None,
        headlines=headlines,
        authors=_authors(document, articles, site),
        published_at=_published(document, articles),
        modified_at=_first_date(_strings(articles, "dateModified"), _meta(document, _MODIFIED_METAS)),
        language=_language(document, articles),
        canonical_url=_canonical_url(document, articles),
        site=site,
        section=_first(_strings(articles, "articleSection"), _meta(document, ("article:section", "og:article:section", "section"))),
        description=_first(
            _meta(document, ("og:description", "description", "twitter:description")), _strings(articles, "description")
        ),
    )


def stated_text(document: Document) -> list[str]:
    """The paragraphs of the article's text as JSON-LD states it; none where it does not, or has several articles and none of the
    page's address: that is a front page.
    """
    found = [value for value in document.linked_data if _is_article(value)]
    own = _own_articles(document, found) or (found if len(found) == 1 else [])
    text = _first(raw for article in own if isinstance(raw := article.get("articleBody"), str))
    lines = _LINE_END.split(html.unescape(text or ""))
    return [line for line in (clean(_ANY_TAG.sub(" ", line)) for line in lines) if line]


_LINE_END = re.compile(r"\n|</p>|<br\s*/?>", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[^<>]+>")
_ARTICLE_TYPES = ("Article", "BlogPosting", "Report")  # a NewsArticle and a LiveBlogPosting end alike


def _articles(document: Document) -> tuple[JsonObject, ...]:
    """The page's own article first.  A page that lists others as well has its own one under its address."""
    found = [value for value in document.linked_data if _is_article(value)]
    if len(found) > 1:
        found = _own_articles(document, found) or found
        found.sort(key=lambda value: "headline" not in value)
    return tuple(found[:1])


def _own_articles(document: Document, articles: list[JsonObject]) -> list[JsonObject]:
    """Those with the address of the page."""
    places = {*map(_place, (document.url, *document.canonical, document.meta.get("og:url")))} - {None}
    return [article for article in articles if not places.isdisjoint(map(_place, _addresses(article)))]


def _addresses(article: JsonObject) -> Iterator[str]:
    """What an article gives as its address."""
    page = article.get("mainEntityOfPage")
    for value in (article.get("url"), article.get("@id"), page.get("@id") if isinstance(page, dict) else page):
        if isinstance(value, str):
            yield value


def _place(address: str | None) -> str | None:
    """An address without what does not name the page."""
    return (address or "").split("#")[0].split("?")[0].rstrip("/") or None


def _is_article(value: JsonObject) -> bool:
    return any(name.endswith(_ARTICLE_TYPES) for name in types_of(value))


def _strings(articles: tuple[JsonObject, ...], key: str) -> Iterator[str]:
    for article in articles:
        if text := string(article.get(key)):
            yield text


def _meta(document: Document, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        if content := document.meta.get(name):
            yield clean(html.unescape(content))


def _first(*sources: Iterable[str]) -> str | None:
    return next((text for source in sources for text in source if text), None)


def _text(element: Element) -> str:
    return clean(" ".join(texts(element)))


# --- site and title --------------------------------------------------------------------------------------


def _site(document: Document, articles: tuple[JsonObject, ...]) -> str | None:
    return _first(_meta(document, ("og:site_name",)), _strings(articles, "publisher"), _meta(document, ("application-name",)))


# For clean text, with no space but single U+0020.  Each branch begins with a character, so that the search leaps.
_SEPARATOR = re.compile(r" (?:[|｜] ?|[–—·•»«:/-] |:: )|\| ?|｜ ?|_(?=[^_]+$)")


def _headlines(document: Document, articles: tuple[JsonObject, ...], site: str | None) -> tuple[str, ...]:
    """Every wording of the headline, the one that the page states for those who pass it on first, as the reader sees it.

    JSON-LD and `<title>` are often written for search engines, and the h1 may begin with a kicker.
    """
    headings = [text for text in map(_text, document.tagged["h1"][:5]) if text]
    stated = (
        *_meta(document, _TITLE_METAS),
        *_strings(articles, "headline"),
        *[clean(title.text) for title in document.tagged["title"] if title.text][:1],
    )
    own = canonical(site or "")
    names = {own.replace(" ", "")} | _host_names(document.url)
    cut = [_without_site(text, names) for text in dict.fromkeys(stated)]
    wordings = [title for title in dict.fromkeys(cut) if title and canonical(title) != own]
    if wordings:
        wordings.insert(0, _same_headline(wordings[0], headings) or wordings[0])
    return tuple(dict.fromkeys(title[:_MAX_TITLE_CHARS] for title in (*wordings, *headings[:1])))


def _same_headline(title: str, headings: list[str]) -> str | None:
    """The one heading of the page that says what the stated title says, word for word or with a few words more."""
    folded = canonical(title)
    words = set(folded.split())
    for heading in headings:
        seen_folded = canonical(heading)
        if seen_folded.endswith(folded):
            return title  # what stands before it is a kicker
        seen = set(seen_folded.split())
        if len(seen) >= 3 and len(seen & words) >= 0.9 * min(len(seen), len(words)):
            return heading
    return None


_TITLE_METAS = ("og:title", "twitter:title", "headline", "dc.title", "sailthru.title", "parsely-title")


def _without_site(title: str, names: set[str]) -> str:
    """Cut ` - Site` and ` | Section | Site` off a title; `names` are the site's, in small letters without spaces."""
    title = clean(title[: 2 * _MAX_TITLE_CHARS])
    while matches := list(_SEPARATOR.finditer(title)):
        tail = canonical(title[matches[-1].end() :]).replace(" ", "")
        if not any(name and (name in tail or (len(tail) > 3 and tail in name)) for name in names):
            break
        title = title[: matches[-1].start()].rstrip()
    return title


def _host_names(url: str | None) -> set[str]:
    labels = (host_of(url) or "").removeprefix("www.").split(".")
    return {label.replace("-", "") for label in labels[:-1] if len(label) > 3}


# --- authors ---------------------------------------------------------------------------------------------

# fmt: off
_AUTHOR_METAS = ("author", "article:author", "og:article:author", "parsely-author", "sailthru.author", "dc.creator",
                 "dcterms.creator", "byl", "dcsext.author", "cxenseparse:author", "article:author_name",
                 "twitter:misc:written by")
# fmt: on
_BY = re.compile(
    r"^(?:(?:written|reported|edited|text|story|words|posted|article)\s*(?:by)?\s*[:\s]|by\b|von\b|par\b|por\b|di\b|da\b|door\b|av\b|af\b|"
    r"od\b|autor(?:en|in|a)?\s*:|auteurs?\s*:|автор\s*:|著者\s*:|文\s*[:/])\s*:?\s*",
    re.IGNORECASE,
)
_WRITTEN_BY = re.compile(
    r"^(?:written|posted) by|^author|verfasst|geschrieben|^autor|[eé]crit|^auteur|escrito|scritto|^por$|geschreven|skriven|skrevet|"
    r"napsal|napisan|автор|написано|yazan|作者|執筆",
    re.IGNORECASE,
)
# For clean text.  A letter alone joins names only if it is small: `Mary E. Jones` is one person.
_AND = re.compile(r"[;|•·]| [/&] |\b(?i:and|und|et|en|och|og)\b| (?:[eyiиі]|та|ve|oraz|és|και) ")
_ROLE = re.compile(
    r"(?:editor|reporter|correspondent|writer|columnist|contributor|journalist|producer|redakteur|redakteurin|korrespondent|"
    r"korrespondentin|journaliste|rédacteur|rédactrice|correspondante|redactora?|editora|corresponsal|reportera|periodista|"
    r"redattore|redattrice|giornalista|jornalista|repórter|verslaggever|redacteur)s?$",
    re.IGNORECASE,
)
_NO_NAME = re.compile(r"https?:|www\.|@|[<>{}\[\]=]|\d{3}|^\W*$", re.IGNORECASE)
_NO_PERSON = re.compile(
    r"^(?:admin(?:istrator)?|editor(?:s|ial)?|staff|redaktion|redacci[oó]n|r[ée]daction|redazione|redactie|newsroom|news desk|"
    r"unknown|none|null|anonymous|webmaster|guest|contributor)$",
    re.IGNORECASE,
)


def _authors(document: Document, articles: tuple[JsonObject, ...], site: str | None) -> tuple[str, ...]:
    root, own = document.root, _own_names(site, document.base_url)
    stated = (_linked_authors(document, articles), _meta(document, _AUTHOR_METAS), _labelled_author(document))
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
        text = element.get("content") or _text(element)
        if len(text) < 120:
            yield text


def _bylines(root: Element) -> Iterator[str]:
    """The first byline that has the shape of names: two to four capitalised words.  Later ones are other articles'."""
    for element in islice(_byline_markup(root), 9):
        text = _BY.sub("", _text(element))
        if len(text) < 100 and all(_has_shape_of_name(part) for whole in _AND.split(text) for part in _by_comma(whole)):
            yield text
            return


def _has_shape_of_name(text: str) -> bool:
    words = text.split()
    return 2 <= len(words) <= 4 and all(word[:1].isupper() or word in NAME_PARTICLES for word in words)


# From the attribute to its element: an attribute that hardly any element has is found five times as fast as an element with it.
_AUTHORS = "/descendant::*/@itemprop[.='author']"
_AUTHOR_LINKS = "/descendant::a/@rel[.='author']/.."
_AUTHOR_MARKUP = f"{_AUTHORS}/..//@itemprop[.='name']/.. | {_AUTHORS}/parent::*[not(.//@itemprop[.='name'])] | {_AUTHOR_LINKS}"
_HAS_AUTHORS = f"boolean({_AUTHORS})"


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


# --- dates -----------------------------------------------------------------------------------------------

# fmt: off
_PUBLISHED_METAS = ("article:published_time", "og:article:published_time", "datepublished", "article:published",
                    "og:published_time", "parsely-pub-date", "sailthru.date", "pubdate", "publishdate", "publish-date",
                    "publish_date", "published_time", "article.published", "dc.date.issued", "dcterms.created", "dc.date",
                    "dcterms.date", "date.available", "ptime", "cxenseparse:recs:publishtime", "originalpublicationdate",
                    "displaydate", "datecreated", "date")
_MODIFIED_METAS = ("article:modified_time", "og:updated_time", "datemodified", "article:updated_time", "lastmod",
                   "last-modified", "dcterms.modified", "article.updated", "revision_date")
# fmt: on


def _published(document: Document, articles: tuple[JsonObject, ...]) -> str | None:
    stated = _first_date(_strings(articles, "datePublished"), _meta(document, _PUBLISHED_METAS), _strings(articles, "dateCreated"))
    return stated or _first_date(_seen_dates(document)) or guess_date(document)


def _first_date(*sources: Iterable[str]) -> str | None:
    return next((moment for source in sources for text in source if (moment := iso_date(text))), None)


def _seen_dates(document: Document) -> Iterator[str]:
    for element in elements(document.root, _DATE_MARKUP):
        yield element.get("datetime") or element.get("content") or ""
    times = [element for element in document.tagged["time"] if element.get("datetime") is not None]
    for element in [*filterfalse(_is_another_time, times[:_MAX_TIMES]), *times][:1]:
        yield element.get("datetime") or ""


def _is_another_time(element: Element) -> bool:
    """Whether it is likely of another article, or of a later version of this one."""
    names = (element.get("class") or "").lower()
    if ("updated" in names or "modified" in names) and "publish" not in names:
        return True
    return next(element.iterancestors("aside", "nav", "footer"), None) is not None


_MAX_TIMES = 20  # that are looked at
_DATE_MARKUP = "(/descendant::*/@itemprop[.='datePublished']/.. | /descendant::time/@pubdate/..)[1]"


_SHAPED = re.compile(
    r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?:[T\s,]+(?P<time>\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?)(?:\s*(?P<half>[AP])\.?M\b\.?)?\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?",
    re.IGNORECASE,
)
_EPOCH = re.compile(r"1\d{9}(?:\d{3})?")


def iso_date(text: str) -> str | None:
    """A stated date or time as ISO 8601, with the offset if it has one; None where it can't be read or is no year of the web."""
    text = text.strip()[:80]
    moment = _moment(text)
    if moment is None:
        return None
    if isinstance(moment, str):
        return moment
    return moment.isoformat(timespec="seconds") if 1900 <= moment.year <= 2100 else None


def _moment(text: str) -> datetime | str | None:
    if match := _SHAPED.match(text):
        try:
            day = date(int(match["year"]), int(match["month"]), int(match["day"]))
            if not match["time"]:
                return day.isoformat() if 1900 <= day.year <= 2100 else None
            stated_hour, _, rest = match["time"].partition(":")
            hour = int(stated_hour)
            if match["half"]:
                hour = hour % 12 + (12 if match["half"] in "pP" else 0)
            zone = (match["zone"] or "").upper().replace("UTC", "Z").replace("GMT", "Z")
            return datetime.fromisoformat(f"{day.isoformat()}T{hour:02}:{rest.replace(',', '.')[:9]}{zone}")
        except ValueError:
            return None
    if _EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(text[:10]), UTC)
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


# --- language and addresses ------------------------------------------------------------------------------

_LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_](?:([a-z]{4})\b)?)?", re.IGNORECASE)


def language_tag(stated: str | None) -> str | None:
    """The primary language of a tag: `en-GB`, `en_US` and `EN` are all `en`."""
    match = _LANGUAGE.match((stated or "").strip())
    return match[1].lower() if match else None


def _language(document: Document, articles: tuple[JsonObject, ...]) -> str | None:
    return (
        language_tag(document.root.get("lang") or document.root.get("{http://www.w3.org/XML/1998/namespace}lang"))
        or language_tag(_first(_strings(articles, "inLanguage")))
        or language_tag(_first(_meta(document, ("og:locale", "content-language", "language", "dc.language"))))
    )


def _canonical_url(document: Document, articles: tuple[JsonObject, ...]) -> str | None:
    for href in (*document.canonical[:3], *_meta(document, ("og:url",)), *_strings(articles, "url")):
        url = absolute(href, document.base_url)
        if url and path_of(url):  # a front page is nobody's canonical address
            return unquote(url) if " " in url else url
    return None
