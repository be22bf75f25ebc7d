"""A carer's calendar: whether one more visit fits among those they have, or why not."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

from services.roster.domain.carer import Mode
from services.roster.domain.rules import Rules
from shared.domain import credentials, ratios, travel, working_time
from shared.domain.credentials import CredentialHeld
from shared.domain.ratios import ChildPresence
from shared.domain.travel import Leg, TransportMode, TravelRule
from shared.domain.values import Place, TimeWindow
from shared.domain.working_time import Worked

# A week's rest and hours reach this far to either side of a visit.
REACH = timedelta(days=8)
_A_DAY = timedelta(days=1)

# Where a refusal comes from when no regulation is behind it.
CARERS_CALENDAR = "the carer's calendar"
CARERS_WISH = "the carer's own choice"
FAMILYS_WISH = "the families' own choice"
ROSTER = "the roster"
DESK = "the desk's own way of taking carers on"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A visit that holds the carer at a place. Another desk's has no family: it is only busy time.

    It begins or ends elsewhere where a child is fetched first or brought last.
    """

    window: TimeWindow
    place: Place
    mode: str
    children: tuple[tuple[UUID, date], ...]
    family_id: UUID | None = None
    shared_care_id: UUID | None = None
    begins_at: Place | None = None
    ends_at: Place | None = None

    @property
    def first_place(self) -> Place:
        return self.begins_at or self.place

    @property
    def last_place(self) -> Place:
        return self.ends_at or self.place


