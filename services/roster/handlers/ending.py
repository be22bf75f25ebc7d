"""What follows when a visit is over: its kilometres, its alerts, and whether a family is late on a weekday again."""

from datetime import timedelta

from sqlalchemy import select

from services.roster.domain.alert import AlertKind, Severity
from services.roster.domain.lateness import Ended, late_again
from services.roster.domain.policy import Policy
from services.roster.domain.visit import Visit
from services.roster.domain.visit_terms import State
from services.roster.handlers.alerts import raise_alert, settle
from services.roster.handlers.travel import END_OF_SHIFT, record_way_in
from services.roster.tables.visits import visits
from shared.db.unit_of_work import UnitOfWork

# So many visits back a family's weekdays are looked at.
_LOOKED_AT = 60
_AT_RISK = (AlertKind.MISSING_CHECK_OUT, AlertKind.NOBODY_CAME, AlertKind.HELP)


def after_the_end(uow: UnitOfWork, visit: Visit, policy: Policy) -> None:
    """Record the way in, close what was open, end the shift if nothing follows, and look whether this is a pattern."""
    assert visit.ended_at is not None
    record_way_in(visit, policy, uow)
    uow.set_timer(END_OF_SHIFT, visit.visit_id, visit.ended_at + timedelta(minutes=policy.shift_pause_minutes))
    settle(uow, visit.visit_id, *_AT_RISK, outcome="the visit is over")
    if visit.ended_at - visit.ends_at >= timedelta(minutes=policy.overrun_minutes):
        _point_out(uow, visit, policy)


def _point_out(uow: UnitOfWork, visit: Visit, policy: Policy) -> None:
    rows = uow.session.execute(
        select(visits.c.ends_at, visits.c.ended_at, visits.c.zone, visits.c.visit_id)
        .where(
            visits.c.family_id == visit.family_id,
            visits.c.state == State.COMPLETED.value,
            visits.c.ended_at.is_not(None),
            visits.c.starts_at <= visit.starts_at,
        )
        .order_by(visits.c.starts_at.desc(), visits.c.visit_id)
        .limit(_LOOKED_AT)
    ).all()
    ended = {row.visit_id: Ended(agreed=row.ends_at, ended_at=row.ended_at, zone=row.zone) for row in reversed(rows)}
    assert visit.ended_at is not None
    ended[visit.visit_id] = Ended(agreed=visit.ends_at, ended_at=visit.ended_at, zone=visit.zone)
    late = late_again(list(ended.values()), policy.overrun_minutes, policy.overrun_times)
    if late:
        facts = {
            "minutes": [int((each.ended_at - each.agreed).total_seconds()) // 60 for each in late],
            "ended": [each.ended_at.isoformat() for each in late],
        }
        raise_alert(uow, AlertKind.LATE_AGAIN, visit.family_id, Severity.LOW, visit=visit, facts=facts)
