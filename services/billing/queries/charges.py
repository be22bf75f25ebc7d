"""What was charged, how that was reckoned, and where a visit's money went."""

from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from services.billing.domain.charge import WAITING
from services.billing.queries.ledger import postings_of
from services.billing.queries.paging import paged
from services.billing.schemas import (
    ChargeOut,
    ChargeSheetOut,
    TracedChargeOut,
    TracedEarningOut,
    TracedStretchOut,
    TraceOut,
    WaitingVisitOut,
)
from services.billing.tables import (
    attendances,
    carers,
    charges,
    earnings,
    families,
    invoice_lines,
    invoices,
    stretch_visits,
    stretches,
    visit_terms,
)
from shared.domain.errors import NotFound
from shared.http.paging import Page, Paging

CARER_NAME = (carers.c.first_name + " " + carers.c.last_name).label("carer_name")


class Billed(StrEnum):
    """Whether a charge is on an invoice that holds."""

    UNBILLED = "unbilled"
    INVOICED = "invoiced"


def list_charges(
    session: Session,
    paging: Paging,
    *,
    state: Billed | None = None,
    family_id: UUID | None = None,
    first: date | None = None,
    last: date | None = None,
) -> Page[ChargeOut]:
    """Charges and their reversals by day of care."""
    statement = _charges()
    if state is not None:
        unbilled = charges.c.invoice_id.is_(None)
        statement = statement.where(unbilled if state == Billed.UNBILLED else ~unbilled)
    if family_id is not None:
        statement = statement.where(charges.c.family_id == family_id)
    if first is not None:
        statement = statement.where(charges.c.on >= first)
    if last is not None:
        statement = statement.where(charges.c.on <= last)
    found = paged(session, statement, paging, charges.c.on, charges.c.charge_id)
    return Page(rows=[ChargeOut.model_validate(row) for row in found.rows], next_after=found.next_after)


def list_waiting(session: Session, paging: Paging) -> Page[WaitingVisitOut]:
    """Visits that are over and wait to be charged, oldest first."""
    statement = (
        select(
            attendances,
            visit_terms.c.family_id,
            visit_terms.c.mode,
            families.c.name.label("family_name"),
            CARER_NAME,
        )
        .join(visit_terms, visit_terms.c.visit_id == attendances.c.visit_id)
        .outerjoin(families, families.c.family_id == visit_terms.c.family_id)
        .outerjoin(carers, (carers.c.desk_id == attendances.c.desk_id) & (carers.c.carer_id == attendances.c.carer_id))
        .where(attendances.c.charge_state.in_(WAITING), attendances.c.stretch_id.is_(None))
    )
    found = paged(session, statement, paging, attendances.c.ended_at, attendances.c.visit_id)
    return Page(rows=[WaitingVisitOut.model_validate(row) for row in found.rows], next_after=found.next_after)


def find_charge(session: Session, charge_id: UUID) -> ChargeSheetOut:
    """A charge with its allocation sheet. Raises NotFound."""
    statement = _charges().add_columns(
        stretches.c.mode,
        stretches.c.zone,
        stretches.c.total_minor,
        stretches.c.family_tariff_id,
        stretches.c.sheet,
        charges.c.charged_at,
        charges.c.reverses_charge_id,
    )
    row = session.execute(statement.where(charges.c.charge_id == charge_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such charge at this desk.")
    there = [UUID(part["family_id"]) for part in row.sheet["parts"]]
    named = session.execute(select(families.c.family_id, families.c.name).where(families.c.family_id.in_(there)))
    names = {str(family.family_id): family.name for family in named}
    return ChargeSheetOut.model_validate({**row._mapping, "family_names": names})


def trace_visit(session: Session, visit_id: UUID) -> TraceOut:
    """From a visit to every posting it caused. Raises NotFound."""
    visit = session.execute(
        select(
            visit_terms.c.visit_id,
            visit_terms.c.family_id,
            families.c.name.label("family_name"),
            attendances.c.carer_id,
            CARER_NAME,
            attendances.c.state,
            attendances.c.started_at,
            attendances.c.ended_at,
            attendances.c.charge_state,
            attendances.c.stretch_id,
        )
        .outerjoin(families, families.c.family_id == visit_terms.c.family_id)
        .outerjoin(attendances, attendances.c.visit_id == visit_terms.c.visit_id)
        .outerjoin(carers, (carers.c.desk_id == attendances.c.desk_id) & (carers.c.carer_id == attendances.c.carer_id))
        .where(visit_terms.c.visit_id == visit_id)
    ).one_or_none()
    if visit is None:
        raise NotFound("There is no such visit at this desk.")
    charged_as = session.execute(
        select(stretches)
        .join(stretch_visits, stretch_visits.c.stretch_id == stretches.c.stretch_id)
        .where(stretch_visits.c.visit_id == visit_id)
        .order_by(stretches.c.charged_at, stretches.c.stretch_id)
    ).all()
    return TraceOut.model_validate(
        {**visit._mapping, "stretches": [_traced(session, row, visit.stretch_id) for row in charged_as]}
    )


def _charges() -> Select[Any]:
    return (
        select(
            charges.c.charge_id,
            charges.c.stretch_id,
            charges.c.family_id,
            families.c.name.label("family_name"),
            stretches.c.carer_id,
            CARER_NAME,
            charges.c.on,
            charges.c.minor,
            charges.c.currency,
            charges.c.kind,
            charges.c.correction,
            charges.c.invoice_id,
            (func.jsonb_array_length(stretches.c.sheet["parts"]) > 1).label("shared"),
        )
        .join(stretches, stretches.c.stretch_id == charges.c.stretch_id)
        .outerjoin(families, families.c.family_id == charges.c.family_id)
        .outerjoin(carers, (carers.c.desk_id == stretches.c.desk_id) & (carers.c.carer_id == stretches.c.carer_id))
    )


def _traced(session: Session, stretch: Row[Any], current: UUID | None) -> TracedStretchOut:
    visits = session.execute(
        select(stretch_visits.c.visit_id)
        .where(stretch_visits.c.stretch_id == stretch.stretch_id)
        .order_by(stretch_visits.c.started_at, stretch_visits.c.visit_id)
    ).scalars()
    earned = session.execute(
        select(earnings).where(earnings.c.stretch_id == stretch.stretch_id).order_by(earnings.c.earned_at)
    ).all()
    return TracedStretchOut(
        stretch_id=stretch.stretch_id,
        current=stretch.stretch_id == current,
        starts_at=stretch.starts_at,
        ends_at=stretch.ends_at,
        charged_at=stretch.charged_at,
        visit_ids=list(visits),
        charges=_traced_charges(session, stretch.stretch_id),
        earnings=[TracedEarningOut.model_validate(row) for row in earned],
        postings=postings_of(session, stretch.stretch_id),
    )


def _traced_charges(session: Session, stretch_id: UUID) -> list[TracedChargeOut]:
    rows = session.execute(
        select(charges)
        .where(charges.c.stretch_id == stretch_id)
        .order_by(charges.c.charged_at, charges.c.kind, charges.c.family_id)
    ).all()
    numbers = session.execute(
        select(invoice_lines.c.charge_id, invoices.c.number)
        .join(invoices, invoices.c.invoice_id == invoice_lines.c.invoice_id)
        .where(invoice_lines.c.charge_id.in_([row.charge_id for row in rows]))
        .order_by(invoices.c.year, invoices.c.sequence)
    ).all()
    return [
        TracedChargeOut.model_validate(
            {**row._mapping, "invoice_numbers": [n.number for n in numbers if n.charge_id == row.charge_id]}
        )
        for row in rows
    ]
