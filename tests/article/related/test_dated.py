"""Entries of plain-text blocks: lines with a date on the title's own line."""

from __future__ import annotations

import pytest

from worker.article.related import dated
from worker.article.related.lines import PlainPage
from worker.article.related.split import split_text

ARTICLE = (
    "The council of Harrowby approved the new bridge on Monday after a debate that lasted nearly five hours.\n"
    "Work on the crossing will begin in spring, and the old ferry will run until the last stone is set.\n"
    "The bridge is to open in three years, the engineer said, if the river allows.\n"
)
TITLES = ["Ferry owners fear for the future", "How bridges changed the whole valley", "Mill by the weir turns again"]
DATES = ["12 May 2024", "10 May 2024", "8 May 2024"]


@pytest.mark.parametrize("form", ["{title}, {date}", "{title} - {date}", "{title} {date}", "{date} | {title}", "{date} {title}"])
def test_a_date_at_either_end_of_the_titles_is_no_part_of_them(form: str) -> None:
    lines = [form.format(title=title, date=date) for title, date in zip(TITLES, DATES, strict=True)]
    split = split_text(ARTICLE + "Related articles\n" + "\n".join(lines))
    assert split.paragraphs == tuple(ARTICLE.splitlines())
    assert [(entry.title, entry.source, entry.published_at) for entry in split.items] == [
        (title, None, date) for title, date in zip(TITLES, DATES, strict=True)
    ]


@pytest.mark.parametrize(
    ("heading", "lines", "titles", "dates"),
    [
        (
            "相关阅读",
            [
                "1、三眼桥围挡拆除,三天接待游客两万人 03-18",
                "2、会计专业毕业生为何去学凿石头 02-27",
                "3、梅雨季古桥安全排查启动 2023-06-30",
            ],
            ["三眼桥围挡拆除,三天接待游客两万人", "会计专业毕业生为何去学凿石头", "梅雨季古桥安全排查启动"],
            ["03-18", "02-27", "2023-06-30"],
        ),
        (
            "Related articles",
            [f"{title} {day}" for title, day in zip(TITLES, ("24/12", "10/12", "08/11"), strict=True)],
            TITLES,
            None,
        ),
        (
            "Материалы по теме",
            [
                "12 сентября Новые троллейбусы прошли обкатку",
                "30 августа «Мост» показали в Перми",
                "3 февраля Почему просел путепровод: выводы комиссии",
            ],
            ["Новые троллейбусы прошли обкатку", "«Мост» показали в Перми", "Почему просел путепровод: выводы комиссии"],
            ["12 сентября", "30 августа", "3 февраля"],
        ),
    ],
)
def test_a_day_without_its_year_is_no_part_of_titles_that_all_have_one(
    heading: str, lines: list[str], titles: list[str], dates: list[str] | None
) -> None:
    split = split_text(ARTICLE + "\n".join([heading, *lines]))
    assert [entry.title for entry in split.items] == titles
    assert dates is None or [entry.published_at for entry in split.items] == dates


@pytest.mark.parametrize(
    "titles",
    [
        ["Harrowby loses to the Mill 10-12", "Weir beats the Ferrymen 21-12", "Valley beats the Mill 12-10"],
        ["12 школ Перми закрыли на ремонт", "10 жителей Закамска спасли лося", "Новые троллейбусы прошли обкатку"],
        ["5 причин поехать в Закамск", "3 маршрута вдоль реки", "12 мостов, которых больше нет"],
        ["10 Bridges To Cross", "7 Piers That Are Gone", "3 Reasons To Take The Ferry"],
    ],
)
def test_results_and_counts_are_the_titles(titles: list[str]) -> None:
    assert [entry.title for entry in split_text(ARTICLE + "\n".join(["Related articles", *titles])).items] == titles


