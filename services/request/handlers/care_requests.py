"""Opening, changing and withdrawing care requests, and letting patterns become visits as time goes on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.request.commands.care_requests import (
    AmendCareRequest,
    ExtendHorizon,
    OpenCareRequest,
    WithdrawCareRequest,
)
from services.request.domain.care_request import CareRequest, Placing, RequestState
from services.request.domain.checks import local_day
from services.request.domain.circumstances import Circumstances
from services.request.domain.family import Family
from services.request.domain.introduction import Because
from services.request.domain.plan import Proposal
from services.request.domain.planning import Situation, extending, replanning
from services.request.domain.priority import priority
from services.request.domain.task import TaskKind
from services.request.domain.visit import Removal, Visit
from services.request.handlers import plans
from services.request.handlers.history import keep_history, keep_reason, keep_waiver
from services.request.handlers.register import keep_barriers
from services.request.handlers.tasks import raise_task
from services.request.handlers.visit_states import begin, settle, settled_visits
from services.request.queries import proposals
from services.request.queries.changes import check_version
from services.request.queries.desk_rules import order_on
from services.request.queries.situation import Planning, carers_of, notes_on, planning, priority_facts
from services.request.tables import care_requests, circumstances
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import NotFound

HORIZON = "horizon"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A care request as it stands after a command: its visits ahead, without anything about people."""

    care_request_id: UUID
    version: int
    state: str
    priority: int
    visits: Sequence[Visit]


def open_care_request(command: OpenCareRequest, uow: UnitOfWork) -> Opened:
    """Write down what a family needs; all visits known so far get their ids.

    Raises NotFound for a family or shared care of another desk, Invalid for what can't be right, naming the field.
    """
    family = uow.get(Family, command.family_id, lock=True)
    proposal, planned = proposals.opened(uow.session, uow.caller.desk, uow.now, command, family)
    today = local_day(uow.now, family.zone)
    notes_on(family, proposal, command.circumstances, planned, today)
    request_id = command.care_request_id or uow.new_id()
    reason_id = keep_reason(uow, family.family_id, request_id, command.reason)
    request = CareRequest(
        request_id,
        uow.caller.desk,
        family.family_id,
        proposal,
        places=planned.places,
        placing=placing(uow, family, proposal, command.circumstances, referred=command.referrer_id is not None),
        reason_id=reason_id,
        referrer_id=command.referrer_id,
        now=uow.now,
        new_id=uow.new_id,
    )
    uow.add(request)
    uow.session.flush()
    _keep_circumstances(uow, request, command.circumstances)
    if command.skipped is not None:
        keep_waiver(uow, request, None, Because.CONSENT, command.skipped.said_by, command.skipped.said_at)
    begin(uow, request.visits)
    keep_history(uow, request, request.visits, "opened", reason_id)
    look_again(uow, request, planned.situation)
    plans.watch(uow, request, family, planned.situation.policy)
    uow.arrived("care_request", request_id)
    return opened(request, uow, frozenset())


def amend_care_request(command: AmendCareRequest, uow: UnitOfWork) -> Opened:
    """Change what is still ahead: a new version for each visit that changes, none for the others.

    Raises Conflict when somebody changed the request meanwhile or what should change has begun, Invalid for what
    can't be right, naming the field, NotFound for another family's.
    """
    request = locked(uow, command.care_request_id, command.family_id)
    request.check_open()
    check_version(uow.session, request, command.version)
    settled = settled_visits(uow, request)
    family = uow.get(Family, request.family_id)
    known = command.circumstances or circumstances_of(uow, request)
    carers = carers_of(uow.session, [visit.visit_id for visit in request.visits])
    proposal, planned = proposals.amended(
        uow.session, uow.caller.desk, uow.now, command, request, family, settled, carers
    )
    notes_on(family, proposal, known, planned, local_day(request.opened_at, family.zone))
    reason_id = keep_reason(uow, family.family_id, request.care_request_id, command.why)
    if command.circumstances is not None:
        _keep_circumstances(uow, request, command.circumstances)
    placed = placing(uow, family, proposal, known, referred=request.referrer_id is not None)
    change(uow, request, proposal, planned, settled, reason_id=reason_id, placed=placed)
    look_again(uow, request, planned.situation)
    plans.watch(uow, request, family, planned.situation.policy)
    return opened(request, uow, settled)


def withdraw_care_request(command: WithdrawCareRequest, uow: UnitOfWork) -> Opened:
    """The family needs it no more; visits that have begun stay with the roster.

    Raises NotFound for another family's request, Conflict when it was withdrawn before or changed meanwhile.
    """
    request = locked(uow, command.care_request_id, command.family_id)
    request.check_open()
    check_version(uow.session, request, command.version)
    reason_id = keep_reason(uow, request.family_id, request.care_request_id, command.why)
    removed = withdraw(uow, request, reason_id)
    if command.barrier is not None:
        keep_barriers(uow, [visit.visit_id for visit in removed], command.barrier)
    return opened(request, uow, frozenset())


def withdraw(
    uow: UnitOfWork, request: CareRequest, reason_id: UUID | None = None, because: str = Removal.WITHDRAWN
) -> list[Visit]:
    """Withdraw a locked request, with its history and timers. Returns the visits that nobody needs any more."""
    removed = request.withdraw(now=uow.now, settled=settled_visits(uow, request), because=because)
    uow.session.flush()
    keep_history(uow, request, removed, because, reason_id)
    settle(uow, [visit.visit_id for visit in removed])
    uow.cancel_timer(HORIZON, request.care_request_id)
    plans.forget(uow, request)
    return removed


