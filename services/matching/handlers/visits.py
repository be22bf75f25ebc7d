"""Visits taken back from their carers, and what the roster says becomes of them."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects.postgresql import Range

from services.matching import offering
from services.matching.assigning import (
    ROSTERS_HANDS,
    active_assignment,
    arrange_soon,
    lock_placement,
    note_change,
    release,
    remember_visit,
    unassign,
)
from services.matching.commands import ReleaseAbsentCarer, ReleaseVisit
from services.matching.domain.offer import LIVE, Ended, OfferState
from services.matching.handlers.offers import go_on_if_all_answered
from services.matching.tables import absences, assignments, care_given, offers, refusals, visits
from shared.contracts.roster import (
    VisitCancelled,
    VisitCompleted,
    VisitCorrected,
    VisitMissed,
    VisitMoved,
    VisitRefused,
    VisitRostered,
    VisitStarted,
)
from shared.db.inbox import TooEarly
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Conflict, NotFound


def release_visit(command: ReleaseVisit, uow: UnitOfWork) -> UUID:
    """The dispatcher takes a visit back; these terms are not offered to that carer again.

    Raises NotFound for an unknown visit, Conflict when nobody has it or it has begun.
    """
    visit = uow.one(visits, visit_id=command.visit_id)
    if visit is None:
        raise NotFound("There is no such visit at this desk.")
    lock_placement(uow, visit.placement_id)
    assignment = active_assignment(uow, visit.visit_id)
    if assignment is None:
        raise Conflict("Nobody has this visit, so there is nothing to release.", code="not-assigned")
    if visit.outcome in ROSTERS_HANDS or uow.now >= visit.starts_at:
        raise Conflict("This visit has begun; only the roster can change it now.", code="begun")
    _refuse(uow, assignment, "released", f"Released from this visit by the desk: {command.reason}")
    unassign(uow, assignment, "released")
    arrange_soon(uow, visit)
    note_change(uow)
    return command.visit_id


def release_absent_carer(command: ReleaseAbsentCarer, uow: UnitOfWork) -> None:
    """Free an absent carer's visits that have not begun and take back what they were offered in that time."""
    absence = uow.one(absences, absence_id=command.absence_id)
    if absence is None:
        return
    away = Range(absence.starts_at, absence.ends_at)
    _take_back_offers(uow, absence)
    theirs = uow.session.execute(
        select(assignments.c.visit_id, assignments.c.placement_id)
        .join(visits, visits.c.visit_id == assignments.c.visit_id)
        .where(
            assignments.c.carer_id == absence.carer_id,
            assignments.c.released_at.is_(None),
            assignments.c.during.overlaps(away),
            func.lower(assignments.c.during) > uow.now,
            visits.c.outcome.not_in(ROSTERS_HANDS),
        )
        .order_by(assignments.c.placement_id, assignments.c.visit_id)
    ).all()
    for row in theirs:
        lock_placement(uow, row.placement_id)
        assignment = active_assignment(uow, row.visit_id)
        if assignment is not None and assignment.carer_id == absence.carer_id:
            unassign(uow, assignment, "carer_absent")
            arrange_soon(uow, uow.one(visits, visit_id=row.visit_id))
    note_change(uow)


def _take_back_offers(uow: UnitOfWork, absence: Any) -> None:
    theirs = uow.session.execute(
        select(offers.c.offer_id, offers.c.placement_id)
        .where(offers.c.carer_id == absence.carer_id, offers.c.state.in_(LIVE))
        .order_by(offers.c.placement_id, offers.c.offer_id)
    ).all()
    for row in theirs:
        placement = lock_placement(uow, row.placement_id)
        offer = uow.one(offers, offer_id=row.offer_id)
        if offer.state in LIVE and any(_falls_in(visit, absence) for visit in offer.visits):
            offering.withdraw(uow, offer, OfferState.WITHDRAWN, Ended.CANCELLED)
            go_on_if_all_answered(uow, placement)


def _falls_in(visit: Any, absence: Any) -> bool:
    start, end = datetime.fromisoformat(visit["start"]), datetime.fromisoformat(visit["end"])
    inside: bool = start < absence.ends_at and absence.starts_at < end
    return inside


def visit_refused(event: VisitRefused, uow: UnitOfWork) -> None:
    """The roster can't have it: the carer is ruled out for these terms and the visit is open again."""
    visit = _known(uow, event.visit_id)
    lock_placement(uow, visit.placement_id)
    assignment = active_assignment(uow, event.visit_id)
    if assignment is None or (assignment.carer_id, assignment.visit_version) != (event.carer_id, event.visit_version):
        return
    _refuse(uow, assignment, event.reason, event.sentence)
    unassign(uow, assignment, "refused")
    arrange_soon(uow, visit)
    note_change(uow)


