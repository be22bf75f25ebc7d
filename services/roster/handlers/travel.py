"""The kilometres of a shift: from home to its first visit, from visit to visit, and home from its last."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, insert, select

from services.roster.adapters.rule_packs import desk_rules_on
from services.roster.commands.travel import RecordWayHome, RecountTravel
from services.roster.domain.alert import AlertKind, Severity
from services.roster.domain.policy import Policy
from services.roster.domain.travel import (
    WITHIN,
    Made,
    Reckoned,
    Why,
    goes_on,
    legs_in,
    legs_of,
    paid,
    reckon,
    visit_before,
    way_home,
)
from services.roster.domain.visit import Visit
from services.roster.domain.visit_terms import AWAITED, State
from services.roster.handlers.alerts import raise_alert
from services.roster.queries.calendars import place_of
from services.roster.queries.policies import policy_on
from services.roster.queries.ways import cared_around, cared_of, route_between, standing_legs
from services.roster.tables.carers import carers
from services.roster.tables.copies import desks
from services.roster.tables.travel import travel_legs
from services.roster.tables.visits import visits
from shared.contracts.roster import TravelRecorded
from shared.db.unit_of_work import UnitOfWork
from shared.domain.travel import TransportMode
from shared.domain.values import Place

END_OF_SHIFT = "way-home"


def record_way_in(visit: Visit, policy: Policy, uow: UnitOfWork) -> None:
    """The legs to and within a completed visit: from the one before in the same shift, else from home."""
    assert visit.started_at is not None
    cared = cared_of(visit)
    pause = timedelta(minutes=policy.shift_pause_minutes)
    around = cared_around(uow.session, visit.carer_id, visit.started_at - pause, visit.started_at, visit.visit_id)
    carer = uow.one(carers, carer_id=visit.carer_id)
    home = place_of(carer.home)
    _record(legs_in(cared, visit_before(cared, around, pause), home), visit, carer.transport, policy, uow)


def record_way_home(command: RecordWayHome, uow: UnitOfWork) -> None:
    """The leg home, unless another visit went on after this one or began before the shift's pause was over.

    While one that should have begun is still waited for, it isn't known yet.
    """
    visit = uow.get(Visit, command.visit_id, lock=True)
    if visit.state != State.COMPLETED or visit.ended_at is None:
        return
    policy = policy_on(uow.session, uow.now.date())
    pause = timedelta(minutes=policy.shift_pause_minutes)
    awaited_until = uow.session.execute(
        select(func.max(visits.c.ends_at)).where(
            visits.c.carer_id == visit.carer_id,
            visits.c.visit_id != visit.visit_id,
            visits.c.state.in_([state.value for state in AWAITED]),
            visits.c.starts_at <= visit.ended_at + pause,
            visits.c.ends_at > visit.ended_at,
        )
    ).scalar_one()
    if awaited_until is not None:
        late = timedelta(minutes=policy.missed_after_minutes)
        uow.set_timer(END_OF_SHIFT, visit.visit_id, max(awaited_until, uow.now) + late)
        return
    cared = cared_of(visit)
    around = cared_around(uow.session, visit.carer_id, visit.ended_at - pause, visit.ended_at + pause, visit.visit_id)
    if not goes_on(cared, around, pause):
        carer = uow.one(carers, carer_id=visit.carer_id)
        _record(way_home(cared, place_of(carer.home)), visit, carer.transport, policy, uow)


def recount(command: RecountTravel, uow: UnitOfWork) -> int:
    """The legs of these days reckoned anew; says how many were put right.

    A leg that turned out wrong is taken back by one of the opposite sign: the ledger only grows.
    """
    carer = uow.one(carers, carer_id=command.carer_id)
    policy = policy_on(uow.session, uow.now.date())
    pause = timedelta(minutes=policy.shift_pause_minutes)
    zone = ZoneInfo(carer.home["zone"])
    start = datetime.combine(command.first, datetime.min.time(), zone)
    end = datetime.combine(command.last + timedelta(days=1), datetime.min.time(), zone)
    around = cared_around(uow.session, command.carer_id, start - pause, end + pause, None)
    inside = {each.visit_id for each in around if start <= each.started_at < end}
    now = {
        (leg.visit_id, leg.way): leg for leg in legs_of(around, place_of(carer.home), pause) if leg.visit_id in inside
    }
    before = {(row.visit_id, row.way): row for row in standing_legs(uow.session, inside)}
    changed = 0
    for key in sorted(set(now) | set(before), key=str):
        made, row = now.get(key), before.get(key)
        if made is not None and made.way == "home" and row is None and not _shift_is_over(made.at, pause, uow):
            continue
        if made is not None and row is not None and _same(made, row):
            continue
        if row is not None:
            _take_back(row, uow)
        if made is not None:
            visit = uow.get(Visit, made.visit_id)
            _record([made], visit, carer.transport, policy, uow, number=(row.number if row is not None else 0) + 1)
        changed += 1
    return changed


def way_from_last(visit: Visit, at: datetime, policy: Policy, uow: UnitOfWork) -> Reckoned:
    """The way to a visit for a carer who sets out now: from the visit they just left, else from home."""
    pause = timedelta(minutes=policy.shift_pause_minutes)
    carer = uow.one(carers, carer_id=visit.carer_id)
    left = [
        each
        for each in cared_around(uow.session, visit.carer_id, at - pause, at, visit.visit_id)
        if at - pause <= each.ended_at <= at
    ]
    last = max(left, key=lambda each: each.ended_at, default=None)
    start = last.last_place if last is not None else place_of(carer.home)
    return _reckoned(start, visit.place, carer.transport, at, visit, policy, uow)


def _record(
    made: Iterable[Made], visit: Visit, transport: str, policy: Policy, uow: UnitOfWork, *, number: int = 1
) -> None:
    for leg in made:
        reckoned = _reckoned(leg.start, leg.end, transport, leg.at, visit, policy, uow)
        if reckoned.metres == 0:
            continue
        is_paid, why = paid(leg.way, leg.from_home, reckoned.metres, policy)
        if why is Why.LONGER_THAN_CAN_BE:
            raise_alert(
                uow,
                AlertKind.LEG_TOO_LONG,
                visit.carer_id,
                Severity.LOW,
                visit=visit,
                facts={"metres": reckoned.metres, "from": leg.start.area, "to": leg.end.area},
            )
        # The time of a leg within a visit is the visit's own.
        minutes = 0 if leg.way.startswith(WITHIN) else reckoned.minutes
        actual = None
        if leg.set_out_at is not None and leg.set_out_at < leg.at:
            actual = int((leg.at - leg.set_out_at).total_seconds()) // 60
        facts: dict[str, Any] = {
            "travel_leg_id": uow.new_id(),
            "desk_id": visit.desk_id,
            "carer_id": visit.carer_id,
            "visit_id": visit.visit_id,
            "on": leg.at.astimezone(ZoneInfo(visit.zone)).date(),
            "metres": reckoned.metres,
            "minutes": minutes,
            "mode": transport,
            "how": reckoned.how,
            "paid": is_paid,
            "why": why.value,
        }
        uow.session.execute(
            insert(travel_legs).values(
                **facts,
                family_id=leg.family_id,
                way=leg.way,
                number=number,
                at=leg.at,
                from_place=_point(leg.start),
                to_place=_point(leg.end),
                actual_minutes=actual,
                reckoned=dict(reckoned.numbers),
            )
        )
        uow.record(TravelRecorded(version=1, **facts))


def _take_back(row: Any, uow: UnitOfWork) -> None:
    facts = {
        "travel_leg_id": uow.new_id(),
        "desk_id": row.desk_id,
        "carer_id": row.carer_id,
        "visit_id": row.visit_id,
        "on": row.on,
        "metres": -row.metres,
        "minutes": -row.minutes,
        "mode": row.mode,
        "how": f"takes back: {row.how}",
        "paid": row.paid,
        "why": row.why,
    }
    uow.session.execute(
        insert(travel_legs).values(
            **facts,
            family_id=row.family_id,
            way=row.way,
            number=-row.number,
            takes_back=row.travel_leg_id,
            at=row.at,
            from_place=row.from_place,
            to_place=row.to_place,
            actual_minutes=None if row.actual_minutes is None else -row.actual_minutes,
            reckoned=row.reckoned,
        )
    )
    uow.record(TravelRecorded(version=1, **facts))


def _reckoned(
    start: Place, end: Place, transport: str, at: datetime, visit: Visit, policy: Policy, uow: UnitOfWork
) -> Reckoned:
    if start.place_id == end.place_id:
        return Reckoned(metres=0, minutes=0, how="the same place", numbers={})
    desk = uow.session.execute(select(desks).where(desks.c.desk_id == visit.desk_id)).one()
    rules = desk_rules_on(desk.country, at.astimezone(ZoneInfo(visit.zone)).date(), policy)
    mode = TransportMode(transport)
    if not policy.measure_routes:
        return reckon(start, end, mode, rules.travel, None)
    route, wanted = route_between(uow.session, start, end, transport)
    return reckon(start, end, mode, rules.travel, route, wanted=wanted)


def _same(made: Made, row: Any) -> bool:
    """Whether a leg still goes from where it went to where it went; how far that is was reckoned then and stays."""
    before: tuple[str, str] = (row.from_place["place_id"], row.to_place["place_id"])
    return (str(made.start.place_id), str(made.end.place_id)) == before


def _shift_is_over(ended_at: datetime, pause: timedelta, uow: UnitOfWork) -> bool:
    return ended_at + pause <= uow.now


def _point(place: Place) -> dict[str, Any]:
    return {
        "place_id": str(place.place_id),
        "latitude": place.latitude,
        "longitude": place.longitude,
        "area": place.area,
    }
