"""Promos whose label is set apart, alone or within a line, and lines of articles that look like them."""

from __future__ import annotations

import pytest

from worker.article.related.kindred import kindred_promos, part_promos_within
from worker.article.related.split import split_text

SAID = (
    "The council agreed on Tuesday to reopen the old ferry landing after eleven years of argument about who should pay for it.",
    "Engineers will inspect the timber piles in June, and the first boats are expected before the end of the summer season.",
    "Residents said they had waited long enough, and a petition with four hundred names was handed to the mayor last week.",
    "The harbour master said that tides and silt were the greater worry, since the channel has not been dredged since 2009.",
    "The work will cost about two million pounds, half of which comes from the regional fund for small ports and harbours.",
)
FERRYMAN, SILT = "The ferryman who never learned to swim", "Why the harbour slowly sinks into silt"


@pytest.mark.parametrize(
    ("known", "other"),
    [
        ("READ MORE: {}", "HOW IT BEGAN: {}"),
        ("ZOBACZ TEŻ: {}", "O TYM PISALIŚMY: {}"),
        ("LESEN SIE AUCH | {}", "DAS PORTRÄT | {}"),
        ("[Simak juga: {}]", "[Tonton di sini: {}]"),
        ("(Lire aussi : {})", "(À revoir en images : {})"),
        ("▸ Pour aller plus loin : {}", "▸ Le portrait : {}"),
        ("• Leia também: {}", "• A outra história: {}"),
        ("【あわせて】{}", "【写真特集】{}"),
        ("[관련기사] {}", "[현장 스케치] {}"),
    ],
)
def test_beside_a_known_label_another_set_as_it_is_announces_a_title_too(known: str, other: str) -> None:
    first, second, third, fourth, fifth = SAID
    split = split_text("\n".join((first, second, known.format(FERRYMAN), third, fourth, other.format(SILT), fifth)))
    assert split.paragraphs == SAID
    assert [entry.title for entry in split.items] == [FERRYMAN, SILT]


@pytest.mark.parametrize(
    ("known", "other"),
    [
        ("Le puede interesar: {}", "Más en este diario: {}"),
        ("(Lire aussi : {})", "(À revoir en images : {})"),
        ("[Read more: {}]", "[The full map: {}]"),
        ("MÁS DETALLES | {}", "LA IMAGEN | {}"),
        ("→ {}", "→ Map: {}"),
    ],
)
def test_so_it_is_behind_the_last_sentence_of_a_paragraph(known: str, other: str) -> None:
    first, second, third, fourth, fifth = SAID
    lines = (first, f"{second} {known.format(FERRYMAN)}", third, f"{fourth} {other.format(SILT)}", fifth)
    split = split_text("\n".join(lines))
    assert split.paragraphs == SAID
    assert [entry.title for entry in split.items] == [FERRYMAN, SILT]


@pytest.mark.parametrize("promo", ["→ Assista: {}", "[Watch: {}]", "PREVIOUSLY: {}", "【動画】{}", "شاهد: {}", "▶영상: {}"])
def test_a_known_label_set_apart_needs_no_other(promo: str) -> None:
    split = split_text("\n".join((*SAID[:3], promo.format(FERRYMAN), *SAID[3:])))
    assert split.paragraphs == SAID
    assert [entry.title for entry in split.items] == [FERRYMAN]


def test_behind_arrows_what_stands_before_the_colons_of_all_of_them_is_no_part_of_the_titles() -> None:
    promos = (f"→ Dazu: {FERRYMAN}", f"→ Auf der Fähre: {SILT}")
    split = split_text("\n".join((*SAID[:2], promos[0], *SAID[2:4], promos[1], SAID[4])))
    assert [entry.title for entry in split.items] == [FERRYMAN, SILT]
    alone = split_text("\n".join((*SAID[:2], "→ Harrowby: Where the last ferry went", *SAID[2:])))
    assert [entry.title for entry in alone.items] == ["Harrowby: Where the last ferry went"]
    parted = split_text(
        "\n".join((*SAID[:2], "» Preview – The race on the river", *SAID[2:4], "» Podcast 29 – The race is off", SAID[4]))
    )
    assert [entry.title for entry in parted.items] == ["Preview – The race on the river", "Podcast 29 – The race is off"]


