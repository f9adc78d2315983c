"""Extraction in processes of its own: native code that can hang, explode or crash never runs beside the event loop."""

from __future__ import annotations

from typing import Protocol

from worker.records import Extraction, Page, SourceRef


class Extractor(Protocol):
    """Turns pages into articles; what the pipeline knows of the pool."""

    async def extract(self, ref: SourceRef, page: Page, key: bytes | None = None) -> Extraction:
        """What came of the page.  A page that fails is an `Extraction` with an error, not an exception.

        Raises:
            PoolBroken: nothing can be extracted now, whatever the page.
        """

    def started(self) -> set[SourceRef]:
        """The pages that are being extracted at this moment: those for which waiting is worth while."""
