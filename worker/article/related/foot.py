"""What ends a page and is neither the article's nor an entry: whose the page is, how to follow it, comments.

Whatever ends a page so hides that a block above it stands at the end.  Some lines no article has, wherever they stand last
(`© 2024 Evening Post`); others an article may well end with, a row of names or where to write to, and only a block before them
tells that they are the page's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from worker.article.counts import counts_comments
from worker.article.evidence import lexicon
from worker.article.related.items import marked_link
from worker.article.related.rows import is_row_of_buttons, is_row_of_known_names
from worker.article.related.shapes import is_prose
from worker.article.wording import ends_hard, ends_sentence, fold, weight

_MAX_LINE: Final = 260  # characters of a line that says anything of this
_OPENING: Final = 60  # characters that tell how a line opens
_MAX_LABEL: Final = 90  # characters of a line that is no sentence
_MAX_PART: Final = 30  # weight of a link's name in a row of them
_MAX_COUNT: Final = 48  # characters of a line that counts readers, or leads to all articles
_MAX_BACK: Final = 24  # weight of what a link says that leads to another page than an article
_MAX_EMPTY: Final = 40  # characters of a heading that nothing follows
_MAX_PERSON: Final = 2  # lines on who wrote the article
_MAX_SAID_OF: Final = 400  # characters of one
_MAX_BUTTON: Final = 24  # characters
_MAX_SAID: Final = 60  # weight of a sentence below a line that reserves rights
_MIN_PARTS: Final = 3
_MIN_KNOWN: Final = 2  # links of a row
_MAX_ASKING, _MAX_ASKED = 2, 120  # lines above the field of a form that say what for, and characters of one
_SPOKEN: Final = 300  # characters of prose before comments, at least
_MAX_LINES: Final = 40  # that are read from the end of a page for its foot
_STOP: Final = re.compile(r"[.!?]\s+")
_MAIL: Final = re.compile(r"[\w.+-]+@[\w-]+\.\w")
_ADDRESS: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_REPORTER: Final = re.compile(r"^\W*[^\W\d_]{2,5}\s?(?:기자|특파원|記者|记者)[\s=(<\[]*$")  # the name before the word
_BETWEEN_LINKS: Final = re.compile(r"[|·•/](?<=\s[|·•/])\s+")  # the mark first, which a search skips to
_FIGURE: Final = re.compile(r"\d[\d.,' \u00a0\u202f]*(?:[万萬만천]|[kK]\b|тыс\.?)?")
_COUNT_BEHIND: Final = re.compile(r"\s*\(\d[\d.,]*\)$")  # `View comments (48)`
_NEWSLETTER: Final = re.compile(r"(?:News|Info)-?letter(?: \w+)?", re.IGNORECASE)
_COLON: Final = re.compile("[:：]")
_SAYS: Final = re.compile(r"^[^:：.!?]{2,40}[:：]")


def is_furniture(line: str) -> bool:
    """Whether a line is the page's, where it stands: as the article's it would be no sentence."""
    return (
        is_surely_furniture(line)
        or leads_to_all(line)
        or _follows(line)
        or _tells_an_address(line)
        or _is_row_of_links(line)
        or _leads_back(line)
    )


def is_surely_furniture(line: str) -> bool:
    """Whether a line is the page's and no article's, whatever stands before it."""
    return (
        lexicon().claims_rights(line)
        or lexicon().is_advertisement(line)
        or is_for_readers(line)
        or _is_link(line)
        or _is_field(line)
        or _is_row_of_known_links(line)
        or is_row_of_known_names(line)
        or is_row_of_buttons(line)
    )


def invites(line: str) -> bool:
    """Whether a line opens as one that asks readers to share the article, or to have a newsletter sent."""
    opening = fold(line[:_OPENING])
    return lexicon().invitations.match(opening) is not None or lexicon().subscribes.match(opening) is not None


def asks_last(line: str) -> bool:
    """Whether a line ends with a sentence of a few words that asks to subscribe: `... in your inbox at 7am. Sign up here.`"""
    last = _STOP.split(line)[-1]
    return last != line and len(last) <= _MAX_BUTTON and lexicon().sign_ups.match(fold(last)) is not None


def is_for_readers(line: str) -> bool:
    """Whether a line is for readers of the site, and no article's: an invitation, keywords, how many there were."""
    if len(line) > _MAX_LINE:
        return False
    opening = fold(line[:_OPENING])
    if invites(line):
        return True
    if (stop := _STOP.search(line, 0, _MAX_LABEL)) is not None:  # `The latest news in your inbox. Subscribe to our newsletter.`
        second = fold(line[stop.end() : stop.end() + _OPENING])
        if lexicon().subscribes.match(second) is not None:
            return True
    if _signs_with_mail(line):
        return True
    if opening.startswith(lexicon().syndicated_openings) and lexicon().syndicated.match(fold(line).replace("’", "'")) is not None:
        return True
    return len(line) <= _MAX_LABEL and (
        counts_readers(line)
        or _names_tags(line)
        or is_signed(line)
        or (_follows(line) and not ends_sentence(line))
        or (len(line) <= _MAX_COUNT and (opening in lexicon().ends or lexicon().pages.fullmatch(opening) is not None))
        or lexicon().apps.search(fold(line)) is not None
    )


