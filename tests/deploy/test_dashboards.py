"""Every query of every dashboard, asked of a real Prometheus that scraped a real worker under load."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.dashboards import DASHBOARDS, FOLDER, as_json, dashboard
from tests.deploy.test_alerts import OF_THE_CLUSTER, rules
from tests.deploy.tools import CHART, tool
from tests.test_worker import HTML, TEXT, page
from tests.worker_process import DEADLINE_S, Setup, WorkerProcess, free_port

SCRAPES_S = 25.0


def test_the_chart_has_the_dashboards_as_they_are_written_here() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == set(DASHBOARDS)
    for name in DASHBOARDS:
        assert (FOLDER / f"{name}.json").read_text() == as_json(name), "run: python -m deploy.dashboards"


def test_panels_stand_side_by_side() -> None:
    for name in DASHBOARDS:
        places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in dashboard(name)["panels"]]
        assert len(set(places)) == len(places)


@dataclass(frozen=True, slots=True)
class Prometheus:
    address: str

    def ask(self, path: str, **parameters: object) -> Any:
        query = urllib.parse.urlencode({name: str(value) for name, value in parameters.items()})
        try:
            with urllib.request.urlopen(f"{self.address}/api/v1/{path}?{query}", timeout=10) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{parameters}: {error.read().decode()}") from error


@pytest.fixture
async def prometheus(kafka: str, fresh: str, tmp_path: Path) -> AsyncIterator[Prometheus]:
    """It has scraped a worker that read articles, copies and pages that can't be read."""
    setup = Setup(kafka, fresh, tmp_path, {"dedup": {"store": "memory"}, "pool": {"processes": 1}})
    await setup.create_topics(3)
    worker = WorkerProcess(setup)
    port = free_port()
    config = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(CHART / "files" / "alerts.yaml")],
        "scrape_configs": [
            {"job_name": "winnow", "static_configs": [{"targets": [f"127.0.0.1:{worker.port}"], "labels": {"namespace": "news"}}]}
        ],
    }
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(config))
    server = subprocess.Popen(
        [
            tool("prometheus"),
            f"--config.file={tmp_path / 'prometheus.yml'}",
            f"--storage.tsdb.path={tmp_path / 'tsdb'}",
            f"--web.listen-address=127.0.0.1:{port}",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        await worker.until_ready()
        until = time.monotonic() + SCRAPES_S
        number = 0
        while time.monotonic() < until:  # a bit of everything, all the time: rates need increases
            texts = [(page(number + seed), TEXT) for seed in range(8)]
            await setup.produce([*texts, texts[0], (b"<html><body>Log in</body></html>", HTML), (None, [])])
            number += 8
            await asyncio.sleep(1)
        found = Prometheus(f"http://127.0.0.1:{port}")
        await asyncio.to_thread(_until_scraped, found)
        yield found
    finally:
        server.terminate()
        server.wait()
        await worker.end()


def _until_scraped(prometheus: Prometheus) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not prometheus.ask("query", query="count_over_time(winnow_ready[5m]) > 10")["result"]:
        assert time.monotonic() < deadline, "Prometheus has not scraped the worker"
        time.sleep(1)


@pytest.mark.deploy
@pytest.mark.kafka
async def test_every_query_returns_data(prometheus: Prometheus) -> None:
    await asyncio.to_thread(_ask_everything, prometheus)


def _ask_everything(prometheus: Prometheus) -> None:
    now = time.time()
    for name in DASHBOARDS:
        board = dashboard(name)
        bound = {"__rate_interval": "10s", "__range": "1m"}
        for variable in board["templating"]["list"]:
            if variable["type"] == "query":
                values = _values(prometheus, _bound(variable["query"]["query"], bound))
                assert values, f"{name}: no value for ${variable['name']}"
                bound[variable["name"]] = "|".join(values)
        for panel in board["panels"]:
            for target in panel["targets"]:
                expression = _bound(target["expr"], bound)
                found = prometheus.ask("query_range", query=expression, start=now - 20, end=now, step=2)["result"]
                numbers = [value for series in found for _, value in series["values"] if value != "NaN"]
                assert numbers, f"{name}, {panel['title']}: no data for {expression}"
                labels = re.findall(r"{{(\w+)}}", target["legendFormat"])
                assert all(label in series["metric"] or "transactions" in expression for series in found for label in labels), (
                    expression
                )
    for rule in rules():
        if not OF_THE_CLUSTER & set(re.findall(r"\w+", rule["expr"])):
            prometheus.ask("query", query=rule["expr"])
    loaded = prometheus.ask("rules")["groups"]
    assert all(rule["health"] == "ok" for group in loaded for rule in group["rules"] if rule["health"] != "unknown")


def _bound(expression: str, variables: dict[str, str]) -> str:
    bound = re.sub(r"\$(\w+)", lambda found: variables[found[1]], expression)
    assert "$" not in bound, bound
    return bound


def _values(prometheus: Prometheus, query: str) -> list[str]:
    asked = re.fullmatch(r"label_values\((.+), (\w+)\)", query)
    assert asked, query
    found: list[str] = prometheus.ask(f"label/{asked[2]}/values", **{"match[]": asked[1]})
    return found
