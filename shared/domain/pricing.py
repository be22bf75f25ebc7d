"""What an hour of care costs at a tariff: whole minor units, minute by minute, the same for offer, quote and charge."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.domain.errors import Invalid
from shared.domain.values import Money, TimeWindow

BASE = "base"
_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)
_DAY_MINUTES = 24 * 60
_QUARTER = 15
_PER_MINUTE = 60 * 100**3


class Per(StrEnum):
    """Whether an hour is priced for the whole household (1:M01) or for each child."""

    HOUSEHOLD = "household"
    CHILD = "child"


class Rounding(StrEnum):
    UP = "up"
    NEAREST = "nearest"


class RoundingOf(StrEnum):
    """What is rounded: each visit's minutes before they are summed, or the sum of an invoice's (a payout's) visits."""

    VISIT = "visit"
    SUM = "sum"


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A supplement (or, below zero, a reduction) on some minutes: in percent of the base, or so much an hour, or both.

    It goes by the place's local time: `from_minute` and `until_minute` count from local midnight; an until not after the
    from is the next day's (22:00 to 07:00 is 1320 to 420). `weekdays` (Monday is 0) and `holidays` go by the calendar day
    each minute lies in. One that `stacks` comes on top of the band that holds; of the others only one holds.
    """

    code: str
    percent: int
    from_minute: int | None = None
    until_minute: int | None = None
    weekdays: tuple[int, ...] = ()
    holidays: bool = False
    minor_per_hour: int = 0
    stacks: bool = False

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
        return self.covers_minute(local.hour * 60 + local.minute, local.weekday(), is_holiday)

    def covers_minute(self, minute: int, weekday: int, is_holiday: bool) -> bool:
        """Whether this minute of such a day lies in the band."""
        if self.holidays and not is_holiday:
            return False
        if self.weekdays and weekday not in self.weekdays:
            return False
        if self.from_minute is None or self.until_minute is None:
            return True
        if self.from_minute < self.until_minute:
            return self.from_minute <= minute < self.until_minute
        return minute >= self.from_minute or minute < self.until_minute


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeBand:
    """What a child from so many months old until, not including, so many costs more (or less), in percent (2:M2)."""

    code: str
    percent: int
    from_months: int = 0
    until_months: int | None = None

    def __post_init__(self) -> None:
        if self.from_months < 0 or (self.until_months is not None and self.until_months <= self.from_months):
            raise Invalid("An age band begins at 0 months or later and ends after it begins.", pointer="#/ages")
        if self.percent < -100:
            raise Invalid("An age band takes off at most 100 percent.", pointer="#/ages")

    def covers(self, months: int) -> bool:
        return self.from_months <= months and (self.until_months is None or months < self.until_months)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortNotice:
    """A supplement on a visit asked for less than so many hours before it begins: percent of its time, or an amount."""

    hours: int
    percent: int = 0
    minor: int = 0

    def __post_init__(self) -> None:
        if self.hours < 1 or self.percent < 0 or self.minor < 0:
            raise Invalid("Short notice is 1 hour or more, its supplement 0 or more.", pointer="#/notice")


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedPrice:
    """A price for so many minutes as one; what is longer adds the rest by the hour, and prices never stack."""

    minutes: int
    minor: int

    def __post_init__(self) -> None:
        if self.minutes < 1 or self.minor < 0:
            raise Invalid("A fixed price is 0 or more, for 1 minute or more.", pointer="#/fixed")


@dataclass(frozen=True, slots=True, kw_only=True)
class CancellationStep:
    """Cancelled less than so many hours before it begins, a visit costs this much of its price; 0 hours is a no-show."""

    hours: int
    percent: int

    def __post_init__(self) -> None:
        if self.hours < 0 or not 0 <= self.percent <= 100:
            raise Invalid("A cancellation costs 0 to 100 percent, from 0 hours before on.", pointer="#/cancellation")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """A price as data. Without more it is by the hour; minutes are billed in steps of `rounding_minutes`.

    With `minor_per_session` it is by the session of `session_minutes` begun (0: the visit is one). `fixed` are prices for
    durations. `siblings` are the percents off for a family's second, third … child at once (the last holds for all after
    it), where it is per child; the youngest is the first. Bounds are per hour (and child, where it is per child) and per
    visit. `share` is hundredths of a percent of what the family's care costs, for what an agency keeps. Standby and
    introductions cost the percent given, else by who pays. `respite_days` are absences a year that cost nothing, None is
    without limit.
    """

    minor_per_hour: int
    currency: str
    per: Per = Per.HOUSEHOLD
    minimum_minutes: int = 0
    rounding_minutes: int = 1
    rounding: Rounding = Rounding.UP
    supplements: tuple[Band, ...] = ()
    rounding_of: RoundingOf = RoundingOf.VISIT
    minor_per_session: int | None = None
    session_minutes: int = 0
    fixed: tuple[FixedPrice, ...] = ()
    ages: tuple[AgeBand, ...] = ()
    siblings: tuple[int, ...] = ()
    notice: tuple[ShortNotice, ...] = ()
    minimum_minor: int = 0
    ceiling_minor: int | None = None
    floor_minor_per_hour: int | None = None
    ceiling_minor_per_hour: int | None = None
    minor_per_meal: int = 0
    minor_per_km: int = 0
    minor_per_travel_hour: int = 0
    minor_per_waiting_hour: int = 0
    share: int = 0
    standby_percent: int | None = None
    introduction_percent: int | None = None
    cancellation: tuple[CancellationStep, ...] = ()
    respite_days: int | None = 0
    deposit_minor: int = 0

    def __post_init__(self) -> None:
        for name in _AMOUNTS:
            if (getattr(self, name) or 0) < 0:
                raise Invalid("A price or a number of minutes is 0 or more.", pointer=f"#/{name}")
        if self.rounding_minutes < 1:
            raise Invalid("Minutes are rounded to 1 or more.", pointer="#/rounding_minutes")
        if self.minor_per_session is not None and self.fixed:
            raise Invalid("A tariff is by the session or has fixed prices, not both.", pointer="#/fixed")
        if any(not 0 <= percent <= 100 for percent in self.siblings):
            raise Invalid("A sibling's reduction is 0 to 100 percent.", pointer="#/siblings")
        if self.siblings and self.per != Per.CHILD:
            raise Invalid(
                "A household pays once: reductions for siblings need a price per child.", pointer="#/siblings"
            )
        if not 0 <= self.share <= 100_00:
            raise Invalid("A share is 0 to 10000 hundredths of a percent.", pointer="#/share")
        self._check_bounds()

    def _check_bounds(self) -> None:
        floor, ceiling = self.floor_minor_per_hour, self.ceiling_minor_per_hour
        if floor is not None and ceiling is not None and floor > ceiling:
            raise Invalid("The floor is above the ceiling.", pointer="#/floor_minor_per_hour")
        if self.ceiling_minor is not None and self.minimum_minor > self.ceiling_minor:
            raise Invalid("The least a visit costs is above the most.", pointer="#/minimum_minor")


_AMOUNTS = (
    "minor_per_hour",
    "minimum_minutes",
    "minor_per_session",
    "session_minutes",
    "minimum_minor",
    "ceiling_minor",
    "floor_minor_per_hour",
    "ceiling_minor_per_hour",
    "minor_per_meal",
    "minor_per_km",
    "minor_per_travel_hour",
    "minor_per_waiting_hour",
    "standby_percent",
    "introduction_percent",
    "respite_days",
    "deposit_minor",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceLine:
    """So much of something: minutes in one band at so much an hour, for one household or so many children.

    Another `unit` than minutes has its `quantity` (sessions, meals, metres); `bound` says that an hour's floor or ceiling
    held. `family_id` is whose own line it is, which is not shared.
    """

    code: str
    percent: int
    minutes: int
    minor_per_hour: int
    children: int
    minor: int
    unit: str = "minutes"
    quantity: int = 0
    extra_minor_per_hour: int = 0
    age_percent: int = 0
    sibling_percent: int = 0
    bound: str = ""
    family_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RatedWindow:
    """A stretch of a visit in one band; `weight` is what each of its minutes counts when a cost is shared by minutes."""

    window: TimeWindow
    code: str
    percent: int
    extra_minor_per_hour: int = 0
    weight: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """A price with how it came about; the lines add up to the total."""

    total: Money
    billable_minutes: int
    lines: tuple[PriceLine, ...]
    rates: tuple[RatedWindow, ...]


@dataclass(frozen=True, slots=True)
class _Rate:
    """What holds in a minute: the band's code with those that stack, and what they come to."""

    code: str
    percent: int
    extra: int


