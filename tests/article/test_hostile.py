"""Pages that once cost more than their size: a step that reads them again for each of their parts would need minutes, or years.

Nothing is timed.  Each page is read in a moment by steps that are linear, and never by others.
"""

from __future__ import annotations

import pytest

from worker.article import extract_article
from worker.errors import PageError

ARTICLE = (
    "The ferry to the islands is late again\n"
    "The harbour master said on Tuesday that the ferry would be late because of the storm, and nobody knew when it would sail.\n"
    "A second ferry was sent from the mainland in the evening, according to the operator, which has two more in reserve.\n"
)
MANY = 200_000

PAGES = {
    "comments before what may be HTML": (None, "<!---->" * 2000 + "<p>" + ARTICLE),
    "brackets that close with none": ("text/plain", ARTICLE + "[" * MANY + ")"),
    "trophies without a rank": ("text/plain", ARTICLE + "\U0001f3c6" * MANY + "1"),
    "points that end no sentence": ("text/plain", ARTICLE + "." * MANY + "a"),
    "points before a block": (
        "text/plain",
        "." * MANY + "a Similar News: You can also read news stories like this one. The ferry is late Read more » The storm Read more »",
    ),
    "dashes behind the word for a right": ("text/plain", ARTICLE + "Copyright" + "-" * MANY + "\n"),
}


@pytest.mark.parametrize(("content_type", "page"), PAGES.values(), ids=PAGES)
def test_a_page_costs_no_more_than_its_size(content_type: str | None, page: str) -> None:
    try:
        article = extract_article(page.encode(), None, content_type)
    except PageError as error:
        assert str(error)
    else:
        assert article.text
