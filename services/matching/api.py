"""Routes: each builds a command or asks a query, and says by its signature who may call it."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.matching import commands, queries
from services.matching.handlers import offers, policies, visits
from services.matching.schemas import (
    DeclineIn,
    DeskOfferOut,
    OfferOut,
    OffersIn,
    OffersMadeOut,
    OfferStateOut,
    OpenVisitsOut,
    PolicyIn,
    PolicyOut,
    PolicySetOut,
    ReleaseIn,
    ShortlistOut,
    VisitReleasedOut,
)
from shared.auth.dependencies import CarerEntrance, DispatcherEntrance, Entrance
from shared.domain.errors import NotFound
from shared.http.paging import Page, PagingQuery
from shared.http.schema import InstantIn

router = APIRouter(generate_unique_id_function=lambda route: route.name)

_NOT_FOUND: dict[int | str, dict[str, Any]] = {404: {"description": "Not at this desk, or not yours."}}
_ANSWERED: dict[int | str, dict[str, Any]] = {
    **_NOT_FOUND,
    409: {
        "description": "Too late or not possible; `type` ends in taken, expired, withdrawn, terms-changed, already-yours, "
        "already-declined, overlaps, too-far, ratio, rest, consent, absent or credentials."
    },
}
_RULED_OUT: dict[int | str, dict[str, Any]] = {
    **_NOT_FOUND,
    409: {
        "description": "Not open, already offered or declined, or a rule speaks against it: `type` ends in its code."
    },
}


@router.get("/visits/open", tags=["visits"], response_model=OpenVisitsOut)
def open_visits(
    door: DispatcherEntrance, from_: Annotated[InstantIn, Query(alias="from")], until: InstantIn
) -> OpenVisitsOut:
    """Visits without a certain carer that start in this time (62 days at most), most pressing first."""
    return door.read(queries.open_visits, from_, until)


@router.get("/visits/{visit_id}/shortlist", tags=["visits"], response_model=ShortlistOut, responses=_NOT_FOUND)
def find_shortlist(door: DispatcherEntrance, visit_id: UUID) -> ShortlistOut:
    """Who may come, ranked with reasons, and who may not, each with the rule."""
    return door.read(queries.find_shortlist, visit_id)


@router.get("/visits/{visit_id}/offers", tags=["offers"], response_model=Page[DeskOfferOut], responses=_NOT_FOUND)
def visit_offers(door: DispatcherEntrance, visit_id: UUID, paging: PagingQuery) -> Page[DeskOfferOut]:
    """Every offer that named this visit, newest first."""
    return door.read(queries.visit_offers, visit_id, paging)


@router.post(
    "/visits/{visit_id}/offers", tags=["offers"], status_code=201, response_model=OffersMadeOut, responses=_RULED_OUT
)
def make_offers(door: DispatcherEntrance, visit_id: UUID, body: OffersIn) -> Response:
    """Offer a visit by hand to carers who may come: all of them or, if a rule speaks against one, none."""
    command = commands.MakeOffers(
        visit_id=visit_id, carer_ids=body.carer_ids, expires_in_minutes=body.expires_in_minutes
    )
    return door.do(offers.make_offers, command, present=lambda ids: OffersMadeOut(offer_ids=tuple(ids)), status=201)


@router.post("/visits/{visit_id}/release", tags=["visits"], response_model=VisitReleasedOut, responses=_RULED_OUT)
def release_visit(door: DispatcherEntrance, visit_id: UUID, body: ReleaseIn) -> Response:
    """Take a visit that has not begun from its carer and offer it to others."""
    command = commands.ReleaseVisit(visit_id=visit_id, reason=body.reason)
    return door.do(visits.release_visit, command, present=lambda released: VisitReleasedOut(visit_id=released))


@router.post("/offers/{offer_id}/withdraw", tags=["offers"], response_model=OfferStateOut, responses=_RULED_OUT)
def withdraw_offer(door: DispatcherEntrance, offer_id: UUID) -> Response:
    """Take back an offer nobody has answered."""
    return door.do(offers.withdraw_offer, commands.WithdrawOffer(offer_id=offer_id), present=_state("withdrawn"))


@router.get("/policy", tags=["policy"], response_model=PolicyOut)
def find_policy(door: DispatcherEntrance, on: date | None = None) -> PolicyOut:
    """The desk's choices in force on a day, today's if none is named."""
    return door.read(queries.find_policy, on or door.runner.clock.now().date())


@router.post("/policy", tags=["policy"], status_code=201, response_model=PolicySetOut)
def set_policy(door: DispatcherEntrance, body: PolicyIn) -> Response:
    """The desk's choices from a day on; earlier ones stay as they were."""
    command = commands.SetPolicy(valid_from=body.valid_from, choices=body.model_dump(exclude={"valid_from"}))
    return door.do(policies.set_policy, command, present=lambda made: PolicySetOut(policy_id=made), status=201)


@router.get("/my/offers", tags=["my offers"], response_model=Page[OfferOut])
def my_offers(door: CarerEntrance, paging: PagingQuery, live: bool = False) -> Page[OfferOut]:
    """The carer's own offers, newest first; with `live` only those that wait for an answer."""
    return door.read(queries.my_offers, _carer(door), live, paging)


@router.get("/my/offers/{offer_id}", tags=["my offers"], response_model=OfferOut, responses=_NOT_FOUND)
def my_offer(door: CarerEntrance, offer_id: UUID) -> OfferOut:
    """One of the carer's own offers; reading it marks nothing."""
    return door.read(queries.my_offer, _carer(door), offer_id)


@router.post("/offers/{offer_id}/seen", tags=["my offers"], response_model=OfferStateOut, responses=_NOT_FOUND)
def mark_offer_seen(door: CarerEntrance, offer_id: UUID) -> Response:
    """Say that the carer opened the offer."""
    command = commands.MarkOfferSeen(offer_id=offer_id)
    return door.do(offers.mark_offer_seen, command, present=lambda state: OfferStateOut(offer_id=offer_id, state=state))


@router.post("/offers/{offer_id}/accept", tags=["my offers"], response_model=OfferStateOut, responses=_ANSWERED)
def accept_offer(door: CarerEntrance, offer_id: UUID) -> Response:
    """Say yes: the first yes wins, and the visit is the carer's once the roster confirms it."""
    return door.do(offers.accept_offer, commands.AcceptOffer(offer_id=offer_id), present=_state("accepted"))


@router.post("/offers/{offer_id}/decline", tags=["my offers"], response_model=OfferStateOut, responses=_ANSWERED)
def decline_offer(door: CarerEntrance, offer_id: UUID, body: DeclineIn | None = None) -> Response:
    """Say no to these terms; it costs nothing anywhere else."""
    command = commands.DeclineOffer(offer_id=offer_id, reason=body.reason if body else None)
    return door.do(offers.decline_offer, command, present=_state("declined"))


def _state(state: str) -> Any:
    return lambda offer_id: OfferStateOut(offer_id=offer_id, state=state)


def _carer(door: Entrance) -> UUID:
    """Whom the account stands for; one that stands for nobody has no offers."""
    if door.caller.person_id is None:
        raise NotFound("Your account stands for no carer of this desk; ask your desk to link it.")
    return door.caller.person_id
