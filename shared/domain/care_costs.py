"""What a stretch of care comes to: its price for each party, each family's part of it, and how that came about.

Offers, quotes and charges all come through here: the same care at the same tariff is the same money.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.domain.errors import Invalid
from shared.domain.pricing import (
    Per,
    Priced,
    PriceLine,
    RatedWindow,
    ShortNotice,
    Tariff,
    half_up,
    price,
    rates_of,
    single_line,
)
from shared.domain.sharing import SplitTerms, host_compensation, split_shared
from shared.domain.tariffs import ChosenTariff, Party
from shared.domain.values import Money, TimeWindow

Holidays = frozenset[date]
_ALL = 100


class CareKind(StrEnum):
    """A first meeting is free to the family and paid to the carer (1:M16); standby is time held, not cared."""

    CARE = "care"
    INTRODUCTION = "introduction"
    STANDBY = "standby"


_KIND_PERCENT = {
    (CareKind.INTRODUCTION, Party.FAMILY): 0,
    (CareKind.INTRODUCTION, Party.FUNDER): 0,
    (CareKind.STANDBY, Party.FAMILY): 0,
    (CareKind.STANDBY, Party.FUNDER): 0,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildThere:
    """A child and when it was there. Without a date of birth no age band is its."""

    child_id: UUID
    window: TimeWindow
    born: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaredVisit:
    """One family's visit in a stretch: its children, its meals, and how long before it began it was asked for."""

    visit_id: UUID
    family_id: UUID
    window: TimeWindow
    children: tuple[ChildThere, ...]
    meals: int = 0
    notice_minutes: int | None = None

    def __post_init__(self) -> None:
        if not self.children:
            raise Invalid("A visit is for at least one child.", pointer="#/child_ids")


@dataclass(frozen=True, slots=True, kw_only=True)
class Care:
    """A carer's unbroken stretch of care: one visit, or visits of families who share the carer. The zone is the place's."""

    visits: tuple[CaredVisit, ...]
    zone: str
    kind: CareKind = CareKind.CARE

    @property
    def window(self) -> TimeWindow:
        """The whole time the carer cared, however many children were there."""
        return TimeWindow(min(v.window.start for v in self.visits), max(v.window.end for v in self.visits))

    @property
    def on(self) -> date:
        """The local day it began: the day whose tariff and agreement hold."""
        return self.window.start.astimezone(ZoneInfo(self.zone)).date()

    @property
    def last_day(self) -> date:
        return self.window.end.astimezone(ZoneInfo(self.zone)).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedCare:
    """A stretch's price. `shared` is what those there share; `own` is each family's, such as its meals."""

    shared: Money
    own: Mapping[UUID, Money]
    billable_minutes: int
    lines: tuple[PriceLine, ...]
    rates: tuple[RatedWindow, ...]

    @property
    def total(self) -> Money:
        return self.shared + Money.total(self.own.values(), self.shared.currency)


def price_care(care: Care, tariff: Tariff, party: Party, holidays: Holidays = frozenset()) -> PricedCare:
    """What a stretch of care comes to at a tariff; its lines add up to the total.

    A price per household is for the carer's whole time once, at the age of the youngest child; one per child adds up
    each child's own time. Meals and short notice are the family's own who caused them. An introduction costs a family
    nothing, standby what the tariff says.
    """
    priced = _whole(care, tariff, holidays) if tariff.per == Per.HOUSEHOLD else _each_child(care, tariff, holidays)
    percent = kind_percent(tariff, party, care.kind)
    own = _own_lines(care, tariff, priced) if percent == _ALL else []
    found = _with_own(priced, own, tariff)
    return found if percent == _ALL else at_percent(found, care.kind.value, percent)


