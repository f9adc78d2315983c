"""The Grafana dashboards, written as JSON into the chart: `python -m deploy.dashboards`.

One by stage, one by pod, one of Kafka, one of the content.  Every query is restricted by the variables, so that a dashboard serves
any number of groups in any number of clusters.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "helm" / "winnow" / "files" / "dashboards"
_OF = 'namespace=~"$namespace", job=~"$job"'
_SOURCE = {"type": "prometheus", "uid": "${datasource}"}


@dataclass(frozen=True, slots=True)
class Panel:
    """A graph: a title, a unit of Grafana's, and legends with their queries, in which OF and TOPIC stand for the variables."""

    title: str
    unit: str
    queries: dict[str, str]
    stacked: bool = False


def rate(metric: str, by: str = "") -> str:
    """Events a second, summed over all but some labels."""
    selected = metric if "{" in metric else f"{metric}{{OF}}"
    return f"sum{f' by ({by})' if by else ''} (rate({selected}[$__rate_interval]))"


def quantiles(metric: str) -> dict[str, str]:
    """Of a histogram."""
    buckets = rate(f"{metric}_bucket", "le")
    return {name: f"histogram_quantile({share}, {buckets})" for name, share in {"p50": 0.5, "p99": 0.99}.items()}


def share_of_outcome(outcome: str) -> str:
    """Of all that is settled."""
    part = rate(f'winnow_records_settled_total{{OF, outcome="{outcome}"}}')
    return f"{part} / {rate('winnow_records_settled_total')}"


_PAGES = rate("winnow_extract_duration_seconds_count")
_IN_TIME = rate('winnow_end_to_end_latency_seconds_bucket{OF, le="60.0"}')
_POD, _PARTITION = "{{instance}}", "{{topic}}/{{partition}}"

STAGES = (
    Panel("Consumed", "ops", {"records": rate("winnow_records_consumed_total")}),
    Panel("Settled by outcome", "ops", {"{{outcome}}": rate("winnow_records_settled_total", "outcome")}, stacked=True),
    Panel("From timestamp to outcome", "s", quantiles("winnow_end_to_end_latency_seconds")),
    Panel(
        "Later than the objective of 60 s",
        "percentunit",
        {"late": f"1 - {_IN_TIME} / {rate('winnow_end_to_end_latency_seconds_count')}"},
    ),
    Panel("Extraction: pages by path", "ops", {"{{path}}": rate("winnow_extract_duration_seconds_count", "path")}, stacked=True),
    Panel("Extraction: time a page", "s", quantiles("winnow_extract_duration_seconds")),
    Panel("Dedup: claims by result", "ops", {"{{kind}} {{result}}": rate("winnow_dedup_claims_total", "kind, result")}),
    Panel("Dedup: round trip of a batch", "s", quantiles("winnow_dedup_claim_duration_seconds")),
    Panel("Publish: tried again", "ops", {"records": rate("winnow_publish_retries_total")}),
    Panel("Commit of offsets", "s", quantiles("winnow_commit_duration_seconds")),
    Panel("In flight", "short", {"records": "sum(winnow_inflight_records{OF})"}),
    Panel("Backpressure", "percentunit", {"paused": "avg(rate(winnow_backpressure_seconds_total{OF}[$__rate_interval]))"}),
)

PODS = (
    Panel("CPU of the parent", "percentunit", {_POD: rate("process_cpu_seconds_total", "instance")}),
    Panel("Extraction: processes at work", "short", {_POD: rate("winnow_extract_duration_seconds_sum", "instance")}),
    Panel("Memory of the parent", "bytes", {_POD: "process_resident_memory_bytes{OF}"}),
    Panel("Memory of the extraction processes", "bytes", {_POD: "winnow_pool_resident_memory_bytes{OF}"}),
    Panel("Pool by state", "short", {"{{state}}": "sum by (state) (winnow_pool_workers{OF})"}, stacked=True),
    Panel(
        "Pool: replaced",
        "short",
        {_POD: "sum by (instance) (increase(winnow_pool_restarts_total{OF}[$__range])) or 0 * winnow_ready{OF}"},
    ),
    Panel("Event loop lag", "s", {_POD: "winnow_event_loop_lag_seconds{OF}"}),
    Panel("Ready", "short", {_POD: "winnow_ready{OF}"}),
    Panel("Bytes in flight", "bytes", {_POD: "winnow_inflight_bytes{OF}"}),
    Panel("Breaker", "short", {_POD: "winnow_breaker_open{OF}"}),
    Panel("Dedup store answers", "short", {_POD: "winnow_dedup_store_up{OF}"}),
    Panel("Versions", "short", {"{{version}}, Python {{python}}": "count by (version, python) (winnow_build_info{OF})"}),
)

