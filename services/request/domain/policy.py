"""A desk's dated choices for what it is asked: how far ahead patterns become visits, how late an urgent call may be."""

from dataclasses import dataclass
from datetime import date

from shared.domain.errors import Invalid


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """In force from `valid_from` until the next one's.

    `weeks_ahead` is how far an open-ended pattern has visits, looked at again every `horizon_step_days`;
    `urgent_grace_minutes` is how long ago an urgent visit may have begun when it is written down;
    `longest_visit_minutes` can only shorten what the rule pack allows.
    """

    valid_from: date
    weeks_ahead: int
    horizon_step_days: int
    urgent_grace_minutes: int
    longest_visit_minutes: int | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.weeks_ahead <= MOST_WEEKS_AHEAD:
            raise Invalid(f"Visits are planned 1 to {MOST_WEEKS_AHEAD} weeks ahead.", pointer="#/weeks_ahead")
        if not 1 <= self.horizon_step_days <= self.weeks_ahead * 7:
            raise Invalid(
                "A pattern is looked at again after a day or more, and before its visits run out.",
                pointer="#/horizon_step_days",
            )
        if self.urgent_grace_minutes < 0:
            raise Invalid("Minutes can't be negative.", pointer="#/urgent_grace_minutes")
        if self.longest_visit_minutes is not None and self.longest_visit_minutes < 1:
            raise Invalid("The longest visit lasts a minute or more.", pointer="#/longest_visit_minutes")


MOST_WEEKS_AHEAD = 52

# What holds at a desk that chose nothing yet: our defaults, for the desk to replace.
DEFAULT_POLICY = Policy(valid_from=date(2000, 1, 1), weeks_ahead=8, horizon_step_days=7, urgent_grace_minutes=30)
