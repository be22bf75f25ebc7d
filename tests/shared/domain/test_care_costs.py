"""What a stretch of care comes to for each party, with its extras, and each family's part of it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_DNS, UUID, uuid5

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.care_costs import (
    Care,
    CaredVisit,
    CareKind,
    CareTariffs,
    ChildThere,
    agency_keeps,
    cancellation_percent,
    cost_of_care,
    price_cancelled,
    price_care,
    price_travel,
)
from shared.domain.errors import Invalid
from shared.domain.pricing import AgeBand, Band, CancellationStep, Per, ShortNotice, Tariff
from shared.domain.sharing import SplitRule, SplitTerms
from shared.domain.tariffs import ChosenTariff, Party
from shared.domain.values import Money, TimeWindow

EVENING = datetime(2026, 6, 1, 17, tzinfo=UTC)
NIGHT = Band(code="night", percent=25, from_minute=22 * 60, until_minute=7 * 60)


def named(name: str) -> UUID:
    return uuid5(NAMESPACE_DNS, name)


def hours(first: float, last: float) -> TimeWindow:
    return TimeWindow(EVENING + timedelta(hours=first), EVENING + timedelta(hours=last))


def child(name: str, window: TimeWindow, born: date | None = None) -> ChildThere:
    return ChildThere(child_id=named(name), window=window, born=born)


def visit(family: str, window: TimeWindow, *children: ChildThere, **more: Any) -> CaredVisit:
    return CaredVisit(
        visit_id=named(f"visit {family}"),
        family_id=named(family),
        window=window,
        children=children or (child(f"child of {family}", window),),
        **more,
    )


def care(*visits: CaredVisit, kind: CareKind = CareKind.CARE) -> Care:
    return Care(visits=visits, zone="Europe/Brussels", kind=kind)


def tariff(minor_per_hour: int = 1200, **changes: Any) -> Tariff:
    return Tariff(minor_per_hour=minor_per_hour, currency="EUR", **changes)


def chosen(used: Tariff, name: str = "desk") -> ChosenTariff:
    return ChosenTariff(tariff_id=named(name), tariff=used, because=("desk",))


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def told(found: Any) -> list[tuple[str, int]]:
    return [(line.code, line.minor) for line in found.lines]


def test_a_household_pays_once_at_the_age_of_its_youngest() -> None:
    ages = (AgeBand(code="under_2", percent=20, until_months=24),)
    two = (child("kit", hours(0, 2), date(2024, 7, 1)), child("max", hours(0, 2), date(2020, 1, 1)))
    assert price_care(care(visit("A", hours(0, 2), *two)), tariff(ages=ages), Party.FAMILY).total == eur(2880)
    # A month later the youngest is two.
    older = (child("kit", hours(0, 2), date(2024, 6, 1)), two[1])
    assert price_care(care(visit("A", hours(0, 2), *older)), tariff(ages=ages), Party.FAMILY).total == eur(2400)


def test_each_child_pays_its_own_time_age_and_the_siblings_less() -> None:
    rate = tariff(600, per=Per.CHILD, siblings=(25, 50), ages=(AgeBand(code="baby", percent=50, until_months=12),))
    born = (date(2026, 1, 1), date(2022, 1, 1), date(2020, 1, 1), date(2018, 1, 1))
    children = tuple(child(f"{n}", hours(0, 2), day) for n, day in enumerate(born))
    found = price_care(care(visit("A", hours(0, 2), *children)), rate, Party.FAMILY)
    assert [(line.children, line.age_percent, line.sibling_percent, line.minor) for line in found.lines] == [
        (1, 50, 0, 1800),
        (1, 0, 25, 900),
        (2, 0, 50, 1200),
    ]
    assert found.billable_minutes == 4 * 120
    late = (children[0], child("1", hours(1, 2), born[1]))
    assert price_care(care(visit("A", hours(0, 2), *late)), rate, Party.FAMILY).total == eur(1800 + 450)


def test_meals_and_short_notice_are_the_familys_own() -> None:
    rate = tariff(
        minor_per_meal=350, notice=(ShortNotice(hours=48, percent=5), ShortNotice(hours=24, percent=10, minor=200))
    )
    shared = care(
        visit("A", hours(0, 2), meals=2, notice_minutes=60 * 23),
        visit("B", hours(0, 2), notice_minutes=60 * 24),
        visit("C", hours(0, 2), notice_minutes=60 * 48),
    )
    found = price_care(shared, rate, Party.FAMILY)
    assert found.own == {named("A"): eur(700 + 80 + 200), named("B"): eur(40)}
    assert found.shared == eur(2400)
    assert sum(line.minor for line in found.lines) == found.total.minor


def test_an_introduction_is_free_to_the_family_and_paid_to_the_carer() -> None:
    meeting = care(visit("A", hours(0, 1), meals=1), kind=CareKind.INTRODUCTION)
    rate = tariff(minor_per_meal=350)
    assert told(price_care(meeting, rate, Party.FAMILY)) == [("base", 1200), ("introduction", -1200)]
    assert price_care(meeting, rate, Party.CARER).total == eur(1550)
    half = price_care(meeting, tariff(introduction_percent=50), Party.FAMILY)
    assert half.total == eur(600)


def test_standby_is_what_the_tariff_says_it_is() -> None:
    held = care(visit("A", hours(0, 4)), kind=CareKind.STANDBY)
    assert price_care(held, tariff(), Party.FAMILY).total == eur(0)
    assert price_care(held, tariff(), Party.CARER).total == eur(4800)
    assert price_care(held, tariff(standby_percent=30), Party.CARER).total == eur(1440)


@pytest.mark.parametrize(
    ("minutes_before", "percent"),
    [(49 * 60, 0), (48 * 60, 0), (48 * 60 - 1, 25), (24 * 60, 25), (24 * 60 - 1, 50), (1, 50), (0, 100), (-30, 100)],
)
def test_a_late_cancellation_costs_by_how_late_it_is(minutes_before: int, percent: int) -> None:
    steps = tuple(CancellationStep(hours=h, percent=p) for h, p in ((48, 25), (24, 50), (0, 100)))
    assert cancellation_percent(tariff(cancellation=steps), minutes_before, 0) == percent


def test_without_steps_or_within_respite_days_it_costs_nothing() -> None:
    steps = (CancellationStep(hours=24, percent=50),)
    assert cancellation_percent(tariff(), 0, 99) == 0
    assert cancellation_percent(tariff(cancellation=steps, respite_days=None), 0, 99) == 0
    assert cancellation_percent(tariff(cancellation=steps, respite_days=3), 0, 2) == 0
    assert cancellation_percent(tariff(cancellation=steps, respite_days=3), 0, 3) == 50
    whole = price_cancelled(care(visit("A", hours(0, 2), meals=2)), tariff(minor_per_meal=350), Party.FAMILY, 50)
    assert told(whole) == [("base", 2400), ("cancelled", -1200)]


def test_the_way_is_paid_by_kilometre_and_by_time() -> None:
    total, lines = price_travel(tariff(minor_per_km=43, minor_per_travel_hour=1000), 12_345, 20)
    assert total == eur(531 + 333)
    assert [(line.code, line.quantity) for line in lines] == [("km", 12345), ("travel_time", 20)]
    assert price_travel(tariff(), 12_345, 20) == (eur(0), ())


def test_without_a_familys_tariff_it_pays_what_the_carer_earns_and_the_agency_keeps() -> None:
    agency = tariff(0, minor_per_session=250, share=1000)
    costs = cost_of_care(
        care(visit("A", hours(0, 3))),
        CareTariffs(families={named("A"): None}, carer=chosen(tariff(700)), agency=chosen(agency, "agency")),
    )
    assert costs.carer.total == eur(2100)
    assert costs.total == eur(2100 + 250 + 210)
    assert told(costs.parts[named("A")].priced) == [("base", 2100), ("agency.base", 250), ("agency.share", 210)]
    with pytest.raises(Invalid):
        cost_of_care(care(visit("A", hours(0, 3))), CareTariffs(families={}, carer=chosen(tariff(700))))


def test_what_is_left_to_the_desk_is_what_carer_and_agency_leave() -> None:
    costs = cost_of_care(
        care(visit("A", hours(0, 3))),
        CareTariffs(
            families={named("A"): chosen(tariff(1000))},
            carer=chosen(tariff(700)),
            agency=chosen(tariff(0, share=2000), "agency"),
        ),
    )
    assert costs.agency is not None
    assert (costs.total, costs.agency.total, costs.kept) == (eur(3000), eur(600), eur(300))
    assert agency_keeps(care(visit("A", hours(0, 3))), tariff(100), eur(3000)).total == eur(300)


def test_each_family_pays_its_share_at_its_own_tariff() -> None:
    evening = care(visit("A", hours(0, 4)), visit("B", hours(2, 4)))
    families = {named("A"): chosen(tariff(1200)), named("B"): chosen(tariff(600), "low")}
    costs = cost_of_care(
        evening, CareTariffs(families=families, carer=chosen(tariff(900))), SplitTerms(rule=SplitRule.OVERLAP)
    )
    assert {family: part.total for family, part in costs.parts.items()} == {named("A"): eur(3600), named("B"): eur(600)}
    assert costs.total == eur(4200)
    assert costs.carer.total == eur(3600)


def test_the_hosts_home_is_paid_for_by_the_others() -> None:
    evening = care(visit("A", hours(0, 4)), visit("B", hours(2, 4)))
    terms = SplitTerms(rule=SplitRule.EQUAL, host=named("A"), host_minor_per_hour=100)
    desk = chosen(tariff(1200))
    costs = cost_of_care(
        evening, CareTariffs(families={named("A"): desk, named("B"): desk}, carer=chosen(tariff(900))), terms
    )
    assert {f: (p.share, p.host, p.total) for f, p in costs.parts.items()} == {
        named("A"): (eur(2400), eur(-200), eur(2200)),
        named("B"): (eur(2400), eur(200), eur(2600)),
    }
    assert costs.total == eur(4800)


def test_families_who_share_need_a_rule_and_every_visit_a_child() -> None:
    desk = chosen(tariff())
    both = {named("A"): desk, named("B"): desk}
    with pytest.raises(Invalid):
        cost_of_care(care(visit("A", hours(0, 4)), visit("B", hours(2, 4))), CareTariffs(families=both, carer=desk))
    with pytest.raises(Invalid):
        CaredVisit(visit_id=named("v"), family_id=named("A"), window=hours(0, 1), children=())


_tariffs = st.builds(
    tariff,
    st.integers(0, 5000),
    per=st.sampled_from(list(Per)),
    supplements=st.sampled_from(
        [(), (NIGHT,), (Band(code="late", percent=0, minor_per_hour=99, from_minute=0, until_minute=1200),)]
    ),
    rounding_minutes=st.sampled_from([1, 15, 30]),
    minimum_minor=st.sampled_from([0, 1500]),
    ceiling_minor=st.sampled_from([None, 9000]),
    ages=st.sampled_from([(), (AgeBand(code="baby", percent=33, until_months=30),)]),
    minor_per_meal=st.integers(0, 500),
    notice=st.sampled_from([(), (ShortNotice(hours=24, percent=7, minor=99),)]),
    share=st.integers(0, 10000),
)
_visits = st.lists(
    st.builds(
        lambda family, start, length, meals, notice: visit(
            family,
            TimeWindow(EVENING + timedelta(minutes=start), EVENING + timedelta(minutes=start + length)),
            meals=meals,
            notice_minutes=notice,
        ),
        st.sampled_from("ABC"),
        st.integers(0, 600),
        st.integers(1, 900),
        st.integers(0, 3),
        st.one_of(st.none(), st.integers(0, 3000)),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=200, deadline=None)
@given(
    _visits,
    _tariffs,
    _tariffs,
    _tariffs,
    st.one_of(st.none(), _tariffs),
    st.sampled_from([SplitRule.EQUAL, SplitRule.BY_CHILDREN, SplitRule.CHILD_HOURS, SplitRule.OVERLAP]),
    st.sampled_from(list(CareKind)),
    st.integers(0, 300),
)
def test_whatever_the_tariffs_the_care_and_the_rule_the_parts_sum_to_the_whole(
    visits: list[CaredVisit],
    one: Tariff,
    other: Tariff,
    carer: Tariff,
    agency: Tariff | None,
    rule: SplitRule,
    kind: CareKind,
    host: int,
) -> None:
    families = {named("A"): chosen(one), named("B"): chosen(one), named("C"): chosen(other, "other")}
    terms = SplitTerms(rule=rule, host=named("A"), host_minor_per_hour=host)
    costs = cost_of_care(
        care(*visits, kind=kind),
        CareTariffs(
            families=families, carer=chosen(carer, "carer"), agency=chosen(agency, "agency") if agency else None
        ),
        terms,
    )
    assert costs.total == Money.total((part.total for part in costs.parts.values()), "EUR")
    assert costs.kept + costs.carer.total + (costs.agency.total if costs.agency else eur(0)) == costs.total
    for priced in (*(part.priced for part in costs.parts.values()), costs.carer):
        assert sum(line.minor for line in priced.lines) == priced.total.minor
    for key in {part.priced.shared for part in costs.parts.values()}:
        assert key.minor >= 0
