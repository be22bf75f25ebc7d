"""The pages' own ear on a real Kafka: from the end, every topic, on after the broker was away."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event as Signal

import pytest

from services.web.live import Hub, follow_kafka
from shared.auth.roles import Role
from shared.bus.kafka import KafkaPublisher
from tests.services.web.test_live import Screen, message
from tests.support.waiting import wait_until

pytestmark = pytest.mark.kafka


@contextmanager
def following(hub: Hub, servers: str, topic: str) -> Iterator[None]:
    stop = Signal()
    thread = threading.Thread(target=follow_kafka, args=(hub, servers, stop, [topic]), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=10)
        assert not thread.is_alive()


def test_pages_hear_what_is_said_from_now_on(kafka_bootstrap: str, kafka_topic: Callable[[int], str]) -> None:
    topic = kafka_topic(3)
    publisher = KafkaPublisher(kafka_bootstrap, "test")
    hub = Hub()
    publisher.publish([message(topic, "care_request.opened.v1")])
    screen = Screen(hub, Role.ADMIN)
    with following(hub, kafka_bootstrap, topic):
        screen.join()
        wait_until(lambda: any("reset" in event for event in screen.events()), what="the pages listen")
        begun = hub.vector
        publisher.publish([message(topic, "care_request.opened.v1") for _ in range(2)])
        wait_until(lambda: hub.vector != begun, what="the pages heard")
        assert begun.count(f"{topic}/") == 3
        publisher.publish([message(topic, "care_request.opened.v1")])
        wait_until(lambda: _said(hub.vector) - _said(begun) == 3, what="all three and not the one before were heard")
    publisher.close()


def _said(vector: str) -> int:
    return sum(int(part.rpartition(":")[2]) for part in vector.split(","))
