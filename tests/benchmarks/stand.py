"""What benchmarks of the bus stand on: a PostgreSQL in memory, a broker of their own, topics and messages."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4, uuid5

from infra.kafka.broker import Broker
from infra.local.postgres.cluster import discard, start
from shared.messages import Message, encode
from tests.support.diary.events import LineWritten
from tests.support.kafka import create_topic
from tests.support.postgres import Server, folder_for_a_cluster

PARTITIONS = 12
# As long as a care request with its place and children.
WORDS = "a line of the diary that is as long as what a family asks for; " * 12
_PAGES = UUID("7f3a5d0e-0c57-4a58-9f4e-1b6f8d1a2c33")


@dataclass(frozen=True, slots=True)
class Stand:
    """A server for databases and a broker for topics."""

    server: Server
    bootstrap_servers: str

    def topic(self) -> str:
        """A new topic with as many partitions as ours have."""
        return create_topic(self.bootstrap_servers, partitions=PARTITIONS)


@contextmanager
def stand() -> Iterator[Stand]:
    """In memory and forgetful: what is measured is our work, not the disk's. Raises KafkaMissing."""
    folder = folder_for_a_cluster("vesper-bench-")
    try:
        with start(folder / "cluster", durable=False) as cluster, Broker() as broker:
            yield Stand(Server(cluster), broker.bootstrap_servers)
    finally:
        discard(folder / "cluster")
        folder.rmdir()


def messages(topic: str, count: int, keys: int = 500) -> Sequence[Message]:
    """Lines written on many pages, in turns."""
    desk_id, now = uuid4(), datetime.now(UTC)
    found = []
    for number in range(count):
        page = uuid5(_PAGES, str(number % keys))
        event = LineWritten(desk_id=desk_id, version=number, page_id=page, number=number, words=WORDS)
        found.append(
            Message(
                message_id=str(uuid4()),
                topic=topic,
                key=event.key,
                type=event.wire_name,
                desk_id=desk_id,
                time=now,
                correlation_id=str(desk_id),
                body=encode(event),
            )
        )
    return found
