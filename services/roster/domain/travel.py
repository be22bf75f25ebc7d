"""The travel ledger: which legs follow from a day's visits, how each is reckoned, whether it is paid and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.roster.domain.policy import Policy
from shared.domain.travel import TransportMode, TravelRules, geodesic_metres
from shared.domain.values import Place

WAY_IN, WAY_HOME, WITHIN = "in", "home", "within"


class Why(StrEnum):
    """Why a leg is paid or isn't."""

    BETWEEN_VISITS = "between_visits"
    FIRST_LEG = "first_leg"
    LAST_LEG = "last_leg"
    FIRST_LEG_NOT_PAID = "first_leg_not_paid"
    LAST_LEG_NOT_PAID = "last_leg_not_paid"
    TOO_SHORT = "too_short"
    WITHIN_VISIT = "within_visit"
    LONGER_THAN_CAN_BE = "longer_than_can_be"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cared:
    """A visit that took place: from when to when, and from where to where its carer was."""

    visit_id: UUID
    family_id: UUID
    started_at: datetime
    ended_at: datetime
    place: Place
    first_place: Place
    last_place: Place
    stops: tuple[Place, ...] = ()
    set_out_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What an engine measured between two points."""

    metres: int
    seconds: int
    engine: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One leg somebody made, before it is reckoned."""

    visit_id: UUID
    family_id: UUID
    way: str
    start: Place
    end: Place
    at: datetime
    from_home: bool
    set_out_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoned:
    """Metres and minutes of a leg, in words and in numbers that give them again."""

    metres: int
    minutes: int
    how: str
    numbers: Mapping[str, Any]


def legs_of(visits: Sequence[Cared], home: Place, pause: timedelta) -> list[Made]:
    """Every leg of these visits, in order: in from home or from the visit before, stops on the way, and home.

    A pause longer than the desk's ends a shift: the carer goes home in it. The same place is no leg.
    """
    ordered = sorted(visits, key=lambda each: (each.started_at, str(each.visit_id)))
    found: list[Made] = []
    for visit in ordered:
        found += legs_in(visit, visit_before(visit, ordered, pause), home)
        if not goes_on(visit, ordered, pause):
            found += way_home(visit, home)
    return found


def legs_in(visit: Cared, before: Cared | None, home: Place) -> list[Made]:
    """The way in, and what lies within the visit: to school and back."""
    start = before.last_place if before is not None else home
    made = Made(
        visit_id=visit.visit_id,
        family_id=visit.family_id,
        way=WAY_IN,
        start=start,
        end=visit.first_place,
        at=visit.started_at,
        from_home=before is None,
        set_out_at=visit.set_out_at,
    )
    found = [made] if start.place_id != visit.first_place.place_id else []
    here = visit.first_place
    there = [*visit.stops, *([visit.last_place] if visit.stops or visit.first_place != visit.last_place else [])]
    for number, stop in enumerate(there, 1):
        if stop.place_id == here.place_id:
            continue
        found.append(
            Made(
                visit_id=visit.visit_id,
                family_id=visit.family_id,
                way=f"{WITHIN}-{number}",
                start=here,
                end=stop,
                at=visit.started_at,
                from_home=False,
            )
        )
        here = stop
    return found


def way_home(visit: Cared, home: Place) -> list[Made]:
    """The way home after the last visit of a shift."""
    if visit.last_place.place_id == home.place_id:
        return []
    return [
        Made(
            visit_id=visit.visit_id,
            family_id=visit.family_id,
            way=WAY_HOME,
            start=visit.last_place,
            end=home,
            at=visit.ended_at,
            from_home=True,
        )
    ]


def visit_before(visit: Cared, others: Sequence[Cared], pause: timedelta) -> Cared | None:
    """The visit the carer came from in the same shift: begun before this one and left no longer ago than the pause."""
    earlier = [
        each
        for each in others
        if (each.started_at, str(each.visit_id)) < (visit.started_at, str(visit.visit_id))
        and each.ended_at >= visit.started_at - pause
    ]
    return max(earlier, key=lambda each: (each.started_at, str(each.visit_id)), default=None)


def goes_on(visit: Cared, others: Sequence[Cared], pause: timedelta) -> bool:
    """Whether another visit goes on after this one, or began before the shift's pause was over."""
    return any(
        each.started_at <= visit.ended_at + pause
        and (each.ended_at, str(each.visit_id)) > (visit.ended_at, str(visit.visit_id))
        for each in others
        if each.visit_id != visit.visit_id
    )


def reckon(
    start: Place, end: Place, mode: TransportMode, rules: TravelRules, route: Route | None, *, wanted: str | None = None
) -> Reckoned:
    """Metres and minutes, both rounded up: as an engine measured them, else the straight line with the mode's detour.

    `wanted` says why there is no measured route where one was asked for; the leg then says so too.
    """
    if route is not None:
        how = f"measured by {route.engine}: {route.metres} m in {route.seconds} s"
        numbers = {"engine": route.engine, "route_metres": route.metres, "route_seconds": route.seconds}
    else:
        rule = rules[mode]
        straight = geodesic_metres(start, end)
        how = f"straight line {straight} m, {rule.detour_percent} % of it by road, at {rule.speed_kmh} km/h"
        if wanted is not None:
            how += f"; not measured: {wanted}"
        numbers = {
            "straight_metres": straight,
            "detour_percent": rule.detour_percent,
            "speed_kmh": rule.speed_kmh,
        }
    metres, minutes = from_numbers(numbers)
    return Reckoned(metres=metres, minutes=minutes, how=how, numbers=numbers)


def from_numbers(numbers: Mapping[str, Any]) -> tuple[int, int]:
    """The metres and minutes that follow from what a leg was reckoned with: the same again, at any time."""
    if "engine" in numbers:
        return int(numbers["route_metres"]), _up(int(numbers["route_seconds"]), 60)
    metres = _up(int(numbers["straight_metres"]) * int(numbers["detour_percent"]), 100)
    return metres, _up(metres * 60, int(numbers["speed_kmh"]) * 1000)


def paid(way: str, from_home: bool, metres: int, policy: Policy) -> tuple[bool, Why]:
    """Whether a leg is paid, and why. First and last legs by the desk's choice; of one within a visit the kilometres are.

    A leg longer than can be is the mark of a pin in the wrong place: it waits until somebody puts it right.
    """
    if metres > policy.longest_leg_km * 1000:
        return False, Why.LONGER_THAN_CAN_BE
    if way.startswith(WITHIN):
        return True, Why.WITHIN_VISIT
    if not from_home:
        return True, Why.BETWEEN_VISITS
    last = way == WAY_HOME
    if not policy.pay_first_and_last_legs:
        return False, Why.LAST_LEG_NOT_PAID if last else Why.FIRST_LEG_NOT_PAID
    if metres < policy.first_leg_from_metres:
        return False, Why.TOO_SHORT
    return True, Why.LAST_LEG if last else Why.FIRST_LEG


def _up(amount: int, by: int) -> int:
    return -(-amount // by)
