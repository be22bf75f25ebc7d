"""What is asked about carers: taking them on, their papers and wishes, when they can."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from services.roster.domain.availability import Rotation
from services.roster.domain.credential import Paper
from shared.contracts.roster import CapFacts, GoalFacts, SmallestFacts
from shared.domain.values import TimeWindow


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where a carer lives: legs start and end there, and a childminder cares there."""

    latitude: float
    longitude: float
    zone: str
    area: str
    address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a carer chooses for themself: how far and how, what for, how much at most and at least, for whom not."""

    transport: str
    max_distance_km: int
    distances_km: Mapping[str, int] = field(default_factory=dict)
    opt_ins: tuple[str, ...] = ()
    caps: CapFacts = field(default_factory=CapFacts)
    smallest: SmallestFacts = field(default_factory=SmallestFacts)
    goals: GoalFacts = field(default_factory=GoalFacts)
    excluded_family_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CarerDetails:
    """Everything a desk knows of a carer but papers; `wishes` are theirs."""

    first_name: str
    last_name: str
    modes: tuple[str, ...]
    home: Home
    languages: tuple[str, ...]
    wishes: Wishes
    phone: str | None = None
    email: str | None = None
    skills: tuple[str, ...] = ()
    own_children_born: tuple[date, ...] = ()
    affiliation: str = "independent"
    pets: tuple[str, ...] = ()
    smoker: bool = False
    assistant: bool = False
    standby_week_minutes: int | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterCarer:
    """`carer_id` names a person another desk knows already. `cleared_on` is the day from which they may be sent.

    Without it they are taken on step by step.
    """

    details: CarerDetails
    papers: tuple[Paper, ...] = ()
    carer_id: UUID | None = None
    cleared_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCarer:
    carer_id: UUID
    details: CarerDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeWishes:
    carer_id: UUID
    wishes: Wishes


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteStep:
    """A step of taking a carer on: on which day, who did it, in a few words."""

    carer_id: UUID
    step: str
    on: date
    who: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearCarer:
    """From `on` on the carer may be sent to families."""

    carer_id: UUID
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindOfReview:
    carer_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class LetCarerGo:
    carer_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPaper:
    carer_id: UUID
    paper: Paper


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckPaper:
    """Somebody of the desk looked at a paper, or at the register it comes from."""

    carer_id: UUID
    credential_id: UUID
    found_good: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawPaper:
    """It is no longer good, or was taken down by mistake; that it was there stays known."""

    carer_id: UUID
    credential_id: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindOfPaper:
    credential_id: UUID
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TellPaperLapsed:
    credential_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class GivePhoto:
    """A photo the carer agreed to show to the families they come to."""

    carer_id: UUID
    media_type: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakePhotoAway:
    carer_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAvailability:
    """The carer's whole rotation from now on."""

    carer_id: UUID
    rotation: Rotation


@dataclass(frozen=True, slots=True, kw_only=True)
class SayDiffers:
    """Stretches that differ from the rotation: free after all, or busy after all. The latest word holds."""

    carer_id: UUID
    windows: tuple[TimeWindow, ...]
    free: bool
    source: str = "said"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBackDiffers:
    carer_id: UUID
    exception_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class TellAvailability:
    """Exceptions that have come near are told, as time goes on."""

    carer_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscribeCalendar:
    """A calendar of the carer's own, whose times are busy."""

    carer_id: UUID
    name: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsubscribeCalendar:
    carer_id: UUID
    feed_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepBusyTimes:
    """What a calendar said; `trouble` says why it couldn't be read, and then what was known stays."""

    feed_id: UUID
    windows: tuple[TimeWindow, ...] = ()
    etag: str | None = None
    unchanged: bool = False
    trouble: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportAbsence:
    """The carer can't come from then to then, or not to one visit."""

    carer_id: UUID
    reason: str
    start: datetime | None = None
    end: datetime | None = None
    visit_id: UUID | None = None
    absence_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """The carer is back from then on; now if nothing else is said."""

    carer_id: UUID
    absence_id: UUID
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TellReturned:
    carer_id: UUID
    absence_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeCredit:
    """Time off taken for unsocial hours worked (1:C09); below zero gives back what was taken by mistake."""

    carer_id: UUID
    on: date
    minutes: int
    why: str
