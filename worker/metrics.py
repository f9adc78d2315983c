"""The one registry: every metric of the worker, by its name and meaning.

Units are seconds and bytes.  No label holds a URL, a host or an error's text, so that the number of series stays bounded.
"""

from __future__ import annotations

import platform
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, GCCollector, Histogram, PlatformCollector, ProcessCollector

from worker.records import PATHS

_EXTRACT_BUCKETS: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60)
_LATENCY_BUCKETS: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 7200)
_SHORT_BUCKETS: Final = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)


def language_label(language: str | None) -> str:
    """A language as a label, of which there are few: two small letters, `other` for the rest, `unknown` where none was found."""
    primary = (language or "").partition("-")[0].lower()
    return primary if len(primary) == 2 and primary.isascii() and primary.isalpha() else "other" if primary else "unknown"


class Metrics:
    """A worker's metrics, in a registry of their own: two workers in one process (a test) do not meet."""

    def __init__(self, version: str) -> None:
        self.registry = r = CollectorRegistry()
        ProcessCollector(registry=r)
        PlatformCollector(registry=r)
        GCCollector(registry=r)
        partition = ("topic", "partition")

        self.records_consumed = Counter("winnow_records_consumed", "Records taken from the input.", registry=r)
        self.records_settled = Counter("winnow_records_settled", "Records by their one outcome.", ("outcome",), registry=r)
        self.records_abandoned = Counter(
            "winnow_records_abandoned",
            "Records given up unsettled, with a revoked partition or at the end of a drain; they are consumed again.",
            registry=r,
        )
        self.consumer_lag_records = Gauge(
            "winnow_consumer_lag_records",
            "Records from the first that is not settled to the partition's end.",
            partition,
            registry=r,
        )
        self.consumer_lag_seconds = Gauge(
            "winnow_consumer_lag_seconds",
            "Age of the oldest record that is not settled; while none is taken in, for how long some have waited; or 0.",
            partition,
            registry=r,
        )
        self.partition_buffered = Gauge(
            "winnow_partition_buffered_records", "Records consumed and not yet passed by the watermark.", partition, registry=r
        )
        self.partition_last_settled = Gauge(
            "winnow_partition_last_settled_timestamp_seconds",
            "When a record of the partition was last settled.",
            partition,
            registry=r,
        )
        self.inflight_records = Gauge("winnow_inflight_records", "Records consumed and not settled.", registry=r)
        self.inflight_bytes = Gauge("winnow_inflight_bytes", "Bytes of payload held by records in flight.", registry=r)
        self.backpressure_seconds = Counter("winnow_backpressure_seconds", "Time for which consumption was paused.", registry=r)
        self.extract_duration = Histogram(
            "winnow_extract_duration_seconds", "Time in a child for one page.", ("path",), buckets=_EXTRACT_BUCKETS, registry=r
        )
        for path in PATHS:  # a release after which one is never taken must show a zero
            self.extract_duration.labels(path)
        self.end_to_end_latency = Histogram(
            "winnow_end_to_end_latency_seconds",
            "From the record's timestamp to its settlement.",
            buckets=_LATENCY_BUCKETS,
            registry=r,
        )
        self.similar_items = Counter("winnow_similar_items", "Entries of similar-news blocks that were returned.", registry=r)
        self.pages_by_language = Counter("winnow_extracted_pages", "Pages extracted, by language.", ("language",), registry=r)
        self.pool_workers = Gauge("winnow_pool_workers", "Extraction processes by state.", ("state",), registry=r)
        self.pool_memory = Gauge(
            "winnow_pool_resident_memory_bytes",
            "Resident memory of the extraction processes, each after its last page.",
            registry=r,
        )
        self.pool_restarts = Counter("winnow_pool_restarts", "Extraction processes replaced, by reason.", ("reason",), registry=r)
        self.dedup_claims = Counter("winnow_dedup_claims", "Claims by kind of hash and result.", ("kind", "result"), registry=r)
        self.dedup_store_up = Gauge("winnow_dedup_store_up", "1 while the dedup store answers and takes claims.", registry=r)
        self.dedup_claim_duration = Histogram(
            "winnow_dedup_claim_duration_seconds", "Round trip of one batch of claims.", buckets=_SHORT_BUCKETS, registry=r
        )
        self.dead_letters = Counter("winnow_dead_letters", "Dead letters by stage and reason.", ("stage", "reason"), registry=r)
        self.publish_retries = Counter(
            "winnow_publish_retries", "Times that publishing for a record had to be tried again.", registry=r
        )
        self.commit_duration = Histogram(
            "winnow_commit_duration_seconds", "Round trip of one commit of offsets.", buckets=_SHORT_BUCKETS, registry=r
        )
        self.commit_failures = Counter(
            "winnow_commit_failures", "Commits of offsets that failed; they are tried again.", registry=r
        )
        self.transactions = Counter(
            "winnow_transactions", "Transactions of exactly_once by what came of them.", ("result",), registry=r
        )
        self.rebalances = Counter("winnow_rebalances", "Times that partitions were assigned to this worker.", registry=r)
        self.rebalance_duration = Histogram(
            "winnow_rebalance_duration_seconds", "From revocation to the new assignment.", buckets=_LATENCY_BUCKETS, registry=r
        )
        self.event_loop_lag = Gauge(
            "winnow_event_loop_lag_seconds", "How late the event loop woke a sleeper, at worst in the last minute.", registry=r
        )
        self.breaker_open = Gauge("winnow_breaker_open", "1 while too many dead letters hold up consumption.", registry=r)
        self.ready = Gauge("winnow_ready", "1 while /readyz is good.", registry=r)
        self.consumer_group = Gauge("winnow_consumer_group_info", "Constant 1, with the group as label.", ("group",), registry=r)
        build = Gauge("winnow_build_info", "Constant 1, with the versions as labels.", ("version", "python"), registry=r)
        build.labels(version=version, python=platform.python_version()).set(1)
