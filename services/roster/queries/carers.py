"""Carers as a desk reads them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session

from services.roster.domain.credential import REMINDED_DAYS
from services.roster.domain.onboarding import BEFORE_CLEARED
from services.roster.queries.availability import rotation_of
from services.roster.queries.facts import papers_of
from services.roster.tables.carers import (
    absences,
    availabilities,
    carer_history,
    carer_photos,
    carers,
    credentials,
    onboarding_steps,
)
from shared.domain.errors import Invalid, NotFound


def find_carers(
    session: Session, q: str | None, standing: str, now: datetime, after: str | None, limit: int
) -> list[dict[str, Any]]:
    """Carers by last name, those whose name holds `q`; one more than the page, to know of the next. Raises Invalid."""
    statement = _standing(_lines(), standing, now).order_by(carers.c.last_name, carers.c.first_name, carers.c.carer_id)
    if q:
        name = func.lower(carers.c.first_name + " " + carers.c.last_name)
        statement = statement.where(name.contains(q.lower(), autoescape=True))
    if after is not None:
        statement = statement.where(
            tuple_(carers.c.last_name, carers.c.first_name, carers.c.carer_id) > _row_of(session, after)
        )
    return [_line(row) for row in session.execute(statement.limit(limit + 1)).all()]


def carer_by_id(session: Session, carer_id: UUID, now: datetime) -> dict[str, Any]:
    """Everything of one carer: facts, papers, steps, week, absences not over yet. Raises NotFound."""
    row = carer_named(session, carer_id)
    week = session.execute(select(availabilities).where(availabilities.c.carer_id == carer_id)).one_or_none()
    steps = session.execute(
        select(onboarding_steps)
        .where(onboarding_steps.c.carer_id == carer_id)
        .order_by(onboarding_steps.c.on, onboarding_steps.c.step)
    ).mappings()
    done = [dict(step) for step in steps]
    return {
        **_line(row),
        **_wishes(row),
        "own_children_born": row.own_children_born,
        "pets": row.pets,
        "smoker": row.smoker,
        "assistant": row.assistant,
        "reference": row.reference,
        "home": row.home,
        "credentials": [dict(paper._mapping) for paper in papers_of(session, carer_id)],
        "steps": done,
        "open_steps": [step.value for step in BEFORE_CLEARED if step not in {each["step"] for each in done}],
        "weekly": rotation_of(week).weekly,
        "absences": absences_of(session, carer_id, now),
    }


def carer_named(session: Session, carer_id: UUID) -> Row[Any]:
    """The carer's row. Raises NotFound."""
    row = session.execute(_lines().where(carers.c.carer_id == carer_id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no carer {carer_id} at this desk.")
    return row


def wishes_of(session: Session, carer_id: UUID) -> dict[str, Any]:
    """What the carer chose for themself. Raises NotFound."""
    return _wishes(carer_named(session, carer_id))


def absences_of(session: Session, carer_id: UUID, now: datetime) -> list[dict[str, Any]]:
    """When the carer is away, from now on."""
    away = session.execute(
        select(absences)
        .where(absences.c.carer_id == carer_id, absences.c.ends_at > now)
        .order_by(absences.c.starts_at, absences.c.absence_id)
    ).all()
    return [
        {
            "absence_id": each.absence_id,
            "start": each.starts_at,
            "end": each.ends_at,
            "reason": each.reason,
            "returned_at": each.returned_at,
        }
        for each in away
    ]


def history_of(session: Session, carer_id: UUID) -> Sequence[dict[str, Any]]:
    """What was done with the carer, the latest first. Raises NotFound."""
    carer_named(session, carer_id)
    rows = session.execute(
        select(carer_history)
        .where(carer_history.c.carer_id == carer_id)
        .order_by(carer_history.c.at.desc(), carer_history.c.entry_id)
        .limit(200)
    ).mappings()
    return [dict(row) for row in rows]


def photo_of(session: Session, carer_id: UUID) -> tuple[str, bytes]:
    """The carer's photo. Raises NotFound."""
    row = session.execute(
        select(carer_photos.c.media_type, carer_photos.c.body).where(carer_photos.c.carer_id == carer_id)
    ).one_or_none()
    if row is None:
        raise NotFound("There is no photo of this carer.")
    return row.media_type, row.body


def _lines() -> Select[Any]:
    return select(carers, carer_photos.c.given_at.label("photo_at")).join(
        carer_photos,
        and_(carer_photos.c.desk_id == carers.c.desk_id, carer_photos.c.carer_id == carers.c.carer_id),
        isouter=True,
    )


def _standing(statement: Select[Any], standing: str, now: datetime) -> Select[Any]:
    if standing == "left":
        return statement.where(carers.c.left_on.is_not(None))
    statement = statement.where(carers.c.left_on.is_(None))
    if standing == "onboarding":
        return statement.where(carers.c.cleared_on.is_(None))
    if standing == "papers":
        soon = now.date() + timedelta(days=max(REMINDED_DAYS))
        lapsing = exists().where(
            credentials.c.desk_id == carers.c.desk_id,
            credentials.c.carer_id == carers.c.carer_id,
            credentials.c.withdrawn_at.is_(None),
            or_(
                credentials.c.found_good.is_(None),
                and_(
                    credentials.c.found_good, credentials.c.valid_until.between(now.date() - timedelta(days=365), soon)
                ),
            ),
        )
        return statement.where(lapsing)
    return statement


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
        "affiliation": row.affiliation,
        "standby_week_minutes": row.standby_week_minutes,
        "cleared_on": row.cleared_on,
        "left_on": row.left_on,
        "has_photo": row.photo_at is not None,
    }


def _wishes(row: Row[Any]) -> dict[str, Any]:
    return {
        "transport": row.transport,
        "max_distance_km": row.max_distance_km,
        "distances_km": row.distances_km,
        "opt_ins": row.opt_ins,
        "caps": row.caps,
        "smallest": row.smallest,
        "goals": row.goals,
        "excluded_family_ids": row.excluded_family_ids,
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
