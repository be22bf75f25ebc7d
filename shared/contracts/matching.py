"""What the matching service says: offers, who won, and for whom nobody was found."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from shared.domain.event import Event


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
    hourly_after_travel_minor: int | None = None


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
    """A carer said yes to this version of the visit. `version` counts the visit's assignments and releases.

    `mode`, `start` and `end` are what was agreed where the family left it open; None is as the terms have it.
    `stranger` says that none of the children has met the carer yet.
    """

    wire_name: ClassVar[str] = "visit.assigned.v1"
    key_field: ClassVar[str] = "visit_id"

    visit_id: UUID
    visit_version: int
    care_request_id: UUID
    carer_id: UUID
    offer_id: UUID
    assigned_at: datetime
    mode: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    stranger: bool = False


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
class RelaxationFacts:
    """A smallest change that would have found somebody, tried out: later_minutes 15, further_km 4, mode carer_home, skill."""

    code: str
    amount: int
    what: str
    carers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CareRequestUnfilled(Event):
    """Nobody could be found for these visits; `reasons` counts, per code, the carers it ruled out or who said no.

    The first reason is the one that kept most away; `relaxations` are the smallest changes that would have helped.
    """

    wire_name: ClassVar[str] = "care_request.unfilled.v1"
    key_field: ClassVar[str] = "care_request_id"

    care_request_id: UUID
    visit_ids: tuple[UUID, ...]
    reasons: tuple[tuple[str, int], ...]
    relaxations: tuple[RelaxationFacts, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatcherCalled(Event):
    """A person must look: nobody said yes in time, the roster refused part of a series, everybody declined."""

    wire_name: ClassVar[str] = "dispatcher.called.v1"
    key_field: ClassVar[str] = "placement_id"

    placement_id: UUID
    visit_ids: tuple[UUID, ...]
    reason: str
    starts_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionFacts:
    """One carer a family may choose: what they cost it, how far they come, how well its children know them."""

    carer_id: UUID
    first_name: str
    price_minor: int
    travel_minutes: int
    visits_covered: int
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyAsked(Event):
    """Carers said yes and the family chooses among them until `answer_by`."""

    wire_name: ClassVar[str] = "family.asked.v1"
    key_field: ClassVar[str] = "choice_id"

    choice_id: UUID
    family_id: UUID
    visit_ids: tuple[UUID, ...]
    options: tuple[OptionFacts, ...]
    currency: str
    answer_by: datetime
