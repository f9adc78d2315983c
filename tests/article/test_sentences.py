"""What says something, and what is only words."""

from __future__ import annotations

import pytest

from worker.article.sentences import has_sentence, is_headline


@pytest.mark.parametrize(
    "text",
    [
        "The bridge over the Calder was closed on Monday.",
        "“The bridge is closed until the spring,” he said. (hp)",
        "桥梁于星期一关闭，将于春天重新开放。",
        "橋は月曜日に閉鎖され、春に再開される予定だ。",
        "สะพานข้ามแม่น้ำถูกปิดเมื่อวันจันทร์ และจะเปิดอีกครั้งในฤดูใบไม้ผลิ",
        "여객선은 유월에 운항을 재개한다고 항만 당국이 밝혔다.",
        "Liikennelaitos keskeytti lauttaliikenteen maanantaiaamuna.",
        "पुल सोमवार को बंद कर दिया गया और वसंत में खुलेगा।",
        "The bridge over the Calder was closed on Monday because of ice and will open again in the spring",
    ],
)
def test_a_brief_has_a_sentence(text):
    assert has_sentence(text)


@pytest.mark.parametrize(
    "text",
    [
        "Home",
        "hello",
        "Email",
        "Forgot your password?",
        "Already have an account?",
        "News Sport Weather Business Culture Travel",
        "หน้าแรก ข่าว กีฬา ธุรกิจ วัฒนธรรม ท่องเที่ยว ติดต่อเรา",
        "首页 新闻 体育 财经 娱乐 联系我们",
        "© 2024 The Calder Post and its licensors, all rights reserved everywhere.",
    ],
)
def test_labels_and_imprints_have_none(text):
    assert not has_sentence(text)


PROSE = "The Port Halden ferry will resume its service in June after a shutdown that was caused by a cracked shaft."


@pytest.mark.parametrize("headline", ["Ferry returns to Port Halden", "Ferry returns: what is known of the 11 weeks"])
def test_a_line_without_a_stop_above_prose_is_a_headline(headline):
    assert is_headline(headline, PROSE)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("The ferry returned on Monday.", PROSE),  # a sentence
        ("Will the ferry ever return to the harbour?", PROSE),  # so may this be
        ("The harbour authority said on Monday:", PROSE),  # what follows belongs to it
        (
            "The ferry returned to Port Halden after a shutdown of",
            "eleven weeks that was caused by a cracked shaft, the authority said.",
        ),
        ("Transport", PROSE),  # a section
        ("Ferry returns to Port Halden", "Harbour Post staff, Monday"),  # no prose follows
        (
            "Ferry returns to Port Halden after many weeks in the shipyard",
            "It sailed at seven on Monday morning.",
        ),  # as long as its prose
    ],
)
def test_what_may_be_the_article_s_own_words_is_no_headline(first, second):
    assert not is_headline(first, second)
