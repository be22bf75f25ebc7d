"""What must be true of what a carer and a desk tell us: modes, transport, papers, the week, absences."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from itertools import pairwise
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shared.contracts.roster import CredentialFacts, WeeklyHours
from shared.domain.errors import Invalid
from shared.domain.travel import TransportMode
from shared.domain.values import TimeWindow

_WEEK_MINUTES = 7 * 24 * 60


class Mode(StrEnum):
    FAMILY_HOME = "family_home"
    CARER_HOME = "carer_home"


class OptIn(StrEnum):
    NIGHTS = "nights"
    WEEKENDS = "weekends"
    OCCASIONAL = "occasional"
    SICK_CHILD = "sick_child"


class AbsenceReason(StrEnum):
    """The class of reason is all that is kept: no diagnosis, no story."""

    SICK = "sick"
    FAMILY = "family"
    HOLIDAY = "holiday"
    OTHER = "other"


def home_id(carer_id: UUID, latitude: float, longitude: float) -> UUID:
    """A carer's home is the same place for every desk that knows them, and another place once they move."""
    return uuid5(carer_id, f"{latitude:.6f}/{longitude:.6f}")


def check_carer(
    modes: Sequence[str],
    transport: str,
    opt_ins: Sequence[str],
    zone: str,
    latitude: float,
    longitude: float,
    max_distance_km: int,
) -> None:
    """Raises Invalid, naming the field."""
    if not modes:
        raise Invalid("A carer works at families' homes, at their own, or both: choose one.", pointer="#/modes")
    _check_known(modes, tuple(Mode), "modes")
    _check_known(opt_ins, tuple(OptIn), "opt_ins")
    if transport not in tuple(TransportMode):
        raise Invalid(f"{transport} is not a way to travel: choose {', '.join(TransportMode)}.", pointer="#/transport")
    if not -90 <= latitude <= 90:
        raise Invalid("A latitude lies between -90 and 90 degrees.", pointer="#/home/latitude")
    if not -180 <= longitude <= 180:
        raise Invalid("A longitude lies between -180 and 180 degrees.", pointer="#/home/longitude")
    if max_distance_km < 0:
        raise Invalid("The longest way is 0 km or more.", pointer="#/max_distance_km")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Invalid(f"{zone} is not a time zone, such as Europe/Brussels.", pointer="#/home/zone") from error


def check_credentials(credentials: Sequence[CredentialFacts]) -> None:
    """Raises Invalid for a paper that ends before it begins, or the same paper twice."""
    for number, paper in enumerate(credentials):
        pointer = f"#/credentials/{number}"
        if paper.valid_until is not None and paper.valid_until < paper.valid_from:
            raise Invalid(
                f"{paper.kind} is valid until {paper.valid_until}, before it begins on {paper.valid_from}.",
                pointer=f"{pointer}/valid_until",
            )
        if paper in credentials[:number]:
            raise Invalid(f"{paper.kind} from {paper.valid_from} is given twice.", pointer=pointer)


def check_own_children(born: Sequence[date], today: date) -> None:
    """Raises Invalid for a child not born yet."""
    for number, day in enumerate(born):
        if day > today:
            raise Invalid(f"A child born on {day} is not born yet.", pointer=f"#/own_children_born/{number}")


def check_week(weekly: Sequence[WeeklyHours]) -> None:
    """Raises Invalid for a weekday that is none, a time with a zone, or hours that overlap, Sunday night included."""
    spans = []
    for number, hours in enumerate(weekly):
        if not 0 <= hours.weekday <= 6:
            raise Invalid("A weekday is 0 (Monday) to 6 (Sunday).", pointer=f"#/weekly/{number}/weekday")
        if hours.start.tzinfo is not None or hours.end.tzinfo is not None:
            raise Invalid("These are times on the clock at home, without a zone.", pointer=f"#/weekly/{number}")
        start = hours.weekday * 1440 + hours.start.hour * 60 + hours.start.minute
        length = (hours.end.hour * 60 + hours.end.minute - hours.start.hour * 60 - hours.start.minute) % 1440 or 1440
        spans.append((start, start + length, number))
    spans.sort()
    for (_, end, _), (start, _, number) in pairwise(spans):
        _check_apart(end, start, number)
    if spans:
        # The first hours of the week come again after the last ones.
        _check_apart(spans[-1][1], spans[0][0] + _WEEK_MINUTES, spans[0][2])


def check_absence(start: datetime, end: datetime, reason: str) -> TimeWindow:
    """The time away. Raises Invalid for an unknown reason or an end that isn't after the start."""
    if reason not in tuple(AbsenceReason):
        raise Invalid(f"{reason} is not a reason we keep: choose {', '.join(AbsenceReason)}.", pointer="#/reason")
    return TimeWindow(start, end)


def _check_apart(end: int, start: int, number: int) -> None:
    if start < end:
        raise Invalid("These hours overlap others of the same week: join them.", pointer=f"#/weekly/{number}")


def _check_known(given: Sequence[str], known: Sequence[str], name: str) -> None:
    for number, value in enumerate(given):
        if value not in known:
            raise Invalid(f"{value} is not known: choose {', '.join(known)}.", pointer=f"#/{name}/{number}")
