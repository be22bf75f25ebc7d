"""Forgetting who a family was: names, contacts, health, every reason; ids stay, for ledgers and counts."""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import Table, delete, update

from services.request.commands.families import EraseFamily
from services.request.domain.checks import local_day
from services.request.domain.family import Family
from services.request.handlers.care_requests import open_requests, withdraw
from services.request.handlers.families import MOVE, shared_by, unindex
from services.request.handlers.shared_care import end_on, leave_after
from services.request.tables import (
    circumstances,
    displacements,
    introduction_waivers,
    other_care,
    reasons,
    referrals,
    sharing_consents,
    tasks,
)
from shared.db.unit_of_work import UnitOfWork

# Nothing of these outlives the family; what it allowed others to know ends with it.
_GO = (circumstances, other_care, reasons, sharing_consents, tasks)


def erase_family(command: EraseFamily, uow: UnitOfWork) -> None:
    """Forget who the family is. What it still asked for is withdrawn, and it shares with nobody any more.

    Raises Conflict when it was erased before.
    """
    family = uow.get(Family, command.family_id, lock=True)
    family.erase(now=uow.now)
    for request in open_requests(uow, family_id=family.family_id):
        withdraw(uow, request)
    yesterday = local_day(uow.now, family.zone) - timedelta(days=1)
    uow.session.flush()
    _stop_sharing(uow, family.family_id, yesterday)
    unindex(uow, family.family_id)
    uow.cancel_timer(MOVE, family.family_id)
    for table in _GO:
        uow.session.execute(delete(table).where(table.c.family_id == family.family_id))
    for table in (introduction_waivers, displacements):
        _forget(uow, table, family.family_id, said_by="")
    _forget(uow, referrals, family.family_id, reference="")


def _stop_sharing(uow: UnitOfWork, family_id: UUID, last_day: date) -> None:
    for shared in shared_by(uow, family_id):
        shared.forget(family_id)
        if shared.valid_until is None and family_id in shared.families_on(last_day + timedelta(days=1)):
            last = max(shared.valid_from, last_day)
            if shared.terms_on(last + timedelta(days=1)).host_family_id == family_id:
                end_on(uow, shared, last)
            else:
                leave_after(uow, shared, family_id, last)


def _forget(uow: UnitOfWork, table: Table, family_id: UUID, **forgotten: str) -> None:
    uow.session.execute(update(table).where(table.c.family_id == family_id).values(**forgotten))
