"""Blocks weighed, and runs of links given up before."""

from __future__ import annotations

import json
from pathlib import Path

import lxml.html
import pytest

from worker.article.outline import Outline
from worker.article.related.blocks import BlockFinder
from worker.article.related.weighing import Scales, _is_named_as_related, _most_wording, _Shape
from worker.article.wording import fold

CASES = sorted(Path(__file__).parents[2].joinpath("data", "similar").glob("html-*"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_no_run_is_given_up_that_all_its_evidence_would_make_a_block(case: Path) -> None:
    gold = json.loads(case.joinpath("gold.json").read_text(encoding="utf-8"))
    page = Outline(lxml.html.document_fromstring(case.joinpath("page.html").read_text(encoding="utf-8")))
    scales = Scales(gold["url"], frozenset({fold(gold["title"])}))
    for block in BlockFinder(page, gold["url"]).blocks():
        shape, named, evidence = _Shape(block), _is_named_as_related(block), block.evidence
        scales._weigh_wording(block, named, label_repeats=True)
        wording = evidence.score
        assert wording <= _most_wording(block, named) + 1e-6
        scales._weigh_shape(block, shape)
        scales._weigh_addresses(block, shape)
        scales._weigh_pieces(block, shape)
        assert shape.carries(wording) or not evidence.enough, evidence
