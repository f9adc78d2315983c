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
    split = split_text(text)
    assert [entry.title for entry in split.items] == list(titles)
    assert split.paragraphs == ARTICLE


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


PARTS = (
    "Where the money comes from",
    "A third is paid by the county, the rest by those who drive across.",
    "What the ferry men say",
    "They say that nobody asked them.",
    "When the work begins",
    "It begins in May, if the river lets it.",
)


@pytest.mark.parametrize(
    "block", [("Related: How the bridges changed the valley",), ("Related", *TITLES[:1]), ("Related", *TITLES)]
)
@pytest.mark.parametrize("rest", [(), MORE])
def test_titles_alone_are_a_block_and_the_articles_parts_below_them_are_none(block: tuple[str, ...], rest: tuple[str, ...]) -> None:
    split = split_text("\n".join((*ARTICLE, *block, *PARTS, *rest)))
    assert split.paragraphs == (*ARTICLE, *PARTS, *rest)
    titles = block[1:] or (block[0].removeprefix("Related: "),)
    assert tuple(entry.title for entry in split.items) == titles


CHINESE = (
    "每逢单日，雷公坪村的陈启明都要走七公里山路去镇上取报纸。报纸是普通的报纸，到了他手里却要变个样子："
    "他先请邮政所的小龙念一遍，自己用盲文笔一点一点扎在旧挂历纸上，再背回村里，念给坐在鼓楼下面的老人听。",
    "陈启明今年五十三岁，九岁时因为一场高烧失明。十二年前，他从县里的按摩店回乡照顾母亲，发现村里的年轻人都走了，"
    "剩下的老人大多不识字。“他们眼睛好，可是看不懂。我看不见，可是摸得懂，”他说，“凑在一起，正好是一双眼睛。”",
    "最受欢迎的是天气和菜价，其次是第四版的社会新闻。老人们听完还要议论，有时一条新闻能说上三天。去"
    "年冬天，报上登了一篇关于农村合作医疗的解读，陈启明连着念了五遍，村里当月就多了十九个人去办手续。",
    "镇邮政所长杨秀英给记者看了一张清单。十二年来，陈启明取走了两千一百多份报纸，扎了六千多张盲文纸。纸不够用，"
    "村小学的孩子就把用完的挂历、年画和试卷攒起来送给他。有一位老人过世前留下话，把自己家里三十年的挂历都给了他。",
    "今年三月,村里通了公路,邮车可以开到鼓楼门口。陈启明去镇上的次数反倒没有少。他说,走惯了,绳子上的结还等着他数。",
)


def test_a_figure_in_a_japanese_paragraph_shows_no_seam() -> None:
    rest = (
        "思わぬ効果もあった。町を離れていた人が戻り、旧校舎の図書室が週3日開くようになった。来春からは中学校の学習に組み込まれる。",
        "初物は全部で410グラム。値段を付ければ20万円ほどになったが、売らないと決めていた。試食会では「イクラのほうが好き」と言う人もいた。",
    )
    split = split_text("\n".join((*JAPANESE, "関連記事", "廃校どうする、全国で活用進む", *rest)))
    assert split.paragraphs == (*JAPANESE, *rest)
    assert [entry.title for entry in split.items] == ["廃校どうする、全国で活用進む"]


@pytest.mark.parametrize("heading", ["延伸阅读：一个人的邮路：他在悬崖上走了二十八年", "更多新闻报道"])
def test_paragraphs_of_several_sentences_are_no_titles_with_snippets(heading: str) -> None:
    block = ("大家都在看", "退休教师自费为山村订报，一订就是三十年", "九十岁老木匠收了一个洋徒弟")
    split = split_text("\n".join((*CHINESE[:2], heading, *CHINESE[2:], *block)))
    assert set(CHINESE) <= set(split.paragraphs)
    assert {entry.title for entry in split.items} - {heading.removeprefix("延伸阅读：")} == set(block[1:])


@pytest.mark.parametrize(
    "links",
    [
        ("Contact us", "Terms"),
        ("Mentions légales", "CGU", "Gérer mes cookies"),
        ("KÜNYE", "İLETİŞİM", "GİZLİLİK POLİTİKASI"),
        ("Про нас", "Реклама на сайті"),
        ("利用規約", "プライバシーポリシー"),
    ],
)
def test_links_of_the_sites_foot_are_no_entries(links: tuple[str, ...]) -> None:
    split = split_text("\n".join((*ARTICLE, "Related", *TITLES, *links)))
    assert split.paragraphs == ARTICLE
    assert tuple(entry.title for entry in split.items) == TITLES
    assert split_text("\n".join((*ARTICLE, *links))).paragraphs == ARTICLE


