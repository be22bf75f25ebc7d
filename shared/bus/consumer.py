"""Reads topics from Kafka and hands each message to the receiver; commits the offset only after the work."""

from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event as Signal
from typing import Any

from kafka import OffsetAndMetadata, TopicPartition
from kafka.errors import CommitFailedError, KafkaError, KafkaTimeoutError, RebalanceInProgressError

from shared.bus.kafka import open_consumer
from shared.bus.receiver import Receiver
from shared.commands import TRY_LATER
from shared.messages import LONGEST_ATTRIBUTE, Message, Undecodable, message_from_headers
from shared.telemetry import metrics
from shared.telemetry.logging import log_of

log = log_of(__name__)

POLL_MS = 500
UNREADABLE = "unreadable"


class Consumer:
    """One member of a service's consumer group: one message, one transaction.

    Database or broker away, or a race lost each time: it seeks back, waits and tries again. A bug is raised with the
    offset uncommitted.
    """

    def __init__(self, bootstrap_servers: str, receiver: Receiver) -> None:
        self._servers = bootstrap_servers
        self._receiver = receiver
        self._group = receiver.subscriptions.service
        self._topics = receiver.subscriptions.topics

    def run(
        self, stop: Signal, handled: Callable[[], None] = lambda: None, beat: Callable[[], None] = lambda: None
    ) -> None:
        """Consume until told to stop; `handled` is called after each batch, `beat` on every turn of the loop."""
        waited = 0.2
        while not stop.is_set():
            try:
                consumer = open_consumer(self._servers, self._group, self._topics)
            except KafkaError as error:
                log.warning("consumer waits", error=repr(error), seconds=waited)
                beat()
                stop.wait(waited)
                waited = min(waited * 2, 5.0)
                continue
            waited = 0.2
            try:
                self._consume(consumer, stop, handled, beat)
            finally:
                consumer.close(autocommit=False)

    def _consume(self, consumer: Any, stop: Signal, handled: Callable[[], None], beat: Callable[[], None]) -> None:
        waited = 0.2
        while not stop.is_set():
            beat()
            batches: dict[TopicPartition, list[Any]] = {}
            try:
                batches = consumer.poll(timeout_ms=POLL_MS)
                # Each turn, not each batch: one whose partitions went to another must not go on telling their lag.
                self._measure(consumer, batches)
                self._handle(consumer, batches, stop)
                self._receiver.handle_waiting()
                waited = 0.2
            except (KafkaError, *TRY_LATER) as error:
                log.warning("consumer seeks back", error=repr(error), seconds=waited)
                self._seek_back(consumer, batches)
                stop.wait(waited)
                waited = min(waited * 2, 5.0)
                continue
            if batches:
                handled()

    def _handle(self, consumer: Any, batches: dict[TopicPartition, list[Any]], stop: Signal) -> None:
        for partition, records in batches.items():
            done: int | None = None
            try:
                for record in records:
                    if stop.is_set():
                        return
                    self._receive(record)
                    done = record.offset
            finally:
                if done is not None:
                    self._commit(consumer, partition, done)

    def _receive(self, record: Any) -> None:
        origin = f"{record.topic}/{record.partition}/{record.offset}"
        try:
            message = message_from_headers(
                record.headers, topic=record.topic, key=record.key, body=record.value or b"", origin=origin
            )
        except Undecodable as error:
            self._receiver.receive_undecodable(unreadable(record, origin), str(error))
            return
        self._receiver.receive(message)

    def _commit(self, consumer: Any, partition: TopicPartition, done: int) -> None:
        # A commit lost to a rebalance only means redelivery, and the inbox knows what was done.
        if partition not in consumer.assignment():
            return
        try:
            consumer.commit({partition: OffsetAndMetadata(done + 1)})
        except (CommitFailedError, RebalanceInProgressError, KafkaTimeoutError) as error:
            log.info("offset not committed", partition=str(partition), error=repr(error))

    def _seek_back(self, consumer: Any, batches: dict[TopicPartition, list[Any]]) -> None:
        for partition, records in batches.items():
            if records and partition in consumer.assignment():
                consumer.seek(partition, records[0].offset)

    def _measure(self, consumer: Any, batches: dict[TopicPartition, list[Any]]) -> None:
        # What was just fetched is not handled yet: a handler that hangs must show.
        lag: dict[str, int] = dict.fromkeys(self._topics, 0)
        for partition in consumer.assignment():
            end = consumer.highwater(partition)
            if end is not None:
                fetched = len(batches.get(partition, ()))
                lag[partition.topic] += max(end - consumer.position(partition), 0) + fetched
        for topic, behind in lag.items():
            metrics.CONSUMER_LAG.labels(self._group, topic).set(behind)


def unreadable(record: Any, origin: str) -> Message:
    """A message for bytes that aren't one, so that they can be kept with their origin: nothing in it can be refused."""
    key = (record.key or b"").decode(errors="replace").replace("\x00", "\N{REPLACEMENT CHARACTER}")
    try:
        time = datetime.fromtimestamp((record.timestamp or 0) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        time = datetime.fromtimestamp(0, UTC)
    return Message(
        message_id=origin,
        topic=record.topic,
        key=key[:LONGEST_ATTRIBUTE],
        type=UNREADABLE,
        desk_id=None,
        time=time,
        correlation_id="",
        body=record.value or b"",
        origin=origin,
    )
