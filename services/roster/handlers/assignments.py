"""From a carer's yes to a visit on the roster: kept when matching says it, decided once what it needs is here."""

from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.roster.adapters.rule_packs import rules_on
from services.roster.commands import BookVisit
from services.roster.domain.calendar import FAMILYS_WISH, ROSTER, Calendar, Consent, Held, Refusal
from services.roster.domain.visit import State, Terms, Visit
from services.roster.handlers.history import remember
from services.roster.handlers.turns import lock_person
from services.roster.queries.calendars import carer_now, holding, place_of
from services.roster.queries.policies import policy_on
from services.roster.tables import assignments, carers, desks, families, shared_care, visit_terms
from shared.contracts.matching import VisitAssigned, VisitUnassigned
from shared.db.inbox import TooEarly
from shared.db.unit_of_work import UnitOfWork
from shared.domain.values import Place, TimeWindow
from shared.jurisdictions.packs import CareMode

BOOK, MISSING_CHECK_IN, MISSED = "book-visit", "missing-check-in", "visit-missed"


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
        ("shared_care", shared_care, {"shared_care_id": terms.shared_care_id}),
    ):
        (value,) = key.values()
        if value is not None and uow.one(table, **key) is None:
            raise TooEarly(kind, value)
    if _children_unknown(terms, uow):
        raise TooEarly("family", terms.family_id)
    values = {
        "desk_id": event.desk_id,
        "visit_version": event.visit_version,
        "carer_id": event.carer_id,
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
        "stands": False,
    }
    uow.keep_copy(assignments, {"visit_id": event.visit_id}, version=event.version, values=values)
    visit = uow.find(Visit, event.visit_id, lock=True)
    if visit is not None and visit.carer_id == event.carer_id and visit.release():
        remember(uow, visit, "released", reason=event.reason)


def book_visit(command: BookVisit, uow: UnitOfWork) -> None:
    """Book what was assigned if it fits the carer's calendar, under the carer's lock; else refuse it with the reason."""
    assignment = _locked_assignment(command.visit_id, uow)
    if assignment is None:
        return
    visit = uow.find(Visit, command.visit_id, lock=True)
    if visit is not None and _booked_already(visit, assignment):
        return
    row = uow.one(visit_terms, visit_id=command.visit_id)
    terms = _terms(assignment, row, uow)
    refusal = _out_of_date(assignment, row, visit) or _unfit(command.visit_id, terms, uow)
    if visit is None:
        visit = Visit(uow.caller.desk, command.visit_id, terms)
        uow.add(visit)
    if refusal is not None:
        visit.refuse(terms, refusal.reason, refusal.said)
        remember(uow, visit, "refused", reason=refusal.reason, said=refusal.said, visit_version=terms.visit_version)
        return
    visit.roster(terms)
    policy = policy_on(uow.session, uow.now.date())
    late = timedelta(minutes=policy.missing_check_in_after_minutes)
    over = timedelta(minutes=policy.missed_after_minutes)
    uow.set_timer(MISSING_CHECK_IN, visit.visit_id, visit.starts_at + late)
    uow.set_timer(MISSED, visit.visit_id, visit.ends_at + over)
    remember(uow, visit, "rostered", visit_version=terms.visit_version)


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
    if visit.state == State.ROSTERED:
        return bool(visit.visit_version == assignment.visit_version)
    return visit.has_begun and visit.state != State.CANCELLED


def _terms(assignment: Any, row: Any, uow: UnitOfWork) -> Terms:
    carer = uow.one(carers, carer_id=assignment.carer_id)
    family = uow.one(families, family_id=row.family_id)
    born = {UUID(child["child_id"]): date.fromisoformat(child["born"]) for child in family.children}
    children = [child_id for child_id in row.child_ids if child_id in born]
    # An erased family's place is gone; its visit is refused, and the carer's home stands in for the row's sake.
    place = place_of(carer.home if row.mode == CareMode.CARER_HOME or row.place is None else row.place)
    return Terms(
        visit_version=assignment.visit_version,
        family_id=row.family_id,
        carer_id=assignment.carer_id,
        mode=row.mode,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        zone=row.zone,
        place=place,
        shared_care_id=row.shared_care_id,
        child_ids=tuple(children),
        children_born=tuple(born[child_id] for child_id in children),
    )


def _out_of_date(assignment: Any, row: Any, visit: Visit | None) -> Refusal | None:
    if visit is not None and visit.has_begun:
        return Refusal("begun", f"The visit is {visit.state} already.", ROSTER)
    if not row.wanted:
        return Refusal("withdrawn", "The family no longer wants this visit.", FAMILYS_WISH)
    if row.version > assignment.visit_version:
        return Refusal("stale-terms", "The family changed the visit after the carer said yes.", FAMILYS_WISH)
    return None


def _unfit(visit_id: UUID, terms: Terms, uow: UnitOfWork) -> Refusal | None:
    carer = carer_now(uow.session, terms.carer_id)
    assert carer is not None
    held, away = holding(uow.session, terms.carer_id, terms.starts_at, terms.ends_at, besides=visit_id)
    desk = uow.one(desks, desk_id=uow.caller.desk)
    calendar = Calendar(
        carer=carer,
        held=held,
        away=away,
        rules_on=partial(rules_on, desk.country),
        consent=_consent(terms, uow),
        shift_pause=timedelta(minutes=policy_on(uow.session, uow.now.date()).shift_pause_minutes),
    )
    return calendar.refusal(
        Held(
            window=TimeWindow(terms.starts_at, terms.ends_at),
            place=_placed(terms),
            mode=terms.mode,
            children=tuple(zip(terms.child_ids, terms.children_born, strict=True)),
            family_id=terms.family_id,
            shared_care_id=terms.shared_care_id,
        )
    )


def _placed(terms: Terms) -> Place:
    """The place on the visit's own clock: days, and with them papers and ages, are those of its zone."""
    place = terms.place
    return Place(
        place_id=place.place_id,
        latitude=place.latitude,
        longitude=place.longitude,
        zone=terms.zone,
        area=place.area,
    )


def _consent(terms: Terms, uow: UnitOfWork) -> Consent | None:
    if terms.shared_care_id is None:
        return None
    row = uow.one(shared_care, shared_care_id=terms.shared_care_id)
    return Consent(family_ids=frozenset(row.family_ids), valid_from=row.valid_from, valid_until=row.valid_until)
