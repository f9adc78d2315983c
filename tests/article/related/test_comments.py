"""Comments known by the count that heads them."""

from __future__ import annotations

import lxml.html
import pytest

from worker.article.outline import Outline
from worker.article.related.comments import comments_of

PROSE = "<p>The council of Harrowby approved the new bridge on Monday after a debate that lasted nearly five hours.</p>" * 4


def comments(body: str) -> list[list[str]]:
    page = Outline(lxml.html.document_fromstring(f"<body><div>{body}</div></body>"))
    return [[node.text for node in nodes] for _, nodes in comments_of(page)]


def test_a_count_above_the_article_is_of_its_head_and_prose_is_counted_up_to_each_heading() -> None:
    block = "<div><h4>2 comments</h4><p>At last, a bridge!</p><p>My ferry is cheaper.</p></div>"
    said = ["2 commentsAt last, a bridge!My ferry is cheaper."]
    assert comments(block + PROSE + block * 2) == [said, said]


def test_a_mark_may_stand_before_the_count() -> None:
    said = "<div><div>Comments / 2</div><div>At last, a bridge!</div><div>My ferry is cheaper.</div></div>"
    assert comments(PROSE + said) == [["Comments / 2At last, a bridge!My ferry is cheaper."]]


def test_the_element_that_a_count_opens_is_comments() -> None:
    assert comments(
        PROSE + "<div><h4>Comments <span>(2)</span></h4><p>At last, a bridge!</p><p>My ferry is cheaper.</p></div>"
    ) == [["Comments (2)At last, a bridge!My ferry is cheaper."]]


def test_what_follows_a_count_is_comments_as_long_as_it_is_of_one_make() -> None:
    rows = (
        "<h4>2 comments</h4><div class=c>At last, a bridge!</div><div class=c>My ferry is cheaper.</div><div class=more>More</div>"
    )
    assert comments(PROSE + rows) == [["2 comments", "At last, a bridge!", "My ferry is cheaper."]]


@pytest.mark.parametrize(
    "body",
    [
        f"<span>2 comments</span><div>{PROSE}</div>",
        f"{PROSE}<a href=/c>2 comments</a><div>{PROSE}</div>",
        f"{PROSE}<h4>2 comments</h4>{PROSE}",
        f"{PROSE}<div><span>2 comments</span></div>",
    ],
)
def test_a_count_that_no_comments_follow_is_left_alone(body: str) -> None:
    assert comments(body) == []


@pytest.mark.parametrize("heading", ["Vos commentaires", "Reader comments", "Комментарии читателей", "댓글"])
def test_the_element_that_a_word_for_comments_opens_is_comments(heading: str) -> None:
    said = f"<div><div>{heading}</div><div>At last, a bridge! Now the ferry can rest.</div></div>"
    assert comments(PROSE + said) == [[f"{heading}At last, a bridge! Now the ferry can rest."]]
    assert len(comments(PROSE + said.replace(heading, f"\n {heading} "))) == 1
    assert comments(said + PROSE) == []


@pytest.mark.parametrize("heading", ["Reacties", "I commenti", "Komentarze", "Comments"])
def test_a_section_of_the_article_may_be_headed_by_a_word_for_comments(heading: str) -> None:
    assert comments(PROSE + f"<section><h2>{heading}</h2><p>The mayor calls it a bridge too far.</p></section>") == []
