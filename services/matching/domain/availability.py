"""When a carer is free: weekly hours on their own wall clock, nights across midnight included."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.matching.domain.carer import FreeHours
from shared.domain.values import TimeWindow

_DAY = timedelta(days=1)


def free_windows(hours: Sequence[FreeHours], zone: str, around: TimeWindow) -> list[TimeWindow]:
    """The carer's free time near this window as instants, joined where one stretch meets the next."""
    local = ZoneInfo(zone)
    day = around.start.astimezone(local).date() - _DAY
    last = around.end.astimezone(local).date()
    found: list[TimeWindow] = []
    while day <= last:
        for free in hours:
            if free.weekday == day.weekday():
                until = day if free.end > free.start else day + _DAY
                # An hour the clock skips or repeats belongs to the carer's free time on both sides.
                start, end = _instant(day, free.start, local, 0), _instant(until, free.end, local, 1)
                if start < end:
                    found.append(TimeWindow(start, end))
        day += _DAY
    return _joined(found)


def covered_until(hours: Sequence[FreeHours], zone: str, window: TimeWindow) -> datetime:
    """Up to when the carer is free without a gap from the window's start on; the start itself when not even then."""
    for free in free_windows(hours, zone, window):
        if free.start <= window.start < free.end:
            return min(free.end, window.end)
    return window.start


def _instant(day: date, at: time, zone: ZoneInfo, fold: int) -> datetime:
    return datetime.combine(day, at.replace(tzinfo=zone, fold=fold)).astimezone(UTC)


def _joined(windows: list[TimeWindow]) -> list[TimeWindow]:
    joined: list[TimeWindow] = []
    for window in sorted(windows, key=lambda each: (each.start, each.end)):
        if joined and window.start <= joined[-1].end:
            joined[-1] = TimeWindow(joined[-1].start, max(joined[-1].end, window.end))
        else:
            joined.append(window)
    return joined


def touches(window: TimeWindow, zone: str, starts: time, ends: time) -> bool:
    """Whether any of the window lies between these local times, which may go past midnight: the pack's night."""
    local = ZoneInfo(zone)
    day = window.start.astimezone(local).date() - _DAY
    last = window.end.astimezone(local).date()
    while day <= last:
        until = day if ends > starts else day + _DAY
        if _instant(day, starts, local, 0) < window.end and window.start < _instant(until, ends, local, 1):
            return True
        day += _DAY
    return False


def weekdays_of(window: TimeWindow, zone: str) -> set[int]:
    """The local weekdays (Monday is 0) that some of the window lies in."""
    local = ZoneInfo(zone)
    day = window.start.astimezone(local).date()
    last = (window.end - timedelta(microseconds=1)).astimezone(local).date()
    found = set()
    while day <= last:
        found.add(day.weekday())
        day += _DAY
    return found
