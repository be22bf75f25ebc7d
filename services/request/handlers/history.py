"""What was asked when, by whom and why: every version of every visit, kept for good; the whys where erasure reaches."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import insert

from services.request.domain.care_request import CareRequest, Visit
from services.request.tables import reasons, visit_history
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


def keep_history(uow: UnitOfWork, request: CareRequest, visits: Iterable[Visit], reason_id: UUID | None) -> None:
    """Append the version these visits have now, with who made it so and when."""
    rows = [
        {
            "visit_id": visit.visit_id,
            "version": visit.version,
            "desk_id": visit.desk_id,
            "care_request_id": request.care_request_id,
            "starts_at": visit.starts_at,
            "ends_at": visit.ends_at,
            "zone": visit.zone,
            "mode": visit.mode,
            "child_ids": visit.child_ids,
            "skills": visit.skills,
            "place_id": visit.place_id,
            "shared_care_id": visit.shared_care_id,
            "removed": visit.removed_at is not None,
            "at": uow.now,
            "by_account_id": uow.caller.account_id,
            "by_role": uow.caller.role,
            "reason_id": reason_id,
        }
        for visit in visits
    ]
    if rows:
        uow.session.execute(insert(visit_history), rows)
