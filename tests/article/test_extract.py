"""From bytes to an article: HTML and plain text, errors by name, and the schema that the published JSON keeps."""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import gzip
import json
from pathlib import Path

import orjson
import pytest
from jsonschema import Draft202012Validator

from worker import __version__
from worker.article import Article, extract_article
from worker.article import extract as extract_module
from worker.article.normalize import clean
from worker.errors import EmptyPayload, NoMainText, UnsupportedContent
from worker.records import ExtractorInfo, SimilarItem, SourceInfo

ROOT = Path(__file__).parent.parent.parent
NEWS = (ROOT / "tests" / "data" / "pages" / "news.html").read_bytes()
SCHEMA = json.loads((Path(extract_module.__file__).parent / "article.schema.json").read_text("utf-8"))
OWN_PAGES = sorted((ROOT / "tests" / "data" / "similar-pages").glob("*/page.*"))
SHARED = ROOT.parent / "shared" / "extraction"
TEXT = (
    "The ferry will resume its service in June after a shutdown that was caused by a cracked shaft.\n"
    "It carries about 1,900 commuters a day between the two towns, and was towed to a shipyard in March.\n"
)


def fetched(payload: bytes = NEWS, url: str | None = "https://harbour.example/x?utm=1") -> Article:
    return extract_article(payload, url)


@pytest.mark.parametrize("collecting", [True, False])
@pytest.mark.parametrize("payload", [NEWS, b""])
def test_the_collector_is_left_as_it_was_found(payload, collecting):
    if not collecting:
        gc.disable()
    try:
        with contextlib.suppress(EmptyPayload):
            fetched(payload)
        assert gc.isenabled() is collecting
    finally:
        gc.enable()


def test_a_news_page_becomes_an_article_with_all_that_it_states():
    article = fetched()
    assert article.title == "Ferry returns to Port Halden after eleven weeks"
    assert article.authors == ("Odalys Brandt", "Lewis Okafor")
    assert article.published_at == "2024-05-29T08:15:00+01:00"
    assert article.modified_at == "2024-05-29T10:00:00+00:00"
    assert (article.site, article.section, article.language) == ("Harbour Post", "Transport", "en")
    assert article.canonical_url == "https://harbour.example/transport/ferry-returns"
    assert article.extractor == ExtractorInfo("winnow", __version__, "fast")
    assert article.text.startswith("The Port Halden ferry will resume")
    assert "cookies" not in article.text
    assert (article.source, article.ingested_at) == (None, None)


def test_plain_text_becomes_an_article_too():
    article = extract_article(TEXT.encode(), content_type="text/plain")
    assert article.text.split("\n\n") == TEXT.splitlines()
    assert (article.extractor.path, article.language, article.title) == ("text", "en", None)


def test_the_same_page_gives_the_same_article_every_time():
    assert len({fetched() for _ in range(3)}) == 1


def test_the_id_is_of_the_canonical_address_wherever_the_page_was_fetched():
    changed = NEWS.replace(b"eleven-week", b"twelve-week")
    assert fetched().id == fetched(changed, "https://harbour.example/y").id
    assert fetched().content_hash != fetched(changed).content_hash


def test_without_an_address_the_id_is_of_the_text():
    article = extract_article(TEXT.encode())
    assert article.id == article.content_hash


@pytest.mark.parametrize("url", ["http://[example", "http://exa[mple.org/2026/11/02/n", "http://\u2100.example/", "no address", ""])
def test_a_broken_address_costs_no_article(url):
    article = extract_article(NEWS, url)
    assert (article.url, article.text) == (url, fetched().text)


def test_the_content_hash_does_not_see_typography_or_markup():
    other = NEWS.replace("“".encode(), b"&quot;").replace("”".encode(), b'"').replace(b"<b>not</b>", b"<i>NOT</i> ")
    assert fetched().content_hash == fetched(other).content_hash


def test_explaining_changes_nothing_and_hands_back_the_cuts():
    article, cuts = extract_article(NEWS, "https://harbour.example/x?utm=1", explain=True)
    assert article == fetched()
    assert isinstance(cuts, tuple)


