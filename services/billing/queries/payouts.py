"""What carers were paid, with the way they travelled for it."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.billing.queries.charges import CARER_NAME
from services.billing.queries.paging import paged
from services.billing.schemas import PayoutOut
from services.billing.tables import carers, payouts, travel_legs
from shared.http.paging import Page, Paging


def list_payouts(session: Session, paging: Paging, *, carer_id: UUID | None = None) -> Page[PayoutOut]:
    """Payouts, newest first; of one carer if asked."""
    travelled = (
        select(func.coalesce(func.sum(travel_legs.c.metres), 0))
        .where(
            travel_legs.c.carer_id == payouts.c.carer_id,
            travel_legs.c.on.between(payouts.c.period_from, payouts.c.period_until),
        )
        .scalar_subquery()
        .label("travel_metres")
    )
    statement = select(payouts, CARER_NAME, travelled).outerjoin(
        carers, (carers.c.desk_id == payouts.c.desk_id) & (carers.c.carer_id == payouts.c.carer_id)
    )
    if carer_id is not None:
        statement = statement.where(payouts.c.carer_id == carer_id)
    found = paged(session, statement, paging, payouts.c.ordered_at, payouts.c.payout_id, newest_first=True)
    return Page(rows=[PayoutOut.model_validate(row) for row in found.rows], next_after=found.next_after)
