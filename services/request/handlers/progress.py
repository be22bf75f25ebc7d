"""What matching and roster say about each visit, kept as they say it; the visit's one state follows from all of it."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from services.request.domain.care_request import CareRequest, Visit
from services.request.domain.progress import SETTLED, Heard, RosterWord, VisitState, carer_of, newer, state_of
from services.request.tables import (
    care_requests,
    closed_offers,
    families,
    offered_visits,
    unmet_needs,
    visit_progress,
    visits,
)
from shared.contracts.matching import (
    CareRequestUnfilled,
    OfferAccepted,
    OfferDeclined,
    OfferExpired,
    OfferMade,
    OfferWithdrawn,
    VisitAssigned,
    VisitUnassigned,
)
from shared.contracts.roster import (
    VisitCancelled,
    VisitCompleted,
    VisitMissed,
    VisitMoved,
    VisitRefused,
    VisitRostered,
    VisitStarted,
)
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import NotFound


def begin(uow: UnitOfWork, visits_begun: Iterable[Visit]) -> None:
    """Give new visits a state; the visits themselves must be in the database."""
    rows = [
        {
            "visit_id": visit.visit_id,
            "desk_id": visit.desk_id,
            "state": VisitState.OPEN,
            "matching_version": 0,
            "assigned": False,
            "roster_version": 0,
            "roster_visit_version": 0,
            "unfilled_version": 0,
        }
        for visit in visits_begun
    ]
    if rows:
        uow.session.execute(insert(visit_progress), rows)


def settled_visits(uow: UnitOfWork, request: CareRequest) -> frozenset[UUID]:
    """The request's visits that only the roster may still change. Their states stand still until this commits."""
    rows = uow.session.execute(
        select(visit_progress.c.visit_id, visit_progress.c.state)
        .where(visit_progress.c.visit_id.in_([visit.visit_id for visit in request.visits]))
        .order_by(visit_progress.c.visit_id)
        .with_for_update()
    )
    return frozenset(row.visit_id for row in rows if row.state in SETTLED)


def settle(uow: UnitOfWork, visit_ids: Iterable[UUID], hears: Mapping[str, Any] | None = None) -> None:
    """Let the state of these visits follow from all that was heard, with `hears` as the news about them.

    Whoever writes about a visit takes its row first, so that the last to commit has seen every word.
    """
    wanted = sorted(set(visit_ids))
    locked = uow.session.execute(
        select(visit_progress.c.visit_id)
        .where(visit_progress.c.visit_id.in_(wanted))
        .order_by(visit_progress.c.visit_id)
        .with_for_update()
    ).scalars()
    if missing := set(wanted) - set(locked):
        raise NotFound(f"There is no visit {min(missing)} at this desk.")
    offered = (
        select(offered_visits.c.visit_id, func.max(offered_visits.c.visit_version).label("version"))
        .where(
            offered_visits.c.visit_id.in_(wanted),
            offered_visits.c.offer_id.not_in(select(closed_offers.c.offer_id)),
        )
        .group_by(offered_visits.c.visit_id)
        .subquery()
    )
    rows = uow.session.execute(
        select(visit_progress, visits.c.version, visits.c.removed_at, offered.c.version.label("offered_version"))
        .join(visits, visits.c.visit_id == visit_progress.c.visit_id)
        .outerjoin(offered, offered.c.visit_id == visit_progress.c.visit_id)
        .where(visit_progress.c.visit_id.in_(wanted))
        .order_by(visit_progress.c.visit_id)
    ).mappings()
    for row in rows.all():
        news = _news(row, dict(hears or {}))
        now_known = {**row, **news}
        heard = _heard(now_known)
        state = state_of(row["version"], row["removed_at"] is not None, heard)
        uow.session.execute(
            update(visit_progress)
            .where(visit_progress.c.visit_id == row["visit_id"])
            .values(**news, state=state, carer_id=carer_of(heard, state))
        )


def keep_offer(event: OfferMade, uow: UnitOfWork) -> None:
    """Somebody was asked: these visits are offered, unless more is known of them."""
    for visit in sorted(event.visits, key=lambda each: each.visit_id):
        _check_ours(uow, visit.visit_id)
        uow.session.execute(
            upsert(offered_visits)
            .values(
                offer_id=event.offer_id,
                visit_id=visit.visit_id,
                desk_id=event.desk_id,
                visit_version=visit.visit_version,
            )
            .on_conflict_do_nothing()
        )
    settle(uow, [visit.visit_id for visit in event.visits])


def close_offer(event: OfferAccepted | OfferDeclined | OfferExpired | OfferWithdrawn, uow: UnitOfWork) -> None:
    """Somebody answered, or no longer can: this offer stands no more."""
    uow.session.execute(
        upsert(closed_offers).values(offer_id=event.offer_id, desk_id=event.desk_id).on_conflict_do_nothing()
    )
    settle(
        uow,
        uow.session.execute(
            select(offered_visits.c.visit_id).where(offered_visits.c.offer_id == event.offer_id)
        ).scalars(),
    )


