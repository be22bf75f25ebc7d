"""Who helps a family to pay, and how much: entitled hours, percentages, amounts an hour, prepaid hours, vouchers.

What a funder pays and what it takes off the family's part are kept apart: a funder that pays entitled hours at a rate of
its own (2:R-EN4) leaves the family nothing to pay for them, whatever they would have cost.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from shared.domain.errors import Invalid
from shared.domain.pricing import half_up
from shared.domain.sharing import WHOLE, split
from shared.domain.tariffs import one_of
from shared.domain.values import Money


class FundingKind(StrEnum):
    """Of what is left: a percent; the cost of so many minutes; so much an hour; prepaid minutes; an amount to draw on."""

    PERCENT = "percent"
    HOURS = "hours"
    AMOUNT = "amount"
    BANK = "bank"
    VOUCHER = "voucher"


class Period(StrEnum):
    """How often the minutes and the most a funding pays begin anew. A week begins on Monday."""

    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    ALL = "all"


_NEEDS_MINUTES = (FundingKind.HOURS, FundingKind.BANK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Funding:
    """One help to pay. `share` is hundredths of a percent; `minutes` and `minor` are the most in a period, None no limit.

    `minor_per_hour` is what an AMOUNT pays, and the funder's own rate for entitled HOURS. It holds on these `weekdays`
    (Monday is 0) and `between` these days (a term's first and last) where they are given. Several go by `order`.
    """

    funding_id: UUID
    kind: FundingKind
    valid_from: date
    valid_until: date | None = None
    funder_id: UUID | None = None
    child_id: UUID | None = None
    share: int = 0
    period: Period = Period.ALL
    minutes: int | None = None
    minor: int | None = None
    minor_per_hour: int | None = None
    cap_minor_per_hour: int | None = None
    weekdays: tuple[int, ...] = ()
    between: tuple[tuple[date, date], ...] = ()
    order: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.share <= WHOLE or (self.kind == FundingKind.PERCENT and self.share == 0):
            raise Invalid("A percentage is above 0 and at most 100.", pointer="#/percent")
        if self.kind in _NEEDS_MINUTES and self.minutes is None:
            raise Invalid("Say how many minutes it is for.", pointer="#/minutes")
        if self.kind == FundingKind.AMOUNT and self.minor_per_hour is None:
            raise Invalid("Say how much it pays an hour.", pointer="#/minor_per_hour")
        if self.kind == FundingKind.VOUCHER and self.minor is None:
            raise Invalid("Say how much the voucher is worth.", pointer="#/minor")
        if (self.kind == FundingKind.BANK) != (self.funder_id is None):
            raise Invalid("A bank of hours is the family's own; everything else has a funder.", pointer="#/funder_id")
        for name in ("minutes", "minor", "minor_per_hour", "cap_minor_per_hour"):
            if (getattr(self, name) or 0) < 0:
                raise Invalid("This is 0 or more.", pointer=f"#/{name}")
        if self.valid_until is not None and self.valid_until < self.valid_from:
            raise Invalid("The last day can't come before the first.", pointer="#/valid_until")

    def holds_on(self, on: date) -> bool:
        """Whether it helps with care that begins on this local day."""
        within = self.valid_from <= on and (self.valid_until is None or on <= self.valid_until)
        in_term = not self.between or any(first <= on <= last for first, last in self.between)
        return within and in_term and (not self.weekdays or on.weekday() in self.weekdays)

    @property
    def limited(self) -> bool:
        """Whether what was used before matters."""
        return self.minutes is not None or self.minor is not None

    def period_of(self, on: date) -> date:
        """The first day of the period this day belongs to."""
        match self.period:
            case Period.WEEK:
                return on - timedelta(days=on.weekday())
            case Period.MONTH:
                return on.replace(day=1)
            case Period.YEAR:
                return on.replace(month=1, day=1)
            case Period.ALL:
                return self.valid_from


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What of a funding was used in a period before."""

    minutes: int = 0
    minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FundedPart:
    """What one funding did: for so many minutes it took `relief` off the family's part, and its funder pays `pays`."""

    funding_id: UUID
    funder_id: UUID | None
    kind: FundingKind
    minutes: int
    relief: Money
    pays: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Funded:
    """A family's part after help: what is left to it; left and all relief add up to what it was."""

    left: Money
    parts: tuple[FundedPart, ...]

    @property
    def difference(self) -> Money:
        """What funders pay beyond (below zero: short of) what they took off the family."""
        return Money.total((part.pays - part.relief for part in self.parts), self.left.currency)


@dataclass(slots=True)
class _Open:
    """What is still to be paid for so many minutes nobody paid for yet."""

    left: Money
    minutes: int
    taken: list[FundedPart] = field(default_factory=list)


def apply_fundings(
    cost: Money,
    child_minutes: Mapping[UUID, int],
    minutes: int,
    fundings: Iterable[Funding],
    used: Mapping[UUID, Used] | None = None,
) -> Funded:
    """What is left of a family's part when each funding in its order has paid of what the ones before left.

    Only time that was cared for counts: `child_minutes` are each child's, `minutes` the family's. A child's funding is
    for that child's part of the cost (by its minutes) and comes before the family's own. Fundings must hold that day;
    `used` says what of each was used in its period.
    """
    before = used or {}
    in_order = sorted(fundings, key=lambda each: (each.child_id is None, each.order, str(each.funding_id)))
    if cost.minor <= 0 or minutes <= 0 or not in_order:
        return Funded(left=cost, parts=())
    open_by_child = _by_child(cost, child_minutes)
    parts: list[FundedPart] = []
    for funding in in_order:
        if funding.child_id is not None and funding.child_id in open_by_child:
            _apply(funding, open_by_child[funding.child_id], before)
    for each in open_by_child.values():
        parts += each.taken
    left = Money.total((each.left for each in open_by_child.values()), cost.currency) if open_by_child else cost
    family = _Open(left=left, minutes=minutes)
    for funding in in_order:
        if funding.child_id is None:
            _apply(funding, family, before)
    return Funded(left=family.left, parts=tuple(parts + family.taken))


def _by_child(cost: Money, child_minutes: Mapping[UUID, int]) -> dict[UUID, _Open]:
    if not any(child_minutes.values()):
        return {}
    return {child: _Open(part, child_minutes[child]) for child, part in split(cost, child_minutes).items()}


def _apply(funding: Funding, of: _Open, used: Mapping[UUID, Used]) -> None:
    before = used.get(funding.funding_id, Used())
    if of.left.minor <= 0:
        return
    covered = of.minutes
    if funding.minutes is not None:
        covered = min(covered, max(0, funding.minutes - before.minutes))
    if not covered:
        return
    relief, pays = _amounts(funding, of, covered)
    most = None if funding.minor is None else max(0, funding.minor - before.minor)
    if most is not None and pays > most:
        # What it may pay this period is spent: it takes off the family only what it pays.
        relief, pays = min(relief, most), most
    if not relief and not pays:
        return
    currency = of.left.currency
    of.taken.append(
        FundedPart(
            funding_id=funding.funding_id,
            funder_id=funding.funder_id,
            kind=funding.kind,
            minutes=covered,
            relief=Money(relief, currency),
            pays=Money(pays, currency),
        )
    )
    of.left -= Money(relief, currency)
    if funding.kind in _NEEDS_MINUTES:
        of.minutes -= covered


def _amounts(funding: Funding, of: _Open, covered: int) -> tuple[int, int]:
    """What it takes off the family, and what it pays."""
    left = of.left.minor
    cap = left if funding.cap_minor_per_hour is None else half_up(funding.cap_minor_per_hour * covered, 60)
    match funding.kind:
        case FundingKind.PERCENT:
            of_covered = half_up(left * covered, of.minutes)
            pays = min(half_up(of_covered * funding.share, WHOLE), cap)
        case FundingKind.AMOUNT:
            assert funding.minor_per_hour is not None
            pays = min(half_up(funding.minor_per_hour * covered, 60), cap, left)
        case FundingKind.VOUCHER:
            pays = min(left, cap)
        case FundingKind.HOURS | FundingKind.BANK:
            relief = half_up(left * covered, of.minutes)
            if funding.minor_per_hour is not None and funding.kind == FundingKind.HOURS:
                return relief, half_up(funding.minor_per_hour * covered, 60)
            pays = min(relief, cap)
    return pays, pays


class FundingTerms(Protocol):
    """A funding as billing's contract states it (FundingChanged); what isn't named here it has as `Funding` has it."""

    @property
    def kind(self) -> str: ...
    @property
    def period(self) -> str: ...
    @property
    def percent(self) -> int: ...
    @property
    def hundredths(self) -> int: ...


def funding_of(facts: FundingTerms) -> Funding:
    """What applies it. Raises Invalid naming the field."""
    return Funding(
        **{name: getattr(facts, name) for name in _PLAIN},
        kind=one_of(FundingKind, facts.kind, "#/kind"),
        period=one_of(Period, facts.period, "#/period"),
        share=facts.percent * 100 + facts.hundredths,
    )


_PLAIN = tuple(each.name for each in fields(Funding) if each.name not in ("kind", "period", "share"))


def in_force(fundings: Sequence[Funding], on: date) -> list[Funding]:
    """Those that help with care that begins on this local day."""
    return [funding for funding in fundings if funding.holds_on(on)]
