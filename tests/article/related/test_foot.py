"""What stands at the foot of a plain-text page: which lines are the page's and which the article's."""

from __future__ import annotations

import pytest

from worker.article.related.foot import comments_in, foot_of, is_for_readers, is_furniture, is_surely_furniture
from worker.article.related.split import split_text
from worker.article.related.tidy import tidy_paragraphs

ARTICLE = (
    "The council of Harrowby approved the new bridge on Monday after a debate that lasted nearly five hours, officials said.",
    "Work will begin in spring and is expected to take two years, according to the contractor.",
    "The old crossing will stay open for cyclists and walkers until the works end, and then it will be taken down.",
)
BLOCK = ("Related articles", "Ferry owners fear for the future", "How bridges changed the valley")
COMMENTS = ("2 comments", "Ann M. says:", "At last, and it only took us nine years.", "Tom:", "I liked the ferry.")


def page(*lines: str) -> str:
    return "\n".join(lines)


@pytest.mark.parametrize(
    "line",
    [
        "© 2024 Valley Post. All rights reserved.",
        "Copyright 2024 Valley Post",
        "© Riproduzione riservata",
        "저작권자 ⓒ 한빛뉴스, 무단 전재 및 재배포 금지",
        "Advertisement",
        "This article has been read 1,204 times.",
        "Bu haber 1.204 kez okundu.",
        "Просмотров: 312",
        "Sign up for our newsletter to get the news every morning.",
        "Inscrivez-vous à notre newsletter pour recevoir chaque matin l'essentiel.",
        "We have summarized this news so that you can read it quickly. If you are interested, you can read the full text here.",
        "Follow us on Facebook",
        "Vadi Postası'nı Google News'te takip edin",
        "व्हाट्सएप चैनल से जुड़ें",
        "▶ 네이버에서 한빛뉴스 구독하기",
        "加入江南晚報LINE好友",
        "Mit unserem Newsletter verpassen Sie nichts mehr aus dem Tal – jetzt anmelden!",
        "देश और दुनिया की हर खबर अब आपकी मुट्ठी में, डाउनलोड करें घाटी ऐप",
        "हमारे व्हाट्सऐप चैनल से जुड़ने के लिए यहाँ क्लिक करें",
        "Get one long read in your inbox every Sunday. No news, no ads, no hurry.",
        "Siga o Jornal da Vila no Instagram",
        "Get the latest news right in your inbox. Subscribe to the Post's newsletters.",
        "Share this article",
        "Tags: bridge, ferry, Harrowby",
        "标签：大桥、渡轮",
        "برچسب‌ها: قنات، کشاورزی، میراث فرهنگی",
        "کد خبر: ۸۸۴۱۲۰",
        "انتهای پیام/",
        "【版权声明】本文著作权归江南晚报所有,未经授权不得转载。",
        "责任编辑:周敏",
        "(责任编辑:周敏)",
        "Нашли ошибку? Выделите текст и нажмите Ctrl+Enter",
        "Якщо ви помітили помилку, виділіть її та натисніть Ctrl+Enter",
        "Download our app for more stories",
        "Latest News के लिए हमारा ऐप डाउनलोड करें",
        "Halaman: 1 2 Lihat Semua",
        "Page 1 2 3",
        "Autor: Kinga Olszewska, dziennikarka działu regionalnego, k.olszewska@kurierwschodni.example",
        "By Ann Mills, ann@post.example",
        "윤서정 기자 sjyoon@hanbatilbo.example",
        "返回首页，查看更多",
        "声明：该文观点仅代表作者本人，本平台系信息发布平台。",
        "Vous souhaitez réagir ? Déposez un commentaire, il sera publié après modération.",
        "阅读 (3.2万)",
        "Views: 12k",
        "Copyright DAILY BEACON.",
        "著作權所有 © 2024 聯合早訊",
        "View comments (48)",
        "Kindly share this story:",
        "Your subscription could not be saved. Please try again.",
        "Fehler gefunden? Schreiben Sie uns.",
        "We use cookies to ensure you get the best experience on our website. By continuing, you agree to our use of cookies.",
        "Impressum | Datenschutz | AGB | Privatsphäre-Einstellungen",
        "Enter your email",
    ],
)
def test_a_line_that_no_article_has_is_taken_off_the_end(line: str) -> None:
    assert is_surely_furniture(line)
    split = split_text(page(*ARTICLE, line))
    assert split.paragraphs == ARTICLE
    assert split.items == ()
    assert [cut.text for cut in split.cuts] == [line]


