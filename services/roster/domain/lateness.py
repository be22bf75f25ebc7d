"""Families whose children are fetched late on the same weekday again and again: told to the desk kindly, no reason asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A visit that is over: when it was agreed to end, and when it did."""

    agreed: datetime
    ended_at: datetime
    zone: str


def late_again(visits: Sequence[Ended], overrun_minutes: int, times: int) -> list[Ended]:
    """The last visits on the newest one's weekday, if so many in a row ended later than agreed by at least so much.

    `visits` are the family's, in order. Whoever fetches a child within the agreed time breaks no rule, however often it
    is close (2:T26); a quarter of an hour now and then is nobody's concern (2:T7).
    """
    if not visits:
        return []
    weekday = _weekday(visits[-1])
    same_day = [visit for visit in visits if _weekday(visit) == weekday][-times:]
    if len(same_day) < times:
        return []
    late = timedelta(minutes=overrun_minutes)
    return same_day if all(visit.ended_at - visit.agreed >= late for visit in same_day) else []


def _weekday(visit: Ended) -> int:
    return visit.agreed.astimezone(ZoneInfo(visit.zone)).weekday()
