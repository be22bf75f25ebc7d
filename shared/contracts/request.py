"""What the request service says: families, what they ask for, and whom they share a carer with."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from shared.messages import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceFacts:
    """Where care happens; the address travels because the carer whose visit it is must find the door."""

    place_id: UUID
    latitude: float
    longitude: float
    zone: str
    area: str
    address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildFacts:
    child_id: UUID
    first_name: str
    born: date
    care_needs: tuple[str, ...] = ()
    allergies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyFacts:
    """A household as other services may know it: no reason for a need is ever among it."""

    name: str
    language: str
    home: PlaceFacts
    children: tuple[ChildFacts, ...]
    phone: str | None = None
    email: str | None = None
    favourite_carer_ids: tuple[UUID, ...] = ()
    excluded_carer_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitTerms:
    """One visit as asked for. Its id never changes; `version` counts its changes. `place` is None at the carer's home."""

    visit_id: UUID
    version: int
    family_id: UUID
    child_ids: tuple[UUID, ...]
    mode: str
    start: datetime
    end: datetime
    zone: str
    place: PlaceFacts | None = None
    skills: tuple[str, ...] = ()
    shared_care_id: UUID | None = None
    clock_change: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyRegistered(Event):
    wire_name: ClassVar[str] = "family.registered.v1"
    key_field: ClassVar[str] = "family_id"

    family_id: UUID
    family: FamilyFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyChanged(Event):
    wire_name: ClassVar[str] = "family.changed.v1"
    key_field: ClassVar[str] = "family_id"

    family_id: UUID
    family: FamilyFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyErased(Event):
    wire_name: ClassVar[str] = "family.erased.v1"
    key_field: ClassVar[str] = "family_id"

    family_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CareRequestOpened(Event):
    """`urgent` is an emergency or a sick child: minutes matter. `visits` are all that are known so far."""

    wire_name: ClassVar[str] = "care_request.opened.v1"
    key_field: ClassVar[str] = "care_request_id"

    care_request_id: UUID
    family_id: UUID
    urgent: bool
    opened_at: datetime
    visits: tuple[VisitTerms, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CareRequestAmended(Event):
    """`visits` are those added or changed (with their new version); `removed_visit_ids` are no longer wanted."""

    wire_name: ClassVar[str] = "care_request.amended.v1"
    key_field: ClassVar[str] = "care_request_id"

    care_request_id: UUID
    family_id: UUID
    visits: tuple[VisitTerms, ...]
    removed_visit_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CareRequestWithdrawn(Event):
    """The family no longer wants any of its visits that have not started."""

    wire_name: ClassVar[str] = "care_request.withdrawn.v1"
    key_field: ClassVar[str] = "care_request_id"

    care_request_id: UUID
    visit_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedCareAgreed(Event):
    """Families who consented to share a carer at the host's home. `rule` says how they split what it costs."""

    wire_name: ClassVar[str] = "shared_care.agreed.v1"
    key_field: ClassVar[str] = "shared_care_id"

    shared_care_id: UUID
    family_ids: tuple[UUID, ...]
    host_family_id: UUID
    place: PlaceFacts
    rule: str
    valid_from: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedCareEnded(Event):
    wire_name: ClassVar[str] = "shared_care.ended.v1"
    key_field: ClassVar[str] = "shared_care_id"

    shared_care_id: UUID
    valid_until: date
