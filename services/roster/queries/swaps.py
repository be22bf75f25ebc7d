"""Swaps as those they concern read them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from services.roster.domain.swap import SwapState, still_needed
from services.roster.tables.carers import carers
from services.roster.tables.visits import swaps, visits

_giver, _taker = carers.alias("giver"), carers.alias("taker")
_other = visits.alias("other")


def swaps_open(session: Session) -> Sequence[dict[str, Any]]:
    """Those that somebody still has to answer."""
    return _read(session, swaps.c.state == SwapState.ASKED.value)


def swaps_of_carer(session: Session, carer_id: UUID) -> Sequence[dict[str, Any]]:
    """Those the carer asked for or is asked about."""
    return _read(session, or_(swaps.c.from_carer_id == carer_id, swaps.c.to_carer_id == carer_id))


def swaps_of_family(session: Session, family_id: UUID) -> Sequence[dict[str, Any]]:
    """Those that wait for the family's word."""
    concerns_it = or_(visits.c.family_id == family_id, _other.c.family_id == family_id)
    return _read(session, and_(swaps.c.state == SwapState.ASKED.value, concerns_it))


def _read(session: Session, which: ColumnElement[bool]) -> list[dict[str, Any]]:
    rows = session.execute(
        select(
            swaps,
            visits.c.starts_at,
            visits.c.ends_at,
            visits.c.zone,
            visits.c.area,
            visits.c.family_id,
            _other.c.family_id.label("other_family_id"),
            _giver.c.first_name.label("from_name"),
            _taker.c.first_name.label("to_name"),
        )
        .select_from(
            swaps.join(visits, visits.c.visit_id == swaps.c.visit_id)
            .join(_other, _other.c.visit_id == swaps.c.return_visit_id, isouter=True)
            .join(_giver, and_(_giver.c.desk_id == swaps.c.desk_id, _giver.c.carer_id == swaps.c.from_carer_id))
            .join(_taker, and_(_taker.c.desk_id == swaps.c.desk_id, _taker.c.carer_id == swaps.c.to_carer_id))
        )
        .where(which)
        .order_by((swaps.c.state != SwapState.ASKED.value), swaps.c.asked_at.desc(), swaps.c.swap_id)
        .limit(50)
    ).mappings()
    found = []
    for row in rows:
        families = [each for each in (row["family_id"], row["other_family_id"]) if each is not None]
        needed = still_needed(row["yeses"], families) if row["state"] == SwapState.ASKED else []
        found.append({**row, "start": row["starts_at"], "end": row["ends_at"], "needed": needed})
    return found
