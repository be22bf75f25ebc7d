"""A carer's own: their visits and the door, what they are asked, their week, what they are told of themselves."""

from typing import Any
from uuid import UUID

from fastapi import Response

from services.roster.api.entrances import AT_THE_DOOR, NOT_FOUND, NOT_POSSIBLE, From, new_router, person
from services.roster.api.visits import correction_told, state, stay_told, swap_told
from services.roster.commands import carers as carer_commands
from services.roster.commands import safety as safety_commands
from services.roster.commands import visits as commands
from services.roster.domain.correction import Side
from services.roster.domain.swap import As
from services.roster.handlers import (
    absences,
    availability,
    carers,
    concerns,
    corrections,
    door,
    reads,
    stays,
    swaps,
    visits,
)
from services.roster.queries import carers as carer_queries
from services.roster.queries.availability import week_of
from services.roster.queries.colleagues import colleagues_for
from services.roster.queries.papers import papers_shown
from services.roster.queries.swaps import swaps_of_carer
from services.roster.schemas.availability import (
    AbsenceIdOut,
    AbsenceIn,
    AvailabilityIn,
    AvailabilityOut,
    ExceptionIdsOut,
    ExceptionsIn,
    MyAbsencesOut,
    ReturnIn,
)
from services.roster.schemas.carers import CarerIdOut, PapersOut, WishesIn, WishesOut
from services.roster.schemas.safety import ConcernIdOut, ConcernIn, HelpIn
from services.roster.schemas.visits import (
    AnswerIn,
    CheckInIn,
    CheckOutIn,
    ChildIn,
    ColleaguesOut,
    CorrectionIdOut,
    HappenedIn,
    MyCorrectIn,
    MySwapsOut,
    MyVisitsOut,
    NoteIn,
    StayIdOut,
    StayIn,
    SwapAnswerIn,
    SwapIdOut,
    SwapIn,
    SwapStateOut,
    VisitCardOut,
    VisitStateOut,
)
from shared.auth.dependencies import CarerEntrance
from shared.http.schema import InstantIn

router = new_router()


@router.get("/my/visits", tags=["my visits"], response_model=MyVisitsOut)
def show_my_visits(entrance: CarerEntrance, from_: From, until: InstantIn) -> Response:
    """The carer's own visits in this time (62 days at most), each with its door while it is near."""
    command = commands.ShowMyVisits(carer_id=person(entrance), start=from_, end=until)
    return entrance.do(reads.show_my_visits, command, present=lambda rows: MyVisitsOut.model_validate({"rows": rows}))


@router.get("/my/visits/{visit_id}", tags=["my visits"], response_model=VisitCardOut, responses=NOT_FOUND)
def show_visit_card(entrance: CarerEntrance, visit_id: UUID) -> Response:
    """One of the carer's own visits: address and children because it is theirs and near. The look is logged."""
    command = commands.ShowVisitCard(visit_id=visit_id, carer_id=person(entrance))
    return entrance.do(reads.show_visit_card, command, present=VisitCardOut.model_validate)


@router.post("/visits/{visit_id}/coming", tags=["my visits"], response_model=VisitStateOut, responses=AT_THE_DOOR)
def confirm_coming(entrance: CarerEntrance, visit_id: UUID) -> Response:
    """Yes, still coming."""
    command = commands.ConfirmComing(visit_id=visit_id, carer_id=person(entrance))
    return entrance.do(door.confirm_coming, command, present=state)


@router.post("/visits/{visit_id}/set-out", tags=["my visits"], response_model=VisitStateOut, responses=AT_THE_DOOR)
def set_out(entrance: CarerEntrance, visit_id: UUID, body: HappenedIn | None = None) -> Response:
    """The carer is on the way."""
    at = body.happened_at if body else None
    command = commands.SetOut(visit_id=visit_id, carer_id=person(entrance), happened_at=at)
    return entrance.do(door.set_out, command, present=state)


