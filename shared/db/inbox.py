"""The inbox: which messages were handled, and those that came too early and wait for something to arrive."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Exists,
    Identity,
    Index,
    LargeBinary,
    String,
    Table,
    Uuid,
    any_,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session

from shared.db.types import KIT, Instant
from shared.messages import Message

DONE, PARKED, READY, DEAD = "done", "parked", "ready", "dead"
BEHIND = "behind an earlier message of the same key"
# What was parked at the very moment its cause arrived is found soon; the longer one waits, the rarer it is tried.
RETRY_AFTER, RETRY_AT_LAST = timedelta(seconds=2), timedelta(seconds=60)

inbox = Table(
    "inbox",
    KIT,
    Column("message_id", String, primary_key=True),
    Column("sequence", BigInteger, Identity(always=True), nullable=False),
    Column("topic", String, nullable=False),
    Column("key", String, nullable=False),
    Column("type", String, nullable=False),
    Column("desk_id", Uuid),
    Column("state", String, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("waiting_for", String),
    Column("retry_at", Instant),
    Column("time", Instant),
    Column("correlation_id", String),
    Column("origin", String),
    Column("body", LargeBinary),
    Index("ix_inbox_waiting", "topic", "key", "sequence", postgresql_where="state IN ('parked', 'ready')"),
    Index("ix_inbox_waiting_for", "waiting_for", postgresql_where="state = 'parked'"),
)


class TooEarly(Exception):
    """What another service owns isn't here yet; the message waits for it. `waiting_for` is such as `visit/<id>`."""

    def __init__(self, kind: str, key: object) -> None:
        super().__init__(f"{kind} {key} is not known here yet")
        self.waiting_for = f"{kind}/{key}"


class AlreadyDone(Exception):
    """The claim was taken before: the effect is there already and must not happen again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A message that waits: which one in the order of arrival, since when, and for what."""

    sequence: int
    message: Message
    since: datetime
    waiting_for: str


@dataclass(frozen=True, slots=True)
class MessageClaim:
    """Claims a message in the command's transaction: delivered twice, done once, and in order for its key."""

    message: Message

    def take(self, session: Session, now: datetime) -> None:
        """Raises AlreadyDone for a message seen before, TooEarly when an earlier one of its key still waits."""
        _lock_key(session, self.message)
        claimed = session.execute(_CLAIM, _claimed(self.message, DONE, now)).first()
        if claimed is None:
            raise AlreadyDone
        if claimed.earlier_wait:
            raise TooEarly(BEHIND, f"{self.message.topic}/{self.message.key}")

    def cause(self) -> str:
        return f"{self.message.topic}/{self.message.message_id}"


@dataclass(frozen=True, slots=True)
class ParkedClaim:
    """Claims a parked message that may now be handled: it must be the first still waiting for its key."""

    message: Message
    sequence: int

    def take(self, session: Session, now: datetime) -> None:
        """Raises AlreadyDone when another process was faster."""
        _lock_key(session, self.message)
        earlier = _earlier_waits(self.message.topic, self.message.key).where(inbox.c.sequence < self.sequence)
        if session.execute(select(earlier)).scalar_one():
            raise AlreadyDone
        settled = session.execute(
            update(inbox)
            .where(inbox.c.message_id == self.message.message_id, _WAITS)
            .values(state=DONE, body=None, waiting_for=None, retry_at=None)
            .returning(inbox.c.message_id)
        ).first()
        if settled is None:
            raise AlreadyDone
        _make_next_ready(session, self.message, self.sequence)

    def cause(self) -> str:
        return f"{self.message.topic}/{self.message.message_id}"


def park(session: Session, message: Message, waiting_for: str, now: datetime, *, since: datetime) -> None:
    """Keep a message that came too early, to be tried when what it waits for arrives, or after a while.

    `since` is when it came; it is the present for one that just did.
    """
    values: dict[str, Any] = {
        "waiting_for": waiting_for,
        "retry_at": now + min(max((now - since) / 2, RETRY_AFTER), RETRY_AT_LAST),
        "time": message.time,
        "correlation_id": message.correlation_id,
        "origin": message.origin,
        "body": message.body,
    }
    _lock_key(session, message)
    if not _claim(session, message, PARKED, now, **values):
        session.execute(
            update(inbox).where(inbox.c.message_id == message.message_id, _WAITS).values(state=PARKED, **values)
        )


def bury(session: Session, message: Message, now: datetime) -> bool:
    """Mark a message that can never be handled, so that those behind it go on; False for one that was settled before."""
    _lock_key(session, message)
    if _claim(session, message, DEAD, now):
        return True
    row = session.execute(
        update(inbox)
        .where(inbox.c.message_id == message.message_id, _WAITS)
        .values(state=DEAD, body=None, waiting_for=None, retry_at=None)
        .returning(inbox.c.sequence)
    ).first()
    if row is None:
        return False
    _make_next_ready(session, message, row.sequence)
    return True


