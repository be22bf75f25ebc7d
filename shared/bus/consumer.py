"""Reads topics from Kafka and hands each message to the receiver; commits offsets only after the work, twice a second."""

import contextlib
import time
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
LOOK_SECONDS = 0.5
COMMIT_WITHIN_MS = 5_000
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
        self._done: dict[TopicPartition, int] = {}
        self._behind: dict[TopicPartition, int] = {}
        self._looks_at = 0.0

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
            self._done.clear()
            try:
                self._consume(consumer, stop, handled, beat)
            finally:
                with contextlib.suppress(KafkaError):
                    self._commit(consumer)
                consumer.close(autocommit=False)

    def _consume(self, consumer: Any, stop: Signal, handled: Callable[[], None], beat: Callable[[], None]) -> None:
        waited = 0.2
        while not stop.is_set():
            beat()
            batches: dict[TopicPartition, list[Any]] = {}
            try:
                batches = consumer.poll(timeout_ms=POLL_MS)
                looks = self._looks_around()
                self._measure(consumer, batches, all_of_them=looks)
                self._handle(batches, stop)
                if looks:
                    self._commit(consumer)
                if looks or self._receiver.released.is_set():
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

    def _looks_around(self) -> bool:
        """Whether it is time again for what would cost too much with every message: commit, look for what waited."""
        if time.monotonic() < self._looks_at:
            return False
        self._looks_at = time.monotonic() + LOOK_SECONDS
        return True

    def _handle(self, batches: dict[TopicPartition, list[Any]], stop: Signal) -> None:
        for partition, records in batches.items():
            for record in records:
                if stop.is_set():
                    return
                self._receive(record)
                self._done[partition] = record.offset

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

    def _commit(self, consumer: Any) -> None:
        # What went to another it reads again, and the inbox knows what was done.
        ours = consumer.assignment()
        self._done = {partition: last for partition, last in self._done.items() if partition in ours}
        if not self._done:
            return
        offsets = {partition: OffsetAndMetadata(last + 1) for partition, last in self._done.items()}
        try:
            consumer.commit(offsets, timeout_ms=COMMIT_WITHIN_MS)
        except (CommitFailedError, RebalanceInProgressError, KafkaTimeoutError) as error:
            # Kept and said again at the next look: nothing may come for hours that would carry it along.
            log.info("offsets not committed", partitions=[str(each) for each in offsets], error=repr(error))
        else:
            self._done.clear()

    def _seek_back(self, consumer: Any, batches: dict[TopicPartition, list[Any]]) -> None:
        for partition, records in batches.items():
            if records and partition in consumer.assignment():
                consumer.seek(partition, records[0].offset)

    def _measure(self, consumer: Any, batches: dict[TopicPartition, list[Any]], *, all_of_them: bool) -> None:
        # Also while nothing comes: one whose partitions went to another must not go on telling their lag.
        if all_of_them:
            ends = {partition: consumer.highwater(partition) for partition in consumer.assignment()}
            self._behind = {p: end - consumer.position(p) for p, end in ends.items() if end is not None}
        # What was just fetched is not handled yet: a handler that hangs must show.
        for partition, records in batches.items():
            self._behind[partition] = consumer.highwater(partition) - records[0].offset
        lag: dict[str, int] = dict.fromkeys(self._topics, 0)
        for partition, behind in self._behind.items():
            lag[partition.topic] += max(behind, 0)
        for topic, behind in lag.items():
            metrics.CONSUMER_LAG.labels(self._group, topic).set(behind)


def unreadable(record: Any, origin: str) -> Message:
    """A message for bytes that aren't one, so that they can be kept with their origin: nothing in it can be refused."""
    key = (record.key or b"").decode(errors="replace").replace("\x00", "\N{REPLACEMENT CHARACTER}")
    try:
        at = datetime.fromtimestamp((record.timestamp or 0) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        at = datetime.fromtimestamp(0, UTC)
    return Message(
        message_id=origin,
        topic=record.topic,
        key=key[:LONGEST_ATTRIBUTE],
        type=UNREADABLE,
        desk_id=None,
        time=at,
        correlation_id="",
        body=record.value or b"",
        origin=origin,
    )
