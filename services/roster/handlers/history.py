"""What was known when: each change of a visit leaves an entry, each look at a child's data as well."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from services.roster.domain.visit import Visit
from services.roster.tables import access_log, visit_history
from shared.db.unit_of_work import UnitOfWork


def remember(uow: UnitOfWork, visit: Visit, what: str, **facts: Any) -> None:
    """Add to the visit's history what happened just now, and who did it."""
    uow.session.execute(
        insert(visit_history).values(
            entry_id=uow.new_id(),
            desk_id=visit.desk_id,
            visit_id=visit.visit_id,
            version=visit.version,
            at=uow.now,
            what=what,
            state=str(visit.state),
            carer_id=visit.carer_id,
            facts=facts,
            account_id=uow.caller.account_id,
        )
    )


def log_access(uow: UnitOfWork, what: str, visit_ids: Iterable[UUID]) -> None:
    """Note who was shown the children of which visits; a look that showed none leaves nothing."""
    shown = sorted(visit_ids)
    if shown:
        uow.session.execute(
            insert(access_log).values(
                entry_id=uow.new_id(),
                desk_id=uow.caller.desk,
                at=uow.now,
                account_id=uow.caller.account_id,
                person_id=uow.caller.person_id,
                role=uow.caller.role,
                what=what,
                visit_ids=shown,
            )
        )