@pytest.mark.parametrize(
    ("payload", "error"),
    [
        (b"", EmptyPayload),
        (b"   ", EmptyPayload),
        (b"%PDF-1.4", UnsupportedContent),
        (b"<html><body></body></html>", NoMainText),
        (b"<!-- -->", NoMainText),
        (b"<html><body><p>...</p></body></html>", NoMainText),
        (b"- - -", NoMainText),
        (b"hello", NoMainText),
        (b"<html><body><nav><a href=/>Home</a></nav></body></html>", NoMainText),
        (b"<form><label>Email <input></label><label>Password <input></label><button>Sign in</button></form>", NoMainText),
        (b"<ul><li><a href=/a>Forgot your password?</a></li><li><a href=/b>Subscribe</a></li></ul>", NoMainText),
        ((ROOT / "deploy" / "demo" / "pages" / "broken-login-wall.html").read_bytes(), NoMainText),
    ],
)
def test_a_page_that_is_no_article_fails_by_name(payload, error):
    with pytest.raises(error):
        extract_article(payload, content_type="text/html")


@pytest.mark.parametrize(
    "brief",
    [
        "The bridge over the Calder was closed on Monday.",
        "桥梁于星期一关闭，将于春天重新开放。",
        "สะพานข้ามแม่น้ำถูกปิดเมื่อวันจันทร์ และจะเปิดอีกครั้งในฤดูใบไม้ผลิ",
    ],
)
@pytest.mark.parametrize("page", ["{}", "<html><body><h1>A bridge is closed</h1><p>{}</p></body></html>"])
def test_a_brief_of_one_sentence_is_an_article(page, brief):
    assert extract_article(page.format(brief).encode()).text == brief


def test_the_headline_of_a_plain_text_is_its_title_and_not_in_its_hash():
    text = TEXT + "The council of Port Halden will hear on Thursday what that has cost the shops on the quay.\n"
    titled = extract_article(b"Ferry returns to Port Halden\n\n" + text.encode())
    page = "<h1>Ferry returns to Port Halden</h1>" + "".join(f"<p>{line}</p>" for line in text.splitlines())
    assert titled.title == "Ferry returns to Port Halden"
    assert titled.content_hash == extract_article(text.encode()).content_hash == extract_article(page.encode()).content_hash


def test_articles_of_which_only_a_sites_own_sentence_is_there_are_told_apart_by_their_titles():
    wall = "<html><body><h1>{}</h1><article><p>This article is for subscribers only. Subscribe now to continue.</p></article>"
    one, other = (extract_article(wall.format(title).encode()) for title in ("Bridge closed", "Ferry returns"))
    assert one.text == other.text
    assert one.content_hash != other.content_hash


def test_an_entry_that_the_tree_and_the_text_both_have_comes_once():
    tree = SimilarItem("Ferry to sail again", None, "https://b.example/a")
    assert extract_module._joined((tree,), (SimilarItem("Ferry to sail again"), SimilarItem("Another ferry"))) == (
        tree,
        SimilarItem("Another ferry"),
    )


# --- schema -------------------------------------------------------------------------------------------------------------------


def published(article: Article) -> object:
    """As a reader of the topic gets it."""
    return json.loads(orjson.dumps(article))


def test_the_schema_is_a_schema():
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    ("record", "schema"),
    [
        (Article, SCHEMA),
        (ExtractorInfo, SCHEMA["properties"]["extractor"]),
        (SimilarItem, SCHEMA["$defs"]["similarItem"]),
        (SourceInfo, SCHEMA["$defs"]["source"]),
    ],
)
def test_schema_and_records_have_the_same_fields(record, schema):
    names = {field.name for field in dataclasses.fields(record)}
    assert names == set(schema["properties"]) == set(schema["required"])
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize(
    "article",
    [
        fetched(),
        extract_article(TEXT.encode()),
        dataclasses.replace(
            fetched(),
            source=SourceInfo("pages", 3, 41, "key", "2024-05-29T08:00:00Z"),
            ingested_at="2024-05-29T08:00:01.250000+00:00",
            similar=(SimilarItem("Ferry to sail again", "A snippet…", "https://b.example/a", "B", "2 hours ago", truncated=True),),
        ),
    ],
)
def test_a_published_article_keeps_the_schema(article):
    Draft202012Validator(SCHEMA).validate(published(article))


@pytest.mark.parametrize(
    "change",
    [{"text": ""}, {"id": "x"}, {"published_at": "yesterday"}, {"extra": 1}, {"source": {"topic": "a"}}, {"schema_version": 2}],
)
def test_the_schema_refuses_what_is_no_article(change):
    assert not Draft202012Validator(SCHEMA).is_valid(published(fetched()) | change)


