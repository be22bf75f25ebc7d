"""The six elements of electronic visit verification: what, to whom, on which day, where, by whom, from when to when."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from services.roster.domain.carer import Mode
from services.roster.domain.visit_terms import State
from services.roster.queries.ranges import check_range
from services.roster.tables.carers import carers
from services.roster.tables.copies import families, visit_terms
from services.roster.tables.visits import visits

HEADER = (
    "visit_id",
    "type_of_service",
    "individual_receiving",
    "date",
    "location",
    "individual_providing",
    "begin_time",
    "end_time",
    "check_in_grade",
    "check_out_grade",
)


def evv_rows(session: Session, start: datetime, end: datetime) -> list[list[str]]:
    """A row for each visit that took place and began in this time (21st Century Cures Act, section 12006).

    One row stands for one child, since the service is the child's. Raises Invalid for a range too long.
    """
    check_range(start, end)
    rows = session.execute(
        select(
            visits,
            carers.c.first_name,
            carers.c.last_name,
            carers.c.home,
            families.c.children,
            families.c.name.label("family_name"),
            visit_terms.c.place.label("asked_place"),
        )
        .select_from(
            visits.join(carers, and_(carers.c.desk_id == visits.c.desk_id, carers.c.carer_id == visits.c.carer_id))
            .join(families, families.c.family_id == visits.c.family_id)
            .join(visit_terms, visit_terms.c.visit_id == visits.c.visit_id)
        )
        .where(visits.c.state == State.COMPLETED.value, visits.c.started_at >= start, visits.c.started_at < end)
        .order_by(visits.c.started_at, visits.c.visit_id)
    ).all()
    found = []
    for row in rows:
        zone = ZoneInfo(row.zone)
        place = row.home if row.mode == Mode.CARER_HOME else row.asked_place
        names = {child["child_id"]: child["first_name"] for child in row.children}
        began, ended = row.started_at.astimezone(zone), row.ended_at.astimezone(zone)
        for child_id in row.child_ids:
            known = row.presences.get(str(child_id), {})
            came = datetime.fromisoformat(known["came"]).astimezone(zone) if "came" in known else began
            left = datetime.fromisoformat(known["left"]).astimezone(zone) if "left" in known else ended
            found.append(
                [
                    str(row.visit_id),
                    f"child care at {'the carer' if row.mode == Mode.CARER_HOME else 'the family'}'s home",
                    f"{names.get(str(child_id), '')} {row.family_name}".strip(),
                    came.date().isoformat(),
                    (place or {}).get("address") or f"{row.latitude:.5f},{row.longitude:.5f}",
                    f"{row.first_name} {row.last_name}",
                    came.isoformat(timespec="seconds"),
                    left.isoformat(timespec="seconds"),
                    (row.check_in or {}).get("grade", "corrected"),
                    (row.check_out or {}).get("grade", "corrected"),
                ]
            )
    return found
