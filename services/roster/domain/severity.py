"""How bad it is when a visit goes wrong: a night, a baby or an emergency can wait for nobody."""

from datetime import time
from zoneinfo import ZoneInfo

from services.roster.domain.alert import Severity
from services.roster.domain.visit import Visit
from shared.domain.ratios import birthday

# A visit that begins in these hours, or goes on past midnight, is a night for whoever waits for its carer.
_NIGHT_BEGINS, _NIGHT_ENDS = time(20), time(6)


def is_night_visit(visit: Visit) -> bool:
    """Whether it begins in the evening or before dawn, or lasts past midnight on the place's clock."""
    zone = ZoneInfo(visit.zone)
    start, end = visit.starts_at.astimezone(zone), visit.ends_at.astimezone(zone)
    past_midnight = end.date() > start.date() and end.time() > time(0)
    return start.time() >= _NIGHT_BEGINS or start.time() < _NIGHT_ENDS or past_midnight


def is_delicate(visit: Visit) -> bool:
    """A night, an emergency, or a child under one."""
    day = visit.starts_at.astimezone(ZoneInfo(visit.zone)).date()
    return visit.urgent or is_night_visit(visit) or any(day < birthday(born, 1) for born in visit.children_born)


def severity_of(visit: Visit) -> Severity:
    """How bad it is that something about this visit is missing."""
    return Severity.HIGH if is_delicate(visit) else Severity.MEDIUM
