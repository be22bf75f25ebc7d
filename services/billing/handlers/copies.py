"""Keeps what other services own; whatever has to be decided from it is left to a timer due now."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from services.billing.domain.charge import CHARGE_VISIT, ChargeState
from services.billing.tables import (
    attendances,
    carers,
    desks,
    families,
    shared_care,
    travel_legs,
    visit_terms,
)
from shared.contracts.identity import DeskChanged, DeskRegistered
from shared.contracts.request import (
    CareRequestAmended,
    CareRequestOpened,
    FamilyChanged,
    FamilyErased,
    FamilyRegistered,
    SharedCareAgreed,
    SharedCareEnded,
)
from shared.contracts.roster import (
    CarerChanged,
    CarerRegistered,
    TravelRecorded,
    VisitCancelled,
    VisitCompleted,
    VisitCorrected,
    VisitMissed,
    VisitMoved,
    VisitReassigned,
    VisitRostered,
    VisitStarted,
)
from shared.db.inbox import TooEarly
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Invalid
from shared.domain.sharing import SplitRule

ROSTERED, RUNNING, COMPLETED, CANCELLED, MISSED = "rostered", "running", "completed", "cancelled", "missed"


def keep_desk(event: DeskRegistered | DeskChanged, uow: UnitOfWork) -> None:
    facts = event.desk
    values = {"name": facts.name, "country": facts.country, "currency": facts.currency, "zone": facts.zone}
    if uow.keep_copy(desks, {"desk_id": event.desk_id}, version=event.version, values=values):
        _charge_those_without_rules(uow)
    uow.arrived("desk", event.desk_id)


def keep_family(event: FamilyRegistered | FamilyChanged, uow: UnitOfWork) -> None:
    """Keep what an invoice says about who pays it."""
    facts = event.family
    values = {
        "desk_id": event.desk_id,
        "name": facts.name,
        "language": facts.language,
        "address": facts.home.address,
    }
    uow.keep_copy(families, {"family_id": event.family_id}, version=event.version, values=values)
    uow.arrived("family", event.family_id)


def erase_family(event: FamilyErased, uow: UnitOfWork) -> None:
    """Forget name and address; what a family owes stays under its bare id.

    Issued invoices keep the name and address they were issued with: tax law has them kept (our default: ten years from
    the end of the year of issue, the longest of Belgium, France, the Netherlands and England; a desk's accountant may
    know a shorter one). They are not read for anything else.
    """
    values = {"desk_id": event.desk_id, "name": None, "address": None, "language": "", "erased_at": uow.now}
    uow.keep_copy(families, {"family_id": event.family_id}, version=event.version, values=values)
    uow.arrived("family", event.family_id)


def keep_carer(event: CarerRegistered | CarerChanged, uow: UnitOfWork) -> None:
    values = {"first_name": event.carer.first_name, "last_name": event.carer.last_name}
    key = {"desk_id": event.desk_id, "carer_id": event.carer_id}
    uow.keep_copy(carers, key, version=event.version, values=values)
    uow.arrived("carer", event.carer_id)


def keep_visit_terms(event: CareRequestOpened | CareRequestAmended, uow: UnitOfWork) -> None:
    """Keep whose children, where and in which mode: what a visit's price depends on."""
    for terms in event.visits:
        values = {
            "desk_id": event.desk_id,
            "family_id": terms.family_id,
            "child_ids": list(terms.child_ids),
            "mode": terms.mode,
            "starts_at": terms.start,
            "ends_at": terms.end,
            "zone": terms.zone,
            "shared_care_id": terms.shared_care_id,
        }
        uow.keep_copy(visit_terms, {"visit_id": terms.visit_id}, version=terms.version, values=values)
        uow.arrived("visit", terms.visit_id)


def keep_shared_care(event: SharedCareAgreed, uow: UnitOfWork) -> None:
    """Keep an agreement; a changed rule has its own first day, and care before it keeps the rule it was given under."""
    if event.rule not in set(SplitRule):
        raise Invalid(f"Families can't split by {event.rule}: choose {', '.join(SplitRule)}.", pointer="#/rule")
    key = {"shared_care_id": event.shared_care_id, "valid_from": event.valid_from}
    values = {
        "desk_id": event.desk_id,
        "family_ids": list(event.family_ids),
        "host_family_id": event.host_family_id,
        "rule": event.rule,
    }
    uow.keep_copy(shared_care, key, version=event.version, values=values)
    uow.arrived("shared_care", event.shared_care_id)


def end_shared_care(event: SharedCareEnded, uow: UnitOfWork) -> None:
    ended = uow.session.execute(
        update(shared_care)
        .where(shared_care.c.shared_care_id == event.shared_care_id, shared_care.c.version < event.version)
        .values(valid_until=event.valid_until, version=event.version)
        .returning(shared_care.c.version)
    ).first()
    if ended is None and not _agreed(event.shared_care_id, uow):
        raise TooEarly("shared_care", event.shared_care_id)


