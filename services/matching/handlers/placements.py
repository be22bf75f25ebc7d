"""Filling visits: what belongs together, whom to ask next, and what to do when nobody is left."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select, text, update

from services.matching import offering
from services.matching.assigning import (
    ROSTERS_HANDS,
    active_assignment,
    arrange_soon,
    change_placement,
    lock_placement,
    next_step_at,
    note_change,
    remember_visit,
    say_assigned,
    terms_hold,
    unassign,
    visits_of,
)
from services.matching.commands import ArrangeVisit, CallDispatcher, LookAgain, SendNextWave
from services.matching.domain.offer import Ended, OfferState
from services.matching.domain.wave import dispatcher_called_at, next_wave
from services.matching.evaluation import Evaluation, evaluate, keep_shortlist
from services.matching.tables import assignments, care_requests, desk_changes, placements, shared_cares, visits
from shared.contracts.matching import CareRequestUnfilled
from shared.db.unit_of_work import UnitOfWork

# A change that was being committed while somebody was looked for may not have been seen.
_UNSEEN = timedelta(minutes=1)
_ASKED_IN_VAIN = (OfferState.SENT, OfferState.SEEN, OfferState.EXPIRED, OfferState.WITHDRAWN)


def arrange_visit(command: ArrangeVisit, uow: UnitOfWork) -> None:
    """Bring what is offered and assigned in line with what is now known of a visit."""
    visit = _locked_visit(uow, command.visit_id)
    if visit is None or visit.outcome in ROSTERS_HANDS:
        return
    if not visit.wanted or visit.outcome == "cancelled":
        _let_go(uow, visit)
        return
    preferred = None
    assignment = active_assignment(uow, visit.visit_id)
    if assignment is not None:
        if terms_hold(assignment, visit):
            _confirm(uow, assignment, visit)
            return
        unassign(uow, assignment, "amended")
        note_change(uow)
        preferred = assignment.carer_id
    _advance(uow, _place(uow, visit, preferred))


def send_next_wave(command: SendNextWave, uow: UnitOfWork) -> None:
    """Ask the next carers when a wave lapsed or all declined, or when somebody new may be found."""
    placement = lock_placement(uow, command.placement_id)
    if placement is None or placement.steps != command.step or placement.state in ("accepted", "closed"):
        return
    _advance(uow, placement)


def look_again(command: LookAgain, uow: UnitOfWork) -> None:
    """Look at every visit nobody was found for, since something at the desk changed."""
    changed_at = uow.session.execute(
        update(desk_changes).values(looks_at=None).returning(desk_changes.c.changed_at)
    ).scalar_one()
    ahead = select(visits.c.placement_id).where(visits.c.starts_at > uow.now)
    unfilled = uow.session.execute(
        select(placements)
        .where(
            placements.c.state == "unfilled",
            placements.c.evaluated_at <= changed_at + _UNSEEN,
            placements.c.placement_id.in_(ahead),
        )
        .order_by(placements.c.placement_id)
    )
    for placement in unfilled.all():
        next_step_at(uow, placement, uow.now)


def call_dispatcher(command: CallDispatcher, uow: UnitOfWork) -> None:
    """Flag a visit that starts soon and that nobody has said yes to."""
    placement = lock_placement(uow, command.placement_id)
    if placement is not None and placement.state not in ("accepted", "closed"):
        change_placement(uow, placement.placement_id, call_dispatcher_since=uow.now)


def _locked_visit(uow: UnitOfWork, visit_id: UUID) -> Any:
    """The visit with its placement locked first, as every answer does, and with the shared care it belongs to."""
    seen = uow.one(visits, visit_id=visit_id)
    if seen is None:
        return None
    if seen.shared_care_id is not None:
        key = f"shared-care/{seen.shared_care_id}"
        uow.session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key})
    lock_placement(uow, seen.placement_id)
    return uow.session.execute(
        update(visits)
        .where(visits.c.visit_id == visit_id)
        .values(arrangements=visits.c.arrangements + 1)
        .returning(visits)
    ).one()


def _let_go(uow: UnitOfWork, visit: Any) -> None:
    """Nobody is needed any more: the carer is free, and who was asked is told."""
    assignment = active_assignment(uow, visit.visit_id)
    if assignment is not None:
        unassign(uow, assignment, "withdrawn")
        note_change(uow)
    _leave(uow, visit, Ended.CANCELLED)


def _leave(uow: UnitOfWork, visit: Any, why: Ended) -> None:
    """Take the visit out of its placement; others that shared it are asked for anew."""
    placement = lock_placement(uow, visit.placement_id)
    if placement is None:
        return
    uow.session.execute(update(visits).where(visits.c.visit_id == visit.visit_id).values(placement_id=None))
    others = visits_of(uow, placement.placement_id)
    if not others:
        offering.withdraw_live(uow, placement.placement_id, why)
        change_placement(uow, placement.placement_id, state="closed", steps=placement.steps + 1, lapses_at=None)
    elif placement.state != "accepted":
        offering.withdraw_live(uow, placement.placement_id, Ended.CHANGED)
        for other in others:
            arrange_soon(uow, other)


def _confirm(uow: UnitOfWork, assignment: Any, visit: Any) -> None:
    """The carer's yes still holds for a newer version of the visit; the roster is told which, and confirms it."""
    if assignment.visit_version != visit.version:
        uow.session.execute(
            update(assignments)
            .where(assignments.c.assignment_id == assignment.assignment_id)
            .values(visit_version=visit.version, rostered_at=None)
        )
        say_assigned(uow, visit.visit_id, visit.version, assignment.carer_id, assignment.offer_id)


