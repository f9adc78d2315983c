"""The likeliest seam of a Chinese or Japanese line that must have one: a title, and a sentence run into it with no blank between.

No capital and no blank shows the place, so each is weighed: by how long titles are, by what ends no title and opens no sentence, by
the run of Chinese characters around it (in Japanese a long one is two words), by the topic or the clause that follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from worker.article.evidence import lexicon
from worker.article.wording import ends_as_snippet

_KANA: Final = re.compile("[\u3041-\u309f\u30a1-\u30ff]")
_HIRAGANA: Final = re.compile("[\u3041-\u309f]")
_IDEOGRAPH: Final = "[\u3400-\u4dbf\u4e00-\u9fff々〇]"
_BEFORE: Final = re.compile(rf"{_IDEOGRAPH}+$")
_BEHIND: Final = re.compile(rf"{_IDEOGRAPH}+")
_ONE_WORD: Final = re.compile("[\u30a1-\u30ffー]{2}|[0-9０-９]{2}|[A-Za-zＡ-Ｚａ-ｚ]{2}")  # two characters of one
_NEVER_FIRST: Final = re.compile("[々ーぁぃぅぇぉゃゅょっんァィゥェォャュョッン]")
_TOPIC: Final = re.compile("[^\u3041-\u309f、。 \u3000]{1,10}は")
_STOP: Final = re.compile(r"[。…]|\.{3}")
_CLAUSE: Final = re.compile(r"[，,。…]|\.{3}|$")
_PAIRS: Final = (("「", "」"), ("『", "』"), ("（", "）"), ("“", "”"), ("《", "》"))
_CLOSING, _OPENING = "」』）”！？!?", "「『（“《"
_MIN_TITLE, _MIN_SNIPPET, _MAX_TITLE = 6, 6, 60  # characters
_MIN_BEHIND_BLANK: Final = 2
_TITLE_JA, _TITLE_ZH, _SPREAD = 19, 14, 6  # characters of a title, and by how many they differ
_CLAUSE_ZH, _CLAUSE_SPREAD = 9, 4  # of the first clause of a sentence
_NO_END, _NO_OPENING, _SAID_TOGETHER = 3.0, 2.5, 2.5
_RUN, _USUAL_RUN, _MAX_RUN, _ALONE = 0.7, 4, 8, 1.0  # for a run of ideographs, and for one of it that is left alone
_OPENS: Final = 1.5  # for a topic, or a word with which sentences open


def guess_dense(line: str, prose: str) -> int | None:
    """The likeliest seam of a line that ends as a sentence does; two characters that `prose` says together are none."""
    if not ends_as_snippet(line):
        return None
    japanese = _KANA.search(line) is not None
    worth = _worth_in_japanese if japanese else _worth_in_chinese
    best: tuple[float, int] | None = None
    for at in _places(line):
        value = worth(line, at) - _SAID_TOGETHER * (line[at - 1 : at + 1] in prose)
        if best is None or value > best[0]:
            best = value, at
    return best[1] if best else None


def _places(line: str) -> Iterator[int]:
    """Where a seam can be: behind the last blank, before the first stop, in no quotation and no word of letters or figures."""
    stop = _STOP.search(line)
    end = min(stop.start() if stop else len(line), len(line) - _MIN_SNIPPET, _MAX_TITLE)
    blank = max((at for at, char in enumerate(line) if char.isspace()), default=-1)
    for at in range(max(_MIN_TITLE, blank + 1 + _MIN_BEHIND_BLANK), end):
        left, right = line[at - 1], line[at]
        if not (left.isalnum() or left in _CLOSING) or not (right.isalnum() or right in _OPENING):
            continue
        if _ONE_WORD.match(left + right) or _NEVER_FIRST.match(right):
            continue
        if not any(line.count(opening, 0, at) > line.count(closing, 0, at) for opening, closing in _PAIRS):
            yield at


def _worth_in_japanese(line: str, at: int) -> float:
    value = _of_title(line, at, _TITLE_JA)
    value -= _NO_OPENING * (_HIRAGANA.match(line, at) is not None)
    value += _OPENS * (_TOPIC.match(line, at) is not None)
    before, behind = _BEFORE.search(line, 0, at), _BEHIND.match(line, at)
    if before and behind:
        one, other = len(before.group()), len(behind.group())
        value += _RUN * (min(one + other, _MAX_RUN) - _USUAL_RUN) - _ALONE * ((one == 1) + (other == 1))
    return value


def _worth_in_chinese(line: str, at: int) -> float:
    clause = _CLAUSE.search(line, at)
    length = (clause.start() if clause else len(line)) - at
    value = _of_title(line, at, _TITLE_ZH) - 0.5 * ((length - _CLAUSE_ZH) / _CLAUSE_SPREAD) ** 2
    return value + _OPENS * (lexicon().dense_openings.match(line, at) is not None)


def _of_title(line: str, at: int, usual: int) -> float:
    """What its length and its last character say of a title."""
    return -(((at - usual) / _SPREAD) ** 2) - _NO_END * (line[at - 1] in lexicon().dense_no_ends)