def keep_rostered_visit(event: VisitRostered, uow: UnitOfWork) -> None:
    """A visit to come: families who share its carer are charged when it is over as well."""
    _keep_attendance(
        uow,
        event.visit_id,
        event.version,
        carer_id=event.carer_id,
        state=ROSTERED,
        planned_start=event.start,
        planned_end=event.end,
    )


def keep_moved_visit(event: VisitMoved, uow: UnitOfWork) -> None:
    _keep_attendance(
        uow,
        event.visit_id,
        event.version,
        carer_id=event.carer_id,
        state=ROSTERED,
        planned_start=event.start,
        planned_end=event.end,
    )


def keep_reassigned_visit(event: VisitReassigned, uow: UnitOfWork) -> None:
    _keep_attendance(uow, event.visit_id, event.version, carer_id=event.to_carer_id, state=ROSTERED)


def keep_started_visit(event: VisitStarted, uow: UnitOfWork) -> None:
    _keep_attendance(
        uow,
        event.visit_id,
        event.version,
        carer_id=event.carer_id,
        state=RUNNING,
        started_at=event.started_at,
    )


def keep_completed_visit(event: VisitCompleted, uow: UnitOfWork) -> None:
    """Keep the time really cared and have the visit charged. Raises TooEarly until all it is charged by is here."""
    terms = uow.one(visit_terms, visit_id=event.visit_id)
    if terms is None or terms.version < event.visit_version:
        raise TooEarly("visit", event.visit_id)
    if uow.one(desks, desk_id=event.desk_id) is None:
        raise TooEarly("desk", event.desk_id)
    if terms.shared_care_id and not _agreed(terms.shared_care_id, uow):
        raise TooEarly("shared_care", terms.shared_care_id)
    _keep_over(uow, event.visit_id, event.version, event.carer_id, COMPLETED, event.started_at, event.ended_at)


def keep_corrected_visit(event: VisitCorrected, uow: UnitOfWork) -> None:
    """The times were put right: what was charged is reversed and charged anew."""
    if uow.one(attendances, visit_id=event.visit_id) is None:
        raise TooEarly("visit", event.visit_id)
    _keep_over(uow, event.visit_id, event.version, event.carer_id, COMPLETED, event.started_at, event.ended_at)


def keep_cancelled_visit(event: VisitCancelled, uow: UnitOfWork) -> None:
    """It will not happen: nothing to charge, and nobody who shared its carer waits for it any longer."""
    _keep_over(uow, event.visit_id, event.version, event.carer_id, CANCELLED, None, None)


def keep_missed_visit(event: VisitMissed, uow: UnitOfWork) -> None:
    _keep_over(uow, event.visit_id, event.version, event.carer_id, MISSED, None, None)


def keep_travel(event: TravelRecorded, uow: UnitOfWork) -> None:
    """A leg for the carer's statement."""
    values = {
        "desk_id": event.desk_id,
        "carer_id": event.carer_id,
        "visit_id": event.visit_id,
        "on": event.on,
        "metres": event.metres,
        "minutes": event.minutes,
        "mode": event.mode,
        "how": event.how,
    }
    uow.keep_copy(travel_legs, {"travel_leg_id": event.travel_leg_id}, version=event.version, values=values)


def _charge_those_without_rules(uow: UnitOfWork) -> None:
    waiting = uow.session.execute(
        select(attendances.c.visit_id)
        .where(attendances.c.charge_state == ChargeState.NO_RULES, attendances.c.stretch_id.is_(None))
        .order_by(attendances.c.visit_id)
    ).scalars()
    for visit_id in waiting.all():
        uow.set_timer(CHARGE_VISIT, visit_id, uow.now)


def _agreed(shared_care_id: UUID, uow: UnitOfWork) -> bool:
    agreement = select(shared_care.c.valid_from).where(shared_care.c.shared_care_id == shared_care_id)
    return uow.session.execute(agreement.limit(1)).first() is not None


def _keep_over(
    uow: UnitOfWork,
    visit_id: UUID,
    version: int,
    carer_id: UUID,
    state: str,
    started_at: datetime | None,
    ended_at: datetime | None,
) -> None:
    kept = _keep_attendance(
        uow, visit_id, version, carer_id=carer_id, state=state, started_at=started_at, ended_at=ended_at
    )
    if kept:
        uow.set_timer(CHARGE_VISIT, visit_id, uow.now)


def _keep_attendance(uow: UnitOfWork, visit_id: UUID, version: int, **values: Any) -> bool:
    return uow.keep_copy(
        attendances, {"visit_id": visit_id}, version=version, values={"desk_id": uow.caller.desk, **values}
    )
