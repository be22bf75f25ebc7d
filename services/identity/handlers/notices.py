"""What is worth telling: facts of matching, roster and billing, and the messages that follow once they have settled.

A fact sets a timer for this very moment; what people are told is decided there, from all facts together, so that it
doesn't depend on the order in which topics arrived.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from services.identity.commands import TellInvoice, TellOffer, TellVisit
from services.identity.domain import texts
from services.identity.handlers.messages import was_written, write_message
from services.identity.handlers.people import carer_of, desk_of, family_of, reach_carer, reach_family
from services.identity.tables import offer_notices, visit_notices
from shared.contracts.billing import InvoiceIssued
from shared.contracts.matching import OfferMade, OfferWithdrawn, VisitAssigned, VisitUnassigned
from shared.contracts.roster import VisitReassigned, VisitRostered
from shared.db.unit_of_work import UnitOfWork

TELL_OFFER = "tell-offer"
TELL_VISIT = "tell-visit"
TELL_INVOICE = "tell-invoice"

_OWN_WISH = "withdrawn"
_WITHDRAWN_TEXTS = {"taken": "offer-taken", "changed": "offer-changed", "cancelled": "offer-cancelled"}


def hear_offer(event: OfferMade, uow: UnitOfWork) -> None:
    """A carer is offered visits."""
    carer_of(event.carer_id, uow)
    uow.session.execute(
        insert(offer_notices)
        .values(
            offer_id=event.offer_id,
            desk_id=event.desk_id,
            carer_id=event.carer_id,
            visits=[
                {"visit_id": str(visit.visit_id), "start": visit.start.isoformat(), "end": visit.end.isoformat()}
                for visit in event.visits
            ],
            area=event.area,
            zone=event.zone,
            expires_at=event.expires_at,
            pay_minor=event.pay_minor,
            currency=event.currency,
        )
        .on_conflict_do_nothing()
    )
    uow.set_timer(TELL_OFFER, event.offer_id, uow.now)


def hear_withdrawal(event: OfferWithdrawn, uow: UnitOfWork) -> None:
    """An offer no longer stands."""
    known = uow.session.execute(
        update(offer_notices)
        .where(offer_notices.c.offer_id == event.offer_id)
        .values(withdrawn_because=event.reason)
        .returning(offer_notices.c.offer_id)
    ).first()
    if known is not None:
        uow.set_timer(TELL_OFFER, event.offer_id, uow.now)


def tell_offer(command: TellOffer, uow: UnitOfWork) -> None:
    """Ask the carer while the offer stands; say that it no longer does to a carer who was asked."""
    offer = uow.one(offer_notices, offer_id=command.offer_id)
    if offer is None:
        return
    asked = f"offer/{offer.offer_id}"
    if offer.withdrawn_because is None:
        if offer.expires_at > uow.now:
            _tell_carer(offer, "offer", asked, f"/offers/{offer.offer_id}", uow)
        return
    kind = _WITHDRAWN_TEXTS.get(offer.withdrawn_because)
    if kind is not None and was_written(uow, asked):
        _tell_carer(offer, kind, f"offer-withdrawn/{offer.offer_id}", "", uow)


def hear_assignment(event: VisitAssigned, uow: UnitOfWork) -> None:
    """A carer said yes; it is not certain before the roster has it."""
    _keep_matching(event, event.carer_id, uow, assigned_at=event.assigned_at, release_reason=None)


def hear_release(event: VisitUnassigned, uow: UnitOfWork) -> None:
    """The visit is open again."""
    _keep_matching(event, None, uow, assigned_at=None, release_reason=event.reason)


def hear_roster(event: VisitRostered, uow: UnitOfWork) -> None:
    """The roster has the visit."""
    family_of(event.family_id, uow)
    carer_of(event.carer_id, uow)
    values = {
        "family_id": event.family_id,
        "rostered_carer_id": event.carer_id,
        "start": event.start,
        "end": event.end,
    }
    _keep_visit(event.visit_id, event.desk_id, "roster_version", event.version, values, uow)


def hear_reassignment(event: VisitReassigned, uow: UnitOfWork) -> None:
    """Colleagues swapped, as everybody agreed: matching and roster have the new one at once."""
    carer_of(event.to_carer_id, uow)
    values = {"rostered_carer_id": event.to_carer_id, "assigned_carer_id": event.to_carer_id}
    _keep_visit(event.visit_id, event.desk_id, "roster_version", event.version, values, uow)


def tell_visit(command: TellVisit, uow: UnitOfWork) -> None:
    """Tell the family who comes once matching and roster agree; that nobody does only if it was told otherwise."""
    visit = uow.one(visit_notices, visit_id=command.visit_id)
    if visit is None or visit.family_id is None or visit.end is None or visit.end <= uow.now:
        return
    agreed = visit.rostered_carer_id is not None and visit.rostered_carer_id == visit.assigned_carer_id
    if agreed and visit.roster_version > visit.told_roster_version:
        key = f"visit-certain/{visit.visit_id}/{visit.roster_version}"
        _tell_family(visit, "visit-certain", key, visit.rostered_carer_id, uow)
        _remember(visit, uow, told_carer_id=visit.rostered_carer_id, told_roster_version=visit.roster_version)
    elif visit.told_carer_id is not None and visit.assigned_carer_id != visit.told_carer_id:
        if visit.release_reason != _OWN_WISH:
            key = f"visit-open/{visit.visit_id}/{visit.matching_version}"
            _tell_family(visit, "visit-open", key, visit.told_carer_id, uow)
        _remember(visit, uow, told_carer_id=None)


def hear_invoice(event: InvoiceIssued, uow: UnitOfWork) -> None:
    """A family owes."""
    family_of(event.family_id, uow)
    uow.set_timer(
        TELL_INVOICE,
        event.invoice_id,
        uow.now,
        family_id=str(event.family_id),
        number=event.number,
        total_minor=event.total_minor,
        currency=event.currency,
        due_on=event.due_on.isoformat(),
    )


def tell_invoice(command: TellInvoice, uow: UnitOfWork) -> None:
    """Tell the family its invoice's number, total and last day."""
    family = family_of(command.family_id, uow)
    if family.erased:
        return
    desk, desk_languages = desk_of(uow)
    language = texts.language_of([family.language], desk_languages)
    words = texts.write(
        "invoice",
        language,
        desk=desk,
        number=command.number,
        total=texts.money(command.total_minor, command.currency, language),
        due=texts.day(command.due_on, language),
    )
    write_message(uow, f"invoice/{command.invoice_id}", reach_family(family), words)


