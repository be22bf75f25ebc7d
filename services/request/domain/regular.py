"""When an occasional need has become regular: the same weekdays and hours, week after week."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from statistics import median_low

from shared.domain.pattern import Seen, Slot, WeeklyPattern, monday_of

_MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Regularity:
    """So many weeks running there were visits on these weekdays at about these hours."""

    slots: tuple[Slot, ...]
    weeks: int

    def pattern(self, starts_on: date) -> WeeklyPattern:
        """What the family would ask for from that day on, to have it go on like this."""
        return WeeklyPattern(weeks=1, slots=self.slots, starts_on=starts_on)


def regularity(seen: Sequence[Seen], today: date, *, weeks: int, tolerance_minutes: int) -> Regularity | None:
    """What was the same in each of the last `weeks` whole weeks, give or take the tolerance; None when nothing was."""
    this_monday = monday_of(today)
    mondays = [this_monday - timedelta(weeks=number) for number in range(weeks, 0, -1)]
    by_weekday: defaultdict[int, defaultdict[date, list[Seen]]] = defaultdict(lambda: defaultdict(list))
    for each in seen:
        monday = monday_of(each.on)
        if monday in mondays:
            by_weekday[each.on.weekday()][monday].append(each)
    slots = []
    for weekday, in_weeks in sorted(by_weekday.items()):
        if set(in_weeks) == set(mondays):
            slots += _same_hours(weekday, [in_weeks[monday] for monday in mondays], tolerance_minutes)
    return Regularity(slots=tuple(slots), weeks=weeks) if slots else None


def _same_hours(weekday: int, weeks: Sequence[Sequence[Seen]], tolerance: int) -> list[Slot]:
    found = []
    for first in weeks[0]:
        alike = [
            next(
                (
                    each
                    for each in week
                    if _near(each.start, first.start, tolerance) and _near(each.end, first.end, tolerance)
                ),
                None,
            )
            for week in weeks
        ]
        if all(each is not None for each in alike):
            same = [each for each in alike if each is not None]
            start = median_low(_minute(each.start) for each in same)
            end = median_low(_minute(each.end) for each in same)
            found.append(Slot(week=0, weekday=weekday, start=_clock(start), end=_clock(end)))
    return found


def _near(one: time, other: time, tolerance: int) -> bool:
    apart = abs(_minute(one) - _minute(other))
    return min(apart, _MINUTES_A_DAY - apart) <= tolerance


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def _clock(minute: int) -> time:
    return time(minute // 60, minute % 60)
