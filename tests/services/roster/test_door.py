"""A visit at the door and afterwards: taken down, never stopped; told once, put right, cancelled."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.roster.commands.desk import ChangePolicy
from services.roster.commands.visits import CancelVisit, ProposeCorrection
from services.roster.handlers.corrections import propose
from services.roster.handlers.policies import change_policy
from services.roster.handlers.visits import cancel_visit
from services.roster.tables.travel import travel_legs
from services.roster.tables.visits import visit_history
from shared.contracts.roster import (
    VisitCancelled,
    VisitCompleted,
    VisitCorrected,
    VisitStarted,
)
from shared.domain.errors import Conflict, Invalid, NotFound
from tests.services.roster.town import TOMORROW_18, Town, named

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def booked(town: Town) -> Town:
    """Ada, a kilometre away by car, has `visit` from 18:00 to 21:00."""
    town.carer("Ada")
    town.book("visit", "Ada")
    return town


def test_check_in_and_check_out_tell_the_time_really_cared(booked: Town) -> None:
    booked.come("visit", "Ada", TOMORROW_18 + 4 * MINUTE)
    booked.go("visit", "Ada", TOMORROW_18 + 3 * HOUR + 11 * MINUTE)
    (started,), (completed,) = booked.trial.said(VisitStarted), booked.trial.said(VisitCompleted)
    assert started.started_at == completed.started_at == TOMORROW_18 + 4 * MINUTE
    assert completed.ended_at == TOMORROW_18 + 3 * HOUR + 11 * MINUTE
    assert (started.version, completed.version, completed.visit_version) == (2, 3, 1)


@pytest.mark.parametrize("minutes", [-300, -1, 0, 90, 400])
def test_nobody_is_stopped_at_the_door_for_being_early_or_late(booked: Town, minutes: int) -> None:
    booked.come("visit", "Ada", TOMORROW_18 + minutes * MINUTE)
    assert booked.visit("visit").state == "started"
    assert booked.visit("visit").check_in["minutes_late"] == minutes


def test_a_check_in_made_offline_counts_from_when_it_happened(booked: Town) -> None:
    booked.come("visit", "Ada", TOMORROW_18 + 5 * HOUR, happened_at=TOMORROW_18)
    booked.go("visit", "Ada", TOMORROW_18 + 5 * HOUR, happened_at=TOMORROW_18 + 3 * HOUR)
    (completed,) = booked.trial.said(VisitCompleted)
    assert (completed.started_at, completed.ended_at) == (TOMORROW_18, TOMORROW_18 + 3 * HOUR)
    assert booked.visit("visit").check_in["marks"] == ["offline", "no-position"]
    assert booked.visit("visit").check_in["grade"] == "review"


def test_a_visit_given_up_as_missed_may_still_be_told_when_the_phone_is_back(booked: Town) -> None:
    booked.trial.clock.move_to(TOMORROW_18 + 6 * HOUR)
    booked.settle()
    assert booked.visit("visit").state == "missed"
    booked.come("visit", "Ada", TOMORROW_18 + 6 * HOUR, happened_at=TOMORROW_18)
    booked.go("visit", "Ada", TOMORROW_18 + 6 * HOUR, happened_at=TOMORROW_18 + 3 * HOUR)
    assert booked.visit("visit").state == "completed"


@pytest.mark.parametrize("position", [{}, {"latitude": 50.8225}, {"latitude": 51.5, "longitude": -0.1}])
def test_a_position_is_the_carers_to_give_and_never_a_condition(booked: Town, position: dict[str, float]) -> None:
    booked.come("visit", "Ada", TOMORROW_18, **position)
    assert booked.visit("visit").state == "started"
    expected = "far" if len(position) == 2 else "no-position"
    assert booked.visit("visit").check_in["marks"] == [expected]


def test_the_same_check_in_told_again_by_a_phone_changes_nothing_and_another_is_a_conflict(booked: Town) -> None:
    booked.come("visit", "Ada", TOMORROW_18, happened_at=TOMORROW_18)
    booked.come("visit", "Ada", TOMORROW_18 + MINUTE, happened_at=TOMORROW_18)
    with pytest.raises(Conflict, match="at 18:00") as refusal:
        booked.come("visit", "Ada", TOMORROW_18 + MINUTE)
    assert refusal.value.reason == "already"
    assert len(booked.trial.said(VisitStarted)) == 1


def test_the_same_check_out_told_again_changes_nothing_and_another_is_a_conflict(booked: Town) -> None:
    end = TOMORROW_18 + 3 * HOUR
    booked.come("visit", "Ada", TOMORROW_18)
    booked.go("visit", "Ada", end, happened_at=end)
    booked.go("visit", "Ada", end + MINUTE, happened_at=end)
    with pytest.raises(Conflict, match="at 21:00") as refusal:
        booked.go("visit", "Ada", end + MINUTE)
    assert refusal.value.reason == "already"
    with pytest.raises(Conflict) as late:
        booked.come("visit", "Ada", end + MINUTE)
    assert late.value.reason == "already"
    assert len(booked.trial.said(VisitCompleted)) == 1


def test_a_check_out_needs_a_check_in_and_comes_after_it(booked: Town) -> None:
    with pytest.raises(Conflict) as refusal:
        booked.go("visit", "Ada", TOMORROW_18)
    assert refusal.value.reason == "not-checked-in"
    booked.come("visit", "Ada", TOMORROW_18)
    with pytest.raises(Invalid):
        booked.go("visit", "Ada", TOMORROW_18)


def test_a_time_still_to_come_or_absurdly_early_is_a_wrong_clock(booked: Town) -> None:
    with pytest.raises(Invalid, match="still to come"):
        booked.come("visit", "Ada", TOMORROW_18, happened_at=TOMORROW_18 + 11 * MINUTE)
    with pytest.raises(Invalid, match="long after"):
        booked.come("visit", "Ada", TOMORROW_18 - 13 * HOUR)
    assert booked.visit("visit").state == "rostered"


def test_another_carers_visit_is_as_if_it_were_not_there(booked: Town) -> None:
    booked.carer("Bea")
    for call in (booked.come, booked.go):
        with pytest.raises(NotFound):
            call("visit", "Bea", TOMORROW_18)
        with pytest.raises(NotFound):
            call("no such visit", "Ada", TOMORROW_18)


def test_a_carer_at_the_door_of_a_visit_still_being_confirmed_is_told_so(town: Town) -> None:
    town.carer("Ada")
    town.ask("visit")
    town.trial.hear(town.assigned("visit", "Ada"))
    with pytest.raises(Conflict) as refusal:
        town.come("visit", "Ada", TOMORROW_18)
    assert refusal.value.reason == "being-confirmed"


def test_a_carer_at_the_door_of_a_visit_taken_back_or_cancelled_is_told_to_ring(booked: Town) -> None:
    booked.family("Bell")
    booked.book("other", "Ada", "Bell", start=TOMORROW_18 + 4 * HOUR)
    booked.trial.hear(booked.unassigned("visit", "Ada"))
    booked.trial.run(cancel_visit, CancelVisit(visit_id=named("other"), by="family"))
    for visit, code in (("visit", "no-longer-yours"), ("other", "cancelled")):
        with pytest.raises(Conflict, match="Ring the desk") as refusal:
            booked.come(visit, "Ada", TOMORROW_18)
        assert refusal.value.reason == code


def test_a_cancelled_visit_is_told_of_once_and_frees_the_carer(booked: Town) -> None:
    booked.trial.run(cancel_visit, CancelVisit(visit_id=named("visit"), by="family", reason="ill"))
    (said,) = booked.trial.said(VisitCancelled)
    assert (said.by, said.carer_id, said.version) == ("family", named("Ada"), 2)
    with pytest.raises(Conflict) as refusal:
        booked.trial.run(cancel_visit, CancelVisit(visit_id=named("visit"), by="family"))
    assert refusal.value.reason == "already-cancelled"
    booked.family("Bell")
    booked.book("other", "Ada", "Bell")
    assert booked.visit("other").state == "rostered"


def test_a_visit_that_has_begun_is_not_cancelled_and_who_cancels_is_known(booked: Town) -> None:
    with pytest.raises(Invalid):
        booked.trial.run(cancel_visit, CancelVisit(visit_id=named("visit"), by="the weather"))
    booked.come("visit", "Ada", TOMORROW_18)
    with pytest.raises(Conflict):
        booked.trial.run(cancel_visit, CancelVisit(visit_id=named("visit"), by="desk"))
    with pytest.raises(NotFound):
        booked.trial.run(cancel_visit, CancelVisit(visit_id=uuid4(), by="desk"))


def _correct(town: Town, start: datetime, end: datetime, reason: str = "phone was flat") -> Any:
    command = ProposeCorrection(
        visit_id=named("visit"),
        started_at=start,
        ended_at=end,
        reason=reason,
        by="desk",
        agreed_with="Ada, by phone",
    )
    return town.trial.run(propose, command)


def test_a_correction_is_told_and_what_was_told_first_stays_in_the_history(booked: Town) -> None:
    booked.come("visit", "Ada", TOMORROW_18)
    booked.go("visit", "Ada", TOMORROW_18 + 3 * HOUR)
    _correct(booked, TOMORROW_18, TOMORROW_18 + 2 * HOUR)
    (said,) = booked.trial.said(VisitCorrected)
    assert (said.ended_at, said.reason, said.version) == (TOMORROW_18 + 2 * HOUR, "phone was flat", 4)
    entry = next(row for row in booked.rows(visit_history) if row.what == "corrected")
    assert datetime.fromisoformat(entry.facts["before"]["ended_at"]) == TOMORROW_18 + 3 * HOUR


@pytest.mark.parametrize("come", [True, False])
def test_a_visit_without_check_out_or_check_in_is_completed_by_a_correction(booked: Town, come: bool) -> None:
    if come:
        booked.come("visit", "Ada", TOMORROW_18)
    booked.trial.clock.move_to(TOMORROW_18 + 4 * HOUR)
    _correct(booked, TOMORROW_18, TOMORROW_18 + 3 * HOUR)
    (said,) = booked.trial.said(VisitCompleted)
    assert (said.started_at, said.ended_at) == (TOMORROW_18, TOMORROW_18 + 3 * HOUR)
    assert len(booked.rows(travel_legs)) == 1


def test_a_correction_is_about_what_happened_and_says_why(booked: Town) -> None:
    end = TOMORROW_18 + 3 * HOUR
    booked.trial.clock.move_to(end)
    for start, until, reason in (
        (TOMORROW_18, end + MINUTE, "x"),
        (end, TOMORROW_18, "x"),
        (TOMORROW_18, TOMORROW_18, "x"),
        (TOMORROW_18, end, ""),
    ):
        with pytest.raises(Invalid):
            _correct(booked, start, until, reason)
    booked.trial.run(cancel_visit, CancelVisit(visit_id=named("visit"), by="desk"))
    with pytest.raises(Conflict) as refusal:
        _correct(booked, TOMORROW_18, end)
    assert refusal.value.reason == "not-held"


def test_a_desks_own_choices_hold_from_their_day_on(booked: Town) -> None:
    policy = booked.trial.run(
        change_policy, ChangePolicy(valid_from=date(2026, 6, 2), choices={"late_after_minutes": 1})
    )
    assert (policy.late_after_minutes, policy.shift_pause_minutes) == (1, 180)
    again = booked.trial.run(
        change_policy, ChangePolicy(valid_from=date(2026, 6, 2), choices={"offline_after_minutes": 5})
    )
    assert (again.late_after_minutes, again.offline_after_minutes) == (1, 5)
    booked.come("visit", "Ada", TOMORROW_18 + 2 * MINUTE)
    assert "late" in booked.visit("visit").check_in["marks"]
    with pytest.raises(Invalid):
        booked.trial.run(change_policy, ChangePolicy(valid_from=date(2026, 6, 2), choices={"colour": 1}))
