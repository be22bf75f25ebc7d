"""Care requests with their visits, as the desk and the family read them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, DateTime, Select, and_, cast, func, or_, select, tuple_
from sqlalchemy.orm import Session

from services.request.domain.care_request import RequestState
from services.request.domain.care_terms import CareTerms
from services.request.domain.checks import age_months, local_day, start_of_day
from services.request.domain.priority import Step, explained
from services.request.domain.progress import CERTAIN_ENOUGH, OVER, VisitState
from services.request.domain.visit import VisitDetails
from services.request.queries.cursors import id_of, instant_of
from services.request.queries.desk_rules import order_on
from services.request.tables import (
    care_requests,
    carers,
    children,
    circumstances,
    families,
    reasons,
    visit_progress,
    visits,
)
from shared.db.types import Instant
from shared.domain.errors import Invalid, NotFound
from shared.domain.pattern import WeeklyPattern


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
    kind: str
    start: datetime
    end: datetime
    start_local: str
    end_local: str
    zone: str
    mode: str
    agreed_mode: str | None
    agreed_start: datetime | None
    agreed_end: datetime | None
    child_ids: Sequence[UUID]
    skills: Sequence[str]
    shared_care_id: UUID | None
    clock_change: bool
    details: VisitDetails
    state: VisitState
    stranger: bool
    carer_id: UUID | None
    carer_name: str | None
    rostered_start: datetime | None
    rostered_end: datetime | None
    refusal: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CircumstancesRead:
    need: str | None
    occasional_reason: str | None
    vulnerable: bool
    no_alternative: bool
    working_or_training: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CareRequestRead:
    care_request_id: UUID
    version: int
    family_id: UUID
    family_name: str
    state: str
    mode: str
    urgency: str | None
    plan: str
    provisional: bool
    terms: CareTerms
    patterns: Sequence[WeeklyPattern]
    area: str
    zone: str
    opened_at: datetime
    planned_through: date | None
    goes_on: bool
    shared_care_id: UUID | None
    priority: int
    referrer_id: UUID | None
    children: Sequence[AskedChild]
    visits: Sequence[VisitRead]
    place_in_order: Sequence[Step] = ()
    order_from: date | None = None
    reason: str | None = None
    circumstances: CircumstancesRead | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CareRequestsRead:
    rows: Sequence[CareRequestRead]
    next_after: str | None


def care_request(
    session: Session, care_request_id: UUID, now: datetime, *, family_id: UUID | None = None
) -> CareRequestRead:
    """One request with all its visits, past ones and withdrawn ones too; the family reads only its own.

    The desk also reads why, and what gave the request its place. Raises NotFound, also for another family's.
    """
    query = _requests().where(care_requests.c.care_request_id == care_request_id)
    if family_id is not None:
        query = query.where(care_requests.c.family_id == family_id)
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"There is no care request {care_request_id} here.")
    (read,) = _with_visits(session, [row], now, None, for_desk=family_id is None)
    if family_id is not None:
        return read
    order = order_on(session, row.priority_order)
    return replace(
        read,
        place_in_order=explained(row.priority, order),
        order_from=order.valid_from,
        reason=_reason(session, row.reason_id),
        circumstances=_circumstances(session, care_request_id),
    )


def care_requests_page(
    session: Session,
    now: datetime,
    *,
    state: str | None,
    family_id: UUID | None,
    after: str | None,
    limit: int,
    day: date | None = None,
    zone: str = "UTC",
) -> CareRequestsRead:
    """Requests with visits in this state, or with visits ahead when none is named; those of a local day if one is.

    By the desk's order, then by their first such visit, and only then by when they were asked. A pattern that goes on
    but has no visit yet is ahead as well, as is a provisional need. Raises Invalid for a state there is none of and for
    a page that can't begin there.
    """
    shown = _shown(state, now)
    if day is not None:
        midnight, next_midnight = start_of_day(day, zone), start_of_day(day + timedelta(days=1), zone)
        shown = and_(shown, visits.c.starts_at < next_midnight, visits.c.ends_at > midnight)
    first = (
        select(visits.c.care_request_id, func.min(visits.c.starts_at).label("starts_at"))
        .join(visit_progress, visit_progress.c.visit_id == visits.c.visit_id)
        .where(shown)
        .group_by(visits.c.care_request_id)
        .subquery()
    )
    without_visits = state is None and day is None
    begins_at = func.timezone(families.c.zone, cast(care_requests.c.begins_on, DateTime), type_=Instant)
    begins = func.coalesce(first.c.starts_at, begins_at)
    place = (-care_requests.c.priority, begins, care_requests.c.opened_at, care_requests.c.care_request_id)
    query = _requests().add_columns(begins.label("begins"))
    query = query.join(first, first.c.care_request_id == care_requests.c.care_request_id, isouter=without_visits)
    if without_visits:
        query = query.where(or_(first.c.starts_at.is_not(None), _goes_on()))
    if family_id is not None:
        query = query.where(care_requests.c.family_id == family_id)
    if after is not None:
        query = query.where(tuple_(*place) > _cursor(after))
    rows = session.execute(query.order_by(*place).limit(limit + 1)).all()
    last = rows[limit - 1] if len(rows) > limit else None
    return CareRequestsRead(
        rows=_with_visits(session, rows[:limit], now, shown, for_desk=family_id is None),
        next_after=_cursor_of(last) if last else None,
    )


def _cursor_of(row: Any) -> str:
    return f"{-row.priority}|{row.begins.isoformat()}|{row.opened_at.isoformat()}|{row.care_request_id}"


def _cursor(after: str) -> tuple[Any, ...]:
    place, begins, opened_at, request_id = (*after.split("|"), "", "", "")[:4]
    if not place.lstrip("-").isdecimal():
        id_of("")
    return int(place), instant_of(begins), instant_of(opened_at), id_of(request_id)


def _requests() -> Select[Any]:
    return select(
        care_requests, families.c.name.label("family_name"), families.c.area, families.c.zone.label("home_zone")
    ).join(families, families.c.family_id == care_requests.c.family_id)


def _goes_on() -> ColumnElement[bool]:
    return and_(
        care_requests.c.state == RequestState.OPEN,
        or_(care_requests.c.goes_on, care_requests.c.provisional),
        care_requests.c.begins_on.is_not(None),
    )


def _shown(state: str | None, now: datetime) -> ColumnElement[bool]:
    if state is None:
        return and_(visits.c.ends_at > now, visit_progress.c.state.not_in(list(OVER)))
    if state not in tuple(VisitState):
        raise Invalid(f"A visit is {', '.join(VisitState)}; not {state!r}.", pointer="#/state")
    over = VisitState(state) in OVER or state in (VisitState.UNFILLED, VisitState.RUNNING)
    in_state = visit_progress.c.state == state
    return in_state if over else and_(in_state, visits.c.ends_at > now)


def _reason(session: Session, reason_id: UUID | None) -> str | None:
    if reason_id is None:
        return None
    found: str | None = session.execute(
        select(reasons.c.reason).where(reasons.c.reason_id == reason_id)
    ).scalar_one_or_none()
    return found


def _circumstances(session: Session, care_request_id: UUID) -> CircumstancesRead | None:
    row = session.execute(select(circumstances).where(circumstances.c.care_request_id == care_request_id)).one_or_none()
    if row is None:
        return None
    return CircumstancesRead(
        need=row.need,
        occasional_reason=row.occasional_reason,
        vulnerable=row.vulnerable,
        no_alternative=row.no_alternative,
        working_or_training=row.working_or_training,
    )


def _with_visits(
    session: Session, rows: Sequence[Any], now: datetime, shown: ColumnElement[bool] | None, *, for_desk: bool
) -> list[CareRequestRead]:
    query = (
        select(
            visits,
            visit_progress.c.state,
            visit_progress.c.carer_id,
            visit_progress.c.stranger,
            visit_progress.c.agreed_mode,
            visit_progress.c.agreed_start,
            visit_progress.c.agreed_end,
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
        .where(visits.c.care_request_id.in_([row.care_request_id for row in rows]))
        .order_by(visits.c.starts_at, visits.c.visit_id)
    )
    if shown is not None:
        query = query.where(shown)
    by_request = defaultdict(list)
    for visit in session.execute(query):
        by_request[visit.care_request_id].append(visit)
    wanted = {child_id for row in rows for child_id in row.terms.child_ids}
    wanted |= {child_id for each in by_request.values() for visit in each for child_id in visit.child_ids}
    known = {
        child.child_id: child
        for child in session.execute(
            select(children.c.child_id, children.c.first_name, children.c.born).where(children.c.child_id.in_(wanted))
        )
    }
    read = _visit_read if for_desk else _own_visit_read
    return [_request_read(row, [read(visit) for visit in by_request[row.care_request_id]], known, now) for row in rows]


def _request_read(row: Any, its_visits: Sequence[VisitRead], known: dict[UUID, Any], now: datetime) -> CareRequestRead:
    today = local_day(now, row.home_zone)
    asked = [*row.terms.child_ids, *(each for visit in its_visits for each in visit.child_ids)]
    return CareRequestRead(
        care_request_id=row.care_request_id,
        version=row.version,
        family_id=row.family_id,
        family_name=row.family_name,
        state=row.state,
        mode=row.mode,
        urgency=row.urgency,
        plan=row.plan,
        provisional=row.provisional,
        terms=row.terms,
        patterns=row.patterns,
        area=row.area,
        zone=row.home_zone,
        opened_at=row.opened_at,
        planned_through=row.planned_through,
        goes_on=row.goes_on,
        shared_care_id=row.shared_care_id,
        priority=row.priority,
        referrer_id=row.referrer_id,
        children=[
            AskedChild(
                child_id=child_id,
                first_name=known[child_id].first_name,
                age_months=age_months(known[child_id].born, today) if known[child_id].born else None,
            )
            for child_id in dict.fromkeys(asked)
            if child_id in known
        ],
        visits=its_visits,
    )


def _visit_read(visit: Any) -> VisitRead:
    local = ZoneInfo(visit.zone)
    return VisitRead(
        visit_id=visit.visit_id,
        version=visit.version,
        kind=visit.kind,
        start=visit.starts_at,
        end=visit.ends_at,
        start_local=visit.starts_at.astimezone(local).isoformat(timespec="minutes"),
        end_local=visit.ends_at.astimezone(local).isoformat(timespec="minutes"),
        zone=visit.zone,
        mode=visit.mode,
        agreed_mode=visit.agreed_mode,
        agreed_start=visit.agreed_start,
        agreed_end=visit.agreed_end,
        child_ids=visit.child_ids,
        skills=visit.skills,
        shared_care_id=visit.shared_care_id,
        clock_change=visit.clock_change,
        details=visit.details,
        state=VisitState(visit.state),
        stranger=visit.stranger,
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
    return replace(
        read,
        carer_id=None,
        carer_name=None,
        stranger=False,
        rostered_start=None,
        rostered_end=None,
        refusal=None,
    )
