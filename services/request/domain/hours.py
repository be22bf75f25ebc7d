"""From what was asked on the wall clock to the hours of each visit, with everything that can't be right refused."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from shared.domain.errors import Invalid
from shared.domain.pattern import (
    NO_HOLIDAYS,
    Edge,
    Holidays,
    Occurrence,
    WeeklyPattern,
    instant,
    occurrences,
    on_the_clock,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOff:
    """One visit as asked: instants (`start`, `end`), or the times on the home's clock (`start_local`, `end_local`)."""

    start: datetime | None = None
    end: datetime | None = None
    start_local: datetime | None = None
    end_local: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """When one visit is: the local day it starts on, its UTC instants, and whether a clock change touches it."""

    on: date
    start: datetime
    end: datetime
    clock_change: bool


def one_off_hours(
    asked: OneOff, zone: str, *, longest_minutes: Callable[[date], int], earliest: datetime, pointer: str = "#/visit"
) -> Hours:
    """The hours of one visit in the zone of the home.

    Raises Invalid for a time without a zone or half a pair, a local time that doesn't exist or exists twice (naming
    both instants), an end not after the start, more minutes than one visit may last, and a start before `earliest`.
    """
    start, start_pointer = _edge(asked.start, asked.start_local, zone, Edge.START, pointer)
    end, end_pointer = _edge(asked.end, asked.end_local, zone, Edge.END, pointer)
    if end <= start:
        raise Invalid("The visit ends before it starts. The end must come after the start.", pointer=end_pointer)
    if start < earliest:
        raise Invalid("This visit lies in the past. Ask for a time still to come.", pointer=start_pointer)
    hours = _hours(start, end, zone)
    _check_length(int((end - start).total_seconds()) // 60, longest_minutes(hours.on), end_pointer)
    return hours


def pattern_hours(
    pattern: WeeklyPattern, zone: str, from_date: date, until_date: date, holidays: Holidays = NO_HOLIDAYS
) -> list[Hours]:
    """The hours of a pattern's visits that start from one local day through another.

    Times that are apart on the clock stay apart where it changes: the one the change moved gives way, and goes where
    no time is left for it. So the same visits come out however the days are asked for.
    """
    a_day = timedelta(days=1)
    around = occurrences(pattern, zone, from_date - a_day, until_date + a_day, holidays)
    return [
        Hours(
            on=each.date,
            start=each.start,
            end=each.end,
            clock_change=each.mark is not None or _crosses_a_change(each.start, each.end, zone),
        )
        for each in _apart(around)
        if from_date <= each.date <= until_date
    ]


def check_pattern(pattern: WeeklyPattern, longest_minutes: int, today: date, pointer: str = "#/pattern") -> None:
    """Raises Invalid for a pattern that began before today or whose times are longer than one visit may last.

    The length is that on the clock: an hour more in an autumn night does not make a regular night too long.
    """
    if pattern.starts_on < today:
        raise Invalid(
            f"The pattern's first day {pattern.starts_on.isoformat()} is over. Begin it today or later.",
            pointer=f"{pointer}/starts_on",
        )
    for number, slot in enumerate(pattern.slots):
        opens, closes = on_the_clock(pattern.starts_on, slot)
        minutes = int((closes - opens).total_seconds()) // 60
        _check_length(minutes, longest_minutes, f"{pointer}/slots/{number}/end")


def check_apart(windows: Sequence[tuple[datetime, datetime]], zone: str, pointer: str) -> None:
    """Raises Invalid when two visits of one request overlap: a child can't be cared for twice at once."""
    for earlier, later in pairwise(sorted(windows)):
        if later[0] < earlier[1]:
            at = later[0].astimezone(ZoneInfo(zone)).isoformat(timespec="minutes")
            raise Invalid(f"Two of these visits overlap at {at}. Make them one, or move one of them.", pointer=pointer)


def overlaps(hours: Hours, windows: Iterable[tuple[datetime, datetime]]) -> bool:
    """Whether a visit would be at the same time as one of these."""
    return any(hours.start < end and start < hours.end for start, end in windows)


def _apart(found: Sequence[Occurrence]) -> list[Occurrence]:
    kept: list[Occurrence] = []
    for each in found:
        later = each
        if kept and later.start < kept[-1].end:
            if kept[-1].mark is not None:
                kept[-1] = replace(kept[-1], end=later.start)
            elif later.mark is not None:
                later = replace(later, start=kept[-1].end)
        kept.append(later)
    return [each for each in kept if each.start < each.end]


def _edge(at: datetime | None, local: datetime | None, zone: str, edge: Edge, asked_at: str) -> tuple[datetime, str]:
    pointer = f"{asked_at}/{edge}"
    if at is not None and local is None:
        if at.tzinfo is None:
            raise Invalid(f"{edge} needs its zone, such as 2026-06-01T22:00:00+02:00.", pointer=pointer)
        return at.astimezone(UTC), pointer
    if local is not None and at is None:
        pointer = f"{pointer}_local"
        return instant(local, zone, edge=edge, pointer=pointer)[0], pointer
    raise Invalid(f"Give {edge} with its offset, or {edge}_local on the home's clock: one of the two.", pointer=pointer)


def _hours(start: datetime, end: datetime, zone: str) -> Hours:
    local = start.astimezone(ZoneInfo(zone))
    return Hours(on=local.date(), start=start, end=end, clock_change=_crosses_a_change(start, end, zone))


def _crosses_a_change(start: datetime, end: datetime, zone: str) -> bool:
    local = ZoneInfo(zone)
    return start.astimezone(local).utcoffset() != end.astimezone(local).utcoffset()


def _check_length(minutes: int, longest_minutes: int, pointer: str) -> None:
    if minutes > longest_minutes:
        raise Invalid(
            f"This visit lasts {_plain(minutes)}; one visit may last {_plain(longest_minutes)} at most here. "
            "Ask for several visits instead.",
            pointer=pointer,
        )


def _plain(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return f"{hours} h" if not rest else f"{hours} h {rest} min"
