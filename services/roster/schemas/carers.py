"""Carers, their papers, how they are taken on, when they can."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Base64Bytes, Field

from services.roster.commands.carers import CarerDetails, Home, Wishes
from services.roster.domain.credential import Paper
from services.roster.schemas.availability import AbsenceOut, WeeklyHoursOut
from services.roster.schemas.values import Codes, Latitude, Longitude, PlaceOut
from shared.contracts.roster import CapFacts, GoalFacts, SmallestFacts
from shared.http.schema import Body, LongText, Out, Text

_Minutes = Annotated[int, Field(ge=0, le=100_000)]
_Count = Annotated[int, Field(ge=0, le=1000)]
_Kilometres = Annotated[int, Field(ge=0, le=500)]


class HomeIn(Body):
    latitude: Latitude
    longitude: Longitude
    zone: Text
    area: Text
    address: Text | None = None


class PaperIn(Body):
    """A paper, good from the first through the last day; `checked` where the caller has seen it and it is good."""

    kind: Text
    valid_from: date
    valid_until: date | None = None
    number: Text | None = None
    issuer: Text | None = None
    training_hours: Annotated[int, Field(ge=0, le=10_000)] | None = None
    checked: bool = False

    def paper(self) -> Paper:
        """The same, as the command takes it."""
        return Paper(**self.model_dump())


class CapsIn(Body):
    """The most a carer wants; what is left out has no limit of theirs."""

    week_minutes: _Minutes | None = None
    nights_a_week: _Count | None = None
    consecutive_late_evenings: _Count | None = None
    families_at_once: _Count | None = None
    new_families_a_month: _Count | None = None


class SmallestIn(Body):
    """The least a carer comes out for, in minutes."""

    visit_minutes: _Minutes = 0
    day_minutes: _Minutes = 0
    week_minutes: _Minutes = 0


class GoalsIn(Body):
    week_minutes: _Minutes | None = None
    nights_a_week: _Count | None = None


class WishesIn(Body):
    """What a carer chooses for themself; all of it is given each time."""

    transport: Text
    max_distance_km: _Kilometres
    distances_km: Annotated[dict[Text, _Kilometres], Field(max_length=10)] = Field(default_factory=dict)
    opt_ins: Codes = ()
    caps: CapsIn = CapsIn()
    smallest: SmallestIn = SmallestIn()
    goals: GoalsIn = GoalsIn()
    excluded_family_ids: Annotated[tuple[UUID, ...], Field(max_length=200)] = ()

    def wishes(self) -> Wishes:
        """The same, as the command takes it."""
        return Wishes(
            transport=self.transport,
            max_distance_km=self.max_distance_km,
            distances_km=dict(self.distances_km),
            opt_ins=self.opt_ins,
            caps=CapFacts(**self.caps.model_dump()),
            smallest=SmallestFacts(**self.smallest.model_dump()),
            goals=GoalFacts(**self.goals.model_dump()),
            excluded_family_ids=self.excluded_family_ids,
        )


class CarerDetailsIn(WishesIn):
    """Everything the desk knows of a carer but papers; a change gives all of it again."""

    first_name: Text
    last_name: Text
    phone: Text | None = None
    email: Text | None = None
    modes: Codes
    home: HomeIn
    languages: Codes
    skills: Codes = ()
    own_children_born: Annotated[tuple[date, ...], Field(max_length=30)] = ()
    affiliation: Text = "independent"
    pets: Codes = ()
    smoker: bool = False
    assistant: bool = False
    standby_week_minutes: _Minutes | None = None
    reference: Text | None = None

    def details(self) -> CarerDetails:
        """The same, as the command takes it."""
        return CarerDetails(
            first_name=self.first_name,
            last_name=self.last_name,
            phone=self.phone,
            email=self.email,
            modes=self.modes,
            home=Home(**self.home.model_dump()),
            languages=self.languages,
            skills=self.skills,
            own_children_born=self.own_children_born,
            affiliation=self.affiliation,
            pets=self.pets,
            smoker=self.smoker,
            assistant=self.assistant,
            standby_week_minutes=self.standby_week_minutes,
            reference=self.reference,
            wishes=self.wishes(),
        )


class CarerIn(CarerDetailsIn):
    """A carer to register; `carer_id` only for a person another desk knows already.

    `cleared_on` is the day from which they may be sent, where they were taken on before; else step by step.
    """

    carer_id: UUID | None = None
    cleared_on: date | None = None
    credentials: Annotated[tuple[PaperIn, ...], Field(max_length=100)] = ()

    def papers(self) -> tuple[Paper, ...]:
        """The papers, as the command takes them."""
        return tuple(each.paper() for each in self.credentials)


class PhotoIn(Body):
    """A picture in base64."""

    media_type: Text
    picture: Base64Bytes


class StepIn(Body):
    """A step of taking a carer on: screening, introduction, coach or review."""

    step: Text
    on: date
    who: Text
    note: LongText = ""


class ClearIn(Body):
    on: date


class CheckPaperIn(Body):
    found_good: bool


class WithdrawPaperIn(Body):
    reason: Text


class CreditIn(Body):
    on: date
    minutes: Annotated[int, Field(ge=-10_080, le=10_080)]
    why: Text


class CarerIdOut(Out):
    carer_id: UUID


class CredentialIdOut(Out):
    credential_id: UUID


class CredentialOut(Out):
    """A paper; it counts when somebody looked (`found_good`), it wasn't withdrawn, and the day is one it is good on."""

    credential_id: UUID
    kind: str
    number: str | None
    issuer: str | None
    valid_from: date
    valid_until: date | None
    training_hours: int | None
    added_at: datetime
    found_good: bool | None
    checked_at: datetime | None
    checked_name: str | None
    withdrawn_at: datetime | None


