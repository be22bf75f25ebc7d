"""Whether one more visit leaves a carer enough rest: in elapsed time, so midnight and clock changes don't matter."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from shared.domain.errors import Invalid
from shared.domain.values import TimeWindow

DAY_MINUTES = 24 * 60
WEEK_MINUTES = 7 * DAY_MINUTES


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingTimeLimits:
    """How much rest a carer must have and how long they may work, in minutes; 1:R38: the book names none of these.

    `source` is the law's for the two rests; `limits_source` is that of the longest week and stretch.
    """

    daily_rest_minutes: int
    weekly_rest_minutes: int
    longest_week_minutes: int
    longest_stretch_minutes: int
    pause_minutes: int
    source: str
    limits_source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """The limit that would be broken: `minutes` is what would come of it, `limit_minutes` what is asked or allowed."""

    limit: str
    minutes: int
    limit_minutes: int
    window: TimeWindow
    source: str


def check(
    visits: Iterable[TimeWindow],
    new: TimeWindow,
    limits: WorkingTimeLimits,
    *,
    travel_before_minutes: int = 0,
    travel_after_minutes: int = 0,
) -> Breach | None:
    """The first limit the new visit would break, with the visits the carer already has; None when all hold.

    Travel to the first and from the last family is working time (CJEU C-266/14, Tyco), so the new visit counts with
    its travel; hand in the others with theirs. Visits that overlap (several children at a childminder's) count once.
    Daily rest is reckoned from the moment work starts after the last full rest: within 24 hours of it a full rest must
    have begun and ended (Directive 2003/88/EC, art. 3). Weekly rest the same way over seven days (art. 5). Hours are
    the most in any seven days. A stretch goes on until a pause. Raises Invalid for travel below zero.
    """
    if travel_before_minutes < 0 or travel_after_minutes < 0:
        raise Invalid("Travel takes 0 minutes or more.", pointer="#/travel")
    added = TimeWindow(
        new.start - timedelta(minutes=travel_before_minutes), new.end + timedelta(minutes=travel_after_minutes)
    )
    work = _joined([*visits, added], timedelta())
    return (
        _rest(work, added, "daily_rest", limits.daily_rest_minutes, DAY_MINUTES, limits.source)
        or _rest(work, added, "weekly_rest", limits.weekly_rest_minutes, WEEK_MINUTES, limits.source)
        or _week(work, added, limits)
        or _stretch(work, added, limits)
    )


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
