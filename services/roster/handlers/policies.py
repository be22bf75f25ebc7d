"""The desk's own choices for its roster."""

from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.roster.adapters.rule_packs import rules_on
from services.roster.commands.desk import ChangePolicy
from services.roster.domain.policy import Policy, changed
from services.roster.domain.rules import check_stricter
from services.roster.handlers.tonight import expect_evening
from services.roster.queries.policies import policy_on
from services.roster.tables.copies import desks
from services.roster.tables.desk import policies
from shared.db.unit_of_work import UnitOfWork


def change_policy(command: ChangePolicy, uow: UnitOfWork) -> Policy:
    """Choose from a day on; says the policy that follows.

    Raises Invalid for an unknown choice, or a limit that would allow more than the country does.
    """
    policy = changed(policy_on(uow.session, command.valid_from), command.choices)
    desk = uow.session.execute(select(desks).where(desks.c.desk_id == uow.caller.desk)).one_or_none()
    if desk is not None:
        check_stricter(rules_on(desk.country, command.valid_from), policy)
    statement = insert(policies).values(desk_id=uow.caller.desk, valid_from=command.valid_from, choices=command.choices)
    uow.session.execute(
        statement.on_conflict_do_update(
            index_elements=["desk_id", "valid_from"],
            set_={"choices": policies.c.choices.op("||")(statement.excluded.choices)},
        )
    )
    if desk is not None and command.valid_from <= uow.now.astimezone(ZoneInfo(desk.zone)).date():
        expect_evening(uow, desk.zone)
    return policy
