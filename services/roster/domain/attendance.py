"""How good a check-in or check-out is as a proof: it is graded, never refused for being late or far."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.roster.domain.policy import Policy
from shared.domain.errors import Invalid
from shared.domain.travel import haversine_km


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a phone tells: when it happened and when it sent this by its own clock, when it reached us, where it was."""

    received_at: datetime
    happened_at: datetime | None
    sent_at: datetime | None = None
    latitude: float | None = None
    longitude: float | None = None
    accuracy_metres: int | None = None

    @property
    def skew(self) -> timedelta:
        """How far the phone's clock is ahead of ours (below zero: behind), as far as it can be known."""
        if self.sent_at is not None:
            return self.sent_at - self.received_at
        if self.happened_at is not None and self.happened_at > self.received_at:
            return self.happened_at - self.received_at
        return timedelta()


def reported_at(report: Report, policy: Policy) -> datetime:
    """When it happened, by our clock.

    Where the phone says when it sent this by its own clock, how long ago it happened is known whatever that clock shows.
    Otherwise its clock is believed: a little ahead is read as now. Raises Invalid for a time still to come.
    """
    if report.happened_at is None:
        return report.received_at
    if report.sent_at is not None:
        ago = report.sent_at - report.happened_at
        if ago < -timedelta(minutes=policy.clock_skew_minutes):
            raise _still_to_come(report)
        return report.received_at - max(ago, timedelta())
    if report.happened_at - report.received_at > timedelta(minutes=policy.clock_skew_minutes):
        raise _still_to_come(report)
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
    skew = int(report.skew.total_seconds())
    away = _metres(report, latitude, longitude)
    near = policy.position_within_metres
    doubt = report.accuracy_metres or 0
    marks = [
        mark
        for mark, applies in (
            ("late", abs(late) > policy.late_after_minutes),
            ("offline", offline > policy.offline_after_minutes),
            ("clock", abs(skew) > 60 * policy.clock_skew_minutes or (report.sent_at is None and skew > 0)),
            ("no-position", away is None),
            ("inaccurate", away is not None and doubt > near),
            ("far", away is not None and away - doubt > near),
        )
        if applies
    ]
    return {
        "received_at": report.received_at.isoformat(),
        "minutes_late": late,
        "minutes_offline": offline,
        "skew_seconds": skew,
        "metres_away": away,
        "accuracy_metres": report.accuracy_metres,
        "marks": marks,
        "grade": "good" if not marks else "fair" if len(marks) == 1 else "review",
    }


def _still_to_come(report: Report) -> Invalid:
    return Invalid(
        f"This time is still to come: it is {report.received_at:%Y-%m-%d %H:%M} UTC. "
        "Check the phone's clock, or leave happened_at out to mean now.",
        pointer="#/happened_at",
    )


def _metres(report: Report, latitude: float, longitude: float) -> int | None:
    if report.latitude is None or report.longitude is None:
        return None
    return round(haversine_km(report.latitude, report.longitude, latitude, longitude) * 1000)


def _minutes(length: timedelta) -> int:
    return int(length.total_seconds() // 60)
