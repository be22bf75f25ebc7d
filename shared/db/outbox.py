"""The outbox: what a command said, written in its transaction, published afterwards by the relay."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Identity,
    Index,
    LargeBinary,
    String,
    Table,
    Uuid,
    any_,
    bindparam,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Session

from shared.db.types import KIT, Instant
from shared.messages import LARGEST_BODY, Message

OUTBOX_CHANNEL = "vesper_outbox"

outbox = Table(
    "outbox",
    KIT,
    Column("position", BigInteger, Identity(always=True), primary_key=True),
    Column("message_id", String, nullable=False, unique=True),
    Column("topic", String, nullable=False),
    Column("key", String, nullable=False),
    Column("type", String, nullable=False),
    Column("desk_id", Uuid),
    Column("time", Instant, nullable=False),
    Column("correlation_id", String, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("extensions", JSONB, nullable=False),
    Column("published_at", Instant),
    Index("ix_outbox_unpublished", "position", postgresql_where="published_at IS NULL"),
)


def write(session: Session, messages: Sequence[Message]) -> None:
    """Add messages to the transaction; they exist for others only once it commits.

    Raises ValueError for one larger than the bus carries: better no commit than an outbox that never moves again.
    """
    if not messages:
        return
    for message in messages:
        if len(message.body) > LARGEST_BODY:
            raise ValueError(f"{message.type} of {message.key} has {len(message.body)} bytes; {LARGEST_BODY} at most.")
    session.execute(
        _WRITE,
        [
            {
                "message_id": message.message_id,
                "topic": message.topic,
                "key": message.key,
                "type": message.type,
                "desk_id": message.desk_id,
                "time": message.time,
                "correlation_id": message.correlation_id,
                "body": message.body,
                "extensions": dict(message.extensions),
            }
            for message in messages
        ],
    )


def unpublished(connection: Connection, limit: int) -> list[tuple[int, Message]]:
    """The oldest unpublished messages with their positions, in order.

    Selecting by "not yet published" rather than "after the last position" can't skip a row that was numbered early
    and committed late.
    """
    rows = connection.execute(_UNPUBLISHED, {"limit": limit}).all()
    return [
        (
            row.position,
            Message(
                message_id=row.message_id,
                topic=row.topic,
                key=row.key,
                type=row.type,
                desk_id=row.desk_id,
                time=row.time,
                correlation_id=row.correlation_id,
                body=row.body,
                extensions=row.extensions,
                origin=f"outbox/{row.topic}/{row.position}",
            ),
        )
        for row in rows
    ]


def mark_published(connection: Connection, positions: Sequence[int], at: datetime) -> None:
    """Say that these rows reached the bus."""
    connection.execute(_MARK, {"positions": list(positions), "at": at})


def backlog(session: Session) -> tuple[int, datetime | None]:
    """How many rows wait to be published, and since when the oldest does."""
    row = session.execute(select(func.count(), func.min(outbox.c.time)).where(outbox.c.published_at.is_(None))).one()
    return row[0], row[1]


# Building a statement takes longer than running it; these are run for every message and built once.
_WRITE = insert(outbox)
_UNPUBLISHED = (
    select(outbox).where(outbox.c.published_at.is_(None)).order_by(outbox.c.position).limit(bindparam("limit"))
)
_MARK = (
    update(outbox)
    .where(outbox.c.position == any_(bindparam("positions", type_=ARRAY(BigInteger))))
    .values(published_at=bindparam("at"))
)
