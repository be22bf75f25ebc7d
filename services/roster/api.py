"""Routes: each builds a command or asks a query, and says by its signature who may call it."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.roster import commands
from services.roster.domain.visit import Visit
from services.roster.handlers import carers, policies, reads, visits
from services.roster.queries import carers as carer_queries
from services.roster.queries import travel as travel_queries
from services.roster.queries.policies import policy_on
from services.roster.schemas import (
    AbsenceIdOut,
    AbsenceIn,
    AvailabilityIn,
    AvailabilityOut,
    CancelIn,
    CarerDetailsIn,
    CarerIdOut,
    CarerIn,
    CarerLineOut,
    CarerOut,
    CorrectIn,
    MyVisitsOut,
    PolicyIn,
    PolicyOut,
    ReportIn,
    RosterOut,
    TravelOut,
    VisitCardOut,
    VisitOut,
    VisitStateOut,
)
from shared.auth.dependencies import CarerEntrance, DispatcherEntrance, Entrance
from shared.domain.errors import NotFound
from shared.http.paging import Page, PagingQuery
from shared.http.schema import InstantIn

router = APIRouter(generate_unique_id_function=lambda route: route.name)

_From = Annotated[InstantIn, Query(alias="from")]
_NOT_FOUND: dict[int | str, dict[str, Any]] = {404: {"description": "Not at this desk, or not yours."}}
_AT_THE_DOOR: dict[int | str, dict[str, Any]] = {
    **_NOT_FOUND,
    409: {"description": "`type` ends in already, being-confirmed, not-checked-in, cancelled or no-longer-yours."},
}
_NOT_POSSIBLE: dict[int | str, dict[str, Any]] = {
    **_NOT_FOUND,
    409: {"description": "The visit is no longer in a state that allows this."},
}


@router.post("/carers", tags=["carers"], status_code=201, response_model=CarerIdOut)
def register_carer(door: DispatcherEntrance, body: CarerIn) -> Response:
    """Take a carer on at this desk."""
    command = commands.RegisterCarer(details=body.details(), carer_id=body.carer_id)
    return door.do(carers.register_carer, command, present=_carer_id, status=201)


@router.get("/carers", tags=["carers"], response_model=Page[CarerLineOut])
def find_carers(
    door: DispatcherEntrance, paging: PagingQuery, q: Annotated[str | None, Query(max_length=200)] = None
) -> Page[CarerLineOut]:
    """Carers by last name, those whose name holds `q`."""
    rows = [CarerLineOut(**row) for row in door.read(carer_queries.find_carers, q or None, paging.after, paging.limit)]
    return paging.page(rows, [str(row.carer_id) for row in rows])


@router.get("/carers/{carer_id}", tags=["carers"], response_model=CarerOut, responses=_NOT_FOUND)
def show_carer(door: DispatcherEntrance, carer_id: UUID) -> dict[str, Any]:
    """Everything of one carer: papers, week, absences."""
    return door.read(carer_queries.carer_by_id, carer_id, door.runner.clock.now())


@router.post("/carers/{carer_id}/change", tags=["carers"], response_model=CarerIdOut, responses=_NOT_FOUND)
def change_carer(door: DispatcherEntrance, carer_id: UUID, body: CarerDetailsIn) -> Response:
    """Everything known of the carer, as it now is."""
    command = commands.ChangeCarer(carer_id=carer_id, details=body.details())
    return door.do(carers.change_carer, command, present=_carer_id)


@router.post("/carers/{carer_id}/availability", tags=["carers"], response_model=CarerIdOut, responses=_NOT_FOUND)
def change_availability(door: DispatcherEntrance, carer_id: UUID, body: AvailabilityIn) -> Response:
    """When the carer is free, as they told the desk: the whole week from now on."""
    command = commands.ChangeAvailability(carer_id=carer_id, weekly=body.hours())
    return door.do(carers.change_availability, command, present=_carer_id)


@router.post(
    "/carers/{carer_id}/absences", tags=["carers"], status_code=201, response_model=AbsenceIdOut, responses=_NOT_FOUND
)
def report_absence(door: DispatcherEntrance, carer_id: UUID, body: AbsenceIn) -> Response:
    """The carer can't come from then to then, as they told the desk; their visits are offered to others."""
    command = commands.ReportAbsence(carer_id=carer_id, start=body.start, end=body.end, reason=body.reason)
    return door.do(carers.report_absence, command, present=_absence_id, status=201)


