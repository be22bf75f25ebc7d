"""Registering, changing and erasing families."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, or_, select

from services.request.commands import ChangeFamily, EraseFamily, RegisterFamily
from services.request.domain.checks import local_day
from services.request.domain.family import Family
from services.request.domain.shared_care import SharedCare
from services.request.handlers import progress
from services.request.handlers.care_requests import open_requests, replace_visits, withdraw
from services.request.handlers.shared_care import end_on
from services.request.tables import reasons, shared_care_consents, shared_cares
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Conflict


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyKept:
    """A family as it was written down: ids only, in the order the children were named."""

    family_id: UUID
    version: int
    child_ids: Sequence[UUID]


def register_family(command: RegisterFamily, uow: UnitOfWork) -> FamilyKept:
    """Write down a household. Raises Invalid for what can't be right, naming the field."""
    family = Family(command.family_id or uow.new_id(), uow.caller.desk, command.family, now=uow.now, new_id=uow.new_id)
    uow.add(family)
    uow.arrived("family", family.family_id)
    return _kept(family)


def change_family(command: ChangeFamily, uow: UnitOfWork) -> FamilyKept:
    """Take what the family tells now. When the home moved, visits ahead move with it, each as a new version.

    Raises Conflict when somebody changed the family meanwhile or a child that leaves has visits ahead.
    """
    family = uow.get(Family, command.family_id, lock=True)
    if command.version is not None and command.version != family.version:
        raise Conflict(
            f"Somebody changed this family: you saw version {command.version}, it is at {family.version}. "
            "Look at it again, then repeat.",
            code="changed-meanwhile",
        )
    before = {child.child_id: child.first_name for child in family.children}
    moved = family.change(command.family, now=uow.now, new_id=uow.new_id)
    gone = before.keys() - {child.child_id for child in family.children}
    if gone:
        _check_no_visits(uow, family, {child_id: before[child_id] for child_id in gone})
    uow.session.flush()
    if moved:
        _move(uow, family)
    return _kept(family)


def erase_family(command: EraseFamily, uow: UnitOfWork) -> None:
    """Forget who the family is: names, contact, birth dates, health and every reason; ids stay for ledgers and counts.

    What it still asked for is withdrawn and what it shared has ended. Raises Conflict when it was erased before.
    """
    family = uow.get(Family, command.family_id, lock=True)
    family.erase(now=uow.now)
    for request in open_requests(uow, family_id=family.family_id):
        withdraw(uow, request)
    yesterday = local_day(uow.now, family.zone) - timedelta(days=1)
    uow.session.flush()
    for shared in _shared_by(uow, family.family_id):
        shared.forget(family.family_id)
        if shared.valid_until is None:
            end_on(uow, shared, max(shared.valid_from, yesterday))
    uow.session.execute(delete(reasons).where(reasons.c.family_id == family.family_id))


def _check_no_visits(uow: UnitOfWork, family: Family, gone: dict[UUID, str]) -> None:
    for request in open_requests(uow, family_id=family.family_id):
        needed = {
            each for visit in request.ahead(uow.now, progress.settled_visits(uow, request)) for each in visit.child_ids
        }
        names = sorted(gone[child_id] for child_id in gone.keys() & (needed | set(request.child_ids)))
        if names:
            raise Conflict(
                f"{', '.join(names)} has visits ahead. Amend or withdraw those requests first.", code="child-has-visits"
            )


def _move(uow: UnitOfWork, family: Family) -> None:
    requests = {request.care_request_id: request for request in open_requests(uow, family_id=family.family_id)}
    for shared in _shared_by(uow, family.family_id):
        if shared.host_family_id == family.family_id and shared.valid_until is None:
            shared.host_moved(family.place())
            others = open_requests(uow, shared_care_id=shared.shared_care_id)
            requests |= {request.care_request_id: request for request in others}
    replace_visits(uow, [requests[request_id] for request_id in sorted(requests)])


def _shared_by(uow: UnitOfWork, family_id: UUID) -> list[SharedCare]:
    found = uow.session.execute(
        select(shared_cares.c.shared_care_id)
        .join(shared_care_consents, shared_care_consents.c.shared_care_id == shared_cares.c.shared_care_id)
        .where(or_(shared_care_consents.c.family_id == family_id, shared_cares.c.host_family_id == family_id))
        .distinct()
        .order_by(shared_cares.c.shared_care_id)
    ).scalars()
    return [uow.get(SharedCare, shared_care_id, lock=True) for shared_care_id in found.all()]


def _kept(family: Family) -> FamilyKept:
    return FamilyKept(
        family_id=family.family_id, version=family.version, child_ids=[child.child_id for child in family.children]
    )
