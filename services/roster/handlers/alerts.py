"""Alerts: raised once for a thing, rung from one on duty to the next until somebody has it, settled when it is over."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.roster.commands.safety import AcknowledgeAlert, CloseAlert, EscalateAlert
from services.roster.domain.alert import Alert, AlertKind, AlertState, Owner, Severity, minutes_until_next, next_owner
from services.roster.domain.visit import Visit
from services.roster.queries.duty import duty_order
from services.roster.queries.policies import policy_on
from services.roster.tables.safety import alerts, duty_people
from shared.db.unit_of_work import UnitOfWork

ESCALATE = "escalate-alert"


def raise_alert(
    uow: UnitOfWork,
    kind: AlertKind,
    about: object,
    severity: Severity,
    *,
    visit: Visit | None = None,
    visit_id: UUID | None = None,
    carer_id: UUID | None = None,
    family_id: UUID | None = None,
    facts: dict[str, Any] | None = None,
) -> None:
    """Have a person look at this. One that is open already is not raised again; it may have become worse."""
    known = uow.session.execute(
        select(Alert).where(
            alerts.c.kind == kind, alerts.c.about == str(about), alerts.c.state != AlertState.CLOSED.value
        )
    ).scalar_one_or_none()
    policy = policy_on(uow.session, uow.now.date())
    due_at = uow.now + timedelta(minutes=minutes_until_next(severity, policy))
    if known is not None:
        uow.hold(known)
        if known.worsen(severity, _next(uow, known.asked), due_at):
            uow.set_timer(ESCALATE, known.alert_id, due_at)
        return
    alert = Alert(
        uow.caller.desk,
        uow.new_id(),
        kind,
        str(about),
        severity,
        owner=_next(uow, []),
        at=uow.now,
        due_at=due_at,
        visit_id=visit.visit_id if visit else visit_id,
        carer_id=carer_id or (visit.carer_id if visit else None),
        family_id=family_id or (visit.family_id if visit else None),
        facts=facts,
    )
    uow.add(alert)
    uow.set_timer(ESCALATE, alert.alert_id, due_at)


def settle(uow: UnitOfWork, about: object, *kinds: AlertKind, outcome: str) -> None:
    """What these alerts were about is over: nobody has to look any more."""
    open_ones = uow.session.execute(
        select(Alert)
        .where(alerts.c.about == str(about), alerts.c.kind.in_(kinds), alerts.c.state != AlertState.CLOSED.value)
        .order_by(alerts.c.alert_id)
    ).scalars()
    for alert in open_ones.all():
        uow.hold(alert)
        alert.close(outcome, None, uow.now)
        uow.cancel_timer(ESCALATE, alert.alert_id)


def acknowledge(command: AcknowledgeAlert, uow: UnitOfWork) -> Alert:
    """The caller has it. Raises NotFound, Conflict once it is closed."""
    alert = uow.get(Alert, command.alert_id, lock=True)
    if alert.acknowledge(uow.caller.account_id, uow.now):
        uow.cancel_timer(ESCALATE, alert.alert_id)
    return alert


def close(command: CloseAlert, uow: UnitOfWork) -> Alert:
    """It is settled, and how. Raises NotFound, Invalid without a word on how."""
    alert = uow.get(Alert, command.alert_id, lock=True)
    if alert.close(command.outcome, uow.caller.account_id, uow.now):
        uow.cancel_timer(ESCALATE, alert.alert_id)
    return alert


def escalate(command: EscalateAlert, uow: UnitOfWork) -> None:
    """Nobody acknowledged it in time: it rings at the next on duty."""
    alert = uow.get(Alert, command.alert_id, lock=True)
    policy = policy_on(uow.session, uow.now.date())
    due_at = uow.now + timedelta(minutes=minutes_until_next(alert.severity, policy))
    if alert.ring_next(_next(uow, alert.asked), due_at):
        uow.set_timer(ESCALATE, alert.alert_id, due_at)


def _next(uow: UnitOfWork, asked: list[str]) -> Owner:
    on_duty, people = duty_order(uow.session)
    account_id = next_owner(on_duty, people, asked)
    person = uow.one(duty_people, account_id=account_id) if account_id is not None else None
    return Owner(account_id, person.phone if person is not None else None)