@pytest.mark.parametrize(
    "own",
    [
        pytest.param(("SPIEGEL: Why did it take so long to agree?", "SPIEGEL: And who pays if the tide takes it?"), id="interview"),
        pytest.param(("PART ONE: The landing that nobody owned", "PART TWO: The year of the long silence"), id="parts"),
        pytest.param(("WHERE TO STAY: The old mill has six rooms", "HOW TO GET THERE: Two trains an hour stop"), id="advice"),
        pytest.param(("Brexit: what comes next for small harbours", "Money: how the fund will be shared"), id="subheadings"),
        pytest.param(("VERDICT: Four stars for a bold and salty evening",), id="one word"),
        pytest.param(("MAYOR: We will open it by the end of August",), id="speaker"),
        pytest.param(("THE COUNCIL: The landing opens in the spring.",), id="sentence"),
        pytest.param(("PHOTO: A. Mills / Harbour Press Agency",), id="credit"),
        pytest.param(('► "We waited eleven years for a landing stage," she said.',), id="quotation"),
    ],
)
def test_what_an_article_labels_itself_stays_beside_a_promo(own: tuple[str, ...]) -> None:
    lines = [SAID[0], f"READ MORE: {FERRYMAN}", *SAID[1:3], own[0], SAID[3], *own[1:], SAID[4]]
    split = split_text("\n".join(lines))
    assert split.paragraphs == tuple(line for line in lines if not line.startswith("READ MORE"))
    assert [entry.title for entry in split.items] == [FERRYMAN]


@pytest.mark.parametrize(
    ("known", "own"),
    [
        ("Read more: {}", "Children: No charge on weekdays before ten"),
        ("Read more: {}", 'The answer was simple: "Never give up on a river"'),
        ("Read more: {}", "The tariff in short: adults two pounds and dogs one"),
    ],
)
def test_what_ends_a_paragraph_behind_a_colon_stays_beside_a_promo(known: str, own: str) -> None:
    lines = (SAID[0], f"{SAID[1]} {known.format(FERRYMAN)}", SAID[2], f"{SAID[3]} {own}", SAID[4])
    assert split_text("\n".join(lines)).paragraphs == (*SAID[:3], f"{SAID[3]} {own}", SAID[4])


def test_the_articles_own_facts_in_brackets_stay_beside_a_promo() -> None:
    facts = ("【日時】六月一日 午前十時から午後四時まで", "【会場】港の古い倉庫の二階 受付は一階")
    lines = [SAID[0], f"【あわせて】{FERRYMAN}", SAID[1], facts[0], SAID[2], facts[1], SAID[3]]
    assert split_text("\n".join(lines)).paragraphs == (SAID[0], SAID[1], facts[0], SAID[2], facts[1], SAID[3])


def test_lines_of_one_form_together_are_a_list() -> None:
    listed = (f"[See also: {FERRYMAN}]", f"[Watch: {SILT}]")
    assert kindred_promos([*SAID[:3], *listed, *SAID[3:]]) == {}


def test_what_leads_to_an_address_is_no_title() -> None:
    assert kindred_promos([*SAID[:3], "[Read more: https://harbour.example/landing/plans/2026]", *SAID[3:]]) == {}


@pytest.mark.parametrize(
    "promo",
    [
        "(Re)lire : {}",
        "Confira: {}",
        "Notre reportage : {}",
        "Також дивіться — {}",
        "Με ένα κλικ → {}",
        "点击了解>>{}",
        "Bài nên xem: {}",
        "Lesetipp: {}",
        "▷ 함께 볼 만한 기사: {}",
        "ΜΗ ΧΑΣΕΤΕ: {}",
        "PUEDES VER: {}",
    ],
)
def test_a_plain_label_whose_words_invite_announces_a_title(promo: str) -> None:
    split = split_text("\n".join((*SAID[:3], promo.format(FERRYMAN), *SAID[3:])))
    assert split.paragraphs == SAID
    assert [entry.title for entry in split.items] == [FERRYMAN]
    last = split_text("\n".join((*SAID, promo.format(FERRYMAN))))
    assert last.paragraphs == SAID


