"""Rows of names without a mark between them: links of a site's foot, buttons of a share bar.

A page that has lost its tags runs them into one line: `Imprint Privacy Terms`, `FacebookTwitterWhatsApp`.
"""

from __future__ import annotations

import re
from typing import Final

from worker.article.evidence import lexicon
from worker.article.wording import ends_sentence, fold

_MAX_LINE, _MAX_WORDS = 120, 16
_MAX_NAME: Final = 5  # words of one
_MIN_NAMES: Final = 2
_JOINED: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


def is_row_of_buttons(line: str) -> bool:
    """Whether a line is two buttons of a share bar or more, and nothing else: `Facebook Twitter`, `Share on X | Copy link`."""
    if not 0 < len(line) <= _MAX_LINE or ends_sentence(line):
        return False
    known = lexicon().joined_buttons
    parts = [folded for word in _JOINED.sub(" ", line).split() if (folded := fold(word).replace(" ", ""))]
    if not _MIN_NAMES <= len(parts) <= _MAX_WORDS:
        return False
    at = names = 0
    while at < len(parts):
        count = next(
            (count for count in range(min(_MAX_NAME, len(parts) - at), 0, -1) if "".join(parts[at : at + count]) in known), 0
        )
        if not count:
            return False
        at += count
        names += 1
    return names >= _MIN_NAMES


def is_row_of_known_names(line: str) -> bool:
    """Whether a line is what several links of a site's foot say, one behind the other: `Imprint Privacy Cancel a subscription`.

    At least half of its words are known, and each link opens with a capital where the script has any: a heading of an article on
    `Cookies and privacy` has none before its second word.
    """
    tokens = line.split() if len(line) <= _MAX_LINE else []
    if not _MIN_NAMES <= len(tokens) <= _MAX_WORDS or tokens[0][:1].islower() or ends_sentence(line):
        return False
    known = lexicon().links
    parts = [fold(token) for token in tokens]
    at = names = said = 0
    while at < len(parts):
        count = 0
        if parts[at] in lexicon().link_openings and not tokens[at][:1].islower():
            count = next(
                (count for count in range(min(_MAX_NAME, len(parts) - at), 0, -1) if " ".join(parts[at : at + count]) in known), 0
            )
        names += count > 0
        said += count
        at += count or 1
    return names >= _MIN_NAMES and 2 * said >= len(list(filter(None, parts)))
