"""What holds a carer, at this desk and, without saying whose, at others."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select, text
from sqlalchemy.orm import Session

from services.roster.domain.calendar import REACH, CarerNow, Held
from services.roster.domain.visit import HOLDING
from services.roster.tables import absences, carers, credentials, visits
from shared.domain.credentials import CredentialHeld
from shared.domain.values import Place, TimeWindow


def carer_now(session: Session, carer_id: UUID) -> CarerNow | None:
    """The carer as this desk knows them."""
    row = session.execute(select(carers).where(carers.c.carer_id == carer_id)).one_or_none()
    if row is None:
        return None
    papers = session.execute(
        select(credentials)
        .where(credentials.c.carer_id == carer_id)
        .order_by(credentials.c.kind, credentials.c.valid_from, credentials.c.credential_id)
    ).all()
    return CarerNow(
        home=place_of(row.home),
        modes=tuple(row.modes),
        transport=row.transport,
        credentials=tuple(
            CredentialHeld(kind=each.kind, valid_from=each.valid_from, valid_until=each.valid_until) for each in papers
        ),
        own_children_born=tuple(row.own_children_born),
    )


def holding(
    session: Session, carer_id: UUID, start: datetime, end: datetime, besides: UUID
) -> tuple[list[Held], list[TimeWindow]]:
    """The visits that hold the carer around this time, at every desk, and the times they are away altogether."""
    reach = (start - REACH, end + REACH)
    own = session.execute(
        select(visits)
        .where(
            visits.c.carer_id == carer_id,
            visits.c.visit_id != besides,
            visits.c.state.in_([state.value for state in HOLDING]),
            visits.c.during.op("&&")(func.tstzrange(*reach)),
        )
        .order_by(visits.c.starts_at, visits.c.visit_id)
    ).all()
    away = session.execute(
        select(absences)
        .where(absences.c.carer_id == carer_id, absences.c.starts_at < end, absences.c.ends_at > start)
        .order_by(absences.c.starts_at, absences.c.absence_id)
    ).all()
    elsewhere = session.execute(
        text("SELECT * FROM busy_at_other_desks(:person, :start, :end)"),
        {"person": carer_id, "start": reach[0], "end": reach[1]},
    ).all()
    held = [_own(row) for row in own] + [_other(row) for row in elsewhere if row.place_id is not None]
    windows = [TimeWindow(row.starts_at, row.ends_at) for row in [*away, *_absent(elsewhere)]]
    return held, windows


def place_of(facts: dict[str, Any]) -> Place:
    """A place as its copy keeps it."""
    return Place(
        place_id=UUID(facts["place_id"]),
        latitude=facts["latitude"],
        longitude=facts["longitude"],
        zone=facts["zone"],
        area=facts["area"],
        address=facts.get("address"),
    )


def _own(row: Row[Any]) -> Held:
    return Held(
        window=TimeWindow(row.starts_at, row.held_until),
        place=Place(
            place_id=row.place_id, latitude=row.latitude, longitude=row.longitude, zone=row.zone, area=row.area
        ),
        mode=row.mode,
        children=tuple(zip(row.child_ids, row.children_born, strict=False)),
        family_id=row.family_id,
        shared_care_id=row.shared_care_id,
    )


def _other(row: Row[Any]) -> Held:
    # Whose children they are is not told here; numbers stand for them, so that each counts once.
    first = row.place_id.int ^ int(row.starts_at.timestamp()) ^ (int(row.ends_at.timestamp()) << 64)
    children = tuple((UUID(int=(first + n) % 2**128), born) for n, born in enumerate(row.children_born))
    return Held(
        window=TimeWindow(row.starts_at, row.ends_at),
        place=Place(place_id=row.place_id, latitude=row.latitude, longitude=row.longitude, zone="UTC", area=""),
        mode=row.mode,
        children=children,
    )


def _absent(elsewhere: Sequence[Row[Any]]) -> list[Row[Any]]:
    return [row for row in elsewhere if row.place_id is None]
