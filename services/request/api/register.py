"""The register of unmet need, and the desk's dated choices for what it is asked."""

from datetime import date

from fastapi import APIRouter, Response

from services.request import commands
from services.request.domain.policy import Policy
from services.request.handlers import desks
from services.request.queries.policies import policy_on
from services.request.queries.unmet import unmet_page
from services.request.schemas import PolicyIn, PolicyOut, UnmetOut
from shared.auth.dependencies import DispatcherEntrance
from shared.http.paging import Page, PagingQuery

router = APIRouter(generate_unique_id_function=lambda route: route.name)


@router.get("/unmet", tags=["unmet need"], response_model=Page[UnmetOut])
def find_unmet(door: DispatcherEntrance, paging: PagingQuery) -> Page[UnmetOut]:
    """Every visit for which nobody was found, by its start, with the reasons counted."""
    rows, next_after = door.read(unmet_page, paging.after, paging.limit)
    return Page(rows=[UnmetOut.model_validate(row) for row in rows], next_after=next_after)


@router.get("/policy", tags=["policy"], response_model=PolicyOut)
def find_policy(door: DispatcherEntrance, on: date | None = None) -> PolicyOut:
    """The desk's choices in force on a day, today's if none is named."""
    return PolicyOut.model_validate(door.read(policy_on, on or door.runner.clock.now().date()))


@router.post("/policy", tags=["policy"], status_code=201, response_model=PolicyOut)
def set_policy(door: DispatcherEntrance, body: PolicyIn) -> Response:
    """The desk's choices from a day on; earlier ones stay as they were."""
    command = commands.SetPolicy(policy=Policy(**body.model_dump()))
    return door.do(desks.set_policy, command, present=PolicyOut.model_validate, status=201)
