"""A carer and a need that fit each other, for changing one thing at a time."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from services.matching.adapters.default_policy import default_policy
from services.matching.domain.calendar import Calendar
from services.matching.domain.carer import Busy, CarerView, FreeHours
from services.matching.domain.need import Child, Need, VisitNeed
from services.matching.domain.rules import Rules
from services.matching.rows import rules_of
from shared.domain.credentials import CredentialHeld
from shared.domain.travel import TransportMode
from shared.domain.values import Place, TimeWindow
from shared.jurisdictions.packs import pack

POLICY = default_policy()
RULES: Rules = rules_of(pack("en", date(2026, 6, 2)), POLICY)
LONDON = ZoneInfo("Europe/London")
EVERY_DAY = tuple(FreeHours(weekday=day, start=time(0), end=time(0)) for day in range(7))
PAPERS = ("good_conduct", "paediatric_first_aid", "ofsted", "insurance")


def named(name: str) -> UUID:
    return uuid5(UUID(int=7), name)


def local(text: str) -> datetime:
    """A wall-clock time in London as an instant, such as 2026-06-02 18:00."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


def place(name: str, km_east: float = 0.0) -> Place:
    return Place(
        place_id=named(name), latitude=50.8225, longitude=-0.1372 + km_east / 70.26, zone="Europe/London", area=name
    )


def child(name: str, born: date = date(2023, 5, 1)) -> Child:
    return Child(child_id=named(name), born=born)


def carer(name: str = "Ada", km_east: float = 0.0, **changes: Any) -> CarerView:
    """Always free, with every paper and every opt-in."""
    view = CarerView(
        carer_id=named(name),
        modes=("family_home", "carer_home"),
        home=place(f"home of {name}", km_east),
        languages=("en",),
        transport=TransportMode.CAR,
        max_distance_km=20,
        opt_ins=("nights", "weekends", "occasional", "sick_child"),
        credentials=tuple(CredentialHeld(kind=kind, valid_from=date(2020, 1, 1)) for kind in PAPERS),
        hours_zone="Europe/London",
        hours=EVERY_DAY,
    )
    return replace(view, **changes)


def visit(start: str = "2026-06-02 18:00", end: str = "2026-06-02 21:00", **changes: Any) -> VisitNeed:
    """Tuesday evening at the family's, with one child of three."""
    asked = VisitNeed(
        visit_id=named("visit"),
        version=1,
        family_id=named("family"),
        window=TimeWindow(local(start), local(end)),
        mode="family_home",
        zone="Europe/London",
        home=place("family"),
        place=None if changes.get("mode") == "carer_home" else place("family"),
        children=(child("child"),),
        language="en",
    )
    return replace(asked, **changes)


def need(*visits: VisitNeed, **changes: Any) -> Need:
    return Need(visits=visits or (visit(),), **changes)


def busy(
    start: str, end: str, at: Place | None = None, *, children: tuple[Child, ...] = (), shared: UUID | None = None
) -> Busy:
    """Another visit; at a place of its own unless named."""
    return Busy(
        window=TimeWindow(local(start), local(end)),
        place=at or place(f"elsewhere {start}"),
        children=children or (child(f"another {start}"),),
        visit_id=named(f"visit {start} {end}"),
        shared_care_id=shared,
    )


def calendar(asked: Need | None = None, who: CarerView | None = None, *others: Busy) -> Calendar:
    return Calendar(need=asked or need(), carer=who or carer(), busy=list(others), rules=RULES)


HOUR = timedelta(hours=1)