@router.post("/visits/{visit_id}/check-in", tags=["my visits"], response_model=VisitStateOut, responses=AT_THE_DOOR)
def check_in(entrance: CarerEntrance, visit_id: UUID, body: CheckInIn | None = None) -> Response:
    """The carer is there; late, early, offline or without a position, it is taken down."""
    told = (body or CheckInIn()).model_dump()
    command = commands.CheckIn(visit_id=visit_id, carer_id=person(entrance), **told)
    return entrance.do(door.check_in, command, present=state)


@router.post("/visits/{visit_id}/check-out", tags=["my visits"], response_model=VisitStateOut, responses=AT_THE_DOOR)
def check_out(entrance: CarerEntrance, visit_id: UUID, body: CheckOutIn | None = None) -> Response:
    """The carer leaves, and says who took the children over; the visit is completed with the time really cared."""
    told = (body or CheckOutIn()).told()
    command = commands.CheckOut(visit_id=visit_id, carer_id=person(entrance), **told)
    return entrance.do(door.check_out, command, present=state)


@router.post(
    "/visits/{visit_id}/children/{child_id}", tags=["my visits"], response_model=VisitStateOut, responses=AT_THE_DOOR
)
def note_child(entrance: CarerEntrance, visit_id: UUID, child_id: UUID, body: ChildIn) -> Response:
    """A child came later, or was fetched earlier, than the visit."""
    command = commands.NoteChild(
        visit_id=visit_id,
        carer_id=person(entrance),
        child_id=child_id,
        what=body.what,
        happened_at=body.happened_at,
    )
    return entrance.do(door.note_child, command, present=state)


@router.post("/visits/{visit_id}/notes", tags=["my visits"], response_model=VisitStateOut, responses=AT_THE_DOOR)
def write_note(entrance: CarerEntrance, visit_id: UUID, body: NoteIn) -> Response:
    """A hand-over note for the family and for whoever comes next."""
    command = commands.WriteNote(visit_id=visit_id, carer_id=person(entrance), text=body.text)
    return entrance.do(door.write_note, command, present=state)


@router.post("/visits/{visit_id}/nobody-came", tags=["my visits"], response_model=VisitStateOut, responses=AT_THE_DOOR)
def say_nobody_came(entrance: CarerEntrance, visit_id: UUID) -> Response:
    """Nobody has come to take the children over: who is on duty is rung, the next visit protected."""
    command = safety_commands.SayNobodyCame(visit_id=visit_id, carer_id=person(entrance))
    return entrance.do(visits.say_nobody_came, command, present=state)


@router.post("/my/help", tags=["my visits"], status_code=204, responses=NOT_FOUND)
def call_for_help(entrance: CarerEntrance, body: HelpIn | None = None) -> Response:
    """Somebody is needed now: who is on duty is rung at once."""
    command = safety_commands.CallForHelp(carer_id=person(entrance), visit_id=body.visit_id if body else None)
    return entrance.do(concerns.call_for_help, command)


@router.post("/my/concerns", tags=["my visits"], status_code=201, response_model=ConcernIdOut, responses=NOT_FOUND)
def say_concern(entrance: CarerEntrance, body: ConcernIn) -> Response:
    """Something about a family that only the desk reads."""
    command = safety_commands.SayConcern(
        said_by="carer",
        person_id=person(entrance),
        about="family",
        about_id=body.about_id,
        text=body.text,
        visit_id=body.visit_id,
    )
    return entrance.do(concerns.say, command, present=lambda found: ConcernIdOut(concern_id=found), status=201)


@router.post(
    "/my/visits/{visit_id}/correct", tags=["my visits"], response_model=CorrectionIdOut, responses=NOT_POSSIBLE
)
def correct_my_visit(entrance: CarerEntrance, visit_id: UUID, body: MyCorrectIn) -> Response:
    """What the times really were; they are put right once the family agrees."""
    command = commands.ProposeCorrection(
        visit_id=visit_id, by=Side.CARER.value, person_id=person(entrance), **body.model_dump()
    )
    return entrance.do(corrections.propose, command, present=correction_told)


