"""What recording or changing a request would do: planned and compared, and nothing kept of it."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.request.adapters.schedules import BadLine, Shift, read_schedule
from services.request.commands.care_requests import AmendCareRequest, OpenCareRequest
from services.request.domain.care_request import CareRequest
from services.request.domain.care_terms import CareTerms
from services.request.domain.checks import local_day
from services.request.domain.circumstances import Circumstances
from services.request.domain.difference import Difference, between, from_nothing
from services.request.domain.family import Family
from services.request.domain.hours import OneOff, one_off_hours
from services.request.domain.limits import Note
from services.request.domain.plan import Proposal
from services.request.domain.planning import Situation
from services.request.domain.priority import priority
from services.request.domain.progress import SETTLED
from services.request.domain.schedule import care_for
from services.request.queries import desk_rules
from services.request.queries.changes import check_version
from services.request.queries.proposals import amended, circumstances_of, opened
from services.request.queries.situation import Planning, carers_of, notes_on, planning, priority_facts
from services.request.tables import circumstances, visit_progress
from shared.domain.errors import Invalid, NotFound
from shared.domain.pattern import is_atypical
from shared.domain.values import TimeWindow
from shared.jurisdictions.packs import pack


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What would be, and what the rules say of it."""

    version: int | None
    difference: Difference
    notes: Sequence[Note]
    priority: int
    atypical_visits: int
    goes_on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleChecked:
    """The visits of a roster's good lines, and every bad line."""

    visits: Sequence[OneOff]
    bad_lines: Sequence[BadLine]
    first_day: date | None
    last_day: date | None
    lines_read: int


def preview_opening(session: Session, desk_id: UUID, now: datetime, command: OpenCareRequest) -> Preview:
    """What a new request would be. Raises what recording it would raise."""
    family = _family(session, command.family_id)
    proposal, planned = opened(session, desk_id, now, command, family)
    notes = notes_on(family, proposal, command.circumstances, planned, planned.situation.today)
    return _preview(session, desk_id, family, proposal, planned, command.circumstances, notes, from_nothing(proposal))


def preview_amendment(session: Session, desk_id: UUID, now: datetime, command: AmendCareRequest) -> Preview:
    """What a change would make different. Raises what the change would raise."""
    request = session.get(CareRequest, command.care_request_id)
    if request is None or command.family_id not in (None, request.family_id):
        raise NotFound(f"There is no care request {command.care_request_id} here.")
    request.check_open()
    check_version(session, request, command.version)
    family = _family(session, request.family_id)
    carers = carers_of(session, [visit.visit_id for visit in request.visits])
    proposal, planned = amended(session, desk_id, now, command, request, family, _settled(session, request), carers)
    known = command.circumstances or _known(session, request.care_request_id)
    asked_on = local_day(request.opened_at, family.zone)
    notes = notes_on(family, proposal, known, planned, asked_on)
    found = between(request, proposal, carers)
    referred = request.referrer_id is not None
    made = _preview(session, desk_id, family, proposal, planned, known, notes, found, referred=referred)
    return replace(made, version=request.version)


def check_schedule(
    session: Session,
    desk_id: UUID,
    now: datetime,
    family_id: UUID,
    content: str,
    before_minutes: int,
    after_minutes: int,
) -> ScheduleChecked:
    """Read a parent's roster: the care its good lines ask for, and each bad line with its number and why.

    Raises Invalid for what is no roster at all.
    """
    family = _family(session, family_id)
    terms = CareTerms(child_ids=tuple(child.child_id for child in family.children), mode="family_home")
    situation = planning(session, desk_id, now, family, terms).situation
    read = read_schedule(_bytes(content), family.zone, today=situation.today, last_day=situation.horizon)
    good, bad = _that_can_be_asked(read.shifts, before_minutes, after_minutes, situation)
    days = [shift.start.date() for shift in good]
    return ScheduleChecked(
        visits=care_for([(shift.start, shift.end) for shift in good], before_minutes, after_minutes),
        bad_lines=sorted([*read.bad_lines, *bad], key=lambda each: each.line),
        first_day=min(days, default=None),
        last_day=max(days, default=None),
        lines_read=len(read.shifts) + len(read.bad_lines),
    )


def _that_can_be_asked(
    shifts: Sequence[Shift], before: int, after: int, situation: Situation
) -> tuple[list[Shift], list[BadLine]]:
    """Those whose care can be asked for: at a time the clock has once, not too long, not begun."""
    good, bad = [], []
    for shift in shifts:
        (visit,) = care_for([(shift.start, shift.end)], before, after)
        try:
            one_off_hours(
                visit, situation.zone, longest_minutes=situation.longest_minutes, earliest=situation.earliest(False)
            )
            good.append(shift)
        except Invalid as why:
            said = f"{shift.start.isoformat(sep=' ', timespec='minutes')} - {shift.end.isoformat(timespec='minutes')}"
            bad.append(BadLine(line=shift.line, code=why.reason, sentence=why.detail, said=said))
    return good, bad


def _bytes(content: str) -> bytes:
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid("Send the file's content as base64.", pointer="#/content") from error


def _preview(
    session: Session,
    desk_id: UUID,
    family: Family,
    proposal: Proposal,
    planned: Planning,
    known: Circumstances,
    notes: Sequence[Note],
    found: Difference,
    *,
    referred: bool = False,
) -> Preview:
    today = planned.situation.today
    order = desk_rules.order_on(session, today)
    facts = priority_facts(family, proposal, known, today, referred=referred)
    return Preview(
        version=None,
        difference=found,
        notes=notes,
        priority=priority(facts, order),
        atypical_visits=_atypical(session, desk_id, proposal, today, planned.situation),
        goes_on=proposal.goes_on,
    )


def _atypical(session: Session, desk_id: UUID, proposal: Proposal, today: date, situation: Situation) -> int:
    """How many of the visits lie at atypical hours, as the country has them."""
    hours = pack(desk_rules.desk(session, desk_id).country, today).atypical_hours
    wanted = [*proposal.plan.kept.values(), *proposal.plan.added]
    if not wanted:
        return 0
    days = [each.hours.on for each in wanted]
    public = situation.holidays(min(days), max(days)).public
    return sum(is_atypical(TimeWindow(each.hours.start, each.hours.end), each.zone, hours, public) for each in wanted)


def _family(session: Session, family_id: UUID) -> Family:
    family = session.get(Family, family_id)
    if family is None:
        raise NotFound(f"There is no family {family_id} at this desk.")
    family.check_here()
    return family


def _settled(session: Session, request: CareRequest) -> frozenset[UUID]:
    rows = session.execute(
        select(visit_progress.c.visit_id).where(
            visit_progress.c.visit_id.in_([visit.visit_id for visit in request.visits]),
            visit_progress.c.state.in_(SETTLED),
        )
    )
    return frozenset(rows.scalars())


def _known(session: Session, care_request_id: UUID) -> Circumstances:
    return circumstances_of(
        session.execute(select(circumstances).where(circumstances.c.care_request_id == care_request_id)).one_or_none()
    )
