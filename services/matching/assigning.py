"""Visits given to a carer and taken back: the rows that make two places at once impossible, and what is said of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.dialects.postgresql import insert as upsert

from services.matching import rows
from services.matching.domain.need import CARER_HOME, Need, VisitNeed
from services.matching.domain.offer import Ended
from services.matching.offering import withdraw_live
from services.matching.tables import assignments, care_requests, desk_changes, placements, visit_history, visits
from shared.contracts.matching import VisitAssigned, VisitUnassigned
from shared.db.unit_of_work import UnitOfWork
from shared.domain.values import Place
from shared.telemetry import metrics

ROSTERS_HANDS = ("running", "completed", "missed")


def lock_placement(uow: UnitOfWork, placement_id: UUID | None) -> Any:
    """The placement, locked against every other answer, wave and change; None when there is none."""
    if placement_id is None:
        return None
    return uow.session.execute(
        select(placements).where(placements.c.placement_id == placement_id).with_for_update()
    ).one_or_none()


def lock_person(uow: UnitOfWork, carer_id: UUID) -> None:
    """Take turns for this person at every desk: calendars are checked and written one at a time."""
    uow.session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"carer/{carer_id}"})


def change_placement(uow: UnitOfWork, placement_id: UUID, **values: Any) -> Any:
    """The placement with these values, as a row."""
    return uow.session.execute(
        update(placements).where(placements.c.placement_id == placement_id).values(**values).returning(placements)
    ).one()


def visits_of(uow: UnitOfWork, placement_id: UUID, *, lock: bool = False) -> Sequence[Any]:
    """The visits one yes to this placement fills, in a fixed order; locked so that their terms stay as they are."""
    statement = select(visits).where(visits.c.placement_id == placement_id).order_by(visits.c.visit_id)
    return uow.session.execute(statement.with_for_update() if lock else statement).all()


def active_assignment(uow: UnitOfWork, visit_id: UUID) -> Any:
    """Who has the visit, or None."""
    return uow.session.execute(
        select(assignments).where(assignments.c.visit_id == visit_id, assignments.c.released_at.is_(None))
    ).one_or_none()


def assign(uow: UnitOfWork, placement: Any, offer: Any, need: Need, carer_home: Place) -> None:
    """Give the placement's visits to the carer who said yes; all other offers are lost."""
    for visit in need.visits:
        _assign_one(uow, offer, visit, carer_home)
    change_placement(
        uow,
        placement.placement_id,
        state="accepted",
        carer_id=offer.carer_id,
        preferred_carer_id=None,
        lapses_at=None,
        call_dispatcher_since=None,
        steps=placement.steps + 1,
    )
    withdraw_live(uow, placement.placement_id, Ended.TAKEN)
    uow.cancel_timer("next-wave", f"{placement.placement_id}/{placement.steps}")
    uow.cancel_timer("call-dispatcher", f"{placement.placement_id}/{placement.round}")
    _first_acceptance(uow, need)


def _assign_one(uow: UnitOfWork, offer: Any, visit: VisitNeed, carer_home: Place) -> None:
    place = visit.place or carer_home
    uow.session.execute(
        insert(assignments).values(
            assignment_id=uow.new_id(),
            desk_id=uow.caller.desk,
            visit_id=visit.visit_id,
            visit_version=visit.version,
            placement_id=offer.placement_id,
            offer_id=offer.offer_id,
            carer_id=offer.carer_id,
            place_id=place.place_id,
            during=Range(visit.window.start, visit.window.end),
            place=rows.place_row(place),
            mode=visit.mode,
            children=rows.children_row(visit.children),
            shared_care_id=visit.shared_care_id,
            assigned_at=uow.now,
        )
    )
    say_assigned(uow, visit.visit_id, visit.version, offer.carer_id, offer.offer_id)


def say_assigned(uow: UnitOfWork, visit_id: UUID, visit_version: int, carer_id: UUID, offer_id: UUID) -> None:
    """Count and say that the carer has this version of the visit."""
    row = _count(uow, visit_id)
    uow.record(
        VisitAssigned(
            desk_id=uow.caller.desk,
            version=row.assignment_version,
            visit_id=visit_id,
            visit_version=visit_version,
            care_request_id=row.care_request_id,
            carer_id=carer_id,
            offer_id=offer_id,
            assigned_at=uow.now,
        )
    )
    remember_visit(uow, visit_id, row.assignment_version, visit_version, "assigned", carer_id=carer_id)


