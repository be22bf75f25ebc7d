"""Carers as a desk reads them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, func, select, tuple_
from sqlalchemy.orm import Session

from services.roster.tables import absences, availabilities, carers, credentials
from shared.domain.errors import Invalid, NotFound


def find_carers(session: Session, q: str | None, after: str | None, limit: int) -> list[dict[str, Any]]:
    """Carers by last name, those whose name holds `q`; one more than the page, to know of the next. Raises Invalid."""
    statement = select(carers).order_by(carers.c.last_name, carers.c.first_name, carers.c.carer_id)
    if q:
        name = func.lower(carers.c.first_name + " " + carers.c.last_name)
        statement = statement.where(name.contains(q.lower(), autoescape=True))
    if after is not None:
        statement = statement.where(
            tuple_(carers.c.last_name, carers.c.first_name, carers.c.carer_id) > _row_of(session, after)
        )
    return [_line(row) for row in session.execute(statement.limit(limit + 1)).all()]


def carer_by_id(session: Session, carer_id: UUID, now: datetime) -> dict[str, Any]:
    """Everything of one carer: facts, papers, week, absences not over yet. Raises NotFound."""
    row = session.execute(select(carers).where(carers.c.carer_id == carer_id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no carer {carer_id} at this desk.")
    papers = session.execute(
        select(credentials)
        .where(credentials.c.carer_id == carer_id)
        .order_by(credentials.c.kind, credentials.c.valid_from, credentials.c.credential_id)
    ).mappings()
    weekly = session.execute(
        select(availabilities.c.weekly).where(availabilities.c.carer_id == carer_id)
    ).scalar_one_or_none()
    away = session.execute(
        select(absences)
        .where(absences.c.carer_id == carer_id, absences.c.ends_at > now)
        .order_by(absences.c.starts_at, absences.c.absence_id)
    ).all()
    return {
        **_line(row),
        "max_distance_km": row.max_distance_km,
        "opt_ins": row.opt_ins,
        "own_children_born": row.own_children_born,
        "home": row.home,
        "credentials": [dict(paper) for paper in papers],
        "weekly": weekly or [],
        "absences": [
            {"absence_id": each.absence_id, "start": each.starts_at, "end": each.ends_at, "reason": each.reason}
            for each in away
        ],
    }


def week_of(session: Session, carer_id: UUID) -> dict[str, Any]:
    """When a carer said they are free. Raises NotFound."""
    row = session.execute(
        select(carers.c.home, availabilities.c.weekly)
        .join_from(
            carers,
            availabilities,
            and_(availabilities.c.desk_id == carers.c.desk_id, availabilities.c.carer_id == carers.c.carer_id),
            isouter=True,
        )
        .where(carers.c.carer_id == carer_id)
    ).one_or_none()
    if row is None:
        raise NotFound(f"There is no carer {carer_id} at this desk.")
    return {"zone": row.home["zone"], "weekly": row.weekly or []}


def _line(row: Row[Any]) -> dict[str, Any]:
    return {
        "carer_id": row.carer_id,
        "version": row.version,
        "first_name": row.first_name,
        "last_name": row.last_name,
        "phone": row.phone,
        "email": row.email,
        "modes": row.modes,
        "area": row.home["area"],
        "languages": row.languages,
        "transport": row.transport,
        "skills": row.skills,
    }


def _row_of(session: Session, after: str) -> Any:
    try:
        carer_id = UUID(after)
    except ValueError:
        carer_id = None
    row = session.execute(
        select(carers.c.last_name, carers.c.first_name, carers.c.carer_id).where(carers.c.carer_id == carer_id)
    ).one_or_none()
    if row is None:
        raise Invalid("This is not where a page ended; leave `after` out to begin anew.", pointer="#/after")
    return tuple_(*row)
