"""The chart over its matrix of values: lint, template, every object against its schema, the configuration against the worker."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from pydantic import BaseModel

from tests.deploy.closed_schema import schemas
from tests.deploy.tools import CHART, DEPLOY, run, tool
from worker.config import KafkaSettings, Settings
from worker.records import TopicPartition
from worker.stream.topics import _wanted
from worker.stream.transactions import transactional_id

pytestmark = pytest.mark.deploy

VALUES = sorted((CHART / "ci").glob("*-values.yaml"))
Manifest = dict[str, Any]
_CLAIM = "replicas=1,config.dedup.store=sqlite,persistence.existingClaim=claims,config.dedup.sqlite.path"


@cache
def template(*arguments: str | Path) -> str:
    return run(tool("helm"), "template", "news", CHART, "--namespace", "news", *arguments)


def rendered(*arguments: str | Path) -> list[Manifest]:
    return [manifest for manifest in yaml.safe_load_all(template(*arguments)) if manifest]


def refused(*arguments: str | Path) -> str:
    """What Helm says to values that are not taken."""
    return run(tool("helm"), "template", "news", CHART, *arguments, ok=False)


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


@pytest.mark.parametrize("drain", ["090s", "1.5m", "90000ms", "2s"])
def test_a_drain_is_as_long_as_the_worker_reads_it(drain: str) -> None:
    pod = one(rendered("--set", f"config.shutdown.drain_timeout={drain}"), "Deployment")["spec"]["template"]["spec"]
    read = Settings.model_validate({"shutdown": {"drain_timeout": drain}}).shutdown.drain_timeout
    assert pod["terminationGracePeriodSeconds"] == read + 20


def test_a_limit_holds_what_a_pod_may_come_to() -> None:
    settings = Settings()
    needed = (150 << 20) + 2 * settings.limits.inflight_bytes + 2 * settings.pool.max_rss
    assert rendered("--set", f"resources.limits.memory={needed}")
    assert rendered("--set", "resources.limits.memory=null,config.pool.processes=0")
    for setting in (f"resources.limits.memory={needed - 1}", "config.pool.processes=8", "config.limits.inflight_bytes=1GiB"):
        assert "a pod may come to" in refused("--set", setting)


def test_a_static_member_has_the_name_of_its_pod() -> None:
    for name in ("${POD_NAME}", "eu-${POD_NAME}"):
        config = one(rendered("--set", f"kind=StatefulSet,config.kafka.consumer.group_instance_id={name}"), "ConfigMap")
        assert yaml.safe_load(config["data"]["config.yaml"])["kafka"]["consumer"]["group_instance_id"] == name


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


@pytest.mark.parametrize(
    ("protocol", "mechanism", "sasl", "tls"),
    [
        ("PLAINTEXT", "PLAIN", "none", "disable"),
        ("SSL", "PLAIN", "none", "enable"),
        ("SASL_PLAINTEXT", "PLAIN", "plaintext", "disable"),
        ("SASL_SSL", "SCRAM-SHA-256", "scram_sha256", "enable"),
        ("SASL_SSL", "SCRAM-SHA-512", "scram_sha512", "enable"),
        ("SASL_SSL", "OAUTHBEARER", "oauthbearer", "enable"),
    ],
)
def test_keda_connects_as_the_worker_does(protocol: str, mechanism: str, sasl: str, tls: str) -> None:
    kafka = f"config.kafka.security_protocol={protocol},config.kafka.sasl_mechanism={mechanism}"
    scaled = one(rendered("--set", f"keda.enabled=true,keda.authenticationRef=kafka,{kafka}"), "ScaledObject")
    [trigger] = scaled["spec"]["triggers"]
    assert (trigger["metadata"]["sasl"], trigger["metadata"]["tls"]) == (sasl, tls)


def test_topics_are_as_the_worker_would_create_them() -> None:
    config = {"duplicates": {"topic": "copies"}, "limits": {"payload_bytes": "4MiB"}}
    made = rendered("--set", "strimzi.enabled=true", "--set-json", f"config={json.dumps(config)}")
    topics = {found["spec"]["topicName"]: found["spec"] for found in made if found["kind"] == "KafkaTopic"}
    assert all(topic["config"].pop("min.insync.replicas") == 2 for topic in topics.values())
    given = {name: {key: str(value) for key, value in topic["config"].items()} for name, topic in topics.items()}
    assert given == _wanted(Settings.model_validate(config))
    assert {name: topic["partitions"] for name, topic in topics.items() if topic["partitions"] != 12} == {"pages.dead-letters": 1}


@pytest.mark.parametrize(
    ("config", "ports"),
    [
        ({}, [9092, 6379]),
        ({"kafka": {"bootstrap_servers": ["a:9095", "b:9096"]}, "dedup": {"redis": {"nodes": "r:6380"}}}, [9095, 9096, 6380]),
        ({"kafka": {"bootstrap_servers": "a:9095, ${B}:9095"}, "dedup": {"store": "memory"}}, [9095]),
        ({"dedup": {"redis": {"mode": "sentinel", "nodes": "s:26379,t:26379"}}}, [9092, 26379, 6379]),
        ({"kafka": {"sasl_oauth": {"token_endpoint": "https://idp/token"}}}, [9092, 6379, 443]),
        ({"kafka": {"sasl_oauth": {"token_endpoint": "http://idp:8080/token"}}}, [9092, 6379, 8080]),
    ],
)
def test_pods_may_connect_to_what_the_configuration_names(config: dict[str, Any], ports: list[int]) -> None:
    one_pod = "networkPolicy.enabled=true,replicas=1"
    policy = one(rendered("--set", one_pod, "--set-json", f"config={json.dumps(config)}"), "NetworkPolicy")
    assert [port["port"] for port in policy["spec"]["egress"][1]["ports"]] == ports
    own = one(rendered("--set", f"{one_pod},networkPolicy.egress[0].ports[0].port=1"), "NetworkPolicy")
    assert own["spec"]["egress"][1:] == [{"ports": [{"port": 1}]}]


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
        (f"{_CLAIM}=/var/lib/winnow-claims.sqlite", "claims in SQLite would go with the pod"),
        (f"{_CLAIM}=/var/lib/winnow/../claims.sqlite", "claims in SQLite would go with the pod"),
        ("config.shutdown.drain_timeout=soon", "write a number with a unit"),
        ("config.shutdown.drain_timeout=25", "write a number with a unit"),
        ("config.kafka.consumer.group_instance_id=news", "one name for all pods"),
        ("kind=StatefulSet,config.kafka.consumer.group_instance_id=news", "one name for all pods"),
        ("config.pool.processes=0", "config.pool.processes must be a number above 0"),
        ("config.dedup.redis.nodes=redis://me:hunter2@redis:6379", "config.dedup.redis.nodes holds an @"),
        ("strimzi.enabled=true,strimzi.replicas=1", "nothing could be written"),
        ("strimzi.enabled=true,config.input.topics={pages_raw,pages-raw}", "would be one KafkaTopic"),
        ("strimzi.enabled=true,config.kafka.consumer.group_id=${GROUP}", "which only the worker resolves"),
        ("strimzi.enabled=true,config.output.topic=${OUT}", "which only the worker resolves"),
        ("keda.enabled=true,config.kafka.bootstrap_servers=${KAFKA_SERVERS}", "which only the worker resolves"),
        ("keda.enabled=true,config.kafka.security_protocol=SASL_SSL", "set keda.authenticationRef"),
        ("keda.enabled=true,keda.minReplicas=5,keda.maxReplicas=3", "more than keda.maxReplicas"),
        ("keda.minReplicas=0", "minimum: got 0, want 1"),
        ("networkPolicy.enabled=true,config.kafka.bootstrap_servers=${KAFKA_SERVERS}", "can't be read here"),
        ("config.http.port=80", "'not' failed"),
        ("config.limits=null", "at '/config/limits': got null, want object"),
        ("config.kafka.consumer=null", "at '/config/kafka/consumer': got null, want object"),
        ("config.input.topics=pages.raw", "at '/config/input/topics': got string, want array"),
        ("kind=DaemonSet", "value must be one of"),
        ("serviceMonitor.intervall=5s", "additional properties 'intervall' not allowed"),
    ],
)
def test_faulty_values_are_refused(setting: str, message: str) -> None:
    said = refused("--set", setting)
    assert message in said
    assert "hunter2" not in said


def secrets(model: type[BaseModel], path: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        if "SecretStr" in str(field.annotation):
            yield f"{path}.{name}"
        elif isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from secrets(field.annotation, f"{path}.{name}")


@pytest.mark.parametrize("secret", list(secrets(Settings, "config")))
def test_a_secret_is_named_and_not_held(secret: str) -> None:
    assert rendered("--set", f"{secret}=${{file:/run/secrets/x}}")
    for plain in ("hunter2", "hunter2${X}", "$${hunter2}"):
        said = refused("--set", f"{secret}={plain}")
        assert f"{secret} would lie in a ConfigMap" in said
        assert "hunter2" not in said


def test_the_chart_may_be_part_of_another(tmp_path: Path) -> None:
    whole = {"apiVersion": "v2", "name": "whole", "version": "0.1.0"}
    part = {"name": "winnow", "version": "0.1.0", "condition": "winnow.enabled"}
    (tmp_path / "Chart.yaml").write_text(yaml.safe_dump(whole | {"dependencies": [part]}))
    (tmp_path / "values.yaml").write_text(yaml.safe_dump({"global": {"region": "eu"}, "winnow": {"enabled": True}}))
    shutil.copytree(CHART, tmp_path / "charts" / "winnow")
    assert "kind: Deployment" in run(tool("helm"), "template", "news", tmp_path)
    assert "kind" not in run(tool("helm"), "template", "news", tmp_path, "--set", "winnow.enabled=false")


def test_kustomize_probes_as_the_chart_does() -> None:
    theirs = yaml.safe_load((DEPLOY / "kustomize" / "deployment.yaml").read_text())
    [ours], [theirs] = (found["spec"]["template"]["spec"]["containers"] for found in (one(rendered(), "Deployment"), theirs))
    defaults = {"periodSeconds": 10}
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert defaults | ours[probe] == defaults | theirs[probe]


def test_the_chart_has_the_version_of_the_package() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    found = re.search(r'^version = "(.+)"', (CHART.parents[2] / "pyproject.toml").read_text(), re.MULTILINE)
    assert found and chart["appVersion"] == found[1]
