"""The register of unmet need: every visit for which nobody was found."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, select, tuple_
from sqlalchemy.orm import Session

from services.request.domain.progress import VisitState
from services.request.queries.cursors import id_of
from services.request.tables import unmet_needs, visit_progress


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonRead:
    """Why nobody: how many carers this rule kept away, or said no."""

    code: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmetRead:
    """A visit for which nobody was found, as it was asked for then, and what became of it since."""

    unmet_id: UUID
    visit_id: UUID
    visit_version: int
    care_request_id: UUID
    family_id: UUID
    starts_at: datetime
    ends_at: datetime
    zone: str
    area: str
    mode: str
    urgent: bool
    children: int
    asked_at: datetime
    reasons: Sequence[ReasonRead]
    recorded_at: datetime
    state_now: VisitState


def unmet_page(session: Session, after: str | None, limit: int) -> tuple[list[UnmetRead], str | None]:
    """The register of unmet need, by the start of the visit."""
    query = (
        select(unmet_needs, visit_progress.c.state.label("state_now"))
        .join(visit_progress, visit_progress.c.visit_id == unmet_needs.c.visit_id)
        .order_by(unmet_needs.c.starts_at, unmet_needs.c.unmet_id)
        .limit(limit + 1)
    )
    if after is not None:
        cursor = select(unmet_needs.c.starts_at, unmet_needs.c.unmet_id).where(unmet_needs.c.unmet_id == id_of(after))
        query = query.where(tuple_(unmet_needs.c.starts_at, unmet_needs.c.unmet_id) > cursor.scalar_subquery())
    rows = session.execute(query).mappings().all()
    found = [_unmet(row) for row in rows[:limit]]
    return found, str(found[-1].unmet_id) if len(rows) > limit else None


def _unmet(row: RowMapping) -> UnmetRead:
    named = {name: value for name, value in row.items() if name not in ("desk_id", "reasons")}
    return UnmetRead(**named, reasons=[ReasonRead(code=code, count=count) for code, count in row["reasons"]])
