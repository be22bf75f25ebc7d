"""Rest and hours: midnight and clock changes measured in elapsed time."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.errors import Invalid
from shared.domain.values import TimeWindow
from shared.domain.working_time import Worked, check, nights_of, sentence, week_of
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


def test_more_than_six_hours_of_visits_need_a_break_of_twenty_minutes() -> None:
    first = window(at(1, 8), at(1, 11))
    breach = check([first], window(at(1, 11, 10), at(1, 14, 1)), LIMITS)
    assert breach is not None
    assert (breach.limit, breach.minutes, breach.limit_minutes) == ("break", 361, 360)
    assert breach.source == LIMITS.source
    assert check([first], window(at(1, 11, 10), at(1, 14)), LIMITS) is None
    assert check([first], window(at(1, 11, 20), at(1, 14, 20)), LIMITS) is None, "twenty minutes are the break"


def test_on_a_night_the_break_is_taken_while_the_children_sleep() -> None:
    assert check([], window(at(1, 21), at(2, 7)), LIMITS) is None
    assert check([window(at(1, 18), at(1, 20, 50))], window(at(1, 21), at(2, 5)), LIMITS) is None


def test_five_nights_may_follow_each_other_and_a_night_off_begins_anew() -> None:
    nights = [window(at(day, 22), at(day + 1, 2)) for day in range(1, 6)]
    assert check(nights[:4], nights[4], LIMITS, zone="Europe/Brussels") is None
    breach = check(nights, window(at(6, 22), at(7, 2)), LIMITS, zone="Europe/Brussels")
    assert breach is not None
    assert (breach.limit, breach.minutes, breach.limit_minutes, breach.unit) == ("consecutive_nights", 6, 5, "nights")
    assert sentence(breach) == "There would be 6 nights in a row, where at most 5 are allowed."
    between = check([*nights[:2], *nights[3:]], nights[2], LIMITS, zone="Europe/Brussels")
    assert between is None
    assert check(nights, window(at(7, 22), at(8, 2)), LIMITS, zone="Europe/Brussels") is None


@pytest.mark.parametrize(("until", "nights"), [((1, 59), 0), ((2, 0), 1)])
def test_three_hours_between_eleven_and_six_make_a_night(until: tuple[int, int], nights: int) -> None:
    assert LIMITS.nights is not None
    work = [window(at(1, 20), at(2, *until))]
    counted = nights_of(work, LIMITS.nights.period, LIMITS.nights.counts_from_minutes, "Europe/Brussels")
    assert counted == ({date(2026, 6, 1)} if nights else set())


def test_a_night_is_that_of_the_place_and_of_the_clock_that_changes_in_it() -> None:
    assert LIMITS.nights is not None
    period, least = LIMITS.nights.period, LIMITS.nights.counts_from_minutes
    spring = window(at(28, 23, month=3), at(29, 3, month=3))
    assert spring.minutes == 180
    assert nights_of([spring], period, least, "Europe/Brussels") == {date(2026, 3, 28)}
    assert nights_of([spring], period, least, "America/New_York") == set()
    early = window(at(1, 3), at(1, 6))
    assert nights_of([early], period, least, "Europe/Brussels") == {date(2026, 5, 31)}


def test_forty_eight_hours_a_week_on_average_over_any_seventeen_weeks() -> None:
    monday = date(2026, 6, 1)
    busy = {monday - timedelta(weeks=number): 2880 for number in range(1, 17)}
    new = window(at(1, 8), at(1, 14))
    rested = Worked(by_week=busy | {monday: 2880 - 360})
    assert check([], new, LIMITS, worked=rested, zone="Europe/Brussels") is None
    tired = Worked(by_week=busy | {monday: 2880 - 359})
    breach = check([], new, LIMITS, worked=tired, zone="Europe/Brussels")
    assert breach is not None
    assert (breach.limit, breach.minutes, breach.limit_minutes) == ("average_week", 2880, 2880)
    assert breach.window.start == at(9, 0, month=2)
    later = {monday + timedelta(weeks=number): 2880 for number in range(1, 17)}
    planned = Worked(by_week=later | {monday: 2880 - 359})
    assert check([], new, LIMITS, worked=planned, zone="Europe/Brussels") is not None, "weeks to come count as well"
    assert check([], new, LIMITS, zone="Europe/Brussels") is None, "without the weeks there is no average"


def test_who_works_nights_may_work_less_on_average_where_the_limit_says_so() -> None:
    assert LIMITS.nights is not None
    limits = replace(LIMITS, nights=replace(LIMITS.nights, average_minutes=420))
    weeks = {date(2026, 6, 1) + timedelta(weeks=number): 2520 for number in range(17)}
    worked = Worked(by_week=weeks)
    assert check([], window(at(1, 8), at(1, 9)), limits, worked=worked, zone="Europe/Brussels") is None
    breach = check([], window(at(1, 23), at(2, 3)), limits, worked=worked, zone="Europe/Brussels")
    assert breach is not None
    assert (breach.limit, breach.limit_minutes) == ("average_night_week", 2520)


def test_the_monday_of_a_week_is_that_of_the_place() -> None:
    sunday_night = datetime(2026, 6, 7, 22, 30, tzinfo=UTC)
    assert week_of(sunday_night, "Europe/Brussels") == date(2026, 6, 8)
    assert week_of(sunday_night, "Europe/London") == date(2026, 6, 1)


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
    limits = replace(limits, longest_week_minutes=most * 60, break_after_minutes=None, nights=None)
    *before, new = visits

    def most_hours(windows: list[TimeWindow]) -> int:
        worked = [
            any(each.start <= at(1, 0) + timedelta(hours=hour) < each.end for each in windows)
            for hour in range(21 * 24)
        ]
        return max(sum(worked[first : first + 7 * 24]) for first in range(len(worked)))

    if most_hours(before) <= most:
        assert (check(before, new, limits) is not None) == (most_hours(visits) > most)


_WHOLE_DAYS = 12


def _clock(quarters: int) -> datetime:
    return at(1, 0) + timedelta(minutes=15 * quarters)


_quarters = st.lists(
    st.tuples(st.integers(0, _WHOLE_DAYS * 96 - 60), st.integers(1, 48)).map(
        lambda visit: TimeWindow(_clock(visit[0]), _clock(visit[0] + visit[1]))
    ),
    min_size=1,
    max_size=14,
)


def _breaks_a_rest(windows: list[TimeWindow], rest: int, period: int) -> bool:
    """By looking at every quarter of an hour: whether some period that begins with work lacks the rest."""
    last = (_WHOLE_DAYS + 10) * 96
    works = [any(each.start <= _clock(quarter) < each.end for each in windows) for quarter in range(last)]
    quarter = 0
    while quarter < last - period:
        if not works[quarter]:
            quarter += 1
            continue
        free, longest = 0, 0
        for inside in works[quarter : quarter + period]:
            free = 0 if inside else free + 1
            longest = max(longest, free)
        if longest < rest:
            return True
        # The next period begins with the first work after a full rest.
        free = 0
        while free < rest:
            quarter += 1
            free = 0 if works[quarter] else free + 1
    return False


@settings(max_examples=150, deadline=None)
@given(_quarters)
def test_rest_agrees_with_looking_at_every_quarter_of_an_hour(visits: list[TimeWindow]) -> None:
    """Where the visits before it left the carer their rest, the last one is refused exactly when it takes it away."""
    limits = replace(LIMITS, longest_week_minutes=10**6, longest_stretch_minutes=10**6)
    limits = replace(limits, break_after_minutes=None, nights=None)
    *before, new = visits
    for names, rest, period in (("daily_rest", 44, 96), ("weekly_rest", 140, 7 * 96)):
        only = replace(
            limits,
            daily_rest_minutes=660 if names == "daily_rest" else 0,
            weekly_rest_minutes=2100 if names == "weekly_rest" else 0,
        )
        if not _breaks_a_rest(before, rest, period):
            assert (check(before, new, only) is not None) == _breaks_a_rest(visits, rest, period), names