@pytest.mark.parametrize(
    "line",
    [
        "Copyright law has not changed since 2019, the lawyer said.",
        "Copyright, piracy and the last of the bookshops?",
        "(c) 2 days in prison",
        "Sign up for an account without advertisements for $11.99 a month",
        "Subscribe to the parish magazine at the town hall before Friday.",
        "Follow the path on the left bank and Facebook will not find you.",
        "Letters may be sent to editor@valley.example until the end of May.",
        "Tickets: box@theatre.example",
        "By post, or by mail to box@theatre.example",
        "Нашли ошибку только через год, когда мост уже стоял.",
        "По одной из версий, нашли ошибку сами строители",
        "आधार ऐप डाउनलोड करें",
        "Lions 1 2 Tigers",
        "Page 1 of the register is missing",
        "Our app was loaded by nine people",
        "Bread | Cheese | Apples",
        "The film was seen by 3,000 people, and 12 comments were read aloud.",
        "Tags: they are what the shepherds call the marks on the ears.",
    ],
)
def test_what_an_article_may_end_with_stays(line: str) -> None:
    assert split_text(page(*ARTICLE, line)).paragraphs == (*ARTICLE, line)


@pytest.mark.parametrize("line", ["Contact: news@valley.example", "About us | Contact | Privacy | Terms", "Follow us on Facebook!"])
def test_below_a_block_a_line_is_the_pages(line: str) -> None:
    assert is_furniture(line)
    split = split_text(page(*ARTICLE, *BLOCK, line, "© 2024 Valley Post"))
    assert split.paragraphs == ARTICLE
    assert [entry.title for entry in split.items] == list(BLOCK[1:])
    assert all(entry.snippet is None for entry in split.items)


def test_a_sentence_below_a_block_is_the_articles() -> None:
    last = "Readers may write to the council until the end of May at bridge@harrowby.example."
    assert split_text(page(*ARTICLE, *BLOCK, "Toll on the bridge: a history", last)).paragraphs[-1:] == (last,)


def test_titles_stand_at_the_end_whatever_is_below_them() -> None:
    titles = ("Bridge in Harrowby: who pays?", "Ferry owners of Harrowby fear for the future", "The contractor said to be late")
    split = split_text(page(*ARTICLE, "You may have missed", *titles, *COMMENTS, "© 2024 Valley Post"))
    assert split.paragraphs == ARTICLE
    assert [entry.title for entry in split.items] == list(titles)


def test_comments_are_neither_the_articles_nor_entries() -> None:
    split = split_text(page(*ARTICLE, *COMMENTS))
    assert split.paragraphs == ARTICLE
    assert split.items == ()
    assert {cut.kind for cut in split.cuts} == {"comments"}


def test_a_count_of_readers_opinions_heads_their_comments() -> None:
    split = split_text(page(*ARTICLE, *BLOCK, "Ý kiến (12)", *COMMENTS[1:]))
    assert [entry.title for entry in split.items] == list(BLOCK[1:])
    assert split.paragraphs == ARTICLE


def test_a_count_of_comments_before_or_within_the_article_ends_nothing() -> None:
    assert comments_in(["Bridge approved", "2 comments", *ARTICLE]) == 5
    assert comments_in([*ARTICLE, "2 comments", "What comes next", *ARTICLE]) == 8
    assert comments_in([*ARTICLE, "2 comments", *ARTICLE[:1]]) == 5
    assert comments_in([*ARTICLE, *COMMENTS]) == 3


def test_a_count_of_comments_with_each_entry_heads_no_comments() -> None:
    split = split_text(page(*ARTICLE, BLOCK[0], BLOCK[1], "2 comments", BLOCK[2], "4 comments"))
    assert [entry.title for entry in split.items] == list(BLOCK[1:])


def test_the_label_of_an_advertisement_among_entries_is_none_of_them() -> None:
    split = split_text(page(*ARTICLE, *BLOCK[:2], "Advertisement", *BLOCK[2:]))
    assert [entry.title for entry in split.items] == list(BLOCK[1:])


def test_a_page_of_nothing_else_has_no_foot_to_take_off() -> None:
    lines = ["© 2024 Valley Post", "Follow us on Facebook"]
    assert foot_of(lines) == 1
    assert split_text(page(*lines)).paragraphs == tuple(lines)