def test_snippets_without_a_mark_at_their_end_are_longer_than_all_titles() -> None:
    snippets = (
        "Three of them mean to sell, and a fourth will wait for what the summer brings",
        "It was quieter before the first one, and the inn at the crossroads had more guests",
        "A clerk found the books in a cellar, and the figures in them do not add up",
    )
    split = split_text(
        "\n".join((*ARTICLE, "Latest news", *(line for pair in zip(TITLES, snippets, strict=True) for line in pair)))
    )
    assert [(entry.title, entry.snippet) for entry in split.items] == list(zip(TITLES, snippets, strict=True))
    split = split_text("\n".join((*ARTICLE, "Latest news", *TITLES, *snippets)))
    assert [entry.title for entry in split.items] == [*TITLES, *snippets]


def test_names_of_four_words_below_titles_are_their_sources() -> None:
    lines = (TITLES[0], "Lone Star Public Radio", TITLES[1], "The Prairie Ledger")
    split = split_text("\n".join((*ARTICLE, "Up next", *lines)))
    assert [(entry.title, entry.source) for entry in split.items] == [lines[:2], lines[2:]]


def test_keywords_below_the_titles_that_end_a_page_are_none() -> None:
    split = split_text("\n".join((*ARTICLE, "Related", *TITLES, "Harrowby Council", "Bridges", "Ferries", "About us")))
    assert tuple(entry.title for entry in split.items) == TITLES
    assert split.paragraphs == ARTICLE
    split = split_text("\n".join((*ARTICLE, "Related", *TITLES, "Bridges burn")))  # one may be a title
    assert len(split.items) == 4


def test_a_line_that_says_when_each_entry_came_out_is_part_of_it() -> None:
    stamps = ("Published on 21/1/2026", "Published on 14/1/2026", "Published on 9/1/2026")
    split = split_text(page(*zip(TITLES, SNIPPETS, stamps, strict=True)))
    assert [(entry.title, entry.snippet) for entry in split.items] == list(zip(TITLES, SNIPPETS, strict=True))
    assert [entry.published_at for entry in split.items] == ["21/1/2026", "14/1/2026", "9/1/2026"]
    assert split.paragraphs == ARTICLE


def test_when_an_article_came_out_and_was_changed_is_of_no_entry() -> None:
    above = page((TITLES[0],), (TITLES[1],))
    split = split_text(f"{above}\nPublished: 12 May 2024\nUpdated: 13 May 2024\n{MORE[0]}")
    assert [entry.title for entry in split.items] == list(TITLES[:2])


def test_one_of_three_entries_may_have_no_date() -> None:
    split = split_text(page((TITLES[0],), (TITLES[1], "Updated: 21 minutes ago"), (TITLES[2], "Updated: 2 hours ago")))
    assert [entry.title for entry in split.items] == list(TITLES)
    assert split.paragraphs == ARTICLE


def test_snippets_without_a_mark_at_their_end_are_parted_from_the_titles_that_run_into_them() -> None:
    snippets = (
        "Three of them mean to sell by the summer",
        "It was quieter before the first one came",
        "A clerk found the books in a cellar",
    )
    split = split_text(page(*((f"{title}{snippet}",) for title, snippet in zip(TITLES, snippets, strict=True))))
    assert [(entry.title, entry.snippet) for entry in split.items] == list(zip(TITLES, snippets, strict=True))


def test_a_title_with_a_bullet_above_a_paragraph_is_an_entry_though_the_article_goes_on_in_parts() -> None:
    last = "Screenplay: how the toll came to the stage"
    block = ("Related articles:", f"• {TITLES[0]}", f"• {TITLES[1]}", f"• {last}")
    rest = (*MORE, "What will change for walkers", ARTICLE[1], "What it has cost", ARTICLE[2])
    split = split_text("\n".join((ARTICLE[0], *block, *rest)))
    assert [entry.title for entry in split.items] == [*TITLES[:2], last]
    assert split.paragraphs == (ARTICLE[0], *rest)


@pytest.mark.parametrize("marks", ["()", "[]"])
def test_a_source_in_brackets_behind_titles_with_snippets_is_no_part_of_them(marks: str) -> None:
    titles = [f"{title} {marks[0]}{name}{marks[1]}" for title, name in zip(TITLES, NAMES, strict=True)]
    split = split_text(page(*zip(titles, SNIPPETS, strict=True)))
    assert split.paragraphs == ARTICLE
    assert [(entry.title, entry.snippet, entry.source) for entry in split.items] == list(zip(TITLES, SNIPPETS, NAMES, strict=True))


