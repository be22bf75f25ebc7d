"""The desk's tariffs, and how it invoices on a day."""

from datetime import date
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.billing.adapters.defaults import policy_of_new_desk
from services.billing.domain.policy import BillingPolicy
from services.billing.queries.paging import paged
from services.billing.schemas import PolicyOut, TariffOut
from services.billing.tables import desks, policies, tariffs
from shared.contracts.billing import TariffFacts
from shared.domain.errors import NotFound
from shared.domain.pricing import Tariff
from shared.domain.tariffs import tariff_of
from shared.http.paging import Page, Paging

_FACTS = TypeAdapter(TariffFacts)


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


def tariff_on(session: Session, party: str, mode: str, on: date) -> tuple[UUID, Tariff] | None:
    """The tariff valid on a local day: the latest that began by then; None when there is none."""
    row = session.execute(
        select(tariffs)
        .where(tariffs.c.party == party, tariffs.c.mode == mode, tariffs.c.valid_from <= on)
        .order_by(tariffs.c.valid_from.desc())
        .limit(1)
    ).one_or_none()
    return (row.tariff_id, tariff_of(_FACTS.validate_python(row.facts))) if row is not None else None


def policy_on(session: Session, desk_name: str, on: date) -> BillingPolicy:
    """How the desk invoices on a day."""
    row = session.execute(
        select(policies).where(policies.c.valid_from <= on).order_by(policies.c.valid_from.desc()).limit(1)
    ).one_or_none()
    if row is None:
        return policy_of_new_desk(desk_name)
    return BillingPolicy(
        invoice_prefix=row.invoice_prefix,
        due_days=row.due_days,
        shared_wait_hours=row.shared_wait_hours,
        creditor_name=row.creditor_name,
        iban=row.iban,
        bic=row.bic,
    )
