"""Carers as they are registered and change: what the desk knows of them, what they wish, and that they leave."""

from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or

from services.roster.adapters.rule_packs import affiliation_on
from services.roster.commands.carers import (
    CarerDetails,
    ChangeCarer,
    ChangeWishes,
    GivePhoto,
    LetCarerGo,
    RegisterCarer,
    TakeCredit,
    TakePhotoAway,
    Wishes,
)
from services.roster.domain.carer import WEEK_MINUTES, Mode, check_carer, check_own_children, check_wishes, home_id
from services.roster.domain.credential import check_papers
from services.roster.domain.photo import check_photo
from services.roster.domain.visit_terms import AWAITED, State
from services.roster.handlers.copies import place_facts
from services.roster.handlers.history import remember_carer
from services.roster.handlers.one_carer import locked_carer, tell_carer
from services.roster.handlers.papers import keep_paper
from services.roster.handlers.turns import lock_person
from services.roster.queries.facts import carer_facts
from services.roster.tables.carers import carer_photos, carers
from services.roster.tables.copies import desks, families
from services.roster.tables.desk import credit_taken
from services.roster.tables.visits import visits
from shared.contracts.request import PlaceFacts
from shared.contracts.roster import CarerLeft, CarerRegistered
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Conflict, Invalid

_LISTED = 10


def register_carer(command: RegisterCarer, uow: UnitOfWork) -> UUID:
    """Take a carer on at this desk; says their id. Raises Invalid for what can't be right, Conflict if they are here."""
    carer_id = command.carer_id or uow.new_id()
    columns = _columns(carer_id, command.details, uow)
    check_papers(command.papers)
    if uow.one(carers, desk_id=uow.caller.desk, carer_id=carer_id) is not None:
        raise Conflict("This carer is registered at this desk already.", code="already-registered")
    uow.session.execute(
        insert(carers).values(
            desk_id=uow.caller.desk,
            carer_id=carer_id,
            version=1,
            registered_at=uow.now,
            cleared_on=command.cleared_on,
            **columns,
        )
    )
    for paper in command.papers:
        keep_paper(carer_id, paper, command.details.home.zone, uow)
    remember_carer(uow, carer_id, "registered", cleared_on=_text(command.cleared_on))
    facts = carer_facts(uow.session, carer_id)
    uow.record(CarerRegistered(desk_id=uow.caller.desk, version=1, carer_id=carer_id, carer=facts))
    uow.arrived("carer", carer_id)
    return carer_id


def change_carer(command: ChangeCarer, uow: UnitOfWork) -> UUID:
    """Everything known of the carer but papers, as it now is. Raises NotFound, Invalid."""
    columns = _columns(command.carer_id, command.details, uow)
    lock_person(command.carer_id, uow)
    locked_carer(command.carer_id, uow)
    uow.session.execute(update(carers).where(carers.c.carer_id == command.carer_id).values(**columns))
    remember_carer(uow, command.carer_id, "changed")
    tell_carer(command.carer_id, uow)
    return command.carer_id


def change_wishes(command: ChangeWishes, uow: UnitOfWork) -> UUID:
    """What the carer chooses for themself, as it now is. Raises NotFound, Invalid."""
    columns = _wishes(command.wishes, uow)
    lock_person(command.carer_id, uow)
    locked_carer(command.carer_id, uow)
    uow.session.execute(update(carers).where(carers.c.carer_id == command.carer_id).values(**columns))
    remember_carer(uow, command.carer_id, "wishes-changed")
    tell_carer(command.carer_id, uow)
    return command.carer_id


def let_go(command: LetCarerGo, uow: UnitOfWork) -> None:
    """The carer leaves the desk. Raises NotFound; Conflict, with the list, while they have visits to come."""
    lock_person(command.carer_id, uow)
    carer = locked_carer(command.carer_id, uow)
    to_come = uow.session.execute(
        select(visits.c.visit_id, visits.c.starts_at, visits.c.zone, families.c.name)
        .join(families, families.c.family_id == visits.c.family_id)
        .where(
            visits.c.carer_id == command.carer_id,
            visits.c.state.in_([*(state.value for state in AWAITED), State.STARTED.value]),
        )
        .order_by(visits.c.starts_at, visits.c.visit_id)
    ).all()
    if to_come:
        named = "; ".join(f"{row.starts_at:%Y-%m-%d %H:%M} UTC {row.name}" for row in to_come[:_LISTED])
        more = f" and {len(to_come) - _LISTED} more" if len(to_come) > _LISTED else ""
        raise Conflict(
            f"{carer.first_name} {carer.last_name} has {len(to_come)} visits to come: {named}{more}. "
            "Find somebody for them first.",
            code="visits-to-come",
            more={"visit_ids": [str(row.visit_id) for row in to_come]},
        )
    uow.session.execute(
        update(carers)
        .where(carers.c.carer_id == command.carer_id)
        .values(left_on=uow.now.date(), version=carers.c.version + 1)
    )
    uow.session.execute(delete(carer_photos).where(carer_photos.c.carer_id == command.carer_id))
    remember_carer(uow, command.carer_id, "left")
    uow.record(
        CarerLeft(desk_id=uow.caller.desk, version=carer.version + 1, carer_id=command.carer_id, on=uow.now.date())
    )