@pytest.mark.parametrize(
    "line", ["Sign up for our newsletter, and the news comes every morning.", "Tags: bridge, ferry, Harrowby", "Share this article"]
)
def test_what_is_for_readers_is_taken_off_the_end_of_a_trees_paragraphs_too(line: str) -> None:
    split = tidy_paragraphs([*ARTICLE, line])
    assert split.paragraphs == ARTICLE
    assert [(cut.kind, cut.text) for cut in split.cuts] == [("foot", line)]
    assert tidy_paragraphs([ARTICLE[0], line, *ARTICLE[1:]]).paragraphs == (ARTICLE[0], line, *ARTICLE[1:])
    assert tidy_paragraphs([line]).paragraphs == (line,)


@pytest.mark.parametrize(
    "line",
    [
        "Sign up below for our free weekly newsletter",
        "Newsletter abonnieren",
        "Jetzt den Newsletter abonnieren",
        "Abonnez-vous à la newsletter",
        "Suscríbase al boletín",
        "Inscreva-se na newsletter",
        "Schrijf je in voor de nieuwsbrief",
        "Prenumerera på nyhetsbrevet",
        "Tilmeld dig nyhedsbrevet",
        "Přihlaste se k newsletteru",
        "Zapisz się na newsletter",
        "Feliratkozás hírlevélre",
        "Abonați-vă la newsletter",
        "Haber bültenine kayıt ol",
        "Підпишіться на розсилку",
        "Абонирайте се за бюлетина",
        "Prenumeruokite naujienlaiškį",
        "اشترك في النشرة البريدية",
        "عضویت در خبرنامه",
        "न्यूज़लेटर सब्सक्राइब करें",
        "ニュースレターを購読",
        "뉴스레터 구독하기",
        "สมัครรับจดหมายข่าว",
        "Sign up to our morning email and never miss a story",
    ],
)
def test_who_asks_to_sign_up_for_a_newsletter_is_not_the_article(line: str) -> None:
    assert is_for_readers(line)


@pytest.mark.parametrize(
    "line",
    [
        "The newsletter will be sent to all who sign up.",
        "Newsletters sign off with a joke.",
        "Jetzt soll ein Newsletter helfen.",
        "Få nyhedsbreve bliver læst til ende.",
        "Subscribe to the parish magazine at the town hall before Friday.",
    ],
)
def test_a_sentence_on_newsletters_is_the_articles(line: str) -> None:
    assert not is_for_readers(line)


def test_an_agencys_line_on_its_rights_stays_in_a_trees_paragraphs() -> None:
    rights = "© 2024 Harrowby Press. All rights reserved."
    assert tidy_paragraphs([*ARTICLE, rights]).paragraphs == (*ARTICLE, rights)


@pytest.mark.parametrize("label", ["Comments", "Kommentare", "Комментарии", "Topics", "Tags", "Related articles"])
def test_a_label_that_heads_nothing_is_taken_off_the_end(label: str) -> None:
    split = tidy_paragraphs([*ARTICLE, label])
    assert split.paragraphs == ARTICLE
    assert [(cut.kind, cut.text) for cut in split.cuts] == [("foot", label)]


@pytest.mark.parametrize("line", ["Comment is free, facts are dear", "No comment", "The topics of the day", "Ann Mills"])
def test_other_words_at_the_end_are_the_articles(line: str) -> None:
    assert tidy_paragraphs([*ARTICLE, line]).paragraphs == (*ARTICLE, line)


@pytest.mark.parametrize("line", ["View full coverage", "Читать все новости раздела", "Alle Ausgaben ansehen", "すべて見る"])
def test_a_line_that_leads_to_all_articles_closes_a_block_and_is_none_of_its_entries(line: str) -> None:
    for sources in ((), ("Valley Post", "2 hours ago")):
        block = ["Related articles", *(part for title in BLOCK[1:] for part in (title, *sources))]
        split = split_text(page(*ARTICLE, *block, line))
        assert split.paragraphs == ARTICLE
        assert [entry.title for entry in split.items] == list(BLOCK[1:])


def test_without_a_block_the_same_words_are_the_articles() -> None:
    assert split_text(page(*ARTICLE, "All stories from the valley")).paragraphs[-1] == "All stories from the valley"


@pytest.mark.parametrize(
    "line", ["Se allerede nu frem til sommeren", "Voir toutefois le deuxième étage", "Alle Artikelschreiber fehlen"]
)
def test_a_title_that_opens_alike_is_an_entry(line: str) -> None:
    assert not is_furniture(line)