@router.post(
    "/my/corrections/{correction_id}/answer",
    tags=["my visits"],
    response_model=CorrectionIdOut,
    responses=NOT_POSSIBLE,
)
def answer_my_correction(entrance: CarerEntrance, correction_id: UUID, body: AnswerIn) -> Response:
    """Yes or no to times the family or the desk put right."""
    command = commands.AnswerCorrection(
        correction_id=correction_id, by=Side.CARER.value, agrees=body.agrees, person_id=person(entrance)
    )
    return entrance.do(corrections.answer, command, present=correction_told)


@router.post("/my/visits/{visit_id}/stay", tags=["my visits"], response_model=StayIdOut, responses=NOT_POSSIBLE)
def offer_to_stay(entrance: CarerEntrance, visit_id: UUID, body: StayIn) -> Response:
    """The carer stays longer, as they agreed with the family."""
    command = commands.AskToStay(visit_id=visit_id, until=body.until, by=Side.CARER.value, person_id=person(entrance))
    return entrance.do(stays.ask, command, present=stay_told)


@router.post("/my/stays/{stay_id}/answer", tags=["my visits"], response_model=StayIdOut, responses=NOT_POSSIBLE)
def answer_my_stay(entrance: CarerEntrance, stay_id: UUID, body: AnswerIn) -> Response:
    """Yes or no to staying longer."""
    command = commands.AnswerStay(stay_id=stay_id, agrees=body.agrees, carer_id=person(entrance))
    return entrance.do(stays.answer, command, present=stay_told)


@router.get("/my/visits/{visit_id}/colleagues", tags=["my visits"], response_model=ColleaguesOut, responses=NOT_FOUND)
def show_colleagues(entrance: CarerEntrance, visit_id: UUID) -> dict[str, Any]:
    """Colleagues near by whom this visit would fit, those the family knows first."""
    return {"rows": entrance.read(colleagues_for, visit_id, person(entrance), entrance.runner.clock.now())}


@router.post(
    "/my/visits/{visit_id}/swap", tags=["my visits"], status_code=201, response_model=SwapIdOut, responses=NOT_POSSIBLE
)
def ask_swap(entrance: CarerEntrance, visit_id: UUID, body: SwapIn) -> Response:
    """Ask a colleague to take the visit over, or to exchange it for one of theirs."""
    command = commands.AskSwap(visit_id=visit_id, carer_id=person(entrance), **body.model_dump())
    return entrance.do(swaps.ask, command, present=lambda found: SwapIdOut(swap_id=found), status=201)


@router.get("/my/swaps", tags=["my visits"], response_model=MySwapsOut)
def show_my_swaps(entrance: CarerEntrance) -> dict[str, Any]:
    """Swaps the carer asked for or is asked about, the open ones first."""
    return {"rows": entrance.read(swaps_of_carer, person(entrance))}


@router.post("/my/swaps/{swap_id}/answer", tags=["my visits"], response_model=SwapStateOut, responses=NOT_POSSIBLE)
def answer_my_swap(entrance: CarerEntrance, swap_id: UUID, body: SwapAnswerIn) -> Response:
    """A colleague's yes or no."""
    command = commands.AnswerSwap(
        swap_id=swap_id, as_=As.COLLEAGUE.value, agrees=body.agrees, person_id=person(entrance), why=body.why
    )
    return entrance.do(swaps.answer, command, present=swap_told)


@router.post("/my/swaps/{swap_id}/take-back", tags=["my visits"], response_model=SwapStateOut, responses=NOT_POSSIBLE)
def take_swap_back(entrance: CarerEntrance, swap_id: UUID) -> Response:
    """Whoever asked no longer does."""
    command = commands.AnswerSwap(
        swap_id=swap_id, as_=As.ASKER.value, agrees=False, person_id=person(entrance), why="taken back"
    )
    return entrance.do(swaps.answer, command, present=swap_told)


@router.get("/my/availability", tags=["my week"], response_model=AvailabilityOut, responses=NOT_FOUND)
def show_my_availability(entrance: CarerEntrance) -> dict[str, Any]:
    """When the carer said they are free, what differs from it, and calendars they subscribed to."""
    return entrance.read(week_of, person(entrance), entrance.runner.clock.now())


