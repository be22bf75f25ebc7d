"""Fixtures of a real Apache Kafka: KAFKA_BOOTSTRAP_SERVERS' broker, else one of our own."""

import os
import uuid
from collections.abc import Callable, Iterator
from typing import NoReturn

import pytest
from kafka import KafkaAdminClient

from infra.kafka.broker import Broker
from infra.kafka.distribution import KafkaMissing
from infra.kafka.topics import create_topics

EXTERNAL = "KAFKA_BOOTSTRAP_SERVERS"
HOW_TO_RUN = f"or set {EXTERNAL} to a broker for tests"


@pytest.fixture(scope="session")
def kafka_bootstrap() -> Iterator[str]:
    """The address of a broker that all tests share; none may stop it."""
    if external := os.environ.get(EXTERNAL):
        yield external
        return
    with _own_broker() as broker:
        yield broker.bootstrap_servers


@pytest.fixture(scope="module")
def kafka_broker() -> Iterator[Broker]:
    """A running broker of the module's own, to kill and restart. A test that killed it restarts it."""
    if os.environ.get(EXTERNAL):
        refuse(f"{EXTERNAL} names a broker that tests may not kill; unset it and have Java and Maven to run these")
    with _own_broker() as broker:
        yield broker


@pytest.fixture
def kafka_prefix(kafka_bootstrap: str) -> Iterator[str]:
    """A prefix under which all declared topics have been created for this test alone; removed after it."""
    prefix = unique_name("test") + "."
    topics = create_topics(kafka_bootstrap, prefix=prefix)
    yield prefix
    with KafkaAdminClient(bootstrap_servers=kafka_bootstrap) as admin:
        admin.delete_topics([topic.name for topic in topics])


@pytest.fixture
def kafka_topic(kafka_bootstrap: str) -> Iterator[Callable[[int], str]]:
    """Creates a topic for this test alone with that many partitions and returns its name; removed after the test."""
    created: list[str] = []

    def create(partitions: int = 1) -> str:
        created.append(create_topic(kafka_bootstrap, partitions=partitions))
        return created[-1]

    yield create
    if created:
        with KafkaAdminClient(bootstrap_servers=kafka_bootstrap) as admin:
            admin.delete_topics(created)


def create_topic(bootstrap_servers: str, *, partitions: int = 1) -> str:
    """Create a topic that no other test knows, wait until it can be written to, return its name."""
    name = unique_name("topic")
    with KafkaAdminClient(bootstrap_servers=bootstrap_servers) as admin:
        admin.create_topics({name: {"num_partitions": partitions, "replication_factor": 1}}, wait_for_metadata=True)
    return name


def unique_name(stem: str) -> str:
    """A topic, consumer group or prefix name that no other test has."""
    return f"{stem}-{uuid.uuid4().hex[:12]}"


def _own_broker() -> Broker:
    try:
        return Broker()
    except KafkaMissing as missing:
        refuse(f"{missing}, {HOW_TO_RUN}")


def refuse(reason: str) -> NoReturn:
    """Skip for this reason, or fail in CI."""
    # In CI a skipped test looks like a passed one.
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
