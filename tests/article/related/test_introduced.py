"""Titles below a heading that no lexicon knows: another's news, or a list of the article's own."""

from __future__ import annotations

import pytest

from worker.article.related.split import split_text

OPENING = (
    "The valley's last dairy will close in March, after ninety years and four owners, its board told the twelve workers on Tuesday "
    "morning.\nMilk from the six farms that are left will go by lorry to the coast, two hours away on a road that floods every "
    "autumn.\n"
)
REST = (
    "The board blames the price of power, which doubled in three years, and a buyer who left for a larger dairy in summer.\n"
    "A farmer at the meeting said that nobody had asked the farms whether they would pay more to keep the place open.\n"
)


@pytest.mark.parametrize("heading", ["Seen this?", "On the front page"])
def test_titles_with_a_sentence_each_among_paragraphs_are_anothers(heading: str) -> None:
    pairs = (
        "Lighthouse keepers wanted for two winters\nNo experience with lamps is needed.\n"
        "Choir of forty dogs sings at the fair\nThe judges were unanimous, and deaf.\n"
    )
    split = split_text(f"{OPENING}{heading}\n{pairs}{REST}")
    assert [entry.title for entry in split.items] == [
        "Lighthouse keepers wanted for two winters",
        "Choir of forty dogs sings at the fair",
    ]
    assert split.paragraphs == tuple((OPENING + REST).splitlines())


@pytest.mark.parametrize("heading", ["What our paper wrote before", "From the same desk"])
def test_a_heading_that_comes_again_closes_no_entries(heading: str) -> None:
    first, second = (
        "How the valley lost its railway\nA cheese that nobody ate\n",
        "The last lorry on the coast road\nWhy farms keep fewer cows\n",
    )
    split = split_text(f"{OPENING}{heading}\n{first}{REST}{heading}\n{second}")
    assert [entry.title for entry in split.items] == (first + second).splitlines()
    assert split.paragraphs == tuple((OPENING + REST).splitlines())


@pytest.mark.parametrize("heading", ["Read more", "Leia mais", "From the same desk"])
@pytest.mark.parametrize(
    "ending", ["", "Nobody has made an offer for the building, which belongs to the county and stands by the river.\n"]
)
def test_titles_between_paragraphs_below_one_heading_take_no_paragraph(heading: str, ending: str) -> None:
    titles = ["How the valley lost its railway", "The last lorry on the coast road", "Why farms keep fewer cows"]
    paragraphs = (OPENING + REST).splitlines()
    promos = [f"{heading}\n{title}\n{paragraph}\n" for title, paragraph in zip(titles, paragraphs[1:], strict=True)]
    split = split_text(f"{paragraphs[0]}\n{''.join(promos)}{ending}")
    assert [entry.title for entry in split.items][:2] == titles[:2]
    assert {*paragraphs, *ending.splitlines()} <= {*split.paragraphs}


@pytest.mark.parametrize("heading", ["Related stories", "Seen this?"])
@pytest.mark.parametrize("closing", ["Read on »", "Valley Post · 2 hours ago"], ids=["closing", "source"])
def test_the_article_between_two_blocks_is_no_entry(heading: str, closing: str) -> None:
    first, second = (
        ("How the valley lost its railway", "A cheese that nobody ate"),
        ("The last lorry on the road", "Why farms keep fewer cows"),
    )
    blocks = [f"{heading}\n" + "".join(f"{title}\n{closing}\n" for title in titles) for titles in (first, second)]
    split = split_text(f"{OPENING}{blocks[0]}{REST}{blocks[1]}{OPENING.replace('Tuesday', 'Monday').replace('autumn', 'spring')}")
    assert [entry.title for entry in split.items] == [*first, *second]
    assert {*OPENING.splitlines(), *REST.splitlines()} <= {*split.paragraphs}


