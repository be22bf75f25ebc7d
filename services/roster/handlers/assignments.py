"""From a carer's yes to a visit on the roster: kept when matching says it, decided once what it needs is here."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.roster.commands.visits import BookVisit
from services.roster.domain.alert import AlertKind, Severity
from services.roster.domain.calendar import FAMILYS_WISH, ROSTER, Refusal
from services.roster.domain.carer import Mode
from services.roster.domain.visit import Visit
from services.roster.domain.visit_terms import AWAITED, Kind, State, Terms
from services.roster.handlers.alerts import raise_alert, settle
from services.roster.handlers.booking import place_on, roster
from services.roster.handlers.copies import BOOK, allergies_unknown
from services.roster.handlers.fit import why_not
from services.roster.handlers.history import remember
from services.roster.handlers.tonight import refresh_tonight
from services.roster.handlers.turns import lock_person
from services.roster.queries.terms import terms_of
from services.roster.tables.carers import carers
from services.roster.tables.copies import assignments, desks, families, shared_care, visit_terms
from shared.contracts.matching import VisitAssigned, VisitUnassigned
from shared.db.inbox import TooEarly
from shared.db.unit_of_work import UnitOfWork

_SOON = timedelta(hours=24)


def keep_assignment(event: VisitAssigned, uow: UnitOfWork) -> None:
    """A carer said yes. Raises TooEarly until the visit's terms, its family, carer and desk are known here.

    The visit is booked by a timer due now, so that it doesn't matter what else has arrived in which order.
    """
    terms = uow.one(visit_terms, visit_id=event.visit_id)
    if terms is None or terms.version < event.visit_version:
        raise TooEarly("visit", event.visit_id)
    for kind, table, key in (
        ("desk", desks, {"desk_id": event.desk_id}),
        ("family", families, {"family_id": terms.family_id}),
        ("carer", carers, {"carer_id": event.carer_id}),
    ):
        (value,) = key.values()
        if uow.one(table, **key) is None:
            raise TooEarly(kind, value)
    if terms.shared_care_id is not None and not _agreed(terms.shared_care_id, uow):
        raise TooEarly("shared_care", terms.shared_care_id)
    if _children_unknown(terms, uow):
        raise TooEarly("family", terms.family_id)
    values = {
        "desk_id": event.desk_id,
        "visit_version": event.visit_version,
        "carer_id": event.carer_id,
        "mode": event.mode,
        "starts_at": event.start,
        "ends_at": event.end,
        "stranger": event.stranger,
        "stands": True,
    }
    # The timer first: a booking that runs holds its timer, then the assignment.
    uow.set_timer(BOOK, event.visit_id, uow.now)
    uow.keep_copy(assignments, {"visit_id": event.visit_id}, version=event.version, values=values)


def free_visit(event: VisitUnassigned, uow: UnitOfWork) -> None:
    """Matching takes the visit back; one that has begun stays as it is."""
    values = {
        "desk_id": event.desk_id,
        "visit_version": event.visit_version,
        "carer_id": event.carer_id,
        "stranger": False,
        "stands": False,
    }
    uow.keep_copy(assignments, {"visit_id": event.visit_id}, version=event.version, values=values)
    visit = uow.find(Visit, event.visit_id, lock=True)
    if visit is not None and visit.carer_id == event.carer_id and visit.release():
        remember(uow, visit, "released", reason=event.reason)
        _settle(uow, visit.visit_id)
        refresh_tonight(uow, visit)


def book_visit(command: BookVisit, uow: UnitOfWork) -> None:
    """Book what was assigned if it fits the carer's calendar, under the carer's lock; else refuse it with the reason.

    While the family was never asked about a child's allergies it is neither: the desk is told, and once the family has
    been asked it is looked at again.
    """
    assignment = _locked_assignment(command.visit_id, uow)
    if assignment is None:
        return
    visit = uow.find(Visit, command.visit_id, lock=True)
    if visit is not None and _booked_already(visit, assignment):
        return
    row = uow.one(visit_terms, visit_id=command.visit_id)
    family = uow.one(families, family_id=row.family_id)
    terms = terms_of(uow.session, assignment, row, family)
    refusal = _out_of_date(assignment, row, visit) or why_not(uow, terms, besides=(command.visit_id,))
    if refusal is None and terms.kind == Kind.CARE and allergies_unknown(family.children, terms.child_ids):
        _hold(command.visit_id, terms, uow)
        return
    settle(uow, command.visit_id, AlertKind.ALLERGIES_UNKNOWN, outcome="the family was asked")
    if visit is None:
        visit = Visit(uow.caller.desk, command.visit_id, terms)
        uow.add(visit)
    if refusal is not None:
        visit.refuse(terms, refusal.reason, refusal.said)
        remember(uow, visit, "refused", reason=refusal.reason, said=refusal.said, visit_version=terms.visit_version)
        return
    before = place_on(visit)
    roster(uow, visit, terms)
    refresh_tonight(uow, visit, before)


def _hold(visit_id: UUID, terms: Terms, uow: UnitOfWork) -> None:
    soon = terms.starts_at - uow.now < _SOON
    raise_alert(
        uow,
        AlertKind.ALLERGIES_UNKNOWN,
        visit_id,
        Severity.HIGH if soon else Severity.MEDIUM,
        visit_id=visit_id,
        carer_id=terms.carer_id,
        family_id=terms.family_id,
    )


def _agreed(shared_care_id: UUID, uow: UnitOfWork) -> bool:
    known = select(shared_care.c.valid_from).where(shared_care.c.shared_care_id == shared_care_id).limit(1)
    return uow.session.execute(known).first() is not None


def _children_unknown(terms: Any, uow: UnitOfWork) -> bool:
    """Whether the family as it is known here lacks a child of this visit: its age is needed."""
    family = uow.one(families, family_id=terms.family_id)
    known = {UUID(child["child_id"]) for child in family.children}
    return bool(set(terms.child_ids) - known) and not family.erased


def _locked_assignment(visit_id: UUID, uow: UnitOfWork) -> Any:
    """Whom the visit is assigned to, locked with their person; None when it stands no more or changed hands meanwhile."""
    seen = uow.one(assignments, visit_id=visit_id)
    if seen is None:
        return None
    lock_person(seen.carer_id, uow)
    now = uow.session.execute(select(assignments).where(assignments.c.visit_id == visit_id).with_for_update()).one()
    return now if now.stands and now.carer_id == seen.carer_id else None


def _booked_already(visit: Visit, assignment: Any) -> bool:
    """Booked on these terms, or begun by the same carer: then what changed on paper doesn't matter any more."""
    if visit.carer_id != assignment.carer_id:
        return False
    if visit.state in AWAITED:
        return bool(visit.visit_version == assignment.visit_version)
    return visit.has_begun and visit.state != State.CANCELLED


def _out_of_date(assignment: Any, row: Any, visit: Visit | None) -> Refusal | None:
    if visit is not None and visit.has_begun:
        return Refusal("begun", f"The visit is {visit.state} already.", ROSTER)
    if not row.wanted:
        return Refusal("withdrawn", "The family no longer wants this visit.", FAMILYS_WISH)
    if row.version > assignment.visit_version:
        return Refusal("stale-terms", "The family changed the visit after the carer said yes.", FAMILYS_WISH)
    if row.mode not in (*Mode, "either"):
        return Refusal("mode", f"Nobody works at {row.mode}.", ROSTER)
    return None


def _settle(uow: UnitOfWork, visit_id: UUID) -> None:
    settle(
        uow,
        visit_id,
        AlertKind.CARER_ABSENT,
        AlertKind.NOT_CONFIRMED,
        AlertKind.NEXT_AT_RISK,
        AlertKind.MISSING_CHECK_IN,
        outcome="the carer was freed of the visit",
    )
