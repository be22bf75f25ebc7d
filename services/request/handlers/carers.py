"""Who comes, by first name, as heard from the roster."""

from services.request.tables import carers
from shared.contracts.roster import CarerChanged, CarerRegistered
from shared.db.unit_of_work import UnitOfWork


def keep_carer(event: CarerRegistered | CarerChanged, uow: UnitOfWork) -> None:
    """Keep what a family may call their carer."""
    uow.keep_copy(
        carers,
        {"desk_id": event.desk_id, "carer_id": event.carer_id},
        version=event.version,
        values={"first_name": event.carer.first_name},
    )
