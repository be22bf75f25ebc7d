"""From wall clock to instants: one-off times, rotations with their holidays, and which hours are atypical."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from shared.domain.errors import Invalid
from shared.domain.values import TimeWindow

LONGEST_ROTATION_WEEKS = 8
# Two visits a day for a year: a count beyond it is a slip of the pen.
MOST_VISITS_COUNTED = 1000


class Edge(StrEnum):
    START = "start"
    END = "end"


class Mark(StrEnum):
    """What is worth telling about an instant found for a wall-clock time."""

    CLOCK_CHANGE = "clock_change"


class Days(StrEnum):
    """How a pattern treats holidays: as other days, never on them, or on them only."""

    WITH = "with"
    WITHOUT = "without"
    ONLY = "only"

    def allows(self, is_holiday: bool) -> bool:
        return self is Days.WITH or is_holiday == (self is Days.ONLY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holidays:
    """The days that are public holidays, and those on which schools are closed."""

    public: frozenset[date] = frozenset()
    school: frozenset[date] = frozenset()


NO_HOLIDAYS = Holidays()


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """In this week of the rotation, on this weekday (Monday is 0); an end not after the start is the next day's."""

    week: int
    weekday: int
    start: time
    end: time


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyPattern:
    """A rotation of one to eight weeks. Its first week is the calendar week (Monday first) that `starts_on` lies in.

    The first and last day are those on which a visit may start. It ends on its last day or after so many visits,
    whichever comes first; without either it goes on. A visit starts on a holiday only where the pattern has it so.
    """

    weeks: int
    slots: tuple[Slot, ...]
    starts_on: date
    ends_on: date | None = None
    count: int | None = None
    public_holidays: Days = Days.WITH
    school_holidays: Days = Days.WITH

    def __post_init__(self) -> None:
        if not 1 <= self.weeks <= LONGEST_ROTATION_WEEKS:
            raise Invalid(f"A pattern repeats after 1 to {LONGEST_ROTATION_WEEKS} weeks.", pointer="#/pattern/weeks")
        if not self.slots:
            raise Invalid("A pattern needs at least one time in the week.", pointer="#/pattern/slots")
        for number, slot in enumerate(self.slots):
            pointer = f"#/pattern/slots/{number}"
            if not 0 <= slot.week < self.weeks:
                raise Invalid(f"This pattern has the weeks 0 to {self.weeks - 1}.", pointer=f"{pointer}/week")
            if not 0 <= slot.weekday <= 6:
                raise Invalid("A weekday is 0 (Monday) to 6 (Sunday).", pointer=f"{pointer}/weekday")
            if slot.start.tzinfo is not None or slot.end.tzinfo is not None:
                raise Invalid("A pattern's times are those on the place's clock, without a zone.", pointer=pointer)
        if self.ends_on is not None and self.ends_on < self.starts_on:
            raise Invalid("The pattern's last day comes before its first.", pointer="#/pattern/ends_on")
        if self.count is not None and not 1 <= self.count <= MOST_VISITS_COUNTED:
            raise Invalid(f"A pattern ends after 1 to {MOST_VISITS_COUNTED} visits.", pointer="#/pattern/count")

    @property
    def first_monday(self) -> date:
        """The day the rotation's first week begins."""
        return monday_of(self.starts_on)

    @property
    def asks_for_school_holidays(self) -> bool:
        return self.school_holidays is not Days.WITH

    def has_a_last_visit(self) -> bool:
        """Whether the pattern ends by itself."""
        return self.ends_on is not None or self.count is not None

    def days(self, from_date: date, until_date: date, holidays: Holidays) -> Iterator[tuple[date, Slot]]:
        """The local days from one through another on which a visit starts, each with its slot, in order of day.

        Where the pattern ends after so many visits, those before `from_date` count too.
        """
        counted = 0
        day = self.starts_on if self.count is not None else max(from_date, self.starts_on)
        last = until_date if self.ends_on is None else min(until_date, self.ends_on)
        while day <= last:
            for slot in self._slots_on(day, holidays):
                counted += 1
                if self.count is not None and counted > self.count:
                    return
                if day >= from_date:
                    yield day, slot
            day += timedelta(days=1)

    def _slots_on(self, day: date, holidays: Holidays) -> list[Slot]:
        if not self.public_holidays.allows(day in holidays.public):
            return []
        if not self.school_holidays.allows(day in holidays.school):
            return []
        week = (day - self.first_monday).days // 7 % self.weeks
        asked = [slot for slot in self.slots if (slot.week, slot.weekday) == (week, day.weekday())]
        return sorted(asked, key=lambda slot: (slot.start, slot.end))


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One visit of a pattern: the local day it starts on, and its UTC instants."""

    date: date
    start: datetime
    end: datetime
    mark: Mark | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AtypicalHours:
    """Before and after these local times, on these weekdays (Monday is 0) and, if so, on public holidays."""

    before: time
    after: time
    weekdays: tuple[int, ...]
    holidays: bool
    source: str


def instant(
    local: datetime, zone: str, *, pattern: bool = False, edge: Edge = Edge.START, pointer: str = "#"
) -> tuple[datetime, Mark | None]:
    """The UTC instant of a wall-clock time in a zone, marked where the clock changed.

    A one-off time that doesn't exist or exists twice raises Invalid, naming both instants. In a pattern a time that
    doesn't exist moves forward by as much as the clock did; of one that exists twice a start takes the first and an
    end the second. Also raises Invalid for a time that has a zone already.
    """
    if local.tzinfo is not None:
        raise Invalid("This time is one on the place's clock and takes no zone.", pointer=pointer)
    placed = local.replace(tzinfo=ZoneInfo(zone), fold=0)
    before, after = placed.astimezone(UTC), placed.replace(fold=1).astimezone(UTC)
    if before == after:
        return before, None
    exists_twice = before < after
    if pattern:
        return (after if exists_twice and edge is Edge.END else before), Mark.CLOCK_CHANGE
    first, second = (each.astimezone(ZoneInfo(zone)).isoformat() for each in sorted((before, after)))
    what = "exists twice" if exists_twice else "doesn't exist"
    raise Invalid(
        f"{local.isoformat(sep=' ', timespec='minutes')} {what} in {zone}, where the clock changes: "
        f"choose {first} or {second}.",
        pointer=pointer,
        code="clock-change",
    )


def occurrences(
    pattern: WeeklyPattern, zone: str, from_date: date, until_date: date, holidays: Holidays = NO_HOLIDAYS
) -> list[Occurrence]:
    """The pattern's visits that start on a local day from `from_date` through `until_date`, in order.

    A visit the clock change would swallow whole keeps its length on the clock after it.
    """
    found = [_occurrence(slot, day, zone) for day, slot in pattern.days(from_date, until_date, holidays)]
    return sorted(found, key=lambda each: (each.start, each.end))


def on_the_clock(day: date, slot: Slot) -> tuple[datetime, datetime]:
    """A slot's start and end on the clock of its place, on a day it starts."""
    closing_day = day if slot.end > slot.start else day + timedelta(days=1)
    return datetime.combine(day, slot.start), datetime.combine(closing_day, slot.end)


