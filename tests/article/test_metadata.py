"""What a page states of its article: JSON-LD before meta tags before what the reader sees."""

from __future__ import annotations

import json

import pytest

from worker.article.document import parse
from worker.article.language import guess_language
from worker.article.metadata import Metadata, iso_date, read_metadata


def read(
    head: str = "", body: str = "<p>Text.</p>", url: str | None = "https://www.harbour-post.example/a/b", html: str = "<html>"
) -> Metadata:
    return read_metadata(parse(f"{html}<head>{head}</head><body>{body}</body></html>", url))


def ld(**article: object) -> str:
    return (
        f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", "headline": "Ferry returns"} | article)}</script>'
    )


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (ld(), ""),
        ('<meta property="og:title" content="Ferry returns">', ""),
        ("<title>Ferry returns | Harbour Post</title>", ""),
        (
            ("<title>Ferry returns - Harbour-Post.example</title><meta property=og:site_name content=Harbour-Post.example>", ""),
            "",
        ),
        ("<title>Ferry returns – Harbour Post</title><meta property='og:site_name' content='Harbour Post'>", ""),
        ("", "<h1> Ferry <b>returns</b> </h1>"),
        ("<title>Harbour Post</title><meta property='og:site_name' content='Harbour Post'>", "<h1>Ferry returns</h1>"),
    ],
)
def test_the_title_has_no_site_name(head, body):
    assert read(head, body).title == "Ferry returns"


def test_the_headline_that_the_reader_sees_is_preferred_to_a_shorter_one():
    assert read(ld(headline="Ferry returns to Halden"), "<h1>Ferry returns to Port Halden after weeks</h1>").title == (
        "Ferry returns to Port Halden after weeks"
    )


def test_what_search_engines_are_told_gives_way_to_what_is_passed_on():
    head = (
        ld(headline="Ferry timetable 2026: all departures") + '<meta property="og:title" content="The ferry returns on Wednesday">'
    )
    assert read(head).title == "The ferry returns on Wednesday"


def test_a_kicker_before_the_headline_is_no_part_of_it():
    assert read(ld(), "<h1><span>Transport</span> Ferry returns</h1>").title == "Ferry returns"


def test_a_dash_within_a_headline_stays():
    assert read("<title>Ferry - at last - returns</title>").title == "Ferry - at last - returns"


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ("By Odalys Brandt", ("Odalys Brandt",)),
        ({"@type": "Person", "name": "Odalys Brandt"}, ("Odalys Brandt",)),
        (
            [{"@type": "Person", "name": "Odalys Brandt"}, {"@type": "Person", "name": "Lewis Okafor"}],
            ("Odalys Brandt", "Lewis Okafor"),
        ),
        ("Odalys Brandt and Lewis Okafor", ("Odalys Brandt", "Lewis Okafor")),
        ("Von Odalys Brandt und Lewis Okafor", ("Odalys Brandt", "Lewis Okafor")),
        ("Odalys Brandt, Lewis Okafor", ("Odalys Brandt", "Lewis Okafor")),
        ("Odalys Brandt, chief transport editor", ("Odalys Brandt",)),
        ("Odalys Brandt, Political Editor", ("Odalys Brandt",)),
        ([{"@type": "Organization", "name": "Harbour Post"}, {"@type": "Person", "name": "Odalys Brandt"}], ("Odalys Brandt",)),
        ({"@type": "Organization", "name": "Harbour Press Agency"}, ("Harbour Press Agency",)),
        (["Odalys Brandt", "ODALYS BRANDT"], ("Odalys Brandt",)),
        ({"@type": "Person", "name": "Mary E. Jones"}, ("Mary E. Jones",)),
        ("Bruce Y. Lee y Ana Ruiz", ("Bruce Y. Lee", "Ana Ruiz")),
        ("Иван Иванов и Пётр Петров", ("Иван Иванов", "Пётр Петров")),
        ("https://www.facebook.com/odalys", ()),
        ("admin", ()),
        ({"@type": "Person", "name": None}, ()),
    ],
)
def test_authors_are_people_by_name(author, names):
    assert read(ld(author=author)).authors == names


def test_an_author_who_is_named_elsewhere_in_the_data_is_found_by_the_id():
    person = json.dumps({"@type": "Person", "@id": "#p1", "name": "Odalys Brandt"})
    head = ld(author={"@id": "#p1"}) + f'<script type="application/ld+json">{person}</script>'
    assert read(head).authors == ("Odalys Brandt",)
    assert read(ld(author={"@id": "#p2"})).authors == ()


def test_of_several_articles_in_the_data_the_one_with_the_address_of_the_page_is_its_own():
    other = ld(headline="Another story", author="Somebody Else", url="https://www.harbour-post.example/z")
    for own in (
        {"url": "https://www.harbour-post.example/a/b?utm=1"},
        {"@id": "https://www.harbour-post.example/a/b#article"},
        {"mainEntityOfPage": {"@id": "https://www.harbour-post.example/a/b/"}},
    ):
        assert read(other + ld(author="Odalys Brandt", **own)).authors == ("Odalys Brandt",)


@pytest.mark.parametrize(
    "other",
    ['<aside><time datetime="2019-01-01">2019</time></aside>', '<time class="updated" datetime="2024-06-01">1 June</time>'],
)
def test_the_time_of_another_article_or_version_yields_to_the_articles_own(other):
    assert read("", f'{other}<time class="published" datetime="2024-05-29">29 May</time>').published_at == "2024-05-29"
    assert read("", other).published_at is not None