def foot_of(lines: Sequence[str]) -> int:
    """The line from which on a page is furniture and comments; the number of lines if it ends otherwise."""
    foot = comments_in(lines)
    first = max(1, foot - _MAX_LINES)
    while foot > first and (is_furniture(lines[foot - 1]) or _is_button(lines, foot - 1) or asks_for_an_address(lines, foot - 1)):
        foot -= 1
    return foot


def is_address_above_rights(lines: Sequence[str], at: int) -> bool:
    """Whether a line is an address and nothing else, its author's, and the line below says whose the page is."""
    below = lines[at + 1] if at + 1 < len(lines) else ""
    return "@" in lines[at] and _ADDRESS.fullmatch(lines[at]) is not None and lexicon().claims_rights(below)


def below_rights(lines: Sequence[str]) -> int:
    """The first line that reserves rights to what is above it, where only short lines are below; the number of lines if none does.

    What takes long to say below such a line is an article's that goes on, and the line on one of its pictures.
    """
    found = len(lines)
    for at in range(len(lines) - 1, max(0, len(lines) - 1 - _MAX_LINES), -1):
        line = lines[at]
        if lexicon().is_imprint(line) and lexicon().reserved.search(line) is not None:
            found = at
        elif is_prose(line) and weight(line) > _MAX_SAID:
            break
    return found


def without_foot(paragraphs: Sequence[str]) -> Sequence[str]:
    """Paragraphs without those at the end that are for readers of the site or on who wrote them; all if the rest holds no prose.

    Whose the text is stays: an agency's line on its rights is taken for a part of it.
    """
    end = len(paragraphs)
    while end and (is_for_readers(paragraphs[end - 1]) or _is_label(paragraphs[end - 1])):
        end -= 1
    end = next((at for at in range(max(1, end - _MAX_PERSON - 1), end) if _heads_person(paragraphs, at, end)), end)
    return paragraphs[:end] if any(map(is_prose, paragraphs[:end])) else paragraphs


def _heads_person(lines: Sequence[str], at: int, end: int) -> bool:
    """Whether a line heads what is said on who wrote the article: a line or two, neither longer than a foot has them."""
    return heads_person(lines[at]) and at + 1 < end and all(len(line) <= _MAX_SAID_OF for line in lines[at + 1 : end])


def _is_label(line: str) -> bool:
    """Whether a line heads what is not there: the comments, the keywords, other articles.  No article ends with such a label."""
    if len(line) > _MAX_EMPTY or ends_sentence(line):
        return False
    return heads_tags(line) or lexicon().is_marker(line) or counts_comments(f"1 {line}")


def comments_in(lines: Sequence[str]) -> int:
    """The line that counts the comments below it; the number of lines if there are none.

    A count may stand in the head of an article too, between its parts, or with each entry of a block: comments are headed by one
    count alone, are less than what was said before, and each has the name of who wrote it.
    """
    counts = [at for at, line in enumerate(lines) if counts_comments(line)]
    spoken = read = 0
    for at in counts:
        spoken += sum(len(line) for line in lines[read:at] if is_prose(line))
        read = at
        if spoken >= _SPOKEN:
            below = lines[at + 1 :]
            alone = at == counts[-1] and _are_comments(below) and sum(map(len, below)) <= spoken
            return at if alone else len(lines)
    return len(lines)


def _are_comments(lines: Sequence[str]) -> bool:
    """Whether at least every third line names who wrote what follows, and the first does, which heads no other articles."""
    if lines and lexicon().is_marker(lines[0]):
        return False
    named = [not is_prose(line) or _SAYS.match(line) is not None for line in lines]
    return not lines or (named[0] and 3 * sum(named) >= len(named))


def counts_readers(line: str) -> bool:
    """Whether a line says how often the article was read, and nothing else: `1,204 views`."""
    if len(line) > _MAX_COUNT or (figure := _FIGURE.search(line)) is None:
        return False
    return fold(f"{line[: figure.start()].rstrip(' :：')} {line[figure.end() :]}") in lexicon().readers


def _names_tags(line: str) -> bool:
    """Whether a line is a label with the page's keywords, or a row of them as networks write them: `#ferry #harbour`."""
    if line.startswith("#"):
        return all(word.startswith("#") and word[1:2].isalpha() for word in line.split())
    colon = _COLON.search(line, 0, _MAX_PART)
    return colon is not None and fold(line[: colon.start()]) in lexicon().tags and not ends_hard(line)


def heads_tags(line: str) -> bool:
    """Whether a line heads the page's keywords, which stand below it."""
    return len(line) <= _MAX_EMPTY and fold(line) in lexicon().tags


