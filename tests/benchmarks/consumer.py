"""How many messages a second a service handles, each in a transaction of its own, beside a bare consumer that inserts.

The reference reads the same bytes, inserts one row a message in a transaction of its own, and commits its offsets as
often as we do; it decodes nothing, remembers nothing, binds no desk and orders nothing.
"""

import threading
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import psycopg
from kafka import KafkaProducer, OffsetAndMetadata
from sqlalchemy import bindparam, delete, insert
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from infra.local.postgres.provision import Databases
from shared.bus.consumer import Consumer
from shared.bus.kafka import open_consumer
from shared.db.inbox import inbox
from shared.db.unit_of_work import UnitOfWork
from shared.messages import Message
from shared.service import RunningService, Service
from shared.settings import ServiceSettings
from shared.timers import Timers
from tests.benchmarks.frame import Row, Say, compare, logged_to_nowhere, rate
from tests.benchmarks.stand import Stand, messages, stand
from tests.support.diary.events import LineWritten
from tests.support.diary.service import ChosenTopics
from tests.support.diary.tables import heard
from tests.support.kafka import unique_name

TITLE = "Consumer: a message handled in a transaction of its own, remembered, in order for its key"
COUNT, RUNS = 3_000, 5
_KEEP = insert(heard).values({name: bindparam(name) for name in ("desk_id", "key", "number", "words")})
_INSERT = "INSERT INTO heard (desk_id, key, number, words) VALUES (%s, %s, %s, %s)"


def run(say: Say) -> list[Row]:
    """Raises KafkaMissing where no Kafka can be had."""
    with logged_to_nowhere(), stand() as on, on.server.service_database("reader") as databases:
        topic = on.topic()
        batch = messages(topic, COUNT)
        _publish(on, batch)
        say(f"{COUNT} messages of {len(batch[0].body)} bytes, {RUNS} times each")
        found = compare(
            lambda: _ours(on, databases, topic), lambda: _bare(on, databases, topic, batch[0].desk_id), runs=RUNS
        )
    return [
        Row(
            name="consumer",
            value=found.subject,
            unit="msg/s",
            reference=f"a bare consumer's {found.reference:,.0f} msg/s",
            ratio=found.ratio,
        )
    ]


class Counting:
    """A handler that does the least a handler can, one row, and says when it began and when it has done them all."""

    def __init__(self) -> None:
        self.count = 0
        self.begun, self.done = threading.Event(), threading.Event()

    def __call__(self, event: LineWritten, uow: UnitOfWork, /) -> None:
        values = {"desk_id": event.desk_id, "key": event.page_id, "number": event.number, "words": event.words}
        uow.session.execute(_KEEP, values)
        self.count += 1
        self.begun.set()
        if self.count >= COUNT:
            self.done.set()


def _publish(on: Stand, batch: Sequence[Message]) -> None:
    producer = KafkaProducer(bootstrap_servers=on.bootstrap_servers, acks="all")
    for message in batch:
        producer.send(message.topic, value=message.body, key=message.key.encode(), headers=message.headers())
    producer.close()


def _ours(on: Stand, databases: Databases, topic: str) -> float:
    group, counting = unique_name("group"), Counting()
    subscriptions = ChosenTopics(group, [topic])
    subscriptions.on(LineWritten, counting)
    service = Service(name=group, routers=(), subscriptions=subscriptions, timers=Timers())
    running = RunningService(service, ServiceSettings(database_url=databases.app_url))
    with Session(running.engine) as session:
        session.execute(delete(inbox))
        session.commit()
    stop = threading.Event()
    thread = threading.Thread(target=lambda: Consumer(on.bootstrap_servers, running.receiver).run(stop))
    thread.start()
    # From the first message on: joining a group takes a time of its own.
    counting.begun.wait()
    found = rate(COUNT - counting.count, counting.done.wait)
    stop.set()
    thread.join()
    running.close()
    return found


def _bare(on: Stand, databases: Databases, topic: str, desk_id: UUID | None) -> float:
    url = make_url(databases.app_url).set(drivername="postgresql").render_as_string(hide_password=False)
    consumer: Any = open_consumer(on.bootstrap_servers, unique_name("group"), [topic])
    with psycopg.connect(url) as connection:
        connection.execute("SELECT set_config('app.desk_id', %s, false)", [str(desk_id)])
        connection.commit()
        while not (first := consumer.poll(timeout_ms=500)):
            pass
        consumer.seek_to_beginning(*first)
        return rate(COUNT, lambda: _insert_all(consumer, connection, desk_id))


def _insert_all(consumer: Any, connection: psycopg.Connection, desk_id: UUID | None) -> None:
    left = COUNT
    while left:
        batches = consumer.poll(timeout_ms=500)
        for records in batches.values():
            for record in records:
                connection.execute(_INSERT, [desk_id, UUID(record.key.decode()), 1, record.value.decode()])
                connection.commit()
                left -= 1
        consumer.commit({p: OffsetAndMetadata(records[-1].offset + 1) for p, records in batches.items()})
    consumer.close(autocommit=False)
