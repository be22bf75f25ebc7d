"""Times put right after the visit: the original stays, there is a reason, and the other side agrees."""

from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select, update

from services.roster.commands.travel import RecountTravel
from services.roster.commands.visits import AnswerCorrection, ProposeCorrection
from services.roster.domain.alert import AlertKind
from services.roster.domain.correction import Side, check_answer, check_proposal, other_side
from services.roster.domain.visit import Visit
from services.roster.domain.visit_terms import State
from services.roster.handlers.alerts import settle
from services.roster.handlers.ending import after_the_end
from services.roster.handlers.history import remember
from services.roster.handlers.tonight import refresh_tonight
from services.roster.handlers.travel import recount
from services.roster.queries.policies import policy_on
from services.roster.tables.visits import corrections
from shared.contracts.roster_notices import (
    CorrectionProposed,
)
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Conflict, NotFound
from shared.domain.values import TimeWindow


def propose(command: ProposeCorrection, uow: UnitOfWork) -> UUID:
    """Say what the times really were; with the other side's agreement they are put right at once.

    Raises NotFound, Invalid; Conflict for a visit no carer has, or while another proposal waits.
    """
    visit = _visit(command.visit_id, command.by, command.person_id, uow)
    really = check_proposal(command.started_at, command.ended_at, command.reason, command.by, uow.now)
    visit.check_may_be_corrected()
    open_one = uow.session.execute(
        select(corrections.c.correction_id).where(
            corrections.c.visit_id == visit.visit_id, corrections.c.state == "proposed"
        )
    ).scalar_one_or_none()
    if open_one is not None:
        raise Conflict(
            "Another correction of this visit waits for an answer. Answer that one first.", code="waits-already"
        )
    agreed = command.agreed_with is not None
    correction_id = uow.new_id()
    uow.session.execute(
        insert(corrections).values(
            correction_id=correction_id,
            desk_id=uow.caller.desk,
            visit_id=visit.visit_id,
            started_at=really.start,
            ended_at=really.end,
            reason=command.reason,
            proposed_by=command.by,
            proposed_account_id=uow.caller.account_id,
            proposed_at=uow.now,
            state="agreed" if agreed else "proposed",
            answered_by="desk" if agreed else None,
            answered_account_id=uow.caller.account_id if agreed else None,
            answered_at=uow.now if agreed else None,
            answer=command.agreed_with or "",
        )
    )
    if agreed:
        _put_right(visit, really, command.reason, correction_id, uow)
        return correction_id
    remember(
        uow,
        visit,
        "correction-proposed",
        started_at=really.start.isoformat(),
        ended_at=really.end.isoformat(),
        reason=command.reason,
        by=command.by,
    )
    uow.record(
        CorrectionProposed(
            desk_id=uow.caller.desk,
            version=1,
            correction_id=correction_id,
            visit_id=visit.visit_id,
            carer_id=visit.carer_id,
            family_id=visit.family_id,
            asks=other_side(command.by),
            started_at=really.start,
            ended_at=really.end,
        )
    )
    return correction_id


def answer(command: AnswerCorrection, uow: UnitOfWork) -> UUID:
    """The other side agrees, or doesn't: then the times stay as they were. Raises NotFound, NotAllowed, Conflict."""
    row = uow.session.execute(
        select(corrections).where(corrections.c.correction_id == command.correction_id).with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such correction.")
    visit = _visit(row.visit_id, command.by, command.person_id, uow)
    if row.state != "proposed":
        raise Conflict("This correction was answered already.", code="already-answered")
    check_answer(row.proposed_by, command.by, command.note)
    uow.session.execute(
        update(corrections)
        .where(corrections.c.correction_id == row.correction_id)
        .values(
            state="agreed" if command.agrees else "declined",
            answered_by=command.by,
            answered_account_id=uow.caller.account_id,
            answered_at=uow.now,
            answer=command.note,
        )
    )
    if command.agrees:
        _put_right(visit, TimeWindow(row.started_at, row.ended_at), row.reason, row.correction_id, uow)
    else:
        remember(uow, visit, "correction-declined", by=command.by, correction_id=str(row.correction_id))
    return UUID(str(row.correction_id))


def _put_right(visit: Visit, really: TimeWindow, reason: str, correction_id: UUID, uow: UnitOfWork) -> None:
    before = {
        "started_at": visit.started_at.isoformat() if visit.started_at else None,
        "ended_at": visit.ended_at.isoformat() if visit.ended_at else None,
    }
    was_completed = visit.state == State.COMPLETED
    first_before = visit.started_at or really.start
    visit.correct(really.start, really.end, reason)
    now = {"started_at": really.start.isoformat(), "ended_at": really.end.isoformat()}
    remember(uow, visit, "corrected", before=before, now=now, reason=reason, correction_id=str(correction_id))
    settle(
        uow,
        visit.visit_id,
        AlertKind.MISSED,
        AlertKind.MISSING_CHECK_IN,
        AlertKind.MISSING_CHECK_OUT,
        outcome="the times were put right",
    )
    if not was_completed:
        after_the_end(uow, visit, policy_on(uow.session, uow.now.date()))
    else:
        # Another order of visits is another way: the days around are reckoned anew.
        zone = ZoneInfo(visit.zone)
        days = [first_before.astimezone(zone).date(), really.start.astimezone(zone).date()]
        first, last = min(days) - timedelta(days=1), max(days) + timedelta(days=1)
        recount(RecountTravel(carer_id=visit.carer_id, first=first, last=last), uow)
    refresh_tonight(uow, visit)


def _visit(visit_id: UUID, by: str, person_id: UUID | None, uow: UnitOfWork) -> Visit:
    """The visit, held, if it is theirs to speak of."""
    visit = uow.find(Visit, visit_id, lock=True)
    theirs = visit is not None and (
        by == Side.DESK
        or (by == Side.CARER and visit.carer_id == person_id)
        or (by == Side.FAMILY and visit.family_id == person_id)
    )
    if visit is None or not theirs:
        raise NotFound(f"There is no visit {visit_id} of yours.")
    return visit
