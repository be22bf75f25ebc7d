"""The roster as people read it: visits with their carer, family and children."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, select
from sqlalchemy.orm import Session

from services.roster.domain.visit import HOLDING, State
from services.roster.queries.ranges import check_range
from services.roster.tables import carers, families, visit_history, visit_terms, visits
from shared.jurisdictions.packs import CareMode

# A visit that was taken back or never had is nobody's; a cancelled one is still told to whom it was.
ON_ROSTER = (*(state.value for state in HOLDING), State.CANCELLED.value)


def roster_of(
    session: Session, start: datetime, end: datetime, carer_id: UUID | None, *, theirs: bool = False
) -> list[dict[str, Any]]:
    """Visits that lie in or reach into the time, in order; a carer's own with address and what is to know of the children.

    Raises Invalid for a range too long.
    """
    check_range(start, end)
    statement = _visits().where(visits.c.starts_at < end, visits.c.ends_at > start, visits.c.state.in_(ON_ROSTER))
    if carer_id is not None:
        statement = statement.where(visits.c.carer_id == carer_id)
    rows = session.execute(statement.order_by(visits.c.starts_at, visits.c.visit_id)).all()
    return [_card(row) if theirs else _line(row) for row in rows]


def card_of(session: Session, visit_id: UUID) -> dict[str, Any] | None:
    """One visit with all that is needed at the door, or None."""
    row = session.execute(_visits().where(visits.c.visit_id == visit_id)).one_or_none()
    return _card(row) if row is not None else None


def history_of(session: Session, visit_id: UUID) -> Sequence[dict[str, Any]]:
    """What was known of the visit when, oldest first."""
    rows = session.execute(
        select(visit_history)
        .where(visit_history.c.visit_id == visit_id)
        .order_by(visit_history.c.version, visit_history.c.at, visit_history.c.entry_id)
    ).mappings()
    return [dict(row) for row in rows]


def _visits() -> Select[Any]:
    return select(
        visits,
        carers.c.first_name,
        carers.c.last_name,
        carers.c.phone.label("carer_phone"),
        carers.c.home.label("carer_home"),
        families.c.name.label("family_name"),
        families.c.phone.label("family_phone"),
        families.c.children,
        visit_terms.c.place.label("asked_place"),
    ).select_from(
        visits.join(carers, and_(carers.c.desk_id == visits.c.desk_id, carers.c.carer_id == visits.c.carer_id))
        .join(families, families.c.family_id == visits.c.family_id)
        .join(visit_terms, visit_terms.c.visit_id == visits.c.visit_id)
    )


def _line(row: Row[Any]) -> dict[str, Any]:
    return {
        "visit_id": row.visit_id,
        "version": row.version,
        "state": row.state,
        "alert": row.alert,
        "start": row.starts_at,
        "end": row.ends_at,
        "zone": row.zone,
        "started_at": row.started_at,
        "ended_at": row.ended_at,
        "mode": row.mode,
        "area": row.area,
        "shared_care_id": row.shared_care_id,
        "carer": {"carer_id": row.carer_id, "first_name": row.first_name, "last_name": row.last_name},
        "family": {"family_id": row.family_id, "name": row.family_name},
        "children": [child["first_name"] for child in _children(row)],
    }


def _card(row: Row[Any]) -> dict[str, Any]:
    at_home = row.mode == CareMode.CARER_HOME
    place = row.carer_home if at_home else row.asked_place
    return {
        **_line(row),
        "family": {"family_id": row.family_id, "name": row.family_name, "phone": row.family_phone},
        "children": _children(row),
        "address": place["address"] if place else None,
        "latitude": row.latitude,
        "longitude": row.longitude,
        "check_in": row.check_in,
        "check_out": row.check_out,
    }


def _children(row: Row[Any]) -> list[dict[str, Any]]:
    asked = {str(child_id) for child_id in row.child_ids}
    return [child for child in row.children if child["child_id"] in asked]
