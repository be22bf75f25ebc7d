"""What a family does itself, with its own requests only."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.request import commands
from services.request.api.care_requests import care_requests_out
from services.request.api.entrance import logged_read, own_family
from services.request.api.responses import CHANGED, NOT_FOUND
from services.request.api.terms import open_care_request
from services.request.handlers import care_requests, reads
from services.request.schemas import CareRequestKeptOut, CareRequestOut, FamilyOut, MyCareRequestIn, WithdrawIn
from shared.auth.dependencies import FamilyEntrance
from shared.http.paging import Page, PagingQuery

router = APIRouter(prefix="/my", tags=["my care"], generate_unique_id_function=lambda route: route.name)


@router.get("/family", response_model=FamilyOut, responses=NOT_FOUND)
def my_family(door: FamilyEntrance) -> Response:
    """The household as the desk knows it. The read is logged."""
    command = commands.ReadFamily(family_id=own_family(door))
    return logged_read(door, reads.read_family, command, present=FamilyOut.model_validate)


@router.post("/care-requests", status_code=201, response_model=CareRequestKeptOut, responses=CHANGED)
def ask_for_care(door: FamilyEntrance, body: MyCareRequestIn) -> Response:
    """Ask for one visit or a weekly pattern."""
    return door.do(
        care_requests.open_care_request,
        open_care_request(own_family(door), body),
        present=CareRequestKeptOut.model_validate,
        status=201,
    )


@router.get("/care-requests", response_model=Page[CareRequestOut])
def my_care_requests(
    door: FamilyEntrance, paging: PagingQuery, state: Annotated[str | None, Query(max_length=50)] = None
) -> Response:
    """The family's requests with visits in this state (or ahead, when none is named), the nearest first."""
    command = commands.ReadCareRequests(state=state, family_id=own_family(door), after=paging.after, limit=paging.limit)
    return logged_read(door, reads.read_care_requests, command, present=care_requests_out)


@router.get("/care-requests/{care_request_id}", response_model=CareRequestOut, responses=NOT_FOUND)
def my_care_request(door: FamilyEntrance, care_request_id: UUID) -> Response:
    """One of the family's requests with all its visits: who comes is told once it is certain."""
    command = commands.ReadCareRequest(care_request_id=care_request_id, family_id=own_family(door))
    return logged_read(door, reads.read_care_request, command, present=CareRequestOut.model_validate)


@router.post("/care-requests/{care_request_id}/withdraw", response_model=CareRequestKeptOut, responses=CHANGED)
def withdraw_my_care_request(door: FamilyEntrance, care_request_id: UUID, body: WithdrawIn | None = None) -> Response:
    """The family needs it no more; visits that have begun stay as they are."""
    command = commands.WithdrawCareRequest(
        care_request_id=care_request_id, family_id=own_family(door), why=body.why if body else None
    )
    return door.do(care_requests.withdraw_care_request, command, present=CareRequestKeptOut.model_validate)
