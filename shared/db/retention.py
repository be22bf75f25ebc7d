"""Nothing is kept for ever: what was published, handled, fired, answered or died long ago is removed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, delete, select, tuple_

from shared.db.dead_letters import dead_letters
from shared.db.idempotency import idempotency_keys
from shared.db.inbox import DEAD, DONE, inbox
from shared.db.outbox import outbox
from shared.db.timers import timers_fired
from shared.db.unit_of_work import UnitOfWork

# Few enough that nobody waits for the locks of one round.
BATCH = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Prune:
    """Remove what came to its end before these instants; dead letters wait longer, for a person who may be away."""

    before: datetime
    dead_letters_before: datetime


def prune(command: Prune, uow: UnitOfWork) -> int:
    """Remove at most one batch of each table; says how many rows went. What still waits is never removed."""
    ended: tuple[tuple[Table, ColumnElement[bool]], ...] = (
        (outbox, outbox.c.published_at < command.before),
        (inbox, (inbox.c.received_at < command.before) & inbox.c.state.in_((DONE, DEAD))),
        (timers_fired, timers_fired.c.fired_at < command.before),
        (idempotency_keys, idempotency_keys.c.at < command.before),
        (dead_letters, dead_letters.c.died_at < command.dead_letters_before),
    )
    return sum(_remove(uow, table, old) for table, old in ended)


def _remove(uow: UnitOfWork, table: Table, old: ColumnElement[bool]) -> int:
    key: list[Column[Any]] = list(table.primary_key)
    # Rows that another copy of the service removes at this moment are left to it.
    batch = select(*key).where(old).limit(BATCH).with_for_update(skip_locked=True)
    removed = uow.session.execute(delete(table).where(tuple_(*key).in_(batch)).returning(key[0]))
    return len(removed.all())
