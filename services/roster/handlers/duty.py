"""Duty: handed over explicitly, and somebody always has it."""

from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or

from services.roster.commands.safety import JoinDuty, LeaveDuty, OfferDuty, TakeDuty
from services.roster.domain.alert import AlertKind, Severity
from services.roster.handlers.alerts import raise_alert, settle
from services.roster.queries.duty import duty_order
from services.roster.tables.copies import desk_people
from services.roster.tables.safety import duty, duty_history, duty_people
from shared.auth.roles import Role
from shared.contracts.identity import AccountClosed, AccountRegistered
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Conflict, Invalid, NotFound


def keep_account(event: AccountRegistered, uow: UnitOfWork) -> None:
    """One of the desk's own people. The first dispatcher has the duty until somebody takes it."""
    if event.person_id is not None:
        return
    values = {"desk_id": event.desk_id, "role": event.role, "name": event.name or "", "closed": False}
    kept = uow.keep_copy(desk_people, {"account_id": event.account_id}, version=event.version, values=values)
    if kept and event.role == Role.DISPATCHER and duty_order(uow.session)[0] is None:
        _list(event.account_id, event.name or "", None, uow)
        _hand(None, event.account_id, "began", uow)
        settle(uow, uow.caller.desk, AlertKind.DUTY_UNCLEAR, outcome="somebody has the duty")


def close_account(event: AccountClosed, uow: UnitOfWork) -> None:
    """Somebody left the desk: what they had on duty goes to the next one."""
    known = uow.one(desk_people, account_id=event.account_id)
    values = {
        "desk_id": event.desk_id,
        "role": known.role if known else "",
        "name": known.name if known else "",
        "closed": True,
    }
    if uow.keep_copy(desk_people, {"account_id": event.account_id}, version=event.version, values=values):
        _leave(event.account_id, uow)


def join(command: JoinDuty, uow: UnitOfWork) -> None:
    """The caller may be rung at night. Raises Invalid without a name."""
    account_id = _account(uow)
    if not command.name:
        raise Invalid("Say by which name carers know you.", pointer="#/name")
    if command.position < 1:
        raise Invalid("The first to be rung is number 1.", pointer="#/position")
    _list(account_id, command.name, command.phone, uow, command.position)
    if duty_order(uow.session)[0] is None:
        _hand(None, account_id, "began", uow)


def leave(command: LeaveDuty, uow: UnitOfWork) -> None:
    """Somebody is no longer rung at night. Raises Conflict for who is on duty: they hand it over first."""
    on_duty, people = duty_order(uow.session)
    if command.account_id not in people:
        raise NotFound("There is nobody of this account among those on duty.")
    if command.account_id == on_duty:
        raise Conflict("Who is on duty hands it over first: somebody always has it.", code="on-duty")
    uow.session.execute(delete(duty_people).where(duty_people.c.account_id == command.account_id))


def offer(command: OfferDuty, uow: UnitOfWork) -> None:
    """Hand the duty to a colleague, who has it once they take it; until then it stays where it is. Raises Invalid, Conflict."""
    row = uow.session.execute(select(duty).with_for_update()).one_or_none()
    if row is None:
        raise Conflict("Nobody is on duty, so there is nothing to hand over: take it.", code="nobody-on-duty")
    if command.to_account_id not in duty_order(uow.session)[1]:
        raise Invalid("This colleague is not among those who may be on duty.", pointer="#/to_account_id")
    if command.to_account_id == row.account_id:
        raise Invalid("They have the duty already.", pointer="#/to_account_id")
    uow.session.execute(
        update(duty).values(offered_to=command.to_account_id, offered_at=uow.now, version=duty.c.version + 1)
    )
    _note("offered", row.account_id, command.to_account_id, uow)


def take(command: TakeDuty, uow: UnitOfWork) -> None:
    """The caller has the duty from now on: what was offered to them, or from a colleague who isn't there to offer it."""
    account_id = _account(uow)
    row = uow.session.execute(select(duty).with_for_update()).one_or_none()
    if row is not None and row.account_id == account_id:
        raise Conflict("You have the duty already.", code="already-yours")
    if account_id not in duty_order(uow.session)[1]:
        _list(account_id, uow.caller.name, None, uow)
    what = "accepted" if row is not None and row.offered_to == account_id else "taken"
    _hand(row.account_id if row else None, account_id, what, uow)


def _list(account_id: UUID, name: str, phone: str | None, uow: UnitOfWork, position: int | None = None) -> None:
    if position is None:
        last = uow.session.execute(select(func.max(duty_people.c.position))).scalar_one()
        position = (last or 0) + 1
    facts = {"name": name, "phone": phone, "position": position}
    uow.session.execute(
        insert_or(duty_people)
        .values(desk_id=uow.caller.desk, account_id=account_id, **facts)
        .on_conflict_do_update(index_elements=["desk_id", "account_id"], set_=facts)
    )


def _leave(account_id: UUID, uow: UnitOfWork) -> None:
    on_duty, people = duty_order(uow.session)
    uow.session.execute(delete(duty_people).where(duty_people.c.account_id == account_id))
    if on_duty != account_id:
        return
    others = [each for each in people if each != account_id]
    others += uow.session.execute(
        select(desk_people.c.account_id)
        .where(
            desk_people.c.role == Role.DISPATCHER,
            ~desk_people.c.closed,
            desk_people.c.account_id.not_in([*others, account_id]),
        )
        .order_by(desk_people.c.account_id)
    ).scalars()
    if not others:
        uow.session.execute(delete(duty))
        raise_alert(uow, AlertKind.DUTY_UNCLEAR, uow.caller.desk, Severity.HIGH)
        return
    if others[0] not in people:
        person = uow.one(desk_people, account_id=others[0])
        _list(others[0], person.name, None, uow)
    _hand(account_id, others[0], "passed-on", uow)


def _hand(from_id: UUID | None, to_id: UUID, what: str, uow: UnitOfWork) -> None:
    facts = {"account_id": to_id, "since": uow.now, "offered_to": None, "offered_at": None}
    uow.session.execute(
        insert_or(duty)
        .values(desk_id=uow.caller.desk, version=1, **facts)
        .on_conflict_do_update(index_elements=["desk_id"], set_={**facts, "version": duty.c.version + 1})
    )
    _note(what, from_id, to_id, uow)


def _note(what: str, from_id: UUID | None, to_id: UUID, uow: UnitOfWork) -> None:
    uow.session.execute(
        insert(duty_history).values(
            entry_id=uow.new_id(),
            desk_id=uow.caller.desk,
            at=uow.now,
            what=what,
            from_account_id=from_id,
            to_account_id=to_id,
            account_id=uow.caller.account_id,
        )
    )


def _account(uow: UnitOfWork) -> UUID:
    if uow.caller.account_id is None:
        raise Conflict("Only somebody with an account can be on duty.", code="no-account")
    return uow.caller.account_id
