"""Agreements between families to share a carer."""

from uuid import UUID

from fastapi import APIRouter, Response

from services.request import commands
from services.request.api.responses import CHANGED, NOT_FOUND
from services.request.domain.shared_care import ConsentTerms
from services.request.handlers import shared_care
from services.request.queries.shared_care import shared_cares_page
from services.request.schemas import SharedCareEndIn, SharedCareIn, SharedCareKeptOut, SharedCareOut
from shared.auth.dependencies import DispatcherEntrance
from shared.http.paging import Page, PagingQuery

router = APIRouter(prefix="/shared-care", tags=["shared care"], generate_unique_id_function=lambda route: route.name)


@router.post("", status_code=201, response_model=SharedCareKeptOut, responses=NOT_FOUND)
def agree_shared_care(door: DispatcherEntrance, body: SharedCareIn) -> Response:
    """Write down that families share a carer at one of their homes, with every family's consent."""
    command = commands.AgreeSharedCare(
        host_family_id=body.host_family_id,
        rule=body.rule,
        valid_from=body.valid_from,
        consents=tuple(
            ConsentTerms(family_id=each.family_id, said_by=each.said_by, said_at=each.said_at) for each in body.consents
        ),
    )
    return door.do(shared_care.agree_shared_care, command, present=SharedCareKeptOut.model_validate, status=201)


@router.get("", response_model=Page[SharedCareOut])
def find_shared_care(door: DispatcherEntrance, paging: PagingQuery) -> Page[SharedCareOut]:
    """The desk's agreements with their consents, ended ones too."""
    rows, next_after = door.read(shared_cares_page, paging.after, paging.limit)
    return Page(rows=[SharedCareOut.model_validate(row) for row in rows], next_after=next_after)


@router.post("/{shared_care_id}/end", response_model=SharedCareKeptOut, responses=CHANGED)
def end_shared_care(door: DispatcherEntrance, shared_care_id: UUID, body: SharedCareEndIn) -> Response:
    """End it after its last day; visits after that go to each family's own home."""
    command = commands.EndSharedCare(shared_care_id=shared_care_id, valid_until=body.valid_until)
    return door.do(shared_care.end_shared_care, command, present=SharedCareKeptOut.model_validate)