def test_a_block_of_dated_titles_ends_with_the_last_of_them() -> None:
    last = "The harbour authority will meet again on Thursday to decide about the slipway and its seal."
    split = split_text(ARTICLE + "Related articles\n" + "".join(f"{title}, 12 May 2024\n" for title in TITLES) + last)
    assert [entry.title for entry in split.items] == TITLES
    assert split.paragraphs == (*ARTICLE.splitlines(), last)


def test_one_date_at_the_end_of_a_title_is_the_titles() -> None:
    split = split_text(ARTICLE + "Related articles\nThe bridge that is closed until 12 May 2024\nMill by the weir turns again\n")
    assert split.items[0].title == "The bridge that is closed until 12 May 2024"


def test_news_with_dates_are_told_from_a_chronicle_by_their_order() -> None:
    def listed(*dates: str) -> tuple[str, ...]:
        lines = "\n".join(f"{date} {title}" for title, date in zip(TITLES, dates, strict=True))
        return split_text(f"{ARTICLE}The news so far\n{lines}").paragraphs

    assert len(listed("12.05.2024", "10.05.2024", "28.04.2024")) == 3
    assert len(listed("28.04.2024", "10.05.2024", "12.05.2024")) == 7


@pytest.mark.parametrize("line", ["Market Square {day}.05.2024", "Market Square {day}.05.2024, 19:00"])
def test_where_and_when_below_each_title_make_a_programme(line: str) -> None:
    events = "\n".join(f"{title}\n{line.format(day=day)}" for title, day in zip(TITLES, (12, 13, 14), strict=True))
    assert split_text(f"{ARTICLE}{events}").items == ()
    assert split_text(f"{ARTICLE}What is on this week\n{events}").items == ()
    assert len(split_text(f"{ARTICLE}Related articles\n{events}").items) == 3


def test_links_of_markdown_are_titles_with_addresses() -> None:
    path = (
        "news/local/2024/05/12/with-a-name-as-long-as-addresses-tend-to-be-because-the-whole-title-is-written-out-in-them-once-more"
    )
    lines = "\n".join(f"- [{title}](https://post.example/{path}/{number})" for number, title in enumerate(TITLES))
    split = split_text(f"{ARTICLE}## Related articles\n{lines}\n")
    assert split.paragraphs == tuple(ARTICLE.splitlines())
    assert [(entry.title, entry.url) for entry in split.items] == [
        (title, f"https://post.example/{path}/{number}") for number, title in enumerate(TITLES)
    ]


def test_what_was_read_most_this_week_is_no_list_of_the_article() -> None:
    lines = "\n".join(f"{number} {title}" for number, title in enumerate(TITLES, start=1))
    assert [entry.title for entry in split_text(f"{ARTICLE}Mais lidas da semana\n{lines}").items] == TITLES


def test_the_word_for_a_source_that_all_titles_end_with_is_no_part_of_them() -> None:
    article = (
        "停用二十三年的临江北岸水塔经过一年改造，将于本周六作为观鸟站向市民开放，每天限额六十人，无需购票。\n"
        "水塔高三十一米，顶层安装了六台望远镜。施工时工人在塔身缝隙里发现雨燕巢，设计方因此保留了原有砖缝。\n"
        "市民可通过电话或社区服务中心预约。遇到五级以上大风，观鸟站将临时关闭，恢复时间另行通知。\n"
    )
    titles, names = ["雨燕为什么偏爱老砖墙", "北岸步道二期五月完工", "城里的旧水塔还剩几座"], ["江城日报", "临江发布", "老城周刊"]

    def listed(label: str, *days: str) -> list[tuple[str, str | None, str | None]]:
        lines = [f"{title}{label}:{name} {day}" for title, name, day in zip(titles, names, days, strict=True)]
        return [
            (entry.title, entry.source, entry.published_at)
            for entry in split_text(article + "猜你还想看\n" + "\n".join(lines)).items
        ]

    days = ["2024-03-12 08:30", "2024-03-11 17:05", "2024-03-08 10:00"]
    assert listed("来源", *days) == list(zip(titles, names, days, strict=True))
    assert listed("地点", *reversed(days)) == [], "a programme"
    days = ["2024-03-12", "2024-03-11", "2024-03-08"]
    assert listed("来源", *days) == list(zip(titles, names, days, strict=True))
    assert listed("来源", *reversed(days)) == [], "a chronicle"


