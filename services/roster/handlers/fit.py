"""Whether a visit fits a carer's calendar as it stands in this transaction; asked under the carer's lock."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import func, select

from services.roster.adapters.rule_packs import desk_rules_on
from services.roster.domain.calendar import Calendar, Consent, Held, Refusal
from services.roster.domain.visit_terms import Terms
from services.roster.handlers.history import remember_carer
from services.roster.queries.calendars import carer_now, held_of, holding, measured_ways, worked_around
from services.roster.queries.policies import policy_on
from services.roster.tables.copies import desks, shared_care
from services.roster.tables.visits import tolerances
from shared.db.unit_of_work import UnitOfWork


def why_not(uow: UnitOfWork, terms: Terms, *, besides: Sequence[UUID], beside: Sequence[Held] = ()) -> Refusal | None:
    """The first reason against these terms, `besides` visits left out and `beside` ones counted in; None when they fit.

    A tolerated excess of children is written down with what it let in.
    """
    calendar, new = calendar_for(uow, terms, besides=besides, beside=beside)
    refusal = calendar.refusal(new)
    if refusal is None and calendar.tolerated:
        breach = calendar.excess(new)
        if breach is not None:
            remember_carer(
                uow,
                terms.carer_id,
                "excess-tolerated",
                children=breach.children,
                most=breach.most,
                start=breach.window.start.isoformat(),
                end=breach.window.end.isoformat(),
            )
    return refusal


def calendar_for(
    uow: UnitOfWork, terms: Terms, *, besides: Sequence[UUID], beside: Sequence[Held] = ()
) -> tuple[Calendar, Held]:
    """The carer's calendar around these terms, and the visit as it would be held."""
    carer = carer_now(uow.session, terms.carer_id)
    assert carer is not None
    held, away = holding(uow.session, terms.carer_id, terms.starts_at, terms.ends_at, besides=besides)
    desk = uow.session.execute(select(desks).where(desks.c.desk_id == uow.caller.desk)).one()
    policy = policy_on(uow.session, uow.now.date())
    new = held_of(terms)
    calendar = Calendar(
        carer=carer,
        held=[*held, *beside],
        away=away,
        rules_on=partial(desk_rules_on, desk.country, policy=policy),
        consent=_consent(terms, uow),
        shift_pause=timedelta(minutes=policy.shift_pause_minutes),
        worked=worked_around(uow.session, terms, besides),
        tolerated=_tolerated(terms, policy.tolerated_children, uow),
        measured=measured_ways(uow.session, carer, [*held, *beside, new]) if policy.measure_routes else {},
    )
    return calendar, new


def _tolerated(terms: Terms, most: int, uow: UnitOfWork) -> int:
    """How many children more somebody of the desk let in for all of this time, never more than its policy allows now."""
    if not most:
        return 0
    said = uow.session.execute(
        select(func.max(tolerances.c.children)).where(
            tolerances.c.carer_id == terms.carer_id,
            tolerances.c.starts_at <= terms.starts_at,
            tolerances.c.ends_at >= terms.ends_at,
        )
    ).scalar_one()
    return min(most, said or 0)


def _consent(terms: Terms, uow: UnitOfWork) -> Consent | None:
    if terms.shared_care_id is None:
        return None
    row = uow.session.execute(
        select(shared_care)
        .where(shared_care.c.shared_care_id == terms.shared_care_id, shared_care.c.valid_from <= terms.starts_at.date())
        .order_by(shared_care.c.valid_from.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    return Consent(family_ids=frozenset(row.family_ids), valid_from=row.valid_from, valid_until=row.valid_until)