KAFKA = (
    Panel("Lag", "short", {"{{topic}}": "sum by (topic) (winnow_consumer_lag_records{TOPIC})"}),
    Panel("Age of the oldest that waits", "s", {"{{topic}}": "max by (topic) (winnow_consumer_lag_seconds{TOPIC})"}),
    Panel("Lag by partition", "short", {_PARTITION: "sum by (topic, partition) (winnow_consumer_lag_records{TOPIC})"}),
    Panel("Held by partition", "short", {_PARTITION: "sum by (topic, partition) (winnow_partition_buffered_records{TOPIC})"}),
    Panel(
        "Since a partition last settled a record",
        "s",
        {_PARTITION: "time() - max by (topic, partition) (winnow_partition_last_settled_timestamp_seconds{TOPIC})"},
    ),
    Panel("Rebalances", "short", {_POD: "sum by (instance) (increase(winnow_rebalances_total{OF}[$__range]))"}),
    Panel(
        "Commits",
        "ops",
        {"commits": rate("winnow_commit_duration_seconds_count"), "failed": rate("winnow_commit_failures_total")},
    ),
    Panel("Transactions", "ops", {"{{result}}": f"{rate('winnow_transactions_total', 'result')} or 0 * sum(winnow_ready{{OF}})"}),
    Panel("Given up with a revoked partition", "ops", {"records": rate("winnow_records_abandoned_total")}),
)

CONTENT = (
    Panel("Share of duplicates", "percentunit", {"duplicates": share_of_outcome("duplicate")}),
    Panel("Share of dead letters", "percentunit", {"dead letters": share_of_outcome("dead_lettered")}),
    Panel(
        "Dead letters by reason", "ops", {"{{stage}} {{reason}}": rate("winnow_dead_letters_total", "stage, reason")}, stacked=True
    ),
    Panel(
        "Paths, as shares",
        "percentunit",
        {"{{path}}": f"{rate('winnow_extract_duration_seconds_count', 'path')} / ignoring (path) group_left () {_PAGES}"},
        stacked=True,
    ),
    Panel("Languages", "ops", {"{{language}}": rate("winnow_extracted_pages_total", "language")}, stacked=True),
    Panel("Similar-news entries a page", "short", {"entries": f"{rate('winnow_similar_items_total')} / {_PAGES}"}),
)

DASHBOARDS = {
    "stages": ("Winnow / stages", STAGES),
    "pods": ("Winnow / pods", PODS),
    "kafka": ("Winnow / Kafka", KAFKA),
    "content": ("Winnow / content", CONTENT),
}


def dashboard(name: str) -> dict[str, Any]:
    """One of them, as Grafana imports it."""
    title, panels = DASHBOARDS[name]
    return {
        "uid": f"winnow-{name}",
        "title": title,
        "tags": ["winnow"],
        "schemaVersion": 39,
        "timezone": "browser",
        "refresh": "30s",
        "time": {"from": "now-3h", "to": "now"},
        "links": [{"type": "dashboards", "title": "Winnow", "tags": ["winnow"], "asDropdown": True, "includeVars": True}],
        "templating": {"list": _variables()},
        "panels": [_panel(number, panel) for number, panel in enumerate(panels)],
    }


def _variables() -> list[dict[str, Any]]:
    chain = {
        "namespace": "label_values(winnow_build_info, namespace)",
        "group": 'label_values(winnow_consumer_group_info{namespace=~"$namespace"}, group)',
        "job": 'label_values(winnow_consumer_group_info{namespace=~"$namespace", group=~"$group"}, job)',
        "topic": 'label_values(winnow_partition_buffered_records{namespace=~"$namespace", job=~"$job"}, topic)',
    }
    every = {"type": "query", "datasource": _SOURCE, "multi": True, "includeAll": True, "allValue": ".*", "refresh": 2, "sort": 1}
    every |= {"current": {"text": "All", "value": "$__all"}}
    choice = [every | {"name": name, "query": {"query": query, "refId": name}} for name, query in chain.items()]
    return [{"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"}, *choice]


def _panel(number: int, panel: Panel) -> dict[str, Any]:
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": panel.title,
        "datasource": _SOURCE,
        "gridPos": {"x": 12 * (number % 2), "y": 8 * (number // 2), "w": 12, "h": 8},
        "fieldConfig": {
            "defaults": {
                "unit": panel.unit,
                "min": 0,
                "custom": {"fillOpacity": 25 if panel.stacked else 0, "stacking": {"mode": "normal" if panel.stacked else "none"}},
            },
            "overrides": [],
        },
        "options": {"tooltip": {"mode": "multi", "sort": "desc"}, "legend": {"displayMode": "list", "placement": "bottom"}},
        "targets": [
            {"refId": chr(ord("A") + at), "datasource": _SOURCE, "expr": _selected(query), "legendFormat": legend}
            for at, (legend, query) in enumerate(panel.queries.items())
        ],
    }


def _selected(query: str) -> str:
    return query.replace("{OF", f"{{{_OF}").replace("{TOPIC", f'{{{_OF}, topic=~"$topic"')


def as_json(name: str) -> str:
    return json.dumps(dashboard(name), indent=1) + "\n"


if __name__ == "__main__":
    for found in DASHBOARDS:
        (FOLDER / f"{found}.json").write_text(as_json(found))
