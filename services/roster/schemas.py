"""What comes in and goes out over HTTP."""

from datetime import date, datetime, time
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from services.roster.commands import CarerDetails, Home
from shared.contracts.roster import CredentialFacts, WeeklyHours
from shared.http.schema import Body, InstantIn, LongText, Out, Text

_Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
_Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
_Codes = Annotated[tuple[Text, ...], Field(max_length=50)]
_Amount = Annotated[int, Field(ge=0, le=100_000)]


class HomeIn(Body):
    latitude: _Latitude
    longitude: _Longitude
    zone: Text
    area: Text
    address: Text | None = None


class CredentialIn(Body):
    """A paper, good from the first through the last day."""

    kind: Text
    valid_from: date
    valid_until: date | None = None


class CarerDetailsIn(Body):
    """Everything the desk knows of a carer; a change gives all of it again."""

    first_name: Text
    last_name: Text
    phone: Text | None = None
    email: Text | None = None
    modes: _Codes
    home: HomeIn
    languages: _Codes
    transport: Text
    max_distance_km: Annotated[int, Field(ge=0, le=500)]
    skills: _Codes = ()
    opt_ins: _Codes = ()
    credentials: Annotated[tuple[CredentialIn, ...], Field(max_length=100)] = ()
    own_children_born: Annotated[tuple[date, ...], Field(max_length=30)] = ()

    def details(self) -> CarerDetails:
        """The same, as the command takes it."""
        plain = self.model_dump(exclude={"carer_id", "home", "credentials"})
        return CarerDetails(
            **plain,
            home=Home(**self.home.model_dump()),
            credentials=tuple(CredentialFacts(**paper.model_dump()) for paper in self.credentials),
        )


class CarerIn(CarerDetailsIn):
    """A carer to register; `carer_id` only for a person another desk knows already."""

    carer_id: UUID | None = None


class WeeklyHoursIn(Body):
    """Free on this weekday (Monday is 0), local time; an end not after the start is the next day's."""

    weekday: Annotated[int, Field(ge=0, le=6)]
    start: time
    end: time


class AvailabilityIn(Body):
    weekly: Annotated[tuple[WeeklyHoursIn, ...], Field(max_length=100)]

    def hours(self) -> tuple[WeeklyHours, ...]:
        """The same, as the command takes it."""
        return tuple(WeeklyHours(**each.model_dump()) for each in self.weekly)


class AbsenceIn(Body):
    """Only a class of reason is kept: sick, family, holiday or other."""

    start: InstantIn
    end: InstantIn
    reason: Text


class ReportIn(Body):
    """A check-in or check-out. Without `happened_at` it is now; the position is the carer's to give or keep."""

    happened_at: InstantIn | None = None
    latitude: _Latitude | None = None
    longitude: _Longitude | None = None


class CancelIn(Body):
    """`by` is family, carer or desk."""

    by: Text
    reason: LongText = ""


class CorrectIn(Body):
    started_at: InstantIn
    ended_at: InstantIn
    reason: LongText


class PolicyIn(Body):
    """What the desk chooses from `valid_from` on, in minutes and metres; what it leaves out stays as it is."""

    valid_from: date
    missing_check_in_after_minutes: _Amount | None = None
    missing_check_out_after_minutes: _Amount | None = None
    missed_after_minutes: _Amount | None = None
    earliest_check_in_minutes: _Amount | None = None
    clock_skew_minutes: _Amount | None = None
    late_after_minutes: _Amount | None = None
    offline_after_minutes: _Amount | None = None
    position_within_metres: _Amount | None = None
    shift_pause_minutes: _Amount | None = None

    def choices(self) -> dict[str, int]:
        """Only what was chosen."""
        chosen: dict[str, int] = self.model_dump(exclude={"valid_from"}, exclude_none=True)
        return chosen


class PolicyOut(Out):
    missing_check_in_after_minutes: int
    missing_check_out_after_minutes: int
    missed_after_minutes: int
    earliest_check_in_minutes: int
    clock_skew_minutes: int
    late_after_minutes: int
    offline_after_minutes: int
    position_within_metres: int
    shift_pause_minutes: int


class CarerIdOut(Out):
    carer_id: UUID


class AbsenceIdOut(Out):
    absence_id: UUID


class PlaceOut(Out):
    place_id: UUID
    latitude: float
    longitude: float
    zone: str
    area: str
    address: str | None


class CredentialOut(Out):
    kind: str
    valid_from: date
    valid_until: date | None


class WeeklyHoursOut(Out):
    weekday: int
    start: time
    end: time


class AvailabilityOut(Out):
    """The whole week, in the zone of the carer's home."""

    zone: str
    weekly: tuple[WeeklyHoursOut, ...]


class AbsenceOut(Out):
    absence_id: UUID
    start: datetime
    end: datetime
    reason: str


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


class CarerOut(CarerLineOut):
    """Everything of one carer; absences that are not over yet."""

    max_distance_km: int
    opt_ins: tuple[str, ...]
    own_children_born: tuple[date, ...]
    home: PlaceOut
    credentials: tuple[CredentialOut, ...]
    weekly: tuple[WeeklyHoursOut, ...]
    absences: tuple[AbsenceOut, ...]


class VisitCarerOut(Out):
    carer_id: UUID
    first_name: str
    last_name: str


class VisitFamilyOut(Out):
    family_id: UUID
    name: str


class FamilyAtDoorOut(VisitFamilyOut):
    phone: str | None


class ChildOut(Out):
    child_id: UUID
    first_name: str
    born: date
    care_needs: tuple[str, ...]
    allergies: tuple[str, ...]


class _VisitOut(Out):
    visit_id: UUID
    version: int
    state: str
    alert: str | None
    start: datetime
    end: datetime
    zone: str
    started_at: datetime | None
    ended_at: datetime | None
    mode: str
    area: str
    shared_care_id: UUID | None
    carer: VisitCarerOut


class VisitLineOut(_VisitOut):
    """A visit on the desk's roster. `alert`: missing_check_in, missing_check_out or carer_absent."""

    family: VisitFamilyOut
    children: tuple[str, ...]


class VisitCardOut(_VisitOut):
    """A visit with all that is needed at the door. `check_in` and `check_out` say how good a proof each is."""

    family: FamilyAtDoorOut
    children: tuple[ChildOut, ...]
    address: str | None
    latitude: float
    longitude: float
    check_in: dict[str, Any] | None
    check_out: dict[str, Any] | None


class HistoryOut(Out):
    version: int
    at: datetime
    what: str
    state: str
    carer_id: UUID
    facts: dict[str, Any]
    account_id: UUID | None


class VisitOut(VisitCardOut):
    """A visit as the desk sees it, with what was known of it when."""

    history: tuple[HistoryOut, ...]


class RosterOut(Out):
    rows: tuple[VisitLineOut, ...]


class MyVisitsOut(Out):
    rows: tuple[VisitCardOut, ...]


class VisitStateOut(Out):
    """Where the visit stands now."""

    visit_id: UUID
    version: int
    state: str
    started_at: datetime | None
    ended_at: datetime | None


class TravelLegOut(Out):
    """A leg to a visit (`in`) or from the last one of a shift (`home`); `how` says how it was reckoned."""

    travel_leg_id: UUID
    carer_id: UUID
    visit_id: UUID
    way: str
    on: date
    at: datetime
    metres: int
    minutes: int
    mode: str
    how: str


class TravelOut(Out):
    rows: tuple[TravelLegOut, ...]
    metres: int
    minutes: int
