"""When a carer is free: a rotation of weeks on the clock of their home, and what differs from it, the latest word first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from shared.contracts.roster import LeaveBy, QuietHours, WeeklyHours
from shared.domain.errors import Invalid
from shared.domain.pattern import LONGEST_ROTATION_WEEKS, Edge, instant
from shared.domain.values import TimeWindow

_DAY_MINUTES = 24 * 60
_WEEK_MINUTES = 7 * _DAY_MINUTES
_A_DAY = timedelta(days=1)
LONGEST_EXCEPTION = timedelta(days=92)
MOST_EXCEPTIONS = 200
# Exceptions are told so far ahead, and again as time goes on.
TOLD_AHEAD = timedelta(weeks=9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """Free at these hours, week by week of a rotation that begins in the week of `first_monday`.

    Quiet hours are when no message comes; at a `leave_by` no visit goes on, though one may begin after it.
    """

    weekly: tuple[WeeklyHours, ...] = ()
    weeks: int = 1
    first_monday: date | None = None
    on_holidays: bool = True
    quiet: tuple[QuietHours, ...] = ()
    urgent_in_quiet: bool = False
    leave_by: tuple[LeaveBy, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Differs:
    """A stretch that is free after all, or busy after all."""

    window: TimeWindow
    free: bool
    said_at: datetime


def check_rotation(rotation: Rotation) -> None:
    """Raises Invalid for weeks that are none, a time with a zone, or hours that overlap, Sunday night included."""
    if not 1 <= rotation.weeks <= LONGEST_ROTATION_WEEKS:
        raise Invalid(f"A rotation has 1 to {LONGEST_ROTATION_WEEKS} weeks.", pointer="#/weeks")
    if rotation.weeks > 1 and rotation.first_monday is None:
        raise Invalid("Say which Monday the rotation begins on.", pointer="#/first_monday")
    if rotation.first_monday is not None and rotation.first_monday.weekday() != 0:
        raise Invalid(f"{rotation.first_monday} is not a Monday.", pointer="#/first_monday")
    spans = []
    for number, hours in enumerate(rotation.weekly):
        pointer = f"#/weekly/{number}"
        if not 0 <= hours.weekday <= 6:
            raise Invalid("A weekday is 0 (Monday) to 6 (Sunday).", pointer=f"{pointer}/weekday")
        if not 0 <= hours.week < rotation.weeks:
            raise Invalid(f"This rotation has the weeks 0 to {rotation.weeks - 1}.", pointer=f"{pointer}/week")
        _check_no_zone((hours.start, hours.end), pointer)
        start = hours.week * _WEEK_MINUTES + hours.weekday * _DAY_MINUTES + _minutes(hours.start)
        length = (_minutes(hours.end) - _minutes(hours.start)) % _DAY_MINUTES or _DAY_MINUTES
        spans.append((start, start + length, number))
    spans.sort()
    for (_, end, _), (start, _, number) in pairwise(spans):
        _check_apart(end, start, number)
    if spans:
        # The first hours of the rotation come again after the last ones.
        _check_apart(spans[-1][1], spans[0][0] + rotation.weeks * _WEEK_MINUTES, spans[0][2])
    for number, quiet in enumerate(rotation.quiet):
        _check_no_zone((quiet.start, quiet.end), f"#/quiet/{number}")
    days = set()
    for number, leave in enumerate(rotation.leave_by):
        if not 0 <= leave.weekday <= 6:
            raise Invalid("A weekday is 0 (Monday) to 6 (Sunday).", pointer=f"#/leave_by/{number}/weekday")
        _check_no_zone((leave.at,), f"#/leave_by/{number}/at")
        if (leave.weekday, leave.at) in days:
            raise Invalid("This is said twice.", pointer=f"#/leave_by/{number}")
        days.add((leave.weekday, leave.at))


def check_differs(windows: Sequence[TimeWindow], now: datetime) -> None:
    """Raises Invalid for a stretch that is over, too long, or that overlaps another told with it."""
    for number, window in enumerate(windows):
        if window.end <= now:
            raise Invalid("This time is over.", pointer=f"#/exceptions/{number}/end")
        if window.end - window.start > LONGEST_EXCEPTION:
            raise Invalid(
                f"An exception lasts at most {LONGEST_EXCEPTION.days} days; change the week instead.",
                pointer=f"#/exceptions/{number}/end",
            )
        if any(window.overlaps(other) for other in windows[:number]):
            raise Invalid("This overlaps another exception told with it.", pointer=f"#/exceptions/{number}")


def free_windows(
    rotation: Rotation,
    differs: Iterable[Differs],
    zone: str,
    window: TimeWindow,
    holidays: frozenset[date] = frozenset(),
) -> list[TimeWindow]:
    """When the carer is free within the window, in order; a visit fits only where one of these covers it whole.

    `zone` is that of the carer's home. Where the clock changes a gap moves forward, and of a time that exists twice a
    start takes the first and an end the second.
    """
    free = _split(_joined(_pattern(rotation, zone, window, holidays)), _leaving(rotation, zone, window))
    for each in sorted(differs, key=lambda one: (one.said_at, one.window.start)):
        free = _joined([*free, each.window]) if each.free else _without(free, each.window)
    return [part for one in free if (part := one.intersection(window)) is not None]


def is_quiet(rotation: Rotation, zone: str, at: datetime) -> bool:
    """Whether the carer wants no message at this moment."""
    local = at.astimezone(ZoneInfo(zone)).time()
    return any(
        quiet.start <= local < quiet.end if quiet.start < quiet.end else local >= quiet.start or local < quiet.end
        for quiet in rotation.quiet
    )


def _pattern(rotation: Rotation, zone: str, window: TimeWindow, holidays: frozenset[date]) -> list[TimeWindow]:
    local = ZoneInfo(zone)
    day = window.start.astimezone(local).date() - _A_DAY
    last = window.end.astimezone(local).date()
    found = []
    while day <= last:
        if rotation.on_holidays or day not in holidays:
            week = _week_of(rotation, day)
            for hours in rotation.weekly:
                if (hours.week, hours.weekday) == (week, day.weekday()):
                    found.append(_placed(hours, day, zone))
        day += _A_DAY
    return found


def _week_of(rotation: Rotation, day: date) -> int:
    if rotation.weeks == 1 or rotation.first_monday is None:
        return 0
    return (day - rotation.first_monday).days // 7 % rotation.weeks


def _placed(hours: WeeklyHours, day: date, zone: str) -> TimeWindow:
    opens = datetime.combine(day, hours.start)
    closes = datetime.combine(day if hours.end > hours.start else day + _A_DAY, hours.end)
    start, _ = instant(opens, zone, pattern=True, edge=Edge.START)
    end, _ = instant(closes, zone, pattern=True, edge=Edge.END)
    return TimeWindow(start, end if end > start else start + (closes - opens))


def _leaving(rotation: Rotation, zone: str, window: TimeWindow) -> list[datetime]:
    local = ZoneInfo(zone)
    day = window.start.astimezone(local).date() - _A_DAY
    last = window.end.astimezone(local).date()
    found = []
    while day <= last:
        found += [
            instant(datetime.combine(day, leave.at), zone, pattern=True, edge=Edge.END)[0]
            for leave in rotation.leave_by
            if leave.weekday == day.weekday()
        ]
        day += _A_DAY
    return found


def _joined(windows: Iterable[TimeWindow]) -> list[TimeWindow]:
    joined: list[TimeWindow] = []
    for window in sorted(windows, key=lambda each: (each.start, each.end)):
        if joined and window.start <= joined[-1].end:
            joined[-1] = TimeWindow(joined[-1].start, max(joined[-1].end, window.end))
        else:
            joined.append(window)
    return joined


def _split(windows: Iterable[TimeWindow], cuts: Sequence[datetime]) -> list[TimeWindow]:
    found = []
    for window in windows:
        edges = [window.start, *sorted(cut for cut in cuts if window.start < cut < window.end), window.end]
        found += [TimeWindow(start, end) for start, end in pairwise(edges)]
    return found


def _without(windows: Iterable[TimeWindow], busy: TimeWindow) -> list[TimeWindow]:
    found = []
    for window in windows:
        if not window.overlaps(busy):
            found.append(window)
            continue
        if window.start < busy.start:
            found.append(TimeWindow(window.start, busy.start))
        if busy.end < window.end:
            found.append(TimeWindow(busy.end, window.end))
    return found


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def _check_no_zone(times: Iterable[time], pointer: str) -> None:
    if any(each.tzinfo is not None for each in times):
        raise Invalid("These are times on the clock at home, without a zone.", pointer=pointer)


def _check_apart(end: int, start: int, number: int) -> None:
    if start < end:
        raise Invalid("These hours overlap others of the same week: join them.", pointer=f"#/weekly/{number}")
