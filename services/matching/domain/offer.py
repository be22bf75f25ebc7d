"""An offer and what may still be answered to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.domain.errors import Conflict


class OfferState(StrEnum):
    SENT = "sent"
    SEEN = "seen"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    LOST = "lost"


LIVE = (OfferState.SENT, OfferState.SEEN)


class Ended(StrEnum):
    """Why an offer ended without an answer, as the carer is told."""

    TAKEN = "taken"
    CHANGED = "changed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """An offer as it stands: its visits with the versions it names, and how it ended."""

    offer_id: UUID
    state: OfferState
    expires_at: datetime
    visits: Mapping[UUID, int]
    zone: str
    reason: str | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """A visit's present terms, as far as an offer depends on them."""

    version: int
    wanted: bool


def refuse_answer(offer: Offered, now: datetime) -> Conflict | None:
    """Why this offer can't be answered any more, in words that say what happened; None while it can."""
    match offer.state:
        case OfferState.ACCEPTED:
            return Conflict("This visit is already yours.", code="already-yours")
        case OfferState.DECLINED:
            return Conflict("You already said no to this offer.", code="already-declined")
        case OfferState.LOST:
            return Conflict(f"This visit was {taken(offer)}.", code="taken")
        case OfferState.WITHDRAWN if offer.reason == Ended.CHANGED:
            return Conflict(
                "The terms changed and this offer no longer holds. Look at your offers for a new one.",
                code="terms-changed",
            )
        case OfferState.WITHDRAWN:
            return Conflict("This offer was withdrawn; the visit is no longer offered to you.", code="withdrawn")
        case OfferState.EXPIRED:
            return _expired(offer)
    return _expired(offer) if now >= offer.expires_at else None


def refuse_terms(offer: Offered, current: Mapping[UUID, Terms], together: frozenset[UUID]) -> Conflict | None:
    """Why a yes to this offer would not be a yes to what is asked now. `together` are the visits one yes now fills."""
    if any(visit_id not in current or not current[visit_id].wanted for visit_id in offer.visits):
        return Conflict("The family no longer needs this visit.", code="withdrawn")
    changed = sum(current[visit_id].version != version for visit_id, version in offer.visits.items())
    if changed:
        what = "the visit" if len(offer.visits) == 1 else f"{changed} of the {len(offer.visits)} visits"
        return Conflict(
            f"Since this offer was made, {what} changed. A new offer says how; answer that one.", code="terms-changed"
        )
    if together != frozenset(offer.visits):
        return Conflict(
            "Since this offer was made, the families who share this visit changed. Answer the new offer.",
            code="terms-changed",
        )
    return None


def taken(offer: Offered) -> str:
    """`taken by another at 18:42`, on the clock of the place."""
    at = f" at {offer.ended_at.astimezone(ZoneInfo(offer.zone)):%H:%M}" if offer.ended_at else ""
    return f"taken by another{at}"


def _expired(offer: Offered) -> Conflict:
    at = f"{offer.expires_at.astimezone(ZoneInfo(offer.zone)):%H:%M}"
    return Conflict(f"This offer could be answered until {at}; it has expired.", code="expired")
