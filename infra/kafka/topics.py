"""The topics Vesper declares, and the job that creates them before any service starts."""

from dataclasses import dataclass

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import NoError, TopicAlreadyExistsError, for_code
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

SERVICES = ("request", "matching", "roster", "billing", "identity")
# An aggregate's events keep their order because its id is the key and so picks the partition: the count can't change
# later without moving aggregates to other partitions in mid-history.
PARTITIONS = 12
DEAD_LETTER_PARTITIONS = 1
HOUR_MS = 3_600_000


class TopicSettings(BaseSettings):
    """What the topics job is told by its environment."""

    model_config = SettingsConfigDict(env_prefix="VESPER_KAFKA_", extra="ignore", frozen=True)

    bootstrap_servers: str = ""
    replication_factor: int = Field(default=1, ge=1)
    # Longer than the longest outage a service should catch up from by itself.
    retention_hours: int = Field(default=7 * 24, ge=1)
    # A dead letter waits for a person, who may be away.
    dead_letter_retention_hours: int = Field(default=60 * 24, ge=1)


class TopicRefused(Exception):
    """The broker has no such topic as declared; the message says which and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One declared topic; the key of its records is the aggregate's id."""

    name: str
    partitions: int
    retention_ms: int


def declared_topics(settings: TopicSettings, prefix: str = "") -> tuple[Topic, ...]:
    """Each service's topic of published events, and its topic of messages it could not take."""
    published = [
        Topic(name=f"{prefix}{service}", partitions=PARTITIONS, retention_ms=settings.retention_hours * HOUR_MS)
        for service in SERVICES
    ]
    dead = [
        Topic(
            name=f"{prefix}dead-letters.{service}",
            partitions=DEAD_LETTER_PARTITIONS,
            retention_ms=settings.dead_letter_retention_hours * HOUR_MS,
        )
        for service in SERVICES
    ]
    return (*published, *dead)


def create_topics(
    bootstrap_servers: str, *, settings: TopicSettings | None = None, prefix: str = ""
) -> tuple[Topic, ...]:
    """Create the declared topics where they are missing, set the retention of those that are there, return them all.

    `prefix` sets one test's topics apart from another's. Raises TopicRefused where the broker refuses one, or has one
    with another number of partitions; KafkaTimeoutError where no broker answers.
    """
    settings = settings or TopicSettings()
    topics = declared_topics(settings, prefix)
    with KafkaAdminClient(bootstrap_servers=bootstrap_servers, client_id="vesper-topics") as admin:
        answer = admin.create_topics(
            {topic.name: _declaration(topic, settings.replication_factor) for topic in topics}, raise_errors=False
        )
        outcomes = {created["name"]: (for_code(created["error_code"]), created) for created in answer["topics"]}
        for name, (error, created) in outcomes.items():
            if error not in (NoError, TopicAlreadyExistsError):
                raise TopicRefused(f"topic {name}: {created['error_message'] or error.__name__}")
        admin.wait_for_topics([topic.name for topic in topics])
        _check_partitions(admin, topics)
        already_there = [topic for topic in topics if outcomes[topic.name][0] is TopicAlreadyExistsError]
        if already_there:
            admin.alter_configs(
                [
                    ConfigResource(ConfigResourceType.TOPIC, topic.name, {"retention.ms": str(topic.retention_ms)})
                    for topic in already_there
                ]
            )
    return topics


def _declaration(topic: Topic, replication_factor: int) -> dict[str, object]:
    return {
        "num_partitions": topic.partitions,
        "replication_factor": replication_factor,
        "configs": {
            "cleanup.policy": "delete",
            "retention.ms": str(topic.retention_ms),
            # One copy may be away while messages are still taken; none is acknowledged by a single copy of three.
            "min.insync.replicas": str(max(1, replication_factor - 1)),
        },
    }


def _check_partitions(admin: KafkaAdminClient, topics: tuple[Topic, ...]) -> None:
    found = {topic["name"]: len(topic["partitions"]) for topic in admin.describe_topics([t.name for t in topics])}
    for topic in topics:
        if found[topic.name] != topic.partitions:
            raise TopicRefused(
                f"topic {topic.name} has {found[topic.name]} partitions instead of {topic.partitions}; "
                "the order of events per aggregate depends on this number, so move its events to a new topic"
            )
