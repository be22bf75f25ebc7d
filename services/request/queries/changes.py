"""What was said of a request since somebody looked, and how it stood at a version."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import RowMapping, select
from sqlalchemy.orm import Session

from services.request.domain.care_request import CareRequest
from services.request.domain.care_terms import CareTerms
from services.request.domain.checks import local_day
from services.request.domain.difference import Difference, term_differences, visit_difference
from services.request.domain.hours import Hours
from services.request.domain.visit import VisitDetails, Wanted
from services.request.tables import request_history, visit_history
from shared.domain.errors import Conflict
from shared.domain.pattern import WeeklyPattern

_DIFFERENCE = TypeAdapter(Difference)


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRead:
    """One version of a request: what was done, when, by which account in which role."""

    version: int
    what: str
    state: str
    terms: CareTerms
    patterns: tuple[WeeklyPattern, ...]
    planned_through: Any
    goes_on: bool
    at: datetime
    by_account_id: UUID | None
    by_role: str | None
    reason_id: UUID | None


def versions(session: Session, care_request_id: UUID, since: int = 0) -> list[VersionRead]:
    """The versions of a request after one of them, in order."""
    rows = session.execute(
        select(request_history)
        .where(request_history.c.care_request_id == care_request_id, request_history.c.version > since)
        .order_by(request_history.c.version)
    ).mappings()
    return [_version(row) for row in rows]


def check_version(session: Session, request: CareRequest, version: int | None) -> None:
    """Raises Conflict when somebody changed the request since the caller read it; `more` says what changed and by whom."""
    if version is None or version == request.version:
        return
    since = versions(session, request.care_request_id, version)
    changed = changed_since(session, request, version)
    raise Conflict(
        f"Somebody changed this request: you saw version {version}, it is at {request.version}. "
        "Look at what changed, then repeat.",
        code="changed-meanwhile",
        more={
            "version": request.version,
            "changes": [
                {"version": each.version, "what": each.what, "at": each.at.isoformat(), "by_role": each.by_role}
                for each in since
            ],
            "difference": _DIFFERENCE.dump_python(changed, mode="json"),
        },
    )


def changed_since(session: Session, request: CareRequest, version: int) -> Difference:
    """What is different now from how the request stood at a version."""
    then = wanted_at(session, request, version)
    now = {visit.visit_id: visit.wanted() for visit in request.visits if visit.removed_at is None}
    found = [
        visit_difference(visit_id, then.get(visit_id), now.get(visit_id), None)
        for visit_id in dict.fromkeys([*then, *now])
        if then.get(visit_id) != now.get(visit_id)
    ]
    before = next(iter(versions(session, request.care_request_id, version - 1)), None)
    return Difference(
        visits=tuple(found),
        kept=len(now) - sum(1 for each in found if each.start is not None),
        terms=term_differences(before.terms, request.terms) if before else (),
        patterns_change=before is not None and before.patterns != request.patterns,
    )


def wanted_at(session: Session, request: CareRequest, version: int) -> dict[UUID, Wanted]:
    """The visits that were asked for at a version of the request."""
    rows = session.execute(
        select(visit_history)
        .where(
            visit_history.c.care_request_id == request.care_request_id,
            visit_history.c.request_version <= version,
        )
        .order_by(visit_history.c.visit_id, visit_history.c.version)
    ).all()
    latest = {row.visit_id: row for row in rows}
    return {visit_id: wanted_of(row) for visit_id, row in latest.items() if row.removed is None}


def wanted_of(row: Any) -> Wanted:
    """A version of a visit as something to want again."""
    details: VisitDetails = row.details
    return Wanted(
        hours=Hours(
            on=local_day(row.starts_at, row.zone),
            start=row.starts_at,
            end=row.ends_at,
            clock_change=row.clock_change,
        ),
        zone=row.zone,
        mode=row.mode,
        child_ids=tuple(row.child_ids),
        skills=tuple(row.skills),
        place_id=row.place_id,
        shared_care_id=row.shared_care_id,
        kind=row.kind,
        details=details,
        listed=row.listed,
    )


def _version(row: RowMapping) -> VersionRead:
    named = {name: value for name, value in row.items() if name not in ("care_request_id", "desk_id", "priority")}
    return VersionRead(**named)
