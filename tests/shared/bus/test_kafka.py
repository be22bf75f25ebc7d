"""The bus suite on a real Apache Kafka, and what only a broker can do: rebalance, be away, hold what others wrote."""

import json
from collections.abc import Iterator
from threading import Event, Thread
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition

from infra.kafka.broker import Broker
from shared.auth.roles import Caller, Role
from shared.bus.consumer import Consumer
from shared.bus.kafka import KafkaPublisher
from shared.db.inbox import DONE
from shared.db.outbox import outbox
from shared.messages import Message, decode, encode, message_from_headers
from shared.service import kafka_check
from shared.telemetry import metrics
from tests.shared.bus.suite import BusSuite
from tests.support.diary.events import LineHeard, LineWritten
from tests.support.diary.processes import WITHIN, Diaries, diaries
from tests.support.diary.rows import rows_of
from tests.support.diary.service import INAUDIBLE
from tests.support.kafka import create_topic, unique_name
from tests.support.postgres import Server
from tests.support.service import MONDAY, OwnKeys
from tests.support.waiting import wait_until

pytestmark = pytest.mark.kafka
PARTITIONS = 12


def create_topics(address: str, bus: Diaries) -> None:
    writer, reader = bus.names
    wanted = {writer: PARTITIONS, reader: PARTITIONS, f"dead-letters.{reader}": 1}
    with KafkaAdminClient(bootstrap_servers=address) as admin:
        admin.create_topics(
            {name: {"num_partitions": count, "replication_factor": 1} for name, count in wanted.items()},
            wait_for_metadata=True,
        )


@pytest.fixture
def bus(postgres_cluster: Server, kafka_bootstrap: str) -> Iterator[Diaries]:
    with diaries(postgres_cluster, kafka=kafka_bootstrap, prefix=f"{unique_name('t')}-") as found:
        create_topics(kafka_bootstrap, found)
        yield found
        with KafkaAdminClient(bootstrap_servers=kafka_bootstrap) as admin:
            admin.delete_topics([*found.names, f"dead-letters.{found.names[1]}"])


def records(bus: Diaries, topic: str) -> list[Any]:
    """Every record of a topic, from its beginning to where it ends now."""
    consumer = KafkaConsumer(bootstrap_servers=bus.kafka, group_id=None, enable_auto_commit=False)
    partitions = [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic) or ())]
    consumer.assign(partitions)
    consumer.seek_to_beginning(*partitions)
    count: int = sum(consumer.end_offsets(partitions).values())
    found: list[Any] = []

    def all_read() -> bool:
        for batch in consumer.poll(timeout_ms=200).values():
            found.extend(batch)
        return len(found) >= count

    wait_until(all_read, within=WITHIN, what=f"{count} records of {topic}")
    consumer.close(autocommit=False)
    return found


def group(bus: Diaries, admin: KafkaAdminClient) -> dict[str, Any]:
    found: dict[str, Any] = admin.describe_groups([bus.names[1]])[bus.names[1]]
    return found


def behind(bus: Diaries) -> int:
    """How many messages of the topic the group has not committed."""
    with KafkaAdminClient(bootstrap_servers=bus.kafka) as admin:
        committed = admin.list_group_offsets([bus.names[1]])[bus.names[1]]
    done = {partition: found.offset for partition, found in committed.items() if partition.topic == bus.names[0]}
    consumer = KafkaConsumer(bootstrap_servers=bus.kafka, group_id=None)
    ends = consumer.end_offsets([TopicPartition(bus.names[0], number) for number in range(PARTITIONS)])
    consumer.close()
    return sum(end - max(done.get(partition, 0), 0) for partition, end in ends.items())


