"""Where a carer was, visit after visit, and how far it is between places as far as that was measured."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from services.roster.domain.routes import route_key
from services.roster.domain.travel import Cared, Route
from services.roster.domain.visit import Visit
from services.roster.queries.calendars import place_of
from services.roster.tables.travel import routes, travel_legs
from services.roster.tables.visits import visits
from shared.domain.values import Place

# A check-out that was forgotten counts as made at the agreed end.
_left_at = func.coalesce(visits.c.ended_at, visits.c.ends_at)


def cared_around(session: Session, carer_id: UUID, start: datetime, end: datetime, besides: UUID | None) -> list[Cared]:
    """The carer's visits that were begun and reach into this time, in order."""
    statement = select(visits).where(
        visits.c.carer_id == carer_id,
        visits.c.started_at.is_not(None),
        visits.c.started_at <= end,
        _left_at >= start,
    )
    if besides is not None:
        statement = statement.where(visits.c.visit_id != besides)
    rows = session.execute(statement.order_by(visits.c.started_at, visits.c.visit_id)).all()
    return [cared_of(row) for row in rows]


def cared_of(visit: Visit | Row[Any]) -> Cared:
    """A visit as its carer made it: where it began, what lay on the way, where it ended."""
    assert visit.started_at is not None
    place = Place(
        place_id=visit.place_id,
        latitude=visit.latitude,
        longitude=visit.longitude,
        zone=visit.zone,
        area=visit.area,
    )
    placed = [leg for leg in visit.legs if leg.get("place") is not None]
    fetched = bool(placed) and datetime.fromisoformat(placed[0]["at"]) <= visit.starts_at
    brought = bool(placed) and datetime.fromisoformat(placed[-1]["at"]) >= visit.ends_at
    stops = [place_of(leg["place"]) for leg in placed]
    first = stops[0] if fetched else place
    last = stops[-1] if brought else place
    between = stops[1 if fetched else 0 : len(stops) - 1 if brought else len(stops)]
    return Cared(
        visit_id=visit.visit_id,
        family_id=visit.family_id,
        started_at=visit.started_at,
        ended_at=visit.ended_at or max(visit.ends_at, visit.started_at),
        place=place,
        first_place=first,
        last_place=last,
        stops=_stops(place, first, last, between),
        set_out_at=visit.set_out_at,
    )


def route_between(session: Session, start: Place, end: Place, mode: str) -> tuple[Route | None, str | None]:
    """The way an engine measured, or why there is none."""
    row = session.execute(
        select(routes).where(
            routes.c.from_key == route_key(start.latitude, start.longitude),
            routes.c.to_key == route_key(end.latitude, end.longitude),
            routes.c.mode == mode,
        )
    ).one_or_none()
    if row is None:
        return None, "no engine was asked yet"
    if row.metres is None:
        return None, row.trouble or f"{row.engine} knows no way"
    return Route(metres=row.metres, seconds=row.seconds, engine=row.engine), None


def standing_legs(session: Session, visit_ids: Iterable[UUID]) -> Sequence[Any]:
    """The legs of these visits that hold: recorded, and not taken back since."""
    taken_back = select(travel_legs.c.takes_back).where(travel_legs.c.takes_back.is_not(None))
    return session.execute(
        select(travel_legs)
        .where(
            travel_legs.c.visit_id.in_(sorted(visit_ids)),
            travel_legs.c.takes_back.is_(None),
            travel_legs.c.travel_leg_id.not_in(taken_back),
        )
        .order_by(travel_legs.c.at, travel_legs.c.travel_leg_id)
    ).all()


def _stops(place: Place, first: Place, last: Place, stops: list[Place]) -> tuple[Place, ...]:
    """What lies between the first place and the last: after fetching and before bringing the carer is at the visit's."""
    between: list[Place] = []
    if first.place_id != place.place_id:
        between.append(place)
    between += stops
    if last.place_id != place.place_id and (not between or between[-1].place_id != place.place_id):
        between.append(place)
    return tuple(between)
