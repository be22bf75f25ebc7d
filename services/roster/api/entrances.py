"""What several routes have in common: documented refusals, the caller's person, today."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from shared.auth.dependencies import Entrance
from shared.domain.errors import NotFound
from shared.http.schema import InstantIn

From = Annotated[InstantIn, Query(alias="from")]
NOT_FOUND: dict[int | str, dict[str, Any]] = {404: {"description": "Not at this desk, or not yours."}}
AT_THE_DOOR: dict[int | str, dict[str, Any]] = {
    **NOT_FOUND,
    409: {"description": "`type` ends in already, being-confirmed, not-checked-in, cancelled or no-longer-yours."},
}
NOT_POSSIBLE: dict[int | str, dict[str, Any]] = {
    **NOT_FOUND,
    409: {"description": "It is no longer in a state that allows this; `type` says why."},
}


def new_router() -> APIRouter:
    """A router whose operations are called as its functions are."""
    return APIRouter(generate_unique_id_function=lambda route: route.name)


def today(door: Entrance) -> date:
    return door.runner.clock.now().date()


def person(door: Entrance) -> UUID:
    """Whom the account stands for; one that stands for nobody has nothing here."""
    if door.caller.person_id is None:
        raise NotFound("Your account stands for nobody at this desk; ask your desk to link it.")
    return door.caller.person_id
