"""From the wall clock to hours: the limits at their edges, and patterns over every night of the year."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.request.domain.hours import OneOff, check_pattern, one_off_hours, overlaps, pattern_hours
from shared.domain.errors import Invalid
from shared.domain.pattern import Slot, WeeklyPattern

BRUSSELS = "Europe/Brussels"
EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)
ZONES = (BRUSSELS, "Europe/London", "America/New_York", "Asia/Kathmandu")
# Either side of both clock changes of 2026 in Europe, and in New York.
DAYS = st.dates(date(2026, 3, 1), date(2026, 4, 5)) | st.dates(date(2026, 10, 18), date(2026, 11, 8))
DAY = 24 * 60


@st.composite
def patterns(draw: st.DrawFn) -> WeeklyPattern:
    """A week cut at some minutes; every second piece is a visit, so that none overlap on the clock."""
    cuts = sorted(draw(st.sets(st.integers(0, 7 * 24 * 2 - 1), min_size=2, max_size=14)))
    minutes = [cut * 30 for cut in cuts]
    pieces = [(start, end) for start, end in pairwise(minutes) if end - start <= DAY and end <= 7 * DAY]
    slots = tuple(Slot(week=0, weekday=start // DAY, start=_clock(start), end=_clock(end)) for start, end in pieces)
    if not slots:
        slots = (Slot(week=0, weekday=5, start=time(22), end=time(2, 30)),)
    return WeeklyPattern(weeks=1, slots=slots, starts_on=date(2026, 1, 1))


def _clock(minute: int) -> time:
    return time(minute // 60 % 24, minute % 60)


@given(pattern=patterns(), zone=st.sampled_from(ZONES), first=DAYS, days=st.integers(0, 20), cut=st.integers(0, 20))
def test_days_asked_for_in_two_goes_give_the_same_visits(
    pattern: WeeklyPattern, zone: str, first: date, days: int, cut: int
) -> None:
    last, middle = first + timedelta(days=days), first + timedelta(days=min(cut, days))
    whole = pattern_hours(pattern, zone, first, last)
    in_two = pattern_hours(pattern, zone, first, middle) + pattern_hours(
        pattern, zone, middle + timedelta(days=1), last
    )
    assert in_two == whole


@given(pattern=patterns(), zone=st.sampled_from(ZONES), first=DAYS)
def test_visits_apart_on_the_clock_are_apart_in_every_night_of_the_year(
    pattern: WeeklyPattern, zone: str, first: date
) -> None:
    found = pattern_hours(pattern, zone, first, first + timedelta(days=21))
    for earlier, later in pairwise(found):
        assert earlier.start < earlier.end <= later.start


@given(pattern=patterns(), zone=st.sampled_from(ZONES), first=DAYS)
def test_a_visit_begins_when_its_slot_says_unless_it_is_marked(pattern: WeeklyPattern, zone: str, first: date) -> None:
    asked = {(slot.weekday, slot.start) for slot in pattern.slots}
    for each in pattern_hours(pattern, zone, first, first + timedelta(days=21)):
        local = each.start.astimezone(ZoneInfo(zone))
        assert first <= each.on <= first + timedelta(days=21)
        assert each.clock_change or (each.on.weekday(), local.time()) in asked
        assert each.clock_change or local.date() == each.on


def test_back_to_back_visits_meet_once_in_the_night_that_has_an_hour_twice() -> None:
    pattern = WeeklyPattern(
        weeks=1,
        slots=(
            Slot(week=0, weekday=5, start=time(22), end=time(2, 30)),
            Slot(week=0, weekday=6, start=time(2, 30), end=time(6)),
        ),
        starts_on=date(2026, 1, 1),
    )
    evening, morning = pattern_hours(pattern, BRUSSELS, date(2026, 10, 24), date(2026, 10, 25))
    assert evening.end == morning.start == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert evening.clock_change
    assert morning.clock_change


@pytest.mark.parametrize(("minutes", "refused"), [(1439, False), (1440, False), (1441, True)])
def test_a_visit_lasts_as_long_as_the_rules_allow_and_no_minute_more(minutes: int, refused: bool) -> None:
    start = datetime(2026, 6, 1, 18, tzinfo=UTC)
    asked = OneOff(start=start, end=start + timedelta(minutes=minutes))
    if refused:
        with pytest.raises(Invalid, match="24 h 1 min; one visit may last 24 h"):
            one_off_hours(asked, BRUSSELS, longest_minutes=lambda day: 1440, earliest=EARLIEST)
    else:
        assert one_off_hours(asked, BRUSSELS, longest_minutes=lambda day: 1440, earliest=EARLIEST).end == asked.end


@given(begins=st.integers(0, 365 * DAY), minutes=st.integers(1, DAY), offset=st.integers(-12, 14))
def test_an_instant_is_the_same_whatever_offset_it_is_told_with(begins: int, minutes: int, offset: int) -> None:
    start = EARLIEST + timedelta(minutes=begins)
    end, there = start + timedelta(minutes=minutes), timezone(timedelta(hours=offset))
    told = OneOff(start=start.astimezone(there), end=end.astimezone(there))
    hours = one_off_hours(told, BRUSSELS, longest_minutes=lambda day: DAY, earliest=EARLIEST)
    assert (hours.start, hours.end) == (start, end)
    assert hours.on == start.astimezone(ZoneInfo(BRUSSELS)).date()


def test_a_one_off_visit_across_a_clock_change_says_so() -> None:
    asked = OneOff(start_local=datetime(2026, 3, 28, 22), end_local=datetime(2026, 3, 29, 6))  # noqa: DTZ001
    hours = one_off_hours(asked, BRUSSELS, longest_minutes=lambda day: 1440, earliest=EARLIEST)
    assert hours.clock_change
    assert hours.end - hours.start == timedelta(hours=7)


def test_a_pattern_longer_than_one_visit_may_last_names_its_slot() -> None:
    whole_day = Slot(week=0, weekday=0, start=time(8), end=time(8))
    pattern = WeeklyPattern(weeks=1, slots=(whole_day,), starts_on=date(2026, 6, 1))
    check_pattern(pattern, 1440, date(2026, 6, 1))
    longer = replace(pattern, slots=(replace(whole_day, end=time(7)), whole_day))
    with pytest.raises(Invalid) as refusal:
        check_pattern(longer, 1439, date(2026, 6, 1))
    assert refusal.value.pointer == "#/pattern/slots/1/end"


def test_visits_that_only_touch_dont_overlap() -> None:
    asked = OneOff(start=datetime(2026, 6, 1, 18, tzinfo=UTC), end=datetime(2026, 6, 1, 22, tzinfo=UTC))
    hours = one_off_hours(asked, BRUSSELS, longest_minutes=lambda day: 1440, earliest=EARLIEST)
    assert not overlaps(hours, [(hours.end, hours.end + timedelta(hours=1))])
    assert overlaps(hours, [(hours.end - timedelta(minutes=1), hours.end + timedelta(hours=1))])