def heads_person(line: str) -> bool:
    """Whether a line heads what is said on who wrote the article."""
    return len(line) <= _MAX_EMPTY and fold(line) in lexicon().persons


def is_signed(line: str) -> bool:
    """Whether a line is a label with the page's editor or its number: `责任编辑:周敏`."""
    colon = _COLON.search(line, 0, _MAX_PART) if len(line) <= _MAX_LABEL else None
    return colon is not None and fold(line[: colon.start()]) in lexicon().signed and not ends_hard(line)


def _follows(line: str) -> bool:
    """Whether a line asks to follow somebody on a network: `Follow us on Facebook`, `Bizi Facebook'ta takip edin`."""
    if len(line) > _MAX_LABEL:
        return False
    folded = fold(line)
    asks_last = folded.endswith(lexicon().follows_last) and lexicon().networks.search(folded) is not None
    return asks_last or lexicon().follows.match(folded) is not None


def asks_to_join(line: str) -> bool:
    """Whether a line is nothing but an invitation to a site's channel: `Siga o canal do Jornal da Vila no WhatsApp`."""
    return _follows(line) and not ends_sentence(line) and lexicon().channels.search(fold(line)) is not None


def leads_to_all(line: str) -> bool:
    """Whether a line leads to all articles of a kind: `All stories from the valley`."""
    return len(line) <= _MAX_COUNT and lexicon().alls.match(fold(_FIGURE.sub("", line))) is not None and not ends_sentence(line)


def _tells_an_address(line: str) -> bool:
    return len(line) <= _MAX_LABEL and "@" in line and _MAIL.search(line) is not None and not ends_sentence(line)


def _signs_with_mail(line: str) -> bool:
    """Whether a line says who wrote the article, and where to write to them: `Autor: Anna Nowak, a.nowak@kurier.example`."""
    if "@" not in line or ends_sentence(line) or (mail := _MAIL.search(line)) is None:
        return False
    byline = lexicon().byline_in(line)
    return (byline is not None and line[byline.end() :][:1].isupper()) or _REPORTER.search(line[: mail.start()]) is not None


def _is_link(line: str) -> bool:
    """Whether a line is what a link or a button of a site's foot says, or heads its newsletter."""
    if len(line) > _MAX_EMPTY:
        return False
    return fold(_COUNT_BEHIND.sub("", line)) in lexicon().links or _NEWSLETTER.fullmatch(line) is not None


def _is_field(line: str) -> bool:
    """Whether a line stands in the field of a form for an address."""
    return len(line) <= _MAX_EMPTY and fold(line) in lexicon().fields


def _is_button(lines: Sequence[str], at: int) -> bool:
    """Whether a line is the button below such a field, or one of a share bar."""
    if len(lines[at]) > _MAX_BUTTON or ends_sentence(lines[at]):
        return False
    return _is_field(lines[at - 1]) or fold(lines[at]) in lexicon().buttons


def asks_for_an_address(lines: Sequence[str], at: int) -> bool:
    """Whether a line right above such a field, or the next above, says what is sent to that address, or asks to have it sent."""
    if not any(map(_is_field, lines[at + 1 : at + 1 + _MAX_ASKING])) or len(lines[at]) > _MAX_ASKED:
        return False
    folded = fold(lines[at])
    return lexicon().letters.search(folded) is not None or lexicon().sign_ups.match(folded) is not None


def form_around(lines: Sequence[str], at: int) -> range:
    """The lines of a form for an address whose field this one is; none where nothing above it says what is sent there."""
    if not _is_field(lines[at]):
        return range(0)
    above = range(max(0, at - 1 - _MAX_ASKING), at)
    first = next((number for number in above if _is_link(lines[number]) or asks_for_an_address(lines, number)), at)
    if first == at:
        return range(0)
    return range(first, at + 1 + (at + 1 < len(lines) and _is_button(lines, at + 1)))


def _is_row_of_links(line: str) -> bool:
    """Whether a line is a row of names, as of the links of a site's foot: `About us | Contact | Privacy`."""
    parts = _BETWEEN_LINKS.split(line) if len(line) <= _MAX_LINE else []
    return len(parts) >= _MIN_PARTS and all(weight(part.strip()) <= _MAX_PART and not any(map(str.isdigit, part)) for part in parts)


def _is_row_of_known_links(line: str) -> bool:
    """Whether a line is such a row, and links of it are what sites' feet say."""
    if not _is_row_of_links(line):
        return False
    return sum(fold(part) in lexicon().links for part in _BETWEEN_LINKS.split(line)) >= _MIN_KNOWN


def _leads_back(line: str) -> bool:
    """Whether a line is a link of a word or two and in no list: `[Home](https://...)`."""
    linked = marked_link(line) if line.startswith("[") else None
    return linked is not None and weight(linked[0]) <= _MAX_BACK
