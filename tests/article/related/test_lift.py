"""Blocks of other articles lifted out of a tree."""

from __future__ import annotations

import json
from pathlib import Path

import lxml.html
import pytest

from worker.article.outline import Outline
from worker.article.related.lift import Related, lift_related

CASES = sorted(Path(__file__).parents[2].joinpath("data", "similar").glob("html-*"))
URL = "https://site.example/news/bridge"
PROSE = (
    "<p>The council of Harrowby approved the new bridge on Monday after a debate that lasted nearly five hours.</p>"
    "<p>Work will begin in spring and is expected to take two years, according to the contractor and the mayor.</p>"
)


def lift(inside: str, *, after: str = "") -> tuple[Related, str]:
    root = lxml.html.document_fromstring(f"<body><main><article><h1>Bridge approved</h1>{inside}</article>{after}</main></body>")
    page = Outline(root)
    related = lift_related(page, base_url=URL, headlines=["Bridge approved"])
    assert page.root.text == " ".join(page.pruned_tree().text_content().split()), "the outline and the tree lose the same"
    return related, page.root.text


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_recorded_page_comes_out_as_its_gold_says(case: Path) -> None:
    gold = json.loads(case.joinpath("gold.json").read_text(encoding="utf-8"))
    root = lxml.html.document_fromstring(case.joinpath("page.html").read_text(encoding="utf-8"))
    page = Outline(root)
    related = lift_related(page, base_url=gold["url"], headlines=[gold["title"]])
    assert [p.text for p in page.root.below("p")] == gold["body"]
    assert [
        {key: getattr(entry, key) for key in expected} for entry, expected in zip(related.items, gold["similar"], strict=True)
    ] == gold["similar"]


def test_an_article_alone_stays_whole() -> None:
    related, left = lift(PROSE)
    assert related == Related()
    assert left.endswith("the contractor and the mayor.")


def test_the_text_after_a_removed_block_stays() -> None:
    related, left = lift(
        PROSE + '<aside class="related"><h3>Read also</h3><a href="/n/1">Ferry owners fear for the future</a></aside>A tail.'
    )
    assert [entry.title for entry in related.items] == ["Ferry owners fear for the future"]
    assert left.endswith("A tail.")


def test_addresses_are_resolved_and_lose_their_fragment() -> None:
    related, _ = lift(PROSE + '<p>Read also: <a href="../n/1#top">Ferry owners fear for the future</a></p>')
    assert [entry.url for entry in related.items] == ["https://site.example/n/1"]


def test_a_link_in_a_sentence_is_the_sentence() -> None:
    related, left = lift('<p>The mayor said <a href="/n/1">the new bridge over the river</a> would be free of charge.</p>' + PROSE)
    assert related.items == ()
    assert "the new bridge over the river would be free" in left


def test_a_link_to_the_page_itself_is_no_entry() -> None:
    related, _ = lift(PROSE + f'<h3>Read also</h3><ul><li><a href="{URL}">Bridge approved after a long debate</a></li></ul>')
    assert related.items == ()


def test_a_second_article_is_cut_and_its_headline_is_an_entry() -> None:
    prose = PROSE.replace("bridge", "plow")
    second = f'<article><h2><a href="/n/2">Snow plows have names</a></h2>{prose}<p>And more of it.</p></article>'
    related, left = lift(PROSE, after=second)
    assert [(entry.title, entry.url) for entry in related.items] == [("Snow plows have names", "https://site.example/n/2")]
    assert "plow" not in left


def test_comments_are_cut_and_hold_no_entries() -> None:
    comments = '<section id="comments"><div><a href="/u/1">A reader with an opinion on this</a><p>Well done.</p></div></section>'
    related, left = lift(PROSE, after=comments)
    assert related.items == ()
    assert [cut.kind for cut in related.cuts] == ["comments"]
    assert "Well done" not in left


def test_a_heading_that_introduces_nothing_is_cut() -> None:
    _, left = lift(PROSE + "<h3>Lire aussi</h3>")
    assert "Lire aussi" not in left


def test_every_cut_says_why() -> None:
    related, _ = lift(PROSE + '<p><strong>Lees ook: <a href="/n/1">Ferry owners fear for the future</a></strong></p>')
    (cut,) = related.cuts
    assert cut.kind == "promo"
    assert cut.score is not None
    assert "marker before the link" in cut.evidence


