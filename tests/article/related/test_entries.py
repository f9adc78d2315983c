"""Entries of several lines, and which line of them is the title."""

from __future__ import annotations

import pytest

from worker.article.related.split import split_text

ARTICLE = (
    "The council of Harrowby approved the new bridge on Monday after a debate that lasted nearly five hours, officials said.",
    "Work will begin in spring and is expected to take two years, according to the contractor.",
    "The old crossing will stay open for cyclists and walkers until the works end, and then it will be taken down.",
)
MORE = ("Three hundred people came to the hall to hear the vote.", "Two of them spoke against the plan.")
TITLES = ("Ferry owners fear for the future of their boats", "How the bridges changed the valley", "The toll that nobody paid")
SNIPPETS = ("Three of them mean to sell.", "It was quieter before the first one.", "A clerk found the books in a cellar.")
NAMES = ("Valley Post", "Radio Wend", "Evening Echo")
AGES = ("3 hours ago", "5 hours ago", "yesterday")


def page(*entries: tuple[str, ...], heading: str = "Related articles") -> str:
    return "\n".join((*ARTICLE, *filter(None, [heading]), *(line for entry in entries for line in entry)))


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize(
    "columns",
    [(TITLES, SNIPPETS, NAMES, AGES), (NAMES, TITLES, AGES), (TITLES, NAMES, AGES), (NAMES, TITLES, SNIPPETS, AGES)],
    ids=["name after the snippet", "name first", "name after the title", "name before title and snippet"],
)
def test_a_name_that_keeps_step_with_titles_and_ages_is_their_source(columns: tuple[tuple[str, ...], ...], count: int) -> None:
    split = split_text(page(*list(zip(*columns, strict=True))[:count]))
    assert split.paragraphs == ARTICLE
    assert [entry.title for entry in split.items] == list(TITLES[:count])
    assert [entry.source for entry in split.items] == list(NAMES[:count])
    assert [entry.published_at for entry in split.items] == list(AGES[:count])
    assert [entry.snippet for entry in split.items] == (list(SNIPPETS[:count]) if SNIPPETS in columns else [None] * count)


def test_a_title_that_keeps_step_with_those_below_it_is_no_heading() -> None:
    titles = ("Garrow pier loses another plank", "Hospital asks for earlier boats", "Deckhand to director: the story of Petra Lowe")
    text = page(*zip(titles, ("12 May 2024", "10 May 2024", "8 May 2024"), strict=True), heading="")
    assert "\n".join(split_text(text).paragraphs) == text


@pytest.mark.parametrize("heading", ["Related articles", "Around the harbour"])
def test_source_and_age_that_are_glued_to_a_title_are_read_off_it(heading: str) -> None:
    glued = [
        (title + name + age,) for title, name, age in zip(TITLES, NAMES, ("3 hours ago", "5 hours ago", "1 day ago"), strict=True)
    ]
    split = split_text(page(*glued, heading=heading))
    assert split.paragraphs == ARTICLE
    assert [(entry.title, entry.source) for entry in split.items] == list(zip(TITLES, NAMES, strict=True))
    assert [entry.published_at for entry in split.items] == ["3 hours ago", "5 hours ago", "1 day ago"]


@pytest.mark.parametrize(
    "title",
    ["What the G7 leaders ate", "What Formel1 drivers eat", "The twenty best clips on YouTube", "Chevrolet returns to LeMans24"],
)
def test_a_name_with_a_figure_is_no_age(title: str) -> None:
    assert [entry.title for entry in split_text(page((title,), TITLES[:1])).items] == [title, TITLES[0]]


def test_a_title_that_its_picture_says_too_is_one_title() -> None:
    twice = split_text(page(*((title, title, snippet) for title, snippet in zip(TITLES, SNIPPETS, strict=True))))
    assert [(entry.title, entry.snippet) for entry in twice.items] == list(zip(TITLES, SNIPPETS, strict=True))
    alone = split_text(page(*((title, title) for title in TITLES)))
    assert [entry.title for entry in alone.items] == list(TITLES)
    aged = split_text(page(*((title, title, age) for title, age in zip(TITLES, AGES, strict=True))))
    assert [(entry.title, entry.published_at) for entry in aged.items] == list(zip(TITLES, AGES, strict=True))


