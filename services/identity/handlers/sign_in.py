"""Signing in, staying signed in, signing out. A refusal is a result, not an error: its audit row must commit."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import case, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from services.identity.commands import CountTry, RenewToken, SignIn, SignOut
from services.identity.domain.account import Account
from services.identity.tables import refresh_tokens, sign_in_limits, sign_in_sessions, sign_ins
from shared.db.unit_of_work import UnitOfWork

# Swept up by each try: more than one try adds, so that the table doesn't grow.
_SWEEP = 10


class SignInOutcome(StrEnum):
    """What the audit says of a try."""

    SIGNED_IN = "signed_in"
    REFUSED = "refused"
    LIMITED = "limited"
    REUSED = "reused"
    SIGNED_OUT = "signed_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Whose access token may be made."""

    account_id: UUID
    desk_id: UUID
    role: str
    person_id: UUID | None
    name: str


def count_try(command: CountTry, uow: UnitOfWork) -> timedelta | None:
    """Count this try; says how long to wait when there were too many, for the e-mail or from the address."""
    _sweep(uow)
    limits = {command.email_hash: command.most_per_email, command.address_hash: command.most_per_address}
    waits = []
    # In one order, so that two tries never wait for each other.
    for subject in sorted(limits):
        tries, window_ends = _count(subject, command.window, uow)
        if tries > limits[subject]:
            waits.append(window_ends - uow.now)
    if not waits:
        return None
    _audit(uow, SignInOutcome.LIMITED, command.address, command.account_id, command.email_hash)
    return max(waits)


def sign_in(command: SignIn, uow: UnitOfWork) -> SignedIn | None:
    """Begin a session for whoever gave the right password; None when it was wrong or the account is closed."""
    account = uow.find(Account, command.account_id, lock=True) if command.account_id else None
    if account is None or account.closed or not command.password_right:
        _audit(uow, SignInOutcome.REFUSED, command.address, command.account_id, command.email_hash)
        return None
    _audit(uow, SignInOutcome.SIGNED_IN, command.address, account.account_id, command.email_hash)
    uow.session.execute(delete(sign_in_limits).where(sign_in_limits.c.subject == command.email_hash))
    uow.session.execute(
        delete(sign_in_sessions).where(
            sign_in_sessions.c.account_id == account.account_id, sign_in_sessions.c.expires_at <= uow.now
        )
    )
    session_id = uow.new_id()
    uow.session.execute(
        insert(sign_in_sessions).values(
            session_id=session_id,
            desk_id=account.desk_id,
            account_id=account.account_id,
            started_at=uow.now,
            expires_at=uow.now + command.refresh_lasts,
        )
    )
    _issue(command.refresh_hash, account.desk_id, session_id, command.refresh_lasts, uow)
    return _signed_in(account)


def renew_token(command: RenewToken, uow: UnitOfWork) -> SignedIn | None:
    """Exchange a refresh token once; None when it doesn't hold any more.

    A used token that comes back means that two have it: the session ends for both. Within `grace` of its use it is
    only refused, since one browser with two tabs asks twice at once.
    """
    session = _locked_session(command.refresh_hash, uow)
    if session is None:
        return None
    # Read again under the lock: another exchange of the same token may have won.
    token = uow.one(refresh_tokens, token_hash=command.refresh_hash)
    account = uow.find(Account, session.account_id)
    if session.ended_at is not None or account is None or account.closed or token.expires_at <= uow.now:
        _audit(uow, SignInOutcome.REFUSED, command.address, session.account_id)
        return None
    if token.used_at is not None:
        _audit(uow, SignInOutcome.REUSED, command.address, session.account_id)
        if uow.now - token.used_at > command.grace:
            _end(session.session_id, "reused", uow)
        return None
    uow.session.execute(
        update(refresh_tokens).where(refresh_tokens.c.token_hash == command.refresh_hash).values(used_at=uow.now)
    )
    uow.session.execute(
        update(sign_in_sessions)
        .where(sign_in_sessions.c.session_id == session.session_id)
        .values(expires_at=uow.now + command.refresh_lasts)
    )
    _issue(command.next_hash, session.desk_id, session.session_id, command.refresh_lasts, uow)
    return _signed_in(account)


def sign_out(command: SignOut, uow: UnitOfWork) -> None:
    """End the session of this refresh token; one that doesn't hold any more changes nothing."""
    session = _locked_session(command.refresh_hash, uow)
    if session is None or session.ended_at is not None:
        return
    _end(session.session_id, "signed out", uow)
    _audit(uow, SignInOutcome.SIGNED_OUT, command.address, session.account_id)


def _count(subject: str, window: timedelta, uow: UnitOfWork) -> tuple[int, datetime]:
    over = sign_in_limits.c.window_ends <= uow.now
    statement = upsert(sign_in_limits).values(subject=subject, tries=1, window_ends=uow.now + window)
    row = uow.session.execute(
        statement.on_conflict_do_update(
            index_elements=["subject"],
            set_={
                "tries": case((over, 1), else_=sign_in_limits.c.tries + 1),
                "window_ends": case((over, statement.excluded.window_ends), else_=sign_in_limits.c.window_ends),
            },
        ).returning(sign_in_limits.c.tries, sign_in_limits.c.window_ends)
    ).one()
    return row.tries, row.window_ends


def _sweep(uow: UnitOfWork) -> None:
    old = (
        select(sign_in_limits.c.subject)
        .where(sign_in_limits.c.window_ends <= uow.now)
        .order_by(sign_in_limits.c.window_ends, sign_in_limits.c.subject)
        .limit(_SWEEP)
        .with_for_update(skip_locked=True)
    )
    uow.session.execute(delete(sign_in_limits).where(sign_in_limits.c.subject.in_(old.scalar_subquery())))


def _locked_session(token_hash: bytes, uow: UnitOfWork) -> Any:
    token = uow.one(refresh_tokens, token_hash=token_hash)
    if token is None:
        return None
    return uow.session.execute(
        select(sign_in_sessions).where(sign_in_sessions.c.session_id == token.session_id).with_for_update()
    ).one_or_none()


def _issue(token_hash: bytes, desk_id: UUID, session_id: UUID, lasts: timedelta, uow: UnitOfWork) -> None:
    uow.session.execute(
        insert(refresh_tokens).values(
            token_hash=token_hash,
            desk_id=desk_id,
            session_id=session_id,
            issued_at=uow.now,
            expires_at=uow.now + lasts,
        )
    )


def _end(session_id: UUID, because: str, uow: UnitOfWork) -> None:
    uow.session.execute(
        update(sign_in_sessions)
        .where(sign_in_sessions.c.session_id == session_id)
        .values(ended_at=uow.now, ended_because=because)
    )


def _signed_in(account: Account) -> SignedIn:
    return SignedIn(
        account_id=account.account_id,
        desk_id=account.desk_id,
        role=account.role,
        person_id=account.person_id,
        name=account.name,
    )


def _audit(
    uow: UnitOfWork, outcome: SignInOutcome, address: str, account_id: UUID | None, email_hash: str | None = None
) -> None:
    uow.session.execute(
        insert(sign_ins).values(
            sign_in_id=uow.new_id(),
            desk_id=uow.caller.desk_id,
            account_id=account_id,
            email_hash=email_hash,
            address=address,
            outcome=outcome.value,
            at=uow.now,
        )
    )
