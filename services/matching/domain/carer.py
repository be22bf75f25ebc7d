"""A carer as the rules see them: nothing here says a name, where they come from, or what they declined before."""

from dataclasses import dataclass
from datetime import date, time
from uuid import UUID

from services.matching.domain.need import Child
from shared.domain.credentials import CredentialHeld
from shared.domain.travel import TransportMode
from shared.domain.values import Place, TimeWindow


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeHours:
    """Free on this weekday (Monday is 0), local time; an end not after the start is the next day's."""

    weekday: int
    start: time
    end: time


@dataclass(frozen=True, slots=True, kw_only=True)
class CarerView:
    """What decides whether a carer may come and how well they fit. `hours_zone` is the zone their free hours are in."""

    carer_id: UUID
    modes: tuple[str, ...]
    home: Place
    languages: tuple[str, ...]
    transport: TransportMode
    max_distance_km: int
    skills: tuple[str, ...] = ()
    opt_ins: tuple[str, ...] = ()
    credentials: tuple[CredentialHeld, ...] = ()
    own_children_born: tuple[date, ...] = ()
    hours_zone: str = "UTC"
    hours: tuple[FreeHours, ...] = ()
    absences: tuple[TimeWindow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Busy:
    """A visit the carer has. Of another desk's only this is known: `visit_id` and `shared_care_id` are None."""

    window: TimeWindow
    place: Place
    children: tuple[Child, ...]
    visit_id: UUID | None = None
    shared_care_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquaintance:
    """How well a carer knows these children: visits already cared, `agreed` ones to come, minutes, the last local day."""

    visits: int = 0
    agreed: int = 0
    minutes: int = 0
    last_on: date | None = None