class TouchedOut(Out):
    visit_id: UUID
    kind: str
    at: datetime


class PapersOut(Out):
    """`required` is what the country asks for by mode; `touched` are visits to come that lack a paper."""

    papers: tuple[CredentialOut, ...]
    required: dict[str, tuple[str, ...]]
    touched: tuple[TouchedOut, ...]


class StepOut(Out):
    step: str
    on: date
    who: str
    note: str
    recorded_at: datetime


class CarerLineOut(Out):
    carer_id: UUID
    version: int
    first_name: str
    last_name: str
    phone: str | None
    email: str | None
    modes: tuple[str, ...]
    area: str
    languages: tuple[str, ...]
    transport: str
    skills: tuple[str, ...]
    affiliation: str
    standby_week_minutes: int | None
    cleared_on: date | None
    left_on: date | None
    has_photo: bool


class WishesOut(Out):
    transport: str
    max_distance_km: int
    distances_km: dict[str, int]
    opt_ins: tuple[str, ...]
    caps: CapsIn
    smallest: SmallestIn
    goals: GoalsIn
    excluded_family_ids: tuple[UUID, ...]


class CarerOut(CarerLineOut):
    """Everything of one carer; absences that are not over yet."""

    max_distance_km: int
    distances_km: dict[str, int]
    opt_ins: tuple[str, ...]
    caps: CapsIn
    smallest: SmallestIn
    goals: GoalsIn
    excluded_family_ids: tuple[UUID, ...]
    own_children_born: tuple[date, ...]
    pets: tuple[str, ...]
    smoker: bool
    assistant: bool
    reference: str | None
    home: PlaceOut
    credentials: tuple[CredentialOut, ...]
    steps: tuple[StepOut, ...]
    open_steps: tuple[str, ...]
    weekly: tuple[WeeklyHoursOut, ...]
    absences: tuple[AbsenceOut, ...]


class CarerHistoryOut(Out):
    at: datetime
    what: str
    facts: dict[str, Any]
    account_name: str


class CarerHistoriesOut(Out):
    rows: tuple[CarerHistoryOut, ...]
