"""Care requests with their visits, as the desk and the family read them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Date, DateTime, Select, and_, cast, func, or_, select, tuple_
from sqlalchemy.orm import Session

from services.request.domain.care_request import RequestState
from services.request.domain.checks import age_months, local_day
from services.request.domain.progress import CERTAIN_ENOUGH, OVER, VisitState
from services.request.queries.cursors import id_of, instant_of
from services.request.tables import care_requests, carers, children, families, reasons, visit_progress, visits
from shared.db.types import Instant
from shared.domain.errors import Invalid, NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedChild:
    """A child as far as a request needs it: first name and age."""

    child_id: UUID
    first_name: str
    age_months: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRead:
    """A visit with its hours on the home's clock (with offset) and what became of it."""

    visit_id: UUID
    version: int
    start: datetime
    end: datetime
    start_local: str
    end_local: str
    zone: str
    mode: str
    child_ids: Sequence[UUID]
    skills: Sequence[str]
    shared_care_id: UUID | None
    clock_change: bool
    state: VisitState
    carer_id: UUID | None
    carer_name: str | None
    rostered_start: datetime | None
    rostered_end: datetime | None
    refusal: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CareRequestRead:
    care_request_id: UUID
    version: int
    family_id: UUID
    family_name: str
    kind: str
    state: str
    mode: str
    urgent: bool
    skills: Sequence[str]
    area: str
    opened_at: datetime
    shared_care_id: UUID | None
    pattern: Any
    children: Sequence[AskedChild]
    visits: Sequence[VisitRead]
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CareRequestsRead:
    rows: Sequence[CareRequestRead]
    next_after: str | None


def care_request(
    session: Session, care_request_id: UUID, now: datetime, *, family_id: UUID | None = None
) -> CareRequestRead:
    """One request with all its visits, past ones and withdrawn ones too; the family reads only its own.

    Raises NotFound, also for another family's.
    """
    query = _requests().where(care_requests.c.care_request_id == care_request_id)
    if family_id is not None:
        query = query.where(care_requests.c.family_id == family_id)
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"There is no care request {care_request_id} here.")
    reason = None
    if family_id is None and row.reason_id is not None:
        reason = session.execute(
            select(reasons.c.reason).where(reasons.c.reason_id == row.reason_id)
        ).scalar_one_or_none()
    return _with_visits(session, [row], now, None, reason, for_desk=family_id is None)[0]


def care_requests_page(
    session: Session, now: datetime, *, state: str | None, family_id: UUID | None, after: str | None, limit: int
) -> CareRequestsRead:
    """Requests with visits in this state, by their first such visit; with visits ahead when none is named.

    A pattern that goes on but has no visit yet is ahead as well. Raises Invalid for a state there is none of and for
    a page that can't begin there.
    """
    shown = _shown(state, now)
    first = (
        select(visits.c.care_request_id, func.min(visits.c.starts_at).label("starts_at"))
        .join(visit_progress, visit_progress.c.visit_id == visits.c.visit_id)
        .where(shown)
        .group_by(visits.c.care_request_id)
        .subquery()
    )
    begins = func.coalesce(first.c.starts_at, _pattern_begins())
    listed = first.c.starts_at.is_not(None)
    query = (
        _requests()
        .add_columns(begins.label("begins"))
        .outerjoin(first, first.c.care_request_id == care_requests.c.care_request_id)
        .where(or_(listed, _goes_on()) if state is None else listed)
    )
    if family_id is not None:
        query = query.where(care_requests.c.family_id == family_id)
    if after is not None:
        at, _, request_id = after.partition("|")
        query = query.where(tuple_(begins, care_requests.c.care_request_id) > (instant_of(at), id_of(request_id)))
    rows = session.execute(query.order_by(begins, care_requests.c.care_request_id).limit(limit + 1)).all()
    last = rows[limit - 1] if len(rows) > limit else None
    return CareRequestsRead(
        rows=_with_visits(session, rows[:limit], now, shown, None, for_desk=family_id is None),
        next_after=f"{last.begins.isoformat()}|{last.care_request_id}" if last else None,
    )


def _requests() -> Select[Any]:
    return select(
        care_requests, families.c.name.label("family_name"), families.c.area, families.c.zone.label("home_zone")
    ).join(families, families.c.family_id == care_requests.c.family_id)


def _goes_on() -> Any:
    ends_on = func.jsonb_extract_path_text(care_requests.c.pattern, "ends_on")
    return and_(
        care_requests.c.state == RequestState.OPEN,
        care_requests.c.pattern.is_not(None),
        or_(ends_on.is_(None), cast(ends_on, Date) > care_requests.c.planned_through),
    )


