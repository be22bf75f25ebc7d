"""Opening, changing and withdrawing care requests, and letting patterns become visits as time goes on."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from services.request.commands import AmendCareRequest, ExtendHorizon, OpenCareRequest, WithdrawCareRequest
from services.request.domain.care_request import CareRequest, Plan, RequestState, Visit, Wanted, paired
from services.request.domain.checks import local_day
from services.request.domain.family import Family
from services.request.domain.hours import Hours, OneOff, check_pattern, one_off_hours, overlaps, pattern_hours
from services.request.domain.policy import Policy
from services.request.domain.shared_care import SharedCare
from services.request.handlers import progress
from services.request.handlers.desks import longest_minutes
from services.request.handlers.history import keep_history, keep_reason
from services.request.queries.policies import policy_on
from services.request.tables import care_requests
from shared.contracts.request import PlaceFacts
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Conflict, Invalid, NotFound
from shared.domain.pattern import WeeklyPattern
from shared.jurisdictions.packs import CareMode

HORIZON = "horizon"

Setting = Callable[[date], tuple[PlaceFacts | None, UUID | None]]
"""Where a visit of a day is, and which shared care it belongs to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A care request as it stands after a command: its visits ahead, without anything about people."""

    care_request_id: UUID
    version: int
    state: str
    visits: Sequence[Visit]


def open_care_request(command: OpenCareRequest, uow: UnitOfWork) -> Opened:
    """Write down what a family needs; all visits known so far get their ids.

    Raises NotFound for a family or shared care of another desk, Invalid for what can't be right, naming the field.
    """
    family = uow.get(Family, command.family_id, lock=True)
    family.check_not_erased()
    child_ids = family.children_named(command.child_ids)
    setting = _setting(uow, family, command.mode, command.shared_care_id)
    policy = policy_on(uow.session, local_day(uow.now, family.zone))
    hours, through = _asked_hours(uow, family.zone, policy, command.visit, command.pattern, urgent=command.urgent)
    request_id = command.care_request_id or uow.new_id()
    reason_id = keep_reason(uow, family.family_id, request_id, command.reason)
    wanted = [_wanted(each, family.zone, command.mode, child_ids, command.skills, setting) for each in hours]
    _check_shared(wanted, command.shared_care_id)
    request = CareRequest(
        request_id,
        uow.caller.desk,
        family.family_id,
        mode=command.mode,
        urgent=command.urgent,
        skills=command.skills,
        child_ids=child_ids,
        shared_care_id=command.shared_care_id,
        pattern=command.pattern,
        planned_through=through,
        reason_id=reason_id,
        wanted=wanted,
        now=uow.now,
        new_id=uow.new_id,
    )
    uow.add(request)
    uow.session.flush()
    progress.begin(uow, request.visits)
    keep_history(uow, request, request.visits, reason_id)
    _look_again(uow, request, policy)
    uow.arrived("care_request", request_id)
    return _opened(request, uow, frozenset())


def amend_care_request(command: AmendCareRequest, uow: UnitOfWork) -> Opened:
    """Change what is still ahead: a new version for each visit that changes, none for the others.

    Raises Conflict when somebody changed the request meanwhile or what should change has begun, Invalid for what
    can't be right, naming the field.
    """
    request = uow.get(CareRequest, command.care_request_id, lock=True)
    request.check_open()
    request.check_version(command.version)
    settled = progress.settled_visits(uow, request)
    family = uow.get(Family, request.family_id)
    if command.child_ids is not None:
        request.child_ids = family.children_named(command.child_ids)
    if command.mode is not None:
        request.mode = command.mode
    if command.skills is not None:
        request.skills = list(command.skills)
    setting = _setting(uow, family, request.mode, request.shared_care_id)
    policy = policy_on(uow.session, local_day(uow.now, family.zone))
    plan = _plan(command, uow, request, family, setting, policy, settled)
    reason_id = keep_reason(uow, family.family_id, request.care_request_id, command.why)
    _amended(uow, request, plan, settled, reason_id)
    _look_again(uow, request, policy)
    return _opened(request, uow, settled)


def withdraw_care_request(command: WithdrawCareRequest, uow: UnitOfWork) -> Opened:
    """The family needs it no more; visits that have begun stay with the roster.

    Raises NotFound for another family's request, Conflict when it was withdrawn before.
    """
    request = uow.get(CareRequest, command.care_request_id, lock=True)
    if command.family_id is not None and request.family_id != command.family_id:
        raise NotFound(f"There is no care request {command.care_request_id} of yours.")
    reason_id = keep_reason(uow, request.family_id, request.care_request_id, command.why)
    withdraw(uow, request, reason_id)
    return _opened(request, uow, frozenset())


def withdraw(uow: UnitOfWork, request: CareRequest, reason_id: UUID | None = None) -> None:
    """Withdraw a locked request, with its history and timer."""
    removed = request.withdraw(now=uow.now, settled=progress.settled_visits(uow, request))
    uow.session.flush()
    keep_history(uow, request, removed, reason_id)
    progress.settle(uow, [visit.visit_id for visit in removed])
    uow.cancel_timer(HORIZON, request.care_request_id)


def extend_horizon(command: ExtendHorizon, uow: UnitOfWork) -> None:
    """Let a pattern become visits as far ahead as the desk's policy says, beginning where it stopped."""
    request = uow.find(CareRequest, command.care_request_id, lock=True)
    if request is None or request.state != RequestState.OPEN or not request.pattern or not request.planned_through:
        return
    family = uow.get(Family, request.family_id)
    policy = policy_on(uow.session, local_day(uow.now, family.zone))
    first = request.planned_through + timedelta(days=1)
    through = _horizon(uow, family.zone, policy)
    if through >= first:
        setting = _setting(uow, family, request.mode, request.shared_care_id)
        # A visit that was moved into these days by hand stands there instead of the pattern's.
        moved_here = [(visit.starts_at, visit.ends_at) for visit in request.visits if visit.removed_at is None]
        hours = [
            each
            for each in pattern_hours(request.pattern, family.zone, first, through)
            if not overlaps(each, moved_here)
        ]
        added = [_wanted(each, family.zone, request.mode, request.child_ids, request.skills, setting) for each in hours]
        request.planned_through = through
        _amended(uow, request, Plan(kept={}, added=added), progress.settled_visits(uow, request), None)
    _look_again(uow, request, policy)


