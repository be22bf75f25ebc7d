"""When carers can and can't."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.roster.domain.availability import Rotation
from shared.contracts.roster import LeaveBy, QuietHours, WeeklyHours
from shared.domain.values import TimeWindow
from shared.http.schema import Body, ClockTime, InstantIn, Out, Text


class WeeklyHoursIn(Body):
    """Free on this weekday (Monday is 0), local time; an end not after the start is the next day's."""

    weekday: Annotated[int, Field(ge=0, le=6)]
    start: ClockTime
    end: ClockTime
    week: Annotated[int, Field(ge=0, le=7)] = 0


class QuietHoursIn(Body):
    """No message from start to end, local time."""

    start: ClockTime
    end: ClockTime


class LeaveByIn(Body):
    """On this weekday no visit goes on past this time."""

    weekday: Annotated[int, Field(ge=0, le=6)]
    at: ClockTime


class AvailabilityIn(Body):
    """The whole rotation: of how many weeks, from which Monday on, and free when in each."""

    weekly: Annotated[tuple[WeeklyHoursIn, ...], Field(max_length=400)]
    weeks: Annotated[int, Field(ge=1, le=8)] = 1
    first_monday: date | None = None
    on_holidays: bool = True
    quiet: Annotated[tuple[QuietHoursIn, ...], Field(max_length=10)] = ()
    urgent_in_quiet: bool = False
    leave_by: Annotated[tuple[LeaveByIn, ...], Field(max_length=20)] = ()

    def rotation(self) -> Rotation:
        """The same, as the command takes it."""
        return Rotation(
            weekly=tuple(WeeklyHours(**each.model_dump()) for each in self.weekly),
            weeks=self.weeks,
            first_monday=self.first_monday,
            on_holidays=self.on_holidays,
            quiet=tuple(QuietHours(**each.model_dump()) for each in self.quiet),
            urgent_in_quiet=self.urgent_in_quiet,
            leave_by=tuple(LeaveBy(**each.model_dump()) for each in self.leave_by),
        )


class StretchIn(Body):
    start: InstantIn
    end: InstantIn


class ExceptionsIn(Body):
    """Stretches that differ from the rotation: free after all, or busy after all."""

    exceptions: Annotated[tuple[StretchIn, ...], Field(min_length=1, max_length=100)]
    free: bool

    def windows(self) -> tuple[TimeWindow, ...]:
        """The same, as the command takes it."""
        return tuple(TimeWindow(each.start, each.end) for each in self.exceptions)


class CalendarIn(Body):
    """A calendar of the carer's own, by its address (https:// or webcal://); its times are busy."""

    name: Text
    url: Annotated[str, Field(min_length=1, max_length=2000)]


class AbsenceIn(Body):
    """From then to then, or to one visit. Only a class of reason is kept: sick, family, holiday or other."""

    reason: Text
    start: InstantIn | None = None
    end: InstantIn | None = None
    visit_id: UUID | None = None


class ReturnIn(Body):
    at: InstantIn | None = None


class AbsenceIdOut(Out):
    absence_id: UUID


class FeedIdOut(Out):
    feed_id: UUID


class ExceptionIdsOut(Out):
    exception_ids: tuple[UUID, ...]


class WeeklyHoursOut(Out):
    week: int = 0
    weekday: int
    start: ClockTime
    end: ClockTime


class QuietHoursOut(Out):
    start: ClockTime
    end: ClockTime


class LeaveByOut(Out):
    weekday: int
    at: ClockTime


class ExceptionOut(Out):
    """`source`: said, tonight or calendar; only what was said can be taken back."""

    exception_id: UUID
    start: datetime
    end: datetime
    free: bool
    source: str


class CalendarOut(Out):
    """A calendar subscribed to. Its address is a secret and isn't shown again."""

    feed_id: UUID
    name: str
    added_at: datetime
    read_at: datetime | None
    trouble: str | None
    busy_times: int


class AvailabilityOut(Out):
    """The whole rotation, in the zone of the carer's home, and what differs from it from now on."""

    zone: str
    weekly: tuple[WeeklyHoursOut, ...]
    weeks: int
    first_monday: date | None
    on_holidays: bool
    quiet: tuple[QuietHoursOut, ...]
    urgent_in_quiet: bool
    leave_by: tuple[LeaveByOut, ...]
    exceptions: tuple[ExceptionOut, ...]
    calendars: tuple[CalendarOut, ...]


class AbsenceOut(Out):
    absence_id: UUID
    start: datetime
    end: datetime
    reason: str
    returned_at: datetime | None = None


class MyAbsencesOut(Out):
    rows: tuple[AbsenceOut, ...]
