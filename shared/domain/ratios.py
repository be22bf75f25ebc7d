"""How many children one carer may look after at once: checked for every moment, by the ages of that very day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.domain.values import TimeWindow


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeCap:
    """At most so many children below an age in whole years, or of any age when `below_years` is None."""

    code: str
    most: int
    below_years: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioLimits:
    """The caps that hold together at every moment, with the source they come from."""

    caps: tuple[AgeCap, ...]
    counts_own_children: bool
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildPresence:
    """A child who is with the carer during a window."""

    child_id: UUID
    born: date
    window: TimeWindow


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """From `window.start` to `window.end` there would be `children` where the cap allows `most`."""

    cap: str
    window: TimeWindow
    children: int
    most: int
    source: str


def birthday(born: date, years: int) -> date:
    """The day a child turns `years`; one born on 29 February does so on 1 March of a year that has no such day."""
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return date(born.year + years, 3, 1)


def check(
    children: Iterable[ChildPresence], limits: RatioLimits, zone: str, own_children_born: Sequence[date] = ()
) -> Breach | None:
    """The first moment at which a cap is broken, or None.

    A child is as old as on that day in the place's `zone`: a birthday at midnight moves them to the next band in the
    middle of a night. The same child in two windows counts once. The carer's own children count throughout where the
    rule pack says they do. Source: the limits' own (1:R05, 1:R16, 1:R23, 1:R27), per interval (2:R2).
    """
    present = list(children)
    turns = _Turns(limits, zone)
    for start, end in _slices(present, turns, own_children_born):
        here = {child.child_id: child.born for child in present if child.window.start <= start < child.window.end}
        if not here:
            continue
        born = [*here.values(), *(own_children_born if limits.counts_own_children else ())]
        for cap in limits.caps:
            count = sum(1 for day in born if turns.counts(cap, day, start))
            if count > cap.most:
                return Breach(
                    cap=cap.code, window=TimeWindow(start, end), children=count, most=cap.most, source=limits.source
                )
    return None


def check_adding(
    existing: Iterable[ChildPresence],
    new: Sequence[ChildPresence],
    limits: RatioLimits,
    zone: str,
    own_children_born: Sequence[date] = (),
) -> Breach | None:
    """The first moment of the new presences at which a cap would be broken; what happens outside them isn't theirs."""
    shared = [
        ChildPresence(child_id=child.child_id, born=child.born, window=common)
        for child in existing
        for added in new
        if (common := child.window.intersection(added.window)) is not None
    ]
    return check([*shared, *new], limits, zone, own_children_born)


def allows(
    existing: Iterable[ChildPresence],
    new: Sequence[ChildPresence],
    limits: RatioLimits,
    zone: str,
    own_children_born: Sequence[date] = (),
) -> bool:
    """Whether the new presences fit beside the existing ones at every moment they last."""
    return check_adding(existing, new, limits, zone, own_children_born) is None


class _Turns:
    """The instants at which children leave an age band: local midnight of a birthday, reckoned once per child."""

    def __init__(self, limits: RatioLimits, zone: str) -> None:
        self._zone = ZoneInfo(zone)
        self._bounds = sorted({cap.below_years for cap in limits.caps if cap.below_years is not None})
        self._known: dict[tuple[date, int], datetime] = {}

    def at(self, born: date, years: int) -> datetime:
        key = (born, years)
        if key not in self._known:
            day = birthday(born, years)
            self._known[key] = datetime(day.year, day.month, day.day, tzinfo=self._zone).astimezone(UTC)
        return self._known[key]

    def counts(self, cap: AgeCap, born: date, moment: datetime) -> bool:
        return cap.below_years is None or moment < self.at(born, cap.below_years)

    def of(self, born: date) -> list[datetime]:
        return [self.at(born, years) for years in self._bounds]


def _slices(
    present: Sequence[ChildPresence], turns: _Turns, own_children_born: Sequence[date]
) -> Iterable[tuple[datetime, datetime]]:
    """The stretches in which neither who is present nor any age band changes."""
    edges = {edge for child in present for edge in (child.window.start, child.window.end)}
    if edges:
        first, last = min(edges), max(edges)
        births = {child.born for child in present} | set(own_children_born)
        edges |= {turn for born in births for turn in turns.of(born) if first < turn < last}
    return pairwise(sorted(edges))
