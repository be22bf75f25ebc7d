"""What can be done about one visit, or a first meeting."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.request.domain.hours import OneOff


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireHold:
    """Nobody was called in: the carer is no longer kept free."""

    care_request_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CallIn:
    """A carer kept free is needed after all, at these hours or at those that were held."""

    visit_id: UUID
    visit: OneOff | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitVisit:
    """Two carers share a long visit: the second one takes over at `at`."""

    visit_id: UUID
    at: datetime
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DisplaceVisit:
    """A family gives up its carer for a more urgent visit; `then` its own is withdrawn or looked for again."""

    visit_id: UUID
    for_visit_id: UUID
    then: str
    said_by: str
    said_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduce:
    """Messages are quiet: look whether this carer has to meet the children first."""

    care_request_id: UUID
    carer_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SkipIntroduction:
    """A family says that this carer may come without having met the children; without a carer, that anybody may."""

    care_request_id: UUID
    said_by: str
    said_at: datetime
    carer_id: UUID | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NameBarrier:
    """What stood in the family's own way: one of the seven."""

    visit_id: UUID
    barrier: str
