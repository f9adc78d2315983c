"""A date that no page states is found where dates stand, as htmldate finds it in the whole page."""

from __future__ import annotations

import htmldate
import pytest

from worker.article import guessed_date
from worker.article.document import copy_for_lxml_html, parse
from worker.article.guessed_date import guess_date

STORY = "<p>The ferry sails again. " * 40
DATED = {
    "address": ("<p>Text.", "https://news.example.org/2019/03/12/ferry"),
    "meta that is not ours": ('<meta name="gentime" content="2019-03-12"><p>Text.', None),
    "class": ('<div class="kicker">Harbour 1987 5</div><span class="post-date">March 12, 2019</span>', None),
    "id before class": ('<div id="date" class="top">12 March 2019</div>', None),
    "within": ('<div class="entry-meta">\n\t\t<b>By Ann Lee</b>\n\t\t<i>on 12 March 2019</i></div>', None),
    "German": ('<p class="datum">Stand: 12. März 2019', None),
    "time": ("<time>12/03/2019</time>", None),
    "first of several": ('<p class="date">12.03.2019<p class="date">14.03.2019', None),
    "picture": ('<meta property="og:image" content="https://img.example.org/2019/03/12/ferry.jpg"><p>Text.', None),
    "several times": ("<time>14.03.2019</time> <time>12.03.2019</time>", None),
    "tooltip": ('<span class="byline" title="12 March 2019">Tuesday</span>', None),
    "heading": ("<h1>The news of 12 March 2019</h1>", None),
    "abbr": ('<abbr class="published" title="2019-03-12">Tuesday</abbr>', None),
    "foot": ("<footer>Published 12.03.2019</footer>", None),
    "any attribute": ('<b data-said="2019-03-12T10:00:00Z">Tuesday</b>', None),
    "running text": ("<p>(2019-03-12) It sails.", None),
    "label in the text": ("<p>Veröffentlicht am 12.03.2019", None),
}


@pytest.mark.parametrize(("markup", "url"), DATED.values(), ids=DATED)
def test_a_date_is_found_wherever_htmldate_finds_it(markup, url):
    document = parse(f"<html><body>{markup}{STORY}", url)
    assert guess_date(document) == "2019-03-12"
    assert (
        htmldate.find_date(copy_for_lxml_html(document.root), url=url, extensive_search=False, original_date=True) == "2019-03-12"
    )


def test_a_page_without_a_date_has_none_and_is_not_searched(monkeypatch):
    shown = []
    monkeypatch.setattr(guessed_date.htmldate, "find_date", lambda page, **_: shown.append(page))
    assert guess_date(parse(f"<body><p class=date>today<p>Room 1.2, call 555-1987{STORY}")) is None
    assert not shown


def test_what_a_tree_can_hold_and_not_be_given_is_left_out():
    document = parse("<body><p class='date&#12;&#1;' title='&#65534;1987 \x0c 1'>\x0b12 March 2019")
    assert guess_date(document) == "2019-03-12"
