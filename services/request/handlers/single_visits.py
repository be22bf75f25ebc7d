"""What happens to one visit: two carers share a long one, a carer kept free is called in, a more urgent need comes first."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import insert

from services.request.commands.single_visits import CallIn, DisplaceVisit, ExpireHold, SplitVisit
from services.request.domain.care_request import CareRequest, RequestState
from services.request.domain.care_terms import LegKind, details_of
from services.request.domain.checks import local_day
from services.request.domain.family import Family
from services.request.domain.hours import one_off_hours
from services.request.domain.plan import Plan, Proposal
from services.request.domain.visit import Leg, Removal, Visit, VisitKind, asked_first
from services.request.handlers.care_requests import Opened, change, locked, opened, withdraw, written_down
from services.request.handlers.visit_states import settled_visits
from services.request.queries.changes import check_version
from services.request.queries.situation import carers_of, planning
from services.request.tables import displacements, visits
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Conflict, Invalid, NotFound

SHORTEST_PART = timedelta(minutes=30)
WITHDRAW, LOOK_AGAIN = "withdraw", "look_again"


def split_visit(command: SplitVisit, uow: UnitOfWork) -> Opened:
    """Two carers share a long visit: the first keeps it until `at`, the second takes over where the children are.

    The visit keeps its id and ends earlier; the rest is a visit of its own, and both know of the handover. Raises
    Conflict when it has begun or the family wants one carer for all, Invalid for a time that leaves no two parts.
    """
    request, visit, settled = _ahead(uow, command.visit_id, command.version)
    if request.terms.one_carer:
        raise Conflict("The family wants one carer for all of this. Ask it first, and change that.", code="one-carer")
    if not visit.starts_at + SHORTEST_PART <= command.at <= visit.ends_at - SHORTEST_PART:
        raise Invalid("Each part lasts half an hour or more: choose a time in between.", pointer="#/at")
    family = uow.get(Family, request.family_id)
    planned = planning(uow.session, uow.caller.desk, uow.now, family, request.terms)
    handover = Leg(kind=LegKind.HANDOVER, at=command.at, place_id=visit.place_id, child_ids=tuple(visit.child_ids))
    whole = visit.wanted()
    parts = []
    for start, end in ((visit.starts_at, command.at), (command.at, visit.ends_at)):
        hours = replace(whole.hours, on=local_day(start, visit.zone), start=start, end=end)
        own = details_of(request.terms, hours, visit.zone)
        legs = tuple(sorted((*own.legs, handover), key=lambda leg: (leg.at, leg.kind)))
        parts.append(replace(whole, hours=hours, details=replace(whole.details, legs=legs)))
    first, second = parts
    plan = Plan(
        kept={visit.visit_id: first}, added=[replace(second, details=replace(second.details, ask_first_carer_ids=()))]
    )
    change(uow, request, _with(request, plan), planned, settled, what="split")
    return opened(request, uow, settled)


def call_in(command: CallIn, uow: UnitOfWork) -> Opened:
    """A carer kept free is needed after all: the standby becomes care, at the hours that are needed within what was held.

    Raises Conflict when nobody is held for it, Invalid for hours outside those that were held.
    """
    request, visit, settled = _ahead(uow, command.visit_id, command.version)
    if visit.kind != VisitKind.STANDBY:
        raise Conflict("This visit is no standby.", code="no-standby")
    family = uow.get(Family, request.family_id)
    planned = planning(uow.session, uow.caller.desk, uow.now, family, request.terms)
    hours = visit.hours
    if command.visit is not None:
        situation = planned.situation
        hours = one_off_hours(
            command.visit, visit.zone, longest_minutes=situation.longest_minutes, earliest=visit.starts_at
        )
        if hours.end > visit.ends_at:
            raise Invalid("A carer was kept free until an earlier time.", pointer="#/visit/end")
    carer = carers_of(uow.session, [visit.visit_id]).get(visit.visit_id)
    wanted = asked_first(replace(visit.wanted(), hours=hours, kind=VisitKind.CARE), carer)
    change(uow, request, _with(request, Plan(kept={visit.visit_id: wanted})), planned, settled, what="called_in")
    return opened(request, uow, settled)


def expire_hold(command: ExpireHold, uow: UnitOfWork) -> None:
    """Nobody was called in: carers are no longer kept free; what was called in goes on."""
    request = uow.find(CareRequest, command.care_request_id, lock=True)
    if request is None or request.state != RequestState.OPEN:
        return
    settled = settled_visits(uow, request)
    ahead = request.ahead(uow.now, settled)
    held = [visit for visit in ahead if visit.kind == VisitKind.STANDBY]
    if held and len(held) == len(ahead):
        withdraw(uow, request, because=Removal.EXPIRED)
    elif held:
        family = uow.get(Family, request.family_id)
        planned = planning(uow.session, uow.caller.desk, uow.now, family, request.terms)
        plan = Plan(kept={}, removed=[visit.visit_id for visit in held])
        known, before = {visit.visit_id for visit in request.visits}, request.version
        changed = request.amend(
            _with(request, plan),
            places=planned.places,
            now=uow.now,
            new_id=uow.new_id,
            settled=settled,
            because=Removal.EXPIRED,
        )
        written_down(uow, request, changed, known, before, Removal.EXPIRED)


def displace_visit(command: DisplaceVisit, uow: UnitOfWork) -> Opened:
    """A family gives up its carer for a visit that is more urgent by the desk's order, and said yes to that.

    The more urgent visit is offered to that carer first. Regular care can't be displaced. Raises Conflict when the
    visit is regular, nobody has it, or its request is not behind the other's; Invalid for a consent said in the future.
    """
    if command.then not in (WITHDRAW, LOOK_AGAIN):
        raise Invalid(f"The family's own visit is then to {WITHDRAW} or to {LOOK_AGAIN}.", pointer="#/then")
    if command.said_at > uow.now:
        raise Invalid("A consent can't have been given in the future.", pointer="#/said_at")
    request, visit, settled = _ahead(uow, command.visit_id, None)
    needing, urgent, urgent_settled = _ahead(uow, command.for_visit_id, None)
    if not request.occasional:
        raise Conflict("Regular care can't be displaced (2:W22).", code="regular")
    if needing.priority <= request.priority:
        raise Conflict("By the desk's order the other visit is not more urgent than this one.", code="not-more-urgent")
    carer_id = carers_of(uow.session, [visit.visit_id]).get(visit.visit_id)
    if carer_id is None:
        raise Conflict("Nobody has this visit, so nobody can be given up.", code="nobody-has-it")
    uow.session.execute(
        insert(displacements).values(
            displacement_id=uow.new_id(),
            desk_id=uow.caller.desk,
            visit_id=visit.visit_id,
            for_visit_id=urgent.visit_id,
            family_id=request.family_id,
            carer_id=carer_id,
            then=command.then,
            said_by=command.said_by,
            said_at=command.said_at,
            recorded_at=uow.now,
            recorded_by=uow.caller.account_id,
        )
    )
    _give_up(uow, request, visit, settled, look_again=command.then == LOOK_AGAIN)
    family = uow.get(Family, needing.family_id)
    planned = planning(uow.session, uow.caller.desk, uow.now, family, needing.terms)
    plan = Plan(kept={urgent.visit_id: asked_first(urgent.wanted(), carer_id)})
    change(uow, needing, _with(needing, plan), planned, urgent_settled, what="comes_first")
    return opened(request, uow, settled)


def _give_up(
    uow: UnitOfWork, request: CareRequest, visit: Visit, settled: frozenset[UUID], *, look_again: bool
) -> None:
    family = uow.get(Family, request.family_id)
    planned = planning(uow.session, uow.caller.desk, uow.now, family, request.terms)
    plan = Plan(kept={}, removed=[visit.visit_id], added=[visit.wanted()] if look_again else [])
    known, before = {each.visit_id for each in request.visits}, request.version
    changed = request.amend(
        _with(request, plan),
        places=planned.places,
        now=uow.now,
        new_id=uow.new_id,
        settled=settled,
        because=Removal.REPLACED if look_again else Removal.DISPLACED,
    )
    written_down(uow, request, changed, known, before, Removal.DISPLACED)


def _ahead(uow: UnitOfWork, visit_id: UUID, version: int | None) -> tuple[CareRequest, Visit, frozenset[UUID]]:
    """The visit with its request, locked. Raises NotFound, Conflict when it is not ahead or somebody changed it."""
    row = uow.one(visits, visit_id=visit_id)
    if row is None:
        raise NotFound("There is no such visit at this desk.")
    request = locked(uow, row.care_request_id)
    request.check_open()
    check_version(uow.session, request, version)
    settled = settled_visits(uow, request)
    visit = next((each for each in request.ahead(uow.now, settled) if each.visit_id == visit_id), None)
    if visit is None:
        raise Conflict("This visit has begun, is over or was given up.", code="has-begun")
    return request, visit, settled


def _with(request: CareRequest, plan: Plan) -> Proposal:
    return Proposal(
        terms=request.terms,
        patterns=request.patterns,
        planned_through=request.planned_through,
        goes_on=request.goes_on,
        plan=plan,
    )
