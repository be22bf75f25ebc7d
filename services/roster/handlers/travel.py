"""The kilometres of a shift: from home to its first visit, from visit to visit, and home from its last."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, exists, func, insert, select, tuple_

from services.roster.commands import RecordWayHome
from services.roster.domain.visit import State, Visit
from services.roster.queries.calendars import place_of
from services.roster.queries.policies import policy_on
from services.roster.tables import carers, desks, travel_legs, visits
from shared.contracts.roster import TravelRecorded
from shared.db.unit_of_work import UnitOfWork
from shared.domain import travel
from shared.domain.travel import TransportMode
from shared.domain.values import Place
from shared.jurisdictions.packs import pack

WAY_IN, WAY_HOME = "in", "home"
END_OF_SHIFT = "way-home"


# A check-out that was forgotten counts as made at the agreed end.
_left_at = func.coalesce(visits.c.ended_at, visits.c.ends_at)


def record_way_in(visit: Visit, pause: timedelta, uow: UnitOfWork) -> None:
    """The leg to a completed visit: from the one before in the same shift, else from home. The same place is no leg."""
    assert visit.started_at is not None
    before = uow.session.execute(
        select(visits)
        .where(
            *_others_of_carer(visit),
            visits.c.started_at.is_not(None),
            tuple_(visits.c.started_at, visits.c.visit_id) < tuple_(visit.started_at, visit.visit_id),
            _left_at >= visit.started_at - pause,
        )
        .order_by(visits.c.started_at.desc(), visits.c.visit_id.desc())
        .limit(1)
    ).one_or_none()
    carer = uow.one(carers, carer_id=visit.carer_id)
    start = _place(before) if before is not None else place_of(carer.home)
    _record(visit, WAY_IN, start, visit.place, carer.transport, visit.started_at, uow)


def record_way_home(command: RecordWayHome, uow: UnitOfWork) -> None:
    """The leg home, unless another visit went on after this one or began before the shift's pause was over.

    While one that should have begun is still waited for, it isn't known yet.
    """
    visit = uow.get(Visit, command.visit_id, lock=True)
    if visit.state != State.COMPLETED or visit.ended_at is None:
        return
    policy = policy_on(uow.session, uow.now.date())
    last_start = visit.ended_at + timedelta(minutes=policy.shift_pause_minutes)
    awaited_until = uow.session.execute(
        select(func.max(visits.c.ends_at)).where(
            *_others_of_carer(visit),
            visits.c.state == State.ROSTERED,
            visits.c.starts_at <= last_start,
            visits.c.ends_at > visit.ended_at,
        )
    ).scalar_one()
    if awaited_until is not None:
        late = timedelta(minutes=policy.missed_after_minutes)
        uow.set_timer(END_OF_SHIFT, visit.visit_id, max(awaited_until, uow.now) + late)
        return
    goes_on = exists().where(
        *_others_of_carer(visit),
        visits.c.started_at <= last_start,
        tuple_(_left_at, visits.c.visit_id) > tuple_(visit.ended_at, visit.visit_id),
    )
    if not uow.session.execute(select(goes_on)).scalar_one():
        carer = uow.one(carers, carer_id=visit.carer_id)
        _record(visit, WAY_HOME, visit.place, place_of(carer.home), carer.transport, visit.ended_at, uow)


def _others_of_carer(visit: Visit) -> tuple[ColumnElement[bool], ...]:
    return visits.c.carer_id == visit.carer_id, visits.c.visit_id != visit.visit_id


def _record(visit: Visit, way: str, start: Place, end: Place, transport: str, at: datetime, uow: UnitOfWork) -> None:
    on = at.astimezone(ZoneInfo(visit.zone)).date()
    rules = pack(uow.one(desks, desk_id=visit.desk_id).country, on).travel
    leg = travel.leg(start, end, TransportMode(transport), rules)
    if leg.metres == 0:
        return
    facts: dict[str, Any] = {
        "travel_leg_id": uow.new_id(),
        "desk_id": visit.desk_id,
        "carer_id": visit.carer_id,
        "visit_id": visit.visit_id,
        "on": on,
        "metres": leg.metres,
        "minutes": leg.minutes,
        "mode": leg.mode.value,
        "how": leg.how,
    }
    uow.session.execute(insert(travel_legs).values(**facts, way=way, at=at))
    uow.record(TravelRecorded(version=1, **facts))


def _place(row: Any) -> Place:
    return Place(place_id=row.place_id, latitude=row.latitude, longitude=row.longitude, zone=row.zone, area=row.area)