def test_what_closes_entries_heads_them_too() -> None:
    titles = ["How the valley lost its railway", "A cheese that nobody ate", "Why farms keep fewer cows"]
    first, second, third = (f"{title}\nRead more »\n" for title in titles)
    split = split_text(f"{OPENING}Read more\n{first}{second}{REST}Read more\n{third}{OPENING.replace('Tuesday', 'Monday')}")
    assert [entry.title for entry in split.items] == titles
    assert {*OPENING.splitlines(), *REST.splitlines()} <= {*split.paragraphs}


@pytest.mark.parametrize("heading", ["More on the dairy", "More news from the valley"])
@pytest.mark.parametrize(
    "line", ["{number}. {title}", "Valley Post · {number} hours ago\n{title}"], ids=["numbered", "source first"]
)
def test_a_heading_may_name_what_the_article_is_on(heading: str, line: str) -> None:
    titles = ["How the valley lost its railway", "A cheese that nobody in the valley ate", "Why farms keep fewer cows for milk"]
    entries = "\n".join(line.format(number=number, title=title) for number, title in enumerate(titles, 1))
    split = split_text(f"{OPENING}{heading}\n{entries}\n{REST}")
    assert [entry.title for entry in split.items] == titles
    assert split.paragraphs == tuple((OPENING + REST).splitlines())


def test_one_title_may_end_the_page() -> None:
    split = split_text(f"{OPENING}{REST}From the same desk\nWhy farms keep fewer cows")
    assert [entry.title for entry in split.items] == ["Why farms keep fewer cows"]


def test_a_name_below_the_last_sentence_hides_no_heading() -> None:
    titles = "How the valley lost its railway\nA cheese that nobody wanted to eat\n"
    split = split_text(f"{OPENING}{REST}Marta Oldfield\nFrom the same series\n{titles}")
    assert [entry.title for entry in split.items] == titles.splitlines()
    assert "Marta Oldfield" in (*split.paragraphs, *split.authors)


@pytest.mark.parametrize(
    "listed",
    [
        "Click through and tell the board now:\nWhich of the farms you buy your milk from\nWhat the price of power means\n"
        "How the workers could keep the dairy open\nWhy the buyer left in summer\n",
        "What the workers can do now\nAsk for the papers before the end of March\nThe board has to hand them over.\n"
        "Look for work at the two bakeries\nBoth need people who rise early.\n",
        "Three questions to the board\nWhy does the dairy have to close?\nThe price of power leaves no choice.\n"
        "What becomes of the building?\nNobody has made an offer yet.\n",
        "How to make butter at home\n1. Let the cream stand for a day in a cool place\nIt should be a little sour.\n"
        "2. Beat it until the butter parts from the milk\nThis takes a quarter of an hour.\n",
        "The last day of the dairy\n10:00 Tour of the old boiler house with the foreman\n"
        "11:30 Songs by the children of the valley school\n14:00 Auction of the churns and the tiled signs\n",
        "What the papers say\nThe Valley Post calls the decision a scandal\nIts leader asks who profits from the road.\n"
        "The Coast Herald sees no other way\nIt has printed the figures in full.\n",
    ],
    ids=["announced", "advice", "answers", "steps", "programme", "press"],
)
def test_a_list_of_the_article_among_paragraphs_is_its_own(listed: str) -> None:
    split = split_text(OPENING + listed + REST)
    assert split.items == ()
    assert split.paragraphs == tuple((OPENING + listed + REST).splitlines())


@pytest.mark.parametrize(
    ("heading", "count"), [("Also in “Wend”", 3), ("Also at “Dairy”", 0), ("Songs in “Wend”", 0), ("Also in Wend", 0)]
)
def test_more_in_a_paper_of_which_the_article_says_nothing_is_anothers(heading: str, count: int) -> None:
    entries = (
        "How the farms of the valley lost their railway\nTwo of the stations are still there.\n"
        "Why the coast road floods every autumn again\nThe ditch was filled forty years ago.\n"
        "Twelve workers buy a dairy and keep it open\nThe board of the last one gave advice.\n"
    )
    milk = "The first lorry came on Monday, and the driver asked for the way to the “Dairy” three times before he found it.\n"
    # Of an article without parts, any heading above such entries would be another's.
    split = split_text(f"{OPENING}The last day\n{REST}{milk}{heading}\n{entries}")
    assert [entry.title for entry in split.items] == entries.splitlines()[::2][:count]


