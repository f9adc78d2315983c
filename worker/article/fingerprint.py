"""The content hash that deduplication claims, and a signature by which near duplicates can be found.

Both read the canonical text, so a copy of an article in other quotes, case or spacing has the same hash.  Similar items are no part
of the text: the same article above a shuffled list of related news is the same article.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

from worker.article.normalize import canonical

HASH_VERSION = 1
"""Rises when a change here, or in `canonical`, gives an unchanged text another hash: claims of two versions never meet."""

_HASH_BYTES = 16
_SIGNATURE_BYTES = 8
_SHINGLE_WORDS = 3
_SHINGLE_CHARACTERS = 5
_MAX_SIGNED_CHARACTERS = 200_000

# For each of a byte's bits, the byte values that lack it: deleting those from a column of bytes and measuring what is left counts
# the bit in C, sixty-four times, where a loop over every shingle's bits would take milliseconds.
_WITHOUT_BIT = tuple(bytes(value for value in range(256) if not value >> bit & 1) for bit in range(7, -1, -1))


def content_hash(paragraphs: Iterable[str] | str) -> str:
    """128 bits over the canonical text, as 32 hexadecimal digits.  Where words and paragraphs break is of no consequence."""
    text = paragraphs if isinstance(paragraphs, str) else " ".join(paragraphs)
    squashed = canonical(text).replace(" ", "")
    return blake2b(squashed.encode("utf-8", "replace"), digest_size=_HASH_BYTES, person=b"winnow-content").hexdigest()


def near_signature(text: str) -> str:
    """A 64-bit SimHash over word shingles, as 16 hexadecimal digits: near duplicates differ in few bits.

    Moses Charikar, "Similarity estimation techniques from rounding algorithms" (STOC 2002); 64 bits and a distance of about three
    for web pages after Manku, Jain and Das Sarma, "Detecting near-duplicates for web crawling" (WWW 2007).
    """
    shingles = _shingles(canonical(text[:_MAX_SIGNED_CHARACTERS]))
    digests = b"".join([blake2b(shingle.encode("utf-8", "replace"), digest_size=_SIGNATURE_BYTES).digest() for shingle in shingles])
    half = len(shingles) / 2
    signature = 0
    for position in range(_SIGNATURE_BYTES):
        column = digests[position::_SIGNATURE_BYTES]
        for lacking in _WITHOUT_BIT:
            signature = signature << 1 | (len(column.translate(None, lacking)) > half)
    return f"{signature:016x}"


def _shingles(text: str) -> list[str]:
    words = text.split(" ")
    if len(text) > 12 * len(words):  # a script without spaces
        text = text.replace(" ", "")
        return [text[i : i + _SHINGLE_CHARACTERS] for i in range(max(1, len(text) - _SHINGLE_CHARACTERS + 1))]
    return [" ".join(words[i : i + _SHINGLE_WORDS]) for i in range(max(1, len(words) - _SHINGLE_WORDS + 1))]
