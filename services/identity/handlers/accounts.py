"""Commands about accounts."""

from sqlalchemy import delete, func, select

from services.identity.commands import CloseAccount, FoundDesk, RegisterAccount
from services.identity.domain.account import Account, normal_email
from services.identity.domain.desk import Desk
from services.identity.handlers.desks import register_desk
from services.identity.queries import account_for_sign_in
from services.identity.tables import accounts, sign_in_sessions
from shared.auth.roles import Role
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Conflict


def register_account(command: RegisterAccount, uow: UnitOfWork) -> Account:
    """Let somebody sign in. Raises Conflict when the e-mail has an account, here or at another desk; Invalid."""
    desk = uow.get(Desk, uow.caller.desk)
    if account_for_sign_in(uow.session, normal_email(command.email)) is not None:
        raise Conflict("This e-mail address has an account already. Use another one.", code="email-taken")
    account = Account(
        account_id=command.account_id or uow.new_id(),
        desk_id=desk.desk_id,
        email=command.email,
        name=command.name,
        password_hash=command.password_hash,
        role=command.role,
        person_id=command.person_id,
        language=command.language or desk.languages[0],
        opened_at=uow.now,
    )
    uow.add(account)
    return account


def found_desk(command: FoundDesk, uow: UnitOfWork) -> Account:
    """Register a desk and let its first admin sign in. Raises what either raises; then there is neither."""
    register_desk(command.desk, uow)
    return register_account(command.admin, uow)


def close_account(command: CloseAccount, uow: UnitOfWork) -> Account:
    """Nobody signs in with it any more, and nobody stays signed in. Raises Conflict for the desk's last admin."""
    # The desk's row is held, so that two admins who close each other's account don't both succeed.
    uow.get(Desk, uow.caller.desk, lock=True)
    account = uow.get(Account, command.account_id, lock=True)
    if account.role == Role.ADMIN and not account.closed and _open_admins(uow) == 1:
        raise Conflict("This is the desk's last admin. Give somebody else the role first.", code="last-admin")
    account.close(uow.now)
    end_sessions(account, uow)
    return account


def end_sessions(account: Account, uow: UnitOfWork) -> None:
    """Forget every refresh token of the account."""
    uow.session.execute(delete(sign_in_sessions).where(sign_in_sessions.c.account_id == account.account_id))


def _open_admins(uow: UnitOfWork) -> int:
    return uow.session.execute(
        select(func.count())
        .select_from(accounts)
        .where(accounts.c.role == Role.ADMIN.value, accounts.c.closed_at.is_(None))
    ).scalar_one()
