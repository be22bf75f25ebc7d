"""The desk's tariffs, and how it invoices on a day."""

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.billing.handlers.tariffs import policy_on
from services.billing.queries.paging import paged
from services.billing.schemas import PolicyOut, TariffOut
from services.billing.tables import desks, tariffs
from shared.domain.errors import NotFound
from shared.http.paging import Page, Paging


def list_tariffs(session: Session, paging: Paging) -> Page[TariffOut]:
    """Every tariff the desk has set, the latest first day first."""
    found = paged(session, select(tariffs), paging, tariffs.c.valid_from, tariffs.c.tariff_id, newest_first=True)
    return Page(rows=[TariffOut.model_validate(row) for row in found.rows], next_after=found.next_after)


def find_policy(session: Session, desk_id: UUID | None, on: date) -> PolicyOut:
    """How the desk invoices on that day. Raises NotFound before the desk was heard of."""
    desk = session.execute(select(desks).where(desks.c.desk_id == desk_id)).one_or_none()
    if desk is None:
        raise NotFound("This desk isn't known here yet.")
    return PolicyOut.model_validate(policy_on(session, desk.name, on))