@pytest.mark.parametrize("page", [pytest.param(page, id=page.parent.name) for page in OWN_PAGES])
def test_pages_in_any_language_become_clean_articles_that_keep_the_schema(page):
    article = extract_article(page.read_bytes(), "https://example.org/a")
    Draft202012Validator(SCHEMA).validate(published(article))
    assert article.text == "\n\n".join(map(clean, article.text.split("\n\n")))


@pytest.mark.skipif(not SHARED.is_dir(), reason="the development pages are not beside this repository")
def test_real_pages_become_clean_articles_that_keep_the_schema():
    validator = Draft202012Validator(SCHEMA)
    for line in (SHARED / "gold.jsonl").read_text("utf-8").splitlines()[::12]:
        row = json.loads(line)
        page = gzip.decompress((SHARED / "pages" / f"{row['id']}.html.gz").read_bytes())
        article = extract_article(page, row["url"])
        validator.validate(published(article))
        assert article.text == "\n\n".join(map(clean, article.text.split("\n\n")))


@pytest.mark.parametrize(
    "page",
    [
        "<html><body><nav><a href=/>Home</a></nav></body></html>",
        "<html><body><form><label>Email</label><input><label>Password</label><input><button>Sign in</button></form></body></html>",
        "<html><body><h1>The harbour council</h1><p>Photos</p><p>Videos</p></body></html>",
        "hello",
    ],
)
def test_a_page_without_a_sentence_holds_no_article(page: str) -> None:
    with pytest.raises(NoMainText):
        extract_article(page.encode())


SCRIPTED = "<html><head><title>Ferry returns</title>{}</head><body><div id=app>Loading</div>{}</body></html>"
LONG = f"<p>{TEXT}</p>" + "".join(
    f"<p>Paragraph {n} tells at some length how the ferry sailed to the island in the storm of day {n}.</p>" for n in range(9)
)


def json_ld(*objects):
    return f'<script type="application/ld+json">{json.dumps(objects)}</script>'


@pytest.mark.parametrize(
    ("head", "body", "path"),
    [
        ("", f"<noscript><article><h1>Ferry returns</h1>{LONG}</article></noscript>", "fast"),
        ("", f"<my-article><template shadowrootmode=open><article>{LONG}</article></template></my-article>", "fast"),
        (
            json_ld({"@type": "NewsArticle", "articleBody": LONG.replace("<p>", "&lt;p>"), "author": "Jane Doe"}),
            "<noscript><article>Please enable JavaScript in your browser: this site can't be read without it.</article></noscript>",
            "stated",
        ),
        (
            json_ld(
                {"@type": "NewsArticle", "url": "https://harbour.example/y", "articleBody": "Of another page. " * 50},
                {"@type": "NewsArticle", "url": "https://harbour.example/x", "articleBody": LONG},
            ),
            "",
            "stated",
        ),
    ],
)
def test_a_page_that_scripts_would_fill_is_read_from_what_it_has_without_them(head, body, path):
    article = fetched(SCRIPTED.format(head, body).encode())
    assert article.extractor.path == path
    assert "1,900 commuters a day" in article.text
    assert "<" not in article.text


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("", "<noscript><h1>Sorry</h1><p>You need to enable JavaScript to run this app, please.</p></noscript>"),
        ("", f"<noscript><p>{'You need to enable JavaScript to run this app, please. ' * 20}</p></noscript>"),
        (json_ld({"@type": "NewsArticle", "articleBody": "This article is for subscribers only. Please subscribe."}), ""),
        (json_ld(*({"@type": "NewsArticle", "url": f"/{n}", "articleBody": LONG} for n in range(3))), ""),
    ],
)
def test_a_wall_a_hint_or_a_front_page_is_no_article(head, body):
    with pytest.raises(NoMainText):
        fetched(SCRIPTED.format(head, body).encode())


def test_links_of_items_are_resolved_against_the_canonical_address_where_nothing_else_says_where_the_page_is() -> None:
    story = "".join(
        f"<p>The council met for the {n}th time this winter and spoke at length about the harbour.</p>" for n in range(8)
    )
    cards = "".join(f'<li><a href="/story/{n}">Harbour story number {n} of this long winter</a></li>' for n in range(4))
    page = (
        '<html><head><link rel="canonical" href="https://news.example/a/1"></head><body>'
        f"<article>{story}</article><h2>Related stories</h2><ul>{cards}</ul></body></html>"
    )
    assert [item.url for item in extract_article(page.encode()).similar] == [f"https://news.example/story/{n}" for n in range(4)]
