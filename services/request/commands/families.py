"""What can be done about families."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.request.domain.family_terms import FamilyTerms, HomeTerms
from services.request.domain.timeline import OtherCareTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterFamily:
    """`family_id` may be chosen by who registers, as may each child's id. One that looks registered needs `anyway`."""

    family: FamilyTerms
    family_id: UUID | None = None
    anyway: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFamily:
    """All that the family tells now; a child that is not named any more leaves. `version` is the one the caller saw."""

    family_id: UUID
    family: FamilyTerms
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveFamily:
    """They will live there from that day on."""

    family_id: UUID
    home: HomeTerms
    from_day: date
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveOn:
    """The day of a planned move may have come."""

    family_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeFamily:
    """The calling dispatcher is the one this family asks for."""

    family_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportFamily:
    """How much the family wants the desk to do."""

    family_id: UUID
    tier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferCarers:
    """Whom the family likes to see, doesn't want and falls back on, without a reason."""

    family_id: UUID
    favourite_carer_ids: tuple[UUID, ...] = ()
    excluded_carer_ids: tuple[UUID, ...] = ()
    backup_carer_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeFamilies:
    """`merged_family_id` is the same household, registered once more."""

    family_id: UUID
    merged_family_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseFamily:
    family_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFamily:
    """A read of children's data, which is logged."""

    family_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFamily:
    """Everything held about a family."""

    family_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepConsent:
    """Who may know what of a family: a referrer, or a party named in words. An earlier one about the same is over."""

    family_id: UUID
    party: str
    allows: str
    said_by: str
    said_at: datetime
    referrer_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawConsent:
    """`family_id` is named when the family itself takes it back: it takes back only its own."""

    consent_id: UUID
    family_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepOtherCare:
    """Care by others; with `other_care_id` what is known of it changes."""

    family_id: UUID
    terms: OtherCareTerms
    other_care_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DropOtherCare:
    other_care_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTimeline:
    """All care of a child from one day through another; `family_id` is named when the family itself reads."""

    child_id: UUID
    first_day: date
    last_day: date
    family_id: UUID | None = None
