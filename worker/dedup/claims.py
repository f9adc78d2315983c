"""Who may publish an article: the claim on its hash, and what a store answers.

A claim's value is its owner's `SourceRef`, for a worker may die between claiming and publishing.  When the record is consumed
again, the store answers with the record's own name: it is a replay of the owner, and the article is published after all.  Only a
claim that another record holds makes a duplicate.

The page's bytes are not claimed.  What article they came to is a note, owned by nobody: an unchanged page is known by it before
it is extracted, and then claims that article like any other.  Were bytes claimed as well, two copies of a page could each hold one
of the two claims, once a store has forgotten something, and each become a duplicate of the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from worker.records import SourceRef


class ClaimKind(StrEnum):
    """How the article that is claimed was come by."""

    RAW = "raw"  # by a note of the page's bytes, before extraction: an unchanged page costs none
    CONTENT = "content"  # by extraction


class ClaimResult(StrEnum):
    """What a claim came to; the label of `winnow_dedup_claims_total`."""

    WON = "won"
    REPLAYED = "replayed"  # the record held the claim already: its first attempt did not get through
    DUPLICATE = "duplicate"
    UNKNOWN = "unknown"  # the store was down and the configuration says to publish all the same


@dataclass(frozen=True, slots=True)
class Claim:
    """A record's wish to be the one that publishes an article."""

    hash: str  # of the article, hex
    owner: SourceRef
    raw: str | None = field(default=None, compare=False)  # hash of the page's bytes, hex, to be noted


class ClaimStore(Protocol):
    """Holds claims for a window of time, in a namespace.

    Every call raises `ClaimStoreUnavailable` where the store can't answer; the caller asks again, which is safe: a claim that was
    granted unseen answers with its own owner.
    """

    async def start(self) -> None:
        """Connect.  Raises ClaimStoreUnavailable."""

    async def look_up(self, raws: Sequence[str]) -> list[str | None]:
        """The hash of the article that each page came to, by the hash of its bytes; None where none is noted."""

    async def claim(self, claims: Sequence[Claim]) -> list[SourceRef | None]:
        """Claim each hash, in order; None where it is won, else who holds it (maybe the asker itself).

        What a page came to is noted first, whoever holds the claim: a replay that fails must know what to give up.
        """

    async def release(self, claims: Sequence[Claim]) -> None:
        """Give up claims whose records will not be published; a claim that another record holds stays."""

    async def warnings(self) -> list[str]:
        """What of the store's own settings lets claims be forgotten, one sentence each.  Raises ClaimStoreUnavailable."""

    async def close(self) -> None:
        """Let go of connections and files."""
