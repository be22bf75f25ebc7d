"""What a stretch of care costs and pays, and how it is shared: pure, with hypothesis."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.billing.domain.charge import Attended, Stretch, settle, stretches_of
from services.billing.domain.ledger import charge_entries, payout_entries, reversed_entries
from shared.domain.pricing import Band, Per, Tariff
from shared.domain.sharing import SplitRule
from shared.domain.values import Money, TimeWindow
from tests.services.billing.town import named

EVENING = datetime(2026, 3, 28, 18, 0, tzinfo=UTC)
NIGHT = Band(code="night", percent=30, from_minute=22 * 60, until_minute=7 * 60)
BY_PRESENCE = (SplitRule.EQUAL, SplitRule.BY_CHILDREN, SplitRule.CHILD_HOURS, SplitRule.OVERLAP)
SUNDAY = Band(code="sunday", percent=50, weekdays=(6,))


def visit(family: str, start: int, end: int, *, carer: str = "Ada", children: int = 1, number: int = 0) -> Attended:
    """From so many minutes after 18:00 to so many; that night London's clocks go forward."""
    return Attended(
        visit_id=named(f"{family} {carer} {start} {end} {number}"),
        family_id=named(family),
        child_ids=tuple(named(f"child {n} of {family}") for n in range(children)),
        carer_id=named(carer),
        mode="family_home",
        zone="Europe/London",
        window=TimeWindow(EVENING + timedelta(minutes=start), EVENING + timedelta(minutes=end)),
    )


def tariff(minor_per_hour: int, per: Per = Per.HOUSEHOLD, **changes: Any) -> Tariff:
    return Tariff(minor_per_hour=minor_per_hour, currency="GBP", per=per, supplements=(NIGHT, SUNDAY), **changes)


@st.composite
def visits(draw: st.DrawFn) -> list[Attended]:
    """Up to six visits of four families with two carers in one night."""
    found = []
    for number in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, 900))
        found.append(
            visit(
                draw(st.sampled_from(["Ames", "Bell", "Cole", "Dunn"])),
                start,
                start + draw(st.integers(1, 600)),
                carer=draw(st.sampled_from(["Ada", "Bo"])),
                children=draw(st.integers(1, 3)),
                number=number,
            )
        )
    return found


TARIFFS = st.builds(
    tariff,
    st.integers(0, 9999),
    st.sampled_from(list(Per)),
    minimum_minutes=st.integers(0, 180),
    rounding_minutes=st.sampled_from([1, 5, 15, 60]),
)


@given(visits(), TARIFFS, TARIFFS, st.sampled_from(BY_PRESENCE))
@settings(max_examples=150, deadline=None)
def test_the_parts_always_sum_to_the_whole(
    given_visits: list[Attended], family_tariff: Tariff, carer_tariff: Tariff, rule: SplitRule
) -> None:
    for stretch in stretches_of(given_visits):
        settled = settle(stretch, family_tariff=family_tariff, carer_tariff=carer_tariff, rule=rule)
        assert sum(part.minor for part in settled.parts.values()) == settled.total.minor
        assert min(part.minor for part in settled.parts.values()) >= 0
        assert set(settled.parts) == {each.family_id for each in stretch.visits}
        assert sum(part["minor"] for part in settled.sheet["parts"]) == settled.total.minor
        assert sum(line["minor"] for line in settled.sheet["lines"]) == settled.total.minor
        entries = charge_entries(settled.parts, settled.total, stretch.carer_id, settled.pay)
        assert sum(entry.amount.minor for entry in entries) == 0
        assert sum(entry.amount.minor for entry in [*entries, *reversed_entries(entries)]) == 0


@given(visits(), TARIFFS, st.randoms())
@settings(max_examples=100, deadline=None)
def test_the_order_in_which_visits_are_looked_at_changes_nothing(
    given_visits: list[Attended], family_tariff: Tariff, chance: object
) -> None:
    shuffled = list(given_visits)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert stretches_of(shuffled) == stretches_of(given_visits)


@given(visits())
@settings(max_examples=150, deadline=None)
def test_a_stretch_is_what_one_carer_gave_without_a_break_in_sharing(given_visits: list[Attended]) -> None:
    stretches = stretches_of(given_visits)
    assert sorted(str(v.visit_id) for s in stretches for v in s.visits) == sorted(str(v.visit_id) for v in given_visits)
    for one, other in combinations(stretches, 2):
        assert one.carer_id != other.carer_id or not one.window.overlaps(other.window)


