"""Carers as they are registered and change: facts, papers, the week they are free, days they are away."""

from datetime import UTC, date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or

from services.roster.commands import CarerDetails, ChangeAvailability, ChangeCarer, RegisterCarer, ReportAbsence
from services.roster.domain.carer import (
    check_absence,
    check_carer,
    check_credentials,
    check_own_children,
    check_week,
    home_id,
)
from services.roster.domain.visit import Alert, State, Visit
from services.roster.handlers.copies import place_facts
from services.roster.handlers.history import remember
from services.roster.handlers.turns import lock_person
from services.roster.tables import absences, availabilities, carers, credentials, visits
from shared.contracts.request import PlaceFacts
from shared.contracts.roster import AvailabilityChanged, CarerAbsent, CarerChanged, CarerFacts, CarerRegistered
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Conflict, NotFound


def register_carer(command: RegisterCarer, uow: UnitOfWork) -> UUID:
    """Take a carer on at this desk; says their id. Raises Invalid for what can't be right, Conflict if they are here."""
    carer_id = command.carer_id or uow.new_id()
    facts = _facts(carer_id, command.details, uow.now.date())
    if uow.one(carers, carer_id=carer_id) is not None:
        raise Conflict("This carer is registered at this desk already.", code="already-registered")
    uow.session.execute(
        insert(carers).values(
            desk_id=uow.caller.desk, carer_id=carer_id, version=1, registered_at=uow.now, **_columns(facts)
        )
    )
    _keep_papers(carer_id, facts, uow)
    uow.record(CarerRegistered(desk_id=uow.caller.desk, version=1, carer_id=carer_id, carer=facts))
    uow.arrived("carer", carer_id)
    return carer_id


def change_carer(command: ChangeCarer, uow: UnitOfWork) -> UUID:
    """Everything known of the carer, as it now is. Raises NotFound, Invalid."""
    facts = _facts(command.carer_id, command.details, uow.now.date())
    lock_person(command.carer_id, uow)
    version = _next_version(command.carer_id, uow)
    uow.session.execute(update(carers).where(carers.c.carer_id == command.carer_id).values(**_columns(facts)))
    _keep_papers(command.carer_id, facts, uow)
    uow.record(CarerChanged(desk_id=uow.caller.desk, version=version, carer_id=command.carer_id, carer=facts))
    return command.carer_id


def change_availability(command: ChangeAvailability, uow: UnitOfWork) -> UUID:
    """The carer's whole week from now on. Raises NotFound, Invalid for hours that overlap."""
    check_week(command.weekly)
    carer = _locked(command.carer_id, uow)
    weekly = [
        {"weekday": hours.weekday, "start": hours.start.isoformat(), "end": hours.end.isoformat()}
        for hours in command.weekly
    ]
    statement = insert_or(availabilities).values(
        desk_id=uow.caller.desk, carer_id=command.carer_id, version=1, weekly=weekly
    )
    version = uow.session.execute(
        statement.on_conflict_do_update(
            index_elements=["desk_id", "carer_id"],
            set_={"version": availabilities.c.version + 1, "weekly": statement.excluded.weekly},
        ).returning(availabilities.c.version)
    ).scalar_one()
    uow.record(
        AvailabilityChanged(
            desk_id=uow.caller.desk,
            version=version,
            carer_id=command.carer_id,
            zone=carer.home["zone"],
            weekly=command.weekly,
        )
    )
    return command.carer_id


