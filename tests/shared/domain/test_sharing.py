"""Splits to the cent, whoever was there when and by whatever rule."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.errors import Invalid
from shared.domain.pricing import Band, Tariff, price
from shared.domain.sharing import SplitRule, SplitTerms, host_compensation, split, split_shared, split_travel
from shared.domain.values import Money, TimeWindow

LOCAL = ZoneInfo("Europe/Brussels")
BY_PRESENCE = (SplitRule.EQUAL, SplitRule.BY_CHILDREN, SplitRule.CHILD_HOURS, SplitRule.OVERLAP)


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


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
    nine, ten, eleven = (datetime(2026, 6, 1, hour, tzinfo=LOCAL) for hour in (21, 22, 23))
    night = Band(code="night", percent=100, from_minute=22 * 60, until_minute=7 * 60)
    tariff = Tariff(minor_per_hour=1200, currency="EUR", supplements=(night,))
    found = price(TimeWindow(nine, eleven), "Europe/Brussels", tariff)
    presences = {"A": [("ann", TimeWindow(nine, ten))], "B": [("bo", TimeWindow(ten, eleven))]}
    assert found.total == eur(3600)
    assert split_shared(found.total, presences, SplitRule.OVERLAP, found.rates) == {"A": eur(1200), "B": eur(2400)}
    assert split_shared(found.total, presences, SplitRule.OVERLAP) == {"A": eur(1800), "B": eur(1800)}


def test_a_child_written_down_twice_counts_once_and_nobody_there_owes_nothing() -> None:
    twice = {"A": [("ann", hours(0, 2)), ("ann", hours(1, 2))], "B": [("bo", hours(0, 2))], "C": []}
    for rule in BY_PRESENCE:
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


def test_the_garde_partagee_example_is_58_to_42_by_child_hours() -> None:
    """Family 1's two children 40 and 15 hours, family 2's child 40: 55 of 95 hours."""
    week = {"one": [("a", hours(0, 40)), ("b", hours(0, 15))], "two": [("c", hours(0, 40))]}
    assert split_shared(eur(10000), week, SplitRule.CHILD_HOURS) == {"one": eur(5789), "two": eur(4211)}


AMES_AND_BELL = {"A": [("ann", hours(0, 4))], "B": [("bo", hours(2, 4))]}


@pytest.mark.parametrize(
    ("terms", "a", "b"),
    [
        (SplitTerms(rule=SplitRule.PERCENTAGES, shares={"A": 6667, "B": 3333}), 6667, 3333),
        (SplitTerms(rule=SplitRule.AMOUNTS, shares={"A": 2500, "B": 0}, remainder="B"), 2500, 7500),
        (SplitTerms(rule=SplitRule.AMOUNTS, shares={"A": 2500, "B": 9999}, remainder="A"), 1, 9999),
        (SplitTerms(rule=SplitRule.INCOME, shares={"A": 3, "B": 1}), 7500, 2500),
    ],
)
def test_families_split_by_what_they_agreed(terms: SplitTerms[str], a: int, b: int) -> None:
    assert split_shared(eur(10000), AMES_AND_BELL, terms) == {"A": eur(a), "B": eur(b)}


def test_shares_of_a_family_that_was_not_there_are_the_others() -> None:
    terms = SplitTerms(rule=SplitRule.PERCENTAGES, shares={"A": 5000, "B": 2500, "C": 2500})
    assert split_shared(eur(9000), AMES_AND_BELL, terms) == {"A": eur(6000), "B": eur(3000)}
    amounts = SplitTerms(rule=SplitRule.AMOUNTS, shares={"A": 1000, "B": 3000}, remainder="C")
    assert split_shared(eur(8000), AMES_AND_BELL, amounts) == {"A": eur(2000), "B": eur(6000)}
    alone = {"A": [("ann", hours(0, 4))], "B": []}
    nothing_for_a = SplitTerms(rule=SplitRule.PERCENTAGES, shares={"A": 0, "B": 10000})
    assert split_shared(eur(500), alone, nothing_for_a) == {"A": eur(500), "B": eur(0)}


def test_amounts_that_come_to_more_than_it_cost_are_cut_in_proportion() -> None:
    terms = SplitTerms(rule=SplitRule.AMOUNTS, shares={"A": 6000, "B": 2000}, remainder="C")
    there = {**AMES_AND_BELL, "C": [("cy", hours(0, 1))]}
    assert split_shared(eur(4000), there, terms) == {"A": eur(3000), "B": eur(1000), "C": eur(0)}


@pytest.mark.parametrize(
    ("rule", "shares", "remainder", "pointer"),
    [
        (SplitRule.PERCENTAGES, {"A": 5000, "B": 4900}, None, "#/split/shares"),
        (SplitRule.PERCENTAGES, {}, None, "#/split/shares"),
        (SplitRule.INCOME, {"A": 0, "B": 0}, None, "#/split/shares"),
        (SplitRule.INCOME, {"A": -1, "B": 2}, None, "#/split/shares"),
        (SplitRule.AMOUNTS, {"A": 100}, None, "#/split/remainder_family_id"),
    ],
)
def test_a_split_that_cannot_be_is_refused_by_its_field(
    rule: SplitRule, shares: dict[str, int], remainder: str | None, pointer: str
) -> None:
    with pytest.raises(Invalid) as refused:
        SplitTerms(rule=rule, shares=shares, remainder=remainder)
    assert refused.value.pointer == pointer


def test_99_percent_says_what_it_comes_to() -> None:
    with pytest.raises(Invalid, match="come to 99 and not to 100"):
        SplitTerms(rule=SplitRule.PERCENTAGES, shares={"A": 5000, "B": 4900})


def test_the_host_gets_so_much_an_hour_of_the_others_time() -> None:
    terms = SplitTerms(rule=SplitRule.EQUAL, host="A", host_minor_per_hour=125)
    there = {
        "A": [("ann", hours(0, 4))],
        "B": [("bo", hours(0, 2)), ("bea", hours(1, 3))],
        "C": [("cy", hours(0, 0.5))],
    }
    assert host_compensation(there, terms, "EUR") == {"A": eur(-438), "B": eur(375), "C": eur(63)}
    assert host_compensation({"B": there["B"]}, terms, "EUR") == {}


def test_travel_is_split_the_same_way_or_by_its_own_rule() -> None:
    same = SplitTerms[str](rule=SplitRule.OVERLAP)
    alike = SplitTerms[str](rule=SplitRule.OVERLAP, travel_rule=SplitRule.EQUAL)
    assert split_travel(eur(400), AMES_AND_BELL, same) == {"A": eur(300), "B": eur(100)}
    assert split_travel(eur(400), AMES_AND_BELL, alike) == {"A": eur(200), "B": eur(200)}


_terms: st.SearchStrategy[SplitTerms[str]] = st.one_of(
    st.sampled_from(BY_PRESENCE).map(lambda rule: SplitTerms(rule=rule)),
    st.tuples(st.integers(0, 10000), st.integers(0, 10000)).map(
        lambda cut: SplitTerms(
            rule=SplitRule.PERCENTAGES,
            shares={"A": min(cut), "B": max(cut) - min(cut), "C": 10000 - max(cut)},
        )
    ),
    st.dictionaries(st.sampled_from("ABC"), st.integers(0, 10**5), min_size=1).map(
        lambda shares: SplitTerms(rule=SplitRule.AMOUNTS, shares=shares, remainder="C")
    ),
    st.dictionaries(st.sampled_from("ABC"), st.integers(1, 10**5), min_size=1).map(
        lambda shares: SplitTerms(rule=SplitRule.INCOME, shares=shares)
    ),
)


@given(st.dictionaries(st.sampled_from("ABC"), _visits, min_size=1), st.integers(-(10**6), 10**6), _terms)
def test_by_any_rule_the_parts_add_up_and_a_credit_is_the_opposite(
    presences: dict[str, list[tuple[int, TimeWindow]]], minor: int, terms: SplitTerms[str]
) -> None:
    parts = split_shared(eur(minor), presences, terms)
    assert sum(part.minor for part in parts.values()) == minor
    assert parts == split_shared(eur(minor), dict(reversed(presences.items())), terms)
    assert {name: -part for name, part in parts.items()} == split_shared(eur(-minor), presences, terms)
    assert all(part.minor * minor >= 0 for part in parts.values()), "nobody is paid for what others pay"


@given(st.dictionaries(st.sampled_from("ABC"), _visits, min_size=1), st.integers(0, 500))
def test_what_the_host_gets_is_what_the_others_give(
    presences: dict[str, list[tuple[int, TimeWindow]]], per_hour: int
) -> None:
    terms = SplitTerms(rule=SplitRule.EQUAL, host="A", host_minor_per_hour=per_hour)
    assert sum(part.minor for part in host_compensation(presences, terms, "EUR").values()) == 0
