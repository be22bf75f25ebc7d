"""Families sent by others, care by others, and a child's one timeline."""

from datetime import date, timedelta
from uuid import UUID

from fastapi import APIRouter, Response

from services.request.api import terms
from services.request.api.entrance import logged_read, whom_for
from services.request.api.responses import CHANGED, NOT_FOUND
from services.request.commands.care_requests import FileReferral, RegisterReferrer
from services.request.commands.families import DropOtherCare, KeepOtherCare, ReadTimeline
from services.request.domain.timeline import OtherCareTerms
from services.request.handlers import other_care, reads, referrals
from services.request.queries.referrals import referrals_page, referrers_list
from services.request.schemas.referrals import (
    OtherCareIn,
    OtherCareKeptOut,
    ReferralIn,
    ReferralKeptOut,
    ReferralOut,
    ReferrerIn,
    ReferrerKeptOut,
    ReferrerOut,
    TimelineOut,
)
from shared.auth.dependencies import DispatcherEntrance, ReferrerEntrance
from shared.http.paging import Page, PagingQuery

router = APIRouter(tags=["referrals"], generate_unique_id_function=lambda route: route.name)


@router.post("/referrers", status_code=201, response_model=ReferrerKeptOut)
def register_referrer(door: DispatcherEntrance, body: ReferrerIn) -> Response:
    """Know an organisation that sends families; its people's accounts stand for it."""
    command = RegisterReferrer(name=body.name, kind=body.kind)
    return door.do(
        referrals.register_referrer, command, present=lambda kept: ReferrerKeptOut(referrer_id=kept), status=201
    )


@router.get("/referrers", response_model=list[ReferrerOut])
def find_referrers(door: DispatcherEntrance) -> list[ReferrerOut]:
    """The organisations that send families to this desk."""
    return [ReferrerOut.model_validate(row) for row in door.read(referrers_list)]


@router.post("/referrals", status_code=201, response_model=ReferralKeptOut, responses=CHANGED)
def file_referral(door: ReferrerEntrance, body: ReferralIn) -> Response:
    """Ask for care for a family that agreed to it; what you may later know is what the family allows."""
    request = body.request
    command = FileReferral(
        referrer_id=whom_for(door),
        family=terms.family_terms(body.family),
        allows=body.consent.allows,
        said_by=body.consent.said_by,
        said_at=body.consent.said_at,
        reference=body.reference,
        mode=request.mode,
        asked=terms.asked(request),
        terms=terms.opening_terms(request),
        skipped=terms.skipped(request),
        circumstances=terms.circumstances(body.circumstances),
        reason=request.reason,
    )
    return door.do(referrals.file_referral, command, present=ReferralKeptOut.model_validate, status=201)


@router.get("/referrals", response_model=Page[ReferralOut])
def my_referrals(door: ReferrerEntrance, paging: PagingQuery) -> Page[ReferralOut]:
    """Your own referrals, each as far as its family allows today."""
    rows, next_after = door.read(referrals_page, whom_for(door), paging.after, paging.limit)
    return Page(rows=[ReferralOut.model_validate(row) for row in rows], next_after=next_after)


@router.post("/families/{family_id}/other-care", status_code=201, response_model=OtherCareKeptOut, responses=CHANGED)
def keep_other_care(door: DispatcherEntrance, family_id: UUID, body: OtherCareIn) -> Response:
    """Where else a child is cared for, and when: a nursery, a school, a club."""
    return _keep(door, family_id, body, None)


@router.post("/families/{family_id}/other-care/{other_care_id}", response_model=OtherCareKeptOut, responses=CHANGED)
def change_other_care(door: DispatcherEntrance, family_id: UUID, other_care_id: UUID, body: OtherCareIn) -> Response:
    """What is known of it now."""
    return _keep(door, family_id, body, other_care_id)


@router.post("/other-care/{other_care_id}/drop", status_code=204, responses=NOT_FOUND)
def drop_other_care(door: DispatcherEntrance, other_care_id: UUID) -> Response:
    """It is over, or was never so."""
    return door.do(other_care.drop_other_care, DropOtherCare(other_care_id=other_care_id))


@router.get("/children/{child_id}/timeline", response_model=TimelineOut, responses=NOT_FOUND)
def read_timeline(
    door: DispatcherEntrance, child_id: UUID, first_day: date | None = None, last_day: date | None = None
) -> Response:
    """All care of a child in one line, ours and others'; two weeks if no days are named. The read is logged."""
    first = first_day or door.runner.clock.now().date()
    command = ReadTimeline(child_id=child_id, first_day=first, last_day=last_day or first + timedelta(days=13))
    return logged_read(door, reads.read_timeline, command, present=TimelineOut.model_validate)


def _keep(door: DispatcherEntrance, family_id: UUID, body: OtherCareIn, other_care_id: UUID | None) -> Response:
    command = KeepOtherCare(
        family_id=family_id,
        terms=OtherCareTerms(
            child_id=body.child_id,
            name=body.name,
            kind=body.kind,
            pattern=terms.weekly_pattern(body.pattern),
            place_id=body.place_id,
            funded_minutes_a_week=body.funded_minutes_a_week,
        ),
        other_care_id=other_care_id,
    )
    return door.do(
        other_care.keep_other_care,
        command,
        present=lambda kept: OtherCareKeptOut(other_care_id=kept),
        status=200 if other_care_id else 201,
    )
