"""Legs of travel as a desk or the carer reads them, and what they add up to."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Date, String, case, cast, func, select
from sqlalchemy.orm import Session

from services.roster.queries.ranges import check_range
from services.roster.tables.travel import travel_legs
from shared.domain.errors import Invalid

_PAID_METRES = func.coalesce(func.sum(case((travel_legs.c.paid, travel_legs.c.metres), else_=0)), 0)
_PAID_MINUTES = func.coalesce(func.sum(case((travel_legs.c.paid, travel_legs.c.minutes), else_=0)), 0)
_BY = {
    "visit": cast(travel_legs.c.visit_id, String),
    "carer": cast(travel_legs.c.carer_id, String),
    "family": cast(travel_legs.c.family_id, String),
    "month": func.to_char(cast(travel_legs.c.on, Date), "YYYY-MM"),
}


def legs_between(session: Session, start: datetime, end: datetime, carer_id: UUID | None) -> dict[str, Any]:
    """Legs made from then to then, in order, with their totals. Raises Invalid for a range too long."""
    check_range(start, end)
    statement = select(travel_legs).where(travel_legs.c.at >= start, travel_legs.c.at < end)
    if carer_id is not None:
        statement = statement.where(travel_legs.c.carer_id == carer_id)
    rows = [
        dict(row)
        for row in session.execute(
            statement.order_by(travel_legs.c.at, travel_legs.c.visit_id, travel_legs.c.travel_leg_id)
        ).mappings()
    ]
    return {
        "rows": rows,
        "metres": sum(row["metres"] for row in rows),
        "minutes": sum(row["minutes"] for row in rows),
        "paid_metres": sum(row["metres"] for row in rows if row["paid"]),
        "paid_minutes": sum(row["minutes"] for row in rows if row["paid"]),
    }


def sums_between(
    session: Session, start: datetime, end: datetime, by: str, carer_id: UUID | None = None
) -> list[dict[str, Any]]:
    """What legs add up to per visit, carer, family or month: always from the legs. Raises Invalid."""
    check_range(start, end)
    if by not in _BY:
        raise Invalid(f"Legs are added up by {', '.join(_BY)}.", pointer="#/by")
    key = _BY[by].label("key")
    statement = (
        select(
            key,
            func.sum(travel_legs.c.metres).label("metres"),
            func.sum(travel_legs.c.minutes).label("minutes"),
            _PAID_METRES.label("paid_metres"),
            _PAID_MINUTES.label("paid_minutes"),
            func.count().label("legs"),
        )
        .where(travel_legs.c.at >= start, travel_legs.c.at < end)
        .group_by(key)
        .order_by(key)
    )
    if carer_id is not None:
        statement = statement.where(travel_legs.c.carer_id == carer_id)
    return [dict(row) for row in session.execute(statement).mappings()]
