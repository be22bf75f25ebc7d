"""A visit that comes onto the roster or moves there: with the timers that watch over it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.roster.domain.policy import Policy
from services.roster.domain.severity import is_delicate, is_night_visit
from services.roster.domain.visit import Visit
from services.roster.domain.visit_terms import Terms
from services.roster.handlers.errands import FETCH_ROUTE, send_on_errand
from services.roster.handlers.history import remember
from services.roster.queries.policies import policy_on
from shared.db.unit_of_work import UnitOfWork

MISSING_CHECK_IN, MISSED, MISSING_CHECK_OUT = "missing-check-in", "visit-missed", "missing-check-out"
ASK_COMING, COMING_SILENT = "ask-coming", "coming-silent"


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a visit stood before it changed, for what shows it to be drawn anew."""

    starts_at: datetime
    ends_at: datetime
    carer_id: UUID


def place_on(visit: Visit) -> Whereabouts:
    return Whereabouts(visit.starts_at, visit.ends_at, visit.carer_id)


def roster(uow: UnitOfWork, visit: Visit, terms: Terms) -> None:
    """Have the visit on these terms, and watch over it."""
    visit.roster(terms)
    policy = policy_on(uow.session, uow.now.date())
    watch(uow, visit, policy)
    if policy.measure_routes:
        send_on_errand(uow, FETCH_ROUTE, visit.visit_id)
    remember(uow, visit, "rostered", visit_version=terms.visit_version)


def watch(uow: UnitOfWork, visit: Visit, policy: Policy) -> None:
    """Set what comes due if nobody comes, and before a night the question whether the carer still does."""
    delicate = is_delicate(visit)
    late = policy.missing_check_in_urgent_minutes if delicate else policy.missing_check_in_after_minutes
    uow.set_timer(MISSING_CHECK_IN, visit.visit_id, visit.starts_at + timedelta(minutes=late))
    uow.set_timer(MISSED, visit.visit_id, visit.ends_at + timedelta(minutes=policy.missed_after_minutes))
    if policy.coming_asked_minutes and is_night_visit(visit):
        asked_at = visit.starts_at - timedelta(minutes=policy.coming_asked_minutes)
        if asked_at > uow.now:
            uow.set_timer(ASK_COMING, visit.visit_id, asked_at)
