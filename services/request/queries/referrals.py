"""Referrers as the desk knows them, and referrals as their referrer may read them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.request.domain.progress import VisitState
from services.request.domain.referral import Allows, Told, told
from services.request.domain.visit import VisitKind
from services.request.queries.cursors import id_of
from services.request.tables import referrals, referrers, sharing_consents, visit_progress, visits


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferrerRead:
    referrer_id: UUID
    name: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralRead:
    """A referral with what its family allows to be known of it now."""

    referral_id: UUID
    reference: str
    filed_at: datetime
    allows: str
    told: Told


def referrers_list(session: Session) -> list[ReferrerRead]:
    """The organisations that send families to this desk, by name."""
    rows = session.execute(select(referrers).order_by(referrers.c.name, referrers.c.referrer_id))
    return [ReferrerRead(referrer_id=row.referrer_id, name=row.name, kind=row.kind) for row in rows]


def referrals_page(
    session: Session, referrer_id: UUID, after: str | None, limit: int
) -> tuple[Sequence[ReferralRead], str | None]:
    """A referrer's own referrals, by id, each as far as its family allows today."""
    query = (
        select(referrals, referrers.c.kind)
        .join(referrers, referrers.c.referrer_id == referrals.c.referrer_id)
        .where(referrals.c.referrer_id == referrer_id)
        .order_by(referrals.c.referral_id)
        .limit(limit + 1)
    )
    if after is not None:
        query = query.where(referrals.c.referral_id > id_of(after))
    rows = session.execute(query).all()
    allowed = {
        row.family_id: row.allows
        for row in session.execute(
            select(sharing_consents.c.family_id, sharing_consents.c.allows).where(
                sharing_consents.c.referrer_id == referrer_id, sharing_consents.c.withdrawn_at.is_(None)
            )
        )
    }
    states = _states(session, [row.care_request_id for row in rows])
    found = []
    for row in rows[:limit]:
        allows = allowed.get(row.family_id, Allows.NOTHING)
        found.append(
            ReferralRead(
                referral_id=row.referral_id,
                reference=row.reference,
                filed_at=row.filed_at,
                allows=allows,
                told=told(row.kind, allows, states[row.care_request_id]),
            )
        )
    return found, str(found[-1].referral_id) if len(rows) > limit else None


def _states(session: Session, request_ids: Sequence[UUID]) -> dict[UUID, list[tuple[date, VisitState]]]:
    found: defaultdict[UUID, list[tuple[date, VisitState]]] = defaultdict(list)
    for row in session.execute(
        select(visits.c.care_request_id, visits.c.local_date, visit_progress.c.state)
        .join(visit_progress, visit_progress.c.visit_id == visits.c.visit_id)
        .where(visits.c.care_request_id.in_(request_ids), visits.c.kind == VisitKind.CARE)
    ):
        found[row.care_request_id].append((row.local_date, VisitState(row.state)))
    return found
