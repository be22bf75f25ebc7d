"""Who helps to pay: in which order, how much, and what is left to the family."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import NAMESPACE_DNS, UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.billing import FundingChanged
from shared.domain.errors import Invalid
from shared.domain.funding import Funding, FundingKind, Period, Used, apply_fundings, funding_of, in_force
from shared.domain.values import Money

SEPTEMBER = date(2026, 9, 1)


def named(name: str) -> UUID:
    return uuid5(NAMESPACE_DNS, name)


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def funding(kind: FundingKind, name: str = "f", **changes: Any) -> Funding:
    facts: dict[str, Any] = {"funder_id": None if kind == FundingKind.BANK else named("city"), "valid_from": SEPTEMBER}
    return Funding(funding_id=named(name), kind=kind, **{**facts, **changes})


def applied(
    cost: int, minutes: int, *fundings: Funding, used: dict[UUID, Used] | None = None, children: int = 1
) -> tuple[int, list[tuple[int, int, int]]]:
    by_child = {named(f"child {n}"): minutes for n in range(children)}
    found = apply_fundings(eur(cost), by_child, minutes, fundings, used)
    return found.left.minor, [(part.minutes, part.relief.minor, part.pays.minor) for part in found.parts]


def test_a_percentage_of_what_is_left_each_in_its_order() -> None:
    """65, 25 and 10 percent of the whole are 65, then 71.43 of the rest, then all of it."""
    first = funding(FundingKind.PERCENT, "one", share=6500, order=1)
    second = funding(FundingKind.PERCENT, "two", share=7143, order=2)
    third = funding(FundingKind.PERCENT, "three", share=10000, order=3)
    assert applied(10000, 60, third, second, first) == (0, [(60, 6500, 6500), (60, 2500, 2500), (60, 1000, 1000)])


def test_a_cap_an_hour_leaves_the_rest_to_the_family() -> None:
    capped = funding(FundingKind.PERCENT, share=8000, cap_minor_per_hour=700)
    assert applied(2000, 120, capped) == (600, [(120, 1400, 1400)])


def test_entitled_hours_are_paid_at_what_they_cost_or_at_the_funders_own_rate() -> None:
    week: dict[str, Any] = {"minutes": 15 * 60, "period": Period.WEEK}
    fifteen = funding(FundingKind.HOURS, **week)
    used = {fifteen.funding_id: Used(minutes=13 * 60)}
    assert applied(6000, 300, fifteen, used=used) == (3600, [(120, 2400, 2400)])
    own_rate = funding(FundingKind.HOURS, minor_per_hour=580, **week)
    found = apply_fundings(eur(6000), {named("c"): 300}, 300, [own_rate], used)
    assert (found.left, found.parts[0].pays, found.difference) == (eur(3600), eur(1160), eur(-1240))


def test_what_was_used_up_helps_no_more() -> None:
    fifteen = funding(FundingKind.HOURS, minutes=900, period=Period.WEEK)
    assert applied(6000, 300, fifteen, used={fifteen.funding_id: Used(minutes=900)}) == (6000, [])
    monthly = funding(FundingKind.PERCENT, share=5000, minor=10000, period=Period.MONTH)
    assert applied(6000, 300, monthly, used={monthly.funding_id: Used(minor=8000)}) == (4000, [(300, 2000, 2000)])


def test_an_amount_an_hour_a_bank_of_hours_and_a_voucher() -> None:
    assert applied(6000, 300, funding(FundingKind.AMOUNT, minor_per_hour=500)) == (3500, [(300, 2500, 2500)])
    bank = funding(FundingKind.BANK, minutes=6000)
    assert applied(6000, 300, bank, used={bank.funding_id: Used(minutes=5900)}) == (4000, [(100, 2000, 2000)])
    assert applied(6000, 300, funding(FundingKind.VOUCHER, minor=2500)) == (3500, [(300, 2500, 2500)])


def test_hours_prepaid_are_not_paid_for_again() -> None:
    """Half of the hours are entitled; a bank covers half of what is left in minutes."""
    entitled = funding(FundingKind.HOURS, "e", minutes=120, period=Period.WEEK, order=1)
    bank = funding(FundingKind.BANK, "b", minutes=60, order=2)
    assert applied(4800, 240, bank, entitled) == (1200, [(120, 2400, 2400), (60, 1200, 1200)])


def test_a_childs_funding_is_for_that_childs_part() -> None:
    own = funding(FundingKind.PERCENT, share=10000, child_id=named("child 1"))
    assert applied(6001, 300, own, children=2)[0] in (3000, 3001)
    family = funding(FundingKind.PERCENT, "all", share=5000)
    left, parts = applied(6000, 300, family, own, children=2)
    assert (left, parts) == (1500, [(300, 3000, 3000), (300, 1500, 1500)])
    stranger = funding(FundingKind.PERCENT, share=10000, child_id=named("somebody else's"))
    assert applied(6000, 300, stranger) == (6000, [])


def test_it_holds_on_its_days_only() -> None:
    term = ((date(2026, 9, 1), date(2026, 10, 23)), (date(2026, 11, 2), date(2026, 12, 18)))
    fifteen = funding(FundingKind.HOURS, minutes=900, period=Period.WEEK, between=term, weekdays=(0, 1, 2, 3, 4))
    days = {
        date(2026, 8, 31): False,
        date(2026, 9, 1): True,
        date(2026, 9, 5): False,
        date(2026, 10, 23): True,
        date(2026, 10, 26): False,
        date(2026, 11, 2): True,
    }
    assert {day: bool(in_force([fifteen], day)) for day in days} == days
    ended = funding(FundingKind.PERCENT, share=1, valid_until=date(2026, 9, 30))
    assert [ended.holds_on(day) for day in (date(2026, 9, 30), date(2026, 10, 1))] == [True, False]


def test_periods_begin_on_their_first_day() -> None:
    on = date(2026, 10, 28)
    first = {
        Period.WEEK: date(2026, 10, 26),
        Period.MONTH: date(2026, 10, 1),
        Period.YEAR: date(2026, 1, 1),
        Period.ALL: SEPTEMBER,
    }
    for period, day in first.items():
        assert funding(FundingKind.HOURS, minutes=1, period=period).period_of(on) == day


@pytest.mark.parametrize(
    ("kind", "changes", "pointer"),
    [
        (FundingKind.PERCENT, {}, "#/percent"),
        (FundingKind.PERCENT, {"share": 10001}, "#/percent"),
        (FundingKind.HOURS, {}, "#/minutes"),
        (FundingKind.AMOUNT, {}, "#/minor_per_hour"),
        (FundingKind.VOUCHER, {}, "#/minor"),
        (FundingKind.BANK, {"minutes": 1, "funder_id": named("city")}, "#/funder_id"),
        (FundingKind.VOUCHER, {"minor": 1, "funder_id": None}, "#/funder_id"),
        (FundingKind.VOUCHER, {"minor": -1}, "#/minor"),
        (FundingKind.VOUCHER, {"minor": 1, "valid_until": date(2026, 8, 31)}, "#/valid_until"),
    ],
)
def test_a_funding_that_cannot_be_names_the_field(kind: FundingKind, changes: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        funding(kind, **changes)
    assert refused.value.pointer == pointer


def test_the_contract_is_what_is_applied() -> None:
    told = FundingChanged(
        desk_id=named("desk"),
        version=1,
        family_id=named("Ames"),
        funder_id=named("city"),
        percent=33,
        hundredths=33,
        valid_from=SEPTEMBER,
        funding_id=named("f"),
        period="month",
        minor=5000,
    )
    assert funding_of(told) == funding(FundingKind.PERCENT, share=3333, period=Period.MONTH, minor=5000)


_fundings = st.lists(
    st.builds(
        lambda kind, share, minutes, minor, rate, cap, child, order: funding(
            kind,
            share=share,
            minutes=minutes,
            minor=minor,
            minor_per_hour=rate,
            cap_minor_per_hour=cap,
            child_id=named("child 0") if child else None,
            order=order,
        ),
        st.sampled_from(list(FundingKind)),
        st.integers(1, 10000),
        st.integers(0, 600),
        st.integers(0, 5000),
        st.integers(0, 2000),
        st.one_of(st.none(), st.integers(0, 2000)),
        st.booleans(),
        st.integers(0, 3),
    ),
    max_size=4,
).map(lambda found: [replace(each, funding_id=named(f"{number}")) for number, each in enumerate(found)])


@given(st.integers(0, 10**5), st.integers(0, 600), st.integers(0, 600), _fundings, st.integers(0, 700))
def test_what_is_left_and_what_was_taken_off_are_the_whole(
    cost: int, one: int, other: int, fundings: list[Funding], before: int
) -> None:
    used = {each.funding_id: Used(minutes=before, minor=before) for each in fundings}
    by_child = {named("child 0"): one, named("child 1"): other}
    found = apply_fundings(eur(cost), by_child, max(one, other), fundings, used)
    assert found.left.minor + sum(part.relief.minor for part in found.parts) == cost
    assert found.left.minor >= 0
    limits = {each.funding_id: each for each in fundings}
    for part in found.parts:
        of = limits[part.funding_id]
        assert part.relief.minor >= 0
        assert of.minor is None or part.pays.minor <= max(0, of.minor - before)
        assert of.minutes is None or part.minutes <= max(0, of.minutes - before)
    assert found == apply_fundings(eur(cost), by_child, max(one, other), list(reversed(fundings)), used)