@pytest.mark.parametrize(
    "page",
    [
        pytest.param("<body>" + "<br>" * 200_000, id="breaks"),
        pytest.param("<body>" + "<div>" * 20_000 + '<a href="/n">Ferry owners fear for the future</a>', id="depth"),
        pytest.param("<body><article>" + '<a href="/n">Ferry owners fear for the future</a> ' * 50_000, id="links"),
        pytest.param("<body>" + "<h3>Related</h3>" * 20_000, id="headings"),
    ],
)
def test_a_monstrous_tree_is_read_without_recursion(page: str) -> None:
    root = lxml.html.document_fromstring(page, parser=lxml.html.HTMLParser(huge_tree=True))
    assert lift_related(Outline(root), base_url=URL, headlines=()).items is not None


CARDS = (
    ("/n/1", "Ferry owners fear for the future"),
    ("/n/2", "How bridges changed the valley"),
    ("/n/3", "New school is due in August"),
)


def cards(form: str, count: int = 3) -> str:
    return "".join(form.format(url=url, title=title) for url, title in CARDS[:count])


@pytest.mark.parametrize(
    ("block", "count"),
    [
        (f"<div>{cards('<div><a href={url}><img src=i></a><a href={url}>{title}</a></div>')}</div>", 3),
        (f"<div>{cards('<div><a href=/category/town>Town</a><h5><a href={url}>{title}</a></h5></div>')}</div>", 3),
        (f"<ul>{cards('<li><span>12.03.2026</span> <a href={url}>{title}</a></li>')}</ul>", 3),
        (f"<dl>{cards('<dt><a href={url}>{title}</a></dt><dd>Nobody has answered them so far.</dd>')}</dl>", 3),
        (cards("<p>» <a href={url}>{title}</a></p>"), 3),
        (cards("<figure><a href={url}><img src=i></a><figcaption><a href={url}>{title}</a></figcaption></figure>"), 3),
        (f"<table><tr>{cards('<td><a href={url}>{title}</a></td>', 2)}</tr></table>", 2),
        (f"<div>{cards('<a href={url}>← {title}</a>', 2)}</div>", 2),
        (f"<aside>{cards('<a href={url}><img src=i><b>{title}</b></a>', 1)}</aside>", 1),
        (f"<p>&gt;&gt; {cards('<a href={url}>{title}</a>', 1)}</p>", 1),
        (f"<p>({cards('<a href={url}>{title}</a>', 1)})</p>", 1),
        (f"<blockquote><p>Read also: {cards('<a href={url}>{title}</a>', 1)}</p></blockquote>", 1),
    ],
)
def test_a_block_is_known_by_its_shape_amid_the_article(block: str, count: int) -> None:
    related, left = lift(PROSE + block + PROSE)
    assert [(entry.title, entry.url) for entry in related.items] == [
        (title, f"https://site.example{url}") for url, title in CARDS[:count]
    ]
    assert not any(title in left for _, title in CARDS)
    assert left.count("according to the contractor") == 2


def test_a_second_article_with_a_headline_of_its_own_is_an_entry() -> None:
    related, left = lift(PROSE, after=f"<article><h1>Ferry owners fear for the future</h1>{PROSE}</article>")
    assert [entry.title for entry in related.items] == ["Ferry owners fear for the future"]
    assert left.count("according to the contractor") == 1


@pytest.mark.parametrize(
    "body",
    [
        "<ol>" + cards("<li><a href={url}>{title}.</a> The rest of the day's news follows in a few words of prose.</li>") + "</ol>",
        "<ol>" + cards("<li>Hansen, J.: <a href=https://x.example{url}>{title}</a>, 1999.</li>") + "</ol>",
        "<p>– <a href=/n/1>Ferry owners fear for the future</a></p>",
        "<p>“<a href=/n/1>Ferry owners fear for the future</a>”</p>",
        "<p>The ferry goes on, as the <a href=/n/1>owners of the ferry said last week</a>, until the bridge is open to all.</p>",
    ],
)
def test_links_of_the_articles_own_stay(body: str) -> None:
    related, left = lift(PROSE + body + PROSE)
    assert related.items == ()
    assert "erry" in left


def made_up(form: str) -> str:
    names = iter(("css-1a2b3c", "css-9z8y7x", "css-k4m5n6"))
    return "".join(form.format(url=url, title=title, name=next(names)) for url, title in CARDS)


