"""One stretch of care as asked for: an id that never changes, a version that counts its changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from services.request.domain.hours import Hours
from shared.contracts.request import PlaceFacts, VisitLeg, VisitTerms

Places = Mapping[UUID, PlaceFacts]
"""The places visits of one request may be at, or lead to."""


class VisitKind(StrEnum):
    """An introduction is a first meeting, free to the family; a standby is a carer kept free until called in."""

    CARE = "care"
    INTRODUCTION = "introduction"
    STANDBY = "standby"


class Removal(StrEnum):
    """Why a visit is no longer asked for; the register of unmet need counts each in its own way."""

    WITHDRAWN = "withdrawn"
    AMENDED = "amended"
    UNDONE = "undone"
    EXPIRED = "expired"
    DISPLACED = "displaced"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """Something to do within the visit, at its instant and, where it is elsewhere, its place."""

    kind: str
    at: datetime
    place_id: UUID | None = None
    child_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitDetails:
    """What a visit asks of who comes, beyond when and where; ids and codes only, so history may keep it."""

    legs: tuple[Leg, ...] = ()
    flexible_before_minutes: int = 0
    flexible_after_minutes: int = 0
    must: tuple[str, ...] = ()
    wishes: tuple[str, ...] = ()
    only_carer_ids: tuple[UUID, ...] = ()
    ask_first_carer_ids: tuple[UUID, ...] = ()
    price_ceiling_minor: int | None = None
    provisional: bool = False
    introduction: str = "waived"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What one visit should be. `place_id` is None at the carer's home; a `listed` one comes from no pattern."""

    hours: Hours
    zone: str
    mode: str
    child_ids: tuple[UUID, ...]
    skills: tuple[str, ...]
    place_id: UUID | None
    shared_care_id: UUID | None
    kind: str = VisitKind.CARE
    details: VisitDetails = VisitDetails()
    listed: bool = field(default=True, compare=False)


class Visit:
    """One visit of a request; what became of it is kept apart, as others say it."""

    visit_id: UUID
    desk_id: UUID
    care_request_id: UUID
    version: int
    local_date: date
    starts_at: datetime
    ends_at: datetime
    zone: str
    kind: str
    mode: str
    child_ids: list[UUID]
    skills: list[str]
    place_id: UUID | None
    shared_care_id: UUID | None
    clock_change: bool
    details: VisitDetails
    listed: bool
    removed_at: datetime | None
    removed_because: str | None

    def __init__(self, visit_id: UUID, desk_id: UUID, wanted: Wanted) -> None:
        self.visit_id = visit_id
        self.desk_id = desk_id
        self.version = 1
        self.removed_at = self.removed_because = None
        self._take(wanted)

    @property
    def hours(self) -> Hours:
        return Hours(on=self.local_date, start=self.starts_at, end=self.ends_at, clock_change=self.clock_change)

    def wanted(self) -> Wanted:
        """The visit as it stands, as something to want."""
        return Wanted(
            hours=self.hours,
            zone=self.zone,
            mode=self.mode,
            child_ids=tuple(self.child_ids),
            skills=tuple(self.skills),
            place_id=self.place_id,
            shared_care_id=self.shared_care_id,
            kind=self.kind,
            details=self.details,
            listed=self.listed,
        )

    def change(self, wanted: Wanted, *, anyway: bool = False) -> bool:
        """Make it what is wanted now: a new version, unless it is that already. `anyway` where a place itself moved."""
        if not anyway and self.removed_at is None and self.wanted() == wanted:
            return False
        self._take(wanted)
        self.removed_at = self.removed_because = None
        self.version += 1
        return True

    def remove(self, now: datetime, because: str) -> None:
        """It is no longer asked for: its last version says so."""
        self.removed_at, self.removed_because = now, because
        self.version += 1

    def terms(self, family_id: UUID, places: Places) -> VisitTerms:
        """The visit as other services hear of it."""
        details = self.details
        return VisitTerms(
            visit_id=self.visit_id,
            version=self.version,
            family_id=family_id,
            child_ids=tuple(self.child_ids),
            mode=self.mode,
            start=self.starts_at,
            end=self.ends_at,
            zone=self.zone,
            place=places[self.place_id] if self.place_id else None,
            skills=tuple(self.skills),
            shared_care_id=self.shared_care_id,
            clock_change=self.clock_change,
            kind=self.kind,
            legs=tuple(
                VisitLeg(
                    kind=leg.kind,
                    at=leg.at,
                    place=places.get(leg.place_id) if leg.place_id else None,
                    child_ids=leg.child_ids,
                )
                for leg in details.legs
            ),
            flexible_before_minutes=details.flexible_before_minutes,
            flexible_after_minutes=details.flexible_after_minutes,
            must=details.must,
            wishes=details.wishes,
            only_carer_ids=details.only_carer_ids,
            ask_first_carer_ids=details.ask_first_carer_ids,
            price_ceiling_minor=details.price_ceiling_minor,
            provisional=details.provisional,
            introduction=details.introduction,
        )

    def _take(self, wanted: Wanted) -> None:
        hours = wanted.hours
        self.local_date, self.starts_at, self.ends_at = hours.on, hours.start, hours.end
        self.clock_change = hours.clock_change
        self.zone, self.kind, self.mode = wanted.zone, wanted.kind, wanted.mode
        self.child_ids, self.skills = list(wanted.child_ids), list(wanted.skills)
        self.place_id, self.shared_care_id = wanted.place_id, wanted.shared_care_id
        self.details, self.listed = wanted.details, wanted.listed


def asked_first(wanted: Wanted, carer_id: UUID | None) -> Wanted:
    """The same, but offered to this carer before anybody else."""
    if carer_id is None:
        return wanted
    return replace(wanted, details=replace(wanted.details, ask_first_carer_ids=(carer_id,)))
