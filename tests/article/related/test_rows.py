"""Names that a page without tags runs into one line."""

from __future__ import annotations

import pytest

from worker.article.related.head import head_of
from worker.article.related.rows import is_row_of_buttons, is_row_of_known_names
from worker.article.related.split import split_text

_PROSE = [
    "The last boat to the islands will leave at midnight from April, the harbour board decided on Tuesday evening.",
    "Fares stay as they are. Residents had asked for a later crossing since the hospital on the mainland closed its night ward.",
]


@pytest.mark.parametrize(
    "line",
    ["Facebook Telegram Viber", "Share on X | Share on LinkedIn | Copy link", "FacebookTwitterWhatsAppTelegram", "Drucken Teilen"],
)
def test_buttons_in_one_line_are_a_share_bar(line: str) -> None:
    assert is_row_of_buttons(line)
    assert split_text("\n".join(["Boats at night", line, *_PROSE])).paragraphs == ("Boats at night", *_PROSE)


@pytest.mark.parametrize("line", ["Facebook", "Facebook and Telegram", "Save the ferry", "Postmail", "Share, print."])
def test_other_lines_are_none(line: str) -> None:
    assert not is_row_of_buttons(line)


def test_a_button_beside_a_row_of_them_is_one_of_it() -> None:
    assert head_of(["Boats at night", "Artikel anhören", "Drucken Teilen", *_PROSE]) == {1, 2}


@pytest.mark.parametrize(
    "line",
    [
        "Impressum Datenschutz AGB Abo kündigen",
        "Künye İletişim Çerez Politikası",
        "Over ons Voorwaarden Cookies",
        "Aviso legal - Política de cookies",
        "Redaksi Pedoman Media Siber Karir Kotak Pos",
    ],
)
def test_links_of_a_foot_in_one_line_are_the_pages(line: str) -> None:
    assert is_row_of_known_names(line)
    assert split_text("\n".join([*_PROSE, line])).paragraphs == tuple(_PROSE)


@pytest.mark.parametrize(
    "line",
    [
        "Cookies and privacy",
        "Privacy",
        "Contact with the About family",
        "Help for the ferry's crew and Contact",
        "Careers Help Nobody, Says the Harbour Board of Both Islands",
        "Terms. Privacy.",
    ],
)
def test_a_line_with_such_words_stays(line: str) -> None:
    assert not is_row_of_known_names(line)
