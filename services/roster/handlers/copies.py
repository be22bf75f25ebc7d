"""Copies of what identity and request own; they decide nothing, and release what waited for them."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, update

from services.roster.tables import desks, families, shared_care, visit_terms, visits
from shared.contracts.identity import DeskChanged, DeskRegistered
from shared.contracts.request import (
    CareRequestAmended,
    CareRequestOpened,
    CareRequestWithdrawn,
    FamilyChanged,
    FamilyErased,
    FamilyRegistered,
    PlaceFacts,
    SharedCareAgreed,
    SharedCareEnded,
    VisitTerms,
)
from shared.db.unit_of_work import UnitOfWork


def keep_desk(event: DeskRegistered | DeskChanged, uow: UnitOfWork) -> None:
    """A desk's country names its rule pack."""
    values = {"name": event.desk.name, "country": event.desk.country, "zone": event.desk.zone}
    uow.keep_copy(desks, {"desk_id": event.desk_id}, version=event.version, values=values)
    uow.arrived("desk", event.desk_id)


def keep_family(event: FamilyRegistered | FamilyChanged, uow: UnitOfWork) -> None:
    """A family's name, phone and children: for the visit card, and the ages a ratio counts."""
    children = [
        {
            "child_id": str(child.child_id),
            "first_name": child.first_name,
            "born": child.born.isoformat(),
            "care_needs": list(child.care_needs),
            "allergies": list(child.allergies),
        }
        for child in event.family.children
    ]
    values = {
        "desk_id": event.desk_id,
        "name": event.family.name,
        "phone": event.family.phone,
        "children": children,
        "erased": False,
    }
    uow.keep_copy(families, {"family_id": event.family_id}, version=event.version, values=values)
    uow.arrived("family", event.family_id)


def forget_family(event: FamilyErased, uow: UnitOfWork) -> None:
    """Nothing about the people stays: names, ages, phone and address go; that there was a visit remains."""
    values = {"desk_id": event.desk_id, "name": "", "phone": None, "children": [], "erased": True}
    uow.keep_copy(families, {"family_id": event.family_id}, version=event.version, values=values)
    uow.session.execute(
        update(visit_terms).where(visit_terms.c.family_id == event.family_id).values(place=None, wanted=False)
    )
    uow.session.execute(update(visits).where(visits.c.family_id == event.family_id).values(children_born=[]))
    uow.arrived("family", event.family_id)


def keep_terms(event: CareRequestOpened, uow: UnitOfWork) -> None:
    """The visits a family asks for."""
    _keep(event.care_request_id, event.visits, uow)


def amend_terms(event: CareRequestAmended, uow: UnitOfWork) -> None:
    """Visits added, changed, or no longer wanted; what is rostered waits for matching to decide."""
    _keep(event.care_request_id, event.visits, uow)
    _unwant(visit_terms.c.visit_id.in_(event.removed_visit_ids), uow)


def withdraw_terms(event: CareRequestWithdrawn, uow: UnitOfWork) -> None:
    """None of the request's visits is wanted any more; those rostered wait for matching to take them back."""
    _unwant(visit_terms.c.care_request_id == event.care_request_id, uow)


def keep_shared_care(event: SharedCareAgreed, uow: UnitOfWork) -> None:
    """Which families agreed to share a carer."""
    values = {
        "desk_id": event.desk_id,
        "family_ids": list(event.family_ids),
        "valid_from": event.valid_from,
        "valid_until": None,
    }
    uow.keep_copy(shared_care, {"shared_care_id": event.shared_care_id}, version=event.version, values=values)
    uow.arrived("shared_care", event.shared_care_id)


def end_shared_care(event: SharedCareEnded, uow: UnitOfWork) -> None:
    """Until which day they share."""
    uow.session.execute(
        update(shared_care)
        .where(shared_care.c.shared_care_id == event.shared_care_id, shared_care.c.version < event.version)
        .values(version=event.version, valid_until=event.valid_until)
    )


def _keep(care_request_id: UUID, terms: Iterable[VisitTerms], uow: UnitOfWork) -> None:
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
            "starts_at": each.start,
            "ends_at": each.end,
            "zone": each.zone,
            "place": None if erased else place_facts(each.place),
            "shared_care_id": each.shared_care_id,
            "clock_change": each.clock_change,
            "wanted": not erased,
        }
        uow.keep_copy(visit_terms, {"visit_id": each.visit_id}, version=each.version, values=values)
        uow.arrived("visit", each.visit_id)


def _unwant(which: ColumnElement[bool], uow: UnitOfWork) -> None:
    uow.session.execute(update(visit_terms).where(which).values(wanted=False))


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
