"""What happens to offers: seen, accepted, declined, expired, taken back, made by hand."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.matching import offering
from services.matching.assigning import (
    assign,
    change_placement,
    lock_person,
    lock_placement,
    next_step_at,
    visits_of,
)
from services.matching.commands import AcceptOffer, DeclineOffer, ExpireOffer, MakeOffers, MarkOfferSeen, WithdrawOffer
from services.matching.domain.eligibility import unsafe
from services.matching.domain.offer import LIVE, Ended, OfferState, Terms, refuse_answer, refuse_terms
from services.matching.domain.wave import Wave
from services.matching.evaluation import Evaluation, calendar_of, evaluate, keep_shortlist
from services.matching.tables import offers, visits
from shared.contracts.matching import OfferAccepted, OfferDeclined
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Conflict, NotFound


def mark_offer_seen(command: MarkOfferSeen, uow: UnitOfWork) -> OfferState:
    """The carer opened the offer; opening it again, or late, changes nothing. Says where it stands.

    Raises NotFound for another carer's.
    """
    _, offer = _own_offer(uow, command.offer_id)
    if offer.state == OfferState.SENT and uow.now < offer.expires_at:
        offering.change(uow, offer, OfferState.SEEN)
        return OfferState.SEEN
    return OfferState(offer.state)


def accept_offer(command: AcceptOffer, uow: UnitOfWork) -> UUID:
    """The carer's yes: one winner, checked and written under the locks of the placement, its terms and the person.

    Raises NotFound for another carer's offer, Conflict (taken, expired, withdrawn, terms-changed, already-yours,
    already-declined, overlaps, too-far, ratio, rest, consent, absent, credentials) with nothing changed.
    """
    placement, offer = _own_offer(uow, command.offer_id)
    offered = offering.offered(offer)
    _raise(refuse_answer(offered, uow.now))
    visit_rows = visits_of(uow, placement.placement_id, lock=True)
    _raise(refuse_terms(offered, _current_terms(uow, offered.visits), frozenset(row.visit_id for row in visit_rows)))
    lock_person(uow, offer.carer_id)
    calendar = calendar_of(uow.session, uow.caller.desk, visit_rows, offer.carer_id)
    if calendar is None:
        raise Conflict("You are no longer a carer of this desk.", code="not-a-carer")
    said = unsafe(calendar)
    if said is not None:
        raise Conflict(said.sentence, code=said.code)
    version = offering.change(uow, offer, OfferState.ACCEPTED)
    uow.record(
        OfferAccepted(
            desk_id=uow.caller.desk,
            version=version,
            offer_id=offer.offer_id,
            carer_id=offer.carer_id,
            accepted_at=uow.now,
        )
    )
    assign(uow, placement, offer, calendar.need, calendar.carer.home)
    return command.offer_id


def decline_offer(command: DeclineOffer, uow: UnitOfWork) -> UUID:
    """The carer's no to these terms. Raises NotFound for another carer's, Conflict when it can't be answered any more."""
    placement, offer = _own_offer(uow, command.offer_id)
    _raise(refuse_answer(offering.offered(offer), uow.now))
    version = offering.change(uow, offer, OfferState.DECLINED, reason=command.reason)
    uow.record(
        OfferDeclined(
            desk_id=uow.caller.desk,
            version=version,
            offer_id=offer.offer_id,
            carer_id=offer.carer_id,
            reason=command.reason,
        )
    )
    go_on_if_all_answered(uow, placement)
    return command.offer_id


def expire_offer(command: ExpireOffer, uow: UnitOfWork) -> None:
    """End an offer whose time is over; one answered meanwhile stays as it is."""
    offer = uow.one(offers, offer_id=command.offer_id)
    if offer is None:
        return
    placement = lock_placement(uow, offer.placement_id)
    offering.expire_due(uow, offer.placement_id)
    go_on_if_all_answered(uow, placement)


def withdraw_offer(command: WithdrawOffer, uow: UnitOfWork) -> UUID:
    """The dispatcher takes an offer back. Raises NotFound, or Conflict when it was answered or has ended."""
    placement, offer = _locked_offer(uow, command.offer_id)
    if offer.state not in LIVE:
        raise Conflict(f"This offer is {offer.state} and can't be taken back.", code=offer.state)
    offering.withdraw(uow, offer, OfferState.WITHDRAWN, Ended.CANCELLED)
    go_on_if_all_answered(uow, placement)
    return command.offer_id


