"""The desk's own choices for its roster."""

from sqlalchemy.dialects.postgresql import insert

from services.roster.commands import ChangePolicy
from services.roster.domain.policy import Policy, changed
from services.roster.queries.policies import policy_on
from services.roster.tables import policies
from shared.db.unit_of_work import UnitOfWork


def change_policy(command: ChangePolicy, uow: UnitOfWork) -> Policy:
    """Choose from a day on; says the policy that follows. Raises Invalid for an unknown choice."""
    policy = changed(policy_on(uow.session, command.valid_from), command.choices)
    statement = insert(policies).values(desk_id=uow.caller.desk, valid_from=command.valid_from, choices=command.choices)
    uow.session.execute(
        statement.on_conflict_do_update(
            index_elements=["desk_id", "valid_from"],
            set_={"choices": policies.c.choices.op("||")(statement.excluded.choices)},
        )
    )
    return policy
