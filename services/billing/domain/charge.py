"""What a carer's stretch of care costs and pays, and how families who shared the carer split it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.domain.pricing import Per, Priced, PriceLine, Tariff, price
from shared.domain.sharing import SplitRule, split_shared
from shared.domain.values import Money, TimeWindow

Holidays = frozenset[date]
Composition = frozenset[tuple[UUID, UUID, TimeWindow]]
CHARGE_VISIT = "charge-visit"
_MINUTE = timedelta(minutes=1)


class ChargeState(StrEnum):
    """Where a visit that is over stands: charged, without anything to charge, or waiting, and what for."""

    CHARGED = "charged"
    NOTHING = "nothing"
    NO_TARIFF = "no_tariff"
    NO_RULES = "no_rules"
    OTHER_FAMILY = "waiting_for_other_family"


WAITING = (ChargeState.NO_TARIFF, ChargeState.NO_RULES, ChargeState.OTHER_FAMILY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attended:
    """A finished visit: whose children were cared for by whom, from check-in to check-out, on whose wall clock."""

    visit_id: UUID
    family_id: UUID
    child_ids: tuple[UUID, ...]
    carer_id: UUID
    mode: str
    zone: str
    window: TimeWindow


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Visits of one carer that hang together in time, in a fixed order; one visit if the carer was not shared."""

    visits: tuple[Attended, ...]

    @property
    def carer_id(self) -> UUID:
        return self.visits[0].carer_id

    @property
    def mode(self) -> str:
        return self.visits[0].mode

    @property
    def zone(self) -> str:
        return self.visits[0].zone

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

    @property
    def composition(self) -> Composition:
        """What it is made of: another time, carer or family makes another stretch."""
        return frozenset((visit.visit_id, visit.carer_id, visit.window) for visit in self.visits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What a stretch costs each family and pays the carer, with the allocation sheet that shows how."""

    total: Money
    pay: Money
    parts: Mapping[UUID, Money]
    sheet: Mapping[str, Any]


def stretches_of(visits: Iterable[Attended]) -> list[Stretch]:
    """The visits put together that one carer gave at overlapping times in one mode (1:M03)."""
    found: list[list[Attended]] = []
    for visit in sorted(visits, key=lambda v: (v.mode, v.carer_id, v.window.start, v.visit_id)):
        last = found[-1] if found else []
        together = (
            last
            and (last[0].carer_id, last[0].mode) == (visit.carer_id, visit.mode)
            and visit.window.start < max(v.window.end for v in last)
        )
        if together:
            last.append(visit)
        else:
            found.append([visit])
    return [Stretch(visits=tuple(each)) for each in found]


def settle(
    stretch: Stretch,
    *,
    family_tariff: Tariff,
    carer_tariff: Tariff,
    rule: SplitRule,
    holidays: Holidays = frozenset(),
) -> Settled:
    """Price a stretch once and share it out: the parts add up to the whole, and the carer is paid once (1:S04).

    A tariff per household prices the carer's whole stretch; one per child adds up each family's own time and children.
    """
    cost = _price(stretch, family_tariff, holidays)
    families = sorted({visit.family_id for visit in stretch.visits}, key=str)
    if len(families) == 1:
        parts = {families[0]: cost.total}
    else:
        presences: dict[UUID, list[tuple[UUID, TimeWindow]]] = {family: [] for family in families}
        for visit in stretch.visits:
            presences[visit.family_id].extend((child, visit.window) for child in visit.child_ids)
        parts = split_shared(cost.total, presences, rule, cost.rates)
    return Settled(
        total=cost.total,
        pay=_price(stretch, carer_tariff, holidays).total,
        parts=parts,
        sheet=_sheet(stretch, cost, parts, rule),
    )


def _price(stretch: Stretch, tariff: Tariff, holidays: Holidays) -> Priced:
    whole = price(stretch.window, stretch.zone, tariff, holidays=holidays)
    if tariff.per == Per.HOUSEHOLD:
        return whole
    each = [price(v.window, stretch.zone, tariff, len(v.child_ids), holidays) for v in stretch.visits]
    return Priced(
        total=Money.total((one.total for one in each), tariff.currency),
        billable_minutes=sum(one.billable_minutes for one in each),
        lines=tuple(line for one in each for line in one.lines),
        rates=whole.rates,
    )


def _sheet(stretch: Stretch, cost: Priced, parts: Mapping[UUID, Money], rule: SplitRule) -> dict[str, Any]:
    """The allocation sheet: who was there when, what each stretch of minutes weighed, and what each family owes."""
    segments = _segments(stretch, cost)
    return {
        "rule": rule.value if len(parts) > 1 else None,
        "minutes": stretch.window.minutes,
        "billable_minutes": cost.billable_minutes,
        "lines": [_line(line) for line in cost.lines],
        "presences": [
            {
                "visit_id": str(visit.visit_id),
                "family_id": str(visit.family_id),
                "children": len(visit.child_ids),
                "start": visit.window.start.isoformat(),
                "end": visit.window.end.isoformat(),
                "minutes": visit.window.minutes,
            }
            for visit in stretch.visits
        ],
        "segments": segments,
        "parts": [
            {
                "family_id": str(family),
                "minutes_alone": _minutes(segments, family, lambda there: there == 1),
                "minutes_together": _minutes(segments, family, lambda there: there > 1),
                "minor": part.minor,
            }
            for family, part in sorted(parts.items(), key=lambda part: str(part[0]))
        ],
    }


def _segments(stretch: Stretch, cost: Priced) -> list[dict[str, Any]]:
    windows = [visit.window for visit in stretch.visits] + [rate.window for rate in cost.rates]
    edges = sorted({edge for window in windows for edge in (window.start, window.end)})
    found = []
    for start, end in pairwise(edges):
        there = sorted({str(v.family_id) for v in stretch.visits if v.window.start <= start < v.window.end})
        rate = next(rate for rate in cost.rates if rate.window.start <= start < rate.window.end)
        found.append(
            {
                "start": start.isoformat(),
                "end": end.isoformat(),
                "minutes": round((end - start) / _MINUTE, 2),
                "families": there,
                "code": rate.code,
                "percent": rate.percent,
            }
        )
    return found


def _minutes(segments: Sequence[Mapping[str, Any]], family: UUID, when: Any) -> float:
    mine: list[float] = [s["minutes"] for s in segments if str(family) in s["families"] and when(len(s["families"]))]
    return round(sum(mine), 2)


def _line(line: PriceLine) -> dict[str, Any]:
    return {
        "code": line.code,
        "percent": line.percent,
        "minutes": line.minutes,
        "minor_per_hour": line.minor_per_hour,
        "children": line.children,
        "minor": line.minor,
    }
