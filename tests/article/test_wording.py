"""What a text looks like, in any script."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.article.code_pages import _CODECS
from worker.article.wording import (
    _HARD_STOP,
    _SENTENCE_END,
    _TRUNCATED,
    ends_hard,
    ends_sentence,
    fold,
    is_truncated,
    overlap,
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


@given(st.text(st.sampled_from("aé1京ก .…⋯!?؟;。।\"'»”)]』[(\n\u00a0"), max_size=14))
def test_how_a_text_ends_is_what_the_patterns_say_of_its_end(text: str) -> None:
    assert is_truncated(text) == (_TRUNCATED.search(text[-12:]) is not None)
    assert ends_sentence(text) == (_SENTENCE_END.search(text[-12:]) is not None)
    assert ends_hard(text) == (_HARD_STOP.search(text[-12:]) is not None and not is_truncated(text))


TEXTS = (
    st.text()
    | st.text(st.sampled_from("aÉıİيى \t\u00a0\u0301\u064b\u200b\u202e_«’!京\U0001e8d0\U00010a0d"))
    | st.one_of([st.text(bytes(range(256)).decode(codec, "ignore")) for codec in _CODECS])
)


@given(TEXTS)
def test_a_fold_leaves_out_marks_and_edges_in_any_script(text: str) -> None:
    left_out = {*map(chr, (*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A))), "\u00ad", "\ufeff"}
    letters = [char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char) and char not in left_out]
    same = str.maketrans({"ı": "i", "ي": "ی", "ى": "ی"})
    plain = re.sub(r"\s+", " ", "".join(letters).translate(same).casefold())
    assert fold(text) == re.sub(r"^[\W_]+|[\W_]+$", "", plain)


@pytest.mark.parametrize(
    "text", ["It came by cable. (kau)", "Sie kam etwas feucht an. (dpa/lby)", "Kto się boi, ten pierwszy. (KS)", "已开放。（完）"]
)
def test_a_sentence_signed_by_its_author_is_one(text: str) -> None:
    assert ends_hard(text)
    assert ends_sentence(text)


def test_a_name_in_brackets_ends_no_sentence() -> None:
    assert not ends_hard("Bridge to open in spring (AP)")
    assert not ends_hard("Bridge to open in spring... (AP)")
