"""Agreements to share a carer, with every family's yes."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.request.queries.cursors import id_of
from services.request.tables import shared_care_consents, shared_cares


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRead:
    family_id: UUID
    said_by: str
    said_at: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedCareRead:
    shared_care_id: UUID
    version: int
    host_family_id: UUID
    rule: str
    valid_from: date
    valid_until: date | None
    consents: Sequence[ConsentRead]


def shared_cares_page(session: Session, after: str | None, limit: int) -> tuple[list[SharedCareRead], str | None]:
    """Agreements to share, by id, with the consents of each."""
    query = select(shared_cares).order_by(shared_cares.c.shared_care_id).limit(limit + 1)
    if after is not None:
        query = query.where(shared_cares.c.shared_care_id > id_of(after))
    rows = session.execute(query).all()
    consents = defaultdict(list)
    for consent in session.execute(
        select(shared_care_consents)
        .where(shared_care_consents.c.shared_care_id.in_([row.shared_care_id for row in rows]))
        .order_by(shared_care_consents.c.family_id)
    ):
        consents[consent.shared_care_id].append(
            ConsentRead(
                family_id=consent.family_id,
                said_by=consent.said_by,
                said_at=consent.said_at,
                recorded_at=consent.recorded_at,
            )
        )
    found = [
        SharedCareRead(
            shared_care_id=row.shared_care_id,
            version=row.version,
            host_family_id=row.host_family_id,
            rule=row.rule,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            consents=consents[row.shared_care_id],
        )
        for row in rows[:limit]
    ]
    return found, str(found[-1].shared_care_id) if len(rows) > limit else None
