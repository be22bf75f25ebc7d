"""What comes in and goes out over HTTP."""

from datetime import date, datetime, time
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from services.request.domain.progress import VisitState
from shared.domain.sharing import SplitRule
from shared.http.schema import Body, InstantIn, LongText, Out, Text
from shared.jurisdictions.packs import CareMode


def _day_in_reach(value: date) -> date:
    if not 1900 <= value.year <= 2100:
        raise ValueError("a year between 1900 and 2100 is expected")
    return value


Day = Annotated[date, AfterValidator(_day_in_reach)]
# On the clock of the home; that it takes no zone is said by the domain, which knows which clock is meant.
LocalTime = Annotated[datetime, AfterValidator(_day_in_reach)]
Language = Annotated[str, Field(pattern="^[a-z]{2}$")]
Phone = Annotated[str, Field(min_length=3, max_length=40)]
Email = Annotated[str, Field(min_length=3, max_length=254, pattern="^[^@ ]+@[^@ ]+$")]
Words = Annotated[tuple[Text, ...], Field(max_length=30)]
Ids = Annotated[tuple[UUID, ...], Field(max_length=100)]


class ChildIn(Body):
    first_name: Text
    born: Day
    care_needs: Words = ()
    allergies: Words = ()


class KnownChildIn(ChildIn):
    """`child_id` names a child known already; a child without one is new."""

    child_id: UUID | None = None


class HomeIn(Body):
    """`area` is all that a carer sees before a yes; `zone` is an IANA name."""

    latitude: float
    longitude: float
    zone: Text
    area: Text
    address: Text | None = None


class FamilyIn(Body):
    name: Text
    language: Language
    home: HomeIn
    children: Annotated[tuple[ChildIn, ...], Field(max_length=20)]
    phone: Phone | None = None
    email: Email | None = None
    favourite_carer_ids: Ids = ()
    excluded_carer_ids: Ids = ()


class FamilyChangeIn(FamilyIn):
    """All that the family tells now; a child that is not named any more leaves. `version` is the one that was read."""

    children: Annotated[tuple[KnownChildIn, ...], Field(max_length=20)]
    version: int | None = None


class FamilyKeptOut(Out):
    family_id: UUID
    version: int
    child_ids: tuple[UUID, ...]


class FamilyRowOut(Out):
    """A family in a list: nothing about its children but how many they are."""

    family_id: UUID
    name: str
    phone: str | None
    area: str
    children: int


class HomeOut(Out):
    place_id: UUID
    latitude: float
    longitude: float
    zone: str
    area: str
    address: str | None


class ChildOut(Out):
    child_id: UUID
    first_name: str
    born: date
    age_months: int
    care_needs: tuple[str, ...]
    allergies: tuple[str, ...]


class FamilyOut(Out):
    family_id: UUID
    version: int
    name: str
    language: str
    phone: str | None
    email: str | None
    home: HomeOut
    children: tuple[ChildOut, ...]
    favourite_carer_ids: tuple[UUID, ...]
    excluded_carer_ids: tuple[UUID, ...]


class ConsentIn(Body):
    """A family's yes: who said it, and when."""

    family_id: UUID
    said_by: Text
    said_at: InstantIn


class SharedCareIn(Body):
    """The consents of all families who share, the host's included; the care is given at the host's home."""

    host_family_id: UUID
    rule: SplitRule
    valid_from: Day
    consents: Annotated[tuple[ConsentIn, ...], Field(max_length=20)]


class SharedCareEndIn(Body):
    """`valid_until` is the last day on which the care is shared."""

    valid_until: Day


class SharedCareKeptOut(Out):
    shared_care_id: UUID
    version: int
    valid_from: date
    valid_until: date | None


class ConsentOut(Out):
    family_id: UUID
    said_by: str
    said_at: datetime
    recorded_at: datetime


class SharedCareOut(Out):
    shared_care_id: UUID
    version: int
    host_family_id: UUID
    rule: str
    valid_from: date
    valid_until: date | None
    consents: tuple[ConsentOut, ...]


class VisitIn(Body):
    """Instants with their offset (`start`, `end`), or the times on the home's clock (`start_local`, `end_local`)."""

    start: InstantIn | None = None
    end: InstantIn | None = None
    start_local: LocalTime | None = None
    end_local: LocalTime | None = None


class SlotIn(Body):
    """Monday is 0; times are on the home's clock, an end not after the start is the next day's."""

    week: int = 0
    weekday: int
    start: time
    end: time