PERSON = "Ann Mills reports on bridges and whatever floats. She lives in Harrowby with two cats."


@pytest.mark.parametrize(
    "heading", ["About the author", "Chi scrive", "Über die Autorin", "Om skribenten", "Об авторе", "作者简介："]
)
def test_who_wrote_the_article_is_said_below_it(heading: str) -> None:
    for lines in ([heading, PERSON], [heading, "Ann Mills", PERSON], [heading, PERSON, "Share this article"]):
        assert tidy_paragraphs([*ARTICLE, *lines]).paragraphs == ARTICLE
    assert split_text(page(*ARTICLE, heading, PERSON, *BLOCK)).paragraphs == ARTICLE


def test_a_part_of_the_article_on_an_author_stays() -> None:
    part = ("About the author", *ARTICLE)
    assert tidy_paragraphs([*ARTICLE[:1], *part]).paragraphs[1:2] == part[:1]
    assert tidy_paragraphs([*ARTICLE, "The author and his bridges", PERSON]).paragraphs[-1] == PERSON
    assert tidy_paragraphs(["About the author", PERSON]).paragraphs == ("About the author", PERSON)


@pytest.mark.parametrize(
    "lines",
    [
        ("Topics", "Bridges", "Harrowby", "Ferries"),
        ("Leave a comment", "Harrowby"),
    ],
)
def test_labels_between_two_blocks_are_neither_entries_nor_the_articles(lines: tuple[str, ...]) -> None:
    latest = ("Latest news", "Mill by the weir turns again", "Choir of forty dogs sings at the fair")
    split = split_text(page(*ARTICLE, *BLOCK, *lines, *latest))
    assert split.paragraphs == ARTICLE
    assert [entry.title for entry in split.items] == [*BLOCK[1:], *latest[1:]]
    split = split_text(page(*ARTICLE[:1], *BLOCK, *ARTICLE[1:], *lines[:1], *latest))
    assert set(ARTICLE) <= set(split.paragraphs)


@pytest.mark.parametrize("line", ["Copyright 2025 Pelham Media Inc. All rights reserved.", "Feedback", "1,204 views"])
def test_a_line_of_the_pages_right_above_a_block_goes_with_it(line: str) -> None:
    split = split_text(page(*ARTICLE, line, *BLOCK))
    assert split.paragraphs == ARTICLE


@pytest.mark.parametrize("line", ["#ferry #harbour #harrowby", "#транспорт #коневец"])
def test_keywords_as_networks_write_them_end_no_article(line: str) -> None:
    assert tidy_paragraphs([*ARTICLE, line]).paragraphs == ARTICLE
    assert tidy_paragraphs([*ARTICLE, "#1 in the charts"]).paragraphs == (*ARTICLE, "#1 in the charts")


def test_buttons_and_links_below_keywords_are_the_pages() -> None:
    foot = ("Schlagworte: Brücke, Fähre", "Artikel merken", "Teilen", "post@kurier.example")
    split = split_text(page(*ARTICLE, *foot))
    assert split.paragraphs == ARTICLE


@pytest.mark.parametrize("line", ["Share", "Ferries | Bridges | Tunnels", "ann@post.example"])
def test_the_same_alone_may_be_the_articles(line: str) -> None:
    assert split_text(page(*ARTICLE, line)).paragraphs == (*ARTICLE, line)


def test_a_form_for_an_address_goes_with_what_it_is_for() -> None:
    form = (
        "Sign up for the Morning Briefing",
        "The local stories you need, in your inbox at 7 a.m. every weekday.",
        "Enter your email",
    )
    assert split_text(page(*ARTICLE, *form)).paragraphs == ARTICLE


@pytest.mark.parametrize(
    "line", ["Copyright cases fill the courts.", "Tags were found on 12 of the ferries.", "Sign up by Friday at the town hall."]
)
def test_a_sentence_that_opens_alike_is_the_articles(line: str) -> None:
    assert split_text(page(*ARTICLE, line)).paragraphs == (*ARTICLE, line)


def test_between_keywords_and_the_blocks_that_end_a_page_stands_nothing_of_the_articles() -> None:
    between = ("Tags: bridge, ferry", "Copyright DAILY BEACON.", "All rights reserved. No part may be copied.", "Was this useful")
    split = split_text(page(*ARTICLE, *between, *BLOCK))
    assert split.paragraphs == ARTICLE
    assert [entry.title for entry in split.items] == list(BLOCK[1:])


