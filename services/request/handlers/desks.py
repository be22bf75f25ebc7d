"""The desk we work for: its country's rules as heard from identity, and its own dated policy."""

from collections.abc import Callable
from datetime import date

from sqlalchemy.dialects.postgresql import insert

from services.request.commands import SetPolicy
from services.request.domain.policy import Policy
from services.request.tables import desks, policies
from shared.contracts.identity import DeskChanged, DeskRegistered
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Conflict
from shared.jurisdictions.packs import pack


def keep_desk(event: DeskRegistered | DeskChanged, uow: UnitOfWork) -> None:
    """Keep where the desk is: which rule pack holds there."""
    uow.keep_copy(
        desks,
        {"desk_id": event.desk_id},
        version=event.version,
        values={"country": event.desk.country, "zone": event.desk.zone},
    )
    uow.arrived("desk", event.desk_id)


def set_policy(command: SetPolicy, uow: UnitOfWork) -> Policy:
    """Choose what holds at this desk from a day on; what held before stays for the days before."""
    chosen = command.policy
    values = {
        "weeks_ahead": chosen.weeks_ahead,
        "horizon_step_days": chosen.horizon_step_days,
        "urgent_grace_minutes": chosen.urgent_grace_minutes,
        "longest_visit_minutes": chosen.longest_visit_minutes,
    }
    uow.session.execute(
        insert(policies)
        .values(desk_id=uow.caller.desk, valid_from=chosen.valid_from, **values)
        .on_conflict_do_update(index_elements=["desk_id", "valid_from"], set_=values)
    )
    return chosen


def longest_minutes(uow: UnitOfWork, policy: Policy) -> Callable[[date], int]:
    """How long one visit may last on a day: the country's rule, or less where the desk chose less.

    Raises Conflict while the desk itself has not been heard of.
    """
    desk = uow.one(desks, desk_id=uow.caller.desk)
    if desk is None:
        raise Conflict(
            "This desk was set up a moment ago and its country's rules aren't here yet. Try again shortly.",
            code="desk-unknown",
        )

    def longest(day: date) -> int:
        lawful = pack(desk.country, day).longest_visit_minutes
        return min(lawful, policy.longest_visit_minutes or lawful)

    return longest
