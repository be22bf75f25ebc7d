"""Families: registered, looked up, changed, erased."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.request import commands
from services.request.api.entrance import logged_read
from services.request.api.responses import CHANGED, NOT_FOUND
from services.request.api.terms import family_terms
from services.request.handlers import families, reads
from services.request.queries.families import families_page
from services.request.schemas import FamilyChangeIn, FamilyIn, FamilyKeptOut, FamilyOut, FamilyRowOut
from shared.auth.dependencies import DispatcherEntrance
from shared.http.paging import Page, PagingQuery

router = APIRouter(tags=["families"], generate_unique_id_function=lambda route: route.name)


@router.post("/families", status_code=201, response_model=FamilyKeptOut)
def register_family(door: DispatcherEntrance, body: FamilyIn) -> Response:
    """Write down a household: who lives where, how to reach them, which children."""
    command = commands.RegisterFamily(family=family_terms(body))
    return door.do(families.register_family, command, present=FamilyKeptOut.model_validate, status=201)


@router.get("/families", response_model=Page[FamilyRowOut])
def find_families(
    door: DispatcherEntrance, paging: PagingQuery, q: Annotated[str | None, Query(max_length=200)] = None
) -> Page[FamilyRowOut]:
    """Families by part of their name or phone number, by name."""
    rows, next_after = door.read(families_page, q, paging.after, paging.limit)
    return Page(rows=[FamilyRowOut.model_validate(row) for row in rows], next_after=next_after)


@router.get("/families/{family_id}", response_model=FamilyOut, responses=NOT_FOUND)
def read_family(door: DispatcherEntrance, family_id: UUID) -> Response:
    """A family with its children. The read is logged."""
    return logged_read(
        door, reads.read_family, commands.ReadFamily(family_id=family_id), present=FamilyOut.model_validate
    )


@router.post("/families/{family_id}/change", response_model=FamilyKeptOut, responses=CHANGED)
def change_family(door: DispatcherEntrance, family_id: UUID, body: FamilyChangeIn) -> Response:
    """What the family tells now, instead of what was known; when the home moved, visits ahead move with it."""
    command = commands.ChangeFamily(family_id=family_id, family=family_terms(body), version=body.version)
    return door.do(families.change_family, command, present=FamilyKeptOut.model_validate)


@router.post("/families/{family_id}/erase", status_code=204, responses=CHANGED)
def erase_family(door: DispatcherEntrance, family_id: UUID) -> Response:
    """Forget who the family is, everywhere; what it still asked for is withdrawn. This can't be undone."""
    return door.do(families.erase_family, commands.EraseFamily(family_id=family_id))
