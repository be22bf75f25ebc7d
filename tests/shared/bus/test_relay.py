"""The relay: in order, one at a time, and never without its lock for longer than it must."""

from collections.abc import Iterator, Sequence
from threading import Event, Thread
from uuid import uuid4

import pytest
from sqlalchemy import text

from shared.bus import relay as relays
from shared.bus.local import LocalPublisher, ShuffledPublisher
from shared.bus.relay import Relay
from shared.db.inbox import inbox
from shared.db.outbox import outbox
from shared.messages import Message, encode
from tests.support.diary.events import LineWritten
from tests.support.diary.rows import numbers_heard, rows_of
from tests.support.diary.service import BROKEN, INAUDIBLE, OpenPage, WriteLines, open_page, reader, write_lines
from tests.support.postgres import Server
from tests.support.service import Trial, trial
from tests.support.waiting import wait_until

HOLDERS = text(
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


class Kept:
    """Keeps what it publishes; away while told so."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.away = False
        self.tries = 0

    def publish(self, messages: Sequence[Message]) -> None:
        self.tries += 1
        if self.away:
            raise ConnectionError("no broker")
        self.messages += messages


class Relaying:
    """A relay on a thread of its own."""

    def __init__(self, t: Trial, publisher: Kept) -> None:
        running = t.running
        self._relay = Relay(running.engine, t.clock, publisher)
        self.stop, self.wake = Event(), Event()
        self._thread = Thread(target=lambda: self._relay.run(self.stop, self.wake))
        self._thread.start()

    def end(self) -> None:
        self.stop.set()
        self.wake.set()
        self._thread.join(timeout=10)
        assert not self._thread.is_alive()


@pytest.fixture
def publisher() -> Kept:
    return Kept()


@pytest.fixture
def relaying(writes: Trial, publisher: Kept) -> Iterator[Relaying]:
    running = Relaying(writes, publisher)
    yield running
    running.end()


def holders(t: Trial) -> int:
    with t.running.engine.connect() as connection:
        count: int = connection.execute(HOLDERS).scalar_one()
        connection.rollback()
        return count


def unpublished(t: Trial) -> int:
    return sum(row.published_at is None for row in rows_of(t.running.sessions, outbox))


def test_more_than_a_batch_is_published_in_order_each_once(
    writes: Trial, publisher: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relays, "BATCH", 7)
    pages = [writes.run(open_page, OpenPage()) for _ in range(5)]
    for page in pages:
        writes.run(write_lines, WriteLines(page_id=page, count=4))
    relaying = Relaying(writes, publisher)
    wait_until(lambda: unpublished(writes) == 0, what="all is published")
    relaying.end()
    positions = [int(message.origin.rpartition("/")[2]) for message in publisher.messages]
    assert positions == sorted(set(positions))
    assert len(positions) == 25


def test_a_row_numbered_early_and_committed_late_is_not_passed_over(
    writes: Trial, publisher: Kept, relaying: Relaying
) -> None:
    """The reader of "everything after the last position" would never see it."""
    page = writes.run(open_page, OpenPage())
    wait_until(lambda: unpublished(writes) == 0, what="the page is published")
    with writes.running.sessions() as slow:
        slow.execute(
            text(
                "INSERT INTO outbox (message_id, topic, key, type, time, correlation_id, body, extensions) "
                "VALUES ('slow', 'diary', 'k', 't', :now, '', '', '{}')"
            ),
            {"now": writes.clock.now()},
        )
        writes.run(write_lines, WriteLines(page_id=page))
        wait_until(lambda: len(publisher.messages) == 2, what="the later one is published")
        slow.commit()
    wait_until(lambda: [message.message_id for message in publisher.messages[2:]] == ["slow"], what="so is the slow")


def test_while_the_broker_is_away_it_keeps_trying_and_loses_nothing(
    writes: Trial, publisher: Kept, relaying: Relaying
) -> None:
    publisher.away = True
    writes.run(open_page, OpenPage())
    wait_until(lambda: publisher.tries >= 2, what="it tries again")
    assert unpublished(writes) == 1
    publisher.away = False
    wait_until(lambda: unpublished(writes) == 0, what="it is published")


def test_its_lock_does_not_stay_behind_in_the_pool(writes: Trial, publisher: Kept, relaying: Relaying) -> None:
    """After a failure the connection used to go back to the pool with the lock: no relay anywhere could have it."""
    publisher.away = True
    # Connections for the pool to hand out instead of the one with the lock.
    idle = [writes.running.engine.connect() for _ in range(8)]
    for each in idle:
        each.close()
    writes.run(open_page, OpenPage())
    wait_until(lambda: publisher.tries >= 3, what="it failed and came again")
    publisher.away = False
    wait_until(lambda: unpublished(writes) == 0, within=7, what="it is published")
    assert holders(writes) == 1
    relaying.end()
    assert holders(writes) == 0, "another process may have it now"


def test_one_whose_lock_is_lost_lets_another_in_and_neither_loses_a_message(
    writes: Trial, publisher: Kept, relaying: Relaying
) -> None:
    wait_until(lambda: holders(writes) == 1, what="the first relays")
    other = Kept()
    second = Relaying(writes, other)
    page = writes.run(open_page, OpenPage())
    wait_until(lambda: unpublished(writes) == 0, what="the first publishes")
    assert other.messages == []
    with writes.running.engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' "
                "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
        )
        connection.commit()
    for _ in range(20):
        writes.run(write_lines, WriteLines(page_id=page))
    wait_until(lambda: unpublished(writes) == 0, what="one of them publishes")
    second.end()
    assert holders(writes) <= 1
    said = {message.message_id for message in (*publisher.messages, *other.messages)}
    assert len(said) == 21


def test_on_one_machine_a_dead_letter_is_not_handed_to_those_who_hear_its_service(postgres_cluster: Server) -> None:
    """It carries a type others hear, under a new id: they would act on it a second time."""
    with (
        trial(postgres_cluster, reader()) as first,
        trial(postgres_cluster, reader(hears="reader")) as second,
    ):
        page = uuid4()
        first.hear(LineWritten(desk_id=second.desk_id, version=1, page_id=page, number=1, words=INAUDIBLE))
        receivers = {"second": second.running.receiver}
        running = first.running
        for publisher in (LocalPublisher(receivers), ShuffledPublisher(receivers, seed=1)):
            Relay(running.engine, first.clock, publisher).publish_batch()
            if isinstance(publisher, ShuffledPublisher):
                assert not publisher.deliver_one()
        assert rows_of(second.running.sessions, inbox) == []


def test_a_shuffled_bus_keeps_the_order_of_each_key_and_loses_nothing_that_broke(writes: Trial, reads: Trial) -> None:
    pages = [writes.run(open_page, OpenPage()) for _ in range(4)]
    for _ in range(3):
        for page in pages:
            writes.run(write_lines, WriteLines(page_id=page, count=2))
    writes.run(write_lines, WriteLines(page_id=pages[0]))
    shuffled = ShuffledPublisher({"reader": reads.running.receiver}, seed=5)
    running = writes.running
    Relay(running.engine, writes.clock, shuffled).publish_batch()
    while shuffled.deliver_one():
        pass
    assert numbers_heard(reads.running.sessions, writes.desk_id) == {
        page: list(range(1, 8 if page == pages[0] else 7)) for page in pages
    }

    broken = LineWritten(desk_id=writes.desk_id, version=9, page_id=pages[0], number=8, words=BROKEN)
    message = Message(
        message_id="b",
        topic="diary",
        key=broken.key,
        type=broken.wire_name,
        desk_id=broken.desk_id,
        time=writes.clock.now(),
        correlation_id="",
        body=encode(broken),
    )
    shuffled.publish([message])
    for _ in range(2):
        with pytest.raises(RuntimeError):
            shuffled.deliver_one()