def _place(uow: UnitOfWork, visit: Any, preferred: UUID | None) -> Any:
    """The placement the visit now belongs to: its own, its sibling's in shared care, or a new one."""
    placement = lock_placement(uow, visit.placement_id)
    if placement is not None:
        others = [each for each in visits_of(uow, placement.placement_id) if each.visit_id != visit.visit_id]
        if _may_stay(uow, visit, placement, others):
            return _renewed(uow, placement, preferred)
        _leave(uow, visit, Ended.CHANGED)
    for sibling in _siblings(uow, visit):
        filled = active_assignment(uow, sibling.visit_id)
        joined = lock_placement(uow, sibling.placement_id)
        if filled is not None:
            preferred = preferred or filled.carer_id
        elif joined is not None and joined.state != "closed":
            _join(uow, visit, joined.placement_id)
            return _renewed(uow, joined, preferred)
    return _new_placement(uow, visit, preferred)


def _may_stay(uow: UnitOfWork, visit: Any, placement: Any, others: Sequence[Any]) -> bool:
    if placement.state == "closed" or any(active_assignment(uow, each.visit_id) for each in others):
        return False
    return not others or any(_belong_together(visit, other) for other in others)


def _renewed(uow: UnitOfWork, placement: Any, preferred: UUID | None) -> Any:
    """The placement open again for its present terms; offers for other terms end."""
    terms = _terms(visits_of(uow, placement.placement_id))
    values: dict[str, Any] = {"terms": terms, "preferred_carer_id": preferred or placement.preferred_carer_id}
    if terms != placement.terms:
        offering.withdraw_live(uow, placement.placement_id, Ended.CHANGED)
    if terms != placement.terms or placement.state == "accepted":
        again = {"state": "open", "round": placement.round + 1, "wave": 0, "carer_id": None, "lapses_at": None}
        values |= again | {"call_dispatcher_since": None}
    return change_placement(uow, placement.placement_id, **values)


def _siblings(uow: UnitOfWork, visit: Any) -> list[Any]:
    """Visits of families who agreed to share a carer with this one at that time and place."""
    if visit.shared_care_id is None or not _agreed(uow, visit):
        return []
    others = uow.session.execute(
        select(visits)
        .where(
            visits.c.shared_care_id == visit.shared_care_id,
            visits.c.visit_id != visit.visit_id,
            visits.c.wanted,
            visits.c.outcome.in_(("open", "running")),
            visits.c.placement_id.is_not(None),
        )
        .order_by(visits.c.visit_id)
    ).all()
    return [other for other in others if _belong_together(visit, other) and _agreed(uow, other)]


def _belong_together(visit: Any, other: Any) -> bool:
    """Whether one carer's presence serves both: the same agreement, mode and place, at times that overlap."""
    overlap = visit.starts_at < other.ends_at and other.starts_at < visit.ends_at
    places = [row.place["place_id"] if row.place else None for row in (visit, other)]
    together = visit.shared_care_id is not None and visit.shared_care_id == other.shared_care_id
    return together and overlap and visit.mode == other.mode and places[0] == places[1]


def _agreed(uow: UnitOfWork, visit: Any) -> bool:
    """Whether the visit's family is part of the agreement on that day."""
    agreement = uow.one(shared_cares, shared_care_id=visit.shared_care_id)
    if agreement is None or visit.family_id not in agreement.family_ids:
        return False
    day = visit.starts_at.astimezone(ZoneInfo(visit.zone)).date()
    held: bool = agreement.valid_from <= day and (agreement.valid_until is None or day <= agreement.valid_until)
    return held


def _join(uow: UnitOfWork, visit: Any, placement_id: UUID) -> None:
    uow.session.execute(update(visits).where(visits.c.visit_id == visit.visit_id).values(placement_id=placement_id))


def _new_placement(uow: UnitOfWork, visit: Any, preferred: UUID | None) -> Any:
    placement_id = uow.new_id()
    uow.session.execute(
        insert(placements).values(
            placement_id=placement_id,
            desk_id=uow.caller.desk,
            shared_care_id=visit.shared_care_id,
            state="open",
            round=1,
            wave=0,
            steps=0,
            terms=f"{visit.visit_id}:{visit.version}",
            preferred_carer_id=preferred,
            opened_at=uow.now,
            reasons=[],
        )
    )
    _join(uow, visit, placement_id)
    remember_visit(uow, visit.visit_id, visit.assignment_version, visit.version, "opened")
    return lock_placement(uow, placement_id)