@router.get("/visits", tags=["visits"], response_model=RosterOut)
def show_roster(door: DispatcherEntrance, from_: _From, until: InstantIn, carer_id: UUID | None = None) -> Response:
    """The roster: who is where in this time (62 days at most). That children were looked up is logged."""
    command = commands.ShowRoster(start=from_, end=until, carer_id=carer_id)
    return door.do(reads.show_roster, command, present=lambda rows: RosterOut.model_validate({"rows": rows}))


@router.get("/visits/{visit_id}", tags=["visits"], response_model=VisitOut, responses=_NOT_FOUND)
def show_visit(door: DispatcherEntrance, visit_id: UUID) -> Response:
    """One visit with its history. The look is logged."""
    return door.do(reads.show_visit, commands.ShowVisit(visit_id=visit_id), present=VisitOut.model_validate)


@router.post("/visits/{visit_id}/cancel", tags=["visits"], response_model=VisitStateOut, responses=_NOT_POSSIBLE)
def cancel_visit(door: DispatcherEntrance, visit_id: UUID, body: CancelIn) -> Response:
    """A rostered visit will not happen."""
    command = commands.CancelVisit(visit_id=visit_id, by=body.by, reason=body.reason)
    return door.do(visits.cancel_visit, command, present=_state)


@router.post("/visits/{visit_id}/correct", tags=["visits"], response_model=VisitStateOut, responses=_NOT_POSSIBLE)
def correct_visit(door: DispatcherEntrance, visit_id: UUID, body: CorrectIn) -> Response:
    """Put a visit's times right; what was told at the door stays in its history."""
    command = commands.CorrectVisit(
        visit_id=visit_id, started_at=body.started_at, ended_at=body.ended_at, reason=body.reason
    )
    return door.do(visits.correct_visit, command, present=_state)


@router.get("/travel", tags=["travel"], response_model=TravelOut)
def show_travel(door: DispatcherEntrance, from_: _From, until: InstantIn, carer_id: UUID | None = None) -> TravelOut:
    """Every leg carers made in this time (62 days at most)."""
    return _travelled(door, from_, until, carer_id)


@router.get("/policy", tags=["policy"], response_model=PolicyOut)
def show_policy(door: DispatcherEntrance, on: date | None = None) -> PolicyOut:
    """The desk's choices in force on a day, today's if none is named."""
    return PolicyOut.model_validate(door.read(policy_on, on or _today(door)))


@router.post("/policy", tags=["policy"], status_code=201, response_model=PolicyOut)
def change_policy(door: DispatcherEntrance, body: PolicyIn) -> Response:
    """Choose from a day on; answers with the choices that hold then."""
    command = commands.ChangePolicy(valid_from=body.valid_from, choices=body.choices())
    return door.do(policies.change_policy, command, present=PolicyOut.model_validate, status=201)


@router.get("/my/visits", tags=["my visits"], response_model=MyVisitsOut)
def show_my_visits(door: CarerEntrance, from_: _From, until: InstantIn) -> Response:
    """The carer's own visits in this time (62 days at most), each with its door."""
    command = commands.ShowMyVisits(carer_id=_carer(door), start=from_, end=until)
    return door.do(reads.show_my_visits, command, present=lambda rows: MyVisitsOut.model_validate({"rows": rows}))


