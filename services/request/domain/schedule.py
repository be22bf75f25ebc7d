"""From a parent's shifts to the care that is needed around them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from services.request.domain.hours import OneOff


def care_for(
    shifts: Sequence[tuple[datetime, datetime]], before_minutes: int, after_minutes: int
) -> tuple[OneOff, ...]:
    """A visit for each shift, from the way to work until the way home (1:F01); those that then touch are one."""
    stretches: list[tuple[datetime, datetime]] = []
    for start, end in sorted(shifts):
        begins, ends = start - timedelta(minutes=before_minutes), end + timedelta(minutes=after_minutes)
        if stretches and begins <= stretches[-1][1]:
            stretches[-1] = (stretches[-1][0], max(stretches[-1][1], ends))
        else:
            stretches.append((begins, ends))
    return tuple(OneOff(start_local=start, end_local=end) for start, end in stretches)
