"""What can be done about what families ask for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.request.commands.families import RegisterFamily
from services.request.domain.circumstances import NOTHING_KNOWN, Circumstances
from services.request.domain.family_terms import FamilyTerms
from services.request.domain.hours import OneOff
from services.request.domain.planning import NOTHING_ASKED, Asked
from shared.domain.pattern import WeeklyPattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Somebody's word, and when it was given."""

    said_by: str
    said_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCareRequest:
    """What a family needs, under which terms. `child_ids` None means all children; `reason` never leaves this service.

    `terms` are those of `CareTerms` that are not as usual, by name. Without a first meeting with strangers somebody has
    to have said so: `skipped`.
    """

    family_id: UUID
    mode: str
    asked: Asked
    child_ids: tuple[UUID, ...] | None = None
    terms: Mapping[str, Any] = field(default_factory=dict)
    skipped: Said | None = None
    circumstances: Circumstances = NOTHING_KNOWN
    reason: str | None = field(default=None, repr=False)
    referrer_id: UUID | None = None
    care_request_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCall:
    """A first call in one go: who calls and what they need, with the least that is enough."""

    family: RegisterFamily
    mode: str
    asked: Asked
    terms: Mapping[str, Any] = field(default_factory=dict)
    skipped: Said | None = None
    circumstances: Circumstances = NOTHING_KNOWN
    reason: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendCareRequest:
    """What changes; what is left out stays. With `visit_id`, `visit` changes that visit alone.

    `terms` are the `CareTerms` that change, by name. `version` is the one the caller saw; `why` is kept where erasure
    reaches it. `family_id` is named when the family itself changes something: it changes only its own.
    """

    care_request_id: UUID
    version: int | None = None
    asked: Asked = NOTHING_ASKED
    terms: Mapping[str, Any] = field(default_factory=dict)
    visit_id: UUID | None = None
    visit: OneOff | None = None
    removed_visit_ids: tuple[UUID, ...] = ()
    circumstances: Circumstances | None = None
    why: str | None = field(default=None, repr=False)
    family_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoChange:
    """Take back the last change of a request. `version` is the one that is undone."""

    care_request_id: UUID
    version: int
    family_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawCareRequest:
    """`family_id` is named when the family itself withdraws: it can withdraw only its own.

    `barrier` is what stood in its way, if it needs care but can't have it like this.
    """

    care_request_id: UUID
    version: int | None = None
    family_id: UUID | None = None
    barrier: str | None = None
    why: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendHorizon:
    """Make visits of a pattern as far ahead as the desk's policy says."""

    care_request_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadCareRequest:
    """`family_id` is named when the family itself reads: it sees only its own, and not the reason."""

    care_request_id: UUID
    family_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadCareRequests:
    """A page of requests with visits in this state, or with visits ahead when none is named; those of a day if one is."""

    state: str | None = None
    family_id: UUID | None = None
    day: date | None = None
    after: str | None = None
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAtPlan:
    """A day of this request's plan is near."""

    care_request_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class LookWhetherRegular:
    """A family had another visit: has its need become regular, and does it know enough carers?"""

    family_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeRegular:
    """What a family needs is regular now: it is asked for as patterns, with the carer it knows.

    Without `patterns` what was the same week after week is the pattern.
    """

    family_id: UUID
    care_request_id: UUID
    version: int | None = None
    carer_id: UUID | None = None
    patterns: tuple[WeeklyPattern, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterReferrer:
    """An organisation that sends families."""

    name: str
    kind: str
    referrer_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReferral:
    """A referrer asks for care for a family that agreed to it; `allows` is what it may later know."""

    referrer_id: UUID
    family: FamilyTerms
    allows: str
    said_by: str
    said_at: datetime
    reference: str
    mode: str
    asked: Asked
    terms: Mapping[str, Any] = field(default_factory=dict)
    skipped: Said | None = None
    circumstances: Circumstances = NOTHING_KNOWN
    reason: str | None = field(default=None, repr=False)