def _terms(visit_rows: Sequence[Any]) -> str:
    return " ".join(sorted(f"{row.visit_id}:{row.version}" for row in visit_rows))


def _advance(uow: UnitOfWork, placement: Any) -> None:
    """Evaluate the placement and ask the next carers, unless a wave is out; with nobody left it is unfilled."""
    placement_id = placement.placement_id
    offering.expire_due(uow, placement_id)
    visit_rows = visits_of(uow, placement_id)
    evaluation = evaluate(uow.session, uow.caller.desk, visit_rows)
    step = placement.steps + 1
    shortlist_id = keep_shortlist(uow, placement_id, step, evaluation)
    placement = change_placement(uow, placement_id, steps=step, evaluated_at=uow.now)
    _set_call(uow, placement, evaluation)
    if offering.live_offers(uow, placement_id):
        _wait_for_answers(uow, placement)
        return
    if not evaluation.policy.automatic_waves and uow.now < evaluation.need.start:
        change_placement(uow, placement_id, state="open")
        return
    wave = next_wave(
        evaluation.need,
        evaluation.shortlist.candidates,
        _already_asked(uow, placement),
        placement.wave,
        placement.preferred_carer_id,
        evaluation.policy,
        uow.now,
    )
    if wave is None:
        _unfilled(uow, placement, visit_rows, evaluation)
        return
    offering.send_wave(uow, placement, evaluation, wave, shortlist_id=shortlist_id)
    change_placement(uow, placement_id, state="offered", wave=wave.number, lapses_at=wave.lapses_at, reasons=[])
    next_step_at(uow, placement, wave.lapses_at)


def _wait_for_answers(uow: UnitOfWork, placement: Any) -> None:
    lapses_at = max(offer.expires_at for offer in offering.live_offers(uow, placement.placement_id))
    change_placement(uow, placement.placement_id, state="offered", lapses_at=lapses_at)
    next_step_at(uow, placement, lapses_at)


def _already_asked(uow: UnitOfWork, placement: Any) -> set[UUID]:
    """Who was asked for these terms: a no counts for good; silence, or an offer the desk took back, for this round."""
    return {
        offer.carer_id
        for offer in offering.offers_of(uow, placement.placement_id)
        if offer.terms == placement.terms
        and (offer.state == OfferState.DECLINED or (offer.round == placement.round and offer.state in _ASKED_IN_VAIN))
    }


def _set_call(uow: UnitOfWork, placement: Any, evaluation: Evaluation) -> None:
    if placement.call_dispatcher_since is None:
        at = max(uow.now, dispatcher_called_at(evaluation.need, evaluation.policy))
        key = f"{placement.placement_id}/{placement.round}"
        uow.set_timer("call-dispatcher", key, at, placement_id=str(placement.placement_id))


def _unfilled(uow: UnitOfWork, placement: Any, visit_rows: Sequence[Any], evaluation: Evaluation) -> None:
    """Nobody is left to ask: say so with the reasons counted, once; what changes at the desk leads to another look."""
    reasons = evaluation.shortlist.reasons() + _answers(uow, placement)
    counted = sorted(reasons.items())
    if placement.state != "unfilled":
        for care_request_id in sorted({row.care_request_id for row in visit_rows}):
            _say_unfilled(uow, care_request_id, visit_rows, counted)
        for row in visit_rows:
            remember_visit(uow, row.visit_id, row.assignment_version, row.version, "unfilled")
    change_placement(
        uow, placement.placement_id, state="unfilled", lapses_at=None, reasons=[list(each) for each in counted]
    )


def _answers(uow: UnitOfWork, placement: Any) -> Counter[str]:
    return Counter(
        offer.state
        for offer in offering.offers_of(uow, placement.placement_id)
        if offer.terms == placement.terms and offer.state in (OfferState.DECLINED, OfferState.EXPIRED)
    )


def _say_unfilled(
    uow: UnitOfWork, care_request_id: UUID, visit_rows: Sequence[Any], counted: list[tuple[str, int]]
) -> None:
    version = uow.session.execute(
        update(care_requests)
        .where(care_requests.c.care_request_id == care_request_id)
        .values(unfilled_version=care_requests.c.unfilled_version + 1)
        .returning(care_requests.c.unfilled_version)
    ).scalar_one()
    uow.record(
        CareRequestUnfilled(
            desk_id=uow.caller.desk,
            version=version,
            care_request_id=care_request_id,
            visit_ids=tuple(row.visit_id for row in visit_rows if row.care_request_id == care_request_id),
            reasons=tuple(counted),
        )
    )
