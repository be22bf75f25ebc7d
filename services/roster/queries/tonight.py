"""What tonight's list says: visits of the night with whom to ring, and those nobody has yet."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from services.roster.domain.carer import Mode
from services.roster.domain.tonight import Line, next_beginning, night_of, night_window
from services.roster.domain.visit_terms import HOLDING, State
from services.roster.queries.policies import policy_on
from services.roster.tables.carers import carers
from services.roster.tables.copies import desks, families, visit_terms
from services.roster.tables.safety import tonight_lists
from services.roster.tables.visits import visits
from shared.domain.errors import NotFound
from shared.domain.values import TimeWindow

_HELD = tuple(state.value for state in HOLDING)


def lines_of(session: Session, window: TimeWindow) -> list[Line]:
    """The night's visits in order, with phone numbers; those that are wanted and nobody's among them."""
    rows = session.execute(
        select(
            visits,
            carers.c.first_name,
            carers.c.last_name,
            carers.c.phone.label("carer_phone"),
            carers.c.home,
            families.c.name.label("family_name"),
            families.c.phone.label("family_phone"),
            visit_terms.c.place.label("asked_place"),
        )
        .select_from(
            visits.join(carers, and_(carers.c.desk_id == visits.c.desk_id, carers.c.carer_id == visits.c.carer_id))
            .join(families, families.c.family_id == visits.c.family_id)
            .join(visit_terms, visit_terms.c.visit_id == visits.c.visit_id)
        )
        .where(
            visits.c.starts_at < window.end,
            visits.c.ends_at > window.start,
            visits.c.state.in_([*_HELD, State.CANCELLED.value]),
        )
    ).all()
    settled = {row.visit_id for row in rows}
    open_rows = session.execute(
        select(visit_terms, families.c.name.label("family_name"), families.c.phone.label("family_phone"))
        .join(families, families.c.family_id == visit_terms.c.family_id)
        .where(
            visit_terms.c.starts_at < window.end,
            visit_terms.c.ends_at > window.start,
            visit_terms.c.wanted,
            ~families.c.erased,
        )
    ).all()
    lines = [_line(row) for row in rows if row.state in _HELD]
    lines += [_open(row) for row in open_rows if row.visit_id not in settled]
    return sorted(lines, key=lambda line: (line.start, line.family, line.carer))


def tonight_now(session: Session, now: datetime) -> dict[str, Any]:
    """Tonight's list as it is now; by day that of the coming evening. Raises NotFound for a desk not known yet."""
    desk = _desk(session)
    begins = policy_on(session, now.date()).tonight_at_minute
    on = night_of(now, desk.zone, begins) or next_beginning(now, desk.zone, begins).date()
    kept = session.execute(select(tonight_lists).where(tonight_lists.c.on == on)).one_or_none()
    return {
        "on": on,
        "made_at": kept.made_at if kept else None,
        "saved": bool(kept and kept.saved_version == kept.version),
        "rows": [asdict(line) for line in lines_of(session, night_window(on, desk.zone, begins))],
    }


def tonight_page(session: Session) -> str:
    """The list as it was last made. Raises NotFound before the first evening."""
    row = session.execute(select(tonight_lists.c.page).order_by(tonight_lists.c.on.desc()).limit(1)).one_or_none()
    if row is None:
        raise NotFound("No list has been made yet; the first one is this evening's.")
    return str(row.page)


def _desk(session: Session) -> Any:
    desk = session.execute(select(desks)).one_or_none()
    if desk is None:
        raise NotFound("Your desk is not known here yet. Try again in a moment.")
    return desk


def _line(row: Any) -> Line:
    place = row.home if row.mode == Mode.CARER_HOME else row.asked_place
    return Line(
        start=row.starts_at,
        end=row.ends_at,
        zone=row.zone,
        state=row.state,
        carer=f"{row.first_name} {row.last_name}",
        carer_phone=row.carer_phone or "",
        family=row.family_name,
        family_phone=row.family_phone or "",
        address=(place or {}).get("address") or row.area,
        children=len(row.child_ids),
        flag=row.alert or "",
    )


def _open(row: Any) -> Line:
    return Line(
        start=row.starts_at,
        end=row.ends_at,
        zone=row.zone,
        state="open",
        carer="",
        carer_phone="",
        family=row.family_name,
        family_phone=row.family_phone or "",
        address=(row.place or {}).get("address") or "",
        children=len(row.child_ids),
    )
