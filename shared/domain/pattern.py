"""From wall clock to instants: one-off times, weekly patterns, and which hours are atypical."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from shared.domain.errors import Invalid
from shared.domain.values import TimeWindow

LONGEST_ROTATION_WEEKS = 8


class Edge(StrEnum):
    START = "start"
    END = "end"


class Mark(StrEnum):
    """What is worth telling about an instant found for a wall-clock time."""

    CLOCK_CHANGE = "clock_change"


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

    The first and last day are those on which a visit may start; without a last day the pattern goes on.
    """

    weeks: int
    slots: tuple[Slot, ...]
    starts_on: date
    ends_on: date | None = None

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


def occurrences(pattern: WeeklyPattern, zone: str, from_date: date, until_date: date) -> list[Occurrence]:
    """The pattern's visits that start on a local day from `from_date` through `until_date`, in order.

    A visit the clock change would swallow whole keeps its length on the clock after it.
    """
    day = max(from_date, pattern.starts_on)
    last = until_date if pattern.ends_on is None else min(until_date, pattern.ends_on)
    first_monday = pattern.starts_on - timedelta(days=pattern.starts_on.weekday())
    found = []
    while day <= last:
        week = (day - first_monday).days // 7 % pattern.weeks
        found += [
            _occurrence(slot, day, zone) for slot in pattern.slots if (slot.week, slot.weekday) == (week, day.weekday())
        ]
        day += timedelta(days=1)
    return sorted(found, key=lambda each: (each.start, each.end))


def _occurrence(slot: Slot, day: date, zone: str) -> Occurrence:
    opens = datetime.combine(day, slot.start)
    closes = datetime.combine(day if slot.end > slot.start else day + timedelta(days=1), slot.end)
    start, start_mark = instant(opens, zone, pattern=True, edge=Edge.START)
    end, end_mark = instant(closes, zone, pattern=True, edge=Edge.END)
    if end <= start:
        end = start + (closes - opens)
    return Occurrence(date=day, start=start, end=end, mark=start_mark or end_mark)


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