@router.get("/my/visits/{visit_id}", tags=["my visits"], response_model=VisitCardOut, responses=_NOT_FOUND)
def show_visit_card(door: CarerEntrance, visit_id: UUID) -> Response:
    """One of the carer's own visits: address and children because it is theirs. The look is logged."""
    command = commands.ShowVisitCard(visit_id=visit_id, carer_id=_carer(door))
    return door.do(reads.show_visit_card, command, present=VisitCardOut.model_validate)


@router.post("/visits/{visit_id}/check-in", tags=["my visits"], response_model=VisitStateOut, responses=_AT_THE_DOOR)
def check_in(door: CarerEntrance, visit_id: UUID, body: ReportIn | None = None) -> Response:
    """The carer is there; late, early, offline or without a position, it is taken down."""
    command = commands.CheckIn(visit_id=visit_id, carer_id=_carer(door), **(body or ReportIn()).model_dump())
    return door.do(visits.check_in, command, present=_state)


@router.post("/visits/{visit_id}/check-out", tags=["my visits"], response_model=VisitStateOut, responses=_AT_THE_DOOR)
def check_out(door: CarerEntrance, visit_id: UUID, body: ReportIn | None = None) -> Response:
    """The carer leaves; the visit is completed with the time really cared."""
    command = commands.CheckOut(visit_id=visit_id, carer_id=_carer(door), **(body or ReportIn()).model_dump())
    return door.do(visits.check_out, command, present=_state)


@router.get("/my/availability", tags=["my week"], response_model=AvailabilityOut, responses=_NOT_FOUND)
def show_my_availability(door: CarerEntrance) -> dict[str, Any]:
    """When the carer said they are free."""
    return door.read(carer_queries.week_of, _carer(door))


@router.post("/my/availability", tags=["my week"], response_model=CarerIdOut, responses=_NOT_FOUND)
def change_my_availability(door: CarerEntrance, body: AvailabilityIn) -> Response:
    """When the carer is free: the whole week from now on."""
    command = commands.ChangeAvailability(carer_id=_carer(door), weekly=body.hours())
    return door.do(carers.change_availability, command, present=_carer_id)


@router.post("/my/absences", tags=["my week"], status_code=201, response_model=AbsenceIdOut, responses=_NOT_FOUND)
def report_my_absence(door: CarerEntrance, body: AbsenceIn) -> Response:
    """The carer can't come from then to then; their visits are offered to others."""
    command = commands.ReportAbsence(carer_id=_carer(door), start=body.start, end=body.end, reason=body.reason)
    return door.do(carers.report_absence, command, present=_absence_id, status=201)


@router.get("/my/travel", tags=["my week"], response_model=TravelOut)
def show_my_travel(door: CarerEntrance, from_: _From, until: InstantIn) -> TravelOut:
    """The carer's own legs in this time (62 days at most)."""
    return _travelled(door, from_, until, _carer(door))


def _travelled(door: Entrance, start: datetime, end: datetime, carer_id: UUID | None) -> TravelOut:
    rows = door.read(travel_queries.legs_between, start, end, carer_id)
    return TravelOut.model_validate(
        {
            "rows": rows,
            "metres": sum(row["metres"] for row in rows),
            "minutes": sum(row["minutes"] for row in rows),
        }
    )


def _carer_id(carer_id: UUID) -> CarerIdOut:
    return CarerIdOut(carer_id=carer_id)


def _absence_id(absence_id: UUID) -> AbsenceIdOut:
    return AbsenceIdOut(absence_id=absence_id)


def _state(visit: Visit) -> VisitStateOut:
    return VisitStateOut.model_validate(visit)


def _today(door: Entrance) -> date:
    return door.runner.clock.now().date()


def _carer(door: Entrance) -> UUID:
    """Whom the account stands for; one that stands for nobody has no visits."""
    if door.caller.person_id is None:
        raise NotFound("Your account stands for no carer of this desk; ask your desk to link it.")
    return door.caller.person_id
