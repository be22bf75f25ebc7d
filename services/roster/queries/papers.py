"""A carer's papers as the desk reads them, and which visits to come lack one."""

from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.roster.adapters.rule_packs import rules_on
from services.roster.domain.credential import Touched, counting
from services.roster.domain.visit_terms import AWAITED
from services.roster.queries.facts import papers_of
from services.roster.tables.copies import desks
from services.roster.tables.visits import visits
from shared.domain import credentials as papers
from shared.domain.values import TimeWindow


def visits_touched(session: Session, carer_id: UUID, now: datetime) -> list[Touched]:
    """The carer's visits to come for which a paper the country asks for is not good on some minute."""
    desk = session.execute(select(desks)).one_or_none()
    if desk is None:
        return []
    held = counting(papers_of(session, carer_id))
    rows = session.execute(
        select(visits)
        .where(
            visits.c.carer_id == carer_id,
            visits.c.state.in_([state.value for state in AWAITED]),
            visits.c.ends_at > now,
        )
        .order_by(visits.c.starts_at, visits.c.visit_id)
    ).all()
    rules = partial(rules_on, desk.country)
    return [
        Touched(visit_id=row.visit_id, kind=lacking.kind, at=lacking.at)
        for row in rows
        for lacking in papers.missing(
            rules(row.starts_at.date()).required_credentials[row.mode],
            held,
            TimeWindow(row.starts_at, row.ends_at),
            row.zone,
        )
    ]


def papers_shown(session: Session, carer_id: UUID, now: datetime) -> dict[str, Any]:
    """Every paper with who looked when, what the country asks for by mode, and the visits to come that lack one."""
    desk = session.execute(select(desks)).one_or_none()
    rows = [dict(row._mapping) for row in papers_of(session, carer_id)]
    required = {}
    if desk is not None:
        rules = rules_on(desk.country, now.date())
        required = {str(mode): list(kinds) for mode, kinds in rules.required_credentials.items()}
    return {
        "papers": rows,
        "required": required,
        "touched": [
            {"visit_id": each.visit_id, "kind": each.kind, "at": each.at}
            for each in visits_touched(session, carer_id, now)
        ],
    }
