"""What holds at the desk: its country's rules, its own refinements, choices, order and days off, all dated."""

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Response

from services.request.api.responses import CHANGED
from services.request.commands.desk import PublishOrder, RefineRule, SetPolicy, TellSchoolYear
from services.request.domain.policy import Policy
from services.request.domain.priority import SENTENCES, PriorityOrder, PriorityRule
from services.request.domain.school_year import SchoolBreak
from services.request.handlers import desks, orders, school_years
from services.request.queries import desk_rules
from services.request.queries.rules import days_off_read, rules_read
from services.request.schemas.desk import (
    DaysOffOut,
    EntitlementOut,
    OrderIn,
    OrderOut,
    OrderRuleOut,
    PolicyIn,
    PolicyOut,
    RefinementIn,
    RefinementKeptOut,
    RulesOut,
    SchoolYearIn,
    SchoolYearKeptOut,
)
from shared.auth.dependencies import AnyoneSignedIn, DispatcherEntrance
from shared.domain.entitlement import entitlement
from shared.domain.errors import Invalid
from shared.jurisdictions.packs import pack

router = APIRouter(tags=["rules"], generate_unique_id_function=lambda route: route.name)


@router.get("/rules", response_model=RulesOut)
def find_rules(
    door: AnyoneSignedIn,
    on: date | None = None,
    country: Annotated[str | None, Query(max_length=10)] = None,
    language: Annotated[str, Query(pattern="^[a-z]{2}$")] = "en",
) -> RulesOut:
    """Every rule in force on a day with its source: this desk's with its own refinements, or another country's."""
    found = door.read(rules_read, door.caller.desk, country, on or door.runner.clock.now().date(), language)
    return RulesOut.model_validate(found)


@router.post("/rules/refinements", status_code=201, response_model=RefinementKeptOut, responses=CHANGED)
def refine_rule(door: DispatcherEntrance, body: RefinementIn) -> Response:
    """Refine a rule at this desk from a day after today on; what it decided before stays decided."""
    command = RefineRule(**body.model_dump())
    return door.do(
        desks.refine_rule,
        command,
        present=lambda begins: RefinementKeptOut(code=body.code, valid_from=begins),
        status=201,
    )


@router.get("/policy", response_model=PolicyOut)
def find_policy(door: DispatcherEntrance, on: date | None = None) -> PolicyOut:
    """The desk's choices in force on a day, today's if none is named."""
    return PolicyOut.model_validate(door.read(desk_rules.policy_on, on or door.runner.clock.now().date()))


@router.post("/policy", status_code=201, response_model=PolicyOut, responses=CHANGED)
def set_policy(door: DispatcherEntrance, body: PolicyIn) -> Response:
    """The desk's choices from a day on; earlier ones stay as they were."""
    command = SetPolicy(policy=Policy(**body.model_dump()))
    return door.do(desks.set_policy, command, present=PolicyOut.model_validate, status=201)


@router.get("/priority", response_model=OrderOut)
def find_order(door: AnyoneSignedIn, on: date | None = None) -> OrderOut:
    """The published order of requests in force on a day; families may read it too."""
    return order_out(door.read(desk_rules.order_on, on or door.runner.clock.now().date()))


@router.post("/priority", status_code=201, response_model=OrderOut, responses=CHANGED)
def publish_order(door: DispatcherEntrance, body: OrderIn) -> Response:
    """Publish another order from a day on; requests open then get their place by it that day."""
    rules = []
    for number, rule in enumerate(body.rules):
        if rule not in tuple(PriorityRule):
            raise Invalid(f"A rule is one of {', '.join(PriorityRule)}.", pointer=f"#/rules/{number}")
        rules.append(PriorityRule(rule))
    order = PriorityOrder(valid_from=body.valid_from, rules=tuple(rules), rationale=body.rationale)
    return door.do(orders.publish_order, PublishOrder(order=order), present=order_out, status=201)


@router.get("/days-off", response_model=DaysOffOut)
def find_days_off(door: DispatcherEntrance, first_day: date | None = None, last_day: date | None = None) -> DaysOffOut:
    """Public and school holidays as this desk knows them, of the year ahead if no days are named."""
    first = first_day or door.runner.clock.now().date()
    last = last_day or first + timedelta(days=365)
    if not 0 <= (last - first).days <= 800:
        raise Invalid("Ask for up to two years, the first day first.", pointer="#/last_day")
    return DaysOffOut.model_validate(door.read(days_off_read, door.caller.desk, first, last))


@router.post("/school-years", status_code=201, response_model=SchoolYearKeptOut, responses=CHANGED)
def tell_school_year(door: DispatcherEntrance, body: SchoolYearIn) -> Response:
    """When schools are closed in a school year, all of it at once; told again it stands instead."""
    command = TellSchoolYear(
        first_day=body.first_day,
        last_day=body.last_day,
        breaks=tuple(SchoolBreak(**each.model_dump()) for each in body.breaks),
    )
    return door.do(
        school_years.tell_school_year, command, present=lambda last: SchoolYearKeptOut(last_day=last), status=201
    )


@router.get("/entitlement", response_model=EntitlementOut)
def find_entitlement(
    door: DispatcherEntrance,
    born: date,
    starts_on: date,
    minutes_a_week: Annotated[int, Query(ge=1, le=7 * 24 * 60)],
    proof_on: date | None = None,
    works: bool = False,
    minor_per_hour: Annotated[int | None, Query(ge=0)] = None,
) -> EntitlementOut:
    """From when hours are funded, which last day was missed, and what waiting costs until then (1:R20, 1:R21)."""
    now = door.runner.clock.now().date()
    here = door.read(desk_rules.desk, door.caller.desk)
    rules = pack(here.country, starts_on).funded_hours
    if rules is None:
        raise Invalid(f"There are no funded hours in {pack(here.country, starts_on).name}.", pointer="#/country")
    found = entitlement(
        born,
        starts_on,
        proof_on or now,
        rules,
        works=works,
        minutes_a_week=minutes_a_week,
        minor_per_hour=minor_per_hour,
    )
    return EntitlementOut.model_validate(found)


def order_out(order: PriorityOrder) -> OrderOut:
    """An order as people read it."""
    named = [OrderRuleOut(rule=rule, sentence=SENTENCES[rule]) for rule in PriorityRule]
    by_rule = {each.rule: each for each in named}
    return OrderOut(
        valid_from=order.valid_from,
        rules=tuple(by_rule[rule] for rule in order.rules),
        rationale=order.rationale,
        can_choose=tuple(named),
    )