def _pattern_begins() -> Any:
    starts_on = func.jsonb_extract_path_text(care_requests.c.pattern, "starts_on")
    return func.timezone(families.c.zone, cast(starts_on, DateTime), type_=Instant)


def _shown(state: str | None, now: datetime) -> Any:
    if state is None:
        return and_(visits.c.ends_at > now, visit_progress.c.state.not_in(list(OVER)))
    if state not in tuple(VisitState):
        raise Invalid(f"A visit is {', '.join(VisitState)}; not {state!r}.", pointer="#/state")
    over = VisitState(state) in OVER or state in (VisitState.UNFILLED, VisitState.RUNNING)
    in_state = visit_progress.c.state == state
    return in_state if over else and_(in_state, visits.c.ends_at > now)


def _with_visits(
    session: Session, rows: Sequence[Any], now: datetime, shown: Any, reason: str | None, *, for_desk: bool
) -> list[CareRequestRead]:
    request_ids = [row.care_request_id for row in rows]
    query = (
        select(
            visits,
            visit_progress.c.state,
            visit_progress.c.carer_id,
            visit_progress.c.rostered_start,
            visit_progress.c.rostered_end,
            visit_progress.c.refusal,
            carers.c.first_name.label("carer_name"),
        )
        .join(visit_progress, visit_progress.c.visit_id == visits.c.visit_id)
        .outerjoin(
            carers,
            and_(carers.c.desk_id == visit_progress.c.desk_id, carers.c.carer_id == visit_progress.c.carer_id),
        )
        .where(visits.c.care_request_id.in_(request_ids))
        .order_by(visits.c.starts_at, visits.c.visit_id)
    )
    if shown is not None:
        query = query.where(shown)
    by_request = defaultdict(list)
    for visit in session.execute(query):
        by_request[visit.care_request_id].append(visit)
    wanted = {child_id for row in rows for child_id in row.child_ids}
    wanted |= {child_id for each in by_request.values() for visit in each for child_id in visit.child_ids}
    known = {
        child.child_id: child
        for child in session.execute(
            select(children.c.child_id, children.c.first_name, children.c.born).where(children.c.child_id.in_(wanted))
        )
    }
    read = _visit_read if for_desk else _own_visit_read
    return [
        _request_read(row, [read(visit) for visit in by_request[row.care_request_id]], known, now, reason)
        for row in rows
    ]


def _request_read(
    row: Any, its_visits: Sequence[VisitRead], known: dict[UUID, Any], now: datetime, reason: str | None
) -> CareRequestRead:
    today = local_day(now, row.home_zone)
    child_ids = list(dict.fromkeys([*row.child_ids, *(each for visit in its_visits for each in visit.child_ids)]))
    return CareRequestRead(
        care_request_id=row.care_request_id,
        version=row.version,
        family_id=row.family_id,
        family_name=row.family_name,
        kind=row.kind,
        state=row.state,
        mode=row.mode,
        urgent=row.urgent,
        skills=row.skills,
        area=row.area,
        opened_at=row.opened_at,
        shared_care_id=row.shared_care_id,
        pattern=row.pattern,
        children=[
            AskedChild(
                child_id=child_id,
                first_name=known[child_id].first_name,
                age_months=age_months(known[child_id].born, today) if known[child_id].born else None,
            )
            for child_id in child_ids
            if child_id in known
        ],
        visits=its_visits,
        reason=reason,
    )


def _visit_read(visit: Any) -> VisitRead:
    local = ZoneInfo(visit.zone)
    return VisitRead(
        visit_id=visit.visit_id,
        version=visit.version,
        start=visit.starts_at,
        end=visit.ends_at,
        start_local=visit.starts_at.astimezone(local).isoformat(timespec="minutes"),
        end_local=visit.ends_at.astimezone(local).isoformat(timespec="minutes"),
        zone=visit.zone,
        mode=visit.mode,
        child_ids=visit.child_ids,
        skills=visit.skills,
        shared_care_id=visit.shared_care_id,
        clock_change=visit.clock_change,
        state=VisitState(visit.state),
        carer_id=visit.carer_id,
        carer_name=visit.carer_name,
        rostered_start=visit.rostered_start,
        rostered_end=visit.rostered_end,
        refusal=visit.refusal,
    )


def _own_visit_read(visit: Any) -> VisitRead:
    """As the family reads it: who comes only once that is certain, and not why the roster refused somebody."""
    read = _visit_read(visit)
    if read.state in CERTAIN_ENOUGH:
        return replace(read, refusal=None)
    return replace(read, carer_id=None, carer_name=None, rostered_start=None, rostered_end=None, refusal=None)