def price_cancelled(
    care: Care, tariff: Tariff, party: Party, percent: int, holidays: Holidays = frozenset()
) -> PricedCare:
    """What a visit that was planned and didn't happen comes to: so many percent of its time, nothing of its extras."""
    plain = replace(care, visits=tuple(replace(visit, meals=0) for visit in care.visits))
    return at_percent(price_care(plain, tariff, party, holidays), "cancelled", percent)


def cancellation_percent(tariff: Tariff, minutes_before: int, absences_before: int) -> int:
    """How much of its price a visit costs that was cancelled so many minutes before it began (2:M5, 2:M7).

    Nothing where the tariff says nothing, within the year's respite days, or earlier than its longest step; a step of 0
    hours is for who cancels when it has begun. 0 before the first step.
    """
    if tariff.respite_days is None or absences_before < tariff.respite_days:
        return 0
    steps = [step for step in tariff.cancellation if minutes_before < step.hours * 60 or minutes_before <= 0]
    return min(steps, key=lambda step: step.hours).percent if steps else 0


def kind_percent(tariff: Tariff, party: Party, kind: CareKind) -> int:
    """How much of the tariff such care costs this party: all of it, unless the kind or the tariff says otherwise."""
    said = {CareKind.INTRODUCTION: tariff.introduction_percent, CareKind.STANDBY: tariff.standby_percent}.get(kind)
    return said if said is not None else _KIND_PERCENT.get((kind, party), _ALL)


def price_travel(tariff: Tariff, metres: int, minutes: int) -> tuple[Money, tuple[PriceLine, ...]]:
    """What a carer's way comes to: its kilometres and its time, each rounded half up."""
    lines = [
        single_line("km", half_up(metres * tariff.minor_per_km, 1000), unit="metres", quantity=metres),
        single_line(
            "travel_time", half_up(minutes * tariff.minor_per_travel_hour, 60), unit="minutes", quantity=minutes
        ),
    ]
    found = tuple(line for line in lines if line.minor)
    return Money(sum(line.minor for line in found), tariff.currency), found


def agency_keeps(care: Care, tariff: Tariff, family_total: Money, holidays: Holidays = frozenset()) -> PricedCare:
    """What the agency keeps of what the family's care costs: its share of it and its own price."""
    priced = price_care(care, tariff, Party.AGENCY, holidays)
    share = half_up(family_total.minor * tariff.share, 100 * _ALL)
    if not share:
        return priced
    line = single_line("share", share, unit="hundredths_percent", quantity=tariff.share)
    return replace(priced, shared=priced.shared + Money(share, tariff.currency), lines=(*priced.lines, line))


def at_percent(priced: PricedCare, code: str, percent: int) -> PricedCare:
    """The same care at so many percent of its price, the difference as a line of its own; nothing for anybody's own."""
    if percent == _ALL:
        return priced
    shared = Money(half_up(priced.shared.minor * percent, _ALL), priced.shared.currency)
    time_lines = tuple(line for line in priced.lines if line.family_id is None)
    line = single_line(code, shared.minor - priced.shared.minor, percent=percent)
    return replace(priced, shared=shared, own={}, lines=(*time_lines, line))


def _whole(care: Care, tariff: Tariff, holidays: Holidays) -> Priced:
    born = [child.born for visit in care.visits for child in visit.children if child.born is not None]
    age = _age_percent(tariff, max(born) if born else None, care.on)
    return price(care.window, care.zone, tariff, holidays=holidays, age_percent=age)


def _each_child(care: Care, tariff: Tariff, holidays: Holidays) -> Priced:
    groups = [group for visit in care.visits for group in _alike_children(visit, tariff, care.on).items()]
    each = [
        price(window, care.zone, tariff, count, holidays, age_percent=age, sibling_percent=sibling)
        for (window, age, sibling), count in groups
    ]
    return Priced(
        total=Money.total((one.total for one in each), tariff.currency),
        billable_minutes=sum(one.billable_minutes * count for one, (_, count) in zip(each, groups, strict=True)),
        lines=tuple(line for one in each for line in one.lines),
        rates=rates_of(care.window, care.zone, tariff, holidays),
    )


