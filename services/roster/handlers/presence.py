"""Who is at a childminder's right now, and whether one child more would be too many."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from services.roster.adapters.rule_packs import rules_on
from services.roster.domain.visit import Visit
from services.roster.domain.visit_terms import State
from services.roster.queries.policies import policy_on
from services.roster.tables.carers import carers
from services.roster.tables.copies import desks
from services.roster.tables.visits import tolerances, visits
from shared.db.unit_of_work import UnitOfWork
from shared.domain import ratios
from shared.domain.ratios import Breach, ChildPresence
from shared.domain.values import TimeWindow


def too_many_at(visit: Visit, at: datetime, uow: UnitOfWork) -> Breach | None:
    """Whether with this visit's children there would be too many, counting those who really are there and stayed longer."""
    desk = uow.session.execute(select(desks).where(desks.c.desk_id == uow.caller.desk)).one_or_none()
    carer = uow.one(carers, carer_id=visit.carer_id)
    if desk is None or carer is None:
        return None
    there = uow.session.execute(
        select(visits.c.child_ids, visits.c.children_born, visits.c.presences).where(
            visits.c.place_id == visit.place_id,
            visits.c.carer_id == visit.carer_id,
            visits.c.visit_id != visit.visit_id,
            visits.c.state == State.STARTED.value,
        )
    ).all()
    moment = TimeWindow(at, at + timedelta(minutes=1))
    present = [
        ChildPresence(child_id=child_id, born=born, window=moment)
        for row in there
        for child_id, born in zip(row.child_ids, row.children_born, strict=False)
        if "left" not in row.presences.get(str(child_id), {})
    ]
    new = [
        ChildPresence(child_id=child_id, born=born, window=moment)
        for child_id, born in zip(visit.child_ids, visit.children_born, strict=False)
    ]
    rules = rules_on(desk.country, at.astimezone(ZoneInfo(visit.zone)).date())
    return ratios.check_adding(
        present,
        new,
        rules.ratios[visit.mode],
        visit.zone,
        carer.own_children_born,
        assistant=carer.assistant,
        tolerated=_tolerated(visit, at, uow),
    )


def _tolerated(visit: Visit, at: datetime, uow: UnitOfWork) -> int:
    most = policy_on(uow.session, uow.now.date()).tolerated_children
    said = uow.session.execute(
        select(tolerances.c.children).where(
            tolerances.c.carer_id == visit.carer_id, tolerances.c.starts_at <= at, tolerances.c.ends_at > at
        )
    ).scalars()
    return min(most, max(said, default=0))
