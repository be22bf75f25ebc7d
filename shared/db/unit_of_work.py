"""What a handler may touch: rows of the caller's desk, aggregates, events, timers; nothing that can't be rolled back."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, Table, bindparam, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from shared.auth.roles import Caller
from shared.clock import Ids
from shared.db import inbox, outbox, timers
from shared.domain.aggregate import Aggregate
from shared.domain.errors import NotFound
from shared.domain.event import Event
from shared.messages import Message, encode

A = TypeVar("A", bound=Aggregate)


class UnitOfWork:
    """One transaction of one command. Aggregates are held strongly: an event of one the session forgot would be lost."""

    def __init__(
        self, session: Session, *, topic: str, caller: Caller, now: datetime, ids: Ids, correlation_id: str
    ) -> None:
        self.session = session
        self.caller = caller
        self.now = now
        self.correlation_id = correlation_id
        self.topic = topic
        self._ids = ids
        self._seen: list[Aggregate] = []
        self._recorded: list[Event] = []
        self._arrived: set[str] = set()

    def new_id(self) -> UUID:
        """An id that follows from what caused this command."""
        return self._ids.new()

    def open(self) -> None:
        """Bind the transaction to the caller's desk; row-level security compares every row with it."""
        desk = str(self.caller.desk_id) if self.caller.desk_id else ""
        self.session.execute(_BIND_TO_DESK, {"desk": desk})

    def add(self, aggregate: Aggregate) -> None:
        """Keep a new aggregate."""
        self.session.add(aggregate)
        self._seen.append(aggregate)

    def get(self, kind: type[A], key: object, *, lock: bool = False) -> A:
        """The desk's aggregate, locked against other commands if asked. Raises NotFound."""
        found = self.find(kind, key, lock=lock)
        if found is None:
            raise NotFound(f"There is no {_plain(kind)} {key} at this desk.")
        return found

    def find(self, kind: type[A], key: object, *, lock: bool = False) -> A | None:
        """The desk's aggregate or None."""
        found = self.session.get(kind, key, with_for_update=lock or None, populate_existing=lock)
        if found is not None and found not in self._seen:
            self._seen.append(found)
        return found

    def hold(self, aggregate: A) -> A:
        """Hold an aggregate that a query found, so that what it records is published."""
        if aggregate not in self._seen:
            self._seen.append(aggregate)
        return aggregate

    def record(self, event: Event) -> None:
        """Say something that no aggregate says for itself."""
        self._recorded.append(event)

    def set_timer(self, kind: str, key: object, due_at: datetime, **facts: Any) -> None:
        """Have `timers.py` do something about this thing at that time; a timer of the same kind and key is moved."""
        timers.set_timer(
            self.session, self.new_id(), self.caller.desk, kind, str(key), due_at, facts, self.correlation_id
        )

    def cancel_timer(self, kind: str, key: object) -> None:
        timers.cancel_timer(self.session, self.caller.desk, kind, str(key))

    def arrived(self, kind: str, key: object) -> None:
        """Say that this is here now: messages that came too early for it are handled next."""
        self._arrived.add(f"{kind}/{key}")

    def keep_copy(self, table: Table, key: Mapping[str, Any], *, version: int, values: Mapping[str, Any]) -> bool:
        """Keep what another service owns, unless a newer version is here already; says whether it was kept.

        The table's primary key is `key`; it has a `version` column.
        """
        row = {**key, "version": version, **values}
        return self.session.execute(_keeping(table, tuple(key), tuple(row)), row).first() is not None

    def one(self, table: Table, **key: Any) -> Any:
        """The row of this table with this key, or None."""
        return self.session.execute(_looking_up(table, tuple(key)), key).one_or_none()

    def finish(self) -> bool:
        """Flush, then write the outbox: the version check orders writers, and the outbox keeps that order per key.

        Says whether messages that had waited can be handled now.
        """
        self.session.flush()
        events = [event for aggregate in self._seen for event in aggregate.take_recorded()] + self._recorded
        outbox.write(self.session, [self._message(event) for event in events])
        return inbox.release(self.session, self._arrived)

    def _message(self, event: Event) -> Message:
        return Message(
            message_id=str(self.new_id()),
            topic=self.topic,
            key=event.key,
            type=event.wire_name,
            desk_id=event.desk_id,
            time=self.now,
            correlation_id=self.correlation_id,
            body=encode(event),
        )


# Building a statement takes longer than running it; these are run by every command and built once.
_BIND_TO_DESK = text("SELECT set_config('app.desk_id', :desk, true)")


@cache
def _keeping(table: Table, key: tuple[str, ...], columns: tuple[str, ...]) -> ReturningInsert[Any]:
    statement = insert(table).values({name: bindparam(name) for name in columns})
    return statement.on_conflict_do_update(
        index_elements=list(key),
        set_={name: statement.excluded[name] for name in columns if name not in key},
        where=table.c.version < statement.excluded.version,
    ).returning(table.c.version)


@cache
def _looking_up(table: Table, key: tuple[str, ...]) -> Select[Any]:
    return select(table).where(*(table.c[name] == bindparam(name) for name in key))


def _plain(kind: type[Aggregate]) -> str:
    words = "".join(" " + letter.lower() if letter.isupper() else letter for letter in kind.__name__)
    return words.strip()
