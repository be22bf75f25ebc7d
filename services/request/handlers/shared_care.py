"""Agreeing to share a carer, changing who shares and how, and ending it: each from a day on."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from services.request.commands.shared_care import AgreeSharedCare, ChangeSharedCare, EndSharedCare, LeaveSharedCare
from services.request.domain.checks import local_day
from services.request.domain.family import Family
from services.request.domain.shared_care import ConsentTerms, SharedCare, SharingTerms
from services.request.handlers.care_requests import open_requests, replace_visits
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Conflict, NotFound


def agree_shared_care(command: AgreeSharedCare, uow: UnitOfWork) -> SharedCare:
    """Write down that families share a carer, with every family's consent: who said yes, when, and who wrote it down.

    Raises NotFound for a family of another desk, Invalid for what can't be right, naming the field.
    """
    _check_families(uow, command.consents)
    host = _host(uow, command.terms.host_family_id)
    shared = SharedCare(
        command.shared_care_id or uow.new_id(),
        uow.caller.desk,
        terms=command.terms,
        place=host.home_on(command.valid_from).facts(),
        valid_from=command.valid_from,
        consents=command.consents,
        now=uow.now,
        recorded_by=uow.caller.account_id,
    )
    uow.add(shared)
    uow.arrived("shared_care", shared.shared_care_id)
    return shared


def change_shared_care(command: ChangeSharedCare, uow: UnitOfWork) -> SharedCare:
    """From that day on another host, rule or shares, or more families; what was shared before stays as it was.

    Raises NotFound, Conflict when it has ended, Invalid for a day that is over or a consent that is missing.
    """
    shared = uow.get(SharedCare, command.shared_care_id, lock=True)
    _check_families(uow, command.consents)
    host = _host(uow, command.terms.host_family_id)
    shared.agree_anew(
        command.consents,
        command.terms,
        command.from_day,
        place=host.home_on(command.from_day).facts(),
        today=local_day(uow.now, host.zone),
        now=uow.now,
        recorded_by=uow.caller.account_id,
    )
    _plan_anew(uow, shared)
    return shared


def leave_shared_care(command: LeaveSharedCare, uow: UnitOfWork) -> SharedCare:
    """A family shares no longer after its last day: the others go on, or the last two part.

    Raises NotFound, Conflict when it left before, hosts, or shares were fixed for all; Invalid for a day before it joined.
    """
    shared = uow.get(SharedCare, command.shared_care_id, lock=True)
    leave_after(uow, shared, command.family_id, command.last_day, command.terms)
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
    _plan_anew(uow, shared)


def leave_after(
    uow: UnitOfWork, shared: SharedCare, family_id: UUID, last_day: date, terms: SharingTerms | None = None
) -> None:
    """Let a family leave a locked agreement."""
    host_id = (terms or shared.terms_on(last_day)).host_family_id
    shared.leave(family_id, last_day, place=_host(uow, host_id).home_on(last_day).facts(), terms=terms)
    _plan_anew(uow, shared)


def _plan_anew(uow: UnitOfWork, shared: SharedCare) -> None:
    uow.session.flush()
    replace_visits(uow, open_requests(uow, shared_care_id=shared.shared_care_id))


def _check_families(uow: UnitOfWork, consents: Sequence[ConsentTerms]) -> None:
    for consent in consents:
        uow.get(Family, consent.family_id).check_here()


def _host(uow: UnitOfWork, family_id: UUID) -> Family:
    host = uow.find(Family, family_id)
    if host is None:
        raise NotFound(f"There is no family {family_id} at this desk.")
    if host.erased_at is not None:
        raise Conflict("The host's data was erased: agree at whose home the others go on.", code="host-leaves")
    return host
