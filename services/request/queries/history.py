"""Every version of a request, as the desk reads them back."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.request.queries.changes import versions
from services.request.tables import reasons
from shared.domain.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionTold:
    version: int
    what: str
    state: str
    at: datetime
    by_account_id: UUID | None
    by_role: str | None
    why: str | None


def request_versions(session: Session, care_request_id: UUID) -> list[VersionTold]:
    """The versions of a request in order, each with its why as long as the family's data is there. Raises NotFound."""
    found = versions(session, care_request_id)
    if not found:
        raise NotFound(f"There is no care request {care_request_id} here.")
    ids = [each.reason_id for each in found if each.reason_id is not None]
    why = {
        row.reason_id: row.reason
        for row in session.execute(select(reasons.c.reason_id, reasons.c.reason).where(reasons.c.reason_id.in_(ids)))
    }
    return [
        VersionTold(
            version=each.version,
            what=each.what,
            state=each.state,
            at=each.at,
            by_account_id=each.by_account_id,
            by_role=each.by_role,
            why=why.get(each.reason_id) if each.reason_id else None,
        )
        for each in found
    ]
