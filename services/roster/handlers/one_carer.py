"""One carer's row: held, counted on, and told of."""

from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from services.roster.queries.facts import carer_facts
from services.roster.tables.carers import carers
from shared.contracts.roster import CarerChanged
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import NotFound


def tell_carer(carer_id: UUID, uow: UnitOfWork) -> None:
    """Say what of the carer others must know, as it now is."""
    version = next_version(carer_id, uow)
    facts = carer_facts(uow.session, carer_id)
    uow.record(CarerChanged(desk_id=uow.caller.desk, version=version, carer_id=carer_id, carer=facts))


def next_version(carer_id: UUID, uow: UnitOfWork) -> int:
    """Count one more change of the carer. Raises NotFound."""
    row = uow.session.execute(
        update(carers)
        .where(carers.c.carer_id == carer_id)
        .values(version=carers.c.version + 1)
        .returning(carers.c.version)
    ).one_or_none()
    if row is None:
        raise unknown_carer(carer_id)
    return int(row.version)


def locked_carer(carer_id: UUID, uow: UnitOfWork) -> Any:
    """The carer's row, held. Raises NotFound for one who isn't at this desk or has left it."""
    row = uow.session.execute(
        select(carers).where(carers.c.carer_id == carer_id, carers.c.left_on.is_(None)).with_for_update()
    ).one_or_none()
    if row is None:
        raise unknown_carer(carer_id)
    return row


def unknown_carer(carer_id: UUID) -> NotFound:
    return NotFound(f"There is no carer {carer_id} at this desk.")
