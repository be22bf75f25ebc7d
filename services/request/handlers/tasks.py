"""What a person at the desk has to look at: raised once, closed when it is done or no longer needed."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from services.request.commands.desk import FinishTask
from services.request.domain.task import TaskKind
from services.request.tables import tasks
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Conflict, NotFound

BY_ITSELF = "by_itself"


def raise_task(
    uow: UnitOfWork,
    kind: TaskKind,
    about: UUID,
    *,
    family_id: UUID | None = None,
    care_request_id: UUID | None = None,
    due_on: date | None = None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Have a person look at this, unless somebody is to do so already. `facts` hold ids and numbers, no names."""
    uow.session.execute(
        insert(tasks)
        .values(
            task_id=uow.new_id(),
            desk_id=uow.caller.desk,
            kind=kind,
            about=about,
            family_id=family_id,
            care_request_id=care_request_id,
            facts=dict(facts or {}),
            due_on=due_on,
            raised_at=uow.now,
        )
        .on_conflict_do_nothing(index_elements=["kind", "about"], index_where=tasks.c.done_at.is_(None))
    )


def close_tasks(uow: UnitOfWork, about: UUID, *kinds: TaskKind) -> None:
    """Nobody needs to look any more: what it was about has changed."""
    uow.session.execute(
        update(tasks)
        .where(tasks.c.about == about, tasks.c.kind.in_(kinds), tasks.c.done_at.is_(None))
        .values(done_at=uow.now, done_by=uow.caller.account_id, done_how=BY_ITSELF)
    )


def finish_task(command: FinishTask, uow: UnitOfWork) -> UUID:
    """Somebody looked, and says what they did about it. Raises NotFound, Conflict when it was done before."""
    row = uow.session.execute(select(tasks).where(tasks.c.task_id == command.task_id).with_for_update()).one_or_none()
    if row is None:
        raise NotFound("There is no such task at this desk.")
    if row.done_at is not None:
        raise Conflict("This was done before.", code="already-done")
    uow.session.execute(
        update(tasks)
        .where(tasks.c.task_id == command.task_id)
        .values(done_at=uow.now, done_by=uow.caller.account_id, done_how=command.how)
    )
    return command.task_id
