"""Care requests as the desk takes, looks at, changes and reads them."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.request.api import terms
from services.request.api.entrance import logged_read
from services.request.api.responses import CHANGED, NOT_FOUND
from services.request.commands.care_requests import (
    MakeRegular,
    ReadCareRequest,
    ReadCareRequests,
    RecordCall,
    UndoChange,
    WithdrawCareRequest,
)
from services.request.commands.families import RegisterFamily
from services.request.handlers import calls, care_requests, reads, regular, undoing
from services.request.queries.care_requests import CareRequestsRead
from services.request.queries.history import request_versions
from services.request.queries.previews import check_schedule, preview_amendment, preview_opening
from services.request.schemas.asking import (
    AmendIn,
    CallIn,
    CareRequestIn,
    MakeRegularIn,
    ScheduleIn,
    UndoIn,
    WithdrawIn,
)
from services.request.schemas.care_requests import (
    CallKeptOut,
    CareRequestKeptOut,
    CareRequestOut,
    PreviewOut,
    ScheduleCheckedOut,
    VersionOut,
)
from shared.auth.dependencies import DispatcherEntrance
from shared.http.paging import Page, PagingQuery

router = APIRouter(tags=["care requests"], generate_unique_id_function=lambda route: route.name)


@router.post("/calls", status_code=201, response_model=CallKeptOut, responses=CHANGED)
def record_call(door: DispatcherEntrance, body: CallIn) -> Response:
    """A first call in one go: a new family, with the least that is enough, and what it needs."""
    command = RecordCall(
        family=RegisterFamily(family=terms.family_terms(body.family), anyway=body.family.anyway),
        mode=body.mode,
        asked=terms.asked(body),
        terms=terms.opening_terms(body),
        skipped=terms.skipped(body),
        circumstances=terms.circumstances(body.circumstances),
        reason=body.reason,
    )
    return door.do(calls.record_call, command, present=CallKeptOut.model_validate, status=201)


@router.post("/care-requests", status_code=201, response_model=CareRequestKeptOut, responses=CHANGED)
def record_care_request(door: DispatcherEntrance, body: CareRequestIn) -> Response:
    """Write down what a family needs: single visits, patterns, or both."""
    return door.do(
        care_requests.open_care_request,
        terms.open_care_request(body.family_id, body, body.circumstances),
        present=CareRequestKeptOut.model_validate,
        status=201,
    )


@router.post("/care-requests/preview", response_model=PreviewOut, responses=CHANGED)
def preview_care_request(door: DispatcherEntrance, body: CareRequestIn) -> PreviewOut:
    """What recording this would do: every visit, what the rules say of it, its place in the order. Nothing is kept."""
    command = terms.open_care_request(body.family_id, body, body.circumstances)
    found = door.read(preview_opening, door.caller.desk, door.runner.clock.now(), command)
    return PreviewOut.model_validate(found)


@router.get("/care-requests", response_model=Page[CareRequestOut])
def find_care_requests(
    door: DispatcherEntrance,
    paging: PagingQuery,
    state: Annotated[str | None, Query(max_length=50)] = None,
    day: date | None = None,
) -> Response:
    """Requests with visits in this state (or ahead, when none is named), on this day if one is named.

    By the desk's published order, then the nearest first. The read is logged.
    """
    command = ReadCareRequests(state=state, day=day, after=paging.after, limit=paging.limit)
    return logged_read(door, reads.read_care_requests, command, present=care_requests_out)


@router.get("/care-requests/{care_request_id}", response_model=CareRequestOut, responses=NOT_FOUND)
def read_care_request(door: DispatcherEntrance, care_request_id: UUID) -> Response:
    """One request with all its visits, why, and what gave it its place. The read is logged."""
    command = ReadCareRequest(care_request_id=care_request_id)
    return logged_read(door, reads.read_care_request, command, present=CareRequestOut.model_validate)


@router.get("/care-requests/{care_request_id}/versions", response_model=list[VersionOut], responses=NOT_FOUND)
def read_versions(door: DispatcherEntrance, care_request_id: UUID) -> list[VersionOut]:
    """Every version of a request: what was done, when, in which role and why."""
    found = door.read(request_versions, care_request_id)
    return [VersionOut.model_validate(each) for each in found]


@router.post("/care-requests/{care_request_id}/amend", response_model=CareRequestKeptOut, responses=CHANGED)
def amend_care_request(door: DispatcherEntrance, care_request_id: UUID, body: AmendIn) -> Response:
    """Change what is still ahead; visits that don't change keep their version, and so what carers agreed to."""
    command = terms.amend_care_request(care_request_id, body)
    return door.do(care_requests.amend_care_request, command, present=CareRequestKeptOut.model_validate)


@router.post("/care-requests/{care_request_id}/amend/preview", response_model=PreviewOut, responses=CHANGED)
def preview_amend(door: DispatcherEntrance, care_request_id: UUID, body: AmendIn) -> PreviewOut:
    """What this change would make different. Nothing is changed by looking."""
    command = terms.amend_care_request(care_request_id, body)
    found = door.read(preview_amendment, door.caller.desk, door.runner.clock.now(), command)
    return PreviewOut.model_validate(found)


@router.post("/care-requests/{care_request_id}/undo", response_model=CareRequestKeptOut, responses=CHANGED)
def undo_change(door: DispatcherEntrance, care_request_id: UUID, body: UndoIn) -> Response:
    """Take back the last change, for ten minutes, while nothing of it has begun."""
    command = UndoChange(care_request_id=care_request_id, version=body.version)
    return door.do(undoing.undo_change, command, present=CareRequestKeptOut.model_validate)


@router.post("/care-requests/{care_request_id}/withdraw", response_model=CareRequestKeptOut, responses=CHANGED)
def withdraw_care_request(door: DispatcherEntrance, care_request_id: UUID, body: WithdrawIn) -> Response:
    """The family needs it no more; visits that have begun stay with the roster."""
    command = WithdrawCareRequest(
        care_request_id=care_request_id, version=body.version, barrier=body.barrier, why=body.why
    )
    return door.do(care_requests.withdraw_care_request, command, present=CareRequestKeptOut.model_validate)


@router.post("/care-requests/{care_request_id}/make-regular", response_model=CareRequestKeptOut, responses=CHANGED)
def make_regular(door: DispatcherEntrance, care_request_id: UUID, body: MakeRegularIn) -> Response:
    """What was occasional is regular now: these patterns, or what was the same week after week; the known carer first."""
    command = MakeRegular(
        family_id=body.family_id,
        care_request_id=care_request_id,
        version=body.version,
        carer_id=body.carer_id,
        patterns=terms.patterns(body.patterns),
    )
    return door.do(regular.make_regular, command, present=CareRequestKeptOut.model_validate)


@router.post("/families/{family_id}/schedule/check", response_model=ScheduleCheckedOut, responses=NOT_FOUND)
def check_roster(door: DispatcherEntrance, family_id: UUID, body: ScheduleIn) -> ScheduleCheckedOut:
    """What a parent's roster (CSV or iCalendar) means, with every bad line named. Nothing is kept by checking."""
    found = door.read(
        check_schedule,
        door.caller.desk,
        door.runner.clock.now(),
        family_id,
        body.content,
        body.before_minutes,
        body.after_minutes,
    )
    return ScheduleCheckedOut.model_validate(found)


def care_requests_out(read: CareRequestsRead) -> Page[CareRequestOut]:
    """A page of requests as it is told."""
    return Page[CareRequestOut](
        rows=[CareRequestOut.model_validate(row) for row in read.rows], next_after=read.next_after
    )
