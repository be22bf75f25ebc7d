"""Issues invoices from charges and cancels them by credit notes; an issued one is never edited."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from services.billing.commands import CancelInvoice, IssueInvoice
from services.billing.domain.invoice import check_period, credit_note_number, invoice_number, structured_reference
from services.billing.handlers.tariffs import the_desk
from services.billing.queries.tariffs import policy_on
from services.billing.tables import (
    carers,
    charges,
    counters,
    credit_notes,
    families,
    invoice_lines,
    invoices,
    stretch_visits,
    stretches,
)
from shared.contracts.billing import InvoiceCancelled, InvoiceIssued
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Conflict, NotFound
from shared.domain.values import Money

INVOICES, CREDIT_NOTES = "invoices", "credit_notes"


def issue_invoice(command: IssueInvoice, uow: UnitOfWork) -> Any:
    """Invoice what of a family's care isn't invoiced yet; the invoice's row.

    Corrections of earlier days go with it, as lines of their own. Raises Invalid for a period that can't be, NotFound
    for a family never heard of, Conflict when there is nothing to invoice or what there is adds up to a credit, which
    waits for the family's next care.
    """
    check_period(command.period_from, command.period_until)
    desk = the_desk(uow)
    family = uow.one(families, family_id=command.family_id)
    if family is None:
        raise NotFound("There is no such family at this desk.")
    unbilled = _unbilled(command, uow)
    if not unbilled:
        raise Conflict("There is nothing to invoice in this period.", code="nothing-to-invoice")
    total = Money.total((Money(row.minor, row.currency) for row in unbilled), desk.currency)
    if total.minor < 0:
        raise Conflict(
            "What is not invoiced yet adds up to a credit. It is set off against the family's next care.",
            code="credit-waits",
        )
    issued_on = uow.now.astimezone(ZoneInfo(desk.zone)).date()
    policy = policy_on(uow.session, desk.name, issued_on)
    sequence = next_number(uow, issued_on.year, INVOICES)
    invoice_id = command.invoice_id or uow.new_id()
    number = invoice_number(policy.invoice_prefix, issued_on.year, sequence)
    due_on = issued_on + timedelta(days=policy.due_days)
    uow.session.execute(
        invoices.insert().values(
            invoice_id=invoice_id,
            desk_id=uow.caller.desk,
            family_id=command.family_id,
            number=number,
            year=issued_on.year,
            sequence=sequence,
            period_from=command.period_from,
            period_until=command.period_until,
            issued_on=issued_on,
            due_on=due_on,
            issued_at=uow.now,
            total_minor=total.minor,
            currency=total.currency,
            reference=structured_reference(desk.country, policy.invoice_prefix, issued_on.year, sequence),
            language=family.language,
            bill_to={"name": family.name, "address": family.address},
            creditor={"name": policy.creditor_name, "iban": policy.iban, "bic": policy.bic},
        )
    )
    _write_lines(invoice_id, unbilled, uow)
    uow.record(
        InvoiceIssued(
            desk_id=uow.caller.desk,
            version=1,
            invoice_id=invoice_id,
            number=number,
            family_id=command.family_id,
            total_minor=total.minor,
            currency=total.currency,
            issued_on=issued_on,
            due_on=due_on,
        )
    )
    return uow.one(invoices, invoice_id=invoice_id)


def cancel_invoice(command: CancelInvoice, uow: UnitOfWork) -> Any:
    """Take an invoice back by a credit note; the note's row. Its care can be invoiced again, under a new number.

    Raises NotFound, or Conflict when it was cancelled before.
    """
    invoice = uow.one(invoices, invoice_id=command.invoice_id)
    if invoice is None:
        raise NotFound("There is no such invoice at this desk.")
    before = uow.one(credit_notes, invoice_id=command.invoice_id)
    if before is not None:
        raise Conflict(f"{invoice.number} was cancelled already, by {before.number}.", code="already-cancelled")
    desk = the_desk(uow)
    issued_on = uow.now.astimezone(ZoneInfo(desk.zone)).date()
    policy = policy_on(uow.session, desk.name, issued_on)
    sequence = next_number(uow, issued_on.year, CREDIT_NOTES)
    credit_note_id = uow.new_id()
    number = credit_note_number(policy.invoice_prefix, issued_on.year, sequence)
    uow.session.execute(
        credit_notes.insert().values(
            credit_note_id=credit_note_id,
            desk_id=uow.caller.desk,
            invoice_id=command.invoice_id,
            number=number,
            year=issued_on.year,
            sequence=sequence,
            issued_on=issued_on,
            issued_at=uow.now,
            reason=command.reason,
        )
    )
    uow.session.execute(update(charges).where(charges.c.invoice_id == command.invoice_id).values(invoice_id=None))
    uow.record(
        InvoiceCancelled(desk_id=uow.caller.desk, version=2, invoice_id=command.invoice_id, credit_note_number=number)
    )
    return uow.one(credit_notes, credit_note_id=credit_note_id)


def next_number(uow: UnitOfWork, year: int, series: str) -> int:
    """The next number of the desk's series in that year.

    Whoever asks at the same moment waits until this command is committed or undone, so that no number is left out.
    """
    first = insert(counters).values(desk_id=uow.caller.desk, year=year, series=series, last=1)
    number: int = uow.session.execute(
        first.on_conflict_do_update(
            index_elements=["desk_id", "year", "series"], set_={"last": counters.c.last + 1}
        ).returning(counters.c.last)
    ).scalar_one()
    return number


def _unbilled(command: IssueInvoice, uow: UnitOfWork) -> Sequence[Row[Any]]:
    # Locked in one order: two invoices for one family take turns, and the second finds nothing left.
    locked = (
        select(charges.c.charge_id)
        .where(
            charges.c.family_id == command.family_id,
            charges.c.invoice_id.is_(None),
            charges.c.on <= command.period_until,
            or_(charges.c.on >= command.period_from, charges.c.correction),
        )
        .order_by(charges.c.charge_id)
        .with_for_update()
    )
    ids = uow.session.execute(locked).scalars().all()
    return uow.session.execute(
        select(
            charges,
            stretches.c.mode,
            stretches.c.zone,
            stretches.c.starts_at,
            func.jsonb_array_length(stretches.c.sheet["parts"]).label("families"),
            carers.c.first_name,
        )
        .join(stretches, stretches.c.stretch_id == charges.c.stretch_id)
        .outerjoin(carers, (carers.c.desk_id == stretches.c.desk_id) & (carers.c.carer_id == stretches.c.carer_id))
        .where(charges.c.charge_id.in_(ids))
        # What was taken back stands before what takes its place.
        .order_by(charges.c.on, stretches.c.starts_at, charges.c.charged_at, charges.c.kind.desc(), charges.c.charge_id)
    ).all()


def _write_lines(invoice_id: UUID, unbilled: Sequence[Row[Any]], uow: UnitOfWork) -> None:
    presences = uow.session.execute(
        select(stretch_visits)
        .where(
            stretch_visits.c.stretch_id.in_(sorted({row.stretch_id for row in unbilled})),
            stretch_visits.c.family_id == unbilled[0].family_id,
        )
        .order_by(stretch_visits.c.started_at, stretch_visits.c.visit_id)
    ).all()
    lines = [
        {
            "invoice_id": invoice_id,
            "line": number,
            "desk_id": uow.caller.desk,
            "charge_id": row.charge_id,
            "minor": row.minor,
            "currency": row.currency,
            "facts": _facts(row, [each for each in presences if each.stretch_id == row.stretch_id]),
        }
        for number, row in enumerate(unbilled, start=1)
    ]
    uow.session.execute(invoice_lines.insert(), lines)
    uow.session.execute(
        update(charges)
        .where(charges.c.charge_id.in_([row.charge_id for row in unbilled]))
        .values(invoice_id=invoice_id)
    )


def _facts(row: Row[Any], presences: Sequence[Row[Any]]) -> dict[str, Any]:
    """What the family reads on its line: when, by whom, and whether it takes back or puts right."""
    on: date = row.on
    return {
        "on": on.isoformat(),
        "kind": row.kind,
        "correction": row.correction,
        "shared": row.families > 1,
        "mode": row.mode,
        "zone": row.zone,
        "carer": row.first_name,
        "times": [[each.started_at.isoformat(), each.ended_at.isoformat()] for each in presences],
    }
