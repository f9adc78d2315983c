"""Patterns of regular expressions that match any of many wordings."""

from __future__ import annotations

import re
from collections.abc import Iterable

from worker.article.wording import HANGUL, UNSPACED


def any_of(wordings: Iterable[str]) -> str:
    return "|".join(re.escape(wording) for wording in sorted(set(wordings), key=len, reverse=True))


def trie_of(wordings: Iterable[str]) -> str:
    """The same with common beginnings written once, which a search goes through much sooner; for what differs in more than case."""
    rests: dict[str, set[str]] = {}
    optional = False
    for wording in wordings:
        if wording:
            rests.setdefault(wording[0], set()).add(wording[1:])
        else:
            optional = True
    branches = "|".join(re.escape(first) + trie_of(rest) for first, rest in sorted(rests.items()))
    if not branches:
        return ""
    return f"(?:{branches})" + ("?" if optional else "")


def whole(wordings: Iterable[str]) -> str:
    """Any of the wordings as whole words, where the script parts words."""
    return rf"{trie_of(wordings)}(?:\b|(?<=[{UNSPACED}{HANGUL}]))"
