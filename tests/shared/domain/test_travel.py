"""Kilometres and minutes between two places."""

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.errors import Invalid
from shared.domain.travel import Leg, TransportMode, TravelRule, geodesic_metres, haversine_km, leg
from shared.domain.values import Place
from shared.jurisdictions.packs import pack

RULES = pack("en", date(2026, 1, 1)).travel


def place(number: int, latitude: float, longitude: float) -> Place:
    return Place(
        place_id=UUID(int=number), latitude=latitude, longitude=longitude, zone="Europe/London", area="somewhere"
    )


HOVE, KEMPTOWN = place(1, 50.8279, -0.1688), place(2, 50.8195, -0.1181)


def test_the_road_is_the_straight_line_lengthened_and_both_numbers_round_up() -> None:
    straight = geodesic_metres(HOVE, KEMPTOWN)
    assert straight == 3693
    found = leg(HOVE, KEMPTOWN, TransportMode.BIKE, {TransportMode.BIKE: TravelRule(speed_kmh=15, detour_percent=125)})
    assert (found.metres, found.minutes) == (4617, 19)
    assert found.how == "straight line 3693 m, 125 % of it by road, at 15 km/h"
    by_car = leg(HOVE, KEMPTOWN, TransportMode.CAR, RULES)
    on_foot = leg(HOVE, KEMPTOWN, TransportMode.FOOT, RULES)
    assert by_car.minutes < found.minutes < on_foot.minutes


@pytest.mark.parametrize("there", [place(1, 51.0, 0.0), place(3, HOVE.latitude, HOVE.longitude)])
def test_who_is_already_there_travels_nothing(there: Place) -> None:
    assert leg(HOVE, there, TransportMode.FOOT, {}) == Leg(
        metres=0, minutes=0, mode=TransportMode.FOOT, how="the same place"
    )


def test_a_mode_without_a_rule_and_an_impossible_rule_are_refused() -> None:
    with pytest.raises(Invalid, match="travel by car"):
        leg(HOVE, KEMPTOWN, TransportMode.CAR, {})
    with pytest.raises(Invalid):
        TravelRule(speed_kmh=0, detour_percent=120)
    with pytest.raises(Invalid):
        TravelRule(speed_kmh=5, detour_percent=99)


@given(
    st.floats(40, 60),
    st.floats(-10, 10),
    st.floats(-0.3, 0.3),
    st.floats(-0.3, 0.3),
)
def test_haversine_stays_within_a_hundredth_of_the_geodesic(
    latitude: float, longitude: float, north: float, east: float
) -> None:
    here, there = place(1, latitude, longitude), place(2, latitude + north, longitude + east)
    metres = geodesic_metres(here, there)
    near = haversine_km(here.latitude, here.longitude, there.latitude, there.longitude) * 1000
    assert abs(near - metres) <= 0.006 * metres + 1
    assert geodesic_metres(there, here) == metres
