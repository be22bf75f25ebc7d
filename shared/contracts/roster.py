"""What the roster service says: carers, when they can, and what happened to each visit."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import ClassVar
from uuid import UUID

from shared.contracts.request import PlaceFacts
from shared.domain.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialFacts:
    """A paper a carer holds, good from the first through the last local day."""

    kind: str
    valid_from: date
    valid_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CapFacts:
    """The most a carer wants, as they set it; None is no limit of theirs. Late evenings end after the desk's late hour."""

    week_minutes: int | None = None
    nights_a_week: int | None = None
    consecutive_late_evenings: int | None = None
    families_at_once: int | None = None
    new_families_a_month: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallestFacts:
    """The least a carer comes out for, in minutes; 0 is anything."""

    visit_minutes: int = 0
    day_minutes: int = 0
    week_minutes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalFacts:
    """What a carer would like more or less of: so many minutes a week, no more nights than this a week."""

    week_minutes: int | None = None
    nights_a_week: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CarerFacts:
    """A carer as this desk knows them. Modes: family_home, carer_home. Opt-ins: nights, weekends, occasional, sick_child.

    `cleared_on` is the day onboarding ended: nobody is sent before it, and while it is None nobody is sent at all. Of
    credentials only those count, and are here, that somebody of the desk has looked at. `distances_km` are the longest by
    transport mode; one that isn't named is `max_distance_km`. `pets` are in the carer's home. A standby carer is called
    when all else fails, within `standby_week_minutes`. `assistant` says that somebody helps at the carer's home, which may
    allow more children there.
    """

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
    cleared_on: date | None = None
    affiliation: str = "independent"
    distances_km: tuple[tuple[str, int], ...] = ()
    pets: tuple[str, ...] = ()
    smoker: bool = False
    caps: CapFacts = CapFacts()
    smallest: SmallestFacts = SmallestFacts()
    goals: GoalFacts = GoalFacts()
    excluded_family_ids: tuple[UUID, ...] = ()
    standby_week_minutes: int | None = None
    assistant: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyHours:
    """Free on this weekday (Monday is 0) from start to end, local time; an end not after the start is the next day's.

    `week` is the week of the rotation, from 0.
    """

    weekday: int
    start: time
    end: time
    week: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeOrBusy:
    """A stretch that differs from the week's pattern: free after all, or busy after all."""

    start: datetime
    end: datetime
    free: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """No message from start to end, local time; past midnight when the end is not after the start."""

    start: time
    end: time


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveBy:
    """On this weekday no visit goes on past this local time, for the carer must leave; one may begin after it."""

    weekday: int
    at: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """A child who was there from start to end: in shared care families pay by it."""

    child_id: UUID
    start: datetime
    end: datetime


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
class CarerLeft(Event):
    """The carer works for this desk no more; they have no visits to come there."""

    wire_name: ClassVar[str] = "carer.left.v1"
    key_field: ClassVar[str] = "carer_id"

    carer_id: UUID
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AvailabilityChanged(Event):
    """When the carer is free as it now stands, in the zone of their home; `version` counts the availability's changes.

    A rotation of `weeks` weeks begins in the week of `first_monday`. Exceptions come before the pattern, the latest said
    first; they reach some weeks ahead and are said again as time goes on.
    """

    wire_name: ClassVar[str] = "availability.changed.v1"
    key_field: ClassVar[str] = "carer_id"

    carer_id: UUID
    zone: str
    weekly: tuple[WeeklyHours, ...]
    weeks: int = 1
    first_monday: date | None = None
    on_holidays: bool = True
    exceptions: tuple[FreeOrBusy, ...] = ()
    quiet: tuple[QuietHours, ...] = ()
    urgent_in_quiet: bool = False
    leave_by: tuple[LeaveBy, ...] = ()


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
class CarerReturned(Event):
    """The carer is back, earlier than said or as said: what nobody took over may come back to them."""

    wire_name: ClassVar[str] = "carer.returned.v1"
    key_field: ClassVar[str] = "carer_id"

    carer_id: UUID
    absence_id: UUID
    at: datetime


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
    mode: str | None = None


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
class VisitOnTheWay(Event):
    """The carer has set out."""

    wire_name: ClassVar[str] = "visit.on_the_way.v1"
    key_field: ClassVar[str] = "visit_id"

    visit_id: UUID
    carer_id: UUID
    at: datetime
    expected_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitStarted(Event):
    wire_name: ClassVar[str] = "visit.started.v1"
    key_field: ClassVar[str] = "visit_id"

    visit_id: UUID
    carer_id: UUID
    started_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitCompleted(Event):
    """What billing charges: the time that was really cared, from check-in to check-out.

    `presences` are those of children who came later or left earlier than that; the others were there throughout.
    """

    wire_name: ClassVar[str] = "visit.completed.v1"
    key_field: ClassVar[str] = "visit_id"

    visit_id: UUID
    visit_version: int
    carer_id: UUID
    started_at: datetime
    ended_at: datetime
    presences: tuple[Presence, ...] = ()


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
    presences: tuple[Presence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitCancelled(Event):
    """A rostered visit that will not happen; `by` is family, carer or desk, `at` when they said so."""

    wire_name: ClassVar[str] = "visit.cancelled.v1"
    key_field: ClassVar[str] = "visit_id"

    visit_id: UUID
    carer_id: UUID
    by: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitMissed(Event):
    wire_name: ClassVar[str] = "visit.missed.v1"
    key_field: ClassVar[str] = "visit_id"

    visit_id: UUID
    carer_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class TravelRecorded(Event):
    """One leg a carer made, in metres and whole minutes; `how` says how it was reckoned, `why` why it is paid or isn't.

    A leg that was wrong is taken back by one of the opposite sign. One within a visit has no minutes of its own: its time
    is the visit's.
    """

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
    paid: bool = True
    why: str = ""
