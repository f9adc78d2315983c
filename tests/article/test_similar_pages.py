"""Pages with blocks of other articles in many languages and layouts, and pages that only look as if they had one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from worker.article import Article, extract_article

CASES = sorted(Path(__file__).parent.parent.joinpath("data", "similar-pages").iterdir())
ONE_LINE = "the block is one line, and nothing tells where a title ends"
GLUED = "title and snippet are glued, in a script without capitals"
HEADLESS = "nothing heads the block"
FOOT = "a line of the page's foot that no wording tells from the article"

ITEMS_NOT_FOUND = {
    "html-hu-h17": "entries without links below a heading of unknown wording",
    "html-hi-v48": GLUED,
    "text-fa-k19": GLUED,
    "text-fr-x02": ONE_LINE,
    "text-pl-v08": ONE_LINE,
    "text-th-t02": "two Thai snippets begin with one letter, which looks like the title's last",
    "text-th-v28": "Thai snippets without ends are taken for titles",
    "text-uk-e06": "two links of the foot in one line",
    "text-vi-v27": HEADLESS,
    "text-zh-k22": GLUED,
}
BODY_NOT_WHOLE = {
    "html-en-v58": "a subheading of the article's that says Read more",
}
LEAKS = {
    "html-en-q37": "an invitation of unknown wording beside a button",
    "html-hu-h17": ITEMS_NOT_FOUND["html-hu-h17"],
    "html-it-v42": FOOT,
    "text-ar-e15": FOOT,
    "text-en-k02": FOOT,
    "text-fr-v03": "a line of categories with a heading's words among them",
    "text-fr-x02": ONE_LINE,
    "text-hu-v23": FOOT,
    "text-nl-e16": FOOT,
    "text-pl-v08": ONE_LINE,
    "text-vi-e11": "the author's name in capitals below the text",
    "text-vi-v27": HEADLESS,
}


def params(faults: dict[str, str]) -> list[Any]:
    assert faults.keys() <= {case.name for case in CASES}
    return [
        pytest.param(
            case, id=case.name, marks=[pytest.mark.xfail(reason=faults[case.name], strict=True)] if case.name in faults else []
        )
        for case in CASES
    ]


def read(case: Path) -> tuple[Article, dict[str, Any]]:
    (page,) = case.glob("page.*")
    gold = json.loads(case.joinpath("gold.json").read_text(encoding="utf-8"))
    return extract_article(page.read_bytes(), gold["url"]), gold


def squash(text: str | None) -> str:
    return "".join((text or "").replace("\u200c", "").split())


@pytest.mark.parametrize("case", params(ITEMS_NOT_FOUND))
def test_every_entry_and_no_other_is_returned(case: Path) -> None:
    article, gold = read(case)
    found = {(squash(entry.title), squash(entry.snippet), entry.url) for entry in article.similar}
    wanted = {(squash(entry["title"]), squash(entry["snippet"]), entry["url"]) for entry in gold["similar"]}
    optional = {squash(entry["title"]) for entry in gold["similar_optional"]}
    assert wanted <= found
    assert all(entry in wanted or entry[0] in optional for entry in found)


@pytest.mark.parametrize("case", params(BODY_NOT_WHOLE))
def test_the_body_is_whole(case: Path) -> None:
    article, gold = read(case)
    assert [text for text in gold["body"] if squash(text) not in squash(article.text)] == []


@pytest.mark.parametrize("case", params(LEAKS))
def test_nothing_of_a_block_is_left_in_the_body(case: Path) -> None:
    article, gold = read(case)
    body = squash("".join(gold["body"]))
    assert [
        text for text in gold["drop"] if len(text) > 3 and squash(text) in squash(article.text) and squash(text) not in body
    ] == []
