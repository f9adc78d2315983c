"""The content hash that deduplication claims, and a signature by which near duplicates can be found.

Both read the words of the canonical text (`normalize.canonical_words`), so a copy of an article in other quotes, case or spacing
has the same hash.  Similar items are no part of the text: the same article above a shuffled list of related news is the same
article.  Of a text that is a sentence or two the title is hashed as well: "This article is for subscribers" stands on many pages.
"""

from __future__ import annotations

import sys
import zlib
from array import array
from hashlib import blake2b
from typing import Final

HASH_VERSION: Final = 1
"""Rises when a change here, or in `canonical`, gives an unchanged text another hash: claims of two versions never meet."""

_HASH_BYTES: Final = 16
_LANE_BITS: Final = 64  # of the signature, and of a word's place in one long integer
_LANE: Final = (1 << _LANE_BITS) - 1
_LANE_CODE: Final = "L" if array("L").itemsize * 8 == _LANE_BITS else "Q"  # the first is filled in half the time
_SHIFT: Final = 11  # bits by which a word's lane is shifted for each place it stands before another
_SPREAD: Final = 0x9E3779B1  # a prime near the golden section of 2^32: takes 32 bits to 64 (Knuth, TAOCP 6.4)
_SHINGLE_WORDS: Final = 3
_SHINGLE_CHARACTERS: Final = 5
_MAX_SIGNED_CHARACTERS: Final = 200_000


def content_hash(words: list[bytes]) -> str:
    """128 bits over canonical words, as 32 hexadecimal digits.  Where words and paragraphs break is of no consequence."""
    return blake2b(b"".join(words), digest_size=_HASH_BYTES, person=b"winnow-content").hexdigest()


def near_signature(words: list[bytes]) -> str:
    """A 64-bit SimHash over the shingles of canonical words, as 16 hexadecimal digits: near duplicates differ in few bits.

    Moses Charikar, "Similarity estimation techniques from rounding algorithms" (STOC 2002); 64 bits and a distance of about three
    for web pages after Manku, Jain and Das Sarma, "Detecting near-duplicates for web crawling" (WWW 2007).
    """
    lanes, runs = _shingles(words)
    above, level = 0, _LANE  # bits that more than half of the runs have; bits that cannot be told yet, from the highest plane down
    sums = _sums(lanes, runs)
    for place in range(len(sums) - 1, -1, -1):
        if runs // 2 >> place & 1:
            level &= sums[place]
        else:
            above |= level & sums[place]
            level &= ~sums[place]
    return above.to_bytes(_LANE_BITS // 8, "little").hex()


def _shingles(words: list[bytes]) -> tuple[int, int]:
    """A lane of bits for each run of words, all in one long integer, and how many they are.

    A run's bits are its words' checksums, each shifted by its place and all XORed.  The words of a page lie side by side, so that
    all of this is a few operations on the long integer and none on a word.
    """
    letters, width = b"".join(words).decode(), _SHINGLE_WORDS
    if len(letters) + len(words) > _MAX_SIGNED_CHARACTERS:
        words = b" ".join(words).decode()[:_MAX_SIGNED_CHARACTERS].encode().split(b" ")
        letters = b"".join(words).decode()
    if len(letters) + len(words) - 1 > 12 * len(words):  # a script without spaces
        words = [character.encode() for character in letters]
        width = _SHINGLE_CHARACTERS
    checksums = array(_LANE_CODE, list(map(zlib.crc32, words)))
    if sys.byteorder == "big":
        checksums.byteswap()
    lanes = int.from_bytes(checksums.tobytes(), "little") * _SPREAD
    width = min(width, len(words))
    mixed = lanes
    for place in range(1, width):
        mixed ^= lanes >> (_LANE_BITS + _SHIFT) * place
    runs = len(words) - width + 1
    return mixed & (1 << _LANE_BITS * runs) - 1, runs


def _sums(lanes: int, count: int) -> list[int]:
    """How many of the lanes have each bit: one lane of the sums' units, one of their twos, their fours and so on.

    One half of the lanes is added to the other until a single one is left, all bits of all lanes at once, with a carry from plane
    to plane.  A loop over every shingle's bits would take milliseconds.
    """
    planes = [lanes]
    while count > 1:
        count = (count + 1) // 2
        width = _LANE_BITS * count
        lower = (1 << width) - 1
        carry = 0
        for place, plane in enumerate(planes):
            one, other = plane & lower, plane >> width
            differ = one ^ other
            planes[place] = differ ^ carry
            carry = one & other | differ & carry
        planes.append(carry)
    return planes
