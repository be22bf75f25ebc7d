"""Many at once, with real threads on PostgreSQL: a carer is in one place, and each thing happens once."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier
from typing import TypeVar
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from services.roster.commands.carers import ChangeCarer, RegisterCarer
from services.roster.commands.visits import BookVisit, CancelVisit, CheckIn, CheckOut, MarkMissed
from services.roster.handlers.assignments import book_visit
from services.roster.handlers.carers import change_carer, register_carer
from services.roster.handlers.door import check_in, check_out
from services.roster.handlers.visits import cancel_visit, mark_missed
from services.roster.tables.carers import absences, carers
from services.roster.tables.travel import travel_legs
from shared.auth.roles import desk_itself
from shared.contracts.roster import (
    CarerRegistered,
    TravelRecorded,
    VisitCancelled,
    VisitCompleted,
    VisitMissed,
    VisitRefused,
    VisitRostered,
    VisitStarted,
)
from shared.domain.errors import Conflict
from tests.services.roster.town import TOMORROW_18, Town, details, named
from tests.support.waiting import wait_until

T = TypeVar("T")
HOUR = timedelta(hours=1)
TIMES = range(5)


def at_once(*tasks: Callable[[], T]) -> list[T]:
    """Run all tasks in threads that start together."""
    barrier = Barrier(len(tasks))

    def run(task: Callable[[], T]) -> T:
        barrier.wait()
        return task()

    with ThreadPoolExecutor(max_workers=len(tasks)) as pool:
        return list(pool.map(run, tasks))


def _book(town: Town, visit: str, desk_id: UUID | None = None) -> Callable[[], str]:
    def book() -> str:
        town.trial.run(book_visit, BookVisit(visit_id=named(visit)), desk_itself(desk_id or town.trial.desk_id))
        return "asked"

    return book


def _tried(town: Town, handler: Callable[..., object], command: object) -> str:
    try:
        town.trial.run(handler, command)
    except Conflict as refusal:
        return refusal.reason
    return "done"


def _answers(town: Town, visits: Sequence[str]) -> dict[str, int]:
    wanted = {named(visit) for visit in visits}
    said = town.trial.said(VisitRostered, VisitRefused)
    return dict(
        Counter(
            "rostered" if isinstance(event, VisitRostered) else event.reason
            for event in said
            if event.visit_id in wanted
        )
    )


@pytest.mark.parametrize("time", TIMES)
def test_of_two_overlapping_visits_of_one_carer_booked_at_once_one_is_rostered(town: Town, time: int) -> None:
    town.carer("Ada")
    town.family("Bell")
    town.ask("one")
    town.ask("other", "Bell", start=TOMORROW_18 + HOUR)
    for visit in ("one", "other"):
        town.trial.hear(town.assigned(visit, "Ada"))
    at_once(_book(town, "one"), _book(town, "other"))
    assert _answers(town, ["one", "other"]) == {"rostered": 1, "overlaps": 1}
    assert Counter(town.visit(visit).state for visit in ("one", "other")) == {"rostered": 1, "refused": 1}


@pytest.mark.parametrize("time", TIMES)
def test_two_desks_that_book_one_person_at_once_book_them_once(town: Town, time: int) -> None:
    elsewhere = uuid4()
    town.desk(elsewhere)
    town.family("Far", elsewhere)
    for desk_id in (town.trial.desk_id, elsewhere):
        town.carer("Ada", desk_id=desk_id)
    town.ask("ours")
    town.ask("theirs", "Far", elsewhere)
    town.trial.hear(town.assigned("ours", "Ada"))
    town.trial.hear(town.assigned("theirs", "Ada", desk_id=elsewhere))
    at_once(_book(town, "ours"), _book(town, "theirs", elsewhere))
    assert _answers(town, ["ours", "theirs"]) == {"rostered": 1, "overlaps": 1}


@pytest.mark.parametrize("time", TIMES)
def test_families_booked_at_once_at_one_childminders_never_break_the_ratio(town: Town, time: int) -> None:
    town.carer("Minder")
    visits = [f"visit {number}" for number in range(6)]
    for number, visit in enumerate(visits):
        town.family(f"family {number}")
        town.ask(visit, f"family {number}", mode="carer_home")
        town.trial.hear(town.assigned(visit, "Minder"))
    at_once(*(_book(town, visit) for visit in visits))
    assert _answers(town, visits) == {"rostered": 3, "ratio": 3}


@pytest.mark.parametrize("time", TIMES)
def test_one_visit_booked_many_times_at_once_is_rostered_once(town: Town, time: int) -> None:
    town.carer("Ada")
    town.ask("visit")
    town.trial.hear(town.assigned("visit", "Ada"))
    at_once(*[_book(town, "visit")] * 8)
    assert _answers(town, ["visit"]) == {"rostered": 1}


@pytest.mark.parametrize("time", TIMES)
def test_a_visit_taken_back_while_it_is_booked_is_nobodys_afterwards(town: Town, time: int) -> None:
    town.carer("Ada")
    town.ask("visit")
    town.trial.hear(town.assigned("visit", "Ada"))
    free = town.unassigned("visit", "Ada")
    at_once(_book(town, "visit"), lambda: str(town.trial.hear(free)))
    row = town.visit("visit")
    assert row is None or row.state == "released"


@pytest.mark.parametrize("time", TIMES)
def test_a_booking_and_an_absence_at_once_never_leave_an_unmarked_visit(town: Town, time: int) -> None:
    town.carer("Ada")
    town.ask("visit")
    town.trial.hear(town.assigned("visit", "Ada"))

    def fall_ill() -> str:
        return str(town.absent("Ada", TOMORROW_18, TOMORROW_18 + HOUR))

    at_once(_book(town, "visit"), fall_ill)
    row = town.visit("visit")
    assert (row.state, row.alert) in {("refused", None), ("rostered", "carer_absent")}


@pytest.mark.parametrize("what", ["absence", "change"])
def test_what_decides_over_a_carers_time_waits_for_a_booking_that_runs(town: Town, what: str) -> None:
    town.carer("Ada")
    tasks: dict[str, Callable[[], object]] = {
        "absence": lambda: town.absent("Ada", TOMORROW_18, TOMORROW_18 + HOUR),
        "change": lambda: town.trial.run(change_carer, ChangeCarer(carer_id=named("Ada"), details=details("Ada"))),
    }
    waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    with ThreadPoolExecutor(1) as pool, town.trial.running.sessions() as booking:
        booking.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"carer/{named('Ada')}"}
        )
        told = pool.submit(tasks[what])
        with town.trial.running.engine.connect() as watching:
            wait_until(lambda: watching.execute(waiting).scalar_one() == 1, what="it waits for the carer's turn")
        assert not told.done()
        booking.rollback()
        assert told.result(timeout=20)


def test_an_absence_reported_many_times_at_once_is_one(town: Town) -> None:
    town.carer("Ada")
    told = at_once(*[partial(town.absent, "Ada", TOMORROW_18, TOMORROW_18 + HOUR)] * 8)
    assert len(set(told)) == 1
    assert len(town.rows(absences)) == 1


@pytest.mark.parametrize("time", TIMES)
def test_a_check_in_made_many_times_at_once_happens_once(town: Town, time: int) -> None:
    town.carer("Ada")
    town.book("visit", "Ada")
    town.trial.clock.move_to(TOMORROW_18)
    command = CheckIn(visit_id=named("visit"), carer_id=named("Ada"))
    told = at_once(*[partial(_tried, town, check_in, command)] * 8)
    assert Counter(told) == {"done": 1, "already": 7}
    assert len(town.trial.said(VisitStarted)) == 1


@pytest.mark.parametrize("time", TIMES)
def test_a_check_out_made_many_times_at_once_completes_once_and_pays_one_way(town: Town, time: int) -> None:
    town.carer("Ada")
    town.book("visit", "Ada")
    town.come("visit", "Ada", TOMORROW_18)
    town.trial.clock.move_to(TOMORROW_18 + 3 * HOUR)
    command = CheckOut(visit_id=named("visit"), carer_id=named("Ada"), handed_to="Sam Ames")
    told = at_once(*[partial(_tried, town, check_out, command)] * 8)
    assert Counter(told) == {"done": 1, "already": 7}
    assert len(town.trial.said(VisitCompleted)) == len(town.trial.said(TravelRecorded)) == 1
    assert len(town.rows(travel_legs)) == 1


@pytest.mark.parametrize("time", TIMES)
def test_a_check_in_and_a_cancellation_at_once_leave_one_of_them(town: Town, time: int) -> None:
    town.carer("Ada")
    town.book("visit", "Ada")
    town.trial.clock.move_to(TOMORROW_18)
    come = CheckIn(visit_id=named("visit"), carer_id=named("Ada"))
    off = CancelVisit(visit_id=named("visit"), by="family")
    told = at_once(partial(_tried, town, check_in, come), partial(_tried, town, cancel_visit, off))
    assert sorted(told) in (["cancelled", "done"], ["done", "not-rostered"])
    assert len(town.trial.said(VisitStarted)) + len(town.trial.said(VisitCancelled)) == 1


@pytest.mark.parametrize("time", TIMES)
def test_a_late_check_in_and_giving_up_at_once_end_with_the_carer_there(town: Town, time: int) -> None:
    town.carer("Ada")
    town.book("visit", "Ada")
    town.trial.clock.move_to(TOMORROW_18 + 5 * HOUR)
    come = CheckIn(visit_id=named("visit"), carer_id=named("Ada"))
    told = at_once(
        partial(_tried, town, check_in, come), partial(_tried, town, mark_missed, MarkMissed(visit_id=named("visit")))
    )
    assert told == ["done", "done"]
    assert town.visit("visit").state == "started"
    assert len(town.trial.said(VisitMissed)) <= 1


def test_a_carer_registered_many_times_at_once_is_there_once(town: Town) -> None:
    command = RegisterCarer(carer_id=named("Ada"), details=details("Ada"))
    told = at_once(*[partial(_tried, town, register_carer, command)] * 6)
    assert Counter(told) == {"done": 1, "already-registered": 5}
    assert len(town.rows(carers)) == len(town.trial.said(CarerRegistered)) == 1


def test_one_key_gets_one_answer_however_often_it_is_sent_at_once(town: Town) -> None:
    town.carer("Ada")
    town.book("visit", "Ada")
    town.trial.clock.move_to(TOMORROW_18)
    caller = town.as_carer("Ada")
    path = f"/visits/{named('visit')}/check-in"
    told = at_once(*[lambda: town.post(path, caller, {}, key="once")] * 20)
    assert told == [told[0]] * 20
    assert told[0][0] == 200
    assert len(town.trial.said(VisitStarted)) == 1
