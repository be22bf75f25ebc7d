"""What was known when: each change of a visit or a carer leaves an entry, each look at a child's data as well."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import Range

from services.roster.domain.visit import Visit
from services.roster.tables.carers import carer_history
from services.roster.tables.desk import access_log
from services.roster.tables.visits import visit_history
from shared.db.unit_of_work import UnitOfWork

_VISIT = insert(visit_history)
_CARER = insert(carer_history)
_ACCESS = insert(access_log)


def remember(uow: UnitOfWork, visit: Visit, what: str, **facts: Any) -> None:
    """Add to the visit's history what happened just now, and who did it."""
    entry = {
        "entry_id": uow.new_id(),
        "desk_id": visit.desk_id,
        "visit_id": visit.visit_id,
        "version": visit.version,
        "at": uow.now,
        "what": what,
        "state": str(visit.state),
        "carer_id": visit.carer_id,
        "facts": facts,
        "account_id": uow.caller.account_id,
    }
    uow.session.execute(_VISIT, entry)


def remember_carer(uow: UnitOfWork, carer_id: UUID, what: str, **facts: Any) -> None:
    """Add to the carer's history what was done just now, and by whom."""
    entry = {
        "entry_id": uow.new_id(),
        "desk_id": uow.caller.desk,
        "carer_id": carer_id,
        "at": uow.now,
        "what": what,
        "facts": facts,
        "account_id": uow.caller.account_id,
        "account_name": uow.caller.name,
    }
    uow.session.execute(_CARER, entry)


def log_access(uow: UnitOfWork, what: str, visit_ids: Iterable[UUID]) -> None:
    """Note who was shown the children of which visits; a look that showed none leaves nothing."""
    shown = sorted(visit_ids)
    if shown:
        _log(uow, what, shown, None)


def log_access_between(uow: UnitOfWork, what: str, start: datetime, end: datetime) -> None:
    """Note who was shown all visits of a stretch at once; which those were then, their histories tell."""
    _log(uow, what, [], Range(start, end))


def _log(uow: UnitOfWork, what: str, visit_ids: list[UUID], span: Range[datetime] | None) -> None:
    entry = {
        "entry_id": uow.new_id(),
        "desk_id": uow.caller.desk,
        "at": uow.now,
        "account_id": uow.caller.account_id,
        "person_id": uow.caller.person_id,
        "role": uow.caller.role,
        "what": what,
        "visit_ids": visit_ids,
        "span": span,
    }
    uow.session.execute(_ACCESS, entry)
