"""What `winnow topics create` and `winnow check` find on a real broker."""

from __future__ import annotations

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from worker.config import Settings
from worker.errors import FatalError
from worker.stream import topics
from worker.stream.topics import Finding, TopicReport, create_topics, probe

pytestmark = pytest.mark.kafka


def settings(servers: str, name: str, **more: object) -> Settings:
    return Settings.model_validate(
        {
            "kafka": {"bootstrap_servers": servers, "consumer": {"group_id": name}},
            "input": {"topics": [f"{name}-in"]},
            "output": {"topic": f"{name}-out"},
            "duplicates": {"topic": f"{name}-duplicates"},
            "dead_letters": {"topic": f"{name}-dead"},
            "limits": {"payload_bytes": "2MiB"},
        }
        | more
    )


async def config_of(servers: str, topic: str) -> dict[str, str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    finally:
        await admin.close()
    return {entry["config_names"]: entry["config_value"] for entry in answers[0].to_object()["resources"][0]["config_entries"]}


async def test_missing_topics_are_created_and_existing_ones_left_alone(kafka: str, fresh: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    await admin.create_topics([NewTopic(f"{fresh}-out", 5, 1)])
    await admin.close()
    wanted = settings(kafka, fresh)
    assert await create_topics(wanted, partitions=3, replication_factor=1) == [
        TopicReport(f"{fresh}-in", 3, created=True),
        TopicReport(f"{fresh}-out", 5, created=False),
        TopicReport(f"{fresh}-duplicates", 3, created=True),
        TopicReport(f"{fresh}-dead", 1, created=True),
    ]
    again = await create_topics(wanted, partitions=7)
    assert [(report.partitions, report.created) for report in again] == [(3, False), (5, False), (3, False), (1, False)]


async def test_dead_letters_have_room_for_the_largest_page_and_a_month(kafka: str, fresh: str) -> None:
    await create_topics(settings(kafka, fresh), partitions=1)
    config = await config_of(kafka, f"{fresh}-dead")
    assert int(config["max.message.bytes"]) > 2 << 20
    assert config["retention.ms"] == str(30 * 86_400_000)
    assert (config["cleanup.policy"], config["compression.type"]) == ("delete", "producer")


async def test_a_refusal_carries_the_brokers_reason(kafka: str, fresh: str) -> None:
    with pytest.raises(FatalError, match=rf"{fresh}-in: .*replication factor"):
        await create_topics(settings(kafka, fresh), partitions=1, replication_factor=99)


def test_a_report_reads_as_a_sentence() -> None:
    assert str(TopicReport("a", 1, created=True)) == "a: created with 1 partition"
    assert str(TopicReport("a", 12, created=False)) == "a: exists with 12 partitions"


async def test_a_sound_cluster_has_no_faults(kafka: str, fresh: str) -> None:
    wanted = settings(kafka, fresh)
    await create_topics(wanted, partitions=3)
    findings = await probe(wanted)
    assert all(finding.ok for finding in findings)
    assert Finding(ok=True, subject=f"topic {fresh}-in", message="3 partitions") in findings
    assert [finding.subject for finding in findings][-1] == f"group {fresh}"


async def test_missing_topics_are_named_with_their_cure(kafka: str, fresh: str) -> None:
    findings = await probe(settings(kafka, fresh))
    missing = {finding.subject for finding in findings if not finding.ok and "winnow topics create" in finding.message}
    assert missing == {f"topic {fresh}-{name}" for name in ("in", "out", "duplicates", "dead")}


async def test_dead_letters_without_room_are_a_warning(kafka: str, fresh: str) -> None:
    await create_topics(settings(kafka, fresh), partitions=1)
    findings = await probe(settings(kafka, fresh, limits={"payload_bytes": "4MiB"}))
    assert all(finding.ok for finding in findings)
    assert any(finding.subject == f"topic {fresh}-dead" and "cut short" in finding.message for finding in findings)


async def test_what_a_topic_takes_and_this_user_may_not_see_is_a_warning(
    kafka: str, fresh: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(*_: object) -> str:
        return "TopicAuthorizationFailedError"

    monkeypatch.setattr(topics, "_configs", refused)
    wanted = settings(kafka, fresh, processing_guarantee="exactly_once", dedup={"store": "redis"})
    await create_topics(wanted, partitions=1)
    warned = {finding.subject: finding.message for finding in await probe(wanted) if finding.warning}
    assert warned.keys() == {f"topic {fresh}-{name}" for name in ("out", "duplicates", "dead")}
    assert all("grant DESCRIBE_CONFIGS" in message and "exactly_once" in message for message in warned.values())


async def test_dead_letters_of_which_some_would_be_refused_or_compacted_away_are_a_warning(kafka: str, fresh: str) -> None:
    wanted = settings(kafka, fresh)
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(f"{fresh}-dead", 1, 1, topic_configs={"cleanup.policy": "compact,delete"})])
    finally:
        await admin.close()
    assert any("letters without a key are refused" in finding.message for finding in await probe(wanted) if finding.warning)


async def test_an_unreachable_broker_is_one_finding(fresh: str) -> None:
    (finding,) = await probe(settings("127.0.0.1:1", fresh))
    assert not finding.ok
    assert "127.0.0.1:1" in finding.message
