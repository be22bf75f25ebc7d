"""Copies of what others own; nothing here decides, what must be decided is left to a timer."""

from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from services.matching.assigning import arrange_soon, lock_person, note_change
from services.matching.evaluation import tariff_row
from services.matching.rows import place_row
from services.matching.tables import (
    absences,
    availabilities,
    care_requests,
    carers,
    desks,
    families,
    shared_cares,
    tariffs,
    visits,
)
from shared.contracts.billing import TariffChanged
from shared.contracts.identity import DeskChanged, DeskRegistered
from shared.contracts.request import (
    CareRequestAmended,
    CareRequestOpened,
    CareRequestWithdrawn,
    FamilyChanged,
    FamilyErased,
    FamilyRegistered,
    SharedCareAgreed,
    SharedCareEnded,
    VisitTerms,
)
from shared.contracts.roster import (
    AvailabilityChanged,
    CarerAbsent,
    CarerChanged,
    CarerRegistered,
)
from shared.db.inbox import TooEarly
from shared.db.unit_of_work import UnitOfWork


def keep_desk(event: DeskRegistered | DeskChanged, uow: UnitOfWork) -> None:
    """Which country's rules, currency and wall clock the desk has."""
    facts = event.desk
    uow.keep_copy(
        desks,
        {"desk_id": event.desk_id},
        version=event.version,
        values={"country": facts.country, "currency": facts.currency, "zone": facts.zone},
    )
    uow.arrived("desk", event.desk_id)


def keep_carer(event: CarerRegistered | CarerChanged, uow: UnitOfWork) -> None:
    """A carer as this desk knows them; how to reach them is not matching's to know."""
    facts = event.carer
    uow.keep_copy(
        carers,
        {"desk_id": event.desk_id, "carer_id": event.carer_id},
        version=event.version,
        values={
            "first_name": facts.first_name,
            "last_name": facts.last_name,
            "modes": list(facts.modes),
            "place_id": facts.home.place_id,
            "latitude": facts.home.latitude,
            "longitude": facts.home.longitude,
            "zone": facts.home.zone,
            "area": facts.home.area,
            "languages": list(facts.languages),
            "transport": facts.transport,
            "max_distance_km": facts.max_distance_km,
            "skills": list(facts.skills),
            "opt_ins": list(facts.opt_ins),
            "credentials": [
                [paper.kind, paper.valid_from.isoformat(), paper.valid_until.isoformat() if paper.valid_until else None]
                for paper in facts.credentials
            ],
            "own_children_born": list(facts.own_children_born),
        },
    )
    note_change(uow)


def keep_availability(event: AvailabilityChanged, uow: UnitOfWork) -> None:
    """The carer's whole week as it now stands."""
    uow.keep_copy(
        availabilities,
        {"desk_id": event.desk_id, "carer_id": event.carer_id},
        version=event.version,
        values={
            "zone": event.zone,
            "weekly": [[free.weekday, free.start.isoformat(), free.end.isoformat()] for free in event.weekly],
        },
    )
    note_change(uow)


def carer_absent(event: CarerAbsent, uow: UnitOfWork) -> None:
    """When the carer can't come. A yes they give meanwhile either is there before this, or sees it."""
    lock_person(uow, event.carer_id)
    kept = uow.keep_copy(
        absences,
        {"absence_id": event.absence_id},
        version=event.version,
        values={
            "desk_id": event.desk_id,
            "carer_id": event.carer_id,
            "starts_at": event.start,
            "ends_at": event.end,
        },
    )
    if kept:
        uow.set_timer("carer-absent", f"{event.absence_id}/{event.version}", uow.now, absence_id=str(event.absence_id))


def keep_family(event: FamilyRegistered | FamilyChanged, uow: UnitOfWork) -> None:
    """A household's wishes, its children's ages and needs; no reason, no allergy, no child's name."""
    facts = event.family
    uow.keep_copy(
        families,
        {"family_id": event.family_id},
        version=event.version,
        values={
            "desk_id": event.desk_id,
            "name": facts.name,
            "language": facts.language,
            "home": place_row(facts.home),
            "children": [
                {"child_id": str(c.child_id), "born": c.born.isoformat(), "care_needs": list(c.care_needs)}
                for c in facts.children
            ],
            "favourite_carer_ids": list(facts.favourite_carer_ids),
            "excluded_carer_ids": list(facts.excluded_carer_ids),
        },
    )
    uow.arrived("family", event.family_id)


def forget_family(event: FamilyErased, uow: UnitOfWork) -> None:
    """Forget who they are; visits that have not begun are no longer wanted. Ids and times stay, as others' history."""
    uow.session.execute(
        update(families)
        .where(families.c.family_id == event.family_id, families.c.version < event.version)
        .values(
            version=event.version,
            erased=True,
            name="",
            language="",
            children=[],
            favourite_carer_ids=[],
            excluded_carer_ids=[],
        )
    )
    not_begun = select(visits.c.visit_id).where(visits.c.family_id == event.family_id, visits.c.outcome == "open")
    _no_longer_wanted(uow, list(uow.session.execute(not_begun).scalars()))


