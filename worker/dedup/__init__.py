"""Claims on content hashes: who may publish an article, and the stores that remember it."""

from __future__ import annotations

from worker.config import DedupSettings
from worker.dedup.claims import ClaimStore
from worker.dedup.memory import MemoryClaimStore
from worker.dedup.redis import RedisClaimStore
from worker.dedup.sqlite import SqliteClaimStore

__all__ = ["open_store"]


def open_store(settings: DedupSettings) -> ClaimStore:
    """The store that the settings name; nothing is opened before its `start`."""
    match settings.store:
        case "memory":
            return MemoryClaimStore(window_s=settings.window)
        case "sqlite":
            return SqliteClaimStore(settings.sqlite.path, window_s=settings.window, namespace=settings.namespace)
        case "redis":
            return RedisClaimStore(settings.redis, window_s=settings.window, namespace=settings.namespace)
