"""The desk we work for: its country as heard from identity, its own dated choices and refinements of the rules."""

from datetime import date

from sqlalchemy.dialects.postgresql import insert

from services.request.commands.desk import RefineRule, SetPolicy
from services.request.domain.checks import local_day, not_over
from services.request.domain.policy import Policy
from services.request.domain.refinement import Law, check_refinement
from services.request.handlers.register import look_again_tomorrow
from services.request.queries import desk_rules
from services.request.tables import desks, policies, rule_refinements
from shared.contracts.identity import DeskChanged, DeskRegistered
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Conflict, Invalid
from shared.jurisdictions.days_off import school_regions
from shared.jurisdictions.packs import pack


def keep_desk(event: DeskRegistered | DeskChanged, uow: UnitOfWork) -> None:
    """Keep where the desk is: which rule pack holds there."""
    uow.keep_copy(
        desks,
        {"desk_id": event.desk_id},
        version=event.version,
        values={"country": event.desk.country, "zone": event.desk.zone},
    )
    look_again_tomorrow(uow)
    uow.arrived("desk", event.desk_id)


def set_policy(command: SetPolicy, uow: UnitOfWork) -> Policy:
    """Choose what holds at this desk from a day on; what held before stays for the days before.

    Raises Invalid for a day that is over, Conflict while the desk has not been heard of.
    """
    chosen = command.policy
    here = desk_rules.desk(uow.session, uow.caller.desk)
    not_over(chosen.valid_from, local_day(uow.now, here.zone))
    if chosen.school_region is not None:
        known = school_regions(pack(here.country, chosen.valid_from).holidays_country)
        if chosen.school_region not in known:
            told = ", ".join(known) or "none here; tell the school years yourself"
            raise Invalid(f"School holidays are known for these regions: {told}.", pointer="#/school_region")
    choices = desk_rules.choices_of(chosen)
    uow.session.execute(
        insert(policies)
        .values(desk_id=uow.caller.desk, valid_from=chosen.valid_from, choices=choices)
        .on_conflict_do_update(index_elements=["desk_id", "valid_from"], set_={"choices": choices})
    )
    return chosen


def refine_rule(command: RefineRule, uow: UnitOfWork) -> date:
    """Refine a rule of the country's pack at this desk, from a day on.

    Raises Invalid for a rule that can't be refined here or a number the pack doesn't allow, Conflict for a day on which
    the rule as it is may have decided something already.
    """
    here = desk_rules.desk(uow.session, uow.caller.desk)
    today = local_day(uow.now, here.zone)
    if command.valid_from <= today:
        raise Conflict(
            f"What the rule decided until {today.isoformat()} stays decided. Refine it from tomorrow on.",
            code="would-change-the-past",
        )
    then = pack(here.country, command.valid_from)
    laws = {rule.code: Law(country=then.name, numbers=rule.numbers, source=rule.source) for rule in then.rules()}
    check_refinement(command.code, command.numbers, laws)
    values = {
        "numbers": dict(command.numbers),
        "sentence": command.sentence,
        "source": command.source,
        "recorded_at": uow.now,
        "recorded_by": uow.caller.account_id,
    }
    uow.session.execute(
        insert(rule_refinements)
        .values(desk_id=uow.caller.desk, code=command.code, valid_from=command.valid_from, **values)
        .on_conflict_do_update(index_elements=["desk_id", "code", "valid_from"], set_=values)
    )
    return command.valid_from
