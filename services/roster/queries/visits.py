"""The roster as people read it: visits with their carer, family and children."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, select
from sqlalchemy.orm import Session

from services.roster.domain.visit_terms import HOLDING, State
from services.roster.queries.duty import on_call
from services.roster.queries.ranges import check_range
from services.roster.tables.carers import carers
from services.roster.tables.copies import families, visit_terms
from services.roster.tables.safety import alerts
from services.roster.tables.visits import corrections, handover_notes, stays, swaps, visit_history, visits
from shared.jurisdictions.packs import CareMode

# A visit that was taken back or never had is nobody's; a cancelled one is still told to whom it was.
ON_ROSTER = (*(state.value for state in HOLDING), State.CANCELLED.value)
# So many notes of a family's last visits are on the card of whoever comes next.
_LAST_NOTES = 3


def cards_of(session: Session, start: datetime, end: datetime, carer_id: UUID) -> list[dict[str, Any]]:
    """A carer's own visits that lie in or reach into the time, in order. Raises Invalid for a range too long."""
    check_range(start, end)
    rows = session.execute(
        _visits()
        .where(
            visits.c.carer_id == carer_id,
            visits.c.starts_at < end,
            visits.c.ends_at > start,
            visits.c.state.in_(ON_ROSTER),
        )
        .order_by(visits.c.starts_at, visits.c.visit_id)
    ).all()
    reached = on_call(session)
    return [{**_card(row), "on_call": reached, "notes": []} for row in rows]


def card_of(session: Session, visit_id: UUID) -> dict[str, Any] | None:
    """One visit with all that is needed at the door, or None."""
    row = session.execute(_visits().where(visits.c.visit_id == visit_id)).one_or_none()
    if row is None:
        return None
    return {**_card(row), "on_call": on_call(session), "notes": notes_before(session, row)}


def with_what_is_agreed(session: Session, card: dict[str, Any]) -> dict[str, Any]:
    """The card with what waits for an answer: a stay, a correction, a swap; and the alerts that are open."""
    visit_id = card["visit_id"]
    stay = session.execute(
        select(stays).where(stays.c.visit_id == visit_id).order_by(stays.c.asked_at.desc(), stays.c.stay_id).limit(1)
    ).mappings()
    wrong = session.execute(
        select(corrections)
        .where(corrections.c.visit_id == visit_id)
        .order_by(corrections.c.proposed_at, corrections.c.correction_id)
    ).mappings()
    swap = session.execute(
        select(swaps)
        .where((swaps.c.visit_id == visit_id) | (swaps.c.return_visit_id == visit_id), swaps.c.state == "asked")
        .order_by(swaps.c.asked_at, swaps.c.swap_id)
    ).mappings()
    open_alerts = session.execute(
        select(alerts)
        .where(alerts.c.visit_id == visit_id, alerts.c.state != "closed")
        .order_by(alerts.c.raised_at, alerts.c.alert_id)
    ).mappings()
    return {
        **card,
        "stay": next((dict(each) for each in stay), None),
        "corrections": [dict(each) for each in wrong],
        "swaps": [dict(each) for each in swap],
        "alerts": [dict(each) for each in open_alerts],
    }


def history_of(session: Session, visit_id: UUID) -> Sequence[dict[str, Any]]:
    """What was known of the visit when, oldest first."""
    rows = session.execute(
        select(visit_history)
        .where(visit_history.c.visit_id == visit_id)
        .order_by(visit_history.c.version, visit_history.c.at, visit_history.c.entry_id)
    ).mappings()
    return [dict(row) for row in rows]


def notes_before(session: Session, visit: Any) -> list[dict[str, Any]]:
    """What this visit's carer wrote, and the last ones at this family wrote before it."""
    rows = session.execute(
        select(handover_notes, carers.c.first_name)
        .join(
            carers,
            and_(carers.c.desk_id == handover_notes.c.desk_id, carers.c.carer_id == handover_notes.c.carer_id),
        )
        .where(handover_notes.c.family_id == visit.family_id)
        .order_by(handover_notes.c.written_at.desc(), handover_notes.c.note_id)
        .limit(_LAST_NOTES)
    ).mappings()
    return [
        {
            "visit_id": row["visit_id"],
            "by": row["first_name"],
            "text": row["text"],
            "written_at": row["written_at"],
        }
        for row in rows
    ]


def _visits() -> Select[Any]:
    return select(
        visits,
        carers.c.first_name,
        carers.c.last_name,
        carers.c.phone.label("carer_phone"),
        carers.c.home.label("carer_home"),
        families.c.name.label("family_name"),
        families.c.phone.label("family_phone"),
        families.c.contacts,
        families.c.children,
        visit_terms.c.place.label("asked_place"),
    ).select_from(
        visits.join(carers, and_(carers.c.desk_id == visits.c.desk_id, carers.c.carer_id == visits.c.carer_id))
        .join(families, families.c.family_id == visits.c.family_id)
        .join(visit_terms, visit_terms.c.visit_id == visits.c.visit_id)
    )


def _card(row: Row[Any]) -> dict[str, Any]:
    at_home = row.mode == CareMode.CARER_HOME
    place = row.carer_home if at_home else row.asked_place
    return {
        "visit_id": row.visit_id,
        "version": row.version,
        "state": row.state,
        "kind": row.kind,
        "alert": row.alert,
        "review": row.review,
        "start": row.starts_at,
        "end": row.ends_at,
        "zone": row.zone,
        "coming_at": row.coming_at,
        "set_out_at": row.set_out_at,
        "expected_at": row.expected_at,
        "started_at": row.started_at,
        "ended_at": row.ended_at,
        "handed_to": row.handed_to,
        "mode": row.mode,
        "area": row.area,
        "urgent": row.urgent,
        "shared_care_id": row.shared_care_id,
        "carer": {"carer_id": row.carer_id, "first_name": row.first_name, "last_name": row.last_name},
        "family": {
            "family_id": row.family_id,
            "name": row.family_name,
            "phone": row.family_phone,
            "contacts": row.contacts,
        },
        "children": [{**child, **row.presences.get(child["child_id"], {})} for child in _children(row)],
        "legs": row.legs,
        "address": place["address"] if place else None,
        "latitude": row.latitude,
        "longitude": row.longitude,
        "check_in": row.check_in,
        "check_out": row.check_out,
    }


def _children(row: Row[Any]) -> list[dict[str, Any]]:
    asked = {str(child_id) for child_id in row.child_ids}
    return [child for child in row.children if child["child_id"] in asked]