def _tell_carer(offer: Any, kind: str, key: str, link: str, uow: UnitOfWork) -> None:
    carer = carer_of(offer.carer_id, uow)
    desk, desk_languages = desk_of(uow)
    language = texts.language_of(carer.languages, desk_languages)
    words = texts.write(
        kind,
        language,
        desk=desk,
        visits=[(datetime.fromisoformat(v["start"]), datetime.fromisoformat(v["end"])) for v in offer.visits],
        zone=offer.zone,
        area=offer.area,
        pay=texts.money(offer.pay_minor, offer.currency, language),
        until=texts.moment(offer.expires_at, offer.zone, language),
        at=texts.clock_time(_taken_at(offer, uow), offer.zone) if kind == "offer-taken" else "",
    )
    write_message(uow, key, reach_carer(carer), words, link=link)


def _taken_at(offer: Any, uow: UnitOfWork) -> datetime:
    """When another carer's yes to one of the offer's visits was heard of; the withdrawal itself doesn't say."""
    visit_ids = [UUID(visit["visit_id"]) for visit in offer.visits]
    heard: datetime | None = uow.session.execute(
        select(visit_notices.c.assigned_at)
        .where(visit_notices.c.visit_id.in_(visit_ids), visit_notices.c.assigned_at.is_not(None))
        .order_by(visit_notices.c.assigned_at)
        .limit(1)
    ).scalar_one_or_none()
    return heard or uow.now


def _tell_family(visit: Any, kind: str, key: str, carer_id: UUID, uow: UnitOfWork) -> None:
    family = family_of(visit.family_id, uow)
    if family.erased:
        return
    desk, desk_languages = desk_of(uow)
    words = texts.write(
        kind,
        texts.language_of([family.language], desk_languages),
        desk=desk,
        visits=[(visit.start, visit.end)],
        zone=family.zone,
        carer=carer_of(carer_id, uow).first_name,
    )
    write_message(uow, key, reach_family(family), words)


def _keep_matching(
    event: VisitAssigned | VisitUnassigned, carer_id: UUID | None, uow: UnitOfWork, **values: Any
) -> None:
    facts = {"assigned_carer_id": carer_id, **values}
    _keep_visit(event.visit_id, event.desk_id, "matching_version", event.version, facts, uow)


def _keep_visit(
    visit_id: UUID, desk_id: UUID, counter: str, version: int, values: dict[str, Any], uow: UnitOfWork
) -> None:
    """Keep one side's newest word; matching and roster count their versions apart."""
    zero = {"matching_version": 0, "roster_version": 0, "told_roster_version": 0}
    facts = {counter: version, **values}
    uow.session.execute(
        insert(visit_notices)
        .values({"visit_id": visit_id, "desk_id": desk_id, **zero, **facts})
        .on_conflict_do_update(index_elements=["visit_id"], set_=facts, where=visit_notices.c[counter] < version)
    )
    uow.set_timer(TELL_VISIT, visit_id, uow.now)


def _remember(visit: Any, uow: UnitOfWork, **told: Any) -> None:
    uow.session.execute(update(visit_notices).where(visit_notices.c.visit_id == visit.visit_id).values(told))