def test_above_keywords_and_a_block_lines_are_the_articles() -> None:
    lines = ("First bridge of the valley", "Tags: bridge, ferry")
    assert split_text(page(*ARTICLE, *lines, *BLOCK)).paragraphs == (*ARTICLE, lines[0])


def test_a_subheading_between_an_invitation_and_a_block_within_the_article_stays() -> None:
    lines = (*ARTICLE[:1], "Share this article", "A bridge too late", *BLOCK, *ARTICLE[1:])
    assert "A bridge too late" in split_text(page(*lines)).paragraphs


def test_keywords_below_a_known_heading_are_no_entries() -> None:
    split = split_text(page(*ARTICLE, "Related topics", "Ferries", "Bridge works", "Harrowby", *BLOCK))
    assert [entry.title for entry in split.items] == list(BLOCK[1:])
    assert split.paragraphs == ARTICLE


def test_keywords_above_titles_with_sections_and_times_open_no_entry() -> None:
    rows = (
        "WORLD | 12:58",
        "A village sells houses for a pound",
        "MONEY | 12:40",
        "Where the price of oil will go",
        "ARTS | 12:21",
    )
    split = split_text(page(*ARTICLE, "TAGS: bridge, ferry", *rows, "Three films from the valley in Cannes"))
    assert not any("TAGS" in entry.title for entry in split.items)


def test_how_many_others_tell_of_it_stands_behind_the_age_of_an_entry() -> None:
    rows = (
        ("Garlic fails in the fog", "Farm Post - 2 giờ - 15 liên quan"),
        ("Fast boats stay in port today", "Harbour News - 4 giờ"),
    )
    rows = (*rows, ("Divers who clean the reef", "Youth - 7 giờ - 3 liên quan"))
    split = split_text(page(*ARTICLE, *(line for row in rows for line in row)))
    assert [(entry.title, entry.source, entry.published_at) for entry in split.items] == [
        ("Garlic fails in the fog", "Farm Post", "2 giờ"),
        ("Fast boats stay in port today", "Harbour News", "4 giờ"),
        ("Divers who clean the reef", "Youth", "7 giờ"),
    ]
    assert split.paragraphs == ARTICLE


def test_a_form_for_an_address_is_cut_wherever_it_stands() -> None:
    form = ("Newsletter Valley", "Every morning, all that happens near you", "Your email", "OK")
    assert split_text(page(ARTICLE[0], *form, *ARTICLE[1:])).paragraphs == ARTICLE
    asking = ("Sign up for our newsletter", "Enter your email")
    assert split_text(page(ARTICLE[0], *asking, *ARTICLE[1:])).paragraphs == ARTICLE


def test_a_field_below_other_lines_is_left_in_the_text() -> None:
    lines = (ARTICLE[0], "What the forms ask", "Email address", *ARTICLE[1:])
    assert split_text(page(*lines)).paragraphs == lines


@pytest.mark.parametrize(
    ("line", "titles"), [("The Valley Post »", []), ("Harrowby votes for a bridge »", ["Harrowby votes for a bridge"])]
)
def test_whom_an_aggregator_has_the_article_from_is_no_entry(line: str, titles: list[str]) -> None:
    split = split_text(page(*ARTICLE, "Read more:", line))
    assert [entry.title for entry in split.items] == titles
    assert split.paragraphs == ARTICLE


@pytest.mark.parametrize(
    "line",
    ["Künye İletişim Çerez Politikası", "About us Contact Privacy policy", "運営会社　利用規約　お問い合わせ", "Contact - Privacy"],
)
def test_links_of_a_foot_in_one_line_are_no_entry(line: str) -> None:
    split = split_text(page(*ARTICLE, *BLOCK, line))
    assert [entry.title for entry in split.items] == list(BLOCK[1:])
    assert split.paragraphs == ARTICLE


@pytest.mark.parametrize("line", ["Contact with the Valley", "Terms of a ferry contact"])
def test_a_line_with_other_words_is_no_such_row(line: str) -> None:
    assert not is_surely_furniture(line)


