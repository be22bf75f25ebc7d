"""The desk's published order of requests, and what it makes of those that are open."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.request.commands.desk import PlaceAnew, PublishOrder
from services.request.domain.care_request import CareRequest, RequestState
from services.request.domain.checks import local_day, not_over, start_of_day
from services.request.domain.family import Family
from services.request.domain.plan import Plan, Proposal
from services.request.domain.priority import PriorityOrder
from services.request.handlers.care_requests import change, circumstances_of, placing
from services.request.handlers.visit_states import settled_visits
from services.request.queries import desk_rules
from services.request.queries.situation import planning
from services.request.tables import care_requests, priority_orders
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Conflict

ORDER = "order"


def publish_order(command: PublishOrder, uow: UnitOfWork) -> PriorityOrder:
    """Publish in which order requests are looked at from a day on; those open then get their new place that day.

    Raises Invalid for a day that is over: what was decided by an order stays decided by it.
    """
    order = command.order
    here = desk_rules.desk(uow.session, uow.caller.desk)
    today = local_day(uow.now, here.zone)
    not_over(order.valid_from, today)
    decided = uow.session.execute(
        select(priority_orders.c.valid_from).where(priority_orders.c.valid_from == order.valid_from)
    ).first()
    if decided is not None and order.valid_from <= today:
        raise Conflict("Today's order has decided already. Publish another one from tomorrow on.", code="in-force")
    values = {
        "rules": list(order.rules),
        "rationale": order.rationale,
        "published_at": uow.now,
        "published_by": uow.caller.account_id,
    }
    uow.session.execute(
        insert(priority_orders)
        .values(desk_id=uow.caller.desk, valid_from=order.valid_from, **values)
        .on_conflict_do_update(index_elements=["desk_id", "valid_from"], set_=values)
    )
    begins = start_of_day(order.valid_from, here.zone)
    uow.set_timer(ORDER, order.valid_from.isoformat(), max(begins, uow.now))
    return order


def place_anew(command: PlaceAnew, uow: UnitOfWork) -> int:
    """Another order is in force: every open request gets its place by it. Says of how many it changed."""
    ids = uow.session.execute(
        select(care_requests.c.care_request_id)
        .where(care_requests.c.state == RequestState.OPEN)
        .order_by(care_requests.c.care_request_id)
    ).scalars()
    return sum(_place(uow, request_id) for request_id in ids.all())


def _place(uow: UnitOfWork, request_id: UUID) -> bool:
    request = uow.get(CareRequest, request_id, lock=True)
    family = uow.get(Family, request.family_id)
    if request.state != RequestState.OPEN or family.erased_at is not None:
        return False
    settled = settled_visits(uow, request)
    ahead = Plan(kept={visit.visit_id: visit.wanted() for visit in request.ahead(uow.now, settled)})
    proposal = Proposal(
        terms=request.terms,
        patterns=request.patterns,
        planned_through=request.planned_through,
        goes_on=request.goes_on,
        plan=ahead,
    )
    placed = placing(uow, family, proposal, circumstances_of(uow, request), referred=request.referrer_id is not None)
    if placed.priority == request.priority:
        return False
    planned = planning(uow.session, uow.caller.desk, uow.now, family, request.terms)
    change(uow, request, proposal, planned, settled, what="placed_anew", placed=placed)
    return True