def visit_rostered(event: VisitRostered, uow: UnitOfWork) -> None:
    """The yes is certain from now on; word of one that was taken back meanwhile changes nothing."""
    visit = _known(uow, event.visit_id)
    certain = uow.session.execute(
        update(assignments)
        .where(
            assignments.c.visit_id == event.visit_id,
            assignments.c.carer_id == event.carer_id,
            assignments.c.visit_version == event.visit_version,
            assignments.c.released_at.is_(None),
            assignments.c.rostered_at.is_(None),
        )
        .values(rostered_at=uow.now)
        .returning(assignments.c.assignment_id)
    ).one_or_none()
    if certain is not None:
        _remember(uow, visit, event.carer_id, "rostered")


def visit_moved(event: VisitMoved, uow: UnitOfWork) -> None:
    """The roster moved the visit: the carer's time here moves with it."""
    visit = _newer(uow, event, starts_at=event.start, ends_at=event.end)
    if visit is None:
        return
    uow.session.execute(
        update(assignments)
        .where(
            assignments.c.visit_id == event.visit_id,
            assignments.c.carer_id == event.carer_id,
            assignments.c.released_at.is_(None),
        )
        .values(during=Range(event.start, event.end))
    )
    _remember(uow, visit, event.carer_id, "moved")


def visit_started(event: VisitStarted, uow: UnitOfWork) -> None:
    """The carer is there; only the roster changes the visit now."""
    visit = _newer(uow, event, outcome="running")
    if visit is not None:
        _remember(uow, visit, event.carer_id, "started")


def visit_completed(event: VisitCompleted, uow: UnitOfWork) -> None:
    """These children know this carer better now."""
    visit = _newer(uow, event, outcome="completed")
    if visit is not None:
        _care_given(uow, visit, event)
        _remember(uow, visit, event.carer_id, "completed")


def visit_corrected(event: VisitCorrected, uow: UnitOfWork) -> None:
    """The times as put right afterwards count."""
    visit = _newer(uow, event)
    if visit is not None:
        _care_given(uow, visit, event)
        _remember(uow, visit, event.carer_id, "corrected")


def visit_cancelled(event: VisitCancelled, uow: UnitOfWork) -> None:
    """A visit that will not happen: its carer is free for others."""
    lock_placement(uow, _known(uow, event.visit_id).placement_id)
    visit = _newer(uow, event, outcome="cancelled")
    if visit is None:
        return
    assignment = active_assignment(uow, event.visit_id)
    if assignment is not None:
        release(uow, assignment, "cancelled")
    _remember(uow, visit, event.carer_id, "cancelled")
    arrange_soon(uow, visit)
    note_change(uow)


def visit_missed(event: VisitMissed, uow: UnitOfWork) -> None:
    """Nobody came; it counts as no visit with these children."""
    visit = _newer(uow, event, outcome="missed")
    if visit is not None:
        _remember(uow, visit, event.carer_id, "missed")


def _known(uow: UnitOfWork, visit_id: UUID) -> Any:
    visit = uow.one(visits, visit_id=visit_id)
    if visit is None:
        raise TooEarly("visit", visit_id)
    return visit


def _newer(uow: UnitOfWork, event: Any, **values: Any) -> Any:
    """The visit with what the roster says of it, or None when something newer is known.

    Raises TooEarly when what the family asked for hasn't come yet.
    """
    _known(uow, event.visit_id)
    return uow.session.execute(
        update(visits)
        .where(visits.c.visit_id == event.visit_id, visits.c.roster_version < event.version)
        .values(roster_version=event.version, **values)
        .returning(visits)
    ).one_or_none()


def _care_given(uow: UnitOfWork, visit: Any, event: VisitCompleted | VisitCorrected) -> None:
    uow.keep_copy(
        care_given,
        {"visit_id": event.visit_id},
        version=event.version,
        values={
            "desk_id": uow.caller.desk,
            "carer_id": event.carer_id,
            "child_ids": visit.child_ids,
            "on": event.started_at.astimezone(ZoneInfo(visit.zone)).date(),
            "minutes": int((event.ended_at - event.started_at).total_seconds()) // 60,
        },
    )


def _refuse(uow: UnitOfWork, assignment: Any, reason: str, sentence: str) -> None:
    uow.session.execute(
        insert(refusals).values(
            refusal_id=uow.new_id(),
            desk_id=uow.caller.desk,
            visit_id=assignment.visit_id,
            visit_version=assignment.visit_version,
            carer_id=assignment.carer_id,
            reason=reason,
            sentence=sentence,
            at=uow.now,
        )
    )


def _remember(uow: UnitOfWork, visit: Any, carer_id: UUID, what: str) -> None:
    remember_visit(uow, visit.visit_id, visit.assignment_version, visit.version, what, carer_id=carer_id)
