"""Occasional places with how long they have lasted, and who could be asked to give up a carer for a more urgent need."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.request.domain.care_request import RequestState
from services.request.domain.care_terms import PlanKind
from services.request.domain.progress import VisitState
from services.request.domain.visit import VisitKind
from services.request.tables import care_requests, families, visit_progress, visits
from shared.domain.errors import NotFound

_HELD = (VisitState.ACCEPTED, VisitState.CERTAIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceRead:
    """A place that is for a limited time: since when it has been used, and when it ends."""

    care_request_id: UUID
    family_id: UUID
    family_name: str
    plan: str
    first_day: date | None
    days: int | None
    expires_on: date | None
    days_left: int | None
    visits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DisplaceableRead:
    """A visit whose family could be asked to give up its carer."""

    visit_id: UUID
    care_request_id: UUID
    family_id: UUID
    family_name: str
    carer_id: UUID
    start: datetime
    end: datetime
    priority: int


def limited_places(session: Session, today: date) -> list[PlaceRead]:
    """Open places that are not regular, the longest used first."""
    first = func.min(visits.c.local_date)
    rows = session.execute(
        select(
            care_requests.c.care_request_id,
            care_requests.c.family_id,
            families.c.name,
            care_requests.c.plan,
            care_requests.c.expires_on,
            first.label("first_day"),
            func.count(visits.c.visit_id).label("visits"),
        )
        .join(families, families.c.family_id == care_requests.c.family_id)
        .outerjoin(
            visits, (visits.c.care_request_id == care_requests.c.care_request_id) & visits.c.removed_at.is_(None)
        )
        .where(care_requests.c.state == RequestState.OPEN, care_requests.c.plan != PlanKind.REGULAR)
        .group_by(care_requests.c.care_request_id, families.c.family_id)
        .order_by(first.nulls_last(), care_requests.c.care_request_id)
    )
    return [
        PlaceRead(
            care_request_id=row.care_request_id,
            family_id=row.family_id,
            family_name=row.name,
            plan=row.plan,
            first_day=row.first_day,
            days=max((today - row.first_day).days, 0) if row.first_day else None,
            expires_on=row.expires_on,
            days_left=(row.expires_on - today).days if row.expires_on else None,
            visits=row.visits,
        )
        for row in rows
    ]


def displaceable(session: Session, visit_id: UUID) -> Sequence[DisplaceableRead]:
    """Visits at the same time that somebody has, are not regular, and whose request is behind this one's by the desk's order.

    Raises NotFound.
    """
    urgent = session.execute(
        select(visits.c.starts_at, visits.c.ends_at, care_requests.c.priority, care_requests.c.care_request_id)
        .join(care_requests, care_requests.c.care_request_id == visits.c.care_request_id)
        .where(visits.c.visit_id == visit_id)
    ).one_or_none()
    if urgent is None:
        raise NotFound("There is no such visit at this desk.")
    rows = session.execute(
        select(visits, care_requests.c.family_id, care_requests.c.priority, families.c.name, visit_progress.c.carer_id)
        .join(care_requests, care_requests.c.care_request_id == visits.c.care_request_id)
        .join(families, families.c.family_id == care_requests.c.family_id)
        .join(visit_progress, visit_progress.c.visit_id == visits.c.visit_id)
        .where(
            visits.c.starts_at < urgent.ends_at,
            visits.c.ends_at > urgent.starts_at,
            visits.c.kind == VisitKind.CARE,
            visits.c.care_request_id != urgent.care_request_id,
            visit_progress.c.state.in_(_HELD),
            visit_progress.c.carer_id.is_not(None),
            care_requests.c.priority < urgent.priority,
            care_requests.c.occasional,
        )
        .order_by(care_requests.c.priority, visits.c.starts_at, visits.c.visit_id)
    )
    return [
        DisplaceableRead(
            visit_id=row.visit_id,
            care_request_id=row.care_request_id,
            family_id=row.family_id,
            family_name=row.name,
            carer_id=row.carer_id,
            start=row.starts_at,
            end=row.ends_at,
            priority=row.priority,
        )
        for row in rows
    ]
