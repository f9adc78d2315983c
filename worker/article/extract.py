"""The steps from a page's bytes to its article, in order.

decode -> parse -> metadata -> lift similar news out of the tree -> body -> tidy -> fingerprint; a plain-text page, which has no
tree, goes from decode to the text splitter.  Similar news goes before the body is sought, for its teasers are prose too.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final, Literal, overload

from worker import __version__
from worker.article.body import main_text
from worker.article.decode import decode
from worker.article.document import parse
from worker.article.fingerprint import HASH_VERSION, content_hash, near_signature
from worker.article.language import guess_language
from worker.article.metadata import Metadata, read_metadata, stated_text
from worker.article.normalize import canonical_words, clean
from worker.article.outline import Outline
from worker.article.related.lift import lift_related
from worker.article.related.split import split_text
from worker.article.related.tidy import TextSplit, tidy_paragraphs
from worker.article.sentences import has_sentence, is_headline
from worker.article.wording import fold
from worker.errors import NoMainText
from worker.records import Article, Cut, ExtractorInfo, SimilarItem

EXTRACTOR_NAME: Final = "winnow"
_WORD: Final = re.compile(r"[^\W_]")
_FOR_NO_SCRIPT: Final = re.compile(rb"<(?:noscript|template)\b[^<>]*>", re.IGNORECASE)
_FOR_NO_SCRIPT_ENDS: Final = re.compile(rb"</(?:noscript|template)\b", re.IGNORECASE)
_ARTICLE: Final = re.compile(rb"<(?:article|h1)\b", re.IGNORECASE)
_MARKUP: Final = re.compile(rb"<[^<>]*>|\s+")
_MIN_WITHOUT_SCRIPTS: Final = 500  # characters
_TELLS_ITSELF: Final = 250  # characters of a text that no other article has; a shorter one may be a site's own sentence


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a page is taken apart into."""

    paragraphs: tuple[str, ...]
    path: str
    metadata: Metadata
    split: TextSplit
    items: tuple[SimilarItem, ...]
    cuts: tuple[Cut, ...]


@overload
def extract_article(
    payload: bytes, url: str | None = None, content_type: str | None = None, *, explain: Literal[False] = False
) -> Article: ...


@overload
def extract_article(
    payload: bytes, url: str | None = None, content_type: str | None = None, *, explain: Literal[True]
) -> tuple[Article, tuple[Cut, ...]]: ...


def extract_article(
    payload: bytes, url: str | None = None, content_type: str | None = None, *, explain: bool = False
) -> Article | tuple[Article, tuple[Cut, ...]]:
    """Read the article in a page.

    Args:
        payload: the page's bytes, unpacked; HTML or plain text in any charset.
        url: where it was fetched; links are resolved against it.
        content_type: as the server stated it; looked at, not believed.
        explain: also return what was cut from the text, and on what evidence.

    Raises:
        EmptyPayload: no bytes, or nothing but whitespace.
        UnsupportedContent: a picture, a PDF, an archive, JSON.
        UndecodablePage: no charset makes text of it.
        NoMainText: the page was read and holds no article.
    """
    collecting = gc.isenabled()
    gc.disable()  # a page leaves no circles behind; to look for them at every 700 objects costs 3 % of reading it
    try:
        page = decode(payload, content_type)
        parts = _from_html(page.utf8, url) if page.is_html else _from_text(page.text)
        if not _says_something(parts) and page.is_html:
            parts = _without_scripts(page.utf8, url) or parts
        if not _says_something(parts):
            raise NoMainText(f"no sentence of an article in {len(page.text)} characters of {'HTML' if page.is_html else 'text'}")
        article = _article(parts, url)
    finally:
        if collecting:
            gc.enable()
    return (article, parts.cuts) if explain else article


