"""Messages that could never be handled: kept with their origin, listed, and replayed once the cause is mended."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, LargeBinary, String, Table, Uuid, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.db import outbox
from shared.db.types import KIT, Instant
from shared.messages import Message

dead_letters = Table(
    "dead_letters",
    KIT,
    Column("message_id", String, primary_key=True),
    Column("topic", String, nullable=False),
    Column("key", String, nullable=False),
    Column("type", String, nullable=False),
    Column("desk_id", Uuid),
    Column("time", Instant, nullable=False),
    Column("correlation_id", String, nullable=False),
    Column("origin", String, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("reason", String, nullable=False),
    Column("died_at", Instant, nullable=False, index=True),
    Column("replayed_at", Instant),
)

_LONGEST_REASON = 1_000
_MOST_PUBLISHED = 500_000


class TooManyDeadLetters(Exception):
    """So many messages died in so short a time that the fault is ours, not theirs: the service stops and says so."""


def keep(session: Session, service: str, message: Message, reason: str, now: datetime, *, published_as: str) -> None:
    """Keep a dead letter and, in the same transaction, have the relay publish it to `dead-letters.<service>`.

    If it can't be kept nothing commits, so the message isn't lost: it comes again. What is published says where it
    came from (topic, partition and offset) and why it died; a body longer than a broker takes is whole in the table
    only. One that dies again when replayed keeps the time of its first death.
    """
    reason = reason.replace("\x00", "\\0")[:_LONGEST_REASON]
    values = {
        "topic": message.topic,
        "key": message.key,
        "type": message.type,
        "desk_id": message.desk_id,
        "time": message.time,
        "correlation_id": message.correlation_id,
        "origin": message.origin,
        "body": message.body,
        "reason": reason,
        "replayed_at": None,
    }
    session.execute(
        insert(dead_letters)
        .values(message_id=message.message_id, died_at=now, **values)
        .on_conflict_do_update(index_elements=["message_id"], set_=values)
    )
    published = replace(
        message,
        message_id=published_as,
        topic=f"dead-letters.{service}",
        body=message.body[:_MOST_PUBLISHED],
        extensions={"origin": message.origin, "originid": message.message_id, "reason": reason},
    )
    outbox.write(session, [published])


def check_limit(session: Session, now: datetime, *, limit: int, window: timedelta) -> None:
    """Raises TooManyDeadLetters when more than `limit` messages died within `window` and weren't replayed since."""
    count = session.execute(
        select(func.count())
        .select_from(dead_letters)
        .where(dead_letters.c.died_at > now - window, dead_letters.c.replayed_at.is_(None))
    ).scalar_one()
    if count > limit:
        raise TooManyDeadLetters(f"{count} messages died within {window}; the last deployment is the likely cause.")


def listed(session: Session) -> Sequence[Any]:
    """The dead letters not yet replayed, oldest first."""
    return session.execute(
        select(dead_letters).where(dead_letters.c.replayed_at.is_(None)).order_by(dead_letters.c.died_at)
    ).all()


def mark_replayed(session: Session, message_id: str, now: datetime) -> None:
    session.execute(update(dead_letters).where(dead_letters.c.message_id == message_id).values(replayed_at=now))


def message_of(row: Any) -> Message:
    """The message as it came."""
    return Message(
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