def replace_visits(uow: UnitOfWork, requests: Iterable[CareRequest]) -> None:
    """The home moved or the sharing ended: visits ahead get their place anew, as a new version where it changed."""
    for request in requests:
        family = uow.get(Family, request.family_id)
        settled = progress.settled_visits(uow, request)
        setting = _setting(uow, family, request.mode, request.shared_care_id)
        _amended(uow, request, Plan(kept=_as_before(uow, request, setting, settled)), settled, None)


def open_requests(
    uow: UnitOfWork, *, family_id: UUID | None = None, shared_care_id: UUID | None = None
) -> list[CareRequest]:
    """The open requests of a family or of a shared care, locked, in an order that lets none wait for another."""
    wanted = select(care_requests.c.care_request_id).where(care_requests.c.state == RequestState.OPEN)
    if family_id is not None:
        wanted = wanted.where(care_requests.c.family_id == family_id)
    if shared_care_id is not None:
        wanted = wanted.where(care_requests.c.shared_care_id == shared_care_id)
    found = uow.session.execute(wanted.order_by(care_requests.c.care_request_id)).scalars().all()
    return [uow.get(CareRequest, request_id, lock=True) for request_id in found]


def _asked_hours(
    uow: UnitOfWork,
    zone: str,
    policy: Policy,
    visit: OneOff | None,
    pattern: WeeklyPattern | None,
    *,
    urgent: bool,
) -> tuple[list[Hours], date | None]:
    """The hours of all visits known so far, and the last day they are known for."""
    if (visit is None) == (pattern is None):
        raise Invalid("Ask for one visit or for a weekly pattern: give either visit or pattern.", pointer="#/visit")
    longest = longest_minutes(uow, policy)
    if visit is not None:
        return [one_off_hours(visit, zone, longest_minutes=longest, earliest=_earliest(uow, policy, urgent))], None
    assert pattern is not None
    today = local_day(uow.now, zone)
    check_pattern(pattern, longest(pattern.starts_on), today)
    return _pattern_ahead(uow, pattern, zone, policy)


