"""The desk's carers: taken on, with their papers, away, gone."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from services.roster.api.entrances import NOT_FOUND, NOT_POSSIBLE, new_router
from services.roster.commands import carers as commands
from services.roster.commands.visits import Tolerate
from services.roster.handlers import absences, availability, carers, onboarding, papers, tolerances
from services.roster.queries import carers as carer_queries
from services.roster.queries.availability import week_of
from services.roster.queries.papers import papers_shown
from services.roster.schemas.availability import AbsenceIdOut, AbsenceIn, AvailabilityIn, AvailabilityOut, ReturnIn
from services.roster.schemas.carers import (
    CarerDetailsIn,
    CarerHistoriesOut,
    CarerIdOut,
    CarerIn,
    CarerLineOut,
    CarerOut,
    CheckPaperIn,
    ClearIn,
    CredentialIdOut,
    CreditIn,
    PaperIn,
    PapersOut,
    PhotoIn,
    StepIn,
    WithdrawPaperIn,
)
from services.roster.schemas.visits import ToleranceIdOut, ToleranceIn
from shared.auth.dependencies import DispatcherEntrance
from shared.http.paging import Page, PagingQuery

router = new_router()


@router.post("/carers", tags=["carers"], status_code=201, response_model=CarerIdOut)
def register_carer(door: DispatcherEntrance, body: CarerIn) -> Response:
    """Take a carer on at this desk."""
    command = commands.RegisterCarer(
        details=body.details(), papers=body.papers(), carer_id=body.carer_id, cleared_on=body.cleared_on
    )
    return door.do(carers.register_carer, command, present=_carer_id, status=201)


@router.get("/carers", tags=["carers"], response_model=Page[CarerLineOut])
def find_carers(
    door: DispatcherEntrance,
    paging: PagingQuery,
    q: Annotated[str | None, Query(max_length=200)] = None,
    standing: Annotated[str | None, Query(pattern="^(here|onboarding|left|papers)$")] = None,
) -> Page[CarerLineOut]:
    """Carers by last name, those whose name holds `q`.

    `standing`: here (not left, the default), onboarding, left, or papers (one lapses within 90 days or isn't looked at).
    """
    now = door.runner.clock.now()
    found = door.read(carer_queries.find_carers, q or None, standing or "here", now, paging.after, paging.limit)
    rows = [CarerLineOut(**row) for row in found]
    return paging.page(rows, [str(row.carer_id) for row in rows])


@router.get("/carers/{carer_id}", tags=["carers"], response_model=CarerOut, responses=NOT_FOUND)
def show_carer(door: DispatcherEntrance, carer_id: UUID) -> dict[str, Any]:
    """Everything of one carer: papers, steps, week, absences."""
    return door.read(carer_queries.carer_by_id, carer_id, door.runner.clock.now())


@router.post("/carers/{carer_id}/let-go", tags=["carers"], status_code=204, responses=NOT_POSSIBLE)
def let_carer_go(door: DispatcherEntrance, carer_id: UUID) -> Response:
    """The carer leaves the desk; refused, with the list, while they have visits to come."""
    return door.do(carers.let_go, commands.LetCarerGo(carer_id=carer_id))


@router.post("/carers/{carer_id}/change", tags=["carers"], response_model=CarerIdOut, responses=NOT_FOUND)
def change_carer(door: DispatcherEntrance, carer_id: UUID, body: CarerDetailsIn) -> Response:
    """Everything known of the carer but papers, as it now is."""
    command = commands.ChangeCarer(carer_id=carer_id, details=body.details())
    return door.do(carers.change_carer, command, present=_carer_id)


@router.get("/carers/{carer_id}/history", tags=["carers"], response_model=CarerHistoriesOut, responses=NOT_FOUND)
def show_carer_history(door: DispatcherEntrance, carer_id: UUID) -> dict[str, Any]:
    """What was done with this carer when, and by whom; the latest first."""
    return {"rows": door.read(carer_queries.history_of, carer_id)}


@router.get("/carers/{carer_id}/papers", tags=["papers"], response_model=PapersOut, responses=NOT_FOUND)
def show_papers(door: DispatcherEntrance, carer_id: UUID) -> dict[str, Any]:
    """Every paper with who looked when, what the country asks for, and the visits to come that lack one."""
    door.read(carer_queries.carer_named, carer_id)
    return door.read(papers_shown, carer_id, door.runner.clock.now())


@router.post(
    "/carers/{carer_id}/papers",
    tags=["papers"],
    status_code=201,
    response_model=CredentialIdOut,
    responses=NOT_POSSIBLE,
)
def add_paper(door: DispatcherEntrance, carer_id: UUID, body: PaperIn) -> Response:
    """Take a paper down; it counts once somebody looked at it."""
    command = commands.AddPaper(carer_id=carer_id, paper=body.paper())
    return door.do(papers.add_paper, command, present=_credential_id, status=201)


@router.post(
    "/carers/{carer_id}/papers/{credential_id}/check",
    tags=["papers"],
    response_model=CredentialIdOut,
    responses=NOT_POSSIBLE,
)
def check_paper(door: DispatcherEntrance, carer_id: UUID, credential_id: UUID, body: CheckPaperIn) -> Response:
    """The caller looked at it: from now on it counts, or doesn't."""
    command = commands.CheckPaper(carer_id=carer_id, credential_id=credential_id, found_good=body.found_good)
    return door.do(papers.check, command, present=_credential_id)


@router.post(
    "/carers/{carer_id}/papers/{credential_id}/withdraw",
    tags=["papers"],
    response_model=CredentialIdOut,
    responses=NOT_POSSIBLE,
)
def withdraw_paper(door: DispatcherEntrance, carer_id: UUID, credential_id: UUID, body: WithdrawPaperIn) -> Response:
    """It counts no more; that it was there stays known."""
    command = commands.WithdrawPaper(carer_id=carer_id, credential_id=credential_id, reason=body.reason)
    return door.do(papers.withdraw, command, present=_credential_id)


@router.post("/carers/{carer_id}/steps", tags=["carers"], response_model=CarerIdOut, responses=NOT_FOUND)
def note_step(door: DispatcherEntrance, carer_id: UUID, body: StepIn) -> Response:
    """A step of taking a carer on is done, or the day of the review is set."""
    command = commands.NoteStep(carer_id=carer_id, step=body.step, on=body.on, who=body.who, note=body.note)
    return door.do(onboarding.note_step, command, present=_carer_id)


@router.post("/carers/{carer_id}/clear", tags=["carers"], response_model=CarerIdOut, responses=NOT_POSSIBLE)
def clear_carer(door: DispatcherEntrance, carer_id: UUID, body: ClearIn) -> Response:
    """From this day on the carer may be sent to families; refused while a step is still to do."""
    return door.do(onboarding.clear, commands.ClearCarer(carer_id=carer_id, on=body.on), present=_carer_id)


@router.get("/carers/{carer_id}/availability", tags=["carers"], response_model=AvailabilityOut, responses=NOT_FOUND)
def show_availability(door: DispatcherEntrance, carer_id: UUID) -> dict[str, Any]:
    """When the carer said they are free."""
    return door.read(week_of, carer_id, door.runner.clock.now())


@router.post("/carers/{carer_id}/availability", tags=["carers"], response_model=CarerIdOut, responses=NOT_FOUND)
def change_availability(door: DispatcherEntrance, carer_id: UUID, body: AvailabilityIn) -> Response:
    """When the carer is free, as they told the desk: the whole rotation from now on."""
    command = commands.ChangeAvailability(carer_id=carer_id, rotation=body.rotation())
    return door.do(availability.change_availability, command, present=_carer_id)


@router.post(
    "/carers/{carer_id}/absences", tags=["carers"], status_code=201, response_model=AbsenceIdOut, responses=NOT_FOUND
)
def report_absence(door: DispatcherEntrance, carer_id: UUID, body: AbsenceIn) -> Response:
    """The carer can't come, as they told the desk; their visits are offered to others."""
    command = commands.ReportAbsence(carer_id=carer_id, **body.model_dump())
    return door.do(absences.report_absence, command, present=_absence_id, status=201)


@router.post(
    "/carers/{carer_id}/absences/{absence_id}/return",
    tags=["carers"],
    response_model=AbsenceIdOut,
    responses=NOT_POSSIBLE,
)
def end_absence(door: DispatcherEntrance, carer_id: UUID, absence_id: UUID, body: ReturnIn | None = None) -> Response:
    """The carer is back, as they told the desk."""
    command = commands.Return(carer_id=carer_id, absence_id=absence_id, at=body.at if body else None)
    return door.do(absences.come_back, command, present=_absence_id)


@router.post(
    "/carers/{carer_id}/tolerances",
    tags=["carers"],
    status_code=201,
    response_model=ToleranceIdOut,
    responses=NOT_FOUND,
)
def tolerate_excess(door: DispatcherEntrance, carer_id: UUID, body: ToleranceIn) -> Response:
    """The desk knowingly lets so many more children in at this carer's for a while, where its policy allows that."""
    command = Tolerate(carer_id=carer_id, **body.model_dump())
    return door.do(tolerances.tolerate, command, present=lambda found: ToleranceIdOut(tolerance_id=found), status=201)


@router.post("/carers/{carer_id}/credit", tags=["months"], status_code=204, responses=NOT_FOUND)
def take_credit(door: DispatcherEntrance, carer_id: UUID, body: CreditIn) -> Response:
    """Time off taken for unsocial hours worked."""
    return door.do(carers.take_credit, commands.TakeCredit(carer_id=carer_id, **body.model_dump()))


@router.post("/carers/{carer_id}/photo", tags=["carers"], status_code=204, responses=NOT_FOUND)
def give_photo(door: DispatcherEntrance, carer_id: UUID, body: PhotoIn) -> Response:
    """A photo the carer agreed to show to the families they come to: JPEG or PNG, small."""
    command = commands.GivePhoto(carer_id=carer_id, media_type=body.media_type, body=body.picture)
    return door.do(carers.give_photo, command)


@router.get("/carers/{carer_id}/photo", tags=["carers"], responses=NOT_FOUND, response_class=Response)
def show_photo(door: DispatcherEntrance, carer_id: UUID) -> Response:
    """The carer's photo."""
    media_type, picture = door.read(carer_queries.photo_of, carer_id)
    return Response(picture, media_type=media_type)


@router.post("/carers/{carer_id}/photo/take-away", tags=["carers"], status_code=204, responses=NOT_FOUND)
def take_photo_away(door: DispatcherEntrance, carer_id: UUID) -> Response:
    """No family sees a photo of the carer any more."""
    return door.do(carers.take_photo_away, commands.TakePhotoAway(carer_id=carer_id))


def _carer_id(carer_id: UUID) -> CarerIdOut:
    return CarerIdOut(carer_id=carer_id)


def _credential_id(credential_id: UUID) -> CredentialIdOut:
    return CredentialIdOut(credential_id=credential_id)


def _absence_id(absence_id: UUID) -> AbsenceIdOut:
    return AbsenceIdOut(absence_id=absence_id)
