"""What matching and roster say about each visit, kept as they say it; the visit's one state follows from all of it."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from services.request.domain.progress import LAST_WORDS, RosterWord
from services.request.handlers import introductions, regular
from services.request.handlers.visit_states import settle
from services.request.tables import care_requests, closed_offers, families, offered_visits, unmet_needs, visits
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
    VisitCorrected,
    VisitMissed,
    VisitMoved,
    VisitReassigned,
    VisitRefused,
    VisitRostered,
    VisitStarted,
)
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import NotFound


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
    """A carer said yes: accepted, being confirmed. One whom no child has met comes for a first meeting before."""
    news = settle(
        uow,
        [event.visit_id],
        {
            "matching_version": event.version,
            "assigned": True,
            "matching_carer_id": event.carer_id,
            "stranger": event.stranger,
            "agreed_mode": event.mode,
            "agreed_start": event.start,
            "agreed_end": event.end,
        },
    )
    if news and event.stranger:
        introductions.look_soon(uow, event.care_request_id, event.carer_id)


def keep_unassigned(event: VisitUnassigned, uow: UnitOfWork) -> None:
    """The visit has no carer any more; a first meeting that was for it may not be needed."""
    introductions.look_soon_where_asked(uow, event.visit_id, event.carer_id)
    settle(
        uow,
        [event.visit_id],
        {
            "matching_version": event.version,
            "assigned": False,
            "matching_carer_id": event.carer_id,
            "stranger": False,
            "agreed_mode": None,
            "agreed_start": None,
            "agreed_end": None,
        },
    )


def keep_unfilled(event: CareRequestUnfilled, uow: UnitOfWork) -> None:
    """Nobody could be found: said on the board, and kept in the register of unmet need, once for each version asked for."""
    rows = uow.session.execute(
        select(visits, care_requests.c.family_id, care_requests.c.urgency, care_requests.c.opened_at, families.c.area)
        .join(care_requests, care_requests.c.care_request_id == visits.c.care_request_id)
        .join(families, families.c.family_id == care_requests.c.family_id)
        .where(visits.c.visit_id.in_(event.visit_ids))
        .order_by(visits.c.visit_id)
    ).all()
    settle(uow, event.visit_ids)
    for row in rows:
        why = {
            "reasons": [[code, carers] for code, carers in event.reasons],
            "relaxations": [
                {"code": each.code, "amount": each.amount, "what": each.what, "carers": each.carers}
                for each in event.relaxations
            ],
        }
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
                urgent=row.urgency is not None,
                children=len(row.child_ids),
                asked_at=row.opened_at,
                recorded_at=uow.now,
                **why,
            )
            .on_conflict_do_update(index_elements=["visit_id", "visit_version"], set_=why)
        )
        settle(uow, [row.visit_id], {"unfilled_version": row.version})
    introductions.not_found(uow, event.visit_ids)


def keep_rostered(event: VisitRostered | VisitMoved, uow: UnitOfWork) -> None:
    """The roster has it: certain, with the hours as rostered."""
    hours = {"rostered_start": event.start, "rostered_end": event.end}
    _roster_says(
        uow, event, event.carer_id, RosterWord.ROSTERED, roster_visit_version=event.visit_version, refusal=None, **hours
    )


def keep_reassigned(event: VisitReassigned, uow: UnitOfWork) -> None:
    """The roster's own people gave it to another carer."""
    _roster_says(
        uow,
        event,
        event.to_carer_id,
        RosterWord.REASSIGNED,
        roster_visit_version=event.visit_version,
        refusal=None,
    )


def keep_refused(event: VisitRefused, uow: UnitOfWork) -> None:
    """The roster can't have it, with the sentence that says why."""
    _roster_says(
        uow,
        event,
        event.carer_id,
        RosterWord.REFUSED,
        roster_visit_version=event.visit_version,
        refusal=event.sentence,
    )


def keep_started(event: VisitStarted, uow: UnitOfWork) -> None:
    """The carer is there."""
    _roster_says(uow, event, event.carer_id, RosterWord.STARTED)


def keep_completed(event: VisitCompleted, uow: UnitOfWork) -> None:
    """The child was cared for: whatever else is said, that happened."""
    news = _roster_says(
        uow,
        event,
        event.carer_id,
        RosterWord.COMPLETED,
        roster_visit_version=event.visit_version,
        cared_start=event.started_at,
        cared_end=event.ended_at,
    )
    if news:
        regular.keep_met(uow, event.visit_id, event.carer_id)
        introductions.took_place(uow, event.visit_id)


def keep_corrected(event: VisitCorrected, uow: UnitOfWork) -> None:
    """The times were put right."""
    _roster_says(
        uow,
        event,
        event.carer_id,
        RosterWord.COMPLETED,
        cared_start=event.started_at,
        cared_end=event.ended_at,
    )


def keep_cancelled(event: VisitCancelled, uow: UnitOfWork) -> None:
    """A rostered visit that will not happen."""
    news = _roster_says(uow, event, event.carer_id, RosterWord.CANCELLED, cancelled_by=event.by)
    if news and event.by == "family":
        regular.keep_called_off(uow, event.visit_id, event.at)


def keep_missed(event: VisitMissed, uow: UnitOfWork) -> None:
    """Nobody came."""
    _roster_says(uow, event, event.carer_id, RosterWord.MISSED)


_RosterEvent = (
    VisitRostered
    | VisitMoved
    | VisitReassigned
    | VisitRefused
    | VisitStarted
    | VisitCompleted
    | VisitCorrected
    | VisitCancelled
    | VisitMissed
)


def _roster_says(uow: UnitOfWork, event: _RosterEvent, carer_id: UUID, word: RosterWord, **more: Any) -> bool:
    said = {"roster_version": event.version, "roster_word": word, "roster_carer_id": carer_id, **more}
    if word in LAST_WORDS:
        said["to_register"] = True
    return bool(settle(uow, [event.visit_id], said))


def _check_ours(uow: UnitOfWork, visit_id: UUID) -> None:
    if uow.one(visits, visit_id=visit_id) is None:
        raise NotFound(f"There is no visit {visit_id} at this desk.")