def unassign(uow: UnitOfWork, assignment: Any, why: str) -> None:
    """Take a visit back from its carer and say so; `why` is a class of reason."""
    release(uow, assignment, why)
    row = _count(uow, assignment.visit_id)
    uow.record(
        VisitUnassigned(
            desk_id=uow.caller.desk,
            version=row.assignment_version,
            visit_id=assignment.visit_id,
            visit_version=assignment.visit_version,
            carer_id=assignment.carer_id,
            reason=why,
        )
    )
    remember_visit(
        uow,
        assignment.visit_id,
        row.assignment_version,
        assignment.visit_version,
        "unassigned",
        carer_id=assignment.carer_id,
        reason=why,
    )


def release(uow: UnitOfWork, assignment: Any, why: str) -> None:
    """Free the carer's time without a word: the roster said it itself."""
    uow.session.execute(
        update(assignments)
        .where(assignments.c.assignment_id == assignment.assignment_id)
        .values(released_at=uow.now, released_because=why)
    )


def terms_hold(assignment: Any, visit: Any) -> bool:
    """Whether what the carer said yes to is still what is asked: when, where, for whom."""
    same_time = (assignment.during.lower, assignment.during.upper) == (visit.starts_at, visit.ends_at)
    same_place = visit.mode == CARER_HOME or assignment.place["place_id"] == visit.place["place_id"]
    same_children = {child[0] for child in assignment.children} == {str(child) for child in visit.child_ids}
    same_company = assignment.shared_care_id == visit.shared_care_id
    return same_time and same_place and same_children and same_company and assignment.mode == visit.mode


def remember_visit(
    uow: UnitOfWork,
    visit_id: UUID,
    version: int,
    visit_version: int,
    what: str,
    *,
    carer_id: UUID | None = None,
    reason: str | None = None,
) -> None:
    """Add to the visit's history."""
    uow.session.execute(
        insert(visit_history).values(
            entry_id=uow.new_id(),
            desk_id=uow.caller.desk,
            visit_id=visit_id,
            version=version,
            visit_version=visit_version,
            what=what,
            carer_id=carer_id,
            reason=reason,
            at=uow.now,
            by_account=uow.caller.account_id,
        )
    )


def arrange_soon(uow: UnitOfWork, visit: Any) -> None:
    """Have the visit looked at once messages are quiet. Its key counts, since two looks in one instant are two."""
    uow.set_timer("open-placement", f"{visit.visit_id}/{visit.arrangements}", uow.now, visit_id=str(visit.visit_id))


def next_step_at(uow: UnitOfWork, placement: Any, at: datetime) -> None:
    """Have the placement's next wave looked at then. A step is taken once: its key counts too."""
    facts = {"placement_id": str(placement.placement_id), "step": placement.steps}
    uow.set_timer("next-wave", f"{placement.placement_id}/{placement.steps}", at, **facts)


def note_change(uow: UnitOfWork) -> None:
    """Say that a visit nobody was found for may now find somebody: the desk's are looked at again in some minutes."""
    policy = rows.policy_on(uow.session, uow.now.date())
    looks_at = uow.now + timedelta(minutes=policy.retry_minutes)
    statement = upsert(desk_changes).values(desk_id=uow.caller.desk, changed_at=uow.now, looks_at=looks_at)
    kept = statement.on_conflict_do_update(
        index_elements=["desk_id"],
        set_={"changed_at": uow.now, "looks_at": func.coalesce(desk_changes.c.looks_at, looks_at)},
    )
    if uow.session.execute(kept.returning(desk_changes.c.looks_at)).scalar_one() == looks_at:
        uow.set_timer("look-again", uow.caller.desk, looks_at)


def _count(uow: UnitOfWork, visit_id: UUID) -> Any:
    return uow.session.execute(
        update(visits)
        .where(visits.c.visit_id == visit_id)
        .values(assignment_version=visits.c.assignment_version + 1)
        .returning(visits.c.assignment_version, visits.c.care_request_id)
    ).one()


def _first_acceptance(uow: UnitOfWork, need: Need) -> None:
    asked = select(visits.c.care_request_id).where(visits.c.visit_id.in_([visit.visit_id for visit in need.visits]))
    first = uow.session.execute(
        update(care_requests)
        .where(care_requests.c.care_request_id.in_(asked), care_requests.c.first_acceptance_at.is_(None))
        .values(first_acceptance_at=uow.now)
        .returning(care_requests.c.opened_at)
    )
    for opened_at in first.scalars():
        # Counted last, as the first offer is: a metric can't be rolled back.
        metrics.REQUEST_TO_ACCEPTANCE.observe((uow.now - opened_at).total_seconds())
