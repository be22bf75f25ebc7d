"""How families share what one carer costs: whole minor units, exact, the same parts whatever the order."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Generic, TypeVar

from shared.domain.errors import Invalid
from shared.domain.pricing import RatedWindow, half_up
from shared.domain.values import Money, TimeWindow

Key = TypeVar("Key")
Family = TypeVar("Family")
Child = TypeVar("Child")

_BASE_WEIGHT = 100
WHOLE = 10_000  # all of it, in hundredths of a percent
_MICROSECOND = timedelta(microseconds=1)
Presences = Mapping[Family, Sequence[tuple[Child, TimeWindow]]]


class SplitRule(StrEnum):
    """How families share a cost.

    Alike, by children, by hours each child was there, each minute by who was there (who is alone pays alone), by fixed
    percentages, by fixed amounts with one family paying what is left, or by weights that follow their incomes.
    """

    EQUAL = "equal"
    BY_CHILDREN = "by_children"
    CHILD_HOURS = "child_hours"
    OVERLAP = "overlap"
    PERCENTAGES = "percentages"
    AMOUNTS = "amounts"
    INCOME = "income"


_WITH_SHARES = (SplitRule.PERCENTAGES, SplitRule.AMOUNTS, SplitRule.INCOME)


@dataclass(frozen=True, kw_only=True)
class SplitTerms(Generic[Family]):
    """What families agreed. `shares` are hundredths of a percent, minor units or weights, as the rule has it.

    `remainder` pays what fixed amounts leave over. The `host`'s family gets so much an hour of each other family's time
    there. `travel_rule` splits the carer's travel; None is the same way as the care.
    """

    rule: SplitRule
    shares: Mapping[Family, int] | None = None
    remainder: Family | None = None
    host: Family | None = None
    host_minor_per_hour: int = 0
    travel_rule: SplitRule | None = None

    def __post_init__(self) -> None:
        check_shares(self.rule, self.shares or {}, self.remainder)
        if self.travel_rule is not None and self.travel_rule != self.rule:
            check_shares(self.travel_rule, self.shares or {}, self.remainder)
        if self.host_minor_per_hour < 0:
            raise Invalid("What the host gets an hour is 0 or more.", pointer="#/split/host_minor_per_hour")
        if self.host_minor_per_hour and self.host is None:
            raise Invalid("Say which family is the host.", pointer="#/split/host_minor_per_hour")


def check_shares(rule: SplitRule, shares: Mapping[Family, int], remainder: Family | None) -> None:
    """Raises Invalid for shares the rule can't go by: none, below zero, percentages that aren't 100, nobody for the rest."""
    if rule not in _WITH_SHARES:
        return
    if not shares:
        raise Invalid(f"To split by {rule.value}, give each family's share.", pointer="#/split/shares")
    if any(share < 0 for share in shares.values()):
        raise Invalid("A share is 0 or more.", pointer="#/split/shares")
    total = sum(shares.values())
    if rule == SplitRule.PERCENTAGES and total != WHOLE:
        raise Invalid(f"The percentages come to {total / 100:g} and not to 100.", pointer="#/split/shares")
    if rule == SplitRule.INCOME and total == 0:
        raise Invalid("At least one family's weight is above 0.", pointer="#/split/shares")
    if rule == SplitRule.AMOUNTS and remainder is None:
        raise Invalid("Say which family pays what the amounts leave over.", pointer="#/split/remainder_family_id")


def split(total: Money, weights: Mapping[Key, int]) -> dict[Key, Money]:
    """The parts by weight, which always add up to the whole: what is left goes to the largest remainders.

    Equal remainders go in the order of the keys' text, so the parts don't depend on the order of the weights. A total
    below zero (a credit) splits as its opposite. Raises Invalid without a weight above zero, or for one below.
    """
    if any(weight < 0 for weight in weights.values()):
        raise Invalid("A share is 0 or more.", pointer="#/shares")
    whole = sum(weights.values())
    if whole == 0:
        raise Invalid("There is nobody to share the cost: give at least one share above 0.", pointer="#/shares")
    sign, amount = (-1, -total.minor) if total.minor < 0 else (1, total.minor)
    parts = {key: amount * weight // whole for key, weight in weights.items()}
    left = amount - sum(parts.values())
    for key in sorted(weights, key=lambda each: (-(amount * weights[each] % whole), str(each)))[:left]:
        parts[key] += 1
    return {key: Money(sign * part, total.currency) for key, part in parts.items()}


def split_shared(
    total: Money,
    presences: Presences[Family, Child],
    terms: SplitTerms[Family] | SplitRule,
    rates: Sequence[RatedWindow] = (),
) -> dict[Family, Money]:
    """What each family owes of a shared carer's cost (1:S04, 1:M03); the parts add up to the total.

    `presences` says when each child was there. EQUAL and BY_CHILDREN leave hours aside, CHILD_HOURS goes by the time
    of each child, OVERLAP divides each minute's cost among the families there in it. With the price's `rates` a dear
    minute weighs more than a cheap one in OVERLAP. Percentages, amounts and incomes are shared among those who were
    there. A family nobody was there for pays nothing. Raises Invalid when no child was there.
    """
    agreed: SplitTerms[Family] = terms if isinstance(terms, SplitTerms) else SplitTerms(rule=terms)
    there = {family: _by_child(visits) for family, visits in presences.items()}
    return _by_rule(total, there, agreed.rule, agreed, rates)


def split_travel(
    total: Money, presences: Presences[Family, Child], terms: SplitTerms[Family], rates: Sequence[RatedWindow] = ()
) -> dict[Family, Money]:
    """What each family owes of the carer's travel to what they shared: by its own rule, else as the care."""
    there = {family: _by_child(visits) for family, visits in presences.items()}
    return _by_rule(total, there, terms.travel_rule or terms.rule, terms, rates)


