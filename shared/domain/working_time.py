"""Whether one more visit leaves a carer enough rest: in elapsed time, so midnight and clock changes don't matter."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.domain.errors import Invalid
from shared.domain.values import TimeWindow

DAY_MINUTES = 24 * 60
WEEK_MINUTES = 7 * DAY_MINUTES
# Of seven days one is the weekly rest, which an average over days of work leaves out.
_WORKING_DAYS = 6
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class NightPeriod:
    """Local times between which work is night work; it goes past midnight when it ends before it starts."""

    starts: time
    ends: time

    def on(self, day: date, zone: str) -> TimeWindow:
        """The period that begins on this local day."""
        local = ZoneInfo(zone)
        last = day if self.ends > self.starts else day + _A_DAY
        return TimeWindow(
            datetime.combine(day, self.starts, local).astimezone(UTC),
            datetime.combine(last, self.ends, local).astimezone(UTC),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NightLimits:
    """Work of `counts_from_minutes` or more within the period makes a night; so many may follow each other.

    Who works nights works at most `average_minutes` in 24 hours on average, weekly rest days left out (art. 8a).
    """

    period: NightPeriod
    counts_from_minutes: int
    most_in_a_row: int
    average_minutes: int
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingTimeLimits:
    """How much rest a carer must have and how long they may work, in minutes; 1:R38: the book names none of these.

    `source` is the law's for rests, break and average week; `limits_source` is that of the longest week and stretch.
    What is None is not limited.
    """

    daily_rest_minutes: int
    weekly_rest_minutes: int
    longest_week_minutes: int
    longest_stretch_minutes: int
    pause_minutes: int
    source: str
    limits_source: str
    break_after_minutes: int | None = None
    average_week_minutes: int | None = None
    average_over_weeks: int = 17
    nights: NightLimits | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """The limit that would be broken: `minutes` is what would come of it, `limit_minutes` what is asked or allowed.

    Where `unit` is nights, both count nights.
    """

    limit: str
    minutes: int
    limit_minutes: int
    window: TimeWindow
    source: str
    unit: str = "minutes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """What a carer works beyond the visits at hand: minutes in each local week, known by its Monday, the new visit's not."""

    by_week: Mapping[date, int] = field(default_factory=dict)


_LEAST = ("daily_rest", "weekly_rest")
_WORDS = {
    "daily_rest": "rest within 24 hours",
    "weekly_rest": "rest within seven days",
    "longest_week": "work within seven days",
    "longest_stretch": "work without a pause",
    "break": "work without a break",
    "average_week": "work a week on average",
    "average_night_week": "work a week of a carer who works nights, on average,",
    "consecutive_nights": "nights in a row",
}


def sentence(breach: Breach) -> str:
    """What would come of it and what the limit is, in plain words: "There would be 10 h 40 min of rest …"."""
    bound = "at least" if breach.limit in _LEAST else "at most"
    if breach.unit == "nights":
        return (
            f"There would be {breach.minutes} {_WORDS[breach.limit]}, where {bound} {breach.limit_minutes} are allowed."
        )
    would, limit = _hours(breach.minutes), _hours(breach.limit_minutes)
    return f"There would be {would} of {_WORDS[breach.limit]} where {bound} {limit} is asked."


def check(
    visits: Iterable[TimeWindow],
    new: TimeWindow,
    limits: WorkingTimeLimits,
    *,
    travel_before_minutes: int = 0,
    travel_after_minutes: int = 0,
    zone: str = "UTC",
    stays: Sequence[TimeWindow] = (),
    worked: Worked | None = None,
) -> Breach | None:
    """The first limit the new visit would break, with the visits the carer already has; None when all hold.

    Travel to the first and from the last family is working time (CJEU C-266/14, Tyco), so the new visit counts with
    its travel; hand in the others with theirs. Visits that overlap (several children at a childminder's) count once.

    Daily rest is reckoned from the moment work starts after the last full rest: within 24 hours of it a full rest must
    have begun and ended (Directive 2003/88/EC, art. 3). Weekly rest the same way over seven days (art. 5). Work of more
    than the break's minutes has a pause in it (art. 4), unless one of the visits or `stays` in it is itself that long:
    on a night, or a day at a childminder's, the break is taken while children sleep. Hours are the most in any seven
    days, and on average over any run of calendar weeks (art. 6, 16b), for who works nights less (art. 8a); without
    `worked` averages are left out. A stretch goes on until a pause. Nights are those of `zone`. Raises Invalid for travel
    below zero.
    """
    if travel_before_minutes < 0 or travel_after_minutes < 0:
        raise Invalid("Travel takes 0 minutes or more.", pointer="#/travel")
    added = TimeWindow(
        new.start - timedelta(minutes=travel_before_minutes), new.end + timedelta(minutes=travel_after_minutes)
    )
    apart = [*visits, added]
    work = _joined(apart, timedelta())
    return (
        _rest(work, added, "daily_rest", limits.daily_rest_minutes, DAY_MINUTES, limits.source)
        or _rest(work, added, "weekly_rest", limits.weekly_rest_minutes, WEEK_MINUTES, limits.source)
        or _week(work, added, limits)
        or _stretch(work, added, limits)
        or _break([*apart, *stays], work, added, limits)
        or _nights(work, added, limits.nights, zone)
        or _average(work, added, limits, zone, worked)
    )


