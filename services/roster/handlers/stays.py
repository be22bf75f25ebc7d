"""Staying longer than agreed: asked, and only with the carer's yes; it is paid as care is."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import insert, select, update

from services.roster.commands.visits import AnswerStay, AskToStay
from services.roster.domain.correction import Side
from services.roster.domain.visit import Visit
from services.roster.domain.visit_terms import AWAITED, State
from services.roster.handlers.booking import MISSED, MISSING_CHECK_OUT
from services.roster.handlers.fit import why_not
from services.roster.handlers.history import remember
from services.roster.handlers.tonight import refresh_tonight
from services.roster.handlers.turns import lock_person
from services.roster.queries.policies import policy_on
from services.roster.queries.terms import held_terms
from services.roster.tables.visits import stays, visits
from shared.contracts.roster_notices import (
    StayAsked,
)
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Conflict, Invalid, NotFound

_LONGEST = timedelta(hours=12)


def ask(command: AskToStay, uow: UnitOfWork) -> UUID:
    """Ask the carer to stay until then; a carer who offers it has said yes already.

    Raises NotFound, Invalid for no longer time or one too long, Conflict for a visit that is over or a question that
    waits, and where it doesn't fit their calendar.
    """
    visit = _held(command.visit_id, uow)
    if command.by == Side.FAMILY and visit.family_id != command.person_id:
        raise NotFound(f"There is no visit {command.visit_id} of yours.")
    if command.by == Side.CARER and visit.carer_id != command.person_id:
        raise NotFound(f"There is no visit {command.visit_id} of yours.")
    if visit.state not in (*AWAITED, State.STARTED):
        raise Conflict("This visit is over; nobody can stay longer now.", code="over")
    if command.until <= visit.ends_at:
        raise Invalid("That is not longer than agreed already.", pointer="#/until")
    if command.until - visit.ends_at > _LONGEST:
        raise Invalid("For so much longer ask for another visit.", pointer="#/until")
    waits = select(stays.c.stay_id).where(stays.c.visit_id == visit.visit_id, stays.c.state == "asked")
    if uow.session.execute(waits).first() is not None:
        raise Conflict("The carer was asked already; wait for their answer.", code="waits-already")
    stay_id = uow.new_id()
    offered = command.by == Side.CARER
    uow.session.execute(
        insert(stays).values(
            stay_id=stay_id,
            desk_id=uow.caller.desk,
            visit_id=visit.visit_id,
            until=command.until,
            asked_by=command.by,
            asked_at=uow.now,
            state="agreed" if offered else "asked",
            answered_at=uow.now if offered else None,
        )
    )
    if offered:
        _extend(visit, command.until, uow)
        return stay_id
    remember(uow, visit, "stay-asked", until=command.until.isoformat(), by=command.by)
    uow.record(
        StayAsked(
            desk_id=uow.caller.desk,
            version=1,
            stay_id=stay_id,
            visit_id=visit.visit_id,
            carer_id=visit.carer_id,
            until=command.until,
            zone=visit.zone,
        )
    )
    return stay_id


def answer(command: AnswerStay, uow: UnitOfWork) -> UUID:
    """The carer's yes or no; the desk may say it for one who told it by phone. Raises NotFound, Conflict."""
    seen = uow.one(stays, stay_id=command.stay_id)
    if seen is None:
        raise NotFound("Nobody was asked this.")
    visit = _held(seen.visit_id, uow)
    if command.carer_id is not None and visit.carer_id != command.carer_id:
        raise NotFound("Nobody asked you this.")
    row = uow.session.execute(select(stays).where(stays.c.stay_id == command.stay_id).with_for_update()).one()
    if row.state != "asked":
        raise Conflict("This was answered already.", code="already-answered")
    if command.agrees:
        _extend(visit, row.until, uow)
    else:
        remember(uow, visit, "stay-declined")
    uow.session.execute(
        update(stays)
        .where(stays.c.stay_id == command.stay_id)
        .values(state="agreed" if command.agrees else "declined", answered_at=uow.now)
    )
    return command.stay_id


def _extend(visit: Visit, until: datetime, uow: UnitOfWork) -> None:
    terms = held_terms(visit, ends_at=until)
    refusal = why_not(uow, terms, besides=(visit.visit_id,))
    if refusal is not None:
        raise Conflict(f"They can't stay so long. {refusal.said}", code=refusal.reason)
    before = visit.ends_at
    visit.extend(until)
    policy = policy_on(uow.session, uow.now.date())
    uow.set_timer(MISSED, visit.visit_id, until + timedelta(minutes=policy.missed_after_minutes))
    if visit.state == State.STARTED:
        late = timedelta(minutes=policy.missing_check_out_after_minutes)
        uow.set_timer(MISSING_CHECK_OUT, visit.visit_id, until + late)
    remember(uow, visit, "stays-longer", agreed_until=until.isoformat(), before=before.isoformat())
    refresh_tonight(uow, visit)


def _held(visit_id: UUID, uow: UnitOfWork) -> Visit:
    """The visit, its carer's turn taken first. Raises NotFound."""
    carer_id = uow.session.execute(select(visits.c.carer_id).where(visits.c.visit_id == visit_id)).scalar_one_or_none()
    if carer_id is None:
        raise NotFound(f"There is no visit {visit_id}.")
    lock_person(carer_id, uow)
    visit = uow.get(Visit, visit_id, lock=True)
    if visit.carer_id != carer_id:
        raise Conflict("This visit changed hands at this moment. Look again.", code="changed-hands")
    return visit