def test_a_title_that_runs_into_its_snippet_above_source_and_age_is_parted() -> None:
    metas = [f"{name} · {age}" for name, age in zip(NAMES, AGES, strict=True)]
    glued = [(title + snippet, meta) for title, snippet, meta in zip(TITLES, SNIPPETS, metas, strict=True)]
    split = split_text(page(*glued))
    assert [(entry.title, entry.snippet, entry.source) for entry in split.items] == list(zip(TITLES, SNIPPETS, NAMES, strict=True))


def test_the_pages_lines_between_article_and_heading_go_with_the_block() -> None:
    furniture = ("anna.harrow@evening-echo.example", "© Evening Echo 2024")
    split = split_text("\n".join((*ARTICLE, *furniture, "[Other articles by this reporter]", *TITLES)))
    assert split.paragraphs == ARTICLE
    assert [entry.title for entry in split.items] == list(TITLES)


@pytest.mark.parametrize("paragraphs", [1, 2])
def test_a_label_that_comes_again_amid_the_text_announces_a_title_each_time(paragraphs: int) -> None:
    label, last = "A story on the topic:", "The mayor will open the crossing in person."
    lines = (*ARTICLE, label, TITLES[0], *MORE[:paragraphs], label, TITLES[1], last)
    split = split_text("\n".join(lines))
    assert split.paragraphs == (*ARTICLE, *MORE[:paragraphs], last)
    assert [(entry.title, entry.snippet) for entry in split.items] == [(title, None) for title in TITLES[:2]]


def test_source_and_age_above_each_title_leave_the_heading_a_heading() -> None:
    lines = [line for name, age, title in zip(NAMES, AGES, TITLES, strict=True) for line in (f"{name} · {age}", title)]
    split = split_text("\n".join((*ARTICLE, "Other stories on this news", *lines)))
    assert split.paragraphs == ARTICLE
    assert [(entry.title, entry.source) for entry in split.items] == list(zip(TITLES, NAMES, strict=True))


def test_a_heading_that_goes_on_after_a_marker_for_a_word_is_no_entry() -> None:
    split = split_text(page(*((title,) for title in TITLES), heading="Read also: This weekend"))
    assert split.paragraphs == ARTICLE
    assert [entry.title for entry in split.items] == list(TITLES)


GLUED = [
    "Ferry owners fear for the futureThree of them mean to sell before the year is out, and the fourth of them has sold…",
    "How the bridges changed the valley in pictures and in words",
    "The toll that nobody paidA clerk found the books in a cellar.",
]


def test_titles_and_snippets_run_together_go_on_to_the_end_of_the_page_past_one_without_a_seam() -> None:
    split = split_text("\n".join((*ARTICLE, "Related articles:", *GLUED)))
    assert split.paragraphs == ARTICLE
    assert [entry.title for entry in split.items] == [
        "Ferry owners fear for the future",
        "How the bridges changed the valley in pictures and in words",
        "The toll that nobody paid",
    ]


def test_a_line_cut_short_belongs_to_the_block_and_a_paragraph_below_it_does_not() -> None:
    glued = [GLUED[2], GLUED[0], "how the bridges changed the valley, in pictures and in words, from the first of them to the one…"]
    split = split_text("\n".join((*ARTICLE, "More on this topic", *glued, *ARTICLE)))
    assert split.paragraphs == ARTICLE
    assert len(split.items) == 3
    for below in (" ".join(MORE), MORE[0]):
        split = split_text("\n".join((*ARTICLE, "More on this topic", *glued, below)))
        assert split.paragraphs[:3] == ARTICLE


def test_an_arabic_title_ends_before_a_verb_with_which_sentences_open() -> None:
    article = (
        "بيعت شحنة من تمور المجهول تزن ثلاثة أطنان بسعر غير مسبوق في مزاد الواحة يوم الأربعاء، إذ بلغ الثمن مئة درهم.",
        "وقال رئيس تعاونية المزارعين إن المحصول تراجع بنحو الثلث بسبب موجة الحر التي ضربت الواحة في أيلول.",
    )
    lines = (
        "عودة المرض إلى نخيل الجنوبرصدت فرق الوزارة إصابات جديدة في أربع بلدات بعد غياب دام ستة أعوام...",
        "القنوات القديمة على قائمة التراثتمتد القنوات أكثر من ثلاثين كيلومترا وما زالت تسقي ألف بستان...",
    )
    split = split_text("\n".join((*article, "اقرأ أيضا", *lines)))
    assert split.paragraphs == article
    assert [entry.title for entry in split.items] == ["عودة المرض إلى نخيل الجنوب", "القنوات القديمة على قائمة التراث"]


