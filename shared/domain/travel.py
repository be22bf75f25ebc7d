"""How far and how long a carer travels between two places: haversine to filter, the geodesic for what is recorded."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from geopy.distance import geodesic

from shared.domain.errors import Invalid
from shared.domain.values import Place

EARTH_RADIUS_KM = 6371.0088  # the mean radius of the GRS 80 ellipsoid (IUGG)


class TransportMode(StrEnum):
    FOOT = "foot"
    BIKE = "bike"
    PUBLIC_TRANSPORT = "public_transport"
    CAR = "car"


@dataclass(frozen=True, slots=True, kw_only=True)
class TravelRule:
    """Speed from door to door, and the road's length in percent of the straight line's (100 is a straight road)."""

    speed_kmh: int
    detour_percent: int

    def __post_init__(self) -> None:
        if self.speed_kmh <= 0:
            raise Invalid("A speed is more than 0 km/h.", pointer="#/speed_kmh")
        if self.detour_percent < 100:
            raise Invalid("No road is shorter than the straight line: 100 percent or more.", pointer="#/detour_percent")


TravelRules = Mapping[TransportMode, TravelRule]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One way from place to place; `how` says in words how it was reckoned."""

    metres: int
    minutes: int
    mode: TransportMode
    how: str


def haversine_km(from_latitude: float, from_longitude: float, to_latitude: float, to_longitude: float) -> float:
    """Great-circle distance on a sphere, within 0.6 % of the geodesic: to filter with, never to record."""
    north, south = math.radians(to_latitude), math.radians(from_latitude)
    east = math.radians(to_longitude - from_longitude)
    root = math.sin((north - south) / 2) ** 2 + math.cos(north) * math.cos(south) * math.sin(east / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, root)))


def geodesic_metres(from_place: Place, to_place: Place) -> int:
    """The straight line over the WGS 84 ellipsoid, in whole metres."""
    start, end = (from_place.latitude, from_place.longitude), (to_place.latitude, to_place.longitude)
    return round(float(geodesic(start, end).kilometers) * 1000)


def leg(from_place: Place, to_place: Place, mode: TransportMode, rules: TravelRules) -> Leg:
    """Metres by road and minutes, both rounded up; nothing where the carer is already there.

    The road is the straight line lengthened by the mode's detour. Speeds and detours are the rule pack's or the desk's:
    no country's law gives them (1:R38). Raises Invalid when the rules don't know the mode.
    """
    straight = 0 if from_place.place_id == to_place.place_id else geodesic_metres(from_place, to_place)
    if straight == 0:
        return Leg(metres=0, minutes=0, mode=mode, how="the same place")
    if mode not in rules:
        raise Invalid(f"Nothing is known of travel by {mode.value}: choose {', '.join(rules)}.", pointer="#/transport")
    rule = rules[mode]
    metres = _up(straight * rule.detour_percent, 100)
    minutes = _up(metres * 60, rule.speed_kmh * 1000)
    how = f"straight line {straight} m, {rule.detour_percent} % of it by road, at {rule.speed_kmh} km/h"
    return Leg(metres=metres, minutes=minutes, mode=mode, how=how)


def _up(amount: int, by: int) -> int:
    return -(-amount // by)