def _occurrence(slot: Slot, day: date, zone: str) -> Occurrence:
    opens, closes = on_the_clock(day, slot)
    start, start_mark = instant(opens, zone, pattern=True, edge=Edge.START)
    end, end_mark = instant(closes, zone, pattern=True, edge=Edge.END)
    if end <= start:
        end = start + (closes - opens)
    return Occurrence(date=day, start=start, end=end, mark=start_mark or end_mark)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Seen:
    """A visit as the clock of its place had it: the day it starts on, from when until when."""

    on: date
    start: time
    end: time


def recognise(
    seen: Iterable[Seen], first: date, last: date, *, ignoring: frozenset[date] = frozenset()
) -> WeeklyPattern | None:
    """The shortest rotation that has exactly these visits on the days from one through another, or None.

    Nothing is asked of the days to ignore (holidays, say), nor of visits outside the two days.
    """
    visits = sorted(each for each in set(seen) if first <= each.on <= last and each.on not in ignoring)
    if not visits:
        return None
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    looked_at = [day for day in days if day not in ignoring]
    for weeks in range(1, LONGEST_ROTATION_WEEKS + 1):
        slots = _rotation(visits, looked_at, monday_of(first), weeks)
        if slots is not None:
            return WeeklyPattern(weeks=weeks, slots=slots, starts_on=first, ends_on=last)
    return None


def monday_of(day: date) -> date:
    """The Monday of the calendar week a day lies in."""
    return day - timedelta(days=day.weekday())


def _rotation(visits: list[Seen], days: list[date], first_monday: date, weeks: int) -> tuple[Slot, ...] | None:
    """The slots of a rotation of so many weeks; None when two days that should be alike are not."""
    by_day: dict[date, list[tuple[time, time]]] = {}
    for each in visits:
        by_day.setdefault(each.on, []).append((each.start, each.end))
    found: dict[tuple[int, int], list[tuple[time, time]]] = {}
    for day in days:
        place = ((day - first_monday).days // 7 % weeks, day.weekday())
        hours = by_day.get(day, [])
        if found.setdefault(place, hours) != hours:
            return None
    return tuple(
        Slot(week=week, weekday=weekday, start=start, end=end)
        for (week, weekday), hours in sorted(found.items())
        for start, end in hours
    )


def is_atypical(window: TimeWindow, zone: str, hours: AtypicalHours, holidays: frozenset[date] = frozenset()) -> bool:
    """Whether any part of the window lies at atypical hours by the place's clock (Flanders: 1:R03, lines 1226-1237).

    07:00 to 18:00 on a working day is ordinary; a start at 06:59 or an end at 18:01 is not.
    """
    local = ZoneInfo(zone)
    start, end = window.start.astimezone(local), (window.end - timedelta(microseconds=1)).astimezone(local)
    days = [start.date() + timedelta(days=number) for number in range((end.date() - start.date()).days + 1)]
    if len(days) > 1 or start.time() < hours.before or end.time() >= hours.after:
        return True
    return days[0].weekday() in hours.weekdays or (hours.holidays and days[0] in holidays)
