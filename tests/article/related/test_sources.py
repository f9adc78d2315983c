"""Entries whose source stands behind a word for it, before a rank or in rhythm."""

from __future__ import annotations

from pathlib import Path

import pytest

from worker.article.evidence import lexicon
from worker.article.related.sources import named_source
from worker.article.related.split import split_text

ARTICLE = (
    "The council of Harrowby approved the new bridge on Monday after a debate that lasted nearly five hours, officials said.\n"
    "Work will begin in spring and is expected to take two years, according to the contractor.\n"
    "The old crossing will stay open for cyclists and walkers until the works end.\n"
)
EXPLAINED = "Similar News:You can also read news stories similar to this one that we have collected from other news sources.\n"
ENTRIES = [
    ("Bridge for Harrowby at last", "The council voted for it late at night, and the ferry…", "Vale Radio"),
    ("Ferry owners fear for the future", "Nobody will row who can walk, says the oldest of them.", "HighVale_Daily"),
    ("How bridges changed the valley", "A hundred years of crossings in pictures.", "Vale Radio"),
]


@pytest.mark.parametrize(
    "said",
    [
        "\nSource: {} - \U0001f3c6 214. / 61\nRead more »\n",
        "\nSource: {} - 214. / 61\nRead more »\n",
        "\n{} - \U0001f3c6 214. / 61\nRead more »\n",
        "\nSource: {}\nRead more »\n",
        "\nSource:\n{}\nRead more »\n",
        "\nSource: {} - \U0001f3c6 214. / 61 Read more »\n",
        "\nSource: {} - 214. / 61Read more »\n",
        "\nTarina: {}\nRead more »\n",
        "\n{} - 3 hours ago\nRead more »\n",
        "\nSource: {} - 3 hours ago\nRead more »\n",
        "Source: {} - \U0001f3c6 214. / 61\nRead more »\n",
        " (Source: {})\nRead more »\n",
        "\n{}\nRead more »\n",
        "\nRead more » Source: {}\n",
        " Source: {} - \U0001f3c6 214. / 61 Read more »\n",
        "Source: {} - \U0001f3c6 214. / 61Read more »\n",
        " Source: {} - \U0001f3c6 214. / 61\n",
        "\nSource: {} - \U0001f3c6 214. / 61\n",
        "\nSource: {}\n",
        "\nSource: {} - \U0001f3c6 214. / 61\n2 hours ago\nRead more »\n",
    ],
)
def test_the_source_of_each_entry_is_neither_its_snippet_nor_its_title(said: str) -> None:
    block = "".join(title + snippet + said.format(source) for title, snippet, source in ENTRIES)
    split = split_text(ARTICLE + EXPLAINED + block)
    assert "\n".join(split.paragraphs) == ARTICLE.strip()
    assert [(entry.title, entry.snippet, entry.source) for entry in split.items] == ENTRIES


def test_sources_close_entries_below_a_category_line_and_an_unknown_heading() -> None:
    block = "".join(f"{title}{snippet}\nSource: {source}\n" for title, snippet, source in ENTRIES)
    split = split_text(ARTICLE + f"Valeland Local, Valeland Politics\nWritten about elsewhere too:\n{block}")
    assert "\n".join(split.paragraphs) == ARTICLE.strip()
    assert [(entry.title, entry.snippet, entry.source) for entry in split.items] == ENTRIES


def test_a_word_for_a_source_that_holds_another_is_one_word() -> None:
    page = (
        "أعلن مجلس المدينة يوم الاثنين أن الجسر الجديد سيفتح أمام المارة في الربيع المقبل بعد أعمال استمرت عامين.\n"
        "وقالت المهندسة المشرفة إن الأعمال انتهت قبل موعدها وإن العبّارة القديمة ستبقى في الخدمة حتى نهاية العام.\n"
        "Similar News:يمكنك أيضًا قراءة قصص إخبارية مشابهة لهذه التي قمنا بجمعها من مصادر إخبارية أخرى.\n"
        "الجسر الجديد يفتح في الربيعانتهت الأعمال بعد عامين.\nالمصدر: akhbar - \U0001f3c6 26. / 63\nاقرأ أكثر »\n"
        "من يدفع ثمن الجسر؟تحقيق عن ديون المدينة.\nالمصدر: sahifa24 - \U0001f3c6 9. / 75\nاقرأ أكثر »\n"
        "وداعا للعبّارة القديمةحكاية عامل على النهر.\nالمصدر: akhbar - \U0001f3c6 26. / 63\nاقرأ أكثر »\n"
    )
    split = split_text(page)
    assert split.paragraphs == tuple(page.splitlines()[:2])
    assert [entry.source for entry in split.items] == ["akhbar", "sahifa24", "akhbar"]