class TestOnKafka(BusSuite):
    def test_of_2000_events_none_is_lost_or_done_twice_when_one_of_three_is_killed_in_a_rebalance(
        self, bus: Diaries
    ) -> None:
        """All three stand in the middle of a transaction when a fourth joins; one of them is killed then and there."""
        bus.start("writer")
        readers = [bus.start("reader") for _ in range(3)]
        pages = [bus.open_page() for _ in range(20)]
        with KafkaAdminClient(bootstrap_servers=bus.kafka) as admin:
            wait_until(
                lambda: (found := group(bus, admin))["group_state"] == "Stable" and len(found["members"]) == 3,
                within=WITHIN,
                what="three share the partitions",
            )
            with bus.holding("heard"):
                for page in pages:
                    bus.write(page, 100)
                assert bus.wait_blocked(3) == [process.name for process in readers]
                bus.start("reader")
                wait_until(
                    lambda: group(bus, admin)["group_state"] == "PreparingRebalance",
                    within=WITHIN,
                    what="the group rebalances",
                )
                readers[0].kill()
        bus.wait_heard({page: list(range(1, 101)) for page in pages}, within=120)
        assert {row.state for row in bus.inbox()} == {DONE}
        wait_until(lambda: behind(bus) == 0, within=WITHIN, what="every offset is committed")

    def test_published_twice_by_a_killed_relay_it_is_on_the_topic_twice_and_acted_on_once(self, bus: Diaries) -> None:
        page = bus.open_page()
        bus.write(page, 5)
        killed = bus.start("writer", stop_at="after-publish")
        killed.wait_for("stopped")
        killed.kill()
        bus.start("writer")
        wait_until(lambda: bus.unpublished() == 0, within=WITHIN, what="all is marked")
        assert len(records(bus, bus.names[0])) == 12
        bus.start("reader")
        bus.wait_heard({page: [1, 2, 3, 4, 5]})
        wait_until(lambda: behind(bus) == 0, within=WITHIN, what="every offset is committed")
        assert bus.heard() == {page: [1, 2, 3, 4, 5]}

    def test_what_died_is_on_the_dead_letter_topic_with_topic_partition_and_offset_and_can_be_replayed(
        self, bus: Diaries
    ) -> None:
        page = bus.open_page()
        bus.start()
        producer = KafkaProducer(bootstrap_servers=bus.kafka)
        bad = producer.send(bus.names[0], b"\x00nonsense", key=b"a\x00b", headers=[("ce_id", b"\xff")]).get(timeout=10)
        bare = producer.send(bus.names[0], value=None, key=b"k").get(timeout=10)
        producer.close()
        bus.write(page, 1, INAUDIBLE)
        bus.write(page, 1)
        bus.wait_heard({page: [2]})

        topic = f"dead-letters.{bus.names[1]}"
        wait_until(lambda: len(records(bus, topic)) == 3, within=WITHIN, what="three dead letters")
        found = {dict(record.headers)["ce_origin"].decode(): record for record in records(bus, topic)}
        nonsense = found[f"{bus.names[0]}/{bad.partition}/{bad.offset}"]
        assert nonsense.value == b"\x00nonsense"
        assert b"not UTF-8" in dict(nonsense.headers)["ce_reason"]
        assert f"{bus.names[0]}/{bare.partition}/{bare.offset}" in found
        [refused] = [record for record in found.values() if dict(record.headers)["ce_type"] == b"line.written.v1"]
        assert json.loads(refused.value)["words"] == INAUDIBLE
        assert dict(refused.headers)["ce_reason"] == b"Nobody can hear this."

        said = bus.run("dead-letters", "--replay", "all")
        assert said.count("-> not_ours") == 2, "what nobody can read can't be replayed and stays listed"
        assert said.count("-> dead") == 1
        assert bus.run("dead-letters").endswith(": 3 dead letters\n")

    def test_the_lag_counts_what_is_not_handled_also_by_one_that_hangs(self, bus: Diaries) -> None:
        lag = metrics.CONSUMER_LAG.labels(bus.names[1], bus.names[0])
        page, stop = bus.open_page(), Event()
        consumer = Consumer(bus.kafka, bus.reads.receiver)
        thread = Thread(target=lambda: consumer.run(stop))
        bus.start("writer")
        with bus.holding("heard"):
            bus.write(page, 30)
            thread.start()
            bus.wait_blocked()
            wait_until(lambda: lag._value.get() >= 30, what="the lag is told while the handler hangs")
        wait_until(lambda: lag._value.get() == 0, within=WITHIN, what="all is handled")
        stop.set()
        thread.join(timeout=WITHIN)
        assert bus.heard() == {page: list(range(1, 31))}


