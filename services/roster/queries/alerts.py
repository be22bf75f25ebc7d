"""Alerts and concerns as the desk reads them."""

from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, select
from sqlalchemy.orm import Session

from services.roster.domain.alert import AlertState, Severity
from services.roster.tables.carers import carers
from services.roster.tables.copies import desk_people, families
from services.roster.tables.safety import alerts, concerns, duty_people
from services.roster.tables.visits import visits
from shared.domain.errors import NotFound

_WORST_FIRST = case({severity.value: -number for number, severity in enumerate(Severity)}, value=alerts.c.severity)


def alerts_listed(session: Session, state: str | None, limit: int) -> list[dict[str, Any]]:
    """Open and acknowledged ones, worst and soonest due first; or those closed, the latest first."""
    statement = select(
        alerts,
        carers.c.first_name,
        carers.c.last_name,
        carers.c.phone.label("carer_phone"),
        families.c.name.label("family_name"),
        visits.c.starts_at,
        visits.c.ends_at,
        visits.c.zone,
        duty_people.c.name.label("duty_name"),
        desk_people.c.name.label("person_name"),
    ).select_from(
        alerts.join(
            carers, and_(carers.c.desk_id == alerts.c.desk_id, carers.c.carer_id == alerts.c.carer_id), isouter=True
        )
        .join(families, families.c.family_id == alerts.c.family_id, isouter=True)
        .join(visits, visits.c.visit_id == alerts.c.visit_id, isouter=True)
        .join(
            duty_people,
            and_(
                duty_people.c.desk_id == alerts.c.desk_id,
                duty_people.c.account_id == alerts.c.owner_account_id,
            ),
            isouter=True,
        )
        .join(desk_people, desk_people.c.account_id == alerts.c.owner_account_id, isouter=True)
    )
    if state == AlertState.CLOSED:
        statement = statement.where(alerts.c.state == AlertState.CLOSED.value).order_by(
            alerts.c.closed_at.desc(), alerts.c.alert_id
        )
    else:
        statement = statement.where(alerts.c.state != AlertState.CLOSED.value).order_by(
            (alerts.c.state == AlertState.ACKNOWLEDGED.value), _WORST_FIRST, alerts.c.due_at, alerts.c.alert_id
        )
    return [_alert(row) for row in session.execute(statement.limit(limit)).all()]


def concerns_listed(session: Session) -> list[dict[str, Any]]:
    """Unread ones first; what they say is read by opening them."""
    rows = session.execute(
        select(concerns)
        .order_by(concerns.c.read_at.is_not(None), concerns.c.said_at.desc(), concerns.c.concern_id)
        .limit(200)
    ).mappings()
    return [_concern(session, row) for row in rows]


def concern_by_id(session: Session, concern_id: UUID) -> dict[str, Any]:
    """What was said in confidence. Raises NotFound."""
    row = session.execute(select(concerns).where(concerns.c.concern_id == concern_id)).mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such concern.")
    return _concern(session, row)


def _alert(row: Any) -> dict[str, Any]:
    return {
        "alert_id": row.alert_id,
        "version": row.version,
        "kind": row.kind,
        "severity": row.severity,
        "state": row.state,
        "level": row.level,
        "visit_id": row.visit_id,
        "carer_id": row.carer_id,
        "family_id": row.family_id,
        "facts": row.facts,
        "owner_account_id": row.owner_account_id,
        "owner_name": row.duty_name or row.person_name,
        "carer_name": f"{row.first_name} {row.last_name}" if row.first_name else None,
        "carer_phone": row.carer_phone,
        "family_name": row.family_name,
        "start": row.starts_at,
        "end": row.ends_at,
        "zone": row.zone,
        "raised_at": row.raised_at,
        "due_at": row.due_at,
        "acknowledged_at": row.acknowledged_at,
        "closed_at": row.closed_at,
        "outcome": row.outcome,
    }


def _concern(session: Session, row: Any) -> dict[str, Any]:
    return {
        **row,
        "said_by_name": _name(session, row["said_by"], row["person_id"]),
        "about_name": _name(session, row["about"], row["about_id"]),
    }


def _name(session: Session, kind: str, person_id: UUID) -> str:
    if kind == "carer":
        row = session.execute(
            select(carers.c.first_name, carers.c.last_name).where(carers.c.carer_id == person_id)
        ).one_or_none()
        return f"{row.first_name} {row.last_name}" if row else ""
    name = session.execute(select(families.c.name).where(families.c.family_id == person_id)).scalar_one_or_none()
    return name or ""
