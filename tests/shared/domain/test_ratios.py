"""Children at one carer's: every moment counted, ages by the very day."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain import ratios
from shared.domain.ratios import (
    AgeCap,
    ChildPresence,
    NapCaps,
    RatioLimits,
    allows,
    birthday,
    check,
    check_adding,
    free_places,
)
from shared.domain.values import TimeWindow
from shared.jurisdictions.packs import pack

ENGLAND = pack("en", date(2026, 1, 1)).ratio("carer_home")
FRANCE = pack("fr", date(2026, 1, 1)).ratio("carer_home")
EVENING = datetime(2026, 6, 1, 18, tzinfo=UTC)


def child(number: int, born: date, start: datetime = EVENING, minutes: int = 240) -> ChildPresence:
    return ChildPresence(
        child_id=UUID(int=number), born=born, window=TimeWindow(start, start + timedelta(minutes=minutes))
    )


TODDLER, SCHOOL, BABY = date(2024, 1, 1), date(2018, 1, 1), date(2026, 1, 15)


def test_england_takes_three_under_four_and_six_in_all() -> None:
    three = [child(number, TODDLER) for number in range(3)]
    assert check(three, ENGLAND, "Europe/London") is None
    six = three + [child(number, SCHOOL) for number in range(3, 6)]
    assert check(six, ENGLAND, "Europe/London") is None

    fourth = check([*three, child(9, TODDLER)], ENGLAND, "Europe/London")
    assert fourth is not None
    assert (fourth.cap, fourth.children, fourth.most) == ("under_4", 4, 3)
    assert fourth.window.start == EVENING
    assert "5198-5202" in fourth.source
    seventh = check([*six, child(9, SCHOOL)], ENGLAND, "Europe/London")
    assert seventh is not None
    assert (seventh.cap, seventh.children, seventh.most) == ("children", 7, 6)


def test_england_takes_one_baby() -> None:
    assert check([child(1, BABY), child(2, TODDLER)], ENGLAND, "Europe/London") is None
    second = check([child(1, BABY), child(2, BABY)], ENGLAND, "Europe/London")
    assert second is not None
    assert second.cap == "under_1"


def test_children_who_follow_each_other_are_never_there_together() -> None:
    later = EVENING + timedelta(minutes=240)
    children = [child(number, TODDLER) for number in range(4)] + [child(9, TODDLER, later)]
    assert check(children, FRANCE, "Europe/Paris") is None
    overlapping = [*children[:4], child(9, TODDLER, later - timedelta(minutes=1))]
    breach = check(overlapping, FRANCE, "Europe/Paris")
    assert breach is not None
    assert breach.window == TimeWindow(later - timedelta(minutes=1), later)


def test_a_birthday_at_midnight_moves_a_child_to_the_next_band_during_the_night() -> None:
    """A child who turns four at midnight in London (23:00 UTC in June) leaves the cap of three then."""
    night = datetime(2026, 6, 1, 21, tzinfo=UTC)
    turning = child(9, date(2022, 6, 2), night, 600)
    others = [child(number, TODDLER, night, 600) for number in range(3)]
    breach = check([*others, turning], ENGLAND, "Europe/London")
    assert breach is not None
    assert breach.window == TimeWindow(night, datetime(2026, 6, 1, 23, tzinfo=UTC))

    after_midnight = [child(number, TODDLER, datetime(2026, 6, 1, 23, tzinfo=UTC)) for number in range(3)]
    assert check([*after_midnight, turning], ENGLAND, "Europe/London") is None
    a_minute_earlier = [child(number, TODDLER, datetime(2026, 6, 1, 22, 59, tzinfo=UTC)) for number in range(3)]
    assert check([*a_minute_earlier, turning], ENGLAND, "Europe/London") is not None
    assert check([*after_midnight, turning], ENGLAND, "America/New_York") is not None


def test_a_leap_day_child_turns_on_the_first_of_march() -> None:
    assert birthday(date(2024, 2, 29), 1) == date(2025, 3, 1)
    assert birthday(date(2024, 2, 29), 4) == date(2028, 2, 29)


def test_own_children_count_where_the_pack_says_so() -> None:
    three = [child(number, TODDLER) for number in range(3)]
    assert check(three, FRANCE, "Europe/Paris", own_children_born=[TODDLER]) is None
    breach = check(three, FRANCE, "Europe/Paris", own_children_born=[TODDLER, SCHOOL])
    assert breach is not None
    assert breach.children == 5
    uncounted = RatioLimits(caps=FRANCE.caps, counts_own_children=False, source="test")
    assert check(three, uncounted, "Europe/Paris", own_children_born=[TODDLER, SCHOOL]) is None


def test_one_child_in_two_windows_is_one_child() -> None:
    assert check([child(1, BABY), child(1, BABY)], ENGLAND, "Europe/London") is None


def test_adding_answers_only_for_the_time_of_the_new_children() -> None:
    crowded = [child(number, TODDLER) for number in range(5)]
    tomorrow = [child(9, TODDLER, EVENING + timedelta(days=1))]
    assert allows(crowded, tomorrow, FRANCE, "Europe/Paris")
    late = [child(9, TODDLER, EVENING + timedelta(minutes=239))]
    breach = check_adding(crowded[:4], late, FRANCE, "Europe/Paris")
    assert breach is not None
    assert breach.window.minutes == 1
    assert not allows(crowded[:4], late, FRANCE, "Europe/Paris")


def _slow(children: list[ChildPresence], limits: RatioLimits, own: list[date]) -> tuple[datetime, str] | None:
    """Minute by minute in UTC, where a day begins at midnight."""
    minute = min(each.window.start for each in children)
    while minute < max(each.window.end for each in children):
        here = {each.child_id: each.born for each in children if each.window.start <= minute < each.window.end}
        born = [*here.values(), *own] if here else []
        for cap in limits.caps:
            young = [day for day in born if cap.below_years is None or minute.date() < birthday(day, cap.below_years)]
            if len(young) > cap.most:
                return minute, cap.code
        minute += timedelta(minutes=1)
    return None


_births = st.sampled_from([date(2022, 6, 1), date(2022, 6, 2), date(2025, 6, 2), TODDLER, SCHOOL, BABY])
_presences = st.lists(
    st.builds(
        lambda number, born, start, minutes: child(number, born, EVENING + timedelta(minutes=start), minutes),
        st.integers(0, 5),
        st.shared(_births, key="born") | _births,
        st.integers(0, 500),
        st.integers(1, 120),
    ),
    min_size=1,
    max_size=9,
    unique_by=lambda presence: presence.child_id,
)
_limits = st.builds(
    lambda babies, young, all_of_them, own: RatioLimits(
        caps=(
            AgeCap(code="under_1", most=babies, below_years=1),
            AgeCap(code="under_4", most=young, below_years=4),
            AgeCap(code="children", most=all_of_them),
        ),
        counts_own_children=own,
        source="test",
    ),
    st.integers(0, 1),
    st.integers(0, 2),
    st.integers(1, 4),
    st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(_presences, _limits, st.lists(_births, max_size=1))
def test_the_check_agrees_with_counting_every_minute(
    children: list[ChildPresence], limits: RatioLimits, own: list[date]
) -> None:
    found = ratios.check(children, limits, "UTC", own)
    expected = _slow(children, limits, own if limits.counts_own_children else [])
    assert (None if found is None else (found.window.start, found.cap)) == expected


def test_with_an_assistant_more_children_may_be_there_and_the_source_says_why() -> None:
    six = [child(number, TODDLER) for number in range(6)]
    assert check(six, ENGLAND, "Europe/London", assistant=True) is None
    breach = check([*six, child(9, TODDLER)], ENGLAND, "Europe/London", assistant=True)
    assert breach is not None
    assert (breach.cap, breach.most) == ("under_4", 6)
    assert ENGLAND.with_assistant is not None
    assert breach.source == ENGLAND.with_assistant.source
    assert check(six, ENGLAND, "Europe/London") is not None


def test_while_children_rest_more_may_be_there_on_the_clock_of_the_place() -> None:
    limits = RatioLimits(
        caps=(AgeCap(code="children", most=2),),
        counts_own_children=False,
        source="awake",
        nap=NapCaps(caps=(AgeCap(code="children", most=4),), source="resting", starts=time(12), ends=time(15)),
    )
    noon = datetime(2026, 6, 1, 10, tzinfo=UTC)  # 12:00 in Brussels
    resting = [child(number, TODDLER, noon, 180) for number in range(4)]
    assert check(resting, limits, "Europe/Brussels") is None
    assert check(resting, limits, "Europe/London") is not None
    longer = check([*resting, child(4, TODDLER, noon, 60)], limits, "Europe/Brussels")
    assert longer is not None
    assert (longer.most, longer.source) == (4, "resting")
    awake = check([child(number, TODDLER, noon, 181) for number in range(3)], limits, "Europe/Brussels")
    assert awake is not None
    assert (awake.window.start, awake.most, awake.source) == (noon + timedelta(minutes=180), 2, "awake")


def test_what_a_desk_tolerates_is_on_top_and_no_more() -> None:
    five = [child(number, TODDLER) for number in range(5)]
    assert check(five, FRANCE, "Europe/Paris") is not None
    assert check(five, FRANCE, "Europe/Paris", tolerated=1) is None
    assert check([*five, child(9, TODDLER)], FRANCE, "Europe/Paris", tolerated=1) is not None


def test_free_places_are_counted_by_age_band_and_say_until_when() -> None:
    present = [child(1, BABY, EVENING, 60), child(2, TODDLER, EVENING, 120)]
    window = TimeWindow(EVENING, EVENING + timedelta(minutes=180))
    found = free_places(present, ENGLAND, "Europe/London", window)
    minutes = [((each.window.start - EVENING).seconds // 60, dict(each.by_band)) for each in found]
    assert minutes == [
        (0, {"under_1": 0, "under_4": 1, "children": 4}),
        (60, {"under_1": 1, "under_4": 2, "children": 5}),
        (120, {"under_1": 1, "under_4": 3, "children": 6}),
    ]
    own = free_places(present, ENGLAND, "Europe/London", window, (TODDLER, SCHOOL))
    assert own[0].by_band == {"under_1": 0, "under_4": 0, "children": 2}
    assert free_places([], FRANCE, "Europe/Paris", window)[0].by_band == {"children": 4}


_AGES = st.sampled_from([date(2026, 1, 15), date(2025, 6, 2), date(2022, 6, 2), date(2024, 1, 1), date(2018, 1, 1)])
_PRESENT = st.lists(st.tuples(_AGES, st.integers(0, 30 * 4), st.integers(1, 60)), min_size=1, max_size=9)


@settings(max_examples=120, deadline=None)
@given(_PRESENT, st.booleans(), st.integers(0, 1))
def test_every_slice_agrees_with_counting_each_quarter_of_an_hour(
    given_children: list[tuple[date, int, int]], assistant: bool, tolerated: int
) -> None:
    """Babies who turn one at midnight, resting hours, an assistant, one too many: the same answer, quarter by quarter."""
    limits = replace(
        ENGLAND,
        nap=NapCaps(caps=(AgeCap(code="children", most=8),), source="resting", starts=time(12), ends=time(15)),
    )
    start = datetime(2026, 6, 1, 7, tzinfo=UTC)
    quarter = timedelta(minutes=15)
    children = [
        ChildPresence(
            child_id=UUID(int=number),
            born=born,
            window=TimeWindow(start + first * quarter, start + (first + n) * quarter),
        )
        for number, (born, first, n) in enumerate(given_children)
    ]

    def too_many(moment: datetime) -> bool:
        here = [each.born for each in children if each.window.start <= moment < each.window.end]
        local = moment + timedelta(hours=1)  # London in June
        most = {"under_1": 1, "under_4": 3, "children": 6}
        if assistant:
            most = {"under_1": 2, "under_4": 6, "children": 12}
        most = {code: number + tolerated for code, number in most.items()}
        if 12 <= local.hour < 15:
            most["children"] = max(most["children"], 8 + tolerated)
        years = [local.year - born.year - ((local.month, local.day) < (born.month, born.day)) for born in here]
        return (
            sum(age < 1 for age in years) > most["under_1"]
            or sum(age < 4 for age in years) > most["under_4"]
            or len(years) > most["children"]
        )

    found = check(children, limits, "Europe/London", assistant=assistant, tolerated=tolerated)
    slow = [start + number * quarter for number in range(181) if too_many(start + number * quarter)]
    assert (found.window.start if found else None) == (slow[0] if slow else None)
