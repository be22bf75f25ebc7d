"""When a stranger meets the children before the first visit: the day before, else just ahead of it, else not at all."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from services.request.domain.policy import Policy
from shared.domain.pattern import instant

FLEXIBLE_MINUTES = 120


class IntroductionState(StrEnum):
    ASKED = "asked"
    TOOK_PLACE = "took_place"
    NOT_POSSIBLE = "not_possible"
    NOT_NEEDED = "not_needed"
    SKIPPED = "skipped"


class Because(StrEnum):
    """Why an introduction was skipped."""

    CONSENT = "consent"
    EMERGENCY = "emergency"
    SICK_CHILD = "sick_child"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingTime:
    """When to meet; it may shift by so many minutes either way."""

    start: datetime
    end: datetime
    flexible_minutes: int


def meeting_time(first_visit: datetime, now: datetime, zone: str, policy: Policy) -> MeetingTime | None:
    """When they could meet before this visit; None when that leaves too little time to arrange it.

    On the day before, at the desk's usual hour; when that is too soon, so that it ends as the visit begins (thirty
    minutes earlier, as in Ghent, 2:S13). Both are our default: the family and the carer may agree on another time.
    """
    lasts = timedelta(minutes=policy.introduction_minutes)
    earliest = now + timedelta(hours=policy.introduction_notice_hours)
    day_before = first_visit.astimezone(ZoneInfo(zone)).date() - timedelta(days=1)
    usual, _ = instant(datetime.combine(day_before, policy.introduction_at), zone, pattern=True)
    if usual >= earliest and usual + lasts <= first_visit:
        return MeetingTime(start=usual, end=usual + lasts, flexible_minutes=FLEXIBLE_MINUTES)
    if first_visit - lasts >= earliest:
        return MeetingTime(start=first_visit - lasts, end=first_visit, flexible_minutes=0)
    return None
