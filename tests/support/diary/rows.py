"""What stands in the tables of the diary and its reader, read as the desk that owns it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Table, select, text
from sqlalchemy.orm import Session, sessionmaker

from tests.support.diary.tables import heard


def rows_of(sessions: sessionmaker[Session], table: Table, desk_id: UUID | None = None) -> Sequence[Any]:
    """All rows of this table that the desk may see."""
    with sessions() as session:
        session.execute(text("SELECT set_config('app.desk_id', :desk, true)"), {"desk": str(desk_id or "")})
        return session.execute(select(table)).all()


def numbers_heard(sessions: sessionmaker[Session], desk_id: UUID) -> Mapping[UUID, list[int]]:
    """For each page or note, the numbers acted on, in the order in which that was done."""
    found: dict[UUID, list[int]] = defaultdict(list)
    for row in sorted(rows_of(sessions, heard, desk_id), key=lambda row: row.position):
        found[row.key].append(row.number)
    return found