def test_titles_with_colons_have_no_word_for_a_source_in_common() -> None:
    titles = ["Ferry owners: fear for the future", "How bridges changed: the valley", "Mill by the weir: turns again"]
    lines = "\n".join(f"{title}, {date}" for title, date in zip(titles, DATES, strict=True))
    assert [entry.title for entry in split_text(f"{ARTICLE}Related articles\n{lines}").items] == titles
    lines = "\n".join(f"{title} Source: Coast Gazette {date}" for title, date in zip(TITLES, DATES, strict=True))
    split = split_text(f"{ARTICLE}Related articles\n{lines}")
    assert [(entry.title, entry.source) for entry in split.items] == [(title, "Coast Gazette") for title in TITLES]


ROWS = [
    ("Ferry owners fear for the future", "Coast Gazette", "3 hours ago"),
    ("Bridges changed the whole valley", "The Harrowby Post", "5 hours ago"),
    ("Mill by the weir turns again", "ValeRadio.com", "yesterday"),
]


@pytest.mark.parametrize("heading", ["", "Full coverage of this story\n", "Related articles\n"])
def test_rows_that_end_with_source_and_age_are_entries_under_any_heading_and_none(heading: str) -> None:
    split = split_text(ARTICLE + heading + "".join(f"{' '.join(row)}\n" for row in ROWS) + "See more headlines & perspectives")
    assert split.paragraphs == tuple(ARTICLE.splitlines())
    assert [(entry.title, entry.source, entry.published_at) for entry in split.items] == ROWS


def test_a_source_stands_between_the_snippet_of_a_row_and_its_age() -> None:
    rows = (
        "Bridge for Harrowby at lastThe council voted for it late at night, and the ferry…Vale Radio 3 hours ago\n"
        "Ferry owners fear for the futureNobody will row who can walk, says one.Coast Gazette 1 day ago · Opinion\n"
        "How bridges changed the valleyA hundred years of crossings, and a few of them in…Coast Gazette yesterday\n"
    )
    split = split_text(ARTICLE + rows)
    assert split.paragraphs == tuple(ARTICLE.splitlines())
    assert [(entry.title, entry.snippet, entry.source) for entry in split.items] == [
        ("Bridge for Harrowby at last", "The council voted for it late at night, and the ferry…", "Vale Radio"),
        ("Ferry owners fear for the future", "Nobody will row who can walk, says one.", "Coast Gazette"),
        ("How bridges changed the valley", "A hundred years of crossings, and a few of them in…", "Coast Gazette"),
    ]


def test_nouns_in_capitals_at_the_end_of_a_title_are_no_source() -> None:
    rows = (
        "Küstenbote meldet neue Flut vor 3 Stunden\nNeue Brücke steht im Tal vor 5 Stunden\nMühle am Wehr dreht ihr Rad gestern\n"
    )
    assert [entry.source for entry in split_text(ARTICLE + rows).items] == [None] * 3


@pytest.mark.parametrize(
    "rows",
    [
        "Harrowby to Vale 25 min\nVale to Port Askew 2h\nPort Askew to Denning 1 h 10 min\n",
        "Harrowby to Vale 2 hours 5 minutes\nVale to Port Askew 2 hours 7 minutes\nPort Askew to Denning 3 hours 10 minutes\n",
        "Harrowby to Vale 3 hours\nVale to Port Askew 2 hours\nPort Askew to Denning 3 days\n",
        "从柳湾到石埠 3小时\n从石埠到怀江 2小时\n从怀江到柳湾 40分钟\n",
        "Fair on the village green 12 May\nFair by the weir of Vale 13 May\nFair at the mill 14 May\n",
        "The council met for the first time 3 days ago.\nIt voted on the ferry 2 days ago.\nIt voted on the bridge 5 hours ago.\n",
    ],
)
def test_days_and_durations_at_the_ends_of_lines_are_the_articles(rows: str) -> None:
    split = split_text(ARTICLE + rows + "All of this may change, the engineer said, if the river does not allow it.\n")
    assert len(split.paragraphs) == len(ARTICLE.splitlines()) + len(rows.splitlines()) + 1
    assert split.items == ()


