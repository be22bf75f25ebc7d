"""Every metric the kit declares moves when what it counts happens, and is there to be fetched."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.parser import text_string_to_metric_families

from shared.bus.relay import Relay
from shared.db.backlog import measure
from shared.service import Bus, Worker
from shared.telemetry import metrics
from tests.shared.bus.test_relay import Kept
from tests.support.diary.events import LineHeard, LineWritten, NoteAdded, PageOpened
from tests.support.diary.service import INAUDIBLE, OpenPage, open_page
from tests.support.service import Trial
from tests.support.waiting import wait_until


def told(t: Trial, name: str, **labels: str) -> float:
    """What /metrics says of this sample, 0 when it doesn't."""
    text = t.http.get("/metrics").text
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return sum(s.value for s in samples if s.name == name and labels.items() <= s.labels.items())


@pytest.fixture
def worker(writes: Trial) -> Iterator[tuple[Worker, Kept]]:
    publisher = Kept()
    running = Worker(writes.running, Bus(publisher, None))
    yield running, publisher
    running.shut_down()


def test_every_declared_metric_is_told(writes: Trial) -> None:
    families = {family.name for family in text_string_to_metric_families(writes.http.get("/metrics").text)}
    declared = {
        next(iter(each.describe())).name for each in vars(metrics).values() if isinstance(each, MetricWrapperBase)
    }
    assert declared <= families


def test_the_backlog_is_told_while_the_bus_is_away(
    writes: Trial, worker: tuple[Worker, Kept], monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is when it matters: it used to be measured after each publishing that worked."""
    monkeypatch.setattr("shared.service._MEASURE_EVERY_SECONDS", 0.1)
    running, publisher = worker
    publisher.away = True
    writes.run(open_page, OpenPage())
    writes.clock.advance(timedelta(minutes=3))
    running.start()
    wait_until(lambda: told(writes, "vesper_relay_lag", service="diary") == 1, what="one row waits")
    assert told(writes, "vesper_outbox_age_seconds", service="diary") == 180
    publisher.away = False
    wait_until(lambda: told(writes, "vesper_relay_lag", service="diary") == 0, what="nothing waits")
    assert told(writes, "vesper_outbox_age_seconds", service="diary") == 0


def test_what_is_parked_is_told_by_each_worker(reads: Trial) -> None:
    note, page = uuid4(), uuid4()
    running = reads.running
    for number in (1, 2):
        said = {"desk_id": reads.desk_id, "version": number, "page_id": page, "number": number}
        reads.hear(NoteAdded(note_id=note, **said))  # type: ignore[arg-type]
    measure("reader", running.sessions, reads.clock)
    assert told(reads, "vesper_inbox_parked", service="reader") == 2
    reads.hear(PageOpened(desk_id=reads.desk_id, version=1, page_id=page))
    measure("reader", running.sessions, reads.clock)
    assert told(reads, "vesper_inbox_parked", service="reader") == 0


def test_messages_and_dead_letters_are_counted_by_what_became_of_them(reads: Trial) -> None:
    names = ("done", "repeated", "parked", "dead", "not_ours")

    def counts() -> dict[str, float]:
        return {o: told(reads, "vesper_messages_total", service="reader", outcome=o) for o in names}

    before, dead = counts(), told(reads, "vesper_dead_letters_total", service="reader")
    page = uuid4()
    line = LineWritten(desk_id=reads.desk_id, version=1, page_id=page, number=1)
    reads.hear(line, "m")
    reads.hear(line, "m")
    reads.hear(NoteAdded(desk_id=reads.desk_id, version=1, page_id=page, note_id=uuid4(), number=1))
    reads.hear(LineWritten(desk_id=reads.desk_id, version=2, page_id=page, number=2, words=INAUDIBLE))
    reads.hear(LineHeard(desk_id=reads.desk_id, version=1, page_id=page, number=1))
    assert {outcome: count - before[outcome] for outcome, count in counts().items()} == dict.fromkeys(names, 1)
    assert told(reads, "vesper_dead_letters_total", service="reader") == dead + 1


def test_commands_are_timed(writes: Trial) -> None:
    before = told(writes, "vesper_command_seconds_count", service="diary", command="OpenPage")
    writes.run(open_page, OpenPage())
    assert told(writes, "vesper_command_seconds_count", service="diary", command="OpenPage") == before + 1


def test_a_relay_that_does_not_hold_the_lock_tells_no_old_numbers(writes: Trial) -> None:
    """The numbers are the database's, told by every worker, not the memory of who relayed last."""
    running = writes.running
    for _ in range(3):
        writes.run(open_page, OpenPage())
    measure("diary", running.sessions, writes.clock)
    assert told(writes, "vesper_relay_lag", service="diary") == 3
    Relay(running.engine, writes.clock, Kept()).publish_batch()
    measure("diary", running.sessions, writes.clock)
    assert told(writes, "vesper_relay_lag", service="diary") == 0