def care_request_opened(event: CareRequestOpened, uow: UnitOfWork) -> None:
    """What a family asks for; each visit is looked at as soon as messages are quiet."""
    _check_known(uow, event.family_id, event.visits)
    uow.keep_copy(
        care_requests,
        {"care_request_id": event.care_request_id},
        version=event.version,
        values={
            "desk_id": event.desk_id,
            "family_id": event.family_id,
            "urgent": event.urgent,
            "occasional": len(event.visits) == 1,
            "opened_at": event.opened_at,
        },
    )
    _keep_visits(uow, event)


def care_request_amended(event: CareRequestAmended, uow: UnitOfWork) -> None:
    """Visits added, changed or no longer wanted."""
    _check_known(uow, event.family_id, event.visits)
    _keep_visits(uow, event)
    _no_longer_wanted(uow, list(event.removed_visit_ids))


def care_request_withdrawn(event: CareRequestWithdrawn, uow: UnitOfWork) -> None:
    """The family wants none of these visits any more."""
    _no_longer_wanted(uow, list(event.visit_ids))


def shared_care_agreed(event: SharedCareAgreed, uow: UnitOfWork) -> None:
    """Families who consented to share a carer."""
    uow.keep_copy(
        shared_cares,
        {"shared_care_id": event.shared_care_id},
        version=event.version,
        values={
            "desk_id": event.desk_id,
            "family_ids": list(event.family_ids),
            "valid_from": event.valid_from,
        },
    )
    uow.arrived("shared_care", event.shared_care_id)


def shared_care_ended(event: SharedCareEnded, uow: UnitOfWork) -> None:
    """The last day of an agreement."""
    uow.session.execute(
        update(shared_cares)
        .where(shared_cares.c.shared_care_id == event.shared_care_id, shared_cares.c.version < event.version)
        .values(version=event.version, valid_until=event.valid_until)
    )


def keep_tariff(event: TariffChanged, uow: UnitOfWork) -> None:
    """What carers of the desk earn; what families pay is not matching's to know."""
    if event.party != "carer" or event.carer_id or event.agency or event.family_id or event.price_group:
        return
    uow.keep_copy(
        tariffs,
        {"tariff_id": event.tariff_id},
        version=event.version,
        values={
            "desk_id": event.desk_id,
            "mode": event.mode,
            "valid_from": event.valid_from,
            "tariff": tariff_row(event.tariff),
        },
    )


def _check_known(uow: UnitOfWork, family_id: UUID, asked: tuple[VisitTerms, ...]) -> None:
    """Raises TooEarly when the desk, the family with these children, or the agreement to share isn't here yet."""
    if uow.one(desks, desk_id=uow.caller.desk) is None:
        raise TooEarly("desk", uow.caller.desk)
    family = uow.one(families, family_id=family_id)
    wanted = {str(child_id) for terms in asked for child_id in terms.child_ids}
    if family is None or not (family.erased or wanted <= {child["child_id"] for child in family.children}):
        raise TooEarly("family", family_id)
    for shared_care_id in sorted({terms.shared_care_id for terms in asked if terms.shared_care_id}):
        if uow.one(shared_cares, shared_care_id=shared_care_id) is None:
            raise TooEarly("shared_care", shared_care_id)


def _keep_visits(uow: UnitOfWork, event: CareRequestOpened | CareRequestAmended) -> None:
    # Of a family that was erased, word may still be on its way: it leads to nothing.
    wanted = not uow.one(families, family_id=event.family_id).erased
    for terms in event.visits:
        kept = uow.keep_copy(
            visits,
            {"visit_id": terms.visit_id},
            version=terms.version,
            values={
                "desk_id": uow.caller.desk,
                "care_request_id": event.care_request_id,
                "family_id": terms.family_id,
                "child_ids": list(terms.child_ids),
                "mode": terms.mode,
                "starts_at": terms.start,
                "ends_at": terms.end,
                "zone": terms.zone,
                "place": place_row(terms.place) if terms.place else None,
                "skills": list(terms.skills),
                "shared_care_id": terms.shared_care_id,
                "wanted": wanted,
            },
        )
        uow.arrived("visit", terms.visit_id)
        if kept:
            arrange_soon(uow, uow.one(visits, visit_id=terms.visit_id))


def _no_longer_wanted(uow: UnitOfWork, visit_ids: list[UUID]) -> None:
    rows: list[Any] = list(
        uow.session.execute(
            update(visits)
            .where(visits.c.visit_id.in_(visit_ids), visits.c.outcome == "open")
            .values(wanted=False)
            .returning(visits)
        )
    )
    for row in sorted(rows, key=lambda each: str(each.visit_id)):
        arrange_soon(uow, row)