def report_absence(command: ReportAbsence, uow: UnitOfWork) -> UUID:
    """The carer can't come from then to then; visits it touches are marked until matching finds cover.

    Reported twice it is one absence. Raises NotFound, Invalid.
    """
    away = check_absence(command.start, command.end, command.reason)
    lock_person(command.carer_id, uow)
    _locked(command.carer_id, uow)
    known = uow.one(absences, carer_id=command.carer_id, starts_at=away.start, ends_at=away.end)
    if known is not None:
        return UUID(str(known.absence_id))
    absence_id = command.absence_id or uow.new_id()
    uow.session.execute(
        insert(absences).values(
            absence_id=absence_id,
            desk_id=uow.caller.desk,
            carer_id=command.carer_id,
            starts_at=away.start,
            ends_at=away.end,
            reason=command.reason,
            reported_at=uow.now,
        )
    )
    uow.record(
        CarerAbsent(
            desk_id=uow.caller.desk,
            version=_next_version(command.carer_id, uow),
            carer_id=command.carer_id,
            absence_id=absence_id,
            start=away.start.astimezone(UTC),
            end=away.end.astimezone(UTC),
            reason=command.reason,
        )
    )
    touched = uow.session.execute(
        select(visits.c.visit_id)
        .where(
            visits.c.carer_id == command.carer_id,
            visits.c.state == State.ROSTERED.value,
            visits.c.starts_at < away.end,
            visits.c.ends_at > away.start,
        )
        .order_by(visits.c.visit_id)
    ).scalars()
    for visit_id in touched.all():
        visit = uow.get(Visit, visit_id, lock=True)
        if visit.flag(Alert.CARER_ABSENT):
            remember(uow, visit, "carer-absent")
    return absence_id


def _facts(carer_id: UUID, details: CarerDetails, today: date) -> CarerFacts:
    home = details.home
    check_carer(
        details.modes,
        details.transport,
        details.opt_ins,
        home.zone,
        home.latitude,
        home.longitude,
        details.max_distance_km,
    )
    check_credentials(details.credentials)
    check_own_children(details.own_children_born, today)
    return CarerFacts(
        first_name=details.first_name,
        last_name=details.last_name,
        modes=details.modes,
        home=PlaceFacts(
            place_id=home_id(carer_id, home.latitude, home.longitude),
            latitude=home.latitude,
            longitude=home.longitude,
            zone=home.zone,
            area=home.area,
            address=home.address,
        ),
        languages=details.languages,
        transport=details.transport,
        max_distance_km=details.max_distance_km,
        phone=details.phone,
        email=details.email,
        skills=details.skills,
        opt_ins=details.opt_ins,
        credentials=details.credentials,
        own_children_born=details.own_children_born,
    )


def _columns(facts: CarerFacts) -> dict[str, Any]:
    return {
        "first_name": facts.first_name,
        "last_name": facts.last_name,
        "phone": facts.phone,
        "email": facts.email,
        "modes": list(facts.modes),
        "home": place_facts(facts.home),
        "languages": list(facts.languages),
        "transport": facts.transport,
        "max_distance_km": facts.max_distance_km,
        "skills": list(facts.skills),
        "opt_ins": list(facts.opt_ins),
        "own_children_born": list(facts.own_children_born),
    }


def _keep_papers(carer_id: UUID, facts: CarerFacts, uow: UnitOfWork) -> None:
    uow.session.execute(delete(credentials).where(credentials.c.carer_id == carer_id))
    for paper in facts.credentials:
        uow.session.execute(
            insert(credentials).values(
                credential_id=uow.new_id(),
                desk_id=uow.caller.desk,
                carer_id=carer_id,
                kind=paper.kind,
                valid_from=paper.valid_from,
                valid_until=paper.valid_until,
            )
        )


def _next_version(carer_id: UUID, uow: UnitOfWork) -> int:
    row = uow.session.execute(
        update(carers)
        .where(carers.c.carer_id == carer_id)
        .values(version=carers.c.version + 1)
        .returning(carers.c.version)
    ).one_or_none()
    if row is None:
        raise _unknown(carer_id)
    return int(row.version)


def _locked(carer_id: UUID, uow: UnitOfWork) -> Any:
    row = uow.session.execute(select(carers).where(carers.c.carer_id == carer_id).with_for_update()).one_or_none()
    if row is None:
        raise _unknown(carer_id)
    return row


def _unknown(carer_id: UUID) -> NotFound:
    return NotFound(f"There is no carer {carer_id} at this desk.")
