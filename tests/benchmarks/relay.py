"""How many messages a second the relay takes from the outbox to Kafka, beside a bare producer sending the same bytes."""

from collections.abc import Sequence

from kafka import KafkaProducer
from sqlalchemy import Engine, delete
from sqlalchemy.orm import Session

from shared.bus.kafka import KafkaPublisher
from shared.bus.relay import Relay
from shared.clock import SystemClock
from shared.db import outbox
from shared.db.engine import make_engine
from shared.messages import Message
from tests.benchmarks.frame import Row, Say, compare, logged_to_nowhere, rate
from tests.benchmarks.stand import Stand, messages, stand

TITLE = "Relay: outbox to Kafka, acknowledged by all replicas, in order, marked as published"
COUNT, RUNS = 10_000, 5


def run(say: Say) -> list[Row]:
    """Raises KafkaMissing where no Kafka can be had."""
    with logged_to_nowhere(), stand() as on, on.server.service_database("diary") as databases:
        engine = make_engine(databases.app_url)
        batch = messages(on.topic(), COUNT)
        publisher = KafkaPublisher(on.bootstrap_servers, "bench")
        relay = Relay(engine, SystemClock(), publisher)
        say(f"{COUNT} messages of {len(batch[0].body)} bytes, {RUNS} times each")

        def ours() -> float:
            _fill(engine, batch)
            return rate(COUNT, lambda: _empty(relay))

        found = compare(ours, lambda: _bare(on, batch), runs=RUNS)
        publisher.close()
        engine.dispose()
    return [
        Row(
            name="relay",
            value=found.subject,
            unit="msg/s",
            reference=f"a bare producer's {found.reference:,.0f} msg/s",
            ratio=found.ratio,
        )
    ]


def _fill(engine: Engine, batch: Sequence[Message]) -> None:
    with Session(engine) as session:
        session.execute(delete(outbox.outbox))
        outbox.write(session, batch)
        session.commit()


def _empty(relay: Relay) -> None:
    while relay.publish_batch():
        pass


def _bare(on: Stand, batch: Sequence[Message]) -> float:
    producer = KafkaProducer(bootstrap_servers=on.bootstrap_servers, acks="all", enable_idempotence=True, linger_ms=0)
    ready = [(m.topic, m.body, m.key.encode(), m.headers()) for m in batch]

    def send() -> None:
        for topic, value, key, headers in ready:
            producer.send(topic, value=value, key=key, headers=headers)
        producer.flush()

    # The first record finds out where the topic is; that is no part of the work.
    producer.partitions_for(batch[0].topic)
    found = rate(len(batch), send)
    producer.close()
    return found
