"""Pages as no publisher would send them: real ones, cut up, spliced, doubled and bitten.

Whatever comes in, a reader ends with an article or a `PageError`, and puts nothing into an article that the page does not hold.
What once broke a reader is kept in `tests/data/fuzz/` and read on every run.  `FUZZ_EXAMPLES` sets how many are tried.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from worker.article import extract_article
from worker.article.decode import decode
from worker.article.normalize import clean
from worker.article.related.split import split_text
from worker.errors import PageError

DATA = Path(__file__).resolve().parents[1] / "data"
KEPT = sorted(DATA.glob("fuzz/*"))
SEEDS = sorted(path for path in DATA.rglob("*") if path.suffix in {".html", ".txt"} and path.stat().st_size < 60_000)
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "60"))
CONTENT_TYPES = [
    None,
    "text/html",
    "text/plain",
    "text/html; charset=iso-8859-7",
    "text/plain; charset=shift_jis",
    "x; charset=\udce9",
]

_some = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
_BITS = [
    b"",
    b"<",
    b"</",
    b"<!--",
    b"]]>",
    b"&#x110000;",
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"<svg>",
    b"<table>",
    b"<textarea>",
    b"\n",
]


def _mutated(raws: list[bytes], edits: list[tuple[int, int, bytes]], times: int) -> bytes:
    joined = b"".join(raws)
    for at, length, bit in edits:
        start = at % (len(joined) + 1)
        joined = joined[:start] + bit * times + joined[start + length :]
    return joined


_edits = st.lists(
    st.tuples(st.integers(0, 10**6), st.integers(0, 3000), st.sampled_from(_BITS) | st.binary(max_size=8)), max_size=12
)
_raws = st.lists(st.sampled_from(SEEDS).map(Path.read_bytes), min_size=1, max_size=2)
_pages = st.builds(_mutated, _raws, _edits, st.sampled_from([1, 1, 1, 2, 400])) | st.binary(max_size=300)
_types = st.sampled_from(CONTENT_TYPES)


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


@_some
@given(raw=_pages, content_type=_types)
def test_decoding_ends_with_text_or_a_page_error(raw: bytes, content_type: str | None) -> None:
    try:
        decoded = decode(raw, content_type)
    except PageError as error:
        assert str(error)
    else:
        assert decoded.text.strip()
        decoded.text.encode("utf-8")  # no lone surrogates: JSON can't carry them


@_some
@given(raw=_pages, content_type=_types)
def test_extraction_ends_with_an_article_or_a_page_error(raw: bytes, content_type: str | None) -> None:
    try:
        article = extract_article(raw, "https://example.org/a/b", content_type)
    except PageError as error:
        assert str(error)
    else:
        assert article.text.strip()
        assert article.text == "\n\n".join(map(clean, article.text.split("\n\n")))
        assert all(item.title for item in article.similar)


@_some
@given(raw=_pages)
def test_splitting_text_invents_nothing_and_is_the_same_twice(raw: bytes) -> None:
    text = raw.decode("utf-8", "replace")
    split = split_text(text)
    assert split == split_text(text)
    found = " ".join([*split.paragraphs, *(f"{item.title} {item.snippet or ''}" for item in split.items)])
    letters = "".join(words(clean(text)))
    assert not [word for word in set(words(found)) if word not in letters]


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.name)
def test_what_once_broke_a_reader_breaks_none_any_more(path: Path) -> None:
    raw = path.read_bytes()
    for content_type in CONTENT_TYPES:
        try:
            extract_article(raw, None, content_type)
        except PageError as error:
            assert str(error)
    split_text(raw.decode("utf-8", "replace"))