class PatternIn(Body):
    """A rotation of `weeks` weeks; without `ends_on` it goes on until it is amended or withdrawn."""

    starts_on: Day
    ends_on: Day | None = None
    weeks: int = 1
    slots: Annotated[tuple[SlotIn, ...], Field(max_length=100)]


class MyCareRequestIn(Body):
    """Either one `visit` or a `pattern`; without `child_ids` it is for all children."""

    child_ids: Ids | None = None
    mode: CareMode
    urgent: bool = False
    reason: LongText | None = None
    skills: Words = ()
    shared_care_id: UUID | None = None
    visit: VisitIn | None = None
    pattern: PatternIn | None = None


class CareRequestIn(MyCareRequestIn):
    """Either one `visit` or a `pattern`; without `child_ids` it is for all children. `reason` stays at the desk."""

    family_id: UUID


class CareRequestAmendIn(Body):
    """What changes; what is left out stays.

    `visit` or `pattern` replaces all that lies ahead; with `visit_id`, `visit` changes that visit alone.
    `version` is the one that was read.
    """

    version: int | None = None
    mode: CareMode | None = None
    child_ids: Ids | None = None
    skills: Words | None = None
    visit: VisitIn | None = None
    visit_id: UUID | None = None
    pattern: PatternIn | None = None
    removed_visit_ids: Ids = ()
    why: LongText | None = None


class WithdrawIn(Body):
    why: LongText | None = None


class AskedVisitOut(Out):
    """A visit as it is asked for now; its id never changes, its version counts its changes."""

    visit_id: UUID
    version: int
    start: Annotated[datetime, Field(validation_alias="starts_at")]
    end: Annotated[datetime, Field(validation_alias="ends_at")]
    zone: str
    clock_change: bool


class CareRequestKeptOut(Out):
    """A care request as it stands now, with its visits ahead."""

    care_request_id: UUID
    version: int
    state: str
    visits: tuple[AskedVisitOut, ...]


class AskedChildOut(Out):
    child_id: UUID
    first_name: str
    age_months: int | None


class VisitOut(Out):
    """What became of a visit: `accepted` is being confirmed, only `certain` may be promised to the family."""

    visit_id: UUID
    version: int
    start: datetime
    end: datetime
    start_local: str
    end_local: str
    zone: str
    mode: str
    child_ids: tuple[UUID, ...]
    skills: tuple[str, ...]
    shared_care_id: UUID | None
    clock_change: bool
    state: VisitState
    carer_id: UUID | None
    carer_name: str | None
    rostered_start: datetime | None
    rostered_end: datetime | None
    refusal: str | None


class SlotOut(Out):
    week: int
    weekday: int
    start: time
    end: time


class PatternOut(Out):
    starts_on: date
    ends_on: date | None
    weeks: int
    slots: tuple[SlotOut, ...]


class CareRequestOut(Out):
    """A request with its visits; `reason` only for the desk, when one request is read."""

    care_request_id: UUID
    version: int
    family_id: UUID
    family_name: str
    kind: str
    state: str
    mode: str
    urgent: bool
    skills: tuple[str, ...]
    area: str
    opened_at: datetime
    shared_care_id: UUID | None
    pattern: PatternOut | None
    children: tuple[AskedChildOut, ...]
    visits: tuple[VisitOut, ...]
    reason: str | None


class ReasonOut(Out):
    """How many carers a rule kept away, or said no."""

    code: str
    count: int


class UnmetOut(Out):
    """A visit nobody was found for, as it was asked for then, and what became of it since."""

    unmet_id: UUID
    visit_id: UUID
    visit_version: int
    care_request_id: UUID
    family_id: UUID
    starts_at: datetime
    ends_at: datetime
    zone: str
    area: str
    mode: str
    urgent: bool
    children: int
    asked_at: datetime
    reasons: tuple[ReasonOut, ...]
    recorded_at: datetime
    state_now: VisitState


class PolicyIn(Body):
    """The desk's choices from `valid_from` on; all of them, so that what holds can be read in one place.

    `longest_visit_minutes` can only shorten what the country's rules allow; none means those rules alone.
    """

    valid_from: Day
    weeks_ahead: int
    horizon_step_days: int
    urgent_grace_minutes: Annotated[int, Field(le=24 * 60)]
    longest_visit_minutes: Annotated[int, Field(le=7 * 24 * 60)] | None = None


class PolicyOut(Out):
    valid_from: date
    weeks_ahead: int
    horizon_step_days: int
    urgent_grace_minutes: int
    longest_visit_minutes: int | None
