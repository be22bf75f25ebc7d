"""Nothing is kept for ever, and nothing that still waits is removed."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from pydantic import ValidationError
from sqlalchemy import Table, text

from infra.kafka.topics import TopicSettings
from shared.auth.roles import Role
from shared.bus.relay import Relay
from shared.db import retention
from shared.db.dead_letters import dead_letters
from shared.db.idempotency import idempotency_keys
from shared.db.inbox import inbox
from shared.db.kit import KIT
from shared.db.outbox import outbox
from shared.db.timers import timers, timers_fired
from shared.service import Bus, Worker
from shared.settings import ServiceSettings
from tests.support.diary.events import LineWritten, NoteAdded
from tests.support.diary.rows import rows_of
from tests.support.diary.service import INAUDIBLE, LATER, OpenPage, WriteLater, open_page, write_later
from tests.support.service import Trial
from tests.support.waiting import wait_until

MONTH = timedelta(days=30)


class Nowhere:
    """Takes everything."""

    def publish(self, messages: Any) -> None:
        pass


def publish(t: Trial) -> None:
    running = t.running
    Relay(running.engine, t.clock, Nowhere()).publish_batch()


def count(t: Trial, table: Table) -> int:
    return len(rows_of(t.running.sessions, table))


def test_what_came_to_its_end_a_month_ago_is_removed(writes: Trial) -> None:
    headers = writes.headers(writes.caller(Role.DISPATCHER), key="k")
    assert writes.http.post("/pages", headers=headers).status_code == 201
    page = writes.run(open_page, OpenPage())
    writes.run(write_later, WriteLater(page_id=page))
    writes.clock.advance(LATER)
    writes.run_timers()
    publish(writes)
    assert (count(writes, outbox), count(writes, idempotency_keys), count(writes, timers_fired)) == (3, 1, 1)

    writes.clock.advance(MONTH - LATER + timedelta(microseconds=1))
    assert writes.running.prune() == 1, "the key was used before the timer fired"
    writes.clock.advance(LATER)
    assert writes.running.prune() == 4
    assert (count(writes, outbox), count(writes, idempotency_keys), count(writes, timers_fired)) == (0, 0, 0)
    assert writes.running.prune() == 0


def test_what_is_not_published_and_a_timer_not_yet_due_are_kept_however_old(writes: Trial) -> None:
    page = writes.run(open_page, OpenPage())
    writes.run(write_later, WriteLater(page_id=page))
    writes.clock.advance(10 * MONTH)
    assert writes.running.prune() == 0
    assert (count(writes, outbox), count(writes, timers)) == (1, 1)


def test_what_is_parked_is_kept_what_was_done_goes_and_a_dead_letter_waits_longer_for_a_person(reads: Trial) -> None:
    page, note = uuid4(), uuid4()
    said: dict[str, Any] = {"desk_id": reads.desk_id, "version": 1, "page_id": page, "number": 1}
    reads.hear(LineWritten(**said))
    reads.hear(LineWritten(**said, words=INAUDIBLE))
    reads.hear(NoteAdded(**said, note_id=note))
    assert count(reads, inbox) == 3

    reads.clock.advance(MONTH + timedelta(seconds=1))
    assert reads.running.prune() == 2
    assert [row.state for row in rows_of(reads.running.sessions, inbox)] == ["parked"]
    assert count(reads, dead_letters) == 1
    reads.clock.advance(MONTH)
    assert reads.running.prune() == 1
    assert count(reads, dead_letters) == 0


def test_a_lot_goes_in_portions(writes: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 3)
    for _ in range(7):
        writes.run(open_page, OpenPage())
    publish(writes)
    writes.clock.advance(2 * MONTH)
    assert [writes.running.prune() for _ in range(4)] == [3, 3, 1, 0]


def test_rows_another_copy_is_removing_are_left_to_it(writes: Trial) -> None:
    writes.run(open_page, OpenPage())
    publish(writes)
    writes.clock.advance(2 * MONTH)
    with writes.running.sessions() as other:
        other.execute(text("SELECT 1 FROM outbox FOR UPDATE"))
        assert writes.running.prune() == 0
    assert writes.running.prune() == 1


def test_a_worker_does_it_by_itself(writes: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.service._CHORES_EVERY_SECONDS", 0.05)
    writes.run(open_page, OpenPage())
    publish(writes)
    writes.clock.advance(2 * MONTH)
    worker = Worker(writes.running, Bus(Nowhere(), None))
    worker.start()
    wait_until(lambda: count(writes, outbox) == 0, what="what was published two months ago is gone")
    worker.shut_down()
    assert worker.failed is None


def test_every_table_of_the_kit_is_pruned_or_holds_only_what_waits() -> None:
    """A new table of the kit has to say how long its rows live."""
    assert set(KIT.tables) == {
        "outbox",
        "inbox",
        "timers_fired",
        "idempotency_keys",
        "dead_letters",
        "timers",
    }


def test_the_inbox_remembers_longer_than_a_topic_keeps_its_messages() -> None:
    """One that comes again after its claim was forgotten would be acted on twice."""
    kept = timedelta(hours=TopicSettings().retention_hours)
    assert timedelta(days=ServiceSettings().retention_days) > kept
    with pytest.raises(ValidationError):
        ServiceSettings(retention_days=7)
