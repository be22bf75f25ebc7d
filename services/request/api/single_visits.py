"""What is done about one visit, or about a first meeting."""

from uuid import UUID

from fastapi import APIRouter, Response

from services.request.api.responses import CHANGED, NOT_FOUND
from services.request.api.terms import one_off
from services.request.commands.single_visits import CallIn, DisplaceVisit, NameBarrier, SkipIntroduction, SplitVisit
from services.request.handlers import introductions, register, single_visits
from services.request.queries.plans import displaceable, limited_places
from services.request.schemas.asking import BarrierIn, CalledIn, DisplaceIn, SkipIn, SplitIn
from services.request.schemas.care_requests import CareRequestKeptOut, DisplaceableOut, PlaceAgeOut
from services.request.schemas.desk import BarrierKeptOut
from shared.auth.dependencies import DispatcherEntrance

router = APIRouter(tags=["single visits"], generate_unique_id_function=lambda route: route.name)


@router.post("/visits/{visit_id}/split", response_model=CareRequestKeptOut, responses=CHANGED)
def split_visit(door: DispatcherEntrance, visit_id: UUID, body: SplitIn) -> Response:
    """Two carers share a long visit; the second takes over where the children are, at this instant."""
    command = SplitVisit(visit_id=visit_id, at=body.at, version=body.version)
    return door.do(single_visits.split_visit, command, present=CareRequestKeptOut.model_validate)


@router.post("/visits/{visit_id}/call-in", response_model=CareRequestKeptOut, responses=CHANGED)
def call_in(door: DispatcherEntrance, visit_id: UUID, body: CalledIn) -> Response:
    """A carer kept free is needed after all."""
    command = CallIn(visit_id=visit_id, visit=one_off(body.visit), version=body.version)
    return door.do(single_visits.call_in, command, present=CareRequestKeptOut.model_validate)


@router.get("/visits/{visit_id}/displaceable", response_model=list[DisplaceableOut], responses=NOT_FOUND)
def find_displaceable(door: DispatcherEntrance, visit_id: UUID) -> list[DisplaceableOut]:
    """Families that could be asked to give up their carer for this visit: never those with regular care."""
    return [DisplaceableOut.model_validate(row) for row in door.read(displaceable, visit_id)]


@router.post("/visits/{visit_id}/displace", response_model=CareRequestKeptOut, responses=CHANGED)
def displace_visit(door: DispatcherEntrance, visit_id: UUID, body: DisplaceIn) -> Response:
    """A family said yes to giving up its carer for a more urgent visit; who said so is kept."""
    command = DisplaceVisit(visit_id=visit_id, **body.model_dump())
    return door.do(single_visits.displace_visit, command, present=CareRequestKeptOut.model_validate)


@router.post("/visits/{visit_id}/barrier", response_model=BarrierKeptOut, responses=CHANGED)
def name_barrier(door: DispatcherEntrance, visit_id: UUID, body: BarrierIn) -> Response:
    """What stood in the family's own way: one of the seven."""
    command = NameBarrier(visit_id=visit_id, barrier=body.barrier)
    return door.do(register.name_barrier, command, present=lambda kept: BarrierKeptOut(visit_id=kept))


@router.post("/care-requests/{care_request_id}/skip-introduction", response_model=CareRequestKeptOut, responses=CHANGED)
def skip_introduction(door: DispatcherEntrance, care_request_id: UUID, body: SkipIn) -> Response:
    """The family says that a carer may come without a first meeting; who said so is kept."""
    command = SkipIntroduction(care_request_id=care_request_id, **body.model_dump())
    return door.do(introductions.skip_introduction, command, present=CareRequestKeptOut.model_validate)


@router.get("/limited-places", response_model=list[PlaceAgeOut])
def find_limited_places(door: DispatcherEntrance) -> list[PlaceAgeOut]:
    """Open places for a limited time, the longest used first."""
    return [PlaceAgeOut.model_validate(row) for row in door.read(limited_places, door.runner.clock.now().date())]
