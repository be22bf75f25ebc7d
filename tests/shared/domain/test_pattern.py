"""From the place's clock to instants, through clock changes, rotations and month ends."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.errors import Invalid
from shared.domain.pattern import Edge, Mark, Slot, WeeklyPattern, instant, is_atypical, occurrences
from shared.domain.values import TimeWindow
from shared.jurisdictions.packs import pack

ZONE = "Europe/Brussels"
LOCAL = ZoneInfo(ZONE)
GAP, FOLD = datetime.fromisoformat("2026-03-29T02:30"), datetime.fromisoformat("2026-10-25T02:30")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_an_ordinary_time_is_one_instant() -> None:
    assert instant(datetime.fromisoformat("2026-06-01T22:00"), ZONE) == (utc("2026-06-01T20:00"), None)


def test_a_one_off_time_that_does_not_exist_is_refused_naming_both_instants() -> None:
    with pytest.raises(Invalid) as refusal:
        instant(GAP, ZONE, pointer="#/start")
    assert "2026-03-29 02:30 doesn't exist in Europe/Brussels" in refusal.value.detail
    assert "2026-03-29T01:30:00+01:00 or 2026-03-29T03:30:00+02:00" in refusal.value.detail
    assert refusal.value.pointer == "#/start"


def test_a_one_off_time_that_exists_twice_is_refused_naming_both_instants() -> None:
    with pytest.raises(Invalid) as refusal:
        instant(FOLD, ZONE)
    assert "exists twice" in refusal.value.detail
    assert "2026-10-25T02:30:00+02:00 or 2026-10-25T02:30:00+01:00" in refusal.value.detail


def test_in_a_pattern_a_gap_moves_forward_and_a_fold_is_as_long_as_it_can_be() -> None:
    assert instant(GAP, ZONE, pattern=True) == (utc("2026-03-29T01:30"), Mark.CLOCK_CHANGE)
    assert instant(GAP, ZONE, pattern=True, edge=Edge.END) == (utc("2026-03-29T01:30"), Mark.CLOCK_CHANGE)
    assert instant(FOLD, ZONE, pattern=True, edge=Edge.START) == (utc("2026-10-25T00:30"), Mark.CLOCK_CHANGE)
    assert instant(FOLD, ZONE, pattern=True, edge=Edge.END) == (utc("2026-10-25T01:30"), Mark.CLOCK_CHANGE)


def test_a_time_with_a_zone_is_not_a_wall_clock_time() -> None:
    with pytest.raises(Invalid):
        instant(utc("2026-06-01T22:00"), ZONE)


def weekly(*slots: Slot, weeks: int = 1, starts_on: str = "2026-01-01", ends_on: str | None = None) -> WeeklyPattern:
    return WeeklyPattern(
        weeks=weeks,
        slots=slots,
        starts_on=date.fromisoformat(starts_on),
        ends_on=date.fromisoformat(ends_on) if ends_on else None,
    )


def slot(weekday: int, start: str, end: str, week: int = 0) -> Slot:
    return Slot(week=week, weekday=weekday, start=time.fromisoformat(start), end=time.fromisoformat(end))


@pytest.mark.parametrize(("day", "hours"), [("2026-06-06", 9), ("2026-10-24", 10), ("2026-03-28", 8)])
def test_a_night_of_a_pattern_crosses_a_clock_change_unmarked(day: str, hours: int) -> None:
    [night] = occurrences(weekly(slot(5, "22:00", "07:00")), ZONE, date.fromisoformat(day), date.fromisoformat(day))
    assert TimeWindow(night.start, night.end).minutes == hours * 60
    assert (night.date, night.mark) == (date.fromisoformat(day), None)


def test_a_time_in_the_gap_or_the_fold_marks_the_visit() -> None:
    pattern = weekly(slot(6, "02:30", "06:00"))
    [spring] = occurrences(pattern, ZONE, date(2026, 3, 29), date(2026, 3, 29))
    assert (spring.start, spring.end) == (utc("2026-03-29T01:30"), utc("2026-03-29T04:00"))
    assert spring.mark is Mark.CLOCK_CHANGE
    [autumn] = occurrences(weekly(slot(5, "22:00", "02:30")), ZONE, date(2026, 10, 24), date(2026, 10, 24))
    assert (autumn.start, autumn.end) == (utc("2026-10-24T20:00"), utc("2026-10-25T01:30"))
    assert autumn.mark is Mark.CLOCK_CHANGE


def test_a_visit_the_gap_would_swallow_keeps_its_length() -> None:
    [visit] = occurrences(weekly(slot(6, "02:30", "03:00")), ZONE, date(2026, 3, 29), date(2026, 3, 29))
    assert (visit.start, visit.end) == (utc("2026-03-29T01:30"), utc("2026-03-29T02:00"))


def test_every_second_week_counts_from_the_week_the_pattern_starts_in() -> None:
    """The late shift of every second week (1: T06), first of them in the week of Wednesday 3 June 2026."""
    pattern = weekly(
        slot(0, "18:00", "21:30", week=0), slot(3, "18:00", "21:30", week=0), weeks=2, starts_on="2026-06-03"
    )
    days = [each.date for each in occurrences(pattern, ZONE, date(2026, 5, 1), date(2026, 7, 2))]
    assert days == [date(2026, 6, 4), date(2026, 6, 15), date(2026, 6, 18), date(2026, 6, 29), date(2026, 7, 2)]


def test_the_first_and_last_day_are_those_a_visit_may_start_on() -> None:
    pattern = weekly(*(slot(day, "22:00", "07:00") for day in range(7)), starts_on="2028-02-28", ends_on="2028-03-01")
    found = occurrences(pattern, ZONE, date(2028, 1, 1), date(2028, 12, 31))
    assert [each.date for each in found] == [date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1)]
    assert found[-1].end == utc("2028-03-02T06:00")


def test_equal_times_are_a_whole_day() -> None:
    [day] = occurrences(weekly(slot(0, "08:00", "08:00")), ZONE, date(2026, 6, 1), date(2026, 6, 1))
    assert TimeWindow(day.start, day.end).minutes == 24 * 60


@pytest.mark.parametrize("weeks", [0, 9])
def test_a_rotation_has_one_to_eight_weeks(weeks: int) -> None:
    with pytest.raises(Invalid):
        weekly(slot(0, "08:00", "09:00"), weeks=weeks)


def test_impossible_patterns_name_the_field() -> None:
    with pytest.raises(Invalid) as week:
        weekly(slot(0, "08:00", "09:00"), slot(0, "08:00", "09:00", week=1))
    assert week.value.pointer == "#/pattern/slots/1/week"
    with pytest.raises(Invalid) as weekday:
        weekly(slot(7, "08:00", "09:00"))
    assert weekday.value.pointer == "#/pattern/slots/0/weekday"
    with pytest.raises(Invalid):
        weekly()
    with pytest.raises(Invalid):
        weekly(slot(0, "08:00", "09:00"), ends_on="2025-12-31")


_times = st.times().map(lambda moment: moment.replace(second=0, microsecond=0))


@given(st.integers(0, 6), _times, _times, st.sampled_from([ZONE, "Europe/London", "Australia/Lord_Howe"]))
def test_every_visit_of_a_year_has_a_length_and_shows_the_patterns_clock(
    weekday: int, start: time, end: time, zone: str
) -> None:
    pattern = WeeklyPattern(
        weeks=1, slots=(Slot(week=0, weekday=weekday, start=start, end=end),), starts_on=date(2026, 1, 1)
    )
    found = occurrences(pattern, zone, date(2026, 1, 1), date(2026, 12, 31))
    assert len(found) in (52, 53)
    for visit in found:
        assert visit.start < visit.end
        if visit.mark is None:
            shown = [moment.astimezone(ZoneInfo(zone)).time() for moment in (visit.start, visit.end)]
            assert shown == [start, end]


HOURS = pack("be_vl", date(2026, 1, 1)).atypical_hours


@pytest.mark.parametrize(
    ("start", "end", "atypical"),
    [
        ("2026-06-01T07:00", "2026-06-01T18:00", False),
        ("2026-06-01T06:59", "2026-06-01T18:00", True),
        ("2026-06-01T07:00", "2026-06-01T18:01", True),
        ("2026-06-01T18:00", "2026-06-01T18:01", True),
        ("2026-06-01T17:59", "2026-06-01T18:00", False),
        ("2026-06-01T17:00", "2026-06-02T08:00", True),
        ("2026-06-06T10:00", "2026-06-06T12:00", True),
        ("2026-07-21T10:00", "2026-07-21T12:00", True),
        ("2026-07-22T10:00", "2026-07-22T12:00", False),
    ],
)
def test_flanders_atypical_hours(start: str, end: str, atypical: bool) -> None:
    first, last = (datetime.fromisoformat(each).replace(tzinfo=LOCAL) for each in (start, end))
    holidays = pack("be_vl", date(2026, 1, 1)).public_holidays(2026)
    assert is_atypical(TimeWindow(first, last), ZONE, HOURS, holidays) is atypical
