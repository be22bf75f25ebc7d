"""Invoices for clerks and for families."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response

from services.billing import commands
from services.billing.adapters.invoice_pdf import invoice_pdf
from services.billing.domain.invoice import Invoice
from services.billing.handlers import invoices as handlers
from services.billing.handlers import runs
from services.billing.queries import invoices as queries
from services.billing.schemas import (
    CreditNoteOut,
    InvoiceIn,
    InvoiceOut,
    InvoiceSheetOut,
    IssuedOut,
    PeriodIn,
    ReasonIn,
    RunOut,
    RunStartedOut,
)
from shared.auth.dependencies import ClerkEntrance, Entrance, FamilyEntrance
from shared.domain.errors import NotFound
from shared.http.paging import Page, PagingQuery

router = APIRouter(generate_unique_id_function=lambda route: route.name)

_NOT_FOUND: dict[int | str, dict[str, Any]] = {404: {"description": "Not at this desk, or not yours."}}
_PDF: dict[int | str, dict[str, Any]] = {
    **_NOT_FOUND,
    200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}},
}


@router.post(
    "/invoices",
    tags=["invoices"],
    status_code=201,
    response_model=IssuedOut,
    responses={**_NOT_FOUND, 409: {"description": "`type` ends in nothing-to-invoice, credit-waits or desk-unknown."}},
)
def issue_invoice(door: ClerkEntrance, body: InvoiceIn) -> Response:
    """Invoice a family's care of these days that isn't invoiced yet."""
    command = commands.IssueInvoice(family_id=body.family_id, period_from=body.from_, period_until=body.until)
    return door.do(handlers.issue_invoice, command, present=IssuedOut.model_validate, status=201)


@router.post("/invoice-runs", tags=["invoices"], status_code=202, response_model=RunStartedOut)
def start_invoice_run(door: ClerkEntrance, body: PeriodIn) -> Response:
    """Have every family invoiced that has care in these days; it goes on by itself, see the run."""
    command = commands.StartInvoiceRun(period_from=body.from_, period_until=body.until)
    return door.do(runs.start_invoice_run, command, present=RunStartedOut.model_validate, status=202)


@router.get("/runs/{run_id}", tags=["runs"], response_model=RunOut, responses=_NOT_FOUND)
def find_run(door: ClerkEntrance, run_id: UUID, paging: PagingQuery) -> RunOut:
    """How far a run over all families or carers has come, and why a part of it came to nothing."""
    return door.read(queries.find_run, run_id, paging)


@router.get("/invoices", tags=["invoices"], response_model=Page[InvoiceOut])
def list_invoices(door: ClerkEntrance, paging: PagingQuery, family_id: UUID | None = None) -> Page[InvoiceOut]:
    """Every invoice, newest first."""
    return door.read(queries.list_invoices, paging, family_id=family_id)


@router.get("/invoices/{invoice_id}", tags=["invoices"], response_model=InvoiceSheetOut, responses=_NOT_FOUND)
def find_invoice(door: ClerkEntrance, invoice_id: UUID) -> InvoiceSheetOut:
    """An invoice as it was issued, with its lines."""
    return door.read(queries.find_invoice, invoice_id)


@router.get("/invoices/{invoice_id}/pdf", tags=["invoices"], response_class=Response, responses=_PDF)
def print_invoice(door: ClerkEntrance, invoice_id: UUID) -> Response:
    """An invoice on paper, with its payment code."""
    return _printed(door.read(queries.issued_invoice, invoice_id))


@router.post(
    "/invoices/{invoice_id}/cancel",
    tags=["invoices"],
    status_code=201,
    response_model=CreditNoteOut,
    responses={**_NOT_FOUND, 409: {"description": "`type` ends in already-cancelled."}},
)
def cancel_invoice(door: ClerkEntrance, invoice_id: UUID, body: ReasonIn) -> Response:
    """Take an invoice back by a credit note; its care can be invoiced again."""
    command = commands.CancelInvoice(invoice_id=invoice_id, reason=body.reason)
    return door.do(handlers.cancel_invoice, command, present=CreditNoteOut.model_validate, status=201)


@router.get("/my/invoices", tags=["my invoices"], response_model=Page[InvoiceOut])
def my_invoices(door: FamilyEntrance, paging: PagingQuery) -> Page[InvoiceOut]:
    """The family's own invoices, newest first."""
    return door.read(queries.list_invoices, paging, family_id=_family(door))


@router.get("/my/invoices/{invoice_id}", tags=["my invoices"], response_model=InvoiceSheetOut, responses=_NOT_FOUND)
def my_invoice(door: FamilyEntrance, invoice_id: UUID) -> InvoiceSheetOut:
    """One of the family's own invoices with its lines."""
    return door.read(queries.find_invoice, invoice_id, family_id=_family(door))


@router.get("/my/invoices/{invoice_id}/pdf", tags=["my invoices"], response_class=Response, responses=_PDF)
def print_my_invoice(door: FamilyEntrance, invoice_id: UUID) -> Response:
    """One of the family's own invoices on paper."""
    return _printed(door.read(queries.issued_invoice, invoice_id, family_id=_family(door)))


def _printed(invoice: Invoice) -> Response:
    headers = {"Content-Disposition": f'inline; filename="{invoice.number}.pdf"'}
    return Response(invoice_pdf(invoice), media_type="application/pdf", headers=headers)


def _family(door: Entrance) -> UUID:
    """Whom the account stands for; one that stands for nobody has no invoices."""
    if door.caller.person_id is None:
        raise NotFound("Your account stands for no family of this desk; ask your desk to link it.")
    return door.caller.person_id