def test_a_picture_with_its_credit_and_a_form_stand_around_a_block_and_not_in_it() -> None:
    titles = "How the dairy of the valley began\nFarmers of the coast road: who is left?\nThe last buyer, a portrait\n"
    form = "Sign up for our newsletter, it comes every Friday\nYour email address\nJoin in\n"
    split = split_text(f"{OPENING}{REST}The yard in winter. / PHOTO: A. MILLS\nMore stories from the river\n{titles}{form}")
    assert [entry.title for entry in split.items] == titles.splitlines()
    assert split.paragraphs == tuple((OPENING + REST).splitlines())


def test_a_headline_that_speaks_of_headlines_heads_no_block() -> None:
    head = "The ferry broke loose, and so did the front pages\nThe week in our newspapers\nWords: Kathleen Sendry\n"
    split = split_text(head + OPENING + REST)
    assert split.items == ()
    assert set((OPENING + REST).splitlines()) <= set(split.paragraphs)


def test_below_a_block_another_may_have_a_heading_that_says_less() -> None:
    known = "Related\nLighthouse keepers wanted for two winters\nChoir of forty dogs sings at the fair\n"
    titles = ["How the valley lost its railway", "Farms keep fewer cows, and sell them sooner", "A cheese that nobody ate"]
    other = "Updated: 12 May 2024\nVale Post\nToday's news\n" + "\n".join(titles)
    split = split_text(OPENING + REST + known + other)
    assert [entry.title for entry in split.items][2:] == titles
    assert split.paragraphs == tuple((OPENING + REST).splitlines())
    listed = "What it means\n" + "\n".join(titles)
    assert split_text(OPENING + known + REST + listed).paragraphs == tuple((OPENING + REST + listed).splitlines())


@pytest.mark.parametrize("paper", ["The Vale News", "北陸日日新聞"])
def test_a_paper_named_above_the_article_heads_no_block(paper: str) -> None:
    first, second = OPENING.splitlines()
    head = f"Nine dairies, and then none\n{paper}\nThe last of nine dairies in the valley\n"
    page = f"{head}{first}\n[Picture] Lorries on the flooded coast road\n{second}\n{REST}"
    split = split_text(page + REST.replace("The", "That") + REST.replace("The", "This"))
    assert split.items == ()
    assert set((OPENING + REST).splitlines()) <= set(split.paragraphs)


def test_more_news_of_a_place_is_of_other_articles_though_the_article_names_the_place() -> None:
    article = [
        "澎湖花嶼燈塔昨日起開放民眾過夜，這座老燈塔首度迎來住客，八間房在三分鐘內被訂光，最遠的旅客來自冰島。",
        "航港局指出，守燈員宿舍閒置多年，這次保留了原有的檜木地板與鐵床，只加裝了衛浴與紗窗，所得七成用於島上小學。",
        "縣府提醒，前往花嶼的船班每週只有三班，冬季常因東北季風停航，訂房前務必確認船期，因天候延誤者可免費改期一次。",
    ]
    titles = [
        "七美漁民撿到漂流瓶，信是三十五年前的同學寫的",
        "跨海大橋封橋，原來是為了讓一群牛先過",
        "吉貝沙尾變短了？學者說其實是轉了個彎",
    ]
    split = split_text("\n".join([*article, "►更多澎湖新聞", *titles, "※本文版權所有，非經授權，不得轉載。"]))
    assert [entry.title for entry in split.items] == titles
    assert split.paragraphs == tuple(article)


