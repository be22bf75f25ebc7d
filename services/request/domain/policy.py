"""A desk's dated choices for what it is asked: how far ahead patterns become visits, when something needs a person."""

from dataclasses import dataclass
from datetime import date, time

from shared.domain.errors import Invalid

MOST_WEEKS_AHEAD = 52


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """In force from `valid_from` until the next one's.

    `weeks_ahead` is how far an open-ended pattern has visits, looked at again every `horizon_step_days`.
    `urgent_grace_minutes` is how long ago an urgent visit may have begun when it is written down.
    `longest_visit_minutes` can only shorten what the rule pack allows.
    `undo_minutes` is how long the last change can be taken back.
    A need is regular once it had the same weekday and hours, give or take `regular_tolerance_minutes`, in
    `regular_after_weeks` weeks running; a household that had `regular_after_visits` visits should know two carers.
    An introduction lasts `introduction_minutes`, on the day before at `introduction_at` where that leaves
    `introduction_notice_hours` to arrange it.
    A plan's review or end, and what is provisional, are looked at `notice_days` before.
    A visit is met if no more than `met_grace_minutes` of it were not cared for.
    `school_region` names the region whose school holidays hold here, as the `holidays` library knows it.
    """

    valid_from: date
    weeks_ahead: int = 8
    horizon_step_days: int = 7
    urgent_grace_minutes: int = 30
    longest_visit_minutes: int | None = None
    most_visits_a_day: int = 8
    undo_minutes: int = 10
    regular_after_weeks: int = 4
    regular_tolerance_minutes: int = 30
    regular_after_visits: int = 6
    introduction_minutes: int = 30
    introduction_notice_hours: int = 4
    introduction_at: time = time(17)
    notice_days: int = 14
    met_grace_minutes: int = 15
    school_region: str | None = None

    def __post_init__(self) -> None:
        _between(self.weeks_ahead, 1, MOST_WEEKS_AHEAD, "weeks_ahead", "Weeks ahead")
        _between(self.horizon_step_days, 1, self.weeks_ahead * 7, "horizon_step_days", "Days between two looks")
        _between(self.urgent_grace_minutes, 0, 24 * 60, "urgent_grace_minutes", "Minutes")
        if self.longest_visit_minutes is not None:
            _between(self.longest_visit_minutes, 1, 7 * 24 * 60, "longest_visit_minutes", "Minutes of a visit")
        _between(self.most_visits_a_day, 1, 24, "most_visits_a_day", "Visits a day")
        _between(self.undo_minutes, 0, 60, "undo_minutes", "Minutes to undo")
        _between(self.regular_after_weeks, 2, 26, "regular_after_weeks", "Weeks")
        _between(self.regular_tolerance_minutes, 0, 120, "regular_tolerance_minutes", "Minutes")
        _between(self.regular_after_visits, 1, 100, "regular_after_visits", "Visits")
        _between(self.introduction_minutes, 10, 240, "introduction_minutes", "Minutes of an introduction")
        _between(self.introduction_notice_hours, 0, 72, "introduction_notice_hours", "Hours")
        _between(self.notice_days, 1, 90, "notice_days", "Days")
        _between(self.met_grace_minutes, 0, 60, "met_grace_minutes", "Minutes")


def _between(value: int, least: int, most: int, name: str, says: str) -> None:
    if not least <= value <= most:
        raise Invalid(f"{says}: {least} to {most}, not {value}.", pointer=f"#/{name}")


# What holds at a desk that chose nothing yet: our defaults, for the desk to replace.
DEFAULT_POLICY = Policy(valid_from=date(2000, 1, 1))