@pytest.mark.parametrize(
    "promo", ["(Re)lire : {}", "Confira: {}", "VIEW: {}", "Guarda il video → {}", "Veja também — {}", "⇒【写真】{}"]
)
def test_so_does_one_behind_the_last_sentence_of_a_paragraph(promo: str) -> None:
    lines = (SAID[0], f"{SAID[1]} {promo.format(FERRYMAN)}", *SAID[2:])
    split = split_text("\n".join(lines))
    assert split.paragraphs == SAID
    assert [entry.title for entry in split.items] == [FERRYMAN]


def test_a_label_that_says_there_is_more_announces_titles_where_it_comes_again() -> None:
    promo = "Earlier on HPN: {}"
    again = split_text("\n".join((*SAID[:2], promo.format(FERRYMAN), *SAID[2:4], promo.format(SILT), SAID[4])))
    assert [entry.title for entry in again.items] == [FERRYMAN, SILT]
    once = [*SAID[:2], promo.format(FERRYMAN), *SAID[2:]]
    assert split_text("\n".join(once)).paragraphs == tuple(once)


@pytest.mark.parametrize("label", ["L'APPROFONDIMENTO", "NOTRE DOSSIER", "Nicht verpassen:", "Olvasta már?", "一起看："])
def test_a_label_on_its_own_line_announces_the_one_title_below(label: str) -> None:
    assert kindred_promos([*SAID[:3], label, FERRYMAN, *SAID[3:]]) == {3: (0, ""), 4: (0, FERRYMAN)}
    assert kindred_promos([*SAID[:3], label, FERRYMAN, SILT, *SAID[3:]]) == {}
    assert kindred_promos([*SAID[:3], label, *SAID[3:]]) == {}


@pytest.mark.parametrize(
    "own",
    [
        pytest.param("Analysis: What the reopening means for the town", id="subheading"),
        pytest.param("Reader: Why did it take so long to agree?", id="speaker"),
        pytest.param("Where to see it: The old mill on the north bank", id="advice"),
        pytest.param("Dónde verlo: La vieja fábrica de la orilla norte", id="advice in Spanish"),
        pytest.param("More than a story: How the ferry made the town", id="comparison"),
        pytest.param("Watch live: BBC Two on Sunday at 8.30pm", id="programme"),
        pytest.param("Watch: BBC Two on Sunday evening, 20:30", id="time"),
        pytest.param("Video: The first boat at the landing stage", id="caption"),
        pytest.param("Reading: Council opens the ferry landing again", id="dateline"),
        pytest.param("Lee: We waited eleven years for a landing", id="name"),
        pytest.param("The Guardian: Ferry that divided a town is back", id="press review"),
        pytest.param("Tip: Use the butter straight from the fridge", id="recipe"),
        pytest.param("Apple Watch: Three new models before Christmas", id="product"),
        pytest.param("据报道：港口的渡船码头将于今年夏天重新开放", id="report"),
    ],
)
def test_ordinary_labels_stay(own: str) -> None:
    lines = (*SAID[:3], own, *SAID[3:])
    assert split_text("\n".join(lines)).paragraphs == lines


def test_plain_labels_that_are_many_or_stand_together_are_the_articles() -> None:
    listed = ("Watch: The Ferrymen of Harrowby", "Read: A History of Small Harbours", "Discover: The Old Mill by the River")
    recommended = [line for pair in zip(listed, SAID, strict=False) for line in pair]
    assert kindred_promos([SAID[3], *recommended]) == {}
    assert kindred_promos([*SAID[:3], *listed, *SAID[3:]]) == {}


def test_forms_are_subheadings_among_others() -> None:
    headed = (SAID[0], "The town", SAID[1], "The river", SAID[2], "Our analysis: Who pays if the tide takes it", SAID[3], SAID[4])
    assert kindred_promos(headed) == {}
    assert kindred_promos([line for line in headed if not line.startswith("The town")]) == {4: (0, headed[5].partition(": ")[2])}


