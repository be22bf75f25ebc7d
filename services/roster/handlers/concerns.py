"""Help, and what is said in confidence: it reaches the desk only, and somebody reads it in time."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update

from services.roster.commands.safety import CallForHelp, CloseConcern, ReadConcern, SayConcern
from services.roster.domain.alert import AlertKind, Severity
from services.roster.handlers.alerts import raise_alert, settle
from services.roster.handlers.door import own_visit
from services.roster.handlers.history import remember
from services.roster.handlers.one_carer import locked_carer
from services.roster.queries.alerts import concern_by_id
from services.roster.queries.policies import policy_on
from services.roster.tables.carers import carers
from services.roster.tables.copies import families
from services.roster.tables.safety import concerns
from services.roster.tables.visits import visits
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Conflict, Invalid, NotFound

UNREAD = "concern-unread"
_LONGEST = 5000


def call_for_help(command: CallForHelp, uow: UnitOfWork) -> None:
    """A carer needs somebody now: who is on duty is rung at once. Raises NotFound for another's visit."""
    if command.visit_id is None:
        locked_carer(command.carer_id, uow)
        raise_alert(uow, AlertKind.HELP, command.carer_id, Severity.CRITICAL, carer_id=command.carer_id)
        return
    visit = own_visit(command.visit_id, command.carer_id, uow)
    remember(uow, visit, "help-called")
    raise_alert(uow, AlertKind.HELP, visit.visit_id, Severity.CRITICAL, visit=visit)


def say(command: SayConcern, uow: UnitOfWork) -> UUID:
    """Something said in confidence about a family, a carer or a visit. Raises NotFound for whom they have not met, Invalid."""
    text = command.text.strip()
    if not text or len(text) > _LONGEST:
        raise Invalid(f"Write 1 to {_LONGEST} characters.", pointer="#/text")
    _check_about(command, uow)
    concern_id = uow.new_id()
    uow.session.execute(
        insert(concerns).values(
            concern_id=concern_id,
            desk_id=uow.caller.desk,
            said_by=command.said_by,
            person_id=command.person_id,
            about=command.about,
            about_id=command.about_id,
            visit_id=command.visit_id,
            text=text,
            said_at=uow.now,
            outcome="",
        )
    )
    # The alert says that there is one, not what it says.
    raise_alert(uow, AlertKind.CONCERN, concern_id, Severity.MEDIUM, facts={"said_by": command.said_by})
    minutes = policy_on(uow.session, uow.now.date()).concern_read_minutes
    uow.set_timer(UNREAD, concern_id, uow.now + timedelta(minutes=minutes))
    return concern_id


def read(command: ReadConcern, uow: UnitOfWork) -> dict[str, Any]:
    """Somebody of the desk opened it; who did is kept. Says what it says. Raises NotFound."""
    row = uow.session.execute(
        select(concerns).where(concerns.c.concern_id == command.concern_id).with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such concern.")
    if row.read_at is None:
        uow.session.execute(
            update(concerns)
            .where(concerns.c.concern_id == command.concern_id)
            .values(read_at=uow.now, read_by=uow.caller.account_id)
        )
        uow.cancel_timer(UNREAD, command.concern_id)
        settle(uow, command.concern_id, AlertKind.CONCERN, outcome="the concern was read")
    return concern_by_id(uow.session, command.concern_id)


def close(command: CloseConcern, uow: UnitOfWork) -> None:
    """What became of it. Raises NotFound, Conflict before it was read, Invalid without a word."""
    if not command.outcome:
        raise Invalid("Say what became of it.", pointer="#/outcome")
    row = uow.session.execute(
        select(concerns).where(concerns.c.concern_id == command.concern_id).with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such concern.")
    if row.read_at is None:
        raise Conflict("Read it first.", code="unread")
    uow.session.execute(
        update(concerns)
        .where(concerns.c.concern_id == command.concern_id)
        .values(closed_at=uow.now, outcome=command.outcome)
    )


def tell_unread(command: ReadConcern, uow: UnitOfWork) -> None:
    """Nobody has read it in time: it becomes urgent."""
    row = uow.one(concerns, concern_id=command.concern_id)
    if row is not None and row.read_at is None:
        raise_alert(uow, AlertKind.CONCERN, command.concern_id, Severity.HIGH)


def _check_about(command: SayConcern, uow: UnitOfWork) -> None:
    """Carers speak of families they care for, families of carers who come to them: nobody learns here who else exists."""
    met = select(visits.c.visit_id)
    if command.said_by == "carer":
        if command.about != "family":
            raise Invalid("A carer's concern is about a family.", pointer="#/about")
        met = met.where(visits.c.carer_id == command.person_id, visits.c.family_id == command.about_id)
        known = uow.one(families, family_id=command.about_id)
    else:
        if command.about != "carer":
            raise Invalid("A family's concern is about a carer.", pointer="#/about")
        met = met.where(visits.c.family_id == command.person_id, visits.c.carer_id == command.about_id)
        known = uow.one(carers, carer_id=command.about_id)
    if command.visit_id is not None:
        met = met.where(visits.c.visit_id == command.visit_id)
    if known is None or uow.session.execute(met.limit(1)).first() is None:
        raise NotFound("You have had no visit with them.")
