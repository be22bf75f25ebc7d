"""Prices to the minute and splits to the cent."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.errors import Invalid
from shared.domain.pricing import (
    AgeBand,
    Band,
    CancellationStep,
    FixedPrice,
    Per,
    PriceLine,
    Rounding,
    RoundingOf,
    ShortNotice,
    Tariff,
    price,
)
from shared.domain.values import Money, TimeWindow

ZONE = "Europe/Brussels"
LOCAL = ZoneInfo(ZONE)
NIGHT = Band(code="night", percent=25, from_minute=22 * 60, until_minute=7 * 60)
WEEKEND = Band(code="weekend", percent=50, weekdays=(5, 6))
HOLIDAY = Band(code="holiday", percent=100, holidays=True)


def at(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=LOCAL)


def tariff(*bands: Band, rate: int = 1200, **kwargs: object) -> Tariff:
    return Tariff(minor_per_hour=rate, currency="EUR", supplements=bands, **kwargs)  # type: ignore[arg-type]


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


@pytest.mark.parametrize(
    ("first", "last", "hours"),
    [
        (at(2026, 6, 1, 22), at(2026, 6, 2, 7), 9),
        (at(2026, 10, 24, 22), at(2026, 10, 25, 7), 10),
        (at(2026, 3, 28, 22), at(2026, 3, 29, 7), 8),
    ],
)
def test_a_night_is_as_long_as_a_stopwatch_says(first: datetime, last: datetime, hours: int) -> None:
    found = price(TimeWindow(first, last), ZONE, tariff(NIGHT))
    assert found.billable_minutes == hours * 60
    assert [(line.code, line.minutes) for line in found.lines] == [("night", hours * 60)]
    assert found.total == eur(hours * 1500)


def test_bands_begin_and_end_on_the_minute() -> None:
    found = price(TimeWindow(at(2026, 6, 1, 21, 59), at(2026, 6, 2, 7, 1)), ZONE, tariff(NIGHT))
    assert {line.code: line.minutes for line in found.lines} == {"base": 2, "night": 540}
    assert [(rate.code, rate.window.minutes) for rate in found.rates] == [("base", 1), ("night", 540), ("base", 1)]


def test_holiday_comes_before_weekend_before_night_and_nothing_stacks() -> None:
    """Friday 1 May (a holiday) 21:00 to Saturday 2 May 08:00, to the weekend's first hours."""
    bands = tariff(NIGHT, WEEKEND, HOLIDAY)
    visit = TimeWindow(at(2026, 4, 30, 21), at(2026, 5, 2, 1))
    found = price(visit, ZONE, bands, holidays=frozenset({date(2026, 5, 1)}))
    assert {line.code: (line.minutes, line.minor) for line in found.lines} == {
        "base": (60, 1200),
        "night": (120, 3000),
        "holiday": (24 * 60, 24 * 2400),
        "weekend": (60, 1800),
    }
    assert found.total == eur(1200 + 3000 + 24 * 2400 + 1800)
    backwards = price(visit, ZONE, tariff(HOLIDAY, WEEKEND, NIGHT), holidays=frozenset({date(2026, 5, 1)}))
    assert backwards.total == found.total


def test_bands_go_by_the_places_clock_even_when_it_is_turned_back() -> None:
    """02:30 to 03:00 comes twice on 25 October 2026."""
    small_hours = Band(code="late", percent=10, from_minute=150, until_minute=180)
    found = price(TimeWindow(at(2026, 10, 25, 1), at(2026, 10, 25, 4)), ZONE, tariff(small_hours))
    assert {line.code: line.minutes for line in found.lines} == {"base": 180, "late": 60}


def test_month_end_and_leap_day() -> None:
    found = price(TimeWindow(at(2028, 2, 28, 22), at(2028, 3, 1, 7)), ZONE, tariff(NIGHT))
    assert found.billable_minutes == 33 * 60
    assert {line.code: line.minutes for line in found.lines} == {"night": 18 * 60, "base": 15 * 60}


@pytest.mark.parametrize(
    ("minutes", "step", "rounding", "minimum", "billable"),
    [
        (61, 15, Rounding.UP, 0, 75),
        (60, 15, Rounding.UP, 0, 60),
        (67, 15, Rounding.NEAREST, 0, 60),
        (68, 15, Rounding.NEAREST, 0, 75),
        (5, 10, Rounding.NEAREST, 0, 10),
        (20, 15, Rounding.UP, 120, 120),
    ],
)
def test_minutes_are_rounded_and_raised_as_the_tariff_says(
    minutes: int, step: int, rounding: Rounding, minimum: int, billable: int
) -> None:
    start = at(2026, 6, 1, 12)
    rate = tariff(rounding_minutes=step, rounding=rounding, minimum_minutes=minimum)
    found = price(TimeWindow(start, start + timedelta(minutes=minutes)), ZONE, rate)
    assert found.billable_minutes == billable
    assert found.total == eur(billable * 20)


