"""The checker sees what it is there to see: a run that it finds whole, with one thing spoilt at a time."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.chaos.checker import Outcomes, Ref, Verdict, compare
from tests.chaos.pages import Page, page_of, text_of

SEED = 3


@pytest.fixture
def pages() -> dict[Ref, Page]:
    return {(0, number): page for number in range(300) if not (page := page_of(SEED, number)).cut}


@pytest.fixture
def outcomes(pages: dict[Ref, Page]) -> Outcomes:
    """What a worker without fault makes of the pages."""
    made = Outcomes()
    first: dict[int, Ref] = {}
    for ref, page in pages.items():
        if page.reason is not None:
            made.dead[ref].append(({"winnow-reason": page.reason.encode()}, page.payload))
        elif page.article is not None:
            if (owner := first.setdefault(page.article, ref)) == ref:
                made.articles[ref].append(text_of(SEED, page.article).decode())
            else:
                made.duplicates[ref].append(owner)
    return made


def judge(pages: dict[Ref, Page], outcomes: Outcomes) -> Verdict:
    verdict = Verdict()
    compare(verdict, pages, outcomes, SEED)
    return verdict


def test_a_run_without_fault_is_whole(pages: dict[Ref, Page], outcomes: Outcomes) -> None:
    assert outcomes.duplicates
    assert outcomes.dead
    assert judge(pages, outcomes) == Verdict()


def _lose_an_article(outcomes: Outcomes) -> None:
    outcomes.articles.popitem()


def _double_an_article(outcomes: Outcomes) -> None:
    next(iter(outcomes.articles.values())).append(next(iter(outcomes.articles.values()))[0])


def _swap_a_text(outcomes: Outcomes) -> None:
    one, other = list(outcomes.articles.values())[:2]
    one[0] = other[0]


def _publish_a_duplicate(outcomes: Outcomes) -> None:
    ref, (owner, *_) = outcomes.duplicates.popitem()
    outcomes.articles[ref] = list(outcomes.articles[owner])


def _lose_the_owner(outcomes: Outcomes) -> None:
    del outcomes.articles[next(iter(outcomes.duplicates.values()))[0]]


def _change_a_reason(outcomes: Outcomes) -> None:
    next(iter(outcomes.dead.values()))[0][0]["winnow-reason"] = b"extraction_failed"


def _cut_a_dead_letter(outcomes: Outcomes) -> None:
    next(letters for letters in outcomes.dead.values() if letters[0][1])[:] = [({"winnow-reason": b"no_main_text"}, b"")]


def _bring_a_stranger(outcomes: Outcomes) -> None:
    outcomes.articles[9, 9] = ["A story that nobody sent."]


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (_lose_an_article, "lost"),
        (_double_an_article, "doubled"),
        (_swap_a_text, "wrong"),
        (_publish_a_duplicate, "wrong"),
        (_lose_the_owner, "lost"),
        (_change_a_reason, "wrong"),
        (_cut_a_dead_letter, "wrong"),
        (_bring_a_stranger, "wrong"),
    ],
)
def test_what_is_spoilt_is_found(pages: dict[Ref, Page], outcomes: Outcomes, spoil: Callable[[Outcomes], None], found: str) -> None:
    spoil(outcomes)
    assert getattr(judge(pages, outcomes), found)


def test_a_duplicate_of_a_duplicate_leads_to_an_article_and_never_in_a_circle(pages: dict[Ref, Page], outcomes: Outcomes) -> None:
    ref, (owner,) = next((ref, owners) for ref, owners in outcomes.duplicates.items() if owners[0] in outcomes.articles)
    between = (9, 0)
    pages[between] = pages[ref]
    outcomes.duplicates[between] = [owner]
    outcomes.duplicates[ref] = [between]
    found = judge(pages, outcomes)
    assert found == Verdict(chained=1)
    outcomes.duplicates[between] = [ref]
    assert len(judge(pages, outcomes).lost) == 2
