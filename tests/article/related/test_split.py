"""Plain-text pages taken apart, and paragraphs tidied."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.article.evidence import lexicon
from worker.article.related.lead import _without_repeats, breadcrumb_section, category_section, drop_repeats, says_twice
from worker.article.related.pairs import find_pairs, find_titles
from worker.article.related.promos import find_promo, repeated_phrases
from worker.article.related.seams import Neighbourhood, seam, split_glued
from worker.article.related.split import split_text
from worker.article.related.tidy import tidy_paragraphs
from worker.article.wording import kinship, stems_of

CASES = sorted(Path(__file__).parents[2].joinpath("data", "similar").glob("text-*"))

ARTICLE = (
    "The council of Harrowby approved the new bridge on Monday after a debate that lasted nearly five hours, officials said.\n"
    "Work will begin in spring and is expected to take two years, according to the contractor.\n"
    "The old crossing will stay open for cyclists and walkers until the works end.\n"
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_recorded_page_comes_out_as_its_gold_says(case: Path) -> None:
    gold = json.loads(case.joinpath("gold.json").read_text(encoding="utf-8"))
    split = split_text(case.joinpath("page.txt").read_text(encoding="utf-8"))
    assert list(split.paragraphs) == gold["body"]
    assert [
        {key: getattr(entry, key) for key in expected} for entry, expected in zip(split.items, gold["similar"], strict=True)
    ] == gold["similar"]
    if "authors" in gold:
        assert list(split.authors) == gold["authors"]
        assert split.dateline == gold["dateline"]


def test_a_page_without_a_block_stays_whole() -> None:
    split = split_text(ARTICLE)
    assert split.paragraphs == tuple(ARTICLE.splitlines())
    assert split.items == ()
    assert split.cuts == ()


def test_an_empty_page_is_nothing() -> None:
    assert split_text("").paragraphs == ()
    assert split_text(" \n\u200b\n").paragraphs == ()


def test_a_line_between_a_category_line_and_a_marker_is_the_articles() -> None:
    last = "Tolls on the old crossing, past and present"
    block = "Related articles\nFerry owners fear for the future\nHow bridges changed the valley\n"
    split = split_text(ARTICLE + f"Harrowby Sport, Harrowby Cricket\n{last}\n" + block)
    assert split.paragraphs[-1] == last
    assert split.section == "Harrowby"
    assert len(split.items) == 2


def test_every_cut_says_what_it_took_and_why() -> None:
    split = split_text(ARTICLE + "Related articles\nFerry owners fear for the future\nHow bridges changed the valley\n")
    (cut,) = split.cuts
    assert cut.kind == "block"
    assert cut.text.splitlines() == ["Related articles", "Ferry owners fear for the future", "How bridges changed the valley"]
    assert "marker" in cut.evidence


def test_quantities_are_no_category_line() -> None:
    assert category_section("10 g of walnuts, 10 g of breadcrumbs") is None


@pytest.mark.parametrize("pair", ["New York, New Jersey", "Manchester City, Manchester United"])
def test_two_names_that_open_alike_amid_an_article_are_no_category_line(pair: str) -> None:
    page = ARTICLE + f"These are drawn together:\n{pair}\n" + ARTICLE.replace("Harrowby", "Fordham")
    assert pair in split_text(page).paragraphs


@pytest.mark.parametrize(
    "line",
    [
        "20:14 | Candidate of the sciences wins",
        "| Fish | August | September | October |",
        "Årets dokumentar: «Tang» av Ingrid Moe",
        "Winners: Hale / Okafor, runners-up: Stein / Marlow",
    ],
)
def test_what_only_looks_parted_as_a_trail_of_sections_is_none(line: str) -> None:
    assert breadcrumb_section(line) is None


@pytest.mark.parametrize("line", ["Home > Sport > Football", "You are here: Home / News / Local", "Startseite » Politik"])
def test_a_trail_of_sections_names_the_last(line: str) -> None:
    assert breadcrumb_section(line) in {"Football", "Local", "Politik"}


@pytest.mark.parametrize(
    "trail", ["Startseite Nachrichten, Regionales, Verkehr", "الرئيسية، اقتصاد، زراعة", "Россия Последние новости"]
)
def test_a_trail_of_sections_right_above_a_heading_goes_with_the_block(trail: str) -> None:
    block = "Related articles\nFerry owners fear for the future\nHow bridges changed the valley\n"
    assert "\n".join(split_text(ARTICLE + f"{trail}\n{block}").paragraphs) == ARTICLE.strip()


@pytest.mark.parametrize("below", ["", "Related articles\nFerry owners fear for the future\nHow bridges changed the valley\n"])
@pytest.mark.parametrize("line", ["Flour, butter, salt", "Home cooks, bakers and brewers"])
def test_a_last_line_of_an_article_that_names_several_things_is_no_trail(line: str, below: str) -> None:
    assert line in split_text(ARTICLE + line + "\n" + below).paragraphs


def test_a_category_line_before_a_block_names_the_section() -> None:
    split = split_text(
        ARTICLE
        + "France Dernières Nouvelles, France Actualités\nSimilar News:\n"
        + "Un titre en RussieLe dirigeant est parti.\nLire la suite »\n"
    )
    assert split.section == "France"
    assert [(entry.title, entry.snippet) for entry in split.items] == [("Un titre en Russie", "Le dirigeant est parti.")]


def test_a_name_with_a_capital_inside_is_no_seam() -> None:
    split = split_text(ARTICLE + "Similar News:\nOn YouTube the bridge is a starThe film has a million views.\nRead more »\n")
    assert [(entry.title, entry.snippet) for entry in split.items] == [
        ("On YouTube the bridge is a star", "The film has a million views.")
    ]


def test_entries_equal_in_title_and_snippet_come_once() -> None:
    block = "Il ponte riapreDa lunedì si passa.\nLeggi di più »\n"
    assert len(split_text(ARTICLE + "Similar News:\n" + block + block).items) == 1


def test_a_sentence_said_twice_stays_at_its_first_place() -> None:
    lead, second, third = ARTICLE.splitlines()
    split = tidy_paragraphs([f"{lead} {second}", lead, f"{second} {third}"])
    assert split.paragraphs == (f"{lead} {second}", third)
    assert {cut.kind for cut in split.cuts} == {"repeat"}


def test_a_sentence_cut_short_yields_to_its_whole_twin() -> None:
    lead, second, _ = ARTICLE.splitlines()
    split = tidy_paragraphs([f"{second} {lead[:90]}", lead])
    assert split.paragraphs == (second, lead)


def test_the_style_of_quotes_makes_no_other_sentence() -> None:
    said = "We have waited for this bridge for decades and now it comes, said Ann Mills"
    assert tidy_paragraphs([f"'{said}'.", f"“{said}”."]).paragraphs == (f"'{said}'.",)


def test_a_question_put_twice_is_an_interview() -> None:
    question = "What is it that you like most about the life beside the river and its boats?"
    paragraphs = (question, "The birds.", question, "The quiet.")
    assert tidy_paragraphs(paragraphs).paragraphs == paragraphs


@pytest.mark.parametrize("by", ["By", "Edited by", "Rédigé par", "Editado por", "Oprac.", "Opracowanie:"])
def test_headline_and_byline_above_the_text_are_not_the_text(by: str) -> None:
    split = tidy_paragraphs(
        ["Bridge approved", f"{by} Ann Mills and Tom Ray", *ARTICLE.splitlines()], headlines=["Bridge approved"]
    )
    assert split.paragraphs == tuple(ARTICLE.splitlines())
    assert split.authors == ("Ann Mills", "Tom Ray")


@pytest.mark.parametrize(
    "label",
    [
        "Advertisement",
        "ADVERT",
        "Anzeige:",
        "– Publicité –",
        "Реклама:",
        "広告",
        "Article continues below advertisement",
        "La suite après cette publicité",
        "Tekst gaat verder onder de foto",
        "Artikkelen fortsetter under annonsen.",
        "Dalsza część artykułu pod reklamą",
    ],
)
def test_the_label_of_an_advertisement_is_no_paragraph(label: str) -> None:
    split = tidy_paragraphs(["The ferry has returned to the harbour.", label, "An advertisement said so."])
    assert split.paragraphs == ("The ferry has returned to the harbour.", "An advertisement said so.")
    assert [cut.kind for cut in split.cuts] == ["advertisement"]


@pytest.mark.parametrize(
    ("opening", "place"), [("SEOUL - ", "SEOUL"), ("NEW YORK (Reuters) - ", "NEW YORK"), ("Berlin (dpa) – ", "Berlin")]
)
def test_a_dateline_is_lifted_off_the_first_sentence(opening: str, place: str) -> None:
    split = tidy_paragraphs([opening + ARTICLE.splitlines()[0]])
    assert split.dateline == place
    assert split.paragraphs == (ARTICLE.splitlines()[0],)


def test_a_shout_before_a_dash_is_no_dateline() -> None:
    paragraph = "EXCLUSIVE - " + ARTICLE.splitlines()[0]
    assert tidy_paragraphs([paragraph]).paragraphs == (paragraph,)


@pytest.mark.parametrize(
    "page",
    [
        pytest.param("word " * 200_000, id="one line without an end"),
        pytest.param("Read more\n" * 3_000, id="closing lines alone"),
        pytest.param("\n".join(f"Read also: Ferry owners fear the future {number}" for number in range(2_000)), id="promos alone"),
        pytest.param(
            "\n".join(f"Ferry owners fear itThey said {number}.\nZob vse" for number in range(2_000)), id="a cadence alone"
        ),
    ],
)
def test_work_on_a_monstrous_page_is_bounded(page: str) -> None:
    assert split_text(page).paragraphs is not None


@pytest.mark.parametrize(
    "page",
    [
        "Der Rat hat am Dienstag den Haushalt beschlossen. Die Sitzung dauerte bis in die Nacht.\n"
        "Am Ende stimmte eine Mehrheit dafür, dass der Steg gestrichen und das Bad geflickt wird.\n"
        "Weitere Beschlüsse\nDie Glocke hängt künftig wieder am alten Platz\nDas Parken am Strand wird teurer\n"
        "Die neue Schule bekommt noch keinen Namen\n",
        "اعتبارا من أول نوفمبر تتغير أسعار الحافلات ومواعيدها في المحافظة. هذه أهم التغييرات التي تهم كل مسافر.\n"
        "وتبقى تخفيضات المتقاعدين كما هي، لكن يجب تجديد البطاقة قبل نهاية العام.\n"
        "تغييرات أخرى\nارتفاع أسعار القطارات في الضواحي\nإغلاق العبّارة عند الجسر القديم\nافتتاح المسبح في شارع السلام\n",
    ],
)
def test_further_things_at_the_end_are_no_articles(page: str) -> None:
    split = split_text(page)
    assert split.items == ()
    assert len(split.paragraphs) == len(page.splitlines())


BOOKS = (
    ("The Salt Road", "Ines Marlow, Harrow", "A family walks its cattle to the sea, and one of them does not come back."),
    ("Understudy", "Peter Okoro, Bell and Finch", "An actor is hired to play a dead man at his own funeral."),
    ("Stories for Readers Who Fish", "Clara Stein, Quay", "Nine stories, one river, and a pike in each of them."),
    ("Hard Rain", "Tom Ellery, Harrow", "The seventh thriller is his longest. It is also his quietest."),
    ("A Plain Woman", "Ruth Adeyemi, Lantern", "Based on the diaries of a Lagos seamstress."),
)
OPENING = "Summer is when people read, and autumn is when they tell us about it, in letters with sand in them.\n"


@pytest.mark.parametrize(
    "opening",
    [
        "You have told us what you are reading this summer. These are the books that readers recommended most to our editors.\n",
        OPENING + "These are the books that readers recommended most often to our editors.\n",
        OPENING + "Our readers' favourite stories\n",
        OPENING,
    ],
)
def test_books_with_their_authors_are_no_sources_with_titles(opening: str) -> None:
    page = opening + "".join("\n".join(book) + "\n" for book in BOOKS)
    assert split_text(page).paragraphs == tuple(page.splitlines())


def test_quoted_titles_below_a_first_sentence_that_speaks_of_reading_are_the_articles() -> None:
    entries = "".join(f'"{title}"\nBy {author}\n{said}\n' for title, author, said in BOOKS)
    page = "Autumn is for reading, and our editors recommend five stories that readers must not miss.\n" + entries
    assert split_text(page).paragraphs == tuple(page.splitlines())


def test_who_signs_a_letter_introduces_no_block() -> None:
    letters = (
        ("Save the pier", "For thirty years the same man has painted the pier. Nobody thanks him.", "Margaret Hale, Southsea"),
        ("A pool is not a luxury", "Children drown because they cannot swim. I call it arithmetic.", "D. Readman, Gosport"),
        ("Tea at four pounds", "I have paid four pounds for a tea on the front. It came in paper.", "Name and address supplied"),
        ("More on seagulls", "Your correspondent is wrong. Gulls do not aim.", "Prof. A. Lindqvist, Emsworth"),
    )
    page = "Your letters this week are about the pier, mostly.\n" + "".join("\n".join(letter) + "\n" for letter in letters)
    assert split_text(page).paragraphs == tuple(page.splitlines())


LEAD = "The council of Harrowby approved the new bridge on Monday after a debate that lasted nearly five hours."


def test_a_lead_that_stands_twice_is_kept_once() -> None:
    assert tidy_paragraphs([LEAD, LEAD, "Work begins in spring."]).paragraphs == (LEAD, "Work begins in spring.")
    assert tidy_paragraphs([LEAD, f"{LEAD} Work begins in spring."]).paragraphs == (f"{LEAD} Work begins in spring.",)


def test_what_is_said_twice_further_down_stays() -> None:
    step = "Portion plan for the second meal: one green, one red, one yellow and a spoon of oil for the salad."
    paragraphs = (LEAD, *(f"Day {day} of the plan begins with a walk of half an hour before breakfast." for day in range(1, 6)))
    assert tidy_paragraphs([*paragraphs, step, "Then rest.", step]).paragraphs == (
        *paragraphs,
        step,
        "Then rest.",
        step,
    )


def test_an_abbreviation_ends_no_sentence() -> None:
    recipe = ["Mix the flour, the butter of the morning and the sugar with 1 tsp. olive oil until it is smooth.", LEAD]
    twin = "Mix the flour, the butter of the morning and the sugar with 1 tsp. salt if you like it savoury."
    assert tidy_paragraphs([*recipe, twin]).paragraphs == (*recipe, twin)


@pytest.mark.parametrize(
    "heading",
    ["Where it stops", "Reading list", "Questions on the topic", "Who won"],
)
def test_a_list_of_the_article_stays_below_its_heading(heading: str) -> None:
    listed = "Harbour Gate: next to the old kiosk\nCorn Market: outside the reading rooms\nHospital: at the main entrance\n"
    assert split_text(ARTICLE + heading + "\n" + listed).items == ()


def test_questions_with_answers_are_no_titles_with_snippets() -> None:
    asked = "Do I need a ticket for the new bridge?\nNo, walkers cross for nothing.\nIs it open in winter?\nYes, every day.\n"
    assert split_text(ARTICLE + "More on this from our readers\n" + asked).items == ()


def test_wordings_that_a_sentence_announces_are_what_the_article_is_on() -> None:
    quoted = "Over their boxes the six papers set one of these:\nRelated stories\nSimilar News\nMore like this\n"
    split = split_text(ARTICLE + quoted + "Hardly anybody in the county had ever looked at one of the boxes.\n")
    assert split.items == ()
    assert "Similar News" in split.paragraphs


def test_a_block_in_the_middle_ends_where_the_article_goes_on() -> None:
    block = "What our paper wrote on it before\nFerry owners fear for the future\nHow bridges changed the valley\n"
    split = split_text(ARTICLE + block + ARTICLE.replace("Monday", "Tuesday").replace("spring", "May").replace("old", "new"))
    assert [entry.title for entry in split.items] == ["Ferry owners fear for the future", "How bridges changed the valley"]
    assert len(split.paragraphs) == 6


def test_headings_that_come_again_above_their_paragraphs_are_the_contents() -> None:
    titles = "How the bridge was paid for by the town\nWhat the ferrymen will do from now on\n"
    parts = (
        "How the bridge was paid for by the town\nBy all.\n" + ARTICLE + "What the ferrymen will do from now on\n" + ARTICLE[:150]
    )
    assert split_text(ARTICLE + "More to read in this article\n" + titles + ARTICLE[150:] + parts).items == ()


def test_a_label_that_comes_again_among_paragraphs_closes_no_entries() -> None:
    first, second, third = ARTICLE.splitlines()
    page = ["Harrowby gets its bridge", "SUBSCRIBE", "A+", "A-", first, second, third]
    page += [
        "RELATED NEWS",
        "THE RIVER ROSE BY A METRE",
        "Nobody slept that night, said the mayor, who lives beside it.",
        second[:50] + ".",
    ]
    page += [
        '"ALL OF US RAN"',
        "The ferrymen had asked for a ramp, and for two more boats.",
        "RELATED NEWS",
        "THE FAIR HAS A DATE",
        third,
    ]
    assert {first, second, third} <= set(split_text("\n".join(page)).paragraphs)


def test_an_imprint_below_a_block_is_no_entry() -> None:
    split = split_text(
        ARTICLE + "Related articles\nFerry owners fear for the future\nHow bridges changed the valley\n© 2024 Valley Post\n"
    )
    assert [entry.title for entry in split.items] == ["Ferry owners fear for the future", "How bridges changed the valley"]


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("کراچی کے طلبہ نے تین سو کتابیں عطیہ کر دیںڈبے پر صرف اتنا لکھا تھا۔", "کراچی کے طلبہ نے تین سو کتابیں عطیہ کر دیں"),
        ("Πόσο κοστίζει μια καμάρα;Συγκρίναμε έξι πρόσφατες αναστηλώσεις.", "Πόσο κοστίζει μια καμάρα;"),
        ("โรงเรียนลอยน้ำแห่งแรกเปิดแล้วเด็กนักเรียนหนึ่งร้อยคนเริ่มเรียนในอาคารใหม่", "โรงเรียนลอยน้ำแห่งแรกเปิดแล้ว"),
        ("古桥修好了！石匠杨师傅说，他还能再修一座。", "古桥修好了！"),
        ("Que faire des autres lavoirs ?La commune en compte vingt-trois.", "Que faire des autres lavoirs ?"),
    ],
)
def test_a_seam_shows_itself_by_the_end_of_the_title(line: str, title: str) -> None:
    (at,) = {seam(line, Neighbourhood.of(["La commune a rouvert lundi son lavoir."]))}
    assert at is not None
    assert line[:at] == title


_SENTENCES = [
    "The ferry to the island sails again on Wednesday, the council's engineers said.",
    "The ferry to the island sails again on Wednesday, the council’s",
    "THE FERRY TO THE ISLAND SAILS AGAIN ON WEDNESDAY, THE COUNCIL'S ENGINEERS SAID",
    "Who pays for the new shaft and for all the bearings of the old ferry now?",
    "Паром до острова снова отправляется в среду, сообщили инженеры совета...",
    "轮渡星期三恢复运营港务局说头两周票价减半乘客们都很高兴公交车将在同一天停运。",
    "Fares are halved.",
]


@given(st.lists(st.lists(st.sampled_from(_SENTENCES), min_size=1, max_size=3).map(" ".join), max_size=9))
def test_no_repeat_is_overlooked_by_the_quick_look_at_the_whole_text(paragraphs: list[str]) -> None:
    assert drop_repeats(paragraphs) == _without_repeats(paragraphs, range(len(paragraphs)))


def test_a_numbered_heading_is_no_promo_whatever_its_first_word() -> None:
    assert find_promo("5. Related: the great box argument of the spring") is None
    assert find_promo("Nobody knows why. Related: the great box argument of the spring") is not None


@pytest.mark.parametrize("text", ["", "()", "[ ]", "（）", "(([]))"])
def test_brackets_around_nothing_are_no_promo(text: str) -> None:
    assert find_promo(text) is None


def test_inflected_words_are_kin() -> None:
    stems = stems_of(["Vodojem koupila skupina horolezců."])
    assert kinship("Co s prázdnými vodojemy", stems) > 0
    assert kinship("Sedmnáct nových laviček", stems) == 0


@pytest.mark.parametrize(
    "heading",
    [
        "Before you go",
        "Než odejdete, mrkněte ještě na tohle",
        "Aki idáig elolvasta, ezekre is kattintott",
        "看完再看看",
        "Kad ste već ovdje",
    ],
)
def test_words_to_a_reader_at_the_end_speak_of_articles(heading: str) -> None:
    assert lexicon().talks(heading)


PAIRS = (
    "Ferry returns to the Wend after nine years\nThe boat carried a thousand people on its first day.\n"
    "Who pays when a ferry sinks? Anglers answer\nHalf of the repair came from the fishing club.\n"
    'The skipper: "You could hear the ducks"\nHis old engine went to a museum in Harrowby.\n'
)
FERRY = (
    "The ferry on the Wend returned to service on Monday after nine years, and carried a thousand people on the first day alone.\n"
    "Skipper Hal Brody said that most of the passengers had asked him what had happened to the noise.\n"
    "The council paid half the cost of the repair, and the fishing club paid the rest with three raffles.\n"
    "The ferry runs from dawn until ten at night, and the fare will not change before the end of the year.\n"
)

SECTIONED = (
    "REGIONS",
    "Ferry trips resume after five days",
    "BUSINESS",
    "Paper maker to open a pulp mill",
    "REGIONS",
    "Mayor wants land for a solar farm",
)


def test_pairs_that_tell_what_the_page_tells_are_cut_without_a_heading() -> None:
    split = split_text(FERRY + PAIRS)
    assert split.paragraphs == tuple(FERRY.splitlines())
    assert [entry.title for entry in split.items] == PAIRS.splitlines()[::2]
    assert [entry.snippet for entry in split.items] == PAIRS.splitlines()[1::2]


def test_a_promo_amid_the_article_is_no_heading_of_it() -> None:
    pairs = PAIRS.replace("fishing club.", "fishing club, and a tenth from the...")
    first, *rest = FERRY.splitlines()
    split = split_text("\n".join((first, ">> Nine years without a ferry", *rest)) + f"\n{pairs}")
    assert [entry.title for entry in split.items if entry.snippet] == PAIRS.splitlines()[::2]
    split = split_text("\n".join((first, "Nine years without a ferry", *rest)) + f"\n{pairs}")
    assert split.items == ()


def test_pairs_on_something_else_are_the_articles_own_briefs() -> None:
    assert split_text(ARTICLE + "The contractor was chosen in autumn from among eleven.\n" + PAIRS).items == ()
    found = find_pairs((ARTICLE + "The contractor was chosen in autumn from among eleven.\n" + PAIRS).splitlines())
    assert found is not None
    assert not found[2].enough


BRIEFS = (
    ("Four villages ask for a ferry of their own", "A club has collected nine hundred names."),
    ("Why the anglers of the valley read poems", "A survey surprised the skipper himself."),
    ("The council buys a boat and fills it with bread", "It will make a round of the piers in May."),
)


@pytest.mark.parametrize(
    ("ages", "count"),
    [
        (("07.45", "05.30", "yesterday"), 3),
        (("2 hours ago", "5 hours ago", "yesterday"), 3),
        (("07.45", "09.30", "11.00"), 0),
        (("yesterday", "07.45", "05.30"), 0),
    ],
)
def test_times_that_run_back_above_titles_with_a_sentence_each_tell_other_articles(ages: tuple[str, ...], count: int) -> None:
    entries = "\n".join("\n".join((age, *brief)) for age, brief in zip(ages, BRIEFS, strict=True))
    split = split_text(FERRY + entries)
    assert [(entry.title, entry.snippet) for entry in split.items] == list(BRIEFS[:count])
    assert split.paragraphs[:4] == tuple(FERRY.splitlines())
    assert (len(split.paragraphs) == 4) is (count > 0)


def test_entries_of_a_live_blog_are_the_article() -> None:
    newest, *older = ("\n".join((age, *brief)) for age, brief in zip(("11.00", "09.30", "07.45"), BRIEFS, strict=True))
    for told in (FERRY.splitlines()[2], FERRY.splitlines()[2] + " Two of them paid twice."):
        live = f"{FERRY}12.10\nThe ferry is back at its pier\n{told}\n{newest}\n" + "\n".join(older)
        assert split_text(live).items == ()


def test_lines_of_a_poem_are_no_titles() -> None:
    poem = 'The ferry on the Wend, returned,\nasks: who will row tonight?\nand "nobody" the ducks reply\n'
    assert split_text(FERRY + poem).items == ()
    found = find_titles((FERRY + poem).splitlines())
    assert found is not None
    assert not found[2].enough


def test_a_phrase_that_comes_again_announces_titles() -> None:
    paragraphs = FERRY.splitlines()
    paragraphs[0] += " Pause here: The skipper who never learnt to swim"
    paragraphs[2] += " Pause here: Raffles that saved a village ferry"
    assert repeated_phrases(paragraphs) == {"pause here"}
    tidied = tidy_paragraphs(paragraphs)
    assert list(tidied.paragraphs) == FERRY.splitlines()
    assert [entry.title for entry in tidied.items] == ["The skipper who never learnt to swim", "Raffles that saved a village ferry"]


def test_a_label_of_most_paragraphs_announces_nothing() -> None:
    paragraphs = [
        f"{line} Where to stop: The ferry inn by the lower {lock} lock"
        for line, lock in zip(FERRY.splitlines(), "abcd", strict=True)
    ]
    assert not repeated_phrases(paragraphs)
    assert tidy_paragraphs(paragraphs).items == ()


def test_a_category_line_says_a_section_twice() -> None:
    assert says_twice("Économie locale, Toute l'économie locale")
    assert not says_twice("Paris, the capital of fashion")


@pytest.mark.parametrize(
    ("line", "title"),
    [
        (
            "Дитячі бібліотеки отримають 30 тисяч книжок12 мільйонів виділить обласний бюджет.",
            "Дитячі бібліотеки отримають 30 тисяч книжок",
        ),
        ("Qui sont les perdants ?« Chez nous, tout pousse », dit une maraîchère.", "Qui sont les perdants ?"),
        ("Η ζωή στο «Αγία Μαρίνα»«Κοιμόμαστε καλύτερα», λέει ένας μαθητής.", "Η ζωή στο «Αγία Μαρίνα»"),
        ("பனை ஏறும் கருவி கண்டுபிடித்த விவசாயிஎட்டாம் வகுப்பு மட்டுமே படித்தவர்.", "பனை ஏறும் கருவி கண்டுபிடித்த விவசாயி"),
        ("बावड़ियों का नक्शा तैयार होगाविश्वविद्यालय के छात्र जाएँगे।", "बावड़ियों का नक्शा तैयार होगा"),
        ("अब चालीस किलोमीटर नहीं जाना पड़ेगाछात्रों ने पहले ही दिन सभी सीटें भर दीं।", "अब चालीस किलोमीटर नहीं जाना पड़ेगा"),
        ("دانشجویانی که کلنگ به دست گرفتندپایان‌نامه چند نفر از آنان بیرون آمد.", "دانشجویانی که کلنگ به دست گرفتند"),
        ("«چاه نوزدهم از همه سخت‌تر بود»گفت‌وگو با مقنی هفتادساله‌ای که ماند.", "«چاه نوزدهم از همه سخت‌تر بود»"),
    ],
)
def test_a_seam_shows_itself_by_number_quotation_vowel_and_verb(line: str, title: str) -> None:
    near = Neighbourhood.of(["La commune a rouvert lundi son lavoir."])
    at = seam(line, near)
    assert at is not None
    assert line[:at].strip() == title


@pytest.mark.parametrize(
    "line",
    [
        "記者は“古い橋は直せる”と話した。町の人もそう言っている。",
        "그는 “다리를 고칠 수 있다”라고 말했다. 마을 사람들도 그렇게 말한다.",
    ],
)
def test_a_sentence_goes_on_behind_what_it_quotes(line: str) -> None:
    assert seam(line, Neighbourhood.of(["La commune a rouvert lundi son lavoir."])) is None


def test_a_title_that_stands_twice_splits_the_lines_that_open_with_it() -> None:
    title = "กาแฟดอยช้างหนีฝน หันใช้โรงอบแสงอาทิตย์"
    lines = [title + "กลุ่มวิสาหกิจชุมชนลงทุนร่วมกันสร้างโรงอบหลังแรก", title + title]
    assert [pair[0] for pair in split_glued(lines, Neighbourhood.of(["ชาวบ้านปลูกกาแฟบนดอย"]))] == [title, title]


def test_a_korean_dateline_names_place_and_reporter() -> None:
    split = tidy_paragraphs(
        ["(제주=바다통신) 오세린 기자 = 제주의 한 해녀학교에서 처음으로 외국인 졸업생이 나왔다고 학교가 밝혔다."]
    )
    assert split.authors == ("오세린",)
    assert split.dateline == "제주"
    assert split.paragraphs == ("제주의 한 해녀학교에서 처음으로 외국인 졸업생이 나왔다고 학교가 밝혔다.",)


def test_a_byline_glued_to_a_teaser_is_known_by_the_article_that_begins_below() -> None:
    paragraphs = (
        "The council of Harrowby approved the new bridge on Monday after a debate that lasted nearly five hours.",
        "Work will begin in spring and is expected to take two years, according to the contractor.",
        "The old crossing will stay open for cyclists and walkers until the works end.",
    )
    split = split_text("\n".join((f"By Nadia Castelan R. {paragraphs[0]} {paragraphs[1][:60]}", *paragraphs)))
    assert "\n".join(split.paragraphs).split() == "\n".join(paragraphs).split()
    assert split.authors == ("Nadia Castelan R",)


SAID = (
    "A truck with 212 goats broke down on Tuesday, and the goats went to work without waiting for a tow.",
    "By seven the animals had cleared the median, two vacant lots and most of one neighbour's tomatoes.",
    '"I was upset for about a minute," the neighbour said. "Then I saw that they had got the bindweed, too."',
)


@pytest.mark.parametrize("label", ["WATCH:", "WATCH |", "MORE:", "VIDÉO :", "СМОТРИТЕ:", "MIRÁ:"])
def test_a_word_in_capitals_announces_a_title(label: str) -> None:
    title = "Drone video shows goats spreading across the mesa"
    for lines in ((*SAID[:2], f"{label} {title}", SAID[2]), (*SAID[:2], f"{SAID[2]} {label} {title}")):
        split = split_text("\n".join(lines))
        assert split.paragraphs == SAID
        assert [entry.title for entry in split.items] == [title]


@pytest.mark.parametrize(
    "line",
    [
        "WATCH: The herd climbed the roof of the carport at noon.",
        "Where to watch: The old mill on the north bank of the river",
        "VIDEO: goats on roofs",
        "IN: Four goats from the herd across the valley",
    ],
)
def test_other_words_before_a_colon_announce_none(line: str) -> None:
    assert split_text("\n".join((*SAID[:2], line, SAID[2]))).items == ()


def test_a_headline_may_open_with_a_word_in_capitals() -> None:
    headline = "WATCH: Drone video shows goats spreading across the mesa"
    assert split_text("\n".join((headline, *SAID))).items == ()


@pytest.mark.parametrize(
    ("title", "snippet"),
    [
        ("New phone maps the valley", "iPhone owners get it first, the firm said."),
        ("Bridge on YouTube", "YouTube has removed a film of the bridge."),
        ("Second toll keeper found", "McDonald is his name, and he came from the coast."),
        ("Firm from Ohio wins contract in the U.S.", "The firm has built two bridges before."),
        ("Der Streit in der AfD", "Die Partei stimmte am Montag gegen die Brücke."),
        ("Bridge to cost £4.2m", "£4.2m will be spent, said the council."),
        ("Bridge vote: 'It was close'", "'We nearly lost', says the mayor."),
        ('Bridge vote: "It was close"', '"We nearly lost", says the mayor.'),
    ],
)
def test_a_name_with_a_capital_inside_a_sum_or_a_quotation_may_open_a_snippet(title: str, snippet: str) -> None:
    near = Neighbourhood.of(["The council of Harrowby approved the new bridge on Monday after a debate of five hours."])
    assert seam(title + snippet, near) == len(title)


@pytest.mark.parametrize(
    "line",
    [
        "Council buys iPhones for all",
        "老朽化した橋の架け替え費用は70億円に上る。町は国の補助を求めて県と協議する。",
        "Bill for the YouTube film: US$500",
        "An offer of A$40 a day",
    ],
)
def test_a_name_with_a_capital_inside_or_a_sum_is_no_seam(line: str) -> None:
    assert seam(line, Neighbourhood.of([])) is None


def test_a_word_that_the_page_uses_is_not_two_joined_where_a_mark_stands_behind_it() -> None:
    line = "مواضيع ذات صلة، يقولون. لكن ما صلة سعر البطاطا بزفاف ممثلة؟ الصلة الوحيدة أن كليهما يضغط عليه الناس."
    known = "لا يقول أحد لماذا ترتفع أسعار البطاطا في السوق كل صيف ولا من الذي يشتريها كلها."
    assert seam(line, Neighbourhood.of([known, line])) is None


_TOLD = [
    "The council of Harrowby approved the new bridge on Monday after a debate that lasted nearly five hours.",
    "Two of its members voted against it, since the old one may still be repaired, as an engineer told them.",
    "Work begins in spring and takes two years. Until then lorries have to go round by the ford at Ellwood.",
]


def test_a_keyword_that_is_a_label_further_down_closes_no_entry_above_the_articles_rights() -> None:
    lines = [*_TOLD[:2], "Read also", "Otters come back to the weir", _TOLD[2], "© All rights reserved", "Topics", "roads"]
    lines += ["bridges", "More on this topic", "THE CASE", "A fox sleeps in the market hall for three months", "BRIDGES"]
    split = split_text("\n".join([*lines, "Toll house for sale again after ten years of rain"]))
    assert split.paragraphs[:3] == tuple(_TOLD)


def test_a_known_heading_right_below_the_count_of_comments_heads_other_articles() -> None:
    split = split_text(
        "\n".join([*_TOLD, "86 comments", "Related articles", "Otters come back to the weir", "Toll house for sale"])
    )
    assert split.paragraphs == tuple(_TOLD)
    assert [entry.title for entry in split.items] == ["Otters come back to the weir", "Toll house for sale"]


def test_sections_in_capitals_and_titles_by_turns_end_a_page_without_a_heading() -> None:
    split = split_text(FERRY + "\n".join(SECTIONED))
    assert split.paragraphs == tuple(FERRY.splitlines())
    assert [entry.title for entry in split.items] == list(SECTIONED[1::2])


def test_what_an_article_lists_below_words_in_capitals_stays() -> None:
    for lines in (
        (*FERRY.splitlines(), "The prizes went to four villages:", *SECTIONED),
        (FERRY.splitlines()[0], "THE REPAIR", *FERRY.splitlines()[1:], *SECTIONED),
        (*FERRY.splitlines(), "MORNING", "Oats and milk", "NOON", "Soup of the day", "EVENING", "Bread with cheese"),
        (*FERRY.splitlines(), *SECTIONED, FERRY.splitlines()[0].replace("Wend", "Ure")),
    ):
        split = split_text("\n".join(lines))
        assert split.items == ()
        assert split.paragraphs == lines


def test_a_trail_of_sections_may_end_with_the_headline() -> None:
    headline = "Market fire: Traders count losses, demand hydrants"
    split = split_text(f"Home » Metro » Market fire: Traders count losses\n{headline}\n{FERRY}")
    assert split.section == "Metro"
    assert split.paragraphs == (headline, *FERRY.splitlines())


def test_a_heading_that_stood_above_one_title_stands_above_one_again() -> None:
    page = (
        f"{ARTICLE}Read also\nHERRING BACK IN THE BAY\n{ARTICLE.replace('The', 'That')}"
        "Read also\nFERRY MEN WANTED\nThe last of the barges leaves in autumn.\nSource: AP\n"
    )
    split = split_text(page)
    assert [(entry.title, entry.snippet) for entry in split.items] == [
        ("HERRING BACK IN THE BAY", None),
        ("FERRY MEN WANTED", None),
    ]
    assert "The last of the barges leaves in autumn." in split.paragraphs


def test_an_arrow_before_an_address_points_to_no_article() -> None:
    assert (
        split_text(f"{ARTICLE}☞ All that happens in the valley news@valley.example\n{ARTICLE.replace('The', 'That')}").items == ()
    )


@pytest.mark.parametrize(
    "line",
    [
        "Sign up for the Vale Post newsletter and never miss the stories that matter near you",
        "Mit unserem Newsletter verpassen Sie nichts mehr aus dem Tal – jetzt kostenlos anmelden!",
        "Get the Vale Post briefing in your inbox at seven. Sign up here.",
    ],
)
def test_an_invitation_amid_an_article_is_none_of_it(line: str) -> None:
    first, *rest = ARTICLE.splitlines()
    tidied = tidy_paragraphs([first, line, *rest])
    assert tidied.paragraphs == (first, *rest)
    assert [cut.kind for cut in tidied.cuts] == ["invitation"]


@pytest.mark.parametrize(
    "line",
    [
        "Sign up for shops' newsletters",
        "Sign up for the newsletters of the shops that you like, and wait.",
        "Get the newsletters of the shops that you like. Sign up where they ask for no more than an address.",
    ],
)
def test_advice_on_newsletters_stays(line: str) -> None:
    first, *rest = ARTICLE.splitlines()
    assert tidy_paragraphs([first, line, *rest]).paragraphs == (first, line, *rest)


@pytest.mark.parametrize("leading", ["Read more:", "Consulte Mais informação:"])
def test_where_an_aggregator_has_the_article_from_is_no_entry_and_no_text(leading: str) -> None:
    split = split_text(f"{leading}\nVale News (UK) »\n{ARTICLE}")
    assert split.items == ()
    assert split_text(f"Bridge approved\n{leading}\nVale News (UK) »\n{ARTICLE}").paragraphs[-3:] == tuple(ARTICLE.splitlines())
    assert "Vale News (UK) »" not in split_text(f"Bridge approved\n{leading}\nVale News (UK) »\n{ARTICLE}").paragraphs


@pytest.mark.parametrize("headline", ["संबंधित खबरें और थके हुए पाठक", "خبرهای مشابه و خوانندگان خسته", "חדשות דומות וקוראים עייפים"])
def test_a_headline_without_capitals_may_open_with_a_heading_of_other_articles(headline: str) -> None:
    split = split_text(f"{headline}\n{ARTICLE}")
    assert split.items == ()
    assert split.paragraphs == (headline, *ARTICLE.splitlines())


@pytest.mark.parametrize("arrow", [">>", ">>>", "»", "➡️", "＞＞"])
def test_a_line_with_an_arrow_of_any_kind_points_to_another_article(arrow: str) -> None:
    first, *rest = ARTICLE.splitlines()
    split = split_text("\n".join((first, f"{arrow} Lighthouse keepers wanted for two winters", *rest)))
    assert split.paragraphs == (first, *rest)
    assert [entry.title for entry in split.items] == ["Lighthouse keepers wanted for two winters"]


def test_a_quotation_that_opens_with_angles_points_to_nothing() -> None:
    first, *rest = ARTICLE.splitlines()
    line = "»Vi har ventet længe på den bro«, siger hun"
    assert split_text("\n".join((first, line, *rest))).paragraphs == (first, line, *rest)


@pytest.mark.parametrize(
    "line",
    [
        "Подробнее по теме — Сколько стоит третий мост",
        "Ранее мы писали — Узкоколейку хотели сдать в лом",
        "The story we wrote then | How the old bridge fell",
    ],
)
def test_a_dash_or_a_bar_parts_a_promo_as_a_colon_does(line: str) -> None:
    split = split_text(f"{ARTICLE}{line}")
    assert split.paragraphs == tuple(ARTICLE.splitlines())
    assert len(split.items) == 1


def test_keywords_between_the_article_and_a_block_go_with_their_heading() -> None:
    known = "Related\nLighthouse keepers wanted for two winters\nChoir of forty dogs sings at the fair\n"
    assert split_text(f"{ARTICLE}Temas relacionados\nBridges\nHarrowby\n{known}").paragraphs == tuple(ARTICLE.splitlines())


@pytest.mark.parametrize("between", ["", "Harrowby, Bridge, Council\n", "The bridge as it will be\n"])
def test_a_teaser_that_the_article_repeats_yields_to_it_though_a_line_parts_the_two(between: str) -> None:
    first, *rest = ARTICLE.splitlines()
    whole = f"{first} Nobody had expected the vote to be so close."
    paragraphs = split_text("\n".join(("Bridge approved after a long night", first, between.strip(), whole, *rest))).paragraphs
    assert first not in paragraphs
    assert paragraphs[-3:] == (whole, *rest)


@pytest.mark.parametrize(("trail", "section"), [("HomeMetro", None), ("Home / Vale / Harrowby / ", "Harrowby")])
def test_sections_run_into_the_headline_above_it_are_none_of_the_text(trail: str, section: str | None) -> None:
    headline = "Harrowby bridge approved after five hours of debate"
    split = split_text(f"{trail}{headline}\n{headline}\n{ARTICLE}")
    assert split.paragraphs == (headline, *ARTICLE.splitlines())
    assert split.section == section


@pytest.mark.parametrize(
    "line",
    [
        "We have shortened this story for readers in a hurry. Full text: Evening Post »",
        "Streszczamy tę wiadomość, abyś mógł przeczytać ją szybciej. Pełny tekst: Kurier Wydmowy »",
    ],
)
def test_who_tells_an_article_in_short_says_so_above_it(line: str) -> None:
    assert "\n".join(split_text(f"{line}\n{ARTICLE}").paragraphs) == ARTICLE.rstrip()
    first = "The council of Harrowby will read the old charter on Monday. The mayor: «Nobody has read it»"
    assert split_text(f"{first}\n{ARTICLE}").paragraphs[0] == first


def test_the_name_of_what_a_script_would_show_is_no_paragraph() -> None:
    first, *rest = ARTICLE.splitlines()
    assert split_text("\n".join((first, "[Gambas:Video 20detik]", *rest))).paragraphs == (first, *rest)
    for note in ("[Laughter]", "[Update: police say two are dead]"):
        assert note in split_text("\n".join((first, note, *rest))).paragraphs


def test_a_snippet_that_opens_with_a_figure_behind_a_quotation_shows_its_seam() -> None:
    near = Neighbourhood.of(ARTICLE.splitlines())
    line = "«Ich vermisse das Ruckeln»31 Jahre lang fuhr Reto Zumstein mit, nun schaut er nur noch zu."
    assert seam(line, near) == line.index("31")


def test_a_unit_behind_a_figure_is_no_seam() -> None:
    near = Neighbourhood.of(ARTICLE.splitlines())
    line = "Province to cover half of $11.6M roof billOttawa has not said whether it will contribute."
    assert seam(line, near) == line.index("Ottawa")


def test_no_sentence_opens_behind_a_comma() -> None:
    near = Neighbourhood.of(["最後の日はおでんが無料になった。", "店は春に閉じる。"])
    line = "「雲の上の売店」、最後の日はおでん無料キヨさんが店を始めたのは春だった。"
    assert seam(line, near) != line.index("最後")