def stays_at(visits: Iterable[tuple[UUID, TimeWindow]]) -> list[TimeWindow]:
    """How long a carer stays at one place without leaving it: visits there that overlap or follow each other at once."""
    by_place: dict[UUID, list[TimeWindow]] = {}
    for place_id, window in visits:
        by_place.setdefault(place_id, []).append(window)
    return [stay for windows in by_place.values() for stay in _joined(windows, timedelta())]


def nights_of(work: Sequence[TimeWindow], period: NightPeriod, counts_from_minutes: int, zone: str) -> set[date]:
    """The local days on which a worked night began."""
    days: set[date] = set()
    local = ZoneInfo(zone)
    for window in work:
        # One that begins before dawn may belong to the night that began the day before.
        day = window.start.astimezone(local).date() - _A_DAY
        last = window.end.astimezone(local).date()
        while day <= last:
            days.add(day)
            day += _A_DAY
    return {day for day in days if _minutes_in(work, period.on(day, zone)) >= counts_from_minutes}


def week_of(instant: datetime, zone: str) -> date:
    """The Monday of the local week."""
    day = instant.astimezone(ZoneInfo(zone)).date()
    return day - timedelta(days=day.weekday())


def _joined(windows: Iterable[TimeWindow], gap: timedelta) -> list[TimeWindow]:
    """The windows in order, joined where less than `gap` (or nothing) lies between them."""
    joined: list[TimeWindow] = []
    for window in sorted(windows, key=lambda each: (each.start, each.end)):
        if joined and (window.start <= joined[-1].end or window.start - joined[-1].end < gap):
            joined[-1] = TimeWindow(joined[-1].start, max(joined[-1].end, window.end))
        else:
            joined.append(window)
    return joined


def _around(work: Sequence[TimeWindow], added: TimeWindow, gap: timedelta) -> TimeWindow:
    return next(run for run in _joined(work, gap) if run.contains(added))


def _rest(
    work: Sequence[TimeWindow], added: TimeWindow, limit: str, rest_minutes: int, period_minutes: int, source: str
) -> Breach | None:
    run = _around(work, added, timedelta(minutes=rest_minutes))
    if run.end - run.start <= timedelta(minutes=period_minutes - rest_minutes):
        return None
    period = TimeWindow(run.start, run.start + timedelta(minutes=period_minutes))
    inside = [part for window in work if (part := window.intersection(period)) is not None]
    rests = [later.start - earlier.end for earlier, later in pairwise(inside)]
    rests.append(period.end - inside[-1].end)
    longest = int(max(rests).total_seconds()) // 60
    return Breach(limit=limit, minutes=longest, limit_minutes=rest_minutes, window=period, source=source)


def _week(work: Sequence[TimeWindow], added: TimeWindow, limits: WorkingTimeLimits) -> Breach | None:
    """No seven days hold more work than some that begin with a visit's start, so those are all that need a look."""
    week = timedelta(minutes=WEEK_MINUTES)
    for first in work:
        days = TimeWindow(first.start, first.start + week)
        if not days.overlaps(added):
            continue
        parts = [part for window in work if (part := window.intersection(days)) is not None]
        worked = sum((part.end - part.start for part in parts), timedelta())
        if worked > timedelta(minutes=limits.longest_week_minutes):
            return Breach(
                limit="longest_week",
                minutes=int(worked.total_seconds()) // 60,
                limit_minutes=limits.longest_week_minutes,
                window=days,
                source=limits.limits_source,
            )
    return None


