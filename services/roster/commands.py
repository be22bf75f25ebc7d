"""What people, messages and timers may ask of the roster."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from shared.contracts.roster import CredentialFacts, WeeklyHours


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where a carer lives: legs start and end there, and a childminder cares there."""

    latitude: float
    longitude: float
    zone: str
    area: str
    address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CarerDetails:
    """Everything a desk knows of a carer, papers included."""

    first_name: str
    last_name: str
    modes: tuple[str, ...]
    home: Home
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
class RegisterCarer:
    """`carer_id` names a person another desk knows already."""

    details: CarerDetails
    carer_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCarer:
    carer_id: UUID
    details: CarerDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAvailability:
    """The carer's whole week from now on."""

    carer_id: UUID
    weekly: tuple[WeeklyHours, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportAbsence:
    carer_id: UUID
    start: datetime
    end: datetime
    reason: str
    absence_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePolicy:
    """The desk's choices from `valid_from` on; those it doesn't name stay as they were given to us."""

    valid_from: date
    choices: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class BookVisit:
    visit_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckIn:
    """`carer_id` is whose phone it comes from. `happened_at` may lie back: the phone was offline."""

    visit_id: UUID
    carer_id: UUID
    happened_at: datetime | None = None
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOut:
    visit_id: UUID
    carer_id: UUID
    happened_at: datetime | None = None
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelVisit:
    """`by` is family, carer or desk."""

    visit_id: UUID
    by: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectVisit:
    visit_id: UUID
    started_at: datetime
    ended_at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagMissingCheckIn:
    visit_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagMissingCheckOut:
    visit_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkMissed:
    visit_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordWayHome:
    """The shift ended with this visit if no other began soon after it."""

    visit_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowRoster:
    start: datetime
    end: datetime
    carer_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowVisit:
    visit_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowMyVisits:
    carer_id: UUID
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowVisitCard:
    visit_id: UUID
    carer_id: UUID
