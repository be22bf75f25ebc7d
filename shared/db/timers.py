"""Time as an entrance: due rows in the service's own database, claimed by one process, become commands."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Integer, String, Table, UniqueConstraint, Uuid, bindparam, delete, func, select, update
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
    Column("correlation_id", String, nullable=False),
    UniqueConstraint("desk_id", "kind", "key"),
)

timers_fired = Table(
    "timers_fired",
    KIT,
    Column("desk_id", Uuid, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("due_at", Instant, primary_key=True),
    Column("times", Integer, nullable=False),
    Column("fired_at", Instant, nullable=False, index=True),
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
    correlation_id: str = ""

    @property
    def key_uuid(self) -> UUID:
        return UUID(self.key)


@dataclass(slots=True)
class TimerClaim:
    """Claims a due timer in the command's transaction; one that another process holds is left to it.

    `times` counts how often a timer of this kind and thing fired for this very instant: one that was set again while
    the clock stood is another cause, or its ids would be those of the first.
    """

    due: Due
    times: int = 1

    def take(self, session: Session, now: datetime) -> None:
        due = self.due
        if session.execute(_TAKE, {"taken": due.timer_id, "now": now}).first() is None:
            raise AlreadyDone
        fired = {"desk_id": due.desk_id, "kind": due.kind, "key": due.key, "due_at": due.due_at, "fired_at": now}
        self.times = session.execute(_COUNT, fired).scalar_one()

    def cause(self) -> str:
        due = self.due
        return f"timer/{due.desk_id}/{due.kind}/{due.key}/{due.due_at.isoformat()}/{self.times}"


def set_timer(
    session: Session,
    timer_id: UUID,
    desk_id: UUID,
    kind: str,
    key: str,
    due_at: datetime,
    facts: Mapping[str, Any],
    correlation_id: str = "",
) -> None:
    """Set or move the desk's timer of this kind for this thing; what it leads to carries `correlation_id`."""
    timer = {"timer_id": timer_id, "desk_id": desk_id, "kind": kind, "key": key, "due_at": due_at}
    session.execute(_SET, {**timer, "facts": dict(facts), "attempts": 0, "correlation_id": correlation_id})


def cancel_timer(session: Session, desk_id: UUID, kind: str, key: str) -> None:
    session.execute(_CANCEL, {"of_desk": desk_id, "of_kind": kind, "of_key": key})


def upcoming_timers(session: Session, now: datetime, limit: int) -> list[Due]:
    """Timers whose time has come, earliest first, and after them those that are due next.

    Ties by kind, key and desk, so that a replayed week runs the same.
    """
    rows = session.execute(_UPCOMING, {"now": now, "limit": limit}).all()
    return [
        Due(
            timer_id=r.timer_id,
            desk_id=r.desk_id,
            kind=r.kind,
            key=r.key,
            due_at=r.due_at,
            facts=r.facts,
            correlation_id=r.correlation_id,
        )
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


# Building a statement takes longer than running it; these are run for every timer and built once.
_TAKE = (
    delete(timers)
    .where(
        timers.c.timer_id
        == select(timers.c.timer_id)
        .where(timers.c.timer_id == bindparam("taken"), timers.c.due_at <= bindparam("now"))
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    .returning(timers.c.timer_id)
)
_FIRED = insert(timers_fired).values(
    {name: bindparam(name) for name in ("desk_id", "kind", "key", "due_at", "fired_at")} | {"times": 1}
)
_COUNT = _FIRED.on_conflict_do_update(
    index_elements=["desk_id", "kind", "key", "due_at"],
    set_={"times": timers_fired.c.times + 1, "fired_at": _FIRED.excluded.fired_at},
).returning(timers_fired.c.times)
_NEW = insert(timers).values({column.name: bindparam(column.name) for column in timers.columns})
_SET = _NEW.on_conflict_do_update(
    index_elements=["desk_id", "kind", "key"],
    set_={name: _NEW.excluded[name] for name in ("timer_id", "due_at", "facts", "attempts", "correlation_id")},
)
_CANCEL = delete(timers).where(
    timers.c.desk_id == bindparam("of_desk"), timers.c.kind == bindparam("of_kind"), timers.c.key == bindparam("of_key")
)
_LATER = select(func.min(timers.c.due_at)).where(timers.c.due_at > bindparam("now")).scalar_subquery()
_UPCOMING = (
    select(timers)
    .where(timers.c.due_at <= func.coalesce(_LATER, bindparam("now")))
    .order_by(timers.c.due_at, timers.c.kind, timers.c.key, timers.c.desk_id)
    .limit(bindparam("limit"))
)
