"""An excess of children that the desk knowingly lets in: explicit, bounded by its policy, written down."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import insert

from services.roster.commands.visits import Tolerate
from services.roster.handlers.history import remember_carer
from services.roster.handlers.one_carer import locked_carer
from services.roster.queries.policies import policy_on
from services.roster.tables.visits import tolerances
from shared.contracts.roster_notices import (
    ExcessTolerated,
)
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Invalid, NotAllowed
from shared.domain.values import TimeWindow


def tolerate(command: Tolerate, uow: UnitOfWork) -> UUID:
    """So many children more at this carer's for this time. Raises NotAllowed where the policy tolerates none, Invalid."""
    locked_carer(command.carer_id, uow)
    window = TimeWindow(command.start, command.end)
    policy = policy_on(uow.session, uow.now.date())
    if not policy.tolerated_children or not policy.tolerated_minutes:
        raise NotAllowed("This desk's policy tolerates no child more than the country allows.")
    if not 1 <= command.children <= policy.tolerated_children:
        raise Invalid(f"The policy tolerates 1 to {policy.tolerated_children}.", pointer="#/children")
    if window.end - window.start > timedelta(minutes=policy.tolerated_minutes):
        raise Invalid(f"The policy tolerates it for {policy.tolerated_minutes} minutes at most.", pointer="#/end")
    if not command.reason:
        raise Invalid("Say why.", pointer="#/reason")
    tolerance_id = uow.new_id()
    uow.session.execute(
        insert(tolerances).values(
            tolerance_id=tolerance_id,
            desk_id=uow.caller.desk,
            carer_id=command.carer_id,
            starts_at=window.start,
            ends_at=window.end,
            children=command.children,
            reason=command.reason,
            said_at=uow.now,
            account_id=uow.caller.account_id,
            account_name=uow.caller.name,
        )
    )
    remember_carer(
        uow,
        command.carer_id,
        "excess-allowed",
        children=command.children,
        start=window.start.isoformat(),
        end=window.end.isoformat(),
    )
    uow.record(
        ExcessTolerated(
            desk_id=uow.caller.desk,
            version=1,
            tolerance_id=tolerance_id,
            carer_id=command.carer_id,
            start=window.start,
            end=window.end,
            children=command.children,
        )
    )
    return tolerance_id
