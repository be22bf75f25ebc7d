"""A carer's calendar around one need: who they are with before and after, and what travel lies between."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from services.matching.domain.carer import Busy, CarerView
from services.matching.domain.need import Need
from services.matching.domain.rules import Rules
from shared.domain.travel import Leg, TransportMode, TravelRule, leg
from shared.domain.values import Place, TimeWindow


# The same homes come up for every wave and every visit of a family; the geodesic is the dearest part of a shortlist.
@lru_cache(maxsize=100_000)
def _known_leg(from_place: Place, to_place: Place, mode: TransportMode, rule: TravelRule) -> Leg:
    return leg(from_place, to_place, mode, {mode: rule})


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What a visit adds to the carer's way that day; its share of the way back when another visit follows."""

    metres: int
    minutes: int


@dataclass(slots=True, kw_only=True)
class Calendar:
    """The visits a carer has, at every desk, without those of the need itself."""

    need: Need
    carer: CarerView
    busy: Sequence[Busy]
    rules: Rules

    def __post_init__(self) -> None:
        own = {visit.visit_id for visit in self.need.visits}
        self.busy = sorted(
            (each for each in self.busy if each.visit_id not in own or each.visit_id is None),
            key=lambda each: (each.window.start, each.window.end, str(each.place.place_id)),
        )

    @property
    def place(self) -> Place:
        return self.need.place_for(self.carer.home)

    @property
    def beside(self) -> list[Busy]:
        """The visits at the same time."""
        return [each for each in self.busy if each.window.overlaps(self.need.window)]

    @property
    def before(self) -> Busy | None:
        """The visit that ends last before this one."""
        earlier = [each for each in self.busy if each.window.end <= self.need.window.start]
        return max(earlier, key=lambda each: each.window.end) if earlier else None

    @property
    def after(self) -> Busy | None:
        """The visit that starts first after this one."""
        later = [each for each in self.busy if each.window.start >= self.need.window.end]
        return min(later, key=lambda each: each.window.start) if later else None

    def leg(self, from_place: Place, to_place: Place) -> Leg:
        """The way by the carer's own transport."""
        mode = self.carer.transport
        return _known_leg(from_place, to_place, mode, self.rules.travel[mode])

    def minutes_from_home(self, place: Place) -> int:
        return self.leg(self.carer.home, place).minutes

    def work(self) -> list[TimeWindow]:
        """The visits already there, each with the way from home and back: the longest it may count as working time."""
        found = []
        for each in self.busy:
            way = timedelta(minutes=self.minutes_from_home(each.place))
            found.append(TimeWindow(each.window.start - way, each.window.end + way))
        return found

    def planned_minutes(self, within: TimeWindow) -> int:
        """How many minutes of care the carer has in this window, visits at the same time counted each once."""
        edge, total = within.start, timedelta()
        for each in self.busy:
            part = each.window.intersection(within)
            if part is not None and part.end > edge:
                total += part.end - max(part.start, edge)
                edge = part.end
        return int(total.total_seconds()) // 60

    def added_travel(self) -> Added:
        """How much further the carer goes with this visit than without: put between its neighbours of the same shift.

        A pause as long as the daily rest ends a shift; the carer goes home in it.
        """
        home, here = self.carer.home, self.place
        rest = timedelta(minutes=self.rules.working_time.daily_rest_minutes)
        before, after = self.before, self.after
        came_from = before.place if before and self.need.window.start - before.window.end < rest else home
        goes_to = after.place if after and after.window.start - self.need.window.end < rest else home
        there, back, without = self.leg(came_from, here), self.leg(here, goes_to), self.leg(came_from, goes_to)
        return Added(
            metres=max(0, there.metres + back.metres - without.metres),
            minutes=max(0, there.minutes + back.minutes - without.minutes),
        )
