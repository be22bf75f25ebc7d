"""Each rule at its edge: the last carer it lets through and the first it rules out."""

from datetime import date, time, timedelta
from typing import Any

import pytest

from services.matching.domain.carer import Busy, FreeHours
from services.matching.domain.eligibility import ALL, SAFETY, rule_out, unsafe
from services.matching.domain.need import Need
from shared.domain.credentials import CredentialHeld
from shared.domain.values import TimeWindow
from tests.services.matching.cases import (
    PAPERS,
    busy,
    calendar,
    carer,
    child,
    local,
    named,
    need,
    place,
    visit,
)


def _code(asked: Need | None = None, who: Any = None, *others: Any) -> str | None:
    said = rule_out(calendar(asked, who, *others))
    return said.code if said else None


def test_a_carer_who_fits_may_come() -> None:
    assert rule_out(calendar()) is None


def test_every_no_has_a_sentence_with_its_numbers_and_a_source() -> None:
    said = rule_out(calendar(who=carer(km_east=21)))
    assert said is not None
    assert (said.code, said.sentence, said.source) == (
        "distance",
        "21.0 km away, and they travel at most 20 km.",
        "the carer's own wish",
    )


def test_who_a_family_excluded_is_ruled_out_without_a_why() -> None:
    asked = need(visit(excluded_carer_ids=frozenset({named("Ada")})))
    said = rule_out(calendar(asked))
    assert said is not None
    assert (said.code, said.sentence) == ("excluded", "The family asked for somebody else.")
    assert _code(asked, carer("Bea")) is None


def test_who_the_roster_refused_is_ruled_out_in_its_words() -> None:
    said = rule_out(calendar(need(refused=((named("Ada"), "Too little rest."),))))
    assert said is not None
    assert (said.code, said.sentence) == ("refused", "Too little rest.")


@pytest.mark.parametrize(("modes", "code"), [(("family_home",), None), (("carer_home",), "mode")])
def test_mode(modes: tuple[str, ...], code: str | None) -> None:
    assert _code(who=carer(modes=modes)) == code


@pytest.mark.parametrize(("skills", "code"), [(("epilepsy", "sign"), None), (("sign",), "skills"), ((), "skills")])
def test_skills(skills: tuple[str, ...], code: str | None) -> None:
    assert _code(need(visit(skills=("sign", "epilepsy"))), carer(skills=skills)) == code


@pytest.mark.parametrize(("km", "code"), [(19.9, None), (20.1, "distance")])
def test_distance_to_a_family(km: float, code: str | None) -> None:
    assert _code(who=carer(km_east=km)) == code


@pytest.mark.parametrize(("km", "code"), [(4.9, None), (5.1, "distance")])
def test_distance_a_family_is_asked_to_bring_a_child(km: float, code: str | None) -> None:
    assert _code(need(visit(mode="carer_home")), carer(km_east=km)) == code


@pytest.mark.parametrize(
    ("start", "end", "without", "code"),
    [
        ("2026-06-02 18:00", "2026-06-02 23:00", "nights", None),
        ("2026-06-02 18:00", "2026-06-02 23:01", "nights", "opt_in.nights"),
        ("2026-06-02 05:59", "2026-06-02 08:00", "nights", "opt_in.nights"),
        ("2026-06-02 06:00", "2026-06-02 08:00", "nights", None),
        ("2026-06-05 18:00", "2026-06-06 00:00", "weekends", None),
        ("2026-06-05 18:00", "2026-06-06 00:01", "weekends", "opt_in.weekends"),
        ("2026-06-07 20:00", "2026-06-08 01:00", "weekends", "opt_in.weekends"),
        ("2026-06-08 00:00", "2026-06-08 08:00", "weekends", None),
    ],
)
def test_nights_and_weekends_are_opted_in_to(start: str, end: str, without: str, code: str | None) -> None:
    opt_ins = tuple(each for each in ("nights", "weekends") if each != without)
    assert _code(need(visit(start, end)), carer(opt_ins=opt_ins)) == code