def test_cards_whose_classes_are_all_made_up_are_of_one_make_if_they_hold_their_titles_alike() -> None:
    block = f"<div>{made_up('<div class={name}><h4><a href={url}>{title}</a></h4></div>')}</div>"
    related, _ = lift(PROSE + block + PROSE)
    assert [entry.title for entry in related.items] == [title for _, title in CARDS]
    unlike = block.replace("<h4>", "<h5>", 1).replace("</h4>", "</h5>", 1)
    assert lift(PROSE + unlike + PROSE)[0].items == ()


def test_classes_that_say_where_a_card_stands_do_not_tell_cards_apart() -> None:
    block = cards("<li><a href={url}>{title}</a></li>").replace("<li>", "<li class=first>", 1)
    assert len(lift(f"{PROSE}<ul>{block}</ul>{PROSE}")[0].items) == 3


@pytest.mark.parametrize(
    "introduction",
    [
        "<div><b>From the valley:</b><span>We have gathered what other papers of the valley had to say.</span></div>",
        "<h3>From the valley</h3><p>We have gathered what other papers of the valley had to say.</p>",
    ],
)
def test_a_sentence_that_introduces_a_block_goes_with_it(introduction: str) -> None:
    block = f"<section>{introduction}<ul>{cards('<li><a href={url}>{title}</a></li>')}</ul></section>"
    related, left = lift(PROSE + block)
    assert len(related.items) == 3
    assert "valley had to say" not in left
    assert "From the valley" not in left


BOX = "<div class=box><h3>In the valley</h3><h4><a href=/n/1>Ferry owners fear for the future</a></h4><p>Few still sail.</p></div>"


def test_one_title_under_a_heading_in_a_box_after_the_text_is_an_entry() -> None:
    related, left = lift(f"<div>{PROSE}</div>{BOX}")
    assert [(entry.title, entry.snippet, entry.source) for entry in related.items] == [(CARDS[0][1], "Few still sail.", None)]
    assert "In the valley" not in left


@pytest.mark.parametrize(
    "page", [f"<div>{PROSE}</div>{BOX}<div>{PROSE}</div>", f"<div>{PROSE}</div>{BOX}{BOX}", f"{BOX}<div>{PROSE}</div>"]
)
def test_a_box_amid_the_text_or_one_of_several_is_the_articles(page: str) -> None:
    assert lift(page)[0].items == ()


def test_the_words_that_all_cards_lead_on_with_are_no_source_and_no_snippet() -> None:
    card = "<div><a href={url}>{title}</a><i>Few still sail.</i><a href={url}>Kontinye</a></div>"
    for form in (card, "<div><h3><a href={url}>{title}</a></h3><p>Few still sail. <a href={url}>Kontinye</a></p></div>"):
        related, _ = lift(f"{PROSE}<div>{cards(form, 2)}</div>")
        assert [(entry.title, entry.snippet, entry.source) for entry in related.items] == [
            (title, "Few still sail.", None) for _, title in CARDS[:2]
        ]


def test_a_lone_link_after_a_strong_label_is_an_entry_if_prose_stands_on_both_sides() -> None:
    line = "<p><b>Oxuyun:</b> <a href=/n/1>Ferry owners fear for the future</a></p>"
    related, left = lift(PROSE + line + PROSE)
    assert [entry.title for entry in related.items] == [CARDS[0][1]]
    assert "Oxuyun" not in left
    assert lift(PROSE + "<p><b>Harada:</b> <a href=/n/2>How bridges changed the valley</a></p>" + line + PROSE)[0].items == ()


@pytest.mark.parametrize(
    "link",
    [
        "<a href=/n/9>Ferry owners fear for the future</a>",
        "<a href=/n/9><span>Plus:</span> <span>Ferry owners fear for the future</span></a>",
        "<a href=/n/9><b>Read also:</b> Ferry owners fear for the future</a>",
        "<a href=/n/9><img src=a.jpg><p>Harbour</p><p>Ferry owners fear for the future</p></a>",
    ],
)
def test_a_link_that_is_a_line_between_paragraphs_is_an_entry(link: str) -> None:
    related, left = lift(PROSE + link + PROSE)
    assert [(entry.title, entry.source) for entry in related.items] == [("Ferry owners fear for the future", None)]
    assert "Ferry" not in left