ARTICLE = (
    "Eleven people are employed at the works, which has bent its own handles since 1868. ",
    "The hats are made of straw that grows in the valley, and the new owner buys all that there is.",
    "A shop is to open at the gate in spring, with the old steam engine in its window.",
)


@pytest.mark.parametrize(
    ("before", "label", "title", "after"),
    [
        (
            "Eleven people are employed at the works.",
            "Keep reading:",
            "Inside the steam room where handles are born",
            "The new owner intends to keep all of them.",
        ),
        (
            "Los primeros meses se han ido en reconstruir muros de barro.",
            "No te pierdas:",
            "El oficio de salinero en Puerto Almeja se aprende descalzo",
            "Las mareas hacen el resto, explica la coordinadora.",
        ),
        (
            "Kapal itu singgah dua hari di setiap pulau.",
            "Simak juga:",
            "Siapa Guru yang Mengajar dengan Perahu Dayung?",
            "Anak-anak boleh meminjam tiga buku dan mengembalikannya.",
        ),
        (
            "До системи приєдналися 34 господарства з трьох громад, і ще п'ять думають.",
            "Також дивіться —",
            "Перший врожай меду з гречки",
            "Ще вісім надіслали заявки минулого тижня.",
        ),
    ],
)
def test_a_promo_is_parted_from_what_the_article_says_behind_it(before: str, label: str, title: str, after: str) -> None:
    split = split_text("\n".join((*ARTICLE, f"{before} {label} {title} {after}")))
    assert [entry.title for entry in split.items] == [title]
    assert split.paragraphs[-2:] == (before, after)


@pytest.mark.parametrize(
    "line",
    [
        "Eleven people are employed at the works. Read also: this is what the sign at the gate said. The owner took it down.",
        "Eleven people are employed at the works. The rule is simple: Nobody leaves before the engine stops. The owner agrees.",
        "Eleven people are employed at the works. Keep reading: Inside the Steam Room of Pascoe and Daughters in Harrowby.",
        "Keep reading: Inside the steam room where handles are born The new owner intends to keep all of them.",
    ],
)
def test_what_the_article_says_behind_a_colon_is_left_whole(line: str) -> None:
    assert part_promos_within([*ARTICLE, line]) == [*ARTICLE, line]


def test_a_slash_sets_a_label_apart_from_its_title() -> None:
    first, second, third, fourth, fifth = SAID
    lines = (first, second, f"L'approfondimento / {SILT}", third, fourth, f"L'intervista / {FERRYMAN}", fifth)
    split = split_text("\n".join(lines))
    assert split.paragraphs == SAID
    assert [entry.title for entry in split.items] == [SILT, FERRYMAN]
    for own in (("Monday", "Tuesday"), ("Video", "Photos")):
        lines = (first, second, f"{own[0]} / {SILT}", third, fourth, f"{own[1]} / {FERRYMAN}", fifth)
        assert split_text("\n".join(lines)).items == ()


def test_known_labels_do_not_count_among_those_that_may_be_too_many() -> None:
    first, second, third, fourth, fifth = SAID
    known = f"Pour aller plus loin : {SILT}"
    lines = (
        first,
        second,
        known,
        third,
        fourth,
        f"Notre reportage : {FERRYMAN}",
        fifth,
        f"{known} again",
        first.replace("Tuesday", "Friday"),
    )
    assert [entry.title for entry in split_text("\n".join(lines)).items] == [SILT, FERRYMAN, f"{SILT} again"]


@pytest.mark.parametrize("button", ["Watch the video", "Listen to this article"])
def test_a_button_above_a_subheading_announces_no_title(button: str) -> None:
    first, second, third, *_ = SAID
    split = split_text("\n".join((first, second, button, SILT, third)))
    assert SILT in split.paragraphs
    assert split.items == ()


@pytest.mark.parametrize("label", ["بیشتر بدانید", "Korábban írtuk"])
def test_a_line_that_surely_invites_needs_no_mark_above_its_title(label: str) -> None:
    first, second, third, *_ = SAID
    split = split_text("\n".join((first, second, label, SILT, third)))
    assert split.paragraphs == (first, second, third)
    assert [entry.title for entry in split.items] == [SILT]