@pytest.mark.parametrize(
    "markup",
    [
        '<a rel="author" href="/o">Odalys Brandt</a>',
        '<span itemprop="author"><span itemprop="name">Odalys Brandt</span></span>',
        '<p class="byline">By Odalys Brandt</p>',
        '<div class="ArticleAuthor">Odalys Brandt</div>',
    ],
)
def test_a_byline_in_the_page_names_the_author_where_nothing_is_stated(markup):
    assert read("", markup).authors == ("Odalys Brandt",)


def test_the_label_of_a_card_names_the_author():
    head = '<meta name="twitter:label1" content="Verfasst von"><meta name="twitter:data1" content="Dana Reed">'
    assert read(head).authors == ("Dana Reed",)
    assert read(head.replace("Verfasst von", "Reading time")).authors == ()


def test_a_site_that_signs_with_its_own_name_yields_to_a_byline():
    head = ld(author={"@type": "Person", "name": "harbour-post.example NEWS"})
    assert read(head, "<p class=author>By Dana Reed</p>").authors == ("Dana Reed",)


def test_a_byline_that_is_a_sentence_names_nobody():
    assert read("", '<p class="author">Read more stories of our transport desk here</p>').authors == ()


@pytest.mark.parametrize(
    ("head", "body", "published"),
    [
        (ld(datePublished="2024-05-29T08:15:00+01:00"), "", "2024-05-29T08:15:00+01:00"),
        ('<meta property="article:published_time" content="2024-05-29T08:15:00Z">', "", "2024-05-29T08:15:00+00:00"),
        ('<meta name="pubdate" content="Wed, 29 May 2024 08:15:00 +0100">', "", "2024-05-29T08:15:00+01:00"),
        ("", '<time datetime="2024-05-29">Wednesday</time>', "2024-05-29"),
        ("", '<span itemprop="datePublished" content="2024-05-29 08:15"></span>', "2024-05-29T08:15:00"),
    ],
)
def test_the_date_is_found_and_keeps_the_offset_that_is_stated(head, body, published):
    assert read(head, body).published_at == published


def test_the_last_resort_for_a_date_is_the_address():
    assert read(url="https://a.example/2024/05/29/ferry").published_at == "2024-05-29"


@pytest.mark.parametrize(
    ("stated", "iso"),
    [
        ("2024-05-29", "2024-05-29"),
        ("2024-05-29T08:15:00.123+0200", "2024-05-29T08:15:00+02:00"),
        ("2024-05-29 08:15:00 UTC", "2024-05-29T08:15:00+00:00"),
        ("2024/05/29 8:15", "2024-05-29T08:15:00"),
        ("2024-05-29 08:15 PM", "2024-05-29T20:15:00"),
        ("2024-05-29 12:05 a.m. GMT", "2024-05-29T00:05:00+00:00"),
        ("1716966900", "2024-05-29T07:15:00+00:00"),
        ("1716966900000", "2024-05-29T07:15:00+00:00"),
        ("2024-13-45", None),
        ("0001-01-01T00:00:00Z", None),
        ("yesterday", None),
        ("", None),
        ("9" * 5000, None),
    ],
)
def test_dates_become_iso_8601_or_nothing(stated, iso):
    assert iso_date(stated) == iso


@pytest.mark.parametrize(
    ("html", "head", "language"),
    [
        ("<html lang=en-GB>", "", "en"),
        ("<html>", '<meta property="og:locale" content="pt_BR">', "pt"),
        ("<html>", ld(inLanguage="DE"), "de"),
        ("<html>", "", None),
        ("<html lang='{{ lang }}'>", "", None),
    ],
)
def test_the_language_is_the_stated_one(html, head, language):
    assert read(head, html=html).language == language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The ferry will resume its service in June after a shutdown that was caused by a cracked shaft.", "en"),
        ("Le ferry reprendra son service en juin après une panne qui a été causée par une hélice dans le port.", "fr"),
        ("Die Fähre wird im Juni wieder fahren, nachdem die Welle ersetzt worden ist und das Schiff in der Werft war.", "de"),
        ("Паром снова будет ходить в июне после того, как на нём заменили вал и все подшипники.", "ru"),
        ("フェリーは六月に運航を再開すると港湾当局が発表した。", "ja"),
        ("轮渡将于六月恢复运营,港务局星期三说。", "zh"),
        ("여객선은 유월에 운항을 재개한다고 항만 당국이 밝혔다.", "ko"),
        ("12 345 678", None),
        ("Bergen", None),
    ],
)
def test_a_language_that_is_not_stated_is_guessed_or_left_open(text, language):
    assert guess_language(text) == language


def test_the_canonical_address_is_absolute_and_no_front_page():
    assert read('<link rel="canonical" href="/a/b">').canonical_url == "https://www.harbour-post.example/a/b"
    assert (
        read('<link rel="canonical" href="/"><meta property="og:url" content="https://x.example/a#top">').canonical_url
        == "https://x.example/a"
    )
    assert read('<link rel="canonical" href="javascript:void(0)">').canonical_url is None


def test_site_and_section_are_read():
    metadata = read(ld(articleSection=["Transport", "News"], publisher={"@type": "Organization", "name": "Harbour Post"}))
    assert (metadata.site, metadata.section) == ("Harbour Post", "Transport")


def test_a_page_that_states_nothing_has_nothing():
    assert read(url=None) == Metadata()
