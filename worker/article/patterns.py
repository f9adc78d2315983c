"""Patterns of regular expressions that match any of many wordings."""

from __future__ import annotations

import re
from collections.abc import Iterable

from worker.article.wording import HANGUL, UNSPACED


def any_of(wordings: Iterable[str]) -> str:
    return "|".join(re.escape(wording) for wording in sorted(set(wordings), key=len, reverse=True))


def trie_of(wordings: Iterable[str]) -> str:
    """The same with common beginnings written once, which a search goes through much sooner; for what differs in more than case."""
    rest = _rest_of(frozenset(wordings))
    return f"(?:{rest})" if rest and not rest.startswith("(?:") else rest


def _rest_of(wordings: frozenset[str]) -> str:
    """Any of the wordings, as a group unless there is but one way to begin."""
    if len(wordings) == 1:
        return re.escape(*wordings)
    rests: dict[str, set[str]] = {}
    for wording in wordings - {""}:
        rests.setdefault(wording[0], set()).add(wording[1:])
    branches = [re.escape(first) + _rest_of(frozenset(rest)) for first, rest in sorted(rests.items())]
    optional = "" in wordings
    if not optional and len(branches) < 2:
        return "".join(branches)
    return f"(?:{'|'.join(branches)})" + ("?" if optional else "")


def whole(wordings: Iterable[str]) -> str:
    """Any of the wordings as whole words, where the script parts words."""
    return rf"{trie_of(wordings)}(?:\b|(?<=[{UNSPACED}{HANGUL}]))"