def test_with_kafka_down_the_api_takes_requests_and_all_is_delivered_when_it_is_back(
    postgres_cluster: Server, kafka_broker: Broker
) -> None:
    """One call is followed by its correlation id: into the outbox, over a broker that was away, into the reader's word."""
    address = kafka_broker.bootstrap_servers
    with diaries(postgres_cluster, kafka=address, prefix=f"{unique_name('t')}-") as bus:
        create_topics(address, bus)
        keys = OwnKeys()
        headers = {
            "Authorization": f"Bearer {keys.token(Caller(desk_id=bus.desk_id, account_id=uuid4(), role=Role.DISPATCHER))}",
            "X-Correlation-Id": "call-from-hove",
        }
        process = bus.start()
        with TestClient(bus.writes.app({"bus": kafka_check(address)}, keys), raise_server_exceptions=False) as http:
            assert http.get("/readyz").json() == {"status": "ready", "database": "ok", "bus": "ok"}
            kafka_broker.kill()

            page = http.post("/pages", headers=headers).json()["page_id"]
            for _ in range(3):
                assert http.post(f"/pages/{page}/lines", json={"count": 2}, headers=headers).status_code == 200
            wait_until(lambda: http.get("/readyz").status_code == 503, within=WITHIN, what="/readyz says so")
            told = http.get("/readyz")
            assert told.headers["Retry-After"]
            assert "bus: away" in told.json()["detail"]
            assert "kept and sent when it is back" in told.json()["detail"]
            assert bus.unpublished() == 7
            assert http.get("/healthz").status_code == 200

            kafka_broker.restart()
            wait_until(lambda: http.get("/readyz").status_code == 200, within=WITHIN, what="ready again")
        wait_until(lambda: len(bus.inbox()) == 7, within=WITHIN, what="all is delivered")
        [numbers] = bus.heard().values()
        assert numbers == [1, 2, 3, 4, 5, 6]
        assert bus.unpublished() == 0
        assert process.popen.poll() is None, "without a restart"

        said = [row for row in rows_of(bus.reads.sessions, outbox) if row.type == LineHeard.wire_name]
        assert {row.correlation_id for row in said} == {"call-from-hove"}
        lines = [json.loads(line) for line in process.log().splitlines() if line.startswith("{")]
        commands = [line for line in lines if line["event"] == "command" and line.get("command") == "LineWritten"]
        assert {line["correlation_id"] for line in commands} == {"call-from-hove"}
        assert {line["service"] for line in commands} == {bus.names[1]}
        assert [dict(record.headers)["ce_correlationid"] for record in records(bus, bus.names[1])] == [
            b"call-from-hove"
        ] * 6


def test_with_its_database_away_a_consumer_waits_and_then_does_everything_once_and_in_order(
    postgres_cluster: Server, own_server: Server, kafka_bootstrap: str
) -> None:
    """What it had fetched is sought back: nothing is passed over, and it needs no restart."""
    with postgres_cluster.service_database("diary") as written, own_server.service_database("reader") as read:
        bus = Diaries((written.app_url, read.app_url), kafka=kafka_bootstrap, prefix=f"{unique_name('t')}-")
        create_topics(kafka_bootstrap, bus)
        pages = [bus.open_page() for _ in range(3)]
        process = bus.start()
        wait_until(lambda: len(bus.inbox()) == 3, within=WITHIN, what="the pages are heard of")
        with own_server.cluster.outage():
            for _ in range(4):
                for page in pages:
                    bus.write(page, 5)
            wait_until(lambda: "consumer seeks back" in process.log(), within=WITHIN, what="it meets the outage")
            wait_until(lambda: bus.unpublished() == 0, within=WITHIN, what="the writer is not held up")
        # The test's own connections broke as well.
        bus.reads.engine.dispose()
        bus.wait_heard({page: list(range(1, 21)) for page in pages})
        assert process.popen.poll() is None, "without a restart"
        wait_until(lambda: behind(bus) == 0, within=WITHIN, what="every offset is committed")
        bus.close()


def test_a_line_written_is_the_same_event_at_the_other_end(kafka_bootstrap: str) -> None:
    """Headers and body through a real broker, as the publisher sends and the consumer reads them."""
    topic = create_topic(kafka_bootstrap)
    event = LineWritten(desk_id=uuid4(), version=3, page_id=uuid4(), number=7, words="Zoë, 夜 à 22 h")
    told = Message(
        message_id="m-1",
        topic=topic,
        key=event.key,
        type=event.wire_name,
        desk_id=event.desk_id,
        time=MONDAY,
        correlation_id="call",
        body=encode(event),
    )
    publisher = KafkaPublisher(kafka_bootstrap, "test")
    publisher.publish([told])
    publisher.close()
    consumer = KafkaConsumer(topic, bootstrap_servers=kafka_bootstrap, group_id=None, auto_offset_reset="earliest")
    record = next(consumer)
    consumer.close()
    again = message_from_headers(record.headers, topic=record.topic, key=record.key, body=record.value, origin="")
    assert again == told
    assert decode(LineWritten, again.body) == event
