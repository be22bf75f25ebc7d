"""What a family may see of what is held about it: who read its children's data, who may come unmet, everything."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, and_, func, or_, select
from sqlalchemy.orm import Session

from services.request.queries.cursors import id_of
from services.request.tables import (
    METADATA,
    access_log,
    care_requests,
    children,
    displacements,
    families,
    introduction_waivers,
    visits,
)
from shared.domain.errors import NotFound

# Rows that are about the desk, not about anybody.
_OF_THE_DESK = frozenset(
    {"desks", "carers", "policies", "priority_orders", "rule_refinements", "school_breaks", "school_years", "referrers"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRead:
    """Somebody read data of these children."""

    access_id: UUID
    at: datetime
    role: str | None
    account_id: UUID | None
    what: str
    child_ids: Sequence[UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverRead:
    """A first meeting that was skipped, because of which emergency or on whose word."""

    care_request_id: UUID
    carer_id: UUID | None
    because: str
    said_by: str
    said_at: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DisplacementRead:
    """A carer the family gave up for a more urgent need, on whose word."""

    visit_id: UUID
    carer_id: UUID
    then: str
    said_by: str
    said_at: datetime
    recorded_at: datetime


def accesses_page(
    session: Session, family_id: UUID, after: str | None, limit: int
) -> tuple[list[AccessRead], str | None]:
    """Who read data of this family's children, the latest first. Raises NotFound."""
    _check_ours(session, family_id)
    ids = list(session.execute(select(children.c.child_id).where(children.c.family_id == family_id)).scalars())
    query = select(access_log).where(access_log.c.child_ids.overlap(ids))
    order = (access_log.c.at.desc(), access_log.c.access_id)
    if after is not None:
        last = session.execute(
            select(access_log.c.at).where(access_log.c.access_id == id_of(after))
        ).scalar_one_or_none()
        if last is not None:
            query = query.where(
                or_(
                    access_log.c.at < last,
                    and_(access_log.c.at == last, access_log.c.access_id > id_of(after)),
                )
            )
    rows = session.execute(query.order_by(*order).limit(limit + 1)).all()
    found = [
        AccessRead(
            access_id=row.access_id,
            at=row.at,
            role=row.role,
            account_id=row.account_id,
            what=row.what,
            # Whom else of another family the same reading showed is not this one's to know.
            child_ids=[child_id for child_id in row.child_ids if child_id in ids],
        )
        for row in rows[:limit]
    ]
    return found, str(found[-1].access_id) if len(rows) > limit else None


def waivers(session: Session, family_id: UUID) -> list[WaiverRead]:
    """First meetings that were skipped, the latest first. Raises NotFound."""
    _check_ours(session, family_id)
    rows = session.execute(
        select(introduction_waivers)
        .where(introduction_waivers.c.family_id == family_id)
        .order_by(introduction_waivers.c.recorded_at.desc(), introduction_waivers.c.waiver_id)
    ).mappings()
    left_out = ("waiver_id", "desk_id", "family_id", "recorded_by")
    return [WaiverRead(**{n: v for n, v in row.items() if n not in left_out}) for row in rows]


def displaced(session: Session, family_id: UUID) -> list[DisplacementRead]:
    """Carers the family gave up, the latest first. Raises NotFound."""
    _check_ours(session, family_id)
    rows = session.execute(
        select(displacements)
        .where(displacements.c.family_id == family_id)
        .order_by(displacements.c.recorded_at.desc(), displacements.c.displacement_id)
    ).mappings()
    kept = ("visit_id", "carer_id", "then", "said_by", "said_at", "recorded_at")
    return [DisplacementRead(**{n: row[n] for n in kept}) for row in rows]


def everything(session: Session, family_id: UUID) -> dict[str, list[dict[str, Any]]]:
    """Every row this service holds about a family, by table. Raises NotFound."""
    _check_ours(session, family_id)
    found = {}
    for table in METADATA.sorted_tables:
        about = _about(table, family_id)
        if about is not None:
            rows = session.execute(select(table).where(about)).mappings()
            found[table.name] = [{name: value for name, value in row.items() if name != "desk_id"} for row in rows]
    return {name: rows for name, rows in found.items() if rows}


def _check_ours(session: Session, family_id: UUID) -> None:
    if session.execute(select(families.c.family_id).where(families.c.family_id == family_id)).first() is None:
        raise NotFound(f"There is no family {family_id} at this desk.")


def _about(table: Table, family_id: UUID) -> Any:
    """Which rows of a table are about this family: by its own id, a child's, a request's or a visit's."""
    if table.name in _OF_THE_DESK:
        return None
    columns: Any = table.c
    its_requests = select(care_requests.c.care_request_id).where(care_requests.c.family_id == family_id)
    its_visits = select(visits.c.visit_id).where(visits.c.care_request_id.in_(its_requests))
    its_children = select(children.c.child_id).where(children.c.family_id == family_id)
    if "family_id" in columns:
        return columns.family_id == family_id
    if "care_request_id" in columns:
        return columns.care_request_id.in_(its_requests)
    if "visit_id" in columns:
        return columns.visit_id.in_(its_visits)
    if "child_ids" in columns:
        return columns.child_ids.overlap(func.array(its_children.scalar_subquery()))
    return None
