"""Agreements between families to share a carer."""

from uuid import UUID

from fastapi import APIRouter, Response

from services.request.api.responses import CHANGED, NOT_FOUND
from services.request.api.terms import consents, sharing_terms
from services.request.commands.shared_care import AgreeSharedCare, ChangeSharedCare, EndSharedCare, LeaveSharedCare
from services.request.handlers import shared_care
from services.request.queries.shared_care import shared_cares_page
from services.request.schemas.shared_care import (
    LeaveIn,
    SharedCareChangeIn,
    SharedCareEndIn,
    SharedCareIn,
    SharedCareKeptOut,
    SharedCareOut,
)
from shared.auth.dependencies import DispatcherEntrance
from shared.http.paging import Page, PagingQuery

router = APIRouter(prefix="/shared-care", tags=["shared care"], generate_unique_id_function=lambda route: route.name)


@router.post("", status_code=201, response_model=SharedCareKeptOut, responses=NOT_FOUND)
def agree_shared_care(door: DispatcherEntrance, body: SharedCareIn) -> Response:
    """Write down that families share a carer at one of their homes, with every family's consent."""
    command = AgreeSharedCare(terms=sharing_terms(body), valid_from=body.valid_from, consents=consents(body.consents))
    return door.do(shared_care.agree_shared_care, command, present=SharedCareKeptOut.model_validate, status=201)


@router.get("", response_model=Page[SharedCareOut])
def find_shared_care(door: DispatcherEntrance, paging: PagingQuery) -> Page[SharedCareOut]:
    """The desk's agreements with their dated terms and consents, ended ones too."""
    rows, next_after = door.read(shared_cares_page, paging.after, paging.limit)
    return Page(rows=[SharedCareOut.model_validate(row) for row in rows], next_after=next_after)


@router.post("/{shared_care_id}/change", response_model=SharedCareKeptOut, responses=CHANGED)
def change_shared_care(door: DispatcherEntrance, shared_care_id: UUID, body: SharedCareChangeIn) -> Response:
    """From a day on another host, rule or shares, or more families; what was shared before stays as it was."""
    command = ChangeSharedCare(
        shared_care_id=shared_care_id,
        terms=sharing_terms(body),
        from_day=body.from_day,
        consents=consents(body.consents),
    )
    return door.do(shared_care.change_shared_care, command, present=SharedCareKeptOut.model_validate)


@router.post("/{shared_care_id}/leave", response_model=SharedCareKeptOut, responses=CHANGED)
def leave_shared_care(door: DispatcherEntrance, shared_care_id: UUID, body: LeaveIn) -> Response:
    """A family shares no longer after its last day; the others go on."""
    command = LeaveSharedCare(
        shared_care_id=shared_care_id,
        family_id=body.family_id,
        last_day=body.last_day,
        terms=sharing_terms(body.terms) if body.terms else None,
    )
    return door.do(shared_care.leave_shared_care, command, present=SharedCareKeptOut.model_validate)


@router.post("/{shared_care_id}/end", response_model=SharedCareKeptOut, responses=CHANGED)
def end_shared_care(door: DispatcherEntrance, shared_care_id: UUID, body: SharedCareEndIn) -> Response:
    """End it after its last day; visits after that go to each family's own home."""
    command = EndSharedCare(shared_care_id=shared_care_id, valid_until=body.valid_until)
    return door.do(shared_care.end_shared_care, command, present=SharedCareKeptOut.model_validate)
