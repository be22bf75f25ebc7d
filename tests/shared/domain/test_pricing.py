"""Prices to the minute and splits to the cent."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.errors import Invalid
from shared.domain.pricing import Band, HourlyTariff, Per, PriceLine, Rounding, SplitRule, price, split, split_shared
from shared.domain.values import Money, TimeWindow

ZONE = "Europe/Brussels"
LOCAL = ZoneInfo(ZONE)
NIGHT = Band(code="night", percent=25, from_minute=22 * 60, until_minute=7 * 60)
WEEKEND = Band(code="weekend", percent=50, weekdays=(5, 6))
HOLIDAY = Band(code="holiday", percent=100, holidays=True)


def at(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=LOCAL)


def tariff(*bands: Band, rate: int = 1200, **kwargs: object) -> HourlyTariff:
    return HourlyTariff(minor_per_hour=rate, currency="EUR", supplements=bands, **kwargs)  # type: ignore[arg-type]


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


def test_the_golden_splits() -> None:
    assert split(eur(10000), {"a": 55, "b": 40}) == {"a": eur(5789), "b": eur(4211)}
    assert split(eur(10000), {"c": 1, "a": 1, "b": 1}) == {"a": eur(3334), "b": eur(3333), "c": eur(3333)}
    assert split(eur(1), {"b": 1, "a": 1}) == {"a": eur(1), "b": eur(0)}
    assert split(eur(-10000), {"a": 55, "b": 40}) == {"a": eur(-5789), "b": eur(-4211)}
    with pytest.raises(Invalid):
        split(eur(100), {"a": 0})
    with pytest.raises(Invalid):
        split(eur(100), {"a": -1, "b": 2})
    with pytest.raises(Invalid):
        split(eur(100), {})


@given(
    st.integers(-(10**9), 10**9), st.dictionaries(st.text(max_size=3), st.integers(0, 10**6), min_size=1), st.randoms()
)
def test_parts_add_up_whatever_the_order(minor: int, weights: dict[str, int], random: object) -> None:
    weights = {**weights, "always": 1}
    parts = split(eur(minor), weights)
    assert sum(part.minor for part in parts.values()) == minor
    assert split(eur(minor), dict(reversed(weights.items()))) == parts
    whole = sum(weights.values())
    for key, weight in weights.items():
        assert abs(parts[key].minor * whole - minor * weight) < whole, "nobody is off by a whole minor unit"


EVENING = datetime(2026, 6, 1, 18, tzinfo=UTC)


def hours(first: float, last: float) -> TimeWindow:
    return TimeWindow(EVENING + timedelta(hours=first), EVENING + timedelta(hours=last))


PRESENCES = {"A": [("ann", hours(0, 4)), ("abe", hours(0, 4))], "B": [("bo", hours(2, 6))]}


@pytest.mark.parametrize(
    ("rule", "a", "b"),
    [
        (SplitRule.EQUAL, 3000, 3000),
        (SplitRule.BY_CHILDREN, 4000, 2000),
        (SplitRule.CHILD_HOURS, 4000, 2000),
        (SplitRule.OVERLAP, 3000, 3000),
    ],
)
def test_two_families_share_an_evening(rule: SplitRule, a: int, b: int) -> None:
    assert split_shared(eur(6000), PRESENCES, rule) == {"A": eur(a), "B": eur(b)}


def test_who_is_alone_pays_alone() -> None:
    """A 18:00-20:00 alone, then with B until 21:00: A owes two hours and a half of the three."""
    presences = {"A": [("ann", hours(0, 3))], "B": [("bo", hours(2, 3)), ("bea", hours(2, 3))]}
    assert split_shared(eur(3600), presences, SplitRule.OVERLAP) == {"A": eur(3000), "B": eur(600)}
    assert split_shared(eur(3600), presences, SplitRule.CHILD_HOURS) == {"A": eur(2160), "B": eur(1440)}


def test_a_dear_hour_is_paid_by_who_is_there_in_it() -> None:
    """Hours to 22:00 cost 12.00, the next 24.00: A leaves at 22:00, B comes then."""
    visit = TimeWindow(at(2026, 6, 1, 21), at(2026, 6, 1, 23))
    found = price(visit, ZONE, tariff(Band(code="night", percent=100, from_minute=22 * 60, until_minute=7 * 60)))
    presences = {
        "A": [("ann", TimeWindow(at(2026, 6, 1, 21), at(2026, 6, 1, 22)))],
        "B": [("bo", TimeWindow(at(2026, 6, 1, 22), at(2026, 6, 1, 23)))],
    }
    assert found.total == eur(3600)
    assert split_shared(found.total, presences, SplitRule.OVERLAP, found.rates) == {"A": eur(1200), "B": eur(2400)}
    assert split_shared(found.total, presences, SplitRule.OVERLAP) == {"A": eur(1800), "B": eur(1800)}


def test_a_child_written_down_twice_counts_once_and_nobody_there_owes_nothing() -> None:
    twice = {"A": [("ann", hours(0, 2)), ("ann", hours(1, 2))], "B": [("bo", hours(0, 2))], "C": []}
    for rule in SplitRule:
        assert split_shared(eur(1000), twice, rule) == {"A": eur(500), "B": eur(500), "C": eur(0)}
    with pytest.raises(Invalid):
        split_shared(eur(1000), {"A": []}, SplitRule.EQUAL)


_visits = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 90), st.integers(1, 60)).map(
        lambda visit: (
            visit[0],
            TimeWindow(EVENING + timedelta(minutes=visit[1]), EVENING + timedelta(minutes=sum(visit[1:]))),
        )
    ),
    min_size=1,
    max_size=4,
)


@given(st.dictionaries(st.sampled_from("ABC"), _visits, min_size=1), st.integers(0, 10**6))
def test_the_overlap_split_agrees_with_counting_every_minute(
    presences: dict[str, list[tuple[int, TimeWindow]]], minor: int
) -> None:
    sixths = dict.fromkeys(presences, 0)
    for number in range(150):
        minute = EVENING + timedelta(minutes=number)
        here = [name for name, own in presences.items() if any(each.start <= minute < each.end for _, each in own)]
        for name in here:
            sixths[name] += 6 // len(here)
    assert split_shared(eur(minor), presences, SplitRule.OVERLAP) == split(eur(minor), sixths)


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
