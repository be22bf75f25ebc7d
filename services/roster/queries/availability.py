"""When carers are free, read back from the rows."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.roster.domain.availability import Differs, Rotation
from services.roster.tables.carers import availabilities, availability_exceptions, busy_feeds, carers
from shared.contracts.roster import FreeOrBusy, LeaveBy, QuietHours, WeeklyHours
from shared.domain.errors import NotFound
from shared.domain.values import TimeWindow

NEVER_SAID = Rotation()


def rotation_of(row: Any) -> Rotation:
    """The rotation as its row keeps it; of a carer who never said any, none."""
    if row is None or row.weekly is None:
        return NEVER_SAID
    return Rotation(
        weekly=tuple(
            WeeklyHours(
                week=each.get("week", 0),
                weekday=each["weekday"],
                start=time.fromisoformat(each["start"]),
                end=time.fromisoformat(each["end"]),
            )
            for each in row.weekly
        ),
        weeks=row.weeks,
        first_monday=row.first_monday,
        on_holidays=row.on_holidays,
        quiet=tuple(
            QuietHours(start=time.fromisoformat(each["start"]), end=time.fromisoformat(each["end"]))
            for each in row.quiet
        ),
        urgent_in_quiet=row.urgent_in_quiet,
        leave_by=tuple(LeaveBy(weekday=each["weekday"], at=time.fromisoformat(each["at"])) for each in row.leave_by),
    )


def availability_facts(session: Session, carer_id: UUID, start: datetime, end: datetime) -> dict[str, Any]:
    """What is told of when a carer is free, exceptions between these times, the latest said first."""
    row = session.execute(select(availabilities).where(availabilities.c.carer_id == carer_id)).one()
    zone = session.execute(select(carers.c.home).where(carers.c.carer_id == carer_id)).scalar_one()["zone"]
    rotation = rotation_of(row)
    exceptions = session.execute(
        select(availability_exceptions)
        .where(
            availability_exceptions.c.carer_id == carer_id,
            availability_exceptions.c.ends_at > start,
            availability_exceptions.c.starts_at < end,
        )
        .order_by(
            availability_exceptions.c.said_at.desc(),
            availability_exceptions.c.starts_at,
            availability_exceptions.c.exception_id,
        )
    ).all()
    return {
        "version": row.version,
        "zone": zone,
        "weekly": rotation.weekly,
        "weeks": rotation.weeks,
        "first_monday": rotation.first_monday,
        "on_holidays": rotation.on_holidays,
        "exceptions": tuple(FreeOrBusy(start=each.starts_at, end=each.ends_at, free=each.free) for each in exceptions),
        "quiet": rotation.quiet,
        "urgent_in_quiet": rotation.urgent_in_quiet,
        "leave_by": rotation.leave_by,
    }


def week_of(session: Session, carer_id: UUID, now: datetime) -> dict[str, Any]:
    """When a carer said they are free, what differs from now on, and the calendars they subscribed to. Raises NotFound."""
    home = session.execute(
        select(carers.c.home).where(carers.c.carer_id == carer_id, carers.c.left_on.is_(None))
    ).scalar_one_or_none()
    if home is None:
        raise NotFound(f"There is no carer {carer_id} at this desk.")
    row = session.execute(select(availabilities).where(availabilities.c.carer_id == carer_id)).one_or_none()
    rotation = rotation_of(row)
    exceptions = session.execute(
        select(availability_exceptions)
        .where(availability_exceptions.c.carer_id == carer_id, availability_exceptions.c.ends_at > now)
        .order_by(availability_exceptions.c.starts_at, availability_exceptions.c.exception_id)
        .limit(500)
    ).mappings()
    feeds = session.execute(
        select(busy_feeds)
        .where(busy_feeds.c.carer_id == carer_id)
        .order_by(busy_feeds.c.added_at, busy_feeds.c.feed_id)
    ).mappings()
    return {
        "zone": home["zone"],
        "weekly": rotation.weekly,
        "weeks": rotation.weeks,
        "first_monday": rotation.first_monday,
        "on_holidays": rotation.on_holidays,
        "quiet": rotation.quiet,
        "urgent_in_quiet": rotation.urgent_in_quiet,
        "leave_by": rotation.leave_by,
        "exceptions": [
            {
                "exception_id": each["exception_id"],
                "start": each["starts_at"],
                "end": each["ends_at"],
                "free": each["free"],
                "source": each["source"],
            }
            for each in exceptions
        ],
        "calendars": [dict(each) for each in feeds],
    }


def availability_of_all(
    session: Session, start: datetime, end: datetime
) -> tuple[Mapping[UUID, Rotation], Mapping[UUID, list[Differs]]]:
    """Every carer's rotation, and what differs from it between these times."""
    rotations = {row.carer_id: rotation_of(row) for row in session.execute(select(availabilities))}
    differs: dict[UUID, list[Differs]] = {}
    rows = session.execute(
        select(availability_exceptions).where(
            availability_exceptions.c.ends_at > start, availability_exceptions.c.starts_at < end
        )
    )
    for row in rows:
        differs.setdefault(row.carer_id, []).append(
            Differs(window=TimeWindow(row.starts_at, row.ends_at), free=row.free, said_at=row.said_at)
        )
    return rotations, differs