def test_titles_below_a_marker_are_handed_back_with_their_sources() -> None:
    block = "".join(f"{title}\nSource: {source}\n" for title, _, source in ENTRIES)
    split = split_text(ARTICLE + "More stories\n" + block)
    assert "\n".join(split.paragraphs) == ARTICLE.strip()
    assert [(entry.title, entry.snippet, entry.source) for entry in split.items] == [
        (title, None, source) for title, _, source in ENTRIES
    ]


@pytest.mark.parametrize(
    "own",
    [
        "Share of people who walk to work\nSource: Eurostat\nCars that cross the bridge each day\nSource: Harrowby Council\n"
        "Tolls paid in the past ten years\nSource: Ministry of Transport\nFew will pay more than they did in the past year.\n",
        "Source: Reuters\n",
        "Source: The Vale Guardian - 12/05\n",
        "Harrowby Rovers - 12 / 5\nVale United - 13 / 4\nPort Athletic - 2 / 8\n",
    ],
)
def test_sources_that_an_article_names_stay_where_they_are(own: str) -> None:
    split = split_text(ARTICLE + own)
    assert "\n".join(split.paragraphs) == (ARTICLE + own).strip()
    assert split.items == ()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Source: KWYO Radio - \U0001f3c6 214. / 61", ("KWYO Radio", None)),
        ("KWYO Radio - \U0001f3c6 214. / 61", ("KWYO Radio", None)),
        ("Источник: ladoga_today - 140. / 51", ("ladoga_today", None)),
        ("Sumber: wartakitacom", ("wartakitacom", None)),
        ("来源：怀江日报", ("怀江日报", None)),
        ("المصدر: صحيفة الواحة", ("صحيفة الواحة", None)),
        ("Tarina: Ratas - \U0001f3c6 3. / 84", ("Ratas", None)),
        ("Quelle: Küstenbote - vor 3 Stunden", ("Küstenbote", "vor 3 Stunden")),
        ("The mayor: we had no choice", None),
        ("Sources: three people who know the matter, none of whom would be named, and the minutes of the meeting itself", None),
        ("Source: it stands in the minutes.", None),
        ("Rovers - 3-1", None),
    ],
)
def test_a_source_is_named_behind_a_word_for_it_or_before_a_rank(line: str, said: tuple[str, str | None] | None) -> None:
    assert named_source(line) == said


def test_a_thai_title_ends_before_its_snippet_above_a_source_too() -> None:
    page = Path(__file__).parents[2].joinpath("data", "similar-pages", "text-th-t02", "page.txt").read_text(encoding="utf-8")
    lines = page.splitlines()
    sourced = [part for line in lines for part in (["ที่มา: เชียงราย - 12. / 61", line] if lexicon().is_closing(line) else [line])]
    plain, named = split_text(page), split_text("\n".join(sourced))
    assert named.paragraphs == plain.paragraphs
    assert [(entry.title, entry.snippet) for entry in named.items] == [(entry.title, entry.snippet) for entry in plain.items]
    assert {entry.source for entry in named.items} == {"เชียงราย"}


@pytest.mark.parametrize("said", ["", "Harrowby Bridge Council Ferry\n", "Read more »\n", " Read more »\nHarrowby Bridge\n"])
@pytest.mark.parametrize("category", ["", "United Kingdom Latest News, United Kingdom Headlines\n"])
def test_where_an_aggregator_has_the_article_from_goes_with_the_block(said: str, category: str) -> None:
    own = "Source: Vale Radio - \U0001f3c6 12. / 63" + ("" if said.startswith(" ") else "\n") + said
    block = "".join(f"{title}{snippet}\nSource: {source} - 214. / 61\nRead more »\n" for title, snippet, source in ENTRIES)
    split = split_text(ARTICLE + own + category + EXPLAINED + block)
    assert "\n".join(split.paragraphs) == ARTICLE.strip()
    assert [(entry.title, entry.snippet, entry.source) for entry in split.items] == ENTRIES


