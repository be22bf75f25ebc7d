"""Apache Kafka through kafka-python: how we produce and consume, with the defaults that would lose messages turned off.

So are the library's own metrics: nobody reads them (ours are in `shared/telemetry`), and they cost a tenth of its work.
"""

from collections.abc import Sequence
from typing import Any

from kafka import ConsumerRebalanceListener, KafkaConsumer, KafkaProducer, TopicPartition

from shared.messages import Message

# Never give up on a record: a later one of the same key must not overtake it. The outbox holds both until then.
_FOREVER_MS = 2**31 - 1
_PUBLISH_SECONDS = 15.0


class KafkaPublisher:
    """Publishes messages and returns once every one is acknowledged by all in-sync replicas.

    Connects when first used, so that a process starts while the broker is away. After a failure the producer is
    thrown away with whatever it still held: the outbox sends all of it again, in order.
    """

    def __init__(self, bootstrap_servers: str, name: str) -> None:
        self._servers = bootstrap_servers
        self._name = name
        self._producer: Any = None

    def publish(self, messages: Sequence[Message]) -> None:
        """Raises KafkaError when the broker is away."""
        try:
            producer = self._open()
            sent = [producer.send(m.topic, value=m.body, key=m.key.encode(), headers=m.headers()) for m in messages]
            for future in sent:
                future.get(timeout=_PUBLISH_SECONDS)
        except Exception:
            self.close()
            raise

    def reachable(self) -> bool:
        """Whether the broker answers now."""
        producer = self._producer
        return producer is not None and bool(producer.bootstrap_connected())

    def close(self) -> None:
        if self._producer is not None:
            self._producer.close(timeout=0)
            self._producer = None

    def _open(self) -> Any:
        if self._producer is None:
            self._producer = KafkaProducer(
                bootstrap_servers=self._servers,
                client_id=f"{self._name}-relay",
                acks="all",
                enable_idempotence=True,
                delivery_timeout_ms=_FOREVER_MS,
                linger_ms=0,
                request_timeout_ms=5_000,
                max_block_ms=5_000,
                bootstrap_timeout_ms=5_000,
                # The default lets a relay stay blind for half a minute after the broker is back.
                reconnect_backoff_max_ms=1_000,
                allow_auto_create_topics=False,
                metrics_enabled=False,
            )
        return self._producer


def open_consumer(
    bootstrap_servers: str, group: str, topics: Sequence[str], listener: ConsumerRebalanceListener | None = None
) -> Any:
    """A consumer in the service's group that commits only when told to and begins at the beginning.

    Raises KafkaError when the broker is away.
    """
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap_servers,
        client_id=f"{group}-consumer",
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_poll_records=100,
        session_timeout_ms=10_000,
        heartbeat_interval_ms=3_000,
        request_timeout_ms=5_000,
        bootstrap_timeout_ms=5_000,
        reconnect_backoff_max_ms=1_000,
        allow_auto_create_topics=False,
        metrics_enabled=False,
    )
    consumer.subscribe(list(topics), listener=listener)
    return consumer


def open_tail(bootstrap_servers: str, name: str, topics: Sequence[str]) -> Any:
    """A consumer of its own, in no group, that starts at the end: for pages that only want to know what changes now."""
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap_servers,
        client_id=name,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="latest",
        request_timeout_ms=5_000,
        bootstrap_timeout_ms=5_000,
        reconnect_backoff_max_ms=1_000,
        allow_auto_create_topics=False,
    )
    partitions = [
        TopicPartition(topic, p) for topic in topics for p in sorted(consumer.partitions_for_topic(topic) or ())
    ]
    consumer.assign(partitions)
    consumer.seek_to_end(*partitions)
    return consumer
