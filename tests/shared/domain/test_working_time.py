"""Rest and hours: midnight and clock changes measured in elapsed time."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.errors import Invalid
from shared.domain.values import TimeWindow
from shared.domain.working_time import check
from shared.jurisdictions.packs import pack

LIMITS = pack("be_vl", date(2026, 1, 1)).working_time
BRUSSELS = ZoneInfo("Europe/Brussels")


def at(day: int, hour: int, minute: int = 0, month: int = 6) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=BRUSSELS)


def window(start: datetime, end: datetime) -> TimeWindow:
    return TimeWindow(start, end)


def test_eleven_hours_between_evening_and_morning_are_enough_and_a_minute_less_is_not() -> None:
    evening = window(at(1, 14), at(1, 22))
    assert check([evening], window(at(2, 9), at(2, 12)), LIMITS) is None
    breach = check([evening], window(at(2, 8, 59), at(2, 12)), LIMITS)
    assert breach is not None
    assert (breach.limit, breach.minutes, breach.limit_minutes) == ("daily_rest", 659, 660)
    assert "2003/88" in breach.source


def test_rest_before_an_existing_visit_counts_as_well() -> None:
    morning = window(at(2, 7), at(2, 12))
    breach = check([morning], window(at(1, 18), at(1, 21)), LIMITS)
    assert breach is not None
    assert (breach.limit, breach.minutes) == ("daily_rest", 600)


def test_travel_is_working_time() -> None:
    evening = window(at(1, 14), at(1, 22))
    new = window(at(2, 9), at(2, 12))
    breach = check([evening], new, LIMITS, travel_before_minutes=20)
    assert breach is not None
    assert breach.minutes == 640
    late = check([window(at(2, 9), at(2, 12))], evening, LIMITS, travel_after_minutes=5)
    assert late is not None
    assert late.minutes == 655
    with pytest.raises(Invalid):
        check([], new, LIMITS, travel_before_minutes=-1)


def test_a_day_in_pieces_may_span_thirteen_hours() -> None:
    early = window(at(1, 7), at(1, 9))
    assert check([early], window(at(1, 17), at(1, 20)), LIMITS) is None
    breach = check([early], window(at(1, 17), at(1, 20, 1)), LIMITS)
    assert breach is not None
    assert (breach.limit, breach.minutes) == ("daily_rest", 659)
    assert check([early], window(at(1, 20), at(1, 23)), LIMITS) is None, "11 hours lie between the two"


def test_the_night_the_clock_goes_forward_gives_an_hour_less_rest() -> None:
    """22:00 to 09:00 is eleven hours on the clock, ten of them real on 28 to 29 March 2026, twelve on 24 to 25 October."""
    spring = check(
        [window(at(28, 14, month=3), at(28, 22, month=3))], window(at(29, 9, month=3), at(29, 12, month=3)), LIMITS
    )
    assert spring is not None
    assert (spring.limit, spring.minutes) == ("daily_rest", 600)
    autumn = [window(at(24, 14, month=10), at(24, 22, month=10))]
    assert check(autumn, window(at(25, 8, month=10), at(25, 12, month=10)), LIMITS) is None


def test_children_at_a_childminders_at_the_same_time_are_worked_once() -> None:
    limits = replace(LIMITS, longest_week_minutes=600)
    day = window(at(1, 8), at(1, 18))
    assert check([day, day], day, limits) is None


def test_a_week_of_work_needs_thirty_five_hours_off() -> None:
    mornings = [window(at(day, 8), at(day, 10)) for day in range(1, 7)]
    assert check(mornings[:5], mornings[5], LIMITS) is None
    breach = check(mornings, window(at(7, 8), at(7, 10)), LIMITS)
    assert breach is not None
    assert (breach.limit, breach.minutes, breach.limit_minutes) == ("weekly_rest", 22 * 60, 35 * 60)
    assert check(mornings, window(at(7, 21), at(7, 22)), LIMITS) is None, "35 hours after Saturday 10:00"


def test_hours_in_any_seven_days_not_only_from_monday() -> None:
    limits = replace(LIMITS, weekly_rest_minutes=0, longest_week_minutes=60 * 60)
    days = [window(at(day, 8), at(day, 18)) for day in (4, 5, 6, 7, 8)]
    assert check(days, window(at(9, 8), at(9, 18)), limits) is None
    breach = check(days, window(at(9, 8), at(9, 18, 1)), limits)
    assert breach is not None
    assert (breach.limit, breach.minutes, breach.source) == ("longest_week", 3601, "our default")
    assert check(days, window(at(11, 18), at(12, 4)), limits) is None, "the first day has left the seven"


def test_a_stretch_ends_with_a_pause() -> None:
    limits = replace(LIMITS, longest_stretch_minutes=8 * 60)
    morning = window(at(1, 8), at(1, 12))
    breach = check([morning], window(at(1, 12, 19), at(1, 17)), limits)
    assert breach is not None
    assert (breach.limit, breach.minutes) == ("longest_stretch", 540)
    assert check([morning], window(at(1, 12, 20), at(1, 17)), limits) is None


def test_what_was_wrong_elsewhere_is_not_the_new_visits_fault() -> None:
    too_long = window(at(1, 6), at(1, 22))
    assert check([too_long], window(at(4, 8), at(4, 10)), LIMITS) is None


def test_month_ends_are_ordinary() -> None:
    last = TimeWindow(datetime(2026, 2, 28, 14, tzinfo=UTC), datetime(2026, 2, 28, 22, tzinfo=UTC))
    next_day = datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert check([last], TimeWindow(next_day, next_day + timedelta(hours=3)), LIMITS) is None


_visits = st.lists(
    st.tuples(st.integers(0, 20 * 24), st.integers(1, 12)).map(
        lambda visit: TimeWindow(at(1, 0) + timedelta(hours=visit[0]), at(1, 0) + timedelta(hours=sum(visit)))
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(_visits, st.integers(10, 60))
def test_the_longest_week_agrees_with_counting_every_hour(visits: list[TimeWindow], most: int) -> None:
    """Where the visits held the limit before the last one came, it is refused exactly when some seven days hold more."""
    limits = replace(LIMITS, daily_rest_minutes=0, weekly_rest_minutes=0, longest_stretch_minutes=10**6)
    limits = replace(limits, longest_week_minutes=most * 60)
    *before, new = visits

    def most_hours(windows: list[TimeWindow]) -> int:
        worked = [
            any(each.start <= at(1, 0) + timedelta(hours=hour) < each.end for each in windows)
            for hour in range(21 * 24)
        ]
        return max(sum(worked[first : first + 7 * 24]) for first in range(len(worked)))

    if most_hours(before) <= most:
        assert (check(before, new, limits) is not None) == (most_hours(visits) > most)
