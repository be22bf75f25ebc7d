"""Agreeing to share a carer, and ending it."""

from datetime import date

from services.request.commands import AgreeSharedCare, EndSharedCare
from services.request.domain.family import Family
from services.request.domain.shared_care import SharedCare
from services.request.handlers.care_requests import open_requests, replace_visits
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import NotFound


def agree_shared_care(command: AgreeSharedCare, uow: UnitOfWork) -> SharedCare:
    """Write down that families share a carer, with every family's consent: who said yes, when, and who wrote it down.

    Raises NotFound for a family of another desk, Invalid for what can't be right, naming the field.
    """
    for consent in command.consents:
        uow.get(Family, consent.family_id).check_not_erased()
    host = uow.find(Family, command.host_family_id)
    if host is None:
        raise NotFound(f"There is no family {command.host_family_id} at this desk.")
    shared = SharedCare(
        command.shared_care_id or uow.new_id(),
        uow.caller.desk,
        host_family_id=host.family_id,
        place=host.place(),
        rule=command.rule,
        valid_from=command.valid_from,
        consents=command.consents,
        now=uow.now,
        recorded_by=uow.caller.account_id,
    )
    uow.add(shared)
    uow.arrived("shared_care", shared.shared_care_id)
    return shared


def end_shared_care(command: EndSharedCare, uow: UnitOfWork) -> SharedCare:
    """End it after its last day; visits asked for after that go to each family's own home.

    Raises NotFound, Conflict when it ended before, Invalid for a last day before the first.
    """
    shared = uow.get(SharedCare, command.shared_care_id, lock=True)
    end_on(uow, shared, command.valid_until)
    return shared


def end_on(uow: UnitOfWork, shared: SharedCare, valid_until: date) -> None:
    """End a locked agreement and give the visits after it their place anew."""
    shared.end(valid_until)
    uow.session.flush()
    replace_visits(uow, open_requests(uow, shared_care_id=shared.shared_care_id))
