"""The desk's own choices."""

from datetime import date

from fastapi import Response

from services.roster.api.entrances import new_router, today
from services.roster.commands.desk import ChangePolicy
from services.roster.domain.policy import Policy
from services.roster.handlers import policies
from services.roster.queries.policies import policy_on
from services.roster.schemas.desk import PolicyIn
from shared.auth.dependencies import DispatcherEntrance

router = new_router()


@router.get("/policy", tags=["policy"], response_model=Policy)
def show_policy(door: DispatcherEntrance, on: date | None = None) -> Policy:
    """The desk's choices in force on a day, today's if none is named."""
    return door.read(policy_on, on or today(door))


@router.post("/policy", tags=["policy"], status_code=201, response_model=Policy)
def change_policy(door: DispatcherEntrance, body: PolicyIn) -> Response:
    """Choose from a day on; answers with the choices that hold then."""
    command = ChangePolicy(valid_from=body.valid_from, choices=body.choices())
    return door.do(policies.change_policy, command, status=201)
