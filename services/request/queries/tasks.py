"""What a person at the desk has to look at, the most pressing first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from services.request.queries.cursors import id_of
from services.request.tables import families, tasks

_NO_DAY = date(9999, 12, 31)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRead:
    task_id: UUID
    kind: str
    about: UUID
    family_id: UUID | None
    family_name: str | None
    care_request_id: UUID | None
    facts: Any
    due_on: date | None
    raised_at: datetime


def tasks_page(
    session: Session, kind: str | None, family_id: UUID | None, after: str | None, limit: int
) -> tuple[Sequence[TaskRead], str | None]:
    """Tasks nobody has done yet: by the day they are due, then by when they were raised."""
    order = (func.coalesce(tasks.c.due_on, _NO_DAY), tasks.c.raised_at, tasks.c.task_id)
    query = (
        select(tasks, families.c.name.label("family_name"))
        .outerjoin(families, families.c.family_id == tasks.c.family_id)
        .where(tasks.c.done_at.is_(None))
    )
    if kind is not None:
        query = query.where(tasks.c.kind == kind)
    if family_id is not None:
        query = query.where(tasks.c.family_id == family_id)
    if after is not None:
        last = select(*order).where(tasks.c.task_id == id_of(after)).scalar_subquery()
        query = query.where(tuple_(*order) > last)
    rows = session.execute(query.order_by(*order).limit(limit + 1)).mappings().all()
    left_out = ("desk_id", "done_at", "done_by", "done_how")
    found = [TaskRead(**{n: v for n, v in row.items() if n not in left_out}) for row in rows[:limit]]
    return found, str(found[-1].task_id) if len(rows) > limit else None
