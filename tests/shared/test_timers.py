"""Time as an entrance: what is due is done once, whoever runs it, and never forgotten because of bad luck."""

from datetime import timedelta
from threading import Barrier, Event, Thread
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from shared.auth.roles import Caller, Role, desk_itself
from shared.commands import LostRace, Runner
from shared.db.outbox import outbox
from shared.db.timers import timers, timers_fired
from shared.db.unit_of_work import UnitOfWork
from shared.service import RunningService
from shared.timers import BATCH, TimerRunner, Timers
from tests.support.diary.events import LineWritten
from tests.support.diary.rows import rows_of
from tests.support.diary.service import (
    BROKEN,
    IMPOSSIBLE,
    LATER,
    OpenPage,
    WriteLater,
    diary,
    open_page,
    write_later,
)
from tests.support.service import Trial
from tests.support.waiting import wait_until


def page_with_timer(writes: Trial, words: str = "") -> UUID:
    page: UUID = writes.run(open_page, OpenPage())
    writes.run(write_later, WriteLater(page_id=page, words=words))
    return page


def waiting(writes: Trial) -> list[Any]:
    return list(rows_of(writes.running.sessions, timers))


def numbers(writes: Trial) -> list[int]:
    return [said.number for said in writes.said(LineWritten)]


def test_it_is_done_when_its_time_comes_and_once(writes: Trial) -> None:
    page_with_timer(writes)
    writes.clock.advance(LATER - timedelta(microseconds=1))
    assert writes.run_timers() == 0
    writes.clock.advance(timedelta(microseconds=1))
    assert writes.run_timers() == 1
    assert writes.run_timers() == 0
    assert numbers(writes) == [1]
    assert waiting(writes) == []


def test_set_again_it_is_moved_not_doubled(writes: Trial) -> None:
    page = page_with_timer(writes)
    writes.clock.advance(timedelta(minutes=4))
    writes.run(write_later, WriteLater(page_id=page, words="later"))
    writes.clock.advance(timedelta(minutes=1))
    assert writes.run_timers() == 0
    writes.clock.advance(timedelta(minutes=4))
    assert writes.run_timers() == 1
    assert [said.words for said in writes.said(LineWritten)] == ["later"]


def test_claimed_by_four_workers_at_once_each_fires_once(writes: Trial) -> None:
    for _ in range(40):
        page_with_timer(writes)
    writes.clock.advance(LATER)
    barrier, ran = Barrier(4), []
    others = [
        RunningService(
            writes.running.service, writes.running.settings, clock=writes.clock, ids=writes.running.runner.ids
        )
        for _ in range(4)
    ]

    def run(one: RunningService) -> None:
        barrier.wait()
        ran.append(one.timers.run_due())

    threads = [Thread(target=run, args=(one,)) for one in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in others:
        one.close()
    assert sum(ran) == 40
    assert numbers(writes) == [1] * 40
    assert {row.times for row in rows_of(writes.running.sessions, timers_fired)} == {1}


def test_one_that_another_process_is_doing_is_left_to_it(writes: Trial) -> None:
    page_with_timer(writes)
    writes.clock.advance(LATER)
    with writes.running.sessions() as other:
        other.execute(text("SELECT 1 FROM timers FOR UPDATE"))
        assert writes.run_timers() == 0
    assert writes.run_timers() == 1
    assert rows_of(writes.running.sessions, timers) == []


def test_one_whose_command_breaks_is_tried_later_and_later_and_holds_up_no_other(writes: Trial) -> None:
    page_with_timer(writes, BROKEN)
    page_with_timer(writes)
    writes.clock.advance(LATER)
    assert writes.run_timers() == 1
    assert numbers(writes) == [1]
    waits = []
    for _ in range(10):
        [left] = waiting(writes)
        waits.append((left.due_at - writes.clock.now()).total_seconds())
        writes.clock.move_to(left.due_at)
        writes.run_timers()
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300]


def test_one_whose_command_is_refused_has_nothing_left_to_do(writes: Trial) -> None:
    page_with_timer(writes, IMPOSSIBLE)
    writes.clock.advance(LATER)
    assert writes.run_timers() == 1
    assert waiting(writes) == []
    assert numbers(writes) == []


def test_one_that_lost_a_race_is_tried_again_not_dropped(writes: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bad luck is no refusal: it used to end the timer for good."""
    page_with_timer(writes)
    writes.clock.advance(LATER)
    really = Runner.run

    def lose(runner: Runner, handler: Any, command: Any, **how: Any) -> Any:
        if type(command).__name__ == "WriteLines":
            raise LostRace("others were faster")
        return really(runner, handler, command, **how)

    with monkeypatch.context() as losing:
        losing.setattr(Runner, "run", lose)
        assert writes.run_timers() == 0
    writes.clock.advance(timedelta(seconds=1))
    assert writes.run_timers() == 1
    assert numbers(writes) == [1]


def test_one_of_a_kind_nobody_answers_waits_for_somebody_who_does(writes: Trial) -> None:
    page_with_timer(writes)
    writes.clock.advance(LATER)
    assert TimerRunner(writes.running.runner, Timers()).run_due() == 0
    writes.clock.advance(timedelta(seconds=1))
    assert writes.run_timers() == 1


def test_more_than_a_batch_that_breaks_does_not_starve_the_rest(writes: Trial) -> None:
    for _ in range(BATCH + 5):
        page_with_timer(writes, BROKEN)
    page_with_timer(writes)
    writes.clock.advance(LATER)
    writes.run_timers()
    writes.run_timers()
    assert numbers(writes) == [1]


def test_set_again_for_the_very_instant_it_fires_it_is_another_cause(writes: Trial) -> None:
    """A clock that stands lets a timer set itself for now; its ids must not be those of the first time."""
    made: list[UUID] = []

    def again(left: int, uow: UnitOfWork) -> None:
        made.append(uow.new_id())
        if left:
            uow.set_timer("again", "x", uow.now, left=left - 1)

    kinds = Timers()
    kinds.on("again", again, lambda due: due.facts["left"])
    writes.run(again, 3)
    while TimerRunner(writes.running.runner, kinds).run_due():
        pass
    assert len(set(made)) == len(made) == 4


def test_what_a_timer_leads_to_carries_the_id_of_the_call_that_set_it(writes: Trial) -> None:
    dispatcher = writes.caller(Role.DISPATCHER)
    page = writes.run(open_page, OpenPage())
    headers = {**writes.headers(dispatcher), "X-Correlation-Id": "call-42"}
    assert writes.http.post(f"/pages/{page}/later", json={"words": "x"}, headers=headers).status_code == 204
    writes.clock.advance(LATER)
    writes.run_timers()
    [row] = [row for row in rows_of(writes.running.sessions, outbox) if row.type == LineWritten.wire_name]
    assert row.correlation_id == "call-42"


def test_a_running_worker_is_woken_by_a_timer_and_stops_when_told(writes: Trial) -> None:
    real = RunningService(diary(), writes.running.settings)
    stop, wake = Event(), Event()
    thread = Thread(target=lambda: real.timers.run(stop, wake))
    thread.start()

    def due_now(_: None, uow: UnitOfWork) -> None:
        page = open_page(OpenPage(), uow)
        uow.set_timer("write", page, uow.now, words="now")

    caller: Caller = desk_itself(writes.desk_id)
    real.runner.run(due_now, None, caller=caller)
    wait_until(lambda: numbers(writes) == [1], what="the timer has fired")
    stop.set()
    wake.set()
    thread.join(timeout=5)
    assert not thread.is_alive()
    real.close()
