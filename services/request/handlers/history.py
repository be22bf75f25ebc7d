"""What was asked when, by whom and why: every version of every request and visit, for good; the whys where erasure reaches."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert

from services.request.domain.care_request import CareRequest
from services.request.domain.introduction import Because
from services.request.domain.visit import Visit
from services.request.tables import introduction_waivers, reasons, request_history, visit_history
from shared.db.unit_of_work import UnitOfWork


def keep_reason(uow: UnitOfWork, family_id: UUID, care_request_id: UUID, reason: str | None) -> UUID | None:
    """Keep why, in its own table; None when nothing was said."""
    if not reason:
        return None
    reason_id = uow.new_id()
    uow.session.execute(
        insert(reasons).values(
            reason_id=reason_id,
            desk_id=uow.caller.desk,
            family_id=family_id,
            care_request_id=care_request_id,
            reason=reason,
            at=uow.now,
        )
    )
    return reason_id


def keep_history(
    uow: UnitOfWork, request: CareRequest, visits: Iterable[Visit], what: str, reason_id: UUID | None
) -> None:
    """Append the version the request and these visits have now, with what was done, by whom and when."""
    uow.session.execute(
        insert(request_history).values(
            care_request_id=request.care_request_id,
            version=request.version,
            desk_id=request.desk_id,
            what=what,
            state=request.state,
            terms=request.terms,
            patterns=request.patterns,
            planned_through=request.planned_through,
            goes_on=request.goes_on,
            priority=request.priority,
            at=uow.now,
            by_account_id=uow.caller.account_id,
            by_role=uow.caller.role,
            reason_id=reason_id,
        )
    )
    rows = [
        {
            "visit_id": visit.visit_id,
            "version": visit.version,
            "desk_id": visit.desk_id,
            "care_request_id": request.care_request_id,
            "request_version": request.version,
            "starts_at": visit.starts_at,
            "ends_at": visit.ends_at,
            "zone": visit.zone,
            "kind": visit.kind,
            "mode": visit.mode,
            "child_ids": visit.child_ids,
            "skills": visit.skills,
            "place_id": visit.place_id,
            "shared_care_id": visit.shared_care_id,
            "clock_change": visit.clock_change,
            "details": visit.details,
            "listed": visit.listed,
            "removed": visit.removed_because,
            "at": uow.now,
        }
        for visit in visits
    ]
    if rows:
        uow.session.execute(insert(visit_history), rows)


def keep_waiver(
    uow: UnitOfWork, request: CareRequest, carer_id: UUID | None, because: Because, said_by: str, said_at: datetime
) -> None:
    """Log that a stranger may come without a first meeting, and on whose word."""
    uow.session.execute(
        insert(introduction_waivers).values(
            waiver_id=uow.new_id(),
            desk_id=uow.caller.desk,
            family_id=request.family_id,
            care_request_id=request.care_request_id,
            carer_id=carer_id,
            because=because,
            said_by=said_by,
            said_at=said_at,
            recorded_at=uow.now,
            recorded_by=uow.caller.account_id,
        )
    )
