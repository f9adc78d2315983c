"""One canonical text: what two copies of an article agree on."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.article.code_pages import _CODECS
from worker.article.normalize import _CONTROL, _INVISIBLE, _MARKS, canonical, canonical_words, clean, letters

SAME = [
    ("“It’s over,” she said – at last.", '"It\'s over," she said - at last.'),
    ("FERRY Returns", "ferry returns"),
    ("a  b\n\tc\u00a0d", "a b c d"),
    ("soft\u00adhyphen zero\u200bwidth", "softhyphen zerowidth"),
    ("« Bonjour » !", "«Bonjour»!"),
    (unicodedata.normalize("NFD", "Été à Nîmes"), "Été à Nîmes"),
    ("ﬁnancial ２０２４", "financial 2024"),
    ("STRASSE", "straße"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_typography_case_spacing_and_unicode_form_are_no_difference(one, other):
    assert canonical(clean(one)) == canonical(clean(other))


@pytest.mark.parametrize(("one", "other"), [("ten boats", "two boats"), ("résumé", "resume"), ("1.5", "15")])
def test_other_words_are_a_difference(one, other):
    assert canonical(one) != canonical(other)


@given(st.text())
def test_cleaning_and_canonical_form_are_stable(text):
    assert clean(clean(text)) == clean(text)
    assert canonical(canonical(text)) == canonical(text)


def test_a_clean_paragraph_is_one_line_of_composed_characters():
    assert clean(" Cafe\u0301\r\n\u200b au\u00a0 lait\ufeff \x00") == "Café au lait"


def test_joiners_that_a_script_needs_are_kept():
    assert clean("می\u200cخواهم") == "می\u200cخواهم"


LATIN = st.text(st.characters(max_codepoint=255) | st.sampled_from("’“”—–‘…•„‚‹›"))
TEXTS = (
    st.text()
    | LATIN
    | st.one_of([st.text(bytes(range(256)).decode(codec, "ignore")) for codec in _CODECS])
    | st.text(st.sampled_from("аБйё́ ,.-_½«»…'ﬁ京，ไ้ก็\u200c\n/="))
    | st.lists(st.sampled_from(["\u034f", "\ufffc", "e\u0301", "  ", "\u00a0", "\x85", "\x1c", "\ud800", "a", "İ"])).map("".join)
)


@given(TEXTS)
def test_a_paragraph_is_clean_by_the_plain_rules_whatever_it_is_made_of(text):
    seen = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
    assert clean(text) == " ".join(_CONTROL.sub("", seen).split())


@given(TEXTS)
def test_a_text_in_a_code_page_has_the_canonical_form_that_it_would_have_in_any_script(text):
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    assert canonical(text) == re.sub(r"[\W_]+", " ", _MARKS.sub("", folded)).strip()
    assert canonical_words(text) == canonical(text).encode().split()
    assert letters(text) == re.sub(r"[\W_]+", "", text).casefold()
