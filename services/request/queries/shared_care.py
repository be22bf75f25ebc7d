"""Agreements to share a carer: who shared when, on whose word, under which terms."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.request.domain.shared_care import SharingTerms
from services.request.queries.cursors import id_of
from services.request.tables import families, shared_care_consents, shared_care_terms, shared_cares


@dataclass(frozen=True, slots=True, kw_only=True)
class SharingConsentRead:
    family_id: UUID
    family_name: str
    from_day: date
    last_day: date | None
    said_by: str
    said_at: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedTermsRead:
    valid_from: date
    terms: SharingTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedCareRead:
    shared_care_id: UUID
    version: int
    valid_from: date
    valid_until: date | None
    terms: Sequence[DatedTermsRead]
    consents: Sequence[SharingConsentRead]


def shared_cares_page(session: Session, after: str | None, limit: int) -> tuple[list[SharedCareRead], str | None]:
    """Agreements to share, by id, with all their terms and consents, those of the past too."""
    query = select(shared_cares).order_by(shared_cares.c.shared_care_id).limit(limit + 1)
    if after is not None:
        query = query.where(shared_cares.c.shared_care_id > id_of(after))
    rows = session.execute(query).all()
    ids = [row.shared_care_id for row in rows]
    consents = defaultdict(list)
    for consent in session.execute(
        select(shared_care_consents, families.c.name)
        .join(families, families.c.family_id == shared_care_consents.c.family_id)
        .where(shared_care_consents.c.shared_care_id.in_(ids))
        .order_by(shared_care_consents.c.from_day, shared_care_consents.c.family_id)
    ):
        consents[consent.shared_care_id].append(
            SharingConsentRead(
                family_id=consent.family_id,
                family_name=consent.name,
                from_day=consent.from_day,
                last_day=consent.last_day,
                said_by=consent.said_by,
                said_at=consent.said_at,
                recorded_at=consent.recorded_at,
            )
        )
    terms = defaultdict(list)
    for dated in session.execute(
        select(shared_care_terms)
        .where(shared_care_terms.c.shared_care_id.in_(ids))
        .order_by(shared_care_terms.c.valid_from)
    ):
        terms[dated.shared_care_id].append(DatedTermsRead(valid_from=dated.valid_from, terms=dated.terms))
    found = [
        SharedCareRead(
            shared_care_id=row.shared_care_id,
            version=row.version,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            terms=terms[row.shared_care_id],
            consents=consents[row.shared_care_id],
        )
        for row in rows[:limit]
    ]
    return found, str(found[-1].shared_care_id) if len(rows) > limit else None
