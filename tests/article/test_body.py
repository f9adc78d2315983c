"""The article's paragraphs, in order, and nothing of what stands around them."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from worker.article import body as body_module
from worker.article import body_paragraphs
from worker.article.body import Body, main_text
from worker.article.document import parse
from worker.article.normalize import canonical, clean
from worker.article.outline import Outline

PAGES = Path(__file__).parent.parent / "data" / "pages"

ELSEWHERE = "Parliament voted against pension reform yesterday, ministers considered resigning"


def prose(first: int, last: int) -> list[str]:
    return [
        f"Paragraph {n} tells at some length how the ferry sailed to the island in the storm of day {n}."
        for n in range(first, last)
    ]


def paragraphs(texts: list[str]) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def outline(html: str) -> Outline:
    return Outline(parse(html).root)


def read(html: str, **known: Any) -> Body:
    return main_text(outline(f"<html><body>{html}</body></html>"), **known)


def test_a_news_page_gives_its_paragraphs_headings_lists_and_table_rows_in_order():
    body = main_text(
        outline((PAGES / "news.html").read_text("utf-8")), headlines=["Ferry returns to Port Halden after eleven weeks"]
    )
    assert body.path == "fast"
    assert [text[:24] for text in body.paragraphs] == [
        "The Port Halden ferry wi",
        "The vessel, which carrie",
        "What was replaced",
        "“We replaced the shaft, ",
        "Sea trials were complete",
        "The shaft was cast in Ap",
        "The bearings are of a ne",
        "Route Fare",
        "Port Halden to Merritt I",
        "Fares will be halved for",
    ]


@pytest.mark.parametrize(
    "furniture",
    [
        "<nav><p>{}</p></nav>",
        "<footer><p>{}</p></footer>",
        '<div class="comments-list"><p>{}</p></div>',
        '<div id="newsletter"><p>{}</p></div>',
        '<div class="social-share"><p>{}</p></div>',
        '<div class="cookie-consent"><p>{}</p></div>',
        "<figure><figcaption>{}</figcaption></figure>",
        '<p class="wp-caption-text">{}</p>',
        '<div style="display: none"><p>{}</p></div>',
        '<p><a href="/other">{}</a></p>',
    ],
)
@pytest.mark.parametrize("place", ["within", "after"])
def test_furniture_is_stepped_over_wherever_it_stands(furniture, place):
    extra = furniture.format("Something long enough to be taken for prose, which is no part of the article.")
    article = paragraphs(prose(0, 5)) + extra + paragraphs(prose(5, 9)) if place == "within" else paragraphs(prose(0, 9))
    body = read(f"<div><article>{article}</article>{extra if place == 'after' else ''}</div>")
    assert list(body.paragraphs) == prose(0, 9)


def test_a_theme_that_names_its_columns_like_furniture_does_not_hide_the_article():
    body = read(f'<div class="sidebar-grid"><article>{paragraphs(prose(0, 9))}</article></div>')
    assert (list(body.paragraphs), body.path) == (prose(0, 9), "fast")


@pytest.mark.parametrize(
    "names",
    [
        'id="w{}" class="article-widget article-widget-text"',
        'class="elementor-element elementor-element-a1f{} elementor-widget elementor-widget-text-editor"',
        'class="sidebar-grid part-{}"',
    ],
)
def test_boxes_that_share_a_word_of_furniture_are_the_article_together(names):
    sizes = [(0, 3), (3, 9), (9, 11)]
    boxes = "".join(f"<div {names.format(number)}><div>{paragraphs(prose(*part))}</div></div>" for number, part in enumerate(sizes))
    assert list(read(f"<div>{boxes}</div>").paragraphs) == prose(0, 11)


@pytest.mark.parametrize(
    "names", ["paywall", "non-paywall", "overflow-hidden rounded", "topic-economy", "post hentry category-news tag-harbour"]
)
def test_a_box_that_is_called_what_only_sounds_like_furniture_is_read(names):
    box = f'<div class="{names}">{paragraphs(prose(3, 6))}</div>'
    assert list(read(f"<article>{paragraphs(prose(0, 3))}{box}{paragraphs(prose(6, 12))}</article>").paragraphs) == prose(0, 12)


@pytest.mark.parametrize(
    "parts",
    [
        ["<section>{}</section>", "<section>{}</section>", "<section>{}</section>"],
        ['<div class="intro">{}</div>', '<div class="content">{}</div>', '<div class="end">{}</div>'],
        ['<div class="w text">{}</div><div>Advertisement</div>', '<div class="w text">{}</div>', '<div class="w text">{}</div>'],
    ],
)
def test_parts_beside_the_greatest_are_read_within_what_the_page_calls_its_article(parts):
    sizes = [(0, 2), (2, 16), (16, 18)]
    article = "".join(part.format(paragraphs(prose(*size))) for part, size in zip(parts, sizes, strict=True))
    assert [text for text in read(f"<main>{article}</main>").paragraphs if "Advert" not in text] == prose(0, 18)


def test_a_post_that_the_article_quotes_is_a_part_of_it():
    post = f'<div class="social-media-embed"><blockquote class="twitter-tweet"><p>{ELSEWHERE}</p></blockquote></div>'
    read_so = read(f"<article>{paragraphs(prose(0, 6))}{post}{paragraphs(prose(6, 9))}</article>")
    assert list(read_so.paragraphs) == [*prose(0, 6), ELSEWHERE, *prose(6, 9)]


def test_a_heading_is_not_judged_by_an_id_that_was_made_of_it():
    article = (
        paragraphs(prose(0, 5))
        + f'<h3 id="share-prices">Share prices</h3>{paragraphs(prose(5, 7))}'
        + f'<section id="sharing-files"><h2>Sharing files</h2>{paragraphs(prose(7, 9))}</section>'
        + f'<section id="share-bar"><h2>Tell a friend</h2>{paragraphs(prose(20, 21))}</section>'
    )
    expected = [*prose(0, 5), "Share prices", *prose(5, 7), "Sharing files", *prose(7, 9)]
    assert list(read(f"<article>{article}</article>").paragraphs) == expected


def test_words_within_a_sentence_stay_in_it_whatever_they_are_called():
    keyword = 'Shares of <span class="tag">the ferry company</span> rose by a tenth after the council had approved the new line.'
    date = "The council met on <time>5 May</time> and approved the new ferry line to the island after a debate of four hours."
    label = '<p><span class="tag">Economy</span> Something that is said of the ferry and is long enough for a paragraph.</p>'
    body = read(f"<div>{paragraphs(prose(0, 9))}<p>{keyword}</p><div>{date}</div>{label}</div>")
    assert [text[:36] for text in body.paragraphs[9:]] == [
        "Shares of the ferry company rose by ",
        "The council met on 5 May and approve",
        "Something that is said of the ferry ",
    ]


def test_a_question_that_opens_its_answer_by_a_button_is_read():
    answers = "".join(
        f"<h3><button>When does ferry {n} sail?</button></h3><div><p>{text}</p></div>" for n, text in enumerate(prose(0, 9))
    )
    body = read(f"<article>{answers}<button>Subscribe</button></article>")
    assert body.paragraphs[:2] == ("When does ferry 0 sail?", prose(0, 1)[0])
    assert len(body.paragraphs) == 18


def test_an_article_in_parts_is_read_whole():
    part = '<div class="grid"><div class="article__body">{}</div></div>'
    assert list(read(part.format(paragraphs(prose(0, 9))) + part.format(paragraphs(prose(9, 18)))).paragraphs) == prose(0, 18)


def test_paragraphs_before_a_part_that_unfolds_belong_to_the_article():
    unfolding = "".join(f"<div>{text}</div>" for text in prose(0, 3)) + f'<div class="read-all">{paragraphs(prose(3, 15))}</div>'
    assert list(read(f"<section>{unfolding}</section>").paragraphs) == prose(0, 15)


def test_a_keyword_that_is_linked_within_a_sentence_stays_in_it():
    linked = [text.replace("ferry", '<a class="tag-keyword" href="/t/ferry">ferry</a>') for text in prose(0, 9)]
    assert list(read(paragraphs(linked)).paragraphs) == prose(0, 9)


def test_of_several_articles_below_one_another_the_first_is_the_page_s():
    article = '<article><h1>Headline {}</h1><div class="article-body">{}</div></article>'
    body = read(article.format(1, paragraphs(prose(0, 9))) + article.format(2, paragraphs(prose(20, 29))))
    assert list(body.paragraphs) == prose(0, 9)


def test_two_line_breaks_part_paragraphs_and_one_does_not():
    text = "<br>\n <br/>".join(prose(0, 9))
    assert list(read(f"<div>{text}<br>and a last line.</div>").paragraphs) == [*prose(0, 8), prose(8, 9)[0] + " and a last line."]


def test_equal_paragraphs_in_a_row_are_all_kept():
    assert list(read(paragraphs(prose(0, 8) + prose(7, 8))).paragraphs) == prose(0, 8) + prose(7, 8)


def test_a_heading_that_nothing_follows_is_left_out():
    assert list(read(f"<div>{paragraphs(prose(0, 9))}<h3>Read more</h3></div>").paragraphs) == prose(0, 9)


def test_the_headline_is_no_part_of_the_text():
    assert (
        read(f"<div><h1>The  ferry’s return</h1>{paragraphs(prose(0, 9))}</div>", headlines=["The ferry's return"]).paragraphs[0]
        == prose(0, 1)[0]
    )


def test_a_link_within_a_sentence_is_part_of_it():
    linked = [text.replace("the island", '<a href="/i">the <b>is</b>land</a>') for text in prose(0, 9)]
    assert list(read(paragraphs(linked)).paragraphs) == prose(0, 9)


def test_a_short_text_is_looked_at_twice():
    assert read(paragraphs(prose(0, 2))).path == "trafilatura"


def test_a_brief_is_sure_where_little_else_on_the_page_is_prose():
    brief = f"<div>{paragraphs(prose(0, 4))}</div>"
    beside = '<div><span><a href="/app">Read in the app</a></span><span>38</span></div>'
    assert read(f"<div>{beside}{brief}{beside}</div>") == Body(tuple(prose(0, 4)), "fast")
    assert read(brief + f'<div class="teasers">{paragraphs(prose(4, 7))}</div>').path == "trafilatura"


def test_a_text_in_a_dense_script_is_as_long_as_it_says():
    said = "渡轮在停航十一周之后于星期一早上重新开往岛上，船上坐满了等了很久的乘客和他们的行李。"
    assert read(paragraphs([said] * 4)) == Body((said,) * 4, "fast")


def test_a_text_that_shares_nothing_with_the_description_is_looked_at_twice():
    assert read(paragraphs(prose(0, 9)), description=ELSEWHERE).path == "trafilatura"
    assert (
        read(
            paragraphs(prose(0, 9)), description="How the ferry sailed to the island: a paragraph tells the length of the storm"
        ).path
        == "fast"
    )


@pytest.mark.parametrize("name", ["comments-container", "cookie-bar", "modal-window rules"])
def test_what_is_of_no_article_does_not_speak_against_a_text(name):
    article, beside = f"<article>{paragraphs(prose(0, 9))}</article>", f'<div class="{name}">{paragraphs(prose(20, 40))}</div>'
    assert read(article + beside).path == "fast"
    assert read(article + beside.replace(name, "teasers")).path == "trafilatura"
    with_furniture = article.replace("</p>", f'</p><div class="teaser">{prose(9, 10)[0]}</div>', 3)
    assert read(with_furniture + beside).path == "trafilatura"


def test_trafilatura_is_shown_no_asides_and_no_menus_but_lists_of_what_is_said(monkeypatch):
    shown = []
    monkeypatch.setattr(body_module.trafilatura, "extract", lambda tree, **_: shown.append(tree))
    menu = "".join(f'<li><a href="/{number}">Section {number}</a></li>' for number in range(6))
    said = "".join(f'<li><a href="/{number}">Section {number}</a> returned on Monday</li>' for number in range(6))
    read(
        f"<aside>A box</aside><ul>{menu}<li><ul>{menu}</ul></li></ul><ul>{said}</ul>{paragraphs(prose(0, 9))}",
        description=ELSEWHERE,
    )
    (tree,) = shown
    assert tree.find(".//aside") is None
    assert [len(found.findall("li")) for found in tree.iter("ul")] == [6]
    assert "returned on Monday" in tree.text_content()


def test_where_the_menu_is_all_that_a_page_says_it_stays(monkeypatch):
    shown = []
    monkeypatch.setattr(body_module.trafilatura, "extract", lambda tree, **_: shown.append(tree))
    read("<ul>" + "".join(f'<li><a href="/{n}">{text}</a></li>' for n, text in enumerate(prose(0, 9))) + "</ul>")
    assert prose(0, 1)[0] in shown[0].text_content()


def test_a_sentence_most_of_which_is_linked_stays() -> None:
    sentence = 'The skipper now faces <a href="/charge">a charge of sailing under the influence of rum and sea shanties</a>.'
    body = read(f"<article>{paragraphs([*prose(0, 5), sentence, *prose(5, 9)])}</article>")
    assert "The skipper now faces a charge of sailing under the influence of rum and sea shanties." in body.paragraphs


@pytest.mark.parametrize(
    "line",
    [
        'See: <a href="/n/1">Ferry sails under new flag</a>.',
        'Our reporters tell: <a href="/n/1">ferry now sails under the flag of another country</a>',
    ],
)
def test_a_line_that_only_leads_to_another_article_goes(line: str) -> None:
    body = read(f"<article>{paragraphs([*prose(0, 5), line, *prose(5, 9)])}</article>")
    assert list(body.paragraphs) == prose(0, 9)


def test_linked_lines_amid_a_short_text_stay() -> None:
    rows = [f"Harrow {n} – Vale {n + 2}" for n in range(4)]
    listed = "".join(f"<li><a href=/match/{n}>{row}</a></li>" for n, row in enumerate(rows))
    first, last = prose(0, 2)
    body = read(f"<main><p>{first}</p><h3>Results</h3><ul>{listed}</ul><p>{last}</p></main>")
    assert body.paragraphs == (first, "Results", *rows, last)


def test_trafilatura_remembers_nothing_between_pages():
    assert [len(read(paragraphs(prose(0, 3))).paragraphs) for _ in range(5)] == [3] * 5


def test_a_large_document_never_goes_to_trafilatura(monkeypatch):
    def never(*_: object, **__: object) -> str:
        raise AssertionError("a large document was handed on")

    monkeypatch.setattr(body_module.trafilatura, "extract", never)
    assert list(read("<ul><li>1</li></ul>" * 50_000 + paragraphs(prose(0, 3))).paragraphs) == ["1"] * 50_000 + prose(0, 3)


def test_fifty_thousand_elements_that_say_nothing_make_no_large_document():
    body = read("<div></div>" * 50_000 + paragraphs(prose(0, 2)))
    assert body == Body(tuple(prose(0, 2)), "trafilatura")


def test_a_released_page_frees_its_tree_without_the_collector():
    def elements():
        return sum(isinstance(known, etree._Element) for known in gc.get_objects())

    gc.collect()
    gc.disable()
    try:
        before = elements()
        page = Outline(parse(f"<html><body>{paragraphs(prose(0, 9))}</body></html>").root)
        main_text(page)
        assert elements() > before
        page.release()
        del page
        assert elements() == before
    finally:
        gc.enable()


def test_a_page_without_text_has_no_paragraphs():
    assert read("<div><img src=a.jpg></div>") == Body((), "none")


@pytest.mark.parametrize(
    "page",
    [
        paragraphs(prose(0, 9)) + "<br>" * 500_000,
        "<!-- x --><p>a</p>" * 50_000 + paragraphs(prose(0, 9)),
        "<a href=/x>Some words of a link that lead to another page</a> " * 50_000 + paragraphs(prose(0, 9)),
        "<div>" * 2_000 + paragraphs(prose(0, 9)),
        "<ul><li>" * 900 + "<a href=/x>A link</a>" * 20_000 + "</ul>" * 900 + paragraphs(prose(0, 9)),
        paragraphs(prose(0, 100_000)),
    ],
    ids=["br", "comments", "links", "depth", "lists", "length"],
)
def test_a_page_out_of_all_proportion_gives_its_text_too(page):
    body = read(page)
    assert set(prose(0, 9)) <= set(body.paragraphs)


def test_an_article_that_may_be_commented_on_is_no_comment() -> None:
    prose = "<p>The council of Harrowby approved the new bridge on Monday after a debate that lasted nearly five hours.</p>" * 6
    page = outline(f"<body><div class='article comments-enabled'><h1>A bridge</h1>{prose}</div></body>")
    assert main_text(page).path == "fast"


def test_a_standfirst_outside_the_container_is_kept_if_the_page_describes_itself_so() -> None:
    standfirst = "Nearly five hours of debate ended on Monday with a vote for the new bridge over the river."
    prose = "".join(
        f"<p>Paragraph {number} tells at length what the council of Harrowby said of the bridge.</p>" for number in range(12)
    )
    page = outline(f"<body><div><h1>A bridge</h1><p>{standfirst}</p></div><div class='article-body'>{prose}</div></body>")
    assert main_text(page, description=standfirst).paragraphs[0] == standfirst
    assert (
        main_text(page, description="Something else that nobody says on this page at all.").paragraphs[0].startswith("Paragraph 0")
    )


STANDFIRST = "Nearly five hours of debate ended on Monday. Nobody wants to pay for it."


@pytest.mark.parametrize(
    "below",
    [
        f"<p class='x1'>{STANDFIRST}</p>",
        f"<h2>{STANDFIRST}</h2><p>By Dana Reed</p>",
        f"<p>By Dana Reed in Harrowby, 12 May 2024</p><h2>{STANDFIRST}</h2>",
        f"<div class='byline'>Dana Reed <time>12 May 2024</time></div><div><p>{STANDFIRST}</p></div>",
        f"<div><span>{STANDFIRST}</span></div><figure><img src='a.jpg'><figcaption>The bridge at dusk.</figcaption></figure>",
    ],
)
def test_sentences_alone_between_headline_and_container_are_the_standfirst(below: str) -> None:
    body = read(f"<main><h1>A bridge</h1>{below}<div class='x2'>{paragraphs(prose(0, 12))}</div></main>", headlines=["A bridge"])
    assert body.paragraphs == (STANDFIRST, *prose(0, 12))


@pytest.mark.parametrize(
    "below",
    [
        f"<div><img src='a.jpg'><p>{STANDFIRST}</p></div>",  # a caption
        f"<div><p>By Dana Reed</p><p>{STANDFIRST}</p></div>",  # a notice among others
        f"<p>{STANDFIRST} <a href='/app'>Get the app</a></p>",
        "<p>Nearly five hours of debate, and nobody wants to pay for the bridge</p>",  # a second headline
        f"<p>{prose(0, 1)[0]}</p>",  # what the text begins with
    ],
)
def test_what_is_no_standfirst_between_headline_and_container_stays_out(below: str) -> None:
    body = read(f"<main><h1>A bridge</h1>{below}<div class='x2'>{paragraphs(prose(0, 12))}</div></main>", headlines=["A bridge"])
    assert body.paragraphs == tuple(prose(0, 12))


def test_a_paragraph_that_ends_with_a_credit_is_a_caption() -> None:
    caption = "Two engineers look at the shaft of the ferry in the dry dock. Foto: Dana Reed/Agency"
    body = read(
        f"<div>{paragraphs(prose(0, 5))}<p>{caption}</p>{paragraphs(prose(5, 9))}<p>The photo shows: nothing new.</p></div>"
    )
    assert caption not in body.paragraphs
    assert "The photo shows: nothing new." in body.paragraphs


def test_what_is_named_for_comments_and_newsletters_does_not_reach_the_second_opinion() -> None:
    prompt = "You must confirm your public display name before you can comment on the returning ferry."
    words = paragraphs(prose(0, 3))
    body = read(
        f"<main>{words}<div class='comments-form'><p>{prompt}</p></div></main>",
        description="entirely different words stand here instead",
    )
    assert body.path == "trafilatura"
    assert prompt not in body.paragraphs


WORDS = st.text(st.sampled_from("aß İéﬁ́ .,-’「語\u200b\u00a0\n"), max_size=60)


@given(WORDS, WORDS)
def test_the_opening_of_a_text_is_compared_as_the_whole_would_be(text, wanted):
    folded = canonical(wanted)
    assert body_module._opens_with(text, folded) is canonical(text).startswith(folded)


@given(st.text(st.sampled_from("aB .:：/©!\u00a0"), max_size=30), st.sampled_from(["Foto", " credit", "(©", ""]))
def test_a_credit_is_looked_for_only_where_there_can_be_one(text, sign):
    said = clean(f"The ferry {sign}{text}")
    assert body_paragraphs._ends_with_credit(said) is (body_paragraphs._CREDIT_AT_END.search(said) is not None)


RESULTS = "".join(
    f'<tr><td><a href="/runner/{n}">Runner {n}, Harbour Athletics</a></td><td>1:12:{n}</td></tr>' for n in range(10, 14)
)
PROGRAMME = "".join(f'<li><a href="/event/{n}">{n} o\'clock: concert on the pier</a></li>' for n in range(10, 14))


@pytest.mark.parametrize("listed", [f"<table>{RESULTS}</table>", f"<ul>{PROGRAMME}</ul>"])
def test_linked_entries_amid_the_text_are_a_part_of_it(listed: str) -> None:
    text = read(f"<article>{paragraphs(prose(0, 6))}{listed}{paragraphs(prose(6, 9))}</article>").paragraphs
    assert len(text) == 9 + 4
    assert not set(prose(0, 9)) - set(text)


def test_a_linked_entry_of_a_list_of_notes_is_a_part_of_it() -> None:
    notes = [
        "Reed D., Movement of ferries around the island, Annals of Harbours 18",
        "All data: Ferries of the island, 2014 to 2024.",
        "Report of the harbour master, Buffers: results of the first year",
    ]
    dataset = "Ferries of the island, 2014 to 2024"
    listed = "".join(f"<li>{note}</li>" for note in notes).replace(dataset, f"<a href=/data>{dataset}</a>")
    text = read(f"<article>{paragraphs(prose(0, 9))}<h2>Notes</h2><ol>{listed}</ol></article>").paragraphs
    assert text[-4:] == ("Notes", *notes)


def test_linked_entries_below_the_text_are_none() -> None:
    text = read(f"<article>{paragraphs(prose(0, 9))}<ul>{PROGRAMME}</ul></article>").paragraphs
    assert text == tuple(prose(0, 9))


def test_hundreds_of_linked_entries_are_a_directory() -> None:
    directory = "".join(f'<li><a href="/town/{n}">Ferry times of the town of number {n}</a></li>' for n in range(300))
    text = read(f"<article>{paragraphs(prose(0, 6))}<ul>{directory}</ul>{paragraphs(prose(6, 9))}</article>").paragraphs
    assert text == tuple(prose(0, 9))


def reviews(line: str, *makers: str, box: str = "<div class=card>{}</div>") -> str:
    told = zip(makers, prose(1, len(makers) + 1), strict=True)
    parts = (box.format(f"<h3>Work of {maker[:4]}</h3>" + line.format(maker)) + f"<p>{text}</p>" for maker, text in told)
    return paragraphs(prose(5, 15)) + "".join(parts)


@pytest.mark.parametrize("box", ["{}", "<div class=card><img src=i>{}</div>"])
def test_a_line_below_every_heading_that_names_who_made_a_work_is_the_articles(box):
    makers = ["Oona Marsh, Dunlin Press, 212 pages", "Karim Adeyo, Boltlock, 340 pages"]
    body = read(reviews("<p class=card-meta>{}</p>", *makers, box=box))
    assert set(makers) <= set(body.paragraphs)


@pytest.mark.parametrize(
    "makers",
    [
        ["Oona Marsh, Dunlin Press"],
        ["By Oona Marsh, Dunlin", "By Karim Adeyo, Leith"],
        ["Oona Marsh", "Karim Adeyo"],
        ["Marsh, 10:22", "Adeyo, 9:40"],
    ],
)
def test_a_byline_that_stands_once_or_has_the_wording_of_one_stays_furniture(makers):
    body = read(reviews("<p class=card-meta>{}</p>", *makers))
    assert set(makers).isdisjoint(body.paragraphs)


SIGN_UP = "<div class=k7><h4>{}</h4><p>{}</p><div><form><input type=email><button>Go</button></form></div></div>"
LETTER = ("Get the harbour letter", "Tides and ferries, every Thursday morning.")


def test_a_box_that_asks_for_an_address_of_mail_amid_the_text_is_the_sites() -> None:
    first, last = prose(0, 6), prose(6, 12)
    box = SIGN_UP.format(*LETTER)
    assert read(f"<div>{paragraphs(first)}{box}{paragraphs(last)}</div>").paragraphs == (*first, *last)
    login = box.replace("email", "text")
    assert read(f"<div>{paragraphs(first)}{login}{paragraphs(last)}</div>").paragraphs == (*first, *LETTER, *last)


def test_the_text_around_a_form_is_no_box_of_it() -> None:
    form = "<form><input type=email></form>"
    texts = prose(0, 12)
    assert read(f"<div>{paragraphs(texts[:6])}{form}{paragraphs(texts[6:])}</div>").paragraphs == tuple(texts)
    assert read(f"<form><div>{paragraphs(texts)}</div><input type=email></form>").paragraphs == tuple(texts)


PORTRAIT = "<div class=k7><img src=a.jpg><strong>{}</strong><span>Writes on bells and bridges.</span></div>"


def test_a_picture_with_a_name_and_a_line_below_the_text_is_who_wrote_it() -> None:
    texts = prose(0, 12)
    box = PORTRAIT.format("Piroska Kovács")
    assert read(f"<div>{paragraphs(texts)}{box}</div>").paragraphs == tuple(texts)
    assert len(read(f"<div>{paragraphs(texts[:6])}{box}{paragraphs(texts[6:])}</div>").paragraphs) == 13, "amid the text"
    people = "".join(map(PORTRAIT.format, ("Ann Mills", "Tom Reed", "Ida Holm")))
    assert len(read(f"<div>{paragraphs(texts)}{people}</div>").paragraphs) == 15, "the people it tells of"