def extend_horizon(command: ExtendHorizon, uow: UnitOfWork) -> None:
    """Let patterns become visits as far ahead as the desk's policy says, beginning where they stopped."""
    request = uow.find(CareRequest, command.care_request_id, lock=True)
    if request is None or request.state != RequestState.OPEN or not request.patterns:
        return
    family = uow.get(Family, request.family_id)
    planned = planning(uow.session, uow.caller.desk, uow.now, family, request.terms)
    proposal = extending(request, planned.situation)
    if proposal is not None:
        settled = settled_visits(uow, request)
        change(uow, request, proposal, planned, settled, what="extended")
    look_again(uow, request, planned.situation)


def replace_visits(
    uow: UnitOfWork, requests: Iterable[CareRequest], moved_place_ids: frozenset[UUID] = frozenset()
) -> None:
    """A home or a place moved, or the sharing changed: visits ahead get their place anew, as a new version if it differs."""
    for request in requests:
        family = uow.get(Family, request.family_id)
        settled = settled_visits(uow, request)
        planned = planning(uow.session, uow.caller.desk, uow.now, family, request.terms)
        plan = replanning(request, planned.situation, settled)
        proposal = Proposal(
            terms=request.terms,
            patterns=request.patterns,
            planned_through=request.planned_through,
            goes_on=request.goes_on,
            plan=plan,
        )
        leading_there = frozenset(
            visit.visit_id
            for visit in request.visits
            if moved_place_ids & {visit.place_id, *(leg.place_id for leg in visit.details.legs)}
        )
        change(uow, request, proposal, planned, settled, what="moved", anyway=leading_there)


def change(
    uow: UnitOfWork,
    request: CareRequest,
    proposal: Proposal,
    planned: Planning,
    settled: frozenset[UUID],
    *,
    what: str = "amended",
    reason_id: UUID | None = None,
    placed: Placing | None = None,
    anyway: frozenset[UUID] = frozenset(),
) -> list[Visit]:
    """Make a proposal so, with its history; says which visits changed."""
    known, before = {visit.visit_id for visit in request.visits}, request.version
    changed = request.amend(
        proposal,
        places=planned.places,
        now=uow.now,
        new_id=uow.new_id,
        settled=settled,
        placing=placed,
        anyway=anyway,
    )
    written_down(uow, request, changed, known, before, what, reason_id)
    return changed


def written_down(
    uow: UnitOfWork,
    request: CareRequest,
    changed: Sequence[Visit],
    known: set[UUID],
    before: int,
    what: str,
    reason_id: UUID | None = None,
) -> None:
    """Keep what an aggregate's change made of its visits, if it made anything of them."""
    if request.version == before:
        return
    uow.session.flush()
    begin(uow, [visit for visit in changed if visit.visit_id not in known])
    keep_history(uow, request, changed, what, reason_id)
    settle(uow, [visit.visit_id for visit in changed])


def placing(uow: UnitOfWork, family: Family, proposal: Proposal, known: Circumstances, *, referred: bool) -> Placing:
    """The place the desk's published order gives a request."""
    today = local_day(uow.now, family.zone)
    order = order_on(uow.session, today)
    facts = priority_facts(family, proposal, known, today, referred=referred)
    return Placing(priority=priority(facts, order), order=order.valid_from)


def locked(uow: UnitOfWork, care_request_id: UUID, family_id: UUID | None = None) -> CareRequest:
    """The request, locked. Raises NotFound, also for another family's where the family itself asks."""
    request = uow.get(CareRequest, care_request_id, lock=True)
    if family_id is not None and request.family_id != family_id:
        raise NotFound(f"There is no care request {care_request_id} of yours.")
    return request


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


def circumstances_of(uow: UnitOfWork, request: CareRequest) -> Circumstances:
    """What the desk knows of why this request has its place; nothing once that was erased."""
    return proposals.circumstances_of(uow.one(circumstances, care_request_id=request.care_request_id))


def look_again(uow: UnitOfWork, request: CareRequest, situation: Situation) -> None:
    """Have patterns that go on become visits again after some days; ask for school holidays that keep them from it."""
    if not request.goes_on:
        uow.cancel_timer(HORIZON, request.care_request_id)
        return
    uow.set_timer(HORIZON, request.care_request_id, uow.now + timedelta(days=situation.policy.horizon_step_days))
    known_through = situation.school_known_through
    asks = any(pattern.asks_for_school_holidays for pattern in request.patterns)
    if asks and known_through is not None and known_through < situation.horizon:
        raise_task(uow, TaskKind.SCHOOL_HOLIDAYS, uow.caller.desk, due_on=known_through)


def _keep_circumstances(uow: UnitOfWork, request: CareRequest, known: Circumstances) -> None:
    values = {
        "need": known.need,
        "occasional_reason": known.occasional_reason,
        "vulnerable": known.vulnerable,
        "no_alternative": known.no_alternative,
        "working_or_training": known.working_or_training,
    }
    uow.session.execute(
        insert(circumstances)
        .values(care_request_id=request.care_request_id, desk_id=request.desk_id, family_id=request.family_id, **values)
        .on_conflict_do_update(index_elements=["care_request_id"], set_=values)
    )


def opened(request: CareRequest, uow: UnitOfWork, settled: frozenset[UUID] = frozenset()) -> Opened:
    """The request as it stands now."""
    return Opened(
        care_request_id=request.care_request_id,
        version=request.version,
        state=request.state,
        priority=request.priority,
        visits=request.ahead(uow.now, settled),
    )