@router.post("/my/availability", tags=["my week"], response_model=CarerIdOut, responses=NOT_FOUND)
def change_my_availability(entrance: CarerEntrance, body: AvailabilityIn) -> Response:
    """When the carer is free: the whole rotation from now on."""
    command = carer_commands.ChangeAvailability(carer_id=person(entrance), rotation=body.rotation())
    return entrance.do(availability.change_availability, command, present=lambda found: CarerIdOut(carer_id=found))


@router.post("/my/exceptions", tags=["my week"], status_code=201, response_model=ExceptionIdsOut, responses=NOT_FOUND)
def say_differs(entrance: CarerEntrance, body: ExceptionsIn) -> Response:
    """Free after all (tonight, in one tap), or busy after all; the latest word holds."""
    command = carer_commands.SayDiffers(carer_id=person(entrance), windows=body.windows(), free=body.free)
    return entrance.do(
        availability.say_differs, command, present=lambda found: ExceptionIdsOut(exception_ids=found), status=201
    )


@router.post("/my/exceptions/{exception_id}/take-back", tags=["my week"], status_code=204, responses=NOT_FOUND)
def take_back_differs(entrance: CarerEntrance, exception_id: UUID) -> Response:
    """The rotation holds there again."""
    command = carer_commands.TakeBackDiffers(carer_id=person(entrance), exception_id=exception_id)
    return entrance.do(availability.take_back_differs, command, present=lambda _: None)


@router.get("/my/wishes", tags=["my week"], response_model=WishesOut, responses=NOT_FOUND)
def show_my_wishes(entrance: CarerEntrance) -> dict[str, Any]:
    """How far, how much and what for, as the carer chose."""
    return entrance.read(carer_queries.wishes_of, person(entrance))


@router.post("/my/wishes", tags=["my week"], response_model=CarerIdOut, responses=NOT_FOUND)
def change_my_wishes(entrance: CarerEntrance, body: WishesIn) -> Response:
    """How far, how much and what for: all of it, as it now is."""
    command = carer_commands.ChangeWishes(carer_id=person(entrance), wishes=body.wishes())
    return entrance.do(carers.change_wishes, command, present=lambda found: CarerIdOut(carer_id=found))


@router.get("/my/papers", tags=["my week"], response_model=PapersOut, responses=NOT_FOUND)
def show_my_papers(entrance: CarerEntrance) -> dict[str, Any]:
    """The carer's papers, whether they were looked at, and until when they are good."""
    return entrance.read(papers_shown, person(entrance), entrance.runner.clock.now())


@router.get("/my/absences", tags=["my week"], response_model=MyAbsencesOut)
def show_my_absences(entrance: CarerEntrance) -> dict[str, Any]:
    """When the carer said that they can't come, from today on."""
    return {"rows": entrance.read(carer_queries.absences_of, person(entrance), entrance.runner.clock.now())}


@router.post("/my/absences", tags=["my week"], status_code=201, response_model=AbsenceIdOut, responses=NOT_FOUND)
def report_my_absence(entrance: CarerEntrance, body: AbsenceIn) -> Response:
    """The carer can't come, for a visit or for days; their visits are offered to others."""
    command = carer_commands.ReportAbsence(carer_id=person(entrance), **body.model_dump())
    return entrance.do(
        absences.report_absence, command, present=lambda found: AbsenceIdOut(absence_id=found), status=201
    )


@router.post("/my/absences/{absence_id}/return", tags=["my week"], response_model=AbsenceIdOut, responses=NOT_POSSIBLE)
def come_back(entrance: CarerEntrance, absence_id: UUID, body: ReturnIn | None = None) -> Response:
    """The carer is back: what nobody took over may come back to them."""
    command = carer_commands.Return(carer_id=person(entrance), absence_id=absence_id, at=body.at if body else None)
    return entrance.do(absences.come_back, command, present=lambda found: AbsenceIdOut(absence_id=found))
