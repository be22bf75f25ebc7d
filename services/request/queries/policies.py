"""Which of the desk's dated choices hold on a day."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.request.domain.policy import DEFAULT_POLICY, Policy
from services.request.tables import policies


def policy_on(session: Session, day: date) -> Policy:
    """The desk's policy in force on a day; our default where it chose nothing yet."""
    row = session.execute(
        select(policies).where(policies.c.valid_from <= day).order_by(policies.c.valid_from.desc()).limit(1)
    ).first()
    if row is None:
        return DEFAULT_POLICY
    return Policy(
        valid_from=row.valid_from,
        weeks_ahead=row.weeks_ahead,
        horizon_step_days=row.horizon_step_days,
        urgent_grace_minutes=row.urgent_grace_minutes,
        longest_visit_minutes=row.longest_visit_minutes,
    )