def test_a_source_that_the_article_names_above_a_block_is_its_own() -> None:
    own = "Source: Vale Radio\n"
    block = "".join(f"{title}{snippet}\nSource: {source} - 214. / 61\nRead more »\n" for title, snippet, source in ENTRIES)
    split = split_text(ARTICLE + own + "United Kingdom Latest News, United Kingdom Headlines\n" + EXPLAINED + block)
    assert "\n".join(split.paragraphs) == (ARTICLE + own).strip()


@pytest.mark.parametrize(
    "last", ["The news is gathered by machines. Updated: 2 April 2024 18:21:07", "We look again every 15 minutes."]
)
def test_a_line_below_what_an_aggregator_gathered_is_no_articles(last: str) -> None:
    block = "".join(f"{title}{snippet}\nSource: {source} - 214. / 61\nRead more »\n" for title, snippet, source in ENTRIES)
    assert "\n".join(split_text(ARTICLE + EXPLAINED + block + last).paragraphs) == ARTICLE.strip()
    assert split_text(ARTICLE + "Similar News\n" + block + last).paragraphs[-1] == last


def test_sources_below_charts_of_an_article_close_no_entries() -> None:
    charts = "".join(f"{title}\n{snippet}\nSource: {source}\n" for title, snippet, source in ENTRIES)
    assert split_text(ARTICLE + charts).items == ()


@pytest.mark.parametrize("label", ["المصدر", "La source", "Die Quelle", "出典"])
@pytest.mark.parametrize("rank", ["", " - \U0001f3c6 214. / 61"])
def test_an_article_before_the_word_for_a_source_is_a_part_of_it(label: str, rank: str) -> None:
    block = "".join(f"{title}{snippet}\n{label}: {source}{rank}\nRead more »\n" for title, snippet, source in ENTRIES)
    own = f"{label}: Vale Radio{rank}\n" if rank else ""
    split = split_text(ARTICLE + own + EXPLAINED + block)
    assert "\n".join(split.paragraphs) == ARTICLE.strip()
    assert [(entry.title, entry.snippet, entry.source) for entry in split.items] == ENTRIES


def test_a_quotation_in_guillemets_that_point_inwards_opens_a_title() -> None:
    entries = [
        ("»Nobody asked us«", "The rowers complain."),
        ("› The bridge in pictures", "A hundred years."),
        ("»What now?«", "We ask."),
    ]
    block = "".join(f"{title}\n{snippet}\nRead more »\n" for title, snippet in entries)
    assert [entry.title for entry in split_text(ARTICLE + EXPLAINED + block).items] == [
        "»Nobody asked us«",
        "The bridge in pictures",
        "»What now?«",
    ]


@pytest.mark.parametrize(
    "said",
    [
        "Read more: Vale Radio »\n",
        "Consulte Mais informação: Vale Radio »\n",
        "Read more:\nVale Radio / \U0001f3c6 418. in US\n",
        "Source: Vale Radio - \U0001f3c6 9. / 60\n"
        "We have summarized this news so that you can read it quickly. If you are interested in the news, you can read the full "
        "text here. Read more:\nVale Radio »\n",
    ],
)
def test_what_leads_on_to_the_source_of_the_article_is_no_entry(said: str) -> None:
    block = "".join(f"{title}{snippet}\nSource: {source} - 214. / 61\nRead more »\n" for title, snippet, source in ENTRIES)
    split = split_text(ARTICLE + said + EXPLAINED + block)
    assert "\n".join(split.paragraphs) == ARTICLE.strip()
    assert [(entry.title, entry.snippet, entry.source) for entry in split.items] == ENTRIES