@pytest.mark.parametrize("date", ["{} May, 09:12", "{} мая, 09:12", "{}. Mai, 09:12"])
def test_a_day_with_its_hour_before_each_title_is_when_it_came_out(date: str) -> None:
    lines = "\n".join(f"{date.format(day)} {title}" for day, title in zip((17, 16, 2), TITLES, strict=True))
    items = split_text(f"{ARTICLE}Related articles\n{lines}").items
    assert [(entry.title, entry.published_at) for entry in items] == [
        (title, date.format(day)) for day, title in zip((17, 16, 2), TITLES, strict=True)
    ]


RECENT = ["12 minutes ago", "3 hours ago", "5 hours ago"]


@pytest.mark.parametrize("ages", [RECENT, ["২ ঘণ্টা আগে", "৩ ঘণ্টা আগে", "৪ ঘণ্টা আগে"], ["2시간전", "3시간전", "4시간전"]])
def test_how_long_ago_below_each_title_makes_a_block_under_whatever_lines(ages: list[str]) -> None:
    lines = [line for pair in zip(TITLES, ages, strict=True) for line in pair]
    split = split_text(ARTICLE + "Harrowby\nBridges\nThe valley\n" + "\n".join(lines))
    assert split.paragraphs[:3] == tuple(ARTICLE.splitlines())
    assert [(entry.title, entry.published_at) for entry in split.items] == list(zip(TITLES, ages, strict=True))


@pytest.mark.parametrize("ages", [["3 days", "5 days", "2 weeks"], ["12 May", "14 May", "16 May"], ["10:30", "11:15", "12:00"]])
def test_durations_and_days_below_lines_are_the_articles(ages: list[str]) -> None:
    lines = [line for pair in zip(TITLES, ages, strict=True) for line in pair]
    assert split_text(ARTICLE + "Harrowby\nBridges\nThe course\n" + "\n".join(lines)).items == ()


def test_a_title_cut_short_behind_its_date_is_an_entry_like_those_beside_it() -> None:
    rows = [
        "17/05 | Ferry owners fear for the future",
        "16/05 | How bridges changed the whole…",
        "15/05 | Why does the mill turn again?",
    ]
    split = split_text(ARTICLE + "Related articles\n" + "\n".join(rows))
    assert [(entry.title, entry.published_at) for entry in split.items] == [(row[8:], row[:5]) for row in rows]


def test_when_the_page_was_changed_ends_its_entries() -> None:
    titles = ["廃校どうする、全国で活用進む", "返礼品に「薪割り体験」、申し込み殺到のわけ"]
    split = split_text(ARTICLE + "\n".join(("関連記事", *titles, "最終更新：11/18(火) 9:12", "美濃山日報")))
    assert [entry.title for entry in split.items] == titles


def test_an_age_without_a_source_closes_its_entry_among_others_that_have_both() -> None:
    lines = (
        TITLES[0],
        "Agora",
        TITLES[1],
        "It was quieter before",
        "Há 2 horas — Em Vale",
        TITLES[2],
        "It creaks",
        "Há 5 horas — Em Vale",
    )
    split = split_text(ARTICLE + "Mais do Portal\n" + "\n".join(lines))
    assert [(entry.title, entry.published_at) for entry in split.items] == list(
        zip(TITLES, ["Agora", "Há 2 horas", "Há 5 horas"], strict=True)
    )