def _from_html(source: bytes, url: str | None) -> _Parts:
    document = parse(source, url)
    metadata = read_metadata(document)
    page = Outline(document.root)
    related = lift_related(page, base_url=document.base_url or metadata.canonical_url, headlines=metadata.headlines)
    body = main_text(page, url=url, headlines=metadata.headlines, description=metadata.description)
    page.release()
    split = tidy_paragraphs(body.paragraphs, headlines=metadata.headlines)
    return _Parts(
        paragraphs=_worded(split.paragraphs),
        path=body.path,
        metadata=metadata,
        split=split,
        items=_joined(related.items, split.items),
        cuts=(*related.cuts, *split.cuts),
    )


def _says_something(parts: _Parts) -> bool:
    return any(map(has_sentence, parts.paragraphs))


def _without_scripts(source: bytes, url: str | None) -> _Parts | None:
    """A page that scripts would fill: what its JSON-LD states as the article's text, or what it has for those that run no scripts.

    Little is no article: a word on subscriptions, or on the missing scripts, and every page of a site has the same.
    """
    document = parse(source, url)
    stated = stated_text(document)
    if sum(map(len, stated)) >= _MIN_WITHOUT_SCRIPTS:
        metadata = read_metadata(document)
        split = tidy_paragraphs(stated, headlines=metadata.headlines)
        return _Parts(
            paragraphs=_worded(split.paragraphs),
            path="stated",
            metadata=metadata,
            split=split,
            items=split.items,
            cuts=split.cuts,
        )
    if any(map(_holds_an_article, _FOR_NO_SCRIPT.split(source)[1:])):
        return _from_html(_FOR_NO_SCRIPT.sub(b"", source), url)
    return None


def _holds_an_article(part: bytes) -> bool:
    """Whether what follows the opening tag of a `noscript` or `template`, up to its end, has a headline or article in it."""
    inner = _FOR_NO_SCRIPT_ENDS.split(part, 1)[0]
    return _ARTICLE.search(inner) is not None and len(_MARKUP.sub(b"", inner)) >= _MIN_WITHOUT_SCRIPTS


def _from_text(text: str) -> _Parts:
    split = split_text(text)
    paragraphs, title = _worded(map(clean, split.paragraphs)), None
    if len(paragraphs) > 1 and is_headline(*paragraphs[:2]):
        title, *rest = paragraphs  # as in HTML the headline is no part of the text: copies in both forms have one hash
        paragraphs = tuple(rest)
    return _Parts(
        paragraphs=paragraphs,
        path="text",
        metadata=Metadata(title=title),
        split=split,
        items=split.items,
        cuts=split.cuts,
    )


def _joined(lifted: tuple[SimilarItem, ...], found: tuple[SimilarItem, ...]) -> tuple[SimilarItem, ...]:
    """Entries of the tree, and those entries of the text that the tree does not have: it knows their addresses too."""
    titles = {fold(entry.title) for entry in lifted}
    return (*lifted, *(entry for entry in found if fold(entry.title) not in titles))


def _worded(paragraphs: Iterable[str]) -> tuple[str, ...]:
    """Those that have a word in them."""
    return tuple(text for text in paragraphs if _WORD.search(text))


def _article(parts: _Parts, url: str | None) -> Article:
    stated, text = parts.metadata, "\n\n".join(parts.paragraphs)
    words = canonical_words(text)
    digest = content_hash(words if len(text) >= _TELLS_ITSELF else [*canonical_words(stated.title or ""), *words])
    address = stated.canonical_url or url
    return Article(
        id=_stable_id(address) if address else digest,
        text=text,
        content_hash=digest,
        hash_version=HASH_VERSION,
        near_signature=near_signature(words),
        extractor=ExtractorInfo(EXTRACTOR_NAME, __version__, parts.path),
        url=url,
        canonical_url=stated.canonical_url,
        title=stated.title,
        authors=stated.authors or parts.split.authors,
        published_at=stated.published_at,
        modified_at=stated.modified_at,
        language=stated.language or guess_language(text),
        site=stated.site,
        section=stated.section or parts.split.section,
        dateline=parts.split.dateline,
        similar=parts.items,
    )


def _stable_id(address: str) -> str:
    """The same for every fetch of an address, whatever became of the text meanwhile."""
    return blake2b(address.encode("utf-8", "replace"), digest_size=16, person=b"winnow-article").hexdigest()