def test_the_rank_of_a_source_is_no_articles_wherever_it_stands() -> None:
    assert "\n".join(split_text("Source: Vale Radio - \U0001f3c6 9. / 60\n" + ARTICLE).paragraphs) == ARTICLE.strip()


def test_a_brief_entry_before_a_ranked_source_is_no_name() -> None:
    entries = [
        ("Ferry owner fined $500", "He will appeal."),
        ("Council backs tolls", "It was close."),
        ("Turnout up", "It rained."),
    ]
    lines = "".join(f"{title}{snippet} Source: Vale Radio - \U0001f3c6 14. / 61 Read more »\n" for title, snippet in entries)
    for block in (lines, lines.replace("\n", " ")):
        items = split_text(ARTICLE + EXPLAINED.strip() + ("\n" if block is lines else " ") + block).items
        assert [(entry.title, entry.snippet, entry.source) for entry in items] == [(*entry, "Vale Radio") for entry in entries]


def test_names_of_the_sites_pages_below_a_block_are_no_entries() -> None:
    block = "".join(f"{title}{snippet}\nSource: {source}\nRead more »\n" for title, snippet, source in ENTRIES)
    split = split_text(ARTICLE + EXPLAINED + block + "Latest News\nContact\nPrivacy Policy\n")
    assert "\n".join(split.paragraphs) == ARTICLE.strip()
    assert [entry.title for entry in split.items] == [title for title, _, _ in ENTRIES]


@pytest.mark.parametrize("form", ["{source} — 7 hours ago\n{line}", "[{source}] {line}", "【{source}】{line}"])
def test_whose_an_entry_is_may_stand_before_its_title(form: str) -> None:
    block = "".join(f"{form.format(source=source, line=title + snippet)}\nRead more »\n" for title, snippet, source in ENTRIES)
    split = split_text(ARTICLE + EXPLAINED + block)
    assert split.paragraphs == tuple(ARTICLE.splitlines())
    assert [(entry.title, entry.snippet, entry.source) for entry in split.items] == ENTRIES


def test_a_title_that_two_entries_share_is_seen_behind_the_names_of_their_sources() -> None:
    article = "神渡島に残された郵便ポストが八日、年に一度の収集日を迎え、二百十六通の手紙が島を出た。\n" * 3
    title = "神渡島のポストに二百十六通、無人島で年一回の収集"
    snippets = ["石段を上がった旧分校の前に、今年も赤いポストが待っていた。", "最後の島民だった三人も船に同乗し、鐘を鳴らした。"]
    names = ["西海日日新聞", "五島テレビ"]
    block = "".join(f"【{name}】{title}{snippet}\n続きを読む »\n" for name, snippet in zip(names, snippets, strict=True))
    items = split_text(f"{article}類似ニュース：このニュースに似た記事を、ほかの報道機関から集めました。\n{block}").items
    assert [(entry.title, entry.snippet, entry.source) for entry in items] == [
        (title, snippet, name) for snippet, name in zip(snippets, names, strict=True)
    ]


def test_a_sentence_that_explains_a_block_is_no_title_though_not_all_entries_have_a_snippet() -> None:
    explained = (
        "Similar news:\nYou can also read news stories similar to this one that we have collected from other news sources.\n"
    )
    lines = [
        [title, *([snippet] if number != 1 else []), "Vale Radio · 2 hours ago"]
        for number, (title, snippet, _) in enumerate(ENTRIES)
    ]
    split = split_text(ARTICLE + explained + "".join("\n".join((*entry, "Read more »\n")) for entry in lines))
    assert split.paragraphs == tuple(ARTICLE.splitlines())
    assert [entry.title for entry in split.items] == [title for title, _, _ in ENTRIES]


def test_a_thai_title_ends_behind_what_the_article_counts_as_well() -> None:
    page = Path(__file__).parents[2].joinpath("data", "similar-pages", "th-x509", "page.txt").read_text(encoding="utf-8")
    assert "เปิดเบื้องหลังฝาย 1,200 ลำ" in [entry.title for entry in split_text(page).items]
    assert "เปิดเบื้องหลังฝาย 1,300 ลำ" not in [entry.title for entry in split_text(page.replace("ฝาย 1,200", "ฝาย 1,300")).items]
