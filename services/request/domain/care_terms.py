"""What all visits of a request are asked under: whose children, where, by whom, with what in between."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from services.request.domain.hours import Hours
from services.request.domain.visit import Leg, VisitDetails, VisitKind
from shared.domain.errors import Invalid
from shared.domain.pattern import instant

LONGEST_FLEXIBLE_MINUTES = 12 * 60
_CONDITION = re.compile(r"no_pets|non_smoker|language:[a-z]{2,3}|skill:[a-z0-9][a-z0-9_]{0,59}")


class Mode(StrEnum):
    """Where the care is given; with `either` the carer who says yes says where."""

    FAMILY_HOME = "family_home"
    CARER_HOME = "carer_home"
    EITHER = "either"


class Urgency(StrEnum):
    """Minutes matter."""

    EMERGENCY = "emergency"
    SICK_CHILD = "sick_child"


class PlanKind(StrEnum):
    """Under which limits the care is given; each has its own rule in the country's pack.

    Occasional care has reasons and a longest duration, a programme a longest run of days, an urgent place a longest
    time from asking to the first visit (1:R04, 1:S21, 1:S35).
    """

    REGULAR = "regular"
    OCCASIONAL = "occasional"
    PROGRAMME = "programme"
    URGENT_PLACE = "urgent_place"


class LegKind(StrEnum):
    BRING = "bring"
    FETCH = "fetch"
    MEAL = "meal"
    BEDTIME = "bedtime"
    HANDOVER = "handover"
    OTHER = "other"


class Introduction(StrEnum):
    """Whether a stranger must have met the children before the first visit."""

    NEEDED = "needed"
    WAIVED = "waived"


class Decides(StrEnum):
    """Who chooses among those who said yes."""

    FIRST_YES = "first_yes"
    DISPATCHER = "dispatcher"
    FAMILY = "family"


@dataclass(frozen=True, slots=True, kw_only=True)
class LegTerms:
    """A leg of every visit that this local time lies in, on these weekdays (Monday is 0) or on all of them."""

    kind: str
    at: time
    place_id: UUID | None = None
    child_ids: tuple[UUID, ...] = ()
    weekdays: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Provisional:
    """What is known while start or hours are not: a range of first days, of hours a week, of the day (2:F4).

    `firm_by` is the day on which the desk asks again.
    """

    starts_from: date
    starts_until: date | None = None
    minutes_a_week: int | None = None
    earliest: time | None = None
    latest: time | None = None
    firm_by: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CareTerms:
    """Ids, codes and numbers only: nothing of it names anybody, so history keeps it when a family is erased."""

    child_ids: tuple[UUID, ...]
    mode: str
    kind: str = VisitKind.CARE
    skills: tuple[str, ...] = ()
    must: tuple[str, ...] = ()
    wishes: tuple[str, ...] = ()
    only_carer_ids: tuple[UUID, ...] = ()
    ask_first_carer_ids: tuple[UUID, ...] = ()
    price_ceiling_minor: int | None = None
    flexible_before_minutes: int = 0
    flexible_after_minutes: int = 0
    legs: tuple[LegTerms, ...] = ()
    urgency: str | None = None
    plan: str = PlanKind.REGULAR
    review_on: date | None = None
    expires_on: date | None = None
    hold_until: datetime | None = None
    provisional: Provisional | None = None
    introduction: str = Introduction.NEEDED
    one_carer: bool = False
    may_take_part: bool = True
    decides: str | None = None
    shared_care_id: UUID | None = None

    @property
    def urgent(self) -> bool:
        return self.urgency is not None

    @property
    def last_day(self) -> date | None:
        """Until when visits are planned, whatever the patterns say: the review or the end of the plan."""
        days = [day for day in (self.review_on, self.expires_on) if day is not None]
        return min(days, default=None)


def check_terms(terms: CareTerms, *, places: Sequence[UUID], children: Sequence[UUID]) -> None:
    """Raises Invalid for what can't be right, naming the field. `places` and `children` are those of the family."""
    _one_of(terms.mode, tuple(Mode), "#/mode", "Care is given at")
    _one_of(terms.kind, (VisitKind.CARE, VisitKind.STANDBY), "#/kind", "A family asks for")
    _one_of(terms.plan, tuple(PlanKind), "#/plan", "A plan is")
    _one_of(terms.introduction, tuple(Introduction), "#/introduction", "An introduction is")
    if terms.urgency is not None:
        _one_of(terms.urgency, tuple(Urgency), "#/urgency", "What is urgent is")
    if terms.decides is not None:
        _one_of(terms.decides, tuple(Decides), "#/decides", "Who decides is")
    for name in ("must", "wishes"):
        for number, word in enumerate(getattr(terms, name)):
            if not _CONDITION.fullmatch(word):
                raise Invalid(
                    f"{word!r} is no condition we know: say no_pets, non_smoker, language:fr or skill:medication.",
                    pointer=f"#/{name}/{number}",
                )
    for name in ("flexible_before_minutes", "flexible_after_minutes"):
        if not 0 <= getattr(terms, name) <= LONGEST_FLEXIBLE_MINUTES:
            raise Invalid(f"A visit may shift by 0 to {LONGEST_FLEXIBLE_MINUTES} minutes.", pointer=f"#/{name}")
    if terms.price_ceiling_minor is not None and terms.price_ceiling_minor < 1:
        raise Invalid("The most a family pays an hour is more than nothing.", pointer="#/price_ceiling_minor")
    _check_legs(terms, places, children)
    _check_hold(terms)
    if terms.provisional is not None:
        _check_provisional(terms.provisional)