def host_compensation(
    presences: Presences[Family, Child], terms: SplitTerms[Family], currency: str
) -> dict[Family, Money]:
    """What is added to each family's part for the host's home and taken off the host's; it comes to nothing in all.

    Each other family pays for the time at least one of its children was there, half a minor unit up.
    """
    host = terms.host
    if not terms.host_minor_per_hour or host is None or not presences.get(host):
        return {}
    hour = timedelta(hours=1) // _MICROSECOND
    owed = {
        family: Money(half_up(_time_there(visits) * terms.host_minor_per_hour, hour), currency)
        for family, visits in presences.items()
        if family != host and visits
    }
    return {**owed, host: -Money.total(owed.values(), currency)}


def _by_rule(
    total: Money,
    there: Mapping[Family, Mapping[Child, Sequence[TimeWindow]]],
    rule: SplitRule,
    terms: SplitTerms[Family],
    rates: Sequence[RatedWindow],
) -> dict[Family, Money]:
    shares = terms.shares or {}
    match rule:
        case SplitRule.EQUAL:
            weights = {family: int(bool(children)) for family, children in there.items()}
        case SplitRule.BY_CHILDREN:
            weights = {family: len(children) for family, children in there.items()}
        case SplitRule.CHILD_HOURS:
            weights = {family: sum(map(_length, children.values())) for family, children in there.items()}
        case SplitRule.OVERLAP:
            weights = _overlap_weights(there, rates)
        case SplitRule.PERCENTAGES | SplitRule.INCOME:
            weights = _share_weights(there, shares)
        case SplitRule.AMOUNTS:
            return _by_amounts(total, there, shares, terms.remainder)
    return split(total, weights)


def _share_weights(
    there: Mapping[Family, Mapping[Child, Sequence[TimeWindow]]], shares: Mapping[Family, int]
) -> dict[Family, int]:
    weights = {family: shares.get(family, 0) if children else 0 for family, children in there.items()}
    # Whoever was there alone pays, whatever share they have of what is shared.
    return weights if any(weights.values()) else {family: int(bool(children)) for family, children in there.items()}


def _by_amounts(
    total: Money,
    there: Mapping[Family, Mapping[Child, Sequence[TimeWindow]]],
    shares: Mapping[Family, int],
    remainder: Family | None,
) -> dict[Family, Money]:
    present = [family for family, children in there.items() if children]
    fixed = {family: shares.get(family, 0) for family in present if family != remainder}
    left = abs(total.minor) - sum(fixed.values())
    if left < 0 or remainder not in present:
        # More agreed than it cost, or whoever pays the rest wasn't there: those who were, in proportion.
        return split(total, {**dict.fromkeys(there, 0), **_or_alike(fixed, present)})
    sign = -1 if total.minor < 0 else 1
    parts = {family: Money(sign * minor, total.currency) for family, minor in fixed.items()}
    return {**dict.fromkeys(there, Money(0, total.currency)), **parts, remainder: Money(sign * left, total.currency)}


def _or_alike(weights: Mapping[Family, int], present: Sequence[Family]) -> Mapping[Family, int]:
    return weights if any(weights.values()) else dict.fromkeys(present, 1)


def _length(windows: Sequence[TimeWindow]) -> int:
    return sum((window.end - window.start) // _MICROSECOND for window in windows)


def _time_there(visits: Sequence[tuple[Child, TimeWindow]]) -> int:
    return _length(_merged(window for _, window in sorted(visits, key=lambda visit: visit[1].start)))


def _merged(windows: Iterable[TimeWindow]) -> list[TimeWindow]:
    found: list[TimeWindow] = []
    for window in windows:
        if found and window.start <= found[-1].end:
            found[-1] = TimeWindow(found[-1].start, max(found[-1].end, window.end))
        else:
            found.append(window)
    return found


def _by_child(visits: Sequence[tuple[Child, TimeWindow]]) -> dict[Child, list[TimeWindow]]:
    """Each child's time, counted once where two of their windows overlap."""
    found: dict[Child, list[TimeWindow]] = {}
    for child, window in sorted(visits, key=lambda visit: visit[1].start):
        found.setdefault(child, []).append(window)
    return {child: _merged(windows) for child, windows in found.items()}


def _overlap_weights(
    there: Mapping[Family, Mapping[Child, Sequence[TimeWindow]]], rates: Sequence[RatedWindow]
) -> dict[Family, int]:
    weights = dict.fromkeys(there, 0)
    if not there:
        return weights
    windows = {family: [window for own in children.values() for window in own] for family, children in there.items()}
    everyone = [*(window for own in windows.values() for window in own), *(rate.window for rate in rates)]
    edges: list[datetime] = sorted({edge for window in everyone for edge in (window.start, window.end)})
    # A share of 1/n stays a whole number when every weight is multiplied by what all of 1..n divide.
    scale = math.lcm(*range(1, len(there) + 1))
    free = not any(rate.weight for rate in rates)
    for start, end in pairwise(edges):
        present = [family for family, own in windows.items() if any(each.start <= start < each.end for each in own)]
        rated = (rate.weight for rate in rates if rate.window.start <= start < rate.window.end)
        weight = 1 if free else next(rated, _BASE_WEIGHT)
        for family in present:
            weights[family] += (end - start) // _MICROSECOND * weight * (scale // len(present))
    return weights
