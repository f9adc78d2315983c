"""The likeliest seam of a title and a sentence that were run together in scripts without capitals."""

from __future__ import annotations

import pytest

from worker.article.related.dense import guess_dense
from worker.article.related.guess import guess_longest
from worker.article.related.seams import Neighbourhood, split_glued


@pytest.mark.parametrize(
    ("title", "snippet"),
    [
        ("港の古い倉庫が図書館に 市民が本を持ち寄る", "開館初日は八百人が訪れ、棚の半分がその日のうちに埋まった。"),
        ("「船は待ってくれない」渡し守の一日", "乗客は減ったが、欠航は三十年で二度しかない。"),
        ("赤字の路線バス、住民が運転へ", "免許の費用は町が半分を負担する。"),
        ("渔港老仓库变身图书馆", "居民捐出八千多本旧书，开馆首日就被借走一半。"),
        ("渡船停航三個月 村民盼早日復航", "縣府表示，新船預計年底前交付，屆時班次將增加一倍。"),
    ],
)
def test_a_seam_in_chinese_or_japanese_lies_where_title_and_sentence_are_likeliest(title: str, snippet: str) -> None:
    assert guess_dense(title + snippet, "") == len(title)


def test_two_characters_that_the_article_says_together_are_no_seam() -> None:
    line = "老候船室要不要搬遷文史工作者認為原地保存才有意義。"
    at = guess_dense(line, "")
    assert at is not None
    assert guess_dense(line, line[at - 1 : at + 1]) != at


def test_a_title_alone_has_no_seam() -> None:
    assert guess_dense("港の古い倉庫が図書館に 市民が本を持ち寄る催しも", "") is None
    assert guess_longest("مكتبة المدينة القديمة تفتح أبوابها أمام الزوار", frozenset()) is None


@pytest.mark.parametrize(
    ("title", "snippet"),
    [
        ("قارب الصيد القديم يعود إلى ميناء المدينة", "يقول الصيادون إن الإصلاح استغرق عامين كاملين."),
        ("המעבורת הישנה חוזרת אל הנמל", "תושבי השכונה מחכים לה כבר שלוש שנים."),
        ("पुरानी नाव फिर घाट पर लौटी", "मल्लाहों ने दो साल में उसकी मरम्मत पूरी की।"),
        ("낡은 창고가 도서관으로 바뀐다", "주민들이 책 팔천 권을 모아 기증했다."),
    ],
)
def test_a_long_word_that_is_none_of_the_page_holds_the_seam(title: str, snippet: str) -> None:
    *words, last = title.split()
    first, *others = snippet.split()
    tokens = frozenset(word.strip(".।") for word in (*words, *others))
    at = guess_longest(title + snippet, tokens)
    assert at is not None
    assert len(title) - len(last) < at < len(title) + len(first)


def test_a_line_is_split_by_guess_only_beside_others() -> None:
    near = Neighbourhood.of(["渡船停航已經三個月，村民每天得繞行二十公里。"])
    one, other = (
        "漁港老倉庫變身圖書館居民捐出八千多本舊書，首日就被借走一半。",
        "橋上的週末市場重新開張業者表示，人潮比預期多兩成。",
    )
    assert split_glued([one], near) == [(one, None)]
    assert [title for title, _ in split_glued([one, other], near)] == ["漁港老倉庫變身圖書館", "橋上的週末市場重新開張"]
