"""What tells the heading of a block and its titles from the article's own, where no word does.

An article whose parts have headings may set a list below one of them.  One without parts sets few words amid its paragraphs for
something that is not its own, and lines as long as headlines below them are no facts, names or verses.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from worker.article.related.lines import PlainPage
from worker.article.related.shapes import is_prose
from worker.article.wording import NAME_PARTICLES, OPENING_QUOTES, is_quoted, is_unspaced, weight, words

_SHORT, _EXPLAINED, _USUAL = 24, 32, 40  # weight of the shortest headline, and of several on average
_MIN_WORDS: Final = 4
_MAX_HEADING: Final = 0.75  # of the weight of a title
_WITHIN_NAMES: Final = NAME_PARTICLES | {"das", "degli", "dei", "des", "die", "do", "e", "et", "i", "och", "of", "og", "the", "und"}
_MIN_NAMES, _MIN_SAID = 2, 4  # words of a paper's name, and letters of a word before it
_GOES_ON: Final = ",;:،؛，；：、"


def are_as_long_as_headlines(titles: Sequence[str], *, explained: bool = False) -> bool:
    """Whether lines have the length of headlines, which facts, names, verses and what goes into a dish are shorter than.

    None is a quotation, or goes on in the next line.  Those that a snippet explains may be shorter.
    """
    if any(weight(title) < _SHORT or is_quoted(title) or title[-1] in _GOES_ON for title in titles):
        return False
    if any(title[0].islower() or (len(words(title)) < _MIN_WORDS and not is_unspaced(title)) for title in titles):
        return False
    return sum(map(weight, titles)) >= (_EXPLAINED if explained else _USUAL) * len(titles)


def stands_alone(page: PlainPage, start: int, end: int, titles: Sequence[str]) -> bool:
    """Whether words stand right below a paragraph as none do elsewhere in the article, and no title below opens as they do."""
    heading, above = page.lines[start], page.lines[start - 1] if start else ""
    if not is_prose(above) or not opens_with_a_word(heading) or any(map(str.isdigit, heading)):
        return False
    first = heading.split()[0]
    if any(not opens_with_a_word(title) or title.split()[0] == first for title in titles):
        return False
    if weight(heading) * len(titles) > _MAX_HEADING * sum(map(weight, titles)) or any(
        line[-1] in ")）" for line in page.lines[start:end]
    ):
        return False
    return not any(not start <= at < end for at in page.headings())


def opens_with_a_word(line: str) -> bool:
    """Whether a line opens with no bullet, bracket or dash."""
    return line[0].isalnum() or line[0] in OPENING_QUOTES


def ends_with_name(heading: str) -> bool:
    """Whether a line ends with a name of two words or more, in capitals behind a longer word in small letters."""
    tokens = heading.split()
    at = len(tokens)
    while at > 0 and (tokens[at - 1][:1].isupper() or (at < len(tokens) and tokens[at - 1] in _WITHIN_NAMES)):
        at -= 1
    names = sum(token[:1].isupper() for token in tokens[at:])
    said = any(len(token) >= _MIN_SAID and token.islower() for token in tokens[:at])  # else capitals mean nothing
    return names >= _MIN_NAMES and said and not any(mark in heading for mark in ".:/|?!")