@given(visits(), st.integers(1, 9999))
@settings(max_examples=150, deadline=None)
def test_the_carer_is_paid_once_for_shared_time(given_visits: list[Attended], minor_per_hour: int) -> None:
    flat = Tariff(minor_per_hour=minor_per_hour, currency="GBP")
    for stretch in stretches_of(given_visits):
        alone = Stretch(
            visits=(
                Attended(
                    visit_id=named("whole"),
                    family_id=named("Ames"),
                    child_ids=(named("child"),),
                    carer_id=stretch.carer_id,
                    mode=stretch.mode,
                    zone=stretch.zone,
                    window=stretch.window,
                ),
            )
        )
        shared = settle(stretch, family_tariff=flat, carer_tariff=flat, rule=SplitRule.OVERLAP)
        assert shared.pay == settle(alone, family_tariff=flat, carer_tariff=flat, rule=SplitRule.OVERLAP).pay


@given(visits(), st.integers(1, 9999))
@settings(max_examples=100, deadline=None)
def test_by_overlap_each_minute_is_shared_by_who_is_there_in_it(given_visits: list[Attended], minor: int) -> None:
    """Against a count of every single minute, within one minor unit (the largest remainders)."""
    flat = Tariff(minor_per_hour=minor, currency="GBP")
    for stretch in stretches_of(given_visits):
        settled = settle(stretch, family_tariff=flat, carer_tariff=flat, rule=SplitRule.OVERLAP)
        owed = dict.fromkeys(settled.parts, 0.0)
        for minute in range(stretch.window.minutes):
            moment = stretch.window.start + timedelta(minutes=minute)
            there = {v.family_id for v in stretch.visits if v.window.start <= moment < v.window.end}
            for family in there:
                owed[family] += settled.total.minor / stretch.window.minutes / len(there)
        for family, part in settled.parts.items():
            assert abs(part.minor - owed[family]) < 1


def told(parts: dict[str, int], of: Sequence[Attended], rule: SplitRule, per_hour: int = 1200) -> None:
    (stretch,) = stretches_of(of)
    flat = Tariff(minor_per_hour=per_hour, currency="GBP")
    settled = settle(stretch, family_tariff=flat, carer_tariff=flat, rule=rule)
    assert {family: settled.parts[named(family)].minor for family in parts} == parts


@pytest.mark.parametrize(
    ("rule", "parts"),
    [
        (SplitRule.OVERLAP, {"Ames": 3600, "Bell": 1200}),
        (SplitRule.EQUAL, {"Ames": 2400, "Bell": 2400}),
        (SplitRule.BY_CHILDREN, {"Ames": 1600, "Bell": 3200}),
        (SplitRule.CHILD_HOURS, {"Ames": 2400, "Bell": 2400}),
    ],
)
def test_two_families_split_four_hours_by_their_rule(rule: SplitRule, parts: dict[str, int]) -> None:
    told(parts, [visit("Ames", 0, 240), visit("Bell", 120, 240, children=2)], rule)


def test_what_cannot_be_divided_goes_to_the_largest_remainders_then_by_name() -> None:
    three = sorted(["Ames", "Bell", "Cole"], key=lambda name: str(named(name)))
    told(dict(zip(three, (34, 33, 33), strict=True)), [visit(name, 0, 60) for name in three], SplitRule.OVERLAP, 100)


def test_a_night_through_the_change_of_clocks_has_the_minutes_a_stopwatch_has() -> None:
    (stretch,) = stretches_of([visit("Ames", 240, 720)])
    settled = settle(stretch, family_tariff=tariff(600), carer_tariff=tariff(600), rule=SplitRule.EQUAL)
    assert settled.sheet["minutes"] == 480
    # 22:00 to 07:00 by the clock is eight hours that night; from midnight on it is Sunday, which comes first.
    assert [(line["code"], line["minutes"]) for line in settled.sheet["lines"]] == [("night", 120), ("sunday", 360)]
    assert (stretch.on, stretch.last_day) == (date(2026, 3, 28), date(2026, 3, 29))


def test_the_sheet_says_who_was_alone_and_who_together() -> None:
    (stretch,) = stretches_of([visit("Ames", 0, 180), visit("Bell", 60, 240)])
    sheet = settle(stretch, family_tariff=tariff(600), carer_tariff=tariff(600), rule=SplitRule.OVERLAP).sheet
    assert sheet["rule"] == "overlap"
    by_family = {part["family_id"]: (part["minutes_alone"], part["minutes_together"]) for part in sheet["parts"]}
    assert by_family == {str(named("Ames")): (60, 120), str(named("Bell")): (60, 120)}
    assert [(s["minutes"], len(s["families"])) for s in sheet["segments"]] == [(60, 1), (120, 2), (60, 1)]


def test_families_of_one_carer_who_were_never_there_together_are_charged_apart() -> None:
    stretches = stretches_of([visit("Ames", 0, 60), visit("Bell", 60, 120)])
    assert [len(stretch.visits) for stretch in stretches] == [1, 1]


def test_a_payout_takes_from_what_is_owed_to_the_carer() -> None:
    owed, bank = payout_entries(named("Ada"), Money(4800, "GBP"))
    assert (owed.party_id, owed.amount.minor, bank.amount.minor) == (named("Ada"), 4800, -4800)