def _alike_children(visit: CaredVisit, tariff: Tariff, on: date) -> dict[tuple[TimeWindow, int, int], int]:
    """How many of a visit's children are priced alike: there at the same time, of one age band, with one reduction."""
    found: dict[tuple[TimeWindow, int, int], int] = {}
    # The youngest is the family's first child: it costs most where ages differ, so the reduction is on the others.
    youngest_first = sorted(visit.children, key=lambda child: (_days_old(child, on), str(child.child_id)))
    for number, child in enumerate(youngest_first):
        reduction = tariff.siblings[min(number, len(tariff.siblings)) - 1] if number and tariff.siblings else 0
        key = (child.window, _age_percent(tariff, child.born, on), reduction)
        found[key] = found.get(key, 0) + 1
    return found


def _days_old(child: ChildThere, on: date) -> int:
    return (on - child.born).days if child.born is not None else 100 * 366


def _age_percent(tariff: Tariff, born: date | None, on: date) -> int:
    if born is None or not tariff.ages:
        return 0
    months = (on.year - born.year) * 12 + on.month - born.month - (on.day < born.day)
    return next((band.percent for band in tariff.ages if band.covers(max(months, 0))), 0)


def _own_lines(care: Care, tariff: Tariff, priced: Priced) -> list[PriceLine]:
    lines = []
    for visit in care.visits:
        if visit.meals and tariff.minor_per_meal:
            minor = visit.meals * tariff.minor_per_meal
            lines.append(single_line("meal", minor, unit="meals", quantity=visit.meals, family_id=visit.family_id))
        notice = _short_notice(tariff, visit)
        if notice is not None:
            share = half_up(_time_of(visit, care, priced) * notice.percent, _ALL)
            lines.append(
                single_line("short_notice", share + notice.minor, percent=notice.percent, family_id=visit.family_id)
            )
    return [line for line in lines if line.minor]


def _short_notice(tariff: Tariff, visit: CaredVisit) -> ShortNotice | None:
    """The step of the shortest notice that covers this visit's."""
    if visit.notice_minutes is None:
        return None
    late = [step for step in tariff.notice if visit.notice_minutes < step.hours * 60]
    return min(late, key=lambda step: step.hours) if late else None


def _time_of(visit: CaredVisit, care: Care, priced: Priced) -> int:
    """What of the price is this visit's time: all of it when it is the only one, else by its minutes among all."""
    if len(care.visits) == 1:
        return priced.total.minor
    minutes = sum(each.window.minutes for each in care.visits)
    return half_up(priced.total.minor * visit.window.minutes, minutes) if minutes else 0


