"""Addresses that a page of plain text lists at its end: `[3]TITLE` above, and below `3. https://...`.

Browsers for terminals write links so.  There a number stands before what it links; one that stands behind a word is a note of the
article's, and its list the article's sources.  A line that opens with a number becomes a link as Markdown writes it, and the list
goes with the word above it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_ADDRESS: Final = re.compile(r"(?:(?P<number>\d{1,4})\.|\[(?P<bracketed>\d{1,4})\])\s*(?P<address>(?:https?|mailto|file)://?\S+)")
_NUMBER: Final = re.compile(r"(?<!\S)\[(\d{1,4})\](?=[\w\"'«“„‘¿¡])")
_OPENING: Final = re.compile(r"(?P<bullet>(?:[*+•-]\s+)?)\[(?P<number>\d{1,4})\](?P<text>[^\[\]]+)")
_MIN_LISTED: Final = 2
_MAX_WORD: Final = 30  # characters of the word above the list


def with_addresses(lines: Sequence[str]) -> list[str]:
    """The lines with each number replaced by its address, without the list of them; the lines as they are if they end in none."""
    start, addresses = _listed(lines)
    if len(addresses) < _MIN_LISTED:
        return list(lines)
    numbers = {number for line in lines[:start] if "[" in line for number in _NUMBER.findall(line)}
    if 2 * len(numbers & addresses.keys()) < len(addresses):
        return list(lines)
    if start and len(lines[start - 1]) <= _MAX_WORD and " " not in lines[start - 1]:
        start -= 1
    return [_with_address(line, addresses) if "[" in line else line for line in lines[:start]]


def _listed(lines: Sequence[str]) -> tuple[int, dict[str, str]]:
    """Where the list at the end begins, and its addresses by number; none if the numbers do not count from one."""
    found: list[str] = []
    start = len(lines)
    while start and (entry := _ADDRESS.fullmatch(lines[start - 1])):
        start -= 1
        found.append(entry["address"])
        number = int(entry["number"] or entry["bracketed"])
        if number == 1:
            return start, {str(at): address for at, address in enumerate(reversed(found), 1)}
    return len(lines), {}


def _with_address(line: str, addresses: dict[str, str]) -> str:
    opening = _OPENING.fullmatch(line)
    if opening and addresses.get(opening["number"], "").startswith("http"):
        return f"{opening['bullet']}[{opening['text']}]({addresses[opening['number']]})"
    return _NUMBER.sub(lambda number: "" if number[1] in addresses else number[0], line)
