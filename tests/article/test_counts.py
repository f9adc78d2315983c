"""What is counted beside an article or an entry."""

from __future__ import annotations

import pytest

from worker.article.counts import counts_comments, is_count


@pytest.mark.parametrize(
    "text",
    [
        "2 comments", "Comentários (2)", "Komentarze: 2", "2 комментария", "2 yorum", "نظر 2",
        "댓글 2개", "コメント（2）", "2 टिप्पणियाँ",
        "Σχόλια (2)", "Bình luận (2)", "1.204 Kommentare", "共2条评论", "கருத்துகள் (2)", "3 ความคิดเห็น",
        "תגובות (2)", "12 komentářů", "Comments / 38", "Kommentare · 12", "Комментарии – 4",
    ],
)  # fmt: skip
def test_a_count_of_comments_is_known_in_many_languages(text: str) -> None:
    assert counts_comments(text)
    assert is_count(text)


@pytest.mark.parametrize(
    "text", ["2", "Comments", "12:30", "3 bridges", "Comment 2 amis ont traversé", "2 comments by the mayor of Harrowby"]
)
def test_other_short_texts_count_none(text: str) -> None:
    assert not counts_comments(text)


@pytest.mark.parametrize(
    "text",
    [
        "1,204 views", "3 shares", "12 likes", "5 photos", "2 vidéos", "4 Bilder", "7 фото", "18 просмотров", "3 lượt xem",
        "112 partages", "Lectures : 88", "浏览量：1024", "12 comments · 3 shares", "45 shares this week",
    ],
)  # fmt: skip
def test_a_count_of_anything_else_is_no_count_of_comments(text: str) -> None:
    assert is_count(text)
    assert not counts_comments(text)


@pytest.mark.parametrize(
    "text",
    ["12 May", "3 bridges", "Views", "5 likely winners", "4 shareholders", "Photo: 3 men on a boat", "12 mai 2024", "9. Mai"],
)
def test_a_figure_beside_another_word_is_none(text: str) -> None:
    assert not is_count(text)
