"""The topics job against a real broker."""

import pytest
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType

from infra.kafka.__main__ import main
from infra.kafka.topics import SERVICES, TopicRefused, TopicSettings, create_topics
from tests.support.kafka import create_topic, unique_name

pytestmark = pytest.mark.kafka


def retention_ms(bootstrap_servers: str, topic: str) -> int:
    with KafkaAdminClient(bootstrap_servers=bootstrap_servers) as admin:
        described = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    return int(described["topic"][topic]["retention.ms"]["value"])


def partitions(bootstrap_servers: str, topics: list[str]) -> dict[str, int]:
    with KafkaAdminClient(bootstrap_servers=bootstrap_servers) as admin:
        return {topic["name"]: len(topic["partitions"]) for topic in admin.describe_topics(topics)}


def test_each_service_has_a_topic_of_twelve_partitions_and_one_for_dead_letters(
    kafka_bootstrap: str, kafka_prefix: str
) -> None:
    published = {f"{kafka_prefix}{service}": 12 for service in SERVICES}
    dead = {f"{kafka_prefix}dead-letters.{service}": 1 for service in SERVICES}

    assert partitions(kafka_bootstrap, [*published, *dead]) == published | dead


def test_a_second_run_creates_nothing_and_sets_the_new_retention(kafka_bootstrap: str, kafka_prefix: str) -> None:
    topic = f"{kafka_prefix}request"
    assert retention_ms(kafka_bootstrap, topic) == 7 * 24 * 3_600_000

    again = create_topics(kafka_bootstrap, settings=TopicSettings(retention_hours=2), prefix=kafka_prefix)

    assert retention_ms(kafka_bootstrap, topic) == 2 * 3_600_000
    assert partitions(kafka_bootstrap, [topic]) == {topic: 12}
    assert len(again) == 2 * len(SERVICES)


def test_a_topic_with_another_number_of_partitions_is_refused(kafka_bootstrap: str) -> None:
    prefix = unique_name("odd") + "."
    with KafkaAdminClient(bootstrap_servers=kafka_bootstrap) as admin:
        admin.create_topics({f"{prefix}roster": {"num_partitions": 3, "replication_factor": 1}}, wait_for_metadata=True)

    with pytest.raises(TopicRefused, match=r"roster has 3 partitions instead of 12"):
        create_topics(kafka_bootstrap, prefix=prefix)


def test_more_copies_than_brokers_is_refused(kafka_bootstrap: str) -> None:
    with pytest.raises(TopicRefused, match=r"(?i)replication factor"):
        create_topics(kafka_bootstrap, settings=TopicSettings(replication_factor=9), prefix=unique_name("copies") + ".")


def test_the_job_reads_its_broker_from_the_environment(
    kafka_bootstrap: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VESPER_KAFKA_BOOTSTRAP_SERVERS", kafka_bootstrap)

    assert main(["topics"]) == 0
    assert main(["topics"]) == 0

    assert "matching 12\n" in capsys.readouterr().out
    assert partitions(kafka_bootstrap, ["matching"]) == {"matching": 12}


def test_the_job_without_a_broker_says_what_to_set(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("VESPER_KAFKA_BOOTSTRAP_SERVERS", raising=False)

    assert main(["topics"]) == 1

    assert "set VESPER_KAFKA_BOOTSTRAP_SERVERS" in capsys.readouterr().err


def test_topics_made_for_tests_do_not_meet(kafka_bootstrap: str) -> None:
    assert create_topic(kafka_bootstrap) != create_topic(kafka_bootstrap)