SENTENCES = [
    ("Ferry owners fear the worst.", "Three of them mean to sell before the year is out, and a fourth has sold."),
    ("Who took the toll books?", "A clerk found an empty cellar where they had been for a hundred years."),
    ("Quiet came back to the valley.", "Nobody who lives there can say when it was last heard."),
]


def test_a_brief_sentence_before_another_is_a_title_below_a_known_heading() -> None:
    split = split_text("\n".join((*ARTICLE, "Related articles", *map(" ".join, SENTENCES))))
    assert split.paragraphs == ARTICLE
    assert [(entry.title, entry.snippet) for entry in split.items] == SENTENCES


@pytest.mark.parametrize("heading", ["In other news from the council", "More from the valley", "What to do now"])
def test_briefs_of_the_article_are_its_own(heading: str) -> None:
    split = split_text("\n".join((*ARTICLE, heading, *map(" ".join, SENTENCES))))
    assert split.paragraphs == (*ARTICLE, heading, *map(" ".join, SENTENCES))


def test_paragraphs_below_titles_that_are_sentences_leave_the_lines_where_they_are() -> None:
    text = "\n".join((*ARTICLE, "Related articles", *map(" ".join, SENTENCES), *ARTICLE))
    assert set(map(" ".join, SENTENCES)) <= set(split_text(text).paragraphs)


def test_a_title_as_short_as_the_longest_name_keeps_its_place() -> None:
    titles = (TITLES[0], "Fog over Wend", TITLES[2])
    split = split_text(page(*zip(titles, SNIPPETS, ("Maud Ferreira", "Ilya Brandt", "Tobias Erne"), AGES, strict=True)))
    assert split.paragraphs == ARTICLE
    assert [(entry.title, entry.snippet) for entry in split.items] == list(zip(titles, SNIPPETS, strict=True))


@pytest.mark.parametrize("dash", ["–", "—", "-"])
def test_what_all_titles_say_at_more_length_behind_a_dash_is_their_snippets(dash: str) -> None:
    told = (
        "at 91 he still ties the logs with hazel",
        "a habit from when all shared the water",
        "how a year ends with all the grandparents",
    )
    titles = ("The last raft on the Wend", "The mill that grinds on Thursdays", "The teacher with three pupils")
    lines = [(f"{title} {dash} {said}",) for title, said in zip(titles, told, strict=True)]
    assert [(entry.title, entry.snippet) for entry in split_text(page(*lines)).items] == list(zip(titles, told, strict=True))
    assert [entry.title for entry in split_text(page(*lines[:2], (TITLES[0],))).items] == [lines[0][0], lines[1][0], TITLES[0]]


JAPANESE = (
    "港町の銭湯「千鳥湯」の煙突に先月から明かりがともっている。漁師たちの頼みで、夜だけ灯台の代わりを務めることになったためだ。",
    "煙突は高さ二十三メートル。三代目の店主は「頼まれれば断る理由がない」と笑う。",
)


def test_sentences_below_a_known_heading_that_ends_the_page_are_entries_though_no_seam_shows() -> None:
    glued = (
        "番台に座って五十年千鳥湯の宮下さんが語る、町と湯の移り変わり。",
        "牛乳瓶はなぜ減ったのか洗浄工場は県内に二カ所だけになった。",
    )
    split = split_text("\n".join((*JAPANESE, "あわせて読みたい", *glued)))
    assert split.paragraphs == JAPANESE
    assert [entry.title + (entry.snippet or "") for entry in split.items] == list(glued)
    last = "海上保安部は「正式な航路標識ではない」としつつ、周知のための通知を出した。海図に載せる予定はないという。"
    assert split_text("\n".join((*JAPANESE, "銭湯のいま", *glued))).items == ()
    assert split_text("\n".join((*JAPANESE, "あわせて読みたい", *glued, last))).paragraphs[-1] == last


def test_a_ranked_source_with_a_capital_inside_its_name_is_no_title_with_a_snippet() -> None:
    source = "Source: HarborTimes - \U0001f3c6 41. / 63"
    split = split_text("\n".join((ARTICLE[0], "Read more:", source, *ARTICLE[1:], *page((TITLES[0], source)).splitlines()[3:])))
    assert split.paragraphs == ARTICLE
    assert [(entry.title, entry.source) for entry in split.items] == [(TITLES[0], "HarborTimes")]