def test_added_minutes_cost_what_the_last_minute_cost_and_dropped_ones_are_the_last() -> None:
    window = TimeWindow(at(2026, 6, 1, 21), at(2026, 6, 1, 22, 5))
    up = price(window, ZONE, tariff(NIGHT, rounding_minutes=15))
    assert {line.code: line.minutes for line in up.lines} == {"base": 60, "night": 15}
    down = price(window, ZONE, tariff(NIGHT, rounding_minutes=15, rounding=Rounding.NEAREST))
    assert {line.code: line.minutes for line in down.lines} == {"base": 60}


def test_seconds_over_the_minute_are_not_billed() -> None:
    start = at(2026, 6, 1, 21)
    found = price(TimeWindow(start, start + timedelta(minutes=60, seconds=59)), ZONE, tariff(NIGHT))
    assert found.total == eur(1200)
    blink = price(TimeWindow(start, start + timedelta(seconds=30)), ZONE, tariff(minimum_minutes=30))
    assert blink.total == eur(600)


def test_per_child_and_half_up_at_the_end_of_each_line() -> None:
    window = TimeWindow(at(2026, 6, 1, 12), at(2026, 6, 1, 12, 50))
    assert price(window, ZONE, tariff(rate=1259)).total == eur(1049), "1049.17"
    assert price(TimeWindow(window.start, window.start + timedelta(minutes=30)), ZONE, tariff(rate=1)).total == eur(1)
    each = price(window, ZONE, tariff(rate=1259, per=Per.CHILD), children=3)
    assert each.lines == (PriceLine(code="base", percent=0, minutes=50, minor_per_hour=1259, children=3, minor=3148),)
    assert price(window, ZONE, tariff(rate=1259), children=3).total == eur(1049), "a household pays once"


def test_impossible_tariffs_are_refused() -> None:
    with pytest.raises(Invalid):
        tariff(rate=-1)
    with pytest.raises(Invalid):
        tariff(rounding_minutes=0)
    with pytest.raises(Invalid):
        Band(code="half", percent=10, from_minute=60)
    with pytest.raises(Invalid):
        Band(code="never", percent=10)
    with pytest.raises(Invalid):
        price(TimeWindow(at(2026, 6, 1, 12), at(2026, 6, 1, 13)), ZONE, tariff(), children=0)


def test_the_example_of_fixed_prices_never_stacks_them() -> None:
    """30 minutes 16.00, 45 minutes 20.00, 24.00 an hour: 50 minutes are 20.00 and 5/60 of 24.00."""
    rate = tariff(rate=2400, fixed=(FixedPrice(minutes=30, minor=1600), FixedPrice(minutes=45, minor=2000)))
    start = at(2026, 6, 1, 12)

    def of(minutes: int) -> int:
        return price(TimeWindow(start, start + timedelta(minutes=minutes)), ZONE, rate).total.minor

    assert [of(50), of(45), of(30), of(20), of(95)] == [2200, 2000, 1600, 800, 4000]


def test_a_session_begun_is_a_session_paid_with_the_supplement_of_its_minutes() -> None:
    sessions = tariff(NIGHT, rate=0, minor_per_session=900, session_minutes=120)
    day = TimeWindow(at(2026, 6, 1, 9), at(2026, 6, 1, 11, 1))
    assert price(day, ZONE, sessions).total == eur(1800)
    # An hour of two is night: half of the session is dearer by a quarter.
    late = price(TimeWindow(at(2026, 6, 1, 21), at(2026, 6, 1, 23)), ZONE, sessions)
    assert [(line.unit, line.code, line.minutes, line.minor) for line in late.lines] == [
        ("session", "base", 60, 450),
        ("session", "night", 60, 563),
    ]
    assert late.total == eur(1013), "1012.5, half up"
    whole = tariff(rate=0, minor_per_session=900)
    assert price(day, ZONE, whole).total == eur(900)
    assert price(TimeWindow(day.start, day.start + timedelta(seconds=20)), ZONE, whole).total == eur(900)


def test_a_supplement_can_be_an_amount_an_hour_and_stack_where_it_says_so() -> None:
    late = Band(code="late", percent=0, minor_per_hour=150, from_minute=1080, until_minute=1320)
    every_sunday = Band(code="sunday", percent=10, weekdays=(6,), stacks=True)
    found = price(TimeWindow(at(2026, 6, 7, 17), at(2026, 6, 7, 19)), ZONE, tariff(late, every_sunday))
    assert [(line.code, line.percent, line.extra_minor_per_hour, line.minor) for line in found.lines] == [
        ("sunday", 10, 0, 1320),
        ("late+sunday", 10, 150, 1470),
    ]
    assert [rate.weight for rate in found.rates] == [1200 * 110, 1200 * 110 + 15000]


