"""Legs of travel as a desk or the carer reads them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.roster.queries.ranges import check_range
from services.roster.tables import travel_legs


def legs_between(session: Session, start: datetime, end: datetime, carer_id: UUID | None) -> list[dict[str, Any]]:
    """Legs made from then to then, in order. Raises Invalid for a range too long."""
    check_range(start, end)
    statement = select(travel_legs).where(travel_legs.c.at >= start, travel_legs.c.at < end)
    if carer_id is not None:
        statement = statement.where(travel_legs.c.carer_id == carer_id)
    rows = session.execute(statement.order_by(travel_legs.c.at, travel_legs.c.travel_leg_id)).mappings()
    return [dict(row) for row in rows]