def test_names_of_sections_above_a_signed_headline_head_no_block() -> None:
    sections = "Skip to content\nNews\nVale Weather\nLivestream\n"
    head = (
        "The last of nine dairies in the valley closes\nBy Dana Sendry\nPublished: 2 May 2024 at 5:14 PM EST|Updated: 6 hours ago\n"
    )
    split = split_text(sections + head + OPENING + REST)
    assert split.items == ()
    assert "The last of nine dairies in the valley closes" in split.paragraphs


def test_what_is_read_most_ends_the_block_above_it_and_heads_another() -> None:
    titles = ["Lighthouse keepers wanted for two winters", "Choir of forty dogs sings at the fair"]
    most = ["How the valley lost its railway", "A cheese that nobody wanted to eat"]
    split = split_text("\n".join([OPENING + REST + "More from the front page", *titles, "Most read right now", *most]))
    assert [entry.title for entry in split.items] == [*titles, *most]
    assert split.paragraphs == tuple((OPENING + REST).splitlines())


@pytest.mark.parametrize(
    "heading",
    [
        "Don't miss in our pages",
        "À ne pas manquer dans nos pages Montagne",
        "Aus dem Ressort Lokales",
        "Otras informaciones de la comarca",
        "Veja o que é destaque hoje",
        "Most engaging right now",
        "Meistgeteilt",
        "Worth an hour in the Granite Herald",
        "Veja o que circula na Folha do Estuário",
    ],
)
@pytest.mark.parametrize("ending", ["", REST], ids=["at the end", "amid the article"])
def test_parts_of_a_paper_and_papers_head_other_articles(heading: str, ending: str) -> None:
    titles = [
        "The six farms that are left sell their milk to a baker",
        "How twelve workers bought a dairy, and kept it open",
        "Who pays for the coast road when it floods again",
    ]
    split = split_text("\n".join((OPENING + ("" if ending else REST) + heading, *titles, ending)))
    assert [entry.title for entry in split.items] == titles
    assert split.paragraphs == tuple((OPENING + REST).splitlines())


@pytest.mark.parametrize(
    "heading", ["How to Save the Valley Dairy", "Who pays for the Valley Dairy", "Our plan", "What Ruth Adeyemi: says"]
)
def test_a_name_that_ends_another_heading_is_no_papers(heading: str) -> None:
    listed = [
        "Sell the milk of the six farms by lorry",
        "Ask the workers to buy the dairy from the board",
        "Repair the road to the coast",
    ]
    page = OPENING + "\n".join((heading, *listed)) + "\n" + REST
    assert split_text(page).paragraphs == tuple(page.splitlines())


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (("Vale Gazette", "Morning Star"), True),
        (("Küstenzeitung", "Wochenblatt"), True),
        (("Ruth Adeyemi", "Tom Hall"), False),  # who wrote or filmed them
    ],
)
def test_papers_in_brackets_show_titles_of_others_amid_the_article(names: tuple[str, str], found: bool) -> None:
    titles = ("Valley dairy to close in March after ninety years", "Six farms, one lorry: how milk will leave the valley")
    lines = [f"{title} ({name})" for title, name in zip(titles, names, strict=True)]
    split = split_text("\n".join((OPENING + "Seen elsewhere this week", *lines, REST)))
    assert [(entry.title, entry.source) for entry in split.items] == (list(zip(titles, names, strict=True)) if found else [])


def test_days_joined_to_titles_that_run_on_past_the_months_end_are_read_without_an_age() -> None:
    days = "".join(f"The storm takes another pier{at % 28 + 1:02d}/05/2024\n" for at in range(60))
    text = (
        "The ferry to the islands is late again\n"
        "The harbour master said on Tuesday that the ferry would be late because of the storm, and nobody knew for how long.\n"
        "A second ferry was sent from the mainland in the evening, according to the operator, which has two more in reserve.\n"
    )
    assert split_text(text + days).paragraphs[:3] == tuple(text.splitlines())
