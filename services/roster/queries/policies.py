"""The desk's choices on a day."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.roster.adapters.first_policy import first_policy
from services.roster.domain.policy import Policy, changed
from services.roster.tables.desk import policies


def policy_on(session: Session, day: date) -> Policy:
    """The desk's policy on that day: what it chose by then, over what desks begin with."""
    chosen = session.execute(
        select(policies.c.choices).where(policies.c.valid_from <= day).order_by(policies.c.valid_from)
    ).scalars()
    policy = first_policy()
    for choices in chosen:
        policy = changed(policy, choices)
    return policy
