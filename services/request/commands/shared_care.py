"""What can be done about agreements to share a carer."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.request.domain.shared_care import ConsentTerms, SharingTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreeSharedCare:
    terms: SharingTerms
    valid_from: date
    consents: tuple[ConsentTerms, ...]
    shared_care_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSharedCare:
    """From that day on other terms, or more families: all who share from then on say yes."""

    shared_care_id: UUID
    terms: SharingTerms
    from_day: date
    consents: tuple[ConsentTerms, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveSharedCare:
    """The family shares no longer after `last_day`; `terms` are those under which the others go on, if not as before."""

    shared_care_id: UUID
    family_id: UUID
    last_day: date
    terms: SharingTerms | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndSharedCare:
    """`valid_until` is the last day on which the care is shared."""

    shared_care_id: UUID
    valid_until: date