@pytest.mark.parametrize(
    "link",
    [
        "<a class='x-button' href=/petition>Sign the petition for the valley</a>",
        "<div><a class='x-button' href=/petition>Sign the petition for the valley</a></div>",
        "<a href=/a.jpg><img src=a.jpg>The old bridge in the valley at dusk</a>",
        "<a href=/n/9>The old bridge in the valley</a>, people say, will be missed.",
        "<h2>Plans</h2><a href=/n/9>The old bridge in the valley at dusk</a>",
        "<p>One question remains:</p><ul><li><a href=/n/9>Who pays for the lamps on the bridge?</a></li></ul>",
    ],
)
def test_a_button_a_picture_and_a_link_with_words_beside_it_are_no_entries(link: str) -> None:
    related, _ = lift(PROSE + link + PROSE)
    assert related.items == ()


EMBEDS = [
    "<figure><blockquote><a href={url}>{title}</a></blockquote></figure>",
    "<blockquote><p><a href={url}>{title}</a></p></blockquote>",
    "<div class=x><a href={url}>{title}</a></div>",
    "<section><a href={url}><figure><img src=i></figure><h3>{title}</h3></a></section>",
    "<figure><a href={url}><div>{title}</div><img src=i></a></figure>",
    "<ul><li><a href={url}>{title}</a></li></ul>",
]


@pytest.mark.parametrize("paragraphs", [1, 2])
@pytest.mark.parametrize("embed", EMBEDS)
def test_embedded_articles_between_paragraphs_are_no_titles_with_snippets(embed: str, paragraphs: int) -> None:
    one, other = (embed.format(url=url, title=title) for url, title in CARDS[:2])
    related, left = lift(PROSE + one + PROSE[: PROSE.index("</p>") + 4] * paragraphs + other + PROSE)
    assert [entry.title for entry in related.items] == [title for _, title in CARDS[:2]]
    assert all(entry.snippet is None for entry in related.items)
    assert left.count("The council of Harrowby") == 2 + paragraphs


def test_what_stands_below_a_picture_is_no_embedded_article() -> None:
    figure = f"<figure><img src=i><figcaption><a href=/n/1>{CARDS[0][1]}</a></figcaption></figure>"
    assert lift(PROSE + figure + PROSE)[0].items == ()


def test_a_box_between_paragraphs_that_links_a_title_and_a_picture_is_an_entry_unless_there_are_several() -> None:
    def box(at: int) -> str:
        url, title = CARDS[at]
        picture = f"<a href={url}><img src=i></a>"
        return f"<div><article>{picture}<h3><a href={url}>{title}</a></h3><p>Ann Mills runs the ferry.</p></article></div>"

    related, left = lift(PROSE + box(0) + PROSE)
    assert [(entry.title, entry.snippet) for entry in related.items] == [(CARDS[0][1], "Ann Mills runs the ferry.")]
    assert "Ann Mills" not in left
    related, left = lift(PROSE + box(0) + PROSE + box(1) + PROSE)
    assert related.items == ()
    assert left.count("Ann Mills") == 2


def test_an_embed_that_wordpress_makes_is_an_entry_where_it_leads_to_the_site_itself() -> None:
    embed = "<figure class='wp-block-embed is-type-wp-embed'><blockquote><a href={}>{}</a></blockquote></figure>"
    assert [entry.title for entry in lift(PROSE + embed.format("/n/1", "Ferry owners in fear"))[0].items] == [
        "Ferry owners in fear"
    ]
    assert lift(PROSE + embed.format("https://other.example/1", CARDS[0][1]))[0].items == ()


@pytest.mark.parametrize("below", ["<li><b>Farming:</b> {}</li>", "<li>{}</li>"])
def test_a_marker_before_a_link_goes_for_the_next_line_too_if_that_says_a_label_and_a_title_or_only_a_title(below: str) -> None:
    one, other = (f"<a href={url}>{title}</a>" for url, title in CARDS[:2])
    related, left = lift(f"{PROSE}<ul><li><b>Read also:</b> {one}</li>{below.format(other)}</ul>{PROSE}")
    assert [entry.title for entry in related.items] == [title for _, title in CARDS[:2]]
    assert "Farming" not in left
    assert lift(f"{PROSE}<ul><li><b>Study:</b> {one}</li>{below.format(other)}</ul>{PROSE}")[0].items == ()


def test_two_titles_without_a_heading_are_entries_though_one_is_a_little_short() -> None:
    def listed(*titles: str) -> str:
        return f"<ul>{''.join(f'<li><a href=/n/{at}>{title}</a></li>' for at, title in enumerate(titles))}</ul>"

    assert len(lift(PROSE + listed(CARDS[0][1], "Night boats will stay"))[0].items) == 2
    assert lift(PROSE + listed(CARDS[0][1], "Bridges"))[0].items == ()


