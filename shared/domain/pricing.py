"""What a visit costs and how families share it: whole minor units, minute by minute, the same for offer and charge."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import TypeVar
from zoneinfo import ZoneInfo

from shared.domain.errors import Invalid
from shared.domain.values import Money, TimeWindow

Key = TypeVar("Key")
Family = TypeVar("Family")
Child = TypeVar("Child")

_BASE = "base"
_MINUTE = timedelta(minutes=1)
_DAY_MINUTES = 24 * 60
_QUARTER = 15


class Per(StrEnum):
    """Whether an hour is priced for the whole household (1:M01) or for each child."""

    HOUSEHOLD = "household"
    CHILD = "child"


class Rounding(StrEnum):
    UP = "up"
    NEAREST = "nearest"


class SplitRule(StrEnum):
    """How families share a cost: alike, by children, by hours each child was there, or each minute by who was there."""

    EQUAL = "equal"
    BY_CHILDREN = "by_children"
    CHILD_HOURS = "child_hours"
    OVERLAP = "overlap"


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A supplement (or, below zero, a reduction) in percent of the base on some minutes, by the place's local time.

    `from_minute` and `until_minute` count from local midnight; an until not after the from is the next day's (22:00 to
    07:00 is 1320 to 420). `weekdays` (Monday is 0) and `holidays` go by the calendar day each minute lies in.
    """

    code: str
    percent: int
    from_minute: int | None = None
    until_minute: int | None = None
    weekdays: tuple[int, ...] = ()
    holidays: bool = False

    def __post_init__(self) -> None:
        if (self.from_minute is None) != (self.until_minute is None):
            raise Invalid("A band has both a from and an until time, or neither.", pointer="#/bands")
        if any(not 0 <= edge <= _DAY_MINUTES for edge in (self.from_minute, self.until_minute) if edge is not None):
            raise Invalid("A band's times lie between 0 and 1440 minutes after midnight.", pointer="#/bands")
        if any(not 0 <= day <= 6 for day in self.weekdays):
            raise Invalid("A weekday is 0 (Monday) to 6 (Sunday).", pointer="#/bands")
        if self.percent < -100:
            raise Invalid("A band takes off at most 100 percent.", pointer="#/bands")
        if self.from_minute is None and not self.weekdays and not self.holidays:
            raise Invalid("A band needs times, weekdays or holidays.", pointer="#/bands")

    @property
    def precedence(self) -> int:
        """Holidays come before weekdays, weekdays before times of day."""
        return 0 if self.holidays else 1 if self.weekdays else 2

    def covers(self, local: datetime, is_holiday: bool) -> bool:
        """Whether this local minute lies in the band."""
        if self.holidays and not is_holiday:
            return False
        if self.weekdays and local.weekday() not in self.weekdays:
            return False
        if self.from_minute is None or self.until_minute is None:
            return True
        minute = local.hour * 60 + local.minute
        if self.from_minute < self.until_minute:
            return self.from_minute <= minute < self.until_minute
        return minute >= self.from_minute or minute < self.until_minute


@dataclass(frozen=True, slots=True, kw_only=True)
class HourlyTariff:
    """A price by the hour as data. Minutes are billed in multiples of `rounding_minutes`, never below the minimum."""

    minor_per_hour: int
    currency: str
    per: Per = Per.HOUSEHOLD
    minimum_minutes: int = 0
    rounding_minutes: int = 1
    rounding: Rounding = Rounding.UP
    supplements: tuple[Band, ...] = ()

    def __post_init__(self) -> None:
        if self.minor_per_hour < 0:
            raise Invalid("A price per hour is 0 or more.", pointer="#/minor_per_hour")
        if self.minimum_minutes < 0:
            raise Invalid("The shortest time billed is 0 minutes or more.", pointer="#/minimum_minutes")
        if self.rounding_minutes < 1:
            raise Invalid("Minutes are rounded to 1 or more.", pointer="#/rounding_minutes")


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceLine:
    """So many minutes in one band at so much an hour, for one household or so many children."""

    code: str
    percent: int
    minutes: int
    minor_per_hour: int
    children: int
    minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RatedWindow:
    """A stretch of a visit in one band; each of its minutes weighs 100 + percent when a cost is shared by minutes."""

    window: TimeWindow
    code: str
    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """A price with how it came about; the lines add up to the total."""

    total: Money
    billable_minutes: int
    lines: tuple[PriceLine, ...]
    rates: tuple[RatedWindow, ...]


