"""The content hash that deduplication claims, and a signature by which near duplicates can be found.

Both read the canonical text (`normalize.canonical`), so a copy of an article in other quotes, case or spacing has the same hash.
Similar items are no part of the text: the same article above a shuffled list of related news is the same article.
"""

from __future__ import annotations

import sys
import zlib
from array import array
from hashlib import blake2b

HASH_VERSION = 1
"""Rises when a change here, or in `canonical`, gives an unchanged text another hash: claims of two versions never meet."""

_HASH_BYTES = 16
_LANE_BITS = 64  # of the signature, and of a word's place in one long integer
_SHIFT = 11  # bits by which a word's lane is shifted for each place it stands before another
_SPREAD = 0x9E3779B1  # a prime near the golden section of 2^32: takes 32 bits to 64 (Knuth, TAOCP 6.4)
_SHINGLE_WORDS = 3
_SHINGLE_CHARACTERS = 5
_MAX_SIGNED_CHARACTERS = 200_000

# For each of a byte's bits, the byte values that lack it: deleting those from a column of bytes and measuring what is left counts
# the bit in C, sixty-four times, where a loop over every shingle's bits would take milliseconds.
_WITHOUT_BIT = tuple(bytes(value for value in range(256) if not value >> bit & 1) for bit in range(7, -1, -1))


def content_hash(folded: str) -> str:
    """128 bits over a canonical text, as 32 hexadecimal digits.  Where words and paragraphs break is of no consequence."""
    squashed = folded.replace(" ", "").encode("utf-8", "replace")
    return blake2b(squashed, digest_size=_HASH_BYTES, person=b"winnow-content").hexdigest()


def near_signature(folded: str) -> str:
    """A 64-bit SimHash over the shingles of a canonical text, as 16 hexadecimal digits: near duplicates differ in few bits.

    Moses Charikar, "Similarity estimation techniques from rounding algorithms" (STOC 2002); 64 bits and a distance of about three
    for web pages after Manku, Jain and Das Sarma, "Detecting near-duplicates for web crawling" (WWW 2007).
    """
    shingles = _shingles(folded[:_MAX_SIGNED_CHARACTERS])
    half = len(shingles) * 8 / _LANE_BITS / 2
    signature = 0
    for position in range(_LANE_BITS // 8):
        column = shingles[position :: _LANE_BITS // 8]
        for lacking in _WITHOUT_BIT:
            signature = signature << 1 | (len(column.translate(None, lacking)) > half)
    return f"{signature:016x}"


def _shingles(folded: str) -> bytes:
    """Eight bytes for each run of words.

    A run's bits are its words' checksums, each shifted by its place and all XORed.  The words of a page lie side by side in one
    long integer, so that all of this is a few operations on that and none on a word.
    """
    words, width = folded.split(" "), _SHINGLE_WORDS
    if len(folded) > 12 * len(words):  # a script without spaces
        words, width = list(folded.replace(" ", "")), _SHINGLE_CHARACTERS
    checksums = array("Q", [zlib.crc32(word.encode("utf-8", "replace")) for word in words])
    if sys.byteorder == "big":
        checksums.byteswap()
    lanes = int.from_bytes(checksums.tobytes(), "little") * _SPREAD
    width = min(width, len(words))
    mixed = lanes
    for place in range(1, width):
        mixed ^= lanes >> (_LANE_BITS + _SHIFT) * place
    runs = len(words) - width + 1
    return mixed.to_bytes(len(words) * 8, "little")[: runs * 8]