def test_brackets_behind_some_titles_stay() -> None:
    titles = [TITLES[0], f"{TITLES[1]} (video)", TITLES[2]]
    split = split_text(page(*zip(titles, SNIPPETS, strict=True)))
    assert [entry.title for entry in split.items] == titles


RANKED = (
    "갯벌에 빠진 관광버스, 트랙터 다섯 대가 꺼냈다",
    "흑산도 홍어값 반 토막에 위판장 '썰렁'",
    "염전 위 태양광, 소금 농부의 두 번째 월급",
)


def test_what_was_counted_when_is_no_entry_of_a_ranking() -> None:
    split = split_text(page(*((title,) for title in RANKED), heading="남도신문 랭킹 뉴스\n오전 9시~10시까지 집계한 조회수입니다."))
    assert tuple(entry.title for entry in split.items) == RANKED
    assert split.paragraphs == ARTICLE


def test_a_heading_right_below_a_heading_is_no_entry() -> None:
    split = split_text(page(*((title,) for title in RANKED), heading="남도신문 언론사가 직접 선정한 이슈\n남도신문 헤드라인"))
    assert tuple(entry.title for entry in split.items) == RANKED
    assert split.paragraphs == ARTICLE


def test_lines_with_another_mark_below_a_list_go_with_it_and_are_no_entries() -> None:
    listed = [f"☞ {title}" for title in TITLES]
    split = split_text(
        "\n".join((*ARTICLE, "Related articles", *listed, "▶ Have the Post brought to your door", "▶ Tell us what you saw"))
    )
    assert tuple(entry.title for entry in split.items) == TITLES
    assert split.paragraphs == ARTICLE
    split = split_text("\n".join((*ARTICLE, "Related articles", f"☞ {TITLES[0]}", *(f"▶ {title}" for title in TITLES[1:]))))
    assert tuple(entry.title for entry in split.items) == TITLES  # one mark of its own tells nothing


@pytest.mark.parametrize(
    ("lines", "titles"),
    [
        ([f"{number}{title}" for number, title in enumerate(TITLES, 1)], TITLES),
        (["1부 등대의 밤", "2부 섬마을 학교", "3부 마지막 배"], ("1부 등대의 밤", "2부 섬마을 학교", "3부 마지막 배")),
        ([f"1{TITLES[0]}", f"2{TITLES[1]}"], (f"1{TITLES[0]}", f"2{TITLES[1]}")),
    ],
    ids=["run into titles", "a counter", "two alone"],
)
def test_numbers_that_count_up_are_taken_off_though_they_run_into_titles(lines: list[str], titles: tuple[str, ...]) -> None:
    split = split_text("\n".join((*ARTICLE, "Most read", *lines)))
    assert tuple(entry.title for entry in split.items) == titles


def test_entries_with_source_and_age_below_the_comments_are_returned_and_comments_are_not() -> None:
    comments = ("Comments / 14", "Add a Comment", "River Joe", "2d ago", "So proud of this town.", "View all comments")
    entries = [line for entry in zip(TITLES, NAMES, AGES, strict=True) for line in entry]
    split = split_text("\n".join((*ARTICLE, *MORE, *comments, "You may also like", *entries)))
    assert [(entry.title, entry.source) for entry in split.items] == list(zip(TITLES, NAMES, strict=True))
    assert split.paragraphs == (*ARTICLE, *MORE)
    sorted_by = (
        "Comments / 14",
        "Add a Comment",
        "Most popular",
        "River Joe",
        "2d ago",
        "So proud.",
        "Ann of Wend",
        "3d ago",
        "Me too.",
    )
    assert not split_text("\n".join((*ARTICLE, *MORE, *sorted_by))).items


@pytest.mark.parametrize("titles", [2, 3])
def test_the_last_paragraph_below_titles_alone_is_the_articles(titles: int) -> None:
    listed = ["Valley dairy to close in March", "Who pays for the coast road", "Six farms and one lorry"][:titles]
    last = "The market is to stay open until the end of the month, with readings every Thursday by the well."
    split = split_text("\n".join([*ARTICLE, "Related articles", *listed, last]))
    assert [(entry.title, entry.snippet) for entry in split.items] == [(title, None) for title in listed]
    assert split.paragraphs[-1] == last
