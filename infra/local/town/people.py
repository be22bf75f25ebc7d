"""What a town is made of: desks, carers, families and what they ask for; plain data, made from a seed."""

import random
from dataclasses import dataclass, field
from datetime import date, time
from uuid import UUID, uuid5

from shared.domain.travel import TransportMode

_TOWN = UUID("b8a5f5cf-7f53-4a5e-8a3e-0c9f6d1f2a10")
# About 400 m at these latitudes: neighbours differ, the neighbourhood stays.
_NOISE_DEGREES = 0.004


def town_id(*parts: str) -> UUID:
    """The same name always has the same id, so that a town can be loaded twice without doubling anyone."""
    return uuid5(_TOWN, "/".join(parts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A made-up address near a neighbourhood's centre; nobody's real home."""

    place_id: UUID
    latitude: float
    longitude: float
    zone: str
    area: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    weekday: int
    start: time
    end: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """How a carer answers: the chance of a yes, and after how many minutes; `leaves_at` is kept without exception."""

    says_yes: float
    answers_after_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TownCarer:
    carer_id: UUID
    first_name: str
    last_name: str
    modes: tuple[str, ...]
    home: Spot
    languages: tuple[str, ...]
    transport: TransportMode
    max_distance_km: int
    skills: tuple[str, ...]
    opt_ins: tuple[str, ...]
    credentials: tuple[str, ...]
    own_children_born: tuple[date, ...]
    weekly: tuple[Hours, ...]
    habit: Habit


@dataclass(frozen=True, slots=True, kw_only=True)
class TownChild:
    child_id: UUID
    first_name: str
    born: date
    care_needs: tuple[str, ...] = ()
    allergies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a family asks for, in days from the town's Monday and local hours.

    A need with several `weekdays` is a weekly pattern; `every_weeks` 2 means every second week. `asked_day` and
    `asked_at` are when the family calls; an end not after the start is the next day's.
    """

    weekdays: tuple[int, ...]
    start: time
    end: time
    mode: str = "family_home"
    every_weeks: int = 1
    urgency: str | None = None
    reason: str = "work"
    skills: tuple[str, ...] = ()
    asked_day: int = -3
    asked_at: time = time(10, 0)
    shared_with: str | None = None
    once: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TownFamily:
    family_id: UUID
    name: str
    language: str
    home: Spot
    children: tuple[TownChild, ...]
    needs: tuple[Need, ...]
    favourite_carer_ids: tuple[UUID, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class TownTariff:
    """Per household and hour, in minor units: what the family pays and what the carer earns of it."""

    mode: str
    family_minor: int
    carer_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """One desk and everyone it knows."""

    desk_id: UUID
    slug: str
    desk_name: str
    country: str
    currency: str
    languages: tuple[str, ...]
    zone: str
    tariffs: tuple[TownTariff, ...]
    carers: tuple[TownCarer, ...]
    families: tuple[TownFamily, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Where a town lies: its neighbourhoods' centres, and street names that exist nowhere in it."""

    slug: str
    zone: str
    areas: tuple[tuple[str, float, float], ...]
    streets: tuple[str, ...]

    def spot(self, dice: random.Random, name: str, area: str | None = None) -> Spot:
        """A home near the centre of a neighbourhood, the named one or any."""
        chosen = next(a for a in self.areas if a[0] == area) if area else dice.choice(self.areas)
        return Spot(
            place_id=town_id(self.slug, "place", name),
            latitude=round(chosen[1] + dice.uniform(-_NOISE_DEGREES, _NOISE_DEGREES), 5),
            longitude=round(chosen[2] + dice.uniform(-_NOISE_DEGREES, _NOISE_DEGREES) * 1.5, 5),
            zone=self.zone,
            area=chosen[0],
            address=f"{dice.randint(2, 98)} {dice.choice(self.streets)}, {chosen[0]}",
        )


ALL_DAYS = (0, 1, 2, 3, 4, 5, 6)
WORK_DAYS = (0, 1, 2, 3, 4)


def hours(weekdays: tuple[int, ...], start: str, end: str) -> tuple[Hours, ...]:
    """The same free hours on several weekdays."""
    return tuple(Hours(weekday=day, start=time.fromisoformat(start), end=time.fromisoformat(end)) for day in weekdays)


def child(slug: str, family: str, first_name: str, born: str, *, needs: str = "", allergies: str = "") -> TownChild:
    """A child of a family, with care needs and allergies as words separated by commas."""
    return TownChild(
        child_id=town_id(slug, "child", family, first_name),
        first_name=first_name,
        born=date.fromisoformat(born),
        care_needs=tuple(filter(None, needs.split(","))),
        allergies=tuple(filter(None, allergies.split(","))),
    )


def need(weekdays: tuple[int, ...] | int, start: str, end: str, **more: object) -> Need:
    """A need by its weekday or weekdays and local hours."""
    days = (weekdays,) if isinstance(weekdays, int) else weekdays
    return Need(
        weekdays=days,
        start=time.fromisoformat(start),
        end=time.fromisoformat(end),
        **more,  # type: ignore[arg-type]
    )
