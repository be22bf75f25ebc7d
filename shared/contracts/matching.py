"""What the matching service says: offers, who won, and for whom nobody was found."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from shared.messages import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedVisit:
    """A visit as offered: accepting means these terms, this version, and no other."""

    visit_id: UUID
    visit_version: int
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferMade(Event):
    """What a message to the carer may say before they accept: hours, area, pay; never the address."""

    wire_name: ClassVar[str] = "offer.made.v1"
    key_field: ClassVar[str] = "offer_id"

    offer_id: UUID
    wave_id: UUID
    carer_id: UUID
    visits: tuple[OfferedVisit, ...]
    area: str
    zone: str
    urgent: bool
    expires_at: datetime
    pay_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferAccepted(Event):
    wire_name: ClassVar[str] = "offer.accepted.v1"
    key_field: ClassVar[str] = "offer_id"

    offer_id: UUID
    carer_id: UUID
    accepted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferDeclined(Event):
    wire_name: ClassVar[str] = "offer.declined.v1"
    key_field: ClassVar[str] = "offer_id"

    offer_id: UUID
    carer_id: UUID
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferExpired(Event):
    wire_name: ClassVar[str] = "offer.expired.v1"
    key_field: ClassVar[str] = "offer_id"

    offer_id: UUID
    carer_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferWithdrawn(Event):
    """`reason` is one of taken, changed, cancelled: what the carer is told."""

    wire_name: ClassVar[str] = "offer.withdrawn.v1"
    key_field: ClassVar[str] = "offer_id"

    offer_id: UUID
    carer_id: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitAssigned(Event):
    """A carer said yes to this version of the visit. `version` counts the visit's assignments and releases."""

    wire_name: ClassVar[str] = "visit.assigned.v1"
    key_field: ClassVar[str] = "visit_id"

    visit_id: UUID
    visit_version: int
    care_request_id: UUID
    carer_id: UUID
    offer_id: UUID
    assigned_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitUnassigned(Event):
    """The visit is open again; `reason` is a class only: carer_absent, refused, amended, withdrawn, released."""

    wire_name: ClassVar[str] = "visit.unassigned.v1"
    key_field: ClassVar[str] = "visit_id"

    visit_id: UUID
    visit_version: int
    carer_id: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CareRequestUnfilled(Event):
    """Nobody could be found for these visits; `reasons` counts, per code, the carers it ruled out or who said no."""

    wire_name: ClassVar[str] = "care_request.unfilled.v1"
    key_field: ClassVar[str] = "care_request_id"

    care_request_id: UUID
    visit_ids: tuple[UUID, ...]
    reasons: tuple[tuple[str, int], ...]
