"""A visit as it happens: check-in, check-out, what is missing, what is cancelled or put right."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

from services.roster.commands import (
    CancelVisit,
    CheckIn,
    CheckOut,
    CorrectVisit,
    FlagMissingCheckIn,
    FlagMissingCheckOut,
    MarkMissed,
)
from services.roster.domain.attendance import Report, check_not_long_before, graded, reported_at
from services.roster.domain.visit import Alert, State, Visit
from services.roster.handlers.history import remember
from services.roster.handlers.travel import END_OF_SHIFT, record_way_in
from services.roster.queries.policies import policy_on
from services.roster.tables import assignments
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Conflict, Invalid, NotFound
from shared.domain.values import TimeWindow

MISSING_CHECK_OUT = "missing-check-out"


def check_in(command: CheckIn, uow: UnitOfWork) -> Visit:
    """The carer is at the door, late, early or offline. The same moment told again changes nothing.

    Raises NotFound for another's visit, Invalid for a time still to come or absurdly early, Conflict for one called off
    or for another check-in.
    """
    visit = _own(command, uow)
    if command.happened_at is not None and command.happened_at == visit.started_at:
        return visit
    policy = policy_on(uow.session, uow.now.date())
    report = _report(command, uow)
    at = reported_at(report, policy)
    visit.check_may_start()
    check_not_long_before(at, visit.starts_at, policy)
    how = graded(report, at, visit.starts_at, visit.latitude, visit.longitude, policy)
    visit.start(at, how)
    late = timedelta(minutes=policy.missing_check_out_after_minutes)
    uow.set_timer(MISSING_CHECK_OUT, visit.visit_id, visit.ends_at + late)
    remember(uow, visit, "checked-in", happened_at=at.isoformat(), **how)
    return visit


def check_out(command: CheckOut, uow: UnitOfWork) -> Visit:
    """The carer leaves: the visit is completed with the time really cared. The same moment told again changes nothing.

    Raises NotFound for another's visit, Conflict before a check-in or for another check-out, Invalid for a time before it
    or still to come.
    """
    visit = _own(command, uow)
    if command.happened_at is not None and command.happened_at == visit.ended_at:
        return visit
    policy = policy_on(uow.session, uow.now.date())
    report = _report(command, uow)
    at = reported_at(report, policy)
    how = graded(report, at, visit.ends_at, visit.latitude, visit.longitude, policy)
    visit.complete(at, how)
    remember(uow, visit, "checked-out", happened_at=at.isoformat(), **how)
    _completed(visit, uow)
    return visit


def cancel_visit(command: CancelVisit, uow: UnitOfWork) -> Visit:
    """A rostered visit will not happen. Raises NotFound, Invalid, Conflict once it has begun or is over."""
    visit = uow.get(Visit, command.visit_id, lock=True)
    visit.cancel(command.by)
    remember(uow, visit, "cancelled", by=command.by, reason=command.reason)
    return visit


def correct_visit(command: CorrectVisit, uow: UnitOfWork) -> Visit:
    """Put a visit's times right; what was told first stays in its history. Raises NotFound, Invalid, Conflict."""
    visit = uow.get(Visit, command.visit_id, lock=True)
    if command.ended_at <= command.started_at:
        raise Invalid("The end must come after the start.", pointer="#/ended_at")
    really = TimeWindow(command.started_at, command.ended_at)
    if really.end > uow.now:
        raise Invalid("This time is still to come; a correction is about what happened.", pointer="#/ended_at")
    if not command.reason:
        raise Invalid("A correction needs a reason.", pointer="#/reason")
    before = {
        "started_at": visit.started_at.isoformat() if visit.started_at else None,
        "ended_at": visit.ended_at.isoformat() if visit.ended_at else None,
    }
    was_completed = visit.state == State.COMPLETED
    visit.correct(really.start, really.end, command.reason)
    now = {"started_at": really.start.isoformat(), "ended_at": really.end.isoformat()}
    remember(uow, visit, "corrected", before=before, now=now, reason=command.reason)
    if not was_completed:
        _completed(visit, uow)
    return visit


def flag_missing_check_in(command: FlagMissingCheckIn, uow: UnitOfWork) -> None:
    """The visit should have begun: the desk sees it on the roster."""
    _change(command.visit_id, uow, partial(Visit.flag, alert=Alert.MISSING_CHECK_IN), "missing-check-in")


def flag_missing_check_out(command: FlagMissingCheckOut, uow: UnitOfWork) -> None:
    """The visit should be over: the desk sees it on the roster."""
    _change(command.visit_id, uow, partial(Visit.flag, alert=Alert.MISSING_CHECK_OUT), "missing-check-out")


def mark_missed(command: MarkMissed, uow: UnitOfWork) -> None:
    """Nobody checked in until long after the end."""
    _change(command.visit_id, uow, Visit.miss, "missed")


def _change(visit_id: object, uow: UnitOfWork, change: Callable[[Visit], bool], what: str) -> None:
    visit = uow.get(Visit, visit_id, lock=True)
    if change(visit):
        remember(uow, visit, what)


def _completed(visit: Visit, uow: UnitOfWork) -> None:
    assert visit.ended_at is not None
    pause = timedelta(minutes=policy_on(uow.session, uow.now.date()).shift_pause_minutes)
    record_way_in(visit, pause, uow)
    uow.set_timer(END_OF_SHIFT, visit.visit_id, visit.ended_at + pause)


def _own(command: CheckIn | CheckOut, uow: UnitOfWork) -> Visit:
    visit = uow.find(Visit, command.visit_id, lock=True)
    if visit is not None and visit.carer_id == command.carer_id:
        return visit
    assignment = uow.one(assignments, visit_id=command.visit_id)
    if assignment is not None and assignment.stands and assignment.carer_id == command.carer_id:
        raise Conflict("This visit is still being confirmed. Try again in a moment.", code="being-confirmed")
    raise NotFound(f"There is no visit {command.visit_id} of yours.")


def _report(command: CheckIn | CheckOut, uow: UnitOfWork) -> Report:
    report = Report(
        received_at=uow.now,
        happened_at=command.happened_at,
        latitude=command.latitude,
        longitude=command.longitude,
    )
    if (report.latitude is None) != (report.longitude is None):
        # Half a position is none.
        return replace(report, latitude=None, longitude=None)
    return report
