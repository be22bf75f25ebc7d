"""Families: registered, looked up, changed, moved, merged, erased."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.request.api.entrance import logged_read
from services.request.api.responses import CHANGED, NOT_FOUND
from services.request.api.terms import family_terms, home_terms
from services.request.commands.families import (
    ChangeFamily,
    EraseFamily,
    MergeFamilies,
    MoveFamily,
    PreferCarers,
    ReadFamily,
    RegisterFamily,
    SupportFamily,
    TakeFamily,
)
from services.request.handlers import erasing, families, merging, reads
from services.request.queries.families import areas, families_of, families_page, look_alikes, marks_like
from services.request.schemas.families import (
    AreaOut,
    FamilyChangeIn,
    FamilyKeptOut,
    FamilyOut,
    FamilyRowOut,
    MergeIn,
    MoveIn,
    NewFamilyIn,
    PreferIn,
    SupportIn,
)
from shared.auth.dependencies import DispatcherEntrance
from shared.http.paging import Page, PagingQuery

router = APIRouter(tags=["families"], generate_unique_id_function=lambda route: route.name)

_Word = Annotated[str | None, Query(max_length=200)]


@router.post("/families", status_code=201, response_model=FamilyKeptOut, responses=CHANGED)
def register_family(door: DispatcherEntrance, body: NewFamilyIn) -> Response:
    """Write down a household: who lives where, how to reach them, which children. One that looks registered is refused."""
    command = RegisterFamily(family=family_terms(body), anyway=body.anyway)
    return door.do(families.register_family, command, present=FamilyKeptOut.model_validate, status=201)


@router.get("/families", response_model=Page[FamilyRowOut])
def find_families(door: DispatcherEntrance, paging: PagingQuery, q: _Word = None) -> Page[FamilyRowOut]:
    """Families by part of a name, a phone number or a street, by name."""
    rows, next_after = door.read(families_page, q, paging.after, paging.limit)
    return Page(rows=[FamilyRowOut.model_validate(row) for row in rows], next_after=next_after)


@router.get("/families/alike", response_model=list[FamilyRowOut])
def find_alike(
    door: DispatcherEntrance,
    name: _Word = None,
    phone: _Word = None,
    email: _Word = None,
    address: _Word = None,
    first_name: Annotated[list[str] | None, Query(max_length=20)] = None,
    born: Annotated[list[date] | None, Query(max_length=20)] = None,
) -> list[FamilyRowOut]:
    """Families that may be this one: with a number, an address, or a child's name and birthday in common."""
    told = list(zip(first_name or [], born or [], strict=False))
    marks = marks_like(name or "", phone, email, address, told)
    found = door.read(lambda session: families_of(session, look_alikes(session, marks)))
    return [FamilyRowOut.model_validate(row) for row in found]


@router.get("/areas", response_model=list[AreaOut])
def find_areas(door: DispatcherEntrance) -> list[AreaOut]:
    """The neighbourhoods families live in, each with the middle of their homes."""
    return [AreaOut.model_validate(row) for row in door.read(areas)]


@router.get("/families/{family_id}", response_model=FamilyOut, responses=NOT_FOUND)
def read_family(door: DispatcherEntrance, family_id: UUID) -> Response:
    """A family with its children. The read is logged."""
    return logged_read(door, reads.read_family, ReadFamily(family_id=family_id), present=FamilyOut.model_validate)


@router.post("/families/{family_id}/change", response_model=FamilyKeptOut, responses=CHANGED)
def change_family(door: DispatcherEntrance, family_id: UUID, body: FamilyChangeIn) -> Response:
    """What the family tells now, instead of what was known; when a place moved, visits ahead move with it."""
    command = ChangeFamily(family_id=family_id, family=family_terms(body), version=body.version)
    return door.do(families.change_family, command, present=FamilyKeptOut.model_validate)


@router.post("/families/{family_id}/move", response_model=FamilyKeptOut, responses=CHANGED)
def move_family(door: DispatcherEntrance, family_id: UUID, body: MoveIn) -> Response:
    """They will live elsewhere from a day on: visits of that day and later go there."""
    command = MoveFamily(family_id=family_id, home=home_terms(body.home), from_day=body.from_day, version=body.version)
    return door.do(families.move_family, command, present=FamilyKeptOut.model_validate)


@router.post("/families/{family_id}/take", response_model=FamilyKeptOut, responses=CHANGED)
def take_family(door: DispatcherEntrance, family_id: UUID) -> Response:
    """You are the dispatcher this family asks for."""
    return door.do(families.take_family, TakeFamily(family_id=family_id), present=FamilyKeptOut.model_validate)


@router.post("/families/{family_id}/support", response_model=FamilyKeptOut, responses=CHANGED)
def support_family(door: DispatcherEntrance, family_id: UUID, body: SupportIn) -> Response:
    """How much the family wants the desk to do: self_serve, basic or in_person."""
    command = SupportFamily(family_id=family_id, tier=body.tier)
    return door.do(families.support_family, command, present=FamilyKeptOut.model_validate)


@router.post("/families/{family_id}/carers", response_model=FamilyKeptOut, responses=CHANGED)
def prefer_carers(door: DispatcherEntrance, family_id: UUID, body: PreferIn) -> Response:
    """Whom the family likes to see, doesn't want, and falls back on. Nobody has to say why."""
    command = PreferCarers(family_id=family_id, **body.model_dump())
    return door.do(families.prefer_carers, command, present=FamilyKeptOut.model_validate)


@router.post("/families/{family_id}/merge", response_model=FamilyKeptOut, responses=CHANGED)
def merge_families(door: DispatcherEntrance, family_id: UUID, body: MergeIn) -> Response:
    """The other is the same household: all that was its own is this one's now. This can't be undone."""
    command = MergeFamilies(family_id=family_id, merged_family_id=body.merged_family_id)
    return door.do(merging.merge_families, command, present=FamilyKeptOut.model_validate)


@router.post("/families/{family_id}/erase", status_code=204, responses=CHANGED)
def erase_family(door: DispatcherEntrance, family_id: UUID) -> Response:
    """Forget who the family is, everywhere; what it still asked for is withdrawn. This can't be undone."""
    return door.do(erasing.erase_family, EraseFamily(family_id=family_id))
