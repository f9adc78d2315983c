"""Signs that a line can bear, and how they add up."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.article.evidence import Evidence, extend_lexicon, lexicon
from worker.article.patterns import any_of, trie_of
from worker.article.wording import is_quoted

_TABLES = tomllib.loads(files("worker.article").joinpath("markers.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "heading",
    [
        "Related articles",
        "RELATED ARTICLES",
        "Lees ook:",
        "Читайте также",
        "関連記事",
        "관련기사",
        "اقرأ أيضا",
        "Soma pia",
        "یہ بھی پڑھیں",
        "Διαβάστε επίσης",
        "アクセスランキング（地域）",
        "Most read (North)",
        "남도신문 랭킹 뉴스",
        "한빛 일보 헤드라인",
        "港湾新聞の人気記事",
    ],
)
def test_headings_of_many_languages_are_markers(heading: str) -> None:
    assert lexicon().is_marker(heading)


@pytest.mark.parametrize(
    "line",
    [
        "Most read (North) today",
        "등대지기가 어제 다시 읽은 헤드라인",
        "“남도신문 헤드라인”",
        "The ferry (North)",
        "(North)",
        "Related articles are not the problem in themselves.",
        "The related cost rose",
        "",
        "…",
    ],
)
def test_a_heading_is_a_marker_only_as_a_whole(line: str) -> None:
    assert not lexicon().is_marker(line)


@pytest.mark.parametrize(
    "heading",
    [
        "From the same desk",
        "Dans le même dossier",
        "Aus derselben Serie",
        "Della stessa rubrica",
        "Ze stejné rubriky",
        "Από την ίδια στήλη",
        "Из той же рубрики",
        "من القسم نفسه",
        "از همین پرونده",
        "מאותו תיק",
        "同一系列",
        "同じ特集から",
        "같은 시리즈",
        "Cùng loạt bài",
        "Dari rubrik yang sama",
    ],
)
def test_what_is_of_the_same_desk_or_series_is_an_article(heading: str) -> None:
    assert lexicon().talks(heading) >= 2


@pytest.mark.parametrize("heading", ["The same day", "On the same page", "A new series", "The desk", "Le même jour", "Same again"])
def test_the_same_or_a_desk_alone_is_no_word_on_articles(heading: str) -> None:
    assert lexicon().talks(heading) == 0


def test_a_sentence_on_the_same_desk_is_none() -> None:
    assert lexicon().talks("She has sat at the same desk since the autumn of 1986, next to the only window.") == 0


@pytest.mark.parametrize(
    "heading", ["Você viu?", "Seen this?", "Altre storie di montagna", "Другие истории с севера", "Na naslovnici"]
)
def test_other_stories_the_front_page_and_what_one_saw_may_be_articles(heading: str) -> None:
    assert lexicon().talks(heading) > 0


@pytest.mark.parametrize("heading", ["Новини партнерів", "Zilizosomwa zaidi", "大家还在看", "No se lo pierda", "Älä missaa"])
def test_what_not_to_miss_and_what_partners_tell_is_known(heading: str) -> None:
    assert lexicon().is_marker(heading)


@pytest.mark.parametrize("line", ["Lire la suite »", "Read More…", "続きを読む »", "Continued at Valley Post...", "»"])
def test_closing_lines_are_known_with_and_without_decoration(line: str) -> None:
    assert lexicon().is_closing(line)


def test_signs_add_up_and_one_against_undoes_one_for() -> None:
    evidence = Evidence()
    evidence.add("marker", 1.0)
    assert evidence.enough
    evidence.add_if(True, "a list of the article", -0.7)
    assert not evidence.enough
    assert evidence.signs == ["marker", "a list of the article"]


@pytest.fixture
def extended() -> Iterator[None]:
    extend_lexicon(markers=["More on that harbour"], closings=["Tap to open"], hooks=["Acme-Reco"])
    yield
    extend_lexicon()


@pytest.mark.usefixtures("extended")
def test_wordings_of_ones_own_are_known_as_the_built_in_are() -> None:
    assert lexicon().is_marker("MORE ON THAT HARBOUR:")
    assert lexicon().is_closing("tap to open »")
    assert lexicon().is_hook("box acme-reco")
    assert lexicon().is_marker("Read also")


def test_wordings_of_ones_own_go_when_they_are_replaced() -> None:
    assert not lexicon().is_marker("More on that harbour")
    assert not lexicon().is_hook("box acme-reco")


@pytest.mark.parametrize(
    "heading",
    [
        "Τι άλλο γράφτηκε για το θέμα",
        "Toimitus poimi arkistosta aiheeseen sopivaa luettavaa",
        "اسی موضوع پر دیگر ذرائع سے",
        "ข่าวใกล้เคียงจากสำนักอื่น",
        "Scéalta eile faoin ábhar seo",
        "Осы тақырыпта тағы не жазылды",
    ],
)
def test_a_heading_of_unknown_wording_speaks_of_articles_by_its_words(heading: str) -> None:
    assert not lexicon().is_marker(heading)
    assert lexicon().talks(heading) >= 1


@pytest.mark.parametrize("heading", ["Les enfants du pays", "Warm weather ahead", "Neue Regeln ab Montag", "Guatemala", "Also"])
def test_other_headings_do_not_speak_of_articles(heading: str) -> None:
    assert lexicon().talks(heading) == 0


@pytest.mark.parametrize("heading", ["Fontes e leituras", "Fragen zum Thema", "Sources", "材料", "Ainekset"])
def test_an_article_lists_its_own_things_under_headings_of_their_names(heading: str) -> None:
    assert lexicon().lists_its_own(heading)


def test_who_quotes_a_wording_does_not_use_it() -> None:
    assert is_quoted("“Read more”")
    assert not lexicon().is_closing('"Read more"')
    assert not lexicon().is_marker("„Related articles“")
    assert lexicon().is_closing("Read more »")


@given(st.sets(st.text("ab.", min_size=1, max_size=4), min_size=1), st.text("ab.", max_size=8))
def test_wordings_written_as_a_trie_are_found_where_they_were(wordings: set[str], text: str) -> None:
    assert re.findall(trie_of(wordings), text) == re.findall(any_of(wordings), text)


def test_what_adds_up_to_one_is_enough_in_any_order() -> None:
    for values in ((0.6, 0.3, 0.1), (0.1, 0.3, 0.6), (0.2, 0.6, 0.2, 0.2, 0.2, -0.4)):
        evidence = Evidence()
        for value in values:
            evidence.add("a sign", value)
        assert evidence.enough


@pytest.mark.parametrize(
    "heading", ["Most read in Sport", "Mais lidas da semana", "Meistgelesen in Kultur", "Terpopuler minggu ini", "Trending"]
)
def test_what_is_read_most_may_be_said_of_a_place_or_a_time(heading: str) -> None:
    assert lexicon().names_popular(heading)


@pytest.mark.parametrize(
    "heading", ["Popular music in Wales", "Trending up in March", "Most read by those who had never read a book"]
)
def test_other_phrases_open_with_the_same_words(heading: str) -> None:
    assert not lexicon().names_popular(heading)


@pytest.mark.parametrize("heading", ["Gündemden Diğer Başlıklar", "Autres titres", "Otros titulares", "Altri titoli"])
def test_other_headlines_are_other_articles(heading: str) -> None:
    assert lexicon().talks(heading)


@pytest.mark.parametrize(
    "line", ["PHOTO: ANNA MILLS", "Picture: The bird that stole a ball", "사진=도담수협 제공", "이미지: 빈 위판장 내부"]
)
def test_who_took_a_picture_and_what_it_shows_is_no_title(line: str) -> None:
    assert lexicon().is_credit(line)


def test_a_label_in_capitals_before_a_sentence_is_a_titles() -> None:
    assert not lexicon().is_credit("PICTURES: Strawberries, cardigans and a thieving bird")


@pytest.mark.parametrize("line", ['"See also: boot leather," wrote the keeper in 1897.', "«Lire aussi : la botte», disait-il."])
def test_a_marker_that_somebody_is_quoted_with_introduces_nothing(line: str) -> None:
    assert lexicon().after_marker(line) == ""


# Questions that are answered by the first letters, or the last, of what was asked: no wording may be passed over for them.


@pytest.mark.parametrize("opening", _TABLES["closing_prefixes"]["all"])
def test_every_opening_of_a_closing_line_is_known(opening: str) -> None:
    assert lexicon().is_closing(f"{opening} Post")


@pytest.mark.parametrize("wording", _TABLES["bylines"]["by"])
@pytest.mark.parametrize("form", [str, str.upper, str.capitalize])
def test_every_wording_of_a_byline_is_known(wording: str, form: type[str]) -> None:
    assert lexicon().byline_in(f"{form(wording)} Ada Berg") is not None


@pytest.mark.parametrize("name", ["남도신문", "KBS"])
@pytest.mark.parametrize("marker", [marker for group in _TABLES["behind_names"].values() for marker in group])
def test_every_marker_behind_a_name_is_known(marker: str, name: str) -> None:
    assert lexicon().is_marker(f"{name} {marker}")


@pytest.mark.parametrize("form", [str, str.upper, str.capitalize, "{}:".format, "» {}".format])
def test_every_marker_is_known(form: Callable[[str], str]) -> None:
    markers = [marker for table in (_TABLES["markers"], _TABLES["popular"]) for group in table.values() for marker in group]
    assert [marker for marker in markers if not lexicon().is_marker(form(marker))] == []
