"""The travel ledger and places."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.roster.schemas.values import Latitude, Longitude
from shared.http.schema import Body, Out, Text


class PlaceIn(Body):
    """A place of the desk's own list, or a pin for an address nobody finds."""

    label: Text
    latitude: Latitude
    longitude: Longitude
    area: Text


class FoundPlaceOut(Out):
    """A place an address may mean; `by` says who says so: the desk's own list, or a geocoder."""

    label: str
    latitude: float
    longitude: float
    area: str
    by: str


class FoundPlacesOut(Out):
    """What an address may mean. `why` says why nothing was found; then drop a pin."""

    rows: tuple[FoundPlaceOut, ...]
    why: str | None = None


class RecountIn(Body):
    first: date
    last: date


class RecountOut(Out):
    changed: int


class LegPointOut(Out):
    place_id: UUID
    latitude: float
    longitude: float
    area: str


class TravelLegOut(Out):
    """A leg to a visit (`in`), within it, or from the last one of a shift (`home`).

    `how` says how it was reckoned, `reckoned` the numbers that give it again, `why` why it is paid or isn't.
    """

    travel_leg_id: UUID
    carer_id: UUID
    visit_id: UUID
    family_id: UUID
    way: str
    takes_back: UUID | None
    on: date
    at: datetime
    from_place: LegPointOut
    to_place: LegPointOut
    metres: int
    minutes: int
    actual_minutes: int | None
    mode: str
    how: str
    reckoned: dict[str, Any]
    paid: bool
    why: str


class TravelSumOut(Out):
    """What legs add up to for one visit, carer, family or month."""

    key: str
    metres: int
    minutes: int
    paid_metres: int
    paid_minutes: int
    legs: int


class TravelOut(Out):
    rows: tuple[TravelLegOut, ...]
    metres: int
    minutes: int
    paid_metres: int
    paid_minutes: int


class TravelSumsOut(Out):
    rows: tuple[TravelSumOut, ...]


class RateOut(Out):
    """What an hour is really worth: pay over contact and travel, against the floor. In minor units."""

    pay_minor: int
    currency: str
    contact_minutes: int
    travel_minutes: int
    hourly_minor: int
    floor_minor: int
    floor_source: str
    below_floor: bool