def price(
    window: TimeWindow,
    zone: str,
    tariff: Tariff,
    children: int = 1,
    holidays: frozenset[date] = frozenset(),
    *,
    age_percent: int = 0,
    sibling_percent: int = 0,
) -> Priced:
    """What a visit's time costs: every elapsed minute in one band only, holiday before weekend before time of day.

    Bands of equal rank go by their order in the tariff; supplements never stack unless one says so. Whole elapsed
    minutes are rounded as the tariff says and raised to its minimum: minutes added are priced as the visit's last minute,
    minutes dropped are its last ones. Each line is rounded half up to the minor unit; the visit's least and most come
    last, as lines of their own. Raises Invalid for fewer than one child.
    """
    if children < 1:
        raise Invalid("A visit is for at least one child.", pointer="#/child_ids")
    rates = rates_of(window, zone, tariff, holidays)
    billable = billable_minutes(window.minutes, tariff)
    minutes = _minutes_by_rate(rates, billable)
    heads = _Heads(children if tariff.per == Per.CHILD else 1, age_percent, sibling_percent)
    lines = _bounded_by_visit(_lines(tariff, minutes, billable, heads), tariff)
    total = Money(sum(line.minor for line in lines), tariff.currency)
    return Priced(total=total, billable_minutes=billable, lines=lines, rates=rates)


