"""Compose, kustomize and the bill of materials."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest
import yaml
from aiokafka import AIOKafkaConsumer

from tests.deploy.tools import CHART, DEPLOY, ROOT, run, tool
from tests.redis_server import RedisServer
from tests.worker_process import Setup
from worker.config import DedupSettings
from worker.dedup import open_store

pytestmark = pytest.mark.deploy

# What checkov asks for and this chart answers otherwise, each with the reason.
_SKIPPED = {
    "CKV_K8S_43": "the digest is a value; a chart can't know it",
    "CKV_K8S_15": "pullPolicy is a value; IfNotPresent is right for tags that don't move",
    "CKV_K8S_11": "no CPU limit: throttling looks like a standstill to the group",
    "CKV_K8S_21": "the namespace is the release's",
    "CKV_K8S_35": "secrets come as files too, with secretMounts",
    "CKV2_K8S_6": "the NetworkPolicy is an option: it takes the cluster's addresses",
}


def test_compose_is_sound() -> None:
    run(tool("docker-compose"), "-f", DEPLOY / "compose.yaml", "config", "-q")


def test_compose_mounts_what_there_is() -> None:
    for service in yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"].values():
        for volume in service.get("volumes", ()):
            assert (DEPLOY / volume.partition(":")[0]).exists(), volume


@pytest.mark.redis
async def test_the_store_of_compose_keeps_what_exactly_once_needs(tmp_path: Path) -> None:
    """A server with its arguments has none of the settings that `winnow check` warns of."""
    _, *arguments = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]["valkey"]["command"]
    server = RedisServer(tmp_path / "valkey", tuple(arguments))
    server.start()
    store = open_store(DedupSettings.model_validate({"store": "redis", "redis": {"nodes": server.address}}))
    try:
        await store.start()
        assert await store.warnings() == []
    finally:
        await store.close()
        server.stop()


@pytest.mark.parametrize("config", [DEPLOY / "compose" / "config.yaml", DEPLOY / "kustomize" / "config.yaml"])
def test_the_worker_reads_the_configurations(config: Path) -> None:
    run(sys.executable, "-m", "worker", "check", "--offline", "-c", config)


@pytest.mark.kafka
async def test_the_feeder_feeds(kafka: str, fresh: str, tmp_path: Path) -> None:
    setup = Setup(kafka, fresh, tmp_path)
    await setup.create_topics(1)
    command = [sys.executable, str(DEPLOY / "compose" / "feed.py"), kafka, setup.raw, str(DEPLOY / "demo" / "pages"), "200"]
    feeder = await asyncio.create_subprocess_exec(*command)
    consumer = AIOKafkaConsumer(setup.raw, bootstrap_servers=kafka, auto_offset_reset="earliest")
    await consumer.start()
    try:
        async with asyncio.timeout(60):
            keys = {(await consumer.getone()).key.decode() for _ in range(40)}
    finally:
        await consumer.stop()
        feeder.terminate()
        await feeder.wait()
    assert keys == {path.name for path in (DEPLOY / "demo" / "pages").iterdir()}


def test_kustomize_builds_what_fits_its_schema(tmp_path: Path) -> None:
    built = run(tool("kubectl"), "kustomize", DEPLOY / "kustomize")
    file = tmp_path / "built.yaml"
    file.write_text(built)
    run(tool("kubernetes-validate"), "--strict", "-k", "1.37", file)


def test_checkov_finds_nothing_without_a_reason(tmp_path: Path) -> None:
    file = tmp_path / "chart.yaml"
    values = CHART / "ci" / "everything-values.yaml"
    file.write_text(run(tool("helm"), "template", "news", CHART, "--namespace", "news", "-f", values))
    skip = ["--skip-check", ",".join(_SKIPPED)]
    run(tool("checkov"), "--skip-download", "--framework", "kubernetes", "-f", file, *skip, "--compact", "--quiet")


def test_the_bill_of_materials_names_what_is_locked(tmp_path: Path) -> None:
    bill = tmp_path / "sbom.json"
    run(tool("cyclonedx-py"), "requirements", ROOT / "requirements.lock", "--of", "JSON", "-o", bill)
    listed = {component["name"].lower(): component["version"] for component in json.loads(bill.read_text())["components"]}
    assert {"aiokafka", "lxml", "trafilatura", "orjson", "prometheus-client"} <= set(listed)
    assert all(listed.values())
