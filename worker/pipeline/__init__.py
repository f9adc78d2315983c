"""From consumed records to committed offsets: the loop, and what becomes of each record."""

from __future__ import annotations

from worker.pipeline.loop import Pipeline

__all__ = ["Pipeline"]