def _stretch(work: Sequence[TimeWindow], added: TimeWindow, limits: WorkingTimeLimits) -> Breach | None:
    stretch = _around(work, added, timedelta(minutes=limits.pause_minutes))
    if stretch.end - stretch.start <= timedelta(minutes=limits.longest_stretch_minutes):
        return None
    return Breach(
        limit="longest_stretch",
        minutes=stretch.minutes,
        limit_minutes=limits.longest_stretch_minutes,
        window=stretch,
        source=limits.limits_source,
    )


def _break(
    apart: Sequence[TimeWindow], work: Sequence[TimeWindow], added: TimeWindow, limits: WorkingTimeLimits
) -> Breach | None:
    if limits.break_after_minutes is None:
        return None
    longest = timedelta(minutes=limits.break_after_minutes)
    stretch = _around(work, added, timedelta(minutes=limits.pause_minutes))
    if stretch.end - stretch.start <= longest:
        return None
    if any(stretch.contains(window) and window.end - window.start > longest for window in apart):
        return None
    return Breach(
        limit="break",
        minutes=stretch.minutes,
        limit_minutes=limits.break_after_minutes,
        window=stretch,
        source=limits.source,
    )


def _nights(work: Sequence[TimeWindow], added: TimeWindow, limits: NightLimits | None, zone: str) -> Breach | None:
    if limits is None:
        return None

    def worked(day: date) -> bool:
        return _minutes_in(work, limits.period.on(day, zone)) >= limits.counts_from_minutes

    # A few minutes more can make a night of one that was none, so every night the visit touches is looked at.
    for day in sorted(_nights_touched(added, limits.period, zone)):
        if not worked(day):
            continue
        first = last = day
        while worked(first - _A_DAY):
            first -= _A_DAY
        while worked(last + _A_DAY):
            last += _A_DAY
        count = (last - first).days + 1
        if count > limits.most_in_a_row:
            return Breach(
                limit="consecutive_nights",
                minutes=count,
                limit_minutes=limits.most_in_a_row,
                window=TimeWindow(limits.period.on(first, zone).start, limits.period.on(last, zone).end),
                source=limits.source,
                unit="nights",
            )
    return None


def _average(
    work: Sequence[TimeWindow], added: TimeWindow, limits: WorkingTimeLimits, zone: str, worked: Worked | None
) -> Breach | None:
    if worked is None or limits.average_week_minutes is None:
        return None
    limit, most, source = "average_week", limits.average_week_minutes, limits.source
    nights = limits.nights
    if nights is not None and nights.average_minutes * _WORKING_DAYS < most:
        touched = _nights_touched(added, nights.period, zone)
        if any(_minutes_in(work, nights.period.on(day, zone)) >= nights.counts_from_minutes for day in touched):
            limit, most = "average_night_week", nights.average_minutes * _WORKING_DAYS
    monday, weeks = week_of(added.start, zone), limits.average_over_weeks
    for before in range(weeks):
        first = monday - timedelta(weeks=before)
        run = [first + timedelta(weeks=number) for number in range(weeks)]
        total = sum(worked.by_week.get(each, 0) for each in run) + added.minutes
        if total > most * weeks:
            start = datetime.combine(first, time(), ZoneInfo(zone)).astimezone(UTC)
            end = datetime.combine(first + timedelta(weeks=weeks), time(), ZoneInfo(zone)).astimezone(UTC)
            return Breach(
                limit=limit, minutes=total // weeks, limit_minutes=most, window=TimeWindow(start, end), source=source
            )
    return None


def _nights_touched(window: TimeWindow, period: NightPeriod, zone: str) -> list[date]:
    local = ZoneInfo(zone)
    day = window.start.astimezone(local).date() - _A_DAY
    last = window.end.astimezone(local).date()
    found = []
    while day <= last:
        if period.on(day, zone).overlaps(window):
            found.append(day)
        day += _A_DAY
    return found


def _minutes_in(work: Sequence[TimeWindow], period: TimeWindow) -> int:
    parts = [part for window in work if (part := window.intersection(period)) is not None]
    return int(sum((part.end - part.start for part in parts), timedelta()).total_seconds()) // 60


def _hours(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest:02d} min" if rest else f"{hours} h"
