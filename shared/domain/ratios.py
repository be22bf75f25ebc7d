"""How many children one carer may look after at once: checked for every moment, by the ages of that very day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
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
class OtherCaps:
    """Caps that hold instead of those of the same code, where they allow more, with a source of their own."""

    caps: tuple[AgeCap, ...]
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NapCaps(OtherCaps):
    """Caps while children rest, from `starts` to `ends` on the place's clock."""

    starts: time
    ends: time


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioLimits:
    """The caps that hold together at every moment, with the source they come from.

    `nap` are those of the resting hours, `with_assistant` those where somebody helps the carer.
    """

    caps: tuple[AgeCap, ...]
    counts_own_children: bool
    source: str
    nap: NapCaps | None = None
    with_assistant: OtherCaps | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FreePlaces:
    """How many more children of each age band fit at once during a window; a band's name is its tightest cap's."""

    window: TimeWindow
    by_band: Mapping[str, int]


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
    children: Iterable[ChildPresence],
    limits: RatioLimits,
    zone: str,
    own_children_born: Sequence[date] = (),
    *,
    assistant: bool = False,
    tolerated: int = 0,
) -> Breach | None:
    """The first moment at which a cap is broken, or None.

    A child is as old as on that day in the place's `zone`: a birthday at midnight moves them to the next band in the
    middle of a night. The same child in two windows counts once. The carer's own children count throughout where the
    rule pack says they do. With an `assistant`, and while children rest, what the pack allows then holds. A desk may
    have `tolerated` so many more, knowingly. Source: the limits' own (1:R05, 1:R16, 1:R23, 1:R27), per interval (2:R2).
    """
    present = list(children)
    turns = _Turns(limits, zone)
    allowed = _Allowed(limits, zone, assistant, tolerated)
    for start, end in _slices(present, turns, own_children_born, allowed):
        here = {child.child_id: child.born for child in present if child.window.start <= start < child.window.end}
        if not here:
            continue
        born = [*here.values(), *(own_children_born if limits.counts_own_children else ())]
        for cap, source in allowed.at(start):
            count = sum(1 for day in born if turns.counts(cap, day, start))
            if count > cap.most:
                return Breach(cap=cap.code, window=TimeWindow(start, end), children=count, most=cap.most, source=source)
    return None


def check_adding(
    existing: Iterable[ChildPresence],
    new: Sequence[ChildPresence],
    limits: RatioLimits,
    zone: str,
    own_children_born: Sequence[date] = (),
    *,
    assistant: bool = False,
    tolerated: int = 0,
) -> Breach | None:
    """The first moment of the new presences at which a cap would be broken; what happens outside them isn't theirs."""
    shared = [
        ChildPresence(child_id=child.child_id, born=child.born, window=common)
        for child in existing
        for added in new
        if (common := child.window.intersection(added.window)) is not None
    ]
    return check([*shared, *new], limits, zone, own_children_born, assistant=assistant, tolerated=tolerated)


def allows(
    existing: Iterable[ChildPresence],
    new: Sequence[ChildPresence],
    limits: RatioLimits,
    zone: str,
    own_children_born: Sequence[date] = (),
) -> bool:
    """Whether the new presences fit beside the existing ones at every moment they last."""
    return check_adding(existing, new, limits, zone, own_children_born) is None


def free_places(
    children: Iterable[ChildPresence],
    limits: RatioLimits,
    zone: str,
    window: TimeWindow,
    own_children_born: Sequence[date] = (),
    *,
    assistant: bool = False,
) -> list[FreePlaces]:
    """How many more children of each age band fit beside those present, stretch by stretch of the window.

    A band ends where a cap's age does: in England under_1, under_4 and children; where age doesn't matter there is
    one. Neighbouring stretches with the same numbers are one.
    """
    present = [
        replace(child, window=common) for child in children if (common := child.window.intersection(window)) is not None
    ]
    turns = _Turns(limits, zone)
    allowed = _Allowed(limits, zone, assistant, 0)
    bands = sorted(limits.caps, key=lambda cap: (cap.below_years is None, cap.below_years or 0))
    found: list[FreePlaces] = []
    for start, end in _slices(present, turns, own_children_born, allowed, window):
        here = {child.child_id: child.born for child in present if child.window.start <= start < child.window.end}
        born = [*here.values(), *(own_children_born if limits.counts_own_children else ())]
        left = {
            cap.code: cap.most - sum(1 for day in born if turns.counts(cap, day, start)) for cap, _ in allowed.at(start)
        }
        # A child of a band counts in that band's cap and in those of every higher age.
        by_band = {
            band.code: max(0, min(left[wider.code] for wider in bands[number:])) for number, band in enumerate(bands)
        }
        if found and found[-1].by_band == by_band:
            found[-1] = FreePlaces(window=TimeWindow(found[-1].window.start, end), by_band=by_band)
        else:
            found.append(FreePlaces(window=TimeWindow(start, end), by_band=by_band))
    return found


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


class _Allowed:
    """Which caps hold at a moment: the pack's own, those with an assistant, those of the resting hours."""

    def __init__(self, limits: RatioLimits, zone: str, assistant: bool, tolerated: int) -> None:
        self._zone = ZoneInfo(zone)
        self._nap = limits.nap
        helped = limits.with_assistant if assistant else None
        self._awake = _more(tolerated, [(cap, limits.source) for cap in limits.caps], helped)
        self._resting = _more(0, self._awake, limits.nap, tolerated)

    def at(self, moment: datetime) -> Sequence[tuple[AgeCap, str]]:
        if self._nap is not None and self._nap.starts <= moment.astimezone(self._zone).time() < self._nap.ends:
            return self._resting
        return self._awake

    def edges(self, first: datetime, last: datetime) -> set[datetime]:
        """When resting hours begin and end."""
        if self._nap is None:
            return set()
        day, until = first.astimezone(self._zone).date(), last.astimezone(self._zone).date()
        found = set()
        while day <= until:
            found |= {
                datetime.combine(day, at, self._zone).astimezone(UTC) for at in (self._nap.starts, self._nap.ends)
            }
            day += timedelta(days=1)
        return {edge for edge in found if first < edge < last}


def _more(
    tolerated: int, caps: Sequence[tuple[AgeCap, str]], other: OtherCaps | None, other_tolerated: int | None = None
) -> list[tuple[AgeCap, str]]:
    """Each cap with what is tolerated, or the other one of its code where that allows more."""
    others = {cap.code: cap for cap in other.caps} if other is not None else {}
    found = []
    for cap, source in caps:
        allowed = replace(cap, most=cap.most + tolerated)
        instead = others.get(cap.code)
        if instead is not None and other is not None:
            extra = tolerated if other_tolerated is None else other_tolerated
            if instead.most + extra > allowed.most:
                allowed, source = replace(instead, most=instead.most + extra), other.source
        found.append((allowed, source))
    return found


def _slices(
    present: Sequence[ChildPresence],
    turns: _Turns,
    own_children_born: Sequence[date],
    allowed: _Allowed,
    window: TimeWindow | None = None,
) -> Iterable[tuple[datetime, datetime]]:
    """The stretches in which neither who is present, nor any age band, nor a cap changes."""
    edges = {edge for child in present for edge in (child.window.start, child.window.end)}
    if window is not None:
        edges |= {window.start, window.end}
    if edges:
        first, last = min(edges), max(edges)
        births = {child.born for child in present} | set(own_children_born)
        edges |= {turn for born in births for turn in turns.of(born) if first < turn < last}
        edges |= allowed.edges(first, last)
    return pairwise(sorted(edges))