def forget(session: Session, message_id: str) -> None:
    """Release the claim of a dead message, so that a replay is handled as if it had never come."""
    session.execute(inbox.delete().where(inbox.c.message_id == message_id, inbox.c.state == DEAD))


def release(session: Session, arrived: set[str]) -> bool:
    """What these waited for has arrived: they are ready to be handled once this transaction commits; says if there are any."""
    if not arrived:
        return False
    return session.execute(_RELEASE, {"arrived": sorted(arrived)}).first() is not None


def next_ready(session: Session, now: datetime, after: int) -> Waiting | None:
    """The first message after this sequence that may be handled now: released, or waiting long enough to be tried.

    One behind another of its key is passed over: its turn comes when that one is settled.
    """
    row = session.execute(_NEXT_READY, {"now": now, "after": after}).first()
    if row is None:
        return None
    message = Message(
        message_id=row.message_id,
        topic=row.topic,
        key=row.key,
        type=row.type,
        desk_id=row.desk_id,
        time=row.time,
        correlation_id=row.correlation_id,
        body=row.body,
        origin=row.origin,
    )
    return Waiting(sequence=row.sequence, message=message, since=row.received_at, waiting_for=row.waiting_for)


def waiting(session: Session) -> int:
    """How many messages are parked or ready."""
    return session.execute(select(func.count()).select_from(inbox).where(_WAITS)).scalar_one()


def _claim(session: Session, message: Message, state: str, now: datetime, **more: Any) -> bool:
    claiming = insert(inbox).values(_claimed(message, state, now) | more).on_conflict_do_nothing()
    return session.execute(claiming.returning(inbox.c.message_id)).first() is not None


def _claimed(message: Message, state: str, now: datetime) -> dict[str, Any]:
    return {
        "message_id": message.message_id,
        "topic": message.topic,
        "key": message.key,
        "type": message.type,
        "desk_id": message.desk_id,
        "state": state,
        "received_at": now,
    }


def _lock_key(session: Session, message: Message) -> None:
    # Redelivery after a rebalance can bring one key to two processes at once; order is kept by taking turns.
    session.execute(_LOCK_KEY, {"key": f"{message.topic}/{message.key}"})


def _earlier_waits(topic: Any, key: Any) -> Exists:
    return exists().where(inbox.c.topic == topic, inbox.c.key == key, _WAITS)


def _make_next_ready(session: Session, message: Message, sequence: int) -> None:
    following = (
        select(inbox.c.message_id)
        .where(
            inbox.c.topic == message.topic,
            inbox.c.key == message.key,
            inbox.c.state == PARKED,
            inbox.c.sequence > sequence,
        )
        .order_by(inbox.c.sequence)
        .limit(1)
        .scalar_subquery()
    )
    session.execute(update(inbox).where(inbox.c.message_id == following).values(state=READY))


# Written out, not bound: the planner must see that the partial index holds all of them.
_WAITS = inbox.c.state.in_([literal_column(f"'{PARKED}'"), literal_column(f"'{READY}'")])
_EARLIER = inbox.alias("earlier")
_NEXT_READY = (
    select(inbox)
    .where(
        _WAITS,
        inbox.c.sequence > bindparam("after"),
        or_(inbox.c.state == READY, inbox.c.retry_at <= bindparam("now")),
        ~exists().where(
            _EARLIER.c.topic == inbox.c.topic,
            _EARLIER.c.key == inbox.c.key,
            _EARLIER.c.state.in_([literal_column(f"'{PARKED}'"), literal_column(f"'{READY}'")]),
            _EARLIER.c.sequence < inbox.c.sequence,
        ),
    )
    .order_by(inbox.c.sequence)
    .limit(1)
)
# Every message runs these; building a statement takes longer than running it.
_RELEASE = (
    update(inbox)
    .where(
        inbox.c.state == literal_column(f"'{PARKED}'"),
        inbox.c.waiting_for == any_(bindparam("arrived", type_=ARRAY(String))),
    )
    .values(state=literal_column(f"'{READY}'"))
    .returning(inbox.c.message_id)
)
_LOCK_KEY = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")
_CLAIM = (
    insert(inbox)
    .values(
        {name: bindparam(name) for name in ("message_id", "topic", "key", "type", "desk_id", "state", "received_at")}
    )
    .on_conflict_do_nothing()
    .returning(select(_earlier_waits(bindparam("topic"), bindparam("key"))).scalar_subquery().label("earlier_wait"))
)
