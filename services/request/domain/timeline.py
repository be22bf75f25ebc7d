"""A child's one timeline: our visits and the care of others, how long a day gets, and which hours are funded."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from services.request.domain.hours import pattern_hours
from shared.domain.errors import Invalid
from shared.domain.pattern import Holidays, WeeklyPattern, monday_of


class OtherCareKind(StrEnum):
    NURSERY = "nursery"
    SCHOOL = "school"
    CHILDMINDER = "childminder"
    CLUB = "club"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherCareTerms:
    """Care by others: at these times; so many minutes a week of it are paid by somebody else."""

    child_id: UUID
    name: str
    kind: str
    pattern: WeeklyPattern
    place_id: UUID | None = None
    funded_minutes_a_week: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in tuple(OtherCareKind):
            raise Invalid(f"Other care is {', '.join(OtherCareKind)}.", pointer="#/kind")
        if self.funded_minutes_a_week is not None and self.funded_minutes_a_week < 0:
            raise Invalid("Funded minutes can't be negative.", pointer="#/funded_minutes_a_week")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A stretch of the child's day. `funded_minutes` of it are paid by somebody else."""

    start: datetime
    end: datetime
    who: str
    kind: str
    state: str | None = None
    visit_id: UUID | None = None
    other_care_id: UUID | None = None
    funded_minutes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """How long the child is cared for on a local day, counted once where two overlap for a handover."""

    on: date
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    entries: tuple[Entry, ...]
    days: tuple[Day, ...]
    handovers: tuple[tuple[datetime, datetime], ...]


def other_entries(
    other_care_id: UUID, care: OtherCareTerms, zone: str, first: date, last: date, holidays: Holidays
) -> list[Entry]:
    """The times of other care from one day through another, its funded minutes used up from each Monday on."""
    used: defaultdict[date, int] = defaultdict(int)
    monday = monday_of(first)
    found = []
    for hours in pattern_hours(care.pattern, zone, monday, last, holidays):
        minutes = int((hours.end - hours.start).total_seconds()) // 60
        left = max((care.funded_minutes_a_week or 0) - used[monday_of(hours.on)], 0)
        funded = min(minutes, left)
        used[monday_of(hours.on)] += funded
        if hours.on >= first:
            found.append(
                Entry(
                    start=hours.start,
                    end=hours.end,
                    who=care.name,
                    kind=care.kind,
                    other_care_id=other_care_id,
                    funded_minutes=funded,
                )
            )
    return found


def timeline(entries: Iterable[Entry], zone: str) -> Timeline:
    """The entries in order, how long each day gets, and where one carer hands over to the other."""
    ordered = tuple(sorted(entries, key=lambda entry: (entry.start, entry.end, entry.who)))
    return Timeline(entries=ordered, days=tuple(_days(ordered, ZoneInfo(zone))), handovers=tuple(_handovers(ordered)))


def _days(entries: Sequence[Entry], zone: ZoneInfo) -> list[Day]:
    minutes: defaultdict[date, int] = defaultdict(int)
    for start, end in _merged(entries):
        at = start
        while at < end:
            day = at.astimezone(zone).date()
            midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), zone)
            until = min(end, midnight.astimezone(at.tzinfo))
            minutes[day] += int((until - at).total_seconds()) // 60
            at = until
    return [Day(on=day, minutes=minutes[day]) for day in sorted(minutes)]


def _merged(entries: Sequence[Entry]) -> list[tuple[datetime, datetime]]:
    merged: list[tuple[datetime, datetime]] = []
    for entry in entries:
        if merged and entry.start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], entry.end))
        else:
            merged.append((entry.start, entry.end))
    return merged


def _handovers(entries: Sequence[Entry]) -> list[tuple[datetime, datetime]]:
    """Where one who cares comes before the other has gone."""
    found = []
    for number, entry in enumerate(entries):
        for later in entries[number + 1 :]:
            if later.start >= entry.end:
                break
            found.append((later.start, min(entry.end, later.end)))
    return found
