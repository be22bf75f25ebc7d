"""Our own broker through kafka-python: messages survive a crash, and it goes when its parent goes."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, OffsetAndMetadata, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord
from kafka.errors import KafkaTimeoutError, RetriableError

from infra.kafka.broker import FOLDER, PORTS, Broker, answers
from infra.kafka.distribution import KafkaMissing
from infra.kafka.topics import SERVICES
from tests.support.kafka import create_topic, unique_name
from tests.support.waiting import wait_until

pytestmark = pytest.mark.kafka

ROOT = Path(__file__).parents[3]


@contextmanager
def producer(bootstrap_servers: str) -> Iterator[KafkaProducer]:
    opened = KafkaProducer(
        bootstrap_servers=bootstrap_servers, acks="all", request_timeout_ms=5_000, reconnect_backoff_max_ms=500
    )
    try:
        yield opened
    finally:
        # Without a limit a failed test would wait out the delivery timeout of what could not be sent.
        opened.close(timeout=5)


def consumer(bootstrap_servers: str, group: str, topic: str) -> KafkaConsumer:
    opened = KafkaConsumer(
        bootstrap_servers=bootstrap_servers,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        reconnect_backoff_max_ms=500,
    )
    opened.subscribe([topic])
    return opened


def read(opened: KafkaConsumer, count: int) -> list[ConsumerRecord]:
    records: list[ConsumerRecord] = []

    def enough() -> bool:
        for batch in opened.poll(timeout_ms=200).values():
            records.extend(batch)
        return len(records) >= count

    wait_until(enough, within=30, what=f"{count} records")
    return records


def test_a_message_arrives_with_its_key_and_headers_and_is_read_once_per_group(
    kafka_bootstrap: str, kafka_topic: Callable[[int], str]
) -> None:
    topic, group = kafka_topic(12), unique_name("group")
    with producer(kafka_bootstrap) as sender:
        sent = sender.send(topic, b"due", key=b"visit-1", headers=[("type", b"VisitStarted")]).get(timeout=10)

    first = consumer(kafka_bootstrap, group, topic)
    [record] = read(first, 1)
    first.commit({TopicPartition(topic, record.partition): OffsetAndMetadata(record.offset + 1)})
    first.close(autocommit=False)

    assert (record.key, record.value, record.headers) == (b"visit-1", b"due", [("type", b"VisitStarted")])
    assert record.partition == sent.partition
    with producer(kafka_bootstrap) as sender:
        sender.send(topic, b"over", key=b"visit-1").get(timeout=10)
    second = consumer(kafka_bootstrap, group, topic)
    assert [record.value for record in read(second, 1)] == [b"over"]
    second.close(autocommit=False)


def test_an_uncommitted_message_is_read_again(kafka_bootstrap: str, kafka_topic: Callable[[int], str]) -> None:
    topic, group = kafka_topic(1), unique_name("group")
    with producer(kafka_bootstrap) as sender:
        sender.send(topic, b"due", key=b"visit-1").get(timeout=10)

    for _ in range(2):
        opened = consumer(kafka_bootstrap, group, topic)
        assert [record.value for record in read(opened, 1)] == [b"due"]
        opened.close(autocommit=False)


def test_a_topic_nobody_declared_is_not_created(kafka_bootstrap: str) -> None:
    with (
        KafkaProducer(bootstrap_servers=kafka_bootstrap, max_block_ms=500) as sender,
        pytest.raises(KafkaTimeoutError),
    ):
        sender.send(unique_name("undeclared"), b"lost")


def test_a_killed_broker_comes_back_with_its_messages_and_takes_those_that_waited(kafka_broker: Broker) -> None:
    address = kafka_broker.bootstrap_servers
    topic, group = create_topic(address), unique_name("group")
    opened = consumer(address, group, topic)
    with producer(address) as sender:
        sender.send(topic, b"before", key=b"visit-1").get(timeout=10)
        [record] = read(opened, 1)
        opened.commit({TopicPartition(topic, 0): OffsetAndMetadata(record.offset + 1)})

        kafka_broker.kill()
        assert not kafka_broker.running
        assert not answers(address)
        waiting = sender.send(topic, b"meanwhile", key=b"visit-1")
        with pytest.raises(RetriableError):
            opened.commit({TopicPartition(topic, 0): OffsetAndMetadata(0)}, timeout_ms=300)
        assert not waiting.is_done

        kafka_broker.restart()
        assert kafka_broker.bootstrap_servers == address
        assert waiting.get(timeout=30).offset == record.offset + 1

    # The same consumer goes on where it was; a new group finds what was written before the crash.
    assert [record.value for record in read(opened, 1)] == [b"meanwhile"]
    opened.close(autocommit=False)
    newcomer = consumer(address, unique_name("group"), topic)
    assert [record.value for record in read(newcomer, 2)] == [b"before", b"meanwhile"]
    newcomer.close(autocommit=False)


def test_its_ports_are_not_those_the_kernel_gives_to_clients(kafka_broker: Broker) -> None:
    ephemeral = Path("/proc/sys/net/ipv4/ip_local_port_range")
    if not ephemeral.exists():
        pytest.skip("only Linux tells which ports it gives to clients")
    assert PORTS.stop <= int(ephemeral.read_text().split()[0])
    assert int(kafka_broker.bootstrap_servers.split(":")[1]) in PORTS


def broker_of_another_process() -> tuple[subprocess.Popen[str], str]:
    if os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        pytest.skip("unset KAFKA_BOOTSTRAP_SERVERS to test our own broker")
    process = subprocess.Popen(
        [sys.executable, "-m", "infra.kafka", "broker"], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def data_folders(address: str) -> list[Path]:
    memory = Path("/dev/shm") if os.access("/dev/shm", os.W_OK) else Path(tempfile.gettempdir())
    settings = memory.glob(f"{FOLDER}*/server.properties")
    return [file.parent for file in settings if f"advertised.listeners=PLAINTEXT://{address}\n" in file.read_text()]


def test_the_foreground_broker_has_the_topics_and_ends_in_order_when_asked() -> None:
    process, address = broker_of_another_process()
    try:
        with KafkaAdminClient(bootstrap_servers=address) as admin:
            assert {*SERVICES} < set(admin.list_topics())
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)

    assert process.returncode == 0
    assert not answers(address)
    assert data_folders(address) == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_the_broker_ends_with_its_parent_even_a_killed_one_and_the_next_removes_what_it_left(
    kafka_broker: Broker,
) -> None:
    process, address = broker_of_another_process()
    assert answers(address)
    [left] = data_folders(address)

    process.kill()
    process.communicate()
    wait_until(lambda: not answers(address), what="the broker to end with its parent")
    assert left.exists()

    Broker().close()

    assert not left.exists()
    assert kafka_broker.folder.exists()


def test_a_broker_with_a_folder_goes_on_with_what_it_had_on_the_same_address(tmp_path: Path) -> None:
    with Broker(tmp_path / "kafka") as first:
        address, topic = first.bootstrap_servers, create_topic(first.bootstrap_servers)
        with producer(address) as sender:
            sender.send(topic, b"kept", key=b"visit-1").get(timeout=10)
    assert not first.running
    with Broker(tmp_path / "kafka") as second:
        assert second.bootstrap_servers == address
        opened = consumer(address, unique_name("group"), topic)
        [record] = read(opened, 1)
        opened.close(autocommit=False)
    assert record.value == b"kept"


def test_two_brokers_never_share_a_folder(tmp_path: Path) -> None:
    first = Broker(tmp_path / "kafka")
    with pytest.raises(KafkaMissing, match="already running"):
        Broker(tmp_path / "kafka")
    first.close()
    Broker(tmp_path / "kafka").close()
