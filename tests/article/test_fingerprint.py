"""The content hash is equal for copies of an article, the signature close for versions of it."""

from __future__ import annotations

import random
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.article.fingerprint import HASH_VERSION
from worker.article.fingerprint import content_hash as hash_of_words
from worker.article.fingerprint import near_signature as signature_of_words
from worker.article.normalize import canonical, canonical_words

WORDS = "ferry harbour engineer shaft bearing island morning fare passenger crossing storm council budget report week city".split()


def content_hash(text: str) -> str:
    return hash_of_words(canonical_words(text))


def near_signature(text: str) -> str:
    return signature_of_words(canonical_words(text))


def article(seed: int, size: int = 400) -> str:
    source = random.Random(seed)
    return " ".join(f"{source.choice(WORDS)}{source.randrange(50)}" for _ in range(size))


def distance(one: str, other: str) -> int:
    return (int(one, 16) ^ int(other, 16)).bit_count()


@pytest.mark.parametrize(
    "copy",
    [
        "THE FERRY, IT SAILS.  Fares: “halved”!",
        "The ferry,it sails. Fares : 'halved'!",
        "The fer\u00adry, it sails.\n\nFares: «halved»!",
    ],
)
def test_copies_in_other_case_quotes_and_spacing_have_one_hash(copy):
    assert content_hash(copy) == content_hash('The ferry, it sails. Fares: "halved"!')


def test_it_does_not_matter_where_paragraphs_break():
    assert content_hash("The ferry sails.\n\nFares are halved.") == content_hash("The ferry sails. Fares are halved.")


def test_another_number_is_another_hash():
    assert content_hash("1,900 commuters") != content_hash("1,800 commuters")


def test_the_hash_of_version_1_is_what_it_was():
    assert HASH_VERSION == 1
    assert content_hash("The ferry sails again.") == "f5981095e6337bea3edb30a303250233"


def test_a_changed_sentence_moves_few_bits_and_another_article_many():
    text = article(1)
    words = text.split()
    words[200:205] = ["quite", "another", "five", "words", "here"]
    assert distance(near_signature(text), near_signature(" ".join(words))) <= 8
    assert distance(near_signature(text), near_signature(article(2))) >= 16


def test_a_script_without_spaces_is_shingled_by_characters():
    text = "轮渡星期三恢复运营港务局说头两周票价减半乘客们都很高兴公交车将在同一天停运" * 3
    assert distance(near_signature(text), near_signature(text + "完")) <= 8


@pytest.mark.parametrize("text", ["", "one", "one two"])
def test_a_text_too_short_for_a_shingle_has_a_signature_all_the_same(text):
    assert len(near_signature(text)) == 16


@given(st.text(st.sampled_from("ab ё京"), max_size=120))
def test_the_signature_is_the_majority_of_the_shingles_in_every_bit(text):
    folded = canonical(text)
    words, width = folded.split(" "), 3
    if len(folded) > 12 * len(words):
        words, width = list(folded.replace(" ", "")), 5
    lanes = [zlib.crc32(word.encode()) * 0x9E3779B1 for word in words]
    longer = sum(lane << 64 * place for place, lane in enumerate(lanes))
    width = min(width, len(words))
    shingles = [0] * (len(words) - width + 1)
    for at in range(len(shingles)):
        for place in range(width):
            shingles[at] ^= longer >> 64 * at + 75 * place & 2**64 - 1
    majority = sum(1 << bit for bit in range(64) if 2 * sum(shingle >> bit & 1 for shingle in shingles) > len(shingles))
    assert near_signature(text) == majority.to_bytes(8, "little").hex()
