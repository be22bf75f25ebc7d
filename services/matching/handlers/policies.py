"""A desk's own choices for matching, each valid from a day on and kept for good."""

from uuid import UUID

from sqlalchemy import insert

from services.matching.assigning import note_change
from services.matching.commands import SetPolicy
from services.matching.domain.policy import policy_of
from services.matching.tables import policies
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Invalid


def set_policy(command: SetPolicy, uow: UnitOfWork) -> UUID:
    """Choices from a day on; raises Invalid when no objective weighs anything."""
    policy = policy_of(command.valid_from, command.choices)
    if policy.weights.whole == 0:
        raise Invalid("At least one weight must be above 0.", pointer="#/weights")
    policy_id = uow.new_id()
    uow.session.execute(
        insert(policies).values(
            policy_id=policy_id,
            desk_id=uow.caller.desk,
            valid_from=policy.valid_from,
            choices=policy.facts(),
            set_by=uow.caller.account_id,
            set_at=uow.now,
        )
    )
    note_change(uow)
    return policy_id