def price(
    window: TimeWindow, zone: str, tariff: HourlyTariff, children: int = 1, holidays: frozenset[date] = frozenset()
) -> Priced:
    """What a visit costs: every elapsed minute in one band only, holiday before weekend before time of day before base.

    Bands of equal rank go by their order in the tariff; supplements never stack. Whole elapsed minutes are rounded as
    the tariff says and raised to its minimum: minutes added are priced as the visit's last minute, minutes dropped are
    its last ones. Each line is rounded half up to the minor unit. Raises Invalid for fewer than one child.
    """
    if children < 1:
        raise Invalid("A visit is for at least one child.", pointer="#/child_ids")
    rates = _rates(window, ZoneInfo(zone), tariff, holidays)
    billable = _billable(window.minutes, tariff)
    minutes = _minutes_by_band(rates, billable)
    heads = children if tariff.per == Per.CHILD else 1
    lines = tuple(
        PriceLine(
            code=code,
            percent=percent,
            minutes=count,
            minor_per_hour=tariff.minor_per_hour,
            children=heads,
            minor=_half_up(count * heads * tariff.minor_per_hour * (100 + percent), 6000),
        )
        for (code, percent), count in minutes.items()
    )
    total = Money(sum(line.minor for line in lines), tariff.currency)
    return Priced(total=total, billable_minutes=billable, lines=lines, rates=rates)


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
    presences: Mapping[Family, Sequence[tuple[Child, TimeWindow]]],
    rule: SplitRule,
    rates: Sequence[RatedWindow] = (),
) -> dict[Family, Money]:
    """What each family owes of a shared carer's cost (1:S04, 1:M03); the parts add up to the total.

    `presences` says when each child was there. EQUAL and BY_CHILDREN leave hours aside, CHILD_HOURS goes by the time
    of each child, OVERLAP divides each minute's cost among the families there in it: who is alone pays alone. With the
    price's `rates` a dear minute weighs more than a cheap one in OVERLAP. A family nobody was there for pays nothing.
    Raises Invalid when no child was there.
    """
    there = {family: _by_child(visits) for family, visits in presences.items()}
    match rule:
        case SplitRule.EQUAL:
            weights = {family: int(bool(children)) for family, children in there.items()}
        case SplitRule.BY_CHILDREN:
            weights = {family: len(children) for family, children in there.items()}
        case SplitRule.CHILD_HOURS:
            weights = {family: sum(map(_length, children.values())) for family, children in there.items()}
        case SplitRule.OVERLAP:
            weights = _overlap_weights(there, rates)
    return split(total, weights)


def _rates(
    window: TimeWindow, zone: ZoneInfo, tariff: HourlyTariff, holidays: frozenset[date]
) -> tuple[RatedWindow, ...]:
    bands = sorted(tariff.supplements, key=lambda band: band.precedence)
    if not bands:
        return (RatedWindow(window=window, code=_BASE, percent=0),)
    edges = {edge for band in bands for edge in (band.from_minute, band.until_minute) if edge is not None} | {
        _DAY_MINUTES
    }
    found: list[tuple[datetime, str, int]] = []
    moment = window.start
    while moment < window.end:
        local = moment.astimezone(zone)
        is_holiday = local.date() in holidays
        band = next((band for band in bands if band.covers(local, is_holiday)), None)
        code, percent = (band.code, band.percent) if band else (_BASE, 0)
        if not found or found[-1][1:] != (code, percent):
            found.append((moment, code, percent))
        # Nothing changes before the next edge on the clock; the clock itself only changes on a quarter of an hour.
        clock = local.hour * 60 + local.minute
        to_edge = min(edge - clock for edge in edges if edge > clock)
        moment += min(to_edge, _QUARTER - moment.minute % _QUARTER) * _MINUTE
    ends = [start for start, _, _ in found[1:]] + [window.end]
    return tuple(
        RatedWindow(window=TimeWindow(start, end), code=code, percent=percent)
        for (start, code, percent), end in zip(found, ends, strict=True)
    )


def _billable(minutes: int, tariff: HourlyTariff) -> int:
    step = tariff.rounding_minutes
    rounded = -(-minutes // step) * step if tariff.rounding == Rounding.UP else _half_up(minutes, step) * step
    return max(rounded, tariff.minimum_minutes)


def _minutes_by_band(rates: Sequence[RatedWindow], billable: int) -> dict[tuple[str, int], int]:
    minutes: dict[tuple[str, int], int] = {}
    left = billable
    whole = [rate for rate in rates if rate.window.minutes] or rates[:1]
    for rate in whole:
        taken = left if rate is whole[-1] else min(left, rate.window.minutes)
        if taken:
            minutes[rate.code, rate.percent] = minutes.get((rate.code, rate.percent), 0) + taken
        left -= taken
    return minutes


def _half_up(amount: int, by: int) -> int:
    return (2 * amount + by) // (2 * by)


def _length(windows: Sequence[TimeWindow]) -> int:
    return sum((window.end - window.start) // timedelta(microseconds=1) for window in windows)


def _by_child(visits: Sequence[tuple[Child, TimeWindow]]) -> dict[Child, list[TimeWindow]]:
    """Each child's time, counted once where two of their windows overlap."""
    found: dict[Child, list[TimeWindow]] = {}
    for child, window in sorted(visits, key=lambda visit: visit[1].start):
        windows = found.setdefault(child, [])
        if windows and window.start <= windows[-1].end:
            windows[-1] = TimeWindow(windows[-1].start, max(windows[-1].end, window.end))
        else:
            windows.append(window)
    return found


def _overlap_weights(
    there: Mapping[Family, Mapping[Child, Sequence[TimeWindow]]], rates: Sequence[RatedWindow]
) -> dict[Family, int]:
    weights = dict.fromkeys(there, 0)
    if not there:
        return weights
    windows = {family: [window for own in children.values() for window in own] for family, children in there.items()}
    everyone = [*(window for own in windows.values() for window in own), *(rate.window for rate in rates)]
    edges = sorted({edge for window in everyone for edge in (window.start, window.end)})
    # A share of 1/n stays a whole number when every weight is multiplied by what all of 1..n divide.
    scale = math.lcm(*range(1, len(there) + 1))
    for start, end in pairwise(edges):
        present = [family for family, own in windows.items() if any(each.start <= start < each.end for each in own)]
        percent = next((rate.percent for rate in rates if rate.window.start <= start < rate.window.end), 0)
        for family in present:
            length = (end - start) // timedelta(microseconds=1)
            weights[family] += length * (100 + percent) * (scale // len(present))
    return weights