def test_a_label_that_the_article_goes_on_below_makes_no_snippet_of_its_paragraph() -> None:
    paragraph = "Ağacın gövdesi on bir metre çevresinde. Mühendis, ağacın yılda doksan kilo zeytin verdiğini söyledi."
    split = split_text(
        page(ARTICLE[0], "İLGİLİ HABER", "Köylüler ağacın altında nöbete başladı", paragraph, "Haberin Devamı", *ARTICLE[1:])
    )
    assert [(entry.title, entry.snippet) for entry in split.items] == [("Köylüler ağacın altında nöbete başladı", None)]
    assert split.paragraphs == (ARTICLE[0], paragraph, *ARTICLE[1:])


def test_the_same_words_with_an_arrow_close_entries() -> None:
    entries = [line for title in BLOCK[1:] for line in (title, "It was quieter before the first one.", "Haberin devamı »")]
    split = split_text(page(*ARTICLE, "İlgili haberler", *entries))
    assert [(entry.title, entry.snippet) for entry in split.items] == [(title, entries[1]) for title in BLOCK[1:]]


@pytest.mark.parametrize(
    "line",
    [
        "\U0001f4f1 Siga o canal do Jornal da Vila no WhatsApp",
        "Clique aqui para seguir o canal do Jornal da Vila no WhatsApp",
        "Join our WhatsApp community",
        "Ακολουθήστε μας στο Google News",
        "Vadi Postası'nı Google News'te takip edin",
    ],
)
def test_an_invitation_to_a_channel_is_cut_between_paragraphs(line: str) -> None:
    assert split_text(page(ARTICLE[0], line, *ARTICLE[1:])).paragraphs == ARTICLE


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param((ARTICLE[0], "Follow the band on Instagram", *ARTICLE[1:]), id="no channel"),
        pytest.param((*ARTICLE[:2], "- Follow our channel on WhatsApp", ARTICLE[2]), id="an entry of a list"),
        pytest.param(
            (*ARTICLE[:2], "Pack a lamp", "Follow your channel on WhatsApp", "Call a friend", ARTICLE[2]), id="among tips"
        ),
    ],
)
def test_other_lines_on_networks_stay(lines: tuple[str, ...]) -> None:
    assert split_text(page(*lines)).paragraphs == lines


RIGHTS = "Copyright \u24d2 Valley Post. All rights reserved. No copying."


def test_short_lines_below_one_that_reserves_rights_are_the_pages() -> None:
    foot = (RIGHTS, "Picked by the editors", "Ferry owners fear for the future", "1 Gull steals a chip", "Counted from 9 to 10.")
    assert split_text(page(*ARTICLE, *foot)).paragraphs == ARTICLE


@pytest.mark.parametrize(
    "foot",
    [
        pytest.param((RIGHTS, "The week after", ARTICLE[2]), id="the article goes on"),
        pytest.param(("\u24d2 Valley Post", "The week after"), id="whose picture it is"),
    ],
)
def test_what_stands_below_other_signs_stays(foot: tuple[str, ...]) -> None:
    assert split_text(page(*ARTICLE[:2], *foot)).paragraphs[-1] == foot[-1]


def test_an_address_right_above_whose_the_page_is_is_the_authors() -> None:
    assert split_text(page(*ARTICLE, "mara.ellwood@valleypost.example", RIGHTS)).paragraphs == ARTICLE


@pytest.mark.parametrize(
    "line",
    [
        "The post Harrowby gets its bridge at last first appeared on Valley Post.",
        "L’article Un pont pour Harrowby est apparu en premier sur La Vallée.",
        "Der Beitrag Harrowby bekommt eine Brücke erschien zuerst auf Talbote.",
        "Voir les commentaires (12)",
        "Zobacz komentarze",
        "Afficher plus de contenus",
        "Přejít na původní článek",
        "查看原始文章",
        "下載應用程式看更多",
        "Recevez chaque matin l'essentiel de la vallée",
        "Trimite unui prieten",
        "1.204 citiri",
        "Please read our commenting policy before joining the conversation.",
    ],
)
def test_what_sites_set_below_an_article_or_beside_a_block_is_neithers(line: str) -> None:
    for lines in ((*ARTICLE, line), (*ARTICLE, line, *BLOCK), (*ARTICLE, *BLOCK, line)):
        split = split_text(page(*lines))
        assert split.paragraphs == ARTICLE
        assert [entry.title for entry in split.items] == (list(BLOCK[1:]) if BLOCK[0] in lines else [])


def test_a_sentence_on_where_something_appeared_first_is_the_articles() -> None:
    last = "The post office closed in May, and the first letter of complaint appeared on Monday in the paper."
    assert split_text(page(*ARTICLE, last)).paragraphs == (*ARTICLE, last)