def test_promos_in_a_row_keep_their_addresses_and_the_heading_above_is_the_articles() -> None:
    for promo in ("<p>Read also: <a href={url}>{title}</a></p>", "<div>Read also: <a href={url}>{title}</a></div>"):
        related, left = lift(f"{PROSE}<h3>The ferry</h3>{cards(promo, 2)}{PROSE}")
        assert [(entry.title, entry.url) for entry in related.items] == [
            (title, f"https://site.example{url}") for url, title in CARDS[:2]
        ]
        assert "Read also" not in left
        assert "The ferry" in left
    assert lift(f"{PROSE}<ul>{cards('<li>Study: <a href=https://x.example{url}>{title}</a></li>')}</ul>")[0].items == ()


@pytest.mark.parametrize(
    "inside",
    [
        "<h4>Read more</h4><a href=/n/1>{title}</a><p>Few still sail.</p>",
        "<p>Read more</p><div><a href=/n/1><img src=i></a><div><a href=/n/1>{title}</a><p>Few still sail.</p></div></div>",
        "<b>Read more</b><a href=/n/1><strong>{title}</strong><span>Few still sail.</span></a>",
    ],
)
def test_a_lone_card_that_opens_with_a_marker_is_an_entry_with_its_snippet(inside: str) -> None:
    related, left = lift(f"{PROSE}<aside>{inside.format(title=CARDS[0][1])}</aside>{PROSE}")
    assert [(entry.title, entry.snippet, entry.source) for entry in related.items] == [(CARDS[0][1], "Few still sail.", None)]
    assert "Read more" not in left


@pytest.mark.parametrize("page", ["<div>{promo}<p>{text}</p></div>", "<div>{promo}{text}</div>" + PROSE])
def test_a_marker_makes_no_card_of_the_only_words_of_a_page_nor_of_words_in_the_open(page: str) -> None:
    text = "Few of the ferries still sail, and none of them by night."
    promo = f"<p><b>Read more</b></p><p><a href=/n/1>{CARDS[0][1]}</a></p>"
    assert text in lift(page.format(promo=promo, text=text))[1]


@pytest.mark.parametrize(
    "card",
    ["<dt>05/18</dt><dd><a href={url}>{title}</a></dd>", "<dt><a href={url}>{title}</a></dt><dd>05/18</dd>"],
)
def test_a_date_between_titles_belongs_to_the_title_that_it_stands_by(card: str) -> None:
    dated = cards(card).replace("05/18", "05/11", 2).replace("05/11", "05/18", 1)
    related, left = lift(f"{PROSE}<div><h4>In the valley</h4><dl>{dated}</dl></div>{PROSE}")
    assert [(entry.title, entry.snippet, entry.published_at) for entry in related.items] == [
        (title, None, age) for (_, title), age in zip(CARDS, ("05/18", "05/11", "05/18"), strict=True)
    ]
    assert "05/1" not in left
    assert "In the valley" not in left


@pytest.mark.parametrize("count", [2, 3])
def test_dates_after_titles_in_one_line_each_part_no_block_and_go_with_it(count: int) -> None:
    lines = cards("·<a href={url}>{title}</a> (05/12 08:31)<br>", count)
    related, left = lift(f"{PROSE}<div><b>Read also:</b><br>{lines}</div>{PROSE}")
    assert [(entry.title, entry.published_at) for entry in related.items] == [(title, "05/12 08:31") for _, title in CARDS[:count]]
    assert "Read also" not in left
    assert "08:31" not in left
    said = cards("<a href={url}>{title}</a> (a guess) ")
    assert lift(f"{PROSE}<div>{said}</div>{PROSE}")[0].items == ()


def test_a_link_to_a_list_of_articles_parts_no_card() -> None:
    row = "<div><a href=/n/{at}><b>{title}</b></a><p>The mayor and <a href=/tag/council>the town council</a> are on hold.</p></div>"
    rows = "".join(
        row.format(at=at, title=title)
        for at, title in enumerate(("Ferry owners fear for the future", "How bridges changed the valley"))
    )
    related, left = lift(f"{PROSE}<aside><h3>More on the bridges</h3>{rows}</aside>{PROSE}")
    assert [entry.snippet for entry in related.items] == ["The mayor and the town council are on hold."] * 2
    assert "More on" not in left


