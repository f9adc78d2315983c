"""The chart over its matrix of values: lint, template, every object against its schema, the configuration against the worker."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.deploy.closed_schema import schemas
from tests.deploy.tools import CHART, run, tool
from worker.config import KafkaSettings
from worker.records import TopicPartition
from worker.stream.transactions import transactional_id

pytestmark = pytest.mark.deploy

VALUES = sorted((CHART / "ci").glob("*-values.yaml"))
Manifest = dict[str, Any]


@cache
def template(*arguments: str | Path) -> str:
    return run(tool("helm"), "template", "news", CHART, "--namespace", "news", *arguments)


def rendered(*arguments: str | Path) -> list[Manifest]:
    return [manifest for manifest in yaml.safe_load_all(template(*arguments)) if manifest]


def one(manifests: list[Manifest], kind: str) -> Manifest:
    [found] = [manifest for manifest in manifests if manifest["kind"] == kind]
    return found


@pytest.fixture(params=VALUES, ids=lambda path: path.stem)
def values(request: pytest.FixtureRequest) -> Path:
    return Path(request.param)


def test_lints(values: Path) -> None:
    run(tool("helm"), "lint", "--strict", CHART, "-f", values)


def test_core_objects_fit_their_schemas(values: Path, tmp_path: Path) -> None:
    core = [found for found in rendered("-f", values) if (found["apiVersion"], found["kind"]) not in schemas()]
    file = tmp_path / "core.yaml"
    file.write_text(yaml.safe_dump_all(core))
    for version in ("1.27", "1.37"):
        run(tool("kubernetes-validate"), "--strict", "-k", version, file)


def test_a_misspelt_field_of_a_core_object_would_be_found(tmp_path: Path) -> None:
    pod = one(rendered(), "Deployment")
    pod["spec"]["template"]["spec"]["terminationGracePeriod"] = 30
    file = tmp_path / "pod.yaml"
    file.write_text(yaml.safe_dump_all([one(rendered(), "Service"), pod]))
    assert "terminationGracePeriod" in run(tool("kubernetes-validate"), "--strict", "-k", "1.37", file, ok=False)


def test_custom_resources_fit_their_schemas(values: Path) -> None:
    for manifest in rendered("-f", values):
        schema = schemas().get((manifest["apiVersion"], manifest["kind"]))
        if schema is not None:
            jsonschema.Draft202012Validator(schema).validate(manifest)
        else:
            assert "." not in manifest["apiVersion"].partition("/")[0] or ".k8s.io/" in manifest["apiVersion"], manifest["kind"]


def test_a_misspelt_field_of_a_custom_resource_would_be_found() -> None:
    monitor = one(rendered("-f", CHART / "ci" / "everything-values.yaml"), "ServiceMonitor")
    monitor["spec"]["endpoints"][0]["intervall"] = "30s"
    with pytest.raises(jsonschema.ValidationError, match="intervall"):
        jsonschema.Draft202012Validator(schemas()[monitor["apiVersion"], monitor["kind"]]).validate(monitor)


def test_the_worker_reads_the_configuration(values: Path, tmp_path: Path) -> None:
    config = one([found for found in rendered("-f", values) if "config.yaml" in found.get("data", {})], "ConfigMap")
    certificate = tmp_path / "ca.crt"
    certificate.touch()
    file = tmp_path / "config.yaml"
    file.write_text(config["data"]["config.yaml"].replace("/etc/winnow/kafka/ca.crt", str(certificate)))
    environment = os.environ | {"KAFKA_PASSWORD": "secret", "POD_NAME": "news-winnow-0"}
    command = [sys.executable, "-m", "worker", "check", "--offline", "-c", str(file)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_pod_may_take_as_long_as_its_drain(values: Path) -> None:
    given = yaml.safe_load(values.read_text()) or {}
    drain = given.get("config", {}).get("shutdown", {}).get("drain_timeout", "25s")
    seconds = int(drain[:-1]) * {"s": 1, "m": 60}[drain[-1]]
    [workload] = [found for found in rendered("-f", values) if found["kind"] in {"Deployment", "StatefulSet"}]
    assert workload["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] == seconds + 20


def test_a_changed_configuration_restarts_the_pods() -> None:
    sums = {
        one(rendered("--set", f"config.output.topic={topic}"), "Deployment")["spec"]["template"]["metadata"]["annotations"][
            "checksum/config"
        ]
        for topic in ("articles", "news")
    }
    assert len(sums) == 2


def test_keda_alone_says_how_many_pods_there_are() -> None:
    assert one(rendered(), "Deployment")["spec"]["replicas"] == 2
    scaled = rendered("-f", CHART / "ci" / "everything-values.yaml")
    assert "replicas" not in one(scaled, "Deployment")["spec"]
    topics = [trigger["metadata"]["topic"] for trigger in one(scaled, "ScaledObject")["spec"]["triggers"]]
    assert topics == ["pages.raw", "pages.archive"]


def test_what_strimzi_and_keda_are_told_is_what_the_worker_uses() -> None:
    everything = rendered("-f", CHART / "ci" / "everything-values.yaml")
    acls = one(everything, "KafkaUser")["spec"]["authorization"]["acls"]
    [prefix] = [acl["resource"]["name"] for acl in acls if acl["resource"]["type"] == "transactionalId"]
    worker = KafkaSettings.model_validate({"consumer": {"group_id": "winnow-eu"}})
    assert transactional_id(worker, TopicPartition("pages.raw", 0)).startswith(prefix)
    odd = rendered("-f", CHART / "ci" / "sqlite-values.yaml", "--set", "keda.enabled=true,config.dedup.store=redis")
    topics = {found["metadata"]["name"]: found["spec"]["topicName"] for found in odd if found["kind"] == "KafkaTopic"}
    assert topics == {"pages-raw": "pages_raw", "articles": "Articles", "pages.dead-letters": "pages.dead-letters"}
    [trigger] = one(odd, "ScaledObject")["spec"]["triggers"]
    assert trigger["metadata"]["bootstrapServers"] == "kafka-1:9092,kafka-2:9092"
    assert trigger["metadata"]["offsetResetPolicy"] == "earliest"


def test_topics_outlive_the_release() -> None:
    kept = [
        found for found in rendered("-f", CHART / "ci" / "everything-values.yaml") if found["kind"] in {"KafkaTopic", "KafkaUser"}
    ]
    assert len(kept) == 6
    assert all(found["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep" for found in kept)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("replica=3", "additional properties 'replica' not allowed"),
        ("keda.enabled=true,keda.maxReplicas=13", "pods beyond the partitions would stand idle"),
        ("replicas=1,config.dedup.store=sqlite", "claims in SQLite would go with the pod"),
        ("config.dedup.store=sqlite", "several pods need a dedup store that they share"),
        ("config.shutdown.drain_timeout=soon", "write whole seconds"),
        ("config.http.port=80", "'not' failed"),
        ("kind=DaemonSet", "value must be one of"),
        ("serviceMonitor.intervall=5s", "additional properties 'intervall' not allowed"),
    ],
)
def test_faulty_values_are_refused(setting: str, message: str) -> None:
    said = run(tool("helm"), "template", "news", CHART, "--set", setting, ok=False)
    assert message in said


def test_the_chart_has_the_version_of_the_package() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    found = re.search(r'^version = "(.+)"', (CHART.parents[2] / "pyproject.toml").read_text(), re.MULTILINE)
    assert found and chart["appVersion"] == found[1]
