"""A family's own: who comes tonight, what they are asked, what they say in confidence."""

from typing import Any
from uuid import UUID

from fastapi import Response

from services.roster.api.entrances import NOT_FOUND, NOT_POSSIBLE, From, new_router, person
from services.roster.api.visits import correction_told, stay_told, swap_told
from services.roster.commands import safety as safety_commands
from services.roster.commands import visits as commands
from services.roster.domain.correction import Side
from services.roster.domain.swap import As
from services.roster.handlers import concerns, corrections, stays, swaps
from services.roster.queries.family import coming_to, corrections_for, photo_of_coming
from services.roster.queries.swaps import swaps_of_family
from services.roster.schemas.family import ComingsOut, FamilyCorrectionsOut
from services.roster.schemas.safety import ConcernIdOut, ConcernIn
from services.roster.schemas.visits import (
    AnswerIn,
    CorrectionIdOut,
    MyCorrectIn,
    MySwapsOut,
    StayIdOut,
    StayIn,
    SwapAnswerIn,
    SwapStateOut,
)
from shared.auth.dependencies import FamilyEntrance
from shared.http.schema import InstantIn

router = new_router()


@router.get("/family/visits", tags=["family"], response_model=ComingsOut)
def show_who_comes(entrance: FamilyEntrance, from_: From, until: InstantIn) -> dict[str, Any]:
    """Who comes when, and how it stands: first name, photo if they gave one, on the way or there."""
    return {"rows": entrance.read(coming_to, person(entrance), from_, until)}


@router.get("/family/visits/{visit_id}/photo", tags=["family"], responses=NOT_FOUND, response_class=Response)
def show_photo_of_who_comes(entrance: FamilyEntrance, visit_id: UUID) -> Response:
    """The photo of who comes to this visit."""
    media_type, picture = entrance.read(photo_of_coming, person(entrance), visit_id)
    return Response(picture, media_type=media_type)


@router.post("/family/visits/{visit_id}/stay", tags=["family"], response_model=StayIdOut, responses=NOT_POSSIBLE)
def ask_carer_to_stay(entrance: FamilyEntrance, visit_id: UUID, body: StayIn) -> Response:
    """Ask the carer to stay longer than agreed; it holds once they say yes."""
    command = commands.AskToStay(visit_id=visit_id, until=body.until, by=Side.FAMILY.value, person_id=person(entrance))
    return entrance.do(stays.ask, command, present=stay_told)


@router.post(
    "/family/visits/{visit_id}/correct", tags=["family"], response_model=CorrectionIdOut, responses=NOT_POSSIBLE
)
def correct_familys_visit(entrance: FamilyEntrance, visit_id: UUID, body: MyCorrectIn) -> Response:
    """What the times really were; they are put right once the carer agrees."""
    command = commands.ProposeCorrection(
        visit_id=visit_id, by=Side.FAMILY.value, person_id=person(entrance), **body.model_dump()
    )
    return entrance.do(corrections.propose, command, present=correction_told)


@router.get("/family/corrections", tags=["family"], response_model=FamilyCorrectionsOut)
def show_familys_corrections(entrance: FamilyEntrance) -> dict[str, Any]:
    """Times a carer put right that wait for the family's word, and those it proposed itself."""
    return {"rows": entrance.read(corrections_for, person(entrance))}


@router.post(
    "/family/corrections/{correction_id}/answer",
    tags=["family"],
    response_model=CorrectionIdOut,
    responses=NOT_POSSIBLE,
)
def answer_familys_correction(entrance: FamilyEntrance, correction_id: UUID, body: AnswerIn) -> Response:
    """Yes or no to times a carer put right."""
    command = commands.AnswerCorrection(
        correction_id=correction_id, by=Side.FAMILY.value, agrees=body.agrees, person_id=person(entrance)
    )
    return entrance.do(corrections.answer, command, present=correction_told)


@router.get("/family/swaps", tags=["family"], response_model=MySwapsOut)
def show_familys_swaps(entrance: FamilyEntrance) -> dict[str, Any]:
    """Swaps between carers that wait for the family's word."""
    return {"rows": entrance.read(swaps_of_family, person(entrance))}


@router.post("/family/swaps/{swap_id}/answer", tags=["family"], response_model=SwapStateOut, responses=NOT_POSSIBLE)
def answer_familys_swap(entrance: FamilyEntrance, swap_id: UUID, body: SwapAnswerIn) -> Response:
    """Yes or no to another carer."""
    command = commands.AnswerSwap(
        swap_id=swap_id, as_=As.FAMILY.value, agrees=body.agrees, person_id=person(entrance), why=body.why
    )
    return entrance.do(swaps.answer, command, present=swap_told)


@router.post("/family/concerns", tags=["family"], status_code=201, response_model=ConcernIdOut, responses=NOT_FOUND)
def say_familys_concern(entrance: FamilyEntrance, body: ConcernIn) -> Response:
    """Something about a carer that only the desk reads."""
    command = safety_commands.SayConcern(
        said_by="family",
        person_id=person(entrance),
        about="carer",
        about_id=body.about_id,
        text=body.text,
        visit_id=body.visit_id,
    )
    return entrance.do(concerns.say, command, present=lambda found: ConcernIdOut(concern_id=found), status=201)
