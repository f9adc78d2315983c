"""Who may publish an article: the claim on a hash, and what a store answers.

A claim's value is its owner's `SourceRef`, for a worker may die between claiming and publishing.  When the record is consumed
again, the store answers with the record's own name: it is a replay of the owner, and the article is published after all.  Only a
claim that another record holds makes a duplicate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from worker.records import SourceRef


class ClaimKind(StrEnum):
    """What was hashed.  The kinds never meet: their keys differ."""

    RAW = "raw"  # the page's bytes, before extraction: an unchanged page costs none
    CONTENT = "content"  # the normalized article


class ClaimResult(StrEnum):
    """What a claim came to; the label of `winnow_dedup_claims_total`."""

    WON = "won"
    REPLAYED = "replayed"  # the record held the claim already: its first attempt did not get through
    DUPLICATE = "duplicate"
    UNKNOWN = "unknown"  # the store was down and the configuration says to publish all the same


@dataclass(frozen=True, slots=True)
class Claim:
    """A record's wish to be the one that publishes a hash (hex)."""

    kind: ClaimKind
    hash: str
    owner: SourceRef


class ClaimStore(Protocol):
    """Holds claims for a window of time, in a namespace.

    Both calls raise `ClaimStoreUnavailable` where the store can't answer; the caller asks again, which is safe: a claim that was
    granted unseen answers with its own owner.
    """

    async def start(self) -> None:
        """Connect.  Raises ClaimStoreUnavailable."""

    async def claim(self, claims: Sequence[Claim]) -> list[SourceRef | None]:
        """Claim each hash, in order; None where it is won, else who holds it (maybe the asker itself)."""

    async def release(self, claims: Sequence[Claim]) -> None:
        """Give up claims whose records will not be published; a claim that another record holds stays."""

    async def warnings(self) -> list[str]:
        """What of the store's own settings lets claims be forgotten, one sentence each.  Raises ClaimStoreUnavailable."""

    async def close(self) -> None:
        """Let go of connections and files."""
