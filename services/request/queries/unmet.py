"""The register of unmet need: every visit for which nobody was found, and what became of every minute asked for."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, and_, func, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from services.request.domain.progress import VisitState
from services.request.domain.register import MinuteState
from services.request.domain.suppression import SMALLEST, Cell, Published, publish
from services.request.queries.cursors import id_of
from services.request.tables import barriers, register_entries, unmet_needs, visit_progress

_COLUMNS = ("area", "reason", "hour_of_week", "count")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonRead:
    """Why nobody: how many carers this rule kept away, or said no."""

    code: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RelaxationRead:
    """A smallest change that would have found so many carers."""

    code: str
    amount: int
    what: str
    carers: int


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
    relaxations: Sequence[RelaxationRead]
    barrier: str | None
    recorded_at: datetime
    state_now: VisitState


@dataclass(frozen=True, slots=True, kw_only=True)
class MinutesRead:
    """Minutes of one state in a month, and of how many visits."""

    state: MinuteState
    minutes: int
    visits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRow:
    """So many visits (with their first unmet minute) of an area, a reason and an hour of the week, or pooled.

    An hour of the week is 0 for Monday 00:00 to 167; None is all hours that have no row of their own.
    """

    area: str | None
    reason: str | None
    hour_of_week: int | None
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Unmet need of one calendar month, for publication. Fewer than `smallest` cases may be missing from it."""

    month: str
    rows: Sequence[ReportRow]
    count: int
    smallest: int = SMALLEST


def unmet_page(session: Session, after: str | None, limit: int) -> tuple[list[UnmetRead], str | None]:
    """The register of unmet need, by the start of the visit."""
    query = (
        select(unmet_needs, visit_progress.c.state.label("state_now"), barriers.c.barrier)
        .join(visit_progress, visit_progress.c.visit_id == unmet_needs.c.visit_id)
        .outerjoin(barriers, barriers.c.visit_id == unmet_needs.c.visit_id)
        .order_by(unmet_needs.c.starts_at, unmet_needs.c.unmet_id)
        .limit(limit + 1)
    )
    if after is not None:
        cursor = select(unmet_needs.c.starts_at, unmet_needs.c.unmet_id).where(unmet_needs.c.unmet_id == id_of(after))
        query = query.where(tuple_(unmet_needs.c.starts_at, unmet_needs.c.unmet_id) > cursor.scalar_subquery())
    rows = session.execute(query).mappings().all()
    found = [_unmet(row) for row in rows[:limit]]
    return found, str(found[-1].unmet_id) if len(rows) > limit else None


def minutes_of(session: Session, month: str) -> list[MinutesRead]:
    """How many minutes asked for in a month ended in each state; for the desk, not for publication."""
    minutes = func.sum(func.extract("epoch", register_entries.c.ends_at - register_entries.c.starts_at)) / 60
    rows = session.execute(
        select(
            register_entries.c.state,
            minutes.label("minutes"),
            func.count(register_entries.c.visit_id.distinct()).label("visits"),
        )
        .join(visit_progress, _current())
        .where(register_entries.c.month == month)
        .group_by(register_entries.c.state)
    )
    by_state = {row.state: (int(row.minutes), row.visits) for row in rows}
    return [
        MinutesRead(state=state, minutes=by_state.get(state, (0, 0))[0], visits=by_state.get(state, (0, 0))[1])
        for state in MinuteState
    ]


def report(session: Session, month: str) -> Report:
    """Visits with unmet minutes, counted by area, reason and hour of the week, with small counts pooled.

    A report is of one calendar month: reports of stretches that overlap could be subtracted from each other.
    """
    first = (
        select(register_entries)
        .join(visit_progress, _current())
        .where(register_entries.c.month == month, register_entries.c.state == MinuteState.UNMET)
        .ext(distinct_on(register_entries.c.visit_id))
        .order_by(register_entries.c.visit_id, register_entries.c.starts_at)
        .subquery()
    )
    rows = session.execute(select(first.c.area, first.c.reason, first.c.hour_of_week))
    counts: Counter[Cell] = Counter((row.area, row.reason or "", f"{row.hour_of_week:03d}") for row in rows)
    found = [_report_row(each) for each in publish(counts)]
    return Report(month=month, rows=found, count=sum(row.count for row in found))


def as_csv(found: Report) -> str:
    """The report as CSV; a pooled count has nothing where its cells differ."""
    written = io.StringIO()
    lines = csv.writer(written, lineterminator="\r\n")
    lines.writerow(("month", *_COLUMNS))
    for row in found.rows:
        shown = ("" if value is None else value for value in (row.area, row.reason, row.hour_of_week, row.count))
        lines.writerow((found.month, *shown))
    return written.getvalue()


def _current() -> Any:
    return and_(
        visit_progress.c.visit_id == register_entries.c.visit_id,
        visit_progress.c.register_revision == register_entries.c.revision,
    )


def _report_row(row: Published) -> ReportRow:
    area, reason, hour = (*row.place, None, None, None)[:3]
    return ReportRow(area=area, reason=reason, hour_of_week=int(hour) if hour else None, count=row.count)


def _unmet(row: RowMapping) -> UnmetRead:
    left_out = ("desk_id", "reasons", "relaxations")
    named = {name: value for name, value in row.items() if name not in left_out}
    return UnmetRead(
        **named,
        reasons=[ReasonRead(code=code, count=count) for code, count in row["reasons"]],
        relaxations=[RelaxationRead(**each) for each in row["relaxations"]],
    )
