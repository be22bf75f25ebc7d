"""What holds a carer, at this desk and, without saying whose, at others."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, func, select, text
from sqlalchemy.orm import Session

from services.roster.domain.calendar import REACH, CarerNow, Held
from services.roster.domain.credential import counting
from services.roster.domain.routes import route_key
from services.roster.domain.visit_terms import HOLDING, Terms
from services.roster.queries.facts import papers_of
from services.roster.tables.carers import absences, carers
from services.roster.tables.travel import routes
from services.roster.tables.visits import visits
from shared.domain.values import Place, TimeWindow
from shared.domain.working_time import Worked, week_of

# An average looks at so many weeks before and after.
_WEEKS = timedelta(weeks=17)
_HELD = [state.value for state in HOLDING]


def carer_now(session: Session, carer_id: UUID) -> CarerNow | None:
    """The carer as this desk knows them; of papers those that count."""
    row = session.execute(_CARER, {"carer_id": carer_id}).one_or_none()
    if row is None:
        return None
    return CarerNow(
        home=place_of(row.home),
        modes=tuple(row.modes),
        transport=row.transport,
        credentials=counting(papers_of(session, carer_id)),
        own_children_born=tuple(row.own_children_born),
        cleared_on=row.cleared_on,
        left_on=row.left_on,
        assistant=row.assistant,
    )


def holding(
    session: Session, carer_id: UUID, start: datetime, end: datetime, besides: Sequence[UUID]
) -> tuple[list[Held], list[TimeWindow]]:
    """The visits that hold the carer around this time, at every desk, and the times they are away altogether."""
    reach = {"carer_id": carer_id, "start": start - REACH, "end": end + REACH}
    own = session.execute(_OWN, {**reach, "besides": list(besides)}).all()
    away = session.execute(_AWAY, {"carer_id": carer_id, "start": start, "end": end}).all()
    elsewhere = session.execute(_ELSEWHERE, reach).all()
    held = [_own(row) for row in own] + [_other(row) for row in elsewhere if row.place_id is not None]
    windows = [TimeWindow(row.starts_at, row.ends_at) for row in [*away, *_absent(elsewhere)]]
    return held, windows


def worked_around(session: Session, terms: Terms, besides: Sequence[UUID]) -> Worked:
    """The minutes the carer works in each week around the visit, at every desk, its own not."""
    facts = {
        "carer_id": terms.carer_id,
        "start": terms.starts_at - _WEEKS,
        "end": terms.starts_at + _WEEKS,
        "zone": terms.zone,
        "besides": list(besides),
    }
    by_week: dict[date, int] = {}
    for row in [*session.execute(_BY_WEEK, facts), *session.execute(_BY_WEEK_ELSEWHERE, facts)]:
        by_week[row.monday] = by_week.get(row.monday, 0) + int(row.minutes)
    monday = week_of(terms.starts_at, terms.zone)
    return Worked(by_week={week: minutes for week, minutes in by_week.items() if abs(week - monday) <= _WEEKS})


def measured_ways(session: Session, carer: CarerNow, held: Iterable[Held]) -> Mapping[tuple[UUID, UUID], int]:
    """The minutes between these places and the carer's home, as far as an engine measured them."""
    places = {carer.home.place_id: carer.home}
    for each in held:
        places |= {place.place_id: place for place in (each.first_place, each.last_place)}
    keys = {route_key(place.latitude, place.longitude): place_id for place_id, place in places.items()}
    rows = session.execute(
        select(routes).where(
            routes.c.mode == carer.transport,
            routes.c.seconds.is_not(None),
            routes.c.from_key.in_(list(keys)),
            routes.c.to_key.in_(list(keys)),
        )
    )
    return {(keys[row.from_key], keys[row.to_key]): -(-row.seconds // 60) for row in rows}


def held_of(terms: Terms) -> Held:
    """The visit as it would be held: on its own clock, since days, and with them papers and ages, are those of its zone."""
    place = terms.place
    return Held(
        window=TimeWindow(terms.starts_at, terms.ends_at),
        place=_in_zone(place, terms.zone),
        mode=terms.mode,
        children=tuple(zip(terms.child_ids, terms.children_born, strict=True)),
        family_id=terms.family_id,
        shared_care_id=terms.shared_care_id,
        **_ends(terms.legs, terms.starts_at, terms.ends_at),
    )


def place_of(facts: dict[str, Any]) -> Place:
    """A place as its copy keeps it."""
    return Place(
        place_id=UUID(facts["place_id"]),
        latitude=facts["latitude"],
        longitude=facts["longitude"],
        zone=facts["zone"],
        area=facts["area"],
        address=facts.get("address"),
    )


def _in_zone(place: Place, zone: str) -> Place:
    return Place(
        place_id=place.place_id, latitude=place.latitude, longitude=place.longitude, zone=zone, area=place.area
    )


def _ends(legs: Sequence[Mapping[str, Any]], start: datetime, end: datetime) -> dict[str, Any]:
    """Where the visit begins or ends, if a child is fetched with its first minute or brought with its last."""
    found: dict[str, Any] = {}
    placed = [leg for leg in legs if leg.get("place") is not None]
    if placed and datetime.fromisoformat(placed[0]["at"]) <= start:
        found["begins_at"] = place_of(placed[0]["place"])
    if placed and datetime.fromisoformat(placed[-1]["at"]) >= end:
        found["ends_at"] = place_of(placed[-1]["place"])
    return found


def _own(row: Row[Any]) -> Held:
    return Held(
        window=TimeWindow(row.starts_at, row.held_until),
        place=Place(
            place_id=row.place_id, latitude=row.latitude, longitude=row.longitude, zone=row.zone, area=row.area
        ),
        mode=row.mode,
        children=tuple(zip(row.child_ids, row.children_born, strict=False)),
        family_id=row.family_id,
        shared_care_id=row.shared_care_id,
        **_ends(row.legs, row.starts_at, row.ends_at),
    )


def _other(row: Row[Any]) -> Held:
    # Whose children they are is not told here; numbers stand for them, so that each counts once.
    first = row.place_id.int ^ int(row.starts_at.timestamp()) ^ (int(row.ends_at.timestamp()) << 64)
    children = tuple((UUID(int=(first + n) % 2**128), born) for n, born in enumerate(row.children_born))
    return Held(
        window=TimeWindow(row.starts_at, row.ends_at),
        place=Place(place_id=row.place_id, latitude=row.latitude, longitude=row.longitude, zone="UTC", area=""),
        mode=row.mode,
        children=children,
    )


def _absent(elsewhere: Sequence[Row[Any]]) -> list[Row[Any]]:
    return [row for row in elsewhere if row.place_id is None]


# Every booking asks these; building a statement takes longer than running it.
_CARER = select(carers).where(carers.c.carer_id == bindparam("carer_id"))
_OWN = (
    select(visits)
    .where(
        visits.c.carer_id == bindparam("carer_id"),
        visits.c.visit_id.not_in(bindparam("besides", expanding=True)),
        visits.c.state.in_(_HELD),
        visits.c.during.op("&&")(func.tstzrange(bindparam("start"), bindparam("end"))),
    )
    .order_by(visits.c.starts_at, visits.c.visit_id)
)
_AWAY = (
    select(absences)
    .where(
        absences.c.carer_id == bindparam("carer_id"),
        absences.c.starts_at < bindparam("end"),
        absences.c.ends_at > bindparam("start"),
    )
    .order_by(absences.c.starts_at, absences.c.absence_id)
)
_ELSEWHERE = text("SELECT * FROM busy_at_other_desks(:carer_id, :start, :end)")
_BY_WEEK = text(
    """
    WITH care AS (
        SELECT unnest(range_agg(tstzrange(starts_at, held_until))) AS during FROM visits
        WHERE carer_id = :carer_id AND starts_at BETWEEN :start AND :end AND visit_id <> ALL(:besides)
            AND state IN ('rostered', 'on_the_way', 'started', 'completed')
    )
    SELECT date_trunc('week', lower(during) AT TIME ZONE :zone)::date AS monday,
        sum(extract(epoch FROM upper(during) - lower(during)) / 60)::int AS minutes
    FROM care GROUP BY 1
    UNION ALL
    SELECT date_trunc('week', "on")::date, sum(minutes)::int FROM travel_legs
    WHERE carer_id = :carer_id AND at BETWEEN :start AND :end AND way <> 'within' GROUP BY 1
    """
)
_BY_WEEK_ELSEWHERE = text("SELECT * FROM worked_at_other_desks(:carer_id, :start, :end, :zone)")
