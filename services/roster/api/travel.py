"""The travel ledger: every leg, what they add up to, and putting it right."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from services.roster.api.entrances import NOT_FOUND, From, new_router, person
from services.roster.commands.travel import RecountTravel
from services.roster.handlers import travel
from services.roster.queries import carers as carer_queries
from services.roster.queries import travel as queries
from services.roster.schemas.travel import RecountIn, RecountOut, TravelOut, TravelSumsOut
from shared.auth.dependencies import CarerEntrance, DeskEntrance, DispatcherEntrance
from shared.http.schema import InstantIn

router = new_router()


@router.get("/travel", tags=["travel"], response_model=TravelOut)
def show_travel(door: DeskEntrance, from_: From, until: InstantIn, carer_id: UUID | None = None) -> dict[str, Any]:
    """Every leg carers made in this time (62 days at most)."""
    return door.read(queries.legs_between, from_, until, carer_id)


@router.get("/travel/sums", tags=["travel"], response_model=TravelSumsOut)
def show_travel_sums(
    door: DeskEntrance,
    from_: From,
    until: InstantIn,
    by: Annotated[str, Query(pattern="^(visit|carer|family|month)$")],
    carer_id: UUID | None = None,
) -> dict[str, Any]:
    """What the legs add up to per visit, carer, family or month."""
    return {"rows": door.read(queries.sums_between, from_, until, by, carer_id)}


@router.post("/carers/{carer_id}/travel/recount", tags=["travel"], response_model=RecountOut, responses=NOT_FOUND)
def recount_travel(door: DispatcherEntrance, carer_id: UUID, body: RecountIn) -> Response:
    """Reckon the legs of these days anew, such as after a pin was put right; what differs is taken back and recorded."""
    door.read(carer_queries.carer_named, carer_id)
    command = RecountTravel(carer_id=carer_id, first=body.first, last=body.last)
    return door.do(travel.recount, command, present=lambda changed: RecountOut(changed=changed))


@router.get("/my/travel", tags=["my week"], response_model=TravelOut)
def show_my_travel(door: CarerEntrance, from_: From, until: InstantIn) -> dict[str, Any]:
    """The carer's own legs in this time (62 days at most)."""
    return door.read(queries.legs_between, from_, until, person(door))