@pytest.mark.parametrize("clocks", [["09:02", "08:47", "08:30"], ["9.02", "8.47", "8.30"]])
@pytest.mark.parametrize("foot", ["Підписуйтесь на наш Telegram-канал", "Вчора Могилів відсвяткував день міста\nПро нас"])
def test_titles_at_the_end_that_open_with_times_which_run_back_are_a_ticker(clocks: list[str], foot: str) -> None:
    lines = [f"{clock} {title}" for clock, title in zip(clocks, TITLES, strict=True)]
    split = split_text(ARTICLE + "\n".join((*lines, foot)))
    assert split.paragraphs[:3] == tuple(ARTICLE.splitlines())
    assert [(entry.title, entry.published_at) for entry in split.items][:3] == list(zip(TITLES, clocks, strict=True))
    assert ("Могилів відсвяткував день міста" in {entry.title for entry in split.items}) is foot.startswith("Вчора")


@pytest.mark.parametrize(
    "lines",
    [
        ["08:30 The ferry sails", "08:47 The choir sings at the pier", "09:02 The mayor cuts the ribbon"],
        [
            "09:02 The mayor cuts the ribbon",
            "08:47 The choir sings at the pier",
            "08:30 The ferry sails",
            "It sails once more at noon.",
        ],
        ["09:02 The mayor cuts the ribbon", "08:47 The choir sings at the pier"],
    ],
)
def test_a_programme_and_what_the_article_goes_on_below_are_its_own(lines: list[str]) -> None:
    assert split_text(ARTICLE + "\n".join(lines)).paragraphs == (*ARTICLE.splitlines(), *lines)


_ARTICLE = [
    "The council of Harrowby approved the new bridge on Monday after a debate that lasted nearly five hours.",
    "Two of its members voted against it, since the old one may still be repaired, as an engineer told them.",
]
_TOLD = [
    ("Evening Post", "Otters come back to the weir", "Anglers on both banks want the fish pass closed again.", "4h ago"),
    ("Coast Gazette", "Toll house for sale after ten years", "The roof has gone and nobody wants to pay for a new...", "yesterday"),
    ("MarketPulse", "Ferry to the islands will run at night", "Fares stay as they are, and crews get a second shift.", "2d ago"),
]


@pytest.mark.parametrize("first", [0, 1])
def test_source_title_snippet_and_how_long_ago_make_entries_without_a_heading(first: int) -> None:
    split = split_text("\n".join([*_ARTICLE, *(line for entry in _TOLD for line in entry[first:])]))
    assert [(entry.title, entry.snippet) for entry in split.items] == [entry[1:3] for entry in _TOLD]
    assert split.paragraphs == tuple(_ARTICLE)


def test_parts_of_an_article_that_end_with_how_long_they_take_stay() -> None:
    steps = [
        (title, snippet, minutes) for (_, title, snippet, _), minutes in zip(_TOLD, ("10 minutes", "5 min", "1h"), strict=True)
    ]
    split = split_text("\n".join([*_ARTICLE, *(line for step in steps for line in step)]))
    assert split.items == ()


def test_figures_below_ages_hide_no_entry() -> None:
    below = [line for source, title, _, age in _TOLD for line in (title, source, age, "1.4K", "31")]
    split = split_text("\n".join([*_ARTICLE, "You may also like", *below]))
    assert [(entry.title, entry.source) for entry in split.items] == [(title, source) for source, title, _, _ in _TOLD]


def test_a_row_of_section_names_that_opens_as_a_heading_does_takes_no_headline() -> None:
    head = ["Latest news", "Politics Society Sport", "Ferry to the islands will run at night", "By Mara Ellwood"]
    assert split_text("\n".join([*head, *_ARTICLE])).items == ()


MORE = "Three hundred people came to the hall to hear the vote, and two of them spoke against the plan."


