"""What the roster service says: carers, when they can, and what happened to each visit."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import ClassVar
from uuid import UUID

from shared.contracts.request import PlaceFacts
from shared.messages import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialFacts:
    """A paper a carer holds, good from the first through the last local day."""

    kind: str
    valid_from: date
    valid_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CarerFacts:
    """A carer as this desk knows them. Modes: family_home, carer_home. Opt-ins: nights, weekends, occasional, sick_child."""

    first_name: str
    last_name: str
    modes: tuple[str, ...]
    home: PlaceFacts
    languages: tuple[str, ...]
    transport: str
    max_distance_km: int
    phone: str | None = None
    email: str | None = None
    skills: tuple[str, ...] = ()
    opt_ins: tuple[str, ...] = ()
    credentials: tuple[CredentialFacts, ...] = ()
    own_children_born: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyHours:
    """Free on this weekday (Monday is 0) from start to end, local time; an end not after the start is the next day's."""

    weekday: int
    start: time
    end: time


@dataclass(frozen=True, slots=True, kw_only=True)
class CarerRegistered(Event):
    wire_name: ClassVar[str] = "carer.registered.v1"
    key_field: ClassVar[str] = "carer_id"

    carer_id: UUID
    carer: CarerFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class CarerChanged(Event):
    wire_name: ClassVar[str] = "carer.changed.v1"
    key_field: ClassVar[str] = "carer_id"

    carer_id: UUID
    carer: CarerFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class AvailabilityChanged(Event):
    """The carer's whole week as it now stands, in the zone of their home; `version` counts the availability's changes."""

    wire_name: ClassVar[str] = "availability.changed.v1"
    key_field: ClassVar[str] = "carer_id"

    carer_id: UUID
    zone: str
    weekly: tuple[WeeklyHours, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CarerAbsent(Event):
    """The carer can't come from `start` to `end`; only the class of reason travels."""

    wire_name: ClassVar[str] = "carer.absent.v1"
    key_field: ClassVar[str] = "carer_id"

    carer_id: UUID
    absence_id: UUID
    start: datetime
    end: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRostered(Event):
    """The roster has the visit: from now on it is certain, and the family may be told."""

    wire_name: ClassVar[str] = "visit.rostered.v1"
    key_field: ClassVar[str] = "visit_id"

    visit_id: UUID
    visit_version: int
    family_id: UUID
    carer_id: UUID
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRefused(Event):
    """The roster can't have it; `reason` is a code, `sentence` says it in plain words, for the desk."""

    wire_name: ClassVar[str] = "visit.refused.v1"
    key_field: ClassVar[str] = "visit_id"

    visit_id: UUID
    visit_version: int
    carer_id: UUID
    reason: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitMoved(Event):
    wire_name: ClassVar[str] = "visit.moved.v1"
    key_field: ClassVar[str] = "visit_id"

    visit_id: UUID
    visit_version: int
    carer_id: UUID
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitReassigned(Event):
    wire_name: ClassVar[str] = "visit.reassigned.v1"
    key_field: ClassVar[str] = "visit_id"

    visit_id: UUID
    visit_version: int
    from_carer_id: UUID
    to_carer_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitStarted(Event):
    wire_name: ClassVar[str] = "visit.started.v1"
    key_field: ClassVar[str] = "visit_id"

    visit_id: UUID
    carer_id: UUID
    started_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitCompleted(Event):
    """What billing charges: the time that was really cared, from check-in to check-out."""

    wire_name: ClassVar[str] = "visit.completed.v1"
    key_field: ClassVar[str] = "visit_id"

    visit_id: UUID
    visit_version: int
    carer_id: UUID
    started_at: datetime
    ended_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitCorrected(Event):
    """The times as put right after check-out; the original stays in the roster's history."""

    wire_name: ClassVar[str] = "visit.corrected.v1"
    key_field: ClassVar[str] = "visit_id"

    visit_id: UUID
    carer_id: UUID
    started_at: datetime
    ended_at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitCancelled(Event):
    """A rostered visit that will not happen; `by` is family, carer or desk."""

    wire_name: ClassVar[str] = "visit.cancelled.v1"
    key_field: ClassVar[str] = "visit_id"

    visit_id: UUID
    carer_id: UUID
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitMissed(Event):
    wire_name: ClassVar[str] = "visit.missed.v1"
    key_field: ClassVar[str] = "visit_id"

    visit_id: UUID
    carer_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class TravelRecorded(Event):
    """One leg a carer made, in metres and whole minutes; `how` says how it was reckoned."""

    wire_name: ClassVar[str] = "travel.recorded.v1"
    key_field: ClassVar[str] = "travel_leg_id"

    travel_leg_id: UUID
    carer_id: UUID
    visit_id: UUID
    on: date
    metres: int
    minutes: int
    mode: str
    how: str
