"""Copies of what identity, request and billing own; they decide nothing, and release what waited for them."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, update

from services.roster.domain.alert import AlertKind, AlertState
from services.roster.handlers.tonight import expect_evening
from services.roster.tables.copies import desks, families, shared_care, tariffs, visit_terms
from services.roster.tables.safety import alerts, concerns
from services.roster.tables.visits import handover_notes, visits
from shared.contracts.billing import TariffChanged
from shared.contracts.identity import DeskChanged, DeskRegistered
from shared.contracts.request import (
    CareRequestAmended,
    CareRequestOpened,
    CareRequestWithdrawn,
    FamilyChanged,
    FamilyErased,
    FamilyMerged,
    FamilyRegistered,
    PlaceFacts,
    SharedCareAgreed,
    SharedCareEnded,
    VisitTerms,
)
from shared.db.unit_of_work import UnitOfWork

BOOK = "book-visit"


def keep_desk(event: DeskRegistered | DeskChanged, uow: UnitOfWork) -> None:
    """A desk's country names its rule pack."""
    facts = event.desk
    values = {
        "name": facts.name,
        "country": facts.country,
        "currency": facts.currency,
        "languages": list(facts.languages),
        "zone": facts.zone,
    }
    if uow.keep_copy(desks, {"desk_id": event.desk_id}, version=event.version, values=values):
        expect_evening(uow, facts.zone)
    uow.arrived("desk", event.desk_id)


def keep_family(event: FamilyRegistered | FamilyChanged, uow: UnitOfWork) -> None:
    """A family's name, contacts and children: for the visit card, and the ages a ratio counts.

    Once it was asked about allergies, the visits that waited for that are booked.
    """
    children = [
        {
            "child_id": str(child.child_id),
            "first_name": child.first_name,
            "born": child.born.isoformat(),
            "care_needs": list(child.care_needs),
            "allergies": list(child.allergies),
            "allergies_asked": child.allergies_asked,
            "routine": child.routine,
        }
        for child in event.family.children
    ]
    contacts = [{"name": each.name, "phone": each.phone, "email": each.email} for each in event.family.contacts]
    values = {
        "desk_id": event.desk_id,
        "name": event.family.name,
        "phone": event.family.phone,
        "contacts": contacts,
        "children": children,
        "erased": False,
    }
    kept = uow.keep_copy(families, {"family_id": event.family_id}, version=event.version, values=values)
    uow.arrived("family", event.family_id)
    if kept:
        _book_what_waited(event.family_id, uow)


def forget_family(event: FamilyErased, uow: UnitOfWork) -> None:
    """Nothing about the people stays: names, ages, contacts, notes and address go; that there was a visit remains."""
    values = {
        "desk_id": event.desk_id,
        "name": "",
        "phone": None,
        "contacts": [],
        "children": [],
        "erased": True,
    }
    uow.keep_copy(families, {"family_id": event.family_id}, version=event.version, values=values)
    uow.session.execute(
        update(visit_terms).where(visit_terms.c.family_id == event.family_id).values(place=None, legs=[], wanted=False)
    )
    uow.session.execute(
        update(visits)
        .where(visits.c.family_id == event.family_id)
        .values(children_born=[], legs=[], handed_to=None, presences={})
    )
    uow.session.execute(handover_notes.delete().where(handover_notes.c.family_id == event.family_id))
    uow.session.execute(
        update(concerns)
        .where((concerns.c.person_id == event.family_id) | (concerns.c.about_id == event.family_id))
        .values(text="", outcome="")
    )
    uow.arrived("family", event.family_id)


def merge_family(event: FamilyMerged, uow: UnitOfWork) -> None:
    """The same household was registered twice: what was the one's is the other's."""
    for table in (visit_terms, visits, handover_notes):
        uow.session.execute(
            update(table).where(table.c.family_id == event.merged_family_id).values(family_id=event.family_id)
        )


def keep_terms(event: CareRequestOpened, uow: UnitOfWork) -> None:
    """The visits a family asks for."""
    _keep(event.care_request_id, event.visits, event.urgent, uow)


def amend_terms(event: CareRequestAmended, uow: UnitOfWork) -> None:
    """Visits added, changed, or no longer wanted; what is rostered waits for matching to decide."""
    known = uow.session.execute(
        select(visit_terms.c.urgent).where(visit_terms.c.care_request_id == event.care_request_id).limit(1)
    ).scalar_one_or_none()
    _keep(event.care_request_id, event.visits, bool(known), uow)
    _unwant(visit_terms.c.visit_id.in_(event.removed_visit_ids), uow)