@pytest.mark.parametrize("heading", ["Related articles", "More of the valley"])
@pytest.mark.parametrize("days", [("04/03/2026 21h10", "04/03/2026 18h33", "03/03/2026 09h05"), ("12.03", "11.03", "09.03")])
def test_days_that_are_joined_to_titles_are_no_part_of_them(heading: str, days: tuple[str, ...]) -> None:
    lines = [title + day for title, day in zip(TITLES, days, strict=True)]
    split = split_text("\n".join((ARTICLE + heading, *lines, "© Valley Post")))
    assert split.paragraphs == tuple(ARTICLE.splitlines())
    assert [(entry.title, entry.published_at) for entry in split.items] == list(zip(TITLES, days, strict=True))


@pytest.mark.parametrize(
    "lines",
    [
        [f"{title}{day}" for title, day in zip(TITLES, ("09.03", "11.03", "12.03"), strict=True)],
        [*(f"{title}{day}" for title, day in zip(TITLES, ("12.03", "11.03", "09.03"), strict=True)), MORE],
    ],
    ids=["running forward", "amid the article"],
)
def test_days_that_are_joined_to_lines_of_the_article_stay_with_it(lines: list[str]) -> None:
    text = "\n".join((ARTICLE.rstrip(), *lines))
    assert "\n".join(split_text(text).paragraphs) == text


@pytest.mark.parametrize("form", ["{clock}", "WORLD | {clock}", "{clock} • Valley"])
def test_titles_below_times_that_run_back_to_the_pages_end_are_entries(form: str) -> None:
    lines = [
        line for clock, title in zip(("12:58", "12:40", "9:21"), TITLES, strict=True) for line in (form.format(clock=clock), title)
    ]
    split = split_text(ARTICLE + "\n".join(lines))
    assert split.paragraphs == tuple(ARTICLE.splitlines())
    assert [(entry.title, entry.published_at) for entry in split.items] == list(
        zip(TITLES, ("12:58", "12:40", "9:21"), strict=True)
    )


def test_titles_below_times_that_run_forward_or_before_the_articles_end_are_its_own() -> None:
    forward = [line for clock, title in zip(("9:21", "12:40", "12:58"), TITLES, strict=True) for line in (clock, title)]
    back = [line for clock, title in zip(("12:58", "12:40", "9:21"), TITLES, strict=True) for line in (clock, title)]
    assert not split_text(ARTICLE + "\n".join(forward)).items, "a programme"
    assert not split_text(ARTICLE + "\n".join([*back, *ARTICLE.splitlines()[:1]])).items, "what came when"


def test_many_lines_that_open_with_one_time_are_each_read_a_few_times(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def is_title(line: str) -> bool:
        read.append(line)
        return True

    monkeypatch.setattr(dated, "_is_title", is_title)
    lines = ["15:20 A title of some words"] * 3000
    dated.cut_rows(PlainPage(lines))
    assert len(read) < 1000 * len(lines)


def test_brackets_around_the_source_open_rows_with_their_day() -> None:
    article = (
        "临江市最后一家手工秤店本周关门，店主把二百多杆旧秤捐给了市民俗馆。\n"
        "最忙的时候，店里每天卖出四十杆秤，买主从菜贩到药铺都有。\n"
    )
    rows = (
        "[临江晚报]老街再少一块招牌　05月13日 16:40\n"
        "[民俗馆]二百零六杆旧秤入藏清单公布　05月13日 10:05\n"
        "[临江网]非遗传承调查：老手艺人去哪儿了　05月09日 07:58"
    )
    split = split_text(f"{article}（记者 许青禾）\n更多内容，其他媒体报道\n{rows}")
    assert [(entry.source, entry.title[:4]) for entry in split.items] == [
        ("临江晚报", "老街再少"),
        ("民俗馆", "二百零六"),
        ("临江网", "非遗传承"),
    ]
    assert "更多内容，其他媒体报道" not in split.paragraphs
