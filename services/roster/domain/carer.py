"""What must be true of what a desk tells of a carer: modes, transport, affiliation, wishes, absences."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shared.contracts.roster import CapFacts, GoalFacts, SmallestFacts
from shared.domain.errors import Invalid
from shared.domain.travel import TransportMode
from shared.domain.values import TimeWindow

WEEK_MINUTES = 7 * 24 * 60
DAY_MINUTES = 24 * 60


class Mode(StrEnum):
    FAMILY_HOME = "family_home"
    CARER_HOME = "carer_home"


class OptIn(StrEnum):
    NIGHTS = "nights"
    WEEKENDS = "weekends"
    OCCASIONAL = "occasional"
    SICK_CHILD = "sick_child"


class Affiliation(StrEnum):
    """On their own, with an agency (in the Netherlands a childminder must be, 2:S2), or employed by the family."""

    INDEPENDENT = "independent"
    AGENCY = "agency"
    FAMILY_EMPLOYED = "family_employed"


class AbsenceReason(StrEnum):
    """The class of reason is all that is kept: no diagnosis, no story."""

    SICK = "sick"
    FAMILY = "family"
    HOLIDAY = "holiday"
    OTHER = "other"


def home_id(carer_id: UUID, latitude: float, longitude: float) -> UUID:
    """A carer's home is the same place for every desk that knows them, and another place once they move."""
    return uuid5(carer_id, f"{latitude:.6f}/{longitude:.6f}")


def check_carer(modes: Sequence[str], affiliation: str, zone: str, latitude: float, longitude: float) -> None:
    """Raises Invalid, naming the field."""
    if not modes:
        raise Invalid("A carer works at families' homes, at their own, or both: choose one.", pointer="#/modes")
    check_known(modes, tuple(Mode), "modes")
    if affiliation not in tuple(Affiliation):
        raise Invalid(f"{affiliation} is no affiliation: choose {', '.join(Affiliation)}.", pointer="#/affiliation")
    if not -90 <= latitude <= 90:
        raise Invalid("A latitude lies between -90 and 90 degrees.", pointer="#/home/latitude")
    if not -180 <= longitude <= 180:
        raise Invalid("A longitude lies between -180 and 180 degrees.", pointer="#/home/longitude")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Invalid(f"{zone} is not a time zone, such as Europe/Brussels.", pointer="#/home/zone") from error


def check_wishes(
    transport: str,
    opt_ins: Sequence[str],
    max_distance_km: int,
    distances_km: Mapping[str, int],
    caps: CapFacts,
    smallest: SmallestFacts,
    goals: GoalFacts,
) -> None:
    """What a carer chooses for themself. Raises Invalid, naming the field."""
    check_known(opt_ins, tuple(OptIn), "opt_ins")
    if transport not in tuple(TransportMode):
        raise Invalid(f"{transport} is not a way to travel: choose {', '.join(TransportMode)}.", pointer="#/transport")
    if max_distance_km < 0:
        raise Invalid("The longest way is 0 km or more.", pointer="#/max_distance_km")
    for mode, km in distances_km.items():
        if mode not in tuple(TransportMode):
            raise Invalid(
                f"{mode} is not a way to travel: choose {', '.join(TransportMode)}.", pointer=f"#/distances_km/{mode}"
            )
        if km < 0:
            raise Invalid("The longest way is 0 km or more.", pointer=f"#/distances_km/{mode}")
    _check_amount(caps.week_minutes, WEEK_MINUTES, "minutes a week", "#/caps/week_minutes")
    _check_amount(caps.nights_a_week, 7, "nights a week", "#/caps/nights_a_week")
    _check_amount(caps.consecutive_late_evenings, 31, "evenings", "#/caps/consecutive_late_evenings")
    _check_amount(caps.families_at_once, 50, "families", "#/caps/families_at_once")
    _check_amount(caps.new_families_a_month, 50, "families", "#/caps/new_families_a_month")
    _check_amount(smallest.visit_minutes, DAY_MINUTES, "minutes", "#/smallest/visit_minutes")
    _check_amount(smallest.day_minutes, DAY_MINUTES, "minutes", "#/smallest/day_minutes")
    _check_amount(smallest.week_minutes, WEEK_MINUTES, "minutes", "#/smallest/week_minutes")
    _check_amount(goals.week_minutes, WEEK_MINUTES, "minutes a week", "#/goals/week_minutes")
    _check_amount(goals.nights_a_week, 7, "nights a week", "#/goals/nights_a_week")
    if caps.week_minutes is not None and smallest.week_minutes > caps.week_minutes:
        raise Invalid(
            "The smallest week is longer than the longest: change one of them.", pointer="#/smallest/week_minutes"
        )
    if smallest.day_minutes and smallest.visit_minutes > smallest.day_minutes:
        raise Invalid(
            "The smallest visit is longer than the smallest day: change one of them.",
            pointer="#/smallest/visit_minutes",
        )


def check_own_children(born: Sequence[date], today: date) -> None:
    """Raises Invalid for a child not born yet."""
    for number, day in enumerate(born):
        if day > today:
            raise Invalid(f"A child born on {day} is not born yet.", pointer=f"#/own_children_born/{number}")


def check_absence(start: datetime, end: datetime, reason: str) -> TimeWindow:
    """The time away. Raises Invalid for an unknown reason or an end that isn't after the start."""
    if reason not in tuple(AbsenceReason):
        raise Invalid(f"{reason} is not a reason we keep: choose {', '.join(AbsenceReason)}.", pointer="#/reason")
    return TimeWindow(start, end)


def check_known(given: Sequence[str], known: Sequence[str], name: str) -> None:
    """Raises Invalid for a code that is none of the known ones."""
    for number, value in enumerate(given):
        if value not in known:
            raise Invalid(f"{value} is not known: choose {', '.join(known)}.", pointer=f"#/{name}/{number}")


def _check_amount(amount: int | None, most: int, what: str, pointer: str) -> None:
    if amount is not None and not 0 <= amount <= most:
        raise Invalid(f"Give 0 to {most} {what}.", pointer=pointer)
