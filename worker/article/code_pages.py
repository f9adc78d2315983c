"""Folding by a table: texts in the code page of their language take a fraction of what normal forms and patterns take.

A form that looks at one character at a time needs no more than a table of 256 bytes where a text has no others than those of one
code page, as nearly all have.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

# Latin-1 first, which is encoded in a third of the time.  The others: Western, Central European, Cyrillic, Greek, Turkish, Baltic.
_CODECS: Final = ("latin-1", "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1257")


class _Table:
    """What becomes of each character of a code page: another character of it, nothing, or 0 where the table can't tell."""

    def __init__(self, codec: str, form: Callable[[str], str]) -> None:
        self.codec = codec
        self.characters = bytes(range(256)).decode(codec, "ignore")
        formed, left_out = bytearray(256), bytearray()
        for character in self.characters:
            code = character.encode(codec)[0]
            found = form(character)
            if not found:
                left_out.append(code)
            elif len(found) == 1 and found in self.characters:
                formed[code] = found.encode(codec)[0]
        self.formed, self.left_out = bytes(formed), bytes(left_out)


class Tables:
    """A form of texts, character by character, as tables do it."""

    def __init__(self, form: Callable[[str], str]) -> None:
        """`form` says what becomes of a text of one character: one, none or many."""
        self._tables = tuple([_Table(codec, form) for codec in _CODECS])

    def form(self, text: str) -> str | None:
        """The text as the first table forms it that has all its characters; None if there is none."""
        missing = ""
        for table in self._tables:
            if missing in table.characters:
                try:
                    formed = text.encode(table.codec).translate(table.formed, table.left_out)
                except UnicodeEncodeError as error:
                    missing = text[error.start]
                else:
                    return formed.decode(table.codec) if b"\0" not in formed else None
        return None