def give_photo(command: GivePhoto, uow: UnitOfWork) -> None:
    """The carer agrees that families see this photo of them. Raises NotFound, Invalid for what is no small picture."""
    locked_carer(command.carer_id, uow)
    check_photo(command.media_type, command.body)
    values = {"media_type": command.media_type, "body": command.body, "given_at": uow.now}
    uow.session.execute(
        insert_or(carer_photos)
        .values(desk_id=uow.caller.desk, carer_id=command.carer_id, **values)
        .on_conflict_do_update(index_elements=["desk_id", "carer_id"], set_=values)
    )


def take_photo_away(command: TakePhotoAway, uow: UnitOfWork) -> None:
    """No family sees a photo of the carer any more. Raises NotFound."""
    locked_carer(command.carer_id, uow)
    uow.session.execute(delete(carer_photos).where(carer_photos.c.carer_id == command.carer_id))


def take_credit(command: TakeCredit, uow: UnitOfWork) -> None:
    """Time off taken for unsocial hours worked. Raises NotFound, Invalid for nothing or more than a week."""
    if command.minutes == 0 or abs(command.minutes) > WEEK_MINUTES:
        raise Invalid("Give the minutes taken, at most a week; below zero gives some back.", pointer="#/minutes")
    locked_carer(command.carer_id, uow)
    uow.session.execute(
        insert(credit_taken).values(
            entry_id=uow.new_id(),
            desk_id=uow.caller.desk,
            carer_id=command.carer_id,
            on=command.on,
            minutes=command.minutes,
            why=command.why,
            at=uow.now,
            account_id=uow.caller.account_id,
        )
    )


def _columns(carer_id: UUID, details: CarerDetails, uow: UnitOfWork) -> dict[str, Any]:
    home = details.home
    check_carer(details.modes, details.affiliation, home.zone, home.latitude, home.longitude)
    _check_affiliation(details, uow)
    check_own_children(details.own_children_born, uow.now.date())
    if details.standby_week_minutes is not None and not 0 < details.standby_week_minutes <= WEEK_MINUTES:
        raise Invalid(
            "A standby carer is called for more than 0 minutes a week, and no more than there are.",
            pointer="#/standby_week_minutes",
        )
    place = PlaceFacts(
        place_id=home_id(carer_id, home.latitude, home.longitude),
        latitude=home.latitude,
        longitude=home.longitude,
        zone=home.zone,
        area=home.area,
        address=home.address,
    )
    return {
        "first_name": details.first_name,
        "last_name": details.last_name,
        "phone": details.phone,
        "email": details.email,
        "modes": list(details.modes),
        "home": place_facts(place),
        "languages": list(details.languages),
        "skills": list(details.skills),
        "own_children_born": list(details.own_children_born),
        "affiliation": details.affiliation,
        "pets": list(details.pets),
        "smoker": details.smoker,
        "assistant": details.assistant,
        "standby_week_minutes": details.standby_week_minutes,
        "reference": details.reference,
        **_wishes(details.wishes, uow),
    }


def _wishes(wishes: Wishes, uow: UnitOfWork) -> dict[str, Any]:
    check_wishes(
        wishes.transport,
        wishes.opt_ins,
        wishes.max_distance_km,
        wishes.distances_km,
        wishes.caps,
        wishes.smallest,
        wishes.goals,
    )
    for number, family_id in enumerate(wishes.excluded_family_ids):
        if uow.one(families, family_id=family_id) is None:
            raise Invalid("There is no such family at this desk.", pointer=f"#/excluded_family_ids/{number}")
    return {
        "transport": wishes.transport,
        "max_distance_km": wishes.max_distance_km,
        "distances_km": dict(wishes.distances_km),
        "opt_ins": list(wishes.opt_ins),
        "caps": asdict(wishes.caps),
        "smallest": asdict(wishes.smallest),
        "goals": asdict(wishes.goals),
        "excluded_family_ids": list(wishes.excluded_family_ids),
    }


def _check_affiliation(details: CarerDetails, uow: UnitOfWork) -> None:
    """Where a country says with whom a childminder must work, it holds; a desk not known yet asks for nothing."""
    desk = uow.one(desks, desk_id=uow.caller.desk)
    if desk is None or Mode.CARER_HOME not in details.modes:
        return
    rule = affiliation_on(desk.country, uow.now.date())
    if rule is not None and details.affiliation not in rule.allowed:
        raise Invalid(f"{rule.sentence} Source: {rule.source}.", pointer="#/affiliation")


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None