def _check_legs(terms: CareTerms, places: Sequence[UUID], children: Sequence[UUID]) -> None:
    for number, leg in enumerate(terms.legs):
        where = f"#/legs/{number}"
        _one_of(leg.kind, tuple(LegKind), f"{where}/kind", "A leg is")
        if leg.at.tzinfo is not None:
            raise Invalid("A leg's time is one on the home's clock, without a zone.", pointer=f"{where}/at")
        if leg.kind in (LegKind.BRING, LegKind.FETCH) and leg.place_id is None:
            raise Invalid("Say where to: bring and fetch need a place.", pointer=f"{where}/place_id")
        if leg.place_id is not None and leg.place_id not in places:
            raise Invalid(f"{leg.place_id} is not a place of this family.", pointer=f"{where}/place_id")
        for index, child_id in enumerate(leg.child_ids):
            if child_id not in children:
                raise Invalid(f"{child_id} is not a child of this family.", pointer=f"{where}/child_ids/{index}")
        if any(not 0 <= weekday <= 6 for weekday in leg.weekdays):
            raise Invalid("A weekday is 0 (Monday) to 6 (Sunday).", pointer=f"{where}/weekdays")


def _check_hold(terms: CareTerms) -> None:
    if terms.kind == VisitKind.STANDBY and terms.hold_until is None:
        raise Invalid("Say until when a carer is to be kept free.", pointer="#/hold_until")
    if terms.kind != VisitKind.STANDBY and terms.hold_until is not None:
        raise Invalid("Only a standby is held until a time.", pointer="#/hold_until")


def _check_provisional(known: Provisional) -> None:
    if known.starts_until is not None and known.starts_until < known.starts_from:
        raise Invalid("The latest first day comes before the earliest.", pointer="#/provisional/starts_until")
    if known.minutes_a_week is not None and not 1 <= known.minutes_a_week <= 7 * 24 * 60:
        raise Invalid("A week has 10080 minutes.", pointer="#/provisional/minutes_a_week")


def _one_of(value: str, known: Sequence[str], pointer: str, says: str) -> None:
    if value not in known:
        raise Invalid(f"{says} {', '.join(known[:-1])} or {known[-1]}, not {value!r}.", pointer=pointer)


def details_of(terms: CareTerms, hours: Hours, zone: str) -> VisitDetails:
    """What a visit of these hours asks of who comes."""
    return VisitDetails(
        legs=tuple(sorted(_legs(terms, hours, zone), key=lambda leg: (leg.at, leg.kind))),
        flexible_before_minutes=terms.flexible_before_minutes,
        flexible_after_minutes=terms.flexible_after_minutes,
        must=terms.must,
        wishes=terms.wishes,
        only_carer_ids=terms.only_carer_ids,
        ask_first_carer_ids=terms.ask_first_carer_ids,
        price_ceiling_minor=terms.price_ceiling_minor,
        provisional=terms.provisional is not None,
        introduction=Introduction.WAIVED if terms.urgent else terms.introduction,
    )


def check_legs_reached(terms: CareTerms, visits: Sequence[VisitDetails]) -> None:
    """Raises Invalid for a leg that lies in no visit: at a time or on a weekday nobody is there."""
    reached = {(leg.kind, leg.place_id, leg.child_ids) for details in visits for leg in details.legs}
    for number, leg in enumerate(terms.legs):
        if visits and (leg.kind, leg.place_id, leg.child_ids) not in reached:
            raise Invalid(
                f"No visit has {leg.at.isoformat(timespec='minutes')} in it. Move the leg or the visit.",
                pointer=f"#/legs/{number}/at",
            )


def _legs(terms: CareTerms, hours: Hours, zone: str) -> list[Leg]:
    found = []
    for leg in terms.legs:
        for day in (hours.on, hours.on + timedelta(days=1)):
            at, _ = instant(datetime.combine(day, leg.at), zone, pattern=True)
            if hours.start <= at <= hours.end and (not leg.weekdays or day.weekday() in leg.weekdays):
                found.append(Leg(kind=leg.kind, at=at, place_id=leg.place_id, child_ids=leg.child_ids))
                break
    return found
