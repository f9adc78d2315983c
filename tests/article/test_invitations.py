"""Labels that invite to read, see or hear something else, and others."""

from __future__ import annotations

import pytest

from worker.article.evidence import lexicon
from worker.article.invitations import SURE


@pytest.mark.parametrize(
    "label",
    [
        "(Re)lire",
        "Notre reportage",
        "Confira",
        "Також дивіться",
        "往期回顾",
        "ΜΗ ΧΑΣΕΤΕ",
        "Bài nên xem",
        "Lesetipp",
        "NOTRE DOSSIER",
        "함께 볼 만한 기사",
        "VIEW",
        "Olvasta már",
        "Don’t miss",
        "Смотреть видео",
        "Czytaj więcej",
        "あわせて読みたい",
        "Unsere Reportage",
        "Para leer",
        "What to read next",
        "İzleyin",
        "شاهد أيضا",
        "यह भी देखें",
        "Tonton juga",
        "Også i bilder",
        "আরও দেখুন",
    ],
)
def test_words_of_invitation_go_together(label: str) -> None:
    assert lexicon().inviting.strength(label) == SURE


@pytest.mark.parametrize("label", ["点击了解", "Με ένα κλικ", "L'APPROFONDIMENTO", "Video", "Earlier on BVN", "Mehr", "动画视频"])
def test_a_word_that_other_labels_have_too_must_be_set_apart(label: str) -> None:
    assert lexicon().inviting.strength(label) == 1


@pytest.mark.parametrize(
    "label",
    [
        "Analysis",
        "Interview",
        "Reader",
        "Lesung",
        "Where to see it",
        "Dónde verlo",
        "How to listen",
        "More than a story",
        "Am See",
        "Las Vegas",
        "Lee",
        "Photos de la mer",
        "Portrait de la mère",
        "据报道",
        "View 3 images",
        "Read Dickens and his friends",
        "Tip",
        "Meet the harbour team",
        "Vice president",
        "READING",
        "Apple Watch",
        "Watch out",
        "Leer",
        "Guarda",
        "Lies",
        "Meet at",
        "Notre histoire",
        "",
    ],
)
def test_other_labels_invite_to_nothing(label: str) -> None:
    assert lexicon().inviting.strength(label) == 0