def test_an_hour_has_a_floor_and_a_ceiling_and_a_visit_a_least_and_a_most() -> None:
    noon = at(2026, 6, 1, 12)
    hour = TimeWindow(noon, noon + timedelta(hours=1))
    assert price(hour, ZONE, tariff(ceiling_minor_per_hour=1000)).lines[0].bound == "ceiling"
    assert price(hour, ZONE, tariff(ceiling_minor_per_hour=1000)).total == eur(1000)
    assert price(hour, ZONE, tariff(floor_minor_per_hour=1300)).total == eur(1300)
    least = price(hour, ZONE, tariff(minimum_minor=2000))
    assert [(line.code, line.minor) for line in least.lines] == [("base", 1200), ("minimum", 800)]
    most = price(TimeWindow(noon, noon + timedelta(hours=9)), ZONE, tariff(ceiling_minor=6000))
    assert [(line.code, line.minor) for line in most.lines] == [("base", 10800), ("ceiling", -4800)]


def test_what_is_rounded_after_summing_is_billed_to_the_minute_here() -> None:
    window = TimeWindow(at(2026, 6, 1, 12), at(2026, 6, 1, 12, 50))
    assert price(window, ZONE, tariff(rounding_minutes=15)).billable_minutes == 60
    assert price(window, ZONE, tariff(rounding_minutes=15, rounding_of=RoundingOf.SUM)).billable_minutes == 50


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"siblings": (50,)}, "#/siblings"),
        ({"siblings": (101,), "per": Per.CHILD}, "#/siblings"),
        ({"minor_per_session": 900, "fixed": (FixedPrice(minutes=30, minor=1600),)}, "#/fixed"),
        ({"floor_minor_per_hour": 2, "ceiling_minor_per_hour": 1}, "#/floor_minor_per_hour"),
        ({"minimum_minor": 2, "ceiling_minor": 1}, "#/minimum_minor"),
        ({"minor_per_meal": -1}, "#/minor_per_meal"),
        ({"share": 10_001}, "#/share"),
    ],
)
def test_a_tariff_that_contradicts_itself_names_the_field(change: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        tariff(**change)
    assert refused.value.pointer == pointer


def test_parts_of_a_tariff_that_cannot_be_are_refused() -> None:
    for make in (
        lambda: AgeBand(code="x", percent=10, from_months=24, until_months=24),
        lambda: ShortNotice(hours=0, percent=10),
        lambda: FixedPrice(minutes=0, minor=1),
        lambda: CancellationStep(hours=24, percent=101),
    ):
        with pytest.raises(Invalid):
            make()


_bands = st.lists(
    st.builds(
        lambda code, percent, first, last, days, off: Band(
            code=code, percent=percent, from_minute=first, until_minute=last, weekdays=days, holidays=off
        ),
        st.sampled_from("abc"),
        st.integers(1, 3),
        st.integers(0, 1440),
        st.integers(0, 1440),
        st.sampled_from([(), (5, 6), (6,)]),
        st.booleans(),
    ),
    max_size=3,
)


@settings(max_examples=60, deadline=None)
@given(
    _bands,
    st.sampled_from([at(2026, 10, 24, 20), at(2026, 3, 28, 20), at(2026, 6, 5, 20)]),
    st.integers(0, 36000),
    st.integers(1, 1440),
    st.sampled_from([ZONE, "Australia/Lord_Howe", "Asia/Kathmandu"]),
)
def test_bands_agree_with_looking_at_every_minute(
    bands: list[Band], day: datetime, seconds: int, minutes: int, zone: str
) -> None:
    start = day.astimezone(UTC) + timedelta(seconds=seconds)
    holidays = frozenset({date(2026, 10, 25), date(2026, 3, 29)})
    slow: dict[tuple[str, int], int] = {}
    for number in range(minutes):
        local = (start + timedelta(minutes=number)).astimezone(ZoneInfo(zone))
        covering = [band for band in bands if band.covers(local, local.date() in holidays)]
        first = min(covering, key=lambda band: band.precedence, default=None)
        key = (first.code, first.percent) if first else ("base", 0)
        slow[key] = slow.get(key, 0) + 1
    found = price(TimeWindow(start, start + timedelta(minutes=minutes)), zone, tariff(*bands), holidays=holidays)
    assert {(line.code, line.percent): line.minutes for line in found.lines} == slow
