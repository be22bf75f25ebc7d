"""What the request service can be told to do."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from services.request.domain.family import FamilyTerms
from services.request.domain.hours import OneOff
from services.request.domain.policy import Policy
from services.request.domain.shared_care import ConsentTerms
from shared.domain.pattern import WeeklyPattern


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterFamily:
    """`family_id` may be chosen by who registers, as may each child's id."""

    family: FamilyTerms
    family_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFamily:
    """All that the family tells now; a child that is not named any more leaves. `version` is the one the caller saw."""

    family_id: UUID
    family: FamilyTerms
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseFamily:
    family_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCareRequest:
    """Either one `visit` or a `pattern`. `child_ids` None means all children; `reason` never leaves this service."""

    family_id: UUID
    mode: str
    visit: OneOff | None = None
    pattern: WeeklyPattern | None = None
    child_ids: tuple[UUID, ...] | None = None
    urgent: bool = False
    reason: str | None = field(default=None, repr=False)
    skills: tuple[str, ...] = ()
    shared_care_id: UUID | None = None
    care_request_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendCareRequest:
    """What changes; None keeps what is. With `visit_id`, `visit` changes that visit alone.

    `version` is the one the caller saw; `why` is kept where erasure reaches it.
    """

    care_request_id: UUID
    version: int | None = None
    mode: str | None = None
    child_ids: tuple[UUID, ...] | None = None
    skills: tuple[str, ...] | None = None
    visit: OneOff | None = None
    visit_id: UUID | None = None
    pattern: WeeklyPattern | None = None
    removed_visit_ids: tuple[UUID, ...] = ()
    why: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawCareRequest:
    """`family_id` is named when the family itself withdraws: it can withdraw only its own."""

    care_request_id: UUID
    family_id: UUID | None = None
    why: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendHorizon:
    """Make visits of a pattern as far ahead as the desk's policy says."""

    care_request_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreeSharedCare:
    host_family_id: UUID
    rule: str
    valid_from: date
    consents: tuple[ConsentTerms, ...]
    shared_care_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndSharedCare:
    """`valid_until` is the last day on which the care is shared."""

    shared_care_id: UUID
    valid_until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPolicy:
    """The desk's choices from a day on; a choice that begins on the same day is replaced."""

    policy: Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFamily:
    """A read of children's data, which is logged."""

    family_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadCareRequest:
    """`family_id` is named when the family itself reads: it sees only its own, and not the reason."""

    care_request_id: UUID
    family_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadCareRequests:
    """A page of requests with visits in this state, or with visits ahead when none is named."""

    state: str | None = None
    family_id: UUID | None = None
    after: str | None = None
    limit: int
