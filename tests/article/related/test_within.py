"""Promos within a paragraph's line, behind which the article goes on."""

from __future__ import annotations

import pytest

from worker.article.related.split import split_text
from worker.article.related.within import part_promos_within

ARTICLE = (
    "Eleven people are employed at the works, which has bent its own handles since 1868. ",
    "The hats are made of straw that grows in the valley, and the new owner buys all that there is.",
    "A shop is to open at the gate in spring, with the old steam engine in its window.",
)


@pytest.mark.parametrize(
    ("before", "label", "title", "after"),
    [
        (
            "Eleven people are employed at the works.",
            "Keep reading:",
            "Inside the steam room where handles are born",
            "The new owner intends to keep all of them.",
        ),
        (
            "Los primeros meses se han ido en reconstruir muros de barro.",
            "No te pierdas:",
            "El oficio de salinero en Puerto Almeja se aprende descalzo",
            "Las mareas hacen el resto, explica la coordinadora.",
        ),
        (
            "Kapal itu singgah dua hari di setiap pulau.",
            "Simak juga:",
            "Siapa Guru yang Mengajar dengan Perahu Dayung?",
            "Anak-anak boleh meminjam tiga buku dan mengembalikannya.",
        ),
        (
            "До системи приєдналися 34 господарства з трьох громад, і ще п'ять думають.",
            "Також дивіться —",
            "Перший врожай меду з гречки",
            "Ще вісім надіслали заявки минулого тижня.",
        ),
    ],
)
def test_a_promo_is_parted_from_what_the_article_says_behind_it(before: str, label: str, title: str, after: str) -> None:
    split = split_text("\n".join((*ARTICLE, f"{before} {label} {title} {after}")))
    assert [entry.title for entry in split.items] == [title]
    assert split.paragraphs[-2:] == (before, after)


@pytest.mark.parametrize(
    "line",
    [
        "Eleven people are employed at the works. Read also: this is what the sign at the gate said. The owner took it down.",
        "Eleven people are employed at the works. The rule is simple: Nobody leaves before the engine stops. The owner agrees.",
        "Eleven people are employed at the works. Keep reading: Inside the Steam Room of Pascoe and Daughters in Harrowby.",
        "Keep reading: Inside the steam room where handles are born The new owner intends to keep all of them.",
    ],
)
def test_what_the_article_says_behind_a_colon_is_left_whole(line: str) -> None:
    assert part_promos_within([*ARTICLE, line]) == [*ARTICLE, line]
