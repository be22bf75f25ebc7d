"""Errands: what is fetched or written outside the database, noted in a command's transaction and done after it."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from services.roster.commands.desk import ClaimErrand, SettleErrand
from services.roster.tables.desk import errands
from shared.db.unit_of_work import UnitOfWork

FETCH_CALENDAR, FETCH_ROUTE, SAVE_TONIGHT = "fetch-calendar", "fetch-route", "save-tonight"
_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=6)
_DOUBLINGS = 9


def send_on_errand(uow: UnitOfWork, kind: str, key: object, at: datetime | None = None) -> None:
    """Have this done outside the database, now or at that time; one that is noted already is done once."""
    uow.session.execute(
        insert(errands)
        .values(desk_id=uow.caller.desk, kind=kind, key=str(key), next_try_at=at or uow.now, tries=0)
        .on_conflict_do_update(
            index_elements=["desk_id", "kind", "key"], set_={"next_try_at": at or uow.now, "tries": 0}
        )
    )


def drop_errand(uow: UnitOfWork, kind: str, key: object) -> None:
    uow.session.execute(
        delete(errands).where(errands.c.desk_id == uow.caller.desk, errands.c.kind == kind, errands.c.key == str(key))
    )


def claim_errand(command: ClaimErrand, uow: UnitOfWork) -> bool:
    """Take it for one try; says whether it was there to take."""
    mine = (
        select(errands.c.key)
        .where(
            errands.c.desk_id == uow.caller.desk,
            errands.c.kind == command.kind,
            errands.c.key == command.key,
            errands.c.next_try_at <= uow.now,
        )
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    claimed = uow.session.execute(
        update(errands)
        .where(errands.c.desk_id == uow.caller.desk, errands.c.kind == command.kind, errands.c.key == mine)
        .values(next_try_at=uow.now + command.lease, tries=errands.c.tries + 1)
        .returning(errands.c.key)
    ).first()
    return claimed is not None


def settle_errand(command: SettleErrand, uow: UnitOfWork) -> None:
    """It is done, or waits for its next time; one that failed waits twice as long each time."""
    which = (
        errands.c.desk_id == uow.caller.desk,
        errands.c.kind == command.kind,
        errands.c.key == command.key,
    )
    if command.again_in is None:
        uow.session.execute(delete(errands).where(*which))
        return
    uow.session.execute(update(errands).where(*which).values(next_try_at=uow.now + command.again_in, tries=0))


def wait_after(tries: int) -> timedelta:
    """How long a failed errand waits before it is tried again."""
    return min(_FIRST_WAIT * (1 << min(tries, _DOUBLINGS)), _LONGEST_WAIT)
