"""Time as an entrance: due rows in the service's own database, claimed by one process, become commands."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Integer, String, Table, UniqueConstraint, Uuid, delete, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Session

from shared.db.inbox import AlreadyDone
from shared.db.types import KIT, Instant

TIMERS_CHANNEL = "vesper_timers"

timers = Table(
    "timers",
    KIT,
    Column("timer_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("kind", String, nullable=False),
    Column("key", String, nullable=False),
    Column("due_at", Instant, nullable=False, index=True),
    Column("facts", JSONB, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    UniqueConstraint("kind", "key"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A timer whose time has come: what kind, about which thing (`key`), and what it was told to remember."""

    timer_id: UUID
    desk_id: UUID
    kind: str
    key: str
    due_at: datetime
    facts: Mapping[str, Any]

    @property
    def key_uuid(self) -> UUID:
        return UUID(self.key)


@dataclass(frozen=True, slots=True)
class TimerClaim:
    """Claims a due timer in the command's transaction; one that another process holds is left to it."""

    due: Due

    def take(self, session: Session, now: datetime) -> None:
        mine = (
            select(timers.c.timer_id)
            .where(timers.c.timer_id == self.due.timer_id, timers.c.due_at <= now)
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
        taken = session.execute(delete(timers).where(timers.c.timer_id == mine).returning(timers.c.timer_id)).first()
        if taken is None:
            raise AlreadyDone

    def cause(self) -> str:
        return f"timer/{self.due.kind}/{self.due.key}/{self.due.due_at.isoformat()}"


def set_timer(
    session: Session, timer_id: UUID, desk_id: UUID, kind: str, key: str, due_at: datetime, facts: Mapping[str, Any]
) -> None:
    """Set or move the timer of this kind for this thing."""
    values = {"due_at": due_at, "facts": dict(facts), "attempts": 0}
    session.execute(
        insert(timers)
        .values(timer_id=timer_id, desk_id=desk_id, kind=kind, key=key, **values)
        .on_conflict_do_update(index_elements=["kind", "key"], set_={**values, "timer_id": timer_id})
    )


def cancel_timer(session: Session, kind: str, key: str) -> None:
    session.execute(delete(timers).where(timers.c.kind == kind, timers.c.key == key))


def due_timers(session: Session, now: datetime, limit: int) -> list[Due]:
    """Timers whose time has come, earliest first; ties by kind and key, so that a replayed week runs the same."""
    rows = session.execute(
        select(timers).where(timers.c.due_at <= now).order_by(timers.c.due_at, timers.c.kind, timers.c.key).limit(limit)
    ).all()
    return [
        Due(timer_id=r.timer_id, desk_id=r.desk_id, kind=r.kind, key=r.key, due_at=r.due_at, facts=r.facts)
        for r in rows
    ]


def next_due_at(session: Session) -> datetime | None:
    """When the earliest timer is due; None when there is none."""
    return session.execute(select(timers.c.due_at).order_by(timers.c.due_at).limit(1)).scalar_one_or_none()


def postpone(session: Session, timer_id: UUID, now: datetime) -> None:
    """A timer whose command broke is tried again later: after 1, 2, 4 … seconds, at most 5 minutes."""
    attempts = session.execute(select(timers.c.attempts).where(timers.c.timer_id == timer_id)).scalar_one_or_none()
    if attempts is not None:
        wait = timedelta(seconds=min(2**attempts, 300))
        session.execute(
            update(timers).where(timers.c.timer_id == timer_id).values(attempts=attempts + 1, due_at=now + wait)
        )


def drop(session: Session, timer_id: UUID) -> None:
    """A timer whose command was refused has nothing left to do."""
    session.execute(delete(timers).where(timers.c.timer_id == timer_id))
