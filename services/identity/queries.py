"""What people and other parts may ask."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, func, literal, or_, select, text, tuple_
from sqlalchemy.orm import Session

from services.identity.tables import accounts, desks, outbound_messages, sign_ins, signing_keys
from shared.db.types import Instant
from shared.domain.errors import Invalid, NotFound
from shared.http.paging import Page, Paging


def account_for_sign_in(session: Session, email: str) -> Any:
    """The open account of this e-mail at whatever desk: its id, desk and password hash, or None."""
    return session.execute(text("SELECT * FROM account_for_sign_in(:email)"), {"email": email}).one_or_none()


def desk_of_refresh_token(session: Session, token_hash: bytes) -> UUID | None:
    """The desk a refresh token belongs to, by its hash."""
    return session.execute(text("SELECT desk_of_refresh_token(:hash)"), {"hash": token_hash}).scalar_one_or_none()


def signing_key(session: Session, now: datetime) -> Any:
    """The key that signs now: the newest whose time has come; None before there is one."""
    return session.execute(
        select(signing_keys)
        .where(signing_keys.c.signs_from <= now)
        .order_by(signing_keys.c.signs_from.desc(), signing_keys.c.kid)
        .limit(1)
    ).one_or_none()


def newest_key_made_at(session: Session) -> datetime | None:
    """When the newest key was made."""
    return session.execute(select(func.max(signing_keys.c.made_at))).scalar_one_or_none()


def published_keys(session: Session, now: datetime) -> list[dict[str, Any]]:
    """The public keys that may still be met in a token, newest first."""
    rows = session.execute(
        select(signing_keys.c.public_jwk)
        .where(or_(signing_keys.c.published_until.is_(None), signing_keys.c.published_until > now))
        .order_by(signing_keys.c.signs_from.desc(), signing_keys.c.kid)
    ).scalars()
    return list(rows)


def desk(session: Session, desk_id: UUID) -> Any:
    """The desk. Raises NotFound."""
    row = session.execute(select(desks).where(desks.c.desk_id == desk_id)).one_or_none()
    if row is None:
        raise NotFound("This desk is not registered.")
    return row


def account(session: Session, account_id: UUID | None) -> Any:
    """The account, or None: whoever signed in with another issuer has none here."""
    return session.execute(select(accounts).where(accounts.c.account_id == account_id)).one_or_none()


def list_accounts(session: Session, paging: Paging) -> Page[Any]:
    """The desk's accounts by e-mail."""
    statement = select(accounts).order_by(accounts.c.email, accounts.c.account_id).limit(paging.limit + 1)
    if paging.after:
        email, _, account_id = paging.after.rpartition("|")
        cursor = tuple_(accounts.c.email, accounts.c.account_id)
        statement = statement.where(cursor > tuple_(literal(email), literal(_uuid(account_id), Uuid)))
    return _page(session, statement, paging, lambda row: f"{row.email}|{row.account_id}")


def list_sign_ins(session: Session, paging: Paging) -> Page[Any]:
    """Who signed in or tried to at this desk, newest first."""
    statement = select(sign_ins).order_by(sign_ins.c.at.desc(), sign_ins.c.sign_in_id.desc()).limit(paging.limit + 1)
    if paging.after:
        statement = statement.where(tuple_(sign_ins.c.at, sign_ins.c.sign_in_id) < _moment_and_id(paging.after))
    return _page(session, statement, paging, lambda row: f"{row.at.isoformat()}|{row.sign_in_id}")


def list_messages(session: Session, paging: Paging, state: str | None) -> Page[Any]:
    """What people were told, newest first."""
    written = tuple_(outbound_messages.c.written_at, outbound_messages.c.message_id)
    statement = (
        select(outbound_messages)
        .order_by(outbound_messages.c.written_at.desc(), outbound_messages.c.message_id.desc())
        .limit(paging.limit + 1)
    )
    if state is not None:
        statement = statement.where(outbound_messages.c.state == state)
    if paging.after:
        statement = statement.where(written < _moment_and_id(paging.after))
    return _page(session, statement, paging, lambda row: f"{row.written_at.isoformat()}|{row.message_id}")


def messages_to_send(session: Session, now: datetime, most: int) -> Sequence[Any]:
    """The messages of all desks whose time has come: ids only."""
    return session.execute(
        text("SELECT message_id, desk_id FROM messages_to_send(:now, :most)"), {"now": now, "most": most}
    ).all()


def _page(session: Session, statement: Any, paging: Paging, cursor: Any) -> Page[Any]:
    rows = list(session.execute(statement).all())
    return paging.page(rows, [cursor(row) for row in rows])


def _moment_and_id(after: str) -> Any:
    moment, _, key = after.rpartition("|")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError as error:
        raise _bad_cursor() from error
    if at.tzinfo is None:
        raise _bad_cursor()
    return tuple_(literal(at, Instant), literal(_uuid(key), Uuid))


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise _bad_cursor() from error


def _bad_cursor() -> Invalid:
    return Invalid("after is not where a page ended: use next_after of the page before.", pointer="#/after")