def keep_assigned(event: VisitAssigned, uow: UnitOfWork) -> None:
    """A carer said yes: accepted, being confirmed."""
    settle(
        uow,
        [event.visit_id],
        {"matching_version": event.version, "assigned": True, "matching_carer_id": event.carer_id},
    )


def keep_unassigned(event: VisitUnassigned, uow: UnitOfWork) -> None:
    """The visit has no carer any more."""
    settle(
        uow,
        [event.visit_id],
        {"matching_version": event.version, "assigned": False, "matching_carer_id": event.carer_id},
    )


def keep_unfilled(event: CareRequestUnfilled, uow: UnitOfWork) -> None:
    """Nobody could be found: said on the board, and kept in the register of unmet need, once for each version asked for."""
    rows = uow.session.execute(
        select(visits, care_requests.c.family_id, care_requests.c.urgent, care_requests.c.opened_at, families.c.area)
        .join(care_requests, care_requests.c.care_request_id == visits.c.care_request_id)
        .join(families, families.c.family_id == care_requests.c.family_id)
        .where(visits.c.visit_id.in_(event.visit_ids))
        .order_by(visits.c.visit_id)
    ).all()
    settle(uow, event.visit_ids)
    for row in rows:
        reasons = [[code, carers] for code, carers in event.reasons]
        uow.session.execute(
            upsert(unmet_needs)
            .values(
                unmet_id=uow.new_id(),
                desk_id=event.desk_id,
                visit_id=row.visit_id,
                visit_version=row.version,
                care_request_id=row.care_request_id,
                family_id=row.family_id,
                starts_at=row.starts_at,
                ends_at=row.ends_at,
                zone=row.zone,
                area=row.area,
                mode=row.mode,
                urgent=row.urgent,
                children=len(row.child_ids),
                asked_at=row.opened_at,
                reasons=reasons,
                recorded_at=uow.now,
            )
            .on_conflict_do_update(index_elements=["visit_id", "visit_version"], set_={"reasons": reasons})
        )
        settle(uow, [row.visit_id], {"unfilled_version": row.version})


def keep_rostered(event: VisitRostered | VisitMoved, uow: UnitOfWork) -> None:
    """The roster has it: certain, with the hours as rostered."""
    hours = {"rostered_start": event.start, "rostered_end": event.end}
    _roster_says(uow, event, RosterWord.ROSTERED, roster_visit_version=event.visit_version, refusal=None, **hours)


def keep_refused(event: VisitRefused, uow: UnitOfWork) -> None:
    """The roster can't have it, with the sentence that says why."""
    _roster_says(uow, event, RosterWord.REFUSED, roster_visit_version=event.visit_version, refusal=event.sentence)


def keep_started(event: VisitStarted, uow: UnitOfWork) -> None:
    """The carer is there."""
    _roster_says(uow, event, RosterWord.STARTED)


def keep_completed(event: VisitCompleted, uow: UnitOfWork) -> None:
    """The child was cared for: whatever else is said, that happened."""
    _roster_says(uow, event, RosterWord.COMPLETED, roster_visit_version=event.visit_version)


def keep_cancelled(event: VisitCancelled, uow: UnitOfWork) -> None:
    """A rostered visit that will not happen."""
    _roster_says(uow, event, RosterWord.CANCELLED)


def keep_missed(event: VisitMissed, uow: UnitOfWork) -> None:
    """Nobody came."""
    _roster_says(uow, event, RosterWord.MISSED)


_RosterEvent = VisitRostered | VisitMoved | VisitRefused | VisitStarted | VisitCompleted | VisitCancelled | VisitMissed


def _roster_says(uow: UnitOfWork, event: _RosterEvent, word: RosterWord, **more: Any) -> None:
    said = {"roster_version": event.version, "roster_word": word, "roster_carer_id": event.carer_id, **more}
    settle(uow, [event.visit_id], said)


def _news(row: Mapping[Any, Any], hears: dict[str, Any]) -> dict[str, Any]:
    """What of the news replaces what was heard: an older word than the latest of its topic is no news."""
    word = RosterWord(row["roster_word"]) if row["roster_word"] else None
    done_now = hears.get("roster_word") is RosterWord.COMPLETED
    if "matching_version" in hears and not newer(row["matching_version"], hears["matching_version"]):
        return {}
    if "roster_version" in hears and not done_now and not newer(row["roster_version"], hears["roster_version"], word):
        return {}
    return hears


def _heard(known: Mapping[Any, Any]) -> Heard:
    return Heard(
        matching_version=known["matching_version"],
        assigned=known["assigned"],
        matching_carer_id=known["matching_carer_id"],
        roster_version=known["roster_version"],
        roster_word=RosterWord(known["roster_word"]) if known["roster_word"] else None,
        roster_visit_version=known["roster_visit_version"],
        roster_carer_id=known["roster_carer_id"],
        unfilled_version=known["unfilled_version"],
        offered_version=known["offered_version"] or 0,
    )


def _check_ours(uow: UnitOfWork, visit_id: UUID) -> None:
    if uow.one(visits, visit_id=visit_id) is None:
        raise NotFound(f"There is no visit {visit_id} at this desk.")
