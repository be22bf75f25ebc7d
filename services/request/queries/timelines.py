"""A child's one timeline: our visits and the care of others."""

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.request.domain.checks import local_day, start_of_day
from services.request.domain.progress import VisitState
from services.request.domain.timeline import Entry, OtherCareTerms, Timeline, other_entries, timeline
from services.request.domain.visit import VisitKind
from services.request.queries import desk_rules
from services.request.tables import carers, children, families, other_care, visit_progress, visits
from shared.domain.errors import NotFound

_NOT_THERE = (VisitState.WITHDRAWN, VisitState.CANCELLED, VisitState.MISSED)


def child_timeline(
    session: Session,
    desk_id: UUID,
    child_id: UUID,
    now: datetime,
    first: date,
    last: date,
    family_id: UUID | None = None,
) -> Timeline:
    """The child's care from one local day through another. Raises NotFound, also for another family's child."""
    row = session.execute(
        select(children.c.family_id, families.c.zone)
        .join(families, families.c.family_id == children.c.family_id)
        .where(children.c.child_id == child_id, families.c.erased_at.is_(None))
    ).one_or_none()
    if row is None or family_id not in (None, row.family_id):
        raise NotFound("There is no such child here.")
    here = desk_rules.desk(session, desk_id)
    today = local_day(now, row.zone)
    policy = desk_rules.policy_on(session, today)
    off = desk_rules.days_off(session, here.country, today, policy)
    entries = _our_visits(session, child_id, row.zone, first, last)
    for care in session.execute(select(other_care).where(other_care.c.child_id == child_id)):
        terms = OtherCareTerms(
            child_id=child_id,
            name=care.name,
            kind=care.kind,
            pattern=care.pattern,
            place_id=care.place_id,
            funded_minutes_a_week=care.funded_minutes_a_week,
        )
        holidays = off.between(min(first, terms.pattern.starts_on), last)
        entries += other_entries(care.other_care_id, terms, row.zone, first, last, holidays)
    return timeline(entries, row.zone)


def _our_visits(session: Session, child_id: UUID, zone: str, first: date, last: date) -> list[Entry]:
    rows = session.execute(
        select(visits, visit_progress.c.state, carers.c.first_name)
        .join(visit_progress, visit_progress.c.visit_id == visits.c.visit_id)
        .outerjoin(
            carers,
            (carers.c.desk_id == visit_progress.c.desk_id) & (carers.c.carer_id == visit_progress.c.carer_id),
        )
        .where(
            visits.c.child_ids.contains([child_id]),
            visits.c.starts_at < start_of_day(last + timedelta(days=1), zone),
            visits.c.ends_at > start_of_day(first, zone),
            visits.c.kind == VisitKind.CARE,
            visit_progress.c.state.not_in(_NOT_THERE),
        )
    )
    return [
        Entry(
            start=row.starts_at,
            end=row.ends_at,
            who=row.first_name or "",
            kind="care",
            state=row.state,
            visit_id=row.visit_id,
        )
        for row in rows
    ]