def withdraw_terms(event: CareRequestWithdrawn, uow: UnitOfWork) -> None:
    """None of the request's visits is wanted any more; those rostered wait for matching to take them back."""
    _unwant(visit_terms.c.care_request_id == event.care_request_id, uow)


def keep_shared_care(event: SharedCareAgreed, uow: UnitOfWork) -> None:
    """Which families agreed to share a carer, from which day on; what they agreed before holds until then."""
    values = {"desk_id": event.desk_id, "family_ids": list(event.family_ids), "valid_until": None}
    key = {"shared_care_id": event.shared_care_id, "valid_from": event.valid_from}
    uow.keep_copy(shared_care, key, version=event.version, values=values)
    uow.arrived("shared_care", event.shared_care_id)


def end_shared_care(event: SharedCareEnded, uow: UnitOfWork) -> None:
    """Until which day they share."""
    uow.session.execute(
        update(shared_care)
        .where(shared_care.c.shared_care_id == event.shared_care_id, shared_care.c.version < event.version)
        .values(version=event.version, valid_until=event.valid_until)
    )


def keep_tariff(event: TariffChanged, uow: UnitOfWork) -> None:
    """What carers are paid: for their true hourly rate."""
    values = {
        "desk_id": event.desk_id,
        "party": event.party,
        "mode": event.mode,
        "valid_from": event.valid_from,
        "tariff": asdict(event.tariff),
    }
    uow.keep_copy(tariffs, {"tariff_id": event.tariff_id}, version=event.version, values=values)


def place_facts(place: PlaceFacts | None) -> dict[str, Any] | None:
    """A place as a copy keeps it."""
    if place is None:
        return None
    return {
        "place_id": str(place.place_id),
        "latitude": place.latitude,
        "longitude": place.longitude,
        "zone": place.zone,
        "area": place.area,
        "address": place.address,
    }


def allergies_unknown(children: Iterable[dict[str, Any]], child_ids: Iterable[UUID]) -> bool:
    """Whether the family was never asked what one of these children is allergic to (2:R12)."""
    of_visit = {str(child_id) for child_id in child_ids}
    return any(child["child_id"] in of_visit and not child.get("allergies_asked", True) for child in children)


def _book_what_waited(family_id: UUID, uow: UnitOfWork) -> None:
    """Visits held because nobody had asked about allergies: looked at again, and held on if nobody still has."""
    waiting = uow.session.execute(
        select(alerts.c.visit_id)
        .where(
            alerts.c.family_id == family_id,
            alerts.c.kind == AlertKind.ALLERGIES_UNKNOWN.value,
            alerts.c.state != AlertState.CLOSED.value,
        )
        .order_by(alerts.c.visit_id)
    ).scalars()
    for visit_id in waiting.all():
        uow.set_timer(BOOK, visit_id, uow.now)


def _keep(care_request_id: UUID, terms: Iterable[VisitTerms], urgent: bool, uow: UnitOfWork) -> None:
    for each in terms:
        family = uow.one(families, family_id=each.family_id)
        # Of a family that was erased, word may still be on its way: it leads to nothing.
        erased = family is not None and family.erased
        values = {
            "desk_id": uow.caller.desk,
            "care_request_id": care_request_id,
            "family_id": each.family_id,
            "child_ids": list(each.child_ids),
            "mode": each.mode,
            "kind": each.kind,
            "starts_at": each.start,
            "ends_at": each.end,
            "zone": each.zone,
            "place": None if erased else place_facts(each.place),
            "legs": [] if erased else [_leg(leg) for leg in each.legs],
            "shared_care_id": each.shared_care_id,
            "clock_change": each.clock_change,
            "urgent": urgent,
            "wanted": not erased,
        }
        uow.keep_copy(visit_terms, {"visit_id": each.visit_id}, version=each.version, values=values)
        uow.arrived("visit", each.visit_id)


def _leg(leg: Any) -> dict[str, Any]:
    return {
        "kind": leg.kind,
        "at": leg.at.isoformat(),
        "place": place_facts(leg.place),
        "child_ids": [str(child_id) for child_id in leg.child_ids],
        "note": leg.note,
    }


def _unwant(which: ColumnElement[bool], uow: UnitOfWork) -> None:
    uow.session.execute(update(visit_terms).where(which).values(wanted=False))