@pytest.mark.parametrize(
    ("asked", "opt_in"),
    [
        ({"urgent": True}, "sick_child"),
        ({"occasional": True}, "occasional"),
        ({"urgent": True, "occasional": True}, "sick_child"),
    ],
)
def test_urgent_and_single_visits_are_opted_in_to(asked: dict[str, bool], opt_in: str) -> None:
    assert _code(need(**asked), carer(opt_ins=())) == f"opt_in.{opt_in}"
    assert _code(need(**asked), carer(opt_ins=(opt_in,))) is None


@pytest.mark.parametrize(("until", "code"), [("2026-06-02 18:00", None), ("2026-06-02 18:01", "absent")])
def test_an_absence_ends_where_the_visit_begins(until: str, code: str | None) -> None:
    away = TimeWindow(local("2026-06-01 00:00"), local(until))
    assert _code(who=carer(absences=(away,))) == code


@pytest.mark.parametrize(
    ("hours", "code"),
    [
        ([(1, "18:00", "21:00")], None),
        ([(1, "18:01", "21:00")], "availability"),
        ([(1, "18:00", "20:59")], "availability"),
        ([(1, "18:00", "19:30"), (1, "19:30", "21:00")], None),
        ([(1, "18:00", "19:30"), (1, "19:31", "21:00")], "availability"),
        ([(2, "18:00", "21:00")], "availability"),
        ([], "availability"),
    ],
)
def test_free_hours_cover_the_whole_visit(hours: list[tuple[int, str, str]], code: str | None) -> None:
    free = tuple(
        FreeHours(weekday=day, start=time.fromisoformat(start), end=time.fromisoformat(end))
        for day, start, end in hours
    )
    assert _code(who=carer(hours=free)) == code


def test_a_night_is_covered_by_the_free_night_of_the_day_before() -> None:
    night = (FreeHours(weekday=1, start=time(21), end=time(7)),)
    assert _code(need(visit("2026-06-02 21:00", "2026-06-03 07:00")), carer(hours=night)) is None
    assert _code(need(visit("2026-06-03 01:00", "2026-06-03 07:00")), carer(hours=night)) is None
    said = rule_out(calendar(need(visit("2026-06-02 21:00", "2026-06-03 07:30")), carer(hours=night)))
    assert said is not None
    assert said.sentence == "Free until Wed 03 Jun 07:00; the visit lasts until Wed 03 Jun 07:30."


@pytest.mark.parametrize("day", ["2026-03-28", "2026-10-24"])
def test_a_free_night_covers_a_visit_through_a_clock_change(day: str) -> None:
    night = (FreeHours(weekday=5, start=time(21), end=time(7)),)
    following = date.fromisoformat(day) + timedelta(days=1)
    assert _code(need(visit(f"{day} 21:00", f"{following} 07:00")), carer(hours=night)) is None
    assert _code(need(visit(f"{day} 21:00", f"{following} 07:01")), carer(hours=night)) == "availability"


def test_free_hours_are_on_the_carers_own_clock() -> None:
    evening = (FreeHours(weekday=1, start=time(18), end=time(21)),)
    assert _code(who=carer(hours=evening, hours_zone="Europe/Paris")) == "availability"
    later = (FreeHours(weekday=1, start=time(19), end=time(22)),)
    assert _code(who=carer(hours=later, hours_zone="Europe/Paris")) is None


@pytest.mark.parametrize(("last_day", "code"), [(date(2026, 6, 3), None), (date(2026, 6, 2), "credentials")])
def test_a_paper_that_lapses_at_midnight_ends_a_night(last_day: date, code: str | None) -> None:
    papers = tuple(CredentialHeld(kind=kind, valid_from=date(2020, 1, 1), valid_until=last_day) for kind in PAPERS)
    asked = need(visit("2026-06-02 21:00", "2026-06-03 06:00"))
    said = rule_out(calendar(asked, carer(credentials=papers)))
    assert (said.code if said else None) == code
    if said:
        assert said.sentence.startswith("Their good conduct has expired on Wed 03 Jun 00:00; 4 papers")
        assert "1:R37" in said.source


