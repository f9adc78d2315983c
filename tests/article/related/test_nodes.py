"""Questions asked of a page's nodes."""

from __future__ import annotations

import lxml.html
from hypothesis import given
from hypothesis import strategies as st

from worker.article.outline import Outline
from worker.article.related.nodes import first_words, has_more_letters, says_more_than


@given(st.text(max_size=300), st.integers(0, 150))
def test_letters_are_counted_up_to_the_number_that_matters(text: str, than: int) -> None:
    assert has_more_letters(text, than) == (sum(map(str.isalnum, text)) > than)


@given(st.lists(st.text("ab \n", max_size=40), max_size=8), st.integers(0, 60))
def test_what_surely_says_more_has_a_longer_text(runs: list[str], letters: int) -> None:
    page = Outline(lxml.html.document_fromstring("<body><div>" + "".join(f"<p>{run}</p>" for run in runs) + "</div>"))
    if says_more_than(page.root, letters):
        assert len(page.root.text) > letters


def test_first_words_are_the_lead_of_an_element_and_of_one_whose_first_child_is_gone() -> None:
    page = Outline(lxml.html.document_fromstring("<body><p>Read <b>this</b> also: <a href='/n/1'>A ferry</a></p>"))
    paragraph, bold, link = page.nodes[1:]
    assert [first_words(node) for node in (paragraph, bold, link)] == ["Read ", "this", "A ferry"]
    bold.remove()
    assert first_words(paragraph) == paragraph.lead == "Read  also: "
