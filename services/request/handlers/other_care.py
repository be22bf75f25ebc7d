"""Care by others than us, for the child's one timeline."""

from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from services.request.commands.families import DropOtherCare, KeepOtherCare
from services.request.domain.family import Family
from services.request.tables import other_care
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Invalid, NotFound


def keep_other_care(command: KeepOtherCare, uow: UnitOfWork) -> UUID:
    """Write down where else a child is cared for, and when. Raises NotFound, Invalid for another family's child or place."""
    family, terms = uow.get(Family, command.family_id), command.terms
    family.check_here()
    if terms.child_id not in {child.child_id for child in family.children}:
        raise Invalid(f"{terms.child_id} is not a child of this family.", pointer="#/child_id")
    if terms.place_id is not None and terms.place_id not in {place.place_id for place in family.places}:
        raise Invalid(f"{terms.place_id} is not a place of this family.", pointer="#/place_id")
    known = uow.one(other_care, other_care_id=command.other_care_id) if command.other_care_id else None
    if command.other_care_id is not None and (known is None or known.family_id != command.family_id):
        raise NotFound("There is no such care of this family.")
    other_care_id = command.other_care_id or uow.new_id()
    values = {
        "child_id": terms.child_id,
        "name": terms.name,
        "kind": terms.kind,
        "place_id": terms.place_id,
        "pattern": terms.pattern,
        "funded_minutes_a_week": terms.funded_minutes_a_week,
    }
    uow.session.execute(
        insert(other_care)
        .values(other_care_id=other_care_id, desk_id=uow.caller.desk, family_id=command.family_id, **values)
        .on_conflict_do_update(index_elements=["other_care_id"], set_=values)
    )
    return other_care_id


def drop_other_care(command: DropOtherCare, uow: UnitOfWork) -> None:
    """It is over, or was never so. Raises NotFound."""
    gone = uow.session.execute(
        delete(other_care)
        .where(other_care.c.other_care_id == command.other_care_id)
        .returning(other_care.c.other_care_id)
    ).first()
    if gone is None:
        raise NotFound("There is no such care at this desk.")
