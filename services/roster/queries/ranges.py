"""How much of the calendar may be asked for at once."""

from datetime import datetime, timedelta

from shared.domain.errors import Invalid

LONGEST_DAYS = 62


def check_range(start: datetime, end: datetime) -> None:
    """Raises Invalid for an end that isn't after the start, or a time too long to answer in one piece."""
    if end <= start:
        raise Invalid("The end must come after the start.", pointer="#/until")
    if end - start > timedelta(days=LONGEST_DAYS):
        raise Invalid(f"Ask for at most {LONGEST_DAYS} days at once.", pointer="#/until")
