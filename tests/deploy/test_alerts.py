"""Every alert fires when it should and not beside it, has its runbook, and asks for metrics that there are."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.tools import CHART, DEPLOY, run, tool
from worker.metrics import Metrics

ALERTS = CHART / "files" / "alerts.yaml"
OF_THE_CLUSTER = {"container_memory_working_set_bytes", "kube_pod_container_resource_limits"}


def rules() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]


def alerts() -> set[str]:
    return {rule["alert"] for rule in rules() if "alert" in rule}


def known_series() -> set[str]:
    """What a worker can show: each metric's samples by name."""
    suffixes = {"counter": ["_total"], "histogram": ["_bucket", "_count", "_sum"]}
    return {metric.name + suffix for metric in Metrics("0").registry.collect() for suffix in suffixes.get(metric.type, [""])}


def test_every_alert_has_a_runbook_and_every_runbook_an_alert() -> None:
    runbooks = {path.stem: path.read_text() for path in (DEPLOY / "runbooks").glob("*.md")}
    assert set(runbooks) == alerts()
    for name, text in runbooks.items():
        assert text.startswith(f"# {name}\n")
        assert re.findall(r"^## (.+)", text, re.MULTILINE) == ["Meaning", "Impact", "Diagnosis", "Mitigation"]
        for linked in re.findall(r"\]\((\w+)\.md\)", text):
            assert linked in runbooks, f"{name} leads to {linked}"


def test_every_alert_is_tested_to_fire() -> None:
    tests = yaml.safe_load(Path(__file__).with_name("alerts_test.yaml").read_text())["tests"]
    fired = {case["alertname"] for test in tests for case in test["alert_rule_test"] if case["exp_alerts"]}
    assert fired == alerts()


def test_alerts_and_runbooks_ask_for_what_there_is() -> None:
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    histograms = {
        name.removesuffix("_bucket") for name in known_series() if name.endswith("_bucket")
    }  # runbooks speak of the whole
    for rule in rules():
        names = set(re.findall(r"\b(?:winnow|container|kube)[_:][a-z0-9_:]+", rule["expr"]))
        assert names <= known_series() | recorded | OF_THE_CLUSTER, rule.get("alert")
    for path in (DEPLOY / "runbooks").glob("*.md"):
        names = set(re.findall(r"\bwinnow_[a-z0-9_]+", path.read_text()))
        assert names <= known_series() | histograms, path.name


def test_commands_of_runbooks_can_be_called_as_they_stand() -> None:
    """With a broker for Kafka's scripts, and the configuration from where the chart mounts it."""
    in_the_pod = "/etc/winnow/config/config.yaml"
    assert f"--config, {in_the_pod}]" in (CHART / "templates" / "workload.yaml").read_text()
    for path in (DEPLOY / "runbooks").glob("*.md"):
        for command in re.findall(r"`([^`]+)`", path.read_text()):
            if command.startswith("kafka-"):
                assert re.match(r"kafka-[a-z-]+\.sh --bootstrap-server BROKER ", command), f"{path.stem}: {command}"
            for config in re.findall(r" -c (\S+)", command):
                assert config == in_the_pod, f"{path.stem}: {command}"


@pytest.mark.deploy
def test_promtool_finds_no_fault() -> None:
    run(tool("promtool"), "check", "rules", "--lint=all", "--lint-fatal", ALERTS)


@pytest.mark.deploy
def test_alerts_fire_when_they_should() -> None:
    run(tool("promtool"), "test", "rules", "alerts_test.yaml", cwd=Path(__file__).parent)


@pytest.mark.deploy
@pytest.mark.parametrize("alert", sorted(alerts()))
def test_an_alert_that_never_fires_would_be_found(alert: str, tmp_path: Path) -> None:
    """Each rule in turn is made to stay silent: the unit tests that expect it to fire must notice."""
    found = yaml.safe_load(ALERTS.read_text())
    for group in found["groups"]:
        for rule in group["rules"]:
            if rule.get("alert") == alert:
                rule["expr"] = f"({rule['expr']}) and vector(0) == 1"
    (tmp_path / "alerts.yaml").write_text(yaml.safe_dump(found))
    tests = yaml.safe_load(Path(__file__).with_name("alerts_test.yaml").read_text())
    of_it = [test for test in tests["tests"] if any(case["alertname"] == alert for case in test["alert_rule_test"])]
    (tmp_path / "test.yaml").write_text(yaml.safe_dump(tests | {"rule_files": ["alerts.yaml"], "tests": of_it}))
    assert alert in run(tool("promtool"), "test", "rules", "test.yaml", cwd=tmp_path, ok=False)
