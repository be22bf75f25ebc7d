"""What a family reads of its visits: who comes, what waits for its word."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from services.roster.domain.carer import Mode
from services.roster.queries.ranges import check_range
from services.roster.queries.visits import ON_ROSTER
from services.roster.tables.carers import carer_photos, carers
from services.roster.tables.copies import families
from services.roster.tables.visits import corrections, handover_notes, stays, visits
from shared.domain.errors import NotFound


def coming_to(session: Session, family_id: UUID, start: datetime, end: datetime) -> list[dict[str, Any]]:
    """The family's visits in this time with who comes. Raises Invalid for a range too long."""
    check_range(start, end)
    rows = session.execute(
        select(
            visits,
            carers.c.first_name,
            carers.c.home,
            carer_photos.c.given_at.label("photo_at"),
            families.c.children,
        )
        .select_from(
            visits.join(carers, and_(carers.c.desk_id == visits.c.desk_id, carers.c.carer_id == visits.c.carer_id))
            .join(families, families.c.family_id == visits.c.family_id)
            .join(
                carer_photos,
                and_(carer_photos.c.desk_id == visits.c.desk_id, carer_photos.c.carer_id == visits.c.carer_id),
                isouter=True,
            )
        )
        .where(
            visits.c.family_id == family_id,
            visits.c.starts_at < end,
            visits.c.ends_at > start,
            visits.c.state.in_(ON_ROSTER),
        )
        .order_by(visits.c.starts_at, visits.c.visit_id)
    ).all()
    ids = [row.visit_id for row in rows]
    notes = _last_notes(session, ids)
    asked = {
        each["visit_id"]: dict(each)
        for each in session.execute(select(stays).where(stays.c.visit_id.in_(ids), stays.c.state == "asked")).mappings()
    }
    return [
        {
            "visit_id": row.visit_id,
            "state": row.state,
            "kind": row.kind,
            "start": row.starts_at,
            "end": row.ends_at,
            "zone": row.zone,
            "mode": row.mode,
            "carer_id": row.carer_id,
            "first_name": row.first_name,
            "has_photo": row.photo_at is not None,
            "children": [
                child["first_name"] for child in row.children if UUID(child["child_id"]) in set(row.child_ids)
            ],
            "expected_at": row.expected_at,
            "started_at": row.started_at,
            "ended_at": row.ended_at,
            # Where a child is brought to a childminder's, the family must find that door.
            "address": row.home.get("address") if row.mode == Mode.CARER_HOME else None,
            "note": notes.get(row.visit_id),
            "stay": asked.get(row.visit_id),
        }
        for row in rows
    ]


def photo_of_coming(session: Session, family_id: UUID, visit_id: UUID) -> tuple[str, bytes]:
    """The photo of who comes to this visit. Raises NotFound for another's visit, or where there is none."""
    row = session.execute(
        select(carer_photos.c.media_type, carer_photos.c.body)
        .join(
            visits,
            and_(visits.c.desk_id == carer_photos.c.desk_id, visits.c.carer_id == carer_photos.c.carer_id),
        )
        .where(visits.c.visit_id == visit_id, visits.c.family_id == family_id, visits.c.state.in_(ON_ROSTER))
    ).one_or_none()
    if row is None:
        raise NotFound("There is no photo of who comes.")
    return row.media_type, row.body


def corrections_for(session: Session, family_id: UUID) -> Sequence[dict[str, Any]]:
    """Corrections of the family's visits, those that wait first."""
    rows = session.execute(
        select(
            corrections,
            visits.c.starts_at.label("start"),
            visits.c.ends_at.label("end"),
            visits.c.zone,
            visits.c.started_at.label("was_started_at"),
            visits.c.ended_at.label("was_ended_at"),
            carers.c.first_name,
        )
        .select_from(
            corrections.join(visits, visits.c.visit_id == corrections.c.visit_id).join(
                carers, and_(carers.c.desk_id == visits.c.desk_id, carers.c.carer_id == visits.c.carer_id)
            )
        )
        .where(visits.c.family_id == family_id)
        .order_by((corrections.c.state != "proposed"), corrections.c.proposed_at.desc(), corrections.c.correction_id)
        .limit(50)
    ).mappings()
    return [dict(row) for row in rows]


def _last_notes(session: Session, visit_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    rows = session.execute(
        select(handover_notes, carers.c.first_name)
        .join(
            carers,
            and_(carers.c.desk_id == handover_notes.c.desk_id, carers.c.carer_id == handover_notes.c.carer_id),
        )
        .where(handover_notes.c.visit_id.in_(visit_ids))
        .order_by(handover_notes.c.written_at, handover_notes.c.note_id)
    ).mappings()
    return {
        row["visit_id"]: {
            "visit_id": row["visit_id"],
            "by": row["first_name"],
            "text": row["text"],
            "written_at": row["written_at"],
        }
        for row in rows
    }
