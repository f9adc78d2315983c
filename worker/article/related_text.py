"""Similar news in plain text: which lines are the article's, which are entries of a block, which are neither.

Text has lost its tags, so rhythm is what is left: a heading that introduces, entries of one shape, a line that closes each of
them.  A block is found by a closing line that keeps time, by a known heading, by a heading among sentences, or by a run of titles
after the last sentence; in each case the signs are added up (`evidence.Evidence`) and what does not reach the threshold stays the
article's.  Losing a paragraph of an article is worse than returning an entry too few.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from worker.article.evidence import lexicon
from worker.article.normalize import clean
from worker.article.related_cadence import cut_cadences
from worker.article.related_introduced import cut_introduced
from worker.article.related_items import unique
from worker.article.related_lines import PlainPage
from worker.article.related_marked import cut_marked
from worker.article.related_pairs import cut_pairs
from worker.article.related_shapes import MAX_ENTRY
from worker.article.related_tidy import TextSplit, tidy_paragraphs

_LAST_WORDS = re.compile(r"(?<=[.!?…»”’)\]।。！？।])\s*(?P<words>[^\W\d_][^.!?…。！？।]{3,38})[\s»›→]*$")


def split_text(text: str) -> TextSplit:
    """Take a plain-text page apart, one paragraph a line."""
    lines = [line for line in map(clean, text.splitlines()) if line]
    page = PlainPage(_part_closings(lines))
    cut_cadences(page)
    cut_marked(page)
    cut_introduced(page)
    cut_pairs(page)
    page.cut_foot()
    tidied = tidy_paragraphs(page.rest())
    ordered = [entry for _, entries in sorted(page.items.items()) for entry in entries]
    return TextSplit(
        paragraphs=tidied.paragraphs,
        items=unique([*ordered, *tidied.items]),
        authors=tidied.authors,
        dateline=tidied.dateline,
        section=tidied.section or page.section,
        cuts=(*page.cuts, *tidied.cuts),
    )


def _part_closings(lines: Sequence[str]) -> list[str]:
    """The lines, with a closing wording that stands at the end of its entry's own line on a line of its own."""
    ends = [_LAST_WORDS.search(line) if len(line) <= MAX_ENTRY else None for line in lines]
    wordings = Counter(end.group() for end in ends if end)
    parted: list[str] = []
    for line, end in zip(lines, ends, strict=True):
        if end and (lexicon().is_closing(end.group()) or (wordings[end.group()] >= 3 and not line[end.start() - 1].isspace())):
            parted += [line[: end.start()].rstrip(), end.group()]
        else:
            parted.append(line)
    return parted