def test_two_promos_amid_the_text_that_each_open_with_a_marker_are_no_titles_in_a_row() -> None:
    promo = "<blockquote><p>READ ALSO</p><p><a href=/n/{at}>{title}</a></p></blockquote>"
    first, second = (
        promo.format(at=at, title=title)
        for at, title in enumerate(("Ferry owners fear for the future", "How bridges changed the valley"))
    )
    amid = "<p>The old crossing will stay open for cyclists and walkers until the works end.</p>"
    related, left = lift(f"{PROSE}{first}{amid}{second}{PROSE}")
    assert [entry.url for entry in related.items] == ["https://site.example/n/0", "https://site.example/n/1"]
    assert "READ ALSO" not in left
    assert left.count("The old crossing") == 1


def test_words_that_speak_of_articles_announce_the_one_link_of_a_box_that_they_open() -> None:
    box = "<div><span>More stories on bridges</span><a href=/n/1>Ferry owners fear for the future</a></div>"
    related, left = lift(PROSE + box + PROSE)
    assert [entry.title for entry in related.items] == ["Ferry owners fear for the future"]
    assert "More stories" not in left
    within = "<div>More stories on bridges <a href=/n/1>Ferry owners fear for the future</a></div>"
    assert lift(PROSE + within + PROSE)[0].items == ()


def test_entries_below_a_marker_that_make_up_no_block_keep_their_addresses() -> None:
    related, left = lift(
        PROSE + "<h3>Most read</h3><ol>"
        '<li><a href="/n/1"><b>1</b> Ferries stay in port</a> <a href="/authors/hale">Hale</a></li>'
        '<li><a href="/n/2"><b>2</b> Mayor sells his car</a> <a href="/authors/hale">Hale</a></li></ol>'
    )
    assert [entry.url for entry in related.items] == ["https://site.example/n/1", "https://site.example/n/2"]
    assert left.endswith("the contractor and the mayor.")


@pytest.mark.parametrize("path", ["tag", "hub", "anything"])
def test_topics_below_a_marker_are_cut_and_no_entries(path: str) -> None:
    topics = "".join(f'<li><a href="/{path}/{name.lower()}">{name}</a></li>' for name in ("Bridges", "Harrowby", "Government"))
    related, left = lift(PROSE + f"<h3>More on this</h3><ul>{topics}</ul>")
    assert related.items == ()
    assert left.endswith("the contractor and the mayor.")


def test_the_title_of_a_card_is_the_line_below_its_section() -> None:
    cards = "".join(
        f'<li><a href="/n/{number}"><span>{section}</span><div>{title}</div></a></li>'
        for number, (section, title) in enumerate(
            [
                ("Company Town", "Ferry owners fear for the future of their trade"),
                ("Business", "How bridges changed the valley and its people"),
                ("Company Town", "Tolls on the old crossing will fall next year"),
            ]
        )
    )
    related, _ = lift(PROSE + f"<h3>Read more</h3><ul>{cards}</ul>")
    assert [(entry.title, entry.snippet, entry.source) for entry in related.items] == [
        ("Ferry owners fear for the future of their trade", None, None),
        ("How bridges changed the valley and its people", None, None),
        ("Tolls on the old crossing will fall next year", None, None),
    ]


def test_a_short_title_above_a_sentence_stays_the_title() -> None:
    cards = "".join(
        f'<li><h4><a href="/n/{number}">{title}</a></h4><p>{snippet}</p></li>'
        for number, (title, snippet) in enumerate(
            [
                ("Ferries stay put", "Their owners fear for the future of the trade."),
                ("Tolls will fall", "The old crossing costs less from next year."),
            ]
        )
    )
    related, _ = lift(PROSE + f"<h3>Read more</h3><ul>{cards}</ul>")
    assert [entry.title for entry in related.items] == ["Ferries stay put", "Tolls will fall"]


def test_an_article_among_paragraphs_that_is_one_link_is_an_entry() -> None:
    picture = '<figure><img src="1.jpg"></figure>'
    card = f'<article class="x1"><a href="/n/1">{picture}<h3>Ferry owners fear for the future</h3></a></article>'
    related, left = lift(PROSE + card + PROSE)
    assert [entry.title for entry in related.items] == ["Ferry owners fear for the future"]
    assert "Ferry" not in left


def test_an_article_among_paragraphs_that_says_more_than_its_link_is_the_articles() -> None:
    said = "<p>Ann Mills runs the ferry, and she will stop.</p>"
    card = f'<article><h3><a href="/n/1">Ferry owners fear for the future</a></h3>{said}</article>'
    related, left = lift(PROSE + card + PROSE)
    assert related.items == ()
    assert "Ann Mills" in left


