"""The pages of a run.  A number says what a page is and what has to come of it, so that the input topic itself is the ledger."""

from __future__ import annotations

import gzip
import random
from dataclasses import dataclass
from typing import Final

from tests.test_worker import HTML, TEXT, page

NUMBER: Final = "chaos-number"
COPIES: Final = 0.10
POISON: Final = 0.06
TOMBSTONES: Final = 0.01
NEAR: Final = 40  # a copy is of one of the last so many pages: often both are in flight
OVERSIZED_BYTES: Final = 600_000  # more than the topic of dead letters takes

_LOGIN = b"<html><body><form><input name=user><input name=password><button>Log in</button></form></body></html>"
_PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4


@dataclass(frozen=True, slots=True)
class Page:
    """One record of the input, and its only right outcome: the article of that number, or a dead letter with that reason."""

    payload: bytes | None
    headers: list[tuple[str, bytes]]
    article: int | None = None
    reason: str | None = None
    cut: bool = False  # its dead letter doesn't fit the topic


def page_of(seed: int, number: int) -> Page:
    """What record `number` of a run is."""
    dice = random.Random(f"{seed} {number}")
    lot = dice.random()
    mark = [(NUMBER, str(number).encode())]
    if lot < TOMBSTONES:
        return Page(None, mark)
    if lot < TOMBSTONES + POISON:
        return _poison(dice, mark)
    if lot < TOMBSTONES + POISON + COPIES:
        of = max(0, number - dice.randint(1, NEAR))
        return Page(text_of(seed, of), TEXT + mark, article=of)
    return Page(text_of(seed, number), TEXT + mark, article=number)


def text_of(seed: int, article: int) -> bytes:
    """The article of that number, as it must come out."""
    return page(seed * 10_000_000 + article, paragraphs=3)


def _poison(dice: random.Random, mark: list[tuple[str, bytes]]) -> Page:
    packed = [("content-encoding", b"gzip")]
    match dice.choice(("empty", "login", "image", "cut gzip", "envelope", "oversized")):
        case "empty":
            return Page(b"", TEXT + mark, reason="empty_payload")
        case "login":
            return Page(_LOGIN, HTML + mark, reason="no_main_text")
        case "image":
            return Page(_PNG, [("content-type", b"image/png"), *mark], reason="unsupported_content")
        case "cut gzip":
            return Page(gzip.compress(_LOGIN, mtime=0)[:-12], HTML + packed + mark, reason="bad_content_encoding")
        case "envelope":
            return Page(
                b'{"url": "https://example.org/", "html": ', [("content-type", b"application/json"), *mark], reason="bad_envelope"
            )
        case _:
            return Page(
                _PNG + dice.randbytes(OVERSIZED_BYTES),
                [("content-type", b"image/png"), *mark],
                reason="unsupported_content",
                cut=True,
            )
