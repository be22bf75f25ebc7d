"""What a family does itself, with its own household and requests only."""

from datetime import date, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.request.api import terms
from services.request.api.care_requests import care_requests_out
from services.request.api.entrance import logged_read, whom_for
from services.request.api.responses import CHANGED, NOT_FOUND
from services.request.commands.care_requests import ReadCareRequest, ReadCareRequests, UndoChange, WithdrawCareRequest
from services.request.commands.families import (
    ExportFamily,
    KeepConsent,
    PreferCarers,
    ReadFamily,
    ReadTimeline,
    SupportFamily,
    WithdrawConsent,
)
from services.request.handlers import care_requests, consents, families, reads, undoing
from services.request.queries.previews import preview_amendment, preview_opening
from services.request.queries.privacy import accesses_page, displaced, waivers
from services.request.schemas.asking import MyAmendIn, MyCareRequestIn, UndoIn, WithdrawIn
from services.request.schemas.care_requests import CareRequestKeptOut, CareRequestOut, PreviewOut
from services.request.schemas.families import (
    AccessOut,
    ConsentKeptOut,
    DisplacementOut,
    FamilyKeptOut,
    FamilyOut,
    MyConsentIn,
    PreferIn,
    SupportIn,
    WaiverOut,
)
from services.request.schemas.referrals import TimelineOut
from shared.auth.dependencies import FamilyEntrance
from shared.http.paging import Page, PagingQuery

router = APIRouter(prefix="/my", tags=["my care"], generate_unique_id_function=lambda route: route.name)


@router.get("/family", response_model=FamilyOut, responses=NOT_FOUND)
def my_family(door: FamilyEntrance) -> Response:
    """The household as the desk knows it. The read is logged."""
    command = ReadFamily(family_id=whom_for(door))
    return logged_read(door, reads.read_family, command, present=FamilyOut.model_validate)


@router.post("/support", response_model=FamilyKeptOut, responses=CHANGED)
def my_support(door: FamilyEntrance, body: SupportIn) -> Response:
    """How much you want the desk to do; you may change your mind at any time."""
    command = SupportFamily(family_id=whom_for(door), tier=body.tier)
    return door.do(families.support_family, command, present=FamilyKeptOut.model_validate)


@router.post("/carers", response_model=FamilyKeptOut, responses=CHANGED)
def my_carers(door: FamilyEntrance, body: PreferIn) -> Response:
    """Whom you like to see, don't want, and fall back on. You don't have to say why."""
    command = PreferCarers(family_id=whom_for(door), **body.model_dump())
    return door.do(families.prefer_carers, command, present=FamilyKeptOut.model_validate)


@router.post("/consents", status_code=201, response_model=ConsentKeptOut, responses=CHANGED)
def my_consent(door: FamilyEntrance, body: MyConsentIn) -> Response:
    """What somebody may know of you from now on."""
    command = KeepConsent(
        family_id=whom_for(door),
        party=body.party,
        allows=body.allows,
        referrer_id=body.referrer_id,
        said_by=door.caller.name or "the family",
        said_at=door.runner.clock.now(),
    )
    return door.do(consents.keep_consent, command, present=lambda kept: ConsentKeptOut(consent_id=kept), status=201)


@router.post("/consents/{consent_id}/withdraw", response_model=ConsentKeptOut, responses=CHANGED)
def withdraw_my_consent(door: FamilyEntrance, consent_id: UUID) -> Response:
    """You allow it no longer."""
    command = WithdrawConsent(consent_id=consent_id, family_id=whom_for(door))
    return door.do(consents.withdraw_consent, command, present=lambda kept: ConsentKeptOut(consent_id=kept))


@router.get("/accesses", response_model=Page[AccessOut])
def my_accesses(door: FamilyEntrance, paging: PagingQuery) -> Page[AccessOut]:
    """Who read data of your children, the latest first."""
    rows, next_after = door.read(accesses_page, whom_for(door), paging.after, paging.limit)
    return Page(rows=[AccessOut.model_validate(row) for row in rows], next_after=next_after)


@router.get("/introductions-skipped", response_model=list[WaiverOut])
def my_waivers(door: FamilyEntrance) -> list[WaiverOut]:
    """First meetings that were skipped, and on whose word."""
    return [WaiverOut.model_validate(row) for row in door.read(waivers, whom_for(door))]


@router.get("/displacements", response_model=list[DisplacementOut])
def my_displacements(door: FamilyEntrance) -> list[DisplacementOut]:
    """Carers you gave up for a more urgent need, and on whose word."""
    return [DisplacementOut.model_validate(row) for row in door.read(displaced, whom_for(door))]


