"""What flows: a raw page in, an article out, and the name that a record keeps for its whole life."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, Self

from worker.errors import PageError

SCHEMA_VERSION = 1
"""Version of the published JSON; rises when a field changes its meaning or goes."""

PATHS = ("fast", "trafilatura", "text", "stated")
"""The ways by which a page is read, one of which every article names."""

Headers = tuple[tuple[str, bytes], ...]


class TopicPartition(NamedTuple):
    """One partition; for files, the file's path and 0."""

    topic: str
    partition: int

    def __str__(self) -> str:
        return f"{self.topic}-{self.partition}"


class Extent(NamedTuple):
    """The part of a partition that is this worker's to read, in offsets."""

    begin: int  # of the first record that was to be read when the partition was assigned
    end: int  # one past the last that there is by now


class SourceRef(NamedTuple):
    """Names a record for its whole life, across restarts and workers.  For files the topic is the path."""

    topic: str
    partition: int
    offset: int

    @property
    def topic_partition(self) -> TopicPartition:
        return TopicPartition(self.topic, self.partition)

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The inverse of `str`.  Raises ValueError on anything else."""
        topic, partition, offset = text.rsplit("/", 2)
        return cls(topic, int(partition), int(offset))


@dataclass(frozen=True, slots=True)
class RawPage:
    """A record as it was consumed: nothing of it has been looked at."""

    ref: SourceRef
    payload: bytes | None
    key: bytes | None = None
    headers: Headers = ()
    timestamp_ms: int | None = None  # when it was produced, Unix time

    @property
    def size(self) -> int:
        """Bytes held while the page is in flight."""
        return len(self.payload or b"") + len(self.key or b"") + sum(len(k) + len(v) for k, v in self.headers)


@dataclass(frozen=True, slots=True)
class Page:
    """A page taken out of its envelope, still packed and undecoded: what extraction needs to know of a record."""

    body: bytes
    url: str | None = None
    content_type: str | None = None
    content_encoding: str | None = None
    fetched_at: str | None = None  # as the scraper stated it


@dataclass(frozen=True)  # without slots: orjson reads a dictionary in a fifth of the time, and a page may have a hundred entries
class SimilarItem:
    """An entry of a block of other articles."""

    title: str
    snippet: str | None = None
    url: str | None = None
    source: str | None = None
    published_at: str | None = None
    truncated: bool = False  # the page itself cut the snippet (or the title) short


@dataclass(frozen=True, slots=True)
class ExtractorInfo:
    """Which code read the page, and by which path."""

    name: str
    version: str
    path: str


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """Where an article came from."""

    topic: str
    partition: int
    offset: int
    key: str | None = None
    fetched_at: str | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """Something that was taken out of the page's text, and why: what `explain=True` shows."""

    kind: str  # block, promo, marker, category, byline, dateline, repeat, ...
    text: str
    evidence: tuple[str, ...] = ()
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """A normalized article.  Times are ISO 8601; absent values are None or empty."""

    id: str
    text: str  # paragraphs, joined by a blank line
    content_hash: str
    hash_version: int
    near_signature: str
    extractor: ExtractorInfo
    url: str | None = None
    canonical_url: str | None = None
    title: str | None = None
    authors: tuple[str, ...] = ()
    published_at: str | None = None
    modified_at: str | None = None
    language: str | None = None
    site: str | None = None
    section: str | None = None
    dateline: str | None = None
    similar: tuple[SimilarItem, ...] = ()
    source: SourceInfo | None = None
    ingested_at: str | None = None
    schema_version: int = SCHEMA_VERSION


@dataclass(frozen=True, slots=True)
class Extraction:
    """What came of a page: the finished JSON and what the pipeline has to know of it, or an error.

    The article travels as bytes, for the process that extracted it has serialised it as well: the parent, which feeds many
    children, only hands the bytes on.
    """

    article: bytes | None = None
    content_hash: str | None = None
    path: str | None = None
    similar_items: int = 0
    language: str | None = None
    error: PageError | None = None
    duration_s: float = 0.0  # in the child, without waiting


@dataclass(frozen=True, slots=True)
class OutputRecord:
    """A record to be published."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


class Outcome(StrEnum):
    """How a record's life ended.  Each record consumed has exactly one."""

    PUBLISHED = "published"
    DUPLICATE = "duplicate"
    EMPTY = "empty"
    DEAD_LETTERED = "dead_lettered"


@dataclass(frozen=True, slots=True)
class Settlement:
    """A record's one outcome, and what is to be published for it."""

    ref: SourceRef
    outcome: Outcome
    outputs: tuple[OutputRecord, ...] = field(default=(), repr=False)
    duplicate_of: SourceRef | None = None
    error: PageError | None = None