def billable_minutes(minutes: int, tariff: Tariff) -> int:
    """The minutes billed for so many elapsed ones. What is rounded after summing is left here to the minute."""
    if tariff.rounding_of == RoundingOf.SUM:
        return max(minutes, tariff.minimum_minutes)
    return max(rounded_minutes(minutes, tariff), tariff.minimum_minutes)


def rounded_minutes(minutes: int, tariff: Tariff) -> int:
    """Minutes in whole steps, up or to the nearest (a half up)."""
    step = tariff.rounding_minutes
    return -(-minutes // step) * step if tariff.rounding == Rounding.UP else half_up(minutes, step) * step


def half_up(amount: int, by: int) -> int:
    """The quotient to the nearest whole, a half away from zero."""
    sign = -1 if amount < 0 else 1
    return sign * ((2 * abs(amount) + by) // (2 * by))


@dataclass(frozen=True, slots=True)
class _Heads:
    """How many children (or one household) a line is for, and what their age and being siblings does to it."""

    count: int
    age_percent: int
    sibling_percent: int

    @property
    def factor(self) -> int:
        return (100 + self.age_percent) * (100 - self.sibling_percent)


def _lines(tariff: Tariff, minutes: Mapping[_Rate, int], billable: int, heads: _Heads) -> list[PriceLine]:
    lump = _lump(tariff, billable)
    if lump is None:
        return [_hourly_line(tariff, rate, count, heads) for rate, count in minutes.items() if count]
    unit, covered, quantity, minor = lump
    inside, left = dict[_Rate, int](), covered
    for rate, count in minutes.items():
        inside[rate] = min(left, count)
        left -= inside[rate]
    beyond = {rate: count - inside[rate] for rate, count in minutes.items() if count > inside[rate]}
    return [
        *_lump_lines(unit, quantity, minor, inside, covered, tariff, heads),
        *(_hourly_line(tariff, rate, count, heads) for rate, count in beyond.items()),
    ]


def _lump(tariff: Tariff, billable: int) -> tuple[str, int, int, int] | None:
    """The part priced as one: its unit, the minutes it covers, how many, and their price."""
    if tariff.minor_per_session is not None:
        count = max(1, -(-billable // tariff.session_minutes)) if tariff.session_minutes else 1
        return "session", billable, count, count * tariff.minor_per_session
    fitting = [fixed for fixed in tariff.fixed if fixed.minutes <= billable]
    if not fitting:
        return None
    longest = max(fitting, key=lambda fixed: fixed.minutes)
    return "fixed", longest.minutes, longest.minutes, longest.minor


def _lump_lines(
    unit: str, quantity: int, minor: int, inside: Mapping[_Rate, int], covered: int, tariff: Tariff, heads: _Heads
) -> list[PriceLine]:
    # Its supplements weigh by the minutes in each band; the sum is rounded once, the last band takes what is left.
    taken = {rate: count for rate, count in inside.items() if count} or {next(iter(inside)): 0}
    whole, done, lines = max(covered, 1) * 100**3, 0, list[PriceLine]()
    weighed = 0
    for rate, count in taken.items():
        part = (count if covered else 1) * (100 + rate.percent) * heads.factor
        weighed += part
        upto = half_up(minor * heads.count * weighed, whole)
        lines.append(
            PriceLine(
                code=rate.code,
                percent=rate.percent,
                minutes=count,
                minor_per_hour=0,
                children=heads.count,
                minor=upto - done + half_up(count * heads.count * rate.extra, 60),
                unit=unit,
                quantity=quantity,
                extra_minor_per_hour=rate.extra,
                age_percent=heads.age_percent,
                sibling_percent=heads.sibling_percent,
            )
        )
        done = upto
    return lines


def _hourly_line(tariff: Tariff, rate: _Rate, minutes: int, heads: _Heads) -> PriceLine:
    per_hour = tariff.minor_per_hour * (100 + rate.percent) * heads.factor + rate.extra * 100**3
    floor, ceiling, bound = tariff.floor_minor_per_hour, tariff.ceiling_minor_per_hour, ""
    per_hour = max(per_hour, 0)
    if ceiling is not None and per_hour > ceiling * 100**3:
        per_hour, bound = ceiling * 100**3, "ceiling"
    if floor is not None and per_hour < floor * 100**3:
        per_hour, bound = floor * 100**3, "floor"
    return PriceLine(
        code=rate.code,
        percent=rate.percent,
        minutes=minutes,
        minor_per_hour=tariff.minor_per_hour,
        children=heads.count,
        minor=half_up(minutes * heads.count * per_hour, _PER_MINUTE),
        extra_minor_per_hour=rate.extra,
        age_percent=heads.age_percent,
        sibling_percent=heads.sibling_percent,
        bound=bound,
    )


def _bounded_by_visit(lines: list[PriceLine], tariff: Tariff) -> tuple[PriceLine, ...]:
    total = sum(line.minor for line in lines)
    wanted, code = max(total, tariff.minimum_minor), "minimum"
    if tariff.ceiling_minor is not None and total > tariff.ceiling_minor:
        wanted, code = tariff.ceiling_minor, "ceiling"
    return (*lines, single_line(code, wanted - total)) if wanted != total else tuple(lines)


def single_line(
    code: str, minor: int, *, percent: int = 0, unit: str = "visit", quantity: int = 1, family_id: UUID | None = None
) -> PriceLine:
    """A line that isn't by the minute."""
    return PriceLine(
        code=code,
        percent=percent,
        minutes=0,
        minor_per_hour=0,
        children=1,
        minor=minor,
        unit=unit,
        quantity=quantity,
        family_id=family_id,
    )


def _minutes_by_rate(rates: Sequence[RatedWindow], billable: int) -> dict[_Rate, int]:
    minutes: dict[_Rate, int] = {}
    left = billable
    whole = [rate for rate in rates if rate.window.minutes] or rates[:1]
    for rate in whole:
        taken = left if rate is whole[-1] else min(left, rate.window.minutes)
        if taken or not minutes:
            key = _Rate(rate.code, rate.percent, rate.extra_minor_per_hour)
            minutes[key] = minutes.get(key, 0) + taken
        left -= taken
    return {key: count for key, count in minutes.items() if count} or minutes


def rates_of(window: TimeWindow, zone: str, tariff: Tariff, holidays: frozenset[date]) -> tuple[RatedWindow, ...]:
    """Which band holds when."""
    if not tariff.supplements:
        return (RatedWindow(window=window, code=BASE, percent=0),)
    pieces = _pieces(window, ZoneInfo(zone), tariff.supplements, holidays)
    ends = [start for start, _ in pieces[1:]] + [window.end]
    extras = any(band.minor_per_hour for band in tariff.supplements)
    return tuple(
        RatedWindow(
            window=TimeWindow(start, end),
            code=rate.code,
            percent=rate.percent,
            extra_minor_per_hour=rate.extra,
            weight=_weight(tariff, rate) if extras else 100 + rate.percent,
        )
        for (start, rate), end in zip(pieces, ends, strict=True)
    )


def _weight(tariff: Tariff, rate: _Rate) -> int:
    return max(0, tariff.minor_per_hour * (100 + rate.percent) + 100 * rate.extra)


def _pieces(
    window: TimeWindow, zone: ZoneInfo, bands: tuple[Band, ...], holidays: frozenset[date]
) -> list[tuple[datetime, _Rate]]:
    """From when on which rate holds, by the wall clock; whole minutes counted from the start."""
    found: list[tuple[datetime, _Rate]] = []
    moment, local = window.start, window.start.astimezone(zone)
    last = window.end.astimezone(zone)
    steady = local.utcoffset() == last.utcoffset() and window.end - window.start < _DAY
    while moment < window.end:
        day, clock = local.date(), local.hour * 60 + local.minute
        rate, until = _rate_at(bands, local.weekday(), day in holidays, clock)
        if not found or found[-1][1] != rate:
            found.append((moment, rate))
        step = until - clock
        if steady:
            moment, local = moment + step * _MINUTE, local + step * _MINUTE
        else:
            # Nothing changes before the next edge on the clock; the clock itself only changes on a quarter of an hour.
            moment += min(step, _QUARTER - moment.minute % _QUARTER) * _MINUTE
            local = moment.astimezone(zone)
    return found


def _rate_at(bands: tuple[Band, ...], weekday: int, is_holiday: bool, minute: int) -> tuple[_Rate, int]:
    """What holds at this minute of such a day, and until which minute of it."""
    for until, rate in _day(bands, weekday, is_holiday):
        if minute < until:
            return rate, until
    raise AssertionError("a day ends at its last minute")


@lru_cache(maxsize=4096)
def _day(bands: tuple[Band, ...], weekday: int, is_holiday: bool) -> tuple[tuple[int, _Rate], ...]:
    inner = {edge for band in bands for edge in (band.from_minute, band.until_minute) if edge}
    edges = sorted(inner | {_DAY_MINUTES})
    starts = [0, *edges[:-1]]
    return tuple((until, _rate(bands, weekday, is_holiday, start)) for start, until in zip(starts, edges, strict=True))


def _rate(bands: tuple[Band, ...], weekday: int, is_holiday: bool, minute: int) -> _Rate:
    covering = [band for band in bands if band.covers_minute(minute, weekday, is_holiday)]
    taking_turns = [band for band in covering if not band.stacks]
    holds = [min(taking_turns, key=lambda band: band.precedence)] if taking_turns else []
    all_that_hold = holds + [band for band in covering if band.stacks]
    if not all_that_hold:
        return _Rate(BASE, 0, 0)
    return _Rate(
        "+".join(band.code for band in all_that_hold),
        max(-100, sum(band.percent for band in all_that_hold)),
        sum(band.minor_per_hour for band in all_that_hold),
    )