def test_the_next_and_the_previous_article_are_entries() -> None:
    cards = "".join(
        f'<div class="{side}"><p><a href="/n/{side}">- {side} News</a></p><div><a href="/n/{side}"><img src="1.jpg"></a></div>'
        f'<div><a href="/n/{side}"><h5>{title}</h5></a><p>{snippet}</p></div></div>'
        for side, title, snippet in [
            ("next", "Ferry owners fear for the future", "Their trade may come to an end"),
            ("prev", "How bridges changed the valley", "A history in six pictures"),
        ]
    )
    related, left = lift(PROSE + f'<div class="grid next-prev">{cards}</div>')
    assert [entry.title for entry in related.items] == ["Ferry owners fear for the future", "How bridges changed the valley"]
    assert "history" not in left


@pytest.mark.parametrize(
    ("before", "form", "after", "found"),
    [
        (PROSE, "<div><i>Town</i> <a href={url}><h4>{title}</h4></a></div>", PROSE, 2),
        (PROSE, "<div><i>Town</i> <a href={url}><h4>{title}</h4></a></div><p>The plans hang in the town hall.</p>", PROSE, 0),
        (PROSE, "<div><i>Town</i> <a href={url}>The plan</a></div>", PROSE, 0),
        (PROSE, "<div><i>Town</i> <a href=https://other.example{url}><h4>{title}</h4></a></div>", PROSE, 0),
        (PROSE, "<div><i>Town</i> <a href={url}><h4>{title}</h4></a></div>", "", 0),
    ],
)
def test_an_aside_among_paragraphs_that_is_nothing_but_titles_of_the_site(before: str, form: str, after: str, found: int) -> None:
    related, _ = lift(f"{before}<aside>{cards(form, 2)}</aside>{after}")
    assert [entry.title for entry in related.items] == [title for _, title in CARDS[:found]]


@pytest.mark.parametrize(
    "name", ["box-tinlienquan", "artikel-terkait", "gerelateerde-artikelen", "relaterat relaterade", "box leggi-anche"]
)
def test_a_box_is_named_as_related_in_its_own_language(name: str) -> None:
    box = "<div class='{name}'><a href={url}>{title}</a><p>Few of the nine on the river still sail.</p></div>"
    related, left = lift(PROSE + box.format(name=name, url="/n/1", title=CARDS[0][1]) + PROSE)
    assert [entry.title for entry in related.items] == [CARDS[0][1]]
    assert "Few of the nine" not in left
    assert lift(PROSE + box.format(name="box", url="/n/1", title=CARDS[0][1]) + PROSE)[0].items == ()


ENTRY = "<div class=b><article><h4><a href={url}>{title}</a></h4><p>Few of the nine on the river still sail.</p></article></div>"


def test_an_article_in_a_box_among_paragraphs_that_is_a_linked_title_and_a_snippet_is_an_entry() -> None:
    related, left = lift(PROSE + cards(ENTRY, 1) + PROSE)
    found = [(entry.title, entry.snippet) for entry in related.items]
    assert found == [(CARDS[0][1], "Few of the nine on the river still sail.")]
    assert "Few of the nine" not in left


@pytest.mark.parametrize(
    "inside",
    [
        PROSE + cards(ENTRY, 1) + PROSE + cards(ENTRY, 2)[len(cards(ENTRY, 1)) :] + PROSE,
        PROSE + cards(ENTRY.replace("article", "section"), 1) + PROSE,
        PROSE + cards(ENTRY, 1),
    ],
)
def test_several_such_or_one_that_is_no_article_are_the_texts_own(inside: str) -> None:
    assert lift(inside)[0].items == ()


@pytest.mark.parametrize("heading", ["Most read", "Lo más visto", "Meistgelesen", "Популярное"])
def test_what_is_read_most_is_told_to_who_has_read_the_article_wherever_it_stands(heading: str) -> None:
    listed = f"<aside><h2>{heading}</h2><ol>{cards('<li><a href={url}>{title}</a></li>')}</ol></aside>"
    root = lxml.html.document_fromstring(f"<body><article><h1>Bridge approved</h1>{PROSE}</article>{listed}</body>")
    related = lift_related(Outline(root), base_url=URL, headlines=["Bridge approved"])
    assert [entry.title for entry in related.items] == [title for _, title in CARDS]


