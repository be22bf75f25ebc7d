"""Care requests as the desk takes, changes and reads them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.request import commands
from services.request.api.entrance import logged_read
from services.request.api.responses import CHANGED, NOT_FOUND
from services.request.api.terms import one_off, open_care_request, weekly_pattern
from services.request.handlers import care_requests, reads
from services.request.queries.care_requests import CareRequestsRead
from services.request.schemas import (
    CareRequestAmendIn,
    CareRequestIn,
    CareRequestKeptOut,
    CareRequestOut,
    WithdrawIn,
)
from shared.auth.dependencies import DispatcherEntrance
from shared.http.paging import Page, PagingQuery

router = APIRouter(
    prefix="/care-requests", tags=["care requests"], generate_unique_id_function=lambda route: route.name
)


@router.post("", status_code=201, response_model=CareRequestKeptOut, responses=CHANGED)
def record_care_request(door: DispatcherEntrance, body: CareRequestIn) -> Response:
    """Write down what a family needs: one visit or a weekly pattern."""
    return door.do(
        care_requests.open_care_request,
        open_care_request(body.family_id, body),
        present=CareRequestKeptOut.model_validate,
        status=201,
    )


@router.get("", response_model=Page[CareRequestOut])
def find_care_requests(
    door: DispatcherEntrance, paging: PagingQuery, state: Annotated[str | None, Query(max_length=50)] = None
) -> Response:
    """Requests with visits in this state (or ahead, when none is named), the nearest first. The read is logged."""
    command = commands.ReadCareRequests(state=state, after=paging.after, limit=paging.limit)
    return logged_read(door, reads.read_care_requests, command, present=care_requests_out)


@router.get("/{care_request_id}", response_model=CareRequestOut, responses=NOT_FOUND)
def read_care_request(door: DispatcherEntrance, care_request_id: UUID) -> Response:
    """One request with all its visits and its reason. The read is logged."""
    command = commands.ReadCareRequest(care_request_id=care_request_id)
    return logged_read(door, reads.read_care_request, command, present=CareRequestOut.model_validate)


@router.post("/{care_request_id}/amend", response_model=CareRequestKeptOut, responses=CHANGED)
def amend_care_request(door: DispatcherEntrance, care_request_id: UUID, body: CareRequestAmendIn) -> Response:
    """Change what is still ahead; visits that don't change keep their version, and so what carers agreed to."""
    command = commands.AmendCareRequest(
        care_request_id=care_request_id,
        version=body.version,
        mode=body.mode,
        child_ids=body.child_ids,
        skills=body.skills,
        visit=one_off(body.visit),
        visit_id=body.visit_id,
        pattern=weekly_pattern(body.pattern),
        removed_visit_ids=body.removed_visit_ids,
        why=body.why,
    )
    return door.do(care_requests.amend_care_request, command, present=CareRequestKeptOut.model_validate)


@router.post("/{care_request_id}/withdraw", response_model=CareRequestKeptOut, responses=CHANGED)
def withdraw_care_request(door: DispatcherEntrance, care_request_id: UUID, body: WithdrawIn | None = None) -> Response:
    """The family needs it no more; visits that have begun stay with the roster."""
    command = commands.WithdrawCareRequest(care_request_id=care_request_id, why=body.why if body else None)
    return door.do(care_requests.withdraw_care_request, command, present=CareRequestKeptOut.model_validate)


def care_requests_out(read: CareRequestsRead) -> Page[CareRequestOut]:
    """A page of requests as it is told."""
    return Page[CareRequestOut](
        rows=[CareRequestOut.model_validate(row) for row in read.rows], next_after=read.next_after
    )
