"""What a visit is, put together from what the family asked for and what a carer agreed to."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.roster.domain.carer import Mode
from services.roster.domain.visit import Visit
from services.roster.domain.visit_terms import Terms
from services.roster.queries.calendars import place_of
from services.roster.tables.carers import carers


def terms_of(session: Session, assignment: Any, row: Any, family: Any) -> Terms:
    """The terms a carer said yes to: mode and times as agreed where the family left them open."""
    born = {UUID(child["child_id"]): date.fromisoformat(child["born"]) for child in family.children}
    children = [child_id for child_id in row.child_ids if child_id in born]
    open_mode = row.mode not in tuple(Mode)
    mode = assignment.mode or (Mode.FAMILY_HOME.value if open_mode else row.mode)
    return Terms(
        visit_version=assignment.visit_version,
        family_id=row.family_id,
        carer_id=assignment.carer_id,
        mode=mode,
        starts_at=assignment.starts_at or row.starts_at,
        ends_at=assignment.ends_at or row.ends_at,
        zone=row.zone,
        place=where_of(session, assignment.carer_id, mode, row.place),
        shared_care_id=row.shared_care_id,
        child_ids=tuple(children),
        children_born=tuple(born[child_id] for child_id in children),
        kind=row.kind,
        legs=tuple(row.legs),
        urgent=row.urgent,
    )


def where_of(session: Session, carer_id: UUID, mode: str, asked: Any) -> Any:
    """The carer's home, or where the family asked for it.

    An erased family's place is gone; its visit is refused, and the carer's home stands in for the row's sake.
    """
    if mode != Mode.CARER_HOME and asked is not None:
        return place_of(asked)
    home = session.execute(select(carers.c.home).where(carers.c.carer_id == carer_id)).scalar_one()
    return place_of(home)


def held_terms(
    visit: Visit, *, carer_id: UUID | None = None, place: Any = None, ends_at: datetime | None = None
) -> Terms:
    """A visit that is held, as terms: with another carer at their place, or with a later end."""
    return Terms(
        visit_version=visit.visit_version,
        family_id=visit.family_id,
        carer_id=carer_id or visit.carer_id,
        mode=visit.mode,
        starts_at=visit.starts_at,
        ends_at=ends_at or visit.ends_at,
        zone=visit.zone,
        place=place or visit.place,
        shared_care_id=visit.shared_care_id,
        child_ids=tuple(visit.child_ids),
        children_born=tuple(visit.children_born),
        kind=visit.kind,
        legs=tuple(visit.legs),
        urgent=visit.urgent,
    )
