"""The desk's roster: who is where, what is changed, put right, agreed about."""

import csv
import io
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.roster.api.entrances import NOT_FOUND, NOT_POSSIBLE, From, new_router
from services.roster.commands import visits as commands
from services.roster.domain.correction import Side
from services.roster.domain.swap import As
from services.roster.domain.visit import Visit
from services.roster.handlers import corrections, reads, stays, swaps, visits
from services.roster.queries.evv import HEADER
from services.roster.queries.swaps import swaps_open
from services.roster.schemas.visits import (
    CancelIn,
    CorrectIn,
    CorrectionIdOut,
    DeskAnswerIn,
    DeskSwapAnswerIn,
    MySwapsOut,
    ReviewIn,
    RosterOut,
    StayIdOut,
    StayIn,
    SwapStateOut,
    VisitOut,
    VisitStateOut,
)
from shared.auth.dependencies import DispatcherEntrance
from shared.db.idempotency import Answer
from shared.http.schema import InstantIn

router = new_router()


@router.get("/visits", tags=["visits"], response_model=RosterOut)
def show_roster(
    door: DispatcherEntrance,
    from_: From,
    until: InstantIn,
    carer_id: UUID | None = None,
    area: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """The roster: who is where in this time (62 days at most). That children were looked up is logged."""
    command = commands.ShowRoster(start=from_, end=until, carer_id=carer_id, area=area)
    return door.do(reads.show_roster, command, present=lambda rows: Answer(200, b'{"rows":' + rows.encode() + b"}"))


@router.get("/visits/evv.csv", tags=["visits"], response_class=Response)
def export_evv(door: DispatcherEntrance, from_: From, until: InstantIn) -> Response:
    """Every visit that took place with the six elements of electronic visit verification, as CSV."""
    command = commands.ShowEvv(start=from_, end=until)

    def as_csv(rows: list[list[str]]) -> Answer:
        written = io.StringIO()
        writer = csv.writer(written)
        writer.writerow(HEADER)
        writer.writerows(rows)
        return Answer(200, written.getvalue().encode("utf-8"), "text/csv; charset=utf-8")

    return door.do(reads.show_evv, command, present=as_csv)


@router.get("/visits/{visit_id}", tags=["visits"], response_model=VisitOut, responses=NOT_FOUND)
def show_visit(door: DispatcherEntrance, visit_id: UUID) -> Response:
    """One visit with its history and what is agreed about it. The look is logged."""
    return door.do(reads.show_visit, commands.ShowVisit(visit_id=visit_id), present=VisitOut.model_validate)


@router.post("/visits/{visit_id}/cancel", tags=["visits"], response_model=VisitStateOut, responses=NOT_POSSIBLE)
def cancel_visit(door: DispatcherEntrance, visit_id: UUID, body: CancelIn) -> Response:
    """A rostered visit will not happen."""
    command = commands.CancelVisit(visit_id=visit_id, by=body.by, reason=body.reason)
    return door.do(visits.cancel_visit, command, present=state)


@router.post("/visits/{visit_id}/correct", tags=["visits"], response_model=CorrectionIdOut, responses=NOT_POSSIBLE)
def correct_visit(door: DispatcherEntrance, visit_id: UUID, body: CorrectIn) -> Response:
    """Say what the times really were. They are put right once the carer agrees; at once where they have told so."""
    command = commands.ProposeCorrection(visit_id=visit_id, by=Side.DESK.value, **body.model_dump())
    return door.do(corrections.propose, command, present=correction_told)


@router.post(
    "/corrections/{correction_id}/answer", tags=["visits"], response_model=CorrectionIdOut, responses=NOT_POSSIBLE
)
def answer_correction(door: DispatcherEntrance, correction_id: UUID, body: DeskAnswerIn) -> Response:
    """The other side's yes or no, as they told the desk."""
    command = commands.AnswerCorrection(
        correction_id=correction_id, by=Side.DESK.value, agrees=body.agrees, note=body.note
    )
    return door.do(corrections.answer, command, present=correction_told)


@router.post("/visits/{visit_id}/stay", tags=["visits"], response_model=StayIdOut, responses=NOT_POSSIBLE)
def ask_to_stay(door: DispatcherEntrance, visit_id: UUID, body: StayIn) -> Response:
    """Ask the carer to stay longer than agreed."""
    command = commands.AskToStay(visit_id=visit_id, until=body.until, by=Side.DESK.value)
    return door.do(stays.ask, command, present=stay_told)


@router.post("/stays/{stay_id}/answer", tags=["visits"], response_model=StayIdOut, responses=NOT_POSSIBLE)
def answer_stay(door: DispatcherEntrance, stay_id: UUID, body: DeskAnswerIn) -> Response:
    """The carer's yes or no, as they told the desk."""
    return door.do(stays.answer, commands.AnswerStay(stay_id=stay_id, agrees=body.agrees), present=stay_told)


@router.post("/visits/{visit_id}/review", tags=["visits"], response_model=VisitStateOut, responses=NOT_POSSIBLE)
def settle_review(door: DispatcherEntrance, visit_id: UUID, body: ReviewIn) -> Response:
    """Somebody looked at how a visit was told at the door."""
    return door.do(visits.settle_review, commands.SettleReview(visit_id=visit_id, note=body.note), present=state)


@router.get("/swaps", tags=["visits"], response_model=MySwapsOut)
def show_swaps(door: DispatcherEntrance) -> MySwapsOut:
    """Swaps that colleagues and families still have to answer."""
    return MySwapsOut.model_validate({"rows": door.read(swaps_open)})


@router.post("/swaps/{swap_id}/answer", tags=["visits"], response_model=SwapStateOut, responses=NOT_POSSIBLE)
def answer_swap(door: DispatcherEntrance, swap_id: UUID, body: DeskSwapAnswerIn) -> Response:
    """Stop a swap, or say a family's yes or no that the desk was told."""
    command = commands.AnswerSwap(
        swap_id=swap_id, as_=As.DESK.value, agrees=body.agrees, family_id=body.family_id, why=body.why
    )
    return door.do(swaps.answer, command, present=swap_told)


def state(visit: Visit) -> VisitStateOut:
    return VisitStateOut.model_validate(visit)


def correction_told(found: UUID) -> CorrectionIdOut:
    return CorrectionIdOut(correction_id=found)


def stay_told(found: UUID) -> StayIdOut:
    return StayIdOut(stay_id=found)


def swap_told(found: str) -> SwapStateOut:
    return SwapStateOut(state=found)
