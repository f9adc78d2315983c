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
from itertools import filterfalse
from typing import Final
from urllib.parse import unquote

from lxml.etree import _Element as Element

from worker.article.addresses import absolute, host_of, path_of
from worker.article.authors import authors_of
from worker.article.document import Document, JsonObject, elements, meta_texts, string, text_of, types_of
from worker.article.guessed_date import guess_date
from worker.article.normalize import canonical, clean

_MAX_TITLE_CHARS: Final = 500


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
        authors=authors_of(document, articles, site),
        published_at=_published(document, articles),
        modified_at=_first_date(_strings(articles, "dateModified"), meta_texts(document, _MODIFIED_METAS)),
        language=_language(document, articles),
        canonical_url=_canonical_url(document, articles),
        site=site,
        section=_first(
            _strings(articles, "articleSection"), meta_texts(document, ("article:section", "og:article:section", "section"))
        ),
        description=_first(
            meta_texts(document, ("og:description", "description", "twitter:description")), _strings(articles, "description")
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


_LINE_END: Final = re.compile(r"\n|</p>|<br\s*/?>", re.IGNORECASE)
_ANY_TAG: Final = re.compile(r"<[^<>]+>")
_ARTICLE_TYPES: Final = ("Article", "BlogPosting", "Report")  # a NewsArticle and a LiveBlogPosting end alike


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


def _first(*sources: Iterable[str]) -> str | None:
    return next((text for source in sources for text in source if text), None)


# --- site and title --------------------------------------------------------------------------------------


def _site(document: Document, articles: tuple[JsonObject, ...]) -> str | None:
    return _first(
        meta_texts(document, ("og:site_name",)), _strings(articles, "publisher"), meta_texts(document, ("application-name",))
    )


# For clean text, with no space but single U+0020.  Each branch begins with a character, so that the search leaps.
_SEPARATOR: Final = re.compile(r" (?:[|｜] ?|[–—·•»«:/-] |:: )|\| ?|｜ ?|_(?=[^_]+$)")


def _headlines(document: Document, articles: tuple[JsonObject, ...], site: str | None) -> tuple[str, ...]:
    """Every wording of the headline, the one that the page states for those who pass it on first, as the reader sees it.

    JSON-LD and `<title>` are often written for search engines, and the h1 may begin with a kicker.
    """
    headings = [text for text in map(text_of, document.tagged["h1"][:5]) if text]
    stated = (
        *meta_texts(document, _TITLE_METAS),
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


_TITLE_METAS: Final = ("og:title", "twitter:title", "headline", "dc.title", "sailthru.title", "parsely-title")


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


# --- dates -----------------------------------------------------------------------------------------------

# fmt: off
_PUBLISHED_METAS: Final = ("article:published_time", "og:article:published_time", "datepublished", "article:published",
                    "og:published_time", "parsely-pub-date", "sailthru.date", "pubdate", "publishdate", "publish-date",
                    "publish_date", "published_time", "article.published", "dc.date.issued", "dcterms.created", "dc.date",
                    "dcterms.date", "date.available", "ptime", "cxenseparse:recs:publishtime", "originalpublicationdate",
                    "displaydate", "datecreated", "date")
_MODIFIED_METAS: Final = ("article:modified_time", "og:updated_time", "datemodified", "article:updated_time", "lastmod",
                   "last-modified", "dcterms.modified", "article.updated", "revision_date")
# fmt: on


def _published(document: Document, articles: tuple[JsonObject, ...]) -> str | None:
    stated = _first_date(
        _strings(articles, "datePublished"), meta_texts(document, _PUBLISHED_METAS), _strings(articles, "dateCreated")
    )
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


_MAX_TIMES: Final = 20  # that are looked at
_DATE_MARKUP: Final = "(/descendant::*/@itemprop[.='datePublished']/.. | /descendant::time/@pubdate/..)[1]"


_SHAPED: Final = re.compile(
    r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?:[T\s,]+(?P<time>\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?)(?:\s*(?P<half>[AP])\.?M\b\.?)?\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?",
    re.IGNORECASE,
)
_EPOCH: Final = re.compile(r"1\d{9}(?:\d{3})?")


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

_LANGUAGE: Final = re.compile(r"([a-z]{2,3})(?:[-_](?:([a-z]{4})\b)?)?", re.IGNORECASE)


def language_tag(stated: str | None) -> str | None:
    """The primary language of a tag: `en-GB`, `en_US` and `EN` are all `en`."""
    match = _LANGUAGE.match((stated or "").strip())
    return match[1].lower() if match else None


def _language(document: Document, articles: tuple[JsonObject, ...]) -> str | None:
    return (
        language_tag(document.root.get("lang") or document.root.get("{http://www.w3.org/XML/1998/namespace}lang"))
        or language_tag(_first(_strings(articles, "inLanguage")))
        or language_tag(_first(meta_texts(document, ("og:locale", "content-language", "language", "dc.language"))))
    )


def _canonical_url(document: Document, articles: tuple[JsonObject, ...]) -> str | None:
    for href in (*document.canonical[:3], *meta_texts(document, ("og:url",)), *_strings(articles, "url")):
        url = absolute(href, document.base_url)
        if url and path_of(url):  # a front page is nobody's canonical address
            return unquote(url) if " " in url else url
    return None
