"""Other articles in texts that write links as Markdown does."""

from __future__ import annotations

import pytest

from worker.article.related.split import split_text

PARAGRAPHS = (
    "A museum of keys opened on Saturday in what used to be the chemist's shop of Lower Harrow, with 3,816 keys on show.",
    "The oldest was forged in the seventeenth century, and the newest came last week from a neighbour who had lost his lock.",
    "About half of them still open something, as the museum found when the council asked it for help with a safe.",
    "Whoever comes in has to unlock a padlock first; the record stands at nine seconds, and a child holds it.",
)
ADDRESS = "https://harrow.example/town/chemist"


@pytest.mark.parametrize(
    "promo",
    [
        "[Read also: The chemist's shop is listed at last]({})",
        "[READ ALSO: The chemist's shop is listed at last]({})",
        "**Read also:** [The chemist's shop is listed at last]({})",
        "Read also: [The chemist's shop is listed at last]({})",
    ],
)
def test_a_promo_that_is_a_link_loses_its_brackets(promo: str) -> None:
    for address in (ADDRESS, ADDRESS + "/" + 30 * "long-"):
        split = split_text("\n".join((*PARAGRAPHS[:2], promo.format(address), *PARAGRAPHS[2:])))
        assert split.paragraphs == PARAGRAPHS
        assert [(entry.title, entry.url) for entry in split.items] == [("The chemist's shop is listed at last", address)]


TITLES = (
    "The locksmith of Harrow who would not open a safe",
    "What the safe of the council of Harrow held",
    "Five small museums worth a turn off the road at Harrow",
)


def test_links_to_one_site_below_a_heading_are_its_other_articles() -> None:
    links = [f"* [{title}](https://harrow.example/{number})" for number, title in enumerate(TITLES)]
    split = split_text("\n".join((*PARAGRAPHS, "### Round the houses", *links)))
    assert split.paragraphs == PARAGRAPHS
    assert [entry.title for entry in split.items] == list(TITLES)


def test_links_to_many_sites_are_where_the_article_has_it_from() -> None:
    links = [f"* [{title}](https://harrow{number}.example/{number})" for number, title in enumerate(TITLES)]
    split = split_text("\n".join((*PARAGRAPHS, "### Round the houses", *links)))
    assert split.items == ()
