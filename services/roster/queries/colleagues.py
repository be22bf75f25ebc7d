"""Colleagues a carer may ask to take a visit over: near by, and free for it by every rule."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.roster.adapters.rule_packs import desk_rules_on
from services.roster.domain.calendar import Calendar
from services.roster.domain.carer import Mode
from services.roster.domain.visit import Visit
from services.roster.domain.visit_terms import State
from services.roster.queries.calendars import carer_now, held_of, holding
from services.roster.queries.policies import policy_on
from services.roster.queries.terms import held_terms, where_of
from services.roster.tables.carers import carers
from services.roster.tables.copies import desks
from services.roster.tables.visits import visits
from shared.domain.errors import NotFound
from shared.domain.travel import haversine_km

# Of the nearest so many are looked at, those the family knows in front.
_LOOKED_AT = 25


def colleagues_for(session: Session, visit_id: UUID, carer_id: UUID, now: datetime) -> list[dict[str, Any]]:
    """Those whom the visit would fit, whom the family knows first, then the nearest. Raises NotFound for another's visit."""
    visit = session.get(Visit, visit_id)
    if visit is None or visit.carer_id != carer_id or visit.state != State.ROSTERED:
        raise NotFound(f"There is no visit {visit_id} of yours that is only planned.")
    known = {
        carer_id: int(count)
        for carer_id, count in session.execute(
            select(visits.c.carer_id, func.count())
            .where(visits.c.family_id == visit.family_id, visits.c.state == State.COMPLETED.value)
            .group_by(visits.c.carer_id)
        )
    }
    others = session.execute(
        select(carers).where(
            carers.c.carer_id != carer_id,
            carers.c.left_on.is_(None),
            carers.c.cleared_on <= now.date(),
            carers.c.modes.any_() == visit.mode,
        )
    ).all()
    nearest = sorted(
        others,
        key=lambda row: (
            -known.get(row.carer_id, 0),
            haversine_km(row.home["latitude"], row.home["longitude"], visit.latitude, visit.longitude),
            str(row.carer_id),
        ),
    )
    return [
        {
            "carer_id": row.carer_id,
            "first_name": row.first_name,
            "initial": row.last_name[:1],
            "knows_family": row.carer_id in known,
        }
        for row in nearest[:_LOOKED_AT]
        if visit.family_id not in row.excluded_family_ids and _fits(session, visit, row.carer_id, now)
    ]


def _fits(session: Session, visit: Visit, carer_id: UUID, now: datetime) -> bool:
    place = where_of(session, carer_id, visit.mode, None) if visit.mode == Mode.CARER_HOME else visit.place
    terms = held_terms(visit, carer_id=carer_id, place=place)
    carer = carer_now(session, carer_id)
    desk = session.execute(select(desks)).one_or_none()
    if carer is None or desk is None:
        return False
    held, away = holding(session, carer_id, terms.starts_at, terms.ends_at, besides=())
    policy = policy_on(session, now.date())
    calendar = Calendar(
        carer=carer,
        held=held,
        away=away,
        rules_on=partial(desk_rules_on, desk.country, policy=policy),
        consent=None,
        shift_pause=timedelta(minutes=policy.shift_pause_minutes),
    )
    return calendar.refusal(held_of(terms)) is None
