"""What can't be right in what a family tells about itself."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from shared.domain.errors import Invalid


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def known_zone(zone: str, pointer: str) -> None:
    """Raises Invalid for a name that is not in the IANA time zone database."""
    if zone not in _zones():
        raise Invalid(
            f"{zone!r} is not a time zone we know. Give an IANA name such as Europe/Brussels.", pointer=pointer
        )


def not_over(valid_from: date, today: date) -> None:
    """Raises Invalid for a choice that would begin on a day that is over."""
    if valid_from < today:
        raise Invalid(
            f"{valid_from.isoformat()} is over: what held then stays as it was. Begin today or later.",
            pointer="#/valid_from",
        )


def local_day(now: datetime, zone: str) -> date:
    """The day it is on a place's clock."""
    return now.astimezone(ZoneInfo(zone)).date()


def start_of_day(day: date, zone: str) -> datetime:
    """The UTC instant a local day begins at."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def age_months(born: date, on: date) -> int:
    """Whole months since birth; on the birthday's day of the month the next one is full."""
    return (on.year - born.year) * 12 + on.month - born.month - (on.day < born.day)


def days_between(first: date, last: date) -> list[date]:
    """Every day from the first through the last."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