def make_offers(command: MakeOffers, uow: UnitOfWork) -> list[UUID]:
    """Offer a visit by hand to carers who may come, all of them or none.

    Raises NotFound for an unknown visit or carer, Conflict with the rule's code and sentence for one who may not come,
    already-offered or already-declined, and not-open for a visit that isn't to be filled.
    """
    visit = uow.one(visits, visit_id=command.visit_id)
    placement = lock_placement(uow, visit.placement_id) if visit is not None else None
    if visit is None:
        raise NotFound("There is no such visit at this desk.")
    if placement is None or placement.state in ("accepted", "closed"):
        raise Conflict("This visit is not open: it has its carer, or nobody is needed any more.", code="not-open")
    offering.expire_due(uow, placement.placement_id)
    evaluation = evaluate(uow.session, uow.caller.desk, visits_of(uow, placement.placement_id))
    wave = _wave_by_hand(uow, command, placement, evaluation)
    step = placement.steps + 1
    shortlist_id = keep_shortlist(uow, placement.placement_id, step, evaluation)
    made = offering.send_wave(uow, placement, evaluation, wave, shortlist_id=shortlist_id, by_hand=True)
    lapses_at = max(offer.expires_at for offer in offering.live_offers(uow, placement.placement_id))
    placement = change_placement(uow, placement.placement_id, state="offered", lapses_at=lapses_at, steps=step)
    next_step_at(uow, placement, lapses_at)
    return made


def go_on_if_all_answered(uow: UnitOfWork, placement: Any) -> None:
    """When nobody is left who could still say yes, the next wave need not wait."""
    if placement.state == "offered" and not offering.live_offers(uow, placement.placement_id):
        next_step_at(uow, placement, uow.now)


def _wave_by_hand(uow: UnitOfWork, command: MakeOffers, placement: Any, evaluation: Evaluation) -> Wave:
    need, policy = evaluation.need, evaluation.policy
    if uow.now >= need.start:
        raise Conflict("This visit has begun; it can't be offered any more.", code="not-open")
    terms = [offer for offer in offering.offers_of(uow, placement.placement_id) if offer.terms == placement.terms]
    chosen = []
    for carer_id in dict.fromkeys(command.carer_ids):
        candidate = evaluation.shortlist.candidate(carer_id)
        if candidate is None:
            said = evaluation.shortlist.reason(carer_id)
            if said is None:
                raise NotFound(f"There is no carer {carer_id} at this desk.")
            raise Conflict(f"They can't be offered this visit: {said.sentence}", code=said.code)
        states = {offer.state for offer in terms if offer.carer_id == carer_id}
        if states & set(LIVE):
            raise Conflict("They have this offer already.", code="already-offered")
        if OfferState.DECLINED in states:
            raise Conflict("They said no to these very terms.", code="already-declined")
        chosen.append(candidate)
    minutes = command.expires_in_minutes or policy.answer_minutes(need.urgent)
    lapses_at = min(uow.now + timedelta(minutes=minutes), need.start)
    return Wave(number=placement.wave, candidates=tuple(chosen), lapses_at=lapses_at)


def _own_offer(uow: UnitOfWork, offer_id: UUID) -> tuple[Any, Any]:
    """The calling carer's offer and its placement, locked; another carer's is as if it were not there."""
    seen = uow.one(offers, offer_id=offer_id)
    if seen is None or seen.carer_id != uow.caller.person_id:
        raise NotFound("There is no such offer for you.")
    return _locked_offer(uow, offer_id)


def _locked_offer(uow: UnitOfWork, offer_id: UUID) -> tuple[Any, Any]:
    placement_id = uow.session.execute(
        select(offers.c.placement_id).where(offers.c.offer_id == offer_id)
    ).scalar_one_or_none()
    if placement_id is None:
        raise NotFound("There is no such offer at this desk.")
    placement = lock_placement(uow, placement_id)
    return placement, uow.one(offers, offer_id=offer_id)


def _current_terms(uow: UnitOfWork, offered: Any) -> dict[UUID, Terms]:
    found = uow.session.execute(
        select(visits.c.visit_id, visits.c.version, visits.c.wanted, visits.c.outcome).where(
            visits.c.visit_id.in_(list(offered))
        )
    )
    return {row.visit_id: Terms(version=row.version, wanted=row.wanted and row.outcome == "open") for row in found}


def _raise(refusal: Conflict | None) -> None:
    if refusal is not None:
        raise refusal