def _with_own(priced: Priced, own: Sequence[PriceLine], tariff: Tariff) -> PricedCare:
    sums: dict[UUID, Money] = {}
    for line in own:
        assert line.family_id is not None
        sums[line.family_id] = sums.get(line.family_id, Money(0, tariff.currency)) + Money(line.minor, tariff.currency)
    return PricedCare(
        shared=priced.total,
        own=sums,
        billable_minutes=priced.billable_minutes,
        lines=(*priced.lines, *own),
        rates=priced.rates,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CareTariffs:
    """The tariffs that apply to a stretch: each family's, the carer's, and the agency's if it keeps something.

    Without a family's tariff it pays what the carer earns and the agency keeps (2:M18).
    """

    families: Mapping[UUID, ChosenTariff | None]
    carer: ChosenTariff
    agency: ChosenTariff | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyPart:
    """One family's part of a stretch: its share of what is shared, its own, and what it gives or gets for the home."""

    priced: PricedCare
    share: Money
    own: Money
    host: Money

    @property
    def total(self) -> Money:
        return self.share + self.own + self.host


@dataclass(frozen=True, slots=True, kw_only=True)
class CareCosts:
    """What a stretch costs each family, earns the carer, and leaves to the agency and the desk."""

    parts: Mapping[UUID, FamilyPart]
    carer: PricedCare
    agency: PricedCare | None
    total: Money

    @property
    def kept(self) -> Money:
        """What is left to the desk when the carer and the agency have theirs."""
        rest = self.total - self.carer.total
        return rest - self.agency.total if self.agency is not None else rest


def cost_of_care(
    care: Care, tariffs: CareTariffs, terms: SplitTerms[UUID] | None = None, holidays: Holidays = frozenset()
) -> CareCosts:
    """Price a stretch once at each tariff and share it out; the parts add up to the total, the carer is paid once (1:S04).

    Each family pays its share of what the stretch costs at its own tariff; where all have the same, that is one price.
    `terms` are how they agreed to split it, which one family doesn't need.
    """
    carer = price_care(care, tariffs.carer.tariff, Party.CARER, holidays)
    presences = presences_of(care)
    parts: dict[UUID, FamilyPart] = {}
    priced_at: dict[UUID | None, PricedCare] = {}
    shares_at: dict[UUID | None, dict[UUID, Money]] = {}
    currency = carer.shared.currency
    host = host_compensation(presences, terms, currency) if terms is not None and len(presences) > 1 else {}
    for family in sorted(presences, key=str):
        chosen = tariffs.families.get(family)
        key = chosen.tariff_id if chosen is not None else None
        if key not in priced_at:
            priced_at[key] = _price_for_family(care, chosen, carer, tariffs.agency, holidays)
            shares_at[key] = _shares(priced_at[key], presences, terms)
        priced = priced_at[key]
        parts[family] = FamilyPart(
            priced=priced,
            share=shares_at[key][family],
            own=priced.own.get(family, Money(0, currency)),
            host=host.get(family, Money(0, currency)),
        )
    total = Money.total((part.total for part in parts.values()), currency)
    agency = tariffs.agency
    return CareCosts(
        parts=parts,
        carer=carer,
        agency=agency_keeps(care, agency.tariff, total, holidays) if agency is not None else None,
        total=total,
    )


def presences_of(care: Care) -> dict[UUID, list[tuple[UUID, TimeWindow]]]:
    """When each family's children were there."""
    found: dict[UUID, list[tuple[UUID, TimeWindow]]] = {}
    for visit in care.visits:
        found.setdefault(visit.family_id, []).extend((child.child_id, child.window) for child in visit.children)
    return found


def _price_for_family(
    care: Care, chosen: ChosenTariff | None, carer: PricedCare, agency: ChosenTariff | None, holidays: Holidays
) -> PricedCare:
    if chosen is not None:
        return price_care(care, chosen.tariff, Party.FAMILY, holidays)
    if agency is None:
        raise Invalid("There is neither a family's tariff nor an agency's to add to the carer's.")
    fee = agency_keeps(care, agency.tariff, carer.total, holidays)
    whole = replace(
        carer,
        shared=carer.shared + fee.shared,
        own={family: _sum_of(family, carer, fee) for family in {*carer.own, *fee.own}},
        lines=(*carer.lines, *(replace(line, code=f"agency.{line.code}") for line in fee.lines)),
    )
    return at_percent(whole, care.kind.value, kind_percent(agency.tariff, Party.FAMILY, care.kind))


def _sum_of(family: UUID, *prices: PricedCare) -> Money:
    currency = prices[0].shared.currency
    return Money.total((priced.own.get(family, Money(0, currency)) for priced in prices), currency)


def _shares(
    priced: PricedCare,
    presences: Mapping[UUID, Sequence[tuple[UUID, TimeWindow]]],
    terms: SplitTerms[UUID] | None,
) -> dict[UUID, Money]:
    if len(presences) == 1:
        return dict.fromkeys(presences, priced.shared)
    if terms is None:
        raise Invalid("Families who share a carer need a rule to split by.", pointer="#/rule")
    return split_shared(priced.shared, presences, terms, priced.rates)
