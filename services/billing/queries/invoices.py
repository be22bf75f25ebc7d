"""Invoices as they were issued, and how far a run has come."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from services.billing.domain.invoice import Invoice, InvoiceLine, printed_reference
from services.billing.domain.run import PartState
from services.billing.queries.paging import paged
from services.billing.schemas import CreditNoteOut, InvoiceLineOut, InvoiceOut, InvoiceSheetOut, RunOut, RunPartOut
from services.billing.tables import credit_notes, families, invoice_lines, invoices, run_parts, runs
from shared.domain.errors import NotFound
from shared.domain.values import Money
from shared.http.paging import Page, Paging


def list_invoices(session: Session, paging: Paging, *, family_id: UUID | None = None) -> Page[InvoiceOut]:
    """Invoices, newest first; of one family if asked."""
    statement = _invoices()
    if family_id is not None:
        statement = statement.where(invoices.c.family_id == family_id)
    found = paged(session, statement, paging, invoices.c.year, invoices.c.sequence, newest_first=True)
    return Page(rows=[InvoiceOut.model_validate(row) for row in found.rows], next_after=found.next_after)


def find_invoice(session: Session, invoice_id: UUID, *, family_id: UUID | None = None) -> InvoiceSheetOut:
    """An invoice with its lines; another family's is as if it were not there. Raises NotFound."""
    row = _one(session, invoice_id, family_id)
    note = session.execute(select(credit_notes).where(credit_notes.c.invoice_id == invoice_id)).one_or_none()
    return InvoiceSheetOut.model_validate(
        {
            **row._mapping,
            "reference": printed_reference(row.reference),
            "lines": [InvoiceLineOut.model_validate(line) for line in _lines(session, invoice_id)],
            "credit_note": CreditNoteOut.model_validate(note) if note is not None else None,
        }
    )


def issued_invoice(session: Session, invoice_id: UUID, *, family_id: UUID | None = None) -> Invoice:
    """An invoice as it is printed. Raises NotFound."""
    row = _one(session, invoice_id, family_id)
    return Invoice(
        invoice_id=row.invoice_id,
        family_id=row.family_id,
        number=row.number,
        period_from=row.period_from,
        period_until=row.period_until,
        issued_on=row.issued_on,
        due_on=row.due_on,
        total=Money(row.total_minor, row.currency),
        reference=row.reference,
        language=row.language,
        bill_to=row.bill_to,
        creditor=row.creditor,
        lines=tuple(
            InvoiceLine(
                line=line.line,
                charge_id=line.charge_id,
                amount=Money(line.minor, line.currency),
                facts=line.facts,
            )
            for line in _lines(session, invoice_id)
        ),
        credit_note_number=row.credit_note_number,
    )


def find_run(session: Session, run_id: UUID, paging: Paging) -> RunOut:
    """How far a run has come, with a page of its parts. Raises NotFound."""
    run = session.execute(select(runs).where(runs.c.run_id == run_id)).one_or_none()
    if run is None:
        raise NotFound("There is no such run at this desk.")
    mine = run_parts.c.run_id == run_id
    counted = session.execute(
        select(run_parts.c.state, func.count().label("parts")).where(mine).group_by(run_parts.c.state)
    ).all()
    counts = {str(state): 0 for state in PartState} | {row.state: row.parts for row in counted}
    parts = paged(session, select(run_parts).where(mine), paging, run_parts.c.party_id)
    return RunOut.model_validate(
        {
            **run._mapping,
            **counts,
            "rows": [RunPartOut.model_validate(row) for row in parts.rows],
            "next_after": parts.next_after,
        }
    )


def _invoices() -> Select[Any]:
    return (
        select(invoices, families.c.name.label("family_name"), credit_notes.c.number.label("credit_note_number"))
        .outerjoin(families, families.c.family_id == invoices.c.family_id)
        .outerjoin(credit_notes, credit_notes.c.invoice_id == invoices.c.invoice_id)
    )


def _one(session: Session, invoice_id: UUID, family_id: UUID | None) -> Any:
    statement = _invoices().where(invoices.c.invoice_id == invoice_id)
    if family_id is not None:
        statement = statement.where(invoices.c.family_id == family_id)
    row = session.execute(statement).one_or_none()
    if row is None:
        raise NotFound("There is no such invoice.")
    return row


def _lines(session: Session, invoice_id: UUID) -> list[Any]:
    return list(
        session.execute(
            select(invoice_lines).where(invoice_lines.c.invoice_id == invoice_id).order_by(invoice_lines.c.line)
        )
    )