@dataclass(frozen=True, slots=True, kw_only=True)
class CarerNow:
    """What of a carer decides whether they may and can: as the desk knows them at the time of booking."""

    home: Place
    modes: tuple[str, ...]
    transport: str
    credentials: tuple[CredentialHeld, ...]
    own_children_born: tuple[date, ...]
    cleared_on: date | None = None
    left_on: date | None = None
    assistant: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """Families who agreed to share a carer, from the first through the last day."""

    family_ids: frozenset[UUID]
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a visit doesn't fit: a code, a sentence for the desk, and where the rule comes from."""

    reason: str
    sentence: str
    source: str

    @property
    def said(self) -> str:
        """The sentence with its source, as it is told."""
        return f"{self.sentence} Source: {self.source}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Everything one more visit is checked against.

    `rules_on` gives the rules of a day; `away` are times the carer can't work at all; `worked` is what averages are
    reckoned from. The desk knowingly lets in `tolerated` children more. Of ways in `measured` the minutes are known.
    """

    carer: CarerNow
    held: Sequence[Held]
    away: Sequence[TimeWindow]
    rules_on: Callable[[date], Rules]
    consent: Consent | None
    shift_pause: timedelta
    worked: Worked | None = None
    tolerated: int = 0
    measured: Mapping[tuple[UUID, UUID], int] = field(default_factory=dict)

    def refusal(self, new: Held) -> Refusal | None:
        """The first reason against the visit, in the order a dispatcher would ask; None when it fits."""
        return (
            self._taken_on(new)
            or self._mode(new)
            or self._away(new)
            or self._papers(new)
            or self._elsewhere(new)
            or self._way(new)
            or self._consent(new)
            or self._ratio(new)
            or self._rest(new)
        )

    def _taken_on(self, new: Held) -> Refusal | None:
        first, last = self.carer.cleared_on, self.carer.left_on
        day = _day(new.window.start, new.place.zone)
        if first is None:
            return Refusal("onboarding", "Taking this carer on is not finished.", DESK)
        if day < first:
            return Refusal("onboarding", f"This carer may be sent from {first:%a %d %b} on.", DESK)
        if last is not None and _day(new.window.end, new.place.zone) > last:
            return Refusal("left", f"This carer left the desk on {last:%a %d %b}.", DESK)
        return None

    def _mode(self, new: Held) -> Refusal | None:
        if new.mode in self.carer.modes:
            return None
        where = "at home" if new.mode == Mode.CARER_HOME else "at families' homes"
        return Refusal("mode", f"The carer does not work {where}.", CARERS_WISH)

    def _away(self, new: Held) -> Refusal | None:
        for away in self.away:
            if away.overlaps(new.window):
                return Refusal("absent", f"The carer is away {_span(away, new.place.zone)}.", CARERS_CALENDAR)
        return None

    def _papers(self, new: Held) -> Refusal | None:
        rules = self._rules(new)
        required = rules.required_credentials[new.mode]
        lacking = credentials.missing(required, self.carer.credentials, new.window, new.place.zone)
        if not lacking:
            return None
        first = lacking[0]
        why = first.reason.value.replace("_", " ")
        paper = first.kind.replace("_", " ")
        return Refusal(
            "credentials",
            f"The paper {paper} is not good for the whole visit: {why} {_at(first.at, new.place.zone)}.",
            rules.credential_sources[new.mode],
        )

    def _elsewhere(self, new: Held) -> Refusal | None:
        for held in self.held:
            if held.place.place_id != new.place.place_id and held.window.overlaps(new.window):
                sentence = f"The carer is busy elsewhere {_span(held.window, new.place.zone)}."
                return Refusal("overlaps", sentence, CARERS_CALENDAR)
        return None

    def _way(self, new: Held) -> Refusal | None:
        for held in self.held:
            first, then = sorted((held, new), key=lambda each: each.window.start)
            gap = then.window.start - first.window.end
            # Visits at one time are at one place, or refused before.
            if gap < timedelta() or gap >= _A_DAY or first.last_place.place_id == then.first_place.place_id:
                continue
            needed = self._minutes(first.last_place, then.first_place, new)
            if gap < timedelta(minutes=needed):
                have = int(gap.total_seconds()) // 60
                return Refusal(
                    "too-far",
                    f"The way between this visit and the one {_span(held.window, new.place.zone)} takes {needed} minutes; "
                    f"there are {have}.",
                    self._rules(new).travel_source,
                )
        return None

    def _consent(self, new: Held) -> Refusal | None:
        if new.mode != Mode.FAMILY_HOME:
            return None
        for held in self._beside(new):
            if held.family_id == new.family_id or self._agreed(held, new):
                continue
            sentence = "Another family is cared for there then, and they have not agreed to share a carer."
            return Refusal("consent", sentence, FAMILYS_WISH)
        return None

    def _agreed(self, held: Held, new: Held) -> bool:
        if new.shared_care_id is None or held.shared_care_id != new.shared_care_id or self.consent is None:
            return False
        day = _day(new.window.start, new.place.zone)
        until = self.consent.valid_until
        return (
            {held.family_id, new.family_id} <= self.consent.family_ids
            and self.consent.valid_from <= day
            and (until is None or day <= until)
        )

    def excess(self, new: Held, tolerated: int = 0) -> ratios.Breach | None:
        """Where there would be more children than the country allows, and `tolerated` more, in the carer's care at once."""
        at_home = new.mode == Mode.CARER_HOME
        return ratios.check_adding(
            [present for held in self._beside(new) for present in _presences(held)],
            _presences(new),
            self._rules(new).ratios[new.mode],
            new.place.zone,
            self.carer.own_children_born if at_home else (),
            assistant=at_home and self.carer.assistant,
            tolerated=tolerated,
        )

    def _ratio(self, new: Held) -> Refusal | None:
        breach = self.excess(new, self.tolerated)
        if breach is None:
            return None
        return Refusal(
            "ratio",
            f"There would be {breach.children} children where {breach.most} are allowed ({breach.cap.replace('_', ' ')}) "
            f"{_span(breach.window, new.place.zone)}.",
            breach.source,
        )

    def _rest(self, new: Held) -> Refusal | None:
        added = self._working(new, new)
        breach = working_time.check(
            [self._working(held, new) for held in self.held],
            new.window,
            self._rules(new).working_time,
            travel_before_minutes=_minutes_of(new.window.start - added.start),
            travel_after_minutes=_minutes_of(added.end - new.window.end),
            zone=new.place.zone,
            stays=working_time.stays_at((each.place.place_id, each.window) for each in [*self.held, new]),
            worked=self.worked,
        )
        if breach is None:
            return None
        return Refusal(
            "rest", f"{working_time.sentence(breach)} Counted {_span(breach.window, new.place.zone)}.", breach.source
        )

    def _working(self, stretch: Held, new: Held) -> TimeWindow:
        """The stretch with its travel: in from the visit before or from home, and home where a shift ends with it."""
        all_held = [*self.held, new]
        before = [h for h in all_held if h is not stretch and _runs_into(h.window, stretch.window, self.shift_pause)]
        after = any(h is not stretch and _runs_into(stretch.window, h.window, self.shift_pause) for h in all_held)
        last = max(before, key=lambda h: (h.window.end, str(h.place.place_id)), default=None)
        way_in = self._minutes(last.last_place if last else self.carer.home, stretch.first_place, new)
        way_out = 0 if after else self._minutes(stretch.last_place, self.carer.home, new)
        return TimeWindow(
            stretch.window.start - timedelta(minutes=way_in), stretch.window.end + timedelta(minutes=way_out)
        )

    def _beside(self, new: Held) -> list[Held]:
        return [
            held for held in self.held if held.place.place_id == new.place.place_id and held.window.overlaps(new.window)
        ]

    def _minutes(self, start: Place, end: Place, new: Held) -> int:
        known = self.measured.get((start.place_id, end.place_id))
        if known is not None:
            return known
        mode = TransportMode(self.carer.transport)
        return known_leg(start, end, mode, self._rules(new).travel[mode]).minutes

    def _rules(self, new: Held) -> Rules:
        return self.rules_on(_day(new.window.start, new.place.zone))


# The same homes come up with every visit; the geodesic is the dearest part of a check.
@lru_cache(maxsize=100_000)
def known_leg(start: Place, end: Place, mode: TransportMode, rule: TravelRule) -> Leg:
    """The way between two places, reckoned once."""
    return travel.leg(start, end, mode, {mode: rule})


def _runs_into(first: TimeWindow, then: TimeWindow, pause: timedelta) -> bool:
    """Whether the carer goes from the first to the other without a pause that ends the shift."""
    return (first.start, first.end) < (then.start, then.end) and then.start - first.end <= pause


def _presences(held: Held) -> list[ChildPresence]:
    return [ChildPresence(child_id=child_id, born=born, window=held.window) for child_id, born in held.children]


def _minutes_of(length: timedelta) -> int:
    return int(length.total_seconds()) // 60


def _day(instant: datetime, zone: str) -> date:
    return instant.astimezone(ZoneInfo(zone)).date()


def _at(instant: datetime, zone: str) -> str:
    return f"from {instant.astimezone(ZoneInfo(zone)):%a %d %b %H:%M} on"


def _span(window: TimeWindow, zone: str) -> str:
    local = ZoneInfo(zone)
    return f"from {window.start.astimezone(local):%a %d %b %H:%M} to {window.end.astimezone(local):%a %d %b %H:%M}"
