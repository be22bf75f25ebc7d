"""Offers as they change: made, answered, ended; each change is kept in their history and said once."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update

from services.matching.domain.need import terms_of
from services.matching.domain.offer import LIVE, Ended, Offered, OfferState
from services.matching.domain.ranking import Candidate
from services.matching.domain.wave import Wave
from services.matching.evaluation import Evaluation, shown_in_offers, shown_to
from services.matching.tables import care_requests, offer_history, offers, visits, waves
from shared.contracts.matching import OfferedVisit, OfferExpired, OfferMade, OfferWithdrawn
from shared.db.unit_of_work import UnitOfWork
from shared.telemetry import metrics


def send_wave(
    uow: UnitOfWork, placement: Any, evaluation: Evaluation, wave: Wave, *, shortlist_id: UUID, by_hand: bool = False
) -> list[UUID]:
    """Offer the placement to a wave's candidates, best first."""
    wave_id = uow.new_id()
    uow.session.execute(
        insert(waves).values(
            wave_id=wave_id,
            desk_id=uow.caller.desk,
            placement_id=placement.placement_id,
            number=wave.number,
            by_hand=by_hand,
            shortlist_id=shortlist_id,
            sent_at=uow.now,
            lapses_at=wave.lapses_at,
        )
    )
    shown = shown_in_offers(uow.session, evaluation)
    made = [
        _make(uow, placement, evaluation, wave, wave_id, each, shown | shown_to(each), by_hand)
        for each in wave.candidates
    ]
    _first_offer(uow, evaluation)
    return made


def _make(
    uow: UnitOfWork,
    placement: Any,
    evaluation: Evaluation,
    wave: Wave,
    wave_id: UUID,
    candidate: Candidate,
    shown: dict[str, Any],
    by_hand: bool,
) -> UUID:
    need, offer_id = evaluation.need, uow.new_id()
    offered = [
        OfferedVisit(visit_id=v.visit_id, visit_version=v.version, start=v.window.start, end=v.window.end)
        for v in need.visits
    ]
    uow.session.execute(
        insert(offers).values(
            offer_id=offer_id,
            desk_id=uow.caller.desk,
            version=1,
            placement_id=placement.placement_id,
            round=placement.round,
            wave_id=wave_id,
            wave=wave.number,
            carer_id=candidate.carer_id,
            terms=terms_of(need.visits),
            visits=[
                {
                    "visit_id": str(each.visit_id),
                    "visit_version": each.visit_version,
                    "start": each.start.isoformat(),
                    "end": each.end.isoformat(),
                }
                for each in offered
            ],
            shown=shown,
            state=OfferState.SENT,
            by_hand=by_hand,
            sent_at=uow.now,
            expires_at=wave.lapses_at,
        )
    )
    _remember(uow, offer_id, 1, OfferState.SENT, None)
    uow.set_timer("offer-expiry", offer_id, wave.lapses_at)
    uow.record(
        OfferMade(
            desk_id=uow.caller.desk,
            version=1,
            offer_id=offer_id,
            wave_id=wave_id,
            carer_id=candidate.carer_id,
            visits=tuple(offered),
            area=shown["area"],
            zone=shown["zone"],
            urgent=shown["urgent"],
            expires_at=wave.lapses_at,
            pay_minor=shown["pay_minor"],
            currency=shown["currency"],
        )
    )
    return offer_id


def _first_offer(uow: UnitOfWork, evaluation: Evaluation) -> None:
    asked = select(visits.c.care_request_id).where(
        visits.c.visit_id.in_([visit.visit_id for visit in evaluation.need.visits])
    )
    first = uow.session.execute(
        update(care_requests)
        .where(care_requests.c.care_request_id.in_(asked), care_requests.c.first_offer_at.is_(None))
        .values(first_offer_at=uow.now)
        .returning(care_requests.c.opened_at)
    )
    for opened_at in first.scalars():
        # Counted just before the handler returns: a metric can't be rolled back, and what follows is only the commit.
        metrics.REQUEST_TO_FIRST_OFFER.observe((uow.now - opened_at).total_seconds())


def change(uow: UnitOfWork, offer: Any, state: OfferState, *, reason: str | None = None) -> int:
    """Put an offer into its next state and keep that in its history; says the offer's new version."""
    at = {"seen_at": uow.now} if state is OfferState.SEEN else {"ended_at": uow.now, "reason": reason}
    version: int = uow.session.execute(
        update(offers)
        .where(offers.c.offer_id == offer.offer_id)
        .values(state=state, version=offers.c.version + 1, **at)
        .returning(offers.c.version)
    ).scalar_one()
    _remember(uow, offer.offer_id, version, state, reason)
    if state is not OfferState.SEEN:
        uow.cancel_timer("offer-expiry", offer.offer_id)
    return version


def _remember(uow: UnitOfWork, offer_id: UUID, version: int, state: OfferState, reason: str | None) -> None:
    uow.session.execute(
        insert(offer_history).values(
            entry_id=uow.new_id(),
            desk_id=uow.caller.desk,
            offer_id=offer_id,
            version=version,
            state=state,
            reason=reason,
            at=uow.now,
            by_account=uow.caller.account_id,
        )
    )
    metrics.OFFERS.labels("matching", state.value).inc()


def offers_of(uow: UnitOfWork, placement_id: UUID) -> Sequence[Any]:
    """All offers of a placement, oldest first."""
    return uow.session.execute(
        select(offers).where(offers.c.placement_id == placement_id).order_by(offers.c.sent_at, offers.c.offer_id)
    ).all()


def live_offers(uow: UnitOfWork, placement_id: UUID) -> list[Any]:
    """Those that can still be answered."""
    return [o for o in offers_of(uow, placement_id) if o.state in LIVE and o.expires_at > uow.now]


def withdraw_live(uow: UnitOfWork, placement_id: UUID, why: Ended) -> None:
    """End every offer that still waits for an answer; those whom another was faster than are `lost`."""
    state = OfferState.LOST if why is Ended.TAKEN else OfferState.WITHDRAWN
    for offer in offers_of(uow, placement_id):
        if offer.state in LIVE:
            withdraw(uow, offer, state, why)


def withdraw(uow: UnitOfWork, offer: Any, state: OfferState, why: Ended) -> None:
    """End one offer and tell its carer why."""
    version = change(uow, offer, state, reason=why)
    uow.record(
        OfferWithdrawn(
            desk_id=uow.caller.desk, version=version, offer_id=offer.offer_id, carer_id=offer.carer_id, reason=why
        )
    )


def expire_due(uow: UnitOfWork, placement_id: UUID) -> None:
    """End the offers whose time is over."""
    for offer in offers_of(uow, placement_id):
        if offer.state in LIVE and offer.expires_at <= uow.now:
            version = change(uow, offer, OfferState.EXPIRED)
            uow.record(
                OfferExpired(desk_id=uow.caller.desk, version=version, offer_id=offer.offer_id, carer_id=offer.carer_id)
            )


def offered(offer: Any) -> Offered:
    """The offer's row as its rules see it."""
    return Offered(
        offer_id=offer.offer_id,
        state=OfferState(offer.state),
        expires_at=offer.expires_at,
        visits={UUID(visit["visit_id"]): visit["visit_version"] for visit in offer.visits},
        zone=offer.shown["zone"],
        reason=offer.reason,
        ended_at=offer.ended_at,
    )
