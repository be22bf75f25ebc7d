"""Whom a message is for: carers, families and the desk as they are known here, and how they are reached."""

from typing import Any
from uuid import UUID

from services.identity.handlers.messages import Channel, Recipient
from services.identity.tables import carer_contacts, desks, family_contacts
from shared.db.inbox import TooEarly
from shared.db.unit_of_work import UnitOfWork

_UNKNOWN_DESK = "Vesper"


def carer_of(carer_id: UUID, uow: UnitOfWork) -> Any:
    """The carer as they are known here. Raises TooEarly."""
    carer = uow.one(carer_contacts, desk_id=uow.caller.desk, carer_id=carer_id)
    if carer is None:
        raise TooEarly("carer", carer_id)
    return carer


def family_of(family_id: UUID, uow: UnitOfWork) -> Any:
    """The family as it is known here. Raises TooEarly."""
    family = uow.one(family_contacts, desk_id=uow.caller.desk, family_id=family_id)
    if family is None:
        raise TooEarly("family", family_id)
    return family


def desk_of(uow: UnitOfWork) -> tuple[str, list[str]]:
    """The desk's name and languages."""
    desk = uow.one(desks, desk_id=uow.caller.desk)
    return (desk.name, desk.languages) if desk is not None else (_UNKNOWN_DESK, [])


def reach_carer(carer: Any) -> Recipient:
    """A carer by phone first: offers and questions don't wait for somebody to read their mail."""
    ways = ((Channel.SMS, carer.phone), (Channel.EMAIL, carer.email))
    return Recipient(person_id=carer.carer_id, ways=ways)


def reach_family(family: Any) -> Recipient:
    ways = ((Channel.EMAIL, family.email), (Channel.SMS, family.phone))
    return Recipient(person_id=family.family_id, ways=ways)