def _pattern_ahead(
    uow: UnitOfWork, pattern: WeeklyPattern, zone: str, policy: Policy
) -> tuple[list[Hours], date | None]:
    through = _horizon(uow, zone, policy)
    known = pattern_hours(pattern, zone, local_day(uow.now, zone), through)
    hours = [each for each in known if each.start >= uow.now]
    ends_within = pattern.ends_on is not None and pattern.ends_on <= through
    if ends_within and not hours:
        raise Invalid("No visit lies in this pattern: check its days and its weeks.", pointer="#/pattern")
    return hours, through


def _horizon(uow: UnitOfWork, zone: str, policy: Policy) -> date:
    return local_day(uow.now, zone) + timedelta(weeks=policy.weeks_ahead)


def _earliest(uow: UnitOfWork, policy: Policy, urgent: bool) -> datetime:
    # An emergency is written down while the carer may be on the way already.
    return uow.now - timedelta(minutes=policy.urgent_grace_minutes if urgent else 0)


def _plan(
    command: AmendCareRequest,
    uow: UnitOfWork,
    request: CareRequest,
    family: Family,
    setting: Setting,
    policy: Policy,
    settled: frozenset[UUID],
) -> Plan:
    ahead = request.ahead(uow.now, settled)
    by_id = {visit.visit_id: visit for visit in ahead}
    for number, visit_id in enumerate(command.removed_visit_ids):
        if visit_id not in by_id:
            raise _not_ahead(request, visit_id, f"#/removed_visit_ids/{number}")
    staying = [visit for visit in ahead if visit.visit_id not in command.removed_visit_ids]
    if command.visit_id is None and (command.visit or command.pattern):
        if command.visit is not None and not ahead:
            raise Conflict("This visit has begun or is over: only the roster can change it now.", code="has-begun")
        hours, through = _amended_hours(command, uow, request, family, policy, staying)
        given_up = _given_up(request, family.zone, command.removed_visit_ids) if command.pattern else ()
        hours = [each for each in hours if each.on not in given_up]
        wanted = [
            _wanted(each, family.zone, request.mode, request.child_ids, request.skills, setting) for each in hours
        ]
        request.ask_for(command.pattern, through)
        # A visit of a pattern that has begun stands as it was asked for; a visit that is late already may still move.
        begun = [visit for visit in staying if command.pattern and visit.starts_at < uow.now]
        plan = paired([visit for visit in staying if visit not in begun], wanted)
        return replace(plan, removed=[*plan.removed, *dict.fromkeys(command.removed_visit_ids)])
    kept = _as_before(uow, request, setting, settled)
    for visit_id in command.removed_visit_ids:
        kept.pop(visit_id, None)
    if command.visit_id is not None:
        if command.visit_id not in kept:
            raise _not_ahead(request, command.visit_id, "#/visit_id")
        if command.visit is None:
            raise Invalid("Say when this visit should be.", pointer="#/visit")
        hours, _ = _amended_hours(command, uow, request, family, policy, [by_id[command.visit_id]])
        kept[command.visit_id] = _wanted(
            hours[0], family.zone, request.mode, request.child_ids, request.skills, setting
        )
    return Plan(kept=kept, removed=list(dict.fromkeys(command.removed_visit_ids)))


def _given_up(request: CareRequest, zone: str, removed_now: Sequence[UUID]) -> frozenset[date]:
    """Days of the present pattern on which the family gave up its visit: another pattern doesn't bring them back."""
    if request.pattern is None:
        return frozenset()
    gone = [visit for visit in request.visits if visit.removed_at is not None or visit.visit_id in removed_now]
    if not gone:
        return frozenset()
    days = [visit.local_date for visit in gone]
    windows = {(visit.starts_at, visit.ends_at) for visit in gone}
    asked = pattern_hours(request.pattern, zone, min(days), max(days))
    kept = {visit.local_date for visit in request.visits if visit not in gone}
    return frozenset(each.on for each in asked if (each.start, each.end) in windows) - kept


