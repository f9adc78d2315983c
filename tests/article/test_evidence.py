"""Signs that a line can bear."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.article.evidence import (
    _HARD_STOP,
    _SENTENCE_END,
    _TRUNCATED,
    Evidence,
    _any_of,
    _trie_of,
    ends_hard,
    ends_sentence,
    extend_lexicon,
    fold,
    is_quoted,
    is_truncated,
    lexicon,
    overlap,
    source_and_age,
    weight,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("À LIRE AUSSI :", "a lire aussi"),
        ("İLGİLİ HABERLER", "ilgili haberler"),
        ("اقرأ أيضًا:", "اقرأ ايضا"),
        ("【関連記事】", "関連記事"),
        ("Lue\u00ad myös\u200b", "lue myös"),
    ],
)
def test_wordings_are_compared_without_case_accents_and_edges(one: str, other: str) -> None:
    assert fold(one) == fold(other)


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
    ],
)
def test_headings_of_many_languages_are_markers(heading: str) -> None:
    assert lexicon().is_marker(heading)


@pytest.mark.parametrize("line", ["Related articles are not the problem in themselves.", "The related cost rose", "", "…"])
def test_a_heading_is_a_marker_only_as_a_whole(line: str) -> None:
    assert not lexicon().is_marker(line)


@pytest.mark.parametrize("line", ["Lire la suite »", "Read More…", "続きを読む »", "Continued at Valley Post...", "»"])
def test_closing_lines_are_known_with_and_without_decoration(line: str) -> None:
    assert lexicon().is_closing(line)


@pytest.mark.parametrize(
    ("line", "source", "age"),
    [
        ("Evening Post · 2h", "Evening Post", "2h"),
        ("Morning Ledger · 1 day ago", "Morning Ledger", "1 day ago"),
        ("De Polder - 4 uur geleden", "De Polder", "4 uur geleden"),
        ("il y a 2 heures", None, "il y a 2 heures"),
        ("3시간 전", None, "3시간 전"),
        ("2小时前", None, "2小时前"),
    ],
)
def test_a_line_of_source_and_age_is_taken_apart(line: str, source: str | None, age: str) -> None:
    assert source_and_age(line) == (source, age)


@pytest.mark.parametrize(
    "line", ["Eat 60–90 minutes before your workout", "9. Eat breakfast every day", "The ferry left two hours ago."]
)
def test_a_sentence_that_speaks_of_time_is_no_age(line: str) -> None:
    assert source_and_age(line) is None


def test_a_dense_script_weighs_double() -> None:
    assert weight("関連記事") == 8
    assert weight("abcd") == 4


def test_a_cut_text_does_not_end_as_a_statement_does() -> None:
    assert is_truncated("a indiqué l'agence…")
    assert is_truncated("Vladimir...")
    assert not ends_hard("Vladimir...")
    assert ends_hard("Elle l'a dit. »")


def test_overlap_counts_the_longer_words_that_are_known() -> None:
    assert overlap("The ferry returns", frozenset({"ferry"})) == 0.5
    assert overlap("", frozenset({"ferry"})) == 0.0


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


@pytest.mark.parametrize(
    ("line", "source", "age"),
    [
        ("Релси и хора, вчера", "Релси и хора", "вчера"),
        ("ידיעות העמק, אתמול", "ידיעות העמק", "אתמול"),
        ("Il-Ħabbar (siegħa ilu)", "Il-Ħabbar", "siegħa ilu"),
        ("አዲስ ዜና - ትናንት", "አዲስ ዜና", "ትናንት"),
        ("Küstenbote, vor einer Stunde", "Küstenbote", "vor einer Stunde"),
    ],
)
def test_source_and_age_may_be_parted_by_a_comma_or_a_bracket(line: str, source: str, age: str) -> None:
    assert source_and_age(line) == (source, age)


def test_a_sentence_with_a_comma_is_no_source_and_age() -> None:
    assert source_and_age("The mill turns again, and nobody knows why") is None
    assert source_and_age("Yaşasın, köprü açıldı") is None


@given(st.text(st.sampled_from("aé1京ก .…⋯!?؟;。।\"'»”)]』[(\n\u00a0"), max_size=14))
def test_how_a_text_ends_is_what_the_patterns_say_of_its_end(text: str) -> None:
    assert is_truncated(text) == (_TRUNCATED.search(text[-12:]) is not None)
    assert ends_sentence(text) == (_SENTENCE_END.search(text[-12:]) is not None)
    assert ends_hard(text) == (_HARD_STOP.search(text[-12:]) is not None and not is_truncated(text))


@given(st.text() | st.text(st.sampled_from("aÉıİيى \t\u00a0\u0301\u064b\u200b\u202e_«’!京\U0001e8d0\U00010a0d")))
def test_a_fold_leaves_out_marks_and_edges_in_any_script(text: str) -> None:
    left_out = {*map(chr, (*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A))), "\u00ad", "\ufeff"}
    letters = [char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char) and char not in left_out]
    same = str.maketrans({"ı": "i", "ي": "ی", "ى": "ی"})
    plain = re.sub(r"\s+", " ", "".join(letters).translate(same).casefold())
    assert fold(text) == re.sub(r"^[\W_]+|[\W_]+$", "", plain)


@given(st.sets(st.text("ab.", min_size=1, max_size=4), min_size=1), st.text("ab.", max_size=8))
def test_wordings_written_as_a_trie_are_found_where_they_were(wordings: set[str], text: str) -> None:
    assert re.findall(_trie_of(wordings), text) == re.findall(_any_of(wordings), text)
