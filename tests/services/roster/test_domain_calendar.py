"""Whether one more visit fits a carer's calendar: each rule at its edge, and what doesn't matter doesn't."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.roster.adapters.rule_packs import rules_on
from services.roster.domain.calendar import Calendar, CarerNow, Consent, Held, Refusal
from shared.domain.credentials import CredentialHeld
from shared.domain.travel import TransportMode, leg
from shared.domain.values import Place, TimeWindow
from shared.jurisdictions.packs import CareMode, pack

LONDON = ZoneInfo("Europe/London")
PAPERS = ("good_conduct", "paediatric_first_aid", "ofsted", "insurance")
PACK = pack("en", date(2026, 6, 2))


def _id(name: str) -> UUID:
    return uuid5(UUID(int=11), name)


def _local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


def _place(name: str, km_east: float = 0.0) -> Place:
    return Place(
        place_id=_id(name), latitude=50.8225, longitude=-0.1372 + km_east / 70.26, zone="Europe/London", area=name
    )


def _held(start: str, end: str, at: Place | None = None, **changes: Any) -> Held:
    held = Held(
        window=TimeWindow(_local(start), _local(end)),
        place=at or _place("family"),
        mode=CareMode.FAMILY_HOME,
        children=((_id(f"child {start}"), date(2023, 5, 1)),),
        family_id=_id("family"),
    )
    return replace(held, **changes)


def _carer(**changes: Any) -> CarerNow:
    carer = CarerNow(
        home=_place("home"),
        modes=("family_home", "carer_home"),
        transport="car",
        credentials=tuple(CredentialHeld(kind=kind, valid_from=date(2020, 1, 1)) for kind in PAPERS),
        own_children_born=(),
        cleared_on=date(2020, 1, 1),
    )
    return replace(carer, **changes)


def _refusal(new: Held, *held: Held, carer: CarerNow | None = None, **changes: Any) -> Refusal | None:
    calendar = Calendar(
        carer=carer or _carer(),
        held=held,
        away=(),
        rules_on=lambda day: rules_on("en", day),
        consent=None,
        shift_pause=timedelta(minutes=180),
    )
    return replace(calendar, **changes).refusal(new)


def _reason(*about: Any, **changes: Any) -> str | None:
    refusal = _refusal(*about, **changes)
    return refusal.reason if refusal else None


EVENING = _held("2026-06-02 18:00", "2026-06-02 21:00")


def test_an_empty_calendar_takes_a_visit() -> None:
    assert _refusal(EVENING) is None


def test_visits_that_touch_at_one_place_fit_and_those_that_overlap_elsewhere_dont() -> None:
    next_door = _place("next door", 0.001)
    assert _reason(EVENING, _held("2026-06-02 21:00", "2026-06-02 22:00")) is None
    assert _reason(EVENING, _held("2026-06-02 20:59", "2026-06-02 22:00", next_door)) == "overlaps"
    assert _reason(EVENING, _held("2026-06-02 17:00", "2026-06-02 18:01", next_door)) == "overlaps"


@pytest.mark.parametrize("before", [True, False])
def test_the_way_must_fit_to_the_minute_on_both_sides(before: bool) -> None:
    far = _place("far", 10)
    minutes = leg(_place("family"), far, TransportMode.CAR, PACK.travel).minutes
    for gap, expected in ((minutes, None), (minutes - 1, "too-far")):
        if before:
            window = TimeWindow(
                EVENING.window.start - timedelta(minutes=gap + 60), EVENING.window.start - timedelta(minutes=gap)
            )
        else:
            window = TimeWindow(EVENING.window.end + timedelta(minutes=gap), EVENING.window.end + timedelta(hours=2))
        assert _reason(EVENING, replace(EVENING, window=window, place=far)) == expected


def test_who_walks_needs_longer_than_who_drives() -> None:
    far = _held("2026-06-02 21:30", "2026-06-02 22:30", _place("far", 5))
    assert _reason(EVENING, far) is None
    refusal = _refusal(EVENING, far, carer=_carer(transport="foot"))
    assert refusal is not None
    assert (refusal.reason, "there are 30" in refusal.sentence) == ("too-far", True)
    assert refusal.source == PACK.source("travel")


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2026-06-02 17:00", "2026-06-02 18:00", None),
        ("2026-06-02 17:00", "2026-06-02 18:01", "absent"),
        ("2026-06-02 21:00", "2026-06-02 22:00", None),
        ("2026-06-02 19:00", "2026-06-02 19:01", "absent"),
    ],
)
def test_an_absence_counts_from_its_start_up_to_its_end(start: str, end: str, expected: str | None) -> None:
    assert _reason(EVENING, away=(TimeWindow(_local(start), _local(end)),)) == expected


def test_papers_must_be_good_on_every_local_day_of_a_night() -> None:
    night = _held("2026-06-02 22:00", "2026-06-03 06:00")
    last_day = tuple(
        CredentialHeld(kind=kind, valid_from=date(2020, 1, 1), valid_until=date(2026, 6, 2)) for kind in PAPERS
    )
    assert _reason(EVENING, carer=_carer(credentials=last_day)) is None
    refusal = _refusal(night, carer=_carer(credentials=last_day))
    assert refusal is not None
    assert refusal.reason == "credentials"
    assert "from Wed 03 Jun 00:00 on" in refusal.sentence
    assert refusal.source == PACK.source("credentials.family_home")


@pytest.mark.parametrize(
    ("consent", "expected"),
    [
        (None, "consent"),
        (
            Consent(family_ids=frozenset({_id("family"), _id("other")}), valid_from=date(2026, 6, 2), valid_until=None),
            None,
        ),
        (
            Consent(family_ids=frozenset({_id("family"), _id("other")}), valid_from=date(2026, 6, 3), valid_until=None),
            "consent",
        ),
        (
            Consent(
                family_ids=frozenset({_id("family"), _id("other")}),
                valid_from=date(2026, 1, 1),
                valid_until=date(2026, 6, 2),
            ),
            None,
        ),
        (
            Consent(
                family_ids=frozenset({_id("family"), _id("other")}),
                valid_from=date(2026, 1, 1),
                valid_until=date(2026, 6, 1),
            ),
            "consent",
        ),
        (
            Consent(family_ids=frozenset({_id("family"), _id("third")}), valid_from=date(2026, 1, 1), valid_until=None),
            "consent",
        ),
    ],
)
def test_families_share_a_home_only_on_days_they_agreed_to(consent: Consent | None, expected: str | None) -> None:
    shared = _id("agreement")
    other = replace(EVENING, family_id=_id("other"), shared_care_id=shared)
    assert _reason(replace(EVENING, shared_care_id=shared), other, consent=consent) == expected
    assert _reason(EVENING, other, consent=consent) == "consent"


def test_two_visits_of_one_family_at_once_need_no_agreement() -> None:
    sibling = replace(EVENING, children=((_id("sibling"), date(2020, 1, 1)),))
    assert _reason(EVENING, sibling) is None


def test_at_a_childminders_a_child_is_as_old_as_on_that_very_day() -> None:
    """England: one child under one at a time; the first has its birthday at midnight of this very night."""
    home = _carer().home
    at_home: dict[str, Any] = {"mode": CareMode.CARER_HOME, "place": home}
    baby = ((_id("baby"), date(2026, 1, 1)),)
    turns_one = ((_id("turns one"), date(2025, 6, 3)),)
    evening = _held("2026-06-02 18:00", "2026-06-02 23:00", children=baby, **at_home)
    night = _held("2026-06-02 18:00", "2026-06-03 02:00", children=turns_one, **at_home)
    after_midnight = _held("2026-06-03 00:00", "2026-06-03 02:00", children=baby, **at_home)
    assert _reason(evening, night) == "ratio"
    assert _reason(after_midnight, night) is None


def test_own_children_count_at_the_carers_home_and_not_at_the_familys() -> None:
    mother = _carer(own_children_born=(date(2024, 1, 1), date(2023, 1, 1), date(2022, 9, 1)))
    assert _reason(EVENING, carer=mother) is None
    at_home = replace(EVENING, mode=CareMode.CARER_HOME, place=mother.home)
    refusal = _refusal(at_home, carer=mother)
    assert refusal is not None
    assert (refusal.reason, refusal.source) == ("ratio", PACK.ratio("carer_home").source)


def test_travel_counts_as_work_when_rest_is_reckoned() -> None:
    """Eleven hours lie between the visits; a carer who lives there may, one who lives 20 km away may not."""
    night = _held("2026-06-02 18:00", "2026-06-03 00:00")
    noon = _held("2026-06-03 11:00", "2026-06-03 18:00")
    assert _reason(noon, night, carer=_carer(home=_place("family"))) is None
    refusal = _refusal(noon, night, carer=_carer(home=_place("home", 20)))
    assert refusal is not None
    assert (refusal.reason, refusal.source) == ("rest", PACK.working_time.source)
    assert refusal.said.endswith(f"Source: {PACK.working_time.source}.")


def test_a_pause_within_a_shift_is_spent_on_the_way_to_the_next_family_not_home() -> None:
    """Five days of two visits an hour apart, 20 km from home: 58 hours, and 63 had she gone home in each pause."""
    carer = _carer(home=_place("home", 20))
    mornings = [_held(f"2026-06-0{day} 08:00", f"2026-06-0{day} 12:00") for day in range(1, 6)]
    afternoons = [_held(f"2026-06-0{day} 13:00", f"2026-06-0{day} 19:00") for day in range(1, 6)]
    assert _reason(afternoons[4], *mornings, *afternoons[:4], carer=carer) is None
    no_pause = timedelta()
    assert _reason(afternoons[4], *mornings, *afternoons[:4], carer=carer, shift_pause=no_pause) == "rest"


def test_a_week_has_a_most_of_hours_at_all_desks_together() -> None:
    days = [
        _held(f"2026-06-0{day} 08:00", f"2026-06-0{day} 19:00", _carer().home, family_id=None) for day in range(1, 6)
    ]
    sixth = _held("2026-06-06 08:00", "2026-06-06 14:00", _carer().home)
    refusal = _refusal(sixth, *days, consent=None)
    assert refusal is not None
    assert (refusal.reason, "work within seven days" in refusal.sentence) == ("rest", True)
    assert _reason(sixth, *days[:4]) is None


def test_children_who_follow_each_other_at_a_childminders_are_one_stretch_with_its_breaks_in_it() -> None:
    home = _carer().home
    morning = _held("2026-06-02 07:30", "2026-06-02 12:00", home, mode=CareMode.CARER_HOME)
    afternoon = _held("2026-06-02 12:00", "2026-06-02 17:30", home, mode=CareMode.CARER_HOME)
    assert (
        _reason(_held("2026-06-02 17:30", "2026-06-02 18:00", home, mode=CareMode.CARER_HOME), morning, afternoon)
        is None
    )


def test_visit_after_visit_on_the_road_needs_a_break_within_six_hours() -> None:
    mornings = [
        _held("2026-06-02 08:00", "2026-06-02 10:00", _place("a", 1)),
        _held("2026-06-02 10:10", "2026-06-02 12:10", _place("b", 2)),
    ]
    refusal = _refusal(_held("2026-06-02 12:20", "2026-06-02 14:20", _place("c", 1)), *mornings, carer=_carer())
    assert refusal is not None
    assert (refusal.reason, "work without a break" in refusal.sentence) == ("rest", True)
    assert _reason(_held("2026-06-02 12:45", "2026-06-02 14:20", _place("c", 1)), *mornings) is None


def test_the_first_reason_is_the_one_a_dispatcher_would_give_first() -> None:
    nobody = _carer(modes=("carer_home",), credentials=())
    away = (EVENING.window,)
    assert _reason(EVENING, carer=nobody, away=away) == "mode"
    assert _reason(EVENING, carer=_carer(credentials=()), away=away) == "absent"
    assert _reason(EVENING, replace(EVENING, place=_place("far")), carer=_carer(credentials=())) == "credentials"


@settings(max_examples=40, deadline=None)
@given(order=st.permutations(range(4)))
def test_the_order_in_which_visits_are_known_changes_nothing(order: list[int]) -> None:
    held = [
        _held("2026-06-01 18:00", "2026-06-02 04:00", _place("a", 3)),
        _held("2026-06-02 22:00", "2026-06-03 04:00", _place("b", 6)),
        _held("2026-06-02 16:00", "2026-06-02 17:40", _place("c", 1)),
        _held("2026-06-04 18:00", "2026-06-04 23:00", _place("d", 9)),
    ]
    assert _refusal(EVENING, *(held[index] for index in order)) == _refusal(EVENING, *held)


@settings(max_examples=100, deadline=None)
@given(start=st.integers(-600, 600), minutes=st.integers(15, 300), km=st.integers(0, 15))
def test_what_is_let_in_leaves_time_for_the_way(start: int, minutes: int, km: int) -> None:
    """Whatever the other visit, one beside it is only let in where the carer can really get there."""
    begins = EVENING.window.start + timedelta(minutes=start)
    other = replace(
        EVENING,
        window=TimeWindow(begins, begins + timedelta(minutes=minutes)),
        place=_place(f"{km} km", km),
    )
    if _refusal(EVENING, other) is not None:
        return
    way = timedelta(minutes=leg(EVENING.place, other.place, TransportMode.CAR, PACK.travel).minutes)
    assert other.window.start >= EVENING.window.end + way or EVENING.window.start >= other.window.end + way