def _amended_hours(
    command: AmendCareRequest,
    uow: UnitOfWork,
    request: CareRequest,
    family: Family,
    policy: Policy,
    staying: Sequence[Visit],
) -> tuple[list[Hours], date | None]:
    """As when opened, but a visit that is late already may keep its start, and a pattern the day it began on."""
    if command.visit is not None and command.pattern is None:
        begun = [visit.starts_at for visit in staying]
        earliest = min([_earliest(uow, policy, request.urgent), *begun])
        longest = longest_minutes(uow, policy)
        return [one_off_hours(command.visit, family.zone, longest_minutes=longest, earliest=earliest)], None
    if command.visit is None and command.pattern is not None and request.pattern is not None:
        longest = longest_minutes(uow, policy)
        today = local_day(uow.now, family.zone)
        check_pattern(command.pattern, longest(today), min(today, request.pattern.starts_on))
        return _pattern_ahead(uow, command.pattern, family.zone, policy)
    return _asked_hours(uow, family.zone, policy, command.visit, command.pattern, urgent=request.urgent)


def _as_before(uow: UnitOfWork, request: CareRequest, setting: Setting, settled: frozenset[UUID]) -> dict[UUID, Wanted]:
    return {
        visit.visit_id: _wanted(visit.hours, visit.zone, request.mode, request.child_ids, request.skills, setting)
        for visit in request.ahead(uow.now, settled)
    }


def _not_ahead(request: CareRequest, visit_id: UUID, pointer: str) -> Invalid | Conflict:
    if visit_id in {visit.visit_id for visit in request.visits}:
        return Conflict(f"The visit {visit_id} has begun, is over or was given up.", code="has-begun")
    return Invalid(f"{visit_id} is not a visit of this request.", pointer=pointer)


def _amended(
    uow: UnitOfWork, request: CareRequest, plan: Plan, settled: frozenset[UUID], reason_id: UUID | None
) -> None:
    known = {visit.visit_id for visit in request.visits}
    changed = request.amend(plan, now=uow.now, new_id=uow.new_id, settled=settled)
    uow.session.flush()
    progress.begin(uow, [visit for visit in changed if visit.visit_id not in known])
    keep_history(uow, request, changed, reason_id)
    progress.settle(uow, [visit.visit_id for visit in changed])


def _setting(uow: UnitOfWork, family: Family, mode: str, shared_care_id: UUID | None) -> Setting:
    """Raises NotFound for a shared care of another desk, Invalid for one the family has no part in."""
    if mode not in tuple(CareMode):
        raise Invalid(f"Care is given at {' or '.join(CareMode)}, not at {mode!r}.", pointer="#/mode")
    own = family.place() if mode == CareMode.FAMILY_HOME else None
    if shared_care_id is None:
        return lambda day: (own, None)
    shared = uow.get(SharedCare, shared_care_id)
    if family.family_id not in shared.family_ids:
        raise Invalid("This family has no part in that shared care.", pointer="#/shared_care_id")
    if mode != CareMode.FAMILY_HOME:
        raise Invalid("Care is shared at the host family's home: ask for family_home.", pointer="#/mode")
    host = uow.get(Family, shared.host_family_id)
    if host.erased_at is not None:
        return lambda day: (own, None)
    hosts = host.place()
    return lambda day: (hosts, shared_care_id) if shared.holds_on(day) else (own, None)


def _check_shared(wanted: Sequence[Wanted], shared_care_id: UUID | None) -> None:
    if shared_care_id is not None and any(each.shared_care_id is None for each in wanted[:1]):
        raise Invalid("The shared care is not in force on the day of the first visit.", pointer="#/shared_care_id")


def _wanted(
    hours: Hours, zone: str, mode: str, child_ids: Sequence[UUID], skills: Sequence[str], setting: Setting
) -> Wanted:
    place, shared_care_id = setting(hours.on)
    return Wanted(
        hours=hours,
        zone=zone,
        mode=mode,
        child_ids=tuple(child_ids),
        skills=tuple(skills),
        place=place,
        shared_care_id=shared_care_id,
    )


def _look_again(uow: UnitOfWork, request: CareRequest, policy: Policy) -> None:
    if request.goes_on:
        uow.set_timer(HORIZON, request.care_request_id, uow.now + timedelta(days=policy.horizon_step_days))
    else:
        uow.cancel_timer(HORIZON, request.care_request_id)


def _opened(request: CareRequest, uow: UnitOfWork, settled: frozenset[UUID]) -> Opened:
    return Opened(
        care_request_id=request.care_request_id,
        version=request.version,
        state=request.state,
        visits=request.ahead(uow.now, settled),
    )
