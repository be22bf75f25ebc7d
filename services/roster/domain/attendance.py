"""How good a check-in or check-out is as a proof: it is graded, never refused for being late or far."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.roster.domain.policy import Policy
from shared.domain.errors import Invalid
from shared.domain.travel import haversine_km


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a phone tells: when it happened by its clock, when it reached us, and where it was if it says so."""

    received_at: datetime
    happened_at: datetime | None
    latitude: float | None
    longitude: float | None


def reported_at(report: Report, policy: Policy) -> datetime:
    """When it happened. A clock a little ahead is read as now; raises Invalid for one ahead by more than the policy's skew."""
    if report.happened_at is None:
        return report.received_at
    if report.happened_at - report.received_at > timedelta(minutes=policy.clock_skew_minutes):
        raise Invalid(
            f"This time is still to come: it is {report.received_at:%Y-%m-%d %H:%M} UTC. "
            "Check the phone's clock, or leave happened_at out to mean now.",
            pointer="#/happened_at",
        )
    return min(report.happened_at, report.received_at)


def check_not_long_before(at: datetime, starts_at: datetime, policy: Policy) -> None:
    """Raises Invalid for a check-in so long before the visit that the phone's clock must be wrong."""
    if starts_at - at > timedelta(minutes=policy.earliest_check_in_minutes):
        raise Invalid(
            f"The visit begins at {starts_at:%Y-%m-%d %H:%M} UTC, long after this check-in. "
            "Check the phone's clock, or leave happened_at out to mean now.",
            pointer="#/happened_at",
        )


def graded(
    report: Report, at: datetime, expected: datetime, latitude: float, longitude: float, policy: Policy
) -> dict[str, Any]:
    """What is kept of a report: minutes late and offline, skew of the clock, metres from the place, and a grade.

    The grade is good, fair (one thing is off or no position was given) or review (more than one).
    """
    offline = _minutes(report.received_at - at)
    late = _minutes(at - expected)
    skew = _seconds(report.happened_at - report.received_at) if report.happened_at else 0
    away = _metres(report, latitude, longitude)
    marks = [
        mark
        for mark, applies in (
            ("late", abs(late) > policy.late_after_minutes),
            ("offline", offline > policy.offline_after_minutes),
            ("clock", skew > 0),
            ("no-position", away is None),
            ("far", away is not None and away > policy.position_within_metres),
        )
        if applies
    ]
    return {
        "received_at": report.received_at.isoformat(),
        "minutes_late": late,
        "minutes_offline": offline,
        "skew_seconds": max(0, skew),
        "metres_away": away,
        "marks": marks,
        "grade": "good" if not marks else "fair" if len(marks) == 1 else "review",
    }


def _metres(report: Report, latitude: float, longitude: float) -> int | None:
    if report.latitude is None or report.longitude is None:
        return None
    return round(haversine_km(report.latitude, report.longitude, latitude, longitude) * 1000)


def _minutes(length: timedelta) -> int:
    return int(length.total_seconds() // 60)


def _seconds(length: timedelta) -> int:
    return int(length.total_seconds())
