"""A carer who can't come, for a visit or for days, and who is back."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update

from services.roster.commands.carers import ReportAbsence, Return, TellReturned
from services.roster.domain.alert import AlertKind, Severity
from services.roster.domain.carer import check_absence
from services.roster.domain.visit import Visit
from services.roster.domain.visit_terms import AWAITED, Flag
from services.roster.handlers.alerts import raise_alert, settle
from services.roster.handlers.history import remember, remember_carer
from services.roster.handlers.one_carer import locked_carer, next_version
from services.roster.handlers.turns import lock_person
from services.roster.tables.carers import absences
from services.roster.tables.visits import visits
from shared.contracts.roster import CarerAbsent, CarerReturned
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Conflict, Invalid, NotFound
from shared.domain.values import TimeWindow

RETURNED = "carer-returned"
_SOON = timedelta(hours=24)


def report_absence(command: ReportAbsence, uow: UnitOfWork) -> UUID:
    """The carer can't come from then to then, or to one visit; visits it touches are marked until matching finds cover.

    Reported twice it is one absence. Raises NotFound, Invalid.
    """
    lock_person(command.carer_id, uow)
    locked_carer(command.carer_id, uow)
    away = _away(command, uow)
    known = uow.one(
        absences, desk_id=uow.caller.desk, carer_id=command.carer_id, starts_at=away.start, ends_at=away.end
    )
    if known is not None:
        return UUID(str(known.absence_id))
    absence_id = command.absence_id or uow.new_id()
    uow.session.execute(
        insert(absences).values(
            absence_id=absence_id,
            desk_id=uow.caller.desk,
            carer_id=command.carer_id,
            starts_at=away.start,
            ends_at=away.end,
            reason=command.reason,
            reported_at=uow.now,
        )
    )
    remember_carer(uow, command.carer_id, "absent", start=away.start.isoformat(), end=away.end.isoformat())
    uow.record(
        CarerAbsent(
            desk_id=uow.caller.desk,
            version=next_version(command.carer_id, uow),
            carer_id=command.carer_id,
            absence_id=absence_id,
            start=away.start.astimezone(UTC),
            end=away.end.astimezone(UTC),
            reason=command.reason,
        )
    )
    for visit in _touched(command.carer_id, away, uow):
        if visit.flag(Flag.CARER_ABSENT):
            remember(uow, visit, "carer-absent")
            soon = visit.starts_at - uow.now < _SOON
            raise_alert(
                uow,
                AlertKind.CARER_ABSENT,
                visit.visit_id,
                Severity.HIGH if soon else Severity.MEDIUM,
                visit=visit,
            )
    uow.set_timer(RETURNED, absence_id, away.end, carer_id=str(command.carer_id))
    return absence_id


def come_back(command: Return, uow: UnitOfWork) -> UUID:
    """The carer is back, earlier than said: what nobody took over may come back to them. Raises NotFound, Conflict."""
    lock_person(command.carer_id, uow)
    locked_carer(command.carer_id, uow)
    absence = _absence(command.carer_id, command.absence_id, uow)
    at = max(command.at or uow.now, uow.now)
    if absence.returned_at is not None or absence.ends_at <= at:
        raise Conflict("This absence is over already.", code="over")
    # One that ended before it began would be none; it keeps a second of its time.
    ends_at = max(at, absence.starts_at + timedelta(seconds=1))
    _back(absence, at, uow, ends_at=ends_at)
    uow.cancel_timer(RETURNED, absence.absence_id)
    away = TimeWindow(absence.starts_at, absence.ends_at)
    for visit in _touched(command.carer_id, away, uow):
        if visit.ends_at > at and visit.starts_at >= at and visit.unflag(Flag.CARER_ABSENT):
            remember(uow, visit, "carer-back")
            settle(uow, visit.visit_id, AlertKind.CARER_ABSENT, outcome="the carer is back")
    return command.absence_id


def tell_returned(command: TellReturned, uow: UnitOfWork) -> None:
    """The absence ended as it was said it would."""
    absence = uow.one(absences, absence_id=command.absence_id)
    if absence is not None and absence.returned_at is None:
        _back(absence, absence.ends_at, uow)


def _back(absence: Any, at: datetime, uow: UnitOfWork, **changes: Any) -> None:
    uow.session.execute(
        update(absences).where(absences.c.absence_id == absence.absence_id).values(returned_at=uow.now, **changes)
    )
    remember_carer(uow, absence.carer_id, "back", at=at.isoformat())
    uow.record(
        CarerReturned(
            desk_id=uow.caller.desk,
            version=next_version(absence.carer_id, uow),
            carer_id=absence.carer_id,
            absence_id=absence.absence_id,
            at=at.astimezone(UTC),
        )
    )


def _away(command: ReportAbsence, uow: UnitOfWork) -> TimeWindow:
    if command.visit_id is not None:
        visit = uow.find(Visit, command.visit_id)
        if visit is None or visit.carer_id != command.carer_id:
            raise NotFound(f"There is no visit {command.visit_id} of yours.")
        if visit.state not in AWAITED:
            raise Conflict("This visit has begun or is over.", code="begun")
        return check_absence(visit.starts_at, visit.ends_at, command.reason)
    if command.start is None or command.end is None:
        raise Invalid("Say from when until when, or to which visit you can't come.", pointer="#/start")
    away = check_absence(command.start, command.end, command.reason)
    if away.end <= uow.now:
        raise Invalid("This time is over; what happened then is put right on the visit itself.", pointer="#/end")
    return away


def _touched(carer_id: UUID, away: TimeWindow, uow: UnitOfWork) -> list[Visit]:
    ids = uow.session.execute(
        select(visits.c.visit_id)
        .where(
            visits.c.carer_id == carer_id,
            visits.c.state.in_([state.value for state in AWAITED]),
            visits.c.starts_at < away.end,
            visits.c.ends_at > away.start,
        )
        .order_by(visits.c.visit_id)
    ).scalars()
    return [uow.get(Visit, visit_id, lock=True) for visit_id in ids.all()]


def _absence(carer_id: UUID, absence_id: UUID, uow: UnitOfWork) -> Any:
    row = uow.session.execute(
        select(absences).where(absences.c.absence_id == absence_id, absences.c.carer_id == carer_id).with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such absence.")
    return row
