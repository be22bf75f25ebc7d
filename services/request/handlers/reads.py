"""Reads of children's data: through the one path like everything that leaves a trace, each one logged."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from services.request.commands.care_requests import ReadCareRequest, ReadCareRequests
from services.request.commands.families import ExportFamily, ReadFamily, ReadTimeline
from services.request.domain.timeline import Timeline
from services.request.queries.care_requests import CareRequestRead, CareRequestsRead, care_request, care_requests_page
from services.request.queries.families import FamilyRead, family
from services.request.queries.privacy import everything
from services.request.queries.timelines import child_timeline
from services.request.tables import access_log, children, desks
from shared.db.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Everything that is held about a family, by table."""

    rows: dict[str, list[dict[str, Any]]]


def read_family(command: ReadFamily, uow: UnitOfWork) -> FamilyRead:
    """A family with its children. Raises NotFound."""
    found = family(uow.session, command.family_id, uow.now)
    _log(uow, "family", (child.child_id for child in found.children))
    return found


def read_care_request(command: ReadCareRequest, uow: UnitOfWork) -> CareRequestRead:
    """One request with all its visits; why and its place only for the desk. Raises NotFound, also for another family's."""
    found = care_request(uow.session, command.care_request_id, uow.now, family_id=command.family_id)
    _log(uow, "care_request", (child.child_id for child in found.children))
    return found


def read_care_requests(command: ReadCareRequests, uow: UnitOfWork) -> CareRequestsRead:
    """A page of requests with their visits ahead, by the desk's order. Raises Invalid for a page that can't begin there."""
    desk = uow.one(desks, desk_id=uow.caller.desk)
    page = care_requests_page(
        uow.session,
        uow.now,
        state=command.state,
        family_id=command.family_id,
        day=command.day,
        zone=desk.zone if desk else "UTC",
        after=command.after,
        limit=command.limit,
    )
    if page.rows:
        _log(uow, "care_requests", (child.child_id for request in page.rows for child in request.children))
    return page


def read_timeline(command: ReadTimeline, uow: UnitOfWork) -> Timeline:
    """All care of a child in one line. Raises NotFound, also for another family's child."""
    found = child_timeline(
        uow.session,
        uow.caller.desk,
        command.child_id,
        uow.now,
        command.first_day,
        command.last_day,
        command.family_id,
    )
    _log(uow, "timeline", [command.child_id])
    return found


def export_family(command: ExportFamily, uow: UnitOfWork) -> Held:
    """Everything held about a family. Raises NotFound."""
    held = everything(uow.session, command.family_id)
    ids = uow.session.execute(select(children.c.child_id).where(children.c.family_id == command.family_id)).scalars()
    _log(uow, "export", ids)
    return Held(rows=held)


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
