"""Messages to people: written once per key, claimed for an attempt, settled as sent or failed."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from services.identity.commands import ClaimMessage, SettleMessage
from services.identity.domain.texts import Words
from services.identity.tables import outbound_messages
from shared.db.unit_of_work import UnitOfWork

# Longer than one attempt may take, so that nobody else tries the same message meanwhile; then doubled up to a limit.
_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=1)
_DOUBLINGS = 6


class MessageState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class Channel(StrEnum):
    EMAIL = "email"
    SMS = "sms"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """A person and the ways they are reached, the preferred first."""

    person_id: UUID
    ways: tuple[tuple[Channel, str | None], ...]

    @property
    def way(self) -> tuple[Channel, str]:
        """The first way there is an address for."""
        return next(((channel, address) for channel, address in self.ways if address), (Channel.NONE, ""))


def write_message(uow: UnitOfWork, key: str, to: Recipient, words: Words, *, link: str = "") -> None:
    """Write a message, unless one with this key is there. Who can't be reached stays visible as failed."""
    channel, address = to.way
    unreachable = channel is Channel.NONE
    uow.session.execute(
        insert(outbound_messages)
        .values(
            message_id=uow.new_id(),
            desk_id=uow.caller.desk,
            key=key,
            person_id=to.person_id,
            channel=channel.value,
            address=address,
            language=words.language,
            subject=words.subject,
            text=words.text,
            link=link,
            state=(MessageState.FAILED if unreachable else MessageState.WAITING).value,
            attempts=0,
            next_try_at=uow.now,
            written_at=uow.now,
            cause="We have neither a phone number nor an e-mail address." if unreachable else None,
        )
        .on_conflict_do_nothing(index_elements=["desk_id", "key"])
    )


def was_written(uow: UnitOfWork, key: str) -> bool:
    """Whether there is a message with this key."""
    return uow.one(outbound_messages, desk_id=uow.caller.desk, key=key) is not None


def claim_message(command: ClaimMessage, uow: UnitOfWork) -> Any:
    """The message, for one attempt; None when it is settled, not due, or another process has it.

    A process killed after sending and before settling leaves it claimed: it is sent again later under the same key.
    """
    row = uow.session.execute(
        select(outbound_messages)
        .where(
            outbound_messages.c.message_id == command.message_id,
            outbound_messages.c.state == MessageState.WAITING.value,
            outbound_messages.c.next_try_at <= uow.now,
        )
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if row is not None:
        wait = min(_FIRST_WAIT * 2 ** min(row.attempts, _DOUBLINGS), _LONGEST_WAIT)
        _set(command.message_id, uow, attempts=row.attempts + 1, next_try_at=uow.now + wait)
    return row


def settle_message(command: SettleMessage, uow: UnitOfWork) -> None:
    """Mark a message as sent, or say why not yet or never."""
    if command.cause is None:
        _set(command.message_id, uow, state=MessageState.SENT.value, sent_at=uow.now, cause=None)
    elif command.give_up:
        _set(command.message_id, uow, state=MessageState.FAILED.value, cause=command.cause)
    else:
        _set(command.message_id, uow, cause=command.cause)


def forget_texts(person_id: UUID, uow: UnitOfWork) -> None:
    """Take away what a person was told and where; that something was sent stays countable."""
    mine = outbound_messages.c.person_id == person_id
    uow.session.execute(update(outbound_messages).where(mine).values(address="", subject="", text="", link=""))
    uow.session.execute(
        update(outbound_messages)
        .where(mine, outbound_messages.c.state == MessageState.WAITING.value)
        .values(state=MessageState.FAILED.value, cause="Erased before it was sent.")
    )


def _set(message_id: UUID, uow: UnitOfWork, **values: Any) -> None:
    # One that was settled meanwhile, by erasure or by an attempt that was thought lost, stays as it is.
    uow.session.execute(
        update(outbound_messages)
        .where(
            outbound_messages.c.message_id == message_id,
            outbound_messages.c.state == MessageState.WAITING.value,
        )
        .values(values)
    )
