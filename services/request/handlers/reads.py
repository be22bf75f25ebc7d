"""Reads of children's data: through the one path like everything that leaves a trace, each one logged."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import insert

from services.request.commands import ReadCareRequest, ReadCareRequests, ReadFamily
from services.request.queries.care_requests import CareRequestRead, CareRequestsRead, care_request, care_requests_page
from services.request.queries.families import FamilyRead, family
from services.request.tables import access_log
from shared.db.unit_of_work import UnitOfWork


def read_family(command: ReadFamily, uow: UnitOfWork) -> FamilyRead:
    """A family with its children. Raises NotFound."""
    found = family(uow.session, command.family_id, uow.now)
    _log(uow, "family", (child.child_id for child in found.children))
    return found


def read_care_request(command: ReadCareRequest, uow: UnitOfWork) -> CareRequestRead:
    """One request with all its visits; the reason only for the desk. Raises NotFound, also for another family's."""
    found = care_request(uow.session, command.care_request_id, uow.now, family_id=command.family_id)
    _log(uow, "care_request", (child.child_id for child in found.children))
    return found


def read_care_requests(command: ReadCareRequests, uow: UnitOfWork) -> CareRequestsRead:
    """A page of requests with their visits ahead, soonest first. Raises Invalid for a page that can't begin there."""
    page = care_requests_page(
        uow.session,
        uow.now,
        state=command.state,
        family_id=command.family_id,
        after=command.after,
        limit=command.limit,
    )
    if page.rows:
        _log(uow, "care_requests", (child.child_id for request in page.rows for child in request.children))
    return page


def _log(uow: UnitOfWork, what: str, child_ids: Iterable[UUID]) -> None:
    uow.session.execute(
        insert(access_log).values(
            access_id=uow.new_id(),
            desk_id=uow.caller.desk,
            account_id=uow.caller.account_id,
            role=uow.caller.role,
            what=what,
            child_ids=sorted(set(child_ids)),
            at=uow.now,
        )
    )
