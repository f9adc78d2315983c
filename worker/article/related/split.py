"""Similar news in plain text: which lines are the article's, which are entries of a block, which are neither.

Text has lost its tags, so rhythm is what is left: a heading that introduces, entries of one shape, a line that closes each of
them.  A block is found by a closing line that keeps time, by a known heading, by a heading among sentences, or by a run of titles
after the last sentence; in each case the signs are added up (`evidence.Evidence`) and what does not reach the threshold stays the
article's.  Losing a paragraph of an article is worse than returning an entry too few.
"""

from __future__ import annotations

from worker.article.related.aged import cut_aged
from worker.article.related.announced import without_announcements
from worker.article.related.breaks import part_lines
from worker.article.related.cadence import cut_cadences
from worker.article.related.dated import cut_rows
from worker.article.related.introduced import cut_introduced
from worker.article.related.items import unique
from worker.article.related.kindred import part_promos_within
from worker.article.related.labels import without_labels
from worker.article.related.lines import PlainPage
from worker.article.related.marked import cut_marked
from worker.article.related.pairs import cut_pairs
from worker.article.related.references import with_addresses
from worker.article.related.scattered import cut_scattered
from worker.article.related.stepped import cut_stepped
from worker.article.related.strung import part_strung
from worker.article.related.tables import clean_lines, cut_tables
from worker.article.related.tidy import TextSplit, tidy_paragraphs
from worker.article.related.wrapped import unwrap


def split_text(text: str) -> TextSplit:
    """Take a plain-text page apart, one paragraph a line."""
    lines = unwrap(clean_lines(text.splitlines()))
    lines, labels = without_labels(part_lines(part_strung(with_addresses(without_announcements(lines)))))
    page = PlainPage(part_promos_within(lines))
    cut_tables(page)
    cut_stepped(page)
    cut_rows(page)
    cut_aged(page)
    cut_cadences(page)
    cut_marked(page)
    cut_introduced(page)
    cut_scattered(page)
    cut_pairs(page)
    page.cut_foot()
    page.cut_beside_blocks()
    page.cut_forms()
    page.cut_masthead()
    tidied = tidy_paragraphs(page.rest())
    ordered = [entry for _, entries in sorted(page.items.items()) for entry in entries]
    return TextSplit(
        paragraphs=tidied.paragraphs,
        items=unique([*ordered, *tidied.items]),
        authors=tidied.authors,
        dateline=tidied.dateline,
        section=tidied.section or page.section,
        cuts=(*page.cuts, *labels, *tidied.cuts),
    )