@router.get("/export", response_model=dict[str, list[dict[str, Any]]], responses=NOT_FOUND)
def my_export(door: FamilyEntrance) -> Response:
    """Everything this service holds about you, machine-readable. The read is logged."""
    command = ExportFamily(family_id=whom_for(door))
    return logged_read(door, reads.export_family, command, present=lambda held: held.rows)


@router.get("/children/{child_id}/timeline", response_model=TimelineOut, responses=NOT_FOUND)
def my_timeline(
    door: FamilyEntrance, child_id: UUID, first_day: date | None = None, last_day: date | None = None
) -> Response:
    """All care of your child in one line, ours and others'; two weeks if no days are named. The read is logged."""
    first = first_day or door.runner.clock.now().date()
    command = ReadTimeline(
        child_id=child_id,
        first_day=first,
        last_day=last_day or first + timedelta(days=13),
        family_id=whom_for(door),
    )
    return logged_read(door, reads.read_timeline, command, present=TimelineOut.model_validate)


@router.post("/care-requests", status_code=201, response_model=CareRequestKeptOut, responses=CHANGED)
def ask_for_care(door: FamilyEntrance, body: MyCareRequestIn) -> Response:
    """Ask for single visits, patterns, or both."""
    return door.do(
        care_requests.open_care_request,
        terms.open_care_request(whom_for(door), body),
        present=CareRequestKeptOut.model_validate,
        status=201,
    )


@router.post("/care-requests/preview", response_model=PreviewOut, responses=CHANGED)
def preview_my_care_request(door: FamilyEntrance, body: MyCareRequestIn) -> PreviewOut:
    """What asking for this would mean: every visit, and what the rules say of it. Nothing is kept."""
    command = terms.open_care_request(whom_for(door), body)
    found = door.read(preview_opening, door.caller.desk, door.runner.clock.now(), command)
    return PreviewOut.model_validate(found)


@router.get("/care-requests", response_model=Page[CareRequestOut])
def my_care_requests(
    door: FamilyEntrance, paging: PagingQuery, state: Annotated[str | None, Query(max_length=50)] = None
) -> Response:
    """The family's requests with visits in this state (or ahead, when none is named), the nearest first."""
    command = ReadCareRequests(state=state, family_id=whom_for(door), after=paging.after, limit=paging.limit)
    return logged_read(door, reads.read_care_requests, command, present=care_requests_out)


@router.get("/care-requests/{care_request_id}", response_model=CareRequestOut, responses=NOT_FOUND)
def my_care_request(door: FamilyEntrance, care_request_id: UUID) -> Response:
    """One of the family's requests with all its visits: who comes is told once it is certain."""
    command = ReadCareRequest(care_request_id=care_request_id, family_id=whom_for(door))
    return logged_read(door, reads.read_care_request, command, present=CareRequestOut.model_validate)


@router.post("/care-requests/{care_request_id}/amend", response_model=CareRequestKeptOut, responses=CHANGED)
def amend_my_care_request(door: FamilyEntrance, care_request_id: UUID, body: MyAmendIn) -> Response:
    """Change what is still ahead, as often as you need; it never counts against you."""
    command = terms.amend_care_request(care_request_id, body, whom_for(door))
    return door.do(care_requests.amend_care_request, command, present=CareRequestKeptOut.model_validate)


@router.post("/care-requests/{care_request_id}/amend/preview", response_model=PreviewOut, responses=CHANGED)
def preview_my_amend(door: FamilyEntrance, care_request_id: UUID, body: MyAmendIn) -> PreviewOut:
    """What this change would make different. Nothing is changed by looking."""
    command = terms.amend_care_request(care_request_id, body, whom_for(door))
    found = door.read(preview_amendment, door.caller.desk, door.runner.clock.now(), command)
    return PreviewOut.model_validate(found)


@router.post("/care-requests/{care_request_id}/undo", response_model=CareRequestKeptOut, responses=CHANGED)
def undo_my_change(door: FamilyEntrance, care_request_id: UUID, body: UndoIn) -> Response:
    """Take back the last change, for ten minutes, while nothing of it has begun."""
    command = UndoChange(care_request_id=care_request_id, version=body.version, family_id=whom_for(door))
    return door.do(undoing.undo_change, command, present=CareRequestKeptOut.model_validate)


@router.post("/care-requests/{care_request_id}/withdraw", response_model=CareRequestKeptOut, responses=CHANGED)
def withdraw_my_care_request(door: FamilyEntrance, care_request_id: UUID, body: WithdrawIn) -> Response:
    """The family needs it no more; visits that have begun stay as they are."""
    command = WithdrawCareRequest(
        care_request_id=care_request_id,
        version=body.version,
        family_id=whom_for(door),
        barrier=body.barrier,
        why=body.why,
    )
    return door.do(care_requests.withdraw_care_request, command, present=CareRequestKeptOut.model_validate)