@pytest.mark.parametrize("heading", ["Latest news", "آخرین اخبار", "Последние новости"])
def test_what_came_last_is_cut_and_no_entry_outside_the_article(heading: str) -> None:
    listed = f"<div><h4>{heading}</h4><ul>{cards('<li><a href={url}>{title}</a></li>')}</ul></div>"
    root = lxml.html.document_fromstring(f"<body><main><article><h1>Bridge approved</h1>{PROSE}</article></main>{listed}</body>")
    page = Outline(root)
    assert lift_related(page, base_url=URL, headlines=["Bridge approved"]).items == ()
    assert CARDS[0][1] not in page.root.text
    assert [entry.title for entry in lift(PROSE + listed)[0].items] == [title for _, title in CARDS]


def test_a_title_in_a_list_does_not_take_the_next_line_with_it() -> None:
    line = "<li><b>Tickets:</b> from the town hall, two pounds each.</li>"
    related, left = lift(f"{PROSE}<ul><li><b>See also:</b> <a href=/n/1>{CARDS[0][1]}</a></li>{line}</ul>{PROSE}")
    assert [(entry.title, entry.snippet) for entry in related.items] == [(CARDS[0][1], None)]
    assert "from the town hall" in left


def test_a_long_name_of_a_source_that_is_a_link_parts_no_card() -> None:
    card = (
        "<div class=c><a href=/n/{at}><b>{title}</b></a><span>{snippet}</span><div>Kilde: <a href=/s/{at}>{source}</a></div></div>"
    )
    sources = ("kystposten", "helgelandsposten", "gardogfjord")
    shown = "".join(
        card.format(at=at, title=f"Ferry owners fear for pier {at}", snippet=f"Few of the {at + 2} will sail.", source=source)
        for at, source in enumerate(sources)
    )
    related, text = lift(f"{PROSE}<p><b>Similar news:</b></p>{shown}")
    assert [entry.title for entry in related.items] == [f"Ferry owners fear for pier {at}" for at in range(3)]
    assert "posten" not in text


@pytest.mark.parametrize(
    "inside",
    [
        "<p><strong>जरूर देखें- <a href=/n/1>{}</a></strong></p>",
        "<p class=link>【あわせて】<a href=/n/1>{}</a></p>",
        "<p>Polecamy uwadze: <a href=/n/1>{}</a></p>",
        "<blockquote><p><strong>Pour approfondir → </strong><a href=/n/1>{}</a></p></blockquote>",
        "<div class=e><div class=l>Ранее на эту тему</div><a href=/n/1>{}</a></div>",
        "<p><a href=/n/1>▸▸更多看這裡／{}</a></p>",
    ],
)
def test_a_label_before_a_title_amid_the_text_is_no_part_of_either(inside: str) -> None:
    title = "Ferry owners fear for the future of their boats"
    related, left = lift(PROSE + inside.format(title) + PROSE)
    assert [entry.title for entry in related.items] == [title]
    assert left.count("the contractor and the mayor.") == 2
    assert left.endswith("the contractor and the mayor.")
    assert "Ferry" not in left


def test_cards_that_lead_to_other_sites_by_an_arrow_are_entries() -> None:
    cards = "".join(
        f"<div class=c><a href=https://{name}.example/a/{at}>Ferry owners of {name} fear for their boats</a>"
        f"<div>Some of them mean to sell, {name} found.</div><div>Go on at {name.title()} Echo →</div></div>"
        for at, name in enumerate(("wend", "harrow", "tipton"))
    )
    related, left = lift(PROSE, after=f"<div><div class=h>How others told it</div>{cards}</div>")
    assert [entry.snippet for entry in related.items] == [
        "Some of them mean to sell, wend found.",
        "Some of them mean to sell, harrow found.",
        "Some of them mean to sell, tipton found.",
    ]
    assert {entry.source for entry in related.items} == {None}
    assert left.endswith("the contractor and the mayor.")
    plain = cards.replace("→", "")
    assert lift(PROSE, after=f"<div><div class=h>How others told it</div>{plain}</div>")[0].items == ()


def test_a_label_that_invites_goes_for_the_next_line_of_the_list_too() -> None:
    items = "".join(
        f"<li><b>{label}</b> <a href={url}>{title}</a></li>"
        for label, (url, title) in zip(("Fique por dentro:", "Vídeo:"), CARDS[:2], strict=True)
    )
    related, left = lift(f"{PROSE}<ul>{items}</ul>{PROSE}")
    assert [entry.title for entry in related.items] == [title for _, title in CARDS[:2]]
    assert "Vídeo" not in left