@pytest.mark.parametrize(
    ("start", "end", "code"),
    [("2026-06-02 14:00", "2026-06-02 18:01", "overlaps"), ("2026-06-02 20:59", "2026-06-02 22:00", "overlaps")],
)
def test_nobody_is_in_two_places_at_once(start: str, end: str, code: str) -> None:
    assert _code(None, None, busy(start, end)) == code


@pytest.mark.parametrize("gap_minutes", [23, 24])
def test_there_is_time_for_the_way_from_the_visit_before_and_to_the_one_after(gap_minutes: int) -> None:
    # 10 km east: 13.5 km by road at 35 km/h are 24 minutes.
    far = place("far", 10)
    before = local("2026-06-02 18:00") - timedelta(minutes=gap_minutes)
    after = local("2026-06-02 21:00") + timedelta(minutes=gap_minutes)
    earlier = Busy(window=TimeWindow(local("2026-06-02 16:00"), before), place=far, children=())
    later = Busy(window=TimeWindow(after, after + timedelta(hours=1)), place=far, children=())
    expected = None if gap_minutes == 24 else "too-far"
    assert _code(None, None, earlier) == expected
    assert _code(None, None, later) == expected


def test_two_families_at_one_home_need_their_consent() -> None:
    agreement = named("agreement")
    beside = busy("2026-06-02 18:00", "2026-06-02 21:00", place("family"), shared=agreement)
    assert _code(need(visit(shared_care_id=agreement)), None, beside) is None
    assert _code(need(visit(shared_care_id=named("another"))), None, beside) == "consent"
    assert _code(need(visit()), None, beside) == "consent"
    assert _code(need(visit()), None, busy("2026-06-02 18:00", "2026-06-02 21:00", place("family"))) == "consent"


def test_the_ratio_holds_at_a_childminders_at_every_moment() -> None:
    home = carer().home
    three = [
        busy("2026-06-02 15:00", "2026-06-02 19:00", home, children=(child("one"), child("two"))),
        busy("2026-06-02 16:00", "2026-06-02 18:30", home, children=(child("three"),)),
    ]
    said = rule_out(calendar(need(visit(mode="carer_home")), None, *three))
    assert said is not None
    assert said.code == "ratio"
    assert said.sentence == "4 children (under_4) from Tue 02 Jun 18:00 to Tue 02 Jun 18:30, where 3 are allowed."
    assert _code(need(visit("2026-06-02 18:30", mode="carer_home")), None, *three) is None


def test_a_childminders_own_children_count_where_the_country_says_so() -> None:
    asked = need(visit(mode="carer_home"))
    assert _code(asked, carer(own_children_born=(date(2024, 1, 1),) * 2)) is None
    assert _code(asked, carer(own_children_born=(date(2024, 1, 1),) * 3)) == "ratio"


def test_rest_is_kept_before_the_next_days_first_visit() -> None:
    next_day = busy("2026-06-03 07:00", "2026-06-03 12:00", place("family"))
    kept = need(visit("2026-06-02 14:00", "2026-06-02 20:00"))
    short = need(visit("2026-06-02 14:00", "2026-06-02 20:30"))
    assert _code(kept, None, next_day) is None
    said = rule_out(calendar(short, None, next_day))
    assert said is not None
    assert (said.code, "11 h" in said.sentence, "2003/88" in said.source) == ("rest", True, True)


def test_the_carers_own_yes_sets_wishes_aside_but_never_safety() -> None:
    wishes = carer(km_east=30, hours=(), opt_ins=())
    assert rule_out(calendar(who=wishes)) is not None
    assert unsafe(calendar(who=wishes)) is None
    said = unsafe(calendar(who=carer(credentials=())))
    assert said is not None
    assert said.code == "credentials"
    assert set(SAFETY) < set(ALL)


def test_a_needs_own_visits_are_not_in_its_way() -> None:
    asked = need()
    own = busy("2026-06-02 18:00", "2026-06-02 21:00", place("family"))
    mine = Busy(window=own.window, place=own.place, children=own.children, visit_id=asked.first.visit_id)
    assert _code(asked, None, mine) is None
